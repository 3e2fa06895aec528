// Package cache is a station's encrypted store: what central has sent, what
// people wrote here, what they looked at, and how far all of it has got. Every
// screen is drawn from it, with the cable in or out.
//
// # What lies where
//
//	<dir>/badger/       Badger, encrypted, every commit synced
//	<dir>/outbox/       the sealed outbox file, see package outbox
//	<dir>/reserve       space kept free for the day the disk is full
//	<dir>/commits.v1    how many commits there were, to notice a loss
//	<dir>/looks-key.v1  the audit key of the next look, written over in its place
//	<dir>/set-aside-…/  a damaged Badger, kept for whoever examines it
//
// # Why Badger's own encryption is not enough
//
// Badger encrypts but does not authenticate: a flipped bit alters a value, a
// forged file in the folder is replayed, and damage may make things vanish
// without an error. So every value is sealed again (AES-256-GCM), bound to its
// full key and version: what is read is what was written there, or
// fault.Corrupt. Sealing cannot show absence, so every compartment has a
// sealed digest (how many resources, and a keyed sum over them), the whole
// store has sealed counts, and both are compared before anything is yielded. A
// compartment is yielded whole or not at all. Single resources that are not
// found are reported as absent only after the whole store has been walked once
// since it was opened; of what belongs to no patient that is proved at once (see
// LooseCurrent).
//
// A resource is made small before it is sealed (internal/compact): a ward takes
// a quarter of the disk, the syncs and the memory.
//
// # Promises
//
//   - When Commit returns nil, the mutations and looks are on the disk twice:
//     in the outbox file and in Badger. Neither kill -9 nor a power cut loses
//     them. When it returns an error, none of them will ever be sent.
//   - Apply moves data and cursor in one commit. A batch too large for one
//     transaction is staged, published by one small commit and then moved in;
//     no View sees half of it, and a crash in between is finished by Open.
//   - An older version never replaces a newer one.
//   - A disk that fills up is noticed before it is full: snapshots stop first,
//     then batches, then new entries (fault.Full, with words for the user);
//     looks and receipts may still use the reserve.
//   - One process at a time; a second one is told so.
//
// # Errors
//
// Open returns fault.Denied for a key that does not belong to the store,
// fault.Corrupt for damage (the caller may SetAside and Open again: unsent
// work comes back from the outbox file, everything else from central),
// fault.Full, fault.Unavailable where another process has the folder.
package cache

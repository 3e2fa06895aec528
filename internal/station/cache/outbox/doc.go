// Package outbox keeps a station's unsent work in files of its own, beside the
// cache and independent of it: if the cache is damaged and set aside, if its
// key is lost, if the whole computer comes to a workshop, what people wrote is
// still there.
//
// The work lies in segments, "outbox-00000001.wlo" and so on. A segment is
// written full of zeros when it is made, so that appending to it changes no
// file size and works on a disk that has filled up since. It begins with a
// header:
//
//	"WLOB", version byte 1, length (4 bytes), CBOR header, SHA-256 of all that
//
// The CBOR header names station, segment, the first entry's index, the chain
// hash before it, the id of central's recovery recipient, and holds the
// segment's random key, sealed by age to two recipients: the station's own
// identity, and central's recovery recipient. Then come the entries:
//
//	"WLe1", length (4 bytes), index (8 bytes), chain hash before (32 bytes), sealed bytes
//
// An entry is sealed with AES-256-GCM; station, segment, index and the chain
// hash before it are additional data. The chain hash after it is SHA-256 over
// the chain hash before and the whole entry. So an entry that was changed,
// moved, copied from elsewhere or left out is noticed; and because each entry
// carries what it is bound to, the entries behind a damaged one are still read.
// Only a loss at the very end cannot be seen from the files alone: the cache
// remembers where the end was.
//
// Promises: when Append with sync returns nil, the entries survive a power
// cut; entries are only ever added; a segment goes only when the caller says
// that everything in it is done with; reading never stops at damage, it goes
// on behind it and says so.
package outbox

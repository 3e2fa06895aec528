// Package keys holds the secrets of a machine and everything that is made with
// them: the operating system's keyring (Secrets), the data key of a station in
// its slots (Slots), sealing of stored values (Sealer), sealing to people who
// are not here (SealIdentity), and the two signing keys (DeviceKey of a
// station, JournalKey of central).
//
// The hierarchy of a station. A random data key seals everything in its cache.
// The data key itself is only ever stored wrapped, in slots: one for each local
// user, opened by the PIN together with the device secret from the keyring, and
// one opened by a share that central releases together with that device
// secret. The keyring's device secret alone opens nothing: a ward's computer
// logs in to its operating system by itself, so whoever steals the machine has
// its keyring. The other private keys of a station are wrapped by the data key,
// in the same file.
//
// Promises:
//   - No call blocks for ever. A keyring may wait for a prompt that nobody
//     sees, so every call to it runs on a goroutine of its own with a time-out.
//   - What was sealed is either returned as it was, or refused: changed bytes
//     are fault.Corrupt, another key is fault.Denied, and never data.
//   - A PIN is never compared, it derives a key; each try is counted on disk
//     before it is made, tries become slower, and after ten the slot is erased.
//   - No secret is ever part of an error, and Key prints as a placeholder.
//
// Sealer, Secrets and Slots are safe for concurrent use.
package keys

package keys

import (
	"encoding/json"

	"wardlight/internal/fault"
)

// Sealed by a passphrase: a document of its own that leaves this machine, such
// as central's keys beside a backup. It is JSON that names its format and
// version, with the salt and the cost of the argon2id stretch beside what is
// sealed; another format, version or a changed byte is refused.

// ReadPassphrase reads a passphrase file, which only its owner may read.
func ReadPassphrase(path string) ([]byte, error) { return readPassphrase(path) }

// SealWith seals plain by a passphrase, as version 1 of a named format.
func SealWith(passphrase []byte, format string, plain []byte) ([]byte, error) {
	f := storeFile{Format: format, Version: 1, Salt: newSalt(), Cost: DefaultCost}
	f.Sealed = NewSealer(Key(f.Cost.stretch(passphrase, f.Salt))).Seal(sealedAAD(format), plain)
	b, err := json.MarshalIndent(f, "", " ")
	return append(b, '\n'), fault.As(fault.Invalid, "keys.sealwith", format, err)
}

// OpenWith opens what SealWith sealed. A wrong passphrase is fault.Denied.
func OpenWith(passphrase []byte, format string, sealed []byte) ([]byte, error) {
	const op = "keys.openwith"
	var f storeFile
	switch err := json.Unmarshal(sealed, &f); {
	case err != nil || f.Format != format:
		return nil, fault.New(fault.Corrupt, op, "", "this is no file of "+format)
	case f.Version != 1:
		return nil, fault.Newf(fault.Unsupported, op, "", "the file has version %d; a newer program wrote it", f.Version)
	}
	if err := f.Cost.check(); err != nil {
		return nil, err
	}
	plain, err := NewSealer(Key(f.Cost.stretch(passphrase, f.Salt))).Open(sealedAAD(format), f.Sealed)
	if fault.Is(err, fault.Denied) {
		return nil, fault.New(fault.Denied, op, "", "the passphrase is not the one that this file was sealed with; nothing was changed")
	}
	return plain, err
}

func sealedAAD(format string) []byte { return []byte(format + " v1") }

package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"

	"wardlight/internal/fault"
)

// The header of a sealed value: a version byte, the id of the key and the
// nonce. It is authenticated together with the caller's additional data.
const (
	sealVersion = 1
	keyIDSize   = 4
	nonceSize   = 12
	tagSize     = 16
	headerSize  = 1 + keyIDSize + nonceSize

	// Overhead is how much longer a sealed value is than its plain one.
	Overhead = headerSize + tagSize
)

// Sealer seals values with AES-256-GCM under one key. Nonces are random, so a
// key serves 2^32 values; a cache that writes a million a day lives ten years
// below that.
type Sealer struct {
	aead cipher.AEAD
	id   [keyIDSize]byte
}

// NewSealer makes a Sealer for k.
func NewSealer(k Key) *Sealer {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		panic(err) // a Key has the right size
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	s := &Sealer{aead: aead}
	id := k.Derive("key id v1") // one-way: the id tells nothing about the key
	copy(s.id[:], id[:])
	return s
}

// Seal encrypts plain and binds it to aad: what the value is, where it is
// stored, and which version it is. aad is not stored.
func (s *Sealer) Seal(aad, plain []byte) []byte {
	return s.Append(make([]byte, 0, len(plain)+Overhead), aad, plain)
}

// Append is Seal that appends to dst.
func (s *Sealer) Append(dst, aad, plain []byte) []byte {
	at := len(dst)
	dst = append(dst, sealVersion)
	dst = append(dst, s.id[:]...)
	var nonce [nonceSize]byte
	rand.Read(nonce[:])
	dst = append(dst, nonce[:]...)
	return s.aead.Seal(dst, nonce[:], plain, bind(dst[at:at+headerSize], aad))
}

// Open returns what was sealed under the same key and the same aad. Changed
// bytes, or bytes that belong somewhere else, are fault.Corrupt; a value of
// another key is fault.Denied; a newer format is fault.Unsupported.
func (s *Sealer) Open(aad, sealed []byte) ([]byte, error) {
	if len(sealed) < Overhead {
		return nil, fault.New(fault.Corrupt, "keys.open", "", "the sealed value is too short")
	}
	header, body := sealed[:headerSize], sealed[headerSize:]
	if header[0] != sealVersion {
		return nil, fault.Newf(fault.Unsupported, "keys.open", "", "sealed format %d is not known to this program", header[0])
	}
	if [keyIDSize]byte(header[1:1+keyIDSize]) != s.id {
		return nil, fault.New(fault.Denied, "keys.open", "", "the value was sealed with another key")
	}
	plain, err := s.aead.Open(nil, header[1+keyIDSize:], body, bind(header, aad))
	if err != nil {
		return nil, fault.New(fault.Corrupt, "keys.open", "", "the sealed value was changed, or belongs somewhere else")
	}
	return plain, nil
}

// Tag is the part of a sealed value that nobody can keep while changing
// anything else of it: nonce and authentication tag. It is nil for what is no
// sealed value.
func Tag(sealed []byte) []byte {
	if len(sealed) < Overhead {
		return nil
	}
	t := make([]byte, 0, nonceSize+tagSize)
	t = append(t, sealed[1+keyIDSize:headerSize]...)
	return append(t, sealed[len(sealed)-tagSize:]...)
}

func bind(header, aad []byte) []byte {
	b := make([]byte, 0, len(header)+len(aad))
	return append(append(b, header...), aad...)
}

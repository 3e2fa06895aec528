package cache

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"

	"wardlight/internal/clinical/record"
	"wardlight/internal/compact"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// box seals the values: version (8 bytes), then what keys.Sealer makes, bound
// to the full key and the version. A value that is worth it is made small first
// (a resource comes to a quarter), which the version's highest bit says: less is
// sealed, written, synced and kept in memory. The bit is bound like the rest of
// the version, and a program from before it takes the value for a format that a
// newer one wrote.
type box struct {
	seal   *keys.Sealer
	secret keys.Key // for marks
}

func newBox(data keys.Key) box {
	return box{seal: keys.NewSealer(data.Derive("cache values v1")), secret: data.Derive("cache digests v1")}
}

func bindTo(key []byte, version uint64) []byte {
	b := make([]byte, 0, len(key)+9)
	return binary.BigEndian.AppendUint64(append(append(b, key...), 0), version)
}

// small is the bit of a version that says that the value was made small.
const small = 1 << 63

const (
	worthShrinking = 160     // bytes; less gains nothing
	maxValue       = 2 << 20 // bytes of one value: more than one transaction holds
)

// scratch are buffers in which values are made small before they are sealed.
var scratch = sync.Pool{New: func() any { return new([]byte) }}

// maxScratch is the largest buffer that is kept.
const maxScratch = 64 << 10

func (b box) put(key []byte, version uint64, plain []byte) []byte {
	if len(plain) >= worthShrinking {
		buf := scratch.Get().(*[]byte)
		defer scratch.Put(buf)
		// An error is a dictionary that does not load: then as it is.
		s, ok, err := compact.Shrink(compact.First, plain, *buf)
		if err == nil && ok {
			version, plain = version|small, s
		}
		if cap(s) <= maxScratch {
			*buf = s
		}
	}
	out := make([]byte, 8, 8+len(plain)+keys.Overhead)
	binary.BigEndian.PutUint64(out, version)
	return b.seal.Append(out, bindTo(key, version), plain)
}

// open is fault.Corrupt for anything that was not put there; the error names
// the kind of row, never the key.
func (b box) open(key, raw []byte) (version uint64, plain []byte, err error) {
	bad := func() (uint64, []byte, error) {
		return 0, nil, damaged("cache.read", string(key[:1]), "a stored value is not what was written there")
	}
	if len(raw) < 8 {
		return bad()
	}
	version = binary.BigEndian.Uint64(raw)
	if plain, err = b.seal.Open(bindTo(key, version), raw[8:]); err != nil {
		return bad()
	}
	if version&small == 0 {
		return version, plain, nil
	}
	switch plain, err = compact.Expand(plain, maxValue); {
	case fault.Is(err, fault.Unsupported): // sealed by a newer program
		return 0, nil, err
	case err != nil:
		return bad()
	}
	return version &^ small, plain, nil
}

func damaged(op, subject, what string) error {
	return fault.New(fault.Corrupt, op, subject, what+". It is not shown. "+
		"What was written on this computer is safe in the outbox file. "+
		"Set the cache aside; it fills again from central")
}

// mark stands for one stored value in its compartment's digest. It is keyed,
// so that nobody without the data key can find other values with the same sum.
func (b box) mark(key, raw []byte) record.Hash {
	return (&marker{make([]byte, 0, keys.KeySize+len(key)+40)}).mark(b, key, raw)
}

// marker makes marks of many values, one after the other. The zero value is ready.
type marker struct{ room []byte }

func (m *marker) mark(b box, key, raw []byte) record.Hash {
	d := append(append(m.room[:0], b.secret[:]...), key...)
	if len(raw) >= 8 {
		d = append(append(d, raw[:8]...), keys.Tag(raw[8:])...)
	}
	m.room = d
	return sha256.Sum256(d)
}

// digest is what a compartment must add up to.
type digest struct {
	Count uint64      `cbor:"1,keyasint"`
	Sum   record.Hash `cbor:"2,keyasint"`
	dirty bool
}

func (d *digest) add(m record.Hash)  { d.Count++; d.xor(m) }
func (d *digest) drop(m record.Hash) { d.Count--; d.xor(m) }

func (d *digest) xor(m record.Hash) {
	for i := range m {
		d.Sum[i] ^= m[i]
	}
	d.dirty = true
}

package keys

import (
	"slices"
	"sync/atomic"

	"wardlight/internal/fault"
)

// Ring seals one kind of value through changes of its key: it seals with the newest,
// and opens what any of them sealed, by the id of the key that each sealed value
// bears. It is safe for concurrent use, while a key is added too.
type Ring struct{ all atomic.Pointer[[]*Sealer] }

// NewRing is a ring of these keys, the newest first; there is one at least.
func NewRing(newestFirst ...Key) *Ring {
	list := make([]*Sealer, len(newestFirst))
	for i, k := range newestFirst {
		list[i] = NewSealer(k)
	}
	r := &Ring{}
	r.all.Store(&list)
	return r
}

// Add makes k the newest.
func (r *Ring) Add(k Key) {
	s := NewSealer(k)
	for {
		was := r.all.Load()
		now := append([]*Sealer{s}, *was...)
		if r.all.CompareAndSwap(was, &now) {
			return
		}
	}
}

// Seal is Sealer.Seal with the newest key.
func (r *Ring) Seal(aad, plain []byte) []byte { return (*r.all.Load())[0].Seal(aad, plain) }

// Open is Sealer.Open with the key that the value was sealed with; fault.Denied where
// none of the ring's sealed it.
func (r *Ring) Open(aad, sealed []byte) ([]byte, error) {
	all := *r.all.Load()
	if i := slices.IndexFunc(all, func(s *Sealer) bool { return s.Sealed(sealed) }); i >= 0 {
		return all[i].Open(aad, sealed)
	}
	return all[0].Open(aad, sealed) // which says what is wrong with it
}

// Sealed says whether a value bears the id of this Sealer's key. Another key has the
// same id once in four thousand million times; then the value does not open.
func (s *Sealer) Sealed(value []byte) bool {
	return len(value) >= Overhead && value[0] == sealVersion && [keyIDSize]byte(value[1:1+keyIDSize]) == s.id
}

// DeriveEach derives a key for one purpose of each of a ring's keys, in their order.
func DeriveEach(purpose string, newestFirst []Key) []Key {
	out := make([]Key, len(newestFirst))
	for i, k := range newestFirst {
		out[i] = k.Derive(purpose)
	}
	return out
}

// AllFrom reads keys out of bytes.
func AllFrom(list [][]byte) ([]Key, error) {
	out := make([]Key, 0, len(list))
	for _, b := range list {
		k, err := KeyFrom(b)
		if err != nil {
			return nil, fault.Wrap("keys.keysfrom", "", err)
		}
		out = append(out, k)
	}
	return out, nil
}

package badgerjournal

import (
	"strconv"
	"sync"

	"wardlight/internal/trust/keys"
)

// sealers are the keys of the rows, one for about a million commits. Random
// nonces allow a key some 2^32 values, which a busy central would write in a
// year or two.
type sealers struct {
	key   keys.Key
	cache sync.Map // uint64 → *keys.Sealer
}

const commitsPerKey = 20 // a power of two

// at is the sealer of the rows committed at ts.
func (s *sealers) at(ts uint64) *keys.Sealer {
	n := ts >> commitsPerKey
	if v, ok := s.cache.Load(n); ok {
		return v.(*keys.Sealer)
	}
	v, _ := s.cache.LoadOrStore(n, keys.NewSealer(s.key.Derive("journal rows "+strconv.FormatUint(n, 10))))
	return v.(*keys.Sealer)
}

package badgerjournal

import (
	"strconv"
	"sync"
	"sync/atomic"

	"wardlight/internal/trust/keys"
)

// sealers are the keys of the rows: of each data key that the journal has had, the
// newest first, one for about a million commits. Random nonces allow a key some
// 2^32 values, which a busy central would write in a year or two. Every row bears
// the id of the key that sealed it, so rows of different data keys may lie side by
// side in any order.
type sealers struct {
	all atomic.Pointer[[]*generation]
}

// generation is what follows from one data key.
type generation struct {
	key   *keys.Kept
	cache sync.Map // uint64 → *keys.Sealer
}

const rowsPurpose = "journal rows"

func newSealers(newestFirst []keys.Key) *sealers {
	var list []*generation
	for _, k := range keys.DeriveEach(rowsPurpose, newestFirst) {
		list = append(list, &generation{key: keys.KeepKey(&k)})
	}
	s := &sealers{}
	s.all.Store(&list)
	return s
}

// add makes another data key the newest.
func (s *sealers) add(data keys.Key) {
	k := data.Derive(rowsPurpose)
	g := &generation{key: keys.KeepKey(&k)}
	for {
		was := s.all.Load()
		now := append([]*generation{g}, *was...)
		if s.all.CompareAndSwap(was, &now) {
			return
		}
	}
}

const commitsPerKey = 20 // a power of two

// at is the sealer of the rows committed at ts.
func (s *sealers) at(ts uint64) *keys.Sealer { return (*s.all.Load())[0].at(ts) }

// open opens a row that was committed at ts.
func (s *sealers) open(ts uint64, aad, sealed []byte) ([]byte, error) {
	all := *s.all.Load()
	for _, g := range all[1:] {
		if of := g.at(ts); of.Sealed(sealed) {
			return of.Open(aad, sealed)
		}
	}
	return all[0].at(ts).Open(aad, sealed)
}

func (g *generation) at(ts uint64) *keys.Sealer {
	n := ts >> commitsPerKey
	if v, ok := g.cache.Load(n); ok {
		return v.(*keys.Sealer)
	}
	k := g.key.Key()
	defer k.Zero()
	v, _ := g.cache.LoadOrStore(n, keys.NewSealer(k.Derive("journal rows "+strconv.FormatUint(n, 10))))
	return v.(*keys.Sealer)
}

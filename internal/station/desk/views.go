package desk

import (
	"context"
	"crypto/sha256"
	"sync"

	"wardlight/internal/clinical/fhir"
)

// views remembers what bodies said that were read last. Of a record that is read
// again because one entry came, all the others are as they were: reading them out
// of their JSON once more is most of what a chart, a row or a command costs.
//
// A body is known by where it lies in memory, for the store hands out the same
// bytes as long as it remembers them and nobody changes them (the memory holds on
// to the bytes, so that nothing else can come to lie there), and else by its hash:
// own work is folded anew each time, to the same bytes. Either way what is
// remembered cannot be out of date: it is what those very bytes say. Whoever gets a
// view shares it with others and changes nothing in it.
//
// It holds two generations, of which the older goes when the younger is full; what
// is asked for again moves to the younger. The zero value is ready.
type views struct {
	mu         sync.Mutex
	young, old generation
}

// generation is what was remembered until it was full.
type generation struct {
	bySum  map[[sha256.Size]byte]remembered
	byBody map[*byte]remembered // by their first byte
	size   int                  // bytes of the bodies
}

// remembered is one body's view.
type remembered struct {
	view any // a pointer to it
	body fhir.Resource
}

// maxYoung bounds one generation, in bytes of bodies, each counted once by its hash
// and once by where it lies: a ward's worth of records, and as much in memory again
// about three times.
const maxYoung = 1 << 20

// lies finds a body by where it is.
func (m *views) lies(body fhir.Resource) (any, bool) {
	at := &body[0]
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.young.byBody[at]
	if !ok {
		if r, ok = m.old.byBody[at]; ok {
			delete(m.old.byBody, at)
			m.place(at, r)
		}
	}
	return r.view, ok && len(r.body) == len(body)
}

// says finds a body by its hash, and remembers where this one is.
func (m *views) says(key [sha256.Size]byte, body fhir.Resource) (any, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.young.bySum[key]
	if !ok {
		if r, ok = m.old.bySum[key]; ok {
			delete(m.old.bySum, key)
			m.add(key, r)
		}
	}
	if ok {
		m.place(&body[0], remembered{r.view, body})
	}
	return r.view, ok
}

func (m *views) put(key [sha256.Size]byte, r remembered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.add(key, r)
	m.place(&r.body[0], r)
}

// add is put by hash, with the lock held.
func (m *views) add(key [sha256.Size]byte, r remembered) {
	m.room(len(r.body))
	m.young.bySum[key] = r
}

// place is put by where the body lies, with the lock held.
func (m *views) place(at *byte, r remembered) {
	m.room(len(r.body))
	m.young.byBody[at] = r
}

// room begins a new generation where the younger one is full.
func (m *views) room(size int) {
	if m.young.bySum == nil || m.young.size+size > maxYoung {
		m.young, m.old = generation{bySum: map[[sha256.Size]byte]remembered{}, byBody: map[*byte]remembered{}}, m.young
	}
	m.young.size += size
}

// viewOf is fhir.View out of a memory; nil remembers nothing.
func viewOf[T any](m *views, body fhir.Resource) (T, error) {
	v, err := viewAt[T](m, body)
	if err != nil {
		var none T
		return none, err
	}
	return *v, nil
}

// viewAt is viewOf without a copy: what it gives is the memory's own, to be copied by
// whoever keeps it, and nobody changes it.
func viewAt[T any](m *views, body fhir.Resource) (*T, error) {
	if m == nil || len(body) == 0 || len(body) > maxYoung/8 {
		t, err := fhir.View[T](body)
		return &t, err
	}
	if v, ok := m.lies(body); ok {
		if t, same := v.(*T); same {
			return t, nil
		}
	}
	key := sha256.Sum256(body)
	if v, ok := m.says(key, body); ok {
		if t, same := v.(*T); same {
			return t, nil
		}
	}
	t, err := fhir.View[T](body)
	if err == nil {
		m.put(key, remembered{&t, body})
	}
	return &t, err
}

// nearby is a store through which single records are read, as charts, commands and
// the rows of what has just changed do. Who reads a whole ward goes past it: the
// memory would hold none of it in the end.
type nearby struct {
	Store
	views *views
}

// View implements Records.
func (n nearby) View(ctx context.Context, fn func(Reader) error) error {
	return n.Store.View(ctx, func(r Reader) error { return fn(nearReader{r, n.views}) })
}

// nearReader is a Reader with a memory.
type nearReader struct {
	Reader
	views *views
}

// viewsOf is a reader's memory; nil where it has none.
func viewsOf(r Reader) *views {
	n, _ := r.(nearReader)
	return n.views
}

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
// A body is known by its hash, so what is remembered cannot be out of date: it is
// what those very bytes say. Whoever gets a view shares it with others and changes
// nothing in it.
//
// It holds two generations, of which the older goes when the younger is full; what
// is asked for again moves to the younger. The zero value is ready.
type views struct {
	mu         sync.Mutex
	young, old map[[sha256.Size]byte]remembered
	size       int // bytes of the bodies in young
}

// remembered is one body's view.
type remembered struct {
	view any
	size int // of the body
}

// maxYoung bounds one generation, in bytes of bodies: a ward's worth of records,
// and as much in memory again about three times.
const maxYoung = 512 << 10

func (m *views) get(key [sha256.Size]byte) (any, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, ok := m.young[key]; ok {
		return r.view, true
	}
	r, ok := m.old[key]
	if ok {
		delete(m.old, key)
		m.add(key, r)
	}
	return r.view, ok
}

func (m *views) put(key [sha256.Size]byte, r remembered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.add(key, r)
}

// add is put with the lock held.
func (m *views) add(key [sha256.Size]byte, r remembered) {
	if m.size+r.size > maxYoung || m.young == nil {
		m.young, m.old, m.size = map[[sha256.Size]byte]remembered{}, m.young, 0
	}
	if _, there := m.young[key]; !there {
		m.size += r.size
	}
	m.young[key] = r
}

// viewOf is fhir.View out of a memory; nil remembers nothing.
func viewOf[T any](m *views, body fhir.Resource) (T, error) {
	if m == nil || len(body) > maxYoung/8 {
		return fhir.View[T](body)
	}
	key := sha256.Sum256(body)
	if v, ok := m.get(key); ok {
		if t, same := v.(T); same {
			return t, nil
		}
	}
	t, err := fhir.View[T](body)
	if err == nil {
		m.put(key, remembered{t, len(body)})
	}
	return t, err
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

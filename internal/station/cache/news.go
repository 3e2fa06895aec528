package cache

import (
	"slices"
	"sync"
	"sync/atomic"

	"wardlight/internal/clinical/fhir"
)

// quiet stands for commits that wake waiters without touching anybody: looks.
const quiet fhir.ID = "\x00"

// news remembers which patients recent commits touched.
type news struct {
	mu    sync.Mutex
	grown chan struct{}
	wrote chan struct{}
	gen   uint64
	ring  []touch // ascending
	ids   int
}

type touch struct {
	gen      uint64
	patients []fhir.ID
	critical []fhir.ID // of patients, those to whom a critical result came
	loose    bool
}

// The ring forgets beyond these; who asks for more is told of everybody.
const (
	maxTouches = 4096
	maxTouched = 65536
)

func (n *news) init() { n.grown, n.wrote, n.gen = make(chan struct{}), make(chan struct{}), 1 }

// toSend says whether there is anything that central has not got, so that nobody
// looks for it in vain: after every batch that comes in, somebody would.
type toSend struct{ mutations, looks atomic.Bool }

func (s *toSend) are(m meta, heard uint64) {
	s.mutations.Store(m.Unsent > 0)
	s.looks.Store(m.LookSeq > max(m.LookForward, heard))
}

// more says whether m has something to send that was had not.
func more(was, m meta) bool { return m.Unsent > was.Unsent || m.LookSeq > was.LookSeq }

// note tells who waits, and who was touched, after a commit; wrote, that there is
// something new to send. Who sends is woken last, and so runs first: a screen can
// wait, and what was written is to be safe in two places.
func (c *Cache) note(touched map[fhir.ID]bool, critical []fhir.ID, wrote bool) {
	n := &c.news
	n.mu.Lock()
	defer n.mu.Unlock()
	if wrote {
		defer func() {
			close(n.wrote)
			n.wrote = make(chan struct{})
		}()
	}
	if len(touched) == 0 {
		return
	}
	t := touch{gen: n.gen + 1, critical: critical}
	for p := range touched {
		switch p {
		case quiet:
		case "":
			t.loose = true
		default:
			t.patients = append(t.patients, p)
		}
	}
	if len(t.patients) > 0 || t.loose {
		n.gen++
		n.ring = append(n.ring, t)
		n.ids += len(t.patients)
		for len(n.ring) > 1 && (len(n.ring) > maxTouches || n.ids > maxTouched) {
			n.ids -= len(n.ring[0].patients)
			n.ring = n.ring[1:]
		}
	}
	close(n.grown)
	n.grown = make(chan struct{})
}

// Grown returns a channel that is closed at the next commit after the call (of
// data, own mutations, receipts or looks; not of drafts or facts). Take it
// first, then read, then wait.
func (c *Cache) Grown() <-chan struct{} {
	c.news.mu.Lock()
	defer c.news.mu.Unlock()
	return c.news.grown
}

// Wrote returns a channel that is closed at the next commit after the call that
// holds own work or looks, or makes them count as unsent again.
func (c *Cache) Wrote() <-chan struct{} {
	c.news.mu.Lock()
	defer c.news.mu.Unlock()
	return c.news.wrote
}

// Touched says whose compartments changed after generation since, whether
// anything without a patient did, and which generation that makes. 0, and a
// generation that is too long ago, stand for everybody.
func (c *Cache) Touched(since uint64) (patients []fhir.ID, loose bool, gen uint64) {
	seen, loose, gen, known := c.news.since(since)
	if !known {
		return c.everybody(), true, gen
	}
	for p := range seen {
		patients = append(patients, p)
	}
	slices.Sort(patients)
	return patients, loose, gen
}

// Waiting is what waits for whoever has read up to generation since: how many
// patients changed (what is without a patient counts as one), and to which of them a critical result came after generation
// seen; gen is the present one. Where that is too long ago to say, known is false.
func (c *Cache) Waiting(since, seen uint64) (changed int, critical []fhir.ID, gen uint64, known bool) {
	touched, loose, gen, known := c.news.since(since)
	if !known {
		return 0, nil, gen, false
	}
	if changed = len(touched); loose {
		changed++
	}
	return changed, c.news.criticalSince(seen), gen, true
}

// criticalSince says to whom a critical result came after a generation.
func (n *news) criticalSince(seen uint64) (patients []fhir.ID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := len(n.ring) - 1; i >= 0 && n.ring[i].gen > seen; i-- {
		for _, p := range n.ring[i].critical {
			if !slices.Contains(patients, p) {
				patients = append(patients, p)
			}
		}
	}
	return patients
}

// since says who was touched after a generation, and in which last; known is
// false where that is forgotten.
func (n *news) since(since uint64) (seen map[fhir.ID]uint64, loose bool, gen uint64, known bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	known = since == n.gen || len(n.ring) > 0 && since+1 >= n.ring[0].gen
	if since == 0 || since > n.gen || !known {
		return nil, true, n.gen, false
	}
	seen = map[fhir.ID]uint64{}
	for _, t := range n.ring {
		if t.gen <= since {
			continue
		}
		loose = loose || t.loose
		for _, p := range t.patients {
			seen[p] = t.gen
		}
	}
	return seen, loose, n.gen, true
}

func (n *news) generation() uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.gen
}

func (c *Cache) everybody() (all []fhir.ID) {
	b, end, err := c.reading("cache.touched")
	if err != nil {
		return nil
	}
	defer end()
	m, err := c.metaOf(b)
	if err != nil {
		return nil // whoever reads the list meets the same error
	}
	for p, err := range (Reader{c: c, b: b, m: m}).Patients() {
		if err != nil {
			break // whoever reads the list meets the same error
		}
		all = append(all, p)
	}
	return all
}

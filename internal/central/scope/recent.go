package scope

import (
	"context"
	"iter"
	"sync"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
)

// view is the journal's View, whose entries are read once for all who follow it:
// the tails of stations that stand at different places, what overtakes them, who is
// where, and the heads.
func (s *Source) view(ctx context.Context, fn func(journal.Reader) error) error {
	return s.journal.View(ctx, func(r journal.Reader) error { return fn(remembering{r, &s.recent}) })
}

// remembering is a reader of durable entries that remembers the newest.
type remembering struct {
	journal.Reader
	recent *recent
}

// Entries implements journal.Reader. Of an entry that is remembered there are its
// position, chain hash and changes, which is what this package asks for; nobody
// changes them.
func (r remembering) Entries(after record.Position) iter.Seq2[record.Entry, error] {
	return func(yield func(record.Entry, error) bool) {
		head := r.Head().Position
		for after < head {
			e, ok := r.recent.get(after + 1)
			if !ok {
				break
			}
			if !yield(e, nil) {
				return
			}
			after = e.Position
		}
		if after >= head {
			return
		}
		for e, err := range r.Reader.Entries(after) {
			if err == nil {
				e = record.Entry{Position: e.Position, Chain: e.Chain, Changes: e.Changes}
				r.recent.put(e)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// maxRecent is about how many bytes of entries are remembered: what comes in
// during an outage of some hours. Whoever follows reads up to the head before the
// next begins where it began; had the first entries made room for the last by then,
// each would read all of them again.
const maxRecent = 16 << 20

// recent are entries by position. A position's entry never changes while its
// journal is open. Those that were read longest ago make room.
type recent struct {
	mu    sync.Mutex
	of    map[record.Position]record.Entry
	order []record.Position
	bytes int
}

func (m *recent) get(at record.Position) (record.Entry, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.of[at]
	return e, ok
}

func (m *recent) put(e record.Entry) {
	n := weigh(e)
	if n > maxRecent/4 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, known := m.of[e.Position]; known {
		return
	}
	if m.of == nil {
		m.of = map[record.Position]record.Entry{}
	}
	m.of[e.Position] = e
	m.order = append(m.order, e.Position)
	m.bytes += n
	for m.bytes > maxRecent {
		oldest := m.order[0]
		m.order = m.order[1:]
		m.bytes -= weigh(m.of[oldest])
		delete(m.of, oldest)
	}
}

// weigh is about how much memory an entry takes.
func weigh(e record.Entry) (n int) {
	for _, c := range e.Changes {
		n += len(c.Body) + overhead
	}
	return n + overhead
}

package journal

import (
	"iter"
	"sync"

	"wardlight/internal/clinical/record"
)

// Recent remembers the newest entries of a journal for those who follow it: the tails
// of stations that stand at different places, what overtakes them, who is where, the
// heads, and what no screen has shown. Each reads every entry once, and to find, open
// and decode it anew for each costs far more than what is done with it. Badgerjournal
// hands it each entry when it is durable (Options.Durable), so that what has just been
// written is not read at all; what it was not handed it keeps when it is first read.
//
// It is for followers alone: who verifies or backs up a journal reads what is on the
// disk. It is safe for concurrent use, and the zero value is ready.
type Recent struct {
	mu    sync.Mutex
	of    map[record.Position]record.Entry
	order []record.Position
	bytes int

	wanted bool // somebody has followed
}

// maxRecent is about how many bytes of entries are remembered: what comes in
// during an outage of some hours. Whoever follows reads up to the head before the
// next begins where it began; had the first entries made room for the last by then,
// each would read all of them again.
const maxRecent = 16 << 20

// Over is a reader of durable entries that takes from m what m remembers, and keeps in
// m what it reads. Of each entry there are then its position, chain hash and changes,
// which is what followers ask for; nobody changes them.
func (m *Recent) Over(r Reader) Reader {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wanted = true
	return remembering{r, m, true}
}

// Beside is Over for who is not to be remembered for: where nobody else follows, what
// it reads is read once, and to keep it would cost more than it saves.
func (m *Recent) Beside(r Reader) Reader { return remembering{r, m, false} }

// remembering is a reader of durable entries that remembers the newest.
type remembering struct {
	Reader
	recent *Recent
	keep   bool
}

// Entries implements Reader.
func (r remembering) Entries(after record.Position) iter.Seq2[record.Entry, error] {
	return func(yield func(record.Entry, error) bool) {
		for more := true; more; {
			if after, more = r.remembered(after, yield); more {
				after, more = r.read(after, yield)
			}
		}
	}
}

// remembered yields what is remembered in a row, and read what is read until
// something is remembered again; each returns how far that went, and whether to go on.
func (r remembering) remembered(after record.Position, yield func(record.Entry, error) bool) (record.Position, bool) {
	head := r.Head().Position
	for after < head {
		e, ok := r.recent.get(after + 1)
		if !ok {
			return after, true
		}
		if !yield(e, nil) {
			return after, false
		}
		after++
	}
	return after, false
}

func (r remembering) read(after record.Position, yield func(record.Entry, error) bool) (record.Position, bool) {
	for e, err := range r.Reader.Entries(after) {
		if err != nil {
			yield(e, err)
			return after, false
		}
		if e = slim(e); r.keep {
			r.recent.Put(e)
		}
		if !yield(e, nil) {
			return after, false
		}
		after = e.Position
		if _, known := r.recent.get(after + 1); known {
			return after, true
		}
	}
	return after, false
}

func (m *Recent) get(at record.Position) (record.Entry, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.of[at]
	return e, ok
}

// slim is what is remembered of an entry.
func slim(e record.Entry) record.Entry {
	return record.Entry{Position: e.Position, Chain: e.Chain, Changes: e.Changes}
}

// Put remembers a durable entry, once anybody has followed. A position's entry never changes while its journal
// is open. Those that came longest ago make room.
func (m *Recent) Put(e record.Entry) {
	e = slim(e)
	n := weigh(e)
	if n > maxRecent/4 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, known := m.of[e.Position]; known || !m.wanted {
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
		n += len(c.Body) + beside
	}
	return n + beside
}

// beside is about what a change or an entry takes beside its body.
const beside = 320

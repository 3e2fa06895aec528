package client

import (
	"context"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// fetch is the way of documents: one part is asked for at a time, and only while
// nothing waits for the store and nothing for a receipt. It is the last thing that
// anybody waits for.
type fetch struct {
	want    bool // there may be one to fetch
	reading bool
	asked   *record.Wanted // central was asked for the next part of it
	askedAt time.Duration
	saving  bool
	length  int64 // of the next part
	retryAt time.Duration
}

// How long the parts are: a part should take about a second, the answer's own way
// included, so that on a slow line whatever comes meanwhile waits for half of that.
const (
	firstPart = 4 << 10
	quickPart = 800 * time.Millisecond
	slowPart  = 1500 * time.Millisecond
	// partLost is after how long an answer is taken for lost: it may have waited
	// behind everything else that central had to say.
	partLost = 2 * time.Minute
	// partAgain is when it is tried again after the store could not take one.
	partAgain = time.Minute
)

func (f *fetch) reset() {
	f.want, f.asked, f.length, f.retryAt = true, nil, firstPart, 0
}

// fetchAt is when the fetching wants to be woken.
func (m *Machine) fetchAt() time.Duration {
	f := &m.fetch
	switch {
	case !m.online():
		return 0
	case f.asked != nil:
		return f.askedAt + partLost
	case f.want && f.retryAt > 0:
		return f.retryAt
	}
	return 0
}

// idle says that nothing that matters more is under way.
func (m *Machine) idle() bool {
	d := &m.down
	return m.online() && !m.state.Snapshot.Active && len(d.batches)+len(d.chunks) == 0 && !d.applying && d.retryAt == 0 &&
		len(m.ahead.waiting) == 0 && len(m.up.flight) <= m.up.answered && !m.up.reading
}

func (m *Machine) pumpFetch(now wire.Now) {
	f := &m.fetch
	if f.asked != nil && now.Mono >= f.askedAt+partLost {
		f.asked = nil
	}
	switch {
	case !m.shelf || !m.can(wire.CapDocuments) || !f.want || f.reading || f.saving || f.asked != nil:
	case now.Mono < f.retryAt || !m.idle():
	default:
		f.reading, f.retryAt = true, 0
		m.do(ReadWanted{})
	}
}

func (m *Machine) wantedRead(ev WantedRead, now wire.Now) {
	f := &m.fetch
	f.reading = false
	switch {
	case !m.online() || !m.can(wire.CapDocuments):
	case ev.Err != nil:
		f.retryAt = now.Mono + partAgain
	case !ev.OK:
		f.want = false
	default:
		f.asked, f.askedAt = &ev.Wanted, now.Mono
		m.send(&wire.AskDocument{Ref: ev.Wanted.Ref, Hash: ev.Wanted.Hash, Offset: ev.Wanted.Have, Length: f.length})
	}
}

// gotDocument hands a part to the store. What was not asked for is a copy, or
// comes too late.
func (m *Machine) gotDocument(d *wire.Document, now wire.Now) {
	f := &m.fetch
	if !m.online() || f.asked == nil || d.Hash != f.asked.Hash || d.Offset != f.asked.Have {
		return
	}
	w := *f.asked
	f.asked = nil
	f.saving = true
	if d.Why != "" || d.Size != w.Size || len(d.Part) == 0 || w.Have+int64(len(d.Part)) > w.Size {
		m.do(KeepPart{Wanted: w, Missing: true})
		return
	}
	switch took := now.Mono - f.askedAt; {
	case took < quickPart:
		f.length = min(2*f.length, wire.MaxPart)
	case took > slowPart:
		f.length = max(f.length/2, firstPart/2)
	}
	m.do(KeepPart{Wanted: w, Part: d.Part})
}

// partKept goes on; a store that takes none now is asked again later. Of a
// document that came wrongly the store has dropped what it had.
func (m *Machine) partKept(err error, now wire.Now) {
	f := &m.fetch
	f.saving = false
	if err != nil && !fault.Is(err, fault.Corrupt) {
		f.retryAt = now.Mono + partAgain
	}
}

// PerformShelf does the effects that are a shelf's.
func PerformShelf(ctx context.Context, s Shelf, e Effect) Event {
	switch e := e.(type) {
	case ReadWanted:
		w, ok, err := s.WantedDocument()
		return WantedRead{w, ok, err}
	case KeepPart:
		if e.Missing {
			s.NoDocument(e.Wanted)
			return PartKept{}
		}
		return PartKept{s.KeepPart(ctx, e.Wanted, e.Part)}
	}
	return nil
}

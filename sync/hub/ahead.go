package hub

import (
	"wardlight/internal/clinical/record"
)

// aheadBytes is how much of what is critical goes out at once.
const aheadBytes = 8 << 10

// ahead is the way past everything that waits: where a snapshot is under way,
// or batches wait for a slow line, critical results are looked for in the
// journal beyond them and sent before their turn.
type ahead struct {
	able     bool            // the station knows such messages
	from     record.Position // looked through up to here
	news     bool            // there may be more
	more     bool            // there is more, once the station has said something
	fetching bool
}

// behind says that what is committed now would have to wait.
func (s *Session) behind() bool {
	d := &s.down
	switch s.phase {
	case phaseSnapshot:
		return true
	case phaseTail:
		return len(d.chunks) > 0 || len(d.window) >= s.limits.Batches || d.delayed || d.scarce
	default:
		return false
	}
}

// scarce notes that the next batch is late for want of room, or small: what is
// critical behind it does not wait for that.
func (s *Session) scarce() {
	if s.down.fetching && !s.down.scarce {
		s.down.scarce, s.ahead.news = true, true
	}
}

func (s *Session) pumpAhead() {
	a := &s.ahead
	if !a.able || a.fetching || !a.news || !s.behind() {
		return
	}
	a.news, a.fetching = false, true
	s.down.delayed = false
	a.from = max(a.from, s.applied)
	s.do(FetchAhead{After: a.from, MaxBytes: aheadBytes})
}

// fetchedAhead sends what is critical. More of it waits for a word of the
// station, so that an endless row of it does not fill the line either. What
// cannot be read ahead comes in its turn.
func (s *Session) fetchedAhead(ev FetchedAhead) {
	a := &s.ahead
	a.fetching = false
	if ev.Err != nil {
		return
	}
	a.from = max(a.from, ev.To)
	if ev.Msg == nil {
		a.news = a.news || ev.More
		return
	}
	a.more = ev.More
	s.do(Send{Msg: ev.Msg, Urgent: true})
}

// heardFrom is a word of the station: more may follow what went ahead.
func (s *Session) heardFrom() {
	if s.ahead.more {
		s.ahead.more, s.ahead.news = false, true
	}
}

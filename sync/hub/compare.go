package hub

import (
	"context"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// Comparer knows what the journal holds about each patient.
type Comparer interface {
	// Heads are those of the patients asked about that are in dev's scope, or,
	// where none is asked about, of the next ones after an id.
	Heads(ctx context.Context, dev record.Device, after fhir.ID, patients []fhir.ID) (record.Heads, error)
	// Refill is a batch that moves no cursor and holds the whole compartments of
	// these patients; those out of dev's scope are to be forgotten.
	Refill(ctx context.Context, dev record.Device, at record.Cursor, patients []fhir.ID) (record.Batch, error)
}

// compare is what a session knows of the comparison: one question at a time.
type compare struct {
	asking bool
	refill []fhir.ID // to be sent whole
}

func (s *Session) askHeads(ask *wire.AskHeads) {
	switch {
	case !s.can(wire.CapHeads):
		s.bye(wire.ByeProtocol, "Nobody agreed on comparing.")
	case s.compare.asking || s.phase != phaseTail:
		// A copy; or not now: the station asks again.
	default:
		s.compare.asking = true
		s.do(ReadHeads{After: ask.After, Patients: ask.Patients})
	}
}

func (s *Session) headsRead(ev HeadsRead) {
	s.compare.asking = false
	if ev.Err != nil {
		s.send(&wire.Heads{}) // not to be had just now: nothing is compared
		return
	}
	h := wire.Heads(ev.Heads)
	s.send(&h)
}

func (s *Session) askRefill(ask *wire.AskRefill) {
	if !s.can(wire.CapHeads) {
		s.bye(wire.ByeProtocol, "Nobody agreed on comparing.")
		return
	}
	s.compare.refill = ask.Patients // a newer question replaces an older one
}

// refilled sends the compartments that the station asked for. The batch begins
// and ends where the last one ended, so it stands in line with the others.
func (s *Session) refilled(ev Refilled, now wire.Now) {
	d := &s.down
	d.fetching = false
	switch {
	case d.ignore:
		d.ignore = false
	case fault.Is(ev.Err, fault.Conflict):
		// The journal has moved on to another epoch: the next fetch says so.
		d.news = true
	case ev.Err != nil:
		s.unserved(ev.Err)
	default:
		d.window = append(d.window, pending{to: d.sent.Position, bytes: len(ev.Msg.Body), at: now.Mono})
		s.send(ev.Msg)
	}
}

// ReadCompared does an effect that compares, and returns the event that answers
// it.
func ReadCompared(ctx context.Context, c Comparer, sign wire.Sign, dev record.Device, e Effect) Event {
	switch e := e.(type) {
	case ReadHeads:
		h, err := c.Heads(ctx, dev, e.After, e.Patients)
		return HeadsRead{h, err}
	case FetchRefill:
		b, err := c.Refill(ctx, dev, e.At, e.Patients)
		if err != nil {
			return Refilled{Err: err}
		}
		ev := Refilled{}
		ev.Msg, ev.Err = wire.SealBatch(b, sign)
		return ev
	}
	return Wakeup{}
}

package client

import (
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// give is the way of the batches that central signed before it was restored:
// one message under way at a time.
type give struct {
	epoch   string // central's; "": there is nothing to give
	shared  map[string]record.Position
	reading bool
	ignore  bool   // what is being read was asked for by an earlier session
	sent    uint64 // the number under way; 0: none
	saving  bool
	retryAt time.Duration
	firstTo time.Duration // own work waits until then; 0: it does not
}

// headStart is how long own work waits while batches are given back: what
// others had made of it is best known to central before it judges anew. It is
// short, so that nothing urgent waits behind a week of batches.
const headStart = 5 * time.Second

// begin decides at the start of a session whether there is something to give.
// Of an epoch in the lineage only what lies beyond the place where central left
// it can be missing.
func (g *give) begin(w *wire.Welcome, can bool, now time.Duration) {
	g.reset()
	if !can || w.Epoch.Cause != record.CauseRestored {
		return
	}
	g.epoch, g.shared = w.Epoch.ID, map[string]record.Position{}
	g.firstTo = now + headStart
	at := w.Epoch.At
	for i := len(w.Epochs) - 2; i >= 0; i-- {
		at = min(at, w.Epochs[i+1].At)
		g.shared[w.Epochs[i].ID] = at
	}
}

func (g *give) reset() { *g = give{reading: g.reading, ignore: g.reading, saving: g.saving} }

// due ends what has waited long enough.
func (g *give) due(now time.Duration) {
	if now >= g.retryAt {
		g.retryAt = 0
	}
	if now >= g.firstTo {
		g.firstTo = 0
	}
}

func (m *Machine) pumpGive(now wire.Now) {
	g := &m.give
	if g.epoch == "" || !m.online() || g.reading || g.saving || g.sent > 0 || g.retryAt > 0 {
		return
	}
	g.reading = true
	m.do(ReadReturn{Epoch: g.epoch})
}

func (m *Machine) returnRead(ev ReturnRead, now wire.Now) {
	g := &m.give
	g.reading = false
	if g.ignore {
		g.ignore = false
		return
	}
	switch {
	case !m.online() || g.epoch == "":
	case ev.Err != nil && fault.Is(ev.Err, fault.Corrupt), ev.Err == nil && !ev.OK:
		// All is given, or the archive is damaged: the walk through the store
		// tells a person, and everything else goes on.
		g.epoch, g.firstTo = "", 0
		m.pumpUp(now)
	case ev.Err != nil:
		g.retryAt = now.Mono + retryStore
	case ev.Return.To <= g.shared[ev.Return.Epoch]:
		m.saveReturned(ev.Return.Number)
	default:
		b := wire.GiveBack(ev.Return)
		g.sent = b.Number
		m.up.progress = now.Mono
		m.send(&b)
	}
}

// given takes central's word on a batch. One that central will never take, for
// it is not central's own, is passed over for good.
func (m *Machine) given(r *wire.Given, now wire.Now) {
	g := &m.give
	if g.sent == 0 || r.Number != g.sent {
		return // a copy, or of an earlier session
	}
	g.sent = 0
	m.up.progress = now.Mono
	if r.RetryMS > 0 {
		g.retryAt = now.Mono + time.Duration(r.RetryMS)*time.Millisecond
		return
	}
	m.saveReturned(r.Number)
}

func (m *Machine) saveReturned(number uint64) {
	m.give.saving = true
	m.do(SaveReturned{Epoch: m.give.epoch, Number: number})
}

func (m *Machine) returnDone(err error, now wire.Now) {
	m.give.saving = false
	if err != nil {
		m.storeFailed(err)
		m.give.retryAt = now.Mono + retryStore
	}
}

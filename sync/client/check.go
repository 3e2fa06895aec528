package client

import (
	"slices"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/wire"
)

// check is the comparison of what the two sides hold about each patient: of
// those whom batches concerned, a moment after the last one, and of everybody
// in slow rounds. One question is under way at a time, and none while something
// waits for the store: it is the least urgent thing there is.
type check struct {
	begun   bool
	asked   bool          // until central's answer is compared
	askedAt time.Duration // when central was asked; 0: the store was
	round   bool          // what was asked is a step of the round
	wanted  []fhir.ID     // somebody waits for the answer
	touched []fhir.ID
	quietAt time.Duration
	roundAt time.Duration
	after   fhir.ID // the round has come so far
	refill  []fhir.ID
}

// maxTouched bounds whom a comparison after batches remembers: the round finds
// the others.
const maxTouched = 256

// roundStep is between two steps of one round.
const roundStep = 5 * time.Second

func (c *check) reset() { *c = check{} }

// touch notes whom a batch concerned.
func (c *check) touch(b record.Batch, now time.Duration) {
	if len(b.Refill) > 0 {
		return
	}
	for _, ch := range b.Changes {
		c.touched = noted(c.touched, ch.Patient)
	}
	for _, p := range b.Forget {
		c.touched = noted(c.touched, p)
	}
	if len(b.Changes)+len(b.Forget) > 0 {
		c.quietAt = now
	}
}

// want notes whom somebody asks about.
func (c *check) want(patients []fhir.ID) {
	for _, p := range patients {
		c.wanted = noted(c.wanted, p)
	}
}

func noted(list []fhir.ID, p fhir.ID) []fhir.ID {
	if p == "" || len(list) >= maxTouched || slices.Contains(list, p) {
		return list
	}
	return append(list, p)
}

// checkAt is when something is to be compared.
func (m *Machine) checkAt() time.Duration {
	c := &m.check
	switch {
	case !m.mayCheck() || c.asked && c.askedAt == 0:
		return 0
	case c.asked:
		return c.askedAt + m.timing.Stall
	case len(c.touched) > 0:
		return min(c.quietAt+m.timing.Quiet, c.roundAt)
	}
	return c.roundAt
}

// mayCheck says whether now is a time to compare: everything that came is
// stored, and nothing is being filled.
func (m *Machine) mayCheck() bool {
	d := &m.down
	return m.checks && m.online() && m.can(wire.CapHeads) && !m.state.Snapshot.Active && !d.applying && len(d.batches) == 0 && d.cursor.Epoch == d.epoch
}

func (m *Machine) pumpCheck(now wire.Now) {
	c := &m.check
	if c.asked && c.askedAt > 0 && now.Mono >= c.askedAt+m.timing.Stall {
		// No answer: it was lost, or it was no time for the question. Whom it was
		// about, the round finds.
		c.asked, c.round, c.roundAt = false, false, now.Mono
	}
	if !m.mayCheck() || c.asked {
		return
	}
	switch {
	case !c.begun: // what an earlier session found and nobody refilled
		c.begun, c.asked, c.askedAt = true, true, 0
		c.roundAt = now.Mono + m.timing.Quiet
		m.do(ReadDoubtful{})
	case len(c.refill) > 0:
		n := min(len(c.refill), wire.MaxRefill)
		m.send(&wire.AskRefill{Patients: slices.Clone(c.refill[:n])})
		c.refill = c.refill[n:]
	case len(c.wanted) > 0:
		c.wanted = m.askHeads(c.wanted, now)
	case now.Mono >= c.roundAt: // first, so that a busy ward does not put it off for ever
		c.asked, c.round, c.askedAt = true, true, now.Mono
		m.send(&wire.AskHeads{After: c.after})
	case len(c.touched) > 0 && now.Mono >= c.quietAt+m.timing.Quiet:
		c.touched = m.askHeads(c.touched, now)
	}
}

// askHeads asks about the first of a list and returns the rest.
func (m *Machine) askHeads(list []fhir.ID, now wire.Now) []fhir.ID {
	n := min(len(list), wire.MaxHeads/2)
	m.check.asked, m.check.askedAt = true, now.Mono
	m.send(&wire.AskHeads{Patients: slices.Clone(list[:n])})
	return list[n:]
}

// heads hands central's answer to the store.
func (m *Machine) heads(h *wire.Heads) {
	if !m.check.asked {
		return // a copy
	}
	m.do(CompareHeads{Heads: record.Heads(*h)})
	m.do(Answer{Heads: record.Heads(*h), Cursor: m.down.cursor})
	if m.check.round {
		if m.check.after = h.UpTo; h.End {
			m.check.after = ""
		}
	}
}

// compared asks for whoever differs. That the store cannot be read just now is
// for others to tell.
func (m *Machine) compared(ev Compared, now wire.Now) {
	c := &m.check
	if !c.asked {
		return // of an earlier session
	}
	c.asked = false
	if ev.Err == nil {
		c.refill = append(c.refill, ev.Differ...)
	}
	if !c.round {
		return
	}
	c.round = false
	c.roundAt = now.Mono + m.timing.Round
	if c.after != "" {
		c.roundAt = now.Mono + min(roundStep, m.timing.Round)
	}
}

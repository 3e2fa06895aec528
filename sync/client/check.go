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
//
// The store takes its state in the order of batches, is read beside them, and says in
// their order what it found (CompareHeads, ReadComparison, SettleComparison). That goes to its
// end also when the session does: what it says is marked in the store and true of it.
type check struct {
	begun   bool
	asked   bool          // until central's answer is compared
	askedAt time.Duration // when central was asked
	busy    bool          // the store is comparing, perhaps for an earlier session
	round   bool          // what was asked is a step of the round
	who     []fhir.ID     // who was asked about, where it is no step
	atOnce  bool          // what was asked is compared in the store's order
	passed  int           // answers in a row that could not be compared
	wanted  []fhir.ID     // somebody waits for the answer
	again   []fhir.ID     // who differed, and changed while that was found
	touched []fhir.ID
	quietAt time.Duration
	roundAt time.Duration
	after   fhir.ID // the round has come so far
	upTo    fhir.ID // and so far with what is being compared
	refill  []fhir.ID
}

// maxTouched bounds whom a comparison after batches remembers: the round finds
// the others.
const maxTouched = 256

// roundStep is between two steps of one round.
const roundStep = 5 * time.Second

// maxPassed is how many times in a row the same is asked once more because what came in
// meanwhile left central's answer behind.
const maxPassed = 3

func (c *check) reset() { *c = check{busy: c.busy} }

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
	case !m.mayCheck() || c.busy:
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
	if c.asked && !c.busy && now.Mono >= c.askedAt+m.timing.Stall {
		// No answer: it was lost, or it was no time for the question. Whom it was
		// about, the round finds.
		c.asked, c.round, c.roundAt = false, false, now.Mono
	}
	if !m.mayCheck() || c.asked || c.busy {
		return
	}
	switch {
	case !c.begun: // what an earlier session found and nobody refilled
		c.begun, c.asked, c.busy = true, true, true
		c.roundAt = now.Mono + m.timing.Quiet
		m.do(ReadDoubtful{})
	case len(c.refill) > 0:
		n := min(len(c.refill), wire.MaxRefill)
		m.send(&wire.AskRefill{Patients: slices.Clone(c.refill[:n])})
		c.refill = c.refill[n:]
	case len(c.wanted) > 0:
		c.wanted = m.askHeads(c.wanted, now)
	case len(c.again) > 0:
		c.again = m.askHeads(c.again, now)
		c.atOnce = true
	case now.Mono >= c.roundAt: // first, so that a busy ward does not put it off for ever
		c.asked, c.round, c.who, c.atOnce, c.askedAt = true, true, nil, false, now.Mono
		m.send(&wire.AskHeads{After: c.after})
	case len(c.touched) > 0 && now.Mono >= c.quietAt+m.timing.Quiet:
		c.touched = m.askHeads(c.touched, now)
	}
}

// askHeads asks about the first of a list and returns the rest.
func (m *Machine) askHeads(list []fhir.ID, now wire.Now) []fhir.ID {
	n := min(len(list), wire.MaxHeads/2)
	c := &m.check
	c.asked, c.atOnce, c.askedAt, c.who = true, false, now.Mono, slices.Clone(list[:n])
	m.send(&wire.AskHeads{Patients: c.who})
	return list[n:]
}

// heads hands central's answer to the store.
func (m *Machine) heads(h *wire.Heads) {
	c := &m.check
	if !c.asked || c.busy {
		return // a copy
	}
	c.busy = true
	m.do(CompareHeads{Heads: record.Heads(*h), AtOnce: c.atOnce})
	m.do(Answer{Heads: record.Heads(*h), Cursor: m.down.cursor})
	switch c.upTo = c.after; {
	case h.End:
		c.upTo = ""
	case h.UpTo != "":
		c.upTo = h.UpTo
	}
}

// goOn does the next part of the comparison that is under way, also when its session is
// over: the store has taken a state for it.
func (c *check) goOn(m *Machine, e Effect) {
	if c.busy {
		m.do(e)
	}
}

// compared asks for whoever differs. That the store cannot be read just now is
// for others to tell.
func (m *Machine) compared(ev Compared, now wire.Now) {
	c := &m.check
	c.busy = false
	if !c.asked {
		return // of an earlier session: who is in doubt is read once more
	}
	if ev.Err == nil {
		c.refill = append(c.refill, ev.Differ...)
	}
	for _, p := range ev.Again {
		c.again = noted(c.again, p)
	}
	c.asked = false
	again := m.passedOver(ev.Passed || ev.Err != nil, now)
	if !c.round {
		return
	}
	c.round = false
	if !again {
		c.after = c.upTo
	}
	c.roundAt = now.Mono + m.timing.Round
	if c.after != "" || again {
		c.roundAt = now.Mono + min(roundStep, m.timing.Round)
	}
}

// passedOver says whether the same step of the round is to be asked for once more.
// Patients who were asked about wait with those whom batches concern.
func (m *Machine) passedOver(passed bool, now wire.Now) bool {
	c := &m.check
	if !passed || c.passed >= maxPassed {
		c.passed = 0
		return false
	}
	c.passed++
	for _, p := range c.who {
		c.touched = noted(c.touched, p)
		c.quietAt = now.Mono
	}
	return true
}

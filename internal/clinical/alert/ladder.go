package alert

import (
	"errors"
	"time"

	"wardlight/internal/clinical/ward"
)

// Kinds of ladders.
const (
	LadderInpatient = "critical, inpatient"
	LadderUrgent    = "urgent"
	LadderRemote    = "critical, remote clinic or outpatient"
	LadderHandover  = "handover that nobody has accepted"
)

// Ladder is who is told, and when, while nobody has taken a result. The clock
// starts when the result is available to us.
type Ladder struct {
	Kind  string        `json:"kind"`
	Steps []Step        `json:"steps"`
	Again time.Duration `json:"again"` // after the last step, told again so often until somebody owns it
	From  string        `json:"from"`
}

// Step is one step of a ladder.
type Step struct {
	After time.Duration `json:"after"`
	Who   string        `json:"who"`
	How   string        `json:"how,omitempty"`
}

// Laboratories ask for contact within 30 or 60 minutes; the steps are chosen to
// lie within that.
func defaultLadders() []Ladder {
	const chosen = "chosen to meet laboratories' usual 30 and 60 min; the site sets its own"
	m := time.Minute
	return []Ladder{
		{Kind: LadderInpatient, Again: 15 * m, From: chosen, Steps: []Step{
			{0, "named nurse and covering doctor", "shown on the screens of the ward"},
			{10 * m, "charge nurse and registrar", ""},
			{20 * m, "consultant on call", ""},
			{30 * m, "site manager", "the laboratory is to phone, too"},
		}},
		{Kind: LadderUrgent, Again: 24 * time.Hour, From: chosen, Steps: []Step{
			{0, "work list", "badge"},
			{60 * m, "covering doctor", ""},
			{4 * time.Hour, "team consultant", ""},
			{12 * time.Hour, "duty manager", ""},
		}},
		{Kind: LadderRemote, Again: 15 * m, From: chosen, Steps: []Step{
			{0, "clinic's on-duty and requester", "shown on the screens of the ward"},
			{15 * m, "second on call", "phone number shown"},
			{30 * m, "hub duty doctor", ""},
			{60 * m, "patient, at home", "if out of reach and life at risk: check by site policy"},
		}},
		{Kind: LadderHandover, Again: HandoverWait, From: chosen, Steps: []Step{
			{0, "whoever comes on", "shown on the screens of the ward"},
			{HandoverWait, HandoverLead, ""},
		}},
	}
}

func (l Ladder) check() error {
	if l.Kind == "" || len(l.Steps) == 0 || l.Steps[0].After != 0 || l.Again <= 0 {
		return errors.New("alert: a ladder has a kind, a first step at once, and goes on")
	}
	for i, s := range l.Steps {
		if s.Who == "" || i > 0 && s.After <= l.Steps[i-1].After {
			return errors.New("alert: the steps of a ladder follow one another, and each tells somebody")
		}
	}
	return nil
}

// Ladder finds a ladder by kind; the one for inpatients where there is none.
func (r Rules) Ladder(kind string) Ladder {
	for _, l := range r.Ladders {
		if l.Kind == kind {
			return l
		}
	}
	for _, l := range defaultLadders() {
		if l.Kind == kind {
			return l
		}
	}
	return defaultLadders()[0]
}

// Climb is where a ladder stands.
type Climb struct {
	Stopped bool      // somebody has it, or there is nothing to have
	Until   time.Time // until when somebody holds it; zero: for good
	Step    int       // the step that is reached, from 0
	Round   int       // how often the last step was told again
	Who     string    // of this step and of those skipped on the way to it
	NextAt  time.Time // when the next step or repetition is due
	NextWho string
	Skipped []int // steps with nobody on the rota, told to the next at once
}

// At is where the ladder stands at now, for a result available since start. A
// duty that is held stops it; when the hold runs out without an action it
// stands where it would have stood, because the patient has not waited less.
// staffed says whether somebody is on the rota for a step; nil: always. A step
// with nobody on it is skipped to the next at once.
//
// Only differences of times count, so a clock that is wrong by a day changes
// nothing as long as start and now are read from the same one. A start that
// lies ahead of now is now.
func (l Ladder) At(start, now time.Time, d Duty, staffed func(step int) bool) Climb {
	if len(l.Steps) == 0 || d.Stops(now) {
		return Climb{Stopped: true, Until: d.Until}
	}
	elapsed := max(now.Sub(start), 0)
	var c Climb
	steps := l.due(staffed, &c)
	for i, after := range steps {
		if elapsed >= after {
			c.Step = i
		}
	}
	c.Who = l.Steps[c.Step].Who
	if last := len(l.Steps) - 1; c.Step == last && l.Again > 0 {
		c.Round = int((elapsed - steps[last]) / l.Again)
		c.NextAt = start.Add(steps[last] + time.Duration(c.Round+1)*l.Again)
		c.NextWho = c.Who
		return c
	}
	for next := c.Step + 1; next < len(l.Steps); next++ {
		if steps[next] > elapsed {
			c.NextAt, c.NextWho = start.Add(steps[next]), l.Steps[next].Who
			break
		}
	}
	return c
}

// due are the times of the steps, with nobody's time given to the next.
func (l Ladder) due(staffed func(int) bool, c *Climb) []time.Duration {
	steps := make([]time.Duration, len(l.Steps))
	for i, s := range l.Steps {
		steps[i] = s.After
	}
	for i := 1; i < len(steps); i++ {
		if staffed != nil && !staffed(i-1) {
			c.Skipped = append(c.Skipped, i-1)
			steps[i] = min(steps[i], steps[i-1])
		}
	}
	return steps
}

// Rungs are the steps as shown: whose time has come, and who is next. A step that
// is due is not one that was done: this program phones nobody.
func (l Ladder) Rungs(start, now time.Time, d Duty) []ward.Rung {
	return l.RungsFor(start, now, d, nil)
}

// RungsFor are Rungs where staffed says which steps have somebody on them: what
// follows one that has nobody is due when that one was.
func (l Ladder) RungsFor(start, now time.Time, d Duty, staffed func(step int) bool) []ward.Rung {
	c := l.At(start, now, d, staffed)
	after := l.due(staffed, &Climb{})
	var rungs []ward.Rung
	for i, s := range l.Steps {
		r := ward.Rung{At: start.Add(after[i]), Who: s.Who, Note: s.How, State: "later"}
		switch {
		case !now.Before(r.At):
			r.State = "due"
		case !c.Stopped && i == c.Step+1:
			r.State = "next"
		}
		rungs = append(rungs, r)
	}
	return rungs
}

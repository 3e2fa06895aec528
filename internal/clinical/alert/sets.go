package alert

import (
	"cmp"
	"slices"
	"time"

	"wardlight/internal/clinical/ward"
)

// Observed is one vital sign, as putting sets together needs it: of which set, when it was
// measured, on which SpO2 scale it was scored (0: not said), and whether it was entered in
// error.
type Observed struct {
	Set   string
	At    time.Time
	Scale int
	Wrong bool
	SignValue
}

// Gathered is one set: which of the list belong to it, by time. Of a named set those that
// were entered in error belong to it too.
type Gathered struct {
	Set   string // "" where its signs name none
	At    time.Time
	Scale int
	Wrong bool // nothing in it but what was entered in error
	Of    []int
}

// Gather puts together what was observed, for the board and for who counts alike: what
// bears one set's name, and else what was measured within the window, each sign once. What
// was entered in error without a name is a set of its own.
func Gather(list []Observed, window time.Duration) []Gathered {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, k int) int {
		a, b := list[i], list[k]
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Set, b.Set), cmp.Compare(a.Sign, b.Sign))
	})
	var out []*Gathered
	named := map[string]*Gathered{}
	open := map[bool]*Gathered{} // the last one without a name, of what stands and of what does not
	for _, i := range order {
		o := list[i]
		has := func(k int) bool { return list[k].Sign == o.Sign }
		g := named[o.Set]
		if last := open[o.Wrong]; o.Set == "" && last != nil && o.At.Sub(last.At) <= window && !slices.ContainsFunc(last.Of, has) {
			g = last
		}
		if g == nil {
			g = &Gathered{Set: o.Set, At: o.At, Scale: o.Scale, Wrong: true}
			out = append(out, g)
			if o.Set != "" {
				named[o.Set] = g
			} else {
				open[o.Wrong] = g
			}
		}
		g.Wrong = g.Wrong && o.Wrong
		g.Of = append(g.Of, i)
	}
	sets := make([]Gathered, len(out))
	for i, g := range out {
		sets[i] = *g
	}
	return sets
}

// Scored is a set of observations that reached a threshold of NEWS2: 5 or more, or a 3
// in one parameter.
type Scored struct {
	At, Due time.Time
	Next    time.Time // when the next set was measured; zero: none yet
}

// Fired is that it did, and whether the next set was measured in time.
func (s Scored) Fired() Fired {
	return Fired{Rule: RuleNEWS2, At: s.At, Done: !s.Next.IsZero() && !s.Next.After(s.Due)}
}

// Watched goes through a patient's sets of observations in order: which reached a
// threshold, and until when each next one was due. A set counts by when it was measured,
// so what is written down late was not late. Sets outside every stay are not waited for.
// inForce are the rules by which a set of a time goes; nil: these.
func (r Rules) Watched(list []Observed, s Subject, stays []Stay, inForce func(at time.Time) Rules) (scored []Scored, waits []Wait) {
	var shown, full ward.Early
	var complete time.Time
	var open *Wait
	var until time.Time // for when what is open was due, as shown
	for _, g := range Gather(list, r.Score.Window) {
		if g.Wrong {
			continue
		}
		who := s
		switch g.Scale {
		case 1:
			who.Scale2 = Prescription{}
		case 2:
			who.Scale2 = Prescription{By: "whoever recorded it", Reason: "as recorded with the set", At: g.At}
		}
		rules := r
		if inForce != nil {
			rules = inForce(g.At)
		}
		score := rules.NEWS2(g.vitals(list), who, g.At)
		e := score.Early()
		if !e.Known {
			continue
		}
		e.Due = DueAfter(complete, score)
		if !score.AtLeast {
			e.Due = score.Due
		}
		e = SinceComplete(e, full, shown)
		if n := len(scored); n > 0 && scored[n-1].Next.IsZero() {
			scored[n-1].Next = g.At
		}
		if score.Total >= 5 || score.SingleThree {
			scored = append(scored, Scored{At: g.At, Due: e.Due})
		}
		if open != nil && !until.Equal(e.Due) { // an incomplete set does not make up for the one that is due
			open.Done = g.At
			waits, open = append(waits, *open), nil
		}
		if open == nil && during(stays, g.At) {
			until = e.Due
			open = &Wait{Rule: RuleOverdue, Due: e.Due, Over: LeftAfter(stays, g.At)}
			if until.Before(g.At) { // nobody could see it before
				open.Due = g.At
			}
		}
		shown = e
		if !e.AtLeast {
			full, complete = e, g.At
		}
	}
	if open != nil {
		waits = append(waits, *open)
	}
	return scored, waits
}

// vitals are what was observed of a set, without what was entered in error.
func (g Gathered) vitals(list []Observed) Vitals {
	var v Vitals
	for _, i := range g.Of {
		if to := v.of(list[i].Sign); to != nil && !list[i].Wrong {
			*to = Reading{Value: list[i].Digits, At: g.At}
		}
	}
	return v
}

// of is where a sign stands in a set; nil for one that is not scored.
func (v *Vitals) of(s Sign) *Reading {
	switch s {
	case SignRespirations:
		return &v.Respirations
	case SignSpO2:
		return &v.Saturation
	case SignOxygen:
		return &v.Oxygen
	case SignSystolic:
		return &v.Systolic
	case SignPulse:
		return &v.Pulse
	case SignConsciousness:
		return &v.Consciousness
	case SignTemperature:
		return &v.Temperature
	case SignDiastolic, SignPain, SignUrine:
	}
	return nil
}

// during says whether somebody was on a ward at a time, as far as is known.
func during(stays []Stay, at time.Time) bool {
	return slices.ContainsFunc(stays, func(s Stay) bool { return !s.From.After(at) && (s.To.IsZero() || !s.To.Before(at)) })
}

// LeftAfter is when somebody left who was there at a time; zero where they have not, or
// nobody knows.
func LeftAfter(stays []Stay, at time.Time) time.Time {
	var left time.Time
	for _, s := range stays {
		switch {
		case s.From.After(at):
		case s.To.IsZero():
			return time.Time{}
		case !s.To.Before(at) && s.To.After(left):
			left = s.To
		}
	}
	return left
}

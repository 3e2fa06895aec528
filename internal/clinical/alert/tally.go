package alert

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
)

// What became of each rule: counted of the record, made anew each time and never added
// to, so that a central that is restored counts right. A count names nobody, neither who
// was treated nor who treated.

// Kinds of action, by the words that are offered ready. Whatever else somebody wrote is
// in their own words, which are counted and never read.
const (
	ActRepeat  = "repeat sent"
	ActTreated = "treated"
	ActTold    = "told somebody"
	ActOther   = "in their own words"
	actNothing = "seen, nothing to do"
)

// ActionKind is the kind of an action that was recorded in these words; nothing says
// that there was nothing to do.
func ActionKind(words string) (kind string, nothing bool) {
	words = strings.ToLower(strings.TrimSpace(words))
	switch {
	case words == actNothing:
		return "", true
	case words == ActRepeat, words == ActTreated:
		return words, false
	case strings.HasPrefix(words, "told "):
		return ActTold, false
	}
	return ActOther, false
}

// Fired is one time that a rule fired, and what people did about it.
type Fired struct {
	Rule      RuleID
	At        time.Time
	Quiet     bool // a repeat that interrupted nobody
	Taken     bool
	Handed    bool
	Nothing   bool // acknowledged, and nothing done
	Climbed   bool // the ladder's second step was reached
	Acted     []string
	Overruled string // of an order: the level of the warning that its author went against
	Done      bool   // what it waited for was done afterwards, see Wait
}

// Wait is something that a rule looks for by a time: the result of an order, the
// acceptance of a handover.
type Wait struct {
	Rule RuleID
	Due  time.Time // from when the rule marks it
	Done time.Time // when it was done; zero: not yet
	Over time.Time // when it was given up, or the patient had left; zero: it was not
}

// Fired is that the rule marked it, and whether it was done after that; ok is false where
// it was done or given up in time, or its time has not come.
func (w Wait) Fired(now time.Time) (f Fired, ok bool) {
	in := func(t time.Time) bool { return !t.IsZero() && !t.After(w.Due) }
	if w.Due.IsZero() || now.Before(w.Due) || in(w.Done) || in(w.Over) {
		return Fired{}, false
	}
	return Fired{Rule: w.Rule, At: w.Due, Done: !w.Done.IsZero() && !w.Done.After(now)}, true
}

// Story is one result with all that is needed to say what fired by it. Of what is no
// result, Rule says which rule fired.
type Story struct {
	Rule     RuleID
	Editions []Edition // oldest first
	Acks     []Ack
	Who      Subject
	Ladder   Ladder
	Quiet    bool // what it says now is a quiet repeat
}

// Fired is what fired by a result and what people did, up to now. Each meaning that it
// had is told by itself: critical ones by their rules, and one that came after somebody
// had an earlier one as corrected.
func (r Rules) Fired(s Story, now time.Time) []Fired {
	var out []Fired
	for i := 0; i < len(s.Editions); {
		next := i + 1
		for next < len(s.Editions) && len(Changes(s.Editions[next-1].Result, s.Editions[next].Result)) == 0 {
			next++
		}
		var own, before []Ack
		for _, a := range s.Acks {
			switch {
			case a.Withdrawn:
			case i > 0 && a.Version < s.Editions[i].Version:
				if a.Kind != AckSeen {
					before = append(before, a)
				}
			case next == len(s.Editions) || a.Version < s.Editions[next].Version:
				own = append(own, a)
			}
		}
		end := now
		if next < len(s.Editions) {
			end = s.Editions[next].Available
		}
		f := r.outcome(s.Editions[i].Available, end, own, s)
		f.Quiet = s.Quiet && next == len(s.Editions)
		f.Climbed = f.Climbed && !f.Quiet
		for _, rule := range r.meant(s, s.Editions[i], len(before) > 0) {
			f.Rule = rule
			out = append(out, f)
		}
		i = next
	}
	return out
}

// meant are the rules that one meaning fired.
func (r Rules) meant(s Story, e Edition, had bool) []RuleID {
	var rules []RuleID
	switch {
	case s.Rule != "":
		return []RuleID{s.Rule}
	case e.Critical:
		rules = r.or(e.Rules).Fires(e.Result, s.Who)
	}
	if had {
		rules = append(rules, RuleCorrected)
	}
	return rules
}

func (r Rules) outcome(since, end time.Time, acks []Ack, s Story) Fired {
	f := Fired{At: since}
	for _, a := range acks {
		switch a.Kind {
		case AckTaken:
			f.Taken = true
		case AckHandedTo:
			f.Handed = true
		case AckSeen:
			f.Nothing = true
		case AckActing:
			if a.Action == "" {
				f.Nothing = true
			} else if !slices.Contains(f.Acted, a.Action) {
				f.Acted = append(f.Acted, a.Action)
			}
		}
	}
	slices.Sort(f.Acted)
	f.Nothing = f.Nothing && len(f.Acted) == 0
	f.Climbed = r.climbed(since, end, acks, s.Ladder)
	return f
}

// climbed says whether the second step of the ladder was reached while nobody had it.
func (r Rules) climbed(since, end time.Time, acks []Ack, l Ladder) bool {
	if len(l.Steps) < 2 {
		return false
	}
	acks = slices.Clone(acks)
	slices.SortFunc(acks, func(a, b Ack) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	t := since.Add(l.Steps[1].After)
	for _, a := range acks {
		if a.At.After(t) {
			break
		}
		switch a.Kind {
		case AckActing:
			return false
		case AckTaken, AckHandedTo:
			if until := a.At.Add(r.Holds); until.After(t) {
				t = until
			}
		}
	}
	return t.Before(end)
}

// Count is what became of one rule within a time. Each figure is a number of firings,
// but Patients; one that was taken and acted on counts in both.
type Count struct {
	Fired     int            // that interrupted or asked somebody
	Patients  int            // of how many patients, those whom nobody knows apart
	Taken     int            // somebody took it
	Handed    int            // somebody handed it on
	Nothing   int            // somebody acknowledged it, and did nothing
	Climbed   int            // it ran up the ladder
	Quiet     int            // repeats that interrupted nobody, beside Fired
	Nobody    int            // nobody has done anything about it
	Acted     map[string]int // somebody acted, by kind
	Overruled map[string]int // of an order: placed against the warning, with a reason, by level
	Done      int            // what it waited for was done afterwards
}

// RuleTally is what became of every rule, as central counted it.
type RuleTally struct {
	At   time.Time                // up to when
	Days map[int]map[RuleID]Count // for the last 7 and 30 days
	// Marks says that rules which only mark were counted, too: those of Marking. An older
	// central counted none of them, and that is no zero.
	Marks bool
}

// Marking are the rules that mark, interrupt nobody, and are counted.
var Marking = []RuleID{RuleUrgent, RuleChange, RuleNEWS2, RuleOverdue, RuleLateOrder, RuleHandover}

// TallyDays are the times that are counted, in days.
var TallyDays = []int{7, 30}

// Tallied is one patient's firings; Patient is "" where nobody knows whose they are.
type Tallied struct {
	Patient fhir.ID
	Fired   []Fired
}

// TallyRules counts. The order of the list changes nothing.
func TallyRules(list []Tallied, now time.Time) RuleTally {
	t := RuleTally{At: now, Days: map[int]map[RuleID]Count{}}
	for _, n := range TallyDays {
		from := now.AddDate(0, 0, -n)
		counts := map[RuleID]Count{}
		met := map[RuleID]map[fhir.ID]bool{}
		for _, one := range list {
			for _, f := range one.Fired {
				if f.At.Before(from) || f.At.After(now) {
					continue
				}
				counts[f.Rule] = counts[f.Rule].add(f)
				if met[f.Rule] == nil {
					met[f.Rule] = map[fhir.ID]bool{}
				}
				if one.Patient != "" {
					met[f.Rule][one.Patient] = true
				}
			}
		}
		for rule, c := range counts {
			c.Patients = len(met[rule])
			counts[rule] = c
		}
		t.Days[n] = counts
	}
	return t
}

func (c Count) add(f Fired) Count {
	one := func(n *int, yes bool) {
		if yes {
			*n++
		}
	}
	one(&c.Fired, !f.Quiet)
	one(&c.Quiet, f.Quiet)
	one(&c.Taken, f.Taken)
	one(&c.Handed, f.Handed)
	one(&c.Nothing, f.Nothing)
	one(&c.Climbed, f.Climbed)
	one(&c.Done, f.Done)
	one(&c.Nobody, !f.Quiet && !f.Taken && !f.Handed && !f.Nothing && !f.Done && len(f.Acted) == 0 && f.Overruled == "")
	for _, k := range f.Acted {
		if c.Acted == nil {
			c.Acted = map[string]int{}
		}
		c.Acted[k]++
	}
	if f.Overruled != "" {
		if c.Overruled == nil {
			c.Overruled = map[string]int{}
		}
		c.Overruled[f.Overruled]++
	}
	return c
}

// kept is a Count as it is kept.
type kept struct {
	N         [8]int         `json:"n"` // fired, patients, taken, handed, nothing, climbed, quiet, nobody
	Acted     map[string]int `json:"acted,omitempty"`
	Overruled map[string]int `json:"over,omitempty"`
	Done      int            `json:"done,omitempty"` // an older program passes it over
}

type keptTally struct {
	At    int64                   `json:"at"` // ms
	Days  map[int]map[RuleID]kept `json:"days"`
	Marks bool                    `json:"marks,omitempty"`
}

// ruleTallyForm is the version of the form.
const ruleTallyForm = "1 "

// String is the tally as it is kept. The form begins with its version.
func (t RuleTally) String() (string, error) {
	k := keptTally{At: t.At.UnixMilli(), Days: map[int]map[RuleID]kept{}, Marks: t.Marks}
	for n, counts := range t.Days {
		k.Days[n] = map[RuleID]kept{}
		for rule, c := range counts {
			k.Days[n][rule] = kept{[8]int{c.Fired, c.Patients, c.Taken, c.Handed, c.Nothing, c.Climbed, c.Quiet, c.Nobody}, c.Acted, c.Overruled, c.Done}
		}
	}
	b, err := json.Marshal(k)
	return ruleTallyForm + string(b), err
}

// ErrTally is that a tally cannot be read.
var ErrTally = errors.New("this is no count of the rules that this program can read")

// ParseRuleTally reads one.
func ParseRuleTally(s string) (RuleTally, error) {
	body, ok := strings.CutPrefix(s, ruleTallyForm)
	var k keptTally
	if !ok || json.Unmarshal([]byte(body), &k) != nil {
		return RuleTally{}, ErrTally
	}
	t := RuleTally{At: time.UnixMilli(k.At), Days: map[int]map[RuleID]Count{}, Marks: k.Marks}
	for n, counts := range k.Days {
		t.Days[n] = map[RuleID]Count{}
		for rule, c := range counts {
			t.Days[n][rule] = Count{c.N[0], c.N[1], c.N[2], c.N[3], c.N[4], c.N[5], c.N[6], c.N[7], c.Acted, c.Overruled, c.Done}
		}
	}
	return t, nil
}

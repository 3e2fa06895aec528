package alert

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
)

// Kinds of acknowledgement (fhir.ParamKind).
const (
	AckTaken    = "taken"     // "I take it": stops the ladder until the action is recorded
	AckActing   = "acting"    // the action is recorded
	AckSeen     = "seen"      // read, and nothing to do: for results that are no duty
	AckHandedTo = "handed-to" // given to somebody else, who has yet to take it
)

// State is what the duty about a result has come to.
type State string

// The states of a duty.
const (
	NoDuty   State = "none"      // nothing that anybody must do
	Open     State = "open"      // nobody has it
	Reopened State = "reopened"  // somebody had an earlier version of it
	Taken    State = "taken"     // somebody has it; the action is not recorded yet
	Lapsed   State = "lapsed"    // somebody took it, and the time to record an action ran out
	Handed   State = "handed-to" // waiting for whom it was handed to
	Acted    State = "acting"    // the action is recorded
)

// NewFor is how long a result that nobody has acknowledged stands among a ward's new
// ones, on every screen and, of somebody who left, on central.
const NewFor = 24 * time.Hour

// Ack is one acknowledgement as it was made: it belongs to one version and one
// person.
type Ack struct {
	ID        fhir.ID
	Kind      string
	Version   uint64
	By        string
	User      string
	To        string // of AckHandedTo
	Action    string // of AckActing: which kind of action, see ActionKind; "": there was nothing to do. Only what counts asks for it
	At        time.Time
	Withdrawn bool
}

// Duty is where a result stands with people.
type Duty struct {
	State State
	By    string    // who has it
	To    string    // to whom it was handed
	Since time.Time // of State
	Until time.Time // until when it stops the ladder; zero: for good
	Told  []string  // who saw or had an earlier version, and must be told
	Why   []string  // of Reopened: what changed, such as "value"
	Seen  bool      // somebody has read what stands, which stops nothing
	Had   time.Time // when somebody first took what stands or acted on it; zero: nobody has
}

// Waits says whether somebody has yet to act on the result, whether or not somebody
// has it.
func (d Duty) Waits() bool { return d.State != NoDuty && d.State != Acted }

// Stops says whether the duty stops the ladder at now.
func (d Duty) Stops(now time.Time) bool {
	switch d.State {
	case NoDuty, Acted:
		return true
	case Taken, Handed:
		return now.Before(d.Until)
	default:
		return false
	}
}

// Edition is one version of a result.
type Edition struct {
	Version   uint64
	Result    fhir.Observation
	Available time.Time
	Critical  bool   // by Judge
	Rules     *Rules // by which it was judged; nil: those that are asked
}

// DutyOf is where the newest of a result's versions stands. editions are in
// order, oldest first; acks in any. A version that means the same as the one
// that was acknowledged keeps its acknowledgement; one with another value,
// unit, range, flag, comparator or patient opens the duty again, also when the
// new value is harmless: treatment may be under way.
func (r Rules) DutyOf(editions []Edition, acks []Ack, now time.Time) Duty {
	if len(editions) == 0 {
		return Duty{State: NoDuty}
	}
	newest := editions[len(editions)-1]
	since, why := sameSince(editions)
	var had []Ack  // of the meaning that stands
	var told []Ack // of an earlier one
	seen := false
	for _, a := range acks {
		switch {
		case a.Withdrawn:
		case a.Version >= since.Version && a.Kind == AckSeen: // stops nothing
			seen = true
		case a.Version >= since.Version:
			had = append(had, a)
		default:
			told = append(told, a)
		}
	}
	d := Duty{State: NoDuty, Since: since.Available, Told: names(told), Seen: seen}
	switch {
	case len(told) > 0:
		d.State, d.Why = Reopened, why
	case newest.Critical:
		d.State = Open
	}
	slices.SortFunc(had, func(a, b Ack) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	if i := slices.IndexFunc(had, func(a Ack) bool { return a.Kind == AckTaken || a.Kind == AckActing }); i >= 0 {
		d.Had = had[i].At
	}
	if i := slices.IndexFunc(had, func(a Ack) bool { return a.Kind == AckActing }); i >= 0 {
		d.State, d.By, d.Since, d.Until = Acted, had[i].By, had[i].At, time.Time{}
		return d
	}
	if len(had) > 0 {
		r.held(&d, had[len(had)-1], now)
	}
	return d
}

// held: somebody took it, or it was handed on, and the clock runs.
func (r Rules) held(d *Duty, a Ack, now time.Time) {
	d.By, d.To, d.Since, d.Until = a.By, a.To, a.At, a.At.Add(r.Holds)
	switch {
	case !now.Before(d.Until):
		d.State = Lapsed
	case a.Kind == AckHandedTo:
		d.State = Handed
	default:
		d.State = Taken
	}
}

// sameSince finds since which version the newest meaning stands, and what the
// last change of meaning was.
func sameSince(editions []Edition) (Edition, []string) {
	for i := len(editions) - 1; i > 0; i-- {
		if why := Changes(editions[i-1].Result, editions[i].Result); len(why) > 0 {
			return editions[i], why
		}
	}
	return editions[0], nil
}

func names(acks []Ack) []string {
	var list []string
	for _, a := range acks {
		list = append(list, a.By)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Changes are the parts in which two versions of a result differ for whoever
// acknowledged the first: value, comparator, unit, range, flag, patient, and
// whether it stands at all. Remarks, stamps and a final after a preliminary of
// the same value are no such difference.
func Changes(was, is fhir.Observation) []string {
	var why []string
	for _, part := range []struct {
		name string
		of   func(fhir.Observation) string
	}{
		{"patient", subjectWords},
		{"value", valueKey},
		{"unit", unitKey},
		{"comparator", comparatorKey},
		{"range", rangeKey},
		{"flag", flagKey},
		{"withdrawn", standing},
	} {
		if part.of(was) != part.of(is) {
			why = append(why, part.name)
		}
	}
	if otherUnit(was, is) {
		why = append(why, "unit")
	}
	return why
}

func subjectWords(o fhir.Observation) string {
	if o.Subject == nil {
		return ""
	}
	return o.Subject.Reference
}

// valueKey: the number (1.10 and 1.1 are the same value), or whatever else the
// value is.
func valueKey(o fhir.Observation) string {
	if q := o.ValueQuantity; q != nil && q.Value != nil {
		if x, ok := number(string(*q.Value)); ok {
			return x.RatString()
		}
		return string(*q.Value)
	}
	if o.ValueString != nil {
		return *o.ValueString // its unit is compared by itself, see otherUnit
	}
	return valueWords(o)
}

// otherUnit says that two values in words were sent with two units. A version
// without one says nothing against the other's.
func otherUnit(was, is fhir.Observation) bool {
	_, a := fhir.Said(was)
	_, b := fhir.Said(is)
	return a != "" && b != "" && a != b
}

func unitKey(o fhir.Observation) string {
	if q := o.ValueQuantity; q != nil {
		return cmp.Or(q.Unit, q.Code)
	}
	return ""
}

func comparatorKey(o fhir.Observation) string {
	if q := o.ValueQuantity; q != nil {
		return q.Comparator
	}
	return ""
}

func rangeKey(o fhir.Observation) string {
	var parts []string
	for _, r := range o.ReferenceRange {
		parts = append(parts, quantityWords(r.Low)+"–"+quantityWords(r.High)+" "+r.Text)
	}
	return strings.Join(parts, ";")
}

func flagKey(o fhir.Observation) string {
	codes := interpretations(o.Interpretation)
	for _, c := range o.Interpretation {
		if len(c.Coding) == 0 {
			codes = append(codes, c.Text)
		}
	}
	slices.Sort(codes)
	return strings.Join(codes, " ")
}

// standing says whether a result still stands.
func standing(o fhir.Observation) string {
	switch o.Status {
	case "entered-in-error", "cancelled":
		return o.Status
	}
	return "stands"
}

func quantityWords(q *fhir.Quantity) string {
	if q == nil || q.Value == nil {
		return ""
	}
	return strings.TrimSpace(q.Comparator + string(*q.Value) + " " + cmp.Or(q.Unit, q.Code))
}

// valueWords is a value in the sender's own digits.
func valueWords(o fhir.Observation) string {
	switch {
	case o.ValueQuantity != nil:
		return quantityWords(o.ValueQuantity)
	case o.ValueCodeableConcept != nil:
		return o.ValueCodeableConcept.Words()
	case o.ValueString != nil:
		words, unit := fhir.Said(o)
		return strings.TrimSpace(words + " " + unit)
	case o.ValueRange != nil:
		return quantityWords(o.ValueRange.Low) + "–" + quantityWords(o.ValueRange.High)
	case o.ValueRatio != nil:
		return quantityWords(o.ValueRatio.Numerator) + ":" + quantityWords(o.ValueRatio.Denominator)
	case o.ValueTime != "":
		return o.ValueTime
	case o.ValueDateTime != "":
		return o.ValueDateTime
	case o.DataAbsentReason != nil:
		return "no result: " + o.DataAbsentReason.Words()
	}
	return "no result"
}

// Words is a duty in a line: "Nobody has taken it", "Grace Mensah has it until
// 14:35".
func (d Duty) Words() string {
	switch d.State {
	case Open:
		return "Nobody has taken it"
	case Reopened:
		return "Changed (" + strings.Join(d.Why, ", ") + ") after " + strings.Join(d.Told, ", ") + " had it. Nobody has taken the new one"
	case Taken:
		return fmt.Sprintf("%s has it until %s", d.By, d.Until.Format("15:04"))
	case Lapsed:
		return fmt.Sprintf("%s took it at %s and has recorded no action", d.By, d.Since.Format("15:04"))
	case Handed:
		return fmt.Sprintf("Handed to %s by %s, not taken yet", d.To, d.By)
	case Acted:
		return fmt.Sprintf("%s acted at %s", d.By, d.Since.Format("15:04"))
	default:
		return ""
	}
}

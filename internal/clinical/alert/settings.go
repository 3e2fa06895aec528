package alert

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// A site's own limits are settings over the table that came with the program: one
// after another, never changed and never taken out, so that a number says for good
// which limits were in force. Of each rule they have numbers of their own, from 1;
// number 0 is the program's table.
//
// Settings are a value like everything here. Who judges says by which number, and
// what was judged by one number is judged by it ever after.

// Which edge of a row's bounds a setting is of.
const (
	EdgeLow  = "low"
	EdgeHigh = "high"
	// The urgent edges of the same row.
	EdgeUrgentLow  = "urgent-low"
	EdgeUrgentHigh = "urgent-high"
)

// Setting is one change of one limit: who set it, when and why.
type Setting struct {
	Number int          `json:"n"`              // of the rule's limits, from 1
	Ward   string       `json:"ward,omitempty"` // "" is the whole hospital
	Edge   string       `json:"edge"`
	Unit   string       `json:"unit"` // UCUM, the row's own
	Ages   string       `json:"ages,omitempty"`
	Value  fhir.Decimal `json:"value,omitempty"` // "" is back to what stands above: the hospital's, or the program's own
	User   string       `json:"user"`
	By     string       `json:"by"` // as shown
	At     time.Time    `json:"at"`
	Reason string       `json:"reason"`
}

// Settings are all that a site has set of one rule, oldest first.
type Settings struct {
	Rule RuleID
	List []Setting
}

// MaxSettings is how often the limits of one rule may be set.
const MaxSettings = 200

// MaxWhy is how many characters a reason may have.
const MaxWhy = 300

// Number is the newest number, 0 where nothing was ever set.
func (s Settings) Number() int { return len(s.List) }

// settingsForm is the version of the form.
const settingsForm = "1 "

type keptSettings struct {
	Rule RuleID    `json:"rule"`
	List []Setting `json:"list"`
}

// ErrSettings is that settings cannot be read: nobody's, or a newer program's.
var ErrSettings = errors.New("these are no limits of alert rules that this program can read")

// String is the settings as they are kept. The form begins with its version.
func (s Settings) String() (string, error) {
	b, err := json.Marshal(keptSettings(s))
	return settingsForm + string(b), err
}

// ParseSettings reads what String wrote.
func ParseSettings(text string) (Settings, error) {
	body, ok := strings.CutPrefix(text, settingsForm)
	var k keptSettings
	if !ok || json.Unmarshal([]byte(body), &k) != nil || len(k.List) > MaxSettings || k.Rule == "" {
		return Settings{}, ErrSettings
	}
	for i, one := range k.List {
		if one.Number != i+1 || one.By == "" || one.At.IsZero() {
			return Settings{}, ErrSettings
		}
	}
	return Settings(k), nil
}

// Under are the rules with a site's settings up to a number, for somebody who is on a
// ward ("" for no ward). A setting that this program's ranges do not allow, because
// another program's did, is in force only as far as they do: see clamped.
func (r Rules) Under(s Settings, ward string, number int) Rules {
	if _, times := timeRanges[s.Rule]; times {
		return r.underTimes(s, ward, number)
	}
	i := slices.IndexFunc(r.Critical, func(l Limit) bool { return RuleCritical(l.Analyte) == s.Rule })
	if i < 0 || number <= 0 || len(s.List) == 0 {
		return r
	}
	r.Critical = slices.Clone(r.Critical)
	row := r.Critical[i]
	row.Bounds = slices.Clone(row.Bounds)
	for k := range row.Bounds {
		b := &row.Bounds[k]
		b.CritLow = s.over(b.CritLow, EdgeLow, b.Unit, b.Ages, ward, number)
		b.CritHigh = s.over(b.CritHigh, EdgeHigh, b.Unit, b.Ages, ward, number)
		b.UrgentLow = s.over(b.UrgentLow, EdgeUrgentLow, b.Unit, b.Ages, ward, number)
		b.UrgentHigh = s.over(b.UrgentHigh, EdgeUrgentHigh, b.Unit, b.Ages, ward, number)
	}
	r.Critical[i] = row
	return r.underQuiet(s, ward, number)
}

// over is one limit of the program's own with the settings over it.
func (s Settings) over(own Edge, edge, unit, ages, ward string, number int) Edge {
	out := own
	of := []string{""}
	if ward != "" {
		of = append(of, ward) // a ward's own stands over the hospital's
	}
	for _, w := range of {
		if one, ok := s.newest(edge, unit, ages, w, number); ok && one.Value != "" {
			out = one.over(s.Rule, own)
		}
	}
	return out
}

func (b Bounds) edge(edge string) Edge {
	switch edge {
	case EdgeLow:
		return b.CritLow
	case EdgeUrgentLow:
		return b.UrgentLow
	case EdgeUrgentHigh:
		return b.UrgentHigh
	}
	return b.CritHigh
}

// newest is what was set last of an edge, for one ward or for the whole hospital.
func (s Settings) newest(edge, unit, ages, ward string, number int) (one Setting, ok bool) {
	for _, x := range s.List[:min(number, len(s.List))] {
		if x.Edge == edge && x.Unit == unit && x.Ages == ages && x.Ward == ward {
			one, ok = x, true
		}
	}
	return one, ok
}

// over is the edge that a setting makes of the program's own.
func (x Setting) over(rule RuleID, own Edge) Edge {
	g, ok := rangeOf(rule, x.Unit, x.Ages, x.Edge)
	if !ok {
		return own
	}
	value, set := g.clamped(x), x
	return Edge{At: value, Beyond: own.Beyond || own.At == "", Set: &set}
}

// Effective is what is in force of one edge, and who set it: nil for the program's own.
func (r Rules) Effective(s Settings, ward string, number int, unit, ages, edge string) (e Edge, ok bool) {
	if _, times := timeRanges[s.Rule]; times {
		own, ok := r.ownTime(s.Rule, edge, ages)
		return s.over(own, edge, unit, ages, ward, number), ok
	}
	if edge == EdgeQuiet {
		_, ok := rangeOf(s.Rule, unit, ages, edge)
		return s.over(r.quietTime(s.Rule), edge, unit, ages, ward, number), ok
	}
	for _, l := range r.Under(s, ward, number).Critical {
		if RuleCritical(l.Analyte) != s.Rule {
			continue
		}
		for _, b := range l.Bounds {
			if b.Unit == unit && b.Ages == ages {
				return b.edge(edge), true
			}
		}
	}
	return Edge{}, false
}

// Set adds one setting, or says in words why it may not be: an edge that has no range,
// a unit that is another one, a value that is no number or outside its range, a reason
// that is missing. Nothing is converted. The result is a new value.
func (r Rules) Set(s Settings, x Setting) (Settings, error) {
	row := strings.HasPrefix(string(s.Rule), criticalRule)
	_, times := timeRanges[s.Rule]
	switch {
	case !row && !times:
		return s, words.Errorf("this rule has no limits that a site sets")
	case row && !slices.Contains([]string{EdgeLow, EdgeHigh, EdgeUrgentLow, EdgeUrgentHigh, EdgeQuiet}, x.Edge):
		return s, words.Errorf("a limit is the low or the high one")
	case len(s.List) >= MaxSettings:
		return s, words.Errorf("the limits of one rule are set %d times at most", MaxSettings)
	case !plainLine(x.Reason, MaxWhy):
		return s, words.Errorf("say why, on one line of up to %d characters", MaxWhy)
	case x.By == "" || x.At.IsZero():
		return s, words.Errorf("a limit is set by somebody, at some time")
	}
	g, ok := rangeOf(s.Rule, x.Unit, x.Ages, x.Edge)
	if !ok {
		if units := rangeUnits(s.Rule, x.Ages, x.Edge); len(units) > 0 {
			return s, words.Errorf("this limit is set in %s; nothing is converted", strings.Join(units, words.T(" or ")))
		}
		return s, words.Errorf("this limit is not one that a site sets")
	}
	if x.Value != "" {
		if err := g.allows(x); err != nil {
			return s, err
		}
	}
	before, ok := r.Effective(s, x.Ward, s.Number(), x.Unit, x.Ages, x.Edge)
	if last, set := s.newest(x.Edge, x.Unit, x.Ages, x.Ward, s.Number()); ok && (x.Value == "" && (!set || last.Value == "") || x.Value != "" && set && last.Value == x.Value) {
		return s, words.Errorf("it is so already: %s", strings.TrimSpace(string(before.At)+" "+shownUnit(x.Unit)))
	}
	x.Number = s.Number() + 1
	return Settings{Rule: s.Rule, List: append(slices.Clip(s.List), x)}, nil
}

// Follows says in words why settings may not come after those that were, or nil: all
// that were are still there as they were, and there is one more, which Set allows.
func (r Rules) Follows(before, after Settings) error {
	if after.Rule != before.Rule || len(after.List) != len(before.List)+1 {
		return words.Errorf("limits are set one after another")
	}
	for i, x := range before.List {
		if !x.same(after.List[i]) {
			return words.Errorf("what was set before does not change")
		}
	}
	_, err := r.Set(before, after.List[len(before.List)])
	return err
}

func (x Setting) same(y Setting) bool {
	at := x.At.Equal(y.At)
	x.At, y.At = time.Time{}, time.Time{}
	return at && x == y
}

// Words are what a setting says by itself, for a page and for the audit trail.
func (x Setting) Words() string {
	what := words.T("back to the program’s own")
	if x.Ward != "" {
		what = words.T("back to the hospital’s")
	}
	if x.Value != "" {
		what = strings.TrimSpace(string(x.Value) + " " + shownUnit(x.Unit))
	}
	return what
}

// limitWords are by which limit something fired: which version of whose, and of what day.
func (r Rules) limitWords(e Edge) words.Sentence {
	switch {
	case e.Set == nil && r.ChangedAt.IsZero():
		return words.S("ward limit %s", string(e.At))
	case e.Set == nil:
		return words.S("limit %s of the program, table %s of %s", string(e.At), r.Version, dated(r.ChangedAt))
	case e.Set.Ward != "":
		return words.S("limit %s of ward %s, version %d of %s", string(e.At), e.Set.Ward, e.Set.Number, dated(e.Set.At))
	}
	return words.S("limit %s of this hospital, version %d of %s", string(e.At), e.Set.Number, dated(e.Set.At))
}

// maybeWords are by which limit something may have fired.
func (r Rules) maybeWords(e Edge) words.Sentence {
	switch {
	case e.Set == nil && r.ChangedAt.IsZero():
		return words.S("may be beyond the ward limit %s", string(e.At))
	case e.Set == nil:
		return words.S("may be beyond the limit %s of the program, table %s of %s", string(e.At), r.Version, dated(r.ChangedAt))
	case e.Set.Ward != "":
		return words.S("may be beyond the limit %s of ward %s, version %d of %s", string(e.At), e.Set.Ward, e.Set.Number, dated(e.Set.At))
	}
	return words.S("may be beyond the limit %s of this hospital, version %d of %s", string(e.At), e.Set.Number, dated(e.Set.At))
}

// dated is a day within a sentence, its month a word of the language.
type dated time.Time

// English is the day for what is stored or sent.
func (d dated) English() string { return time.Time(d).Format(shownDay) }

// Say is the day in the language in use.
func (d dated) Say() string { return words.DayMonth(time.Time(d)) + time.Time(d).Format("-2006") }

const shownDay = "02-Jan-2006"

// plainLine says whether s is one line of words of at most so many characters.
func plainLine(s string, most int) bool {
	return s != "" && s == strings.TrimSpace(s) && utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, unicode.IsControl)
}

// UnitIn is a unit that a person wrote, as the row has it: the same unit in UCUM or as
// it is shown, and no other.
func (r Rules) UnitIn(rule RuleID, written string) (unit string, ok bool) {
	written = strings.TrimSpace(written)
	for _, g := range timeRanges[rule] {
		if written == g.Unit || written == shownUnit(g.Unit) {
			return g.Unit, true
		}
	}
	if written == Minutes && len(quietRange(strings.TrimPrefix(string(rule), criticalRule))) > 0 {
		return Minutes, true
	}
	for _, l := range r.Critical {
		for _, b := range l.Bounds {
			if RuleCritical(l.Analyte) == rule && (written == b.Unit || written == shownUnit(b.Unit)) {
				return b.Unit, true
			}
		}
	}
	return "", false
}

// tagged is how central marks a result with the limits by which it was judged.
const tagged = "limits:"

// Tag is the mark that says by which number of its rule's settings a result was judged,
// for which ward.
func Tag(number int, ward string) string {
	if ward == "" {
		return fmt.Sprintf("%s%d", tagged, number)
	}
	return fmt.Sprintf("%s%d:%s", tagged, number, ward)
}

// TagIn is that mark among others; ok is false where there is none: the result was
// judged by the program's own limits.
func TagIn(tags []string) (number int, ward string, ok bool) {
	for _, t := range tags {
		rest, is := strings.CutPrefix(t, tagged)
		if !is {
			continue
		}
		n, w, _ := strings.Cut(rest, ":")
		if _, err := fmt.Sscanf(n, "%d", &number); err == nil && number > 0 {
			return number, w, true
		}
	}
	return 0, "", false
}

// RuleFor is the rule of the critical table that a result's test has; ok is false where
// it has none.
func (r Rules) RuleFor(o fhir.Observation) (RuleID, bool) {
	l, _, ok := r.limitFor(o.Code)
	return RuleCritical(l.Analyte), ok
}

// Wards are those for which something was ever set.
func (s Settings) Wards() []string {
	var out []string
	for _, x := range s.List {
		if x.Ward != "" && !slices.Contains(out, x.Ward) {
			out = append(out, x.Ward)
		}
	}
	return out
}

// ByWard says whether something was ever set for one ward alone.
func (s Settings) ByWard() bool { return len(s.Wards()) > 0 }

// ShownUnit is a unit as a person reads it; "" for pH and INR, which have none.
func ShownUnit(ucum string) string { return shownUnit(ucum) }

// or are the rules by which something was judged.
func (r Rules) or(by *Rules) Rules {
	if by != nil {
		return *by
	}
	return r
}

package board

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// Shape is how a score is drawn: shape and word carry the meaning, colour
// helps.
type Shape string

// The shapes of a NEWS2 badge.
const (
	ShapeLow       Shape = "low"       // pill
	ShapeSingle    Shape = "single"    // double stroke: one parameter scores 3
	ShapeUrgent    Shape = "urgent"    // rounded filled
	ShapeEmergency Shape = "emergency" // square filled
	ShapeNone      Shape = "none"      // no score: words instead
)

// Score is the NEWS2 cell.
type Score struct {
	Text   string // "7", "≥5"; "" with Words
	Words  string // "not scored: under 16", "no set yet"
	Shape  Shape
	Trend  []int
	Change string // "from 4", "same"; "" where there was no set before
	Worse  bool
	Better bool
	Scale  string // "s1", "scale 2"
	Second string // the second line of an urgent row: "was 4 at 12:35 · on oxygen"
}

// Kind is how a cell's words are drawn.
type Kind string

// The kinds of words in a cell.
const (
	KindPlain     Kind = "plain"
	KindMuted     Kind = "muted"
	KindOverdue   Kind = "overdue"
	KindUnsent    Kind = "unsent"
	KindStrong    Kind = "strong"
	KindKnown     Kind = "known"     // a known allergy
	KindMissing   Kind = "missing"   // not recorded
	KindStale     Kind = "stale"     // unavailable
	KindCritical  Kind = "critical"  // a critical result
	KindCorrected Kind = "corrected" // corrected after somebody saw it
	KindUrgent    Kind = "urgent"    // a value beyond an urgent limit, among what nobody acknowledged
	KindNew       Kind = "new"       // results nobody acknowledged
	KindOwned     Kind = "owned"     // somebody has it
	KindReview    Kind = "review"    // a disagreement waits
)

// Words is a cell of words.
type Words struct {
	Text string
	Kind Kind
}

// Results is the results cell.
type Results struct {
	Kind  Kind
	Test  string // critical: "Potassium"
	Value string // "6.8"
	Unit  string
	Word  string    // "CRITICAL HIGH"
	At    string    // when it was received
	More  string    // "+2"
	Flag  ward.Flag // urgent: above or below the range
	// Urgents says beside something that is worse how many values are urgent: "1 URGENT".
	Urgents string
	// What came that is new, the newest first, and how many others there are: as many
	// as fit a line are named, and the rest counted.
	What   []string
	Kinds  int
	Before string // corrected: the old value, struck through
	Line   string // the whole cell for other kinds: "1 new  U&E · 12:10", "none", "none by 02:14"
	Second string // "Nobody has taken it, 7 min."
	Open   bool   // nobody has it: Second is drawn in red
	Held   bool   // it is held back, not filed, and may be somebody else's
}

// Row is one patient as drawn.
type Row struct {
	ID           ward.PatientID
	Bed          string
	Ward         string // "Ward 5A": of whoever lies on another one than this
	Name         string
	Note         string // "mine", "similar"
	Similar      bool
	Mine         bool
	Age          string // "72 F"
	Score        Score
	Observations Words
	Allergies    Words
	Results      Results
	Tasks        string
	Flags        []string
	Urgency      ward.Urgency
	Tall         bool // needs somebody now: drawn in two lines
	Unsent       bool
}

// flagsOf are the marks at the end of a row: the patient's own, and of a routine.
func flagsOf(r *ward.Row) []string {
	switch {
	case r.Overdue > 0:
		return append(slices.Clone(r.Flags), "Routine late")
	case r.Routines > 0:
		return append(slices.Clone(r.Flags), "Routine open")
	}
	return r.Flags
}

// rowOf arranges one patient's row. down: the laboratory cannot be relied on,
// so nothing may be said to be absent; asOf is up to when it could.
func rowOf(r *ward.Row, down bool, asOf, now time.Time) Row {
	age := ward.SayAge(strings.TrimSuffix(r.Who.Age, "y"))
	out := Row{
		ID: r.Who.ID, Bed: r.Who.Bed, Name: r.Who.ShowName(), Similar: r.Who.Similar, Mine: r.Mine,
		Age: strings.TrimSpace(age + " " + r.Who.Sex()), Score: scoreOf(r, now), Observations: observationsOf(r, now),
		Allergies: allergiesOf(r.Allergies), Results: resultsOf(r, down, asOf, now), Flags: flagsOf(r),
		Urgency: ward.UrgencyOf(r), Unsent: r.Unsent > 0,
	}
	if r.Tasks > 0 {
		out.Tasks = fmt.Sprint(r.Tasks)
	}
	var notes []string
	if r.Mine {
		notes = append(notes, words.T("mine"))
	}
	if r.Who.Temporary {
		notes = append(notes, words.T("identity not confirmed"))
	}
	out.Note = strings.Join(notes, ", ")
	out.Tall = tall(r, out.Urgency, now)
	return out
}

// tall says whether a row gets the room of somebody who needs somebody: size is
// priority. A score of 5 or 6 that has not changed, is complete and whose next
// set is not late is known to the team already, and stays one line.
func tall(r *ward.Row, u ward.Urgency, now time.Time) bool {
	switch {
	case u >= 3:
		return true
	case u < 2:
		return false
	}
	e := r.Early
	return !e.HasFrom || e.Total > e.From || e.AtLeast || r.New > 0 || !e.Due.IsZero() && now.After(e.Due)
}

// onTheirWay says that entries of which the row says nothing are not read yet, or
// on their way to this computer for the first time.
func onTheirWay(r *ward.Row) bool { return r.Loading != ward.LoadingNone }

func scoreOf(r *ward.Row, now time.Time) Score {
	e := r.Early
	switch {
	case e.Refused != "":
		return Score{Shape: ShapeNone, Words: ward.Said(e.Refused)}
	case !e.Known && onTheirWay(r):
		return Score{Shape: ShapeNone, Words: words.T("loading")}
	case !e.Known:
		return Score{Shape: ShapeNone, Words: words.T("no set yet")}
	}
	s := Score{Text: fmt.Sprint(e.Total), Trend: e.Trend, Scale: Usual(), Shape: shapeOf(e.Risk)}
	if e.AtLeast {
		s.Text = "≥" + s.Text
	}
	if e.Scale == 2 {
		s.Scale = words.T("scale 2")
	}
	if e.HasFrom {
		switch {
		case e.Total > e.From:
			s.Change, s.Worse = words.F("from %d", e.From), true
		case e.AtLeast: // a minimum is never better, and never the same
			s.Change = words.F("was %d", e.From)
		case e.Total < e.From:
			s.Change, s.Better = words.F("from %d", e.From), true
		default:
			s.Change = words.T("same")
		}
	}
	s.Second = secondOf(e, now)
	return s
}

// Usual is what the usual scale of the score is called.
func Usual() string { return words.C("scale", "s1") }

func shapeOf(r ward.Risk) Shape {
	switch r {
	case ward.RiskHigh:
		return ShapeEmergency
	case ward.RiskMedium:
		return ShapeUrgent
	case ward.RiskLowMedium:
		return ShapeSingle
	case ward.RiskLow:
	}
	return ShapeLow
}

func secondOf(e ward.Early, now time.Time) string {
	var parts []string
	if e.HasFrom && !e.AtLeast {
		parts = append(parts, words.F("was %d at %s", e.From, ward.Stamp(e.FromAt, now)))
	}
	switch {
	case e.AtLeast:
		// "Incomplete" itself stands in the next cell.
		parts = []string{strings.TrimPrefix(e.Incomplete(now), "incomplete, "), missingWords(e.Missing)}
	case e.Continuous:
		parts = append(parts, words.T("watch continuously"))
	case e.Oxygen:
		parts = append(parts, words.T("on oxygen"))
	}
	return strings.Join(parts, " · ")
}

// missingWords are what an incomplete set lacks. One value is named; several are
// counted, because their names made a row five lines high: the chart, one press
// away, names them in its banner on every tab.
func missingWords(missing []string) string {
	if len(missing) > 1 {
		return words.F("%d values missing", len(missing))
	}
	return words.F("%s missing", strings.Join(ward.SaidAll(missing), ", "))
}

func observationsOf(r *ward.Row, now time.Time) Words {
	e := r.Early
	switch {
	case e.Refused != "":
		return Words{"", KindMuted}
	case e.Unsent:
		return Words{words.F("unsent %s", ward.Clock(e.At)), KindUnsent}
	case !e.Known && onTheirWay(r):
		return Words{words.T("loading"), KindStale}
	case !e.Known:
		return Words{words.T("not recorded"), KindMissing}
	case e.AtLeast:
		return Words{words.F("incomplete %s", ward.Clock(e.At)), KindStrong}
	case !e.Due.IsZero() && now.After(e.Due):
		return Words{words.F("overdue %s", ward.Span(now.Sub(e.Due))), KindOverdue}
	case e.Continuous:
		return Words{words.T("continuous"), KindPlain}
	case e.Due.IsZero():
		return Words{words.F("at %s", ward.Clock(e.At)), KindPlain}
	}
	return Words{words.F("due %s", dueWords(e.Due, now)), KindPlain}
}

// dueWords is a time to come: within a day the clock alone cannot be mistaken,
// and a row that needs no second line leaves room for another patient.
func dueWords(due, now time.Time) string {
	if due.Sub(now) < 24*time.Hour {
		return ward.Clock(due)
	}
	return ward.Stamp(due, now)
}

func allergiesOf(a ward.AllergyLine) Words {
	switch a.State {
	case ward.AllergyKnown:
		text := a.Worst
		if n := len(a.Others); n > 0 {
			text += fmt.Sprintf(", +%d", n)
		}
		return Words{text, KindKnown}
	case ward.AllergyNone:
		return Words{words.T("none known"), KindMuted}
	case ward.AllergyUnavailable:
		return Words{words.T("unavailable"), KindStale}
	case ward.AllergyNotRecorded:
	}
	return Words{words.T("not recorded"), KindMissing}
}

func resultsOf(r *ward.Row, down bool, asOf, now time.Time) Results {
	switch {
	case r.Critical != nil && (r.Critical.Open || r.Held == nil || !r.Held.Open):
		return withUrgents(withHeld(criticalOf(r, now), r), r)
	case r.Held != nil:
		return withUrgents(heldOf(r, now), r)
	case r.Corrected != nil:
		return withUrgents(correctedOf(*r.Corrected), r)
	case r.Urgent != nil:
		return urgentOf(r, now)
	case r.New > 0:
		return newOf(r, now)
	case onTheirWay(r):
		return Results{Kind: KindMuted, Line: words.T("loading")}
	case down && asOf.IsZero():
		return Results{Kind: KindMuted, Line: words.T("not known")}
	case down:
		return Results{Kind: KindMuted, Line: words.F("none by %s", ward.Stamp(asOf, now))}
	}
	return Results{Kind: KindMuted, Line: words.T("none")}
}

// newOf is that results came which nobody has acknowledged.
func newOf(r *ward.Row, now time.Time) Results {
	out := Results{Kind: KindNew, Test: words.F("%d new", r.New), What: r.NewNames, Kinds: r.NewKinds, At: ward.Stamp(r.NewAt, now), Second: words.T("No critical result")}
	out.Line = strings.TrimSpace(r.NewWhat + " · " + out.At)
	return out
}

// urgentOf is the newest value beyond an urgent limit, and how much came beside it.
func urgentOf(r *ward.Row, now time.Time) Results {
	u := r.Urgent
	out := Results{Kind: KindUrgent, Test: u.Test, Value: u.Brief(), Unit: u.Unit, Flag: u.Flag, Word: words.T("URGENT"), At: ward.Stamp(u.Received, now)}
	if others := r.New - 1; others > 0 {
		out.More = fmt.Sprintf("+%d", others)
	}
	if r.Urgents > 1 {
		out.Urgents = urgentWords(r.Urgents)
	}
	return out
}

// withUrgents says of a cell that tells of something worse how many values are urgent.
func withUrgents(out Results, r *ward.Row) Results {
	if r.Urgents > 0 {
		out.Urgents = urgentWords(r.Urgents)
	}
	return out
}

func urgentWords(n int) string { return words.N(n, "%d URGENT", "%d URGENT") }

func criticalOf(r *ward.Row, now time.Time) Results {
	c := r.Critical
	out := Results{Kind: KindCritical, Test: c.Test, Value: c.Brief(), Unit: c.Unit, Word: ward.Said(string(c.Flag)), At: ward.Stamp(c.Received, now), Open: c.Open}
	if c.MayBe {
		out.Word = ward.Said(strings.TrimSpace("MAY BE " + string(c.Flag)))
	}
	if r.Others > 0 {
		out.More = fmt.Sprintf("+%d", r.Others)
	}
	if c.Open {
		out.Second = words.F("Nobody has taken it, %s.", ward.Span(now.Sub(c.Received)))
		switch {
		case c.Mismatch != "":
			out.Second = words.F("Differs: %s.", c.Mismatch) + " " + out.Second
		case !c.Confirmed():
			out.Second = words.T("Phoned, not yet confirmed.") + " " + out.Second
		}
		return out
	}
	for _, o := range c.Owned {
		if o.Withdrawn || o.Earlier {
			continue
		}
		out.Second = ownedWords(o, now)
		if !o.ActBy.IsZero() {
			out.Second += ": " + words.F("record action by %s", ward.Stamp(o.ActBy, now))
		}
		if o.Unsent {
			out.Second += " " + words.T("(unsent)")
		}
	}
	return out
}

func correctedOf(c ward.Result) Results {
	out := Results{Kind: KindCorrected, Test: c.Test, Value: c.Brief(), Unit: c.Unit, Word: words.T("CORRECTED since seen")}
	if c.Mismatch != "" {
		out.Word = words.T("DIFFERS FROM WHAT WAS PHONED")
	}
	if c.Before != nil {
		out.Before = ward.Result{Value: c.Before.Value, Text: c.Text}.Brief()
	}
	return out
}

// ownedWords say who has a critical result, and since when; of an action, when it was
// done: somebody who had it before has it no less.
func ownedWords(o ward.Owned, now time.Time) string {
	who, at := ward.SayName(o.By), ward.Stamp(o.At, now)
	if o.Kind == "acting" {
		return words.F("%s acted at %s", who, at)
	}
	return words.F("%s has it since %s", who, at)
}

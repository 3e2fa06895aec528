package alerts

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// Detail is one alert in words: what a card and the page's right side draw.
type Detail struct {
	Name   string
	Who    []ward.Fact // born, number, bed
	Score  string      // NEWS2: "7", "≥5"; "" without one
	Risk   ward.Risk
	Test   string
	Value  string
	Text   bool // the value is words, perhaps many lines of them
	Unit   string
	Word   string // "CRITICAL HIGH"
	Before string // the value that this one corrects, struck through
	Lines  [][]ward.Fact
	Facts  []ward.Fact // what changes the decision
	Steps  []Step      // the ladder
	Ladder string      // what stands above it
	Held   bool        // it is held back, and of nobody for certain
	Trend  string      // the heading of the trend: "Potassium, 3 days"; "" where there is nothing to draw
}

// Step is one step of the ladder in words.
type Step struct {
	State string // due, next, later
	Head  string // "14:08 was due: phone", "14:18 due in 3 min: phone"
	Who   string
	Note  string
}

// Describe puts an alert into words.
func Describe(a ward.Alert, now time.Time) Detail {
	if a.Held != nil {
		return describeHeld(a, now)
	}
	r := a.Result
	d := Detail{Name: titled(a.Who), Who: who(a.Who, now), Test: r.Test, Value: r.Value, Text: r.Text, Unit: r.Unit, Word: wordOf(r), Facts: a.Context}
	if a.Early.Known && a.Early.Refused == "" {
		d.Score, d.Risk = total(a.Early), a.Early.Risk
	}
	if r.Value == "" {
		d.Value = r.Absent
	}
	if r.Before != nil && r.Reopened {
		d.Before = r.Before.Value
	}
	if a.Left != nil {
		d.giveLeft(*a.Left, now)
	}
	d.Lines = [][]ward.Fact{limits(r), times(r, now)}
	for _, note := range r.Notes {
		d.Lines = append(d.Lines, []ward.Fact{{Label: words.T("Comment"), Words: note}})
	}
	d.giveLadder(a, now)
	if drawable(a) {
		d.Trend = r.Test + span(a.Trend)
	}
	return d
}

// giveLeft says where a bed would stand that the patient is in none, and first of
// what changes the decision that somebody must reach them.
func (d *Detail) giveLeft(l ward.Leaving, now time.Time) {
	d.Who = append(d.Who, ward.Fact{Label: "", Words: l.Words(now)})
	d.Facts = append([]ward.Fact{{Label: words.T("Patient"), Words: words.T(leftWhere) + leftUntil(l, now)}}, d.Facts...)
}

const leftWhere = "is no longer on this ward: tell the discharging team and the doctor on call, and reach the patient"

func leftUntil(l ward.Leaving, now time.Time) string {
	if l.Until.IsZero() {
		return ""
	}
	return ". " + words.F("It stays here until somebody has acted on it, %s at most", ward.Stamp(l.Until, now))
}

func (d *Detail) giveLadder(a ward.Alert, now time.Time) {
	for i, rung := range a.Ladder {
		d.Steps = append(d.Steps, step(i, rung, now))
	}
	if len(d.Steps) > 0 {
		d.Ladder = words.T("Nobody has taken it. This computer phones nobody: a person must. Hand to… records whom you reached.")
	}
}

// titled is a card's name: with the title behind it.
func titled(i ward.Identity) string {
	if i.Title == "" {
		return i.ShowName()
	}
	return i.ShowName() + " (" + i.Title + ")"
}

func who(i ward.Identity, now time.Time) []ward.Fact {
	var out []ward.Fact
	if i.Born != "" {
		born := i.Born
		if t, err := time.ParseInLocation("2006-01-02", i.Born, now.Location()); err == nil {
			born = ward.Date(t)
		}
		if i.Age != "" {
			born += " (" + ward.SayAge(i.Age) + ")"
		}
		out = append(out, ward.Fact{Label: words.T("Born"), Words: born})
	}
	if i.Number != "" {
		out = append(out, ward.Fact{Label: i.NumberName, Words: i.Number})
	}
	if i.Bed != "" {
		out = append(out, ward.Fact{Label: words.T("Bed"), Words: i.Bed})
	}
	if i.Similar {
		out = append(out, ward.Fact{Label: words.T("Similar name on this ward"), Words: words.T("check birth date and number")})
	}
	return out
}

// wordOf is the word of a critical result; one that only may be critical says so.
func wordOf(r ward.Result) string {
	switch {
	case r.MayBe:
		return ward.Said(strings.TrimSpace("MAY BE " + string(r.Flag)))
	case !r.Critical && r.Reopened && r.Mismatch != "":
		return words.T("DIFFERS FROM THE CALL")
	case !r.Critical && r.Reopened:
		return words.T("CORRECTED")
	}
	return ward.Said(string(r.Flag))
}

func limits(r ward.Result) []ward.Fact {
	var out []ward.Fact
	switch {
	case r.Range != "":
		out = []ward.Fact{{Label: words.T("Range"), Words: r.Range}}
	case !r.Text:
		out = []ward.Fact{{Label: "", Words: words.T("no range sent")}}
	}
	if len(r.Why) > 0 {
		out = append(out, ward.Fact{Label: words.T("critical by"), Words: strings.Join(r.Why, " "+words.T("and")+" ")})
	}
	return out
}

func times(r ward.Result, now time.Time) []ward.Fact {
	var out []ward.Fact
	switch {
	case r.CollectedText != "":
		out = append(out, ward.Fact{Label: words.T("Collected"), Words: r.CollectedText})
	case !r.Collected.IsZero():
		out = append(out, ward.Fact{Label: words.T("Collected"), Words: ward.Date(r.Collected) + " " + ward.Clock(r.Collected)})
	case !r.Confirmed():
		out = append(out, ward.Fact{Label: words.T("Collected"), Words: words.T("not said on the phone")})
	default:
		out = append(out, ward.Fact{Label: words.T("Collected"), Words: words.T("time not sent")})
	}
	if !r.Received.IsZero() {
		out = append(out, ward.Fact{Label: words.C("at a time", "received"), Words: ward.Stamp(r.Received, now)})
	}
	if r.Status != "" {
		out = append(out, ward.Fact{Label: "", Words: ward.Said(r.Status)})
	}
	if r.Late != "" {
		out = append(out, ward.Fact{Label: "", Words: r.Late})
	}
	return out
}

// step is one step in words. Nothing in it may be read as if somebody had phoned:
// what was due is not known to be done, and says so.
func step(i int, r ward.Rung, now time.Time) Step {
	at := ward.Stamp(r.At, now)
	s := Step{State: r.State, Who: r.Who, Note: r.Note}
	if r.OnCall != "" {
		s.Who += ": " + r.OnCall
	}
	if i == 0 { // the one step that is the screens' own
		s.Head = words.F("%s on the screens, for", at)
		s.Note = words.T("not recorded as read")
		return s
	}
	switch {
	case r.State == "due":
		s.Head = words.F("%s was due: phone", at)
		s.Note = joined(words.T("not recorded as done"), r.Note)
		for _, told := range r.Told {
			s.Note = joined(s.Note, told)
		}
	case r.State == "next" && r.At.After(now):
		s.Head = words.F("%s due in %s: phone", at, ward.Span(r.At.Sub(now)+time.Minute-1))
	case r.State == "next":
		s.Head = words.F("%s due now: phone", at)
	default:
		s.Head = words.F("%s due after that: phone", at)
	}
	return s
}

func joined(a, b string) string {
	if b == "" {
		return a
	}
	return a + " · " + b
}

// drawable says whether a trend would say anything: a text has none.
func drawable(a ward.Alert) bool {
	return !a.Result.Text && slices.ContainsFunc(a.Trend, func(r ward.Result) bool { return r.HasNumber && !r.Collected.IsZero() })
}

func span(trend []ward.Result) string {
	var from, to time.Time
	for _, r := range trend {
		if r.Collected.IsZero() {
			continue
		}
		if from.IsZero() || r.Collected.Before(from) {
			from = r.Collected
		}
		if r.Collected.After(to) {
			to = r.Collected
		}
	}
	switch d := to.Sub(from); {
	case d <= 0:
		return ""
	case d < 48*time.Hour:
		return ", " + ward.Span(d)
	default:
		return ", " + ward.Span(d+24*time.Hour-1)
	}
}

// Kind is what the page's list groups by.
type Kind string

// The groups, in order.
const (
	KindOpen  Kind = "Nobody has taken"
	KindOwned Kind = "Taken"
	KindHeld  Kind = "Held back by the server"
)

// Say is the group's heading; the kind itself is a name.
func (k Kind) Say() string {
	switch k {
	case KindOpen:
		return words.T("Nobody has taken")
	case KindOwned:
		return words.T("Taken")
	case KindHeld:
		return words.T("Held back by the server")
	}
	return string(k)
}

// Line is one line of the page's list.
type Line struct {
	ID      string
	Kind    Kind
	Key     Key
	Patient ward.PatientID
	Bed     string
	Name    string
	At      string
	Test    string
	Value   string
	Unit    string
	Word    string
	Second  string // who has it, or that nobody has
	Left    string // "Discharged 14:05, last bed 07"; "" of who is here
	Third   string // of what is held back: where it stands, and what to do
	Unsent  bool
	Detail  Detail
	Alert   ward.Alert
	Task    string // what a withdrawal takes back; "" where it is nobody's here
	Acted   bool   // an action is recorded
}

func lines(s State, now time.Time) []Line {
	var out []Line
	for _, a := range s.Open {
		l := lineOf(a, KindOpen, now)
		l.Second = words.F("Nobody has taken it, %s", ward.Span(now.Sub(a.Since)))
		out = append(out, l)
	}
	for _, a := range s.Owned {
		l := lineOf(a, KindOwned, now)
		for _, o := range a.Result.Owned {
			if o.Withdrawn || o.Earlier {
				continue
			}
			l.Acted = o.Kind == "acting"
			l.Task, l.Unsent, l.Second = string(o.Task), o.Unsent, ownedWords(o, now)
		}
		out = append(out, l)
	}
	for _, h := range s.HeldBack {
		out = append(out, heldLine(h, now))
	}
	return out
}

func lineOf(a ward.Alert, k Kind, now time.Time) Line {
	r := a.Result
	if a.Held != nil {
		return heldAlertLine(a, k, now)
	}
	l := Line{
		ID: string(a.Who.ID) + " " + string(r.ID), Kind: k, Key: keyOf(a), Patient: a.Who.ID, Bed: a.Who.Bed, Name: a.Who.ShowName(),
		At: ward.Stamp(r.Received, now), Test: r.Test, Value: r.Brief(), Unit: r.Unit, Word: wordOf(r), Detail: Describe(a, now), Alert: a,
	}
	if a.Left != nil {
		l.Left = a.Left.Words(now)
	}
	return l
}

func ownedWords(o ward.Owned, now time.Time) string {
	at := ward.Stamp(o.At, now)
	text := words.F("%s has it since %s", ward.SayName(o.By), at)
	switch o.Kind {
	case "acting":
		text = words.F("%s acted at %s", ward.SayName(o.By), at)
	case "seen":
		text = words.F("%s read it at %s", ward.SayName(o.By), at)
	case "handed-to":
		text = words.F("%s handed it to %s at %s", ward.SayName(o.By), ward.SayName(o.To), at)
	}
	if !o.ActBy.IsZero() {
		text += ": " + words.F("record action by %s", ward.Stamp(o.ActBy, now))
	}
	return text
}

// owned are the board's critical results that somebody has, the sickest first; among
// them those of patients who left.
func owned(b ward.Board) []ward.Alert {
	var out []ward.Alert
	add := func(r *ward.Row, left *ward.Leaving) {
		if r.Critical != nil && !r.Critical.Open {
			out = append(out, ward.Alert{Who: r.Who, Early: r.Early, Allergies: r.Allergies, Result: *r.Critical, Since: r.Critical.Received, Trend: []ward.Result{*r.Critical}, Left: left})
		}
	}
	for _, r := range b.Rows {
		add(r, nil)
	}
	for i := range b.Left {
		add(b.Left[i].Row, &b.Left[i].Leaving)
	}
	slices.SortFunc(out, func(a, b ward.Alert) int {
		return cmp.Or(cmp.Compare(b.Early.Standing(), a.Early.Standing()), a.Since.Compare(b.Since), cmp.Compare(a.Result.ID, b.Result.ID))
	})
	return out
}

// total is a score as its badge says it: a minimum where something is missing.
func total(e ward.Early) string {
	if e.AtLeast {
		return "≥" + strconv.Itoa(e.Total)
	}
	return strconv.Itoa(e.Total)
}

func untaken(a ward.Alert, now time.Time) string {
	return words.F("%s, nobody has taken it", ward.Span(now.Sub(a.Since)))
}

func head(a ward.Alert) string {
	r := a.Result
	switch {
	case a.Held != nil:
		return headHeld(a)
	case r.MayBe:
		return words.F("May be critical: %s", lower(r.Test))
	case r.Mismatch != "" && r.Reopened:
		return words.F("Phoned and sent differ: %s", lower(r.Test))
	case !r.Critical:
		return words.F("Corrected after it was seen: %s", lower(r.Test))
	case r.Flag == ward.FlagCriticalHigh:
		return words.F("Critical result: %s very high", lower(r.Test))
	case r.Flag == ward.FlagCriticalLow:
		return words.F("Critical result: %s very low", lower(r.Test))
	}
	return words.F("Critical result: %s", lower(r.Test))
}

// short is the head for little room: the value itself, which must be in view
// whatever else has to be scrolled to.
func short(a ward.Alert) string {
	r := a.Result
	value := what(a)
	if a.Held != nil && !a.Held.Filed {
		return words.F("Not filed: %s", value)
	}
	if r.MayBe {
		return words.F("May be critical: %s", value)
	}
	return value
}

// lower is a name within a sentence: English writes it small, other languages as it is.
func lower(s string) string {
	if words.Tag() != "en" {
		return s
	}
	if len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' {
		return s // an abbreviation
	}
	r := []rune(s)
	if len(r) > 0 && r[0] >= 'A' && r[0] <= 'Z' {
		r[0] += 'a' - 'A'
	}
	return string(r)
}

// place is where the patient of an alert is; of what is held back that it is so
// comes first.
func place(a ward.Alert, now time.Time) string {
	switch {
	case a.Held != nil:
		return placeHeld(a)
	case a.Left != nil:
		return a.Left.Words(now)
	case a.Who.Bed == "":
		return words.T("No bed")
	}
	return words.F("Bed %s", a.Who.Bed)
}

// what is the value in a few words.
func what(a ward.Alert) string {
	r := a.Result
	if a.Held != nil && len(a.Held.Values) == 0 {
		return r.Test
	}
	return strings.Join(strings.Fields(r.Test+" "+r.Brief()+" "+r.Unit), " ")
}

// bandOf is the band of one alert among n that nobody has, of which some were set
// aside.
func bandOf(a ward.Alert, n, aside int, now time.Time) *Band {
	r := a.Result
	b := &Band{
		Key: keyOf(a), More: others(n-1, aside),
		Bed: place(a, now), What: what(a), Word: wordOf(r),
		Clock: untaken(a, now), Short: ward.Span(now.Sub(a.Since)), Count: n,
	}
	if a.Left != nil {
		b.ShortBed = ward.Leaving{Bed: a.Left.Bed}.Words(now)
	}
	b.Text = b.Bed + " · " + strings.TrimSpace(b.What+" "+b.Word) + " · " + b.Clock
	return b
}

// others are the words for what the band does not name. It tells of a new one
// where only others were set aside.
func others(n, aside int) string {
	switch {
	case n <= 0:
		return ""
	case aside == 0 || aside > n:
		return words.F("+%d more", n)
	case aside == n:
		return words.F("new; %d more set aside", n)
	}
	return words.F("new; %d more, %d of them set aside", n, aside)
}

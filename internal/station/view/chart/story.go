package chart

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// EventKind is what an entry of the timeline is about.
type EventKind string

// The kinds, in the order of the filters.
const (
	AnyEvent      EventKind = ""
	EventResult   EventKind = "Results"
	EventVitals   EventKind = "Observations"
	EventAlert    EventKind = "Alerts taken"
	EventNote     EventKind = "Notes"
	EventOrder    EventKind = "Tests asked for"
	EventMedicine EventKind = "Medicines"
	EventTask     EventKind = "Tasks"
	EventRoutine  EventKind = "Routines"
	EventAllergy  EventKind = "Allergies"
	EventProblem  EventKind = "Problems"
	EventMove     EventKind = "Moves"
	EventDocument EventKind = "Documents"
)

// EventKinds lists them.
func EventKinds() []EventKind {
	return []EventKind{EventResult, EventVitals, EventAlert, EventNote, EventOrder, EventMedicine, EventTask, EventRoutine, EventAllergy, EventProblem, EventMove, EventDocument}
}

// Say is what the filter of a kind is called in the language in use.
func (k EventKind) Say() string { return kindNames[k].Say() }

var kindNames = map[EventKind]words.Key{
	EventResult: words.K("Results"), EventVitals: words.K("Observations"), EventAlert: words.K("Alerts taken"), EventNote: words.K("Notes"),
	EventOrder: words.K("Tests asked for"), EventMedicine: words.K("Medicines"), EventTask: words.K("Tasks"), EventRoutine: words.K("Routines"),
	EventAllergy: words.K("Allergies"), EventProblem: words.K("Problems"), EventMove: words.K("Moves"), EventDocument: words.K("Documents"),
}

// Event is one thing that happened with the patient.
type Event struct {
	ID       string // stable, and its own in the timeline
	Kind     EventKind
	At       time.Time // when it was true; zero: nobody said
	Clock    string    // of At: "13:31", words.T("no hour") where only the day was said
	Recorded string    // "recorded 14:20", where that is another time
	After    bool      // a person wrote it down well after it was true
	Future   bool      // its own time lies ahead; it stands where it was recorded
	Key      string    // what a person types to jump here
	Head     string    // "Potassium"
	Value    string    // "6.8", as the sender wrote it; never cut
	Unit     string
	Full     *ward.Result // of a result: its flag and its status
	Early    *ward.Early  // of observations
	Words    string
	By       string
	Mark     string // "corrected", words.T("withdrawn"), words.T("entered in error"): why it is not as it was
	Changed  bool   // Mark says that it read otherwise before
	Cut      bool   // Words are not all of it
	Void     bool   // it no longer holds: struck through, never hidden
	Unsent   bool
	Result   ward.ResultID // to open it
	Document string
	Task     string    // an open task, by its id
	place    time.Time // where it stands
	recorded time.Time
}

// KindCount is a filter with how many entries it has.
type KindCount struct {
	Kind EventKind
	N    int
}

// Timeline is what happened, newest first by when it was true.
type Timeline struct {
	Filter EventKind
	Kinds  []KindCount // those that there is something of
	Total  int         // of all kinds
	Events []Event     // of the filter; the newest, up to a bound
	More   int         // older ones that are not among them
	Words  string      // "143 entries, newest first, as of 14:05"
	Empty  string      // why there are none
}

const (
	// storyPage is how many entries are shown at once; older ones come by request.
	storyPage = 400
	// enteredAfter is from when an entry says that it was made afterwards: the
	// window within which observations count as one set.
	enteredAfter = 15 * time.Minute
	// storyAhead is by how much a sender's clock may be before ours.
	storyAhead = 5 * time.Minute
)

// FilterStory shows one kind of entries, or all.
func (m *Model) FilterStory(k EventKind) {
	m.state.Story.Filter, m.pages = k, 1
	m.tell()
	m.show(m.state)
}

// OlderStory shows older entries as well.
func (m *Model) OlderStory() {
	m.pages++
	m.tell()
	m.show(m.state)
}

// OpenEvent turns to where an entry of the timeline is read in full.
func (m *Model) OpenEvent(e Event) {
	switch e.Kind {
	case EventResult, EventAlert, EventDocument:
		m.state.Selected = e.Result
		m.pick()
		m.SetTab(Results)
	case EventVitals:
		m.SetTab(Vitals)
	case EventNote:
		m.SetTab(Notes)
	case EventOrder:
		m.SetTab(Orders)
	case EventMedicine:
		m.SetTab(Medicines)
	case EventAllergy:
		m.SetTab(Allergies)
	case EventProblem:
		m.SetTab(Problems)
	case EventMove:
		m.SetTab(Visits)
	case EventRoutine:
		m.SetTab(Routines)
	case EventTask, AnyEvent: // all of it is said where it stands
	}
}

// tell makes the timeline. It is made only while it is seen: a record of thousands
// of entries is read once, not at every change of something else.
func (m *Model) tell() {
	m.tabled()
	if m.state.Tab != Story {
		return
	}
	m.state.Story = timeline(m.state.Chart, m.state.Story.Filter, max(m.pages, 1)*storyPage, m.now())
	m.state.Story.Empty = m.noStory()
}

// noStory says why there are no entries.
func (m *Model) noStory() string {
	t, c, now := m.state.Story, m.state.Chart, m.now()
	switch {
	case len(t.Events) > 0:
		return ""
	case !m.state.Loaded:
		return words.T("Loading what happened from this computer’s copy")
	case c.Loading != ward.LoadingNone:
		return words.T("Entries are still being loaded from the server.")
	case c.AsOf.IsZero():
		return words.T("Not loaded: this computer has had no contact with the server yet.")
	case t.Total > 0:
		return words.F("None of this kind, as of %s.", ward.Stamp(c.AsOf, now))
	case c.FeedDown:
		return words.F("No entries by %s. What came later is not here.", ward.Stamp(c.AsOf, now))
	}
	return words.F("None: no entries, as of %s.", ward.Stamp(c.AsOf, now))
}

// timeline puts everything of a chart in the order of when it was true.
func timeline(c ward.Chart, filter EventKind, most int, now time.Time) Timeline {
	all := eventsOf(&c, now)
	t := Timeline{Filter: filter, Total: len(all)}
	count := map[EventKind]int{}
	for i := range all {
		count[all[i].Kind]++
	}
	for _, k := range EventKinds() {
		if count[k] > 0 || k == filter {
			t.Kinds = append(t.Kinds, KindCount{k, count[k]})
		}
	}
	if filter != AnyEvent {
		all = slices.DeleteFunc(all, func(e Event) bool { return e.Kind != filter })
	}
	slices.SortStableFunc(all, func(a, b Event) int {
		return cmp.Or(b.place.Compare(a.place), b.recorded.Compare(a.recorded), cmp.Compare(b.ID, a.ID))
	})
	if len(all) > most {
		t.More = len(all) - most
		all = all[:most]
	}
	t.Events = all
	t.Words = storyWords(t, c, now)
	return t
}

func storyWords(t Timeline, c ward.Chart, now time.Time) string {
	n := len(t.Events) + t.More
	text := words.N(n, "%d entry, by when it was true, newest first", "%d entries, by when it was true, newest first")
	if c.FeedDown && !c.AsOf.IsZero() {
		text += ". " + words.F("What came after %s is not here", ward.Stamp(c.AsOf, now))
	}
	return text
}

// teller collects events.
type teller struct {
	now time.Time
	out []Event
}

// add gives an event its times and its place. byPerson: a late entry is then one
// that was made afterwards; a laboratory's always come later than the sample.
func (t *teller) add(e Event, recorded time.Time, byPerson bool) {
	e.place, e.recorded = e.At, recorded
	e.Clock, e.Key = cmp.Or(e.Clock, ward.Clock(e.At)), cmp.Or(e.Key, e.Head)
	if e.At.After(t.now.Add(storyAhead)) {
		e.Future, e.place = true, recorded
		e.Clock = ward.Stamp(e.At, t.now)
	}
	if !recorded.IsZero() && !recorded.Truncate(time.Minute).Equal(e.At.Truncate(time.Minute)) {
		at := ward.Stamp(recorded, e.place) // with its day where that is not the same
		e.Recorded = words.F("received %s", at)
		if byPerson {
			e.Recorded = words.F("recorded %s", at)
			e.After = !e.At.IsZero() && recorded.Sub(e.At) >= enteredAfter
		}
	}
	t.out = append(t.out, e)
}

func eventsOf(c *ward.Chart, now time.Time) []Event {
	t := &teller{now: now}
	for i := range c.Results {
		t.result(&c.Results[i])
	}
	same := map[string]int{}
	for i := range c.Vitals {
		t.vitals(&c.Vitals[i])
		e := &t.out[len(t.out)-1]
		if same[e.ID]++; same[e.ID] > 1 { // of one minute by one hand: entered in error, and typed again
			e.ID += fmt.Sprintf(":%d", same[e.ID])
		}
	}
	for i := range c.Notes {
		t.note(&c.Notes[i])
	}
	for i := range c.Orders {
		t.order(&c.Orders[i])
	}
	for i := range c.Tasks {
		t.task(&c.Tasks[i])
	}
	for i := range c.Routines {
		t.routine(&c.Routines[i])
	}
	for i := range c.AllergyList {
		t.allergy(&c.AllergyList[i])
	}
	for i := range c.Problems {
		t.problem(&c.Problems[i])
	}
	for i := range c.Moves {
		t.move(&c.Moves[i])
	}
	return t.out
}

// valueWords is a value with its unit and where it stands, in one line.
func valueWords(r *ward.Result) string {
	if r.Value == "" {
		return r.Absent
	}
	return strings.Join(strings.Fields(r.Brief()+" "+r.Unit), " ")
}

func (t *teller) result(r *ward.Result) {
	e := Event{ID: "r:" + string(r.ID), Kind: EventResult, At: r.When(), Head: r.Test, Value: r.Brief(), Unit: r.Unit, Full: r, Result: r.ID}
	if r.Value == "" {
		e.Value, e.Unit, e.Words = "", "", r.Absent
	}
	if !e.At.IsZero() && r.CollectedText != "" && !strings.Contains(r.CollectedText, ":") && e.At.Equal(r.Collected) {
		e.Clock = words.T("no hour") // the sender said no more than the day
	}
	if r.Status != "final" {
		e.Mark, e.Void, e.Changed = ward.Said(r.Status), Void(*r), r.Before != nil || r.Status == "corrected" || r.Status == "amended"
	}
	if b := r.Before; b != nil {
		e.Words = strings.TrimSpace(e.Words + " " + words.F("before: %s", strings.TrimSpace(b.Value+" "+b.Unit)))
	}
	if r.Range != "" {
		e.Words = strings.TrimSpace(e.Words + " " + words.F("range %s", r.Range))
	}
	t.add(e, r.Received, false)
	if !r.Collected.IsZero() { // else the result stands where it was told
		for _, p := range r.Phoned {
			t.add(Event{
				ID: "p:" + string(p.ID), Kind: EventResult, At: p.Called, Head: words.F("%s, phoned", r.Test), Value: p.Value, Unit: p.Unit,
				Words: words.F("by %s", strings.Trim(p.Caller+", "+p.Lab, ", ")), By: p.By, Unsent: p.Unsent, Result: r.ID,
			}, p.Recorded, true)
		}
	}
	for _, o := range r.Owned {
		t.owned(r, o)
	}
	for _, d := range r.Documents {
		t.add(Event{
			ID: "d:" + string(r.ID) + ":" + d.Sum, Kind: EventDocument, At: e.At, Clock: e.Clock, Head: cmp.Or(d.Title, d.Kind()),
			Words: words.F("came with %s, %s", r.Test, d.Words()), Result: r.ID, Document: d.Sum, Mark: e.Mark, Void: e.Void,
		}, r.Received, false)
	}
}

// owned tells what somebody did about a result.
func (t *teller) owned(r *ward.Result, o ward.Owned) {
	did := o.Kind + ": " + r.Test
	switch o.Kind {
	case "acting":
		did = words.F("Acted on: %s", r.Test)
	case "handed-to":
		did = words.F("Handed on: %s", r.Test)
	case "taken":
		did = words.F("Taken: %s", r.Test)
	case "seen":
		did = words.F("Seen: %s", r.Test)
	}
	e := Event{
		ID: "a:" + string(o.Task), Kind: EventAlert, At: o.At, Head: did, Key: r.Test, Value: valueWords(r),
		By: o.By, Unsent: o.Unsent, Result: r.ID,
	}
	if o.To != "" {
		e.Words = words.F("to %s", o.To)
	}
	if o.Earlier {
		e.Value, e.Mark = "", words.T("for an earlier version")
	}
	if o.Withdrawn {
		e.Mark, e.Void = words.T("withdrawn"), true
	}
	t.add(e, o.At, true)
}

func (t *teller) vitals(s *ward.VitalSet) {
	e := Event{ID: "v:" + fmt.Sprint(s.At.UnixMilli()) + ":" + s.By, Kind: EventVitals, At: s.At, Head: words.T("Observations"), By: s.By, Unsent: s.Unsent, Words: signs(s)}
	if s.Early.Known || s.Early.Refused != "" {
		e.Early = &s.Early
	}
	if s.Error {
		e.Mark, e.Void, e.Early = words.T("entered in error"), true, nil
	}
	t.add(e, s.Recorded, true)
}

// signs are the values of a set, in the order of the NEWS2 chart.
func signs(s *ward.VitalSet) string {
	var parts []string
	add := func(name, value, unit string) {
		if value != "" {
			parts = append(parts, name+" "+value+unit)
		}
	}
	add(words.T("respirations"), s.Respirations, " /min")
	add("SpO₂", s.SpO2, " %")
	switch {
	case s.Oxygen == nil:
	case *s.Oxygen:
		parts = append(parts, words.T("on oxygen"))
	default:
		parts = append(parts, words.T("on air"))
	}
	switch {
	case s.Systolic != "" && s.Diastolic != "":
		add(words.T("BP"), s.Systolic+"/"+s.Diastolic, " mmHg")
	default:
		add(words.T("systolic BP"), s.Systolic, " mmHg")
		add(words.T("diastolic BP"), s.Diastolic, " mmHg")
	}
	add(words.T("pulse"), s.Pulse, " /min")
	add("ACVPU", s.Consciousness, "")
	add(words.T("temperature"), s.Temperature, " °C")
	add(words.T("pain"), s.Pain, "")
	add(words.T("urine"), s.Urine, " mL")
	return strings.Join(parts, " · ")
}

func (t *teller) note(n *ward.Note) {
	e := Event{ID: "n:" + string(n.ID), Kind: EventNote, At: n.When(), Head: words.T("Note"), Key: n.Text, By: n.By, Unsent: n.Unsent}
	e.Words, e.Cut = beginning(n.Text)
	if len(n.Earlier) == 0 {
		t.add(e, n.At, true)
		return
	}
	first := n.Earlier[len(n.Earlier)-1] // newest first
	if n.True.IsZero() {
		e.At = first.At
	}
	e.Mark, e.Changed = words.F("reworded %s", ward.Stamp(n.At, e.At)), true
	t.add(e, first.At, true)
}

// A note is begun in the timeline, and read in full where Enter leads.
const (
	noteLines   = 4
	noteLetters = 320
)

// beginning is the beginning of a note, with its line breaks; cut says whether
// there is more.
func beginning(text string) (begun string, cut bool) {
	lines := strings.Split(strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)), "\n")
	if len(lines) > noteLines {
		lines, cut = lines[:noteLines], true
	}
	letters := []rune(strings.Join(lines, "\n"))
	if len(letters) <= noteLetters {
		return string(letters), cut
	}
	begun = string(letters[:noteLetters])
	if i := strings.LastIndexAny(begun, " \n"); i > 0 {
		begun = begun[:i]
	}
	return begun + " …", true
}

func (t *teller) order(o *ward.Order) {
	e := Event{ID: "o:" + string(o.ID), Kind: EventOrder, At: o.At, Head: o.Test, Value: o.Dose, Words: ward.Said(o.Status), By: o.By, Unsent: o.Unsent}
	if o.Kind == ward.OrderMedicine {
		e.Kind = EventMedicine
	}
	if o.Withdrawn != "" {
		e.Mark, e.Void = words.F("withdrawn by %s", o.Withdrawn), true
	}
	t.add(e, o.At, true)
}

func (t *teller) task(d *ward.Duty) {
	made := Event{ID: "t:" + string(d.ID), Kind: EventTask, At: d.Made, Head: words.F("Task: %s", d.Words), Key: d.Words, By: d.By, Unsent: d.Unsent}
	if d.For() != "" {
		made.Words = words.F("for %s", d.For())
	}
	if d.Ended.IsZero() {
		made.Task = string(d.ID)
	}
	t.add(made, d.Made, true)
	if !d.Ended.IsZero() {
		t.add(Event{ID: "e:" + string(d.ID), Kind: EventTask, At: d.Ended, Head: words.F("Task %s: %s", dutyWords(d.Status), d.Words), Key: d.Words, By: d.EndedBy, Unsent: d.Unsent}, d.Ended, true)
	}
}

func (t *teller) allergy(a *ward.Allergy) {
	e := Event{ID: "y:" + string(a.ID), Kind: EventAllergy, At: a.Recorded, Head: words.F("Allergy: %s", a.Substance), Key: a.Substance, Words: strings.Trim(a.Reaction+", "+ward.Said(a.Severity), ", "), By: a.By, Unsent: a.Unsent}
	if a.NoneKnown {
		e.Head, e.Words = words.T("No known allergies"), ""
	}
	switch a.Certainty {
	case "refuted", "entered-in-error":
		e.Mark, e.Void = ward.Said(strings.ReplaceAll(a.Certainty, "-", " ")), true
	case "unconfirmed":
		e.Mark = ward.Said(a.Certainty)
	}
	t.add(e, a.Recorded, true)
}

// problem tells when a problem was written down, and when somebody said that it is over.
func (t *teller) problem(p *ward.Problem) {
	name := cmp.Or(p.Words, words.T("problem not named"))
	e := Event{ID: "c:" + string(p.ID), Kind: EventProblem, At: p.Recorded, Head: words.F("Problem: %s", name), Key: name, By: p.By, Unsent: p.Unsent && p.Ended == ""}
	e.Words = strings.Join(p.Codes, " · ")
	if p.Onset != "" {
		e.Words = strings.TrimSuffix(words.F("since %s", p.Onset)+" · "+e.Words, " · ")
	}
	switch p.Status {
	case ward.ProblemError, ward.ProblemRefuted:
		e.Mark, e.Void = ward.Said(string(p.Status)), true
	case ward.ProblemActive:
		if p.Certainty != "confirmed" {
			e.Mark = ward.Said(p.Certainty)
		}
	case ward.ProblemResolved:
	}
	t.add(e, p.Recorded, true)
	if p.Status == ward.ProblemResolved {
		t.add(Event{ID: "x:" + string(p.ID), Kind: EventProblem, At: p.EndedAt, Head: words.F("Problem resolved: %s", name), Key: name, Words: words.F("by %s", p.Ended), Unsent: p.Unsent}, p.EndedAt, true)
	}
}

func (t *teller) move(m *ward.Move) {
	in := cmp.Or(m.Place, words.T("place not known"))
	e := Event{ID: fmt.Sprintf("m:%s:%d", m.Stay, m.N), Kind: EventMove, At: m.At, Key: in, By: m.By, Unsent: m.Unsent}
	switch m.Kind {
	case ward.MoveExpected:
		e.Head = words.F("Expected: %s", in)
	case ward.MoveBegan:
		e.Head = words.F("Stay began: %s", in)
	case ward.MovePlace:
		e.Head = words.F("Place: %s", in)
		if m.Before != "" {
			e.Words = words.F("before: %s", m.Before)
		}
	case ward.MoveEnded:
		e.Head = words.F("Discharged: %s", in)
	case ward.MoveReopened:
		e.Head = words.F("Discharge taken back: %s", in)
	case ward.MoveCancelled:
		e.Head = words.F("Stay cancelled: %s", in)
	}
	if m.Void {
		e.Mark, e.Void = words.T("cancelled"), true
	}
	t.add(e, m.Recorded, false)
}

// Day is the day under which an entry stands.
func (e Event) Day() string {
	if e.place.IsZero() {
		return words.T("Time not known")
	}
	return ward.Date(e.place)
}

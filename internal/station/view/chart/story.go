package chart

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
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
	EventAllergy  EventKind = "Allergies"
	EventProblem  EventKind = "Problems"
	EventMove     EventKind = "Moves"
	EventDocument EventKind = "Documents"
)

// EventKinds lists them.
func EventKinds() []EventKind {
	return []EventKind{EventResult, EventVitals, EventAlert, EventNote, EventOrder, EventMedicine, EventTask, EventAllergy, EventProblem, EventMove, EventDocument}
}

// Event is one thing that happened with the patient.
type Event struct {
	ID       string // stable, and its own in the timeline
	Kind     EventKind
	At       time.Time // when it was true; zero: nobody said
	Clock    string    // of At: "13:31", "no hour" where only the day was said
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
	Mark     string // "corrected", "withdrawn", "entered in error": why it is not as it was
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
		return "Loading what happened from this computer’s copy"
	case c.Loading != ward.LoadingNone:
		return "Entries are still being loaded from the server."
	case c.AsOf.IsZero():
		return "Not loaded: this computer has had no contact with the server yet."
	case t.Total > 0:
		return "None of this kind, as of " + ward.Stamp(c.AsOf, now) + "."
	case c.FeedDown:
		return "No entries by " + ward.Stamp(c.AsOf, now) + ". What came later is not here."
	}
	return "None: no entries, as of " + ward.Stamp(c.AsOf, now) + "."
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
	words := fmt.Sprintf("%d entries", n)
	if n == 1 {
		words = "1 entry"
	}
	words += ", by when it was true, newest first"
	if c.FeedDown && !c.AsOf.IsZero() {
		words += ". What came after " + ward.Stamp(c.AsOf, now) + " is not here"
	}
	return words
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
		word := "received "
		if byPerson {
			word = "recorded "
			e.After = !e.At.IsZero() && recorded.Sub(e.At) >= enteredAfter
		}
		e.Recorded = word + ward.Stamp(recorded, e.place) // with its day where that is not the same
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
		e.Clock = "no hour" // the sender said no more than the day
	}
	if r.Status != "final" {
		e.Mark, e.Void, e.Changed = r.Status, Void(*r), r.Before != nil || r.Status == "corrected" || r.Status == "amended"
	}
	if b := r.Before; b != nil {
		e.Words = strings.TrimSpace(e.Words + " before: " + strings.TrimSpace(b.Value+" "+b.Unit))
	}
	if r.Range != "" {
		e.Words = strings.TrimSpace(e.Words + " range " + r.Range)
	}
	t.add(e, r.Received, false)
	if !r.Collected.IsZero() { // else the result stands where it was told
		for _, p := range r.Phoned {
			t.add(Event{
				ID: "p:" + string(p.ID), Kind: EventResult, At: p.Called, Head: r.Test + ", phoned", Value: p.Value, Unit: p.Unit,
				Words: "by " + strings.Trim(p.Caller+", "+p.Lab, ", "), By: p.By, Unsent: p.Unsent, Result: r.ID,
			}, p.Recorded, true)
		}
	}
	for _, o := range r.Owned {
		t.owned(r, o)
	}
	for _, d := range r.Documents {
		t.add(Event{
			ID: "d:" + string(r.ID) + ":" + d.Sum, Kind: EventDocument, At: e.At, Clock: e.Clock, Head: cmp.Or(d.Title, d.Kind()),
			Words: "came with " + r.Test + ", " + d.Words(), Result: r.ID, Document: d.Sum, Mark: e.Mark, Void: e.Void,
		}, r.Received, false)
	}
}

// owned tells what somebody did about a result.
func (t *teller) owned(r *ward.Result, o ward.Owned) {
	did := map[string]string{"acting": "Acted on", "handed-to": "Handed on", "taken": "Taken", "seen": "Seen"}[o.Kind]
	e := Event{
		ID: "a:" + string(o.Task), Kind: EventAlert, At: o.At, Head: cmp.Or(did, o.Kind) + ": " + r.Test, Key: r.Test, Value: valueWords(r),
		By: o.By, Unsent: o.Unsent, Result: r.ID,
	}
	if o.To != "" {
		e.Words = "to " + o.To
	}
	if o.Earlier {
		e.Value, e.Mark = "", "for an earlier version"
	}
	if o.Withdrawn {
		e.Mark, e.Void = "withdrawn", true
	}
	t.add(e, o.At, true)
}

func (t *teller) vitals(s *ward.VitalSet) {
	e := Event{ID: "v:" + fmt.Sprint(s.At.UnixMilli()) + ":" + s.By, Kind: EventVitals, At: s.At, Head: "Observations", By: s.By, Unsent: s.Unsent, Words: signs(s)}
	if s.Early.Known || s.Early.Refused != "" {
		e.Early = &s.Early
	}
	if s.Error {
		e.Mark, e.Void, e.Early = "entered in error", true, nil
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
	add("respirations", s.Respirations, " /min")
	add("SpO₂", s.SpO2, " %")
	if s.Oxygen != nil {
		parts = append(parts, map[bool]string{true: "on oxygen", false: "on air"}[*s.Oxygen])
	}
	switch {
	case s.Systolic != "" && s.Diastolic != "":
		add("BP", s.Systolic+"/"+s.Diastolic, " mmHg")
	default:
		add("systolic BP", s.Systolic, " mmHg")
		add("diastolic BP", s.Diastolic, " mmHg")
	}
	add("pulse", s.Pulse, " /min")
	add("ACVPU", s.Consciousness, "")
	add("temperature", s.Temperature, " °C")
	add("pain", s.Pain, "")
	add("urine", s.Urine, " mL")
	return strings.Join(parts, " · ")
}

func (t *teller) note(n *ward.Note) {
	e := Event{ID: "n:" + string(n.ID), Kind: EventNote, At: n.When(), Head: "Note", Key: n.Text, By: n.By, Unsent: n.Unsent}
	e.Words, e.Cut = beginning(n.Text)
	if len(n.Earlier) == 0 {
		t.add(e, n.At, true)
		return
	}
	first := n.Earlier[len(n.Earlier)-1] // newest first
	if n.True.IsZero() {
		e.At = first.At
	}
	e.Mark, e.Changed = "reworded "+ward.Stamp(n.At, e.At), true
	t.add(e, first.At, true)
}

// A note is begun in the timeline, and read in full where Enter leads.
const (
	noteLines   = 4
	noteLetters = 320
)

// beginning is the beginning of a note, with its line breaks; cut says whether
// there is more.
func beginning(text string) (words string, cut bool) {
	lines := strings.Split(strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)), "\n")
	if len(lines) > noteLines {
		lines, cut = lines[:noteLines], true
	}
	letters := []rune(strings.Join(lines, "\n"))
	if len(letters) <= noteLetters {
		return string(letters), cut
	}
	words = string(letters[:noteLetters])
	if i := strings.LastIndexAny(words, " \n"); i > 0 {
		words = words[:i]
	}
	return words + " …", true
}

func (t *teller) order(o *ward.Order) {
	e := Event{ID: "o:" + string(o.ID), Kind: EventOrder, At: o.At, Head: o.Test, Value: o.Dose, Words: o.Status, By: o.By, Unsent: o.Unsent}
	if o.Kind == ward.OrderMedicine {
		e.Kind = EventMedicine
	}
	if o.Withdrawn != "" {
		e.Mark, e.Void = "withdrawn by "+o.Withdrawn, true
	}
	t.add(e, o.At, true)
}

func (t *teller) task(d *ward.Duty) {
	made := Event{ID: "t:" + string(d.ID), Kind: EventTask, At: d.Made, Head: "Task: " + d.Words, Key: d.Words, By: d.By, Unsent: d.Unsent}
	if d.For() != "" {
		made.Words = "for " + d.For()
	}
	if d.Ended.IsZero() {
		made.Task = string(d.ID)
	}
	t.add(made, d.Made, true)
	if !d.Ended.IsZero() {
		t.add(Event{ID: "e:" + string(d.ID), Kind: EventTask, At: d.Ended, Head: "Task " + d.Status + ": " + d.Words, Key: d.Words, By: d.EndedBy, Unsent: d.Unsent}, d.Ended, true)
	}
}

func (t *teller) allergy(a *ward.Allergy) {
	e := Event{ID: "y:" + string(a.ID), Kind: EventAllergy, At: a.Recorded, Head: "Allergy: " + a.Substance, Key: a.Substance, Words: strings.Trim(a.Reaction+", "+a.Severity, ", "), By: a.By, Unsent: a.Unsent}
	if a.NoneKnown {
		e.Head, e.Words = "No known allergies", ""
	}
	switch a.Certainty {
	case "refuted", "entered-in-error":
		e.Mark, e.Void = strings.ReplaceAll(a.Certainty, "-", " "), true
	case "unconfirmed":
		e.Mark = a.Certainty
	}
	t.add(e, a.Recorded, true)
}

// problem tells when a problem was written down, and when somebody said that it is over.
func (t *teller) problem(p *ward.Problem) {
	words := cmp.Or(p.Words, "problem not named")
	e := Event{ID: "c:" + string(p.ID), Kind: EventProblem, At: p.Recorded, Head: "Problem: " + words, Key: words, By: p.By, Unsent: p.Unsent && p.Ended == ""}
	e.Words = strings.Join(p.Codes, " · ")
	if p.Onset != "" {
		e.Words = strings.TrimSuffix("since "+p.Onset+" · "+e.Words, " · ")
	}
	switch p.Status {
	case ward.ProblemError, ward.ProblemRefuted:
		e.Mark, e.Void = string(p.Status), true
	case ward.ProblemActive:
		if p.Certainty != "confirmed" {
			e.Mark = p.Certainty
		}
	case ward.ProblemResolved:
	}
	t.add(e, p.Recorded, true)
	if p.Status == ward.ProblemResolved {
		t.add(Event{ID: "x:" + string(p.ID), Kind: EventProblem, At: p.EndedAt, Head: "Problem resolved: " + words, Key: words, Words: "by " + p.Ended, Unsent: p.Unsent}, p.EndedAt, true)
	}
}

func (t *teller) move(m *ward.Move) {
	in := cmp.Or(m.Place, "place not known")
	e := Event{ID: fmt.Sprintf("m:%s:%d", m.Stay, m.N), Kind: EventMove, At: m.At, Key: in, By: m.By, Unsent: m.Unsent}
	switch m.Kind {
	case ward.MoveExpected:
		e.Head = "Expected: " + in
	case ward.MoveBegan:
		e.Head = "Stay began: " + in
	case ward.MovePlace:
		e.Head = "Place: " + in
		if m.Before != "" {
			e.Words = "before: " + m.Before
		}
	case ward.MoveEnded:
		e.Head = "Discharged: " + in
	case ward.MoveReopened:
		e.Head = "Discharge taken back: " + in
	case ward.MoveCancelled:
		e.Head = "Stay cancelled: " + in
	}
	if m.Void {
		e.Mark, e.Void = "cancelled", true
	}
	t.add(e, m.Recorded, false)
}

// Day is the day under which an entry stands.
func (e Event) Day() string {
	if e.place.IsZero() {
		return "Time not known"
	}
	return ward.Date(e.place)
}

package chart_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/chart"
)

var now = time.Date(2026, 11, 22, 14, 5, 12, 0, time.UTC)

func at(day int, clock string) time.Time {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 11, day, t.Hour(), t.Minute(), 0, 0, time.UTC)
}

// desk is a station whose answers can be held back, by patient and by command.
type desk struct {
	mu        sync.Mutex
	charts    map[ward.PatientID]ward.Chart
	hold      map[ward.PatientID]chan struct{} // Chart waits for it
	holdOpen  chan struct{}                    // Open waits for it
	holdDo    chan struct{}                    // Do waits for it
	refuse    map[ward.PatientID]error         // Open answers it
	drafts    []ward.Draft
	saved     map[string]string // drafts as written, by patient/kind
	done      []ward.Command
	answer    ward.Done
	fail      error
	score     func(ward.VitalSet) (ward.Early, error)
	log       []string
	asked     int // how often Open was called
	notices   chan ward.Notice
	against   map[string][]ward.Warning // what speaks against an item, by its name
	holdCheck chan struct{}             // CheckOrder waits for it
	checks    int                       // how often it was asked since
}

func newDesk() *desk {
	return &desk{
		charts: map[ward.PatientID]ward.Chart{
			"folake": {Who: ward.Identity{ID: "folake", Family: "Adeyemi", Given: "Folake"}, AsOf: now, Results: []ward.Result{
				{ID: "k2", Version: 2, Test: "Potassium", LOINC: "2823-3", Unit: "mmol/L", Panel: "U&E", Value: "6.8", Collected: at(22, "13:31"), Critical: true, Open: true, Status: "final"},
				{ID: "na2", Test: "Sodium", LOINC: "2951-2", Unit: "mmol/L", Panel: "U&E", Value: "132", Collected: at(22, "13:31"), Status: "final"},
				{ID: "k1", Test: "Potassium", LOINC: "2823-3", Unit: "mmol/L", Panel: "U&E", Value: "5.1", Collected: at(21, "06:10"), Status: "final"},
			}},
			"zofia": {Who: ward.Identity{ID: "zofia", Family: "Kowalczyk", Given: "Zofia"}, AsOf: now},
		},
		hold: map[ward.PatientID]chan struct{}{}, refuse: map[ward.PatientID]error{}, saved: map[string]string{}, notices: make(chan ward.Notice),
	}
}

func (d *desk) note(s string) {
	d.mu.Lock()
	d.log = append(d.log, s)
	d.mu.Unlock()
}

func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return d.notices }
func (d *desk) Link() ward.Link                              { return ward.Link{} }

func (d *desk) Open(_ context.Context, id ward.PatientID) error {
	d.mu.Lock()
	hold := d.holdOpen
	d.asked++
	d.mu.Unlock()
	if hold != nil {
		<-hold
	}
	d.note("look " + string(id))
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.refuse[id]
}

func (d *desk) Chart(_ context.Context, id ward.PatientID) (ward.Chart, error) {
	d.note("read " + string(id))
	d.mu.Lock()
	c, hold := d.charts[id], d.hold[id]
	d.mu.Unlock()
	if hold != nil {
		<-hold
	}
	return c, nil
}

func (d *desk) Score(_ context.Context, _ ward.PatientID, s ward.VitalSet) (ward.Early, error) {
	if d.score == nil {
		return ward.Early{}, nil
	}
	return d.score(s)
}

func (d *desk) Drafts(context.Context) ([]ward.Draft, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.drafts, nil
}

// with changes what the desk answers from now on.
func (d *desk) with(fn func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fn()
}

func (d *desk) Do(_ context.Context, cmd ward.Command) (ward.Done, error) {
	if c, ok := cmd.(ward.SaveDraft); ok {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.saved[string(c.Patient)+"/"+c.Kind] = c.Body
		return ward.Done{}, nil
	}
	d.mu.Lock()
	hold := d.holdDo
	d.mu.Unlock()
	if hold != nil {
		<-hold
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = append(d.done, cmd)
	return d.answer, d.fail
}

func (d *desk) draft(key string) (string, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, ok := d.saved[key]
	return s, ok
}

// last is the command that was given last.
func (d *desk) last() ward.Command {
	list := d.commands()
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}

func (d *desk) count() int { return len(d.commands()) }

func (d *desk) commands() []ward.Command {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]ward.Command(nil), d.done...)
}

type rig struct {
	*testing.T
	desk  *desk
	queue base.Queue
	m     *chart.Model
	seen  []chart.State
}

func newRig(t *testing.T) *rig {
	r := &rig{T: t, desk: newDesk()}
	r.m = chart.New(r.desk, &r.queue, func() time.Time { return now }, func(s chart.State) { r.seen = append(r.seen, s) })
	return r
}

func (r *rig) until(ok func() bool) {
	r.Helper()
	for range 20_000 {
		r.queue.Drain()
		if ok() {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	r.Fatal("it did not happen")
}

// quiet gives late answers the time to do harm.
func (r *rig) quiet() {
	time.Sleep(20 * time.Millisecond)
	r.queue.Drain()
}

func (r *rig) open(id ward.PatientID, tab chart.Tab) {
	r.Helper()
	r.m.Open(id, tab)
	r.until(func() bool { return r.m.State().Loaded })
}

// A slow disk must not put one patient's results under another one's name.
func TestALateAnswerOfOnePatientNeverShowsUnderAnother(t *testing.T) {
	r := newRig(t)
	gate := make(chan struct{})
	r.desk.hold["folake"] = gate
	r.m.Open("folake", chart.Results)
	r.until(func() bool { r.desk.mu.Lock(); defer r.desk.mu.Unlock(); return len(r.desk.log) == 2 }) // the read is under way
	r.open("zofia", chart.Results)
	close(gate)
	r.quiet()
	for _, s := range r.seen {
		if s.Chart.Who.ID != "" && s.Chart.Who.ID != s.ID || s.ID == "zofia" && len(s.Groups) > 0 {
			t.Fatalf("under %q stood the record of %q", s.ID, s.Chart.Who.ID)
		}
	}
	if got := r.m.State().Chart.Who.ID; got != "zofia" {
		t.Errorf("shown at last: %q", got)
	}
}

// There and back: an answer of the first visit does not count for the second.
func TestAnOldOpenDoesNotCountForANewOne(t *testing.T) {
	r := newRig(t)
	r.desk.holdOpen = make(chan struct{})
	r.desk.with(func() { r.desk.drafts = oldDrafts() })
	r.m.Open("folake", chart.Notes)
	r.m.Open("zofia", chart.Notes)
	r.m.Open("folake", chart.Notes)
	r.m.TypeNote("new words")
	r.m.TypeVitals(ward.VitalSet{Pulse: "95"})
	close(r.desk.holdOpen)
	r.until(func() bool { return r.m.State().Loaded })
	r.quiet()
	if s := r.m.State(); s.Note != "new words" || s.Vitals.Pulse != "95" {
		t.Errorf("a draft wrote over what was typed: %q, pulse %q", s.Note, s.Vitals.Pulse)
	}
}

func oldDrafts() []ward.Draft {
	return []ward.Draft{{Patient: "folake", Kind: "note", Body: "old words", Saved: now}, {Patient: "folake", Kind: "vitals", Body: `{"pulse":"195"}`, Saved: now}}
}

// Each opening is a look of its own: the first one's record does not stand for
// the second one's.
func TestAFormerLookDoesNotStandForThisOne(t *testing.T) {
	r := newRig(t)
	r.desk.with(func() { r.desk.holdOpen = make(chan struct{}) })
	asked := func(n int) {
		r.until(func() bool { r.desk.mu.Lock(); defer r.desk.mu.Unlock(); return r.desk.asked == n })
		time.Sleep(5 * time.Millisecond) // it waits now
	}
	r.m.Open("folake", chart.Results)
	asked(1)
	r.m.Open("zofia", chart.Results)
	asked(2)
	r.m.Open("folake", chart.Results)
	asked(3)
	r.desk.holdOpen <- struct{}{} // the first look is recorded
	r.quiet()
	r.quiet() // and a read by it had come
	if r.m.State().Loaded {
		t.Error("read by the look of before")
	}
	close(r.desk.holdOpen)
	r.until(func() bool { return r.m.State().Loaded })
}

func TestNothingIsReadBeforeTheLookIsRecorded(t *testing.T) {
	r := newRig(t)
	r.desk.holdOpen = make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r.m.Follow(ctx)
	r.m.Open("folake", chart.Results)
	r.desk.notices <- ward.Notice{Kind: ward.NoticePatients}
	r.desk.notices <- ward.Notice{Kind: ward.NoticePatients} // the first was dealt with
	r.quiet()
	r.desk.mu.Lock()
	early := len(r.desk.log)
	r.desk.mu.Unlock()
	if early != 0 {
		t.Errorf("read before the look: %v", r.desk.log)
	}
	close(r.desk.holdOpen)
	r.until(func() bool { return r.m.State().Loaded })
	if r.desk.log[0] != "look folake" {
		t.Errorf("order: %v", r.desk.log)
	}
}

func TestARefusedChartShowsNothing(t *testing.T) {
	r := newRig(t)
	r.desk.refuse["folake"] = errors.New("You may not see these.")
	r.m.Open("folake", chart.Results)
	r.until(func() bool { return r.m.State().Error != "" })
	r.quiet()
	if s := r.m.State(); s.Loaded || len(s.Chart.Results) > 0 || s.Error != "You may not see these." {
		t.Errorf("shown: %+v", s)
	}
}

// What is typed is kept as it is typed, and comes back for its author.
func TestANoteIsKeptAsTypedAndComesBack(t *testing.T) {
	r := newRig(t)
	r.open("folake", chart.Notes)
	r.m.TypeNote("Seen with Dr Pa")
	r.until(func() bool { s, _ := r.desk.draft("folake/note"); return s == "Seen with Dr Pa" })
	r.m.TypeNote("Seen with Dr Patel")
	r.open("zofia", chart.Notes) // leaving writes before anything of the next chart is read
	if s, _ := r.desk.draft("folake/note"); s != "Seen with Dr Patel" {
		t.Errorf("kept %q", s)
	}
	if r.m.State().Note != "" {
		t.Error("the note of one patient stands in the form of another")
	}
	r.desk.with(func() {
		r.desk.drafts = []ward.Draft{{Patient: "folake", Kind: "note", Body: "Seen with Dr Patel", Saved: at(22, "14:04")}, {Patient: "zofia", Kind: "note", Body: "other", Saved: now}}
	})
	r.open("folake", chart.Notes)
	if s := r.m.State(); s.Note != "Seen with Dr Patel" || s.Saved != "Draft kept 14:04" {
		t.Errorf("came back: %q, %q", s.Note, s.Saved)
	}
}

// A chart is drawn once without anything and once with all that there is: each drawing
// costs a frame. Where the record takes long the drafts do not wait for it.
func TestAChartIsDrawnNoOftenerThanItHasTo(t *testing.T) {
	r := newRig(t)
	r.desk.with(func() {
		r.desk.drafts = []ward.Draft{{Patient: "folake", Kind: "note", Body: "Seen with Dr Patel", Saved: now}}
	})
	least := 9
	for try := 0; try < 50 && least > 2; try++ {
		r.m.Close()
		r.seen = nil
		r.open("folake", chart.Results)
		r.quiet()
		if n := len(r.seen); n > 3 { // 3: the record took longer than the drafts wait
			t.Errorf("drawn %d times", n)
		}
		least = min(least, len(r.seen))
	}
	if least > 2 {
		t.Errorf("drawn %d times at least", least)
	}
	gate := make(chan struct{})
	r.desk.with(func() { r.desk.hold["folake"] = gate })
	r.m.Close()
	r.m.Open("folake", chart.Notes)
	r.until(func() bool { last := r.seen[len(r.seen)-1]; return last.ID == "folake" && last.Note != "" })
	if r.m.State().Loaded {
		t.Error("the record was not held back: the test says nothing")
	}
	close(gate)
	r.until(func() bool { return r.seen[len(r.seen)-1].Loaded })
}

func TestASavedNoteLeavesNoDraft(t *testing.T) {
	r := newRig(t)
	r.open("folake", chart.Notes)
	r.m.TypeNote("Potassium repeated.")
	r.m.SaveNote()
	r.until(func() bool { return r.m.State().Saves == 1 })
	if s := r.m.State(); s.Note != "" || s.Saved != "Saved on this computer, 14:05" {
		t.Errorf("after saving: %q, %q", s.Note, s.Saved)
	}
	r.until(func() bool { s, ok := r.desk.draft("folake/note"); return ok && s == "" })
}

// The command was under way when the chart closed: the draft must go all the
// same, or the note would be saved twice.
func TestANoteSavedWhileAnotherChartOpensLeavesNoDraft(t *testing.T) {
	r := newRig(t)
	r.open("folake", chart.Notes)
	r.desk.holdDo = make(chan struct{})
	r.m.TypeNote("Potassium repeated.")
	r.m.SaveNote()
	r.open("zofia", chart.Notes)
	r.m.TypeNote("of Zofia")
	close(r.desk.holdDo)
	r.until(func() bool { s, ok := r.desk.draft("folake/note"); return ok && s == "" })
	if s := r.m.State(); s.Note != "of Zofia" || s.Saved != "" || s.Busy {
		t.Errorf("the other chart: %+v", s)
	}
}

// A refusal that comes when another chart is open names its patient.
func TestALateRefusalNamesItsPatient(t *testing.T) {
	r := newRig(t)
	r.open("folake", chart.Notes)
	r.desk.holdDo = make(chan struct{})
	r.desk.with(func() { r.desk.fail = errors.New("The disk is full. Nothing was saved.") })
	r.m.TypeNote("Potassium repeated.")
	r.m.SaveNote()
	r.open("zofia", chart.Notes)
	close(r.desk.holdDo)
	r.until(func() bool { return r.m.State().Error != "" })
	if got := r.m.State().Error; got != "Not about this patient, but ADEYEMI, Folake: The disk is full. Nothing was saved." {
		t.Errorf("said %q", got)
	}
	if s, _ := r.desk.draft("folake/note"); s != "Potassium repeated." {
		t.Errorf("the draft of what was refused: %q", s)
	}
}

// What is typed while a save is under way is not swept away by it.
func TestWordsTypedDuringASaveStay(t *testing.T) {
	r := newRig(t)
	r.open("folake", chart.Notes)
	r.desk.holdDo = make(chan struct{})
	r.m.TypeNote("First.")
	r.m.SaveNote()
	r.m.TypeNote("First. And more")
	close(r.desk.holdDo)
	r.until(func() bool { return r.m.State().Saves == 1 })
	if got := r.m.State().Note; got != "First. And more" {
		t.Errorf("left: %q", got)
	}
}

func TestARewordingIsKeptAsOne(t *testing.T) {
	r := newRig(t)
	r.open("folake", chart.Notes)
	r.m.TypeNote("begun")
	r.m.EditNote(ward.Note{ID: "n1", Text: "Passing 200 mL"})
	if s := r.m.State(); s.Note != "begun" || s.Error == "" {
		t.Fatal("a note that was begun was written over")
	}
	r.m.ClearNote()
	r.m.EditNote(ward.Note{ID: "n1", Text: "Passing 200 mL"})
	r.m.TypeNote("Passing 20 mL")
	r.m.Flush()
	kept, _ := r.desk.draft("folake/edit")
	r.desk.with(func() { r.desk.drafts = []ward.Draft{{Patient: "folake", Kind: "edit", Body: kept, Saved: now}} })
	r.open("zofia", chart.Notes)
	r.open("folake", chart.Notes)
	if s := r.m.State(); s.Note != "Passing 20 mL" || s.Editing != "n1" {
		t.Fatalf("came back as %q of note %q", s.Note, s.Editing)
	}
	r.m.SaveNote()
	r.until(func() bool { return len(r.desk.commands()) == 1 })
	if got := r.desk.commands()[0]; got != (ward.WriteNote{Patient: "folake", Text: "Passing 20 mL", Edit: "n1"}) {
		t.Errorf("saved %+v", got)
	}
}

func TestVitalsAreScoredAsTypedAndKept(t *testing.T) {
	r := newRig(t)
	r.desk.score = func(s ward.VitalSet) (ward.Early, error) {
		if s.Respirations == "" {
			return ward.Early{}, nil
		}
		return ward.Early{Known: true, Total: 2, AtLeast: true, Missing: []string{"temperature"}}, nil
	}
	r.open("folake", chart.Vitals)
	r.m.TypeVitals(ward.VitalSet{Respirations: "21"})
	r.until(func() bool { return r.m.State().Live.Total == 2 })
	if got := r.m.State().Vitals.At; !got.Equal(at(22, "14:05")) {
		t.Errorf("measured at %v", got)
	}
	r.m.Flush()
	body, _ := r.desk.draft("folake/vitals")
	var kept ward.VitalSet
	if err := json.Unmarshal([]byte(body), &kept); err != nil || kept.Respirations != "21" {
		t.Errorf("kept %q", body)
	}
	r.m.ClearVitals()
	r.quiet()
	if s := r.m.State(); s.Live.Known || s.Vitals.Respirations != "" {
		t.Error("a score stands over an empty form")
	}
	r.until(func() bool { s, _ := r.desk.draft("folake/vitals"); return s == "" })
}

// A score that cannot be had is no score, never the one of the values before.
func TestAFailedScoreTakesTheOldOneAway(t *testing.T) {
	r := newRig(t)
	var fail error
	r.desk.score = func(ward.VitalSet) (ward.Early, error) {
		r.desk.mu.Lock()
		defer r.desk.mu.Unlock()
		return ward.Early{Known: true, Total: 1}, fail
	}
	r.open("folake", chart.Vitals)
	r.m.TypeVitals(ward.VitalSet{Pulse: "95"})
	r.until(func() bool { return r.m.State().Live.Known })
	r.desk.with(func() { fail = errors.New("no") })
	r.m.TypeVitals(ward.VitalSet{Pulse: "140"})
	r.until(func() bool { return !r.m.State().Live.Known })
}

func TestAnImprobableValueIsAskedAndOnlyThenConfirmed(t *testing.T) {
	r := newRig(t)
	r.open("folake", chart.Vitals)
	r.m.TypeVitals(ward.VitalSet{Pulse: "195"})
	r.m.SaveVitals(true) // a late press of Keep: nothing was asked
	r.quiet()
	if n := len(r.desk.commands()); n != 0 {
		t.Fatalf("%d commands without a question", n)
	}
	r.desk.with(func() { r.desk.answer = ward.Done{Ask: []string{"Pulse 195: was 88 at 12:30. Keep it or change it?"}} })
	r.m.SaveVitals(false)
	r.until(func() bool { return len(r.m.State().Ask) == 1 })
	if r.m.State().Vitals.Pulse != "195" || r.m.State().Saves != 0 {
		t.Error("a question is no save")
	}
	r.m.TypeVitals(ward.VitalSet{Pulse: "196"})
	if len(r.m.State().Ask) != 0 {
		t.Error("the question about another value still stands")
	}
	r.m.SaveVitals(false)
	r.until(func() bool { return len(r.m.State().Ask) == 1 })
	r.desk.mu.Lock()
	r.desk.answer = ward.Done{}
	r.desk.mu.Unlock()
	r.m.SaveVitals(true)
	r.until(func() bool { return r.m.State().Saves == 1 })
	last := r.desk.commands()[len(r.desk.commands())-1].(ward.RecordVitals)
	if !last.Confirmed || last.Set.Pulse != "196" {
		t.Errorf("saved %+v", last)
	}
}

// A refusal leaves what was typed where it was.
func TestARefusedSetStaysInTheForm(t *testing.T) {
	r := newRig(t)
	r.open("folake", chart.Vitals)
	r.desk.with(func() { r.desk.fail = errors.New("Pulse 950 is not possible. Nothing was saved. Type it again.") })
	r.m.TypeVitals(ward.VitalSet{Pulse: "950", Respirations: "21"})
	r.m.SaveVitals(false)
	r.until(func() bool { return r.m.State().Error != "" })
	if s := r.m.State(); s.Vitals.Pulse != "950" || s.Vitals.Respirations != "21" || s.Busy {
		t.Errorf("left: %+v", s.Vitals)
	}
	r.m.TypeVitals(ward.VitalSet{Pulse: "95", Respirations: "21"})
	if r.m.State().Error != "" {
		t.Error("the words about 950 stand beside 95")
	}
}

// What is not possible is said at every field, once typing rests and before anybody
// saves; what was put right loses its mark at once, and the other keeps its own.
func TestEveryImpossibleValueIsMarkedWhileItIsTyped(t *testing.T) {
	r := newRig(t)
	r.open("folake", chart.Vitals)
	r.m.TypeVitals(ward.VitalSet{Pulse: "950", Respirations: "400"})
	if len(r.m.State().Slips) != 0 {
		t.Fatal("marked while it is being typed")
	}
	time.Sleep(time.Second)
	r.until(func() bool { return len(r.m.State().Slips) == 2 })
	r.m.TypeVitals(ward.VitalSet{Pulse: "95", Respirations: "400"})
	if s := r.m.State().Slips; len(s) != 1 || s[0].Field != "respirations" {
		t.Errorf("%+v", s)
	}
	r.m.TypeVitals(ward.VitalSet{Pulse: "951", Respirations: "401"})
	r.m.SaveVitals(false)
	if s := r.m.State().Slips; len(s) != 2 {
		t.Errorf("saved in haste: %+v", s)
	}
	r.open("zofia", chart.Vitals)
	if len(r.m.State().Slips) != 0 {
		t.Error("marks of another patient")
	}
}

func TestAFormOrAPressOfAnotherPatientIsRefused(t *testing.T) {
	r := newRig(t)
	r.open("folake", chart.Allergies)
	old := r.m.State().Chart.Results[0]
	r.open("zofia", chart.Allergies)
	r.m.AddAllergy(ward.AddAllergy{Patient: "folake", Substance: "Latex"})
	if !strings.Contains(r.m.State().Error, "another patient") {
		t.Errorf("said %q", r.m.State().Error)
	}
	r.m.TakeResult(old)
	if !strings.Contains(r.m.State().Error, "not in this chart") {
		t.Errorf("said %q", r.m.State().Error)
	}
	r.m.RefuteAllergy(ward.Allergy{ID: "a1", Version: 1}, "never had it")
	r.quiet()
	if n := len(r.desk.commands()); n != 0 {
		t.Errorf("%d commands about another patient", n)
	}
}

func TestTakingNamesTheVersionThatWasSeen(t *testing.T) {
	r := newRig(t)
	r.open("folake", chart.Results)
	r.m.TakeResult(r.m.State().Chart.Results[0])
	r.until(func() bool { return len(r.desk.commands()) == 1 })
	if got := r.desk.commands()[0]; got != (ward.Take{Patient: "folake", Result: "k2", Version: 2, Kind: "taken"}) {
		t.Errorf("took %+v", got)
	}
}

func TestTheMostUrgentResultIsChosenFirstAndAChoiceIsKept(t *testing.T) {
	r := newRig(t)
	r.open("folake", chart.Results)
	if got := r.m.State().Selected; got != "k2" {
		t.Errorf("chosen first: %q", got)
	}
	r.m.Select("k1")
	if s := r.m.State(); s.Selected != "k1" || len(s.Trend) != 2 || s.Trend[0].ID != "k1" {
		t.Errorf("an earlier result cannot be chosen: %q, trend of %d", s.Selected, len(s.Trend))
	}
}

// The time of a note from paper is kept with the draft, given with the note, asked about
// where it is long ago, and forgotten with the note: the next one is of now.
func TestTheTimeOfANoteFromPaper(t *testing.T) {
	r := newRig(t)
	r.open("folake", chart.Notes)
	paper := at(22, "03:10")
	r.m.TypeNote("Slept badly.")
	r.m.TypeNoteAt(paper)
	r.until(func() bool { s, _ := r.desk.draft("folake/note-at"); return s == paper.Format(time.RFC3339) })
	r.m.KeepNoteTime() // nothing was asked
	r.desk.with(func() {
		r.desk.answer = ward.Done{Ask: []string{"This was true 13 h ago. Keep the time or change it?"}}
	})
	r.m.SaveNote()
	r.until(func() bool { return len(r.m.State().NoteAsk) == 1 })
	if s := r.m.State(); s.Saves != 0 || s.Note == "" || len(s.Ask) != 0 {
		t.Errorf("asked: %+v", s)
	}
	r.desk.with(func() { r.desk.answer = ward.Done{} })
	r.m.KeepNoteTime()
	r.until(func() bool { return r.m.State().Saves == 1 })
	var last ward.WriteNote
	r.desk.with(func() { last, _ = r.desk.done[len(r.desk.done)-1].(ward.WriteNote) })
	if !last.True.Equal(paper) || !last.Confirmed {
		t.Errorf("given: %+v", last)
	}
	if s := r.m.State(); !s.NoteAt.IsZero() || s.Note != "" || len(s.NoteAsk) != 0 {
		t.Errorf("after saving: %+v", s)
	}
	r.until(func() bool { s, there := r.desk.draft("folake/note-at"); return there && s == "" })
	r.desk.with(func() {
		r.desk.drafts = []ward.Draft{{Patient: "folake", Kind: "note", Body: "x", Saved: now}, {Patient: "folake", Kind: "note-at", Body: paper.Format(time.RFC3339), Saved: now}}
	})
	r.m.Close()
	r.open("folake", chart.Notes)
	if s := r.m.State(); !s.NoteAt.Equal(paper) || s.Note != "x" {
		t.Errorf("came back: %q of %s", s.Note, s.NoteAt)
	}
}

// When news of the patient arrive, what is typed is scored anew: a set that somebody else
// saved counts as the one before. The score that stands stays until the new one is there,
// and an answer of before the news does not replace it, however late it comes.
func TestNewsOfThePatientScoreWhatIsTypedAnew(t *testing.T) {
	r := newRig(t)
	last := 3
	var hold chan struct{}
	asked := make(chan struct{}, 8)
	r.desk.score = func(ward.VitalSet) (ward.Early, error) {
		r.desk.mu.Lock()
		e, wait := ward.Early{Known: true, Total: 2, Last: last, HasLast: true}, hold
		hold = nil
		r.desk.mu.Unlock()
		asked <- struct{}{}
		if wait != nil {
			<-wait
		}
		return e, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r.m.Follow(ctx)
	r.open("folake", chart.Vitals)
	r.m.TypeVitals(ward.VitalSet{Pulse: "95"})
	r.until(func() bool { return r.m.State().Live.Last == 3 })
	slow := make(chan struct{})
	r.desk.with(func() { last, hold = 8, slow })
	for len(asked) > 0 {
		<-asked
	}
	r.desk.notices <- ward.Notice{Kind: ward.NoticePatients, Patients: []ward.PatientID{"folake"}}
	r.until(func() bool { return len(asked) > 0 }) // the answer that is to be late has been read
	if s := r.m.State(); s.Live.Last != 3 || s.Scoring {
		t.Errorf("while it is scored anew: %+v", s.Live)
	}
	r.desk.with(func() { last = 9 })
	r.desk.notices <- ward.Notice{Kind: ward.NoticePatients, Patients: []ward.PatientID{"folake"}}
	close(slow)
	r.until(func() bool { return r.m.State().Live.Last == 9 })
	r.quiet()
	if got := r.m.State().Live.Last; got != 9 {
		t.Errorf("the answer of before stands: %d", got)
	}
}

// A score is of the values that stand in the form, or there is none: neither the one
// of the values before nor a late answer about them stands under new ones.
func TestALateScoreOfOtherValuesIsNeverShown(t *testing.T) {
	r := newRig(t)
	hold := make(chan struct{})
	r.desk.score = func(s ward.VitalSet) (ward.Early, error) {
		if s.Pulse == "14" {
			<-hold
		}
		return ward.Early{Known: true, Total: len(s.Pulse)}, nil
	}
	r.open("folake", chart.Vitals)
	r.m.TypeVitals(ward.VitalSet{Pulse: "1"})
	r.until(func() bool { return r.m.State().Live.Total == 1 })
	r.quiet()
	r.m.TypeVitals(ward.VitalSet{Pulse: "14"})
	if r.m.State().Live.Known {
		t.Errorf("the score of a pulse of 1 stands under one of 14: %+v", r.m.State().Live)
	}
	r.m.TypeVitals(ward.VitalSet{Pulse: "140"})
	close(hold)
	r.until(func() bool {
		if got := r.m.State().Live; got.Known && got.Total != 3 {
			t.Fatalf("the score of a pulse of 14 stands under one of 140: %+v", got)
		}
		return r.m.State().Live.Known
	})
}

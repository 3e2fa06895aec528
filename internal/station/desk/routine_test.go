package desk_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/routine"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// admission is a routine as the charge nurse writes it.
func admission() ward.SaveRoutine {
	return ward.SaveRoutine{
		Name: "Admission", Kind: "admission", Ward: "4B", Within: 60,
		Steps: []ward.RoutineStep{{Words: "Allergies asked", Page: "allergies"}, {Words: "Bed  marked"}, {Words: "Not used", Off: true}},
	}
}

// defined is a room whose ward has an admission routine in force.
func defined(t *testing.T) (*room, fhir.ID) {
	r := newRoom(t)
	r.admitFolake()
	r.link(true)
	r.desk.SetSession(mary)
	id := r.do(admission()).Made[0]
	r.drain()
	r.desk.SetSession(grace)
	return r, id
}

func (r *room) run() ward.RoutineRun {
	r.t.Helper()
	list := r.chart(folake).Routines
	if len(list) != 1 {
		r.t.Fatalf("%d runs: %s", len(list), show(list))
	}
	return list[0]
}

func runWords(run ward.RoutineRun) string {
	out := []string{run.State}
	for _, s := range run.Steps {
		out = append(out, s.State)
	}
	return strings.Join(out, " ")
}

// The charge nurse writes a routine; it has a version and an author; what was there
// before stays; everybody of the ward reads it.
func TestARoutineIsWrittenByWhoeverMay(t *testing.T) {
	r, id := defined(t)
	r.refused(fault.Denied, "by its charge nurse", admission())
	list, err := r.desk.Routines(bg)
	ok(t, err)
	if len(list.List) != 1 || list.MayEdit || list.MaySite || len(list.Starters) != len(routine.Starters()) {
		t.Fatalf("%s", show(list))
	}
	def := list.List[0]
	if def.ID != id || def.Number != 1 || def.By != mary.Name || !def.At.Equal(noon) || def.Steps[0].ID != "v1-1" || def.Steps[1].Words != "Bed marked" || !def.Steps[2].Off {
		t.Errorf("%s", show(def))
	}
	r.desk.SetSession(mary)
	next := admission()
	next.Routine, next.Version = id, def.Version
	next.Steps = []ward.RoutineStep{def.Steps[1], def.Steps[0], {Words: "New one"}}
	r.refused(fault.Conflict, "while you wrote", func() ward.SaveRoutine { c := next; c.Version = 0; return c }())
	r.do(next)
	r.refused(fault.Conflict, "while you wrote", next)
	r.drain()
	list, err = r.desk.Routines(bg)
	ok(t, err)
	def = list.List[0]
	if def.Number != 2 || def.Steps[0].Words != "Bed marked" || def.Steps[1].ID != "v1-1" || def.Steps[2].ID != "v2-1" || !def.MayEdit {
		t.Errorf("%s", show(def))
	}
	if len(def.Earlier) != 1 || def.Earlier[0].Number != 1 || len(def.Earlier[0].Steps) != 3 {
		t.Errorf("the version before: %s", show(def.Earlier))
	}
	same := next
	same.Version, same.Steps = def.Version, def.Steps
	before := r.cache.Count().Unsent
	r.do(same)
	if r.cache.Count().Unsent != before {
		t.Error("nothing was changed, and a version is saved")
	}
}

func TestWhatARoutineMayNotBe(t *testing.T) {
	r, id := defined(t)
	r.desk.SetSession(mary)
	change := func(fn func(*ward.SaveRoutine)) ward.SaveRoutine {
		c := admission()
		c.Routine, c.Version = id, 1
		fn(&c)
		return c
	}
	r.refused(fault.Invalid, "a name", change(func(c *ward.SaveRoutine) { c.Name = " " }))
	r.refused(fault.Invalid, "1 to 40 steps", change(func(c *ward.SaveRoutine) { c.Steps = nil }))
	r.refused(fault.Denied, "of its ward", change(func(c *ward.SaveRoutine) { c.Ward = "5A" }))
	r.refused(fault.Denied, "whole site", change(func(c *ward.SaveRoutine) { c.Ward = "" }))
	r.refused(fault.NotFound, "not on this computer", change(func(c *ward.SaveRoutine) { c.Routine = "r9" }))
	r.link(false)
	r.refused(fault.Unavailable, "network is out", change(func(*ward.SaveRoutine) {}))
	site := mary
	site.Wards = []string{"*"}
	r.desk.SetSession(site)
	r.link(true)
	r.refused(fault.Invalid, "stays with its ward", change(func(c *ward.SaveRoutine) { c.Ward = "" }))
	whole := admission()
	whole.Ward = ""
	r.do(whole)
	r.drain()
	list, err := r.desk.Routines(bg)
	ok(t, err)
	if len(list.List) != 2 || !list.MaySite {
		t.Errorf("%s", show(list))
	}
}

// A run from its beginning to its end, with the network out: offered, begun, ticked,
// not needed, taken back, late, finished; and the board counts it.
func TestARoutineIsDone(t *testing.T) {
	r, id := defined(t)
	offers := r.chart(folake).Offers
	if len(offers) != 1 || offers[0].Routine != id || offers[0].Now || offers[0].Steps != 2 {
		t.Fatalf("she came two days ago: %s", show(offers))
	}
	r.link(false)
	start := ward.StartRoutine{Patient: folake, Routine: id}
	run := r.do(start).Made[0]
	if again := r.do(start).Made[0]; again != run {
		t.Error("it is begun twice by the same hand")
	}
	if got := r.run(); runWords(got) != "open open open" || got.Number != 1 || got.By != grace.Name || !got.Unsent || got.Open != 2 || len(r.chart(folake).Offers) != 0 {
		t.Errorf("%s", show(got))
	}
	if row := r.row(folake); row.Routines != 1 || row.Overdue != 0 || row.Tasks != 0 {
		t.Errorf("%s", show(row))
	}
	mark := ward.MarkStep{Patient: folake, Run: run, Step: "v1-1"}
	r.do(mark)
	r.do(mark) // pressed twice
	got := r.run()
	if runWords(got) != "open done open" || len(got.Steps[0].Marks) != 1 || !got.Steps[0].Marks[0].Mine || got.Steps[0].Marks[0].By != grace.Name || got.Steps[0].Page != "allergies" {
		t.Errorf("%s", show(got))
	}
	r.refused(fault.Invalid, "why", ward.MarkStep{Patient: folake, Run: run, Step: "v1-2", Not: true})
	r.refused(fault.NotFound, "no such step", ward.MarkStep{Patient: folake, Run: run, Step: "v1-3"})
	r.later(61 * time.Minute)
	if got := r.run(); !got.Late {
		t.Errorf("%s", show(got))
	}
	r.desk.SetSession(tom)
	r.refused(fault.Invalid, grace.Name, ward.UnmarkStep{Patient: folake, Run: run, Step: "v1-1"})
	r.do(ward.UnmarkStep{Patient: folake, Run: run, Step: "v1-1", Reason: "bed 8 was asked"})
	r.do(ward.MarkStep{Patient: folake, Run: run, Step: "v1-1"})
	r.do(ward.MarkStep{Patient: folake, Run: run, Step: "v1-2", Not: true, Reason: "side room"})
	got = r.run()
	if runWords(got) != "finished done not-needed" || got.Steps[1].Marks[0].Reason != "side room" || !got.Ended.Equal(noon.Add(61*time.Minute)) || got.Late {
		t.Errorf("%s", show(got))
	}
	if row := r.row(folake); row.Routines != 0 {
		t.Errorf("%s", show(row))
	}
	r.link(true)
	r.drain()
	if got := r.run(); runWords(got) != "finished done not-needed" || got.Unsent {
		t.Errorf("%s", show(got))
	}
	// The steps are those that it was begun with, whatever the routine says now.
	r.desk.SetSession(mary)
	next := admission()
	next.Routine, next.Version, next.Steps = id, 1, []ward.RoutineStep{{Words: "Another"}}
	r.do(next)
	r.drain()
	if got := r.run(); runWords(got) != "finished done not-needed" || got.Number != 1 || got.Steps[0].Words != "Allergies asked" {
		t.Errorf("%s", show(got))
	}
}

// When it is late by time alone, the board says so without anybody touching it.
func TestALateRoutineIsOnTheBoard(t *testing.T) {
	r, id := defined(t)
	r.do(ward.StartRoutine{Patient: folake, Routine: id})
	r.drain()
	if row := r.row(folake); row.Routines != 1 || row.Overdue != 0 {
		t.Fatalf("%s", show(row))
	}
	r.later(30 * time.Minute)
	r.send(admitted("p12", "Okoro", "Ada", "12")...)
	if row := r.row(folake); row.Overdue != 0 {
		t.Fatalf("%s", show(row))
	}
	r.later(31 * time.Minute)
	r.send(admitted("p08", "Bello", "Ada", "08")...) // something else happens
	if row := r.row(folake); row.Overdue != 1 {
		t.Errorf("%s", show(row))
	}
}

// Whoever came in the last day is offered the admission routine by itself, once.
func TestTheAdmissionRoutineIsOfferedOnAdmission(t *testing.T) {
	r, id := defined(t)
	list := admitted("p09", "Okoro", "Ada", "09")
	list[1]["period"] = obj{"start": "2026-11-22T11:30:00Z"}
	r.send(list...)
	offers := r.chart("p09").Offers
	if len(offers) != 1 || !offers[0].Now || !offers[0].Came.Equal(noon.Add(-30*time.Minute)) {
		t.Fatalf("%s", show(offers))
	}
	if len(r.chart("p09").Routines) != 0 {
		t.Error("it was begun by itself")
	}
	run := r.do(ward.StartRoutine{Patient: "p09", Routine: id}).Made[0]
	r.do(ward.EndRoutine{Patient: "p09", Run: run, Mistake: true, Reason: "wrong bed"})
	if offers := r.chart("p09").Offers; len(offers) != 1 || !offers[0].Now {
		t.Errorf("after a mistake: %s", show(offers))
	}
	run = r.do(ward.StartRoutine{Patient: "p09", Routine: id}).Made[0]
	r.do(ward.EndRoutine{Patient: "p09", Run: run, Reason: "went to theatre"})
	if offers := r.chart("p09").Offers; len(offers) != 1 || offers[0].Now {
		t.Errorf("after one that was ended: %s", show(offers))
	}
}

// Ended with steps open, or begun by mistake: it is over, says why and by whom, and
// takes no more ticks.
func TestARoutineThatIsEnded(t *testing.T) {
	r, id := defined(t)
	run := r.do(ward.StartRoutine{Patient: folake, Routine: id}).Made[0]
	r.do(ward.MarkStep{Patient: folake, Run: run, Step: "v1-1"})
	r.refused(fault.Invalid, "why", ward.EndRoutine{Patient: folake, Run: run})
	r.do(ward.EndRoutine{Patient: folake, Run: run, Reason: "went home"})
	got := r.run()
	if runWords(got) != "left done open" || got.Why != "went home" || got.EndedBy != grace.Name || r.row(folake).Routines != 0 {
		t.Errorf("%s", show(got))
	}
	r.refused(fault.Conflict, "was ended", ward.MarkStep{Patient: folake, Run: run, Step: "v1-2"})
	r.refused(fault.Conflict, "was ended", ward.UnmarkStep{Patient: folake, Run: run, Step: "v1-1"})
	r.do(ward.EndRoutine{Patient: folake, Run: run, Mistake: true, Reason: "bed 8"})
	if got := r.run(); runWords(got) != "mistake done open" || got.Why != "bed 8" {
		t.Errorf("%s", show(got))
	}
}

// Two computers begin the routine of one patient apart: there is one on the screen,
// with the ticks of both, and a tick is taken back wherever it lies.
func TestARoutineThatWasBegunTwice(t *testing.T) {
	r, id := defined(t)
	run := r.do(ward.StartRoutine{Patient: folake, Routine: id}).Made[0]
	r.do(ward.MarkStep{Patient: folake, Run: run, Step: "v1-1"})
	def := routine.Routine{ID: id, Number: 1, Name: "Admission", Kind: routine.Admission, Steps: []routine.Step{{ID: "v1-1", Words: "Allergies asked"}, {ID: "v1-2", Words: "Bed marked"}}}
	other := def.Task("other", "")
	other.AuthoredOn = noon.Add(-time.Minute).Format(time.RFC3339)
	for _, step := range []string{"v1-1", "v1-2"} {
		m := routine.Mark{Step: step, User: "t.blake", Name: "Tom Blake, nurse", At: noon.Add(time.Second)}
		other.Output = append(other.Output, m.Parameter())
	}
	ref := fhir.To(fhir.Ref{Type: fhir.TypePatient, ID: folake})
	other.For = &ref
	body, err := fhir.Make(other)
	ok(t, err)
	r.batch([]record.Change{r.acceptBody(body, record.Author{User: "t.blake", Name: tom.Name}, record.Times{Central: r.clock().UnixMilli()}, "", "")}, nil)
	got := r.run()
	if got.ID != "other" || runWords(got) != "finished done done" || !got.Twice || len(got.Steps[0].Marks) != 2 {
		t.Fatalf("%s", show(got))
	}
	r.do(ward.UnmarkStep{Patient: folake, Run: "other", Step: "v1-1"})
	if got := r.run(); runWords(got) != "finished done done" || len(got.Steps[0].Marks) != 1 || got.Steps[0].Marks[0].By != tom.Name {
		t.Errorf("what another one said went too: %s", show(got))
	}
	r.do(ward.UnmarkStep{Patient: folake, Run: "other", Step: "v1-2", Reason: "not done"})
	if got := r.run(); runWords(got) != "open done open" {
		t.Errorf("%s", show(got))
	}
}

// A clerk sees no routine of a patient, and writes none.
func TestAClerkDoesNoRoutine(t *testing.T) {
	r, id := defined(t)
	r.desk.SetSession(ward.Person{User: "c", Name: "C", Role: "ward-clerk", Wards: []string{"4B"}})
	if _, err := r.desk.Routines(bg); !fault.Is(err, fault.Denied) {
		t.Errorf("%v", err)
	}
	if offers := r.chart(folake).Offers; len(offers) != 0 {
		t.Errorf("%s", show(offers))
	}
	r.refused(fault.Denied, "may not", ward.StartRoutine{Patient: folake, Routine: id})
}

// What became of each step is counted by version: done, not needed, left, still open.
func TestTheUseOfARoutineIsCounted(t *testing.T) {
	r, id := defined(t)
	for i, p := range []string{"p10", "p11", "p12", "p13"} {
		r.send(admitted(p, "Family"+p, "Given", "1"+p[2:])...)
		run := r.do(ward.StartRoutine{Patient: fhir.ID(p), Routine: id}).Made[0]
		switch i {
		case 0:
			r.do(ward.MarkStep{Patient: fhir.ID(p), Run: run, Step: "v1-1"})
		case 1:
			r.do(ward.MarkStep{Patient: fhir.ID(p), Run: run, Step: "v1-1", Not: true, Reason: "asked before"})
			r.do(ward.EndRoutine{Patient: fhir.ID(p), Run: run, Reason: "went home"})
		case 2:
			r.do(ward.EndRoutine{Patient: fhir.ID(p), Run: run, Mistake: true, Reason: "bed 8"})
		}
	}
	r.drain()
	r.desk.SetSession(mary)
	next := admission()
	next.Routine, next.Version, next.Steps = id, 1, []ward.RoutineStep{{ID: "v1-1", Words: "Allergies asked"}}
	r.do(next)
	r.drain()
	list, err := r.desk.Routines(bg)
	ok(t, err)
	def := list.List[0]
	if def.Runs != 3 || def.Steps[0].Use != (ward.RoutineUse{Done: 1, NotNeeded: 1, Open: 1}) {
		t.Errorf("%s", show(def))
	}
	if len(def.Earlier) != 1 || def.Earlier[0].Runs != 3 || def.Earlier[0].Steps[1].Use != (ward.RoutineUse{Left: 1, Open: 2}) {
		t.Errorf("%s", show(def.Earlier))
	}
}

// What central counted over all patients stands before what this computer holds; one
// that this program cannot read, or that a computer wrote, counts as none.
func TestCentralsCountStandsBeforeThisComputers(t *testing.T) {
	r, id := defined(t)
	tally := func(by record.Author, text string) {
		body := obj{"resourceType": "Basic", "id": string(record.UseOf(id).ID), "extension": []any{obj{"url": fhir.ExtUse, "valueString": text}}}
		ch := r.accept(body, by)
		ch.Wards = []record.Ward{"4B"}
		r.batch([]record.Change{ch}, nil)
	}
	runs := func() (int, time.Time) {
		list, err := r.desk.Routines(bg)
		ok(t, err)
		return list.List[0].Runs, list.List[0].Counted
	}
	text, err := routine.Tally{At: noon.Add(-time.Minute), Counts: routine.Counts{Runs: map[int]int{1: 41}, Of: map[int]map[string]routine.Use{1: {"v1-1": {Done: 41}}}}}.String()
	ok(t, err)
	for _, bad := range []func(){
		func() { tally(record.Author{User: "g.mensah"}, text) },
		func() { tally(record.Author{Sender: "central"}, "9 {}") },
	} {
		bad()
		if n, at := runs(); n != 0 || !at.IsZero() {
			t.Errorf("%d runs, counted %v", n, at)
		}
	}
	tally(record.Author{Sender: "central"}, text)
	if n, at := runs(); n != 41 || !at.Equal(noon.Add(-time.Minute)) {
		t.Errorf("%d runs, counted %v", n, at)
	}
}

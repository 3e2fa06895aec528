package desk_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/desk"
)

func (r *room) report() ward.OutageReport {
	r.t.Helper()
	rep, err := r.desk.OutageReport(bg, time.Time{})
	ok(r.t, err)
	return rep
}

func lines(list []ward.OutageLine) string {
	var out []string
	for _, l := range list {
		out = append(out, strings.TrimSpace(l.Kind+": "+l.Words+" "+l.Outcome+" "+l.Why))
	}
	return strings.Join(out, "; ")
}

// A ward was cut off for two hours. What it wrote went up and met other
// people's work; what came in at central meanwhile came down.
func TestTheReportAfterAnOutage(t *testing.T) {
	r := newRoom(t)
	if _, err := r.desk.OutageReport(bg, time.Time{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("before any outage: %v", err)
	}
	r.admitFolake()
	r.send(admitted("p08", "Rossi", "Giulia", "02")...)
	r.send(potassium("k0", string(folake), "4.1", "final", "")) // before it
	r.connected(true)
	r.later(time.Minute)
	r.cut()
	out := r.clock()
	r.later(time.Hour)
	r.do(penicillin)
	r.do(ward.WriteNote{Patient: folake, Text: "slept badly"})
	r.do(ward.PlaceOrder{Patient: "p08", Test: "Lactate"})

	unsent, more, err := r.desk.Unsent(bg)
	ok(t, err)
	var waiting []ward.OutageLine
	for _, u := range unsent {
		waiting = append(waiting, u.Line)
	}
	if got := lines(waiting); more != 0 || got != "allergy: Penicillin, anaphylaxis, severe unsent; note: slept badly unsent; order: Lactate unsent" {
		t.Errorf("unsent: %s, and %d more", got, more)
	}
	if unsent[2].Who.ID != "p08" || !unsent[0].Line.At.Equal(r.clock()) || unsent[0].Line.By != "Grace Mensah, nurse" {
		t.Errorf("unsent: %s", show(unsent))
	}
	during := r.report()
	if !during.To.IsZero() || during.CaughtUp || during.Counts.Unsent != 3 || during.Counts.CameIn != 0 {
		t.Errorf("in the middle of it: %s", show(during))
	}

	r.later(time.Hour)
	r.desk.LinkChanged(backAt(r, 6)) // central took three entries meanwhile
	r.send(potassium("k1", string(folake), "6.8", "final", "HH"))
	r.send(question(string(folake)))
	if rep := r.report(); rep.CaughtUp || rep.Counts.CameIn != 2 {
		t.Errorf("with one entry missing: %s", show(rep))
	}
	r.send(potassium("k2", "p08", "4.4", "final", ""))
	r.answer(func(m record.Mutation) record.Receipt {
		switch m.Ref.Type {
		case fhir.TypeAllergyIntolerance:
			return record.Receipt{Outcome: record.Review, Review: "q1", Reason: "Two entries contradict one another."}
		case fhir.TypeServiceRequest:
			return record.Receipt{Outcome: record.Refused, Reason: "the patient is not known to central"}
		}
		return record.Receipt{Outcome: record.Merged}
	})
	r.send(potassium("k3", "p08", "4.5", "final", "")) // after it

	rep := r.report()
	if !rep.From.Equal(out) || !rep.To.Equal(r.clock()) || !rep.CaughtUp || rep.Away != 0 || len(rep.Patients) != 2 {
		t.Fatalf("report: %s", show(rep))
	}
	if unsent, more, _ := r.desk.Unsent(bg); len(unsent) != 0 || more != 0 {
		t.Errorf("everything is answered for, and %s waits, and %d more", show(unsent), more)
	}
	if want := (ward.OutageCounts{CameIn: 3, Written: 3, Merged: 1, Review: 1, Refused: 1, Waiting: 1}); rep.Counts != want {
		t.Errorf("counts %+v, want %+v", rep.Counts, want)
	}
	first, second := rep.Patients[0], rep.Patients[1]
	if first.Who.ID != folake || second.Who.ID != "p08" {
		t.Fatalf("whoever needs a person comes first: %s, %s", first.Who.ID, second.Who.ID)
	}
	for _, c := range []struct{ what, got, want string }{
		{"came in about Folake", lines(first.CameIn), "result: Potassium 6.8 mmol/L; question: Is the patient allergic to Penicillin?"},
		{"written about Folake", lines(first.Written), "allergy: Penicillin, anaphylaxis, severe review Two entries contradict one another.; note: slept badly merged"},
		{"waiting about Folake", lines(first.Waiting), "question: Is the patient allergic to Penicillin?"},
		{"came in about Giulia", lines(second.CameIn), "result: Potassium 4.4 mmol/L"},
		{"written about Giulia", lines(second.Written), "order: Lactate refused the patient is not known to central"},
	} {
		if c.got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, c.got, c.want)
		}
	}
}

// backAt is contact with a central whose journal has grown to head.
func backAt(r *room, head record.Position) (s desk.LinkState) {
	s.Connected, s.Server, s.Measured, s.Cursor = true, "https://central:8443", true, r.cursor()
	s.Central = record.Central{Time: r.clock().UnixMilli(), Head: head}
	return s
}

// question is a review as central makes it.
func question(patient string) map[string]any {
	return obj{
		"resourceType": "Task", "id": "q1", "status": "requested", "intent": "order", "code": coded(fhir.SystemTaskCode, fhir.TaskReview, ""),
		"for": ref(fhir.TypePatient, patient), "description": "Is the patient allergic to Penicillin?",
	}
}

// Equal is said only where central was asked and holds the same.
func TestTheReportComparesBothSides(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(admitted("p08", "Rossi", "Giulia", "02")...)
	r.connected(true)
	r.later(time.Minute)
	r.cut()
	r.do(ward.WriteNote{Patient: folake, Text: "a"})
	r.do(ward.WriteNote{Patient: "p08", Text: "b"})
	r.later(time.Hour)
	r.desk.LinkChanged(backAt(r, r.pos))
	r.drain()
	level := func(id fhir.ID) ward.Level {
		t.Helper()
		rep := r.report()
		i := slices.IndexFunc(rep.Patients, func(p ward.OutagePatient) bool { return p.Who.ID == id })
		return rep.Patients[i].Level
	}
	if l := r.report().Level; l != ward.LevelUnknown {
		t.Errorf("central was not asked: %s", l)
	}
	other := record.Head{Count: 7}
	r.heads = func(context.Context, []fhir.ID) (map[fhir.ID]record.Head, error) {
		return map[fhir.ID]record.Head{folake: r.head(folake), "p08": r.head("p08")}, nil
	}
	if l := r.report().Level; l != ward.LevelEqual || level(folake) != ward.LevelEqual {
		t.Errorf("equal on both sides: %s", l)
	}
	r.heads = func(context.Context, []fhir.ID) (map[fhir.ID]record.Head, error) {
		return map[fhir.ID]record.Head{folake: r.head(folake), "p08": other}, nil
	}
	if rep := r.report(); rep.Level != ward.LevelDiffers || rep.Patients[0].Who.ID != "p08" || level(folake) != ward.LevelEqual {
		t.Errorf("one differs: %s", show(rep))
	}
	r.heads = func(context.Context, []fhir.ID) (map[fhir.ID]record.Head, error) {
		return map[fhir.ID]record.Head{folake: r.head(folake)}, nil
	}
	if l := r.report().Level; l != ward.LevelUnknown || level("p08") != ward.LevelUnknown {
		t.Errorf("central named one of two: %s", l)
	}
}

// head is the head of what the cache holds.
func (r *room) head(id fhir.ID) record.Head {
	r.t.Helper()
	var list []record.Change
	ok(r.t, r.cache.View(bg, func(v cacheReader) error {
		for ch, err := range v.Compartment(id) {
			ok(r.t, err)
			list = append(list, ch)
		}
		return nil
	}))
	return record.HeadOf(list)
}

// A loose cable leaves one report, and a moment without contact hides none.
func TestALooseCableIsOneOutage(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.connected(true)
	r.later(time.Minute)
	r.cut()
	out := r.clock()
	for _, text := range []string{"one", "two", "three"} {
		r.later(20 * time.Minute)
		r.do(ward.WriteNote{Patient: folake, Text: text})
		r.connected(true)
		r.later(10 * time.Second)
		r.cut()
	}
	r.later(5 * time.Second)
	r.connected(true)
	r.drain()
	if rep := r.report(); !rep.From.Equal(out) || rep.Counts.Written != 3 || rep.Counts.Applied != 3 || len(rep.Earlier) != 0 {
		t.Errorf("a loose cable: %s", show(rep))
	}
	r.later(10 * time.Minute)
	r.cut()
	r.later(3 * time.Second)
	r.connected(true)
	if rep := r.report(); !rep.From.Equal(out) {
		t.Errorf("a moment without contact took the report's place: %s", show(rep))
	}
	r.later(time.Hour)
	r.cut()
	r.later(time.Hour)
	r.connected(true)
	rep := r.report()
	if rep.From.Equal(out) || len(rep.Earlier) != 1 || !rep.Earlier[0].From.Equal(out) {
		t.Errorf("the next outage: %s", show(rep))
	}
	again, err := r.desk.OutageReport(bg, out)
	ok(t, err)
	if again.Counts.Written != 3 {
		t.Errorf("the one before it: %s", show(again))
	}
}

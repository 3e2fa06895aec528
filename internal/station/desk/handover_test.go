package desk_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

func (r *room) handover() ward.Handover {
	r.t.Helper()
	h, err := r.desk.Handover(bg)
	ok(r.t, err)
	return h
}

func (r *room) sheet(id fhir.ID) ward.Sheet {
	r.t.Helper()
	for _, s := range r.handover().Sheets {
		if s.Who.ID == id {
			return s
		}
	}
	r.t.Fatalf("%s is on no sheet", id)
	return ward.Sheet{}
}

func (r *room) waiting() []ward.Waiting {
	r.t.Helper()
	list, err := r.desk.HandoversWaiting(bg)
	ok(r.t, err)
	return list
}

func texts(list []ward.Wording) string {
	var out []string
	for _, w := range list {
		out = append(out, w.Text)
	}
	return strings.Join(out, " | ")
}

// The sheet is filled from the record, and every value has its time.
func TestASheetIsFilledFromTheRecord(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(admitted("p15", "Holloway", "Brian", "15")...)
	r.send(potassium("k1", string(folake), "6.8", "final", "HH"))
	yes := true
	r.do(ward.RecordVitals{Patient: folake, Confirmed: true, Set: ward.VitalSet{At: noon.Add(-5 * time.Hour), Respirations: "24", SpO2: "94", Oxygen: &yes, Systolic: "100", Diastolic: "60", Pulse: "111", Consciousness: "A", Temperature: "38.1"}})
	r.do(ward.AddTask{Patient: folake, Words: "Repeat potassium", Due: noon.Add(time.Hour), Owner: "Tom Blake"})
	done := r.do(ward.AddTask{Patient: folake, Words: "ECG"})
	r.do(ward.FinishTask{Patient: folake, Task: done.Made[0]})
	r.do(ward.AddAllergy{Patient: folake, Substance: "Penicillin", Reaction: "anaphylaxis", Severity: "severe", Certainty: "confirmed"})
	h := r.handover()
	if len(h.Sheets) != 2 || h.Sheets[0].Who.Bed != "07" {
		t.Fatalf("%d sheets", len(h.Sheets))
	}
	s := h.Sheets[0]
	if s.Severity != ward.Unstable || !strings.Contains(s.Why, "at 07:00") || !strings.Contains(s.Why, "Potassium critical and not acted on") {
		t.Errorf("severity %q: %s", s.Severity, s.Why)
	}
	if !s.Since.Equal(time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)) || s.Allergies.Worst != "Penicillin" {
		t.Errorf("since %v, allergies %+v", s.Since, s.Allergies)
	}
	if len(s.Actions) != 1 || s.Actions[0].Words != "Repeat potassium" {
		t.Errorf("actions %+v", s.Actions)
	}
	if len(s.Facts) != 1 || s.Facts[0].Words != "Potassium 6.8 mmol/L CRITICAL HIGH, range 3.5-5.3, final" || s.Facts[0].At.IsZero() {
		t.Errorf("facts %+v", s.Facts)
	}
	if len(s.Situation) != 2 || !strings.HasPrefix(s.Situation[0].Words, "Nobody has taken it: Potassium 6.8") || !strings.HasPrefix(s.Situation[1].Words, "Observations overdue") {
		t.Errorf("situation %+v", s.Situation)
	}
	for _, f := range append(s.Facts, s.Situation...) {
		if f.At.IsZero() {
			t.Errorf("%q has no time", f.Words)
		}
	}
	if b := h.Sheets[1]; b.Severity != "" || b.Why != "no NEWS2 recorded" {
		t.Errorf("nothing is known, and the sheet says %q: %s", b.Severity, b.Why)
	}
	r.desk.SetSession(ward.Person{User: "x", Name: "X, nurse", Role: "nurse", Wards: []string{"5A"}})
	if _, err := r.desk.Handover(bg); !fault.Is(err, fault.Denied) {
		t.Errorf("somebody of another ward: %v", err)
	}
}

// Free text is changed by people only. Who writes anew replaces what they had
// before them; what somebody else wrote meanwhile stands beside it.
func TestFreeTextIsChangedByPeopleOnly(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	first := r.do(ward.WriteHandover{Patient: folake, Part: ward.PartSummary, Text: "Pneumonia. Potassium 5.0."}).Made[0]
	r.send(potassium("k1", string(folake), "6.8", "final", "HH"))
	if got := texts(r.sheet(folake).Summary); got != "Pneumonia. Potassium 5.0." {
		t.Fatalf("the record changed a text: %s", got)
	}
	r.drain()
	second := r.do(ward.WriteHandover{Patient: folake, Part: ward.PartSummary, Text: "Pneumonia with AKI 2.", Replaces: []fhir.ID{first}}).Made[0]
	r.desk.SetSession(tom)
	// Tom had the first one before him.
	r.do(ward.WriteHandover{Patient: folake, Part: ward.PartSummary, Text: "Family told.", Replaces: []fhir.ID{first}})
	if got := texts(r.sheet(folake).Summary); got != "Pneumonia with AKI 2. | Family told." {
		t.Fatalf("written apart: %s", got)
	}
	all := r.sheet(folake).Summary
	r.do(ward.WriteHandover{Patient: folake, Part: ward.PartSummary, Text: "Pneumonia with AKI 2. Family told.", Replaces: []fhir.ID{all[0].ID, all[1].ID}})
	got := r.sheet(folake).Summary
	if texts(got) != "Pneumonia with AKI 2. Family told." || got[0].By != tom.Name {
		t.Errorf("put together: %s", texts(got))
	}
	before := r.cache.Count().Unsent
	r.do(ward.WriteHandover{Patient: folake, Part: ward.PartSummary, Text: "Pneumonia with AKI 2. Family told.", Replaces: []fhir.ID{got[0].ID}})
	if r.cache.Count().Unsent != before {
		t.Error("saving what stands already made another entry")
	}
	if len(r.chart(folake).Notes) != 0 {
		t.Error("parts of a handover stand among the notes")
	}
	r.refused(fault.NotFound, "not on this computer", ward.WriteNote{Patient: folake, Text: "x", Edit: second})
	r.refused(fault.Invalid, "no such part", ward.WriteHandover{Patient: folake, Part: "plan", Text: "x"})
	r.refused(fault.Invalid, "nothing to save", ward.WriteHandover{Patient: folake, Part: ward.PartSummary, Text: " "})
	r.refused(fault.Invalid, "a watcher or unstable", ward.WriteHandover{Patient: folake, Part: ward.PartSeverity, Text: "poorly"})
	r.drain()
	if texts(r.sheet(folake).Summary) != "Pneumonia with AKI 2. Family told." || r.sheet(folake).Unsent {
		t.Errorf("after receipt: %+v", r.sheet(folake).Summary)
	}
}

// The worse of what the record says and of what people say counts.
func TestNobodysWordHidesAScore(t *testing.T) {
	s := ward.Sheet{Severity: ward.Unstable, Said: []ward.Wording{{Text: "stable"}}}
	if s.Worst() != ward.Unstable {
		t.Error("a word hides a score")
	}
	s = ward.Sheet{Severity: ward.Stable, Said: []ward.Wording{{Text: "watcher"}}}
	if s.Worst() != ward.Watcher {
		t.Error("a person's worry is not heard")
	}
	if s = (ward.Sheet{}); s.Worst() != "" {
		t.Error("something is said where nothing is known")
	}
}

// Grace gives, Tom accepts: two signatures with their times. Nobody signs both.
func TestGivenAndAccepted(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(admitted("p15", "Holloway", "Brian", "15")...)
	r.do(ward.WriteHandover{Patient: folake, Part: ward.PartContingency, Text: "If potassium is 6.0 or more, then call renal on 5330."})
	r.refused(fault.Invalid, "to whom", ward.GiveHandover{Patients: []ward.PatientID{folake}})
	r.refused(fault.Invalid, "to yourself", ward.GiveHandover{Patients: []ward.PatientID{folake}, To: "Grace Mensah"})
	r.refused(fault.Invalid, "nobody to hand over", ward.GiveHandover{To: "Tom Blake"})
	made := r.do(ward.GiveHandover{Patients: []ward.PatientID{folake, "p15"}, To: "Tom Blake, nurse"}).Made
	g := r.sheet(folake).Given
	if g == nil || g.ID != made[0] || g.By != grace.Name || g.To != "Tom Blake, nurse" || !g.At.Equal(noon) || !g.Due.Equal(noon.Add(30*time.Minute)) || g.Changed || len(g.Accepted) != 0 {
		t.Fatalf("given: %+v", g)
	}
	if w := r.waiting(); len(w) != 1 || len(w[0].Patients) != 2 || w[0].To != "Tom Blake, nurse" {
		t.Fatalf("waiting: %+v", w)
	}
	r.refused(fault.Invalid, "the other signs", ward.AcceptHandover{Patient: folake, Given: g.ID})
	r.later(10 * time.Minute)
	r.desk.SetSession(tom)
	r.do(ward.AcceptHandover{Patient: folake, Given: g.ID, Synthesis: "Potassium again at 20:00."})
	r.do(ward.AcceptHandover{Patient: folake, Given: g.ID, Synthesis: "pressed twice"})
	a := r.sheet(folake).Given.Accepted
	if len(a) != 1 || a[0].By != tom.Name || a[0].Synthesis != "Potassium again at 20:00." || !a[0].At.Equal(noon.Add(10*time.Minute)) {
		t.Fatalf("accepted: %+v", a)
	}
	if w := r.waiting(); len(w) != 1 || len(w[0].Patients) != 1 || w[0].Patients[0] != "p15" {
		t.Errorf("still waiting: %+v", w)
	}
	r.refused(fault.Conflict, "has accepted it", ward.TakeBackHandover{Patient: folake, Given: g.ID, Reason: "x"})
	r.drain()
	if g := r.sheet(folake).Given; g.Unsent || len(g.Accepted) != 1 || g.Accepted[0].Unsent {
		t.Errorf("after receipt: %+v", g)
	}
	// A text that is written afterwards was not handed over, and the sheet says so.
	r.do(ward.WriteHandover{Patient: folake, Part: ward.PartSummary, Text: "Worse."})
	if !r.sheet(folake).Given.Changed {
		t.Error("what was written since is shown as handed over")
	}
}

// Of an unstable patient something is repeated back.
func TestAnUnstablePatientIsRepeatedBack(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.do(ward.WriteHandover{Patient: folake, Part: ward.PartSeverity, Text: "unstable"})
	g := r.do(ward.GiveHandover{Patients: []ward.PatientID{folake}, To: "Tom Blake"}).Made[0]
	r.desk.SetSession(tom)
	r.refused(fault.Invalid, "repeat back", ward.AcceptHandover{Patient: folake, Given: g})
	r.do(ward.AcceptHandover{Patient: folake, Given: g, Synthesis: "hourly observations"})
}

// Nobody accepts it: after thirty minutes it goes up, with the network out too.
func TestAHandoverThatNobodyAcceptsGoesUp(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.connected(true)
	r.connected(false)
	g := r.do(ward.GiveHandover{Patients: []ward.PatientID{folake}, To: "Tom Blake"}).Made[0]
	late := func() bool { w := r.waiting(); return len(w) == 1 && !r.clock().Before(w[0].Due) }
	r.later(29 * time.Minute)
	if late() {
		t.Error("it went up before its time")
	}
	r.later(time.Minute)
	if !late() || !r.sheet(folake).Given.Late(r.clock()) {
		t.Error("after thirty minutes it did not go up")
	}
	r.do(ward.TakeBackHandover{Patient: folake, Given: g})
	if len(r.waiting()) != 0 || r.sheet(folake).Given != nil {
		t.Errorf("taken back, and it waits: %+v", r.waiting())
	}
	r.refused(fault.NotFound, "was taken back", ward.AcceptHandover{Patient: folake, Given: g})
	one := r.do(ward.GiveHandover{Patients: []ward.PatientID{folake}, To: "Tom Blake"}).Made[0]
	r.do(ward.GiveHandover{Patients: []ward.PatientID{folake}, To: "Ines Ferreira"})
	r.desk.SetSession(tom)
	r.refused(fault.Conflict, "handed over anew", ward.AcceptHandover{Patient: folake, Given: one})
	if w := r.waiting(); len(w) != 1 || w[0].To != "Ines Ferreira" {
		t.Errorf("%+v", w)
	}
}

// Somebody who was discharged waits for nobody.
func TestADischargedPatientsHandoverWaitsForNobody(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.do(ward.GiveHandover{Patients: []ward.PatientID{folake}, To: "Tom Blake"})
	e := admitted(string(folake), "Adeyemi", "Folake", "07")[1]
	e["status"] = "finished"
	r.send(e)
	if w := r.waiting(); len(w) != 0 {
		t.Errorf("%+v", w)
	}
}

// A board that is read from its briefs after a restart still says what waits.
func TestWhatWaitsIsKnownAfterARestart(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.do(ward.GiveHandover{Patients: []ward.PatientID{folake}, To: "Tom Blake"})
	r.drain()
	r.close()
	r.later(31 * time.Minute)
	r.open()
	r.settle()
	if w := r.waiting(); len(w) != 1 || r.clock().Before(w[0].Due) {
		t.Errorf("%+v", w)
	}
}

// A call begins with what the record says, each with its time; what was said is
// kept among the notes.
func TestACallIsFilledAndKept(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", string(folake), "6.8", "final", "HH"))
	yes := false
	r.do(ward.RecordVitals{Patient: folake, Confirmed: true, Set: ward.VitalSet{At: noon.Add(-time.Hour), Respirations: "24", SpO2: "94", Oxygen: &yes, Systolic: "100", Diastolic: "60", Pulse: "111", Consciousness: "A", Temperature: "38.1"}})
	r.do(ward.WriteHandover{Patient: folake, Part: ward.PartSummary, Text: "Pneumonia."})
	c, err := r.desk.Call(context.Background(), folake)
	ok(t, err)
	for part, musts := range map[string][]string{
		c.Situation:  {"I am Grace Mensah, nurse", "ADEYEMI, Folake", "bed 07", "999 041 7733", "NEWS2: NEWS2", "at 11:00", "Nobody has taken it: Potassium 6.8 mmol/L CRITICAL HIGH"},
		c.Background: {"Here since 20-Nov-2026", "Pneumonia. (Grace Mensah, nurse, 12:00)", "Allergies not recorded."},
		c.Assessment: {"Observations at 11:00: respirations 24/min, SpO₂ 94 %, on air, blood pressure 100/60 mmHg, pulse 111/min", "temperature 38.1 °C", "Potassium 6.8"},
	} {
		for _, must := range musts {
			if !strings.Contains(part, must) {
				t.Errorf("%q is not in %q", must, part)
			}
		}
	}
	if c.Recommendation != "" {
		t.Error("the program says what to do")
	}
	r.refused(fault.Invalid, "who was called", ward.RecordCall{Patient: folake, Situation: "x"})
	r.refused(fault.Invalid, "what was said", ward.RecordCall{Patient: folake, Called: "Dr Patel"})
	r.do(ward.RecordCall{Patient: folake, Called: "Dr Sunil Patel", Situation: c.Situation, Recommendation: "Come now", ReadBack: "coming"})
	r.drain()
	n := r.chart(folake).Notes
	if len(n) != 1 || !strings.HasPrefix(n[0].Text, "Call to Dr Sunil Patel\nSituation: I am Grace") || !strings.HasSuffix(n[0].Text, "Recommendation: Come now\nRead back: coming") {
		t.Errorf("%+v", n)
	}
}

// What is written has the shape that stations of this release wrote: it must be
// read for ever. UPDATE_GOLDEN=1 writes the fixtures of a new shape beside them.
func TestTheShapeOfAHandoverInTheRecord(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.do(ward.AddTask{Patient: folake, Words: "Repeat potassium", Due: noon.Add(time.Hour), Role: "nurse", Priority: ward.PriorityUrgent})
	r.do(ward.WriteHandover{Patient: folake, Part: ward.PartSummary, Text: "Pneumonia."})
	g := r.do(ward.GiveHandover{Patients: []ward.PatientID{folake}, To: "Tom Blake"}).Made[0]
	r.do(ward.RecordCall{Patient: folake, Called: "Dr Patel", Situation: "Worse."})
	r.desk.SetSession(tom)
	r.do(ward.AcceptHandover{Patient: folake, Given: g, Synthesis: "Potassium again."})
	muts, err := r.cache.Unsent(0, 100)
	ok(t, err)
	var got strings.Builder
	for _, m := range muts {
		var pretty map[string]any
		ok(t, json.Unmarshal(m.Ops[0].Value, &pretty))
		got.WriteString(show(pretty) + "\n")
	}
	path := filepath.Join("testdata", "handover.v1.json")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		ok(t, os.MkdirAll("testdata", 0o755))
		ok(t, os.WriteFile(path, []byte(got.String()), 0o644))
	}
	want, err := os.ReadFile(path)
	ok(t, err)
	if got.String() != string(want) {
		t.Errorf("written now:\n%s", got.String())
	}
	// A station that gets the fixture shows what it says.
	other := newRoom(t)
	other.admitFolake()
	dec := json.NewDecoder(strings.NewReader(string(want)))
	for dec.More() {
		var body map[string]any
		ok(t, dec.Decode(&body))
		other.send(body)
	}
	s := other.sheet(folake)
	if texts(s.Summary) != "Pneumonia." || len(s.Actions) != 1 || s.Actions[0].Role != "nurse" || s.Given == nil || len(s.Given.Accepted) != 1 || s.Given.To != "Tom Blake" || len(other.chart(folake).Notes) != 1 {
		t.Errorf("%s", show(s))
	}
}

// A routine that is open is on the sheet with its steps; one that is over is not.
func TestASheetHoldsTheRoutinesThatAreOpen(t *testing.T) {
	r, id := defined(t)
	r.do(ward.StartRoutine{Patient: folake, Routine: id})
	run := r.run()
	r.do(ward.MarkStep{Patient: folake, Run: run.ID, Step: run.Steps[0].ID})
	sheet := func() ward.Sheet {
		h, err := r.desk.Handover(bg)
		ok(t, err)
		return h.Sheets[0]
	}
	s := sheet()
	if len(s.Routines) != 1 || s.Routines[0].ID != run.ID || s.Routines[0].Open != 1 || len(s.Routines[0].Steps) != 2 || s.Routines[0].Steps[1].State != ward.StepOpen {
		t.Errorf("%s", show(s.Routines))
	}
	r.do(ward.MarkStep{Patient: folake, Run: run.ID, Step: run.Steps[1].ID})
	if s := sheet(); len(s.Routines) != 0 {
		t.Errorf("finished, and on the sheet: %s", show(s.Routines))
	}
}

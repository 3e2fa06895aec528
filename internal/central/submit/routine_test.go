package submit_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/routine"
)

// define is a routine's version as somebody at this computer writes it.
func (s *station) define(user record.UserID, id fhir.ID, base record.Version, number int, ward string, words ...string) record.Mutation {
	def := routine.Routine{ID: id, Number: number, Name: "Admission", Kind: routine.Admission, Ward: ward}
	for i, w := range words {
		def.Steps = append(def.Steps, routine.Step{ID: routine.NewStepID(def.Steps, 1), Words: w, Off: i > 2})
	}
	ref := fhir.Ref{Type: fhir.TypePlanDefinition, ID: id}
	return s.write(user, "", ref, func(m *record.Mutation) {
		m.Base, m.Ref = base, ref
		m.Ops = []record.Op{{Kind: record.OpPut, Value: body(def.Resource("2026-11-22T12:00:00Z"))}}
	})
}

func (h *hospital) people() {
	for _, a := range []record.Account{
		{User: "m.okafor", Name: "Mary Okafor", Role: "charge-nurse", Wards: []record.Ward{"4B"}},
		{User: "m.site", Name: "Site Matron", Role: "charge-nurse", Wards: []record.Ward{"*"}},
		{User: "c.lerk", Name: "Clara Lerk", Role: "ward-clerk", Wards: []record.Ward{"4B"}},
		{User: "t.blake", Name: "Tom Blake", Role: "nurse", Wards: []record.Ward{"4B"}},
	} {
		h.must(h.s.PutAccount(h.ctx(), record.Author{User: "root"}, a))
	}
}

// Whoever may writes a ward's routine, or the whole site's; central refuses it from
// anybody else, for another ward, where it cannot be read, where it skips a version,
// and from whoever has not seen the newest. Every version stays.
func TestWhoWritesARoutine(t *testing.T) {
	h := open(t, nil)
	h.people()
	for why, m := range map[string]record.Mutation{
		"may not create":            h.w4B.define("g.mensah", "r1", 0, 1, "4B", "One"),
		"at a computer of that":     h.w4B.define("m.okafor", "r2", 0, 1, "5A", "One"),
		"who covers the whole site": h.w4B.define("m.okafor", "r3", 0, 1, "", "One"),
		"1 to 40 steps":             h.w4B.define("m.okafor", "r4", 0, 1, "4B"),
		"does not follow":           h.w4B.define("m.okafor", "r5", 0, 2, "4B", "One"),
	} {
		if r := h.w4B.send(m); r.Outcome != record.Refused || !strings.Contains(r.Reason, why) {
			t.Errorf("%s: %+v", why, r)
		}
	}
	ref := fhir.Ref{Type: fhir.TypePlanDefinition, ID: "r6"}
	first := h.w4B.sent(h.w4B.define("m.okafor", "r6", 0, 1, "4B", "One"))
	c, _ := h.current(ref)
	if !hasWard(c.Wards, "4B") || len(c.Wards) != 1 || c.Author.Name != "Mary Okafor, charge nurse" {
		t.Errorf("%+v", c)
	}
	h.w4B.sent(h.w4B.define("m.okafor", "r6", first.Version, 2, "4B", "One", "Two"))
	for why, m := range map[string]record.Mutation{
		"changed the routine meanwhile": h.w4B.define("m.okafor", "r6", first.Version, 2, "4B", "Three"),
		"stays with its ward":           h.w4B.define("m.site", "r6", 2, 3, "", "One"),
		"on a ward of this computer":    h.w5A.define("m.site", "r6", 2, 3, "4B", "One"),
	} {
		s := h.w4B
		if strings.HasPrefix(why, "on a ward") {
			s = h.w5A
		}
		if r := s.send(m); r.Outcome != record.Refused || !strings.Contains(r.Reason, why) {
			t.Errorf("%s: %+v", why, r)
		}
	}
	if c, _ := h.current(ref); c.Version != 2 || len(h.history(ref)) != 2 {
		t.Errorf("version %d, %d in history", c.Version, len(h.history(ref)))
	}
	if on := h.audits("mutation", string(c.Mutation)); len(on) != 1 || !strings.Contains(on[0], "m.okafor") {
		t.Errorf("who wrote it is not on record: %v", on)
	}
	// The whole site's, from one ward, changed on another.
	site := fhir.Ref{Type: fhir.TypePlanDefinition, ID: "r7"}
	one := h.w4B.sent(h.w4B.define("m.site", "r7", 0, 1, "", "One"))
	if c, _ := h.current(site); !hasWard(c.Wards, "*") {
		t.Errorf("%v", c.Wards)
	}
	if r := h.w4B.send(h.w4B.define("m.okafor", "r7", one.Version, 2, "", "One", "Two")); r.Outcome != record.Refused || !strings.Contains(r.Reason, "whole site") {
		t.Errorf("%+v", r)
	}
	h.w5A.sent(h.w5A.define("m.site", "r7", one.Version, 2, "", "One", "Two"))
}

// begin is a run as somebody begins it.
func (s *station) begin(user record.UserID, p fhir.ID, change func(*fhir.Task)) record.Mutation {
	def := routine.Routine{ID: "r6", Number: 1, Name: "Admission", Kind: routine.Admission, Ward: "4B", Steps: []routine.Step{{ID: "a", Words: "One"}, {ID: "b", Words: "Two"}}}
	return s.write(user, p, fhir.Ref{Type: fhir.TypeTask}, func(m *record.Mutation) {
		task := def.Task(m.Ref.ID, "")
		ref := fhir.To(fhir.Ref{Type: fhir.TypePatient, ID: p})
		task.For = &ref
		if change != nil {
			change(&task)
		}
		m.Ops = []record.Op{{Kind: record.OpPut, Value: body(task)}}
	})
}

func (s *station) tick(user record.UserID, p fhir.ID, run fhir.Ref, base record.Version, m routine.Mark) record.Mutation {
	return s.write(user, p, run, func(mut *record.Mutation) {
		mut.Ref, mut.Base = run, base
		value := body([]any{m.Parameter()})
		mut.Ops = []record.Op{{Kind: record.OpSet, Field: "output", Value: value}}
	})
}

// A run is begun and ticked in one's own name, by whoever does routines; two people
// who ticked apart have one run with both ticks, and nobody is asked.
func TestARunIsTickedApart(t *testing.T) {
	h := open(t, nil)
	h.people()
	p := h.admitted(kaya, "4B")
	for why, m := range map[string]record.Mutation{
		"may not view":      h.w4B.begin("c.lerk", p, nil),
		"in one's own name": h.w4B.begin("g.mensah", p, func(t *fhir.Task) { t.Output = []fhir.TaskParameter{mark("a", "t.blake").Parameter()} }),
		"does not have":     h.w4B.begin("g.mensah", p, func(t *fhir.Task) { t.Output = []fhir.TaskParameter{mark("z", "g.mensah").Parameter()} }),
		"needs a reason": h.w4B.begin("g.mensah", p, func(t *fhir.Task) {
			m := mark("a", "g.mensah")
			m.Not = true
			t.Output = []fhir.TaskParameter{m.Parameter()}
		}),
		"cannot be read":        h.w4B.begin("g.mensah", p, func(t *fhir.Task) { t.Input = nil }),
		"a tick cannot be read": h.w4B.begin("g.mensah", p, func(t *fhir.Task) { t.Output = []fhir.TaskParameter{{Type: fhir.Param(fhir.ParamStepDone)}} }),
	} {
		if r := h.w4B.send(m); r.Outcome != record.Refused || !strings.Contains(r.Reason, why) {
			t.Errorf("%s: %+v", why, r)
		}
	}
	begun := h.w4B.begin("g.mensah", p, nil)
	first := h.w4B.sent(begun)
	other := h.station("sother4b", "4B")
	if r := h.w4B.send(h.w4B.tick("g.mensah", p, begun.Ref, first.Version, mark("a", "g.mensah"))); r.Outcome != record.Applied {
		t.Fatalf("%+v", r)
	}
	if r := other.send(other.tick("t.blake", p, begun.Ref, first.Version, mark("a", "t.blake"))); r.Outcome != record.Merged {
		t.Fatalf("%+v", r)
	}
	if r := other.send(other.tick("t.blake", p, begun.Ref, first.Version, mark("b", "t.blake"))); r.Outcome != record.Merged {
		t.Fatalf("%+v", r)
	}
	c, _ := h.current(begun.Ref)
	run, ok := routine.RunOf(view[fhir.Task](t, c.Body))
	if !ok || len(run.Marks) != 3 || run.OpenSteps() != 0 || len(h.tasks(fhir.TaskReview)) != 0 {
		t.Errorf("%+v", run)
	}
	steps := h.w4B.write("g.mensah", p, begun.Ref, func(m *record.Mutation) {
		m.Ref, m.Base = begun.Ref, c.Version
		m.Ops = []record.Op{{Kind: record.OpSet, Field: "input", Value: body([]any{fhir.TaskParameter{Type: fhir.Param(fhir.ParamRoutineStep), ValueString: fhir.Str("a - Other words")}})}}
	})
	if r := h.w4B.send(steps); r.Outcome != record.Refused || !strings.Contains(r.Reason, "do not change") {
		t.Errorf("%+v", r)
	}
	kind := h.w4B.write("g.mensah", p, begun.Ref, func(m *record.Mutation) {
		m.Ref, m.Base = begun.Ref, c.Version
		m.Ops = []record.Op{{Kind: record.OpSet, Field: "code", Value: body(fhir.TaskCode(fhir.TaskToDo))}}
	})
	if r := h.w4B.send(kind); r.Outcome != record.Refused || !strings.Contains(r.Reason, "does not turn") {
		t.Errorf("%+v", r)
	}
}

func mark(step, user string) routine.Mark {
	return routine.Mark{Step: step, User: user, Name: user, At: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
}

// Central counts over all patients, those who left too; a count that did not change is
// not written again, and one is written where the definition goes. A computer cannot
// write one.
func TestCentralCountsTheUseOfARoutine(t *testing.T) {
	h := open(t, nil)
	h.people()
	count := func(want int) {
		t.Helper()
		n, err := h.s.CountRoutines(h.ctx())
		h.must(err)
		if n != want {
			t.Fatalf("%d counts were written, want %d", n, want)
		}
	}
	count(0)
	h.w4B.sent(h.w4B.define("m.okafor", "r6", 0, 1, "4B", "One", "Two"))
	count(0)
	p := h.admitted(kaya, "4B")
	run := h.w4B.begin("g.mensah", p, nil)
	first := h.w4B.sent(run)
	h.w4B.sent(h.w4B.tick("g.mensah", p, run.Ref, first.Version, mark("a", "g.mensah")))
	h.w4B.sent(h.w4B.begin("g.mensah", p, func(t *fhir.Task) { t.Status = "entered-in-error" }))
	count(1)
	count(0)
	use := func() routine.Tally {
		t.Helper()
		c, ok := h.current(record.UseOf("r6"))
		if !ok || len(c.Wards) != 1 || !hasWard(c.Wards, "4B") || c.Patient != "" || c.Author.Sender == "" {
			t.Fatalf("%+v", c)
		}
		v := view[struct{ Extension []fhir.Extension }](t, c.Body)
		got, err := routine.ParseTally(fhir.ExtString(v.Extension, fhir.ExtUse))
		h.must(err)
		return got
	}
	if got := use(); got.Counts.All() != 1 || got.Counts.Step("a") != (routine.Use{Done: 1}) || got.Counts.Step("b") != (routine.Use{Open: 1}) || !got.At.Equal(h.now) {
		t.Errorf("%+v", got)
	}
	h.filed(h.adt(kaya, "V1", "", noon.Add(time.Minute))) // discharged
	h.w4B.sent(h.w4B.begin("g.mensah", p, func(t *fhir.Task) { t.Status = "completed" }))
	count(1)
	if got := use(); got.Counts.All() != 2 || got.Counts.Step("b") != (routine.Use{Open: 1, Left: 1}) {
		t.Errorf("%+v", got)
	}
	forged := h.w4B.write("m.okafor", "", record.UseOf("r6"), func(m *record.Mutation) {
		m.Ref = record.UseOf("r6")
		m.Base = 2
		m.Ops = []record.Op{{Kind: record.OpPut, Value: body(map[string]any{"resourceType": "Basic", "id": string(m.Ref.ID)})}}
	})
	if r := h.w4B.send(forged); r.Outcome != record.Refused {
		t.Errorf("%+v", r)
	}
}

// A restored central counts anew: what a station gives back of an old count is not
// taken, and the ticks that come back are counted.
func TestACountIsNotTakenBackButMadeAnew(t *testing.T) {
	h := open(t, nil)
	h.people()
	h.w4B.sent(h.w4B.define("m.okafor", "r6", 0, 1, "4B", "One", "Two"))
	p := h.admitted(kaya, "4B")
	run := h.w4B.begin("g.mensah", p, nil)
	first := h.w4B.sent(run)
	at := h.j.Head().Position
	h.w4B.sent(h.w4B.tick("g.mensah", p, run.Ref, first.Version, mark("a", "g.mensah")))
	if n, err := h.s.CountRoutines(h.ctx()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	batches := h.since(at)
	h.restore(at)
	for _, b := range batches {
		h.must(h.s.TakeBack(h.ctx(), h.w4B.peer, b))
	}
	if c, there := h.current(record.UseOf("r6")); there {
		t.Errorf("the old count was taken back: %s", c.Body)
	}
	if n, err := h.s.CountRoutines(h.ctx()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	c, _ := h.current(record.UseOf("r6"))
	if !strings.Contains(string(c.Body), `\"a\":[1,0,0,0]`) {
		t.Errorf("%s", c.Body)
	}
}

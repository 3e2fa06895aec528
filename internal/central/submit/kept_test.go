package submit_test

import (
	"slices"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// todo is something to be done, as a station writes it.
func (s *station) todo(user record.UserID, patient fhir.ID, words string) record.Mutation {
	return s.write(user, patient, fhir.Ref{Type: fhir.TypeTask}, put(func(id fhir.ID) any {
		return fhir.Task{
			ResourceType: fhir.TypeTask, ID: id, Status: "requested", Intent: "order", Code: fhir.TaskCode(fhir.TaskToDo),
			Description: words, For: to(patient),
		}
	}))
}

func (s *station) finish(user record.UserID, patient fhir.ID, task record.Mutation) record.Mutation {
	return s.write(user, patient, task.Ref, set(1, "status", `"completed"`))
}

// keptBy is the ward that keeps somebody who left; "" for none.
func (h *hospital) keptBy(p fhir.ID) record.Ward {
	h.Helper()
	c, ok := h.current(record.KeptOf(p))
	if !ok {
		return ""
	}
	l := view[fhir.List](h.T, c.Body)
	if names := slices.Contains(l.Patients(), p); names != (len(c.Wards) == 1) {
		h.Fatalf("the list of %v names %v", c.Wards, l.Patients())
	}
	if len(c.Wards) == 0 {
		return ""
	}
	if w := fhir.ExtString(l.Extension, fhir.ExtKept); w != string(c.Wards[0]) {
		h.Fatalf("the list of %v says %q", c.Wards, w)
	}
	return c.Wards[0]
}

func (h *hospital) keeps(want record.Ward, p fhir.ID, when string) {
	h.Helper()
	if got := h.keptBy(p); got != want {
		h.Errorf("%s: kept by %q, want %q", when, got, want)
	}
}

// What is open at a discharge stays with the ward until the last of it is done.
func TestTasksThatAreOpenAtADischargeKeepThePatient(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	first, second := h.w4B.todo("g.mensah", p, "Phone the district nurse"), h.w4B.todo("g.mensah", p, "Send the letter")
	h.w4B.sent(first)
	h.w4B.sent(second)
	h.keeps("", p, "while she is on the ward")
	h.now = noon.Add(time.Hour)
	h.filed(h.adt(kaya, "v"+kaya.number, "", h.now))
	h.keeps("4B", p, "discharged with two tasks")
	if len(h.audits("kept", "4B")) != 1 {
		t.Error("that a ward keeps somebody who left is not on record")
	}
	h.w4B.sent(h.w4B.finish("g.mensah", p, first))
	h.keeps("4B", p, "one of them is done")
	h.w4B.sent(h.w4B.finish("g.mensah", p, second))
	h.keeps("", p, "both are done")
	again := h.w4B.write("g.mensah", p, second.Ref, set(2, "status", `"requested"`))
	again.Reason = "the fax failed"
	h.w4B.sent(h.w4B.sign(again))
	h.keeps("4B", p, "one was not done after all")
}

// Nobody is kept for whom nothing is to be done, and nobody who is on a ward: there
// the tasks go with them.
func TestWhoIsOnAWardIsKeptByNobody(t *testing.T) {
	h := open(t, nil)
	quiet, moved := h.admitted(odum, "4B"), h.admitted(kaya, "4B")
	h.w4B.sent(h.w4B.todo("g.mensah", moved, "Wound"))
	h.now = noon.Add(time.Hour)
	h.filed(h.adt(odum, "v"+odum.number, "", h.now))
	h.filed(h.adt(kaya, "v"+kaya.number, "5A", h.now))
	h.keeps("", quiet, "nothing is to be done")
	h.keeps("", moved, "moved to another ward")
	h.now = noon.Add(2 * time.Hour)
	h.filed(h.adt(kaya, "v"+kaya.number, "", h.now))
	h.keeps("5A", moved, "discharged from the other ward")
	h.now = noon.Add(3 * time.Hour)
	h.filed(h.adt(kaya, "again", "4B", h.now))
	h.keeps("", moved, "admitted again")
}

// A ward keeps nobody for ever; it ends with an entry of its own, and a task that
// is written down late begins nothing anew.
func TestAWardKeepsNobodyForEver(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.w4B.sent(h.w4B.todo("g.mensah", p, "Send the letter"))
	h.now = noon.Add(time.Hour)
	h.filed(h.adt(kaya, "v"+kaya.number, "", h.now))
	h.now = h.now.Add(7*24*time.Hour - time.Minute)
	h.must(h.s.LetGo(h.ctx()))
	h.keeps("4B", p, "a minute before the week is over")
	h.now = h.now.Add(time.Minute)
	head := h.j.Head().Position
	h.must(h.s.LetGo(h.ctx()))
	h.keeps("", p, "after a week")
	h.must(h.s.LetGo(h.ctx()))
	if got := h.j.Head().Position; got != head+1 {
		t.Errorf("letting go took %d entries, want one", got-head)
	}
	if r := h.w4B.send(h.w4B.todo("g.mensah", p, "And the scan")); r.Outcome != record.Applied {
		t.Fatalf("%s (%s)", r.Outcome, r.Reason)
	}
	h.keeps("", p, "a task that comes afterwards")
}

package desk_test

import (
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

func (r *room) tasks() ward.Duties {
	r.t.Helper()
	list, err := r.desk.Tasks(bg)
	ok(r.t, err)
	return list
}

func wordsIn(list ward.Duties) string {
	s := ""
	for _, it := range list.Items {
		s += it.Who.Bed + " " + it.Duty.Words + ";"
	}
	return s
}

// The patient with the soonest task comes first, and a patient's stay together.
func TestTheWardsTasks(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(admitted("p11", "Kowalczyk", "Zofia", "11")...)
	r.send(admitted("p15", "Holloway", "Brian", "15")...)
	r.do(ward.AddTask{Patient: "p11", Words: "Wound", Due: noon.Add(3 * time.Hour)})
	r.do(ward.AddTask{Patient: "p11", Words: "Family asked to be phoned"})
	r.do(ward.AddTask{Patient: folake, Words: "Repeat potassium", Due: noon.Add(4 * time.Hour), Owner: "Grace Mensah", Priority: ward.PriorityUrgent})
	r.do(ward.AddTask{Patient: folake, Words: "Weigh", Due: noon.Add(-time.Hour), Role: "doctor"})
	r.do(ward.AddTask{Patient: "p15", Words: "Stitches out", Due: noon.Add(time.Hour), Role: "nurse"})
	r.do(ward.KeepOnList{Patient: "p11", Keep: true})
	list := r.tasks()
	if got := wordsIn(list); got != "07 Weigh;07 Repeat potassium;15 Stitches out;11 Wound;11 Family asked to be phoned;" {
		t.Fatalf("listed: %s", got)
	}
	weigh, potassium, stitches, wound := list.Items[0], list.Items[1], list.Items[2], list.Items[3]
	if !weigh.Duty.Late(noon) || weigh.ToMe || weigh.Duty.For() != "doctor" {
		t.Errorf("%+v", weigh)
	}
	if !potassium.ToMe || potassium.Duty.Priority != ward.PriorityUrgent || potassium.Duty.Late(noon) {
		t.Errorf("given to the reader by name: %+v", potassium)
	}
	if !stitches.ToMe || !wound.Mine || wound.ToMe || potassium.Mine {
		t.Errorf("given to a nurse: %+v; on the reader's list: %+v", stitches, wound)
	}
	r.desk.SetSession(ward.Person{User: "x", Name: "X, nurse", Role: "nurse", Wards: []string{"5A"}})
	if _, err := r.desk.Tasks(bg); !fault.Is(err, fault.Denied) {
		t.Errorf("somebody of another ward: %v", err)
	}
}

// Finished by mistake: taken back with one more entry, which says by whom. It can
// be finished again afterwards, and nothing of all that is lost.
func TestAFinishedTaskIsTakenBack(t *testing.T) {
	for _, sent := range []bool{false, true} {
		r := newRoom(t)
		r.admitFolake()
		id := r.do(ward.AddTask{Patient: folake, Words: "Repeat potassium", Role: "doctor"}).Made[0]
		between := func() {
			if sent {
				r.drain()
			}
		}
		between()
		r.do(ward.FinishTask{Patient: folake, Task: id})
		if d := r.chart(folake).Tasks[0]; d.Status != "done" || d.EndedBy != grace.Name || !d.Ended.Equal(noon) || r.row(folake).Tasks != 0 {
			t.Fatalf("finished: %+v", d)
		}
		between()
		r.refused(fault.Invalid, "Say why", ward.ReopenTask{Patient: folake, Task: id})
		before := r.cache.Count().Unsent
		r.do(ward.ReopenTask{Patient: folake, Task: id, Reason: "pressed by mistake"})
		if r.cache.Count().Unsent != before+2 {
			t.Errorf("taking back wrote %d entries, not the withdrawal and the status", r.cache.Count().Unsent-before)
		}
		if d := r.chart(folake).Tasks[0]; d.Status != "open" || d.Role != "doctor" || !d.Ended.IsZero() || r.row(folake).Tasks != 1 {
			t.Fatalf("taken back: %+v", d)
		}
		between()
		r.do(ward.ReopenTask{Patient: folake, Task: id, Reason: "pressed twice"})
		r.later(time.Hour)
		r.do(ward.FinishTask{Patient: folake, Task: id})
		r.drain()
		if d := r.chart(folake).Tasks[0]; d.Status != "done" || d.Unsent || !d.Ended.Equal(noon.Add(time.Hour)) {
			t.Errorf("finished again: %+v", d)
		}
		withdrawn := 0
		for ref, body := range r.bodies {
			v, err := fhir.View[fhir.Task](body)
			if ref.Type == fhir.TypeTask && err == nil && v.Code.Has(fhir.SystemTaskCode, fhir.TaskWithdraw) {
				withdrawn++
				if v.Description != "pressed by mistake" || v.Focus.Reference != "Task/"+string(id) || v.Requester.Display != grace.Name {
					t.Errorf("the withdrawal says %s", body)
				}
			}
		}
		if withdrawn != 1 {
			t.Errorf("%d withdrawals", withdrawn)
		}
	}
}

// Two people finish it apart, and one takes theirs back: the other's word stands.
func TestTheOthersWordStands(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(obj{
		"resourceType": "Task", "id": "t1", "status": "requested", "intent": "order", "code": coded(fhir.SystemTaskCode, fhir.TaskToDo, ""),
		"description": "Weigh", "for": ref(fhir.TypePatient, string(folake)),
		"output": []any{obj{"type": coded(fhir.SystemTaskParam, fhir.ParamDone, ""), "valueString": "2026-11-22T11:40:00Z Tom Blake, nurse"}},
	})
	if d := r.chart(folake).Tasks[0]; d.Status != "done" || d.EndedBy != tom.Name || !d.Ended.Equal(noon.Add(-20*time.Minute)) || len(r.tasks().Items) != 0 {
		t.Errorf("%+v", d)
	}
}

func TestWhatNoTaskIs(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.refused(fault.Invalid, "Say what", ward.AddTask{Patient: folake, Words: "  "})
	r.refused(fault.Invalid, "Nobody works here as", ward.AddTask{Patient: folake, Words: "Weigh", Role: "wizard"})
	r.refused(fault.Invalid, "urgent or it is not", ward.AddTask{Patient: folake, Words: "Weigh", Priority: "stat"})
	r.refused(fault.NotFound, "not on this computer", ward.ReopenTask{Patient: folake, Task: "t9", Reason: "x"})
	if len(r.tasks().Items) != 0 {
		t.Error("what was refused is a task")
	}
}

package desk_test

import (
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// keptList is central's word that a ward keeps somebody who left, or that it does
// not any more.
func keptList(p fhir.ID, by string) obj {
	l := obj{"resourceType": "List", "id": string(record.KeptOf(p).ID), "status": "retired", "mode": "working"}
	if by != "" {
		l["status"], l["date"] = "current", "2026-11-22T11:00:00.000Z"
		l["entry"] = []any{obj{"item": ref(fhir.TypePatient, string(p))}}
		l["extension"] = []any{obj{"url": fhir.ExtKept, "valueString": by}, obj{"url": fhir.ExtUntil, "valueDateTime": "2026-11-29T11:00:00.000Z"}}
	}
	return l
}

// A patient goes home with two tasks open. They stand behind the ward's others, with
// when she left; they can be read up on and finished; then she is gone. On the
// board she is not.
func TestTasksThatAreOpenAtADischargeStayOnTheList(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(admitted("p11", "Kowalczyk", "Zofia", "11")...)
	r.do(ward.AddTask{Patient: "p11", Words: "Wound"})
	letter := r.do(ward.AddTask{Patient: folake, Words: "Send the letter", Due: noon.Add(time.Hour)}).Made[0]
	nurse := r.do(ward.AddTask{Patient: folake, Words: "Phone the district nurse"}).Made[0]
	r.drain()
	home := admitted(string(folake), "Adeyemi", "Folake", "07")[1]
	home["status"] = "finished"
	home["extension"] = []any{obj{"url": fhir.ExtWard, "valueString": "LOUNGE"}} // where the last message had her
	r.send(home, keptList(folake, "4B"))

	list := r.tasks()
	if got := words(list); got != "11 Wound; Send the letter; Phone the district nurse;" {
		t.Fatalf("listed: %s", got)
	}
	if list.Items[0].Left != nil {
		t.Errorf("who is here has left: %+v", list.Items[0].Left)
	}
	left := list.Items[1].Left
	if left == nil || left.Ward != "4B" || !left.At.Equal(noon.Add(-time.Hour)) || !left.Until.Equal(noon.Add(-time.Hour).AddDate(0, 0, 7)) {
		t.Fatalf("left: %+v", left)
	}
	rows, err := r.desk.Board(bg)
	ok(t, err)
	for _, row := range rows {
		if row.Who.ID == folake {
			t.Error("she is on the board still")
		}
	}
	r.chart(folake)
	r.desk.SetSession(ward.Person{User: "x", Name: "X, nurse", Role: "nurse", Wards: []string{"5A"}})
	if _, err := r.desk.Chart(bg, folake); !fault.Is(err, fault.Denied) {
		t.Errorf("somebody of another ward: %v", err)
	}
	r.desk.SetSession(grace)

	r.do(ward.FinishTask{Patient: folake, Task: letter})
	r.do(ward.FinishTask{Patient: folake, Task: nurse, Cancelled: true, Reason: "handed on to her GP"})
	if got := words(r.tasks()); got != "11 Wound;" {
		t.Errorf("both are done: %s", got)
	}
	r.drain()
	r.send(keptList(folake, ""))
	if _, err := r.desk.Chart(bg, folake); !fault.Is(err, fault.Denied) {
		t.Errorf("the ward keeps her no more, and she is still to be seen: %v", err)
	}
}

// Somebody who is here again is listed as one who is here, whatever was said before.
func TestWhoIsBackHasNotLeft(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.do(ward.AddTask{Patient: folake, Words: "Send the letter"})
	r.drain()
	r.send(keptList(folake, "4B"))
	list := r.tasks()
	if got := words(list); got != "07 Send the letter;" || list.Items[0].Left != nil {
		t.Errorf("listed: %s %+v", got, list.Items)
	}
}

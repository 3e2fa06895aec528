package desk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/desk"
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
	if got := wordsIn(list); got != "11 Wound; Send the letter; Phone the district nurse;" {
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
	for _, text := range []string{"adey", "folake adey"} {
		found, err := r.desk.Search(bg, text)
		ok(t, err)
		if len(found) != 1 || found[0].ID != folake || found[0].Bed != "" || found[0].Left == nil || !found[0].Left.At.Equal(noon.Add(-time.Hour)) {
			t.Errorf("a search for %q: %s", text, show(found))
		}
	}
	if found, err := r.desk.Search(bg, "kow"); err != nil || len(found) != 1 || found[0].Left != nil {
		t.Errorf("who is here has left: %s %v", show(found), err)
	}
	r.desk.SetSession(ward.Person{User: "x", Name: "X, nurse", Role: "nurse", Wards: []string{"5A"}})
	if _, err := r.desk.Chart(bg, folake); !fault.Is(err, fault.Denied) {
		t.Errorf("somebody of another ward: %v", err)
	}
	if found, _ := r.desk.Search(bg, "adey"); len(found) != 0 {
		t.Errorf("somebody of another ward finds her: %s", show(found))
	}
	r.desk.SetSession(grace)

	r.do(ward.FinishTask{Patient: folake, Task: letter})
	r.do(ward.FinishTask{Patient: folake, Task: nurse, Cancelled: true, Reason: "handed on to her GP"})
	if got := wordsIn(r.tasks()); got != "11 Wound;" {
		t.Errorf("both are done: %s", got)
	}
	r.drain()
	r.send(keptList(folake, ""))
	if _, err := r.desk.Chart(bg, folake); !fault.Is(err, fault.Denied) {
		t.Errorf("the ward keeps her no more, and she is still to be seen: %v", err)
	}
	if found, err := r.desk.Search(bg, "adey"); err != nil || len(found) != 0 {
		t.Errorf("the ward keeps her no more, and she is found: %s %v", show(found), err)
	}
}

// Her discharge checklist is open when the message of her discharge comes. It stands on
// the ward's list with the steps that are open, is gone on with in her chart, and is off
// the list when its last step was answered.
func TestARoutineThatIsOpenAtADischargeIsFinishedAfterwards(t *testing.T) {
	r, id := defined(t)
	r.do(ward.StartRoutine{Patient: folake, Routine: id})
	run := r.run()
	r.do(ward.MarkStep{Patient: folake, Run: run.ID, Step: run.Steps[0].ID})
	r.drain()
	if got := wordsIn(r.tasks()); got != "" {
		t.Fatalf("while she is here, the board marks it; listed: %s", got)
	}
	r.goesHome()
	list := r.tasks()
	if got := wordsIn(list); got != " Admission: 1 of 2 steps open: Bed marked;" {
		t.Fatalf("listed: %s", got)
	}
	it := list.Items[0]
	if it.Left == nil || it.Run == nil || it.Run.ID != run.ID || it.Duty.By != grace.Name || it.Duty.Due.IsZero() {
		t.Errorf("%s", show(it))
	}
	r.do(ward.MarkStep{Patient: folake, Run: run.ID, Step: run.Steps[1].ID})
	if got := runWords(r.run()); got != "finished done done" {
		t.Errorf("%s", got)
	}
	if got := wordsIn(r.tasks()); got != "" {
		t.Errorf("it is finished, and listed: %s", got)
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
	if got := wordsIn(list); got != "07 Send the letter;" || list.Items[0].Left != nil {
		t.Errorf("listed: %s %+v", got, list.Items)
	}
}

// goesHome is her discharge, as central tells it; the ward keeps her.
func (r *room) goesHome() {
	r.t.Helper()
	home := admitted(string(folake), "Adeyemi", "Folake", "07")[1]
	home["status"] = "finished"
	kept := keptList(folake, "4B")
	kept["date"] = r.clock().UTC().Format(time.RFC3339)
	kept["extension"] = append(kept["extension"].([]any), obj{"url": fhir.ExtBed, "valueString": "07"})
	r.send(home, kept)
	r.settle()
}

// Nobody has acted on a potassium when she goes home, and somebody else comes to her
// bed. The alert stays among the ward's, with its ladder and its ward's rota, and says
// that she left and where she lay; nothing of it stands on the row of who lies there
// now, on the board or on the wall. It can be taken, is then among what somebody has,
// and goes when it was acted on.
func TestACriticalResultThatIsOpenAtADischargeStaysAmongTheAlerts(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.link(true)
	r.desk.SetSession(mary)
	r.do(ward.EditRota{Ward: "4B", Text: wardRota})
	r.drain()
	r.desk.SetSession(grace)
	r.send(potassium("k1", string(folake), "6.8", "final", "HH"))
	r.later(5 * time.Minute)
	r.goesHome()
	r.send(admitted("p11", "Kowalczyk", "Zofia", "07")...)
	r.later(6 * time.Minute)
	r.settle()

	list := r.alerts()
	if len(list) != 1 {
		t.Fatalf("%d alerts", len(list))
	}
	a := list[0]
	if a.Who.ID != folake || a.Who.Bed != "" || a.Left == nil || a.Left.Ward != "4B" || a.Left.Bed != "07" || !a.Left.At.Equal(noon.Add(5*time.Minute)) {
		t.Fatalf("%+v, left %+v", a.Who, a.Left)
	}
	if len(a.Ladder) < 2 || a.Ladder[1].State != "due" || !strings.Contains(a.Ladder[1].OnCall, "Dr Ana Ruiz") {
		t.Errorf("the ladder: %+v", a.Ladder)
	}
	if next := r.row("p11"); next.Critical != nil || next.Criticals != 0 || next.Held != nil {
		t.Errorf("on the row of who lies there now: %+v", next)
	}
	wall, err := r.desk.Wall(bg)
	ok(t, err)
	if n := len(ward.UntakenOn(wall.Cards)); n != 0 || len(wall.Cards) != 1 {
		t.Errorf("the wall has %d cards, %d critical", len(wall.Cards), n)
	}

	r.do(ward.MarkShown{Results: []ward.ShownResult{{Patient: folake, Result: "k1", Version: a.Result.Version}}})
	r.do(ward.Take{Patient: folake, Result: "k1", Version: a.Result.Version})
	b, err := r.desk.Rows(bg)
	ok(t, err)
	if len(r.alerts()) != 0 || len(b.Rows) != 1 || len(b.Left) != 1 || b.Left[0].Critical.Open || b.Left[0].Leaving.Bed != "07" {
		t.Errorf("taken: %d alerts, left %+v", len(r.alerts()), b.Left)
	}
	r.later(31 * time.Minute)
	r.send(admitted("p12", "Odum", "Ngozi", "12")...) // anything: the board looks at the clock with it
	r.settle()
	if len(r.alerts()) != 1 {
		t.Error("taken, nothing was done, and nobody is told")
	}
	r.do(ward.Take{Patient: folake, Result: "k1", Version: a.Result.Version, Kind: alert.AckActing, Words: "her GP was told, calcium given"})
	r.drain()
	r.send(keptList(folake, ""))
	r.settle()
	if b, err = r.desk.Rows(bg); err != nil || len(r.alerts()) != 0 || len(b.Left) != 0 {
		t.Errorf("acted on: %d alerts, left %+v, %v", len(r.alerts()), b.Left, err)
	}
}

// Central keeps nobody for it, or another ward does: it is not among this ward's.
func TestAnAlertOfWhoLeftIsOfTheWardThatKeepsThem(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", string(folake), "6.8", "final", "HH"))
	home := admitted(string(folake), "Adeyemi", "Folake", "07")[1]
	home["status"] = "finished"
	keptBy := func(w string) obj {
		l := keptList(folake, w)
		l["date"] = noon.Format(time.RFC3339)
		return l
	}
	r.send(home, keptBy("5A"))
	r.settle()
	if n := len(r.alerts()); n != 0 {
		t.Errorf("another ward keeps her: %d alerts", n)
	}
	r.send(keptBy("4B"))
	r.settle()
	if n := len(r.alerts()); n != 1 {
		t.Errorf("this ward keeps her: %d alerts", n)
	}
	r.send(admitted(string(folake), "Adeyemi", "Folake", "11")[1])
	r.settle()
	if list := r.alerts(); len(list) != 1 || list[0].Left != nil || list[0].Who.Bed != "11" {
		t.Errorf("she is back: %+v", list)
	}
}

// What came for the first time after she had left is told of by central's warning,
// and is no second alert; a correction of what was there before is one.
func TestWhatCameAfterADischargeIsToldOnce(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", string(folake), "4.1", "final", ""))
	r.do(ward.AddTask{Patient: folake, Words: "Send the letter"})
	r.drain()
	r.later(time.Minute)
	r.goesHome()
	r.later(time.Minute)
	r.send(potassium("k2", string(folake), "6.9", "final", "HH"))
	r.settle()
	if n := len(r.alerts()); n != 0 {
		t.Errorf("what came afterwards: %d alerts", n)
	}
	r.send(potassium("k1", string(folake), "6.8", "corrected", "HH"))
	r.settle()
	if list := r.alerts(); len(list) != 1 || list[0].Result.ID != "k1" {
		t.Errorf("a correction: %+v", list)
	}
}

// A computer of several wards starts: the alert of somebody who left is among the
// first answer, however many others are still to be read.
func TestTheAlertOfWhoLeftIsThereAtTheStart(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", string(folake), "6.8", "final", "HH"))
	r.later(time.Minute)
	r.goesHome()
	var others []map[string]any
	for i := range 100 {
		in := admitted(fmt.Sprintf("a%d", i), "Family", fmt.Sprintf("Given%d", i), fmt.Sprint(i))
		in[1]["extension"] = []any{obj{"url": fhir.ExtWard, "valueString": "5A"}}
		others = append(others, in...)
	}
	r.send(others...)
	d, err := desk.New(desk.Config{Store: desk.OverCache(r.cache), Signer: desk.Always(r.device), Station: station, Now: r.clock, Ward: "4B", FirstBoard: 1, Build: "another, so that no brief counts"})
	ok(t, err)
	d.SetSession(grace)
	list, err := d.Alerts(bg)
	ok(t, err)
	if len(list) != 1 || list[0].Who.ID != folake {
		t.Errorf("at the start: %d alerts", len(list))
	}
}

// Results that nobody has read when she goes home stay in the inbox, with when she left
// and where she lay, behind nobody else's bed; they are read there, and what was handed
// on waits there. Of a critical one that came after she had left the warning tells.
func TestWhatNobodyHasReadAtADischargeStaysInTheInbox(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k0", string(folake), "4.1", "final", ""))
	r.later(time.Minute)
	r.send(potassium("k2", string(folake), "5.2", "final", "H"))
	r.later(time.Minute)
	r.goesHome()
	r.send(admitted("p11", "Kowalczyk", "Zofia", "07")...)
	r.send(potassium("z1", "p11", "4.4", "final", ""))
	r.later(time.Minute)
	r.send(potassium("k9", string(folake), "6.9", "final", "HH"))
	r.settle()

	in := r.inbox()
	if got := waits(in); got != "new z1 4.4, new k2 5.2, new k0 4.1" {
		t.Fatalf("waits: %s", got)
	}
	if z := in.Items[0]; z.Left != nil || z.Who.Bed != "07" {
		t.Errorf("of who lies there now: %+v %+v", z.Who, z.Left)
	}
	for _, it := range in.Items[1:] {
		if it.Left == nil || it.Left.Ward != "4B" || it.Left.Bed != "07" || it.Who.Bed != "" || it.Who.ID != folake {
			t.Errorf("of who left: %+v %+v", it.Who, it.Left)
		}
	}
	shown := func(id fhir.ID) []ward.ShownResult {
		return []ward.ShownResult{{Patient: folake, Result: id, Version: 1}}
	}
	r.do(ward.Acknowledge{Patient: folake, Results: shown("k0")})
	r.do(ward.Take{Patient: folake, Result: "k2", Version: 1, Kind: alert.AckHandedTo, To: "Dr Lind"})
	r.settle()
	if got := waits(r.inbox()); got != "handed k2 5.2 mine, new z1 4.4" {
		t.Errorf("one was read, one was handed on: %s", got)
	}
	r.desk.SetSession(ward.Person{User: "x", Name: "X, nurse", Role: "nurse", Wards: []string{"5A"}})
	if in, err := r.desk.Inbox(bg); !fault.Is(err, fault.Denied) {
		t.Errorf("somebody of another ward: %v, %s", err, waits(in))
	}
}

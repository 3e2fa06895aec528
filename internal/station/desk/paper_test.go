package desk_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// A draft outlives the program, belongs to its author, and goes when the note
// is written.
func TestADraftOutlivesTheProgram(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.do(ward.SaveDraft{Patient: folake, Kind: "note", Body: "Seen at 12:00, sle"})
	r.close()
	r.open()
	drafts, err := r.desk.Drafts(bg)
	ok(t, err)
	if len(drafts) != 1 || drafts[0].Body != "Seen at 12:00, sle" || drafts[0].Patient != folake || drafts[0].Kind != "note" {
		t.Fatalf("drafts: %s", show(drafts))
	}
	r.desk.SetSession(tom)
	if drafts, _ := r.desk.Drafts(bg); len(drafts) != 0 {
		t.Errorf("Tom reads Grace's draft: %s", show(drafts))
	}
	r.desk.SetSession(grace)
	r.do(ward.WriteNote{Patient: folake, Text: "Seen at 12:00, sleeping."})
	if drafts, _ := r.desk.Drafts(bg); len(drafts) != 0 {
		t.Errorf("the draft stayed: %s", show(drafts))
	}
	r.do(ward.SaveDraft{Patient: folake, Kind: "note", Body: "x"})
	r.do(ward.SaveDraft{Patient: folake, Kind: "note"})
	if drafts, _ := r.desk.Drafts(bg); len(drafts) != 0 {
		t.Error("an empty draft stayed")
	}
	for _, bad := range []ward.SaveDraft{{Patient: "", Kind: "note", Body: "x"}, {Patient: folake, Kind: "a/b", Body: "x"}, {Patient: folake, Kind: "note", Body: strings.Repeat("x", 1<<17)}} {
		r.refused(fault.Invalid, "", bad)
	}
}

// A note is reworded before and after it was sent; every wording stays.
func TestRewordingANote(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.refused(fault.Invalid, "empty", ward.WriteNote{Patient: folake, Text: " \n"})
	first := r.do(ward.WriteNote{Patient: folake, Text: "Slept well"})
	twice := r.do(ward.WriteNote{Patient: folake, Text: "Slept well"})
	if twice.Made[0] != first.Made[0] {
		t.Error("pressed twice, noted twice")
	}
	r.later(time.Minute)
	r.do(ward.WriteNote{Patient: folake, Text: "Slept badly", Edit: first.Made[0]})
	muts, err := r.cache.Unsent(0, 10)
	ok(t, err)
	if len(muts) != 2 || muts[1].BaseMut != muts[0].ID || muts[1].Base != 0 || muts[0].ID != record.MutationID(first.Made[0]) {
		t.Fatalf("%d mutations, base %q", len(muts), muts[len(muts)-1].BaseMut)
	}
	if n := r.chart(folake).Notes; len(n) != 1 || n[0].Text != "Slept badly" || !n[0].Unsent {
		t.Fatalf("notes: %s", show(n))
	}
	r.drain()
	r.later(time.Minute)
	r.do(ward.WriteNote{Patient: folake, Text: "Slept until four", Edit: first.Made[0]})
	muts, err = r.cache.Unsent(0, 10)
	ok(t, err)
	if len(muts) != 1 || muts[0].Base != 2 || muts[0].BaseMut != "" {
		t.Fatalf("an edit of what was sent: %+v", muts)
	}
	wording := func() {
		t.Helper()
		n := r.chart(folake).Notes[0]
		if n.Text != "Slept until four" || len(n.Earlier) != 2 || n.Earlier[0].Text != "Slept badly" || n.Earlier[1].Text != "Slept well" {
			t.Errorf("wordings: %s", show(n))
		}
	}
	wording()
	r.drain()
	wording()
	r.desk.SetSession(tom)
	r.refused(fault.Invalid, "Only who wrote", ward.WriteNote{Patient: folake, Text: "x", Edit: first.Made[0]})
	r.refused(fault.NotFound, "not on this computer", ward.WriteNote{Patient: folake, Text: "x", Edit: "n9"})
}

// An order says which allergies its author saw, and the same test twice is
// asked about.
func TestAnOrderNamesTheAllergiesSeen(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	a := r.do(penicillin)
	r.drain()
	order := ward.PlaceOrder{Patient: folake, Test: "Urea and electrolytes", Code: "24326-1"}
	r.do(order)
	muts, err := r.cache.Unsent(0, 10)
	ok(t, err)
	if len(muts) != 1 || len(muts[0].ReadSet) != 1 || muts[0].ReadSet[0].Ref != (fhir.Ref{Type: fhir.TypeAllergyIntolerance, ID: a.Made[0]}) || muts[0].ReadSet[0].Version != 1 {
		t.Fatalf("read set: %+v", muts)
	}
	if o := r.chart(folake).Orders; len(o) != 1 || o[0].Status != "waiting for the laboratory link" || o[0].Test != order.Test || !o[0].Unsent || o[0].By != grace.Name {
		t.Errorf("orders: %s", show(o))
	}
	done, err := r.desk.Do(bg, order)
	ok(t, err)
	if len(done.Ask) != 1 || !strings.Contains(done.Ask[0], "was asked for at 12:00 by Grace Mensah, nurse and is still open") {
		t.Errorf("ask: %q", done.Ask)
	}
	order.Reason = "the first sample clotted"
	r.do(order)
	if n := len(r.chart(folake).Orders); n != 2 {
		t.Errorf("%d orders", n)
	}
	r.refused(fault.Invalid, "which test", ward.PlaceOrder{Patient: folake})
}

func TestThingsToDo(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	late := r.do(ward.AddTask{Patient: folake, Words: "Turn her", Due: noon.Add(2 * time.Hour), Owner: "bay 2"})
	soon := r.do(ward.AddTask{Patient: folake, Words: "Repeat potassium", Due: noon.Add(time.Hour)})
	c := r.chart(folake)
	if len(c.Tasks) != 2 || c.Tasks[0].ID != soon.Made[0] || c.Tasks[1].Owner != "bay 2" || r.row(folake).Tasks != 2 {
		t.Fatalf("tasks: %s", show(c.Tasks))
	}
	r.do(ward.FinishTask{Patient: folake, Task: soon.Made[0]})
	r.do(ward.FinishTask{Patient: folake, Task: soon.Made[0]})
	r.refused(fault.Invalid, "Say why", ward.FinishTask{Patient: folake, Task: late.Made[0], Cancelled: true})
	r.do(ward.FinishTask{Patient: folake, Task: late.Made[0], Cancelled: true, Reason: "went to theatre"})
	r.refused(fault.NotFound, "not on this computer", ward.FinishTask{Patient: folake, Task: "t9"})
	r.refused(fault.Invalid, "Say what", ward.AddTask{Patient: folake})
	c = r.chart(folake)
	if c.Tasks[0].Status == "open" || c.Tasks[1].Status == "open" || r.row(folake).Tasks != 0 || r.cache.Count().Unsent != 4 {
		t.Errorf("tasks: %s, %d entries", show(c.Tasks), r.cache.Count().Unsent)
	}
	r.drain()
	if c = r.chart(folake); c.Tasks[0].Unsent || len(c.Tasks) != 2 {
		t.Errorf("after receipt: %s", show(c.Tasks))
	}
}

// What is checked once more when the network is back is done at once, and the
// screen says what it is held against; what is never done offline is refused
// with its reason.
func TestWhatMayBeDoneOffline(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.connected(true)
	if done := r.do(ward.PlaceOrder{Patient: folake, Test: "Lactate"}); done.Later != "" {
		t.Errorf("connected: %q", done.Later)
	}
	r.send(obj{
		"resourceType": "Task", "id": "same", "status": "requested", "intent": "order", "code": coded(fhir.SystemTaskCode, fhir.TaskReview, ""),
		"for": ref(fhir.TypePatient, string(folake)), "description": "Are these two records one person's?",
		"input": []any{
			obj{"type": coded(fhir.SystemTaskParam, fhir.ParamQuestion, ""), "valueString": "same-person"},
			obj{"type": coded(fhir.SystemTaskParam, fhir.ParamSide, ""), "valueString": `{"id":"Patient/p07","ref":{"type":"Patient","id":"p07"},"words":"one person","author":{},"times":{}}`},
			obj{"type": coded(fhir.SystemTaskParam, fhir.ParamSide, ""), "valueString": `{"id":"both","ref":{"type":"Patient","id":"p07"},"words":"two people","author":{},"times":{}}`},
		},
	})
	r.cut()
	if done := r.do(ward.PlaceOrder{Patient: folake, Test: "Potassium"}); !strings.Contains(done.Later, "the same test asked for elsewhere") {
		t.Errorf("offline, with a second check: %q", done.Later)
	}
	if done := r.do(ward.WriteNote{Patient: folake, Text: "slept well"}); done.Later != "" {
		t.Errorf("offline, freely: %q", done.Later)
	}
	same := ward.Decide{Review: "same", Version: 1, Side: "both"}
	r.refused(fault.Unavailable, "not decided while the network is out", same)
	r.connected(true)
	r.do(same)
}

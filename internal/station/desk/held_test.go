package desk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

func said(name, words string) obj {
	return obj{"type": coded(fhir.SystemTaskParam, name, ""), "valueString": words}
}

// heldPotassium is a warning as central writes it: a potassium of 6.8 that may be of
// these patients.
func heldPotassium(id string, perhaps ...string) obj {
	value := potassium("v1", "nobody", "6.8", "final", "HH")
	delete(value, "subject")
	value["extension"] = []any{obj{"url": fhir.ExtGrave, "valueCode": fhir.GraveCritical}, obj{"url": fhir.ExtWhy, "valueString": "ward limit 6.5"}}
	input := []any{
		said(fhir.ParamMessage, "m1"), said(fhir.ParamWhy, "name and birth date differ from those that we know for this number"), said(fhir.ParamPhone, "laboratory"),
		said(fhir.ParamSaid, "Adeyami Fola, born 1945-03-14"), said(fhir.ParamWard, "4B"),
	}
	for _, p := range perhaps {
		input = append(input, obj{"type": coded(fhir.SystemTaskParam, fhir.ParamPerhaps, ""), "valueReference": obj{"reference": "Patient/" + p}})
	}
	return obj{
		"resourceType": "Task", "id": id, "status": "requested", "intent": "order", "priority": "stat", "code": coded(fhir.SystemTaskCode, fhir.TaskHeldBack, ""),
		"description": "Not filed, identity unconfirmed: Potassium 6.8 mmol/L, critical (ward limit 6.5)", "contained": []any{value}, "input": input,
	}
}

// hold is central sending a warning to this ward.
func (r *room) hold(b obj) {
	r.t.Helper()
	ch := r.accept(b, record.Author{Sender: "central"})
	ch.Wards = []record.Ward{"4B"}
	r.batch([]record.Change{ch}, nil)
}

// A message names Folake's number and somebody else's name. Nobody may file its
// potassium of 6.8, and everybody who could act on it has to learn of it: as an
// alert, on her row, and in her chart, which must not look as if there were
// nothing.
func TestACriticalValueThatIsHeldBackIsAnAlertOfItsOwn(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.hold(heldPotassium("hb1", "p07"))
	list := r.alerts()
	if len(list) != 1 || list[0].Held == nil {
		t.Fatalf("alerts: %s", show(list))
	}
	a := list[0]
	if a.Who.ID != "" || a.Result.ID != "hb1" || a.Result.Value != "6.8" || a.Result.Unit != "mmol/L" || a.Result.Flag != ward.FlagCriticalHigh || a.Result.MayBe || a.Result.Why[0] != "ward limit 6.5" {
		t.Errorf("alert: %s", show(a))
	}
	if h := a.Held; h.Sure() || len(h.Perhaps) != 1 || h.Perhaps[0].ID != folake || h.Said == "" || h.Why == "" || h.Phone != "laboratory" || len(a.Ladder) != 4 {
		t.Errorf("held: %s", show(h))
	}
	if row := r.row(folake); row.Held == nil || ward.UrgencyOf(&row) != 3 || row.Critical != nil || row.New != 0 {
		t.Errorf("row: %s", show(row))
	}
	c := r.chart(folake)
	if len(c.HeldBack) != 1 || len(c.Results) != 0 {
		t.Errorf("chart: %s", show(c))
	}
	w, err := r.desk.Wall(bg)
	ok(t, err)
	if i := slices.IndexFunc(w.Cards, func(c ward.WallCard) bool { return c.Untaken && c.Critical }); i < 0 || w.HeldBack != 1 {
		t.Errorf("wall: %s", show(w))
	}
}

// It is taken like any critical result: once, by a name, undone by a withdrawal,
// open again when no action was recorded; and gone from the ward's duties when what
// was done is.
func TestWhatIsHeldBackIsTaken(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.hold(heldPotassium("hb1", "p07"))
	take := ward.Take{Result: "hb1", Version: 1}
	done := r.do(take)
	if again := r.do(take); len(again.Made) != 1 || again.Made[0] != done.Made[0] {
		t.Errorf("pressed twice: %v and %v", done.Made, again.Made)
	}
	if _, waiting := r.desk.Waiting(); len(r.alerts()) != 0 || waiting != 0 {
		t.Fatalf("taken, and still an alert: %s", show(r.alerts()))
	}
	if h := r.row(folake).Held; h == nil || h.Open || len(h.Owned) != 1 || h.Owned[0].By != grace.Name || !h.Owned[0].Unsent {
		t.Errorf("row: %s", show(h))
	}
	r.drain()
	if h := r.row(folake).Held; len(h.Owned) != 1 || h.Owned[0].Unsent {
		t.Errorf("sent: %s", show(h))
	}
	if looks := r.looks(); looks[len(looks)-1].Who.User != "g.mensah" || looks[len(looks)-1].What[0].Ref.Type != fhir.TypeTask {
		t.Errorf("audit: %s", show(looks[len(looks)-1]))
	}
	r.do(ward.Withdraw{Task: done.Made[0], Reason: "taken by mistake"})
	if len(r.alerts()) != 1 {
		t.Fatal("taken back, and no alert")
	}
	r.do(take)
	if r.row(folake).Held.Open {
		t.Fatal("taken again, and open on the board")
	}
	r.later(alert.Default().Holds + time.Minute)
	ok(t, r.desk.Refresh(bg))
	if row := r.row(folake); len(r.alerts()) != 1 || !row.Held.Open {
		t.Fatalf("nobody recorded an action in time: %s", show(row.Held))
	}
	r.do(ward.Take{Result: "hb1", Version: 1, Kind: alert.AckActing, Words: "Repeat sent"})
	if row := r.row(folake); len(r.alerts()) != 0 || !row.Held.Acted || ward.UrgencyOf(&row) == 3 {
		t.Errorf("row: %s", show(row.Held))
	}
	if len(r.chart(folake).HeldBack) != 1 {
		t.Error("the chart is silent because somebody acted")
	}
}

// What came for somebody who had left is filed: it waits to be taken, and is nothing that
// the server holds back.
func TestAFiledResultIsNotCountedAsHeldBack(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	late := heldPotassium("hb1", "p07")
	late["input"] = append(late["input"].([]any), said(fhir.ParamFiled, fhir.FiledWhole))
	r.hold(late)
	if untaken, held := r.desk.Waiting(); untaken != 1 || held != 0 {
		t.Errorf("%d wait to be taken, %d are held back", untaken, held)
	}
	r.do(ward.Take{Result: "hb1", Version: 1})
	if untaken, held := r.desk.Waiting(); untaken != 0 || held != 0 {
		t.Errorf("taken: %d wait to be taken, %d are held back", untaken, held)
	}
}

// Whoever took a result that came after a discharge phones about it: its warning says
// of whom it is by the same name and number as any other card, chosen by the same rules.
func TestWhatCameAfterADischargeSaysOfWhomLikeAnyCard(t *testing.T) {
	r := newRoom(t)
	late := heldPotassium("hb1")
	give := func(name, kind string, value any) obj {
		return obj{"type": coded(fhir.SystemTaskParam, name, ""), kind: value}
	}
	late["input"] = append(late["input"].([]any), said(fhir.ParamFiled, fhir.FiledWhole),
		give(fhir.ParamName, "valueHumanName", obj{"use": "maiden", "family": "Bello", "given": []any{"Folake"}}),
		give(fhir.ParamName, "valueHumanName", obj{"use": "official", "family": "Adeyemi", "given": []any{"Folake"}, "prefix": []any{"Mrs"}}),
		give(fhir.ParamBorn, "valueDate", "1945-03-14"),
		give(fhir.ParamNumber, "valueIdentifier", obj{"type": coded(fhir.SystemIdentifierType, "MR", ""), "value": "40071234"}),
		give(fhir.ParamNumber, "valueIdentifier", obj{"system": fhir.SystemNHSNumber, "value": "9434765919"}))
	r.hold(late)
	list := r.alerts()
	if len(list) != 1 {
		t.Fatalf("alerts: %s", show(list))
	}
	who := list[0].Who
	if who.ID != "" || who.ShowName() != "ADEYEMI, Folake" || who.Title != "Mrs" || who.Born != "1945-03-14" || who.Age == "" || who.NumberName != "NHS No." || who.Number != "943 476 5919" {
		t.Errorf("of %s", show(who))
	}
	older := heldPotassium("hb2") // as an older central writes it
	older["input"] = append(older["input"].([]any), said(fhir.ParamFiled, fhir.FiledWhole))
	r.hold(older)
	if held, err := r.desk.HeldBack(bg); err != nil || len(held) != 2 || held[0].Of == nil && held[1].Of == nil || held[0].Of != nil && held[1].Of != nil {
		t.Errorf("of an older central: %s %v", show(held), err)
	}
}

// A part of a message whose rest is filed: it is known whose it is, and said.
func TestAPartThatIsHeldBackIsOfAKnownPatient(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	part := heldPotassium("hb1", "p07")
	part["input"] = append(part["input"].([]any), said(fhir.ParamFiled, fhir.FiledInPart))
	r.hold(part)
	if a := r.alerts()[0]; !a.Held.Sure() || a.Who.Family != "Adeyemi" || a.Who.ID != "" {
		t.Errorf("%s", show(a))
	}
	if _, err := r.desk.Do(bg, ward.Take{Result: "hb1", Version: 2}); !fault.Is(err, fault.Conflict) {
		t.Errorf("taken in a version that nobody saw: %v", err)
	}
	part["status"] = "completed"
	r.hold(part)
	if row := r.row(folake); len(r.alerts()) != 0 || row.Held != nil || len(r.chart(folake).HeldBack) != 0 {
		t.Errorf("filed now, and still held: %s", show(row.Held))
	}
	r.refused(fault.NotFound, "not held back any more", ward.Take{Result: "hb1", Version: 2})
}

// An older central says it in words only: an alert all the same.
func TestAWarningInWordsOnlyIsAnAlert(t *testing.T) {
	r := newRoom(t)
	r.hold(obj{
		"resourceType": "Task", "id": "hb1", "status": "requested", "intent": "order", "priority": "stat", "code": coded(fhir.SystemTaskCode, fhir.TaskHeldBack, ""),
		"description": "Not filed, identity unconfirmed: Potassium 6.8 mmol/L, critical", "input": []any{said(fhir.ParamWard, "4B")},
	})
	if list := r.alerts(); len(list) != 1 || !list[0].Result.MayBe || !strings.Contains(list[0].Held.Words, "6.8") {
		t.Errorf("%s", show(list))
	}
}

// A screen that drew it says so, once.
func TestWhatIsHeldBackWasShown(t *testing.T) {
	r := newRoom(t)
	r.hold(heldPotassium("hb1"))
	seen := ward.MarkShown{Results: []ward.ShownResult{{Result: "hb1", Version: 1}}}
	if done := r.do(seen); len(done.Made) != 1 {
		t.Fatalf("%v", done.Made)
	}
	if done := r.do(seen); len(done.Made) != 0 {
		t.Errorf("said twice: %v", done.Made)
	}
	r.drain()
	if len(r.alerts()) != 1 {
		t.Error("shown is not taken")
	}
}

package desk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// onWard is somebody who lies on another ward than this computer's.
func onWard(w, id, family, given, bed string) []map[string]any {
	a := admitted(id, family, given, bed)
	a[1]["extension"] = []any{obj{"url": fhir.ExtWard, "valueString": w}, obj{"url": fhir.ExtBed, "valueString": bed}}
	return a
}

// ownRows says who is marked on the board, and who lies elsewhere.
func ownRows(b ward.Board) string {
	var mine, away []string
	for _, r := range b.Rows {
		if r.Mine {
			mine = append(mine, string(r.Who.ID))
		}
	}
	for _, r := range b.Own.Away {
		away = append(away, fmt.Sprint(r.Who.ID, "@", r.Who.Ward, " ", r.Mine))
	}
	slices.Sort(mine)
	slices.Sort(away)
	return fmt.Sprint(mine, away, b.Own.Absent)
}

// The rows of the person's own patients are marked, by whatever way the list came to
// be; who lies on another ward is beside the ward's rows and not among them.
func TestTheBoardMarksTheOwnPatients(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(admitted("p08", "Rossi", "Giulia", "02")...)
	if got := ownRows(r.board()); got != "[] [] 0" {
		t.Errorf("with no list: %s", got)
	}
	before := r.board().Rows
	r.do(ward.KeepOnList{Patient: folake, Keep: true})
	if got := ownRows(r.board()); got != "[p07] [] 0" {
		t.Errorf("unsent: %s", got)
	}
	for _, row := range before {
		if row.Mine {
			t.Error("a row that somebody else reads was changed")
		}
	}
	r.drain()
	if got := ownRows(r.board()); got != "[p07] [] 0" || r.board().Own.User != "g.mensah" {
		t.Errorf("sent: %s", got)
	}
	r.send(onWard("5A", string(folake), "Adeyemi", "Folake", "11")...)
	r.settle()
	b := r.board()
	if got := ownRows(b); got != "[] [p07@5A true] 0" || len(b.Rows) != 1 {
		t.Errorf("moved to another ward: %s, %d rows", got, len(b.Rows))
	}
	if _, err := r.desk.Chart(bg, folake); err != nil {
		t.Errorf("listed, and not to be opened: %v", err)
	}
	if found, err := r.desk.Search(bg, "adeye"); err != nil || len(found) != 1 {
		t.Errorf("the search finds %v (%v)", found, err)
	}
	w, err := r.desk.Wall(bg)
	if ok(t, err); len(w.Cards) != 1 || w.Cards[0].Initials != "GR" || strings.Contains(show(w), "mine") || strings.Contains(show(w), "Mine") {
		t.Errorf("the wall: %s", show(w))
	}
	r.do(ward.KeepOnList{Patient: folake, Keep: false})
	if got := ownRows(r.board()); got != "[] [] 0" {
		t.Errorf("taken off: %s", got)
	}
	if found, _ := r.desk.Search(bg, "adeye"); len(found) != 0 {
		t.Errorf("taken off, and found: %v", found)
	}
}

// What one person keeps is nobody else's: not at once after a change of person, and
// not while a window is locked.
func TestAnotherPersonsMarksAreNeverShown(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(onWard("5A", "p50", "Adeyemi", "Funke", "03")...)
	r.do(ward.KeepOnList{Patient: folake, Keep: true})
	r.desk.SetSession(tom)
	if b := r.board(); ownRows(b) != "[] [] 0" || b.Own.User != tom.User {
		t.Errorf("Tom sees %s of %s", ownRows(b), b.Own.User)
	}
	if found, _ := r.desk.Search(bg, "funke"); len(found) != 0 {
		t.Errorf("Tom finds %v", found)
	}
	r.desk.SetSession(grace)
	if got := ownRows(r.board()); got != "[p07] [] 0" {
		t.Errorf("Grace, back: %s", got)
	}
	r.desk.Lock()
	if _, err := r.desk.Rows(bg); err == nil {
		t.Error("a locked window reads rows")
	}
}

// Who is on the list and not on this computer is counted; names that are alike are
// marked, also where one of the two lies elsewhere.
func TestTheOwnListIsWholeAndTellsNamesApart(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(onWard("5A", "p50", "Adeyemi", "Funke", "03")...)
	r.send(onWard("6C", "p60", "Rossi", "Anna", "03")...)
	r.send(obj{
		"resourceType": "List", "id": "list-g.mensah", "status": "current", "mode": "working",
		"entry":     []any{obj{"item": ref(fhir.TypePatient, "p50")}, obj{"item": ref(fhir.TypePatient, "p60")}, obj{"item": ref(fhir.TypePatient, "far")}},
		"extension": []any{obj{"url": fhir.ExtListOf, "valueString": "g.mensah"}},
	})
	r.settle()
	b := r.board()
	if got := ownRows(b); got != "[] [p50@5A true p60@6C true] 1" || fmt.Sprint(b.Own.Patients) != "[far p50 p60]" {
		t.Fatalf("%s %v", got, b.Own.Patients)
	}
	for _, row := range append(slices.Clone(b.Rows), b.Own.Away...) {
		if row.Who.Similar != (row.Who.Family == "Adeyemi") {
			t.Errorf("%s %s similar: %v", row.Who.Family, row.Who.Given, row.Who.Similar)
		}
	}
}

// Two records become one: the list holds the one that shows both, marks it once, and
// takes it off whichever record was put on it.
func TestAJoinedRecordStaysOnTheOwnList(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(joinedWith("p99", false)[1])
	r.send(onWard("4B", "p99", "Adeyemi", "Folake", "09")[1])
	r.do(ward.KeepOnList{Patient: "p99", Keep: true})
	r.drain()
	r.send(joinedWith("p99", true)...)
	r.settle()
	if b := r.board(); ownRows(b) != "[p07] [] 0" || fmt.Sprint(b.Own.Patients) != "[p07]" {
		t.Fatalf("joined: %s %v", ownRows(b), b.Own.Patients)
	}
	r.do(ward.KeepOnList{Patient: folake, Keep: true})
	if muts, _ := r.cache.Unsent(0, 10); len(muts) != 0 {
		t.Errorf("on it already, and written: %s", show(muts))
	}
	r.do(ward.KeepOnList{Patient: folake, Keep: false})
	if got := ownRows(r.board()); got != "[] [] 0" {
		t.Errorf("taken off: %s", got)
	}
}

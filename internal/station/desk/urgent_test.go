package desk_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
)

// A value beyond an urgent limit stands on the board's row until somebody has acknowledged
// it or a day has passed, first on the handover's sheet, and as a mark without its name and
// value on the wall. A start takes it from the brief as it was.
func TestAnUrgentValueIsOnEverySheetOfTheWard(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	list := []map[string]any{potassium("k1", "p07", "6.1", "final", "H")}
	for i, name := range []string{"A", "B", "C", "D", "E", "F", "G"} { // newer, flagged, and not urgent
		x := potassium("x"+name, "p07", "5.5", "final", "H")
		x["code"] = obj{"text": "Test " + name}
		x["effectiveDateTime"] = noon.Add(time.Duration(i-20) * time.Minute).Format(time.RFC3339)
		list = append(list, x)
	}
	r.send(list...)
	row := r.row(folake)
	if row.Urgent == nil || row.Urgents != 1 || row.Urgent.Value != "6.1" || row.Urgent.FlagWords() != "H URGENT" {
		t.Fatalf("the row has no urgent value: %s", show(row))
	}
	if row.NewKinds != 8 || len(row.NewNames) != 8 {
		t.Errorf("new are %d kinds, named %q", row.NewKinds, row.NewNames)
	}
	ok(t, r.desk.Refresh(bg))
	kept, err := r.desk.Kept(bg)
	ok(t, err)
	if k := kept[folake].Row; k.Urgent == nil || !k.Urgent.Received.Equal(row.Urgent.Received) || k.Urgent.Received.Location() != row.Urgent.Received.Location() {
		t.Errorf("the brief has it otherwise: %s", show(k))
	}
	h, err := r.desk.Handover(bg)
	ok(t, err)
	facts := h.Sheets[0].Facts
	if len(facts) != 6 || !facts[0].Urgent || !strings.Contains(facts[0].Words, "6.1 mmol/L H URGENT") {
		t.Errorf("facts: %s", show(facts))
	}
	w, err := r.desk.Wall(bg)
	ok(t, err)
	if !w.Cards[0].Urgent || w.Cards[0].Critical {
		t.Errorf("card: %+v", w.Cards[0])
	}
	b, err := json.Marshal(w)
	ok(t, err)
	for _, secret := range []string{"Adeyemi", "Potassium", "6.1", "mmol"} {
		if strings.Contains(string(b), secret) {
			t.Errorf("%q is on the wall: %s", secret, b)
		}
	}

	r.do(ward.Take{Patient: folake, Result: "k1", Version: 1, Kind: "acting", Words: "seen, repeat asked for"})
	if row := r.row(folake); row.Urgent != nil || row.Urgents != 0 {
		t.Errorf("acknowledged, and still on the row: %s", show(row))
	}
	r.later(25 * time.Hour)
	r.send(potassium("k2", "p07", "6.2", "final", "H"), potassium("k3", "p07", "6.8", "final", "HH"))
	if row := r.row(folake); row.Urgent == nil || row.Urgent.ID != "k2" || row.Urgents != 1 || row.Critical == nil {
		t.Errorf("beside a critical one: %s", show(row))
	}
}

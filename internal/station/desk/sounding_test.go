package desk_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/trust/audit"
)

// A locked window sounds for what waits, and what it needs for that names nobody and
// no result.
func TestALockedWindowKnowsWhatSounds(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	r.hold(heldPotassium("hb1", "p07"))
	r.desk.EndSession()
	list, err := r.desk.Sounding(bg)
	ok(t, err)
	if len(list) != 2 || !list[0].Must || !list[1].Must || list[0].Seen || list[0].Key == list[1].Key {
		t.Fatalf("%+v", list)
	}
	for _, s := range list {
		if len(s.Due) != 4 || s.Due[1].Sub(s.Due[0]) != 10*time.Minute || s.Again != 15*time.Minute {
			t.Errorf("the ladder: %+v", s)
		}
	}
	b, err := json.Marshal(list)
	ok(t, err)
	for _, secret := range []string{"Adeyemi", "ADEYEMI", "Folake", "9990417732", "Potassium", "6.8", "mmol", "p07"} {
		if strings.Contains(string(b), secret) {
			t.Errorf("%q is in it: %s", secret, b)
		}
	}
}

// A window that drew it is somebody who saw it; a wall is not. Whoever takes it ends it.
func TestASoundEndsWhenItIsTakenAndNotByAWall(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	one := func() ward.Sounding {
		t.Helper()
		list, err := r.desk.Sounding(bg)
		ok(t, err)
		if len(list) != 1 {
			t.Fatalf("%+v", list)
		}
		return list[0]
	}
	w, err := r.desk.Wall(bg)
	ok(t, err)
	ok(t, r.desk.WallDrawn(bg, w.Cards))
	if one().Seen {
		t.Error("the wall told of it, and it counts as seen by somebody")
	}
	alerts, err := r.desk.Alerts(bg)
	ok(t, err)
	a := alerts[0].Result
	_, err = r.desk.Do(bg, ward.MarkShown{Results: []ward.ShownResult{{Patient: folake, Result: a.ID, Version: a.Version}}})
	ok(t, err)
	if !one().Seen {
		t.Error("a window drew it, and nobody knows")
	}
	_, err = r.desk.Do(bg, ward.Take{Patient: folake, Result: a.ID, Version: a.Version})
	ok(t, err)
	if list, err := r.desk.Sounding(bg); err != nil || len(list) != 0 {
		t.Errorf("taken, and it sounds: %+v %v", list, err)
	}
}

// Who mutes a computer is on record, and nobody mutes one that is locked.
func TestSilenceIsOnRecord(t *testing.T) {
	r := newRoom(t)
	before := len(r.looks())
	ok(t, r.desk.SoundChanged(bg, "not muted", "muted until 14:20"))
	got := r.looks()[before:]
	if len(got) != 1 || got[0].Action != audit.Config || got[0].Who.Name != grace.Name || len(got[0].Details) != 3 || got[0].Details[0].Value != "muted until 14:20" {
		t.Fatalf("%s", show(got))
	}
	if changes, err := audit.Changes(got[0].Details); err != nil || len(changes) != 1 || changes[0] != (audit.Change{Name: "sound", Before: "not muted", After: "muted until 14:20"}) {
		t.Errorf("it is on record as %v, %v", changes, err)
	}
	r.desk.Lock()
	if err := r.desk.SoundChanged(bg, "not muted", "muted"); err == nil {
		t.Error("somebody muted a locked computer")
	}
}

package e2e_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/trust/audit"
)

// TestAStolenComputerErasesItself: a computer is taken while it holds a note that
// it has not sent. It is wiped on order as soon as it is on a network again: the
// note is at central, and nothing on the disk opens anything any more.
func TestAStolenComputerErasesItself(t *testing.T) {
	w, a, b, patient := theWard(t)
	w.cut(a)
	a.do("note", args{"patient": patient, "text": "Daughter will come at noon"})
	a.chart(patient)
	id := w.stationID("a")
	said := string(w.admin("stations", "wipe", id, "--reason", "taken from the car of a locum")[0])
	if !strings.Contains(said, "ordered") {
		t.Fatal(said)
	}
	check(t, w.net.Mend())
	w.await("the computer has erased itself", 90*time.Second, func() error {
		for _, s := range w.stations() {
			if s.Station == id && s.Wiped != nil {
				return nil
			}
		}
		return fmt.Errorf("central has not heard of it")
	})
	b.allSent()
	w.await("its note is on the other computer", 30*time.Second, func() error {
		if !strings.Contains(w.export(), "Daughter will come at noon") {
			return fmt.Errorf("it is not in the record")
		}
		return nil
	})
	// Central hears of it when nothing opens the copy any more; who the computer was
	// goes last.
	w.await("nothing is left of it", 30*time.Second, func() error {
		if left := filesOf(t, w.path("a")); len(left) > 0 {
			return fmt.Errorf("there are still %v", left)
		}
		return nil
	})
	w.isRefused("headless")
	if said := joined(w.admin("audit", "verify")); !strings.Contains(said, `"gaps":[]`) {
		t.Errorf("a chain is not whole: %s", said)
	}
	w.isOnRecord(id)
}

// filesOf are the files of a wiped station's folder that should not be there.
func filesOf(t *testing.T, dir string) (left []string) {
	t.Helper()
	check(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		switch e.Name() {
		case "wiped.json", "running.lock", "status.sock":
			return nil
		}
		if strings.HasPrefix(e.Name(), "secrets.v1") { // the passphrase's store, empty now
			return nil
		}
		left = append(left, path)
		return nil
	}))
	return left
}

// isRefused starts a program on the folder.
func (w *world) isRefused(cmd string) {
	w.t.Helper()
	_, stderr, err := w.program("wardlight", append([]string{cmd, "--data", w.path("a")}, w.secrets...)...)
	if err == nil || !strings.Contains(stderr, "erased by order of the hospital") {
		w.t.Errorf("started again: %v, %s", err, stderr)
	}
}

// isOnRecord looks for who ordered it, why, and that it was done.
func (w *world) isOnRecord(id string) {
	w.t.Helper()
	ordered, done := false, false
	for _, l := range decode[struct{ Event json.RawMessage }](w.t, w.ask("audit list", nil)) {
		e, err := audit.Parse(l.Event)
		check(w.t, err)
		text := fmt.Sprint(e.Who, e.Details)
		ordered = ordered || e.Action == audit.Config && strings.Contains(text, "administrator") && strings.Contains(text, "stations wipe") && strings.Contains(text, "locum")
		done = done || e.Action == audit.Config && strings.Contains(text, "{what wiped}") && strings.Contains(text, id)
	}
	if !ordered || !done {
		w.t.Errorf("on record: ordered %v, done %v", ordered, done)
	}
}

// TestAStolenComputerThatIsSwitchedOff: it is killed in the middle of erasing
// itself, and goes on when it is started again, without having shown anything.
func TestAStolenComputerThatIsSwitchedOff(t *testing.T) {
	w, a, _, patient := theWard(t)
	w.cut(a)
	a.do("note", args{"patient": patient, "text": "Daughter will come at noon"})
	a.Kill()
	// It heard the order, and was switched off before its next step.
	check(t, os.WriteFile(w.path("a", "wipe-ordered"), nil, 0o600))
	a = w.open("a")
	if err := a.call("sign_in", args{"user": nurse.user, "pin": nurse.pin}, nil); err == nil {
		t.Error("somebody could sign in on a computer that is to be wiped")
	}
	id := w.stationID("a")
	w.admin("stations", "wipe", id, "--reason", "stolen")
	check(t, w.net.Mend())
	w.await("it is erased", 90*time.Second, func() error {
		if left := filesOf(t, w.path("a")); len(left) > 0 {
			return fmt.Errorf("there are still %d files", len(left))
		}
		return nil
	})
}

// TestACopyGetsAnotherKey: on order, at the next start. What was not sent and what
// was begun come along; the old key opens nothing that is there.
func TestACopyGetsAnotherKey(t *testing.T) {
	w, a, _, patient := theWard(t)
	before := len(a.board())
	w.cut(a)
	a.do("note", args{"patient": patient, "text": "Daughter will come at noon"})
	id := w.stationID("a")
	w.admin("stations", "rekey", id)
	check(t, w.net.Mend())
	w.await("it has heard of it", 90*time.Second, func() error { _, err := os.Stat(w.path("a", "renew-copy")); return err })
	w.cut(a)
	a.do("note", args{"patient": patient, "text": "Son called at three"})
	a.do("draft", args{"patient": patient, "kind": "note", "body": "half a sentence"})
	a.Kill()
	check(t, w.net.Mend())
	a = w.open("a")
	a.signIn(nurse)
	a.allSent()
	w.await("the new copy is full", 60*time.Second, func() error {
		if n := len(a.board()); n != before {
			return fmt.Errorf("%d patients of %d", n, before)
		}
		return nil
	})
	var drafts struct{ Drafts []struct{ Body string } }
	check(t, a.call("drafts", nil, &drafts))
	if len(drafts.Drafts) != 1 || drafts.Drafts[0].Body != "half a sentence" {
		t.Errorf("what was begun: %+v", drafts)
	}
	export := w.export()
	for _, note := range []string{"Daughter will come at noon", "Son called at three"} {
		if strings.Count(export, note) != 1 {
			t.Errorf("%q is in the record %d times", note, strings.Count(export, note))
		}
	}
	w.await("central knows its new key", 90*time.Second, func() error {
		for _, s := range w.stations() {
			if s.Station == id && s.KeyMade != nil {
				return nil
			}
		}
		return fmt.Errorf("it does not")
	})
}

type enrolled struct {
	Station string
	Place   string
	Wiped   *time.Time
	KeyMade *time.Time `json:"key_made"`
}

func (w *world) stations() []enrolled {
	w.t.Helper()
	return decode[enrolled](w.t, w.ask("stations", nil))
}

func (w *world) stationID(name string) string {
	w.t.Helper()
	for _, s := range w.stations() {
		if s.Place == "Computer "+name {
			return s.Station
		}
	}
	w.t.Fatalf("no station %s", name)
	return ""
}

package e2e_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// How much may leave is limited by the real programs: a ward's print over the limit that
// central set is held back, also after a kill -9, and goes on with a reason and the PIN;
// an export over it is refused. Both are on record and stand out.
func TestHowMuchMayLeaveIsLimited(t *testing.T) {
	w := newWorld(t, t.TempDir())
	tray := w.printing()
	w.account(nurse, "4B")
	w.enrol("a", "4B")
	w.send(admission(0), admission(1), admission(2))
	w.admin("limits", "--print-hour", "30", "--take-hour", "10", "--reason", "agreed with the privacy officer")
	a := w.open("a")
	a.signIn(nurse)
	all := func() {
		t.Helper()
		w.await("the ward is on the board", 30*time.Second, func() error {
			if n := len(a.board()); n != 3 {
				return fmt.Errorf("%d patients", n)
			}
			return nil
		})
	}
	all()
	printed := 0
	var err error
	for ; printed < 45; printed++ {
		if err = a.call("ward_pack", nil, nil); err != nil {
			break
		}
	}
	if printed != 10 || err == nil || !strings.Contains(err.Error(), "The limit for an hour: 30.") || sheets(t, tray) != 10 {
		t.Fatalf("after %d prints (%d sheets): %v", printed, sheets(t, tray), err)
	}
	a.Kill()
	a = w.open("a")
	w.await("the nurse signs in again", 30*time.Second, func() error { return a.call("sign_in", args{"user": nurse.user, "pin": nurse.pin}, nil) })
	all()
	if err := a.call("ward_pack", nil, nil); err == nil {
		t.Error("a kill -9 lets her print more")
	}
	if err := a.call("ward_pack", args{"reason": "paper for the other team", "pin": "000000"}, nil); err == nil {
		t.Error("a wrong PIN lets her print more")
	}
	check(t, a.call("ward_pack", args{"reason": "paper for the other team", "pin": nurse.pin}, nil))
	if n := sheets(t, tray); n != 11 {
		t.Errorf("%d sheets", n)
	}
	taken := 0
	var said string
	for ; taken < 20; taken++ {
		var lines []json.RawMessage
		if lines, said, err = w.try("export"); err != nil {
			if len(lines) != 0 {
				t.Errorf("a refused export shows %d lines", len(lines))
			}
			break
		}
	}
	if err == nil || !strings.Contains(said, "10 an hour is the limit") {
		t.Errorf("after %d exports: %v, %s", taken, err, said)
	}
	w.await("all of it stands out", 30*time.Second, func() error {
		return containsAll(joined(w.admin("audit", "flagged")), `"flags":["over-limit"]`, "paper for the other team", `"command":"export"`, `"outcome":"was refused"`)
	})
	if said := joined(w.admin("audit", "verify")); !strings.Contains(said, `"gaps":[]`) {
		t.Errorf("a chain is not whole: %s", said)
	}
}

func containsAll(text string, parts ...string) error {
	for _, p := range parts {
		if !strings.Contains(text, p) {
			return fmt.Errorf("without %s: %s", p, text)
		}
	}
	return nil
}

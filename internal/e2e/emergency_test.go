package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/internal/fault"
)

// visitor is a doctor of another ward.
var visitor = person{"a.ruiz", "Ana Ruiz", "doctor", "662817"}

// TestEmergencyAccessWithTheNetworkOut: a doctor of another ward opens one
// record for an hour and writes in it, cut off. Later central has the entry,
// the look, the reason, and something to review.
func TestEmergencyAccessWithTheNetworkOut(t *testing.T) {
	w, a, _, patient := theWard(t)
	w.account(visitor, "5A")
	a.signIn(visitor) // has worked at this computer before
	w.cut(a)
	if err := a.call("chart", args{"patient": patient}, nil); kind(err) != fault.Denied {
		t.Fatalf("a chart of another ward: %v", err)
	}
	name := somebody[0].given + " " + somebody[0].family + " 1950-01-01"
	reason := "cardiac arrest on 4B, I lead the team"
	if err := a.call("break_glass", args{"who": name, "reason": reason, "pin": "000000"}, nil); kind(err) != fault.Unknown {
		t.Errorf("with a wrong PIN: %v", err)
	}
	check(t, a.call("break_glass", args{"who": name, "reason": reason, "pin": visitor.pin}, nil))
	_, raw := a.chart(patient)
	if !strings.Contains(raw, `"emergency":{`) {
		t.Error("the chart does not say that it was opened in an emergency")
	}
	made := a.do("note", args{"patient": patient, "text": "Calcium and insulin given."})
	check(t, w.net.Mend())
	a.allSent()
	w.everythingOnce(made)
	if !strings.Contains(w.export(), "emergency-access") {
		t.Error("the entry in the record does not say that it was made in an emergency")
	}
	type access struct{ ID, User, Patient, Reason, Status string }
	var list []access
	w.await("central hears of the emergency", 20*time.Second, func() error {
		if list = decode[access](t, w.admin("emergency", "list")); len(list) != 1 {
			return fmt.Errorf("%d accesses", len(list))
		}
		return nil
	})
	if e := list[0]; e.User != visitor.user || e.Patient != patient || e.Reason != reason || e.Status != "waiting" {
		t.Errorf("to be reviewed: %+v", e)
	}
	done := decode[access](t, w.admin("emergency", "review", list[0].ID, "--words", "The arrest call is in the log."))
	if done[0].Status != "reviewed" {
		t.Errorf("after the review: %+v", done)
	}
	w.verify()
}

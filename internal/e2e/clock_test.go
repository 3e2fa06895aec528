package e2e_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/demo"
)

// openFaulty starts a station of the build with planted faults.
func (w *world) openFaulty(name string, flags ...string) *station {
	w.t.Helper()
	argv := append([]string{"headless", "--data", w.path(name)}, w.secrets...)
	p, err := demo.Start(name, w.path("log"), w.env, filepath.Join(faulty(w.t), "wardlight-wrong-clock"), append(argv, flags...)...)
	check(w.t, err)
	s := &station{demo.Drive(p), w}
	w.t.Cleanup(func() { s.Stop(3 * time.Second) })
	return s
}

// alerts is what a station says must be taken.
func (s *station) alerts() string {
	s.w.t.Helper()
	var r struct {
		Alerts []struct {
			Who    who
			Result struct {
				Test, Value, Unit, Flag string
				Open                    bool
			}
			Since  string
			Ladder json.RawMessage // who is told when, and who has been
		}
	}
	if err := s.call("alerts", nil, &r); err != nil {
		s.w.t.Fatalf("alerts on %s: %v", s.Name, err)
	}
	var all strings.Builder
	for _, a := range r.Alerts {
		fmt.Fprintf(&all, "%s %+v since %s: %s\n", a.Who.Family, a.Result, a.Since, a.Ladder)
	}
	return all.String()
}

// TestAWrongClockChangesNoAlert: three computers of one ward, one a day ahead
// and one a day behind. All show the same alert, whoever takes it takes it for
// all, and what they write arrives.
func TestAWrongClockChangesNoAlert(t *testing.T) {
	w, right, _, patient := theWard(t)
	for _, name := range []string{"ahead", "behind"} {
		w.enrol(name, "4B")
	}
	ahead, behind := w.openFaulty("ahead", "--clock-offset=24h"), w.openFaulty("behind", "--clock-offset=-24h")
	ahead.signIn(nurse)
	behind.signIn(doctor)
	ahead.patient(somebody[0].family)
	behind.patient(somebody[0].family)

	w.send(potassium(0, "K2", "2.4", "LL"))
	var shown string
	w.await("both potassiums alert on all three", 20*time.Second, func() error {
		shown = right.alerts()
		a, b := ahead.alerts(), behind.alerts()
		if shown != a || shown != b || strings.Count(shown, "\n") != 2 {
			return fmt.Errorf("\n right %s\n ahead %s\nbehind %s", shown, a, b)
		}
		return nil
	})
	c, _ := ahead.chart(patient)
	made := ahead.do("take", args{"patient": patient, "result": c.Results[0].ID, "version": 1, "kind": "taken"})
	made = append(made, behind.do("note", args{"patient": patient, "text": "From yesterday, by this clock."})...)
	made = append(made, behind.do("record_vitals", args{"patient": patient, "set": set("pulse", "70")})...)
	ahead.allSent()
	behind.allSent()
	w.everythingOnce(made)
	w.await("what was taken on one is taken on all", 20*time.Second, func() error {
		now := right.alerts()
		if a, b := ahead.alerts(), behind.alerts(); now == shown || now != a || now != b {
			return fmt.Errorf("\n right %s\n ahead %s\nbehind %s", now, a, b)
		}
		return nil
	})
	w.verify()
}

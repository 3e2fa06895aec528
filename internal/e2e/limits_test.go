package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var chief = person{"l.board", "Lena Board", "doctor", "731946"}

// ruleOf is what a station says of a rule's limits.
type ruleOf struct {
	Limits []string
	Site   struct {
		Version uint64
		Number  int
		MaySite bool
		List    []struct{ Edge, Own, Hospital, Here string }
	}
}

func (s *station) rule(id string) ruleOf {
	s.w.t.Helper()
	var r struct{ Rules struct{ List []ruleOf } }
	if err := s.call("rules", args{"rule": id}, &r); err != nil || len(r.Rules.List) != 1 {
		s.w.t.Fatalf("the rule on %s: %v, %+v", s.Name, err, r)
	}
	return r.Rules.List[0]
}

// alertsOf are the open critical results: value and why.
func (s *station) alertsOf() []string {
	s.w.t.Helper()
	var r struct {
		Alerts []struct {
			Result struct {
				Value string
				Why   []string
			}
		}
	}
	if err := s.call("alerts", nil, &r); err != nil {
		s.w.t.Fatalf("alerts on %s: %v", s.Name, err)
	}
	var out []string
	for _, a := range r.Alerts {
		out = append(out, a.Result.Value+": "+strings.Join(a.Result.Why, ", "))
	}
	slices.Sort(out)
	return out
}

// TestALimitReachesEveryComputer: a doctor who covers the hospital sets the high limit
// of potassium on one computer. Central judges by it what comes then, the other computer
// says so with version and date, and what came before stays as it was. Cut off, the
// limit is not changed, and the computer judges a call by the one that it has. The limit
// goes back while that call is on its way: it is critical everywhere all the same, and
// so is what was open; what comes then is not.
func TestALimitReachesEveryComputer(t *testing.T) {
	w, a, b, patient := theWard(t)
	w.account(chief, "*")
	a.signIn(chief)
	w.send(potassium(0, "K2", "6.1", "H"))
	set := func(s *station, value string) error {
		return s.call("set_limit", args{"rule": "critical/potassium", "version": s.rule("critical/potassium").Site.Version, "edge": "high", "unit": "mmol/L", "value": value, "reason": "laboratory board"}, nil)
	}
	for why, err := range map[string]error{"out of range": set(a, "7.5"), "by a doctor of one ward": set(b, "6.0")} {
		if err == nil {
			t.Errorf("%s: it was set", why)
		}
	}
	check(t, set(a, "6.0"))
	a.allSent()
	await := func(what string, s *station, number int, here string) {
		t.Helper()
		w.await(what, 20*time.Second, func() error {
			if r := s.rule("critical/potassium"); r.Site.Number != number || r.Site.List[1].Hospital != here {
				return fmt.Errorf("%+v", r)
			}
			return nil
		})
	}
	await("the other computer has the limit", b, 1, "6.0")
	w.send(potassium(0, "K3", "6.2", "H"))
	open := func(what string, want ...string) {
		t.Helper()
		w.await(what, 20*time.Second, func() error {
			for _, s := range []*station{a, b} {
				got := s.alertsOf()
				if len(got) != len(want) {
					return fmt.Errorf("%s: %q", s.Name, got)
				}
				for i := range want {
					if !strings.HasPrefix(got[i], want[i]) {
						return fmt.Errorf("%s: %q", s.Name, got)
					}
				}
			}
			return nil
		})
	}
	open("both say by which limit it is critical", "6.2: limit 6.0 of this hospital, version 1 of ", "6.9: ")

	check(t, b.call("disconnect", nil, nil))
	w.await("the other computer is cut off", 20*time.Second, func() error {
		if b.link().Connected {
			return fmt.Errorf("connected")
		}
		return nil
	})
	if err := set(b, "5.8"); err == nil {
		t.Error("a limit is set with the network out")
	}
	b.do("phoned_result", args{
		"patient": patient, "test": "Potassium", "value": "6.3", "unit": "mmol/L", "lab": "Chemistry", "caller": "J. Okoro", "readBack": true,
		"called": time.Now().UTC().Format(time.RFC3339), "collected": time.Now().UTC().Add(-2 * time.Minute).Format(time.RFC3339),
	})
	if got := b.alertsOf(); len(got) != 3 || !strings.HasPrefix(got[1], "6.3: limit 6.0 of this hospital") {
		t.Errorf("cut off: %q", got)
	}
	check(t, set(a, ""))
	a.allSent()
	check(t, b.call("connect", nil, nil))
	b.allSent()
	await("the limit is back on the other computer", b, 2, "6.5")
	w.send(potassium(0, "K4", "6.4", "H"))
	open("what was critical stays so, and what comes then is not", "6.2: limit 6.0 of this hospital, version 1 of ", "6.3: limit 6.0 of this hospital, version 1 of ", "6.9: ")
	if events := joined(w.ask("audit list", nil)); !strings.Contains(events, "6.5 mmol/L (the program's own)") || !strings.Contains(events, "laboratory board") {
		t.Error("the audit trail does not say what was in force, what is, and why")
	}
	w.verify()
}

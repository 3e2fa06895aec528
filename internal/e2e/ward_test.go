package e2e_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/fault"
)

// theWard is a central with one patient in bed 1 of ward 4B, an open critical
// potassium, and two stations on which the nurse and the doctor are signed in.
func theWard(t *testing.T) (w *world, a, b *station, patient string) {
	t.Helper()
	w = newWorld(t, t.TempDir())
	w.account(nurse, "4B")
	w.account(doctor, "4B")
	w.enrol("a", "4B")
	w.enrol("b", "4B")
	w.send(admission(0), potassium(0, "K1", "6.9", "HH"))
	a, b = w.open("a"), w.open("b")
	a.signIn(nurse)
	b.signIn(doctor)
	patient = a.patient(somebody[0].family)
	b.patient(somebody[0].family)
	return w, a, b, patient
}

// cut pulls the cable and waits until the stations have noticed.
func (w *world) cut(stations ...*station) {
	w.t.Helper()
	w.net.Cut()
	for _, s := range stations {
		w.await(s.Name+" notices that the network is out", 20*time.Second, func() error {
			if s.link().Connected {
				return fmt.Errorf("connected")
			}
			return nil
		})
	}
}

func set(values ...string) args {
	s := args{}
	for i := 0; i < len(values); i += 2 {
		s[values[i]] = values[i+1]
	}
	return s
}

// chart is what two stations must agree on.
type chart struct {
	Results     []struct{ ID, Value, Unit, Status string }
	Vitals      []json.RawMessage
	Notes       []struct{ ID, Text string }
	AllergyList []struct{ ID, Substance, Status string }
}

func (s *station) chart(patient string) (c chart, raw string) {
	s.w.t.Helper()
	var r struct{ Chart json.RawMessage }
	if err := s.call("chart", args{"patient": patient}, &r); err != nil {
		s.w.t.Fatalf("the chart on %s: %v", s.Name, err)
	}
	check(s.w.t, json.Unmarshal(r.Chart, &c))
	return c, string(r.Chart)
}

// TestTwoStationsThroughAnOutage: both write while the network is out, one is
// killed in the middle; afterwards everything is there once, on both.
func TestTwoStationsThroughAnOutage(t *testing.T) {
	w, a, b, patient := theWard(t)
	w.cut(a, b)
	w.send(potassium(0, "K2", "3.1", "N"))

	made := a.do("record_vitals", args{"patient": patient, "set": set("respirations", "18", "pulse", "88", "temperature", "37.1")})
	made = append(made, a.do("note", args{"patient": patient, "text": "Slept well, written in the dark."})...)
	made = append(made, b.do("add_allergy", args{"patient": patient, "substance": "Penicillin", "reaction": "anaphylaxis", "severity": "severe", "certainty": "confirmed"})...)
	made = append(made, b.do("record_vitals", args{"patient": patient, "set": set("pulse", "91")})...)

	// Killed in the middle: ten notes are given, and the power goes after the
	// fourth answer. What was answered is there; what was not may be there, and
	// is then whole.
	for n := range 4 {
		made = append(made, a.do("note", args{"patient": patient, "text": fmt.Sprintf("Round %d.", n)})...)
	}
	for n := 4; n < 10; n++ {
		go func() { _ = a.call("note", args{"patient": patient, "text": fmt.Sprintf("Round %d.", n)}, nil) }()
	}
	time.Sleep(5 * time.Millisecond)
	a.Kill()

	a = w.open("a")
	w.await("the nurse signs in with the network out", 30*time.Second, func() error {
		return a.call("sign_in", args{"user": nurse.user, "pin": nurse.pin}, nil)
	})
	c, raw := a.chart(patient)
	for n := range 4 {
		if !slices.ContainsFunc(c.Notes, func(x struct{ ID, Text string }) bool { return x.Text == fmt.Sprintf("Round %d.", n) }) {
			t.Errorf("note %d was answered, and is gone after the kill", n)
		}
	}
	if !strings.Contains(raw, `"unsent":true`) {
		t.Error("entries that central has not seen are not marked as unsent")
	}
	if l := a.link(); l.Unsent < 8 || l.Connected {
		t.Errorf("after the kill: %+v", l)
	}

	check(t, w.net.Mend())
	a.allSent()
	b.allSent()
	w.everythingOnce(made)
	w.await("both charts are equal", 20*time.Second, func() error {
		return difference(a, b, patient)
	})
	c, _ = a.chart(patient)
	if len(c.Results) != 2 || len(c.AllergyList) != 1 {
		t.Errorf("%d results and %d allergies, expected 2 and 1", len(c.Results), len(c.AllergyList))
	}
	w.verify()
}

// difference says where two stations show a patient differently.
func difference(a, b *station, patient string) error {
	ca, ra := a.chart(patient)
	cb, rb := b.chart(patient)
	if fmt.Sprintf("%+v", ca.Results) != fmt.Sprintf("%+v", cb.Results) || fmt.Sprintf("%+v", ca.Notes) != fmt.Sprintf("%+v", cb.Notes) ||
		fmt.Sprintf("%+v", ca.AllergyList) != fmt.Sprintf("%+v", cb.AllergyList) || len(ca.Vitals) != len(cb.Vitals) {
		return fmt.Errorf("\n%.2000s\n%.2000s", ra, rb)
	}
	return nil
}

// everythingOnce: each resource that a station made stands once in the record.
func (w *world) everythingOnce(made []string) {
	w.t.Helper()
	n := map[string]int{}
	for _, r := range decode[struct{ ID string }](w.t, w.ask("export", nil)) {
		n[r.ID]++
	}
	for _, id := range made {
		if n[id] != 1 {
			w.t.Errorf("%s, which a station made, stands %d times in the record", id, n[id])
		}
	}
}

func kind(err error) fault.Kind {
	if err == nil {
		return fault.Other
	}
	return fault.KindOf(err)
}

// TestWhoMaySignIn: the right PIN, with and without the network; nobody else.
func TestWhoMaySignIn(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.account(nurse, "4B")
	w.account(doctor, "4B")
	w.enrol("a", "4B")
	w.send(admission(0))
	a := w.open("a")
	a.signIn(nurse)
	a.patient(somebody[0].family)

	refuse := func(when, user, pin string, want fault.Kind, word string) {
		t.Helper()
		err := a.call("sign_in", args{"user": user, "pin": pin}, nil)
		if kind(err) != want || err == nil || !strings.Contains(strings.ToLower(err.Error()), word) {
			t.Errorf("%s: %s with %s gives %v", when, user, pin, err)
		}
	}
	a.do("lock", nil)
	if err := a.call("patients", nil, nil); kind(err) != fault.Denied && kind(err) != fault.Unknown {
		t.Errorf("a locked station shows its board: %v", err)
	}
	refuse("online", nurse.user, "000000", fault.Unknown, "pin")
	refuse("online", "nobody", "123456", fault.Unknown, "pin")
	a.signIn(nurse)

	w.cut(a)
	a.Kill()
	a = w.open("a")
	refuse("offline", doctor.user, doctor.pin, fault.Denied, "network")
	refuse("offline", nurse.user, "000000", fault.Unknown, "pin")
	a.signIn(nurse)
	if got := a.board(); len(got) != 1 {
		t.Errorf("%d patients on the board with the network out, 1 expected", len(got))
	}
}

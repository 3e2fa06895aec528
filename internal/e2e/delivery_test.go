package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// unreached is what a station is told of a ward: how many critical results are
// on none of its screens.
func (s *station) unreached(ward string) int {
	s.w.t.Helper()
	for _, u := range s.link().Unreached {
		if u.Ward == ward {
			return u.Count
		}
	}
	return 0
}

// TestAWardThatIsNotReached: the only computer of ward 5A is off when a critical
// potassium comes for it. Within 30 s central and every computer that is on say
// that it is on no screen of 5A; once it has been shown there, they stop, within
// 30 s again.
func TestAWardThatIsNotReached(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.account(nurse, "4B")
	w.account(doctor, "5A")
	w.enrol("a", "4B")
	w.enrol("c", "5A")
	on5A := strings.NewReplacer("|4B^", "|5A^", "|4B", "|5A")
	w.send(admission(0), on5A.Replace(admission(1)))
	a := w.open("a")
	a.signIn(nurse)
	if n := a.unreached("5A"); n != 0 {
		t.Fatalf("before anything critical came: %d", n)
	}

	w.send(on5A.Replace(potassium(1, "K1", "6.9", "HH")))
	sent := time.Now()
	within := func(what string, want int) {
		t.Helper()
		w.within(what, 30*time.Second, func() error {
			if n := a.unreached("5A"); n != want {
				return fmt.Errorf("told of %d", n)
			}
			return nil
		})
	}
	within("a computer of another ward says that 5A has not seen it", 1)
	t.Logf("told of after %.1f s", time.Since(sent).Seconds())
	if lines := w.ask("undelivered", nil); len(lines) != 1 || !strings.Contains(string(lines[0]), `"5A"`) {
		t.Errorf("central says: %s", lines)
	}
	if n := a.unreached("4B"); n != 0 {
		t.Errorf("ward 4B is said not to have seen %d", n)
	}

	c := w.open("c")
	c.signIn(doctor)
	patient := c.patient(somebody[1].family)
	ch, _ := c.chart(patient)
	c.do("shown", args{"results": []args{{"patient": patient, "result": ch.Results[0].ID, "version": 1}}})
	within("once it was on the screen of 5A, nobody says so any more", 0)
	if lines := w.ask("undelivered", nil); len(lines) != 0 {
		t.Errorf("central still says: %s", lines)
	}
}

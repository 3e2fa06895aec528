//go:build unix

package e2e_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestAClockThatJumpsAndALaptopThatSleeps: one computer's clock jumps three
// hours ahead while it runs, another's back; a third is stopped for longer than
// central waits for it, like a laptop that was closed, and goes on. No alert, no
// order and no age on any screen changes by it, and all that is written arrives
// once, in its order.
func TestAClockThatJumpsAndALaptopThatSleeps(t *testing.T) {
	t.Parallel() // it mostly waits for the jumps
	w, right, laptop, patient := theWard(t)
	for _, name := range []string{"ahead", "behind"} {
		w.enrol(name, "4B")
	}
	const jump = 20 * time.Second
	ahead := w.openFaulty("ahead", "--clock-jump=3h", "--clock-jump-after="+jump.String())
	behind := w.openFaulty("behind", "--clock-jump=-3h", "--clock-jump-after="+jump.String())
	jumped := time.Now().Add(jump)
	ahead.signIn(nurse)
	behind.signIn(doctor)
	ahead.patient(somebody[0].family)
	behind.patient(somebody[0].family)
	all := []*station{right, laptop, ahead, behind}
	level := func(what string) string {
		t.Helper()
		var shown string
		w.await(what, 40*time.Second, func() error {
			shown = right.alerts()
			for _, s := range all[1:] {
				if got := s.alerts(); got != shown || shown == "" {
					return fmt.Errorf("\n right %s\n%s %s", shown, s.Name, got)
				}
			}
			return nil
		})
		return shown
	}
	before := level("all four show the same alert before the jump")

	check(t, syscall.Kill(laptop.PID(), syscall.SIGSTOP))
	made := ahead.do("note", args{"patient": patient, "text": "First, before the jump."})
	time.Sleep(max(12*time.Second, time.Until(jumped)+time.Second)) // central gives a silent station up after 8 s
	made = append(made, ahead.do("note", args{"patient": patient, "text": "Second, after it."})...)
	made = append(made, behind.do("note", args{"patient": patient, "text": "Third, by a clock that went back."})...)
	check(t, syscall.Kill(laptop.PID(), syscall.SIGCONT))
	made = append(made, laptop.do("note", args{"patient": patient, "text": "Fourth, after sleeping."})...)
	for _, s := range all {
		s.allSent()
	}
	w.everythingOnce(made)
	if after := level("all four show the same alert after the jump"); after != before {
		t.Errorf("the alert, its age or its ladder changed:\n%s\n%s", before, after)
	}
	w.await("all four hold the notes in one order", 20*time.Second, func() error {
		want, _ := right.chart(patient)
		if len(want.Notes) != 4 {
			return fmt.Errorf("%d notes", len(want.Notes))
		}
		for _, s := range all[1:] {
			if got, _ := s.chart(patient); fmt.Sprint(got.Notes) != fmt.Sprint(want.Notes) {
				return fmt.Errorf("on %s %v, right %v", s.Name, got.Notes, want.Notes)
			}
		}
		return nil
	})
	w.await("both jumps are on record, and the sleep is not", 30*time.Second, func() error {
		said := joined(w.ask("audit list", nil))
		if set, ahead, back := strings.Count(said, "the clock was set"), strings.Count(said, `"+10800 s"`), strings.Count(said, `"-10800 s"`); set != 2 || ahead != 1 || back != 1 {
			return fmt.Errorf("set %d times, ahead %d, back %d", set, ahead, back)
		}
		return nil
	})
	w.verify()
}

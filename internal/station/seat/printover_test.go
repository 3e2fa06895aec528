package seat_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/seat"
)

// What central sets holds at the computer, with the network out too; a print over it is
// held back, and goes on once with why and the PIN. Neither the end of the program nor a
// new copy lets anybody print more. Central has all of it, and the officer's list the
// prints that were held back or went on.
func TestAPrintOverTheLimitGoesOnWithAReason(t *testing.T) {
	w, c, p := hospital(t), realClock(), &tray{}
	dir := w.enrol()
	w.order("limits", map[string]string{"print_hour": "30", "reason": "as the privacy officer asked"})
	s := w.sitToPrint(dir, c, p)
	ctx := context.Background()
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	admit(t, w)
	here := func() {
		t.Helper()
		waitFor(t, "she is on the ward", func() bool {
			d, err := s.Desk()
			if err != nil {
				return false
			}
			rows, err := d.Board(ctx)
			return err == nil && len(rows) == 1
		})
	}
	here()
	waitFor(t, "the limit is heard", func() bool { return s.MayPrint().PrintHour == 30 })
	s.Disconnect()
	waitFor(t, "no contact", func() bool { return !s.Link().Connected })
	for n := range 30 {
		if _, err := s.PrintWard(ctx); err != nil {
			t.Fatalf("print %d: %v", n+1, err)
		}
	}
	held := func(when string) *ward.OverLimit {
		t.Helper()
		var over *ward.OverLimit
		before := len(p.sheets())
		if said, err := s.PrintWard(ctx); !errors.As(err, &over) || said != "" || !fault.Is(err, fault.Denied) || !over.Ask || over.Patients != 1 || over.Printing.What != ward.PrintList || len(p.sheets()) != before {
			t.Fatalf("%s: %q, %v", when, said, err)
		}
		return over
	}
	over := held("the thirty-first")
	for name, try := range map[string][2]string{"no reason": {" ", "481526"}, "half a word": {"now", "481526"}, "no PIN": {"second team arrives", ""}, "a wrong PIN": {"second team arrives", "000000"}} {
		if said, err := s.PrintOver(ctx, over.Printing, try[0], try[1]); err == nil || said != "" {
			t.Errorf("%s: %q, %v", name, said, err)
		} else if got := errors.As(err, new(*ward.Mistyped)); got != (name == "a wrong PIN") {
			t.Errorf("%s: it is the PIN that is wrong: %v", name, got)
		}
	}
	if len(p.sheets()) != 30 {
		t.Fatalf("%d sheets", len(p.sheets()))
	}
	if said, err := s.PrintOver(ctx, over.Printing, "second team arrives", "481526"); err != nil || !strings.Contains(said, "bay-2") || len(p.sheets()) != 31 {
		t.Fatalf("%q, %v, %d sheets", said, err, len(p.sheets()))
	}
	held("once more")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	w.stop() // what is counted and what is set is known without central
	s = w.sitToPrint(dir, c, p)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	here()
	held("the program was started again")
	w.start()
	waitFor(t, "the officer's list has it", func() bool {
		text := fmt.Sprint(w.order("audit flagged", nil))
		return strings.Count(text, "over-limit") == 4 && strings.Contains(text, "second team arrives") && strings.Count(text, "was refused") == 3
	})
	if strings.Contains(fmt.Sprint(w.order("audit flagged", nil)), "ADEYEMI") {
		t.Error("it names a patient")
	}
}

// What central set counts after a kill, too: it is written down when it is heard, and not
// when time is counted next, which here is never.
func TestALimitThatWasHeardOutlivesAKill(t *testing.T) {
	w, c := hospital(t), realClock()
	s, err := seat.Open(context.Background(), seat.Config{
		Dir: w.enrol(), Secrets: w.secrets, Cost: cheap, Now: c.now, Uptime: c.ran, Every: 24 * time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	w.order("limits", map[string]string{"print_hour": "30", "reason": "as the privacy officer asked"})
	waitFor(t, "the limit is heard", func() bool { return s.MayPrint().PrintHour == 30 })
	waitFor(t, "it is written down", func() bool {
		kept, err := s.KeptPrints()
		return err == nil && kept.PrintHour == 30
	})
}

package seat_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/clinical/ward"
)

// What somebody printed is counted on when the computer's copy is let go and filled anew:
// another copy is no way to print more. The computer's clock stands still here, so it is
// behind central's when the key is made; the order is obeyed once all the same.
func TestANewCopyLetsNobodyPrintMore(t *testing.T) {
	w, c, p := hospital(t), realClock(), &tray{}
	dir := w.enrol()
	w.order("limits", map[string]string{"print_hour": "30", "reason": "as the privacy officer asked"})
	s := w.sitToPrint(dir, c, p)
	ctx := context.Background()
	sit := func() {
		t.Helper()
		if _, err := w.signIn(s, "481526"); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "she is on the ward", func() bool {
			d, err := s.Desk()
			if err != nil {
				return false
			}
			rows, err := d.Board(ctx)
			return err == nil && len(rows) == 1
		})
		waitFor(t, "the limit is heard", func() bool { return s.MayPrint().PrintHour == 30 })
	}
	admit(t, w)
	sit()
	for n := range 30 {
		if _, err := s.PrintWard(ctx); err != nil {
			t.Fatalf("print %d: %v", n+1, err)
		}
	}
	held := func(when string) {
		t.Helper()
		if said, err := s.PrintWard(ctx); !errors.As(err, new(*ward.OverLimit)) || said != "" || len(p.sheets()) != 30 {
			t.Fatalf("%s: %q, %v, %d sheets", when, said, err, len(p.sheets()))
		}
	}
	held("the thirty-first")
	stations := w.order("stations", nil)
	w.order("stations rekey", map[string]string{"station": fmt.Sprint(stations[0]["station"])})
	asked := filepath.Join(dir, "renew-copy")
	waitFor(t, "another copy is asked for", func() bool { _, err := os.Stat(asked); return err == nil })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before := storeKey(t, dir)
	s = w.sitToPrint(dir, c, p)
	sit()
	if _, err := os.Stat(asked); !os.IsNotExist(err) || storeKey(t, dir) == before {
		t.Fatalf("the copy is the one of before: %v", err)
	}
	held("the copy is another")
	waitFor(t, "what was carried is let go", func() bool {
		_, err := os.Stat(filepath.Join(dir, "carried.v1"))
		return os.IsNotExist(err)
	})
	held("and is let go")
}

// storeKey tells one copy's key from another's, by what is sealed with it.
func storeKey(t *testing.T, dir string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "store", "key-check.v1"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The ward pack that is kept ready is printed by name and PIN when nothing else works, so
// that has no limit; over that of the others it stands out, as soon as central hears of it.
func TestAKeptPackOverTheLimitIsPrintedAndStandsOut(t *testing.T) {
	const usual = 120 // bulk.Default.PrintHour, of a ward with one patient
	over := func(w *world) int {
		return strings.Count(fmt.Sprint(w.order("audit flagged", nil)), "over-limit")
	}
	t.Run("in front of a damaged copy", func(t *testing.T) {
		w, dir, c, p := aPackIsReady(t)
		flip(t, filepath.Join(dir, "store", "badger"))
		s := w.sitToPrint(dir, c, p)
		if _, err := w.signIn(s, "481526"); err != nil {
			t.Fatal(err)
		}
		for n := range usual + 2 {
			if _, err := s.PrintPackByPIN(context.Background(), "g.mensah", "481526", ""); err != nil {
				t.Fatalf("print %d: %v", n+1, err)
			}
		}
		w.start()
		waitFor(t, "central knows of each", func() bool { return w.printedAs("kept ward pack") == usual+2 })
		waitFor(t, "the two over the limit stand out", func() bool { return over(w) >= 2 })
		if n := over(w); n != 2 {
			t.Errorf("%d prints stand out, want the two over the limit", n)
		}
	})
	t.Run("where nobody can sign in", func(t *testing.T) {
		w, dir, c, p := aPackIsReady(t)
		store := filepath.Join(dir, "store")
		if err := os.Rename(store, store+".away"); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(store, []byte("a file where the folder was"), 0o600); err != nil {
			t.Fatal(err)
		}
		s := w.sitToPrint(dir, c, p)
		for n := range usual + 2 {
			if _, err := s.PrintPackByPIN(context.Background(), "g.mensah", "481526", ""); err != nil {
				t.Fatalf("print %d: %v", n+1, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(store); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(store+".away", store); err != nil {
			t.Fatal(err)
		}
		s = w.sitToPrint(dir, c, p)
		if _, err := w.signIn(s, "481526"); err != nil {
			t.Fatal(err)
		}
		w.start()
		waitFor(t, "central knows of each", func() bool { return w.printedAs("kept ward pack") == usual+2 })
		waitFor(t, "the two over the limit stand out", func() bool { return over(w) >= 2 })
		if n := over(w); n != 2 {
			t.Errorf("%d prints stand out, want the two over the limit", n)
		}
	})
}

package seat_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/seat"
)

const doesNotFit = "the name or the PIN does not fit"

// Who guesses at a computer that was just started, with the cable pulled, is on central's
// record once somebody opens it: whom, when, and that nobody was in. So is a name that has
// never signed in here (not what was typed), and a PIN that was wrong at a jotting. Each once,
// though the program is killed right after it was put on record.
func TestAWrongPINBeforeAnybodyOpenedTheComputerIsOnRecord(t *testing.T) {
	w, dir, c, s := aWardWithoutCentral(t)
	_ = s.Close()
	s = w.sitWith(dir, c)
	ctx := context.Background()
	if _, err := w.signIn(s, "000000"); !fault.Is(err, fault.Unknown) {
		t.Fatalf("another PIN: %v", err)
	}
	c.pass(10 * time.Minute)
	if err := s.Jot(ctx, "g.mensah", "000001", "Bed 7 fell"); !fault.Is(err, fault.Unknown) {
		t.Fatalf("another PIN at a jotting: %v", err)
	}
	if _, err := s.SignIn(ctx, "mrs jones bed 7", "000000"); !fault.Is(err, fault.Denied) {
		t.Fatalf("a name of nobody: %v", err)
	}
	_ = s.Close() // and nobody opened it in this run
	s, err := seat.Open(ctx, seat.Config{Dir: dir, Secrets: w.secrets, Cost: cheap, Now: c.now, Uptime: c.ran, Boot: c.system, Every: 20 * time.Millisecond}.KilledAt("wrong PINs on record"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "they are in the chain", func() bool { return s.Count().Looks >= 4 })
	_ = s.Close()
	s = w.sitWith(dir, c)
	w.start()
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "all three are on central's record", func() bool {
		return w.putOnRecord(doesNotFit, "g.mensah", "copy was closed") == 2 && w.putOnRecord("nobody of the name that was given", "copy was closed") == 1
	})
	// A run later nothing of it is told again.
	_ = s.Close()
	s = w.sitWith(dir, c)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "central has everything", func() bool { return s.Link().Connected && s.Count().Looks == 0 })
	if n, m := w.putOnRecord(doesNotFit), w.putOnRecord("copy was closed"); n != 2 || m != 3 {
		t.Errorf("on record %d and %d times", n, m)
	}
	if w.putOnRecord("jones") != 0 {
		t.Error("what was typed as a name is on record")
	}
	if w.putOnRecord("list of wrong PINs") != 0 {
		t.Error("the list is said to be another, and is not")
	}
}

// Whoever takes away what was counted while the computer was closed, or puts back the file
// of before, is on record: which PINs were tried is not known then, and that is said.
func TestAListOfWrongPINsThatWasTakenAwayIsOnRecord(t *testing.T) {
	for name, how := range map[string]func(file string, before []byte){
		"taken away": func(file string, _ []byte) {
			b, _ := os.ReadFile(file)
			var f map[string]any
			if json.Unmarshal(b, &f) == nil {
				delete(f, "wrong")
				b, _ = json.Marshal(f)
				_ = os.WriteFile(file, b, 0o600)
			}
		},
		"put back": func(file string, before []byte) { _ = os.WriteFile(file, before, 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			w, dir, c, s := aWardWithoutCentral(t)
			file := filepath.Join(dir, "slots.v1")
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.signIn(s, "000000"); err == nil {
				t.Fatal("signed in")
			}
			if _, err := w.signIn(s, "481526"); err != nil {
				t.Fatal(err)
			}
			w.start()
			waitFor(t, "the first is on record", func() bool { return w.putOnRecord(doesNotFit) == 1 })
			_ = s.Close()
			how(file, before)
			s = w.sitWith(dir, c)
			if _, err := w.signIn(s, "481526"); err != nil {
				t.Fatal(err)
			}
			waitFor(t, "it is on record", func() bool {
				return w.putOnRecord("the list of wrong PINs of this computer is not the one of before") == 1
			})
			if n := w.putOnRecord(doesNotFit); n != 1 {
				t.Errorf("the first is on record %d times", n)
			}
		})
	}
}

package seat_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/station/seat"
)

// putOnRecord counts the audit events of central that hold all of these words.
func (w *world) putOnRecord(words ...string) (n int) {
	w.t.Helper()
	for _, line := range w.order("audit list", nil) {
		b, err := json.Marshal(line)
		if err != nil {
			w.t.Fatal(err)
		}
		all := true
		for _, word := range words {
			all = all && strings.Contains(string(b), word)
		}
		if all {
			n++
		}
	}
	return n
}

// A clock that somebody sets back is on record, though the network is out, once; so is
// one that was set before anybody had signed in. Time that passes, a sleep too, is not.
func TestAClockThatWasSetIsOnRecord(t *testing.T) {
	w, dir, c, s := aWardWithoutCentral(t)
	c.pass(time.Hour)
	before := s.Count().Looks
	c.set(-3 * time.Hour)
	waitFor(t, "it is on record here", func() bool { return s.Count().Looks > before })
	_ = s.Close()
	s = w.sitWith(dir, c)
	c.set(2 * time.Hour)
	w.start()
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "both are on record", func() bool {
		return w.putOnRecord("the clock was set", "-10800 s") == 1 && w.putOnRecord("the clock was set", "+7200 s") == 1
	})
	if n := w.putOnRecord("the clock was set"); n != 2 {
		t.Errorf("%d times on record, want twice", n)
	}
}

// A clock that is set while the program does not run is on record at the next start: by how
// much, where the system ran on; that it went back, where the system was started anew; and
// what only the server's clock can tell, once it is reached. Each once, though the program is
// killed right after it was put on record, and also where nobody opened the computer in the
// run that noticed it.
func TestAClockThatWasSetWhileTheProgramWasOffIsOnRecord(t *testing.T) {
	w, dir, c, s := aWardWithoutCentral(t)
	_ = s.Close()
	c.pass(time.Hour)
	c.set(-20 * time.Minute) // less than the hour: only a clock that nobody sets knows
	s = w.sitWith(dir, c)    // and nobody signs in
	c.pass(time.Minute)
	c.set(5 * time.Minute)
	waitFor(t, "it is seen", func() bool { return s.ClockOwes() == 2 })
	_ = s.Close()
	c.restart()
	c.set(-10 * time.Hour)
	s, err := seat.Open(context.Background(), seat.Config{
		Dir: dir, Secrets: w.secrets, Cost: cheap, Now: c.now, Uptime: c.ran, Boot: c.system, Every: 20 * time.Millisecond,
	}.KilledAt("clock on record"))
	if err != nil {
		t.Fatal(err)
	}
	if n := s.ClockOwes(); n != 3 {
		t.Errorf("%d are owed, want 3", n)
	}
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "they are in the chain", func() bool { return s.Count().Looks >= 4 })
	_ = s.Close()
	w.start()
	s = w.sitWith(dir, c)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "all three are on record", func() bool {
		return w.putOnRecord("the clock was set", "-1200 s", "counted by a clock that nobody sets") == 1 &&
			w.putOnRecord("the clock was set", "+300 s") == 1 &&
			w.putOnRecord("the clock was set", "-36000 s", "by this or more") == 1
	})
	waitFor(t, "central's clock was measured", s.ClockSure)
	// Forward by two hours over a new start of the system looks like time that passed.
	_ = s.Close()
	c.restart()
	c.set(2 * time.Hour)
	s = w.sitWith(dir, c)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "central's clock tells of it", func() bool {
		return w.putOnRecord("the clock was set", "by the server's clock") == 1
	})
	_ = s.Close()
	s = w.sitWith(dir, c)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "central has everything", func() bool { return s.Link().Connected && s.ClockSure() && s.Count().Looks == 0 })
	if n := w.putOnRecord("the clock was set"); n != 4 {
		t.Errorf("%d times on record, want 4", n)
	}
	if w.putOnRecord("not the one of before") != 0 {
		t.Error("the note is said to be another, and is not")
	}
}

// Whoever takes the note of the clock away, writes into it or puts back an older one is on
// record: what it would have told is not known then.
func TestAClocksNoteThatWasTakenAwayIsOnRecord(t *testing.T) {
	for name, how := range map[string]func(file string, before []byte) error{
		"taken away": func(file string, _ []byte) error { return os.Remove(file) },
		"put back":   func(file string, before []byte) error { return os.WriteFile(file, before, 0o600) },
		"written into": func(file string, before []byte) error {
			before[len(before)/2] ^= 1
			return os.WriteFile(file, before, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, dir, c, s := aWardWithoutCentral(t)
			file := filepath.Join(dir, "clock.v1")
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			opened := s.ClockOpened()
			c.pass(time.Hour) // so that it is written a few times more
			waitFor(t, "it is written anew", func() bool { return s.ClockOpened() > opened+2 })
			_ = s.Close()
			if err := how(file, before); err != nil {
				t.Fatal(err)
			}
			s = w.sitWith(dir, c)
			w.start()
			if _, err := w.signIn(s, "481526"); err != nil {
				t.Fatal(err)
			}
			waitFor(t, "it is on record", func() bool { return w.putOnRecord("the note of this computer", "is not the one of before") == 1 })
		})
	}
}

// The note of the first day is read for ever.
func TestTheFirstNoteOfAClockIsRead(t *testing.T) {
	n, err := seat.ReadClockNote([]byte(firstClockNote))
	if err != nil || n != "run 1, 2026-11-30T12:00:00Z, up 1h0m0s, away -3s at 2026-11-30T11:59:57Z unsure, 7 opened, owed 9: 2026-11-30T10:00:00Z to 2026-11-30T12:00:00Z counted after 2" {
		t.Errorf("%s, %v", n, err)
	}
}

const firstClockNote = `{"id":"ABC","opened":7,"mark":{"wall":"2026-11-30T12:00:00Z","up":3600000000000,"boot":"run 1","away":-3000000000,"at":"2026-11-30T11:59:57Z","unsure":true},"seq":9,"owed":[{"seq":9,"from":"2026-11-30T10:00:00Z","to":"2026-11-30T12:00:00Z","how":"counted","more":2}]}`

package seat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/station/seat"
	"wardlight/internal/trust/keys"
)

// eventually polls for a state.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	waitFor(t, what, is)
}

func (w *world) secretOf(dir string) join.Secret {
	w.t.Helper()
	info, err := join.Load(dir)
	if err != nil {
		w.t.Fatal(err)
	}
	sec, err := join.LoadSecret(context.Background(), w.secrets, info.Station)
	if err != nil {
		w.t.Fatal(err)
	}
	return sec
}

// sitAs is sit, often enough to see a change of the device secret at once.
func (w *world) sitAs(conf seat.Config, dir string) *seat.Seat {
	w.t.Helper()
	conf.Dir, conf.Secrets, conf.Cost, conf.Every = dir, w.secrets, cheap, 20*time.Millisecond
	s, err := seat.Open(context.Background(), conf)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = s.Close() })
	return s
}

// A change of the device secret that is killed after any of its steps costs nothing:
// with the network out the PIN opens the computer, what was begun is there, and the
// change comes to its end by itself, after which the former secret opens nothing.
func TestADeviceSecretChangesThoughItIsKilled(t *testing.T) {
	for _, step := range append([]string{"never"}, seat.RekeySteps...) {
		t.Run(step, func(t *testing.T) {
			w := hospital(t)
			dir := w.enrol()
			first := w.secretOf(dir)
			s := w.sitAs(seat.Config{}.KilledAt(step), dir)
			if _, err := w.signIn(s, "481526"); err != nil {
				t.Fatal(err)
			}
			if err := s.Jot(context.Background(), "g.mensah", "481526", "Written before the change"); err != nil {
				t.Fatal(err)
			}
			slots := filepath.Join(dir, keys.SlotsFile)
			was, err := os.ReadFile(slots)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Rekey(); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the change has come to this step", func() bool {
				sec, now := w.secretOf(dir), slotsNow(t, slots)
				changed := !bytes.Equal(was, now)
				switch step {
				case "keyring holds both":
					return len(sec.Next) > 0
				case "slots file replaced":
					return changed && len(sec.Next) > 0
				}
				return changed && len(sec.Next) == 0 && !bytes.Equal(sec.Device, first.Device)
			})
			if step == "never" {
				eventually(t, "it is finished", func() bool { return !seat.RekeyAsked(dir) })
				if _, err := w.signIn(s, "481526"); err != nil {
					t.Errorf("the same program, afterwards: %v", err)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}

			w.stop() // the network is out
			s = w.sitAs(seat.Config{}, dir)
			if _, err := w.signIn(s, "000007"); !fault.Is(err, fault.Unknown) {
				t.Errorf("a wrong PIN: %v", err)
			}
			if _, err := w.signIn(s, "481526"); err != nil {
				t.Fatalf("the PIN, with the network out: %v", err)
			}
			if p := s.People(); len(p) != 1 || p[0].Drafts != 1 {
				t.Errorf("what was begun: %+v", p)
			}
			eventually(t, "the change comes to its end", func() bool {
				return !seat.RekeyAsked(dir) && len(w.secretOf(dir).Next) == 0
			})
			if now := w.secretOf(dir); bytes.Equal(now.Device, first.Device) || !bytes.Equal(now.Key, first.Key) {
				t.Error("the device secret is the former one, or the device key another")
			}
			eventually(t, "nothing lies beside the slots file", func() bool { // but while it is written
				left, _ := filepath.Glob(slots + ".[nr]*")
				return len(left) == 0
			})
			info, err := join.Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			sl, err := keys.NewSlots(dir, string(info.Station), cheap)
			if err != nil {
				t.Fatal(err)
			}
			if fits, err := sl.Fits(first.Device); err != nil || fits {
				t.Errorf("the former secret fits the file: %v, %v", fits, err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = w.sitAs(seat.Config{}, dir)
			if _, err := w.signIn(s, "481526"); err != nil {
				t.Errorf("and at the next start: %v", err)
			}
		})
	}
}

func slotsNow(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A station that central opens by its share goes on being opened so, through changes
// that nobody signed in between; and one changes by itself after a year.
func TestADeviceSecretChangesByItselfAfterAYear(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	s := w.sitAs(seat.Config{}, dir)
	<-s.Opened()
	slots := filepath.Join(dir, keys.SlotsFile)
	eventually(t, "its age is noted", func() bool { return bytes.Contains(slotsNow(t, slots), []byte(`"since"`)) })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	first := w.secretOf(dir)
	for year := 1; year <= 2; year++ {
		now := func() time.Time { return time.Now().Add(time.Duration(year) * 366 * 24 * time.Hour) }
		before := w.secretOf(dir).Device
		s = w.sitAs(seat.Config{Now: now}, dir)
		select {
		case <-s.Opened():
		case <-time.After(90 * time.Second):
			t.Fatalf("year %d: not opened by the share", year)
		}
		eventually(t, "it has another device secret", func() bool {
			sec := w.secretOf(dir)
			return !bytes.Equal(sec.Device, before) && len(sec.Next) == 0
		})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if bytes.Equal(w.secretOf(dir).Device, first.Device) {
		t.Error("it is the first one again")
	}
}

// People sign in, in parallel and without a pause, while the secret is changed again
// and again: nobody is refused.
func TestPeopleSignInWhileTheDeviceSecretChanges(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	s := w.sitAs(seat.Config{}, dir)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	w.stop()
	done, failed := make(chan struct{}), make(chan error, 2)
	signed := make([]int, 2)
	for n := range 2 {
		go func() {
			var err error
			for err == nil {
				select {
				case <-done:
					failed <- nil
					return
				default:
				}
				if _, err = w.signIn(s, "481526"); err == nil {
					signed[n]++
				}
			}
			failed <- err
		}()
	}
	for range 6 {
		if err := s.Rekey(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it has changed", func() bool { return !seat.RekeyAsked(dir) })
	}
	close(done)
	for range 2 {
		if err := <-failed; err != nil {
			t.Errorf("somebody was refused: %v", err)
		}
	}
	if signed[0]+signed[1] < 6 {
		t.Errorf("signed in %v times only", signed)
	}
}

// Somebody signs in at the very moment at which the file has other keys already and the
// program does not hold them yet: they wait for it and are not refused.
func TestWhoSignsInInTheMiddleOfAChangeWaitsForIt(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	var s *seat.Seat
	answer := make(chan error, 1)
	s = w.sitAs(seat.Config{}.HaltedAt("slots file written", func() {
		go func() { answer <- s.Standing("g.mensah") }()
		time.Sleep(200 * time.Millisecond)
	}), dir)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	if err := s.Rekey(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-answer:
		if err != nil {
			t.Errorf("refused: %v", err)
		}
	case <-time.After(90 * time.Second):
		t.Fatal("nobody is let in")
	}
}

// A station of an earlier version has no key of its copy: the data key opens it. It
// goes on being that copy's key, and is the data key no more.
func TestACopyOfAnEarlierVersionOutlivesAnotherDataKey(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	s := w.sitAs(seat.Config{}, dir)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	if err := s.Jot(context.Background(), "g.mensah", "481526", "Kept"); err != nil {
		t.Fatal(err)
	}
	var f struct{ Sealed map[string][]byte }
	if err := json.Unmarshal(slotsNow(t, filepath.Join(dir, keys.SlotsFile)), &f); err != nil || f.Sealed["copy"] != nil {
		t.Fatalf("this is no station of an earlier version: %v", err)
	}
	if err := s.Rekey(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it has changed", func() bool { return !seat.RekeyAsked(dir) })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	w.stop()
	s = w.sitAs(seat.Config{}, dir)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	if p := s.People(); p[0].Drafts != 1 {
		t.Errorf("the copy is another: %+v", p)
	}
}

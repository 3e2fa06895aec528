package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/station/join"
	"wardlight/internal/station/seat"
	"wardlight/internal/trust/keys"
)

// rekeyKills is how often the program is killed within a change.
const rekeyKills = 8

// TestADeviceSecretChangesUnderKillNine: a nurse writes, with the network out, at a
// computer whose secrets lie in a real keyring, while its device secret is changed
// again and again and the program is killed in the middle. Her PIN opens the computer
// each time, and what she wrote is in the record once.
func TestADeviceSecretChangesUnderKillNine(t *testing.T) {
	w := keyringWorld(t)
	w.account(nurse, "4B")
	w.enrol("a", "4B")
	info, err := join.Load(w.path("a"))
	check(t, err)
	ring := keys.Keyring(10 * time.Second)
	secret := func() join.Secret {
		s, err := join.LoadSecret(context.Background(), ring, info.Station)
		check(t, err)
		return s
	}
	first := secret()
	w.send(admission(0))
	a := w.open("a")
	a.signIn(nurse)
	patient := a.patient(somebody[0].family)
	w.cut(a)

	var made []string
	write := func() {
		made = append(made, a.do("note", args{"patient": patient, "text": fmt.Sprintf("Note %d", len(made))})...)
	}
	write()
	changes, seen, last := 0, map[string]int{}, first.Device
	for n := range rekeyKills {
		check(t, seat.AskRekey(w.path("a")))
		for end := time.Now().Add(time.Duration(rand.IntN(80)) * time.Millisecond); time.Now().Before(end) && seat.RekeyAsked(w.path("a")); {
			write()
		}
		switch was := slotsFile(w); n % 4 { // in its very middle, three times of four
		case 0:
			spin(w, func() bool { return len(secret().Next) > 0 })
		case 1, 2:
			spin(w, func() bool { return !bytes.Equal(slotsFile(w), was) })
		}
		a.Kill()
		s := secret()
		seen[fmt.Sprintf("both in the keyring: %v, still asked: %v", len(s.Next) > 0, seat.RekeyAsked(w.path("a")))]++
		a = w.open("a")
		a.signIn(nurse)
		write()
		w.await("the change comes to its end", 30*time.Second, func() error {
			if s := secret(); seat.RekeyAsked(w.path("a")) || len(s.Next) > 0 {
				return fmt.Errorf("asked %v, both %v", seat.RekeyAsked(w.path("a")), len(s.Next) > 0)
			}
			return nil
		})
		if s := secret(); !bytes.Equal(s.Device, last) {
			changes, last = changes+1, s.Device
		}
		write()
	}
	t.Logf("%d kills left: %v; %d notes", rekeyKills, seen, len(made))
	if changes != rekeyKills {
		t.Errorf("%d changes of %d", changes, rekeyKills)
	}

	// The command waits for the program that is open, and says that it is done.
	lines, stderr, err := w.program("wardlight", "rekey", "--data", w.path("a"))
	if err != nil || !strings.Contains(joined(lines), "changed") {
		t.Errorf("the command: %v %s %s", err, joined(lines), stderr)
	}
	if s := secret(); bytes.Equal(s.Device, last) || len(s.Next) > 0 || bytes.Equal(s.Device, first.Device) {
		t.Error("the command changed nothing")
	}
	if left, _ := filepath.Glob(w.path("a", keys.SlotsFile) + ".[nr]*"); len(left) > 0 {
		t.Errorf("beside the slots file lie %v", left)
	}
	write()
	check(t, w.net.Mend())
	a.allSent()
	w.everythingOnce(made)
	if n := strings.Count(joined(w.ask("audit list", nil)), "another device secret"); n < rekeyKills/2 {
		t.Errorf("%d changes are on record", n)
	}
	w.verify()
}

func slotsFile(w *world) []byte {
	b, err := os.ReadFile(w.path("a", keys.SlotsFile))
	check(w.t, err)
	return b
}

// spin waits for a moment that passes within milliseconds, or until the change is over.
func spin(w *world, is func() bool) {
	w.t.Helper()
	for end := time.Now().Add(30 * time.Second); !is() && seat.RekeyAsked(w.path("a")); {
		if time.Now().After(end) {
			w.t.Fatal("the change never began")
		}
	}
}

// TestTheProgramsLockTheirKeys: the pages that hold keys are locked, in central and
// at a station.
func TestTheProgramsLockTheirKeys(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.account(nurse, "4B")
	w.enrol("a", "4B")
	a := w.open("a")
	a.signIn(nurse)
	for name, pid := range map[string]int{"central": w.central.PID(), "station": a.PID()} {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			t.Skipf("SKIPPED: no /proc here: %v", err)
		}
		if !bytes.Contains(b, []byte("VmLck:\t      16 kB")) {
			t.Errorf("%s: the pages of its keys are not locked:\n%s", name, b)
		}
	}
	lines, _, _ := w.program("wardlight", "doctor", "--json", "--data", w.path("a"), "--passphrase-file", w.path("pass"))
	if !strings.Contains(joined(lines), "the pages that hold keys are locked") {
		t.Errorf("the doctor says nothing of it: %s", joined(lines))
	}
}

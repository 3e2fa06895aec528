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

// rekeyKills is how often the program is killed within a change: each kind of moment at
// least once, and at night twice as often.
var rekeyKills = map[bool]int{false: 4, true: 8}[os.Getenv("WARDLIGHT_TORTURE") != ""]

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

// TestADeviceKeyChangesUnderKillNine: a nurse writes, at times with the network out, while
// her computer's device key is changed again and again and the program, or central, is
// killed in the middle. What she wrote is in the record once, signed by whichever key, and
// after a restore from a backup of before the first change the computer is let in as well.
func TestADeviceKeyChangesUnderKillNine(t *testing.T) {
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
	w.send(admission(0))
	a := w.open("a")
	a.signIn(nurse)
	patient := a.patient(somebody[0].family)
	w.admin("backup", "--to", w.path("before.wlj"))
	first := secret()
	var made []string
	write := func() {
		made = append(made, a.do("note", args{"patient": patient, "text": fmt.Sprintf("Note %d", len(made))})...)
	}
	write()
	seen, last := map[string]int{}, first.Key
	for n := range rekeyKills {
		was, err := os.ReadFile(w.path("a", "station.json"))
		check(t, err)
		check(t, seat.AskNewKey(w.path("a")))
		write()
		for end := time.Now().Add(30 * time.Second); seat.NewKeyAsked(w.path("a")); { // a moment of milliseconds
			if time.Now().After(end) {
				t.Fatal("the change never began")
			}
			if n%3 == 0 && len(secret().NextKey) > 0 || n%3 == 2 && !bytes.Equal(secret().Key, last) {
				break
			}
			if now, err := os.ReadFile(w.path("a", "station.json")); n%3 == 1 && err == nil && !bytes.Equal(was, now) {
				break
			}
			time.Sleep(time.Millisecond)
		}
		if n%4 == 3 {
			w.central.Kill()
		}
		a.Kill()
		seen[fmt.Sprintf("both in the keyring: %v, still asked: %v", len(secret().NextKey) > 0, seat.NewKeyAsked(w.path("a")))]++
		a = w.open("a")
		a.signIn(nurse)
		write()
		if n%4 == 3 {
			w.serve()
		}
		w.await("the change comes to its end", 60*time.Second, func() error {
			if s := secret(); seat.NewKeyAsked(w.path("a")) || len(s.NextKey) > 0 || bytes.Equal(s.Key, last) {
				return fmt.Errorf("asked %v, both %v", seat.NewKeyAsked(w.path("a")), len(s.NextKey) > 0)
			}
			return nil
		})
		last = secret().Key
		write()
	}
	t.Logf("%d kills left: %v; %d notes", rekeyKills, seen, len(made))
	lines, stderr, err := w.program("wardlight", "rekey", "--data", w.path("a"))
	if err != nil || !strings.Contains(joined(lines), `"device_key":"changed"`) {
		t.Errorf("the command: %v %s %s", err, joined(lines), stderr)
	}
	a.allSent()
	w.everythingOnce(made)
	trail := joined(w.ask("audit list", nil))
	if n := strings.Count(trail, "device-key-in-use"); n < rekeyKills {
		t.Errorf("%d changes are on record at central", n)
	}
	if !strings.Contains(trail, "before device key") {
		t.Error("no change is on record with what it was and is")
	}
	w.verify()

	w.central.Kill()
	check(t, os.Rename(w.path("central"), w.path("lost")))
	check(t, os.MkdirAll(w.path("central"), 0o700))
	for _, kept := range []string{"central.json", "vault.v1", "master.v1", "inbound"} {
		if err := os.Rename(w.path("lost", kept), w.path("central", kept)); err != nil && (kept != "master.v1" || !os.IsNotExist(err)) {
			t.Fatal(err)
		}
	}
	said := joined(w.admin("restore", "--from", w.path("before.wlj")))
	if !strings.Contains(said, `"keys_again":["`+string(info.Station)) {
		t.Errorf("restore says %s", said)
	}
	w.serve()
	write()
	a.allSent()
	w.await("what was written under every key is back", 60*time.Second, func() error {
		all := w.export()
		for _, id := range made {
			if n := strings.Count(all, `"id":"`+id+`"`); n != 1 {
				return fmt.Errorf("%s stands %d times", id, n)
			}
		}
		return nil
	})
	w.everythingOnce(made)
}

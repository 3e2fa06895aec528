package seat_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/cache/outbox"
	"wardlight/internal/station/seat"
	"wardlight/internal/trust/keys"
)

// opens says which segments of an outbox file an identity by itself opens.
func opens(t *testing.T, dir string, id keys.SealIdentity) (list []string) {
	t.Helper()
	for _, name := range segments(t, dir) {
		_, err := outbox.Read(filepath.Join(dir, "store", "outbox", name), id.All()[0])
		switch {
		case err == nil:
			list = append(list, name)
		case fault.Is(err, fault.NotFound): // let go of since it was listed: all of it is at central
		case !fault.Is(err, fault.Denied):
			t.Fatal(err)
		}
	}
	return list
}

// Somebody writes with the line cut while the sealing identity changes, and the program is
// killed after any of its steps. What was written before and after comes back from the
// outbox file alone, the newest segment is opened by the new identity only, and the one of
// before is forgotten once nothing is sealed to it.
func TestTheSealingIdentityChangesThoughItIsKilled(t *testing.T) {
	for _, step := range append([]string{"never"}, seat.SealingSteps...) {
		t.Run(step, func(t *testing.T) {
			w := hospital(t)
			dir := w.enrol()
			admit(t, w)
			var later atomic.Int64
			now := func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
			conf := seat.Config{Now: now}
			reached := make(chan struct{})
			killed := conf.HaltedAt(step, func() { close(reached); runtime.Goexit() })
			s := w.sitAs(killed, dir)
			d := aNurse(t, w, s)
			first := s.Sealing()
			s.Disconnect()
			more, ended := jots(t, d, "early")
			if err := s.Rekey(); err != nil {
				t.Fatal(err)
			}
			if step == "never" {
				eventually(t, "it has changed", func() bool { return !seat.RekeyAsked(dir) })
			} else {
				<-reached
			}
			more()
			n := ended()
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}

			w.stop() // the network is out
			s = w.sitAs(conf, dir)
			d = aNurse(t, w, s)
			eventually(t, "the change comes to its end", func() bool { return !seat.RekeyAsked(dir) })
			note(t, d, "after the change")
			n++
			is := s.Sealing()
			if is.Recipient() == first.Recipient() {
				t.Fatal("the sealing identity is the one of before")
			}
			all := segments(t, dir)
			newest := all[len(all)-1]
			if by := opens(t, dir, is); len(by) == 0 || by[len(by)-1] != newest {
				t.Errorf("of %v the new identity opens %v", all, by)
			}
			if by := opens(t, dir, first); len(by) == 0 || by[len(by)-1] == newest {
				t.Errorf("of %v the one of before opens %v", all, by)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			// The copy is lost: all of it comes from the outbox file, whatever it is sealed to.
			if err := os.RemoveAll(filepath.Join(dir, "store", "badger")); err != nil {
				t.Fatal(err)
			}
			s = w.sitAs(conf, dir)
			if _, err := w.signIn(s, "481526"); err != nil {
				t.Fatal(err)
			}
			eventually(t, "what was written is there", func() bool { return s.Count().Unsent == n })

			w.start()
			eventually(t, "central has it", func() bool { return s.Count().Unsent == 0 })
			if got := s.Sealing(); len(got.All()) < 2 {
				t.Error("the identity of before was forgotten, and its segments are there")
			}
			later.Store(int64(9 * 24 * time.Hour))
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = w.sitAs(conf, dir)
			if _, err := w.signIn(s, "481526"); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the one of before is forgotten", func() bool {
				return len(opens(t, dir, first)) == 0 && len(s.Sealing().All()) == 1
			})
			if w.putOnRecord("another device secret", "before sealing identity", keys.RecipientID(first.Recipient()), "after sealing identity", keys.RecipientID(is.Recipient())) == 0 {
				t.Error("what it was and what it is is not on record")
			}
			if l := w.order("audit verify", nil)[0]; fmt.Sprint(l["gaps"]) != "[]" {
				t.Errorf("audit verify: %v", l)
			}
		})
	}
}

// What the first program kept of identities of before is read for ever.
func TestIdentitiesOfBeforeAreReadForEver(t *testing.T) {
	const kept = `{"v":1,"identities":["AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33"]}`
	list, err := seat.FormerIdentities([]byte(kept))
	if err != nil || len(list) != 1 || list[0].Recipient() != "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa" {
		t.Fatalf("%v, %v", list, err)
	}
	id, err := keys.NewSealIdentity()
	if err != nil {
		t.Fatal(err)
	}
	if got := string(seat.FormerOf(id.With(list...))); got != kept {
		t.Errorf("written: %s", got)
	}
	for _, bad := range []string{"", `{"v":2}`, `{"v":1,"identities":["AGE"]}`} {
		if _, err := seat.FormerIdentities([]byte(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

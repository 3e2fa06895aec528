package seat_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/cache/outbox"
	"wardlight/internal/station/desk"
	"wardlight/internal/station/join"
	"wardlight/internal/station/seat"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/pki"
)

// behind are the computers that central believes to seal to a recovery key of before.
func (w *world) behind() int {
	w.t.Helper()
	for _, l := range w.order("keys list", nil) {
		if l["key"] == "recovery" {
			list, _ := l["behind"].([]any)
			return len(list)
		}
	}
	w.t.Fatal("keys list does not name the recovery key")
	return 0
}

func recipientOf(t *testing.T, dir string) string {
	t.Helper()
	info, err := join.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return info.Recovery
}

// jots writes notes about the only patient until it is ended, and says how many there are;
// more waits until some more are written, of which one was begun since.
func jots(t *testing.T, d *desk.Desk, shift string) (more func(), end func() int) {
	t.Helper()
	stop := make(chan struct{})
	var work sync.WaitGroup
	var n atomic.Int64
	work.Add(1)
	go func() {
		defer work.Done()
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
			note(t, d, fmt.Sprintf("%s, note %d", shift, n.Load()))
			n.Add(1)
		}
	}()
	more = func() {
		t.Helper()
		at := n.Load()
		waitFor(t, "some more is written", func() bool { return n.Load() >= at+3 })
	}
	return more, func() int { close(stop); work.Wait(); return int(n.Load()) }
}

// aNurse signs in on the ward's computer, where there is one patient to write about.
func aNurse(t *testing.T, w *world, s *seat.Seat) *desk.Desk {
	t.Helper()
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	d, err := s.Desk()
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "somebody is on the ward", func() bool {
		rows, err := d.Board(context.Background())
		return err == nil && len(rows) == 1 && rows[0].Whole
	})
	return d
}

// Central gets another recovery key while somebody writes with the line cut; the computer
// is killed between hearing of it and using it, central is started again, and both go on.
// Then there is one more, and nobody is killed. When the computer's keyring is lost after
// all, what was written under each of the three keys is read from its outbox file.
func TestTheRecoveryKeyChangesWhilePeopleWrite(t *testing.T) {
	w := hospital(t)
	w.stop()
	w.conf.ReadOutbox, w.conf.ReadLooks = outbox.Recover, outbox.RecoverLooks
	w.start()
	dir := w.enrol()
	admit(t, w)
	s := w.sitAs(seat.Config{}.KilledAt("recovery key in station.json"), dir)
	d := aNurse(t, w, s)
	was := recipientOf(t, dir)
	waitFor(t, "central knows whom it seals to", func() bool { return w.behind() == 0 })
	s.Disconnect()
	more, ended := jots(t, d, "early")
	w.order("keys change", map[string]string{"key": "recovery"})
	if w.behind() != 1 {
		t.Error("nobody is behind, and nobody can have heard of it")
	}
	waitFor(t, "the computer knows the new one", func() bool { return recipientOf(t, dir) != was })
	more()
	n := ended()
	_ = s.Close() // as if it had been killed: nothing was sealed to the new one
	if got := segments(t, dir); len(got) != 1 {
		t.Fatalf("killed in between, and there are already %v", got)
	}
	w.stop()
	w.start()
	s = w.sitAs(seat.Config{}, dir)
	d = aNurse(t, w, s)
	s.Disconnect()
	more, ended = jots(t, d, "late")
	waitFor(t, "central hears that it seals to the new one", func() bool { return w.behind() == 0 })
	more()
	w.order("keys change", map[string]string{"key": "recovery"})
	waitFor(t, "it seals to that one", func() bool { return w.behind() == 0 })
	more()
	n += ended()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := segments(t, dir); len(got) != 3 {
		t.Errorf("the outbox file has the segments %v, want one for each key", got)
	}
	if got := w.recovered(dir); got != n {
		t.Errorf("%d notes are read from the outbox file, want %d", got, n)
	}
}

// sealedTo says whether the newest segment of a computer's outbox file is sealed to this
// recovery key.
func sealedTo(t *testing.T, dir, recipient string) bool {
	t.Helper()
	stranger, err := keys.NewSealIdentity()
	if err != nil {
		t.Fatal(err)
	}
	all := segments(t, dir)
	_, err = outbox.Read(filepath.Join(dir, "store", "outbox", all[len(all)-1]), stranger)
	if !fault.Is(err, fault.Denied) {
		t.Fatalf("a stranger reads it: %v", err)
	}
	return strings.Contains(err.Error(), keys.RecipientID(recipient))
}

// A computer that heard of another recovery key and was killed before it used it is started
// with the network out, and nobody tells it again: it seals to the new one all the same.
func TestACopyIsOpenedToTheRecoveryKeyThatIsKept(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	admit(t, w)
	s := w.sitAs(seat.Config{}.KilledAt("recovery key in station.json"), dir)
	d := aNurse(t, w, s)
	was := recipientOf(t, dir)
	s.Disconnect()
	note(t, d, "before")
	w.order("keys change", map[string]string{"key": "recovery"})
	waitFor(t, "the computer knows the new one", func() bool { return recipientOf(t, dir) != was })
	_ = s.Close()
	if !sealedTo(t, dir, was) {
		t.Fatal("it is sealed to the new one already")
	}
	w.stop()
	s = w.sitAs(seat.Config{}, dir)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	d, err := s.Desk()
	if err != nil {
		t.Fatal(err)
	}
	note(t, d, "after, with the network out")
	if is := recipientOf(t, dir); is == was || !sealedTo(t, dir, is) {
		t.Errorf("what is written now is sealed to the key of before")
	}
}

// recovered is how many entries central reads from a computer's outbox file.
func (w *world) recovered(dir string) (n int) {
	w.t.Helper()
	for _, l := range w.order("outbox recover", map[string]string{"file": filepath.Join(dir, "store", "outbox")}) {
		if l["mutation"] != nil {
			n++
		}
	}
	return n
}

func segments(t *testing.T, dir string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "store", "outbox", "outbox-*.wlo"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		list[i] = filepath.Base(list[i])
	}
	return list
}

// A recovery key that central did not sign is not sealed to: whoever could exchange it
// would read unsent work. Nor is one that is none.
func TestARecoveryKeyThatCentralDidNotSignIsNotUsed(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	s := w.sit(dir)
	<-s.Opened()
	was := recipientOf(t, dir)
	other, err := keys.NewSealIdentity()
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := keys.NewJournalKey()
	if err != nil {
		t.Fatal(err)
	}
	k := pki.RecoveryKey{Recipient: other.Recipient()}
	k.Sig = stranger.Sign(k.SigningBytes())
	if err := s.SealToRecovery(k); !fault.Is(err, fault.Denied) {
		t.Errorf("a stranger's: %v", err)
	}
	k.Recipient = "age1nobody"
	if err := s.SealToRecovery(k); !fault.Is(err, fault.Invalid) {
		t.Errorf("none: %v", err)
	}
	if got := recipientOf(t, dir); got != was {
		t.Errorf("it seals to %s now", got)
	}
}

package seat_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/station/seat"
	"wardlight/internal/trust/keys"
)

// keyAtCentral is the id of the key that central lets a computer in by.
func (w *world) keyAtCentral() string {
	w.t.Helper()
	id, _ := w.order("stations", nil)[0]["key"].(string)
	return id
}

// welcome asks central with a computer's certificate and key.
func (w *world) welcome(info join.Config, sec join.Secret) error {
	w.t.Helper()
	conf, err := info.TLS(sec)
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = join.NewDoor(info.Servers, func() *tls.Config { return conf }).Patiently(time.Minute).Welcome(context.Background(), nil)
	return err
}

// Somebody writes while the device key changes, and the program is killed after any of its
// steps. Before and after, the computer is let in, what was signed by either key is in the
// record once, and the key of before opens central's door no more.
func TestADeviceKeyChangesThoughItIsKilled(t *testing.T) {
	for _, step := range append([]string{"never"}, seat.NewKeySteps...) {
		t.Run(step, func(t *testing.T) {
			w := hospital(t)
			dir := w.enrol()
			admit(t, w)
			reached := make(chan struct{})
			s := w.sitAs(seat.Config{}.HaltedAt(step, func() { close(reached); runtime.Goexit() }), dir)
			d := aNurse(t, w, s)
			info, err := join.Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			first, firstID := w.secretOf(dir), w.keyAtCentral()
			s.Disconnect()
			for i := range 3 {
				note(t, d, fmt.Sprintf("signed by the key of before, sent after it, %d", i))
			}
			more, ended := jots(t, d, "meanwhile")
			if err := seat.AskNewKey(dir); err != nil {
				t.Fatal(err)
			}
			if step == "never" {
				eventually(t, "it has changed", func() bool { return !seat.NewKeyAsked(dir) })
				s.Connect()
			} else {
				<-reached
			}
			more()
			n := 3 + ended()
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}

			w.stop() // the network is out at first, and central is started again
			s = w.sitAs(seat.Config{}, dir)
			if _, err := w.signIn(s, "481526"); err != nil {
				t.Fatal(err)
			}
			d, err = s.Desk()
			if err != nil {
				t.Fatal(err)
			}
			note(t, d, "with the network out")
			w.start()
			eventually(t, "the change comes to its end", func() bool { return !seat.NewKeyAsked(dir) })
			note(t, d, "after it")
			n += 2
			eventually(t, "central has everything", func() bool { return s.Link().Connected && s.Count().Unsent == 0 })
			if got := w.notes(); got != n {
				t.Errorf("%d notes are in the record, want %d", got, n)
			}
			if n := w.putOnRecord(`"refused/`); n != 0 {
				t.Errorf("%d entries were refused", n)
			}
			eventually(t, "central lets in by the new key alone", func() bool {
				return w.keyAtCentral() != firstID && fault.Is(w.welcome(info, first), fault.Denied)
			})
			now := w.secretOf(dir)
			if len(now.NextKey) > 0 || string(now.Key) == string(first.Key) {
				t.Error("the keyring still holds the key of before")
			}
			if w.putOnRecord("another device key", "before device key", firstID, "after device key", w.keyAtCentral()) == 0 || w.putOnRecord("device-key-in-use", "before key", firstID) == 0 {
				t.Error("it is not on record, here and at central, with what it was")
			}
			if l := w.order("audit verify", nil)[0]; l["passed"] != true || len(l["gaps"].([]any)) != 0 {
				t.Errorf("audit verify: %v", l)
			}
			if err := s.RenewCertificate(context.Background()); err != nil {
				t.Errorf("the next renewal: %v", err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = w.sitAs(seat.Config{}, dir)
			eventually(t, "it is let in at the next start", func() bool { return s.Link().Connected })
		})
	}
}

// notes is how many notes about patients are in central's record.
func (w *world) notes() (n int) {
	w.t.Helper()
	for _, l := range w.order("export", nil) {
		if l["resourceType"] == "Communication" {
			n++
		}
	}
	return n
}

// While people work the device key is changed again and again: nothing that they write is
// refused, and nobody is signed out.
func TestPeopleWriteWhileTheDeviceKeyChanges(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	admit(t, w)
	s := w.sitAs(seat.Config{}, dir)
	d := aNurse(t, w, s)
	_, ended := jots(t, d, "all along")
	var ids []string
	for range 4 {
		if err := seat.AskNewKey(dir); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it has changed", func() bool { return !seat.NewKeyAsked(dir) })
		eventually(t, "it is connected with it", func() bool { return s.Link().Connected })
		ids = append(ids, w.keyAtCentral())
	}
	n := ended()
	eventually(t, "central has everything", func() bool { return s.Count().Unsent == 0 })
	if got := w.notes(); got != n {
		t.Errorf("%d notes are in the record, want %d", got, n)
	}
	for i := range ids[1:] {
		if ids[i] == ids[i+1] {
			t.Errorf("keys %v", ids)
		}
	}
	if p, in := d.SignedIn(); !in || p.User != "g.mensah" {
		t.Error("she was signed out")
	}
}

// A computer that is to be changed while central is away goes on with its key, and changes
// it as soon as central answers; the device secret does not wait for it. After a year both
// change by themselves.
func TestADeviceKeyWaitsForCentral(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	var later atomic.Int64
	s := w.sitAs(seat.Config{Now: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }}, dir)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	slots := filepath.Join(dir, keys.SlotsFile)
	eventually(t, "its age is noted", func() bool { return bytes.Contains(slotsNow(t, slots), []byte(`"since"`)) })
	first := w.secretOf(dir)
	w.stop()
	later.Store(int64(366 * 24 * time.Hour))
	eventually(t, "the device secret changes by itself", func() bool { return string(w.secretOf(dir).Device) != string(first.Device) })
	eventually(t, "the device key is to follow", func() bool { return len(w.secretOf(dir).NextKey) > 0 })
	if now := w.secretOf(dir); string(now.Key) != string(first.Key) {
		t.Error("the device key is another without central")
	}
	later.Store(0)
	w.start()
	eventually(t, "the device key changes", func() bool {
		now := w.secretOf(dir)
		return string(now.Key) != string(first.Key) && len(now.NextKey) == 0
	})
}

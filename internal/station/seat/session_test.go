package seat_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/seat"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/pki"
)

func in(t *testing.T, s *seat.Seat) string {
	t.Helper()
	d, err := s.Desk()
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := d.SignedIn(); ok {
		return p.User
	}
	return ""
}

// twoComputers are two at which one nurse is signed in.
func twoComputers(t *testing.T) (w *world, a, b *seat.Seat) {
	t.Helper()
	w = hospital(t)
	of := &clocks{wall: time.Now()}
	a, b = w.sitWith(w.enrolIn("a"), of), w.sitWith(w.enrolIn("b"), of)
	for _, s := range []*seat.Seat{a, b} {
		if _, err := w.signIn(s, "481526"); err != nil {
			t.Fatal(err)
		}
	}
	return w, a, b
}

// hasSlot says whether a PIN of hers opens this computer.
func (w *world) hasSlot(name string) bool {
	w.t.Helper()
	b, err := os.ReadFile(filepath.Join(w.dir, name, keys.SlotsFile))
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Contains(string(b), `"g.mensah"`)
}

// A new PIN counts everywhere, the old one nowhere, offline too; the session in which it
// was changed goes on, and the others end because that was asked for.
func TestAPersonChangesTheirPIN(t *testing.T) {
	w, a, b := twoComputers(t)
	ctx := context.Background()
	var typed *ward.Mistyped
	if err := a.ChangePIN(ctx, "000000", "730194", "", true); !fault.Is(err, fault.Unknown) || !errors.As(err, &typed) || typed.New {
		t.Fatalf("a wrong PIN: %v", err)
	}
	if err := a.ChangePIN(ctx, "481526", "123456", "", true); !fault.Is(err, fault.Invalid) || !errors.As(err, &typed) || !typed.New {
		t.Fatalf("a poor PIN: %v", err)
	}
	if _, err := a.BreakGlass(ctx, "000000", "ADEYEMI Folake 1954-03-14", "cardiac arrest"); !errors.As(err, &typed) || typed.New {
		t.Fatalf("a wrong PIN for emergency access: %v", err)
	}
	if in(t, b) == "" {
		t.Fatal("a refused change ended a session")
	}
	if err := a.ChangePIN(ctx, "481526", "730194", "", true); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the other session ends", func() bool { return in(t, b) == "" })
	if in(t, a) != "g.mensah" {
		t.Error("the session in which the PIN was changed ended")
	}
	waitFor(t, "the slot of the old PIN goes", func() bool { return !w.hasSlot("b") })
	w.stop()
	for _, s := range []*seat.Seat{a, b} {
		waitFor(t, "the link is lost", func() bool { return !s.Link().Connected })
	}
	if _, err := w.signIn(b, "481526"); !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "was changed") {
		t.Errorf("the old PIN, offline at the other computer: %v", err)
	}
	if _, err := w.signIn(a, "481526"); !fault.Is(err, fault.Unknown) {
		t.Errorf("the old PIN, offline where it was changed: %v", err)
	}
	if _, err := w.signIn(a, "730194"); err != nil {
		t.Errorf("the new PIN, offline where it was changed: %v", err)
	}
}

// A PIN that was changed while a computer was off ends its slot there when it is back,
// and not the session of somebody who is signed in by the new one already.
func TestAnAdministratorsPINEndsTheSlotOfTheOldOne(t *testing.T) {
	w, a, _ := twoComputers(t)
	w.order("user pin", map[string]string{"user": "g.mensah", "pin": "730194"})
	waitFor(t, "the slot goes", func() bool { return !w.hasSlot("a") })
	if in(t, a) != "g.mensah" {
		t.Error("a new PIN alone ended the session")
	}
	w.order("user close", map[string]string{"user": "g.mensah"})
	waitFor(t, "the session of somebody who has no slot ends all the same", func() bool { return in(t, a) == "" })
}

// With the network out no PIN is changed, and none is tried: whoever finds a window
// unlocked learns nothing, however often they ask.
func TestAPINIsNotChangedWithTheNetworkOut(t *testing.T) {
	w, _, _, s := aWardWithoutCentral(t)
	for range 12 {
		if err := s.ChangePIN(context.Background(), "000000", "730194", "", false); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "only while the server") {
			t.Fatalf("with the network out: %v", err)
		}
	}
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Errorf("the PIN of before: %v", err)
	}
}

// A person sees where they are signed in, and ends it; what they do not prove is not
// ended, and nobody else's is.
func TestAPersonEndsTheirSessionElsewhere(t *testing.T) {
	w, a, b := twoComputers(t)
	w.order("user add", map[string]string{"user": "s.patel", "name": "Sunil Patel", "role": "doctor", "wards": "4B", "pin": "730194"})
	c := w.sitWith(w.enrolIn("c"), &clocks{wall: time.Now()})
	if _, err := c.SignIn(context.Background(), "s.patel", "730194"); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	var list []ward.OpenSession
	waitFor(t, "both are told of", func() bool {
		var err error
		if list, err = a.Sessions(ctx); err != nil {
			t.Fatal(err)
		}
		return len(list) == 2
	})
	for _, o := range list {
		if o.Here != (o.Station == string(a.Info().Station)) || o.How != pki.HowPIN || o.Locked || time.Since(o.Seen) > time.Minute {
			t.Errorf("%+v", o)
		}
	}
	other := string(b.Info().Station)
	if _, err := a.EndSessions(ctx, other, "000000", ""); !fault.Is(err, fault.Unknown) {
		t.Fatalf("with a wrong PIN: %v", err)
	}
	if _, err := a.EndSessions(ctx, string(a.Info().Station), "481526", ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("one's own: %v", err)
	}
	if in(t, b) == "" {
		t.Fatal("it ended without a PIN")
	}
	if _, err := a.EndSessions(ctx, other, "481526", ""); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the session elsewhere ends", func() bool { return in(t, b) == "" })
	if in(t, a) != "g.mensah" || in(t, c) != "s.patel" {
		t.Error("another session ended, too")
	}
	waitFor(t, "it is on the list no more", func() bool {
		list, err := a.Sessions(ctx)
		return err == nil && len(list) == 1 && list[0].Here
	})
	if _, err := w.signIn(b, "481526"); err != nil {
		t.Fatalf("signing in again: %v", err)
	}
	time.Sleep(3 * time.Second) // it asks every 20 ms: an end that came again would have come
	if in(t, b) != "g.mensah" {
		t.Error("the new session was ended by the word for the old one")
	}
}

// What was ended while the computer was away ends when it is back, also where the person
// signed in there without central; an administrator may order it.
func TestASessionOfAComputerThatIsAwayEndsWhenItIsBack(t *testing.T) {
	w, a, b := twoComputers(t)
	b.Disconnect()
	w.stop()
	waitFor(t, "the link is lost", func() bool { return !a.Link().Connected && !b.Link().Connected })
	if _, err := w.signIn(b, "481526"); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.order("user sessions end", map[string]string{"user": "g.mensah", "reason": "a phone was lost"})
	waitFor(t, "both end", func() bool { return in(t, a) == "" && in(t, b) == "" })
}

// A session lasts 14 hours, or what central says, and not a minute longer: then the PIN
// is given again, and what was there is there.
func TestASessionLastsAsLongAsOneMay(t *testing.T) {
	w, _, c, s := aWardWithoutCentral(t)
	c.pass(13*time.Hour + 50*time.Minute)
	time.Sleep(100 * time.Millisecond)
	if in(t, s) == "" {
		t.Fatal("it was locked before its time")
	}
	c.pass(20 * time.Minute)
	waitFor(t, "it locks", func() bool { return in(t, s) == "" })
	d, err := s.Desk()
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := d.SignedIn(); ok || p.User != "g.mensah" || d.WhyEnded() != ward.EndedLong {
		t.Errorf("%+v %v %q", p, ok, d.WhyEnded())
	}
	if _, err := w.signIn(s, "481526"); err != nil || in(t, s) != "g.mensah" {
		t.Errorf("with the PIN: %v", err)
	}
}

// Whoever sets the clock back lengthens no session: it is counted by a clock that nobody
// sets.
func TestNoClockThatIsSetLengthensASession(t *testing.T) {
	_, _, c, s := aWardWithoutCentral(t)
	c.set(-40 * time.Hour)
	c.pass(13*time.Hour + 50*time.Minute)
	c.set(-13 * time.Hour)
	c.pass(20 * time.Minute)
	waitFor(t, "it locks", func() bool { return in(t, s) == "" })
}

func TestCentralSaysHowLongASessionLasts(t *testing.T) {
	w := hospital(t)
	c := &clocks{wall: time.Now()}
	w.order("limits", map[string]string{"session_hours": "8"})
	s := w.sitWith(w.enrol(), c)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "it has heard of it", func() bool { return s.Limits().Session == 8*time.Hour })
	c.pass(8 * time.Hour)
	waitFor(t, "it locks", func() bool { return in(t, s) == "" })
	for _, hours := range []string{"25", "-1"} {
		if err := w.try("limits", map[string]string{"session_hours": hours}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s hours: %v", hours, err)
		}
	}
}

package enrol_test

import (
	"context"
	"testing"

	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/trust/keys"
)

// another is a device key that was just made.
func another(t *testing.T) join.Secret {
	t.Helper()
	k, err := keys.NewDeviceKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := k.MarshalPKCS8()
	if err != nil {
		t.Fatal(err)
	}
	return join.Secret{Version: 1, Key: b}
}

// A key is certified for the computer that asks over its present one, and for no other; it
// is its key once it was shown, and the one of before lets nobody in then, on no session
// that is resumed either. A revoked computer has no key, nor one that follows.
func TestAnotherKeyIsForItsOwnComputerOnly(t *testing.T) {
	h, ctx := open(t), context.Background()
	a, b := h.computer(t), h.computer(t)
	if _, err := h.door(t, a.Joined).NewKey(ctx, b.Config, another(t)); !fault.Is(err, fault.Denied) {
		t.Errorf("in the name of another computer: %v", err)
	}
	first, next, later := a.Joined, a.Joined, a.Joined
	next.Secret, later.Secret = another(t), another(t)
	var err error
	for range 2 { // the second time the answer was lost
		if next.Config, err = h.door(t, a.Joined).NewKey(ctx, a.Config, next.Secret); err != nil {
			t.Fatal(err)
		}
	}
	if later.Config, err = h.door(t, a.Joined).NewKey(ctx, a.Config, later.Secret); err != nil {
		t.Fatal(err)
	}
	welcome := func(j join.Joined) error { _, err := h.door(t, j).Share(ctx); return err }
	if welcome(next) == nil {
		t.Error("a key is let in that was given up for another one")
	}
	if err := welcome(first); err != nil {
		t.Errorf("the present key, while another one is to follow: %v", err)
	}
	old, err := first.Config.TLS(first.Secret)
	if err != nil {
		t.Fatal(err)
	}
	if dialTwice(t, h.url, old) != 2 {
		t.Fatal("the present key is not served")
	}
	if err := welcome(later); err != nil {
		t.Fatalf("the key that follows: %v", err)
	}
	if welcome(first) == nil || dialTwice(t, h.url, old) != 0 {
		t.Error("the key of before is let in")
	}
	if _, err := h.door(t, first).NewKey(ctx, first.Config, another(t)); err == nil {
		t.Error("the key of before has another one certified")
	}
	all, err := h.office.Devices(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if d.Station == a.Config.Station && (d.Keyed == 0 || d.NextKey != nil || d.KeyID != keys.KeyID(d.Key)) {
			t.Errorf("central has %+v", d)
		}
	}
	revoked := later
	revoked.Secret = another(t)
	if revoked.Config, err = h.door(t, later).NewKey(ctx, later.Config, revoked.Secret); err != nil {
		t.Fatal(err)
	}
	if err := h.office.Revoke(ctx, string(a.Config.Station)); err != nil {
		t.Fatal(err)
	}
	if welcome(later) == nil || welcome(revoked) == nil {
		t.Error("a revoked computer is let in")
	}
	if err := welcome(b.Joined); err != nil {
		t.Errorf("another computer: %v", err)
	}
}

// A restored central gives a computer the key that it has had since, and never an earlier one.
func TestARestoreGivesAComputerItsLaterKey(t *testing.T) {
	h, ctx := open(t), context.Background()
	a := h.computer(t)
	k, err := keys.NewDeviceKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := h.office.KeyAgain(ctx, a.Config.Station, k.Public(), 1000); err != nil || !again {
		t.Fatalf("a later one: %v, %v", again, err)
	}
	old, err := keys.NewDeviceKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, since := range []int64{999, 1000} {
		if again, err := h.office.KeyAgain(ctx, a.Config.Station, old.Public(), since); err != nil || again {
			t.Errorf("one of %d: %v, %v", since, again, err)
		}
	}
	if again, err := h.office.KeyAgain(ctx, "snobody", old.Public(), 2000); err != nil || again {
		t.Errorf("of a computer that is not there: %v, %v", again, err)
	}
}

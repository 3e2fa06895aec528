package seat_test

import (
	"context"
	"encoding/base32"
	"errors"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/totp"
)

// An administrator at a ward's computer: PIN and code, or the hospital's account and
// code; and nobody by the PIN alone where the cable was pulled.
func TestAnAdministratorSignsInWithASecondFactor(t *testing.T) {
	c := &clocks{}
	k := hospitalWithID(t, c)
	ctx := context.Background()
	k.order("user add", map[string]string{"user": "f.adeyemi", "name": "Femi Adeyemi", "role": "administrator", "pin": "271828"})
	shown := k.order("user totp enrol", map[string]string{"user": "f.adeyemi"})[0]
	secret := must(base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(shown["secret"].(string)))
	code := func() string { c.pass(30 * time.Second); return must(totp.At(secret, c.ahead())) }
	k.order("user totp confirm", map[string]string{"user": "f.adeyemi", "code": code()})

	if _, err := k.seat.SignIn(ctx, "f.adeyemi", "271828"); !errors.Is(err, ward.ErrCodeNeeded) {
		t.Fatalf("by the PIN alone: %v", err)
	}
	if p, err := k.seat.SignInWithCode(ctx, "f.adeyemi", "271828", code()); err != nil || p.Role != "administrator" {
		t.Fatalf("%+v, %v", p, err)
	}
	v, err := k.come(femi)
	if err != nil || !v.Code {
		t.Fatalf("with the hospital's account: %+v, %v", v, err)
	}
	if _, err := k.seat.Complete(ctx, "", ""); !errors.Is(err, ward.ErrCodeNeeded) {
		t.Errorf("without the code: %v", err)
	}
	if _, err := k.seat.Complete(ctx, "", "000000"); !fault.Is(err, fault.Unknown) {
		t.Errorf("with another code: %v", err)
	}
	if _, err := k.seat.Complete(ctx, "", code()); err != nil {
		t.Errorf("with the code: %v", err)
	}
	for _, line := range k.order("audit list", nil) {
		if said := mustText(t, line); strings.Contains(said, shown["secret"].(string)) || strings.Contains(said, shown["recovery"].([]any)[0].(string)) {
			t.Error("the trail holds the secret")
		}
	}
	k.stop()
	if _, err := k.seat.SignIn(ctx, "f.adeyemi", "271828"); !fault.Is(err, fault.Denied) || !strings.Contains(fault.Words(err), "second factor") {
		t.Errorf("by the PIN alone with the cable pulled: %v", err)
	}
}

// Where a second factor is demanded the open session of whoever has none ends within
// seconds: central tells the computer, which asks by itself once a minute only.
func TestADemandedSecondFactorEndsAnOpenSessionWithinSeconds(t *testing.T) {
	w := hospital(t)
	w.order("user add", map[string]string{"user": "f.adeyemi", "name": "Femi Adeyemi", "role": "administrator", "pin": "271828"})
	s := w.sit(w.enrol())
	waitFor(t, "he signs in", func() bool { _, err := s.SignIn(context.Background(), "f.adeyemi", "271828"); return err == nil })
	time.Sleep(6 * time.Second) // what it asks because the link rose and he came is over
	if in(t, s) == "" {
		t.Fatal("nobody sits there")
	}
	w.order("user totp demand", map[string]string{"demand": "on"})
	began := time.Now()
	waitFor(t, "his session ends", func() bool { return in(t, s) == "" })
	if took := time.Since(began); took > 20*time.Second { // three at most; the rest is for a busy machine
		t.Errorf("it took %v", took)
	}
}

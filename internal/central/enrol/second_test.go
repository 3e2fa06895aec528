package enrol_test

import (
	"bytes"
	"context"
	"encoding/base32"
	"errors"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/trust/pki"
	"wardlight/internal/trust/totp"
)

// admin is an administrator with a second factor, at a station.
type admin struct {
	*hospital
	t      *testing.T
	door   *join.Door
	secret []byte
	codes  []string
}

func anAdministrator(t *testing.T) *admin {
	t.Helper()
	h, ctx := open(t), context.Background()
	a := &admin{hospital: h, t: t, door: h.station(t)}
	if err := h.office.AddUser(ctx, record.Account{User: "a.admin", Name: "Ada Admin", Role: "administrator"}, "482915"); err != nil {
		t.Fatal(err)
	}
	shown, err := h.office.EnrolSecond(ctx, "a.admin")
	if err != nil {
		t.Fatal(err)
	}
	if a.secret, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(shown.Secret); err != nil {
		t.Fatal(err)
	}
	a.codes = shown.Recovery
	return a
}

func (a *admin) confirmed() *admin {
	a.t.Helper()
	if err := a.office.ConfirmSecond(context.Background(), "a.admin", a.code()); err != nil {
		a.t.Fatal(err)
	}
	a.now = a.now.Add(time.Minute)
	return a
}

func (a *admin) code() string {
	a.t.Helper()
	c, err := totp.At(a.secret, a.now)
	if err != nil {
		a.t.Fatal(err)
	}
	return c
}

func (a *admin) signIn(code string) error {
	_, err := a.door.SignInWithCode(context.Background(), "a.admin", "482915", code)
	return err
}

func TestASecondFactorIsAskedForOnceItWasConfirmed(t *testing.T) {
	a, ctx := anAdministrator(t), context.Background()
	if err := a.signIn(""); err != nil {
		t.Errorf("before it is confirmed nobody is shut out: %v", err)
	}
	if err := a.office.ConfirmSecond(ctx, "a.admin", "000000"); !fault.Is(err, fault.Unknown) {
		t.Errorf("a code that is none: %v", err)
	}
	used := a.code()
	a.confirmed()
	if err := a.signIn(""); !errors.Is(err, pki.ErrCodeNeeded) || !fault.Is(err, fault.Denied) {
		t.Errorf("without a code: %v", err)
	}
	if err := a.signIn(used); !fault.Is(err, fault.Unknown) {
		t.Errorf("the code that confirmed it: %v", err)
	}
	code := a.code()
	if err := a.signIn(code[:3] + " " + code[3:]); err != nil {
		t.Errorf("the code of now, as an app writes it: %v", err)
	}
	if _, err := a.office.EnrolSecond(ctx, "a.admin"); !fault.Is(err, fault.Exists) {
		t.Errorf("another one over it: %v", err)
	}
	if err := a.office.RemoveSecond(ctx, "a.admin"); err != nil {
		t.Fatal(err)
	}
	if err := a.signIn(""); err != nil {
		t.Errorf("after it was removed: %v", err)
	}
}

// Who looked over a shoulder, or listened, has a code that was taken.
func TestACodeIsTakenOnce(t *testing.T) {
	a := anAdministrator(t).confirmed()
	code := a.code()
	if err := a.signIn(code); err != nil {
		t.Fatal(err)
	}
	if err := a.signIn(code); !fault.Is(err, fault.Unknown) {
		t.Errorf("the same code within its window: %v", err)
	}
	again := a.restarted()
	if _, err := again.SignIn(context.Background(), record.Peer{Device: record.Device{Station: "s1"}}, pki.SignInRequest{User: "a.admin", PIN: "482915", Code: code}); !fault.Is(err, fault.Unknown) {
		t.Errorf("after central was started again: %v", err)
	}
	last := a.audits[len(a.audits)-1]
	if !strings.HasPrefix(last, "sign-in-second-factor-refused a.admin at ") {
		t.Errorf("the trail says %q", last)
	}
	a.now = a.now.Add(30 * time.Second)
	if err := a.signIn(a.code()); err != nil {
		t.Errorf("the next one: %v", err)
	}
	_, err := a.door.SignInWithCode(context.Background(), "a.admin", "000001", a.code())
	if !fault.Is(err, fault.Unknown) || errors.Is(err, pki.ErrCodeNeeded) {
		t.Errorf("a code with a wrong PIN: %v", err)
	}
}

func TestARecoveryCodeIsTakenOnce(t *testing.T) {
	a := anAdministrator(t).confirmed()
	if err := a.signIn(strings.ToLower(a.codes[3])); err != nil {
		t.Fatalf("a recovery code: %v", err)
	}
	if err := a.signIn(a.codes[3]); !fault.Is(err, fault.Unknown) {
		t.Errorf("the same once more: %v", err)
	}
	if err := a.signIn(a.codes[4]); err != nil {
		t.Errorf("another one: %v", err)
	}
	if len(a.changed) != 2 {
		t.Errorf("told of %d changes of the account", len(a.changed))
	}
}

func TestGuessingCodesOfASecondFactorIsStopped(t *testing.T) {
	a := anAdministrator(t).confirmed()
	for i := range 10 {
		if err := a.signIn("00000" + string(rune('0'+i))); !fault.Is(err, fault.Unknown) {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	if err := a.signIn(a.code()); !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "Too many") {
		t.Errorf("the right code after ten wrong ones: %v", err)
	}
	a.now = a.now.Add(61 * time.Minute)
	if err := a.signIn(a.code()); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

// A copy of the journal gives no second factor away, and one account's is none for
// another.
func TestASecondFactorIsSealedAtRest(t *testing.T) {
	a, ctx := anAdministrator(t).confirmed(), context.Background()
	var kept []byte
	err := a.journal.View(ctx, func(r journal.Reader) error {
		for kv, err := range r.Notes("") {
			if err != nil {
				return err
			}
			kept = append(kept, kv.Value...)
		}
		return nil
	})
	if err != nil || len(kept) == 0 {
		t.Fatal(err)
	}
	if bytes.Contains(kept, a.secret) || bytes.Contains(kept, []byte(totp.Text(a.secret))) || bytes.Contains(kept, []byte(a.codes[0])) {
		t.Error("the journal holds it in clear")
	}
	ada, err := a.office.Account(ctx, "a.admin")
	if err != nil {
		t.Fatal(err)
	}
	eve := ada
	eve.User, eve.Rev = "e.admin", 1
	if _, err := a.office.PutBack(ctx, eve); err != nil {
		t.Fatal(err)
	}
	a.now = a.now.Add(time.Minute)
	if _, err := a.door.SignInWithCode(ctx, "e.admin", "482915", a.code()); err == nil {
		t.Error("one account's second factor works for another")
	}
}

// A ward must be able to sign in with the network out.
func TestAClinicianGetsNoSecondFactor(t *testing.T) {
	h, ctx := open(t), context.Background()
	for _, role := range []string{"nurse", "doctor", "charge-nurse", "ward-clerk"} {
		if err := h.office.AddUser(ctx, record.Account{User: record.UserID("x." + role), Name: "X", Role: role}, "482915"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.office.EnrolSecond(ctx, "x."+role); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", role, err)
		}
	}
}

// Where the hospital demands a second factor, whoever may have one and has none is
// in nowhere by the PIN alone, and each try is on record; nobody else is touched.
func TestASecondFactorMayBeDemandedOfAdministrators(t *testing.T) {
	a, ctx := anAdministrator(t), context.Background() // the factor waits to be confirmed
	if err := a.office.AddUser(ctx, record.Account{User: "g.mensah", Name: "Grace Mensah", Role: "nurse"}, "271828"); err != nil {
		t.Fatal(err)
	}
	if err := a.office.AddUser(ctx, record.Account{User: "p.officer", Name: "P", Role: "privacy-officer"}, "271828"); err != nil {
		t.Fatal(err)
	}
	if err := a.signIn(""); err != nil {
		t.Fatalf("before it is demanded: %v", err)
	}
	sits := func(user string) {
		if _, err := a.door.Standing(ctx, pki.StandingRequest{Session: &pki.SessionSaid{User: user, How: pki.HowPIN}}); err != nil {
			t.Fatal(err)
		}
	}
	sits("g.mensah")
	if err := a.office.DemandSecond(ctx, true); err != nil {
		t.Fatal(err)
	}
	if len(a.asked) != 0 {
		t.Error("a nurse's computer is asked, and nothing is demanded of her")
	}
	sits("p.officer")
	if err := a.office.DemandSecond(ctx, true); err != nil {
		t.Fatal(err)
	}
	if len(a.asked) != 1 {
		t.Errorf("the computer of an officer with none is asked %d times at once, want once", len(a.asked))
	}
	if got, err := a.office.WithoutSecond(ctx); err != nil || len(got) != 2 || got[0] != "a.admin" || got[1] != "p.officer" {
		t.Errorf("without one: %v, %v", got, err)
	}
	for _, code := range []string{"", a.code(), a.codes[0]} { // nobody confirms it by signing in
		err := a.signIn(code)
		if !fault.Is(err, fault.Denied) || !strings.Contains(fault.Words(err), "totp enrol a.admin") {
			t.Errorf("with none that is confirmed, by %q: %v", code, err)
		}
		if last := a.audits[len(a.audits)-1]; !strings.HasPrefix(last, "sign-in-second-factor-refused a.admin at ") {
			t.Errorf("the trail says %q", last)
		}
	}
	if _, err := a.door.SignIn(ctx, "p.officer", "271828"); !fault.Is(err, fault.Denied) {
		t.Errorf("an officer with none: %v", err)
	}
	if ans, err := a.door.SignIn(ctx, "g.mensah", "271828"); err != nil || ans.Second {
		t.Errorf("a nurse: %+v, %v", ans, err)
	}
	told, err := a.door.Standing(ctx, pki.StandingRequest{Users: []string{"a.admin", "p.officer", "g.mensah"}})
	if err != nil || !told.People["a.admin"].Second || !told.People["p.officer"].Second || told.People["g.mensah"].Second {
		t.Errorf("computers are told %+v, %v", told.People, err)
	}
	a.confirmed()
	if err := a.signIn(a.code()); err != nil {
		t.Errorf("with one: %v", err)
	}
	if err := a.office.DemandSecond(ctx, false); err != nil {
		t.Fatal(err)
	}
	if _, err := a.door.SignIn(ctx, "p.officer", "271828"); err != nil {
		t.Errorf("when it is not demanded any more: %v", err)
	}
}

package enrol_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/trust/pki"
)

// aNurse is a hospital with one nurse and one computer.
func aNurse(t *testing.T) (*hospital, *join.Door, string) {
	t.Helper()
	h := open(t)
	j, err := h.enrol(t, h.code(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.office.AddUser(context.Background(), record.Account{User: "g.mensah", Name: "Grace Mensah", Role: "nurse", Wards: []record.Ward{"4B"}}, "482915"); err != nil {
		t.Fatal(err)
	}
	return h, h.door(t, j), string(j.Config.Station)
}

// To change a PIN is no second way to guess it: ten tries in all, with those of sign-ins,
// and then neither works.
func TestGuessingByChangesOfAPINIsGuessing(t *testing.T) {
	h, door, _ := aNurse(t)
	ctx := context.Background()
	change := func(old, pin string) error {
		_, err := door.ChangePIN(ctx, pki.PINRequest{User: "g.mensah", PIN: old, New: pin})
		return err
	}
	for _, poor := range []string{"123", "123456", "mensah1", "482482", "2026"} {
		if err := change("482915", poor); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q as a new PIN: %v", poor, err)
		}
	}
	// It is refused before the old one is looked at: whoever tries poor ones guesses nothing.
	if err := change("000001", "123456"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a poor PIN by a wrong one: %v", err)
	}
	if err := change("482915", "482915"); !fault.Is(err, fault.Invalid) {
		t.Errorf("the PIN of before: %v", err)
	}
	for i := range 10 {
		var err error
		if i%2 == 0 {
			err = change("000001", "730194")
		} else {
			_, err = door.SignIn(ctx, "g.mensah", "000001")
		}
		if !fault.Is(err, fault.Unknown) {
			t.Fatalf("try %d: %v", i, err)
		}
	}
	if err := change("482915", "730194"); !fault.Is(err, fault.Denied) {
		t.Errorf("the right PIN after ten wrong ones: %v", err)
	}
	if _, err := door.SignIn(ctx, "g.mensah", "482915"); !fault.Is(err, fault.Denied) {
		t.Errorf("signing in after that: %v", err)
	}
	h.now = h.now.Add(61 * time.Minute)
	before := len(h.changed)
	if err := change("482915", "730194"); err != nil {
		t.Fatal(err)
	}
	if len(h.changed) != before+1 || h.changed[before].User != "g.mensah" {
		t.Errorf("nobody was told that the account is another: %+v", h.changed)
	}
	if _, err := door.SignIn(ctx, "g.mensah", "482915"); !fault.Is(err, fault.Unknown) {
		t.Errorf("the PIN of before: %v", err)
	}
	all := strings.Join(h.audits, "\n")
	if strings.Count(all, "own-pin-refused g.mensah at s") != 6 || strings.Count(all, "own-pin g.mensah at s") != 1 {
		t.Errorf("audit:\n%s", all)
	}
	for _, pin := range []string{"482915", "730194"} {
		if strings.Contains(all, pin) {
			t.Error("a PIN is in the audit")
		}
	}
}

// What names a PIN changes with it, and with nothing else.
func TestAnotherPINHasAnotherName(t *testing.T) {
	h, door, _ := aNurse(t)
	ctx := context.Background()
	first, err := door.SignIn(ctx, "g.mensah", "482915")
	if err != nil || first.PINID == "" {
		t.Fatal(first, err)
	}
	if again, err := door.SignIn(ctx, "g.mensah", "482915"); err != nil || again.PINID != first.PINID || again.Word != first.Word {
		t.Errorf("%+v %v", again, err)
	}
	if err := h.office.SetPIN(ctx, "g.mensah", "730194"); err != nil {
		t.Fatal(err)
	}
	if after, err := door.SignIn(ctx, "g.mensah", "730194"); err != nil || after.PINID == first.PINID || after.Word != first.Word {
		t.Errorf("%+v %v", after, err)
	}
}

// Sessions are shown to whom the computer says sits there, and ended for whoever proves
// the PIN; a computer that was revoked is on no list.
func TestSessionsAreTheirOwners(t *testing.T) {
	h, door, station := aNurse(t)
	ctx := context.Background()
	other, err := h.enrol(t, h.code(t))
	if err != nil {
		t.Fatal(err)
	}
	said := &pki.SessionSaid{User: "g.mensah", Seconds: 60, How: pki.HowPIN}
	if _, err := h.door(t, other).Standing(ctx, pki.StandingRequest{Users: []string{"g.mensah"}, Session: said}); err != nil {
		t.Fatal(err)
	}
	ask := func(req pki.SessionsRequest) (pki.SessionsAnswer, error) {
		req.User = "g.mensah"
		return door.Sessions(ctx, req)
	}
	if _, err := ask(pki.SessionsRequest{}); !fault.Is(err, fault.Denied) {
		t.Errorf("nobody sits there: %v", err)
	}
	if _, err := ask(pki.SessionsRequest{Said: &pki.SessionSaid{User: "s.patel", How: pki.HowPIN}}); !fault.Is(err, fault.Denied) {
		t.Errorf("somebody else sits there: %v", err)
	}
	ans, err := ask(pki.SessionsRequest{Said: said})
	if err != nil || len(ans.Sessions) != 2 {
		t.Fatalf("%+v, %v", ans, err)
	}
	if _, err := ask(pki.SessionsRequest{Said: said, End: pki.EndOthers, PIN: "000001"}); !fault.Is(err, fault.Unknown) {
		t.Errorf("with a wrong PIN: %v", err)
	}
	if again, err := ask(pki.SessionsRequest{Said: said}); err != nil || again.Word != ans.Word {
		t.Errorf("a refused end is an end: %+v, %v", again, err)
	}
	ended, err := ask(pki.SessionsRequest{Said: said, End: string(other.Config.Station), PIN: "482915"})
	if err != nil || ended.Word != ans.Word {
		t.Errorf("an end elsewhere changed the word of here: %+v, %v", ended, err)
	}
	for _, s := range ended.Sessions {
		if s.Ending == (s.Station == station) {
			t.Errorf("%+v", s)
		}
	}
	if all, err := ask(pki.SessionsRequest{Said: said, End: pki.EndOthers, PIN: "482915"}); err != nil || all.Word == ans.Word {
		t.Errorf("the word of here is to be another, so that a copy of this session elsewhere has it not: %+v, %v", all, err)
	}
	for _, none := range []string{"sabcdefghijkl", "../../accounts"} {
		if _, err := ask(pki.SessionsRequest{Said: said, End: none, PIN: "482915"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("an end at %q: %v", none, err)
		}
	}
	onRecord := 0
	for _, a := range h.audits {
		if strings.HasPrefix(a, "own-sessions-end") {
			onRecord++
		}
	}
	if onRecord != 5 { // three that were refused, and two ends
		t.Errorf("%d tries to end a session are on record: %q", onRecord, h.audits)
	}
	if err := h.office.Revoke(ctx, string(other.Config.Station)); err != nil {
		t.Fatal(err)
	}
	if left, err := ask(pki.SessionsRequest{Said: said}); err != nil || len(left.Sessions) != 1 || !left.Sessions[0].Here {
		t.Errorf("%+v, %v", left, err)
	}
}

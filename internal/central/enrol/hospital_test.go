package enrol_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"wardlight/internal/central/sso"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/hospitalid"
	"wardlight/internal/station/join"
	"wardlight/internal/station/loopback"
	"wardlight/internal/trust/pki"
)

// browsing is a sign-in as a station does it, step by step, so that an attacker can
// stand between two of them.
type browsing struct {
	begun    pki.BrowserBegun
	verifier string
	code     string
}

func browse(t *testing.T, d *join.Door, id *hospitalid.Service, who hospitalid.User) browsing {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	back, err := loopback.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer back.Close()
	b := browsing{verifier: oauth2.GenerateVerifier()}
	state := strings.Repeat("s", 26)
	b.begun, err = d.Begin(ctx, pki.BrowserBegin{Redirect: back.URI(), State: state, Challenge: oauth2.S256ChallengeFromVerifier(b.verifier)})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = id.Browser().SignIn(b.begun.URL, who.Username, who.Password) }()
	if b.code, err = back.Wait(ctx, state); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b browsing) end() pki.BrowserEnd {
	return pki.BrowserEnd{Attempt: b.begun.Attempt, Code: b.code, Verifier: b.verifier}
}

// What an attacker has who listened, or who has another computer.
func TestACodeFromABrowserWorksOnceAndForItsComputer(t *testing.T) {
	h, ctx := open(t), context.Background()
	grace := hospitalid.User{ID: "sub-1", Username: "g.mensah", Password: "x"}
	id := hospitalid.Start(t, grace)
	here, there := h.station(t), h.station(t)
	if _, err := here.Begin(ctx, pki.BrowserBegin{Redirect: "http://127.0.0.1:1/signed-in", State: strings.Repeat("s", 26), Challenge: strings.Repeat("c", 43)}); !fault.Is(err, fault.Denied) {
		t.Errorf("before it is set: %v", err)
	}
	if err := h.office.SetHospital(ctx, sso.Settings{Issuer: id.Issuer, Client: hospitalid.Client, CA: []byte(id.CA)}); err != nil {
		t.Fatal(err)
	}
	if err := h.office.ExpectUser(ctx, record.Account{User: "g.mensah", Name: "Grace Mensah", Role: "nurse", Wards: []record.Ward{"4B"}}); err != nil {
		t.Fatal(err)
	}
	refused := func(what string, err error) {
		t.Helper()
		if !fault.Is(err, fault.Denied) {
			t.Errorf("%s: %v", what, err)
		}
	}
	b := browse(t, here, id, grace)
	_, err := there.Finish(ctx, b.end())
	refused("another computer ends the sign-in", err)
	ended, err := here.Finish(ctx, b.end())
	if err != nil || ended.Who.User != "g.mensah" || !ended.PIN {
		t.Fatalf("%+v, %v", ended, err)
	}
	_, err = here.Finish(ctx, b.end())
	refused("the code once more", err)
	if !strings.Contains(err.Error(), "This sign-in was used already") { // central's own word, before the service is asked
		t.Errorf("the code once more: %v", err)
	}
	_, err = there.Complete(ctx, pki.CompleteRequest{Ticket: ended.Ticket, PIN: "271828"})
	refused("another computer's ticket", err)
	_, err = here.Complete(ctx, pki.CompleteRequest{Ticket: "GUESSED", PIN: "271828"})
	refused("a ticket that is none", err)
	if _, err = here.Complete(ctx, pki.CompleteRequest{Ticket: ended.Ticket, PIN: "271828"}); err != nil {
		t.Fatal(err)
	}
	_, err = here.Complete(ctx, pki.CompleteRequest{Ticket: ended.Ticket, PIN: "314159"})
	refused("the ticket once more", err)

	stolen := browse(t, here, id, grace)
	stolen.verifier = oauth2.GenerateVerifier()
	_, err = here.Finish(ctx, stolen.end())
	refused("a code without its verifier", err)

	late := browse(t, here, id, grace)
	h.now = h.now.Add(6 * time.Minute)
	_, err = here.Finish(ctx, late.end())
	refused("six minutes later", err)
}

// A code must end on the very computer that asked for it.
func TestABrowserIsSentNowhereElse(t *testing.T) {
	h, ctx := open(t), context.Background()
	if err := h.office.SetHospital(ctx, sso.Settings{Issuer: "https://127.0.0.1:1", Client: "wardlight"}); err != nil {
		t.Fatal(err)
	}
	d := h.station(t)
	for _, at := range []string{"https://attacker.example/signed-in", "http://attacker.example:80/", "http://127.0.0.1.attacker.example:80/", "http://127.0.0.1/no-port", "http://10.1.2.3:80/", "http://127.0.0.1@attacker.example:80/", "x:y", ""} {
		_, err := d.Begin(ctx, pki.BrowserBegin{Redirect: at, State: strings.Repeat("s", 26), Challenge: strings.Repeat("c", 43)})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", at, err)
		}
	}
	_, err := d.Begin(ctx, pki.BrowserBegin{Redirect: "http://127.0.0.1:9/signed-in", State: strings.Repeat("s", 26), Challenge: strings.Repeat("c", 43)})
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("a service that is away: %v", err)
	}
}

func (h *hospital) station(t *testing.T) *join.Door {
	t.Helper()
	j, err := h.enrol(t, h.code(t))
	if err != nil {
		t.Fatal(err)
	}
	return h.door(t, j)
}

// Nobody becomes an administrator by signing in.
func TestNoPrivilegedAccountIsMadeByASignIn(t *testing.T) {
	h := open(t)
	for _, role := range []string{"administrator", "privacy-officer", "interface-manager", "charge-nurse", "x"} {
		err := h.office.SetHospital(context.Background(), sso.Settings{Issuer: "https://id.example", Client: "c", Role: role})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", role, err)
		}
	}
}

// What is kept of it must open for ever.
func TestTheSettingsOfTheFirstDayOpen(t *testing.T) {
	want := sso.Settings{
		Issuer: "https://id.hospital.example", Client: "wardlight", Claim: "upn", Domain: "hospital.example", CA: []byte("pem"),
		Button: "Sign in", PINHours: 12, Role: "nurse", Wards: []string{"4B"}, AnyAge: true,
	}
	b, err := record.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "hospital-v1.hex")
	if os.Getenv("WRITE_FIXTURE") != "" {
		if err := os.WriteFile(file, []byte(hex.EncodeToString(b)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := hex.DecodeString(strings.TrimSpace(string(kept)))
	if err != nil {
		t.Fatal(err)
	}
	var got sso.Settings
	if err := record.Decode(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.Issuer != want.Issuer || got.Claim != want.Claim || got.PINHours != 12 || !bytes.Equal(got.CA, want.CA) || !got.AnyAge || len(got.Wards) != 1 || got.Domain != want.Domain {
		t.Errorf("%+v", got)
	}
	if !bytes.Equal(raw, b) {
		t.Error("what is written now is not what was written then: another number, another fixture")
	}
}

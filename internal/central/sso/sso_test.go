package sso_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"wardlight/internal/central/sso"
	"wardlight/internal/fault"
)

func (f *forge) attempt() sso.Attempt {
	return sso.Attempt{Redirect: "http://127.0.0.1:40000/signed-in", State: "state", Challenge: "challenge", Nonce: "nonce", Began: f.now}
}

func (f *forge) redeem(p *sso.Provider) (sso.Identity, error) {
	return p.Redeem(context.Background(), f.attempt(), "code", "verifier")
}

func TestTheBrowserIsSentWithChallengeNonceAndAFreshPassword(t *testing.T) {
	f := newForge(t)
	at, err := f.provider(t, nil).SignInURL(context.Background(), f.attempt())
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"response_type": "code", "client_id": "wardlight", "redirect_uri": "http://127.0.0.1:40000/signed-in", "state": "state", "nonce": "nonce",
		"code_challenge": "challenge", "code_challenge_method": "S256", "prompt": "login", "max_age": "0", "scope": "openid profile email",
	} {
		if got := u.Query().Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAGoodTokenNamesAPerson(t *testing.T) {
	f := newForge(t)
	f.token = signs(nil)
	id, err := f.redeem(f.provider(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	if id != (sso.Identity{Issuer: f.URL, Subject: "u-1", User: "g.mensah", Name: "Grace Mensah"}) {
		t.Errorf("%+v", id)
	}
}

// What a real service never says, and an attacker might.
func TestATokenThatIsNotMeantForThisSignInIsNotBelieved(t *testing.T) {
	f := newForge(t)
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public := x509.MarshalPKCS1PublicKey(&f.key.PublicKey)
	for name, token := range map[string]func(*forge) string{
		"another audience":           signs(map[string]any{"aud": "canteen"}),
		"two audiences, no party":    signs(map[string]any{"aud": []string{"wardlight", "canteen"}}),
		"another party":              signs(map[string]any{"azp": "canteen"}),
		"another issuer":             signs(map[string]any{"iss": "https://elsewhere.example"}),
		"expired":                    signs(map[string]any{"exp": f.now.Add(-3 * time.Minute).Unix()}),
		"of an earlier day":          signs(map[string]any{"iat": f.now.Add(-24 * time.Hour).Unix()}),
		"of tomorrow":                signs(map[string]any{"iat": f.now.Add(24 * time.Hour).Unix(), "exp": f.now.Add(25 * time.Hour).Unix()}),
		"another nonce":              signs(map[string]any{"nonce": "another"}),
		"no nonce":                   signs(map[string]any{"nonce": nil}),
		"a password of yesterday":    signs(map[string]any{"auth_time": f.now.Add(-24 * time.Hour).Unix()}),
		"no word on the password":    signs(map[string]any{"auth_time": nil}),
		"a password of tomorrow":     signs(map[string]any{"auth_time": f.now.Add(24 * time.Hour).Unix()}),
		"no name":                    signs(map[string]any{"preferred_username": nil}),
		"a name that is no word":     signs(map[string]any{"preferred_username": 7}),
		"no subject":                 signs(map[string]any{"sub": ""}),
		"another access token":       signs(map[string]any{"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
		"algorithm none":             unsigned,
		"a stranger's key":           func(f *forge) string { return sign(jose.RS256, stranger, "first", f.claims(nil)) },
		"the public key as a secret": func(f *forge) string { return sign(jose.HS256, public, "first", f.claims(nil)) },
		"no token at all":            func(*forge) string { return "" },
		"rubbish":                    func(*forge) string { return "a.b.c" },
	} {
		f.token = token
		if id, err := f.redeem(f.provider(t, nil)); !fault.Is(err, fault.Denied) || id != (sso.Identity{}) {
			t.Errorf("%s: %v, %+v", name, err, id)
		}
	}
}

// Clocks of a minute apart let people in.
func TestClocksMayDifferALittle(t *testing.T) {
	f := newForge(t)
	p := f.provider(t, nil)
	for _, by := range []time.Duration{-time.Minute, time.Minute} {
		at := f.now.Add(by)
		f.token = signs(map[string]any{"iat": at.Unix(), "auth_time": at.Unix(), "exp": at.Add(30 * time.Second).Unix()})
		if _, err := f.redeem(p); err != nil {
			t.Errorf("%s: %v", by, err)
		}
	}
	f.token = signs(map[string]any{"iat": f.now.Add(10 * time.Minute).Unix()})
	if _, err := f.redeem(p); err == nil || !strings.Contains(err.Error(), "clocks") {
		t.Errorf("ten minutes: %v", err)
	}
}

// The service changes its keys whenever it likes: a new one is asked for once, one
// that it withdrew is not believed for ever.
func TestTheServiceChangesItsKeys(t *testing.T) {
	f := newForge(t)
	f.token = signs(nil)
	p := f.provider(t, nil)
	for range 3 {
		if _, err := f.redeem(p); err != nil {
			t.Fatal(err)
		}
	}
	if f.keysAt != 1 {
		t.Errorf("three sign-ins asked %d times for the keys", f.keysAt)
	}
	old, oldID := f.key, f.kid
	f.newKey(t, "second")
	if _, err := f.redeem(p); err != nil {
		t.Errorf("with the new key: %v", err)
	}
	if f.keysAt != 2 {
		t.Errorf("asked %d times in all", f.keysAt)
	}
	f.now = f.now.Add(61 * time.Minute)
	f.token = func(f *forge) string { return sign(jose.RS256, old, oldID, f.claims(nil)) }
	if _, err := f.redeem(p); !fault.Is(err, fault.Denied) {
		t.Errorf("with the key that was withdrawn: %v", err)
	}
}

func TestAServiceThatIsAwaySaysSoInWords(t *testing.T) {
	f := newForge(t)
	f.token = signs(nil)
	p := f.provider(t, nil)
	if p.Away(context.Background()) {
		t.Error("it is there")
	}
	f.Close()
	f.now = f.now.Add(3 * time.Minute)
	if !p.Away(context.Background()) {
		t.Error("it is away")
	}
	if _, err := f.redeem(p); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "name and PIN") {
		t.Errorf("%v", err)
	}
}

func TestACodeIsNotTakenTwiceOrWithoutItsVerifier(t *testing.T) {
	f := newForge(t)
	f.token = signs(nil)
	_, err := f.provider(t, nil).Redeem(context.Background(), f.attempt(), "code", "another")
	if !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "Begin again") {
		t.Errorf("%v", err)
	}
}

// A certificate that the hospital's authority did not sign is not the service.
func TestAnotherServersCertificateIsNotTheService(t *testing.T) {
	f := newForge(t)
	f.token = signs(nil)
	if _, err := f.redeem(f.provider(t, func(s *sso.Settings) { s.CA = nil })); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v", err)
	}
}

func TestTheDomainIsTakenOffAndNoOther(t *testing.T) {
	f := newForge(t)
	p := f.provider(t, func(s *sso.Settings) { s.Domain = "hospital.example" })
	for said, want := range map[string]string{
		"G.Mensah@Hospital.Example": "g.mensah", "g.mensah@elsewhere.example": "", "g.mensah": "", "x@y@hospital.example": "",
	} {
		f.token = signs(map[string]any{"preferred_username": said})
		id, err := f.redeem(p)
		if id.User != want || (want == "") != fault.Is(err, fault.Denied) {
			t.Errorf("%s: %q, %v", said, id.User, err)
		}
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	good := sso.Settings{Issuer: "https://id.hospital.example", Client: "wardlight"}.WithDefaults()
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*sso.Settings){
		"without TLS":        func(s *sso.Settings) { s.Issuer = "http://id.hospital.example" },
		"no address":         func(s *sso.Settings) { s.Issuer = "the portal" },
		"a password in it":   func(s *sso.Settings) { s.Issuer = "https://a:b@id.hospital.example" },
		"no client":          func(s *sso.Settings) { s.Client = "" },
		"an address as name": func(s *sso.Settings) { s.Domain = "@hospital.example" },
		"a PIN for ever":     func(s *sso.Settings) { s.PINHours = 10000 },
		"no certificate":     func(s *sso.Settings) { s.CA = []byte("x") },
	} {
		s := good
		change(&s)
		if err := s.Check(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package sso

import (
	"crypto/x509"
	"net/url"
	"strings"
	"time"

	"wardlight/internal/fault"
)

// Settings say which sign-in service is the hospital's, and whom it speaks of.
// Nothing in them is secret: Wardlight is a public client and proves each sign-in
// by PKCE.
type Settings struct {
	Issuer   string   `cbor:"1,keyasint" json:"issuer"`                      // https://…, as the service itself names it
	Client   string   `cbor:"2,keyasint" json:"client_id"`                   // what the service knows Wardlight by
	Claim    string   `cbor:"3,keyasint" json:"claim"`                       // which claim is the account's sign-in name
	Domain   string   `cbor:"4,keyasint,omitempty" json:"domain,omitempty"`  // taken off the end of the claim: NAME@DOMAIN
	CA       []byte   `cbor:"5,keyasint,omitempty" json:"-"`                 // PEM: who signs the service's certificate; none is the system's list
	Button   string   `cbor:"6,keyasint" json:"button"`                      // what the sign-in page offers
	PINHours int      `cbor:"7,keyasint" json:"pin_hours"`                   // how long after it a PIN alone is enough
	Role     string   `cbor:"8,keyasint,omitempty" json:"role,omitempty"`    // of accounts that a first sign-in makes; "" makes none
	Wards    []string `cbor:"9,keyasint,omitempty" json:"wards,omitempty"`   // theirs
	AnyAge   bool     `cbor:"10,keyasint,omitempty" json:"any_age,omitzero"` // the service does not say when somebody gave their password
}

// What stands where nothing else is said.
const (
	DefaultClaim    = "preferred_username"
	DefaultButton   = "Sign in with the hospital’s account"
	DefaultPINHours = 16 // a shift and what comes before and after it
)

// WithDefaults fills in what was left out.
func (s Settings) WithDefaults() Settings {
	if s.Claim == "" {
		s.Claim = DefaultClaim
	}
	if s.Button == "" {
		s.Button = DefaultButton
	}
	if s.PINHours == 0 {
		s.PINHours = DefaultPINHours
	}
	return s
}

// Check says what is wrong with settings, in words for who sets them.
func (s Settings) Check() error {
	bad := func(why string) error { return fault.New(fault.Invalid, "sso.settings", "", why) }
	u, err := url.Parse(s.Issuer)
	switch {
	case err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return bad("the issuer is an address that begins with https://, exactly as the sign-in service names itself")
	case s.Client == "" || len(s.Client) > 256:
		return bad("give the client id that the sign-in service knows Wardlight by")
	case s.Claim == "" || len(s.Claim) > 64:
		return bad("give the claim that holds the sign-in name")
	case strings.ContainsAny(s.Domain, "@ ") || len(s.Domain) > 253:
		return bad("the domain is what stands after the @, without it")
	case s.Button == "" || len(s.Button) > 60:
		return bad("the button's words have 1 to 60 characters")
	case s.PINHours < 1 || s.PINHours > 24*30:
		return bad("a PIN alone is enough for 1 to 720 hours")
	case len(s.CA) > 0 && !x509.NewCertPool().AppendCertsFromPEM(s.CA):
		return bad("the CA file holds no certificate in PEM")
	}
	return nil
}

// PINAlone is how long after such a sign-in a PIN alone is enough.
func (s Settings) PINAlone() time.Duration { return time.Duration(s.PINHours) * time.Hour }

// name is the sign-in name that a claim's value means.
func (s Settings) name(value string) (string, error) {
	value = strings.ToLower(strings.TrimSpace(value))
	if s.Domain == "" {
		return value, nil
	}
	name, ours := strings.CutSuffix(value, "@"+strings.ToLower(s.Domain))
	if !ours || strings.Contains(name, "@") {
		return "", fault.New(fault.Denied, "sso.name", "", "this is not an account of the hospital’s own domain; sign in with the one that the hospital gave you")
	}
	return name, nil
}

package join

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
)

// An answer that does not fit is not used: it would lock the station out.
func TestAnAnswerThatDoesNotFitIsNotUsed(t *testing.T) {
	now := time.Now()
	mine, other := newCA(t, now), newCA(t, now)
	c, sec := member(t, mine, now)
	d, _ := member(t, mine, now)
	rogue, err := other.IssueDevice(spkiOf(t, sec), string(c.Station), now)
	if err != nil {
		t.Fatal(err)
	}
	_, strange := member(t, mine, now)
	otherKey, err := mine.IssueDevice(spkiOf(t, strange), string(c.Station), now)
	if err != nil {
		t.Fatal(err)
	}
	mineDER, otherDER := mine.Cert.Raw, other.Cert.Raw
	for name, ans := range map[string]pki.RenewAnswer{
		"no authority":                 {},
		"too many":                     {Roots: [][]byte{mineDER, mineDER, mineDER, mineDER, mineDER}},
		"no certificate as one":        {Roots: [][]byte{[]byte("x")}},
		"a device as an authority":     {Roots: [][]byte{c.Cert}},
		"another computer's":           {Cert: d.Cert, Roots: [][]byte{mineDER}},
		"this name, another key":       {Cert: otherKey, Roots: [][]byte{mineDER}},
		"rubbish as certificate":       {Cert: []byte("x"), Roots: [][]byte{mineDER}},
		"an issuer that is not named":  {Cert: rogue, Roots: [][]byte{mineDER}},
		"only authorities of somebody": {Roots: [][]byte{otherDER}},
	} {
		if out, changed, err := c.renewed(sec, ans); !fault.Is(err, fault.Corrupt) || changed || string(out.Cert) != string(c.Cert) {
			t.Errorf("%s: %v, changed %v", name, err, changed)
		}
	}
	out, changed, err := c.renewed(sec, pki.RenewAnswer{Roots: [][]byte{mineDER, otherDER}})
	if err != nil || !changed || len(out.Roots) != 1 {
		t.Errorf("a next authority: %v, changed %v, %d beside", err, changed, len(out.Roots))
	}
	if _, changed, err := out.renewed(sec, pki.RenewAnswer{Roots: [][]byte{mineDER, otherDER}}); err != nil || changed {
		t.Errorf("the same again: %v, changed %v", err, changed)
	}
}

func newCA(t *testing.T, now time.Time) *pki.CA {
	t.Helper()
	ca, err := pki.NewCA(now)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func spkiOf(t *testing.T, sec Secret) []byte {
	t.Helper()
	key, err := sec.PrivateKey()
	if err != nil {
		t.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return spki
}

// member is an enrolled station, without an enrolment.
func member(t *testing.T, ca *pki.CA, now time.Time) (Config, Secret) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	j, _, err := prepare(key, Request{Place: "Ward 4B"})
	if err != nil {
		t.Fatal(err)
	}
	j.Config.CA = ca.Cert.Raw
	if j.Config.Cert, err = ca.IssueDevice(spkiOf(t, j.Secret), string(j.Config.Station), now); err != nil {
		t.Fatal(err)
	}
	return j.Config, j.Secret
}

package pki_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
)

// outside is a hospital's own authority, as its PKI team runs it: RSA, with a root.
type outside struct {
	t    *testing.T
	root *x509.Certificate
	key  *rsa.PrivateKey
}

func newOutside(t *testing.T) *outside {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Hospital root"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(20, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	root, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &outside{t, root, key}
}

// sign certifies a request as it asks to be, or as change has it.
func (o *outside) sign(csr []byte, change func(*x509.Certificate)) []byte {
	o.t.Helper()
	block, _ := pem.Decode(csr)
	req, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil || req.CheckSignature() != nil {
		o.t.Fatal("the request is not signed by its key")
	}
	var asked []string
	for _, e := range req.Extensions {
		asked = append(asked, e.Id.String())
	}
	if strings.Join(asked, " ") != "2.5.29.19 2.5.29.15" {
		o.t.Errorf("the request asks for %v", asked)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: req.Subject, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(5, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	if change != nil {
		change(tmpl)
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, o.root, req.PublicKey, o.key)
	if err != nil {
		o.t.Fatal(err)
	}
	return pki.CertPEM(der)
}

// What the hospital's authority signed is an authority like our own: it issues, none
// of its certificates outlives it, and it survives being stored.
func TestAnAuthorityThatTheHospitalsOwnCertified(t *testing.T) {
	o := newOutside(t)
	req, err := pki.NewRequest()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := req.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	csr, err := req.CSR()
	if err != nil {
		t.Fatal(err)
	}
	if req, err = pki.ParseRequest(kept); err != nil {
		t.Fatal(err)
	}
	soon := time.Now().AddDate(1, 0, 30)
	answer := append(pki.CertPEM(o.root.Raw), o.sign(csr, func(c *x509.Certificate) { c.NotAfter = soon })...) // in any order
	ca, err := req.Certified(answer, []string{"central.ward.test", "10.0.0.7"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	stored, err := ca.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if ca, err = pki.ParseCA(stored); err != nil {
		t.Fatal(err)
	}
	server, err := ca.IssueServer([]string{"central.ward.test"}, soon.AddDate(0, -2, 0))
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(server.Certificate[0])
	if err != nil || leaf.NotAfter.After(ca.Cert.NotAfter) {
		t.Errorf("central's certificate ends %v, its authority %v, %v", leaf.NotAfter, ca.Cert.NotAfter, err)
	}
	own, err := pki.NewCA(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	set, err := pki.Set{Current: own}.Announce(ca)
	if err != nil || set.Next != ca || set.Current != own {
		t.Errorf("announced: %+v, %v", set, err)
	}
	if _, err := set.Announce(ca); !fault.Is(err, fault.Exists) {
		t.Errorf("announced in the middle of a rotation: %v", err)
	}
}

// Whatever could not carry the ward is refused before anything is announced, and the
// words say what to ask for.
func TestAnAnswerThatIsNoAuthority(t *testing.T) {
	o, another := newOutside(t), newOutside(t)
	req, err := pki.NewRequest()
	if err != nil {
		t.Fatal(err)
	}
	csr, err := req.CSR()
	if err != nil {
		t.Fatal(err)
	}
	older, err := pki.NewRequest()
	if err != nil {
		t.Fatal(err)
	}
	olderCSR, err := older.CSR()
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*x509.Certificate)) []byte { return o.sign(csr, change) }
	for name, c := range map[string]struct {
		answer []byte
		words  string
	}{
		"an earlier request's": {o.sign(olderCSR, nil), "newest request"},
		"a leaf": {with(func(c *x509.Certificate) {
			c.IsCA, c.MaxPathLenZero, c.KeyUsage = false, false, x509.KeyUsageDigitalSignature
		}), "CA"},
		"may not sign":  {with(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }), "keyCertSign"},
		"nearly over":   {with(func(c *x509.Certificate) { c.NotAfter = time.Now().AddDate(0, 6, 0) }), "a year"},
		"not yet valid": {with(func(c *x509.Certificate) { c.NotBefore = time.Now().AddDate(0, 0, 2) }), "valid now"},
		"servers only":  {with(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }), "workstation"},
		"other names only": {with(func(c *x509.Certificate) {
			c.PermittedDNSDomainsCritical, c.PermittedDNSDomains = true, []string{"elsewhere.test"}
		}), "name constraints"},
		"a root that did not sign it": {append(with(nil), pki.CertPEM(another.root.Raw)...), "do not belong together"},
		"nothing":                     {[]byte("MIIB…"), "PEM"},
		"a key":                       {pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{1}}), "nothing else"},
		"too many":                    {[]byte(strings.Repeat(string(pki.CertPEM(o.root.Raw)), 9)), "up to 8"},
	} {
		_, err := req.Certified(c.answer, []string{"central.ward.test"}, time.Now())
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := req.Certified(with(nil), []string{"central.ward.test", "127.0.0.1"}, time.Now()); err != nil {
		t.Errorf("as it was asked for: %v", err)
	}
}

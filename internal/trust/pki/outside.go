package pki

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"slices"
	"strings"
	"time"

	"wardlight/internal/fault"
)

// A hospital that has a public key infrastructure of its own certifies central's
// authority: central makes the key and a request (PKCS #10), the hospital's authority
// signs it as one under it, and the certificate is announced, used and replaced like
// one that central had signed itself (Set). Stations believe that certificate, and
// not everything that the hospital's authority ever signed.

// Request is the key of an authority that waits for its certificate.
type Request struct{ key *ecdsa.PrivateKey }

// NewRequest makes the key.
func NewRequest() (Request, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return Request{key}, fault.Wrap("pki.request", "", err)
}

// Marshal renders the key as PKCS #8; it is a secret.
func (r Request) Marshal() ([]byte, error) {
	b, err := x509.MarshalPKCS8PrivateKey(r.key)
	return b, fault.Wrap("pki.request", "", err)
}

// ParseRequest reads what Marshal wrote.
func ParseRequest(b []byte) (Request, error) {
	key, err := x509.ParsePKCS8PrivateKey(b)
	if err != nil {
		return Request{}, fault.As(fault.Corrupt, "pki.request", "", err)
	}
	k, ok := key.(*ecdsa.PrivateKey)
	if !ok || k.Curve != elliptic.P256() {
		return Request{}, fault.New(fault.Corrupt, "pki.request", "", "not a P-256 key")
	}
	return Request{k}, nil
}

// What a request asks for, as RFC 5280, 4.2.1.9 and 4.2.1.3, write it: an authority
// with none under it, which signs certificates and revocation lists.
var (
	oidBasicConstraints = asn1.ObjectIdentifier{2, 5, 29, 19}
	oidKeyUsage         = asn1.ObjectIdentifier{2, 5, 29, 15}
)

// CSR is the request as PEM, for the hospital's authority.
func (r Request) CSR() ([]byte, error) {
	basic, err := asn1.Marshal(struct {
		IsCA       bool
		MaxPathLen int
	}{true, 0})
	if err != nil {
		return nil, fault.Wrap("pki.csr", "", err)
	}
	usage, err := asn1.Marshal(asn1.BitString{Bytes: []byte{0b0000_0110}, BitLength: 7}) // keyCertSign, cRLSign
	if err != nil {
		return nil, fault.Wrap("pki.csr", "", err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject:         pkix.Name{CommonName: "Wardlight CA"},
		ExtraExtensions: []pkix.Extension{{Id: oidBasicConstraints, Critical: true, Value: basic}, {Id: oidKeyUsage, Critical: true, Value: usage}},
	}, r.key)
	if err != nil {
		return nil, fault.Wrap("pki.csr", "", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}), nil
}

const (
	// maxChain bounds what an answer may hold.
	maxChain = 8
	// leastLife is how long an authority must last at least: a year, so that its
	// replacement is no emergency.
	leastLife = 365 * 24 * time.Hour
)

// Certified is the authority that the hospital's answer makes of the request: PEM,
// the certificate of our key and, if it likes, those above it, each checked against
// the one that signed it. What hosts central has, and stations, are tried with it, so
// that what it does not allow shows here and not at night.
//
// fault.Invalid: it is no such certificate; the words say what to ask for.
func (r Request) Certified(answer []byte, hosts []string, now time.Time) (*CA, error) {
	bad := func(why string) (*CA, error) { return nil, fault.New(fault.Invalid, "pki.certified", "", why) }
	certs, err := certificatesOf(answer)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(certs, func(c *x509.Certificate) bool { return r.key.PublicKey.Equal(c.PublicKey) })
	switch {
	case at < 0:
		return bad("none of these certificates is for the key of the last 'ca request'; have the newest request signed")
	case !certs[at].IsCA || !certs[at].BasicConstraintsValid:
		return bad("this is no authority's certificate (basic constraints: CA); have the request signed as a subordinate authority")
	case certs[at].KeyUsage&x509.KeyUsageCertSign == 0:
		return bad("it may not sign certificates (key usage: keyCertSign)")
	case now.Before(certs[at].NotBefore) || certs[at].NotAfter.Sub(now) < leastLife:
		return bad("it is valid from " + certs[at].NotBefore.UTC().Format(time.DateOnly) + " to " + certs[at].NotAfter.UTC().Format(time.DateOnly) + "; it must be valid now and for a year at least")
	}
	if err := signedAbove(certs, at); err != nil {
		return nil, err
	}
	ca := &CA{certs[at], r.key}
	return ca, ca.tried(hosts, now)
}

func certificatesOf(b []byte) (certs []*x509.Certificate, err error) {
	for rest := b; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if block.Type != "CERTIFICATE" || err != nil || len(certs) == maxChain {
			return nil, fault.Newf(fault.Invalid, "pki.certified", "", "the file may hold up to %d certificates as PEM and nothing else", maxChain)
		}
		certs = append(certs, c)
	}
	if len(certs) == 0 {
		return nil, fault.New(fault.Invalid, "pki.certified", "", "there is no PEM certificate in the file; ask for PEM, not DER or PKCS #7")
	}
	return certs, nil
}

// signedAbove checks each signature for which the signer is in the answer too.
func signedAbove(certs []*x509.Certificate, at int) error {
	for c, n := certs[at], 0; n < maxChain; n++ {
		above := slices.IndexFunc(certs, func(a *x509.Certificate) bool { return bytes.Equal(a.RawSubject, c.RawIssuer) })
		if above < 0 || certs[above] == c {
			return nil
		}
		if err := c.CheckSignatureFrom(certs[above]); err != nil {
			return fault.New(fault.Invalid, "pki.certified", "", "the certificates do not belong together: one of them was not signed by the one that it names")
		}
		c = certs[above]
	}
	return nil
}

// tried issues for central and for a station, and verifies as they do.
func (ca *CA) tried(hosts []string, now time.Time) error {
	pool := x509.NewCertPool()
	pool.AddCert(ca.Cert)
	server, err := ca.IssueServer(hosts, now)
	if err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fault.Wrap("pki.tried", "", err)
	}
	spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return fault.Wrap("pki.tried", "", err)
	}
	device, err := ca.IssueDevice(spki, "trial", now)
	if err != nil {
		return err
	}
	for _, try := range []struct {
		of    string
		der   []byte
		usage x509.ExtKeyUsage
	}{{"central", server.Certificate[0], x509.ExtKeyUsageServerAuth}, {"a workstation", device, x509.ExtKeyUsageClientAuth}} {
		leaf, err := x509.ParseCertificate(try.der)
		if err != nil {
			return fault.Wrap("pki.tried", "", err)
		}
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{try.usage}}); err != nil {
			return fault.Newf(fault.Invalid, "pki.certified", "", "it allows no certificate for %s (%s); ask for a subordinate authority without name constraints, and for server and client authentication",
				try.of, strings.TrimPrefix(err.Error(), "x509: "))
		}
	}
	return nil
}

// Announce begins a rotation with an authority that was made outside.
func (s Set) Announce(ca *CA) (Set, error) {
	if err := s.free("pki.announce"); err != nil {
		return s, err
	}
	s.Next = ca
	return s, nil
}

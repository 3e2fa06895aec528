package pki

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"wardlight/internal/fault"
)

// The hospital's systems (laboratory, EHR, interface engine) come over TLS with a
// certificate each, as IHE ATNA asks for and BCP 195 (RFC 9325) says how: TLS 1.3, or 1.2
// with forward secrecy and an authenticated cipher, and nothing older. Three ways lead to
// a sender's certificate:
//
//	central's authority certifies the sender's key    the sender needs a key and nothing else
//	this very certificate is believed                 the hospital's, or the sender's own
//	a name under an authority of the hospital         the certificate may be renewed unasked
//
// A sender's certificate opens nothing else: its name is no computer's, and a computer's
// key is no sender's.

// senderLife is how long a certificate of a sender is good: nobody renews it but a person.
const senderLife = 365 * 24 * time.Hour

// Why a sender was not let in.
var (
	ErrSenderUnknown = errors.New("this certificate belongs to no sender that is let in")
	ErrSenderExpired = errors.New("this certificate has run out, or is not valid yet")
	ErrSenderUse     = errors.New("this certificate is not for a client, or its key is weaker than 2048 bits of RSA or 256 of a curve")
)

// Trusted is one sender that is let in. Exactly one of Key, Cert and Host says by what
// its certificate is known.
type Trusted struct {
	Name      string
	Key       []byte   // SHA-256 of the public key that central's authority certified
	Cert      []byte   // this very certificate, DER
	Host      string   // a DNS name of the certificate, whose chain ends in Authority
	Authority [][]byte // DER, with Host
}

// Known is a sender that showed who it is, and until when that holds.
type Known struct {
	Name  string
	Until time.Time
}

// KeyOf is what Trusted.Key holds of a public key (SubjectPublicKeyInfo).
func KeyOf(spki []byte) []byte { sum := sha256.Sum256(spki); return sum[:] }

// SenderRequest reads a request for a certificate (PKCS #10, PEM), which proves that
// whoever made it has the key. It returns the public key.
func SenderRequest(b []byte) (spki []byte, err error) {
	const op = "pki.senderrequest"
	block, _ := pem.Decode(b)
	if block == nil || !strings.HasSuffix(block.Type, "CERTIFICATE REQUEST") {
		return nil, fault.New(fault.Invalid, op, "", "this is no request for a certificate (PKCS #10, PEM, which begins with -----BEGIN CERTIFICATE REQUEST-----)")
	}
	req, err := x509.ParseCertificateRequest(block.Bytes)
	if err == nil {
		err = req.CheckSignature()
	}
	switch {
	case err != nil:
		return nil, fault.Newf(fault.Invalid, op, "", "the request for a certificate cannot be believed; have it made anew: %w", err)
	case !strong(req.PublicKey):
		return nil, fault.New(fault.Invalid, op, "", "the key is too weak, or of a kind that is not taken: P-256, P-384, Ed25519, or RSA of 2048 bits or more")
	}
	return req.RawSubjectPublicKeyInfo, nil
}

// SenderCertificates reads certificates for Trusted.Cert (the first) or Authority (all).
func SenderCertificates(b []byte) ([]*x509.Certificate, error) { return certificatesOf(b) }

// IssueSender certifies a sender's key under its name; DER comes back. The name in it
// has a blank, so that it is no computer's.
func (ca *CA) IssueSender(spki []byte, name string, now time.Time) ([]byte, error) {
	pub, err := x509.ParsePKIXPublicKey(spki)
	if err != nil || !strong(pub) {
		return nil, fault.New(fault.Invalid, "pki.issuesender", name, "the key cannot be read, or is too weak")
	}
	tmpl := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "sender " + name},
		NotBefore: now.Add(-backdate), NotAfter: ca.until(now.Add(senderLife)),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, ca.Cert, pub, ca.key)
	return der, fault.Wrap("pki.issuesender", name, err)
}

func strong(pub any) bool {
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		return k.Curve == elliptic.P256() || k.Curve == elliptic.P384() || k.Curve == elliptic.P521()
	case *rsa.PublicKey:
		return k.N.BitLen() >= 2048
	case ed25519.PublicKey:
		return true
	}
	return false
}

// Identify says which sender showed these certificates, its own first. Roots are
// central's authorities. Its error is one of ErrSender….
func Identify(chain []*x509.Certificate, roots []*x509.Certificate, list []Trusted, now time.Time) (Known, error) {
	if len(chain) == 0 {
		return Known{}, ErrSenderUnknown
	}
	leaf := chain[0]
	why := ErrSenderUnknown
	for _, t := range list {
		if !t.names(leaf) {
			continue
		}
		err := t.believes(chain, roots, now)
		if err == nil {
			return Known{t.Name, leaf.NotAfter}, nil
		}
		why = err
	}
	return Known{}, why
}

// names says whether a certificate is meant to be this sender's.
func (t Trusted) names(leaf *x509.Certificate) bool {
	switch {
	case len(t.Cert) > 0:
		return bytes.Equal(t.Cert, leaf.Raw)
	case len(t.Key) > 0:
		return bytes.Equal(t.Key, KeyOf(leaf.RawSubjectPublicKeyInfo))
	case t.Host != "":
		return slices.ContainsFunc(leaf.DNSNames, func(n string) bool { return strings.EqualFold(n, t.Host) })
	}
	return false
}

// believes holds a certificate that names this sender to time, use and authority.
func (t Trusted) believes(chain, roots []*x509.Certificate, now time.Time) error {
	leaf := chain[0]
	if !strong(leaf.PublicKey) {
		return ErrSenderUse
	}
	if now.Before(leaf.NotBefore) || now.After(leaf.NotAfter) {
		return ErrSenderExpired
	}
	if len(t.Cert) > 0 {
		if len(leaf.ExtKeyUsage) > 0 && !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageClientAuth) && !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageAny) {
			return ErrSenderUse
		}
		return nil
	}
	believed, between := x509.NewCertPool(), x509.NewCertPool()
	if len(t.Key) > 0 {
		for _, c := range roots {
			believed.AddCert(c)
		}
	}
	for _, der := range t.Authority {
		if c, err := x509.ParseCertificate(der); err == nil { // it was read when it was given
			believed.AddCert(c)
		}
	}
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: believed, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	var invalid x509.CertificateInvalidError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return ErrSenderExpired
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		return ErrSenderUse
	}
	return ErrSenderUnknown
}

// SenderConfig is what the door for senders is made of.
type SenderConfig struct {
	Set   func() Set       // central's authorities, as they are now
	Hosts []string         // names and addresses of this machine
	Known func() []Trusted // who is let in, as it is now
	Now   func() time.Time // nil: time.Now
	// Own, where set, is the certificate that central shows, the hospital's; nil: one of
	// central's authority, which renews itself.
	Own func() (*tls.Certificate, error)
}

// SenderServer is the TLS of the door for senders. It is safe for concurrent use.
type SenderServer struct {
	conf SenderConfig

	mu     sync.Mutex
	cert   *tls.Certificate
	issuer *CA
	until  time.Time // when central's own certificate is made anew
}

// NewSenderServer makes it, and fails where central has no certificate to show.
func NewSenderServer(conf SenderConfig) (*SenderServer, error) {
	if conf.Now == nil {
		conf.Now = time.Now
	}
	s := &SenderServer{conf: conf}
	_, err := s.own(nil)
	return s, err
}

// senderSuites are those of TLS 1.2 that RFC 9325, 4.2 recommends: forward secrecy and an
// authenticated cipher. TLS 1.3 has no others.
var senderSuites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// Config is the configuration of the listener. Who may come in is asked in the handshake,
// before a byte of a message is read. No session is resumed, so none outlives a withdrawal.
func (s *SenderServer) Config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, CipherSuites: senderSuites, SessionTicketsDisabled: true, Time: s.conf.Now,
		GetCertificate: s.own,
		// Any certificate, and no list of authorities: a Java sender shows none where its
		// own, which is believed by itself, stands under none of a list.
		ClientAuth: tls.RequireAnyClientCert,
		VerifyConnection: func(cs tls.ConnectionState) error {
			_, err := s.Who(cs)
			return err
		},
	}
}

// Who is the sender of a line whose handshake is done.
func (s *SenderServer) Who(cs tls.ConnectionState) (Known, error) {
	return Identify(cs.PeerCertificates, s.conf.Set().Roots(), s.conf.Known(), s.conf.Now())
}

func (s *SenderServer) own(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	if s.conf.Own != nil {
		return s.conf.Own()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now, ca := s.conf.Now(), s.conf.Set().Current
	if s.cert != nil && s.issuer == ca && now.Before(s.until) {
		return s.cert, nil
	}
	cert, err := ca.IssueServer(s.conf.Hosts, now)
	if err != nil {
		return nil, err
	}
	s.cert, s.issuer, s.until = &cert, ca, now.Add(serverLife*2/3)
	return s.cert, nil
}

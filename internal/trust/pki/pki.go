// Package pki is the hospital's private certificate authority and the TLS that
// follows from it: TLS 1.3 only, both sides with a certificate, nobody else
// served a byte.
//
// Two kinds of connection come to the one port, told apart by ALPN:
//   - stations ("http/1.1"): a certificate of our CA is required, and the
//     device must be known and not revoked (checked in VerifyConnection, which
//     also runs on resumed sessions);
//   - enrolment (ProtoEnrol): the client shows a self-signed certificate whose
//     name is a proof (HMAC-SHA-256) that it knows a live enrolment code, bound
//     to its own key and to our CA. A wrong proof ends in the handshake.
//
// The station pins the CA certificate by its SHA-256, so that a machine in the
// middle is noticed before the code is used. From then on it believes a set of
// authorities, so that they can be changed without a visit (Set).
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"net"
	"strings"
	"time"

	"wardlight/internal/fault"
)

// ProtoEnrol is the ALPN name of an enrolment.
const ProtoEnrol = "wardlight-enrol/1"

// ProtoStation is the ALPN name of everything else.
const ProtoStation = "http/1.1"

// Lifetimes. A device's certificate and central's own are renewed when two
// thirds of their life are over (Set.Due, Server).
const (
	caLife     = 10 * 365 * 24 * time.Hour
	serverLife = 365 * 24 * time.Hour
	deviceLife = 90 * 24 * time.Hour
	backdate   = time.Hour // stations' clocks lie
)

// CA is the authority: its certificate and its private key.
type CA struct {
	Cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewCA makes an authority.
func NewCA(now time.Time) (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fault.Wrap("pki.newca", "", err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Wardlight private CA"},
		NotBefore: now.Add(-backdate), NotAfter: now.Add(caLife),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		return nil, fault.Wrap("pki.newca", "", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fault.Wrap("pki.newca", "", err)
	}
	return &CA{cert, key}, nil
}

// Marshal renders certificate and key as PEM; it is a secret.
func (ca *CA) Marshal() ([]byte, error) {
	key, err := x509.MarshalPKCS8PrivateKey(ca.key)
	if err != nil {
		return nil, fault.Wrap("pki.marshal", "", err)
	}
	return append(CertPEM(ca.Cert.Raw), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...), nil
}

// ParseCA reads what Marshal wrote.
func ParseCA(b []byte) (*CA, error) {
	pair, err := tls.X509KeyPair(b, b)
	if err != nil {
		return nil, fault.As(fault.Corrupt, "pki.parseca", "", err)
	}
	cert, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return nil, fault.As(fault.Corrupt, "pki.parseca", "", err)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || !cert.IsCA {
		return nil, fault.New(fault.Corrupt, "pki.parseca", "", "not a P-256 authority")
	}
	return &CA{cert, key}, nil
}

// Fingerprint is the SHA-256 of a certificate in hexadecimal: what a person
// compares, and what a station pins.
func Fingerprint(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	return hex.EncodeToString(sum[:])
}

// CertPEM renders a certificate.
func CertPEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// ParseCert reads one PEM certificate.
func ParseCert(b []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(b)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, fault.New(fault.Corrupt, "pki.parsecert", "", "no PEM certificate")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	return cert, fault.As(fault.Corrupt, "pki.parsecert", "", err)
}

// IssueServer makes central's own certificate for these host names and
// addresses, with a fresh key.
func (ca *CA) IssueServer(hosts []string, now time.Time) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fault.Wrap("pki.issueserver", "", err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Wardlight central"},
		NotBefore: now.Add(-backdate), NotAfter: ca.until(now.Add(serverLife)),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			tmpl.IPAddresses = append(tmpl.IPAddresses, ip)
		} else if h != "" {
			tmpl.DNSNames = append(tmpl.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, ca.Cert, &key.PublicKey, ca.key)
	if err != nil {
		return tls.Certificate{}, fault.Wrap("pki.issueserver", "", err)
	}
	return tls.Certificate{Certificate: [][]byte{der, ca.Cert.Raw}, PrivateKey: key}, nil
}

// until is the end of a certificate: none outlives the authority that issued it.
func (ca *CA) until(t time.Time) time.Time {
	if ca.Cert.NotAfter.Before(t) {
		return ca.Cert.NotAfter
	}
	return t
}

// IssueDevice certifies a station's public key (SubjectPublicKeyInfo, P-256)
// under its id; DER comes back.
func (ca *CA) IssueDevice(spki []byte, station string, now time.Time) ([]byte, error) {
	pub, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return nil, fault.As(fault.Invalid, "pki.issuedevice", station, err)
	}
	if k, ok := pub.(*ecdsa.PublicKey); !ok || k.Curve != elliptic.P256() {
		return nil, fault.New(fault.Invalid, "pki.issuedevice", station, "the key is not P-256")
	}
	tmpl := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: station},
		NotBefore: now.Add(-backdate), NotAfter: ca.until(now.Add(deviceLife)),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, ca.Cert, pub, ca.key)
	return der, fault.Wrap("pki.issuedevice", station, err)
}

// StationTLS is a station's TLS: its own certificate, and the pinned CA set.
func StationTLS(cert tls.Certificate, pinned ...*x509.Certificate) *tls.Config {
	pool := x509.NewCertPool()
	for _, c := range pinned {
		pool.AddCert(c)
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert}, RootCAs: pool,
		NextProtos: []string{ProtoStation}, ClientSessionCache: tls.NewLRUClientSessionCache(4),
	}
}

// Proof shows knowledge of an enrolment code, bound to the station's key and
// to the CA that the station was told to expect.
func Proof(code string, spki []byte, caFingerprint string) string {
	mac := hmac.New(sha256.New, []byte(strings.ToUpper(strings.TrimSpace(code))))
	mac.Write([]byte("wardlight enrol v1\x00" + strings.ToLower(caFingerprint) + "\x00"))
	mac.Write(spki)
	return hex.EncodeToString(mac.Sum(nil))
}

// EnrolTLS is the TLS of an enrolment: a self-signed certificate that carries
// the proof, and a server whose chain ends in the CA of this fingerprint. The
// CA certificate comes back through found.
func EnrolTLS(key *ecdsa.PrivateKey, code, caFingerprint, host string, now time.Time, found func(ca *x509.Certificate)) (*tls.Config, error) {
	caFingerprint = strings.ToLower(strings.TrimSpace(caFingerprint))
	if b, err := hex.DecodeString(caFingerprint); err != nil || len(b) != sha256.Size {
		return nil, fault.Newf(fault.Invalid, "pki.enrol", host, "this is no fingerprint (%d characters): one has 64, digits and letters from a to f, and looks like 9f86d081…b0f00a08; 'wardlightd serve' and 'wardlightd ca list' print central's: copy it whole", len(caFingerprint))
	}
	spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, fault.Wrap("pki.enroltls", "", err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: Proof(code, spki, caFingerprint)},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		return nil, fault.Wrap("pki.enroltls", "", err)
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13, ServerName: host, NextProtos: []string{ProtoEnrol},
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		// The chain cannot be verified by the system's roots; VerifyConnection
		// holds it to the fingerprint that the person was given.
		InsecureSkipVerify: true, //nolint:gosec // verified just below, against the pinned fingerprint
		VerifyConnection: func(cs tls.ConnectionState) error {
			ca, err := pinnedChain(cs.PeerCertificates, caFingerprint, host)
			if err == nil {
				found(ca)
			}
			return err
		},
	}, nil
}

func pinnedChain(chain []*x509.Certificate, fingerprint, host string) (*x509.Certificate, error) {
	if len(chain) < 2 || !hmac.Equal([]byte(Fingerprint(chain[len(chain)-1])), []byte(strings.ToLower(strings.TrimSpace(fingerprint)))) {
		return nil, fault.New(fault.Denied, "pki.enrol", host, "the server is not the one whose fingerprint you were given; do not go on, ask whoever gave you the code")
	}
	pool := x509.NewCertPool()
	pool.AddCert(chain[len(chain)-1])
	if _, err := chain[0].Verify(x509.VerifyOptions{DNSName: host, Roots: pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}); err != nil {
		return nil, fault.As(fault.Denied, "pki.enrol", host, err)
	}
	return chain[len(chain)-1], nil
}

// serial is 128 random bits (CA/Browser Forum asks for 64).
func serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
	if err != nil {
		panic(err) // crypto/rand does not fail on any supported system
	}
	return n
}

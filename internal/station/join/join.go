// Package join is how a station becomes one: it makes the device's key, brings
// the enrolment code to central, and keeps what comes back. Later it asks
// central who may sign in, and for central's half of what opens the cache.
//
// What is kept where: the folder's station.json holds nothing secret (id,
// servers, certificates, central's public keys); the device's private key and
// its device secret lie in the operating system's keyring under the station's
// own account. The code is read from a file, used once, and never stored.
package join

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base32"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
)

// Config is what a station knows about itself; station.json in its folder.
type Config struct {
	Version    int              `json:"version"` // 1
	Station    record.StationID `json:"station"`
	Place      string           `json:"place"`
	Wards      []record.Ward    `json:"wards"`
	Servers    []string         `json:"servers"`         // https://HOST:PORT, tried in turn
	Cert       []byte           `json:"cert"`            // DER
	CA         []byte           `json:"ca"`              // DER: the authority that issued Cert
	Roots      [][]byte         `json:"roots,omitempty"` // DER: the authorities to believe beside CA
	JournalKey []byte           `json:"journalKey"`      // central's newest that is believed
	// Handovers lead to it from those of before, which signed what is of before.
	Handovers []record.Handover `json:"handovers,omitempty"`
	Recovery  string            `json:"recovery"`
	Home      string            `json:"home,omitempty"`  // folder in the station's, of an identity after the first; "" is the folder itself
	Phone     string            `json:"phone,omitempty"` // whom to phone for results when the network is out
}

const fileName = "station.json"

// Load reads a station's configuration.
func Load(dir string) (Config, error) {
	var c Config
	b, err := os.ReadFile(filepath.Join(dir, fileName)) //nolint:gosec // the station's own folder
	if errors.Is(err, os.ErrNotExist) {
		return c, fault.New(fault.NotFound, "join.load", dir, "this folder holds no station; enrol the computer first: wardlight enrol --data DIR --server URL --ca-fingerprint HEX --code-file FILE")
	}
	if err != nil {
		return c, fault.As(fault.Unavailable, "join.load", dir, err)
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return c, fault.As(fault.Corrupt, "join.load", dir, err)
	}
	if c.Version != 1 {
		return c, fault.Newf(fault.Unsupported, "join.load", dir, "the station's file has version %d; this program knows 1", c.Version)
	}
	return c, nil
}

// Save writes the configuration so that a crash leaves the old one or the new.
func (c Config) Save(dir string) error {
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return fault.Wrap("join.save", dir, err)
	}
	tmp := filepath.Join(dir, fileName+".new")
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // the station's own folder
	if err != nil {
		return fault.As(fault.Unavailable, "join.save", dir, err)
	}
	_, err = f.Write(append(b, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp, filepath.Join(dir, fileName))
	}
	return fault.As(fault.Unavailable, "join.save", dir, err)
}

// Secret is what the keyring holds for one station.
type Secret struct {
	Version int    `json:"v"`      // 1
	Device  []byte `json:"device"` // 32 random bytes, mixed into every slot
	Key     []byte `json:"key"`    // P-256 private key, PKCS #8
	// Next is the device secret that follows, while it is being changed: the mark in
	// the slots file says which of the two is in use.
	Next []byte `json:"next,omitempty"`
	// NextKey is the device key that follows, while it is being changed: the certificate in
	// station.json says which of the two is in use.
	NextKey []byte `json:"nextKey,omitempty"`
}

// InUse is the secret with the device key that the certificate is of; changed says that it
// was the one that follows.
func (sec Secret) InUse(cert []byte) (out Secret, changed bool) {
	leaf, err := x509.ParseCertificate(cert)
	if err != nil || len(sec.NextKey) == 0 {
		return sec, false
	}
	next, err := Secret{Key: sec.NextKey}.PrivateKey()
	if err != nil || !next.PublicKey.Equal(leaf.PublicKey) {
		return sec, false
	}
	sec.Key, sec.NextKey = sec.NextKey, nil
	return sec, true
}

// Secrets is the keyring, as far as a station needs it.
type Secrets interface {
	Get(ctx context.Context, account string) ([]byte, error)
	Set(ctx context.Context, account string, secret []byte) error
}

// Account is the keyring account of a station: two stations on one computer
// share nothing.
func Account(s record.StationID) string { return "station/" + string(s) }

// LoadSecret reads a station's secret.
func LoadSecret(ctx context.Context, s Secrets, id record.StationID) (Secret, error) {
	var sec Secret
	b, err := s.Get(ctx, Account(id))
	if err != nil {
		return sec, fault.Wrap("join.secret", string(id), err)
	}
	defer clear(b)
	if err := json.Unmarshal(b, &sec); err != nil || sec.Version != 1 || len(sec.Device) != 32 || len(sec.Next) != 0 && len(sec.Next) != 32 {
		return sec, fault.New(fault.Corrupt, "join.secret", string(id), "the keyring's entry for this computer is damaged; unsent work is safe in the outbox file, ask IT to recover it and to enrol the computer again")
	}
	return sec, nil
}

// Save keeps the secret in the keyring.
func (sec Secret) Save(ctx context.Context, s Secrets, id record.StationID) error {
	b, err := json.Marshal(sec)
	if err != nil {
		return fault.Wrap("join.secret", string(id), err)
	}
	defer clear(b)
	return fault.Wrap("join.secret", string(id), s.Set(ctx, Account(id), b))
}

// PrivateKey is the device's key.
func (sec Secret) PrivateKey() (*ecdsa.PrivateKey, error) {
	k, err := x509.ParsePKCS8PrivateKey(sec.Key)
	if err != nil {
		return nil, fault.As(fault.Corrupt, "join.key", "", err)
	}
	key, ok := k.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fault.New(fault.Corrupt, "join.key", "", "the device key is not P-256")
	}
	return key, nil
}

// Request is an enrolment as a person asks for it.
type Request struct {
	Server        string // https://HOST:PORT
	CAFingerprint string // hexadecimal SHA-256
	Code          string
	Place         string // the computer's name, as colleagues will read it
}

// Joined is a finished enrolment, not yet stored.
type Joined struct {
	Config Config
	Secret Secret
	Share  []byte // central's half of what opens the cache; not to be stored
}

// Enrol brings the code to central.
func Enrol(ctx context.Context, req Request, now time.Time) (Joined, error) {
	u, err := url.Parse(strings.TrimSpace(req.Server))
	if err != nil || u.Scheme != "https" || u.Port() == "" {
		return Joined{}, fault.New(fault.Invalid, "join.enrol", "", "the server is named https://HOST:PORT")
	}
	if req.Code, err = readCode(req.Code); err != nil {
		return Joined{}, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Joined{}, fault.Wrap("join.enrol", u.Host, err)
	}
	j, ask, err := prepare(key, req)
	if err != nil {
		return Joined{}, err
	}
	var ca *x509.Certificate
	conf, err := pki.EnrolTLS(key, req.Code, req.CAFingerprint, u.Hostname(), now, func(c *x509.Certificate) { ca = c })
	if err != nil {
		return Joined{}, err
	}
	ans, err := exchange(ctx, u.Host, conf, ask)
	if err != nil {
		return Joined{}, err
	}
	if ans.Error != "" {
		return Joined{}, fault.New(fault.Denied, "join.enrol", u.Host, ans.Error)
	}
	if !bytes.Equal(ans.CA, ca.Raw) {
		return Joined{}, fault.New(fault.Denied, "join.enrol", u.Host, "the server named another authority than its own; do not go on")
	}
	j.Config.Servers = []string{"https://" + u.Host}
	j.Config.Cert, j.Config.CA, j.Config.JournalKey, j.Config.Recovery = ans.Cert, ans.CA, ans.JournalKey, ans.Recovery
	for _, w := range ans.Wards {
		j.Config.Wards = append(j.Config.Wards, record.Ward(w))
	}
	return j, nil
}

// prepare makes the station's id, secrets and request.
func prepare(key *ecdsa.PrivateKey, req Request) (Joined, pki.JoinRequest, error) {
	random := make([]byte, 32+32+8)
	if _, err := rand.Read(random); err != nil {
		return Joined{}, pki.JoinRequest{}, fault.Wrap("join.enrol", "", err)
	}
	name := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(random[64:]))
	id := record.StationID("s" + name[:12])
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Joined{}, pki.JoinRequest{}, fault.Wrap("join.enrol", string(id), err)
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: string(id)}}, key)
	if err != nil {
		return Joined{}, pki.JoinRequest{}, fault.Wrap("join.enrol", string(id), err)
	}
	j := Joined{
		Config: Config{Version: 1, Station: id, Place: req.Place},
		Secret: Secret{Version: 1, Device: random[:32], Key: pkcs8},
		Share:  random[32:64],
	}
	return j, pki.JoinRequest{Version: 1, Station: string(id), CSR: csr, Place: req.Place, Share: j.Share}, nil
}

func exchange(ctx context.Context, host string, conf *tls.Config, ask pki.JoinRequest) (pki.JoinAnswer, error) {
	var ans pki.JoinAnswer
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	c, err := (&tls.Dialer{NetDialer: &net.Dialer{Timeout: 10 * time.Second}, Config: conf}).DialContext(ctx, "tcp", host)
	if err != nil {
		return ans, enrolError(host, err)
	}
	defer func() { _ = c.Close() }()
	deadline, _ := ctx.Deadline()
	_ = c.SetDeadline(deadline)
	if err := pki.WriteLine(c, ask); err != nil {
		return ans, enrolError(host, err)
	}
	if err := pki.ReadLine(c, &ans); err != nil {
		return ans, enrolError(host, err)
	}
	return ans, nil
}

// enrolError puts what the network says into what a person can act on.
func enrolError(host string, err error) error {
	var op *net.OpError
	var alert tls.AlertError
	switch {
	case fault.Is(err, fault.Denied):
		return err
	case errors.As(err, &alert), strings.Contains(err.Error(), "remote error"), errors.Is(err, io.EOF):
		return fault.New(fault.Denied, "join.enrol", host, "the server turned the code away: it is wrong, used, or older than ten minutes, or too many wrong ones came in this minute; ask for a new one")
	case errors.As(err, &op):
		return fault.New(fault.Unavailable, "join.enrol", host, "the server does not answer at this address; check address and network, then try again: the code still works")
	}
	return fault.As(fault.Unavailable, "join.enrol", host, err)
}

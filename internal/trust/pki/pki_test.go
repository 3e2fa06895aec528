package pki_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
)

type world struct {
	ca     *pki.CA
	addr   string
	code   string
	known  map[string]bool
	server *pki.Server
	later  time.Duration // added to central's clock
}

// serve answers every completed handshake with one word, so that a test can
// tell "served" from "turned away in the handshake".
func serve(t *testing.T) *world {
	t.Helper()
	ca, err := pki.NewCA(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{ca: ca, code: "AB12-SECRETSECRET", known: map[string]bool{"sgood": true}}
	w.server, err = pki.NewServer(pki.ServerConfig{
		Set: pki.Set{Current: ca}, Hosts: []string{"127.0.0.1"}, Now: func() time.Time { return time.Now().Add(w.later) },
		Station: func(id string, _ []byte) error {
			if !w.known[id] {
				return fault.New(fault.Denied, "test", id, "revoked")
			}
			return nil
		},
		Enrol: func(proof string, spki []byte) error {
			if proof != pki.Proof(w.code, spki, pki.Fingerprint(ca.Cert)) {
				return fault.New(fault.Denied, "test", "", "wrong code")
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := tls.Listen("tcp", "127.0.0.1:0", w.server.Config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	w.addr = ln.Addr().String()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if c.(*tls.Conn).Handshake() == nil {
					_, _ = io.WriteString(c, "served")
				}
			}()
		}
	}()
	return w
}

func dial(t *testing.T, addr string, conf *tls.Config) string {
	t.Helper()
	c, err := tls.DialWithDialer(&net.Dialer{Timeout: 5 * time.Second}, "tcp", addr, conf)
	if err != nil {
		return ""
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	b, _ := io.ReadAll(c)
	return string(b)
}

func key(t *testing.T) (*ecdsa.PrivateKey, []byte) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return k, spki
}

func station(t *testing.T, ca *pki.CA, id string, when time.Time) tls.Certificate {
	t.Helper()
	k, spki := key(t)
	der, err := ca.IssueDevice(spki, id, when)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: k}
}

func TestOnlyKnownStationsAreServed(t *testing.T) {
	w := serve(t)
	other, _ := pki.NewCA(time.Now())
	stationConf := func(c tls.Certificate) *tls.Config { return pki.StationTLS(c, w.ca.Cert) }
	old := stationConf(station(t, w.ca, "sgood", time.Now()))
	old.MaxVersion, old.MinVersion = tls.VersionTLS12, tls.VersionTLS12
	noCert := pki.StationTLS(tls.Certificate{}, w.ca.Cert)
	noCert.Certificates = nil
	for name, c := range map[string]struct {
		conf *tls.Config
		want string
	}{
		"an enrolled station":           {stationConf(station(t, w.ca, "sgood", time.Now())), "served"},
		"a revoked station":             {stationConf(station(t, w.ca, "srevoked", time.Now())), ""},
		"an expired certificate":        {stationConf(station(t, w.ca, "sgood", time.Now().Add(-91*24*time.Hour))), ""},
		"a stranger's authority":        {stationConf(station(t, other, "sgood", time.Now())), ""},
		"no certificate":                {noCert, ""},
		"TLS 1.2":                       {old, ""},
		"a station that trusts another": {pki.StationTLS(station(t, w.ca, "sgood", time.Now()), other.Cert), ""},
	} {
		if got := dial(t, w.addr, c.conf); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestEnrolmentNeedsTheCodeAndTheFingerprint(t *testing.T) {
	w := serve(t)
	fp := pki.Fingerprint(w.ca.Cert)
	try := func(code, fingerprint string) (string, bool) {
		k, _ := key(t)
		found := false
		conf, err := pki.EnrolTLS(k, code, fingerprint, "127.0.0.1", time.Now(), func(*x509.Certificate) { found = true })
		if err != nil {
			t.Fatal(err)
		}
		return dial(t, w.addr, conf), found
	}
	if got, found := try(" ab12-secretsecret\n", strings.ToUpper(fp)); got != "served" || !found {
		t.Errorf("the right code: %q, CA found %v", got, found)
	}
	if got, _ := try("AB12-WRONG", fp); got != "" {
		t.Errorf("a wrong code was served %q", got)
	}
	if got, found := try(w.code, strings.Repeat("0", 64)); got != "" || found {
		t.Errorf("a wrong fingerprint: served %q, CA accepted %v", got, found)
	}
}

// A proof made for one key is worth nothing with another: a recorded proof
// cannot be used again by whoever recorded it.
func TestProofIsBoundToTheKeyAndTheCA(t *testing.T) {
	_, a := key(t)
	_, b := key(t)
	if pki.Proof("C", a, "f") == pki.Proof("C", b, "f") || pki.Proof("C", a, "f") == pki.Proof("C", a, "g") {
		t.Error("the proof is not bound")
	}
}

func TestCARoundTrip(t *testing.T) {
	ca, _ := pki.NewCA(time.Now())
	b, err := ca.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	again, err := pki.ParseCA(b)
	if err != nil || pki.Fingerprint(again.Cert) != pki.Fingerprint(ca.Cert) {
		t.Fatal(err)
	}
	if _, err := pki.ParseCA([]byte("nonsense")); !fault.Is(err, fault.Corrupt) {
		t.Errorf("nonsense: %v", err)
	}
	if _, err := ca.IssueDevice([]byte("x"), "s", time.Now()); !fault.Is(err, fault.Invalid) {
		t.Errorf("a bad key: %v", err)
	}
}

// Whoever mistypes a fingerprint is told what one looks like, before anything is
// sent.
func TestAFingerprintThatIsNone(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	whole := strings.Repeat("9f", 32)
	for fp, ok := range map[string]bool{whole: true, " " + strings.ToUpper(whole) + "\n": true, whole[:40]: false, "": false, strings.Repeat("xy", 32): false} {
		_, err := pki.EnrolTLS(key, "code", fp, "host", time.Now(), nil)
		if ok != (err == nil) {
			t.Errorf("%q: %v", fp, err)
		}
		if err != nil && (!fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "64") || !strings.Contains(err.Error(), "wardlightd ca list")) {
			t.Errorf("%q: %v", fp, err)
		}
	}
}

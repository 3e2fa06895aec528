package seat_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/station/seat"
	"wardlight/internal/trust/pki"
)

func connected(t *testing.T, s *seat.Seat, want bool) {
	t.Helper()
	waitFor(t, fmt.Sprintf("the link is connected: %t", want), func() bool { return s.Link().Connected == want })
}

// The authority changes while the ward works: the station follows by itself, a
// restarted central still knows it, and so does a restarted station.
func TestTheAuthorityChangesWhileTheWardWorks(t *testing.T) {
	w, ctx := hospital(t), context.Background()
	dir := w.enrol()
	s := w.sit(dir)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	connected(t, s, true)
	first, err := join.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{"ca prepare", "ca switch", "ca retire"} {
		w.order(step, nil)
		if err := s.RenewCertificate(ctx); err != nil {
			t.Fatalf("after %s: %v", step, err)
		}
		s.Disconnect()
		connected(t, s, false)
		s.Connect()
		connected(t, s, true)
		if behind := w.order("ca list", nil)[0]["behind"]; behind != nil {
			t.Fatalf("after %s the station is behind: %v", step, behind)
		}
	}
	last, err := join.Load(dir)
	if err != nil || string(last.CA) == string(first.CA) || len(last.Roots) != 0 {
		t.Errorf("the station still believes the first authority (%d beside), %v", len(last.Roots), err)
	}
	w.stop()
	w.start()
	connected(t, s, true)
	_ = s.Close()
	s = w.sit(dir)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	connected(t, s, true)
}

// A hospital that has its own authority certifies ours with it, while the ward works;
// what its authority signs besides is believed by nobody here.
func TestTheHospitalsOwnAuthorityCertifiesOurs(t *testing.T) {
	w, ctx := hospital(t), context.Background()
	s := w.sit(w.enrol())
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	connected(t, s, true)
	if err := w.try("ca import", map[string]string{"cert": "x"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("nothing was asked for: %v", err)
	}
	rootKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Hospital root"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(9, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	csr, _ := pem.Decode([]byte(w.order("ca request", nil)[0]["csr"].(string)))
	w.stop() // the PKI team takes its days
	w.start()
	req, err := x509.ParseCertificateRequest(csr.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	ours := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: req.Subject, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(4, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, ours, root, req.PublicKey, rootKey)
	if err != nil {
		t.Fatal(err)
	}
	w.order("ca import", map[string]string{"cert": string(pki.CertPEM(der))})
	if n := w.putOnRecord("ca import", "after next authority"); n != 1 {
		t.Errorf("the authority is on record %d times, want once", n)
	}
	connected(t, s, true)
	for _, step := range []string{"", "ca switch", "ca retire"} {
		if step != "" {
			w.order(step, nil)
		}
		if err := s.RenewCertificate(ctx); err != nil {
			t.Fatalf("after %q: %v", step, err)
		}
		s.Disconnect()
		connected(t, s, false)
		s.Connect()
		connected(t, s, true)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	if now := w.order("ca list", nil)[0]["current"]; now != pki.Fingerprint(cert) {
		t.Errorf("the authority is %v", now)
	}
	if err := w.try("ca import", map[string]string{"cert": string(pki.CertPEM(der))}); !fault.Is(err, fault.NotFound) {
		t.Errorf("imported twice: %v", err)
	}
	w.fp, w.dir = pki.Fingerprint(cert), t.TempDir()
	other := w.sit(w.enrol()) // a computer that begins with it
	if _, err := w.signIn(other, "481526"); err != nil {
		t.Fatal(err)
	}
	connected(t, other, true)
}

// Revoked means now: the open connection ends, and no other begins.
func TestARevokedComputerIsCutOffAtOnce(t *testing.T) {
	w := hospital(t)
	s := w.sitAs(seat.Config{}.Deaf(), w.enrol()) // it does not ask: only the connection can tell it
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	connected(t, s, true)
	w.order("revoke", map[string]string{"station": string(s.Info().Station)})
	connected(t, s, false)
	time.Sleep(time.Second) // long enough for it to come back, if it could
	if s.Link().Connected {
		t.Error("it is connected again")
	}
	if list := w.order("stations", nil); len(list) != 1 || list[0]["revoked"] == nil {
		t.Errorf("the list of computers: %v", list)
	}
}

// A step that would shut computers out is refused and changes nothing.
func TestARotationWaitsForEveryComputer(t *testing.T) {
	w := hospital(t)
	w.enrol() // and never started
	w.order("ca prepare", nil)
	if err := w.try("ca switch", nil); err == nil {
		t.Fatal("the switch shut a computer out")
	}
	if now := w.order("ca list", nil)[0]; now["next"] == nil || now["former"] != nil {
		t.Errorf("a refused step changed the authorities: %v", now)
	}
	w.order("ca switch", map[string]string{"force": "true"})
	if now := w.order("ca list", nil)[0]; now["next"] != nil || now["former"] == nil {
		t.Errorf("a forced step changed nothing: %v", now)
	}
}

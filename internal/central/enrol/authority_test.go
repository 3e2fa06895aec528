package enrol_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/trust/pki"
)

// computer is an enrolled station that keeps what it is told.
type computer struct {
	t *testing.T
	h *hospital
	join.Joined
}

func (h *hospital) computer(t *testing.T) *computer {
	t.Helper()
	j, err := h.enrol(t, h.code(t))
	if err != nil {
		t.Fatal(err)
	}
	return &computer{t, h, j}
}

// ask asks central about the certificate until nothing changes, as a running
// station does.
func (c *computer) ask() error {
	for range 3 {
		next, changed, err := c.h.door(c.t, c.Joined).Renew(context.Background(), c.Config, c.Secret)
		if err != nil || !changed {
			return err
		}
		c.Config = next
	}
	return fault.New(fault.Conflict, "test", "", "the answer changes at every question")
}

func (c *computer) served() bool {
	c.t.Helper()
	_, err := c.h.door(c.t, c.Joined).Share(context.Background())
	return err == nil
}

func (c *computer) leaf() *x509.Certificate {
	c.t.Helper()
	leaf, err := x509.ParseCertificate(c.Config.Cert)
	if err != nil {
		c.t.Fatal(err)
	}
	return leaf
}

const day = 24 * time.Hour

// A computer that runs never loses its place: two thirds into a certificate's
// life it gets another one. One that was away until it ended is turned away.
func TestACertificateIsRenewedLongBeforeItEnds(t *testing.T) {
	h := open(t)
	c, away := h.computer(t), h.computer(t)
	first := c.leaf()
	if err := c.ask(); err != nil || !c.leaf().Equal(first) {
		t.Fatalf("on the first day: %v, renewed %v", err, !c.leaf().Equal(first))
	}
	start := h.now
	for n := range 12 { // a year, asking once a month
		h.now = start.Add(time.Duration(n+1) * 30 * day)
		if err := c.ask(); err != nil {
			t.Fatalf("after %d months: %v", n+1, err)
		}
		if left := c.leaf().NotAfter.Sub(h.now); left < 29*day {
			t.Fatalf("after %d months only %v are left", n+1, left)
		}
	}
	if !c.served() {
		t.Error("a computer that asks is not served after a year")
	}
	if away.served() {
		t.Error("a certificate that ended months ago is served")
	}
	if !slices.Contains(h.audits, "certificate "+string(c.Config.Station)) {
		t.Error("the renewal is not on record")
	}
}

// The authority is changed without a visit to any computer, and without a
// moment in which one of them is not served.
func TestTheAuthorityIsChangedUnderLoad(t *testing.T) {
	h, ctx := open(t), context.Background()
	a, b := h.computer(t), h.computer(t)
	old := pki.Fingerprint(h.ca.Cert)
	step := func(name string, fn func(pki.Set) (pki.Set, error), behind ...record.StationID) {
		t.Helper()
		if got, err := h.office.Behind(ctx); err != nil || !slices.Equal(got, behind) {
			t.Errorf("before %s: behind %v, want %v, %v", name, got, behind, err)
		}
		set, err := fn(h.office.Authorities())
		if err == nil {
			err = h.office.Use(set)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !a.served() || !b.served() {
			t.Errorf("after %s: a served %v, b served %v", name, a.served(), b.served())
		}
	}
	step("prepare", func(s pki.Set) (pki.Set, error) { return s.Prepare(h.now) })
	if got, _ := h.office.Behind(ctx); len(got) != 2 {
		t.Errorf("nobody has heard of the next authority, yet behind are %v", got)
	}
	mustAsk(t, a, b)
	if len(a.Config.Roots) != 1 {
		t.Fatalf("a believes %d authorities beside its own", len(a.Config.Roots))
	}
	step("switch", pki.Set.Switch)
	if got, _ := h.office.Behind(ctx); len(got) != 2 {
		t.Errorf("nobody has renewed, yet behind are %v", got)
	}
	mustAsk(t, a, b)
	for _, c := range []*computer{a, b} {
		if c.leaf().CheckSignatureFrom(h.office.Authorities().Current.Cert) != nil {
			t.Error("a certificate is still the former authority's")
		}
	}
	step("retire", pki.Set.Retire)
	mustAsk(t, a, b)
	if len(a.Config.Roots) != 0 || pki.Fingerprint(h.office.Authorities().Current.Cert) == old {
		t.Error("the former authority is still believed")
	}
}

func mustAsk(t *testing.T, list ...*computer) {
	t.Helper()
	for _, c := range list {
		if err := c.ask(); err != nil {
			t.Fatal(err)
		}
	}
}

// A computer that slept through a forced rotation is turned away, resumed
// session or not; enrolling it again is the way back.
func TestAFormerAuthorityIsNotBelievedForEver(t *testing.T) {
	h := open(t)
	c := h.computer(t)
	conf, err := c.Config.TLS(c.Secret)
	if err != nil {
		t.Fatal(err)
	}
	if got := dialTwice(t, h.url, conf); got != 2 {
		t.Fatalf("served %d of 2 times before", got)
	}
	set := h.office.Authorities()
	for _, fn := range []func(pki.Set) (pki.Set, error){func(s pki.Set) (pki.Set, error) { return s.Prepare(h.now) }, pki.Set.Switch, pki.Set.Retire} {
		if set, err = fn(set); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.office.Use(set); err != nil {
		t.Fatal(err)
	}
	conf.RootCAs.AddCert(set.Current.Cert) // it would even believe the new one
	if got := dialTwice(t, h.url, conf); got != 0 {
		t.Errorf("served %d times with a certificate of an authority that is believed no more", got)
	}
}

// Nobody renews for another: the request is signed by the device's own key, and
// a revoked device is turned away.
func TestACertificateIsRenewedForItsOwnKeyOnly(t *testing.T) {
	h, ctx := open(t), context.Background()
	a, b := h.computer(t), h.computer(t)
	if _, _, err := h.door(t, a.Joined).Renew(ctx, a.Config, b.Secret); !fault.Is(err, fault.Denied) {
		t.Errorf("a request with another computer's key: %v", err)
	}
	if err := h.office.Revoke(ctx, string(a.Config.Station)); err != nil {
		t.Fatal(err)
	}
	if err := a.ask(); err == nil {
		t.Error("a revoked computer was answered")
	}
	if got, err := h.office.Behind(ctx); err != nil || len(got) != 0 {
		t.Errorf("a revoked computer holds up a rotation: %v, %v", got, err)
	}
}

// dialTwice connects twice with one configuration, so that the second
// connection resumes the first one's session where central lets it, and counts
// how often it was served.
func dialTwice(t *testing.T, url string, conf *tls.Config) (served int) {
	t.Helper()
	for range 2 {
		c, err := tls.Dial("tcp", strings.TrimPrefix(url, "https://"), conf)
		if err != nil {
			continue
		}
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		_, err = io.WriteString(c, "GET /v1/share HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		if b, rerr := io.ReadAll(c); err == nil && rerr == nil && strings.Contains(string(b), "200 OK") {
			served++
		}
		_ = c.Close()
	}
	return served
}

package mllpd_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"wardlight/internal/central/mllpd"
	"wardlight/internal/interop/hl7"
)

// Lines that have not shown who they are, and lines that have, are counted apart: neither
// takes the other's room. One that says nothing is let go of, and is told of.
func TestStrangersTakeNoSendersRoom(t *testing.T) {
	var mu sync.Mutex
	told := map[mllpd.Why]int{}
	d := open(t, func(c *mllpd.Config) {
		c.MaxConns, c.MaxStrangers, c.HelloTimeout = 2, 2, 2*time.Second
		c.Refused = func(r mllpd.Refusal) {
			mu.Lock()
			defer mu.Unlock()
			told[r.Why]++
		}
	})
	addr := d.secure()
	one := d.known(addr)
	if one == nil || one.send(adt("A01", "1", "20261121081000", pid, visit)) == nil {
		t.Fatal("the first sender is not served")
	}
	mute, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	time.Sleep(50 * time.Millisecond)
	two := d.known(addr) // beside one sender and one stranger
	if two == nil || two.send(adt("A08", "2", "20261121091000", pid, visit)) == nil {
		t.Error("a stranger takes a sender's room")
	}
	if three := d.known(addr); three != nil && three.send(adt("A08", "3", "20261121092000", pid, visit)) != nil {
		t.Error("a third sender is served, two may be")
	}
	if one.send(adt("A08", "4", "20261121093000", pid, visit)) == nil {
		t.Error("the first sender was disturbed")
	}
	_ = mute.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := mute.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("who says nothing is not let go of: %v", err)
	}
	once := func() bool { // a line is ended before it is told of
		mu.Lock()
		defer mu.Unlock()
		return told[mllpd.SlowHello] == 1 && told[mllpd.NoRoom] == 1
	}
	for end := time.Now().Add(10 * time.Second); !once() && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if mu.Lock(); len(told) != 2 || told[mllpd.SlowHello] != 1 || told[mllpd.NoRoom] != 1 {
		t.Errorf("told of %v", told)
	}
	mu.Unlock()
}

func isTimeout(err error) bool {
	ne, ok := err.(net.Error) //nolint:errorlint // as net gives it
	return ok && ne.Timeout()
}

// secure opens a port that speaks TLS and takes every certificate.
func (d *door) secure() string {
	d.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		d.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- d.s.ServeTLS(ctx, ln, mllpd.Secure{
			Config: &tls.Config{Certificates: []tls.Certificate{selfSigned(d.T)}, MinVersion: tls.VersionTLS12, ClientAuth: tls.RequireAnyClientCert},
			Who:    func(tls.ConnectionState) (mllpd.Line, error) { return mllpd.Line{Sender: "lab"}, nil },
		})
	}()
	d.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			d.Error(err)
		}
	})
	return ln.Addr().String()
}

// known is a sender's line over TLS; nil where it was turned away.
func (d *door) known(addr string) *line {
	d.Helper()
	c, err := tls.DialWithDialer(&net.Dialer{Timeout: 10 * time.Second}, "tcp", addr, &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{selfSigned(d.T)}})
	if err != nil {
		return nil
	}
	d.Cleanup(func() { _ = c.Close() })
	return &line{T: d.T, net: c, dec: hl7.NewDecoder(c, 0)}
}

func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

package enrol_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// An enrolled computer that sends its request a byte at a time is not waited for;
// others sign in meanwhile.
func TestARequestThatDripsIsNotWaitedFor(t *testing.T) {
	h := openWithin(t, 300*time.Millisecond)
	j, err := h.enrol(t, h.code(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.office.AddUser(context.Background(), record.Account{User: "g.mensah", Name: "Grace Mensah", Role: "nurse", Wards: []record.Ward{"4B"}}, "482915"); err != nil {
		t.Fatal(err)
	}
	conf, err := j.Config.TLS(j.Secret)
	if err != nil {
		t.Fatal(err)
	}
	c, err := tls.Dial("tcp", strings.TrimPrefix(h.url, "https://"), conf)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	begun := time.Now()
	if _, err := fmt.Fprint(c, "POST /v1/sign-in HTTP/1.1\r\nHost: central\r\nContent-Length: 40\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.door(t, j).SignIn(context.Background(), "g.mensah", "482915"); err != nil {
		t.Errorf("another one meanwhile: %v", err)
	}
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err == nil {
		_ = resp.Body.Close()
	}
	if waited := time.Since(begun); waited > 5*time.Second || err == nil && resp.StatusCode == http.StatusOK {
		t.Errorf("it was waited for %v: %v", waited, err)
	}
}

// An order that nobody gave cannot be claimed: a computer that says that it was
// wiped, or hands over an outbox file of its own accord, is refused.
func TestNobodyIsWipedUnasked(t *testing.T) {
	h := open(t)
	j, err := h.enrol(t, h.code(t))
	if err != nil {
		t.Fatal(err)
	}
	peer := record.Peer{Device: record.Device{Station: j.Config.Station}}
	if err := h.office.Wiped(context.Background(), peer, 0); !fault.Is(err, fault.Denied) {
		t.Errorf("wiped unasked: %v", err)
	}
	if err := h.office.OrderWipe(context.Background(), string(j.Config.Station)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.door(t, j).Share(context.Background()); !fault.Is(err, fault.Denied) {
		t.Errorf("a computer that is to be wiped got its share: %v", err)
	}
	if _, err := h.door(t, j).SignIn(context.Background(), "g.mensah", "482915"); !fault.Is(err, fault.Denied) {
		t.Errorf("somebody signed in at a computer that is to be wiped: %v", err)
	}
}

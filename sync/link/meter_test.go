package link_test

import (
	"context"
	"crypto/tls"
	"net"
	"testing"
	"time"

	"wardlight/sync/link"
)

// A meter counts the socket's bytes: those of the handshake too.
func TestAMeterCountsTheSocket(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	const answer = "no TLS here"
	read := make(chan int, 1)
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			read <- 0
			return
		}
		defer conn.Close()
		n, _ := conn.Read(make([]byte, 4096)) // the client's hello comes in one piece
		_, _ = conn.Write([]byte(answer))
		read <- n
	}()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var m link.Meter
	if _, err := link.DialMetered(ctx, "https://"+ln.Addr().String(), &tls.Config{}, &m); err == nil {
		t.Fatal("a stranger was taken for central")
	}
	received, sent := m.Bytes()
	if n := int64(<-read); n == 0 || sent < n || received == 0 || received > int64(len(answer)) {
		t.Errorf("%d bytes in and %d out are counted; %d went out", received, sent, n)
	}
}

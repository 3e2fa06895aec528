package demo

import (
	"io"
	"net"
	"testing"
	"time"
)

// A cut cable swallows and refuses; a mended one has forgotten the old lines.
func TestTheCableIsReallyCut(t *testing.T) {
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		for {
			c, err := echo.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c) }()
		}
	}()
	n, err := NewNetwork(echo.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	says := func(c net.Conn) bool {
		_ = c.SetDeadline(time.Now().Add(300 * time.Millisecond))
		_, err := c.Write([]byte("x"))
		if err == nil {
			_, err = io.ReadFull(c, make([]byte, 1))
		}
		return err == nil
	}
	old, err := net.Dial("tcp", n.Addr())
	if err != nil || !says(old) {
		t.Fatal("the cable does not carry", err)
	}
	n.Cut()
	if says(old) {
		t.Error("a cut cable carries")
	}
	if c, err := net.Dial("tcp", n.Addr()); err == nil && says(c) {
		t.Error("a cut cable takes new lines")
	}
	if err := n.Mend(); err != nil {
		t.Fatal(err)
	}
	fresh, err := net.Dial("tcp", n.Addr())
	if err != nil || !says(fresh) {
		t.Error("the mended cable does not carry", err)
	}
}

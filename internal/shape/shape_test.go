package shape_test

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wardlight/internal/shape"
)

// echo answers what it gets.
func echo(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(c, c)
				_ = c.Close()
			}()
		}
	}()
	return ln.Addr().String()
}

// there is how long n bytes take there and back.
func there(t *testing.T, line shape.Line, n int) time.Duration {
	t.Helper()
	p, err := shape.Listen("127.0.0.1:0", echo(t), line)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sent := bytes.Repeat([]byte("0123456789abcdef"), n/16)
	began := time.Now()
	go func() { _, _ = c.Write(sent) }()
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("what came back is not what went: %v", err)
	}
	if up, down := p.Bytes(); up != int64(n) || down != int64(n) {
		t.Errorf("counted %d up and %d down, want %d", up, down, n)
	}
	return time.Since(began)
}

func TestALineIsAsPoorAsItSays(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent(), goleak.IgnoreTopFunction("internal/poll.runtime_pollWait"))
	if took := there(t, shape.Line{Delay: 200 * time.Millisecond}, 16); took < 200*time.Millisecond {
		t.Errorf("a delay of 200 ms took %v", took)
	}
	// What is on the way at the beginning costs nothing: a tenth is let pass. How
	// much longer it takes is the machine's matter.
	if took := there(t, shape.Line{Rate: 40_000}, 16_000); took < 360*time.Millisecond {
		t.Errorf("16,000 bytes at 40,000 a second took %v", took)
	}
	stalled := shape.Line{Rate: 40_000, Stall: 300 * time.Millisecond, Every: 400 * time.Millisecond}
	if took := there(t, stalled, 16_000); took < time.Second {
		t.Errorf("a line that stands still three quarters of the time took %v", took)
	}
}

package simtest_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/sync/client"
	"wardlight/sync/hub"
	"wardlight/sync/link"
	"wardlight/sync/wire"
)

// counted is a connection that counts what goes over it: bytes, and frames
// that are packed.
type counted struct {
	client.Conn
	bytes, sent, received *atomic.Int64
}

func (c counted) Read(ctx context.Context) ([]byte, error) {
	f, err := c.Conn.Read(ctx)
	if err == nil {
		c.bytes.Add(int64(len(f)))
		c.received.Add(packedFrame(f))
	}
	return f, err
}

func (c counted) Write(ctx context.Context, f []byte) error {
	c.sent.Add(packedFrame(f))
	return c.Conn.Write(ctx, f)
}

func packedFrame(f []byte) int64 { return int64(f[2]) >> 1 & 1 }

// Packed frames go where both sides know of them and nowhere else, and what
// arrives is the same.
func TestPackingIsAgreedOn(t *testing.T) {
	older := []wire.Capability{wire.CapPacked}
	plain := int64(0)
	for _, c := range []struct {
		name             string
		central, station []wire.Capability
		packed           bool
	}{
		{"an older station", nil, older, false},
		{"an older central", older, nil, false},
		{"both of today", nil, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := openHouse(t, hub.Timing{Idle: 20 * time.Millisecond}, c.central...)
			h.fill(500)
			var bytes, sent, received atomic.Int64
			conf := h.tlsOf(h.ca, "sa")
			a := h.run("sa", func(ctx context.Context, server string) (client.Conn, error) {
				conn, err := link.Dial(ctx, server, conf)
				return counted{conn, &bytes, &sent, &received}, err
			}, quickly, c.station)
			eventually(t, "it is filled", 10*time.Second, func() bool { return a.link().CaughtUp })
			// What is short goes plain where the line has been found to be quick, as
			// loopback may have been by now.
			id := a.write(strings.Repeat("long enough to be worth it; ", 200))
			eventually(t, "what was written is receipted", 10*time.Second, func() bool { return a.receipted(id) })
			if !a.holds("Communication", string(id)) {
				t.Error("what was written did not come back")
			}
			if got := received.Load() > 0; got != c.packed {
				t.Errorf("%d packed frames came to the station", received.Load())
			}
			if got := sent.Load() > 0; got != c.packed {
				t.Errorf("%d packed frames went to central", sent.Load())
			}
			switch {
			case !c.packed:
				plain = bytes.Load()
			case 4*bytes.Load() > plain:
				t.Errorf("%d bytes packed, %d plain: it is not worth it", bytes.Load(), plain)
			}
		})
	}
}

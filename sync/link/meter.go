package link

import (
	"context"
	"net"
	"sync/atomic"
)

// Meter counts what goes over the sockets of a station's connections, TLS and
// HTTP included: what a line is paid for. Its zero value is ready.
type Meter struct{ received, sent atomic.Int64 }

// Bytes is the count so far.
func (m *Meter) Bytes() (received, sent int64) { return m.received.Load(), m.sent.Load() }

// dial opens a socket that is counted.
func (m *Meter) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, addr)
	if err != nil || m == nil {
		return conn, err
	}
	return metered{conn, m}, nil
}

type metered struct {
	net.Conn
	m *Meter
}

func (c metered) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.m.received.Add(int64(n))
	return n, err
}

func (c metered) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.m.sent.Add(int64(n))
	return n, err
}

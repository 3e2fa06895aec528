package demo

import (
	"context"
	"io"
	"net"
	"sync"
	"time"

	"wardlight/internal/fault"
)

// Network is the cable between the stations and central: a proxy on loopback
// that can be cut. Cut, it forwards nothing more and takes no new connection;
// what was connected is left hanging, as a pulled cable leaves it. Mended, the
// old connections are gone and new ones pass. Safe for concurrent use.
type Network struct {
	addr   string // where stations connect
	target string // where central listens

	mu    sync.Mutex
	ln    net.Listener
	cut   bool
	conns map[net.Conn]bool
}

// NewNetwork lays a cable to target.
func NewNetwork(target string) (*Network, error) {
	ln, err := listen("127.0.0.1:0")
	if err != nil {
		return nil, fault.As(fault.Unavailable, "demo.network", target, err)
	}
	n := &Network{addr: ln.Addr().String(), target: target, ln: ln, conns: map[net.Conn]bool{}}
	go n.serve(ln)
	return n, nil
}

func listen(addr string) (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
}

// Addr is where stations connect.
func (n *Network) Addr() string { return n.addr }

func (n *Network) serve(ln net.Listener) {
	for {
		near, err := ln.Accept()
		if err != nil {
			return
		}
		go n.join(near)
	}
}

func (n *Network) join(near net.Conn) {
	far, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(context.Background(), "tcp", n.target)
	if err != nil {
		_ = near.Close() // central is down: the station sees a closed line
		return
	}
	n.mu.Lock()
	if n.cut {
		n.mu.Unlock()
		_ = near.Close()
		_ = far.Close()
		return
	}
	n.conns[near], n.conns[far] = true, true
	n.mu.Unlock()
	go n.pump(near, far)
	n.pump(far, near)
}

// pump copies one way until the line ends; what arrives while the cable is cut
// is swallowed.
func (n *Network) pump(dst, src net.Conn) {
	_, err := io.Copy(&gate{n, dst}, src)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cut && err == nil {
		return // the other end must not learn of it before the cable is mended
	}
	delete(n.conns, dst)
	delete(n.conns, src)
	_ = dst.Close()
	_ = src.Close()
}

type gate struct {
	n   *Network
	dst net.Conn
}

// Write passes bytes on, unless the cable is cut.
func (g *gate) Write(b []byte) (int, error) {
	g.n.mu.Lock()
	cut := g.n.cut
	g.n.mu.Unlock()
	if cut {
		return len(b), nil
	}
	return g.dst.Write(b)
}

// Cut pulls the cable.
func (n *Network) Cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.cut {
		n.cut = true
		_ = n.ln.Close()
	}
}

// Mend plugs it in again.
func (n *Network) Mend() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.cut {
		return nil
	}
	for c := range n.conns {
		_ = c.Close()
	}
	clear(n.conns)
	ln, err := listen(n.addr)
	if err != nil {
		return fault.As(fault.Unavailable, "demo.mend", n.addr, err)
	}
	n.ln, n.cut = ln, false
	go n.serve(ln)
	return nil
}

// Close takes the cable away.
func (n *Network) Close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	_ = n.ln.Close()
	for c := range n.conns {
		_ = c.Close()
	}
}

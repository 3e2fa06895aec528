package node

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// maxWaiting is how many connections may be open whose other side has not shown
// yet who it is. Each costs a goroutine and the buffers of a handshake for at most
// handshakeWithin; more than that are left to wait in the system's queue, which is
// bounded too. A ward's computers that come back all at once take milliseconds
// each.
const maxWaiting = 512

// handshakeWithin bounds the handshake and the first request's header.
const handshakeWithin = 10 * time.Second

// doorkeeper is a listener that lets so many strangers in at a time.
type doorkeeper struct {
	net.Listener
	places chan struct{}
	inside sync.Map // net.Conn: a place is taken for it
	closed chan struct{}
	once   sync.Once
}

func keepDoor(ln net.Listener, places int) *doorkeeper {
	return &doorkeeper{Listener: ln, places: make(chan struct{}, places), closed: make(chan struct{})}
}

// Accept waits for a place, then for somebody to take it.
func (d *doorkeeper) Accept() (net.Conn, error) {
	select {
	case d.places <- struct{}{}:
	case <-d.closed:
		return nil, net.ErrClosed
	}
	c, err := d.Listener.Accept()
	if err != nil {
		<-d.places
		return nil, err
	}
	d.inside.Store(c, true)
	return c, nil
}

// Close implements net.Listener.
func (d *doorkeeper) Close() error {
	d.once.Do(func() { close(d.closed) })
	return d.Listener.Close()
}

// known is told by the HTTP server what becomes of a connection: with its first
// request, or its end, the place is free again.
func (d *doorkeeper) known(c net.Conn, s http.ConnState) {
	if s == http.StateNew {
		return
	}
	if _, held := d.inside.LoadAndDelete(c); held {
		<-d.places
	}
}

// Package shape plays a poor line: a TCP proxy with a rate, a delay and
// stalls, for measuring and testing. Only cmd/wardsim, internal/bench and tests
// use it; no shipped program passes data through it.
//
// Each direction is a line of its own: bytes leave it at Rate, arrive half of
// Delay later, and every Every it stands still for Stall. It takes little ahead
// of what it can send (small socket buffers), so that what waits, waits at the
// sender, as behind a real modem. Connections through it are otherwise whole:
// nothing is lost, doubled or reordered, for TCP would mend that.
package shape

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"wardlight/internal/fault"
)

// Line says how poor a line is. Zero fields mean no limit.
type Line struct {
	Rate  int           // bytes a second, each way
	Delay time.Duration // there and back
	Stall time.Duration // how long it stands still …
	Every time.Duration // … and how often
}

// Named are lines that workloads name.
var Named = map[string]Line{
	"64k":         {Rate: 8_000, Delay: 600 * time.Millisecond},
	"64k-stalled": {Rate: 8_000, Delay: 600 * time.Millisecond, Stall: 4 * time.Second, Every: 15 * time.Second},
}

// step is how much leaves at once, and buffer what each socket may hold.
const (
	step   = 512
	buffer = 8 << 10
)

// Proxy is a running line.
type Proxy struct {
	to    string
	ln    net.Listener
	began time.Time
	group sync.WaitGroup

	mu    sync.Mutex
	poor  Line
	conns map[net.Conn]bool
	up    int64
	down  int64
}

// Listen opens a line from addr ("127.0.0.1:0") to another address. Close ends
// it and what goes through it.
func Listen(addr, to string, line Line) (*Proxy, error) {
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fault.As(fault.Unavailable, "shape.listen", addr, err)
	}
	p := &Proxy{poor: line, to: to, ln: ln, began: time.Now(), conns: map[net.Conn]bool{}}
	p.group.Go(p.accept)
	return p, nil
}

// Addr is where the line begins.
func (p *Proxy) Addr() string { return p.ln.Addr().String() }

// Become makes the line a poorer or a better one, from the next bytes on.
func (p *Proxy) Become(line Line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.poor = line
}

func (p *Proxy) line() Line {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.poor
}

// Bytes are what has gone to the far end, and what has come from it.
func (p *Proxy) Bytes() (up, down int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.up, p.down
}

// Close ends the line.
func (p *Proxy) Close() error {
	err := p.ln.Close()
	p.mu.Lock()
	for c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.group.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return fault.As(fault.Unavailable, "shape.close", "", err)
}

func (p *Proxy) accept() {
	for {
		near, err := p.ln.Accept()
		if err != nil {
			return
		}
		far, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.to)
		if err != nil {
			_ = near.Close()
			continue
		}
		p.keep(near, far)
		ctx, cancel := context.WithCancel(context.Background())
		p.group.Go(func() { p.pass(ctx, cancel, far, near, &p.up) })
		p.group.Go(func() { p.pass(ctx, cancel, near, far, &p.down) })
		p.group.Go(func() {
			<-ctx.Done()
			_, _ = near.Close(), far.Close()
			p.drop(near, far)
		})
	}
}

func (p *Proxy) keep(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.conns[c] = true
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetReadBuffer(buffer) // best effort: a bigger buffer only hides more
			_ = tcp.SetWriteBuffer(buffer)
		}
	}
}

func (p *Proxy) drop(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		delete(p.conns, c)
	}
}

// piece is on its way through the delay.
type piece struct {
	b  []byte
	at time.Time
}

// pass is one direction: a reader that sends at the line's rate, and a writer
// that lets each piece arrive when its delay is over.
func (p *Proxy) pass(ctx context.Context, cancel func(), to io.Writer, from io.Reader, count *int64) {
	flight := make(chan piece, 1<<16)
	p.group.Go(func() {
		defer cancel()
		for x := range flight {
			if !sleepUntil(ctx, x.at) {
				continue
			}
			if _, err := to.Write(x.b); err != nil {
				cancel()
			}
		}
	})
	defer close(flight)
	free := time.Now()
	for {
		b := make([]byte, step)
		n, err := from.Read(b)
		if err != nil {
			return
		}
		free = p.leaves(n, p.begins(free, time.Now()))
		if !sleepUntil(ctx, free) {
			return
		}
		p.mu.Lock()
		*count += int64(n)
		p.mu.Unlock()
		select {
		case flight <- piece{b[:n], free.Add(p.line().Delay / 2)}:
		case <-ctx.Done():
			return
		}
	}
}

// leaves is when n bytes that begin to leave at a time have left.
func (p *Proxy) leaves(n int, at time.Time) time.Time {
	line := p.line()
	if line.Every > 0 {
		if into := at.Sub(p.began) % line.Every; into > line.Every-line.Stall {
			at = at.Add(line.Every - into) // it stands still at the end of each round
		}
	}
	if line.Rate > 0 {
		at = at.Add(time.Duration(n) * time.Second / time.Duration(line.Rate))
	}
	return at
}

// begins is when the next bytes begin to leave a line that is free from a time
// on. A busy machine wakes us late; that is made up for, so that the line is as
// quick as it says.
func (p *Proxy) begins(free, now time.Time) time.Time {
	const late = 150 * time.Millisecond
	if p.line().Rate == 0 || now.Sub(free) > late {
		return now
	}
	return free
}

func sleepUntil(ctx context.Context, at time.Time) bool {
	wait := time.Until(at)
	if wait <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

package mllpd

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
	"wardlight/internal/interop/v2tofhir"
)

// conn is one sender's line.
type conn struct {
	s       *Server
	net     net.Conn
	line    Line
	secure  bool // came to the port that speaks TLS
	known   bool // needs to show nothing more; under Server.mu
	dropped bool // its sender may not go on; under Server.mu
	dec     *hl7.Decoder
	carries map[string]bool // feeds; under Server.mu
	began   time.Time       // of the frame under way
	opened  time.Time
	hungUp  bool // its sender closed it, with nothing begun
}

// errStopping ends a line when the server stops.
var errStopping = errors.New("the server is stopping")

// Serve takes connections until ctx ends. It then takes no new message, lets
// the message under way on each line finish and be answered, closes the lines
// and returns nil. It closes ln.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error { return s.serve(ctx, ln, nil) }

func (s *Server) serve(ctx context.Context, ln net.Listener, door *Secure) error {
	s.mu.Lock()
	s.stopping = false
	s.mu.Unlock()
	stop := context.AfterFunc(ctx, func() { s.stop(ln) })
	defer stop()
	// What has begun is finished: a line's work is bounded by StoreTimeout.
	work := context.WithoutCancel(ctx)
	var lines sync.WaitGroup
	defer lines.Wait()
	for {
		nc, err := ln.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			var ne net.Error
			if errors.As(err, &ne) && ne.Timeout() || errors.Is(err, errTooManyFiles) {
				s.c.Log.Warn("no connection could be taken", "err", err)
				time.Sleep(100 * time.Millisecond)
				continue
			}
			s.stop(ln)
			return fault.As(fault.Unavailable, "mllpd.serve", ln.Addr().String(), err)
		}
		c := s.open(nc, door != nil)
		if c == nil {
			continue
		}
		lines.Go(func() {
			defer s.close(c)
			if door == nil || s.shown(work, c, door) {
				c.serve(work)
			}
		})
	}
}

// stop wakes every line that waits for its sender.
func (s *Server) stop(ln net.Listener) {
	_ = ln.Close() // Accept returns with its error
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopping = true
	for c := range s.conns {
		_ = c.net.SetReadDeadline(time.Unix(1, 0)) // a line that is gone needs no waking
	}
}

func (s *Server) open(nc net.Conn, secure bool) *conn {
	c := &conn{s: s, net: nc, secure: secure, known: !secure, line: Line{Remote: nc.RemoteAddr().String()}, carries: map[string]bool{}, opened: time.Now()}
	s.mu.Lock()
	full, stopping := s.full(c), s.stopping
	if !full && !stopping {
		s.conns[c] = true
	}
	s.mu.Unlock()
	if full || stopping {
		s.noRoom(c, full)
		_ = nc.Close() // nothing was said on it
		return nil
	}
	c.dec = hl7.NewDecoder(c, s.c.MaxBytes)
	if !secure {
		s.c.Log.Info("a sender connected", "channel", s.c.Channel, "remote", c.remote())
	}
	return c
}

func (s *Server) noRoom(c *conn, full bool) {
	s.c.Log.Warn("a connection was refused", "channel", s.c.Channel, "remote", c.remote(), "connections", s.c.MaxConns)
	if full {
		s.refused(Refusal{Remote: c.remote(), Sender: c.line.Sender, Why: NoRoom})
	}
}

// full says whether there is no room for a line among those of its kind: plain ones,
// strangers on the port that speaks TLS, and senders that have shown who they are. No
// kind takes another's room. s.mu is held.
func (s *Server) full(c *conn) bool {
	all, same := 0, 0
	for o := range s.conns {
		if o == c || o.secure != c.secure || o.known != c.known {
			continue
		}
		all++
		is := host(o.net) == host(c.net)
		if c.secure && c.known {
			is = o.line.Sender == c.line.Sender
		}
		if is {
			same++
		}
	}
	most := s.c.MaxConns
	if !c.known {
		most = s.c.MaxStrangers
	}
	return all >= most || same >= s.c.PerHost
}

func host(nc net.Conn) string {
	h, _, err := net.SplitHostPort(nc.RemoteAddr().String())
	if err != nil {
		return nc.RemoteAddr().String()
	}
	return h
}

func (s *Server) close(c *conn) {
	_ = c.net.Close() // every answer was written before
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	s.left(c, c.hungUp)
}

func (c *conn) remote() string { return c.net.RemoteAddr().String() }

// slowest bounds a whole frame, in FrameTimeouts: a sender that sends a byte
// now and then would hold its line for ever.
const slowest = 20

// lastByte is how long the CR behind a frame may take where it does not come at once.
// Some senders never send it, and wait for their answer.
const lastByte = time.Second

// Read reads from the line, with the time-out that fits what it waits for.
func (c *conn) Read(p []byte) (int, error) {
	now := time.Now()
	deadline := now.Add(c.s.c.IdleTimeout)
	if c.dec.InFrame() {
		if c.began.IsZero() {
			c.began = now
		}
		deadline = now.Add(c.s.c.FrameTimeout)
		if last := c.began.Add(slowest * c.s.c.FrameTimeout); last.Before(deadline) {
			deadline = last
		}
		if c.dec.Ending() { // its sender waits for the answer
			deadline = now.Add(lastByte)
		}
	}
	if !c.line.Until.IsZero() {
		left := c.line.Until.Sub(c.s.c.Now())
		if left <= 0 {
			return 0, errRanOut
		}
		if last := now.Add(left); last.Before(deadline) {
			deadline = last
		}
	}
	if err := c.net.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	// stop sets its flag before it wakes the lines: either it is seen here, or
	// the read is woken.
	c.s.mu.Lock()
	stopping := c.s.stopping || c.dropped
	c.s.mu.Unlock()
	if stopping {
		return 0, errStopping
	}
	return c.net.Read(p)
}

// serve takes one frame after another until the line ends.
func (c *conn) serve(ctx context.Context) {
	for {
		c.began = time.Time{}
		if c.isStopping() { // the next message may have arrived already
			c.end(ctx, errStopping)
			return
		}
		f, err := c.dec.Next()
		if err != nil {
			c.end(ctx, err)
			return
		}
		c.irregular(f)
		if !c.frame(ctx, f.Message) {
			return
		}
	}
}

// irregular logs what stood where no message can be.
func (c *conn) irregular(f hl7.Frame) {
	if f.Noise > 0 {
		c.s.c.Log.Warn("bytes outside of any frame were skipped", "remote", c.remote(), "bytes", f.Noise)
	}
	if len(f.Dropped) > 0 {
		sum := sha256.Sum256(f.Dropped)
		c.s.c.Log.Warn("a message was cut off by the start of the next; it was not taken and not answered",
			"remote", c.remote(), "bytes", len(f.Dropped), "sha256", hex.EncodeToString(sum[:8]))
	}
}

// frame takes the messages of one frame; more is false if the line is to be
// closed.
func (c *conn) frame(ctx context.Context, frame []byte) (more bool) {
	for i, msg := range split(frame) {
		if i > 0 && c.isStopping() {
			return false // its sender sends again what was not answered
		}
		answer, row := c.s.Receive(ctx, c.line, msg)
		c.s.heard(c, row)
		if row.Answer == v2tofhir.Silent {
			continue
		}
		if answer == nil {
			c.s.c.Log.Warn("the line is closed: the message has no header to answer", "remote", c.remote(), "row", row.ID)
			return false
		}
		if !c.write(answer) {
			return false
		}
	}
	return true
}

// split cuts a frame into its messages. A frame with one message and nothing
// else is taken as it came. What holds no message is one piece, which is
// nobody's and still gets its row.
func split(frame []byte) [][]byte {
	var list [][]byte
	other := false
	for _, p := range hl7.Split(frame) {
		switch p.Kind {
		case hl7.MessagePart:
			list = append(list, p.Bytes)
		case hl7.EnvelopePart:
			other = true
		case hl7.NoisePart:
			other = other || len(list) == 0 && len(bytes.Trim(p.Bytes, " \t\r\n\ufeff")) > 0
		}
	}
	if len(list) == 0 || len(list) == 1 && !other {
		return [][]byte{frame}
	}
	return list
}

func (c *conn) write(answer []byte) bool {
	frame, err := hl7.EncodeFrame(answer)
	if err == nil {
		err = c.net.SetWriteDeadline(time.Now().Add(c.s.c.FrameTimeout))
	}
	if err == nil {
		_, err = c.net.Write(frame)
	}
	if err != nil {
		c.s.c.Log.Warn("an answer could not be delivered; its sender will send the message again", "remote", c.remote(), "err", err)
	}
	return err == nil
}

// end is told why a line ended.
func (c *conn) end(ctx context.Context, err error) {
	log := c.s.c.Log.With("channel", c.s.c.Channel, "remote", c.remote())
	switch {
	case errors.Is(err, errStopping) || c.isStopping():
		log.Info("a line was closed: the server stops, or its sender was withdrawn")
	case errors.Is(err, errRanOut) || c.ranOut():
		c.s.refused(Refusal{Remote: c.remote(), Sender: c.line.Sender, Why: RanOut})
		if c.dec.InFrame() {
			c.unended(ctx)
		}
		log.Warn("a line was closed: its sender's certificate has run out")
	case c.dec.InFrame() && !fault.Is(err, fault.Full):
		c.unended(ctx)
		log.Warn("the line was closed inside a message", "err", err)
	case fault.Is(err, fault.Full):
		c.oversize(ctx)
		log.Error("the line was closed", "err", err)
	case errors.Is(err, io.EOF):
		c.hungUp = true
		log.Info("a sender left")
	default:
		log.Info("a line was closed", "err", err)
	}
}

func (c *conn) isStopping() bool {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.s.stopping || c.dropped
}

// unended keeps what came of a frame that never ended, and gives it a row.
func (c *conn) unended(ctx context.Context) {
	raw := append([]byte{0x0B}, c.dec.Partial()...)
	_, row := c.s.Receive(ctx, c.line, raw)
	if row.ID == "" {
		return // the store is down; the sender has the message still
	}
	c.s.c.Log.Warn("a frame never ended", "remote", c.remote(), "row", row.ID, "bytes", row.Size)
}

// oversize gives a message that is too long its row: one a day for each sender,
// as its content was not kept and it will come again and again.
func (c *conn) oversize(ctx context.Context) {
	host, _, err := net.SplitHostPort(c.remote())
	if err != nil {
		host = c.remote()
	}
	now := c.s.c.Now()
	row := record.Inbound{
		ID: v2tofhir.MessageID(c.s.c.Channel, "oversize", host, now.UTC().Format(time.DateOnly)), Channel: c.s.c.Channel,
		Answer: v2tofhir.Closed, Fate: record.FateRefused, Received: now.UnixMilli(),
		Reason: "a message from " + host + " is longer than this channel takes, and was not read to its end; ask the sender to send it in parts",
		Owner:  v2tofhir.OwnerInterface,
	}
	ctx, cancel := context.WithTimeout(ctx, c.s.c.StoreTimeout)
	defer cancel()
	if _, err := c.s.c.Filer.File(ctx, record.Filing{Inbound: row}); err != nil {
		c.s.c.Log.Error("the row of an oversize message could not be made durable", "err", err)
	}
}

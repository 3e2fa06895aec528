package mllpd

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"time"

	"wardlight/internal/interop/hl7"
	"wardlight/internal/interop/v2tofhir"
)

// Line is what is known of who is at the other end of a line.
type Line struct {
	Remote string
	Secure bool      // it speaks TLS, and its sender has shown a certificate
	Sender string    // whose certificate it is; "" on a plain line
	Until  time.Time // that certificate's end; the line ends with it
}

// Secure is how a port speaks TLS: Config asks for a certificate and refuses whoever is
// not let in, Who says whose it was.
type Secure struct {
	Config *tls.Config
	Who    func(tls.ConnectionState) (Line, error)
}

// Why something was turned away.
type Why string

// What is turned away at this door.
const (
	NoRoom       Why = "no-room"        // a line: too many are open
	BadHello     Why = "handshake"      // a line: it did not show who it is; Refusal.Err says how
	AnothersName Why = "another-name"   // a message: its line may not send under that name
	RanOut       Why = "ran-out"        // a line: its sender's certificate has run out since it was opened
	SlowHello    Why = "slow-handshake" // a line: it took too long to show who it is
)

// Refusal is what was turned away.
type Refusal struct {
	Remote string
	Sender string // as far as it is proven
	Why    Why
	Err    error
}

func (s *Server) refused(r Refusal) {
	if s.c.Refused != nil {
		s.c.Refused(r)
	}
}

// ServeTLS is Serve on a port that speaks TLS. A line whose sender has not shown who it
// is within HelloTimeout is closed; not one byte of a message is read before.
func (s *Server) ServeTLS(ctx context.Context, ln net.Listener, door Secure) error {
	return s.serve(ctx, ln, &door)
}

// shown does the handshake of a line, and says whether there is a sender on it.
func (s *Server) shown(ctx context.Context, c *conn, door *Secure) bool {
	ctx, cancel := context.WithTimeout(ctx, s.c.HelloTimeout)
	defer cancel()
	secured := tls.Server(c.net, door.Config)
	err := secured.HandshakeContext(ctx)
	if err == nil {
		var l Line
		l, err = door.Who(secured.ConnectionState())
		l.Remote, l.Secure = c.line.Remote, true
		c.line = l
	}
	if err != nil {
		why := BadHello
		if ctx.Err() != nil {
			why = SlowHello
		}
		if !c.isStopping() {
			s.c.Log.Debug("a line was refused at its handshake", "channel", s.c.Channel, "remote", c.remote()) // strangers knock all day
			s.refused(Refusal{Remote: c.remote(), Why: why, Err: err})
		}
		return false
	}
	s.mu.Lock()
	c.net, c.known = secured, true
	full := s.full(c)
	if full {
		c.known = false
	}
	s.mu.Unlock()
	if full {
		s.noRoom(c, true)
		return false
	}
	s.c.Log.Info("a sender connected over TLS", "channel", s.c.Channel, "remote", c.remote(), "from", c.line.Sender)
	return true
}

// errRanOut ends a line whose sender's certificate has run out.
var errRanOut = errors.New("the sender's certificate has run out")

func (c *conn) ranOut() bool { return !c.line.Until.IsZero() && !c.s.c.Now().Before(c.line.Until) }

// Drop closes the lines of senders that may not go on: a certificate that was withdrawn
// ends its lines, too. What was begun on one and not answered is sent again by its sender.
func (s *Server) Drop(gone func(Line) bool) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		if c.known && gone(c.line) {
			_ = c.net.SetReadDeadline(time.Unix(1, 0)) // it is closed by its own goroutine, after the answer under way
			c.dropped = true
			n++
		}
	}
	return n
}

// claims says whether a line may send under the name that a message bears. Where a
// header is read as its message is, so that nobody has two names.
func (s *Server) claims(l Line, raw []byte) bool {
	if s.c.Claim == nil || len(raw) > 0 && raw[0] == frameBegins { // a frame that never ended is never filed
		return true
	}
	h := hl7.ReadHeader(raw)
	if m, err := hl7.Parse(raw); err == nil {
		h = m.Header()
	}
	return s.c.Claim(l, h.SendingApp, h.SendingFacility)
}

const frameBegins = 0x0B

// What was refused because of its line lies in the raw inbound log under a channel of its
// own, which names the sender. A restored central, which reads that log, refuses it again:
// by its bytes alone it would be filed.
const apartMark = "!"

func (s *Server) keptApart(sender string) string { return s.c.Channel + apartMark + sender }

func (s *Server) apart(channel string) (sender string, is bool) {
	return strings.CutPrefix(channel, s.c.Channel+apartMark)
}

// anothersName is the reading of a message that came on a line which may not send under
// its name. Its row is not that of the message itself: whoever may send it still can, under
// the same control id.
func (s *Server) anothersName(raw []byte, sender string, received time.Time) v2tofhir.Reading {
	whose := "this line has no certificate"
	if sender != "" {
		whose = "this line's certificate is that of the sender " + sender
	}
	return v2tofhir.Elsewhere(raw, s.options(received), sender, hl7.Verdict{
		Outcome: hl7.Rejected, Error: hl7.ErrTableValue, Field: "MSH-3",
		Reason: "the sending application and facility (MSH-3, MSH-4) are not this line's: " + whose + ". Nothing was filed; have the sender use its own certificate, or correct its names here (wardlightd sender)",
	})
}

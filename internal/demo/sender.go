package demo

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
)

// Sender is the laboratory's side of an MLLP line: it sends, waits for the
// answer, and sends again when none came, as real senders do. For one
// goroutine.
type Sender struct {
	Addr    string
	Patient time.Duration // how long to go on when central does not answer; 0: 30 s
	Dial    Dial          // how Addr is reached; nil: as this program reaches it
	conn    net.Conn
	dec     *hl7.Decoder
}

// Dial reaches an address over TCP, perhaps from another network than this
// program's.
type Dial func(ctx context.Context, addr string) (net.Conn, error)

// Sent is what came of one message.
type Sent struct {
	File      string  `json:"file"`
	N         int     `json:"n"`
	ControlID string  `json:"control_id"`
	Answer    string  `json:"answer"`           // MSA-1, or "closed" where the line was closed on it
	Reason    string  `json:"reason,omitempty"` // MSA-3 or ERR
	Ms        float64 `json:"ms"`
	Tries     int     `json:"tries,omitempty"`
}

// answerWait is how long a sender waits for one answer.
const answerWait = 10 * time.Second

// Send delivers one message and returns the answer. A line that is closed
// without an answer three times in a row is "closed"; a central that cannot
// be reached at all is waited for.
func (s *Sender) Send(ctx context.Context, m Sending) (Sent, error) {
	patient := s.patience()
	began, closed := time.Now(), 0
	sent := Sent{File: m.File, N: m.N, ControlID: m.ControlID}
	for {
		sent.Tries++
		answer, err := s.once(ctx, m.Raw)
		sent.Ms = float64(time.Since(began).Microseconds()) / 1000
		if err == nil {
			sent.Answer, sent.Reason = answer.Get("MSA-1").Text(), answer.Get("MSA-3").Text()
			return sent, nil
		}
		s.Close()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			if closed++; closed == 3 {
				sent.Answer = "closed"
				return sent, nil
			}
		}
		if time.Since(began) > patient {
			return sent, fault.As(fault.Unavailable, "demo.send", m.ControlID, err)
		}
		select {
		case <-ctx.Done():
			return sent, fault.As(fault.Unavailable, "demo.send", m.ControlID, ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (s *Sender) patience() time.Duration {
	if s.Patient == 0 {
		return 30 * time.Second
	}
	return s.Patient
}

func (s *Sender) once(ctx context.Context, raw []byte) (*hl7.Message, error) {
	if s.conn == nil {
		dial := s.Dial
		if dial == nil {
			dial = dialHere
		}
		c, err := dial(ctx, s.Addr)
		if err != nil {
			return nil, err
		}
		s.conn, s.dec = c, hl7.NewDecoder(c, 0)
	}
	if err := s.conn.SetDeadline(time.Now().Add(min(answerWait, s.patience()))); err != nil {
		return nil, err
	}
	// The frame is written by hand: what is sent may be broken on purpose.
	if _, err := s.conn.Write(append(append([]byte{0x0b}, raw...), 0x1c, 0x0d)); err != nil {
		return nil, err
	}
	f, err := s.dec.Next()
	if err != nil {
		return nil, err
	}
	return hl7.Parse(f.Message)
}

func dialHere(ctx context.Context, addr string) (net.Conn, error) {
	return (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, "tcp", addr)
}

// Close hangs up; the next Send dials again.
func (s *Sender) Close() {
	if s.conn != nil {
		_ = s.conn.Close() // nothing is waiting in it: every Send waits for its answer
		s.conn = nil
	}
}

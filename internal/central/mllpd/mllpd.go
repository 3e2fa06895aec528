package mllpd

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
	"wardlight/internal/interop/v2tofhir"
)

// Filer makes a translated message durable, and knows those it has seen.
type Filer interface {
	File(ctx context.Context, f record.Filing) (record.Inbound, error)
}

// RawLog makes raw bytes durable before anything else is done with them.
type RawLog interface {
	Append(ctx context.Context, channel string, raw []byte) ([32]byte, error)
}

// Config is one channel. Zero values are the defaults named here.
type Config struct {
	Channel       string // names the channel; "mllp"
	Filer         Filer
	Raw           RawLog
	Now           func() time.Time  // time.Now
	Location      *time.Location    // of times without an offset; UTC
	ProcessingIDs []string          // MSH-11 that are taken; P
	DefaultSystem string            // of identifiers without an authority; none: held back
	Units         map[string]string // this channel's spellings of units
	App, Facility string            // our names, where a message names no receiver
	MaxBytes      int               // of one frame; hl7.MaxMessageBytes
	FrameTimeout  time.Duration     // silence inside a frame; 30 s
	IdleTimeout   time.Duration     // silence between frames; 12 h
	StoreTimeout  time.Duration     // for making one message durable; 30 s
	MaxConns      int               // 64
	PerHost       int               // of these from one address, so that none takes all; 32
	Feeds         []record.Feed     // what is known of the feeds from before
	Refused       func(Refusal)     // is told of what was turned away; nobody
	// Claim says whether a line may send under the name that a message bears (MSH-3 and
	// MSH-4, each with its namespace and its universal id); every line under every name.
	Claim        func(l Line, app, facility hl7.HD) bool
	HelloTimeout time.Duration // for a TLS handshake; 10 s
	MaxStrangers int           // lines at once that have not shown yet who they are; 64
	Log          *slog.Logger  // none
}

func (c Config) withDefaults() Config {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	set(&c.FrameTimeout, 30*time.Second)
	set(&c.IdleTimeout, 12*time.Hour)
	set(&c.StoreTimeout, 30*time.Second)
	set(&c.HelloTimeout, 10*time.Second)
	if c.Channel == "" {
		c.Channel = "mllp"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.MaxBytes <= 0 {
		c.MaxBytes = hl7.MaxMessageBytes
	}
	if c.MaxConns <= 0 {
		c.MaxConns = 64
	}
	if c.PerHost <= 0 {
		c.PerHost = 32
	}
	if c.MaxStrangers <= 0 {
		c.MaxStrangers = 64
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Server listens on one channel. All methods are safe for concurrent use.
type Server struct {
	c Config

	mu       sync.Mutex
	conns    map[*conn]bool
	stopping bool
	feeds    map[string]*feed
}

// New makes a Server.
func New(c Config) *Server {
	s := &Server{c: c.withDefaults(), conns: map[*conn]bool{}, feeds: map[string]*feed{}}
	for _, name := range []string{FeedLaboratory, FeedEHR} {
		s.feeds[name] = &feed{}
	}
	for _, f := range c.Feeds {
		if have := s.feeds[f.Name]; have != nil {
			have.last = f.Last
		}
	}
	return s
}

func (s *Server) options(received time.Time) v2tofhir.Options {
	return v2tofhir.Options{
		Channel: s.c.Channel, Received: received, Location: s.c.Location,
		DefaultSystem: s.c.DefaultSystem, ProcessingIDs: s.c.ProcessingIDs, Units: s.c.Units,
	}
}

// Translate reads one message as this channel does: for replaying what was held
// back, and for feeding a restored central from the inbound log. kept is the channel
// under which its raw bytes lie there, "" for this one: what was refused because of its
// line stays refused.
func (s *Server) Translate(raw []byte, kept string, received time.Time) record.Filing {
	if sender, apart := s.apart(kept); apart {
		return s.anothersName(raw, sender, received).Filing
	}
	return v2tofhir.Translate(raw, s.options(received))
}

// Receive takes one message of a line: durable, translated, filed, then answered. answer
// is nil where nobody can be addressed, and the line is then to be closed, and for an
// answer to us (v2tofhir.Silent), after which it stays open. If
// nothing could be made durable the row is the zero Inbound but for its Answer.
func (s *Server) Receive(ctx context.Context, l Line, raw []byte) (answer []byte, row record.Inbound) {
	ctx, cancel := context.WithTimeout(ctx, s.c.StoreTimeout)
	defer cancel()
	kept, theirs := s.c.Channel, s.claims(l, raw)
	if !theirs {
		kept = s.keptApart(l.Sender)
	}
	if _, err := s.c.Raw.Append(ctx, kept, raw); err != nil {
		return s.storeDown(raw, err)
	}
	r := v2tofhir.Reading{}
	if theirs {
		r = v2tofhir.Read(raw, s.options(s.c.Now()))
	} else {
		r = s.anothersName(raw, l.Sender, s.c.Now())
		s.refused(Refusal{Remote: l.Remote, Sender: l.Sender, Why: AnothersName})
	}
	row, err := s.c.Filer.File(ctx, r.Filing)
	if err != nil {
		return s.storeDown(raw, err)
	}
	s.c.Log.Info("message received", "channel", s.c.Channel, "type", row.Type, "control_id", row.ControlID,
		"answer", row.Answer, "fate", string(row.Fate), "bytes", row.Size, "row", row.ID)
	if row.Answer == v2tofhir.Closed || row.Answer == v2tofhir.Silent || !r.Header.CanAnswer() {
		return nil, row
	}
	// The answer is the row's: the same message again is answered as before.
	ack := hl7.Ack{Code: hl7.AckCode(row.Answer), ControlID: s.nextID(), Time: s.c.Now(), App: s.c.App, Facility: s.c.Facility}
	if row.Fate == record.FateRefused {
		ack.Error, ack.Reason = errorCode(row.ErrCode), row.Reason
		if !r.Verdict.OK() {
			ack.Field = r.Verdict.Field
		}
	}
	return ack.Bytes(r.Header), row
}

// storeDown answers that the sender is to try again later.
func (s *Server) storeDown(raw []byte, err error) ([]byte, record.Inbound) {
	s.c.Log.Error("a message could not be made durable; its sender was asked to send it again",
		"channel", s.c.Channel, "kind", fault.KindOf(err).String(), "err", err)
	h := hl7.ReadHeader(raw)
	v := hl7.Verdict{Outcome: hl7.Errored, Error: hl7.ErrApplicationFailed, Reason: "the message could not be stored; keep it and send it again"}
	if !h.CanAnswer() {
		return nil, record.Inbound{Answer: v2tofhir.Closed}
	}
	ack := h.Answering(v, s.nextID(), s.c.Now())
	ack.App, ack.Facility = s.c.App, s.c.Facility
	return ack.Bytes(h), record.Inbound{Answer: string(ack.Code), ErrCode: "207"}
}

func errorCode(s string) hl7.ErrorCode {
	n := hl7.ErrorCode(0)
	for _, c := range []byte(s) {
		if c < '0' || c > '9' || n > 999 {
			return hl7.ErrApplicationFailed
		}
		n = n*10 + hl7.ErrorCode(c-'0')
	}
	return n
}

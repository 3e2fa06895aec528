package client

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"log/slog"
	"sync/atomic"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// Client runs one Machine against a real store and real connections.
type Client struct {
	cfg    Config
	start  time.Time
	nudge  chan struct{}
	fetch  chan struct{}
	toggle chan struct{}
	off    atomic.Bool
	asking asking
}

// NewClient checks the configuration and makes a client; Run starts it.
func NewClient(cfg Config) (*Client, error) {
	if cfg.Store == nil || cfg.Dial == nil || cfg.Verify == nil || cfg.Station == "" || len(cfg.Servers) == 0 {
		return nil, fault.New(fault.Invalid, "client.new", string(cfg.Station), "station, servers, store, dial and verify are required")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now //nolint:forbidigo // the runner is no rules package: it has a clock
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Seed == 0 {
		var b [8]byte
		_, _ = rand.Read(b[:]) // never fails (crypto/rand documents it)
		cfg.Seed = binary.LittleEndian.Uint64(b[:]) | 1
	}
	cfg.Timing = cfg.Timing.orDefaults()
	c := &Client{cfg: cfg, start: time.Now(), nudge: make(chan struct{}, 1), fetch: make(chan struct{}, 1), toggle: make(chan struct{}, 1)} //nolint:forbidigo // the runner is no rules package: it has a clock
	c.asking = asking{waiting: map[*question]bool{}, more: make(chan []fhir.ID, 4)}
	c.off.Store(cfg.Offline)
	return c, nil
}

// Nudge says that the outbox or the audit chain grew. It never blocks.
func (c *Client) Nudge() { signal(c.nudge) }

// Fetch says that somebody waits for a document. It never blocks.
func (c *Client) Fetch() { signal(c.fetch) }

// Connect turns the link on after Disconnect, and ends a wait for the next
// attempt. It returns at once.
func (c *Client) Connect() {
	c.off.Store(false)
	signal(c.toggle)
}

// Disconnect cuts the link and keeps it off until Connect; the ward goes on
// writing. It returns at once.
func (c *Client) Disconnect() {
	c.off.Store(true)
	signal(c.toggle)
}

func signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

func (c *Client) now() wire.Now {
	return wire.Now{Mono: time.Since(c.start), Wall: c.cfg.Now().UnixMilli()}
}

// Run keeps the station level with central until ctx ends. It returns ctx's
// error; nothing else ends it. Call it once.
func (c *Client) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	r := &runner{
		c: c, ctx: ctx, events: make(chan Event, 256),
		store: newWorker(c.cfg), offers: newWorker(Config{Store: c.cfg.Store}),
		machine: NewMachine(MachineConfig{
			Station: c.cfg.Station, Servers: c.cfg.Servers, Program: c.cfg.Program,
			Timing: c.cfg.Timing, Seed: c.cfg.Seed, Offline: c.off.Load(), Archive: c.cfg.Archive != nil, Checker: c.cfg.Checker != nil, Basis: c.cfg.Basis != nil, Shelf: c.cfg.Shelf != nil, Ends: c.cfg.Ends, Without: c.cfg.Without,
		}),
	}
	r.group.Go(func() { r.store.run(ctx, r.post) })
	r.group.Go(func() { r.offers.run(ctx, r.post) })
	r.loop()
	r.closeConn()
	cancel()
	r.group.Wait()
	return context.Cause(ctx)
}

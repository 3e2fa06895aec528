package hub

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// Hub serves all stations.
type Hub struct {
	cfg   Config
	start time.Time

	mu         sync.Mutex
	shared     shared
	admissions admissions
	unsent     *unsent
	sessions   map[record.StationID]*runner
	stopped    bool
	status     record.Central
	statusAt   time.Time
}

// NewHub checks the configuration and makes a hub.
func NewHub(cfg Config) (*Hub, error) {
	if cfg.Source == nil || cfg.Submitter == nil || cfg.Status == nil || cfg.Sign == nil {
		return nil, fault.New(fault.Invalid, "hub.new", "", "source, submitter, status and sign are required")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now //nolint:forbidigo // the runner is no rules package: it has a clock
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Timing, cfg.Limits = cfg.Timing.orDefaults(), cfg.Limits.orDefaults()
	return &Hub{
		cfg: cfg, start: time.Now(), sessions: map[record.StationID]*runner{}, //nolint:forbidigo // the runner is no rules package: it has a clock
		admissions: admissions{limit: cfg.Limits.Snapshots}, unsent: newUnsent(cfg.Limits.Unsent),
	}, nil
}

// Serve serves one station over an accepted connection until the session ends
// or ctx does. peer is who the certificate says it is. It does not close conn
// at once, but lets the last words go out first; when it returns, conn is
// closed. What was handed to the Submitter is finished even so.
func (h *Hub) Serve(ctx context.Context, conn Conn, peer record.Peer) error {
	if peer.Device.Station == "" || peer.Device.Revoked != 0 {
		_ = conn.Close()
		return fault.New(fault.Denied, "hub.serve", string(peer.Device.Station), "the station is not enrolled, or was revoked")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := newRunner(h, ctx, conn, peer)
	old, err := h.enter(r)
	if err != nil {
		_ = conn.Close()
		return err
	}
	defer h.leave(r)
	if old != nil {
		old.post(Replaced{})
	}
	h.cfg.Log.Info("station connected", "station", string(peer.Device.Station))
	err = r.run(cancel)
	h.cfg.Log.Info("station disconnected", "station", string(peer.Device.Station), "why", kindOf(err))
	return err
}

func kindOf(err error) string {
	if err == nil {
		return "closed"
	}
	return fault.KindOf(err).String()
}

// enter registers a session and returns the one that it replaces.
func (h *Hub) enter(r *runner) (*runner, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	id := r.peer.Device.Station
	old := h.sessions[id]
	switch {
	case h.stopped:
		return nil, fault.New(fault.Unavailable, "hub.serve", string(id), "central is stopping")
	case old == nil && len(h.sessions) >= h.cfg.Limits.Sessions:
		return nil, fault.New(fault.Full, "hub.serve", string(id), "too many stations are connected")
	}
	h.sessions[id] = r
	return old, nil
}

func (h *Hub) leave(r *runner) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.sessions[r.peer.Device.Station] == r {
		delete(h.sessions, r.peer.Device.Station)
	}
}

// Stop ends all sessions with a word and takes no more. It waits until they are
// over, or ctx is.
func (h *Hub) Stop(ctx context.Context) error {
	h.mu.Lock()
	h.stopped = true
	all := make([]*runner, 0, len(h.sessions))
	for _, r := range h.sessions {
		all = append(all, r)
	}
	h.mu.Unlock()
	for _, r := range all {
		r.post(Stopping{})
	}
	for _, r := range all {
		select {
		case <-r.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// Restart ends every session with a word; the stations come back by themselves.
// It is for a journal that has begun another epoch.
func (h *Hub) Restart() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.sessions {
		go r.post(Stopping{}) // a session that is busy delays no other
	}
}

// Resign forgets what was signed for many stations at once, and sends them all away:
// central's journal key has given way to another.
func (h *Hub) Resign() {
	h.shared.drop()
	h.Restart()
}

// Drop ends a station's session at once, for a device that was revoked.
func (h *Hub) Drop(s record.StationID) {
	h.mu.Lock()
	r := h.sessions[s]
	h.mu.Unlock()
	if r != nil {
		r.post(DeviceRead{Err: fault.New(fault.Denied, "hub.drop", string(s), "revoked")})
	}
}

// Changed tells a station's session at once that its computer is another one now than when
// it began: with other wards, or another key, it is to come again.
func (h *Hub) Changed(d record.Device) {
	h.mu.Lock()
	r := h.sessions[d.Station]
	h.mu.Unlock()
	if r != nil {
		r.post(DeviceRead{Device: d})
	}
}

// AskSoon has a station that is connected ask at once how it and its people stand.
func (h *Hub) AskSoon(s record.StationID) {
	h.mu.Lock()
	r := h.sessions[s]
	h.mu.Unlock()
	if r != nil {
		go r.post(AskSoon{}) // a session that is busy delays nobody
	}
}

// Unsent is how many bytes of batches, chunks and documents wait to be sent, or are
// being read for it, for all stations together.
func (h *Hub) Unsent() int { return h.unsent.bytes() }

// Sessions are the stations connected now, in order of name.
func (h *Hub) Sessions() []Info {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]Info, 0, len(h.sessions))
	for _, r := range h.sessions {
		list = append(list, r.info())
	}
	slices.SortFunc(list, func(a, b Info) int { return strings.Compare(string(a.Station), string(b.Station)) })
	return list
}

// central asks for central's status, at most a few times a second for all
// sessions together.
func (h *Hub) central() record.Central {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.statusAt) > statusEvery/4 {
		h.status, h.statusAt = h.cfg.Status(), time.Now() //nolint:forbidigo // the runner is no rules package: it has a clock
	}
	return h.status
}

func (h *Hub) now() wire.Now {
	return wire.Now{Mono: time.Since(h.start), Wall: h.cfg.Now().UnixMilli()}
}

package hub

import (
	"bytes"
	"slices"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/compact"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// phase is where a session is.
type phase uint8

const (
	phaseGreeting phase = iota // waiting for hello
	phaseChoosing              // welcomed; the station is to ask for a snapshot
	phaseSnapshot              // chunks are going out
	phaseTail                  // batches are going out
	phaseDoubt                 // the cursor is not in the journal; the station is to prove it
	phaseOver
)

// statusEvery is how often a session asks whether central's status is news.
const statusEvery = time.Second

// SessionConfig is what a Session needs.
type SessionConfig struct {
	Peer    record.Peer
	Epochs  []record.Epoch // the lineage; the last is the present one
	Head    record.Cursor  // when the session began
	Status  record.Central
	Program string
	Timing  Timing
	Limits  Limits
	// Runs says that the Submitter takes several mutations in one commit.
	Runs bool
	// Proves and TakesBack say what central can do beyond the first version.
	Proves, TakesBack, Compares bool
	// Documents says that central gives out documents.
	Documents bool
	// Without are capabilities of this program that are not named: for tests of
	// what an older one does.
	Without []wire.Capability
}

// Epoch is the present one.
func (c SessionConfig) Epoch() record.Epoch { return c.Epochs[len(c.Epochs)-1] }

// capabilities are those that this central has.
func (c SessionConfig) capabilities() []wire.Capability {
	return slices.DeleteFunc(wire.Capabilities(), func(k wire.Capability) bool {
		return k == wire.CapProof && !c.Proves || k == wire.CapGiveBack && !c.TakesBack || k == wire.CapHeads && !c.Compares || k == wire.CapDocuments && !c.Documents || slices.Contains(c.Without, k)
	})
}

// Session is the step machine of one station's connection. Step is a function
// of the session, the event and the clocks alone. It is for one goroutine.
type Session struct {
	cfg    SessionConfig
	timing Timing
	limits Limits
	out    []Effect

	phase      phase
	begun      bool
	started    time.Duration
	heard      time.Duration
	pingAt     time.Duration
	pingID     uint64
	statusAt   time.Duration // when to ask for central's status
	toldAt     time.Duration // when the station was told it last
	told       record.Central
	recheckAt  time.Duration
	applied    record.Position
	common     []wire.Capability
	dictionary compact.Dictionary // that both sides pack with; 0: none
	doubt      doubt
	compare    compare
	reading    bool // a part of a document

	down      down
	ahead     ahead
	admission admission
	up        up
}

// NewSession makes the session of a connection that has just been accepted; its
// first Wakeup is due at once.
func NewSession(cfg SessionConfig) *Session {
	s := &Session{cfg: cfg, timing: cfg.Timing.orDefaults(), limits: cfg.Limits.orDefaults()}
	if cfg.Runs {
		s.limits.Lanes = max(s.limits.Lanes, runs*maxRun) // a run occupies as many lanes as it has patients
	}
	s.down.size = min(firstSize, s.limits.Bytes)
	s.up.round = 1
	s.up.busy = map[string]bool{}
	return s
}

// Over says that the session has ended.
func (s *Session) Over() bool { return s.phase == phaseOver }

// Applied is what the station holds durably, as it said last; filling, that a
// snapshot is under way.
func (s *Session) Applied() (at record.Position, filling bool) {
	return s.applied, s.phase == phaseChoosing || s.phase == phaseSnapshot
}

// Wake is the monotonic time at which the session wants its next Wakeup.
func (s *Session) Wake() time.Duration {
	switch {
	case !s.begun:
		return 0
	case s.phase == phaseOver:
		return never
	case s.phase == phaseGreeting:
		return s.started + s.timing.Greet
	}
	at := min(s.heard+s.timing.Dead, s.pingAt, s.statusAt, s.recheckAt, s.down.stallAt(s.timing.Stall), s.unused())
	if s.down.idleAt > 0 {
		at = min(at, s.down.idleAt)
	}
	if s.admission.askAt > 0 {
		at = min(at, s.admission.askAt)
	}
	if s.phase == phaseDoubt {
		at = min(at, s.doubt.until)
	}
	return at
}

// never is a deadline that does not come.
const never = time.Duration(1<<63 - 1)

// Step takes one event and returns what is to be done about it, in order. The
// returned slice is valid until the next Step.
func (s *Session) Step(ev Event, now wire.Now) []Effect {
	s.out = s.out[:0]
	if !s.begun {
		s.begun = true
		s.started, s.heard = now.Mono, now.Mono
	}
	if s.phase != phaseOver {
		s.handle(ev, now)
	}
	if s.phase != phaseOver && s.phase != phaseDoubt {
		s.pumpDown(now)
		s.pumpAhead()
		s.pumpUp()
	}
	return s.out
}

func (s *Session) do(e Effect)               { s.out = append(s.out, e) }
func (s *Session) send(msg wire.Message)     { s.do(Send{Msg: msg}) }
func (s *Session) station() record.StationID { return s.cfg.Peer.Device.Station }

func (s *Session) handle(ev Event, now wire.Now) {
	switch ev := ev.(type) {
	case Wakeup:
		s.wakeup(now)
	case Alive:
		s.heard = now.Mono
	case Got:
		s.heard = now.Mono
		s.heardFrom()
		s.message(ev.Msg, now)
	case Garbled:
		s.garbled(ev.Err)
	case Lost:
		s.phase = phaseOver
		s.do(Hangup{})
	case Grown:
		s.down.news, s.ahead.news = true, true
		s.down.idleAt = 0
	case AskSoon:
		s.askSoon()
	case Replaced:
		s.bye(wire.ByeReplaced, "A newer connection of this computer took over.")
	case Stopping:
		s.bye(wire.ByeGoing, "The server is being restarted. What is written meanwhile is kept and sent afterwards.")
	case Stuck:
		s.bye(wire.ByeSlow, "Nothing could be sent for too long, and others wait for the room that it takes.")
	case Scarce:
		s.scarce()
	case Fetched:
		s.fetched(ev, now)
	case Admitted:
		s.admittedNow(now)
	case Place:
		s.place(ev, now)
	case FetchedAhead:
		s.fetchedAhead(ev)
	case FetchedChunk:
		s.fetchedChunk(ev, now)
	case Submitted:
		s.submitted(ev)
	case SubmittedRun:
		s.submittedRun(ev)
	case LooksStored:
		s.looksStored(ev)
	case StatusRead:
		s.statusRead(ev.Central, now)
	case DeviceRead:
		s.deviceRead(ev)
	case HeadsRead:
		s.headsRead(ev)
	case DocumentRead:
		s.documentRead(ev)
	case Refilled:
		s.refilled(ev, now)
	case Weighed:
		s.weighed(ev)
	case Begun:
		s.epochBegun(ev)
	case TookBack:
		s.tookBack(ev)
	}
}

func (s *Session) message(msg wire.Message, now wire.Now) {
	hello, isHello := msg.(*wire.Hello)
	switch {
	case isHello && s.phase == phaseGreeting:
		s.hello(hello, now)
		return
	case isHello || s.phase == phaseGreeting:
		s.bye(wire.ByeProtocol, "A session begins with one hello.")
		return
	}
	switch msg := msg.(type) {
	case *wire.AskChunk:
		s.askChunk(msg, now)
	case *wire.Applied:
		s.acknowledged(msg.Position, now)
	case *wire.AskDocument:
		s.askDocument(msg)
	case *wire.AskWhole:
		s.askWhole(msg)
	case *wire.AskHeads:
		s.askHeads(msg)
	case *wire.AskRefill:
		s.askRefill(msg)
	case *wire.Proof:
		s.proof(msg, now)
	case *wire.Push:
		s.push(msg)
	case *wire.Looks:
		s.looks(msg)
	case *wire.GiveBack:
		s.giveBack(msg)
	case *wire.Ping:
		s.acknowledged(msg.Applied, now)
		s.send(&wire.Pong{ID: msg.ID, Wall: msg.Wall, Mine: now.Wall})
	case *wire.Pong:
		// That it came is what it was for.
	case *wire.Bye:
		if msg.Reason == wire.ByeCloned {
			s.do(Cloned{})
		}
		s.phase = phaseOver
		s.do(Hangup{})
	default:
		s.bye(wire.ByeProtocol, "Central does not take "+msg.Type().String()+" messages.")
	}
}

// hello decides between tail and snapshot. A cursor from before the station's
// wards were changed is of another scope: only a snapshot erases what it may not
// hold any more, and brings what it is to hold.
func (s *Session) hello(h *wire.Hello, now wire.Now) {
	if h.Station != s.station() {
		s.bye(wire.ByeDenied, "This connection's certificate belongs to another computer. Enrol this computer again.")
		return
	}
	if !slices.Contains(h.Capabilities, wire.CapBase) {
		s.bye(wire.ByeVersion, "This computer's program is too old or too new for the server. What is written is kept until it is updated.")
		return
	}
	s.common = wire.Common(s.cfg.capabilities(), h.Capabilities)
	s.do(Spoke{h.Capabilities})
	w := &wire.Welcome{
		Capabilities: s.common,
		Epoch:        s.cfg.Epoch(), Head: s.cfg.Head, Mode: wire.ModeSnapshot,
		Wards: s.cfg.Peer.Device.Wards, Program: s.cfg.Program,
		PushWindow: uint32(s.limits.Push), Central: s.cfg.Status, //nolint:gosec // a small positive limit
	}
	s.phase = phaseChoosing
	s.pingAt, s.statusAt, s.toldAt = now.Mono+s.timing.Heartbeat, now.Mono+statusEvery, now.Mono
	s.recheckAt = now.Mono + s.timing.Recheck
	s.told = s.cfg.Status
	if s.can(wire.CapProof) {
		w.Epochs = s.cfg.Epochs[max(len(s.cfg.Epochs)-wire.MaxEpochs, 0):]
	}
	s.ahead = ahead{able: s.can(wire.CapAhead), from: s.cfg.Head.Position}
	s.up.known = h.Cursor.Epoch != s.cfg.Epoch().ID
	if h.Cursor.Epoch == s.cfg.Epoch().ID && h.Cursor.Position >= s.cfg.Peer.Device.Rescoped {
		w.Mode = wire.ModeTail
		s.beginTail(h.Cursor, now)
		s.applied = h.Cursor.Position
		s.ahead.from, s.ahead.news = h.Cursor.Position, true
	}
	if slices.Contains(w.Capabilities, wire.CapPacked) {
		w.Dictionary = wire.Agreed(h)
		s.dictionary = w.Dictionary
	}
	s.send(w)
	if !s.up.known && s.phase == phaseChoosing {
		s.lookUp(h.Cursor)
	}
}

// wakeup does whatever is due.
func (s *Session) wakeup(now wire.Now) {
	if s.phase == phaseGreeting {
		if now.Mono >= s.started+s.timing.Greet {
			s.bye(wire.ByeProtocol, "No hello came.")
		}
		return
	}
	switch {
	case now.Mono >= s.heard+s.timing.Dead:
		s.phase = phaseOver
		s.do(Hangup{}) // half open: it would be read by nobody
		return
	case s.phase == phaseDoubt && now.Mono >= s.doubt.until:
		s.diverged()
		return
	case now.Mono >= s.down.stallAt(s.timing.Stall):
		s.bye(wire.ByeSlow, "Nothing was acknowledged for too long.")
		return
	}
	if now.Mono >= s.pingAt {
		s.pingID++
		s.pingAt = now.Mono + s.timing.Heartbeat
		s.send(&wire.Ping{ID: s.pingID, Wall: now.Wall})
	}
	if now.Mono >= s.statusAt {
		s.statusAt = now.Mono + statusEvery
		s.do(ReadStatus{})
	}
	if now.Mono >= s.recheckAt {
		s.recheckAt = now.Mono + s.timing.Recheck
		s.do(CheckDevice{})
	}
	if a := &s.admission; a.askAt > 0 && now.Mono >= a.askAt {
		a.askAt = now.Mono + placeTold
		s.do(ReadPlace{})
	}
	if now.Mono >= s.unused() {
		s.admission = admission{}
		s.do(Release{})
	}
	if s.down.idleAt > 0 && now.Mono >= s.down.idleAt {
		s.down.idleAt = 0
		s.down.news, s.down.flush = true, true
	}
}

// statusRead passes on what is news, and from time to time what is not.
func (s *Session) statusRead(c record.Central, now wire.Now) {
	if s.phase == phaseGreeting {
		return
	}
	if slices.Equal(c.Feeds, s.told.Feeds) && now.Mono < s.toldAt+s.timing.Status {
		return
	}
	s.told, s.toldAt = c, now.Mono
	s.send(&wire.Status{Central: c})
}

// askSoon has the station ask how it stands. One that does not know the word asks within
// the minute anyway, and one that is still to be welcomed will ask as its link rises.
func (s *Session) askSoon() {
	if s.phase != phaseGreeting && s.phase != phaseDoubt && s.can(wire.CapAsk) {
		s.send(&wire.Status{Central: s.told, Ask: true})
	}
}

const wordsDenied = "This computer's access was withdrawn. Ask the administrator."

// deviceRead ends the session of a station that may not any more. That central
// could not look it up just now ends nothing.
func (s *Session) deviceRead(ev DeviceRead) {
	why := fault.KindOf(ev.Err) // Unknown: nobody has enrolled it, or a restore has undone that
	if why == fault.NotFound || why == fault.Denied || why == fault.Unknown || ev.Err == nil && (ev.Device.Revoked != 0 || ev.Device.Wipe != 0) {
		s.bye(wire.ByeDenied, wordsDenied)
		return
	}
	if ev.Err == nil && !slices.Equal(ev.Device.Wards, s.cfg.Peer.Device.Wards) {
		s.bye(wire.ByeGoing, "The wards of this computer were changed.")
		return
	}
	if was := s.cfg.Peer.Device.Key; ev.Err == nil && len(was) > 0 && len(ev.Device.Key) > 0 && !bytes.Equal(ev.Device.Key, was) {
		s.bye(wire.ByeGoing, "This computer has another key: it comes again with that one.")
	}
}

func (s *Session) garbled(err error) {
	if fault.Is(err, fault.Unsupported) {
		s.bye(wire.ByeVersion, "The server does not know this program's protocol version or message. Update the older of the two; what is written is kept meanwhile.")
		return
	}
	s.bye(wire.ByeProtocol, "A frame could not be read; nothing of it was used.")
}

// bye ends the session with a word.
func (s *Session) bye(reason wire.Reason, words string) {
	s.send(&wire.Bye{Reason: reason, Words: words})
	s.do(Hangup{})
	s.phase = phaseOver
}

package client

import (
	"math/rand/v2"
	"slices"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/compact"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// Windows of a station. Central's may be smaller.
const (
	pushAtOnce   = 64        // mutations read and offered at a time
	pushBytes    = 192 << 10 // of one Push, unless a single mutation is bigger
	looksAtOnce  = 128
	chunkCredit  = 10        // chunks asked for ahead
	storedAtOnce = 5         // of them, so that central prepares the others meanwhile
	storedBytes  = 384 << 10 // of batches, likewise, unless a single one is bigger
	maxQueued    = 64        // batches or chunks waiting for the store
	maxHeld      = 4096      // receipts waiting for their changes: then nothing more is offered
	pingsKept    = 8         // clock measurements that compete
	retryStore   = 5 * time.Second
	stableAfter  = 10 * time.Second // a session this old ends the backing off
	betweenHosts = 50 * time.Millisecond
)

// phase is where the machine is with its connection.
type phase uint8

const (
	phaseOff     phase = iota // disconnected by hand
	phaseWaiting              // until retryAt
	phaseDialing              // Dial is under way
	phaseLoading              // connected, reading where the station stands
	phaseGreeted              // hello is sent
	phaseReoffer              // welcomed, and the store is told to offer again
	phaseOnline               // tail or snapshot
	phaseDoubted              // the cursor is being proven; nothing else is exchanged
)

// Machine is the client's step machine. Step is a function of the machine, the
// event and the clocks alone: the same seed and the same events give the same
// effects, always. It is for one goroutine.
type Machine struct {
	station record.StationID
	servers []string
	program string
	timing  Timing
	rng     *rand.Rand
	out     []Effect
	state   LinkState
	told    LinkState

	// The connection.
	phase     phase
	session   uint64
	server    int // index of the address to dial next, or in use
	attempts  int // since the last stable session
	retryAt   time.Duration
	giveUpAt  time.Duration // dialling and greeting
	welcomeAt time.Duration
	heard     time.Duration
	pingAt    time.Duration
	pingID    uint64
	pinged    time.Duration
	clock     clock

	common  []wire.Capability // of the session
	wards   []record.Ward     // that central serves us
	keeps   bool              // there is an Archive
	checks  bool              // there is a Checker
	lends   bool              // there is a Basis
	shelf   bool              // there is a Shelf
	ends    bool              // the end of its chain of looks is declared beside the session
	without []wire.Capability

	down  down
	ahead ahead
	up    up
	look  look
	give  give
	check check
	fetch fetch
}

// MachineConfig is what a Machine needs of a Config.
type MachineConfig struct {
	Station record.StationID
	Servers []string
	Program string
	Timing  Timing
	Seed    uint64
	Offline bool
	Archive bool // there is an Archive
	Checker bool // there is a Checker
	Basis   bool // there is a Basis
	Shelf   bool // there is a Shelf
	Ends    bool // the end of the chain of looks is declared beside the session
	// Without are capabilities of this program that are not named: for tests of
	// what an older one does.
	Without []wire.Capability
}

// NewMachine makes a machine that dials at its first Wakeup, which is due at
// once.
func NewMachine(cfg MachineConfig) *Machine {
	m := &Machine{
		station: cfg.Station, servers: cfg.Servers, program: cfg.Program,
		timing:  cfg.Timing.orDefaults(),
		rng:     rand.New(rand.NewPCG(cfg.Seed, 0x77617264)), //nolint:gosec // jitter, not a secret
		phase:   phaseWaiting,
		keeps:   cfg.Archive,
		checks:  cfg.Checker,
		lends:   cfg.Basis,
		shelf:   cfg.Shelf,
		ends:    cfg.Ends,
		without: cfg.Without,
	}
	if cfg.Offline {
		m.phase = phaseOff
	}
	m.state.Off = cfg.Offline
	m.up.reset(1)
	return m
}

// State is what an observer would be told now.
func (m *Machine) State() LinkState { return m.state }

// Step takes one event and returns what is to be done about it, in order. The
// returned slice is valid until the next Step.
func (m *Machine) Step(ev Event, now wire.Now) []Effect {
	m.out = m.out[:0]
	m.handle(ev, now)
	m.pumpAhead()
	m.pumpDown()
	m.pumpUp(now)
	m.pumpLooks(now)
	m.pumpGive(now)
	m.pumpCheck(now)
	m.pumpFetch(now)
	m.tell()
	return m.out
}

func (m *Machine) do(e Effect) { m.out = append(m.out, e) }

func (m *Machine) send(msg wire.Message) { m.do(Send{Session: m.session, Msg: msg}) }

func (m *Machine) handle(ev Event, now wire.Now) {
	switch ev := ev.(type) {
	case Wakeup:
		m.wakeup(now)
	case Nudge:
		m.up.want = true
		m.look.nudged(now)
	case SwitchOn:
		m.switchOn(now)
	case SwitchOff:
		m.switchOff(now)
	case Dialled, Lost, Alive, Got, GotBatch, GotDelta, GotChunk, GotAhead, Garbled, Loaded, ProofRead:
		m.connection(ev, now)
	case WantDocuments:
		m.fetch.want = true
	case WantedRead:
		m.wantedRead(ev, now)
	case PartKept:
		m.partKept(ev.Err, now)
	case PutTogether:
		m.putTogether(ev, now)
	case BatchDone:
		m.batchDone(ev.Err, now)
	case ChunksDone:
		m.chunksDone(ev.Err, now)
	case AheadDone:
		m.aheadDone(ev.Err)
	case Unsent:
		m.unsent(ev, now)
	case ReceiptsDone:
		m.receiptsDone(ev.Err, now)
	case UnsentLooks:
		m.unsentLooks(ev, now)
	case LooksDone:
		m.looksDone(ev.Err, now)
	case ReofferDone:
		m.reofferDone(ev.Err, now)
	case Question:
		m.check.want(ev.Patients)
	case Compared:
		m.compared(ev, now)
	case ReturnRead:
		m.returnRead(ev, now)
	case ReturnDone:
		m.returnDone(ev.Err, now)
	}
}

// connection handles the events of one connection, and ignores an older one's.
func (m *Machine) connection(ev Event, now wire.Now) {
	if sessionOf(ev) != m.session || m.phase == phaseOff || m.phase == phaseWaiting {
		return
	}
	if _, lost := ev.(Lost); !lost {
		m.heard = now.Mono
	}
	switch ev := ev.(type) {
	case Dialled:
		m.phase = phaseLoading
		m.do(Load{Session: m.session})
	case Loaded:
		m.loaded(ev, now)
	case Lost:
		m.lost(ev.Err, now)
	case Garbled:
		m.garbled(ev.Err, now)
	case Got:
		m.message(ev.Msg, now)
	case GotBatch:
		m.gotBatch(ev.Batch, now)
	case GotDelta:
		m.gotDelta(ev.Delta, now)
	case GotChunk:
		m.gotChunk(ev.Chunk, ev.Number, now)
	case GotAhead:
		m.gotAhead(ev.Batch, now)
	case ProofRead:
		m.proofRead(ev)
	}
}

func sessionOf(ev Event) uint64 {
	switch ev := ev.(type) {
	case Dialled:
		return ev.Session
	case Loaded:
		return ev.Session
	case Lost:
		return ev.Session
	case Alive:
		return ev.Session
	case Garbled:
		return ev.Session
	case Got:
		return ev.Session
	case GotBatch:
		return ev.Session
	case GotDelta:
		return ev.Session
	case GotChunk:
		return ev.Session
	case GotAhead:
		return ev.Session
	case ProofRead:
		return ev.Session
	}
	return 0
}

func (m *Machine) message(msg wire.Message, now wire.Now) {
	switch msg := msg.(type) {
	case *wire.Welcome:
		m.welcome(msg, now)
	case *wire.Receipts:
		m.receipts(msg, now)
	case *wire.LooksReceived:
		m.looksReceived(msg, now)
	case *wire.Status:
		m.status(msg.Central, now)
		if msg.Ask {
			m.state.Asked++
		}
	case *wire.Wait:
		m.wait(msg, now)
	case *wire.Ping:
		m.send(&wire.Pong{ID: msg.ID, Wall: msg.Wall, Mine: now.Wall})
	case *wire.Pong:
		m.pong(msg, now)
	case *wire.Bye:
		m.bye(msg, now)
	case *wire.Doubt:
		m.doubted()
	case *wire.Given:
		m.given(msg, now)
	case *wire.Heads:
		m.heads(msg)
	case *wire.Document:
		m.gotDocument(msg, now)
	default:
		m.hangup(now, wire.ByeProtocol, "a station does not take "+msg.Type().String()+" messages")
	}
}

// loaded says hello.
func (m *Machine) loaded(ev Loaded, now wire.Now) {
	if m.phase != phaseLoading {
		return
	}
	if ev.Err != nil {
		m.refuse("store", "This computer's store cannot be read: "+fault.KindOf(ev.Err).String()+". What was written stays in the outbox file.")
		m.hangup(now, wire.ByeGoing, "")
		return
	}
	m.phase = phaseGreeted
	m.down.begin(ev.Cursor)
	m.state.Cursor = ev.Cursor
	h := &wire.Hello{
		Capabilities: m.capabilities(), Station: m.station, Cursor: ev.Cursor,
		Snapshot: ev.Snapshot, Next: ev.Next, Program: m.program, Wall: now.Wall,
	}
	if slices.Contains(m.capabilities(), wire.CapPacked) {
		h.Dictionaries = compact.Known()
	}
	m.send(h)
	m.down.resume, m.down.next, m.down.first = ev.Snapshot, ev.Next, atMost(ev.First)
}

// welcome decides how the session goes on.
func (m *Machine) welcome(w *wire.Welcome, now wire.Now) {
	if m.phase != phaseGreeted {
		m.hangup(now, wire.ByeProtocol, "a second welcome")
		return
	}
	if offered := slices.Contains(m.capabilities(), wire.CapPacked); w.Dictionary != 0 && (!offered || !w.Dictionary.Known()) {
		m.hangup(now, wire.ByeProtocol, "a dictionary that was not offered")
		return
	}
	m.down.epoch, m.down.dictionary = w.Epoch.ID, w.Dictionary
	m.up.window = int(min(max(w.PushWindow, 1), wire.MaxPushWindow))
	m.welcomeAt, m.pingAt = now.Mono, now.Mono
	m.state.Refused = Refusal{}
	m.status(w.Central, now)
	m.setConnected(true, now)
	m.common, m.wards = w.Capabilities, w.Wards
	mine := m.down.cursor.Epoch
	m.down.ask = w.Mode == wire.ModeSnapshot || mine != w.Epoch.ID
	m.give.begin(w, m.can(wire.CapGiveBack), now.Mono)
	switch since := sinceEpoch(mine, w); {
	case since == record.CauseRestored:
		m.phase = phaseReoffer
		m.do(Reoffer{})
		return
	case since == record.CauseWiped && m.keeps:
		m.phase = phaseReoffer
		m.do(Wipe{})
		return
	}
	m.phase = phaseOnline
	m.beginUp(now)
	m.beginDown(now)
}

func (m *Machine) reofferDone(err error, now wire.Now) {
	if m.phase != phaseReoffer {
		return
	}
	if err != nil {
		m.storeFailed(err)
		m.hangup(now, wire.ByeGoing, "")
		return
	}
	m.phase = phaseOnline
	m.beginUp(now)
	m.beginDown(now)
}

func (m *Machine) can(c wire.Capability) bool { return slices.Contains(m.common, c) }

// capabilities are those that this station has.
func (m *Machine) capabilities() []wire.Capability {
	return slices.DeleteFunc(wire.Capabilities(), func(c wire.Capability) bool {
		return !m.keeps && (c == wire.CapProof || c == wire.CapGiveBack) || !m.checks && c == wire.CapHeads || !m.lends && c == wire.CapDelta || !m.shelf && c == wire.CapDocuments || !m.ends && c == wire.CapEnd || slices.Contains(m.without, c)
	})
}

func (m *Machine) beginUp(now wire.Now) {
	m.up.reset(1)
	m.up.progress = now.Mono
	m.look.reset()
	m.fetch.reset()
}

func (m *Machine) online() bool { return m.phase == phaseOnline }

// tell hands the observer a state that changed.
func (m *Machine) tell() {
	m.state.Waiting = len(m.up.flight)
	m.state.CaughtUp = m.online() && !m.state.Snapshot.Active && m.down.cursor.Position >= m.state.Central.Head &&
		m.down.cursor.Epoch == m.down.epoch
	if !sameState(m.state, m.told) {
		m.told = m.state
		m.do(Tell{State: m.state})
	}
}

func sameState(a, b LinkState) bool {
	if len(a.Central.Feeds) != len(b.Central.Feeds) {
		return false
	}
	for i := range a.Central.Feeds {
		if a.Central.Feeds[i] != b.Central.Feeds[i] {
			return false
		}
	}
	same := a.Central.Time == b.Central.Time && a.Central.Head == b.Central.Head
	a.Central, b.Central = record.Central{}, record.Central{}
	return same && a.Connected == b.Connected && a.Off == b.Off && a.Since == b.Since && a.Server == b.Server &&
		a.Offset == b.Offset && a.Measured == b.Measured && a.Heard == b.Heard && a.Cursor == b.Cursor &&
		a.CaughtUp == b.CaughtUp && a.Snapshot == b.Snapshot && a.Waiting == b.Waiting && a.Refused == b.Refused
}

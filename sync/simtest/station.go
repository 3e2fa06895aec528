package simtest

import (
	"bytes"
	"fmt"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
	"wardlight/sync/client"
	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// station is one workstation: what survives a crash is its store alone.
type station struct {
	w       *world
	nr      int // of its identity
	id      record.StationID
	device  record.Device // as central keeps it
	key     keys.DeviceKey
	skew    time.Duration // of its wall clock
	slept   time.Duration // by how much its monotonic clock has stood still
	wakes   time.Duration // asleep until then
	store   *Store
	damaged bool                           // its copy of something was changed by nobody
	put     bool                           // its disk was put back to an older image
	copied  *copied                        // another computer has the same disk, from some moment on
	retired bool                           // it has another identity now
	carried int                            // looks that came along from an earlier one
	told    []record.Mutation              // in order: a person was told that it is saved
	past    uint64                         // looks that a central may have had that was wiped
	edits   map[fhir.Ref]record.MutationID // the last own edit of a resource
	machine *client.Machine
	life    uint64
	cut     bool
	shut    time.Duration // since when central has it shut out; 0: never
	conn    *conn
	tasks   []client.Effect // for the store, in order
	busy    bool
	armed   time.Duration
}

func newStation(w *world, i int, wards []record.Ward) *station {
	id := record.StationID(fmt.Sprintf("sworkstation%c", 'a'+i)) // of the form that real ones have
	key := deviceKeys()[i]
	s := &station{
		w: w, nr: i, id: id, key: key, store: NewStore(id), edits: map[fhir.Ref]record.MutationID{},
		skew:   w.profile.skew * time.Duration(i-1),
		device: record.Device{Station: id, Wards: wards, Place: "computer", Key: key.Public(), KeyID: key.ID()},
	}
	s.store.plant = w.plant
	return s
}

func (s *station) peer() record.Peer { return record.Peer{Device: s.device, Remote: "simulated"} }

func (s *station) clock() wire.Now {
	return wire.Now{Mono: s.w.now - s.slept, Wall: begun + (s.w.now + s.skew).Milliseconds()}
}

// awake does something once the computer does not sleep, if the program has not
// been started anew.
func (s *station) awake(do func()) {
	life := s.life
	if s.w.now < s.wakes {
		s.w.at(s.wakes, func() { s.awake(do) })
		return
	}
	if s.life == life {
		do()
	}
}

// boot starts the program.
func (s *station) boot() {
	var without []wire.Capability
	if !s.w.profile.packed {
		without = append(without, wire.CapPacked)
	}
	if s.yesterdays() {
		without = append(without, wire.CapFirst)
	}
	s.machine = client.NewMachine(client.MachineConfig{
		Without: without, Checker: s.w.profile.compares && !s.old(), Timing: client.Timing{Round: 20 * time.Second},
		Station: s.id, Servers: []string{"one", "two"}, Seed: s.w.rng.Uint64(), Archive: !s.old(), Basis: s.w.profile.deltas && !s.old(), Shelf: s.fetches(),
	})
	s.tasks, s.busy, s.armed, s.conn = nil, false, 0, nil
	clear(s.store.resting)
	s.step(client.Wakeup{})
}

// yesterdays says whether the station's program is of before a screen could say
// what it needs first.
func (s *station) yesterdays() bool { return (s.w.seed+uint64(s.id[len(s.id)-1]))%3 == 0 }

// first is what its screen shows: its first ward.
func (s *station) first() record.First {
	return record.First{Wards: s.device.Wards[:min(1, len(s.device.Wards))]}
}

// old says whether the station's program is of the first release: it keeps
// nothing to prove with or to give back, and names no later capability.
func (s *station) old() bool { return s.w.profile.old && s.nr == 0 }

// crash stops the program, and its disk loses of what was not synced as much as
// fate wants. It comes back after a while.
func (s *station) crash() {
	if s.machine == nil {
		return
	}
	s.machine = nil
	s.life++
	s.store.crash(s.w.rng.IntN(3))
	s.store.lazy = false
	if s.conn != nil {
		s.conn.reset(s.w.chance(0.5))
	}
	s.w.after(time.Second+s.w.within(5*time.Second), func() {
		if s.machine == nil && !s.retired {
			s.boot()
		}
	})
}

// step takes an event, performs what the machine wants, and holds the machine
// to its bounds.
func (s *station) step(ev client.Event) {
	if s.machine == nil {
		return
	}
	if s.w.now < s.wakes {
		s.awake(func() { s.step(ev) })
		return
	}
	for _, e := range append([]client.Effect(nil), s.machine.Step(ev, s.clock())...) {
		s.perform(e)
	}
	if what := s.machine.Overdrawn(); what != "" {
		s.w.fail("%s holds too many %s", s.id, what)
	}
	s.noticed()
	s.arm()
}

// arm sees to it that the machine is woken when it wants to be.
func (s *station) arm() {
	at := s.machine.Wake()
	if at > 1<<61 {
		return
	}
	if at = max(at+s.slept, s.w.now); s.armed > s.w.now && s.armed <= at {
		return
	}
	s.armed = at
	life := s.life
	s.w.at(at, func() {
		switch {
		case s.life != life || s.armed != at || s.machine == nil:
		case s.machine.Wake()+s.slept > s.w.now:
			s.armed = 0
			s.arm()
		default:
			s.armed = 0
			s.step(client.Wakeup{})
		}
	})
}

func (s *station) perform(e client.Effect) {
	switch e := e.(type) {
	case client.Dial:
		s.dial(e)
	case client.Send:
		if s.conn != nil && s.conn.nr == e.Session {
			s.conn.sendUp(e.Msg)
		}
	case client.Hangup:
		if c := s.conn; c != nil && c.nr == e.Session {
			s.conn = nil
			c.after(func() { c.reset(false) })
		}
	case client.Tell:
	default:
		s.tasks = append(s.tasks, e)
		s.work()
	}
}

// work does the store's next task: writing is one event, syncing and answering
// another, and a crash may come before either.
func (s *station) work() {
	if s.busy || len(s.tasks) == 0 {
		return
	}
	s.busy = true
	e := s.tasks[0]
	s.tasks = s.tasks[1:]
	s.later(func() {
		s.store.lazy = true
		ev := s.commit(e)
		s.store.lazy = false
		s.later(func() {
			if s.store.sync(); s.w.plant == StationUnsynced && s.w.chance(0.3) {
				s.store.synced = len(s.store.log)
			}
			s.busy = false
			s.step(ev)
			s.work()
		})
	})
}

// later does something soon, if the program is still the same run.
func (s *station) later(do func()) {
	life := s.life
	s.w.soon(func() {
		if s.life == life {
			s.awake(do)
		}
	})
}

func (s *station) commit(e client.Effect) client.Event {
	if a, ok := e.(client.Apply); ok && s.w.plant == CursorBeforeCommit {
		return s.cursorFirst(a)
	}
	if ev := client.Perform(s.w.ctx, s.store, e); ev != nil {
		if loaded, ok := ev.(client.Loaded); ok {
			loaded.First = s.first()
			return loaded
		}
		return ev
	}
	if ev := client.PerformArchive(s.w.ctx, s.store, e); ev != nil {
		return ev
	}
	if ev := client.PerformShelf(s.w.ctx, s.store, e); ev != nil {
		return ev
	}
	if p, ok := e.(client.PutTogetherDelta); ok {
		return s.putTogether(p)
	}
	return client.PerformChecker(s.w.ctx, s.store, e)
}

// putTogether makes the batch of a delta.
func (s *station) putTogether(p client.PutTogetherDelta) client.Event {
	if s.w.plant == DeltaBelieved {
		return s.believed(p)
	}
	ev := client.PerformBasis(s.w.ctx, s, verify, p)
	if made, ok := ev.(client.PutTogether); ok && made.Err == nil {
		s.w.struck["a delta was put together"]++
	} else {
		s.w.struck["a delta could not be put together"]++
	}
	return ev
}

// HeldVersion lends out what the store holds, now and then as a disk gives it
// back on which a byte has turned.
func (s *station) HeldVersion(ref fhir.Ref, v record.Version) (fhir.Resource, error) {
	body, err := s.store.HeldVersion(ref, v)
	if body != nil && s.w.chance(0.1) && !s.w.healed {
		body = bytes.ReplaceAll(body, []byte("says"), []byte("sags"))
	}
	return body, err
}

// cursorFirst is a store that makes the cursor durable at once, and the data when
// it has the time.
func (s *station) cursorFirst(a client.Apply) client.Event {
	s.store.lazy = false
	s.store.commit(func(c *contents) { c.cursor = a.Batches[len(a.Batches)-1].Cursor() })
	life := s.life
	s.w.after(s.w.within(400*time.Millisecond), func() {
		if s.life != life {
			return
		}
		s.store.commit(func(c *contents) {
			for _, b := range a.Batches {
				for _, change := range b.Changes {
					c.take(change, s.w.plant)
				}
				for _, p := range b.Forget {
					c.forget(p)
				}
			}
			for _, r := range a.Receipts {
				c.receipts[r.Mutation] = r
			}
		})
	})
	return client.BatchDone{}
}

// dial makes a connection where there is a way and central is up and wants this
// computer.
func (s *station) dial(e client.Dial) {
	life := s.life
	s.w.after(time.Duration(2+s.w.rng.IntN(30))*time.Millisecond, func() {
		switch {
		case s.life != life || s.machine == nil:
		case s.cut:
			return // no answer comes, and the station gives up by itself
		case s.w.central.down:
			s.step(client.Lost{Session: e.Session})
		case s.device.Revoked != 0 && s.w.plant != RevokedServed:
			s.step(client.Lost{Session: e.Session, Err: fault.New(fault.Denied, "simtest.dial", string(s.id), "revoked")})
		default:
			s.conn = s.w.connect(s, e.Session)
			s.step(client.Dialled{Session: e.Session})
		}
	})
}

// limits are the defaults, or such that a snapshot takes many chunks.
func (w *world) limits() hub.Limits {
	if w.seed%4 == 0 {
		return hub.Limits{Bytes: 2 << 10}
	}
	return hub.Limits{}
}

// connect is central accepting a connection: the station's newest replaces an
// older one.
func (w *world) connect(s *station, nr uint64) *conn {
	c := &conn{w: w, station: s, nr: nr, life: s.life, host: w.central.life, peer: s.peer()}
	c.down.in.Limit = wire.MaxToStation
	if w.plant == OldSnapshot {
		c.peer.Device.Rescoped = 0
	}
	c.session = hub.NewSession(hub.SessionConfig{
		Peer: c.peer, Epochs: w.central.source.Epochs(), Head: w.central.source.Head(), Status: w.central.status(),
		Timing: hub.Timing{Recheck: 5 * time.Second}, Proves: true, TakesBack: true, Compares: true, Documents: true,
		Runs:   s.nr != 0, // the first station's go one by one
		Limits: w.limits(),
	})
	old := w.central.sessions[s.id]
	w.central.sessions[s.id] = c
	open := w.conns[:0]
	for _, o := range w.conns {
		if !o.closed {
			open = append(open, o)
		}
	}
	w.conns = append(open, c)
	if old != nil {
		old.toHub(hub.Replaced{})
	}
	c.toHub(hub.Wakeup{})
	return c
}

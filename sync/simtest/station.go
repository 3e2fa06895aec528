package simtest

import (
	"crypto/rand"
	"fmt"
	"slices"
	"sync"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/keys"
	"wardlight/sync/client"
	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// station is one workstation: what survives a crash is its store alone.
type station struct {
	w       *world
	id      record.StationID
	device  record.Device
	key     keys.DeviceKey
	skew    time.Duration
	store   *Store
	edits   map[fhir.Ref]record.MutationID // the last own edit of a resource
	machine *client.Machine
	life    uint64
	cut     bool
	conn    *conn
	tasks   []client.Effect // for the store, in order
	busy    bool
	armed   time.Duration
}

// deviceKeys are made once: they are the same in every simulation.
var deviceKeys = sync.OnceValue(func() (all [3]keys.DeviceKey) {
	for i := range all {
		k, err := keys.NewDeviceKey(rand.Reader)
		must(err)
		all[i] = k
	}
	return all
})

func newStation(w *world, i int, wards []record.Ward) *station {
	id := record.StationID(fmt.Sprintf("s%d", i+1))
	key := deviceKeys()[i]
	return &station{
		w: w, id: id, key: key, store: NewStore(id), edits: map[fhir.Ref]record.MutationID{},
		skew:   w.profile.skew * time.Duration(i-1),
		device: record.Device{Station: id, Wards: wards, Place: "computer", Key: key.Public(), KeyID: key.ID()},
	}
}

func (s *station) peer() record.Peer { return record.Peer{Device: s.device, Remote: "simulated"} }

func (s *station) clock() wire.Now {
	return wire.Now{Mono: s.w.now, Wall: begun + (s.w.now + s.skew).Milliseconds()}
}

// boot starts the program.
func (s *station) boot() {
	s.machine = client.NewMachine(client.MachineConfig{
		Station: s.id, Servers: []string{"one", "two"}, Seed: s.w.rng.Uint64(),
	})
	s.tasks, s.busy, s.armed, s.conn = nil, false, 0, nil
	s.step(client.Wakeup{})
}

// crash stops the program; it comes back after a while.
func (s *station) crash() {
	if s.machine == nil {
		return
	}
	s.machine = nil
	s.life++
	if s.conn != nil {
		s.conn.reset(s.w.chance(0.5))
	}
	s.w.after(time.Second+s.w.within(5*time.Second), func() {
		if s.machine == nil {
			s.boot()
		}
	})
}

func (s *station) step(ev client.Event) {
	if s.machine == nil {
		return
	}
	for _, e := range slices.Clone(s.machine.Step(ev, s.clock())) {
		s.perform(e)
	}
	s.arm()
}

// arm sees to it that the machine is woken when it wants to be.
func (s *station) arm() {
	at := max(s.machine.Wake(), s.w.now)
	if at > 1<<62 || s.armed > s.w.now && s.armed <= at {
		return
	}
	s.armed = at
	life := s.life
	s.w.at(at, func() {
		switch {
		case s.life != life || s.armed != at || s.machine == nil:
		case s.machine.Wake() > s.w.now:
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
			if push, ok := e.Msg.(*wire.Push); ok && s.w.plant == OutboxForgets {
				s.forgetSent(push)
			}
			s.conn.deliver(&s.conn.up, e.Msg, s.conn.hubGot)
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

func (s *station) forgetSent(p *wire.Push) {
	for _, m := range p.Mutations {
		s.store.receipts[m.ID] = record.Receipt{Mutation: m.ID}
	}
}

// work does the store's next task: its commit is one event, its answer another,
// and a crash may come before either.
func (s *station) work() {
	if s.busy || len(s.tasks) == 0 {
		return
	}
	s.busy = true
	e := s.tasks[0]
	s.tasks = s.tasks[1:]
	life := s.life
	s.w.soon(func() {
		if s.life != life {
			return
		}
		ev := s.commit(e)
		s.w.soon(func() {
			if s.life != life {
				return
			}
			s.busy = false
			s.step(ev)
			s.work()
		})
	})
}

func (s *station) commit(e client.Effect) client.Event {
	if a, ok := e.(client.Apply); ok && s.w.plant == CursorBeforeCommit {
		s.store.cursor = a.Batch.Cursor()
		life := s.life
		s.w.soon(func() {
			if s.life != life {
				return
			}
			for _, c := range a.Batch.Changes {
				s.store.take(c)
			}
			for _, p := range a.Batch.Forget {
				s.store.forget(p)
			}
		})
		return client.BatchDone{}
	}
	if r, ok := e.(client.SaveReceipts); ok {
		s.w.ledger.receipted(r.Receipts)
	}
	return client.Perform(s.w.ctx, s.store, e)
}

// dial makes a connection where there is a way and central is up.
func (s *station) dial(e client.Dial) {
	life := s.life
	s.w.after(time.Duration(2+s.w.rng.IntN(30))*time.Millisecond, func() {
		switch {
		case s.life != life || s.machine == nil:
			return
		case s.cut:
			return // no answer comes, and the station gives up by itself
		case s.w.central.down:
			s.step(client.Lost{Session: e.Session})
			return
		}
		s.conn = s.w.connect(s, e.Session)
		s.step(client.Dialled{Session: e.Session})
	})
}

// connect is central accepting a connection: the station's newest replaces an
// older one.
func (w *world) connect(s *station, nr uint64) *conn {
	c := &conn{w: w, station: s, nr: nr, life: s.life, host: w.central.life}
	c.down.in.Limit = wire.MaxToStation
	c.session = hub.NewSession(hub.SessionConfig{
		Peer: s.peer(), Epochs: w.central.source.Epochs(), Head: w.central.source.Head(), Status: w.central.status(),
	})
	old := w.central.sessions[s.id]
	w.central.sessions[s.id] = c
	w.conns = append(slices.DeleteFunc(w.conns, func(o *conn) bool { return o.closed }), c)
	if old != nil {
		old.toHub(hub.Replaced{})
	}
	c.toHub(hub.Wakeup{})
	return c
}

// act is one thing that a person does at a station.
func (s *station) act() {
	if s.machine == nil {
		return
	}
	refs := s.heldOf(fhir.TypePatient)
	if len(refs) == 0 {
		return
	}
	p := s.store.Held[refs[s.w.rng.IntN(len(refs))]].Patient
	s.store.Look([]byte(fmt.Sprintf(`{"look":"%s-%d"}`, s.id, len(s.store.looks)+1)))
	switch s.w.rng.IntN(4) {
	case 0:
		s.vitals(p)
	case 1:
		s.acknowledge(p)
	case 2:
		s.edit(p)
	}
	s.step(client.Nudge{})
}

func (s *station) heldOf(t fhir.Type) []fhir.Ref {
	var refs []fhir.Ref
	for ref := range s.store.Held {
		if ref.Type == t {
			refs = append(refs, ref)
		}
	}
	slices.SortFunc(refs, func(a, b fhir.Ref) int { return slices.Compare([]fhir.ID{a.ID}, []fhir.ID{b.ID}) })
	return refs
}

func (s *station) vitals(p fhir.ID) {
	id := record.MutationOf(s.id, s.store.NextSeq())
	body := fmt.Sprintf(`{"category":[{"coding":[{"code":"vital-signs","system":%q}]}],"code":{"text":"pulse"},"id":%q,"resourceType":"Observation","status":"final","subject":{"reference":"Patient/%s"},"valueInteger":%d}`,
		fhir.SystemObservationCat, id, p, 60+s.w.rng.IntN(60))
	s.write(p, fhir.Ref{Type: fhir.TypeObservation, ID: fhir.ID(id)}, record.Op{Kind: record.OpPut, Value: canonical(body)}, 0, "")
}

func (s *station) acknowledge(p fhir.ID) {
	var about fhir.Ref
	for _, ref := range s.heldOf(fhir.TypeObservation) {
		if s.store.Held[ref].Patient == p {
			about = ref
		}
	}
	if about.IsZero() {
		return
	}
	id := record.MutationOf(s.id, s.store.NextSeq())
	body := fmt.Sprintf(`{"code":{"coding":[{"code":"acknowledge","system":%q}]},"focus":{"reference":%q},"for":{"reference":"Patient/%s"},"id":%q,"intent":"order","resourceType":"Task","status":"completed"}`,
		fhir.SystemTaskCode, about, p, id)
	s.write(p, fhir.Ref{Type: fhir.TypeTask, ID: fhir.ID(id)}, record.Op{Kind: record.OpPut, Value: canonical(body)}, 0, "")
}

// edit changes a resource that others change too, on top of an own unsent edit
// if there is one.
func (s *station) edit(p fhir.ID) {
	for _, ref := range s.heldOf(fhir.TypeAllergyIntolerance) {
		c := s.store.Held[ref]
		if c.Patient != p {
			continue
		}
		base, own := c.Version, record.MutationID("")
		if id := s.edits[ref]; id != "" {
			if _, done := s.store.receipts[id]; !done {
				base, own = 0, id
			}
		}
		value := []string{`"low"`, `"high"`, `"unable-to-assess"`}[s.w.rng.IntN(3)]
		s.edits[ref] = s.write(p, ref, record.Op{Kind: record.OpSet, Field: "criticality", Value: []byte(value)}, base, own)
		return
	}
}

func canonical(body string) []byte {
	b, err := fhir.Canonical([]byte(body))
	must(err)
	return b
}

func (s *station) write(p fhir.ID, ref fhir.Ref, op record.Op, base record.Version, own record.MutationID) record.MutationID {
	m := record.Mutation{
		ID: record.MutationOf(s.id, s.store.NextSeq()), Ref: ref, Patient: p, Base: base, BaseMut: own,
		Clock: record.HLC{Wall: s.clock().Wall}, Author: record.Author{User: "grace", Station: s.id},
		Ops: []record.Op{op}, Times: record.Times{Station: s.clock().Wall}, KeyID: s.key.ID(),
	}
	msg, err := m.SigningBytes()
	must(err)
	m.Sig, err = s.key.Sign(msg)
	must(err)
	s.store.Write(m)
	return m.ID
}

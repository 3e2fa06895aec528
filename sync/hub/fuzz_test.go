package hub_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/compact"
	"wardlight/internal/fault"
	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// fate draws what happens out of the fuzzer's bytes, and does what the session
// wants, or something else.
type fate struct {
	bytes   []byte
	s       *hub.Session
	pending []hub.Effect // asked for and not answered yet
	round   uint32
	number  uint32
	seq     uint64
	now     wire.Now
}

// n is 0 to k-1; 0 once the bytes are used up.
func (f *fate) n(k int) int {
	if len(f.bytes) == 0 {
		return 0
	}
	b := int(f.bytes[0])
	f.bytes = f.bytes[1:]
	return b % k
}

func (f *fate) yes() bool { return f.n(2) == 1 }

func (f *fate) err() error {
	if f.n(6) > 0 {
		return nil
	}
	return fault.New(fault.Kind(f.n(12)), "fuzz", "", "failed")
}

// some is a position, a number or a window: mostly small, at times absurd.
func (f *fate) some() uint64 {
	if f.n(16) == 0 {
		return 1<<64 - 1 - uint64(f.n(3))
	}
	return uint64(f.n(32))
}

func (f *fate) cursor() record.Cursor {
	return record.Cursor{Epoch: []string{"e1", "e1", "e1", "e2", ""}[f.n(5)], Position: record.Position(f.some())}
}

// push is what a station offers: the next, mostly.
func (f *fate) push() wire.Message {
	p := &wire.Push{Round: f.round, Number: f.number}
	switch f.n(12) {
	case 0:
		p.Round = uint32(f.some())
	case 1:
		p.Number = uint32(f.some())
	default:
		f.number++
	}
	for range 1 + f.n(wire.MaxPush) {
		f.seq++
		p.Mutations = append(p.Mutations, mutation(f.seq, string(rune('a'+f.n(20)))))
	}
	return p
}

// message is something that a station may say, or may not.
func (f *fate) message() wire.Message {
	switch f.n(14) {
	case 0, 1:
		return &wire.Hello{Capabilities: wire.Capabilities()[:f.n(len(wire.Capabilities())+1)], Station: []record.StationID{"s1", "s1", "s1", "s2"}[f.n(4)], Dictionaries: compact.Known(), Cursor: f.cursor()}
	case 2, 3:
		return &wire.AskChunk{Snapshot: []string{"", "snap"}[f.n(2)], Next: "3", Credit: uint32(f.n(wire.MaxChunkCredit + 1)), More: f.yes()}
	case 4:
		return &wire.Applied{Position: record.Position(f.some())}
	case 5, 6, 7, 8:
		return f.push()
	case 9:
		return &wire.Looks{Looks: make([]record.Look, 1+f.n(3))}
	case 10:
		return &wire.Ping{ID: f.some(), Applied: record.Position(f.some())}
	case 11:
		return &wire.Bye{Reason: wire.Reason(f.n(12))}
	case 12:
		return &wire.GiveBack{Number: f.some()}
	}
	return []wire.Message{&wire.Pong{}, &wire.Proof{}, &wire.Welcome{}, &wire.AskWhole{From: record.Position(f.some())}, &wire.AskDocument{Length: 9}}[f.n(5)]
}

// answer does something that the session has asked for, well or badly.
func (f *fate) answer() hub.Event {
	if len(f.pending) == 0 {
		return hub.Wakeup{}
	}
	i := f.n(len(f.pending))
	e := f.pending[i]
	f.pending = append(f.pending[:i:i], f.pending[i+1:]...)
	switch e := e.(type) {
	case hub.Fetch:
		to := e.From
		to.Position += record.Position(f.n(4))
		ev := hub.Fetched{To: to, Empty: f.yes(), More: f.yes(), Msg: &wire.Batch{Body: make([]byte, f.n(8)<<13)}, Err: f.err()}
		if e.Against != 0 && f.yes() {
			ev.Delta = &wire.Delta{From: e.From.Position, To: to.Position}
		}
		return ev
	case hub.FetchChunk:
		return hub.FetchedChunk{At: f.cursor(), Snapshot: "snap", Next: "4", Last: f.n(6) == 0, Msg: &wire.Chunk{Body: make([]byte, f.n(8)<<13)}, Err: f.err()}
	case hub.FetchAhead:
		ev := hub.FetchedAhead{To: e.After + record.Position(f.n(4)), More: f.yes(), Err: f.err()}
		if f.yes() {
			ev.Msg = &wire.Ahead{Body: []byte{1}}
		}
		return ev
	case hub.Submit:
		ev := hub.Submitted{Mutation: e.Mutation, Err: f.err(), Receipt: record.Receipt{Mutation: e.Mutation.ID, Position: record.Position(f.some())}}
		if ev.Err != nil {
			f.round, f.number = f.round+1, 0
		}
		return ev
	case hub.StoreLooks:
		return hub.LooksStored{UpTo: f.some(), Err: f.err()}
	case hub.CheckDevice:
		return hub.DeviceRead{Device: record.Device{Station: "s1", Wards: []record.Ward{"4B"}[:1-f.n(8)/7], Revoked: int64(f.n(8) / 7)}, Err: f.err()}
	case hub.ReadDocument:
		return hub.DocumentRead{Msg: &wire.Document{}}
	case hub.Weigh:
		ev := hub.Weighed{Err: f.err()}
		if f.yes() {
			ev.Rollback = &hub.Rollback{}
		}
		return ev
	case hub.BeginEpoch:
		return hub.Begun{Err: f.err()}
	case hub.TakeBack:
		return hub.TookBack{Number: f.some(), Err: f.err()}
	}
	return hub.StatusRead{Central: record.Central{Head: record.Position(f.some())}}
}

// happens is the next event: half of them are what the session waits for.
func (f *fate) happens() hub.Event {
	if f.yes() {
		return f.answer()
	}
	switch f.n(20) {
	case 0, 1:
		return hub.Wakeup{}
	case 2:
		return hub.Alive{}
	case 3, 4:
		return hub.Grown{}
	case 5:
		return []hub.Event{hub.Garbled{Err: f.err()}, hub.Lost{}, hub.Replaced{}, hub.Stopping{}, hub.Alive{}, hub.Alive{}, hub.Alive{}, hub.Alive{}}[f.n(8)]
	}
	return hub.Got{Msg: f.message()}
}

// FuzzMachine: whatever a station says and the journal answers, in whatever
// order, the session does not panic, holds no more than its bound, asks for
// little at once, and is not woken for ever at one instant.
func FuzzMachine(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(random(seed))
	}
	f.Fuzz(live)
}

// TestWhateverHappens is the same with random bytes.
func TestWhateverHappens(t *testing.T) {
	for seed := range uint64(400) {
		live(t, random(seed))
	}
}

func random(seed uint64) []byte {
	rng := rand.New(rand.NewPCG(seed, 2))
	b := make([]byte, 16+rng.IntN(4000))
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

func live(t *testing.T, b []byte) {
	w := &fate{bytes: b, round: 1}
	w.s = hub.NewSession(hub.SessionConfig{
		Peer:   record.Peer{Device: record.Device{Station: "s1", Wards: []record.Ward{"4B"}}},
		Epochs: []record.Epoch{{ID: "e1"}}, Head: at(20), Proves: w.yes(), TakesBack: w.yes(),
	})
	w.step(t, hub.Wakeup{})
	if w.n(4) > 0 { // else it may never say hello
		w.step(t, hub.Got{Msg: &wire.Hello{Capabilities: wire.Capabilities(), Station: "s1", Cursor: w.cursor()}})
	}
	for len(w.bytes) > 0 && !w.s.Over() {
		w.pass()
		w.step(t, w.happens())
	}
	for range 100 {
		if w.s.Wake() > w.now.Mono {
			return
		}
		w.step(t, hub.Wakeup{})
	}
	t.Fatalf("woken a hundred times at %v, and wants to be again", w.now.Mono)
}

// pass lets time pass, or none: to where the session wants to be woken, or on.
func (f *fate) pass() {
	if f.n(3) > 0 {
		return
	}
	if at := f.s.Wake(); at > f.now.Mono && at < 1<<62 && f.yes() {
		f.now.Mono = at
		return
	}
	f.now.Mono += time.Duration(f.n(256)) * 10 * time.Millisecond
}

func (f *fate) step(t *testing.T, ev hub.Event) {
	effects := f.s.Step(ev, f.now)
	if len(effects) > 64 {
		t.Fatalf("%d effects of one event", len(effects))
	}
	for _, e := range effects {
		switch e := e.(type) {
		case hub.Send:
			if _, err := wire.Split(e.Msg, 0); err != nil {
				t.Fatalf("a message that cannot be sent: %v", err)
			}
		case hub.Hangup, hub.Diverged, hub.Cloned:
		default:
			f.pending = append(f.pending, e)
		}
	}
	if len(f.pending) > 64 {
		t.Fatalf("%d things asked for at once", len(f.pending))
	}
	if what := f.s.Overdrawn(); what != "" {
		t.Fatalf("too many %s", what)
	}
}

package client_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/client"
	"wardlight/sync/wire"
)

// fate draws what happens out of the fuzzer's bytes, and does what the machine
// wants, or something else.
type fate struct {
	bytes   []byte
	m       *client.Machine
	session uint64
	pending []client.Effect // asked for and not answered yet
	seq     uint64
	next    record.Position // where the next batch begins, if central is right
	chunk   uint32          // the next chunk's number, likewise
	slow    bool            // the store takes its time
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
	if f.n(4) > 0 {
		return nil
	}
	return fault.New(fault.Kind(f.n(12)), "fuzz", "", "failed")
}

// some is a position, a number or a window: mostly small, at times absurd.
func (f *fate) some() uint64 {
	if f.n(16) == 0 {
		return 1<<64 - 1 - uint64(f.n(3))
	}
	return uint64(f.n(24))
}

func (f *fate) epoch() string { return []string{"e1", "e1", "e1", "e2", ""}[f.n(5)] }

func (f *fate) cursor() record.Cursor {
	return record.Cursor{Epoch: f.epoch(), Position: record.Position(f.some()), Chain: record.Hash{byte(f.n(2))}}
}

func (f *fate) station() record.StationID { return []record.StationID{"s1", "s1", "s1", "s2"}[f.n(4)] }

// which is the session that an event belongs to: mostly the present one.
func (f *fate) which() uint64 {
	if f.n(8) == 0 {
		return f.some()
	}
	return f.session
}

func (f *fate) receipts() []record.Receipt {
	var rs []record.Receipt
	for range f.n(4) {
		m := f.mutation(uint64(f.n(12)) + 1)
		r := record.Receipt{Mutation: m.ID, Position: record.Position(f.some()), Outcome: record.Outcome(f.n(5))}
		if r.Content, _ = m.ContentHash(); f.n(12) == 0 {
			r.Content[0]++
		}
		rs = append(rs, r)
	}
	return rs
}

func (f *fate) mutation(seq uint64) record.Mutation {
	return record.Mutation{ID: record.MutationOf("s1", seq), Ref: fhir.Ref{Type: "Task", ID: "t"}, Patient: fhir.ID([]string{"p", "q"}[seq%2])}
}

// message is something that central may say, or may not.
func (f *fate) message() wire.Message {
	switch f.n(12) {
	case 10:
		return &wire.Document{Hash: record.Hash{byte(f.n(3))}, Offset: int64(f.n(3)), Size: int64(f.n(12)), Part: make([]byte, f.n(4))}
	case 0, 1:
		causes := []record.Cause{record.CauseFirst, record.CauseRestored, record.CauseWiped}
		return &wire.Welcome{
			Capabilities: wire.Capabilities(), Epoch: record.Epoch{ID: f.epoch(), Cause: causes[f.n(3)], At: record.Position(f.some())},
			Epochs: []record.Epoch{{ID: "e0"}, {ID: f.epoch(), At: record.Position(f.some())}}[:f.n(3)],
			Mode:   wire.Mode(f.n(3)), PushWindow: uint32(f.some()), Head: f.cursor(),
		}
	case 2:
		return &wire.Receipts{Receipts: f.receipts(), Round: uint32(f.some()), RetryMS: uint32(f.some())}
	case 3:
		return &wire.LooksReceived{UpTo: f.some(), RetryMS: uint32(f.some()), At: record.Position(f.some())}
	case 4:
		return &wire.Status{Central: record.Central{Head: record.Position(f.some()), Time: int64(f.some())}}
	case 5:
		return &wire.Ping{ID: f.some()}
	case 6:
		return &wire.Pong{ID: f.some(), Wall: int64(f.some()), Mine: int64(f.some())}
	case 7:
		return &wire.Bye{Reason: wire.Reason(f.n(12))}
	case 8:
		return &wire.Doubt{}
	case 9:
		return &wire.Given{Number: f.some(), RetryMS: uint32(f.some())}
	}
	return &wire.Hello{}
}

// answer does the oldest thing that the machine has asked for, well or badly.
func (f *fate) answer() client.Event {
	if len(f.pending) == 0 {
		return client.Wakeup{}
	}
	e := f.pending[0]
	f.pending = f.pending[1:]
	switch e := e.(type) {
	case client.Dial:
		if err := f.err(); err != nil {
			return client.Lost{Session: e.Session, Err: err}
		}
		return client.Dialled{Session: e.Session}
	case client.Load:
		at := f.cursor()
		f.next, f.chunk = at.Position, 0
		return client.Loaded{Session: e.Session, Cursor: at, Snapshot: []string{"", "snap"}[f.n(2)], Next: "3", Err: f.err()}
	case client.Apply:
		return client.BatchDone{Err: f.err()}
	case client.ApplyChunks:
		return client.ChunksDone{Err: f.err()}
	case client.PutTogetherDelta:
		b := record.Batch{Epoch: "e1", Station: f.station(), From: e.Delta.From, To: e.Delta.To}
		return client.PutTogether{Delta: e.Delta, Batch: b, Err: f.err()}
	case client.ReadWanted:
		return client.WantedRead{Wanted: record.Wanted{Hash: record.Hash{byte(f.n(3))}, Size: 9, Have: int64(f.n(3))}, OK: f.yes(), Err: f.err()}
	case client.KeepPart:
		return client.PartKept{Err: f.err()}
	case client.ApplyAhead:
		return client.AheadDone{Err: f.err()}
	case client.ReadUnsent:
		return f.unsent(e.Limit)
	case client.SaveReceipts:
		return client.ReceiptsDone{Err: f.err()}
	case client.ReadLooks:
		return client.UnsentLooks{Looks: f.looks(), Err: f.err()}
	case client.SaveLooks:
		return client.LooksDone{Err: f.err()}
	case client.Reoffer, client.Wipe:
		return client.ReofferDone{Err: f.err()}
	case client.ReadProof:
		return client.ProofRead{Session: e.Session, Proof: record.Proof{Body: make([]byte, f.n(3))}, Err: f.err()}
	case client.ReadReturn:
		return client.ReturnRead{Return: record.Return{Number: f.some(), Epoch: f.epoch(), To: record.Position(f.some())}, OK: f.yes(), Err: f.err()}
	case client.SaveReturned:
		return client.ReturnDone{Err: f.err()}
	}
	return client.Nudge{}
}

func (f *fate) unsent(limit int) client.Event {
	ev := client.Unsent{Err: f.err()}
	for range min(f.n(40), limit) {
		if f.seq++; f.n(16) == 0 {
			f.seq = uint64(f.n(12))
		}
		ev.Mutations = append(ev.Mutations, f.mutation(f.seq))
	}
	return ev
}

func (f *fate) looks() (list []record.Look) {
	for range f.n(3) {
		list = append(list, record.Look{Station: "s1", Seq: f.some()})
	}
	return list
}

// happens is the next event: half of them are what the machine waits for, unless
// its store hangs, and central floods it.
func (f *fate) happens() client.Event {
	if f.n(100) == 0 {
		f.slow = !f.slow
	}
	switch {
	case f.slow && f.n(4) > 0:
		return f.flood()
	case !f.slow && f.yes():
		return f.answer()
	}
	at := record.Position(f.some())
	switch f.n(20) {
	case 0, 1:
		return client.Wakeup{}
	case 2:
		return client.Nudge{}
	case 3:
		return client.SwitchOff{}
	case 4:
		return client.SwitchOn{}
	case 5:
		return client.Lost{Session: f.which(), Err: f.err()}
	case 6:
		return client.Garbled{Session: f.which(), Err: f.err()}
	case 7:
		return client.Alive{Session: f.which()}
	case 8, 9, 10:
		return f.batch()
	case 11, 12:
		return f.piece()
	case 13:
		return client.GotAhead{Session: f.which(), Batch: record.Batch{Epoch: f.epoch(), Station: f.station(), To: at}}
	case 14:
		return f.unasked()
	}
	return client.Got{Session: f.which(), Msg: f.message()}
}

func (f *fate) flood() client.Event {
	if f.yes() {
		return f.batch()
	}
	return f.piece()
}

// batch is mostly the one that follows the last.
func (f *fate) batch() client.Event {
	if f.n(16) == 0 {
		f.next = record.Position(f.some())
	}
	b := record.Batch{Epoch: "e1", Station: "s1", From: f.next, To: f.next + 1}
	if f.n(16) == 0 {
		b.Epoch, b.Station = f.epoch(), f.station()
	}
	f.next++
	if f.n(4) == 0 {
		return client.GotDelta{Session: f.which(), Delta: &wire.Delta{From: b.From, To: b.To}}
	}
	return client.GotBatch{Session: f.which(), Batch: b}
}

// piece is mostly the chunk that follows the last.
func (f *fate) piece() client.Event {
	if f.n(16) == 0 {
		f.chunk = uint32(f.some())
	}
	ch := record.Chunk{Snapshot: "snap", Index: f.chunk, Station: "s1", At: f.cursor(), Last: f.n(16) == 0}
	if f.n(16) == 0 {
		ch.Snapshot, ch.Station = "other", f.station()
	}
	f.chunk++
	return client.GotChunk{Session: f.which(), Number: f.chunk - 1, Chunk: ch}
}

// unasked is an answer to what was never asked for: no store gives one, and even
// then the machine must stand.
func (f *fate) unasked() client.Event {
	return []client.Event{
		client.BatchDone{Err: f.err()},
		client.ChunksDone{},
		client.AheadDone{},
		client.ReceiptsDone{Err: f.err()},
		client.LooksDone{},
		client.ReofferDone{},
		client.ReturnDone{},
		f.unsent(200),
		client.UnsentLooks{Looks: f.looks()},
		client.ReturnRead{OK: true},
		client.Loaded{Session: f.which()},
		client.Dialled{Session: f.which()},
		client.ProofRead{Session: f.which()},
		client.PutTogether{Delta: &wire.Delta{}, Err: f.err()},
		client.WantedRead{OK: f.yes()},
		client.PartKept{Err: f.err()},
		client.WantDocuments{},
	}[f.n(17)]
}

// FuzzMachine: whatever happens, in whatever order, the machine does not panic,
// holds no more than its bound, asks for little at once, says only what fits a
// frame's rules, and is not woken for ever at one instant.
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
	w := &fate{bytes: b}
	w.m = client.NewMachine(client.MachineConfig{Station: "s1", Servers: []string{"one", "two"}, Seed: 1, Archive: w.yes(), Basis: w.yes(), Shelf: w.yes(), Offline: w.n(8) == 0})
	for len(w.bytes) > 0 {
		w.pass()
		w.step(t, w.happens())
	}
	w.settles(t)
}

// pass lets time pass, or none: to where the machine wants to be woken, or on.
func (f *fate) pass() {
	if f.n(3) > 0 {
		return
	}
	if at := f.m.Wake(); at > f.now.Mono && at < 1<<62 && f.yes() {
		f.now.Mono = at
	} else {
		f.now.Mono += time.Duration(f.n(256)) * 10 * time.Millisecond
	}
	f.now.Wall += int64(f.some())
}

func (f *fate) step(t *testing.T, ev client.Event) {
	effects := f.m.Step(ev, f.now)
	if len(effects) > 64 {
		t.Fatalf("%d effects of one event", len(effects))
	}
	for _, e := range effects {
		switch e := e.(type) {
		case client.Send:
			if _, err := wire.Split(e.Msg, 0); err != nil {
				t.Fatalf("a message that cannot be sent: %v", err)
			}
		case client.Hangup, client.Tell:
		case client.Dial:
			f.session = e.Session
			f.pending = append(f.pending, e)
		default:
			f.pending = append(f.pending, e)
		}
	}
	if len(f.pending) > 64 {
		t.Fatalf("%d things asked for at once", len(f.pending))
	}
	if what := f.m.Overdrawn(); what != "" {
		t.Fatalf("too many %s", what)
	}
}

// settles wakes the machine as it asks for: at one instant not for ever.
func (f *fate) settles(t *testing.T) {
	for range 100 {
		at := f.m.Wake()
		if at > f.now.Mono {
			return
		}
		f.step(t, client.Wakeup{})
	}
	t.Fatalf("woken a hundred times at %v, and wants to be again", f.now.Mono)
}

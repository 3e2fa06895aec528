package client_test

import (
	"fmt"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/client"
	"wardlight/sync/wire"
)

// talk drives one machine by hand: the test is central, the store and the
// clock.
type talk struct {
	t       *testing.T
	m       *client.Machine
	now     wire.Now
	session uint64
	did     []client.Effect // since the last call of take
}

func begin(t *testing.T, servers ...string) *talk {
	if len(servers) == 0 {
		servers = []string{"one"}
	}
	k := &talk{t: t, now: wire.Now{Wall: 1_000_000}}
	k.m = client.NewMachine(client.MachineConfig{Station: "s1", Servers: servers, Seed: 3})
	return k
}

func (k *talk) step(ev client.Event) *talk {
	for _, e := range k.m.Step(ev, k.now) {
		if d, ok := e.(client.Dial); ok {
			k.session = d.Session
		}
		k.did = append(k.did, e)
	}
	return k
}

// pass lets time go by, waking the machine whenever it asks.
func (k *talk) pass(d time.Duration) *talk {
	end := k.now.Mono + d
	for n := 0; k.m.Wake() <= end; n++ {
		if n > 10_000 {
			k.t.Fatal("the machine goes round in circles")
		}
		if w := k.m.Wake(); w > k.now.Mono {
			k.now.Wall += (w - k.now.Mono).Milliseconds()
			k.now.Mono = w
		}
		k.step(client.Wakeup{})
	}
	k.now.Wall += (end - k.now.Mono).Milliseconds()
	k.now.Mono = end
	return k
}

func (k *talk) got(m wire.Message) *talk { return k.step(client.Got{Session: k.session, Msg: m}) }

// all are the effects of one kind since the last take.
func all[T client.Effect](k *talk) (out []T) {
	for _, e := range k.did {
		if t, ok := e.(T); ok {
			out = append(out, t)
		}
	}
	return out
}

// sent are the messages of one kind since the last take.
func sent[T wire.Message](k *talk) (out []T) {
	for _, s := range all[client.Send](k) {
		if m, ok := s.Msg.(T); ok {
			out = append(out, m)
		}
	}
	return out
}

func (k *talk) take() *talk {
	k.did = nil
	return k
}

var epoch1 = record.Epoch{ID: "e1", Cause: record.CauseFirst}

func at(p record.Position) record.Cursor { return record.Cursor{Epoch: "e1", Position: p} }

// welcomed brings a machine to a tail from a cursor.
func welcomed(t *testing.T, cursor record.Cursor) *talk {
	k := begin(t).step(client.Wakeup{})
	k.step(client.Dialled{Session: k.session}).step(client.Loaded{Session: k.session, Cursor: cursor})
	k.got(&wire.Welcome{Epoch: epoch1, Head: cursor, Mode: wire.ModeTail, PushWindow: 4, Central: record.Central{Head: cursor.Position}})
	if !k.m.State().Connected {
		t.Fatal("not connected")
	}
	return k
}

func batch(from, to record.Position) record.Batch {
	return record.Batch{Epoch: "e1", From: from, To: to, Station: "s1"}
}

func (k *talk) batch(b record.Batch) *talk {
	return k.step(client.GotBatch{Session: k.session, Batch: b})
}

func mutation(seq uint64) record.Mutation {
	return record.Mutation{ID: record.MutationOf("s1", seq), Ref: fhir.Ref{Type: "Task", ID: "x"}, Ops: []record.Op{{Kind: record.OpPut}}}
}

func receiptOf(t *testing.T, m record.Mutation, p record.Position) record.Receipt {
	h, err := m.ContentHash()
	if err != nil {
		t.Fatal(err)
	}
	return record.Receipt{Mutation: m.ID, Content: h, Position: p, Outcome: record.Applied}
}

func TestServersAreTriedInTurnAndTheWaitGrowsWithJitter(t *testing.T) {
	k := begin(t, "one", "two")
	var times []time.Duration
	for len(times) < 24 {
		k.take().pass(k.m.Wake() - k.now.Mono)
		for _, d := range all[client.Dial](k) {
			if want := []string{"one", "two"}[len(times)%2]; d.Server != want {
				t.Fatalf("attempt %d goes to %s", len(times), d.Server)
			}
			times = append(times, k.now.Mono)
			k.step(client.Lost{Session: d.Session, Err: fault.New(fault.Unavailable, "t", "", "refused")})
		}
	}
	bound, varied := 250*time.Millisecond, map[time.Duration]bool{}
	for i := 2; i < len(times); i += 2 {
		if within := times[i-1] - times[i-2]; within != 50*time.Millisecond {
			t.Errorf("the second address is tried after %v", within)
		}
		wait := times[i] - times[i-1]
		if wait > min(bound, 15*time.Second) {
			t.Errorf("round %d waits %v, over %v", i/2, wait, bound)
		}
		varied[wait] = true
		bound *= 2
	}
	if len(varied) < 8 {
		t.Error("there is no jitter")
	}
}

func TestSilenceIsNoticed(t *testing.T) {
	k := welcomed(t, at(5)).take()
	k.pass(7900 * time.Millisecond)
	if len(sent[*wire.Ping](k)) < 3 || !k.m.State().Connected {
		t.Fatalf("%d pings; connected %v", len(sent[*wire.Ping](k)), k.m.State().Connected)
	}
	k.pass(200 * time.Millisecond)
	if k.m.State().Connected || len(all[client.Hangup](k)) != 1 {
		t.Error("8 s of silence, and the connection is kept")
	}
	k = welcomed(t, at(5))
	for range 20 { // a long frame on a slow line: bytes come, but no message
		k.pass(time.Second).step(client.Alive{Session: k.session})
	}
	if !k.m.State().Connected {
		t.Error("a slow line was taken for a dead one")
	}
}

func TestOnlyAnUnbrokenChainIsApplied(t *testing.T) {
	for name, c := range map[string]struct {
		b     record.Batch
		hangs bool
	}{
		"a gap":                {batch(6, 9), true},
		"another station's":    {record.Batch{Epoch: "e1", From: 5, To: 6, Station: "s2"}, true},
		"another epoch's":      {record.Batch{Epoch: "e0", From: 5, To: 6, Station: "s1"}, true},
		"backwards":            {batch(5, 4), true},
		"one that it has":      {batch(3, 5), false},
		"the one that follows": {batch(5, 8), false},
	} {
		k := welcomed(t, at(5)).take().batch(c.b)
		if hung := len(all[client.Hangup](k)) > 0; hung != c.hangs {
			t.Errorf("%s: hung up %v, want %v", name, hung, c.hangs)
		}
		if applied := len(all[client.Apply](k)); applied != 0 && (c.hangs || name == "one that it has") {
			t.Errorf("%s was applied", name)
		}
	}
	k := welcomed(t, at(5)).take().batch(batch(5, 8)).batch(batch(8, 9)).batch(batch(8, 9))
	if n := len(all[client.Apply](k)); n != 1 {
		t.Fatalf("%d batches are being applied at once, want 1", n)
	}
	if len(sent[*wire.Applied](k)) != 0 {
		t.Fatal("acknowledged before it was durable")
	}
	k.step(client.BatchDone{}).step(client.BatchDone{})
	if acks := sent[*wire.Applied](k); len(acks) != 2 || acks[1].Position != 9 {
		t.Errorf("acknowledged: %v", acks)
	}
}

// TestWhatWaitsIsStoredTogether: while the store has one batch in hand three more
// come; they go to it together, as far as they are not too much, and are
// acknowledged by the last.
func TestWhatWaitsIsStoredTogether(t *testing.T) {
	big := batch(11, 12)
	big.Signed = make([]byte, 400<<10)
	k := welcomed(t, at(5)).take().batch(batch(5, 8)).batch(batch(8, 9)).batch(batch(9, 11)).batch(big).take()
	k.step(client.BatchDone{})
	if a := all[client.Apply](k); len(a) != 1 || len(a[0].Batches) != 2 {
		t.Fatalf("handed on: %+v", a)
	}
	k.take().step(client.BatchDone{})
	if acks := sent[*wire.Applied](k); len(acks) != 1 || acks[0].Position != 11 {
		t.Errorf("acknowledged: %v", acks)
	}
	if a := all[client.Apply](k); len(a) != 1 || len(a[0].Batches) != 1 || a[0].Batches[0].To != 12 {
		t.Errorf("the large one: %+v", a)
	}
}

func TestMoreThanTheWindowEndsTheSession(t *testing.T) {
	k := welcomed(t, at(0)).take()
	for p := record.Position(0); p < 100; p++ {
		k.batch(batch(p, p+1))
	}
	if len(all[client.Hangup](k)) == 0 {
		t.Error("a hundred batches were queued")
	}
}

func TestAFullDiskIsSaidAndTriedAgain(t *testing.T) {
	k := welcomed(t, at(5)).take().batch(batch(5, 8))
	k.step(client.BatchDone{Err: fault.New(fault.Full, "t", "", "full")})
	if k.m.State().Refused.Reason != "disk" || !k.m.State().Connected {
		t.Fatalf("state: %+v", k.m.State())
	}
	k.take().step(client.Unsent{Mutations: []record.Mutation{mutation(1)}})
	if len(sent[*wire.Push](k)) != 1 {
		t.Error("a full disk also stops the way up")
	}
	k.take()
	for range 3 {
		k.pass(2 * time.Second).step(client.Alive{Session: k.session})
	}
	if len(all[client.Apply](k)) != 1 {
		t.Fatal("not tried again")
	}
	k.step(client.BatchDone{})
	if k.m.State().Refused.Reason != "" || k.m.State().Cursor.Position != 8 {
		t.Errorf("state: %+v", k.m.State())
	}
}

func TestAnotherEpoch(t *testing.T) {
	for _, c := range []struct {
		cause   record.Cause
		reoffer int
	}{{record.CauseRestored, 1}, {record.CauseWiped, 0}} {
		k := begin(t).step(client.Wakeup{})
		k.step(client.Dialled{Session: k.session}).step(client.Loaded{Session: k.session, Cursor: at(50)}).take()
		k.got(&wire.Welcome{Epoch: record.Epoch{ID: "e2", Parent: "e1", Cause: c.cause, At: 40}, Mode: wire.ModeSnapshot, PushWindow: 4})
		if n := len(all[client.Reoffer](k)); n != c.reoffer {
			t.Errorf("%s: offered again %d times, want %d", c.cause, n, c.reoffer)
		}
		if c.reoffer == 1 {
			if len(sent[*wire.AskChunk](k)) != 0 || len(all[client.ReadUnsent](k)) != 0 {
				t.Error("it went on before the store had noted what to offer again")
			}
			k.step(client.ReofferDone{})
		}
		if len(sent[*wire.AskChunk](k)) != 1 || len(all[client.ReadUnsent](k)) != 1 {
			t.Errorf("%s: %d snapshots asked for", c.cause, len(sent[*wire.AskChunk](k)))
		}
	}
}

func TestASnapshotIsAskedForAheadAndResumed(t *testing.T) {
	k := begin(t).step(client.Wakeup{})
	k.step(client.Dialled{Session: k.session}).step(client.Loaded{Session: k.session, Snapshot: "snap", Next: "7"})
	k.got(&wire.Welcome{Epoch: epoch1, Mode: wire.ModeSnapshot, PushWindow: 4})
	ask := sent[*wire.AskChunk](k)
	if len(ask) != 1 || ask[0].Snapshot != "snap" || ask[0].Next != "7" || ask[0].Credit < 4 || ask[0].More {
		t.Fatalf("asked: %+v", ask)
	}
	k.take()
	chunk := func(n uint32, last bool) client.GotChunk {
		return client.GotChunk{Session: k.session, Number: n, Chunk: record.Chunk{
			Snapshot: "snap", Index: 7 + n, Next: fmt.Sprint(8 + n), Last: last, At: at(30), Station: "s1", Done: uint64(n+1) * 10, Total: 20,
		}}
	}
	k.step(chunk(0, false)).step(chunk(0, false)).step(client.ChunksDone{})
	if more := sent[*wire.AskChunk](k); len(more) != 1 || !more[0].More || more[0].Credit != 1 {
		t.Fatalf("credit: %+v", more)
	}
	if p := k.m.State().Snapshot; !p.Active || p.Done != 10 || p.Total != 20 {
		t.Errorf("progress: %+v", p)
	}
	k.step(chunk(1, true)).batch(batch(30, 31)).step(client.ChunksDone{})
	if s := k.m.State(); s.Snapshot.Active || s.Cursor != at(30) {
		t.Errorf("state: %+v", s)
	}
	if len(all[client.Apply](k)) != 1 {
		t.Error("the tail behind the snapshot is not applied")
	}
	k2 := begin(t).step(client.Wakeup{})
	k2.step(client.Dialled{Session: k2.session}).step(client.Loaded{Session: k2.session})
	k2.got(&wire.Welcome{Epoch: epoch1, Mode: wire.ModeSnapshot, PushWindow: 4}).take()
	k2.step(client.GotChunk{Session: k2.session, Number: 1, Chunk: record.Chunk{Snapshot: "snap", Index: 1, At: at(3), Station: "s1"}})
	if len(all[client.Hangup](k2)) != 1 {
		t.Error("a missing chunk was passed over")
	}
}

// What came while the store was at work is handed to it together, and credit is
// given for each.
func TestChunksThatWaitAreStoredTogether(t *testing.T) {
	k := begin(t).step(client.Wakeup{})
	k.step(client.Dialled{Session: k.session}).step(client.Loaded{Session: k.session})
	k.got(&wire.Welcome{Epoch: epoch1, Mode: wire.ModeSnapshot, PushWindow: 4}).take()
	chunk := func(n uint32) {
		k.step(client.GotChunk{Session: k.session, Number: n, Chunk: record.Chunk{
			Snapshot: "snap", Index: n, Next: fmt.Sprint(n + 1), Last: n == 5, At: at(30), Station: "s1", Done: uint64(n + 1), Total: 6,
		}})
	}
	for n := range uint32(4) {
		chunk(n)
	}
	if first := all[client.ApplyChunks](k); len(first) != 1 || len(first[0].Chunks) != 1 {
		t.Fatalf("the first goes alone: %+v", first)
	}
	k.take()
	k.step(client.ChunksDone{})
	rest := all[client.ApplyChunks](k)
	if len(rest) != 1 || len(rest[0].Chunks) != 3 || rest[0].Chunks[2].Index != 3 || len(sent[*wire.AskChunk](k)) != 1 {
		t.Fatalf("those that waited: %+v", rest)
	}
	k.take()
	chunk(4) // while the store is at work
	k.step(client.ChunksDone{})
	if more := sent[*wire.AskChunk](k); len(more) != 3 || more[0].Credit != 1 || k.m.State().Snapshot.Done != 4 {
		t.Fatalf("credit for three: %+v", more)
	}
	k.take()
	chunk(5)
	k.step(client.ChunksDone{Err: fault.New(fault.Full, "test", "", "full")})
	if s := k.m.State(); len(sent[*wire.AskChunk](k)) != 0 || s.Snapshot.Done != 4 {
		t.Errorf("after a failure: %+v", s)
	}
	k.now.Mono += 6 * time.Second
	k.step(client.Wakeup{})
	if again := all[client.ApplyChunks](k); len(again) != 1 || again[0].Chunks[0].Index != 4 || len(again[0].Chunks) != 2 {
		t.Fatalf("the same again, with what came meanwhile: %+v", again)
	}
	k.step(client.ChunksDone{})
	if s := k.m.State(); s.Snapshot.Active || s.Cursor != at(30) {
		t.Errorf("at the end: %+v", s)
	}
}

func TestNothingIsAskedForTwiceWithoutProgress(t *testing.T) {
	k := welcomed(t, at(5)).step(client.Unsent{Mutations: []record.Mutation{mutation(1)}})
	for range 29 {
		k.pass(time.Second).step(client.Alive{Session: k.session})
	}
	if !k.m.State().Connected {
		t.Fatal("given up early")
	}
	k.pass(1500 * time.Millisecond)
	if k.m.State().Connected {
		t.Error("a lost push would wait for ever")
	}
}

func TestARefusalIsShownAndTriedRarely(t *testing.T) {
	k := welcomed(t, at(5)).take().got(&wire.Bye{Reason: wire.ByeDenied, Words: "ask the administrator"})
	if s := k.m.State(); s.Connected || s.Refused != (client.Refusal{Reason: "denied", Words: "ask the administrator"}) {
		t.Fatalf("state: %+v", s)
	}
	k.take().pass(119 * time.Second)
	if n := len(all[client.Dial](k)); n != 0 {
		t.Errorf("%d attempts within two minutes", n)
	}
	k.pass(20 * time.Second)
	if len(all[client.Dial](k)) == 0 {
		t.Error("never tried again")
	}
}

func TestTheSwitch(t *testing.T) {
	k := welcomed(t, at(5)).take().step(client.SwitchOff{})
	if s := k.m.State(); s.Connected || !s.Off || len(all[client.Hangup](k)) != 1 {
		t.Fatalf("state: %+v", s)
	}
	k.take().pass(time.Hour).step(client.Nudge{})
	if len(k.did) != 0 {
		t.Errorf("a link that is off does %v", k.did)
	}
	k.step(client.SwitchOn{})
	if len(all[client.Dial](k)) != 1 || k.m.State().Off {
		t.Error("it does not come on again")
	}
}

func TestTheClockIsMeasuredByTheQuickestAnswer(t *testing.T) {
	k := welcomed(t, at(5))
	answer := func(trip time.Duration, away time.Duration) {
		for k.take(); len(sent[*wire.Ping](k)) == 0; {
			k.pass(k.m.Wake() - k.now.Mono)
		}
		p := sent[*wire.Ping](k)
		k.now.Mono += trip
		k.now.Wall += trip.Milliseconds()
		k.got(&wire.Pong{ID: p[len(p)-1].ID, Mine: k.now.Wall + away.Milliseconds() - trip.Milliseconds()/2})
	}
	answer(400*time.Millisecond, time.Hour+150*time.Millisecond) // a slow, crooked answer
	answer(10*time.Millisecond, time.Hour)
	answer(300*time.Millisecond, time.Hour-100*time.Millisecond)
	if s := k.m.State(); !s.Measured || s.Offset != time.Hour {
		t.Errorf("offset %v, want 1h", s.Offset)
	}
	answer(300*time.Millisecond, 2*time.Hour) // somebody has set a clock
	if s := k.m.State(); s.Offset != 2*time.Hour {
		t.Errorf("after a clock was set: offset %v, want 2h", s.Offset)
	}
}

func TestLooksGoOneMessageAtATime(t *testing.T) {
	k := welcomed(t, at(5)).take()
	k.step(client.UnsentLooks{Looks: []record.Look{{Seq: 1}, {Seq: 2}}}).step(client.Nudge{})
	if len(sent[*wire.Looks](k)) != 1 || len(all[client.ReadLooks](k)) != 0 {
		t.Fatal("more than one message is under way")
	}
	k.got(&wire.LooksReceived{UpTo: 2}).step(client.LooksDone{})
	if s := all[client.SaveLooks](k); len(s) != 1 || s[0].UpTo != 2 {
		t.Errorf("stored: %+v", s)
	}
	if r := all[client.ReadLooks](k.pass(50 * time.Millisecond)); len(r) != 1 || r[0].After != 2 {
		t.Errorf("read: %+v", r)
	}
}

// Looks gather for a moment, so that central has not one more commit beside each
// entry. What comes meanwhile makes the moment no longer, a new session and a full
// message do not wait, and entries never do.
func TestLooksGather(t *testing.T) {
	const pause = 50 * time.Millisecond
	k := welcomed(t, at(5)).step(client.Unsent{})
	if n := len(all[client.ReadLooks](k)); n != 1 {
		t.Fatalf("at the beginning of a session looks are read %d times, want once", n)
	}
	k.step(client.UnsentLooks{}).take()
	k.step(client.Nudge{})
	if n := len(all[client.ReadUnsent](k)); n != 1 {
		t.Errorf("an entry waits with its look")
	}
	began := k.now.Mono
	for range 4 {
		k.pass(pause / 5).step(client.Nudge{})
	}
	if n := len(all[client.ReadLooks](k)); n != 0 {
		t.Errorf("%d messages where one would do", n)
	}
	if at := k.m.Wake(); at != began+pause {
		t.Errorf("wakes %v after the first look, want %v", at-began, pause)
	}
	if n := len(all[client.ReadLooks](k.pass(pause / 5))); n != 1 {
		t.Errorf("after the pause looks are read %d times, want once", n)
	}
	if at := k.m.Wake(); at <= k.now.Mono {
		t.Errorf("it is woken again and again while it reads: %v", at)
	}
	var full []record.Look
	for i := range 128 {
		full = append(full, record.Look{Seq: uint64(i + 1)})
	}
	k.step(client.UnsentLooks{Looks: full}).take().got(&wire.LooksReceived{UpTo: 128}).step(client.LooksDone{})
	if n := len(all[client.ReadLooks](k)); n != 1 {
		t.Errorf("behind a full message looks are read %d times, want once", n)
	}
}

// Central has had more than is sent now, because its word on that was lost; or it
// has those of another computer that uses this identity. It tells the two apart by
// its newest one, so nothing is believed before that was sent; and where there is
// nothing more to send, it has more than was ever made here.
func TestCentralMayHaveMoreLooksThanAreSent(t *testing.T) {
	claims := func() *talk {
		k := welcomed(t, at(5)).take()
		k.step(client.UnsentLooks{Looks: []record.Look{{Seq: 1}, {Seq: 2}}}).got(&wire.LooksReceived{UpTo: 3})
		if r := all[client.ReadLooks](k); len(all[client.SaveLooks](k)) != 0 || len(r) != 1 || r[0].After != 2 {
			t.Fatalf("stored %v, read %+v", all[client.SaveLooks](k), r)
		}
		return k.take()
	}
	k := claims().step(client.UnsentLooks{Looks: []record.Look{{Seq: 3}, {Seq: 4}}}).got(&wire.LooksReceived{UpTo: 4})
	if s := all[client.SaveLooks](k); len(s) != 1 || s[0].UpTo != 4 {
		t.Errorf("stored: %+v", s)
	}
	k = claims().step(client.UnsentLooks{})
	if k.m.State().Refused.Reason != wire.ByeCloned.String() || len(all[client.SaveLooks](k)) != 0 {
		t.Errorf("more than was made: refused %+v", k.m.State().Refused)
	}
	k = welcomed(t, at(5)).take()
	k.step(client.UnsentLooks{Looks: []record.Look{{Seq: 1}}}).got(&wire.LooksReceived{UpTo: 1})
	if k.step(client.LooksDone{Err: fault.New(fault.Invalid, "t", "", "fewer were made")}); k.m.State().Refused.Reason != wire.ByeCloned.String() {
		t.Errorf("the store knows of fewer: refused %+v", k.m.State().Refused)
	}
}

func TestEventsOfAnOlderConnectionAreIgnored(t *testing.T) {
	k := welcomed(t, at(5))
	old := k.session
	k.step(client.Lost{Session: old}).pass(20 * time.Second).take()
	k.step(client.Got{Session: old, Msg: &wire.Bye{Reason: wire.ByeDenied}}).step(client.Lost{Session: old}).
		step(client.GotBatch{Session: old, Batch: batch(5, 6)})
	if len(k.did) != 0 || k.m.State().Refused.Reason != "" {
		t.Errorf("an older connection's events did %v", k.did)
	}
}

// Whatever central must sign is held to its signature before the machine sees
// it.
func TestWhatIsNotSignedByCentralIsGarbled(t *testing.T) {
	sign := func([]byte) []byte { return []byte("sig") }
	b, err := wire.SealBatch(batch(1, 2), sign)
	if err != nil {
		t.Fatal(err)
	}
	ch, err := wire.SealChunk(record.Chunk{Snapshot: "s"}, 3, false, sign)
	if err != nil {
		t.Fatal(err)
	}
	good := func(_, sig []byte) error { return nil }
	bad := func(_, sig []byte) error { return fault.New(fault.Corrupt, "t", "", "another key") }
	for _, m := range []wire.Message{b, ch, &wire.Welcome{Epoch: epoch1}} {
		ev, ok := client.Opened(4, m, bad).(client.Garbled)
		if !ok || !fault.Is(ev.Err, fault.Corrupt) || ev.Session != 4 {
			t.Errorf("%s: %+v", m.Type(), ev)
		}
		if _, garbled := client.Opened(4, m, good).(client.Garbled); garbled {
			t.Errorf("%s: refused though it is signed", m.Type())
		}
	}
}

// Told to wait for its turn, a station says so on its screen and does not take
// the silence for a standstill; without a word it would.
func TestASnapshotThatWaitsForItsTurnIsNoStandstill(t *testing.T) {
	for _, told := range []bool{true, false} {
		k := begin(t).step(client.Wakeup{})
		k.step(client.Dialled{Session: k.session}).step(client.Loaded{Session: k.session})
		k.got(&wire.Welcome{Epoch: epoch1, Mode: wire.ModeSnapshot, PushWindow: 4})
		for range 60 {
			if told {
				k.got(&wire.Wait{Before: 12})
			}
			k.pass(time.Second).step(client.Alive{Session: k.session})
		}
		s := k.m.State()
		if s.Connected != told || told && (!s.Snapshot.Waiting || s.Snapshot.Before != 12) {
			t.Errorf("told %v: connected %v, %+v", told, s.Connected, s.Snapshot)
		}
		if !told {
			continue
		}
		k.step(client.GotChunk{Session: k.session, Chunk: record.Chunk{Snapshot: "s", At: at(9), Station: "s1"}})
		if s := k.m.State().Snapshot; s.Waiting || !s.Active {
			t.Errorf("when its turn has come: %+v", s)
		}
	}
}

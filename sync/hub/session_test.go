package hub_test

import (
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// talk drives one session by hand: the test is the station, the journal and the
// clock.
type talk struct {
	t   *testing.T
	s   *hub.Session
	now wire.Now
	did []hub.Effect
}

func begin(t *testing.T) *talk {
	k := &talk{t: t}
	k.s = hub.NewSession(hub.SessionConfig{
		Peer:   record.Peer{Device: record.Device{Station: "s1", Wards: []record.Ward{"4B"}}},
		Epochs: []record.Epoch{{ID: "e1"}}, Head: at(100),
	})
	return k.step(hub.Wakeup{})
}

func (k *talk) step(ev hub.Event) *talk {
	k.did = append(k.did, k.s.Step(ev, k.now)...)
	return k
}

func (k *talk) got(m wire.Message) *talk { return k.step(hub.Got{Msg: m}) }

func (k *talk) pass(d time.Duration) *talk {
	end := k.now.Mono + d
	for n := 0; k.s.Wake() <= end; n++ {
		if n > 10_000 {
			k.t.Fatal("the session goes round in circles")
		}
		k.now.Mono = max(k.s.Wake(), k.now.Mono)
		k.step(hub.Wakeup{})
	}
	k.now.Mono = end
	return k
}

func (k *talk) take() *talk {
	k.did = nil
	return k
}

func all[T hub.Effect](k *talk) (out []T) {
	for _, e := range k.did {
		if t, ok := e.(T); ok {
			out = append(out, t)
		}
	}
	return out
}

func sent[T wire.Message](k *talk) (out []T) {
	for _, s := range all[hub.Send](k) {
		if m, ok := s.Msg.(T); ok {
			out = append(out, m)
		}
	}
	return out
}

func (k *talk) bye() wire.Reason {
	if b := sent[*wire.Bye](k); len(b) > 0 {
		return b[0].Reason
	}
	return 0
}

func at(p record.Position) record.Cursor { return record.Cursor{Epoch: "e1", Position: p} }

func tail(t *testing.T, from record.Position) *talk {
	return begin(t).got(&wire.Hello{Capabilities: wire.Capabilities(), Station: "s1", Cursor: at(from)})
}

// level is a tail whose cursor was found in the journal.
func level(t *testing.T, from record.Position) *talk {
	return tail(t, from).step(hub.Fetched{To: at(from)})
}

// Nothing is judged before the journal has been seen to hold the station's
// cursor: one that was rolled back would take what comes now before what it
// lost, and refuse what builds on that.
func TestNothingIsJudgedBeforeTheCursorIsKnown(t *testing.T) {
	push := &wire.Push{Round: 1, Mutations: []record.Mutation{mutation(1, "anna")}}
	k := tail(t, 100).got(push)
	if len(all[hub.Submit](k)) != 0 {
		t.Fatal("judged at once")
	}
	if k.step(hub.Fetched{To: at(100)}); len(all[hub.Submit](k)) != 1 {
		t.Error("not judged when the cursor is known")
	}
	k = tail(t, 100).got(push).step(hub.Fetched{Err: fault.New(fault.Conflict, "t", "", "beyond the head")})
	if len(all[hub.Submit](k)) != 0 || k.bye() != wire.ByeDiverged {
		t.Error("judged by a journal that was rolled back")
	}
	if k = filling(t).got(push); len(all[hub.Submit](k)) != 1 {
		t.Error("a station that begins with a snapshot waits")
	}
	if k = unlooked(t).got(push); len(k.runs()) != 0 {
		t.Error("a run was judged at once")
	}
	if k.step(hub.Fetched{To: at(100)}); len(k.runs()) != 1 {
		t.Error("a run was not judged when the cursor is known")
	}
}

// rescoped is a session of a station that stands at 60, and was given other
// wards at 70.
func rescoped(t *testing.T) *talk {
	k := &talk{t: t}
	k.s = hub.NewSession(hub.SessionConfig{
		Peer:   record.Peer{Device: record.Device{Station: "s1", Wards: []record.Ward{"5A"}, Rescoped: 70}},
		Epochs: []record.Epoch{{ID: "e1"}}, Head: at(100), Proves: true,
	})
	return k.step(hub.Wakeup{}).got(&wire.Hello{Capabilities: wire.Capabilities(), Station: "s1", Cursor: at(60)})
}

// Whose wards were changed begins anew with a snapshot, which takes away what it
// could have proven a rollback with. So its cursor is looked up first, and nothing
// is read and nothing judged before that.
func TestOtherWardsHideNoRollback(t *testing.T) {
	ask := &wire.AskChunk{Credit: 2}
	push := &wire.Push{Round: 1, Mutations: []record.Mutation{mutation(1, "anna")}}
	k := rescoped(t).got(ask).got(push).step(hub.Admitted{})
	if f := all[hub.Fetch](k); len(f) != 1 || f[0].From != at(60) || len(all[hub.FetchChunk](k))+len(all[hub.Submit](k)) != 0 {
		t.Fatalf("before the cursor is known: %v", k.did)
	}
	k.take().step(hub.Fetched{To: at(61), Msg: &wire.Batch{}}).step(hub.Admitted{})
	if len(all[hub.FetchChunk](k)) != 1 || len(all[hub.Submit](k)) != 1 || len(sent[*wire.Batch](k)) != 0 {
		t.Errorf("once it is known: %v", k.did)
	}
	k = rescoped(t).got(ask).step(hub.Fetched{Err: fault.New(fault.Conflict, "t", "", "beyond the head")})
	if len(sent[*wire.Doubt](k)) != 1 || len(all[hub.FetchChunk](k)) != 0 {
		t.Errorf("it is not in the journal: %v", k.did)
	}
	// What was asked for before the doubt arrived does not end it.
	k = rescoped(t).step(hub.Fetched{Err: fault.New(fault.Conflict, "t", "", "beyond the head")}).got(ask).step(hub.Admitted{})
	if len(all[hub.FetchChunk](k)) != 0 {
		t.Errorf("a snapshot is begun while the cursor is in doubt: %v", k.did)
	}
	if k.got(&wire.Proof{}); len(all[hub.Weigh](k)) != 1 {
		t.Errorf("the proof is not weighed: %v", k.did)
	}
}

func filling(t *testing.T) *talk {
	return begin(t).got(&wire.Hello{Capabilities: wire.Capabilities(), Station: "s1"})
}

func fetched(to record.Position, size int) hub.Fetched {
	return hub.Fetched{To: at(to), More: true, Msg: &wire.Batch{Body: make([]byte, size)}}
}

func mutation(seq uint64, patient string) record.Mutation {
	return record.Mutation{ID: record.MutationOf("s1", seq), Ref: fhir.Ref{Type: "Task", ID: "t"}, Patient: fhir.ID(patient)}
}

// A cursor from before the computer was given other wards is of another scope:
// what is behind it would neither erase the old wards' patients nor bring the new
// ones'.
func TestOtherWardsBeginWithASnapshot(t *testing.T) {
	for name, c := range map[string]struct {
		cursor record.Position
		mode   wire.Mode
	}{
		"from before": {69, wire.ModeSnapshot}, "from then on": {70, wire.ModeTail},
	} {
		k := &talk{t: t}
		k.s = hub.NewSession(hub.SessionConfig{
			Peer:   record.Peer{Device: record.Device{Station: "s1", Wards: []record.Ward{"5A"}, Rescoped: 70}},
			Epochs: []record.Epoch{{ID: "e1"}}, Head: at(100),
		})
		k.step(hub.Wakeup{}).got(&wire.Hello{Capabilities: wire.Capabilities(), Station: "s1", Cursor: at(c.cursor)})
		if w := sent[*wire.Welcome](k); len(w) != 1 || w[0].Mode != c.mode {
			t.Errorf("%s: welcomed with %+v", name, w)
		}
	}
}

// A computer that was shut out meanwhile is told so at once, not at the next
// look at its standing.
func TestAComputerThatWasShutOutIsTold(t *testing.T) {
	k := tail(t, 50).take().step(hub.Fetched{Err: fault.New(fault.Denied, "scope.standing", "s1", "shut out")})
	if k.bye() != wire.ByeDenied || len(all[hub.Hangup](k)) != 1 {
		t.Errorf("did %+v", k.did)
	}
}

func TestTheAnswerToHello(t *testing.T) {
	for name, c := range map[string]struct {
		cursor record.Cursor
		mode   wire.Mode
	}{
		"where it stood": {at(50), wire.ModeTail},
		"an empty store": {record.Cursor{}, wire.ModeSnapshot},
		"another epoch":  {record.Cursor{Epoch: "e0", Position: 50}, wire.ModeSnapshot},
		"an empty ward":  {at(0), wire.ModeTail},
	} {
		k := begin(t).got(&wire.Hello{Capabilities: wire.Capabilities(), Station: "s1", Cursor: c.cursor})
		w := sent[*wire.Welcome](k)
		if len(w) != 1 || w[0].Mode != c.mode || w[0].PushWindow == 0 || w[0].Epoch.ID != "e1" {
			t.Errorf("%s: %+v", name, w)
		}
		if n := len(all[hub.Fetch](k)); (n == 1) != (c.mode == wire.ModeTail) {
			t.Errorf("%s: %d batches fetched", name, n)
		}
	}
	if k := begin(t).pass(9 * time.Second); k.bye() != wire.ByeProtocol {
		t.Error("somebody may connect and say nothing")
	}
}

// A station that acknowledges nothing holds a window, whatever the journal does.
func TestASlowStationHoldsAWindow(t *testing.T) {
	total := 0
	k := tail(t, 0)
	for p := record.Position(1); len(all[hub.Fetch](k)) > 0; p++ {
		k.take().step(fetched(p, 1000))
		total++
	}
	if total != 8 {
		t.Errorf("%d batches without an acknowledgement, want 8", total)
	}
	k.take().got(&wire.Applied{Position: 3})
	if len(all[hub.Fetch](k)) != 1 {
		t.Error("an acknowledgement does not open the window")
	}
	for range 40 {
		k.pass(time.Second).step(hub.Alive{})
	}
	if k.bye() != wire.ByeSlow {
		t.Error("a station that acknowledges nothing is kept for ever")
	}
}

func TestSizesFollowTheLine(t *testing.T) {
	k := oldTail(t, 0)
	size := func() int {
		f := all[hub.Fetch](k)
		return f[len(f)-1].MaxBytes
	}
	p := record.Position(0)
	ack := func(after time.Duration) {
		p++
		n := size()
		k.take().step(fetched(p, n))
		k.now.Mono += after
		k.step(hub.Alive{}).got(&wire.Applied{Position: p})
		if len(all[hub.Fetch](k)) == 0 { // the next was fetched before the acknowledgement came
			k.step(fetched(p, n))
		}
	}
	first := size()
	for range 12 {
		ack(10 * time.Millisecond)
	}
	if size() != 192<<10 || first != 32<<10 {
		t.Errorf("a quick line: from %d to %d", first, size())
	}
	for range 24 {
		ack(3 * time.Second)
	}
	if size() != 4<<10 {
		t.Errorf("a slow line: %d", size())
	}
}

// oldTail is a station that takes long messages in one piece.
func oldTail(t *testing.T, from record.Position) *talk {
	return begin(t).got(&wire.Hello{Capabilities: []wire.Capability{1, 2, 3}, Station: "s1", Cursor: at(from)})
}

// Where what is long goes in pieces batches may grow long; only a line that takes
// many seconds for one makes them shorter.
func TestInPiecesBatchesMayBeLong(t *testing.T) {
	for after, want := range map[time.Duration]int{3 * time.Second: 192 << 10, 9 * time.Second: 4 << 10} {
		k := tail(t, 0)
		size := 32 << 10
		for p := record.Position(1); p < 40; p++ {
			k.step(fetched(p, size))
			k.now.Mono += after
			k.step(hub.Alive{}).got(&wire.Applied{Position: p})
			if f := all[hub.Fetch](k); len(f) > 0 {
				size = f[len(f)-1].MaxBytes
			}
			k.take()
		}
		if size != want {
			t.Errorf("where each takes %v: %d, want %d", after, size, want)
		}
	}
}

// TestBatchesStayLongBehindOneAnother: eight batches of a second each are under
// way on a slow line, so that each takes eight; that makes none of them smaller,
// because small ones pack badly and nothing urgent waits behind long ones.
func TestBatchesStayLongBehindOneAnother(t *testing.T) {
	k := tail(t, 0)
	size, sent := 32<<10, record.Position(0)
	send := func() {
		for f := all[hub.Fetch](k); len(f) > 0; f = all[hub.Fetch](k) {
			size = f[len(f)-1].MaxBytes
			sent++
			k.take()
			k.step(fetched(sent, size))
		}
	}
	send()
	if sent != 8 {
		t.Fatalf("%d batches are under way: the test tests nothing", sent)
	}
	for p := record.Position(1); p < 40; p++ {
		k.now.Mono += 1200 * time.Millisecond
		k.step(hub.Alive{}).got(&wire.Applied{Position: p})
		send()
	}
	if size != 192<<10 {
		t.Errorf("batches of %d bytes", size)
	}
}

// Small batches that would follow each other on a slow line wait until something
// is acknowledged, for a second at most; a critical one does not wait.
func TestSmallBatchesWaitForAnAcknowledgement(t *testing.T) {
	small := func(to record.Position) hub.Fetched {
		return hub.Fetched{To: at(to), Msg: &wire.Batch{Body: make([]byte, 500)}}
	}
	k := tail(t, 0).step(small(1))
	k.take().step(hub.Grown{}).step(small(2))
	if len(sent[*wire.Batch](k)) != 0 {
		t.Fatal("a second small batch went out at once")
	}
	k.take().got(&wire.Applied{Position: 1})
	if len(all[hub.Fetch](k)) != 1 {
		t.Fatal("after the acknowledgement nothing follows")
	}
	k.take().step(small(3))
	if len(sent[*wire.Batch](k)) != 1 {
		t.Error("it did not follow")
	}
	urgent := small(5)
	urgent.Critical = true
	if k.take().step(hub.Grown{}).step(urgent); len(sent[*wire.Batch](k)) != 1 {
		t.Error("what is critical waits")
	}
}

func TestOnePatientsMutationsGoOneAfterAnother(t *testing.T) {
	k := level(t, 100).take()
	k.got(&wire.Push{Round: 1, Mutations: []record.Mutation{
		mutation(1, "anna"), mutation(2, "anna"), mutation(3, "bea"), mutation(4, "anna"), mutation(5, "cleo"),
	}})
	ids := func() (out []record.MutationID) {
		for _, s := range all[hub.Submit](k) {
			out = append(out, s.Mutation.ID)
		}
		k.take()
		return out
	}
	if got := ids(); len(got) != 3 || got[0] != "s1-1" || got[1] != "s1-3" || got[2] != "s1-5" {
		t.Fatalf("at once: %v", got)
	}
	k.step(hub.Submitted{Mutation: mutation(3, "bea")})
	if got := ids(); len(got) != 0 {
		t.Fatalf("another patient's receipt lets through %v", got)
	}
	k.step(hub.Submitted{Mutation: mutation(1, "anna"), Receipt: record.Receipt{Mutation: "s1-1"}})
	if r := sent[*wire.Receipts](k); len(r) != 1 || r[0].Receipts[0].Mutation != "s1-1" {
		t.Errorf("receipts: %+v", r)
	}
	if got := ids(); len(got) != 1 || got[0] != "s1-2" {
		t.Errorf("then: %v", got)
	}
}

func TestAFewLanesAtOnce(t *testing.T) {
	k := level(t, 100).take()
	var muts []record.Mutation
	for i := range uint64(40) {
		muts = append(muts, mutation(i+1, string(rune('a'+i))))
	}
	k.got(&wire.Push{Round: 1, Mutations: muts})
	if n := len(all[hub.Submit](k)); n != 8 {
		t.Errorf("%d at once, want 8", n)
	}
}

func TestNothingOvertakesWhatCouldNotBeStored(t *testing.T) {
	k := level(t, 100).take()
	k.got(&wire.Push{Round: 1, Number: 0, Mutations: []record.Mutation{mutation(1, "anna"), mutation(2, "anna")}})
	k.take().step(hub.Submitted{Mutation: mutation(1, "anna"), Err: fault.New(fault.Full, "t", "", "full")})
	r := sent[*wire.Receipts](k)
	if len(r) != 1 || r[0].Round != 2 || r[0].RetryMS == 0 || r[0].Why != "full" || len(r[0].Receipts) != 0 {
		t.Fatalf("answer: %+v", r)
	}
	k.got(&wire.Push{Round: 1, Number: 1, Mutations: []record.Mutation{mutation(3, "anna")}})
	if len(all[hub.Submit](k)) != 0 {
		t.Fatal("the second was submitted though the first is not stored")
	}
	k.got(&wire.Push{Round: 2, Number: 0, Mutations: []record.Mutation{mutation(1, "anna")}})
	if s := all[hub.Submit](k); len(s) != 1 || s[0].Mutation.ID != "s1-1" {
		t.Errorf("offered again: %+v", s)
	}
}

func TestAMissingPushEndsTheSession(t *testing.T) {
	k := level(t, 100).take()
	k.got(&wire.Push{Round: 1, Number: 0, Mutations: []record.Mutation{mutation(1, "anna")}})
	k.got(&wire.Push{Round: 1, Number: 0, Mutations: []record.Mutation{mutation(1, "anna")}})
	if k.bye() != 0 || len(all[hub.Submit](k)) != 1 {
		t.Fatal("a copy was not passed over")
	}
	k.got(&wire.Push{Round: 1, Number: 2, Mutations: []record.Mutation{mutation(3, "anna")}})
	if k.bye() != wire.ByeProtocol || len(all[hub.Submit](k)) != 1 {
		t.Error("a gap was passed over")
	}
}

func TestMoreThanTheWindowIsNotTaken(t *testing.T) {
	k := tail(t, 100)
	for n := uint32(0); n < 10; n++ {
		muts := make([]record.Mutation, wire.MaxPush)
		for i := range muts {
			muts[i] = mutation(uint64(n)*64+uint64(i)+1, "anna")
		}
		k.got(&wire.Push{Round: 1, Number: n, Mutations: muts})
	}
	if k.bye() != wire.ByeProtocol {
		t.Error("640 mutations were queued")
	}
}

// What is not in a station's scope does not wake it for each change, but its
// cursor does not stand still either, and a receipt is never waited for.
func TestEmptyBatchesAreSaved(t *testing.T) {
	empty := func(to record.Position) hub.Fetched {
		return hub.Fetched{To: at(to), Empty: true, Msg: &wire.Batch{}}
	}
	k := tail(t, 100).take().step(empty(101))
	if len(sent[*wire.Batch](k)) != 0 {
		t.Fatal("an empty batch went out at once")
	}
	k.pass(1100 * time.Millisecond)
	if len(all[hub.Fetch](k)) != 1 {
		t.Fatal("the cursor stands still")
	}
	k.step(empty(105))
	if len(sent[*wire.Batch](k)) != 1 {
		t.Error("it did not go out after a second")
	}
	k.take().got(&wire.Push{Round: 1, Mutations: []record.Mutation{mutation(1, "anna")}})
	k.step(hub.Submitted{Mutation: mutation(1, "anna"), Receipt: record.Receipt{Position: 106}})
	k.step(empty(106))
	if len(sent[*wire.Batch](k)) != 1 {
		t.Error("a station that waits for its receipt's position is not told at once")
	}
}

func TestACursorThatIsNotInTheJournalStopsTheExchange(t *testing.T) {
	k := tail(t, 500).step(hub.Fetched{Err: fault.New(fault.Conflict, "t", "", "beyond the head")})
	if d := all[hub.Diverged](k); k.bye() != wire.ByeDiverged || len(d) != 1 || d[0].At.Position != 500 {
		t.Errorf("bye %v, reported %v", k.bye(), all[hub.Diverged](k))
	}
	k = tail(t, 50).step(hub.Fetched{Err: fault.New(fault.Corrupt, "t", "", "unreadable")})
	if k.bye() != wire.ByeUnavailable || len(all[hub.Diverged](k)) != 0 {
		t.Errorf("an unreadable journal: bye %v", k.bye())
	}
}

// A journal that began another epoch in the middle of a session sends the
// station away to come back into it: nothing was rolled back.
func TestANewEpochEndsTheSession(t *testing.T) {
	k := tail(t, 50).step(hub.Fetched{Moved: true, Err: fault.New(fault.Conflict, "t", "", "another epoch")})
	if k.bye() != wire.ByeGoing || len(all[hub.Diverged](k)) != 0 {
		t.Errorf("bye %v", k.bye())
	}
}

// proving is a session with a station that can prove where it stands.
func proving(t *testing.T) *talk {
	k := &talk{t: t}
	k.s = hub.NewSession(hub.SessionConfig{
		Peer:   record.Peer{Device: record.Device{Station: "s1", Wards: []record.Ward{"4B"}}},
		Epochs: []record.Epoch{{ID: "e1"}}, Head: at(100), Proves: true, TakesBack: true,
	})
	return k.step(hub.Wakeup{}).got(&wire.Hello{Capabilities: wire.Capabilities(), Station: "s1", Cursor: at(500)})
}

// A cursor that is not in the journal stops the exchange, and the station is
// asked for central's signed word on it. Only a proof begins an epoch.
func TestOnlyAProofBeginsAnEpoch(t *testing.T) {
	conflict := hub.Fetched{Err: fault.New(fault.Conflict, "t", "", "beyond the head")}
	asked := func() *talk { return proving(t).take().step(conflict) }
	k := asked()
	if d := sent[*wire.Doubt](k); len(d) != 1 || d[0].Head != at(100) || k.bye() != 0 {
		t.Fatalf("asked: %v, bye %v", d, k.bye())
	}
	k.take().got(&wire.Push{Round: 1, Mutations: []record.Mutation{mutation(1, "anna")}}).step(hub.Grown{})
	if len(all[hub.Submit](k))+len(all[hub.Fetch](k)) > 0 {
		t.Error("the exchange goes on while the station is doubted")
	}
	k.got(&wire.Proof{Body: []byte("b")}).got(&wire.Proof{Body: []byte("b")})
	if len(all[hub.Weigh](k)) != 1 {
		t.Fatal("the proof is not weighed, or twice")
	}
	k.take().step(hub.Weighed{Rollback: &hub.Rollback{Station: "s1", Signed: at(500), Shared: 90}})
	if b := all[hub.BeginEpoch](k); len(b) != 1 || b[0].Rollback.Shared != 90 {
		t.Fatalf("begun: %v", b)
	}
	if k.step(hub.Begun{}); k.bye() != wire.ByeGoing {
		t.Errorf("bye %v: the station is to come back into the new epoch", k.bye())
	}
	for what, ev := range map[string]hub.Event{
		"nothing proven": hub.Weighed{}, "a forged proof": hub.Weighed{Err: fault.New(fault.Corrupt, "t", "", "forged")},
	} {
		k := asked().got(&wire.Proof{}).take().step(ev)
		if k.bye() != wire.ByeDiverged || len(all[hub.BeginEpoch](k)) != 0 || len(all[hub.Diverged](k)) != 1 {
			t.Errorf("%s: bye %v, begun %d", what, k.bye(), len(all[hub.BeginEpoch](k)))
		}
	}
	k = asked().got(&wire.Proof{}).step(hub.Weighed{Rollback: &hub.Rollback{}}).take().step(hub.Begun{Err: fault.New(fault.Denied, "t", "", "too often")})
	if k.bye() != wire.ByeDiverged {
		t.Errorf("an epoch that does not begin: bye %v", k.bye())
	}
	if k := asked().pass(4 * time.Second).step(hub.Alive{}).pass(5 * time.Second); k.bye() != wire.ByeDiverged {
		t.Errorf("a station that answers nothing: bye %v", k.bye())
	}
}

// Batches are taken back one at a time; one that could not be stored is given
// again, one that is not central's own never.
func TestBatchesAreTakenBackOneAtATime(t *testing.T) {
	k := proving(t).take().got(&wire.GiveBack{Number: 3, Body: []byte("b")}).got(&wire.GiveBack{Number: 4, Body: []byte("c")})
	if n := len(all[hub.TakeBack](k)); n != 1 {
		t.Fatalf("%d at once", n)
	}
	answer := func(err error) *wire.Given {
		k.take().step(hub.TookBack{Number: 3, Err: err})
		g := sent[*wire.Given](k)
		k.got(&wire.GiveBack{Number: 3, Body: []byte("b")})
		return g[0]
	}
	if g := answer(nil); g.Number != 3 || g.RetryMS != 0 || g.Why != "" {
		t.Errorf("taken: %+v", g)
	}
	if g := answer(fault.New(fault.Full, "t", "", "full")); g.RetryMS == 0 || g.Why != "" {
		t.Errorf("a full disk: %+v", g)
	}
	if g := answer(fault.New(fault.Corrupt, "t", "", "forged")); g.RetryMS != 0 || g.Why != "corrupt" {
		t.Errorf("forged: %+v", g)
	}
	if k := tail(t, 100).got(&wire.GiveBack{Number: 3}); k.bye() != wire.ByeProtocol {
		t.Error("given back though nobody agreed on it")
	}
}

func TestChunksGoOutByCredit(t *testing.T) {
	k := filling(t).got(&wire.AskChunk{Credit: 2}).step(hub.Admitted{})
	chunk := func(next string, last bool) hub.FetchedChunk {
		return hub.FetchedChunk{At: at(90), Snapshot: "snap", Next: next, Last: last, Msg: &wire.Chunk{Body: make([]byte, 10)}}
	}
	k.take().step(chunk("1", false)).step(chunk("2", false))
	if f := all[hub.FetchChunk](k); len(f) != 1 || f[0].From.Next != "1" || f[0].From.Snapshot != "snap" || f[0].Number != 1 {
		t.Fatalf("with a credit of two: %+v", f)
	}
	k.take().got(&wire.AskChunk{Credit: 1, More: true})
	if len(all[hub.FetchChunk](k)) != 1 {
		t.Fatal("further credit is not used")
	}
	k.take().step(chunk("", true))
	if f := all[hub.Fetch](k); len(f) != 1 || f[0].From != at(90) {
		t.Errorf("behind the last chunk: %+v", f)
	}
}

func TestASnapshotThatCannotBeResumedBeginsAnew(t *testing.T) {
	k := filling(t).got(&wire.AskChunk{Snapshot: "old", Next: "9", Credit: 2}).step(hub.Admitted{}).take()
	k.step(hub.FetchedChunk{Err: fault.New(fault.NotFound, "t", "", "gone")})
	if f := all[hub.FetchChunk](k); len(f) != 1 || f[0].From.Snapshot != "" || f[0].From.Next != "" {
		t.Errorf("%+v", f)
	}
}

func TestAStationThatMayNoLonger(t *testing.T) {
	for name, c := range map[string]struct {
		ev     hub.DeviceRead
		reason wire.Reason
	}{
		"revoked":         {hub.DeviceRead{Device: record.Device{Revoked: 1, Wards: []record.Ward{"4B"}}}, wire.ByeDenied},
		"not known":       {hub.DeviceRead{Err: fault.New(fault.Unknown, "t", "", "")}, wire.ByeDenied},
		"never enrolled":  {hub.DeviceRead{Err: fault.New(fault.NotFound, "t", "", "")}, wire.ByeDenied},
		"not to be asked": {hub.DeviceRead{Err: fault.New(fault.Unavailable, "t", "", "")}, 0},
		"as it was":       {hub.DeviceRead{Device: record.Device{Wards: []record.Ward{"4B"}}}, 0},
		"another ward":    {hub.DeviceRead{Device: record.Device{Wards: []record.Ward{"ICU"}}}, wire.ByeGoing},
	} {
		k := tail(t, 100).take()
		for range 61 {
			k.pass(time.Second).step(hub.Alive{})
		}
		if len(all[hub.CheckDevice](k)) != 1 {
			t.Fatalf("asked %d times in a minute", len(all[hub.CheckDevice](k)))
		}
		if k.step(c.ev); k.bye() != c.reason {
			t.Errorf("%s: bye %v, want %v", name, k.bye(), c.reason)
		}
	}
}

func TestStatusIsToldWhenItIsNews(t *testing.T) {
	k := tail(t, 100).take()
	feeds := record.Central{Feeds: []record.Feed{{Name: "laboratory", Up: true}}}
	k.step(hub.StatusRead{Central: feeds}).step(hub.StatusRead{Central: feeds})
	if n := len(sent[*wire.Status](k)); n != 1 {
		t.Errorf("told %d times, want once", n)
	}
	k.now.Mono += 4 * time.Second
	k.step(hub.Alive{}).step(hub.StatusRead{Central: feeds})
	if n := len(sent[*wire.Status](k)); n != 2 {
		t.Errorf("after three seconds: told %d times, want twice", n)
	}
}

func TestSilenceIsNoticed(t *testing.T) {
	k := tail(t, 100).take().pass(7 * time.Second)
	if k.s.Over() || len(sent[*wire.Ping](k)) < 2 {
		t.Fatal("given up early, or no pings")
	}
	if k.pass(2 * time.Second); !k.s.Over() {
		t.Error("kept through nine seconds of silence")
	}
}

func TestCriticalBatchesAreMarkedUrgent(t *testing.T) {
	k := tail(t, 0).take()
	f := fetched(1, 10)
	f.Critical = true
	k.step(f)
	if s := all[hub.Send](k); len(s) != 1 || !s[0].Urgent {
		t.Error("not marked")
	}
}

// Two computers that share an identity are told so where their audit events
// differ, too; what was offered is not taken for the other's.
func TestLooksOfAnotherUnderOneIdentity(t *testing.T) {
	k := level(t, 100).got(&wire.Looks{Looks: []record.Look{{Seq: 1}}}).take()
	k.step(hub.LooksStored{Err: fault.New(fault.Conflict, "t", "", "another event under this number")})
	if k.bye() != wire.ByeCloned || len(all[hub.Cloned](k)) != 1 || len(sent[*wire.LooksReceived](k)) != 0 {
		t.Errorf("%v", k.did)
	}
}

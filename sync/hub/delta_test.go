package hub_test

import (
	"context"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/compact"
	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// packing is a tail of a station that packs, with some capabilities left out.
func packing(t *testing.T, without ...wire.Capability) *talk {
	caps := []wire.Capability{}
	for _, c := range wire.Capabilities() {
		if len(without) == 0 || c != without[0] {
			caps = append(caps, c)
		}
	}
	return begin(t).got(&wire.Hello{Capabilities: caps, Station: "s1", Cursor: at(90), Dictionaries: compact.Known()})
}

// changed is a batch that could go as a delta.
func changed(e hub.Fetch, to record.Position) hub.Fetched {
	ev := fetched(to, 40_000)
	if e.Against != 0 {
		ev.Delta = &wire.Delta{From: e.From.Position, To: to, Packed: make([]byte, 300)}
	}
	return ev
}

// answerFetch answers the one read that is under way.
func (k *talk) answerFetch(to record.Position) *talk {
	k.t.Helper()
	asked := all[hub.Fetch](k)
	if len(asked) != 1 {
		k.t.Fatalf("%d reads", len(asked))
	}
	return k.take().step(changed(asked[0], to))
}

func TestADeltaGoesWhereBothKnowOfIt(t *testing.T) {
	for name, c := range map[string]struct {
		without []wire.Capability
		deltas  int
	}{"both of today": {nil, 1}, "an older station": {[]wire.Capability{wire.CapDelta}, 0}, "nothing is packed": {[]wire.Capability{wire.CapPacked}, 0}} {
		k := packing(t, c.without...).answerFetch(92)
		if d, b := len(sent[*wire.Delta](k)), len(sent[*wire.Batch](k)); d != c.deltas || b != 1-c.deltas {
			t.Errorf("%s: %d deltas and %d batches", name, d, b)
		}
	}
}

// What cannot be put together is sent again from where the station stands, whole,
// with all that was sent after it; from there on deltas go again.
func TestWhatCannotBePutTogetherIsSentWhole(t *testing.T) {
	k := packing(t).answerFetch(92).answerFetch(94)
	k.take().got(&wire.AskWhole{From: 90}) // while 94 to 96 are being read
	if n := len(all[hub.Fetch](k)); n != 0 {
		t.Fatal("two reads at once")
	}
	k.step(hub.Fetched{To: at(96), Msg: &wire.Batch{Body: make([]byte, 9)}, Delta: &wire.Delta{From: 94, To: 96}})
	if n := len(sent[*wire.Batch](k)) + len(sent[*wire.Delta](k)); n != 0 {
		t.Fatal("what follows the dropped ones was sent")
	}
	again := all[hub.Fetch](k)
	if len(again) != 1 || again[0].From.Position != 90 || again[0].Against != 0 {
		t.Fatalf("reads %+v, want from 90, whole", again)
	}
	k.answerFetch(92)
	if len(sent[*wire.Batch](k)) != 1 {
		t.Fatal("it was not sent whole")
	}
	k.answerFetch(94)
	if len(sent[*wire.Batch](k)) != 1 {
		t.Fatal("what was dropped with it was not sent whole")
	}
	k.got(&wire.AskWhole{From: 90}) // a copy
	k.answerFetch(98)
	if len(sent[*wire.Delta](k)) != 1 {
		t.Error("deltas never come again")
	}
}

func TestOnlyWhoKnowsDeltasAsksForTheWhole(t *testing.T) {
	k := packing(t, wire.CapDelta).take().got(&wire.AskWhole{From: 90})
	if k.bye() != wire.ByeProtocol {
		t.Errorf("bye %v", k.bye())
	}
	k = packing(t).take().got(&wire.AskWhole{From: 90}) // nothing was sent
	if k.bye() != 0 || k.s.Over() {
		t.Error("a word that came late ended the session")
	}
}

// revising is a source in which one large resource has a new version.
type revising struct {
	hub.Source
	bodies [2]string
	others int
}

func (r revising) Batch(_ context.Context, dev record.Device, from record.Cursor, _ int) (record.Batch, bool, error) {
	b := record.Batch{Epoch: "e1", From: from.Position, To: from.Position + 1, Station: dev.Station}
	b.Changes = append(b.Changes, r.change(2))
	for range r.others {
		b.Changes = append(b.Changes, record.Change{Version: 1, Body: fhir.Resource(strings.Repeat("small ", 200))})
	}
	return b, false, nil
}

func (r revising) change(v record.Version) record.Change {
	return record.Change{Ref: fhir.Ref{Type: "CarePlan", ID: "c"}, Version: v, Body: fhir.Resource(r.bodies[v-1])}
}

func (r revising) Held(context.Context, record.Device, record.Batch, int, int) ([]record.Change, error) {
	return []record.Change{r.change(1)}, nil
}

func (revising) Epoch() record.Epoch { return record.Epoch{ID: "e1"} }

func TestADeltaIsMadeWhereItIsWorthIt(t *testing.T) {
	long := strings.Repeat("the same words over and over, with a number ", 400)
	for name, c := range map[string]struct {
		src  revising
		with compact.Dictionary
		made bool
	}{
		"a large resource":       {revising{bodies: [2]string{long + "1", long + "2"}}, compact.First, true},
		"among a few small ones": {revising{bodies: [2]string{long + "1", long + "2"}, others: 3}, compact.First, true},
		"among many small ones":  {revising{bodies: [2]string{long + "1", long + "2"}, others: 60}, compact.First, false},
		"a small resource":       {revising{bodies: [2]string{long[:900] + "1", long[:900] + "2"}}, compact.First, false},
		"the station wants none": {revising{bodies: [2]string{long + "1", long + "2"}}, 0, false},
	} {
		ev := hub.Read(context.Background(), c.src, func([]byte) []byte { return []byte{1} }, record.Device{Station: "s1"}, hub.Fetch{From: at(3), Against: c.with})
		got := ev.(hub.Fetched)
		if got.Err != nil || got.Msg == nil || (got.Delta != nil) != c.made {
			t.Errorf("%s: delta %v, %v", name, got.Delta != nil, got.Err)
		}
	}
}

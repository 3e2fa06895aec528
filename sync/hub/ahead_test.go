package hub_test

import (
	"testing"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

func aheadOf(to record.Position, more bool) hub.FetchedAhead {
	return hub.FetchedAhead{To: to, More: more, Msg: &wire.Ahead{Body: []byte{1}}}
}

func TestWhereTheLineIsFreeNothingGoesAhead(t *testing.T) {
	k := tail(t, 0)
	k.take().step(hub.Grown{})
	if len(all[hub.FetchAhead](k)) != 0 {
		t.Error("the journal was read twice for a station that is level")
	}
}

func TestBehindAFullWindowWhatIsCriticalGoesAhead(t *testing.T) {
	k := tail(t, 0)
	for p := record.Position(1); p <= 8; p++ {
		k.step(fetched(p, 1000))
	}
	first := all[hub.FetchAhead](k)
	if len(first) != 1 || first[0].After != 0 {
		t.Fatalf("reads ahead: %+v, want one from the station's cursor", first)
	}
	k.take().step(hub.FetchedAhead{To: 100})
	k.step(hub.Grown{})
	if again := all[hub.FetchAhead](k); len(again) != 1 || again[0].After != 100 {
		t.Fatalf("reads ahead: %+v, want one from where it had looked", again)
	}
	k.take().step(aheadOf(101, false))
	if s := all[hub.Send](k); len(s) != 1 || !s[0].Urgent {
		t.Errorf("sent: %+v", s)
	}
}

// A critical batch that stands behind others under way is sent ahead as well.
func TestACriticalBatchBehindOthersGoesAhead(t *testing.T) {
	k := tail(t, 0)
	k.step(fetched(1, 1000))
	crit := fetched(2, 1000)
	crit.Critical = true
	k.take().step(crit)
	if len(all[hub.FetchAhead](k)) != 1 {
		t.Error("it waits behind what is under way")
	}
	k = tail(t, 0).take()
	k.step(crit)
	if len(all[hub.FetchAhead](k)) != 0 {
		t.Error("it was sent twice though nothing stood before it")
	}
}

func TestDuringASnapshotWhatIsCriticalGoesAhead(t *testing.T) {
	k := filling(t).got(&wire.AskChunk{Credit: 2})
	k.take().step(hub.Grown{})
	if f := all[hub.FetchAhead](k); len(f) != 1 || f[0].After != 100 {
		t.Fatalf("reads ahead: %+v, want one from the journal's head at the beginning", f)
	}
	// An endless row of them waits for the station's words.
	k.take().step(aheadOf(150, true))
	if len(all[hub.FetchAhead](k)) != 0 {
		t.Error("more was read before the station said anything")
	}
	k.pass(time.Second).take().got(&wire.Pong{})
	if f := all[hub.FetchAhead](k); len(f) != 1 || f[0].After != 150 {
		t.Errorf("then: %+v", f)
	}
}

func TestAnOlderStationIsSentNothingAhead(t *testing.T) {
	k := begin(t).got(&wire.Hello{Capabilities: []wire.Capability{1, 2, 3, 4}, Station: "s1"}).got(&wire.AskChunk{Credit: 2})
	k.step(hub.Grown{})
	if len(all[hub.FetchAhead](k)) != 0 {
		t.Error("something would go ahead to a station that does not know how")
	}
}

// A station that has come out of its snapshot is level like any other.
func TestAfterASnapshotNothingGoesAhead(t *testing.T) {
	k := filling(t).got(&wire.AskChunk{Credit: 2})
	k.step(hub.FetchedChunk{At: at(100), Snapshot: "x", Last: true, Msg: &wire.Chunk{Body: make([]byte, 500)}})
	k.take().step(hub.Grown{})
	if len(all[hub.FetchAhead](k)) != 1 {
		t.Error("while the last chunk is under way nothing goes ahead")
	}
	k.step(hub.FetchedAhead{To: 101})
	k.got(&wire.Applied{Position: 100})
	k.take().step(hub.Grown{})
	if len(all[hub.FetchAhead](k)) != 0 {
		t.Error("the journal is read twice for a station that is level")
	}
}

package hub_test

import (
	"testing"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// waitingFor brings a session to where its snapshot waits for its turn.
func waitingFor(t *testing.T) *talk {
	k := filling(t).got(&wire.AskChunk{Credit: 2})
	if a := all[hub.Admit](k); len(a) != 1 || !a[0].Patient {
		t.Fatalf("asks for a turn: %+v", a)
	}
	return k.take().step(hub.Place{Before: 3})
}

func TestASnapshotWaitsForItsTurnAndTheStationIsTold(t *testing.T) {
	k := waitingFor(t)
	if w := sent[*wire.Wait](k); len(w) != 1 || w[0].Before != 3 {
		t.Fatalf("told: %+v", w)
	}
	k.take().pass(2100 * time.Millisecond)
	if len(all[hub.ReadPlace](k)) != 1 {
		t.Fatal("the place is not asked for")
	}
	k.take().step(hub.Place{Before: 3})
	if len(sent[*wire.Wait](k)) != 0 {
		t.Error("the same place is told twice in two seconds")
	}
	k.step(hub.Place{Before: 1})
	if w := sent[*wire.Wait](k); len(w) != 1 || w[0].Before != 1 {
		t.Errorf("then: %+v", w)
	}
	if len(all[hub.FetchChunk](k)) != 0 {
		t.Error("a chunk is read before the turn has come")
	}
	k.take().step(hub.Admitted{})
	if len(all[hub.FetchChunk](k)) != 1 {
		t.Error("nothing is read when the turn has come")
	}
	if k.take().pass(5 * time.Second); len(all[hub.ReadPlace](k)) != 0 {
		t.Error("the place is asked for after the turn has come")
	}
}

// A station that waits an hour is told every few seconds, so that it does not
// take the silence for a standstill.
func TestWhoWaitsLongIsNotForgotten(t *testing.T) {
	k := waitingFor(t).take()
	for range 30 {
		k.pass(time.Second).step(hub.Alive{})
		if len(all[hub.ReadPlace](k)) > 0 {
			k.step(hub.Place{Before: 3})
			k.did = append(k.did[:0:0], sends(k)...)
		}
	}
	if n := len(sent[*wire.Wait](k)); n < 3 || n > 5 {
		t.Errorf("told %d times in 30 s", n)
	}
}

func sends(k *talk) (out []hub.Effect) {
	for _, e := range all[hub.Send](k) {
		out = append(out, e)
	}
	return out
}

// While a snapshot waits, what was written goes up and what is critical comes.
func TestWhileASnapshotWaitsUploadsGoOn(t *testing.T) {
	k := waitingFor(t).take()
	k.got(&wire.Push{Round: 1, Mutations: []record.Mutation{mutation(1, "p1")}})
	if len(all[hub.Submit](k)) != 1 {
		t.Error("an upload waits for the snapshot")
	}
	if k.step(hub.Grown{}); len(all[hub.FetchAhead](k)) != 1 {
		t.Error("what is critical waits for the snapshot")
	}
}

// Whoever is slow gives its turn back while others wait, and asks again; where
// nobody waits it goes on.
func TestASlowSnapshotGivesWay(t *testing.T) {
	for _, others := range []bool{true, false} {
		k := filling(t).got(&wire.AskChunk{Credit: 16}).step(hub.Admitted{})
		chunk := hub.FetchedChunk{At: at(90), Snapshot: "s", Next: "1", Msg: &wire.Chunk{Body: make([]byte, 10)}, Others: others}
		k.take().step(chunk)
		if len(all[hub.Release](k)) != 0 {
			t.Fatal("the turn is over at once")
		}
		for range 16 {
			k.pass(time.Second).step(hub.Alive{})
		}
		k.take().step(chunk)
		if n := len(all[hub.Release](k)); (n == 1) != others {
			t.Errorf("others wait: %v; given back %d times", others, n)
		}
		if n := len(all[hub.Admit](k)); (n == 1) != others {
			t.Errorf("others wait: %v; asked again %d times", others, n)
		}
	}
	k := filling(t).got(&wire.AskChunk{Credit: 2}).step(hub.Admitted{}).take()
	k.step(hub.FetchedChunk{At: at(90), Snapshot: "s", Last: true, Msg: &wire.Chunk{}})
	if len(all[hub.Release](k)) != 1 {
		t.Error("at its end the turn is not given back")
	}
}

// A station that asks for nothing more, because its disk is full or its program hangs,
// is alive all the same. It does not keep its turn: sixteen of them would keep all the
// others from being filled.
func TestWhoAsksForNothingMoreGivesItsTurnBack(t *testing.T) {
	k := filling(t).got(&wire.AskChunk{Credit: 1}).step(hub.Admitted{})
	k.step(hub.FetchedChunk{At: at(90), Snapshot: "s", Next: "1", Msg: &wire.Chunk{Body: make([]byte, 10)}, Others: true}).take()
	released := 0
	for range 40 {
		k.pass(time.Second).step(hub.Alive{})
		released += len(all[hub.Release](k))
		k.take()
	}
	if released != 1 {
		t.Fatalf("in 40 s its turn was given back %d times", released)
	}
	if k.got(&wire.AskChunk{More: true, Credit: 1}); len(all[hub.Admit](k)) != 1 || len(all[hub.FetchChunk](k)) != 0 {
		t.Error("when it asks again it does not wait for its turn")
	}
	if k.take().step(hub.Admitted{}); len(all[hub.FetchChunk](k)) != 1 {
		t.Error("when its turn has come again nothing is read")
	}
}

func TestAnOlderStationIsNotToldToWait(t *testing.T) {
	k := begin(t).got(&wire.Hello{Capabilities: []wire.Capability{1, 2, 3}, Station: "s1"}).got(&wire.AskChunk{Credit: 2})
	if a := all[hub.Admit](k); len(a) != 1 || a[0].Patient {
		t.Fatalf("asks for a turn: %+v", a)
	}
	if k.step(hub.Place{Before: 3}); len(sent[*wire.Wait](k)) != 0 {
		t.Error("it is sent a message that it does not know")
	}
}

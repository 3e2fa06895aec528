package hub_test

import (
	"fmt"
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// running is a session on the tail with a Submitter that takes runs.
func running(t *testing.T) *talk { return unlooked(t).step(hub.Fetched{To: at(100)}).take() }

// unlooked is one whose cursor was not found in the journal yet.
func unlooked(t *testing.T) *talk {
	k := &talk{t: t}
	k.s = hub.NewSession(hub.SessionConfig{
		Peer: record.Peer{Device: record.Device{Station: "s1", Wards: []record.Ward{"4B"}}}, Runs: true,
		Epochs: []record.Epoch{{ID: "e1"}}, Head: at(100),
	})
	k.step(hub.Wakeup{}).got(&wire.Hello{Capabilities: wire.Capabilities(), Station: "s1", Cursor: at(100)})
	return k.take()
}

func (k *talk) runs() (out []string) {
	for _, s := range all[hub.SubmitRun](k) {
		ids := ""
		for _, m := range s.Mutations {
			ids += string(m.ID) + " "
		}
		out = append(out, ids)
	}
	if what := k.s.Overdrawn(); what != "" {
		k.t.Errorf("too many %s", what)
	}
	k.take()
	return out
}

// A run holds everything that may go, one patient's in order; what comes
// meanwhile waits where its patient has one under way.
func TestARunHoldsWhatMayGo(t *testing.T) {
	k := running(t)
	first := []record.Mutation{mutation(1, "anna"), mutation(2, "anna"), mutation(3, "bea")}
	k.got(&wire.Push{Round: 1, Number: 0, Mutations: first})
	if got := k.runs(); len(got) != 1 || got[0] != "s1-1 s1-2 s1-3 " {
		t.Fatalf("first: %q", got)
	}
	k.got(&wire.Push{Round: 1, Number: 1, Mutations: []record.Mutation{mutation(4, "anna"), mutation(5, "cleo")}})
	if got := k.runs(); len(got) != 1 || got[0] != "s1-5 " {
		t.Fatalf("meanwhile: %q", got)
	}
	k.step(hub.SubmittedRun{Mutations: first, Receipts: []record.Receipt{{Mutation: "s1-1"}, {Mutation: "s1-2"}, {Mutation: "s1-3"}}})
	if r := sent[*wire.Receipts](k); len(r) != 1 || len(r[0].Receipts) != 3 {
		t.Errorf("receipts: %+v", r)
	}
	if got := k.runs(); len(got) != 1 || got[0] != "s1-4 " {
		t.Errorf("then: %q", got)
	}
}

// A run is bounded by number and by bytes, and there are two at once.
func TestARunIsBounded(t *testing.T) {
	k := running(t)
	var muts []record.Mutation
	for i := range uint64(wire.MaxPush) {
		muts = append(muts, mutation(i+1, fmt.Sprint("p", i)))
	}
	k.got(&wire.Push{Round: 1, Number: 0, Mutations: muts})
	k.got(&wire.Push{Round: 1, Number: 1, Mutations: []record.Mutation{mutation(65, "x")}})
	k.got(&wire.Push{Round: 1, Number: 2, Mutations: []record.Mutation{mutation(66, "y")}})
	if got := all[hub.SubmitRun](k); len(got) != 2 || len(got[0].Mutations) != 64 || len(got[1].Mutations) != 1 {
		t.Errorf("runs: %q", k.runs())
	}
	k = running(t)
	big := mutation(1, "anna")
	big.Ops = []record.Op{{Kind: record.OpPut, Value: make([]byte, 60<<10)}}
	k.got(&wire.Push{Round: 1, Number: 0, Mutations: []record.Mutation{big, mutation(2, "anna"), func() record.Mutation {
		m := big
		m.ID, m.Patient = "s1-3", "bea"
		return m
	}()}})
	if got := k.runs(); len(got) != 2 || got[0] != "s1-1 s1-2 " || got[1] != "s1-3 " {
		t.Errorf("by bytes: %q", got)
	}
	// What is small does not slip in before what is large and came earlier.
	k = running(t)
	large := big
	large.ID = "s1-2"
	k.got(&wire.Push{Round: 1, Number: 0, Mutations: []record.Mutation{big, large, mutation(3, "anna")}})
	if got := k.runs(); len(got) != 1 || got[0] != "s1-1 " {
		t.Errorf("slipped in: %q", got)
	}
}

// However many wait, no run is longer than it may be.
func TestALongQueueGoesInBoundedRuns(t *testing.T) {
	k := running(t)
	offer := func(number uint32, from, n uint64) (muts []record.Mutation) {
		for i := from; i < from+n; i++ {
			muts = append(muts, mutation(i, fmt.Sprint("p", i)))
		}
		k.got(&wire.Push{Round: 1, Number: number, Mutations: muts})
		return muts
	}
	first := offer(0, 1, 1)
	offer(1, 2, 1)
	offer(2, 10, 64)
	offer(3, 100, 60)
	k.take().step(hub.SubmittedRun{Mutations: first, Receipts: []record.Receipt{{Mutation: "s1-1"}}})
	if got := all[hub.SubmitRun](k); len(got) != 1 || len(got[0].Mutations) != 64 {
		t.Errorf("%d runs, the first of %d", len(got), len(got[0].Mutations))
	}
}

// Of a run that could not be stored whole, what is durable is receipted, and
// all that waits is asked for again.
func TestARunThatCouldNotBeStored(t *testing.T) {
	k := running(t)
	muts := []record.Mutation{mutation(1, "anna"), mutation(2, "anna")}
	k.got(&wire.Push{Round: 1, Number: 0, Mutations: muts})
	k.got(&wire.Push{Round: 1, Number: 1, Mutations: []record.Mutation{mutation(3, "anna")}})
	k.take().step(hub.SubmittedRun{Mutations: muts, Receipts: []record.Receipt{{Mutation: "s1-1"}}, Err: fault.New(fault.Full, "t", "", "full")})
	r := sent[*wire.Receipts](k)
	if len(r) != 2 || len(r[0].Receipts) != 1 || r[0].Round != 0 || r[1].Round != 2 || r[1].Why != "full" {
		t.Fatalf("answers: %+v", r)
	}
	if got := k.runs(); len(got) != 0 {
		t.Errorf("submitted though the one before it is not stored: %q", got)
	}
	k.got(&wire.Push{Round: 2, Number: 0, Mutations: []record.Mutation{mutation(2, "anna"), mutation(3, "anna")}})
	if got := k.runs(); len(got) != 1 || got[0] != "s1-2 s1-3 " {
		t.Errorf("offered again: %q", got)
	}
}

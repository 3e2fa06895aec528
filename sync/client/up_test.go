package client_test

import (
	"testing"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/client"
	"wardlight/sync/wire"
)

// saved are the receipts that the store was given since the last take, with
// batches and by themselves.
func saved(k *talk) (list []record.Receipt) {
	for _, a := range all[client.Apply](k) {
		list = append(list, a.Receipts...)
	}
	for _, s := range all[client.SaveReceipts](k) {
		list = append(list, s.Receipts...)
	}
	return list
}

func TestAReceiptWaitsForItsChange(t *testing.T) {
	k := welcomed(t, at(5))
	one, two := mutation(1), mutation(2)
	k.step(client.Unsent{Mutations: []record.Mutation{one, two}}).take()
	k.got(&wire.Receipts{Receipts: []record.Receipt{receiptOf(t, one, 6)}})
	if len(all[client.SaveReceipts](k)) != 0 {
		t.Fatal("stored before the change came back: the screen would flicker")
	}
	k.batch(batch(5, 6)).step(client.BatchDone{})
	if got := saved(k); len(got) != 1 || got[0].Mutation != one.ID || len(all[client.SaveReceipts](k)) > 0 {
		t.Fatalf("stored: %+v; want it in the commit of the batch", got)
	}
	k.take()
	k.got(&wire.Receipts{Receipts: []record.Receipt{receiptOf(t, two, 900)}})
	for range 6 {
		k.pass(time.Second).step(client.Alive{Session: k.session})
	}
	if len(all[client.SaveReceipts](k)) != 1 {
		t.Error("a receipt of a central that promises no batch waits for ever")
	}
}

// ownWindow is a session with a central of today, whose window is 4.
func ownWindow(t *testing.T) *talk {
	k := welcomed(t, at(5)).step(client.Unsent{}).step(client.UnsentLooks{}) // there is nothing to offer yet
	k.step(client.Lost{Session: k.session}).pass(20 * time.Second)
	k.step(client.Dialled{Session: k.session}).step(client.Loaded{Session: k.session, Cursor: at(5)})
	return k.got(&wire.Welcome{
		Epoch: epoch1, Head: at(5), Mode: wire.ModeTail, PushWindow: 4, Central: record.Central{Head: 5}, Capabilities: wire.Capabilities(),
	})
}

// A stored receipt that the cursor does not cover would be believed of a central
// that was put back behind it and had grown again: nothing that the station holds
// would speak against it. So it is not stored, however long the change takes.
func TestNoReceiptIsBelievedBeforeTheCursorGetsThere(t *testing.T) {
	k := ownWindow(t)
	one := mutation(1)
	k.step(client.Unsent{Mutations: []record.Mutation{one}}).take().got(&wire.Receipts{Receipts: []record.Receipt{receiptOf(t, one, 7)}})
	k.step(client.UnsentLooks{Looks: []record.Look{{Seq: 1}, {Seq: 2}}}).got(&wire.LooksReceived{UpTo: 2, At: 8})
	for range 60 {
		k.pass(time.Second).step(client.Alive{Session: k.session})
	}
	k.batch(batch(5, 6)).step(client.BatchDone{})
	if n, m := len(saved(k)), len(all[client.SaveLooks](k)); n+m > 0 {
		t.Fatalf("at position 6, %d receipts of position 7 and %d looks of position 8 are believed", n, m)
	}
	k.batch(batch(6, 8)).step(client.BatchDone{})
	if s := saved(k); len(s) != 1 || s[0].Mutation != one.ID {
		t.Errorf("at position 8: %+v", s)
	}
	if s := all[client.SaveLooks](k); len(s) != 1 || s[0].UpTo != 2 {
		t.Errorf("at position 8: looks %+v", s)
	}
}

// During a long snapshot the words that are not believed yet are bounded: then
// nothing more is offered, and everything goes on when the cursor gets there.
func TestWordsThatWaitAreBounded(t *testing.T) {
	k := ownWindow(t)
	const bound = 4096
	for seq := uint64(1); seq <= bound+100; {
		k.take()
		k.step(client.Nudge{})
		var muts []record.Mutation
		var words []record.Receipt
		for range 4 {
			muts = append(muts, mutation(seq))
			words = append(words, receiptOf(t, mutation(seq), 9))
			seq++
		}
		k.step(client.Unsent{Mutations: muts}).got(&wire.Receipts{Receipts: words})
		if what := k.m.Overdrawn(); what != "" {
			t.Fatalf("after %d: too many %s", seq, what)
		}
	}
	if len(all[client.ReadUnsent](k)) != 0 {
		t.Error("more is offered than words can wait")
	}
	k.batch(batch(5, 9)).step(client.BatchDone{}).step(client.ReceiptsDone{})
	if len(all[client.SaveReceipts](k)) == 0 || len(all[client.ReadUnsent](k)) == 0 {
		t.Error("it does not go on")
	}
}

// Central may have been set back between two sessions: a receipt that was not
// stored by then is worth nothing.
func TestHeldReceiptsEndWithTheSession(t *testing.T) {
	k := welcomed(t, at(5))
	one := mutation(1)
	k.step(client.Unsent{Mutations: []record.Mutation{one}}).got(&wire.Receipts{Receipts: []record.Receipt{receiptOf(t, one, 6)}})
	k.step(client.Lost{Session: k.session}).take().pass(20 * time.Second)
	if len(saved(k)) != 0 {
		t.Error("a receipt of an earlier session was stored")
	}
}

// A batch that could not be stored takes the receipts along when it is tried again;
// and of one whose commit outlives its session they count if it succeeded, and if
// not, everything is offered again to whoever is central then.
func TestReceiptsShareTheFateOfTheirBatch(t *testing.T) {
	one := mutation(1)
	under := func() *talk {
		k := ownWindow(t)
		k.step(client.Unsent{Mutations: []record.Mutation{one}}).got(&wire.Receipts{Receipts: []record.Receipt{receiptOf(t, one, 6)}})
		return k.take().batch(batch(5, 6))
	}
	full := client.BatchDone{Err: fault.New(fault.Full, "test", "", "the disk is full")}

	k := under().take().step(full)
	k.pass(6 * time.Second)
	if s := saved(k); len(s) != 1 || len(all[client.Apply](k)) != 1 {
		t.Errorf("tried again: %+v", s)
	}
	k.step(client.BatchDone{}).take()
	if k.batch(batch(6, 7)); len(saved(k)) != 0 {
		t.Error("stored once more")
	}

	for _, c := range []struct {
		done client.BatchDone
		want int // mutations that are offered in the next session
	}{{client.BatchDone{}, 0}, {full, 1}} {
		k := under().take()
		k.step(client.Lost{Session: k.session}).pass(2 * time.Second)
		k.step(client.Dialled{Session: k.session}).step(client.Loaded{Session: k.session, Cursor: at(5)}).step(c.done)
		k.got(&wire.Welcome{Epoch: epoch1, Head: at(9), Mode: wire.ModeTail, PushWindow: 4, Central: record.Central{Head: 9}, Capabilities: wire.Capabilities()})
		k.take().step(client.Unsent{Mutations: []record.Mutation{one}[:c.want]}).batch(batch(5, 8))
		if p := sent[*wire.Push](k); len(p) != c.want || len(saved(k)) != 0 {
			t.Errorf("%v: %d offered, want %d; stored %+v", c.done.Err, len(p), c.want, saved(k))
		}
	}
}

// Where the failure is known only when the next session is under way, that one ends:
// what it did not offer, because it was said to be stored, is offered by another.
func TestAFailureOfTheLastSessionsCommitEndsThisOne(t *testing.T) {
	one := mutation(1)
	k := ownWindow(t)
	k.step(client.Unsent{Mutations: []record.Mutation{one}}).got(&wire.Receipts{Receipts: []record.Receipt{receiptOf(t, one, 6)}})
	k.batch(batch(5, 6)).step(client.Lost{Session: k.session}).pass(2 * time.Second)
	k.step(client.Dialled{Session: k.session}).step(client.Loaded{Session: k.session, Cursor: at(5)})
	k.got(&wire.Welcome{Epoch: epoch1, Head: at(9), Mode: wire.ModeTail, PushWindow: 4, Central: record.Central{Head: 9}, Capabilities: wire.Capabilities()})
	if k.step(client.Unsent{Mutations: []record.Mutation{one}}).take(); !k.m.State().Connected {
		t.Fatal("not connected")
	}
	if k.step(client.BatchDone{Err: fault.New(fault.Full, "test", "", "the disk is full")}); k.m.State().Connected {
		t.Error("it goes on, and never offers what has no receipt")
	}
}

func TestACopiedDiskIsNoticedByItsReceipts(t *testing.T) {
	k := welcomed(t, at(5))
	one := mutation(1)
	k.step(client.Unsent{Mutations: []record.Mutation{one}}).take()
	other := one
	other.Reason = "written by the copy"
	k.got(&wire.Receipts{Receipts: []record.Receipt{receiptOf(t, other, 3)}})
	if k.m.State().Refused.Reason != "cloned" || len(all[client.SaveReceipts](k)) != 0 {
		t.Errorf("state %+v, %d receipts stored", k.m.State().Refused, len(all[client.SaveReceipts](k)))
	}
}

func TestWhatCentralCouldNotStoreIsOfferedAgainFromTheFirst(t *testing.T) {
	k := welcomed(t, at(5))
	muts := []record.Mutation{mutation(1), mutation(2), mutation(3)}
	k.step(client.Unsent{Mutations: muts}).take()
	k.got(&wire.Receipts{Receipts: []record.Receipt{receiptOf(t, muts[0], 5)}})
	k.step(client.ReceiptsDone{}).step(client.Unsent{}).take()
	k.got(&wire.Receipts{Round: 2, RetryMS: 1000, Why: "full"})
	if len(all[client.ReadUnsent](k)) != 0 {
		t.Fatal("it did not wait")
	}
	k.pass(1100 * time.Millisecond)
	if r := all[client.ReadUnsent](k); len(r) != 1 || r[0].After != 0 {
		t.Fatalf("read: %+v", r)
	}
	k.step(client.Unsent{Mutations: muts[1:]})
	if p := sent[*wire.Push](k); len(p) != 1 || p[0].Round != 2 || p[0].Number != 0 || len(p[0].Mutations) != 2 {
		t.Errorf("pushed: %+v", p)
	}
}

func TestTheWindowBoundsWhatIsUnderWay(t *testing.T) {
	k := welcomed(t, at(5)) // central's window is 4
	if r := all[client.ReadUnsent](k); len(r) != 1 || r[0].Limit != 4 {
		t.Fatalf("read: %+v", r)
	}
	k.take().step(client.Unsent{Mutations: []record.Mutation{mutation(1), mutation(2), mutation(3), mutation(4)}}).step(client.Nudge{})
	if len(all[client.ReadUnsent](k)) != 0 {
		t.Error("more was read though the window is full")
	}
	k.got(&wire.Receipts{Receipts: []record.Receipt{receiptOf(t, mutation(1), 5)}})
	if r := all[client.ReadUnsent](k); len(r) != 1 || r[0].Limit != 1 || r[0].After != 4 {
		t.Errorf("read: %+v", r)
	}
}

func TestABigMutationTravelsAlone(t *testing.T) {
	k := welcomed(t, at(5)).take()
	big := mutation(2)
	big.Ops[0].Value = make([]byte, 300<<10)
	k.step(client.Unsent{Mutations: []record.Mutation{mutation(1), big, mutation(3)}})
	if p := sent[*wire.Push](k); len(p) != 3 || p[1].Mutations[0].ID != big.ID || p[2].Number != 2 {
		t.Errorf("%d pushes", len(p))
	}
}

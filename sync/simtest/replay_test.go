package simtest_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/badgerjournal"
	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/central/scope"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/keys"
	"wardlight/sync/simtest"
	"wardlight/sync/wire"
)

// Which store keeps the journal, and into what pieces its way to a station is
// cut, makes no difference: the same history ends in the same journal to the
// byte, in the same state of every patient, and in the same contents of every
// station.
func TestTheSameHistoryThroughEveryJournalAndInEveryPiece(t *testing.T) {
	n := uint64(8)
	if testing.Short() {
		n = 2
	}
	for seed := range n {
		inputs := simtest.Inputs(seed)
		if len(inputs) < 20 {
			t.Fatalf("seed %d: only %d inputs", seed, len(inputs))
		}
		mem := told(t, inputs, memory)
		disk := told(t, inputs, badger)
		if a, b := mem.Head(), disk.Head(); a.Position != b.Position || a.Chain != b.Chain {
			t.Errorf("seed %d: the journal in memory ends at %d %s, Badger's at %d %s", seed, a.Position, a.Chain, b.Position, b.Chain)
		}
		if a, b := whole(t, mem), whole(t, disk); a != b {
			t.Errorf("seed %d: the states differ: %s and %s", seed, a, b)
		}
		for _, wards := range [][]record.Ward{{"A"}, {"A", "B"}} {
			contents := map[string]string{}
			for _, j := range []journal.Journal{mem, disk} {
				for _, size := range []int{1, 4 << 10, 192 << 10} {
					contents[tailed(t, j, wards, size)] = fmt.Sprintf("%T, tail in pieces of %d", j, size)
					contents[filled(t, j, wards, size)] = fmt.Sprintf("%T, snapshot in pieces of %d", j, size)
				}
			}
			if len(contents) != 1 {
				t.Errorf("seed %d, wards %v: stations end with different contents: %v", seed, wards, contents)
			}
		}
	}
}

// told is a journal that was given a history.
func told(t *testing.T, inputs []simtest.Input, open func(*testing.T, *simtest.Clock) journal.Journal) journal.Journal {
	t.Helper()
	clock := &simtest.Clock{}
	j := open(t, clock)
	check(t, simtest.Give(context.Background(), j, clock, inputs))
	return j
}

func memory(_ *testing.T, clock *simtest.Clock) journal.Journal {
	return memjournal.New(memjournal.Options{Now: func() int64 { return clock.Now }})
}

func badger(t *testing.T, clock *simtest.Clock) journal.Journal {
	t.Helper()
	signer, err := keys.NewJournalKey()
	check(t, err)
	j, err := badgerjournal.Create(context.Background(), badgerjournal.Options{
		Dir: t.TempDir(), Key: keys.Key{1}, Signer: signer, Small: true, Reserve: 1 << 20,
		Now: func() time.Time { return time.UnixMilli(clock.Now) },
	})
	check(t, err)
	t.Cleanup(func() { check(t, j.Close()) })
	return j
}

// whole is a hash over every current resource.
func whole(t *testing.T, j journal.Journal) string {
	t.Helper()
	h := sha256.New()
	check(t, j.View(context.Background(), func(r journal.Reader) error {
		for c, err := range r.All("", "") {
			if err != nil {
				return err
			}
			b, err := record.Encode(c)
			if err != nil {
				return err
			}
			h.Write(b)
		}
		return nil
	}))
	return fmt.Sprintf("%x", h.Sum(nil))
}

// tailed is what a station holds that followed the journal from its beginning.
func tailed(t *testing.T, j journal.Journal, wards []record.Ward, size int) string {
	t.Helper()
	src := scope.New(j, nil)
	store := simtest.NewStore("s")
	dev := record.Device{Station: "s", Wards: wards}
	check(t, store.ApplyChunks(context.Background(), []record.Chunk{{Last: true, At: record.Cursor{Epoch: j.Epoch().ID}}}))
	for more := true; more; {
		at, err := store.Cursor()
		check(t, err)
		var b record.Batch
		b, more, err = src.Batch(context.Background(), dev, at, size)
		check(t, err)
		check(t, store.Land(context.Background(), []record.Batch{b}, nil))
	}
	return contentsOf(store)
}

// filled is what a station holds that began with a snapshot.
func filled(t *testing.T, j journal.Journal, wards []record.Ward, size int) string {
	t.Helper()
	src := scope.New(j, nil)
	store := simtest.NewStore("s")
	dev := record.Device{Station: "s", Wards: wards}
	var ch record.Chunk
	for !ch.Last {
		var err error
		ch, err = src.Chunk(context.Background(), dev, record.Resume{Snapshot: ch.Snapshot, Next: ch.Next}, size)
		check(t, err)
		check(t, store.ApplyChunks(context.Background(), []record.Chunk{received(t, ch)}))
	}
	return contentsOf(store)
}

// received is a chunk as it comes out of the line.
func received(t *testing.T, ch record.Chunk) record.Chunk {
	t.Helper()
	msg, err := wire.SealChunk(ch, 0, false, func([]byte) []byte { return nil })
	check(t, err)
	got, err := msg.Open(func(_, _ []byte) error { return nil })
	check(t, err)
	return got
}

// contentsOf are the heads of all compartments.
//
// Not among them is the word that a keeping has ended: who followed the keeping has
// it, who is filled afterwards never heard of it, and it names nobody.
func contentsOf(store *simtest.Store) string {
	of := map[fhir.ID][]record.Change{}
	for _, c := range store.Held {
		if record.IsKept(c.Ref) && len(c.Wards) == 0 {
			continue
		}
		of[c.Patient] = append(of[c.Patient], c)
	}
	heads := map[fhir.ID]string{}
	for p, list := range of {
		head := record.HeadOf(list)
		heads[p] = fmt.Sprintf("%d %s", head.Count, head.Hash)
	}
	return fmt.Sprint(heads) // maps print in order
}

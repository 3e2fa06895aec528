package memjournal_test

import (
	"context"
	"errors"
	"testing"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/journaltest"
	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

func TestSuite(t *testing.T) {
	journaltest.Run(t, journaltest.Maker{
		New:    func(testing.TB) journal.Journal { return memjournal.New(memjournal.Options{}) },
		Reopen: func(_ testing.TB, j journal.Journal) journal.Journal { return j.(*memjournal.Journal).Reopen() },
	})
}

func note(j journal.Journal, key string) error {
	_, err := j.Update(context.Background(), func(tx journal.Tx) error { return tx.SetNote(key, []byte("v")) })
	return err
}

// A crash on either side of a commit: before, the update never happened;
// after, it happened although nobody was told.
func TestCrashAroundACommit(t *testing.T) {
	for point, want := range map[memjournal.Point]record.Position{memjournal.BeforeCommit: 1, memjournal.AfterCommit: 2} {
		crash := false
		j := memjournal.New(memjournal.Options{Fault: func(p memjournal.Point, _ record.Entry) error {
			if crash && p == point {
				return errors.New("power cut")
			}
			return nil
		}})
		if err := note(j, "a"); err != nil {
			t.Fatal(err)
		}
		crash = true
		if err := note(j, "b"); !fault.Is(err, fault.Unavailable) {
			t.Errorf("point %d: err = %v", point, err)
		}
		if err := note(j, "c"); !fault.Is(err, fault.Unavailable) {
			t.Errorf("point %d: a crashed journal goes on: %v", point, err)
		}
		crash = false
		n := j.Reopen()
		if n.Head().Position != want {
			t.Errorf("point %d: head %d after the crash, want %d", point, n.Head().Position, want)
		}
		if err := note(n, "d"); err != nil || n.Head().Position != want+1 {
			t.Error(err, n.Head().Position)
		}
	}
}

// The planted fault: an unsynced journal loses what it acknowledged, which is
// what a simulation has to notice.
func TestUnsyncedLosesWhatWasAcknowledged(t *testing.T) {
	j := memjournal.New(memjournal.Options{Unsynced: true})
	_ = note(j, "a")
	j.Sync()
	_ = note(j, "b")
	if j.Head().Position != 2 {
		t.Fatal(j.Head())
	}
	if n := j.Reopen(); n.Head().Position != 1 {
		t.Errorf("head %d, want 1", n.Head().Position)
	}
}

func TestYesterdaysBackup(t *testing.T) {
	j := memjournal.New(memjournal.Options{})
	for _, k := range []string{"a", "b", "c"} {
		_ = note(j, k)
	}
	var second record.Hash
	_ = j.View(context.Background(), func(r journal.Reader) error {
		for e := range r.Entries(1) {
			second = e.Chain
			break
		}
		return nil
	})
	n, err := j.At(context.Background(), 2, record.Epoch{ID: "e2", Parent: "memory", Cause: record.CauseRestored, At: 2})
	if err != nil {
		t.Fatal(err)
	}
	if h := n.Head(); h.Position != 2 || h.Chain != second || h.Epoch != "e2" {
		t.Errorf("%+v", h)
	}
	if _, err := journal.Verify(context.Background(), n); err != nil {
		t.Error(err)
	}
}

func BenchmarkUpdate(b *testing.B) {
	j := memjournal.New(memjournal.Options{})
	i := 0
	for b.Loop() {
		i++
		c := journaltest.Observation("p1", "o1", record.Version(i), "4.1")
		if _, err := j.Update(context.Background(), func(tx journal.Tx) error { return tx.Put(c) }); err != nil {
			b.Fatal(err)
		}
	}
}

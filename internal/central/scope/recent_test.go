package scope

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// counted is a journal that counts the entries that are read of it.
type counted struct {
	journal.Journal
	read *int
}

func (c counted) View(ctx context.Context, fn func(journal.Reader) error) error {
	return c.Journal.View(ctx, func(r journal.Reader) error { return fn(countedReader{r, c.read}) })
}

type countedReader struct {
	journal.Reader
	read *int
}

func (c countedReader) Entries(after record.Position) iter.Seq2[record.Entry, error] {
	return func(yield func(record.Entry, error) bool) {
		for e, err := range c.Reader.Entries(after) {
			if *c.read++; !yield(e, err) {
				return
			}
		}
	}
}

// filledJournal has n entries of one resource each, of about size bytes.
func filledJournal(t *testing.T, n, size int) (journal.Journal, *int) {
	t.Helper()
	j := memjournal.New(memjournal.Options{Epoch: record.Epoch{ID: "epoch1", Cause: record.CauseFirst}})
	for i := range n {
		_, err := j.Update(context.Background(), func(tx journal.Tx) error {
			id := fmt.Sprintf("r%d", i)
			return tx.Put(record.Change{
				Ref: fhir.Ref{Type: fhir.TypeObservation, ID: fhir.ID(id)}, Version: 1, Patient: "p1",
				Body: fhir.Resource(fmt.Sprintf(`{"id":%q,"note":"%0*d","resourceType":"Observation"}`, id, size, 0)),
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	read := 0
	return counted{j, &read}, &read
}

// walked are the positions after one that a source reads.
func walked(t *testing.T, s *Source, after record.Position, upTo record.Position) (at []record.Position) {
	t.Helper()
	err := s.view(context.Background(), func(r journal.Reader) error {
		for e, err := range r.Entries(after) {
			if err != nil {
				return err
			}
			if len(e.Changes) != 1 || e.Changes[0].Position != e.Position {
				t.Errorf("the entry at %d has %+v", e.Position, e.Changes)
			}
			if at = append(at, e.Position); e.Position == upTo {
				break
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// An entry is read once for everybody who follows the journal, from wherever each
// of them begins, and a new one is not missed.
func TestEntriesAreReadOnceForEverybody(t *testing.T) {
	j, read := filledJournal(t, 20, 10)
	s := New(j, nil)
	for _, c := range []struct{ after, upTo, first, more record.Position }{
		{4, 9, 5, 5}, {4, 9, 5, 0}, {0, 3, 1, 3}, {7, 20, 8, 11}, {3, 20, 4, 1}, {0, 20, 1, 0},
	} {
		before := *read
		got := walked(t, s, c.after, c.upTo)
		for i, p := range got {
			if p != c.first+record.Position(i) {
				t.Fatalf("after %d: %v", c.after, got)
			}
		}
		if got[len(got)-1] != c.upTo || *read-before != int(c.more) {
			t.Errorf("from %d to %d: %v, and %d were read; want %d", c.after, c.upTo, got, *read-before, c.more)
		}
	}
	if got := walked(t, s, 20, 0); len(got) != 0 {
		t.Errorf("behind the head are %v", got)
	}
}

// Five thousand results that came in during an outage are read once, though who is
// where, what overtakes and the batches are each worked out from all of them.
func TestAnOutageIsReadOnceForEverybody(t *testing.T) {
	j, read := filledJournal(t, 5000, 1000)
	s := New(j, nil)
	for range 3 {
		walked(t, s, 0, 5000)
	}
	if *read != 5000 {
		t.Errorf("%d entries were read", *read)
	}
}

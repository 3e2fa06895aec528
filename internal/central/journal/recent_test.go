package journal_test

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

// followed is a journal of n entries of one resource each, of about size bytes, which
// counts the entries that are read of it.
type followed struct {
	*memjournal.Journal
	wrote []record.Entry
	read  int
}

func follow(t *testing.T, n, size int) *followed {
	t.Helper()
	f := &followed{Journal: memjournal.New(memjournal.Options{Epoch: record.Epoch{ID: "epoch1", Cause: record.CauseFirst}})}
	for i := range n {
		e, err := f.Update(context.Background(), func(tx journal.Tx) error {
			id := fmt.Sprintf("r%d", i)
			if err := tx.Audit([]byte(`{"resourceType":"AuditEvent"}`)); err != nil {
				return err
			}
			return tx.Put(record.Change{
				Ref: fhir.Ref{Type: fhir.TypeObservation, ID: fhir.ID(id)}, Version: 1, Patient: "p1",
				Body: fhir.Resource(fmt.Sprintf(`{"id":%q,"note":"%0*d","resourceType":"Observation"}`, id, size, 0)),
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		f.wrote = append(f.wrote, e)
	}
	return f
}

type counting struct {
	journal.Reader
	read *int
	head record.Position // 0: the journal's own
}

func (c counting) Head() record.Cursor {
	h := c.Reader.Head()
	if c.head > 0 {
		h.Position = c.head
	}
	return h
}

func (c counting) Entries(after record.Position) iter.Seq2[record.Entry, error] {
	return func(yield func(record.Entry, error) bool) {
		for e, err := range c.Reader.Entries(after) {
			if *c.read++; !yield(e, err) {
				return
			}
		}
	}
}

// walk reads what follows a position, and says how many entries were read of the
// journal for it. Each must be the one that was written.
func (f *followed) walk(t *testing.T, m *journal.Recent, after, head record.Position) (n, read int) {
	t.Helper()
	f.read = 0
	err := f.View(context.Background(), func(r journal.Reader) error {
		for e, err := range m.Over(counting{r, &f.read, head}).Entries(after) {
			if err != nil {
				return err
			}
			n++
			w := f.wrote[e.Position-1]
			if e.Position != after+record.Position(n) || e.Chain != w.Chain || len(e.Changes) != 1 || e.Changes[0].Ref != w.Changes[0].Ref || string(e.Changes[0].Body) != string(w.Changes[0].Body) {
				t.Fatalf("after %d comes %d: %+v", after+record.Position(n)-1, e.Position, e)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n, f.read
}

// What is remembered is bounded, however it came, and whoever begins before it reads
// no more than what is missing.
func TestWhatIsRememberedOfAJournalIsBounded(t *testing.T) {
	f := follow(t, 200, 200_000)
	m := new(journal.Recent)
	for _, e := range f.wrote {
		m.Put(e)
	}
	if entries, _ := m.Holds(); entries > 0 {
		t.Errorf("%d entries are remembered before anybody has followed", entries)
	}
	m.Over(nil)
	for _, e := range f.wrote {
		m.Put(e)
	}
	entries, bytes := m.Holds()
	if bytes > journal.MaxRecent || entries < 10 || entries > 100 {
		t.Errorf("%d entries of %d bytes are remembered", entries, bytes)
	}
	newest := record.Position(200 - entries)
	if n, read := f.walk(t, m, newest, 0); n != entries || read != 0 {
		t.Errorf("of the %d newest entries %d came, and %d were read", entries, n, read)
	}
	if n, read := f.walk(t, m, 0, 0); n != 200 || read != 200 { // the first make room for the last
		t.Errorf("of 200 entries %d came, and %d were read", n, read)
	}
	if entries, bytes = m.Holds(); bytes > journal.MaxRecent || entries < 10 {
		t.Errorf("then %d entries of %d bytes are remembered", entries, bytes)
	}
}

// What is missing between what is remembered is read, and nothing else.
func TestWhatIsMissingIsReadAndNothingElse(t *testing.T) {
	f := follow(t, 100, 10)
	m := new(journal.Recent)
	m.Over(nil)
	for i, e := range f.wrote {
		if i < 20 || i >= 40 && i < 60 || i >= 90 {
			m.Put(e)
		}
	}
	read := 0
	err := f.View(context.Background(), func(r journal.Reader) error {
		for _, err := range m.Beside(counting{r, &read, 0}).Entries(5) {
			if err != nil {
				return err
			}
		}
		return nil
	})
	if entries, _ := m.Holds(); err != nil || entries != 50 || read != 50 {
		t.Errorf("beside the memory %d entries were read, and it holds %d (%v); want 50 and 50", read, entries, err)
	}
	if n, read := f.walk(t, m, 5, 0); n != 95 || read != 20+30 {
		t.Errorf("%d entries came, and %d were read; want 95 and 50", n, read)
	}
	if n, read := f.walk(t, m, 0, 0); n != 100 || read != 0 {
		t.Errorf("then %d entries came, and %d were read", n, read)
	}
	// A reader never sees beyond its own head, whatever others have read since.
	if n, _ := f.walk(t, m, 30, 50); n != 20 {
		t.Errorf("a reader whose head is 50 sees %d entries after 30", n)
	}
	if n, _ := f.walk(t, m, 50, 50); n != 0 {
		t.Errorf("a reader whose head is 50 sees %d entries behind it", n)
	}
}

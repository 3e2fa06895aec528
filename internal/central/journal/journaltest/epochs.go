package journaltest

import (
	"context"
	"sync"
	"testing"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// beginning: a new epoch begins while writers run. Nothing is lost, no position
// is left out, the chain goes on, and whoever waits for growth hears of it.
func beginning(t *testing.T, m Maker) {
	j := open(t, m)
	first := j.Epoch()
	put(t, j, Observation("anna", "o0", 1, "1"))
	var writers sync.WaitGroup
	for _, id := range []fhir.ID{"o1", "o2", "o3"} {
		writers.Go(func() {
			for v := range 8 {
				c := Observation("anna", id, record.Version(v+1), "1")
				if _, err := j.Update(context.Background(), func(tx journal.Tx) error { return tx.Put(c) }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	grown := j.Grown()
	e, err := j.Begin(context.Background(), record.CauseRestored, 1)
	if err != nil {
		t.Fatal(err)
	}
	writers.Wait()
	<-grown
	if e.Parent != first.ID || e.At != 1 || e.Cause != record.CauseRestored || e.ID == first.ID {
		t.Errorf("the epoch is %+v", e)
	}
	_, err = j.Begin(context.Background(), record.CauseRestored, j.Head().Position+1)
	wantKind(t, "an epoch beyond the head", err, fault.Invalid)
	j = m.Reopen(t, j)
	if line := j.Epochs(); len(line) != 2 || line[0].ID != first.ID || line[1].ID != e.ID || j.Epoch().ID != e.ID {
		t.Errorf("the lineage is %+v", line)
	}
	if h := j.Head(); h.Epoch != e.ID || h.Position != 25 {
		t.Errorf("the head is %+v, want position 25 of the new epoch", h)
	}
	verify(t, j)
}

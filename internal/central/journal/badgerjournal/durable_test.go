package badgerjournal

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Who remembers entries is handed each once, in order, before a reader can see it, as
// it is read afterwards; and none of a commit that failed.
func TestWhatIsDurableIsHandedOn(t *testing.T) {
	var handed []record.Entry
	var j *Journal
	fail := false
	change := func(o *Options) {
		o.Durable = func(e record.Entry) {
			if head := j.Head().Position; e.Position <= head {
				t.Errorf("entry %d is handed on when readers stand at %d", e.Position, head)
			}
			handed = append(handed, e)
		}
		o.faults.commit = func(record.Cursor) error {
			if fail {
				return errors.New("the disk is gone")
			}
			return nil
		}
	}
	j = fresh(t, change)
	for i := range 20 {
		id := fhir.ID(fmt.Sprintf("k%d", i))
		body := fhir.Resource(fmt.Sprintf(`{"id":%q,"resourceType":"Observation"}`, id))
		_, err := j.Update(ctx, func(tx journal.Tx) error {
			return errors.Join(tx.SetNote("n", []byte{byte(i + 1)}), tx.Audit([]byte(`{}`)), tx.Put(record.Change{
				Ref: fhir.Ref{Type: fhir.TypeObservation, ID: id}, Version: 1, Patient: "p1", Body: body, Tags: []string{record.TagCritical},
				Author: record.Author{Sender: "lab"}, Times: record.Times{Central: int64(i)}, Stamps: &record.Stamps{Message: 5},
			}))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	fail = true
	if err := note(j, "lost", "v"); err == nil {
		t.Error("a commit that failed was answered for")
	}
	if len(handed) != 20 {
		t.Fatalf("%d entries were handed on", len(handed))
	}
	n := again(t, j)
	err := n.View(ctx, func(r journal.Reader) error {
		for e, err := range r.Entries(0) {
			if err != nil {
				return err
			}
			a, _ := record.Encode(handed[e.Position-1])
			b, _ := record.Encode(e)
			if !bytes.Equal(a, b) {
				t.Errorf("entry %d was handed on as\n%+v\nand is\n%+v", e.Position, handed[e.Position-1], e)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

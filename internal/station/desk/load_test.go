package desk

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/station/cache"
)

// oneRecord is a reader of one record, whose bodies lie where they lie.
type oneRecord struct {
	Reader
	rows []record.Change
}

func (r oneRecord) Compartment(fhir.ID) iter.Seq2[record.Change, error] {
	return func(yield func(record.Change, error) bool) {
		for _, c := range r.rows {
			if !yield(c, nil) {
				return
			}
		}
	}
}

func (oneRecord) UnsentFor(fhir.ID) ([]record.Mutation, error) { return nil, nil }
func (oneRecord) Filled(fhir.ID) (cache.Filled, error)         { return cache.FilledWhole, nil }
func (oneRecord) Loose() iter.Seq2[record.Change, error] {
	return func(func(record.Change, error) bool) {}
}

// aRecord is a patient with so many notes, made one after the other, and results. The
// order of their ids, in which they are read, is another.
func aRecord(notes, results int) oneRecord {
	var r oneRecord
	add := func(t fhir.Type, id string, at int, rest string) {
		body := fmt.Sprintf(`{"id":%q,"resourceType":%q%s}`, id, t, rest)
		r.rows = append(r.rows, record.Change{
			Ref: fhir.Ref{Type: t, ID: fhir.ID(id)}, Version: 1, Patient: "p", Body: fhir.Resource(body),
			Author: record.Author{Name: "Grace"}, Clock: record.HLC{Wall: int64(at)},
		})
	}
	for i := range notes {
		add(fhir.TypeCommunication, fmt.Sprintf("n%03d", i*37%notes), i/2, fmt.Sprintf(`,"payload":[{"contentString":"note %d"}],"status":"completed"`, i))
	}
	for i := range results {
		add(fhir.TypeObservation, fmt.Sprintf("r%03d", i), i, `,"code":{"text":"Potassium"},"status":"final","valueQuantity":{"value":4.2}`)
	}
	add(fhir.TypePatient, "p", 0, `,"name":[{"family":"Adeyemi"}]`)
	slices.SortFunc(r.rows, func(a, b record.Change) int { return strings.Compare(a.Ref.String(), b.Ref.String()) })
	return r
}

// A record is put together whole, with every entry's own body and author, its notes in
// the order in which they were made.
func TestARecordIsPutTogether(t *testing.T) {
	c, err := load(nearReader{aRecord(30, 20), new(views)}, "p")
	if err != nil {
		t.Fatal(err)
	}
	if !c.known || c.patient.View.Name[0].Family != "Adeyemi" || len(c.notes) != 30 || len(c.results) != 20 {
		t.Fatalf("known %v, %d notes, %d results", c.known, len(c.notes), len(c.results))
	}
	for i := range c.notes {
		n := &c.notes[i]
		if i > 0 {
			if was := &c.notes[i-1]; was.Change.Clock.Wall > n.Change.Clock.Wall || was.Change.Clock == n.Change.Clock && was.id() >= n.id() {
				t.Errorf("%s, made at %d, stands before %s, made at %d", was.id(), was.Change.Clock.Wall, n.id(), n.Change.Clock.Wall)
			}
		}
		said, err := fhir.View[fhir.Communication](n.Change.Body)
		if err != nil || n.View.Payload[0] != said.Payload[0] || n.First.Name != "Grace" {
			t.Errorf("%s says %q and is of %q", n.id(), n.View.Payload[0].ContentString, n.First.Name)
		}
	}
}

// BenchmarkLoad is a record of the usual size that was read before, of which nothing
// changed: what every chart, row and command begins with.
func BenchmarkLoad(b *testing.B) {
	r := nearReader{aRecord(20, 12), new(views)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := load(r, "p"); err != nil {
			b.Fatal(err)
		}
	}
}

package record_test

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Written down again under a new identity: numbers, ids and references are the
// new ones, words of a person and other computers' numbers stay, and it says
// what it was.
func TestWrittenDownAgain(t *testing.T) {
	was := record.StationID("sabcdefghijk2")
	now := record.StationID("szzzzzzzzzzzz")
	to := map[record.MutationID]record.MutationID{
		record.MutationOf(was, 7): record.MutationOf(now, 1), record.MutationOf(was, 8): record.MutationOf(now, 2),
	}
	m := sample()
	m.BaseMut = record.MutationOf(was, 8)
	m.Ref = fhir.Ref{Type: fhir.TypeTask, ID: "sabcdefghijk2-7"}
	m.Ops = []record.Op{{Kind: record.OpPut, Value: []byte(`{"focus":{"reference":"Observation/sabcdefghijk2-8/_history/1"},"id":"sabcdefghijk2-7",` +
		`"note":"see sabcdefghijk2-7, and \"sabcdefghijk2-7\"","other":"sabcdefghijk2-70","theirs":"sbbbbbbbbbbbb-7"}`)}}
	h, err := m.ContentHash()
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Again(now, to)
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != "szzzzzzzzzzzz-1" || got.BaseMut != "szzzzzzzzzzzz-2" || got.Ref.ID != "szzzzzzzzzzzz-1" || got.Author.Station != now || got.Author.User != m.Author.User || got.Clock != m.Clock {
		t.Errorf("head: %+v", got)
	}
	if got.Was == nil || got.Was.ID != m.ID || got.Was.Content != h {
		t.Errorf("it was %+v", got.Was)
	}
	want := `{"focus":{"reference":"Observation/szzzzzzzzzzzz-2/_history/1"},"id":"szzzzzzzzzzzz-1",` +
		`"note":"see sabcdefghijk2-7, and \"sabcdefghijk2-7\"","other":"sabcdefghijk2-70","theirs":"sbbbbbbbbbbbb-7"}`
	if string(got.Ops[0].Value) != want {
		t.Errorf("body\n%s\nwant\n%s", got.Ops[0].Value, want)
	}
	if strings.Contains(string(m.Ops[0].Value), "szzz") || m.Was != nil {
		t.Error("the old one was changed")
	}
	twice, err := got.Again("syyyyyyyyyyyy", map[record.MutationID]record.MutationID{got.ID: "syyyyyyyyyyyy-1"})
	if err != nil || twice.Was == nil || *twice.Was != *got.Was {
		t.Errorf("a second time it was %+v, %v", twice.Was, err)
	}
}

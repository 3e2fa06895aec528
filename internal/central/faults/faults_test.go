//go:build faults

package faults_test

import (
	"context"
	"strings"
	"testing"

	"wardlight/internal/central/faults"
	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// write files ten results and ten looks into a journal with a fault, and says
// what is in it afterwards.
func write(t *testing.T, kind string) (bodies []string, looks int) {
	t.Helper()
	j := memjournal.New(memjournal.Options{})
	wrap, err := faults.Wrap(kind)
	if err != nil {
		t.Fatal(err)
	}
	var f journal.Journal = j
	if wrap != nil {
		f = wrap(j)
	}
	ctx := context.Background()
	for i := range 10 {
		id := fhir.ID("o" + string(rune('0'+i)))
		_, err := f.Update(ctx, func(tx journal.Tx) error {
			c := record.Change{
				Ref: fhir.Ref{Type: fhir.TypeObservation, ID: id}, Version: 1, Patient: "p", Author: record.Author{Sender: "LAB"},
				Body: fhir.Resource(`{"id":"` + string(id) + `","resourceType":"Observation","valueQuantity":{"unit":"mmol/L","value":4.2}}`),
			}
			if err := tx.Put(c); err != nil {
				return err
			}
			return tx.Audit([]byte(`{"action":"R","entity":[{"what":{"reference":"Patient/p"}}],"resourceType":"AuditEvent"}`))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	err = f.View(ctx, func(r journal.Reader) error {
		for c, err := range r.All("", "") {
			if err != nil {
				return err
			}
			bodies = append(bodies, string(c.Body))
		}
		for e, err := range r.Entries(0) {
			if err != nil {
				return err
			}
			looks += len(e.Audits)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return bodies, looks
}

func TestEachFaultSpoilsExactlyOneRecord(t *testing.T) {
	for _, c := range []struct {
		kind           string
		records, looks int
		altered        int
	}{
		{"", 10, 10, 0},
		{"lost", 9, 10, 0},
		{"doubled", 11, 10, 0},
		{"altered", 10, 10, 1},
		{"unaudited", 10, 9, 0},
		{"lost-entry", 10, 10, 0}, // these are no entries of a ward
		{"doubled,altered-entry,unaudited", 11, 9, 0},
		{"unaudited,altered", 10, 9, 1},
	} {
		bodies, looks := write(t, c.kind)
		altered := 0
		for _, b := range bodies {
			if !strings.Contains(b, `"value":4.2`) {
				altered++
			}
		}
		if len(bodies) != c.records || looks != c.looks || altered != c.altered {
			t.Errorf("fault %q: %d records, %d of them altered, %d looks; expected %d, %d, %d", c.kind, len(bodies), altered, looks, c.records, c.altered, c.looks)
		}
	}
}

func TestAFaultThatIsNotKnownIsRefused(t *testing.T) {
	for _, list := range []string{"lots", "lost,lots", "lost,", "lost,doubled"} {
		if _, err := faults.Wrap(list); err == nil {
			t.Errorf("%q passes", list)
		}
	}
}

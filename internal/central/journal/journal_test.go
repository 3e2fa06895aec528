package journal_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// What each kind of resource can be found by.
func TestKeys(t *testing.T) {
	ward := func(status string) string {
		return fmt.Sprintf(`{"resourceType":"Encounter","status":%q,"identifier":[{"system":"urn:v","value":"7"}],"extension":[{"url":%q,"valueString":"4B"}]}`, status, fhir.ExtWard)
	}
	for _, c := range []struct {
		name   string
		change record.Change
		want   string
	}{
		{"a patient by each identifier", record.Change{Ref: fhir.Ref{Type: "Patient"}, Body: []byte(`{"identifier":[{"system":"urn:a","value":"1"},{"value":"2"},{"system":"urn:c"}]}`)}, "[{identifier urn:a|1} {identifier |2}]"},
		{"an encounter that is there now", record.Change{Ref: fhir.Ref{Type: "Encounter"}, Body: []byte(ward("in-progress"))}, "[{identifier urn:v|7} {ward 4B}]"},
		{"one that is on leave", record.Change{Ref: fhir.Ref{Type: "Encounter"}, Body: []byte(ward("onleave"))}, "[{identifier urn:v|7} {ward 4B}]"},
		{"one that is over", record.Change{Ref: fhir.Ref{Type: "Encounter"}, Body: []byte(ward("finished"))}, "[{identifier urn:v|7}]"},
		{"one that is only planned", record.Change{Ref: fhir.Ref{Type: "Encounter"}, Body: []byte(ward("planned"))}, "[{identifier urn:v|7}]"},
		{"the ward of anything else says nothing", record.Change{Ref: fhir.Ref{Type: "Observation"}, Body: []byte(ward("in-progress"))}, "[{identifier urn:v|7}]"},
		{"a task by its focus and its tag", record.Change{Ref: fhir.Ref{Type: "Task"}, Tags: []string{record.TagReview}, Body: []byte(`{"focus":{"reference":"Observation/k1/_history/2"}}`)}, "[{tag review} {focus Observation/k1}]"},
		{"a task without a patient by its wards", record.Change{Ref: fhir.Ref{Type: "Task"}, Wards: []record.Ward{"4B", "5A"}, Body: []byte(`{"focus":{"display":"a message"}}`)}, "[{ward 4B} {ward 5A}]"},
		{"a history version by nothing", record.Change{Ref: fhir.Ref{Type: "Encounter"}, History: true, Body: []byte(ward("in-progress"))}, "[]"},
	} {
		got, err := journal.Keys(c.change)
		if fmt.Sprint(got) != c.want || err != nil {
			t.Errorf("%s: %v, want %s; %v", c.name, got, c.want, err)
		}
	}
	if _, err := journal.Keys(record.Change{Body: []byte("<")}); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}

func TestPatientOf(t *testing.T) {
	for want, c := range map[fhir.ID]record.Change{
		"p1": {Ref: fhir.Ref{Type: "Patient", ID: "p1"}},
		"p2": {Ref: fhir.Ref{Type: "Patient", ID: "p1"}, Patient: "p2"}, // the retired half of a merge may say where it belongs
		"p3": {Ref: fhir.Ref{Type: "Task", ID: "t"}, Patient: "p3"},
		"":   {Ref: fhir.Ref{Type: "Task", ID: "t"}},
	} {
		if got := journal.PatientOf(c); got != want {
			t.Errorf("%v: %q", c.Ref, got)
		}
	}
}

// An epoch is central's word: whatever is changed in it is noticed.
func TestEpochs(t *testing.T) {
	key, err := keys.NewJournalKey()
	if err != nil {
		t.Fatal(err)
	}
	e, err := journal.NewEpoch(rand.Reader, key, record.CauseRestored, "parent", 17, 1795312800000)
	if err != nil || len(e.ID) != 26 || !fhir.ID(e.ID).Valid() || e.At != 17 || e.Parent != "parent" {
		t.Fatalf("%+v %v", e, err)
	}
	msg, _ := e.SigningBytes()
	if err := keys.VerifyJournal(key.Public(), msg, e.Sig); err != nil {
		t.Errorf("stations would refuse it: %v", err)
	}
	for name, spoil := range map[string]func(*record.Epoch){
		"id":        func(e *record.Epoch) { e.ID = "0" + e.ID[1:] }, // no id begins with 0: base32 has none
		"cause":     func(e *record.Epoch) { e.Cause = record.CauseWiped },
		"position":  func(e *record.Epoch) { e.At++ },
		"key":       func(e *record.Epoch) { e.Key = bytes.Repeat([]byte{1}, 32) },
		"no key":    func(e *record.Epoch) { e.Key = nil },
		"signature": func(e *record.Epoch) { e.Sig = bytes.Clone(e.Sig); e.Sig[3] ^= 1 },
	} {
		c := e
		spoil(&c)
		if err := journal.CheckEpoch(c); !fault.Is(err, fault.Corrupt) {
			t.Errorf("%s: err = %v", name, err)
		}
	}
	if _, err := journal.NewEpoch(failing{}, key, record.CauseFirst, "", 0, 0); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

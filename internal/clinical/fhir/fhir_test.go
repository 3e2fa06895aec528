package fhir_test

import (
	"encoding/json"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/fault"
)

// A resource from elsewhere keeps what this program does not know, and every
// digit as it was sent.
func TestUnknownElementsAndDigitsPassThrough(t *testing.T) {
	in := fhir.Resource(`{"resourceType":"Observation","id":"o1","status":"final","_status":{"extension":[{"url":"x"}]},
		"valueQuantity":{"value":1.10,"unit":"mmol/L","extension":[{"url":"urn:z","valueDecimal":0.000}]},"futureElement":{"b":1e-3,"a":[true,null]}}`)
	o, err := fhir.Parse(in)
	if err != nil {
		t.Fatal(err)
	}
	o["status"] = json.RawMessage(`"corrected"`)
	out, err := o.Resource()
	if err != nil {
		t.Fatal(err)
	}
	for _, kept := range []string{`"value":1.10`, `"valueDecimal":0.000`, `"futureElement":{"a":[true,null],"b":1e-3}`, `"_status"`, `"status":"corrected"`} {
		if !strings.Contains(string(out), kept) {
			t.Errorf("%s is lost: %s", kept, out)
		}
	}
}

func TestTheSameContentHasTheSameHash(t *testing.T) {
	a := fhir.Resource(`{"resourceType":"Patient","id":"p1","name":[{"family":"Ö"}]}`)
	b := fhir.Resource("{ \"name\" : [ {\"family\":\"\\u00d6\"} ],\n\"id\":\"p1\",\"resourceType\":\"Patient\"}")
	if a.Hash() != b.Hash() {
		t.Error("white space, order or escapes change the hash")
	}
	for name, other := range map[string]string{
		"another value":  `{"resourceType":"Patient","id":"p1","name":[{"family":"O"}]}`,
		"another digit":  `{"resourceType":"Patient","id":"p1","name":[{"family":"Ö"}],"x":1.0}`,
		"another length": `{"resourceType":"Patient","id":"p1","name":[{"family":"Ö"},{}]}`,
	} {
		if fhir.Resource(other).Hash() == a.Hash() {
			t.Errorf("%s: the same hash", name)
		}
	}
}

func TestWhatCannotBeReadOneWayIsRefused(t *testing.T) {
	for name, bad := range map[string]string{
		"a member twice":  `{"resourceType":"Patient","id":"a","id":"b"}`,
		"twice inside":    `{"resourceType":"Patient","id":"a","name":[{"family":"x","family":"y"}]}`,
		"data behind":     `{"resourceType":"Patient","id":"a"} {"id":"b"}`,
		"no object":       `["resourceType"]`,
		"null":            `null`,
		"cut short":       `{"resourceType":"Patient","id":`,
		"nested too deep": strings.Repeat(`{"a":`, 70) + "1" + strings.Repeat("}", 70),
	} {
		if _, err := fhir.Parse(fhir.Resource(bad)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReferencesAndIDs(t *testing.T) {
	for s, want := range map[string]fhir.Ref{
		"Patient/p1": {Type: fhir.TypePatient, ID: "p1"}, "Patient/p1/_history/3": {Type: fhir.TypePatient, ID: "p1"},
	} {
		if got, err := fhir.ParseRef(s); err != nil || got != want {
			t.Errorf("%s: %v %v", s, got, err)
		}
	}
	for _, bad := range []string{"", "Patient", "/p1", "Patient/", "Patient/a b", "https://x/Patient/1", "urn:uuid:1", "Patient/" + strings.Repeat("a", 65)} {
		if _, err := fhir.ParseRef(bad); err == nil {
			t.Errorf("%q is no relative reference", bad)
		}
	}
	if _, err := fhir.Resource(`{"resourceType":"Patient","id":"../x"}`).Ref(); !fault.Is(err, fault.Invalid) {
		t.Errorf("a path as an id: %v", err)
	}
}

func TestErrorsHoldNoContent(t *testing.T) {
	_, err := fhir.View[fhir.Patient](fhir.Resource(`{"resourceType":"Patient","id":"p1","name":"Adeyemi"}`))
	if err == nil || strings.Contains(err.Error(), "Adeyemi") {
		t.Errorf("err = %v", err)
	}
}

func TestMakeKeepsDigits(t *testing.T) {
	r, err := fhir.Make(fhir.Observation{ResourceType: fhir.TypeObservation, ID: "o", Status: "final", ValueQuantity: &fhir.Quantity{Value: fhir.Dec("5.00"), Unit: "mmol/L"}})
	if err != nil || !strings.Contains(string(r), `"value":5.00`) {
		t.Errorf("%s %v", r, err)
	}
}

// Whatever bytes come, the canonical form is stable, is JSON of the same
// meaning, and nothing panics.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{`{}`, `{"b":1.10,"a":[null,true,"\u00e9"]}`, `[1e5,-0]`, `"x"`, `{"a":{"a":{}}}`, "{\"a\":\"\\ud800\"}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := fhir.Canonical(b)
		if err != nil {
			return
		}
		if !json.Valid(c) {
			t.Fatalf("not JSON: %q", c)
		}
		again, err := fhir.Canonical(c)
		if err != nil || string(again) != string(c) {
			t.Fatalf("not stable: %q, then %q (%v)", c, again, err)
		}
	})
}

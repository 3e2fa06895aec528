package merge

import (
	"fmt"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// One laboratory result of the usual size, new and as a correction: the hot way
// of everything that comes in.
func BenchmarkLaboratoryResult(b *testing.B) {
	body := []byte(`{"resourceType":"Observation","id":"k1","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"2823-3","display":"Potassium"}],"text":"Potassium"},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-11-22T13:31:00Z","issued":"2026-11-22T13:58:00Z","performer":[{"display":"Chemistry"}],"valueQuantity":{"value":6.8,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"},"interpretation":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":"HH"}]}],"referenceRange":[{"text":"3.5-5.3"}]}`)
	m := record.Mutation{
		ID: "in-1", Ref: fhir.Ref{Type: fhir.TypeObservation, ID: "k1"}, Author: record.Author{Sender: "lab"},
		Ops: []record.Op{{Kind: record.OpPut, Value: body}}, Stamps: &record.Stamps{StatusChanged: 1},
	}
	b.ReportAllocs()
	for b.Loop() {
		if r := Apply(Input{Mutation: m}); r.Outcome != record.Applied {
			b.Fatal(r.Reason)
		}
	}
}

// Many people change one element apart: the cost of the last one.
func BenchmarkTwoHundredValues(b *testing.B) {
	base := fhir.Resource(rows[6].base)
	current := base
	mut := func(i int) record.Mutation {
		return record.Mutation{
			ID: "x", Ref: fhir.Ref{Type: fhir.TypePatient, ID: "p1"}, Author: record.Author{User: "u"},
			Ops: []record.Op{{Kind: record.OpSet, Field: "birthDate", Value: fmt.Appendf(nil, "%q", fmt.Sprint(1000+i))}},
		}
	}
	for i := range 200 {
		current = Apply(Input{Base: base, Current: current, Mutation: mut(i)}).Body
	}
	b.ReportAllocs()
	for b.Loop() {
		if r := Apply(Input{Base: base, Current: current, Mutation: mut(500)}); r.Outcome != record.Review {
			b.Fatal(r.Outcome)
		}
	}
}

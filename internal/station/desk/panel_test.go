package desk

import (
	"testing"

	"wardlight/internal/clinical/fhir"
)

// A correction's report names only what it corrects: the other results of the
// request stay in their panel.
func TestAPanelStaysWholeAfterACorrection(t *testing.T) {
	request := []fhir.Identifier{{System: "urn:wardlight:filler:LAB|NORTH", Value: "R1"}}
	c := &compartment{
		reports: []item[fhir.DiagnosticReport]{{View: fhir.DiagnosticReport{
			Identifier: request, Code: fhir.CodeableConcept{Text: "Urea and electrolytes"}, Result: []fhir.Reference{fhir.To(fhir.Ref{Type: fhir.TypeObservation, ID: "k"})},
		}}},
	}
	for id, ident := range map[fhir.ID][]fhir.Identifier{"k": request, "na": request, "other": {{System: "urn:wardlight:filler:LAB|NORTH", Value: "R2"}}} {
		i := item[fhir.Observation]{View: fhir.Observation{Identifier: ident}}
		i.Change.Ref = fhir.Ref{Type: fhir.TypeObservation, ID: id}
		c.results = append(c.results, i)
	}
	got := panelsOf(c)
	if got["k"] != "Urea and electrolytes" || got["na"] != "Urea and electrolytes" || got["other"] != "" {
		t.Errorf("%v", got)
	}
}

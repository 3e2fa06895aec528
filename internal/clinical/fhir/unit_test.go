package fhir_test

import (
	"testing"

	"wardlight/internal/clinical/fhir"
)

// A number that a laboratory sends as a string keeps the unit that came with it,
// once, and words that measure nothing get none.
func TestANumberSentAsWordsKeepsItsUnit(t *testing.T) {
	for _, c := range []struct{ value, sent, words, unit string }{
		{"<0.1", "10*9/L", "<0.1", "10*9/L"},
		{"4.2", "mmol/L^millimole per litre^UCUM", "4.2", "mmol/L"},
		{"4.2", "^mmol/L", "4.2", "mmol/L"},
		{"<0.1", "10^9/L", "<0.1", "10^9/L"},
		{"<0.1", "x10^9/L^^UCUM", "<0.1", "x10^9/L"},
		{"≥6.5", "mmol/L", "≥6.5", "mmol/L"},
		{"6,8 mmol/L", "mmol/L", "6,8 mmol/L", ""},
		{"<0.1\nrepeat requested", "10*9/L", "<0.1 10*9/L\nrepeat requested", ""},
		{"<0.1\nrepeat requested", "s", "<0.1 s\nrepeat requested", ""},
		{"12 doubtless", "s", "12 doubtless", "s"},
		{"12s", "s", "12s", ""},
		{"27 mmol/L; 25 mmol/L", "mmol/L", "27 mmol/L; 25 mmol/L", ""},
		{"6.8 mmol/L (H)", "mmol/L", "6.8 mmol/L (H)", ""},
		{"<0.1 10*9/L (L)", "10*9/L", "<0.1 10*9/L (L)", ""},
		{"120 mm Hg", "mm Hg", "120 mm Hg", ""},
		{"4.2", "", "4.2", ""},
		{"haemolysed", "mmol/L", "haemolysed", ""},
		{"see comment 4.2", "mmol/L", "see comment 4.2", ""},
		{"+++", "mmol/L", "+++", ""},
		{"", "mmol/L", "", ""},
	} {
		o := fhir.Observation{ValueString: &c.value, Extension: []fhir.Extension{{URL: fhir.ExtSentUnit, ValueString: &c.sent}}}
		if words, unit := fhir.Said(o); words != c.words || unit != c.unit {
			t.Errorf("%q in %q: %q, unit %q", c.value, c.sent, words, unit)
		}
	}
}

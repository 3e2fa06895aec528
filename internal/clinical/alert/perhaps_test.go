package alert_test

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
)

// text is a result that came as text: "LOINC unit value…".
func text(loinc, unit, value string) fhir.Observation {
	o := result(loinc + " 0")
	o.ValueQuantity, o.ValueString = nil, fhir.Str(value)
	if unit != "" {
		o.Extension = []fhir.Extension{{URL: fhir.ExtSentUnit, ValueString: fhir.Str(unit)}}
	}
	return o
}

// TestWhatCannotBeReadMayStillBeCritical: each reading that the digits allow
// counts, and no other.
func TestWhatCannotBeReadMayStillBeCritical(t *testing.T) {
	for _, c := range []struct{ loinc, unit, value, reading string }{
		{"2823-3", "mmol/L", "6,8", "6.8 mmol/L"},
		{"2823-3", "mmol/L^mmol/L^UCUM", "6,8 mmol/L", "6.8 mmol/L"},
		{"2823-3", "mmol/L", "4,1", ""}, // nobody groups a single digit
		{"2823-3", "mmol/L", "<2,4", "<2.4 mmol/L"},
		{"2823-3", "mmol/L", "6.8 H", "6.8 mmol/L"},
		{"2823-3", "mmol/L", "4.1 H", ""},
		{"2823-3", "", "6,8", "6.8 mmol/L"},        // the only unit of the table
		{"2823-3", "furlong", "6.8", "6.8 mmol/L"}, // a unit that nobody knows
		{"2823-3", "mmol/L", "haemolysed", ""},
		{"2823-3", "mmol/L", "see request 123 of yesterday", ""},
		{"2823-3", "mmol/L", "6.8-7.2", "6.8 mmol/L"},
		{"2823-3", "mmol/L", "4.1; 7.1", "7.1 mmol/L"},
		{"2823-3", "mmol/L", "* 6.8", "6.8 mmol/L"},
		{"2823-3", "mmol/L", "H 6.8", "6.8 mmol/L"},
		{"2823-3", "mmol/L", "≥6.5", ">=6.5 mmol/L"},
		{"2823-3", "mmol/L", "６.８", "6.8 mmol/L"},
		{"2823-3", "mmol/L", "6·8", "6.8 mmol/L"},
		{"2823-3", "mmol/L", "٦٫٨", "6.8 mmol/L"},
		{"2823-3", "mmol/L", "4.1\n9 was the one before", ""},
		{"2823-3", "mmol/L", "", ""},
		{"777-3", "10*9/L", "1,234", "1.234 10*9/L"}, // 1.234 is critically low, 1234 critically high
		{"777-3", "10*9/L", "1'234", "1.234 10*9/L"},
		{"777-3", "10*9/L", "150,000", "150000 10*9/L"},
		{"718-7", "g/L", "6 9", "6.9 g/L"},
		{"6301-6", "", "7,1", "7.1"},
		{"600-7", "", "7,1", ""},     // a culture has no digits to read
		{"1-1", "mmol/L", "6,8", ""}, // no limit is set
	} {
		v := rules.Perhaps(text(c.loinc, c.unit, c.value), ageless)
		if c.reading == "" {
			if v.Critical {
				t.Errorf("%s %q: %v", c.loinc, c.value, v.Why)
			}
			continue
		}
		if !v.Critical || !v.MayBe || len(v.Why) < 2 || v.Why[0].English() != "if read as "+c.reading {
			t.Errorf("%s %q %s: %+v, want a warning for %s", c.loinc, c.value, c.unit, v, c.reading)
		}
	}
	// Where Judge knows better it decides.
	for _, known := range []string{"2823-3 4.1 mmol/L", "2823-3 6.8 mmol/L", "2823-3 6.8 mmol/L HH"} {
		if v := rules.Perhaps(result(known), ageless); v.Critical {
			t.Errorf("%s: %v", known, v.Why)
		}
	}
	noUnit := result("2823-3 6.8")
	if v := rules.Perhaps(noUnit, ageless); !v.Critical || !strings.Contains(v.Why[0].English(), "6.8 mmol/L") {
		t.Errorf("a number without a unit: %+v", v)
	}
}

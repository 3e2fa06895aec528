package alert_test

import (
	"slices"
	"testing"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
)

// The unit beside a value in words is part of what it means: another one is a
// correction. A version without one, from before units were kept, is not.
func TestAnotherUnitBesideWordsIsAChange(t *testing.T) {
	said := func(value, unit string) fhir.Observation {
		o := fhir.Observation{ValueString: fhir.Str(value)}
		if unit != "" {
			o.Extension = []fhir.Extension{{URL: fhir.ExtSentUnit, ValueString: fhir.Str(unit)}}
		}
		return o
	}
	for _, c := range []struct {
		was, is fhir.Observation
		want    []string
	}{
		{said("<0.1", "10*9/L"), said("<0.1", "10*9/L"), nil},
		{said("<0.1", ""), said("<0.1", "10*9/L"), nil},
		{said("<0.1", "10*9/L"), said("<0.1", "10*6/L"), []string{"unit"}},
		{said("<0.1", "10*9/L"), said("<0.2", "10*9/L"), []string{"value"}},
	} {
		if got := alert.Changes(c.was, c.is); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", alert.ChangeWords(c.was, c.is), got)
		}
	}
	if got := alert.ChangeWords(said("<0.1", "10*9/L"), said("4.1", "10*9/L")); got != "<0.1 10*9/L → 4.1 10*9/L" {
		t.Error(got)
	}
}

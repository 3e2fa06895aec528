package catalogue_test

import (
	"testing"

	"wardlight/internal/clinical/catalogue"
)

// What was misread before is asked for in another way; whatever is plain passes.
func TestADoseThatMayBeMisread(t *testing.T) {
	for dose, good := range map[string]bool{
		"500 mg by mouth 3 times a day": true, "0.5 mg once": true, "10 units subcutaneously at 8": true, "125 micrograms once a day": true, "1.25 g": true, "100 mg": true, "10.5 mg": true,
		"": false, "some": false, ".5 mg": false, "5.0 mg": false, "1.50 g": false, "10 U": false, "10IU": false, "125 mcg": false, "125 µg": false, "125ug": false,
	} {
		if got := catalogue.DoseTrouble(dose); (got == "") != good {
			t.Errorf("%q: %q", dose, got)
		}
	}
}

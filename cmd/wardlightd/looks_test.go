package main

import (
	"strings"
	"testing"
	"time"
)

// What a patient is given is text: no braces, the hospital's time, and nothing in a name
// that a terminal would obey.
func TestThePlainListIsPlain(t *testing.T) {
	zone := time.FixedZone("BST", 3600)
	var out strings.Builder
	for _, line := range []map[string]any{
		{"patient": map[string]any{"name": "Aldersey, Wenlock", "born": "1950-01-01", "numbers": []string{"https://fhir.nhs.uk/Id/nhs-number|9990400016"}}},
		{"when": "2026-11-28T23:30:05.25Z", "who": "Grace Mensah, nurse", "role": "nurse", "place": "4B-01", "did": "read the record", "why": "treatment"},
		{"when": "2026-11-29T08:00:00Z", "who": "Ada\x1b[2J\u202eMin", "role": "doctor", "did": "took data out", "why": "", "outcome": "was refused", "times": 3},
	} {
		if err := sayLook(&out, line, zone); err != nil {
			t.Fatal(err)
		}
	}
	want := `Who looked at the record of Aldersey, Wenlock, born 1950-01-01 (9990400016)
2026-11-29 00:30  Grace Mensah, nurse (4B-01): read the record; for: treatment
2026-11-29 09:00  Ada?[2J?Min, doctor: took data out; it was refused; 3 times
`
	if out.String() != want {
		t.Errorf("it says\n%s\nwant\n%s", out.String(), want)
	}
}

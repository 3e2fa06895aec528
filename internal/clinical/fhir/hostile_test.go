package fhir_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/fault"
)

// readAll reads a body in every way that this program has, and says what of it was
// refused. Whatever the bytes are, each way ends, in a value or in a refusal.
func readAll(t *testing.T, b []byte) (parsed bool) {
	t.Helper()
	r := fhir.Resource(b)
	refused := func(way string, err error) {
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v is no refusal of what came", way, err)
		}
	}
	_, err := r.Ref()
	refused("ref", err)
	_ = r.Hash()
	_ = fhir.Documents(r)
	for way, err := range map[string]error{
		"patient": second(fhir.View[fhir.Patient](r)), "encounter": second(fhir.View[fhir.Encounter](r)), "observation": second(fhir.View[fhir.Observation](r)),
		"report": second(fhir.View[fhir.DiagnosticReport](r)), "allergy": second(fhir.View[fhir.AllergyIntolerance](r)), "task": second(fhir.View[fhir.Task](r)),
		"request": second(fhir.View[fhir.ServiceRequest](r)), "medication": second(fhir.View[fhir.MedicationRequest](r)), "list": second(fhir.View[fhir.List](r)),
		"communication": second(fhir.View[fhir.Communication](r)),
	} {
		refused(way, err)
	}
	o, err := fhir.Parse(r)
	refused("parse", err)
	if err != nil {
		return false
	}
	again, err := o.Resource()
	if err != nil {
		t.Fatalf("what was taken apart cannot be put together: %v", err)
	}
	if c, err := fhir.Canonical(b); err != nil || string(c) != string(again) {
		t.Fatalf("taken apart and put together it is another: %q, then %q (%v)", c, again, err)
	}
	return true
}

func second[T any](_ T, err error) error { return err }

// What a malicious client would send, were there a door for it: each is refused, or
// kept as the text that it is, and takes no time to speak of.
func TestHostileResourcesAreRefusedOrStayText(t *testing.T) {
	deep := func(n int, open, shut string) string { return strings.Repeat(open, n) + strings.Repeat(shut, n) }
	for name, c := range map[string]struct {
		body   string
		parsed bool
	}{
		"nested 65 deep":               {`{"resourceType":"Patient","id":"x","extension":` + deep(65, "[", "]") + `}`, false},
		"nested 60 deep":               {`{"resourceType":"Patient","id":"x","extension":` + deep(60, "[", "]") + `}`, true},
		"nested a million deep":        {`{"a":` + deep(1_000_000, "[", "]") + `}`, false},
		"objects nested 100,000 deep":  {deep(100_000, `{"a":`, "") + "1" + strings.Repeat("}", 100_000), false},
		"a million brackets, unclosed": {strings.Repeat("[", 1_000_000), false},
		"two ids":                      {`{"resourceType":"Patient","id":"x","id":"y"}`, false},
		"two ids, one by an escape":    {`{"resourceType":"Patient","id":"x","\u0069d":"y"}`, false},
		"two members deep inside":      {`{"resourceType":"Patient","id":"x","name":[{"family":"A","family":"B"}]}`, false},
		"a huge number":                {`{"resourceType":"Observation","id":"x","valueQuantity":{"value":1e999999999}}`, true},
		"a number of many digits":      {`{"resourceType":"Observation","id":"x","valueQuantity":{"value":` + strings.Repeat("9", 100_000) + `}}`, true},
		"a number that is a word":      {`{"resourceType":"Observation","id":"x","valueQuantity":{"value":NaN}}`, false},
		"a string for a number":        {`{"resourceType":"Observation","id":"x","valueQuantity":{"value":"6.8"}}`, true},
		"a list for a name":            {`{"resourceType":"Patient","id":"x","name":"Eve"}`, true},
		"a number for a type":          {`{"resourceType":7,"id":"x"}`, true},
		"a list":                       {`[{"resourceType":"Patient"}]`, false},
		"null":                         {`null`, false},
		"itself contained":             {`{"resourceType":"List","id":"x","contained":[{"resourceType":"List","id":"x","entry":[{"item":{"reference":"#x"}}]}],"entry":[{"item":{"reference":"List/x"}}]}`, true},
		"a patient who is itself":      {`{"resourceType":"Patient","id":"x","link":[{"other":{"reference":"Patient/x"},"type":"replaced-by"}]}`, true},
		"two after each other":         {`{"resourceType":"Patient","id":"x"}{"resourceType":"Patient","id":"y"}`, false},
		"half a character":             {"{\"resourceType\":\"Patient\",\"id\":\"x\",\"language\":\"\xff\xfe\"}", true},
		"a path for an id":             {`{"resourceType":"Patient","id":"../../etc/passwd"}`, true},
		"SQL for a type":               {`{"resourceType":"Patient'; DROP TABLE x; --","id":"x"}`, true},
	} {
		began := time.Now()
		if got := readAll(t, []byte(c.body)); got != c.parsed {
			t.Errorf("%s: taken apart %v, expected %v", name, got, c.parsed)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%s: it took %v", name, took)
		}
	}
	for _, id := range []string{"../../etc/passwd", "x/y", "", "a b", "x\x00", strings.Repeat("x", 65), "é", "'; --"} {
		if fhir.ID(id).Valid() {
			t.Errorf("%q is taken for an id", id)
		}
		if _, err := fhir.ParseRef("Patient/" + id); err == nil {
			t.Errorf("%q is taken in a reference", id)
		}
	}
	q, err := fhir.View[fhir.Observation](fhir.Resource(`{"resourceType":"Observation","id":"x","valueQuantity":{"value":1e999999999}}`))
	if err == nil && (q.ValueQuantity == nil || q.ValueQuantity.Value.String() != "1e999999999") {
		t.Errorf("a huge number became %+v", q.ValueQuantity)
	}
}

// bundles are the shared laboratory bundles, as bodies and taken apart into their
// entries; none where the test data is not there.
func bundles() (all [][]byte) {
	dir := os.Getenv("WARDLIGHT_TESTDATA")
	if dir == "" {
		dir = "../../../../shared/data"
	}
	files, _ := filepath.Glob(filepath.Join(dir, "fhir", "lab-bundles", "*.json")) // a pattern that is right
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		all = append(all, b)
		var bundle struct {
			Entry []struct{ Resource json.RawMessage }
		}
		if json.Unmarshal(b, &bundle) == nil {
			for _, e := range bundle.Entry {
				all = append(all, e.Resource)
			}
		}
	}
	return all
}

// Every shared bundle and each of its resources is read, also cut short and with its
// quotes, braces and digits changed for one another.
func TestSpoiledBundlesAreRefusedOrReadAsTheyStand(t *testing.T) {
	all := bundles()
	if len(all) == 0 {
		t.Skip("SKIPPED: there is no shared test data")
	}
	read, spoiled := 0, 0
	for i, b := range all {
		if readAll(t, b) {
			read++
		}
		for _, swap := range []string{`"`, `{`, `]`, `,`, `1`, `\`} {
			for at := i % 97; at < len(b); at += max(len(b)/4, 97) {
				c := append([]byte(nil), b...)
				c[at] = swap[0]
				readAll(t, c)
				readAll(t, c[:at])
				spoiled += 2
			}
		}
	}
	if read < 50 {
		t.Errorf("only %d of %d shared bodies are read", read, len(all))
	}
	t.Logf("%d bodies, %d spoiled ones", len(all), spoiled)
}

func FuzzResource(f *testing.F) {
	for i, b := range bundles() {
		if len(b) < 4096 && i%7 == 0 {
			f.Add(b)
		}
	}
	f.Add([]byte(`{"resourceType":"Observation","id":"o","component":[{"valueQuantity":{"value":1e5}}],"contained":[{"id":"a"}]}`))
	f.Add([]byte(`{"resourceType":"DiagnosticReport","id":"d","presentedForm":[{"contentType":"x","hash":"AAAA","url":"urn:x","size":-1}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) <= 1<<16 {
			readAll(t, b)
		}
	})
}

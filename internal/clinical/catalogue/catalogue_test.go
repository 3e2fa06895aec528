package catalogue_test

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/catalogue"
	"wardlight/internal/clinical/fhir"
)

func loinc(code, text string) fhir.CodeableConcept {
	return fhir.CodeableConcept{Text: text, Coding: []fhir.Coding{{System: fhir.SystemLOINC, Code: code}}}
}

// Orders carry ids and names for ever: none may be missing, or stand for two.
func TestEveryRowCanBeAskedForAndFoundAgain(t *testing.T) {
	c := catalogue.Default()
	ids, names := map[string]bool{}, map[string]bool{}
	for _, x := range c.Tests {
		if ids[x.ID] || names[catalogue.Fold(x.Name)] || x.ID == "" || x.Sample == "" || len(x.Members) == 0 {
			t.Errorf("test %q: its id or name is another's, or it says no sample or no members", x.ID)
		}
		ids[x.ID], names[catalogue.Fold(x.Name)] = true, true
		if got, ok := c.TestOf(x.Concept()); !ok || got.ID != x.ID {
			t.Errorf("an order for %s is read as %q", x.Name, got.ID)
		}
		if len(x.Members) > 1 && x.LOINC != "" {
			t.Errorf("%s is a panel, and carries the code of one of its members", x.Name)
		}
	}
	for _, s := range c.Sets {
		for _, id := range s.Tests {
			if !ids[id] {
				t.Errorf("the set %q names %q, which is no test", s.Name, id)
			}
		}
	}
	ids = map[string]bool{}
	for _, m := range c.Medicines {
		if ids[m.ID] || m.ID == "" || len(m.Ingredients) == 0 {
			t.Errorf("medicine %q stands twice, or holds nothing", m.ID)
		}
		ids[m.ID] = true
	}
}

// Every ingredient of a class can be prescribed, else the class warns of what
// nobody can order and misses what they can.
func TestEveryClassIsMadeOfMedicines(t *testing.T) {
	c := catalogue.Default()
	known := map[string]bool{}
	for _, m := range c.Medicines {
		for _, i := range m.Ingredients {
			known[i] = true
		}
	}
	missing := map[string]bool{"ticarcillin": true} // no longer made on its own; old records name it
	for _, class := range c.Classes {
		for _, i := range class.Ingredients {
			if !known[i] && !missing[i] {
				t.Errorf("%s holds %s, which is no medicine's ingredient", class.Name, i)
			}
		}
	}
}

func TestATestIsFoundAsPeopleType(t *testing.T) {
	c := catalogue.Default()
	for _, x := range []struct{ typed, first string }{
		{"u&e", "Urea and electrolytes"},
		{"fbc", "Full blood count"},
		{"electro ur", "Urea and electrolytes"},
		{"pot", "Potassium"},
		{"K", "Potassium"},
		{"troponin", "Troponin T"},
		{"seps", "Sepsis"},
		{"b12", "Vitamin B12"},
		{"CRP", "C-reactive protein"},
		{"", "Morning bloods"},
	} {
		hits := c.FindTests(x.typed)
		if len(hits) == 0 || hits[0].Name() != x.first {
			t.Errorf("%q finds %v first, want %s", x.typed, names(hits), x.first)
		}
	}
	if hits := c.FindTests("zzz"); len(hits) != 0 {
		t.Errorf("nonsense finds %v", names(hits))
	}
}

// A brand and a combination are found by what is in them.
func TestAMedicineIsFoundByBrandAndIngredient(t *testing.T) {
	c := catalogue.Default()
	for _, x := range []struct{ typed, finds string }{{"augm", "Co-amoxiclav"}, {"amoxicillin", "Co-amoxiclav"}, {"clexane", "Enoxaparin"}, {"trimeth", "Co-trimoxazole"}} {
		if got := names(c.FindMedicines(x.typed)); !strings.Contains(got, x.finds) {
			t.Errorf("%q finds %s, and not %s", x.typed, got, x.finds)
		}
	}
	if c.FindMedicines(" ") != nil {
		t.Error("nothing typed finds medicines")
	}
}

// A result is repeated as what it is: one analyte, or the smallest panel of it.
func TestAResultIsRepeatedByItsOwnTest(t *testing.T) {
	c := catalogue.Default()
	for _, x := range []struct {
		result fhir.CodeableConcept
		test   string
	}{
		{loinc("2823-3", "Potassium"), "potassium"},
		{loinc("22664-7", "Urea"), "ue"},
		{loinc("", "Alanine aminotransferase"), "lft"},
		{loinc("718-7", "Haemoglobin"), "hb"},
		{fhir.CodeableConcept{Text: "CRP"}, "crp"},
	} {
		got, ok := c.TestFor(x.result)
		if !ok || got.ID != x.test {
			t.Errorf("%s is repeated by %q, want %q", x.result.Text, got.ID, x.test)
		}
	}
	if got, ok := c.TestFor(loinc("6298-4", "Potassium")); ok {
		t.Errorf("the potassium of a blood gas is repeated by %q, which is another specimen", got.ID)
	}
}

func names(hits []catalogue.Hit) string {
	var out []string
	for _, h := range hits {
		out = append(out, h.Name())
	}
	return strings.Join(out, ", ")
}

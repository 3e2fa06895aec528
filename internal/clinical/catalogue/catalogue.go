// Package catalogue is what can be asked for: laboratory tests and the sets in
// which a ward asks for them, medicines with their ingredients and classes. It
// is words and tables without rules: what is too soon to repeat and what does not
// go with an allergy says package alert.
//
// The tables are a starter set. A site's laboratory and pharmacist replace or
// sign them off before real use; ChangedBy and ChangedAt say who did.
//
// A test keeps its id for ever, because orders carry it (System). A LOINC code
// stands only where it is sure which kind of quantity it means: public lists of
// codes are full of wrong pairings, so whatever has no sure code is known by the
// names that laboratories give it.
package catalogue

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"wardlight/internal/clinical/fhir"
)

// System is the code system of the ids of tests and medicines.
const System = "urn:wardlight:catalogue"

// Catalogue is all of it, as a value: which version, who set it, when.
type Catalogue struct {
	Version   string     `json:"version"`
	ChangedBy string     `json:"changedBy"`
	ChangedAt time.Time  `json:"changedAt"`
	Tests     []Test     `json:"tests"`
	Sets      []Set      `json:"sets"`
	Medicines []Medicine `json:"medicines"`
	Classes   []Class    `json:"classes"`
}

// Analyte is one thing that a laboratory measures, by its codes (LOINC) and by
// the names that it goes under.
type Analyte struct {
	Name  string   `json:"name"`
	Codes []string `json:"codes,omitempty"`
	Also  []string `json:"also,omitempty"`
}

// Test is what can be asked for by one name: one analyte, or a panel of several.
type Test struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Also    []string  `json:"also,omitempty"`
	LOINC   string    `json:"loinc,omitempty"` // of a test of one analyte
	Members []Analyte `json:"members"`         // those without which it is not done
	Sample  string    `json:"sample"`
}

// Set is tests that are asked for together.
type Set struct {
	Name  string   `json:"name"`
	Tests []string `json:"tests"` // ids
}

// Medicine is what can be prescribed by one name. A brand or a combination names
// what it holds.
type Medicine struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Also        []string `json:"also,omitempty"` // brands, other spellings
	Ingredients []string `json:"ingredients"`
	Holds       []string `json:"holds,omitempty"` // latex, egg, soya, peanut: as the product is marked
}

// Class is a group of ingredients that an allergy may name as a whole.
type Class struct {
	Name        string   `json:"name"`
	Also        []string `json:"also,omitempty"`
	Ingredients []string `json:"ingredients"`
}

// Default is the starter set.
func Default() Catalogue {
	return Catalogue{
		Version: "default-1", ChangedBy: "Wardlight's own starter set, not signed off by this site",
		Tests: defaultTests(), Sets: defaultSets(), Medicines: defaultMedicines(), Classes: defaultClasses(),
	}
}

// Test finds a test by its id.
func (c Catalogue) Test(id string) (Test, bool) {
	i := slices.IndexFunc(c.Tests, func(t Test) bool { return t.ID == id })
	if i < 0 {
		return Test{}, false
	}
	return c.Tests[i], true
}

// Medicine finds a medicine by its id.
func (c Catalogue) Medicine(id string) (Medicine, bool) {
	i := slices.IndexFunc(c.Medicines, func(m Medicine) bool { return m.ID == id })
	if i < 0 {
		return Medicine{}, false
	}
	return c.Medicines[i], true
}

// TestOf is the test that a request's code means: by id, by LOINC, or by a name
// that is one of the test's own.
func (c Catalogue) TestOf(code fhir.CodeableConcept) (Test, bool) {
	if t, ok := c.Test(code.Code(System)); ok {
		return t, true
	}
	loinc := code.Code(fhir.SystemLOINC)
	words := Fold(code.Words())
	for _, t := range c.Tests {
		if loinc != "" && t.LOINC == loinc || words != "" && t.called(words) {
			return t, true
		}
	}
	return Test{}, false
}

// TestFor is the test that asks again for a result: the one of just that
// analyte, or else the smallest panel that holds it.
func (c Catalogue) TestFor(result fhir.CodeableConcept) (Test, bool) {
	best, found := Test{}, false
	for _, t := range c.Tests {
		if !slices.ContainsFunc(t.Members, func(a Analyte) bool { return a.Is(result) }) {
			continue
		}
		if !found || len(t.Members) < len(best.Members) {
			best, found = t, true
		}
	}
	return best, found
}

// Concept is the code that a request for the test carries.
func (t Test) Concept() fhir.CodeableConcept {
	c := fhir.CodeableConcept{Text: t.Name, Coding: []fhir.Coding{{System: System, Code: t.ID, Display: t.Name}}}
	if t.LOINC != "" {
		c.Coding = append(c.Coding, fhir.Coding{System: fhir.SystemLOINC, Code: t.LOINC})
	}
	return c
}

// Concept is the code that a prescription of the medicine carries.
func (m Medicine) Concept() fhir.CodeableConcept {
	return fhir.CodeableConcept{Text: m.Name, Coding: []fhir.Coding{{System: System, Code: m.ID, Display: m.Name}}}
}

// Is says whether a result is of this analyte.
func (a Analyte) Is(code fhir.CodeableConcept) bool {
	for _, c := range a.Codes {
		if code.Has(fhir.SystemLOINC, c) {
			return true
		}
	}
	if code.Code(fhir.SystemLOINC) != "" && len(a.Codes) > 0 {
		return false // a code that is another one is another test, whatever it is called
	}
	words := Fold(code.Words())
	return words != "" && (words == Fold(a.Name) || slices.ContainsFunc(a.Also, func(s string) bool { return Fold(s) == words }))
}

// Shares says whether two tests measure something that is the same.
func (t Test) Shares(o Test) bool {
	return t.ID == o.ID || slices.ContainsFunc(t.Members, func(a Analyte) bool {
		return slices.ContainsFunc(o.Members, func(b Analyte) bool { return a.Name == b.Name })
	})
}

func (t Test) called(folded string) bool {
	return Fold(t.Name) == folded || slices.ContainsFunc(t.Also, func(s string) bool { return Fold(s) == folded })
}

// Fold is a name as it is compared: lower case, single spaces, no punctuation.
func Fold(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '&'
	}), " ")
}

package desk

import (
	"slices"
	"unicode/utf8"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/catalogue"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// testWarnings are what speaks against a test; of one that is in no list also
// what could not be checked, so that silence never looks like a check.
func (d *Desk) testWarnings(c *compartment, it ward.OrderItem) []ward.Warning {
	out := append(d.repeatWarnings(c, it), d.clashWarnings(c, it)...)
	if _, listed := d.cfg.Rules.Catalogue.TestOf(d.concept(it)); listed {
		return out
	}
	medicines, allergies := d.medicinesBegun(it.Name), d.allergiesInForce(c)
	as := []string{it.Name}
	if len(medicines) > 0 {
		as = nil
		for _, h := range medicines {
			as = append(as, h.Medicine.ID)
		}
	}
	compared := len(allergies) > 0
	for _, ordered := range as {
		for _, x := range d.cfg.Rules.Clashes(ordered, allergies) {
			w := warning(levelWord(x.Level), x.From, x.Words)
			switch {
			case x.Level == alert.Unchecked:
				compared = false
			case !slices.ContainsFunc(out, func(o ward.Warning) bool { return o.Words == w.Words }):
				out = append(out, w)
			}
		}
	}
	return append(out, warning(ward.WarnUnchecked, words.T("the list of tests"), unlistedWords(medicines, compared)))
}

func unlistedWords(medicines []catalogue.Hit, compared bool) error {
	said := words.Errorf("Not in the list of tests: not checked against results, pending samples or allergies")
	if compared {
		said = words.Errorf("Not in the list of tests: not checked against results or pending samples")
	}
	if len(medicines) > 0 {
		said = words.Errorf("%s is a medicine: choose Medicines to prescribe it. %v", medicines[0].Name(), said)
	}
	return said
}

// minBegun is how many letters begin a name: fewer begin too many.
const minBegun = 4

// medicinesBegun are the medicines whose name or ingredient a text is, or begins.
func (d *Desk) medicinesBegun(text string) []catalogue.Hit {
	if utf8.RuneCountInString(catalogue.Fold(text)) < minBegun {
		return nil
	}
	return d.cfg.Rules.Catalogue.FindMedicines(text)
}

// wantsReason says whether a warning is asked about, or only said. That a test is
// in no list is said: much that is asked for in words, as an X-ray, is in none.
func wantsReason(it ward.OrderItem, w ward.Warning) bool {
	return w.Level != ward.WarnInform && (w.Level != ward.WarnUnchecked || it.Kind == ward.OrderMedicine)
}

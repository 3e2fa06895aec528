package alert

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"wardlight/internal/clinical/catalogue"
	"wardlight/internal/words"
)

// Level is how strongly a warning speaks.
type Level int8

// The levels, weakest first.
const (
	Inform    Level = iota // to know; nothing is asked
	Unchecked              // it could not be compared: read it. Never silence
	Caution                // a reason is asked
	Stop                   // a reason and a second confirmation are asked
)

// Cross is one row of the allergy table: what a recorded allergy says of what is
// prescribed. Names are classes or ingredients of the catalogue.
type Cross struct {
	Recorded []string `json:"recorded"`
	// Only are the reactions that the row is about, by the beginnings of words.
	// Where another one is recorded, a stop is a caution; where none is, it holds.
	Only []string `json:"only,omitempty"`
	// Must: the row holds only where one of Only is recorded.
	Must bool `json:"must,omitempty"`
	// Mild are reactions that are no allergy: where no other one is recorded, a
	// stop is a caution.
	Mild    []string `json:"mild,omitempty"`
	Stop    []string `json:"stop,omitempty"`
	Caution []string `json:"caution,omitempty"`
	Inform  []string `json:"inform,omitempty"`
	Note    string   `json:"note,omitempty"`
	From    string   `json:"from"`
}

const (
	jaa      = "J Asthma Allergy 2021, J Fam Pract 2006"
	notYet   = "starter row, not checked against a source: a pharmacist signs it off"
	siteList = "the site's own list of products"
)

// defaultCrosses is the starter set. It must be replaced or signed off by a
// pharmacist.
func defaultCrosses() []Cross {
	const (
		pen, ceph, carba, mono = catalogue.Penicillins, catalogue.Cephalosporins, catalogue.Carbapenems, catalogue.Monobactams
		ace, arb               = catalogue.ACEInhibitors, catalogue.ARBs
	)
	betaLactams := []string{pen, ceph, carba, mono}
	side1, side2 := []string{"ceftriaxone", "cefotaxime", "cefepime"}, []string{"ceftazidime", "aztreonam"}
	return []Cross{
		{
			Recorded: betaLactams, Only: []string{"stevens", "sjs", "toxic epidermal", "ten", "dress", "severe skin"}, Must: true,
			Stop: betaLactams, Note: "severe skin reaction to a beta-lactam: none of them, and no test dose", From: notYet,
		},
		{
			Recorded: []string{pen}, Stop: []string{pen}, Caution: []string{"cefalexin", "cefadroxil", "cefaclor", "cefazolin"},
			Inform: []string{ceph, carba, mono}, Note: "cefalexin, cefadroxil and cefaclor have a side chain like ampicillin and amoxicillin; carbapenems under 1 %", From: jaa,
		},
		{Recorded: side1, Stop: side1, Note: "the same side chain", From: notYet},
		{Recorded: side2, Stop: side2, Note: "the same side chain", From: notYet},
		{Recorded: []string{ceph}, Caution: []string{ceph, pen}, From: jaa},
		{Recorded: []string{carba}, Stop: []string{carba}, Caution: []string{pen, ceph, mono}, From: notYet},
		{
			Recorded: []string{catalogue.NSAIDs}, Only: []string{"asthma", "bronchospasm", "wheez", "urticaria", "hives", "angioedema", "anaphyla"},
			Stop: []string{catalogue.NSAIDs}, Caution: []string{catalogue.COX2, "paracetamol"}, Note: "an effect of the whole class; paracetamol only in high dose", From: notYet,
		},
		{
			Recorded: []string{catalogue.SulfaAntibiotics}, Stop: []string{catalogue.SulfaAntibiotics}, Caution: []string{"sulfasalazine"},
			Inform: []string{catalogue.SulfaOthers}, Note: "with furosemide and thiazides a cross-reaction is not expected", From: notYet,
		},
		{
			Recorded: []string{catalogue.NaturalOpioids}, Mild: []string{"nausea", "vomit", "itch", "pruritus", "constipation", "drows", "dizz", "sick"},
			Stop: []string{catalogue.NaturalOpioids}, Caution: []string{catalogue.SyntheticOpioids}, Note: "nausea and itch are no allergy", From: notYet,
		},
		{Recorded: []string{ace}, Only: []string{"angioedema", "angiooedema", "swell"}, Stop: []string{ace, "sacubitril"}, Caution: []string{arb}, From: notYet},
		{Recorded: []string{catalogue.Contrast}, Caution: []string{catalogue.Contrast}, Note: "another agent of the same kind", From: notYet},
		{Recorded: []string{"shellfish", "iodine"}, Inform: []string{catalogue.Contrast}, Note: "shellfish and iodine are not contrast", From: notYet},
		{Recorded: []string{catalogue.EsterAnaesthetics}, Stop: []string{catalogue.EsterAnaesthetics}, Caution: []string{catalogue.AmideAnaesthetics}, From: notYet},
	}
}

// Allergy is a recorded entry that is in force.
type Allergy struct {
	ID          string
	Words       string // as recorded: "Penicillin"
	Reaction    string
	Intolerance bool // recorded as an intolerance, not an allergy
}

// Clash is what an allergy says of an order.
type Clash struct {
	Level   Level
	Allergy Allergy
	With    string // of what is ordered: the ingredient, or its name where it is not known
	Words   words.Sentence
	From    string
}

// Clashes holds what is prescribed against the allergies in force, strongest
// first: by ingredient, then by a class that the record names, then across
// classes. What cannot be compared says so.
func (r Rules) Clashes(ordered string, allergies []Allergy) []Clash {
	want := r.termsOf(ordered)
	if m, ok := r.Catalogue.Medicine(ordered); ok {
		want = terms{ingredients: m.Ingredients, holds: m.Holds}
		ordered = m.Name
	}
	for _, c := range want.classes { // "CT with contrast": it may be any of them
		want.ingredients = append(want.ingredients, r.members(c)...)
	}
	var out []Clash
	for _, a := range allergies {
		have := r.termsOf(a.Words)
		switch {
		case have.empty():
			out = append(out, Clash{Unchecked, a, ordered, words.S("%q could not be checked against %s: read it", a.Words, ordered), "not in the table"})
		case want.empty():
			out = append(out, Clash{Unchecked, a, ordered, words.S("%s is not in the list, so it could not be checked against the allergy to %s", ordered, a.Words), "not in the table"})
		default:
			if c, ok := r.clash(want, have, a); ok {
				out = append(out, c)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Clash) int { return cmp.Compare(b.Level, a.Level) })
	return out
}

// clash is the strongest that one allergy says.
func (r Rules) clash(want, have terms, a Allergy) (Clash, bool) {
	best, found := Clash{Level: -1}, false
	offer := func(l Level, with string, said words.Sentence, from string) {
		if a.Intolerance && l == Stop {
			l, said = Caution, words.S("%s (recorded as an intolerance)", said)
		}
		if l > best.Level {
			best, found = Clash{l, a, with, said, from}, true
		}
	}
	for _, i := range want.ingredients {
		if slices.Contains(have.ingredients, i) {
			offer(r.sameAs(a), i, words.S("the allergy to %s is to %s itself", a.Words, i), "the same ingredient")
		} else if slices.ContainsFunc(have.classes, func(c string) bool { return slices.Contains(r.members(c), i) }) {
			offer(r.sameAs(a), i, words.S("the allergy to %s does not say which, and %s is one of them", a.Words, i), "the class as recorded")
		}
	}
	for _, h := range want.holds {
		if slices.Contains(have.ingredients, h) {
			offer(Stop, h, words.S("allergy to %s, and it is marked as holding %s", a.Words, h), siteList)
		}
	}
	for _, row := range r.Crosses {
		if row.about(r, have) {
			row.offer(r, want, a, offer)
		}
	}
	return best, found
}

// sameAs is the level of the very same thing: what a row calls mild is a caution.
func (r Rules) sameAs(a Allergy) Level {
	for _, row := range r.Crosses {
		if row.about(r, r.termsOf(a.Words)) && row.onlyMild(a.Reaction) {
			return Caution
		}
	}
	return Stop
}

// about says whether a row is about what the record names.
func (c Cross) about(r Rules, have terms) bool {
	return slices.ContainsFunc(c.Recorded, func(name string) bool {
		return slices.Contains(have.ingredients, name) || slices.Contains(have.classes, name) ||
			slices.ContainsFunc(have.ingredients, func(i string) bool { return slices.Contains(r.members(name), i) })
	})
}

func (c Cross) offer(r Rules, want terms, a Allergy, offer func(Level, string, words.Sentence, string)) {
	fits := says(a.Reaction, c.Only)
	if c.Must && !fits {
		return
	}
	stop, milder := Stop, false
	if len(c.Only) > 0 && !c.Must && a.Reaction != "" && !fits || c.onlyMild(a.Reaction) {
		stop, milder = Caution, true
	}
	for _, list := range []struct {
		level Level
		names []string
	}{{stop, c.Stop}, {Caution, c.Caution}, {Inform, c.Inform}} {
		for _, i := range want.ingredients {
			if !r.among(i, list.names) {
				continue
			}
			said := words.S("allergy to %s, and %s may react across", a.Words, i)
			switch {
			case list.level == Inform:
				said = words.S("allergy to %s: a reaction to %s is not expected", a.Words, i)
			case milder:
				said = words.S("%s (its reaction was %s)", said, a.Reaction)
			}
			if c.Note != "" {
				said = words.S("%s: %s", said, text(c.Note))
			}
			offer(list.level, i, said, c.From)
		}
	}
}

func (c Cross) onlyMild(reaction string) bool {
	if len(c.Mild) == 0 || reaction == "" {
		return false
	}
	for _, part := range strings.FieldsFunc(reaction, func(r rune) bool { return r == ',' || r == ';' }) {
		if !says(part, c.Mild) {
			return false
		}
	}
	return true
}

// says: a word of the reaction begins like one of these.
func says(reaction string, these []string) bool {
	words := " " + catalogue.Fold(reaction)
	return slices.ContainsFunc(these, func(s string) bool {
		if len(s) <= 4 { // "TEN" is no beginning of "tenderness"
			return strings.Contains(words+" ", " "+s+" ")
		}
		return strings.Contains(words, " "+s)
	})
}

func (r Rules) among(ingredient string, names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return n == ingredient || slices.Contains(r.members(n), ingredient) })
}

func (r Rules) members(class string) []string {
	for _, c := range r.Catalogue.Classes {
		if c.Name == class {
			return c.Ingredients
		}
	}
	return nil
}

// terms are what words name: ingredients, classes as a whole, and what a product
// is marked with.
type terms struct{ ingredients, classes, holds []string }

func (t terms) empty() bool { return len(t.ingredients)+len(t.classes)+len(t.holds) == 0 }

// others are allergens that are no medicine's ingredient.
var others = []string{"latex", "egg", "soya", "peanut", "shellfish", "iodine"}

// termsOf reads words: every name of the catalogue that stands in them whole.
func (r Rules) termsOf(words string) terms {
	text := " " + catalogue.Fold(words) + " "
	in := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool {
			n = catalogue.Fold(n)
			return n != "" && (strings.Contains(text, " "+n+" ") || strings.Contains(text, " "+n+"s "))
		})
	}
	var t terms
	add := func(list []string) {
		for _, i := range list {
			if !slices.Contains(t.ingredients, i) {
				t.ingredients = append(t.ingredients, i)
			}
		}
	}
	for _, m := range r.Catalogue.Medicines {
		if in(append([]string{m.Name}, m.Also...)...) {
			add(m.Ingredients)
			t.holds = append(t.holds, m.Holds...)
		}
		for _, i := range m.Ingredients {
			if in(i) {
				add([]string{i})
			}
		}
	}
	for _, c := range r.Catalogue.Classes {
		for _, i := range c.Ingredients {
			if in(i) {
				add([]string{i})
			}
		}
		if in(append([]string{c.Name}, c.Also...)...) && (len(t.ingredients) == 0 || !r.names(c, t.ingredients)) {
			t.classes = append(t.classes, c.Name)
		}
	}
	for _, o := range others {
		if in(o) {
			add([]string{o})
		}
	}
	return t
}

// names: an ingredient of the class is named beside it ("penicillin (amoxicillin)"),
// so which one it was is known.
func (r Rules) names(c catalogue.Class, ingredients []string) bool {
	return slices.ContainsFunc(ingredients, func(i string) bool { return slices.Contains(c.Ingredients, i) })
}

func (c Cross) check() error {
	switch {
	case len(c.Recorded) == 0 || c.From == "":
		return errors.New("alert: a row of the allergy table names what is recorded, and where it comes from")
	case c.Must && len(c.Only) == 0:
		return errors.New("alert: a row of the allergy table asks for a reaction and names none")
	}
	return nil
}

package catalogue

import (
	"cmp"
	"slices"
	"strings"
)

// Hit is something that a search found.
type Hit struct {
	Test     *Test
	Set      *Set
	Medicine *Medicine
}

// Name is what a hit is called.
func (h Hit) Name() string {
	switch {
	case h.Test != nil:
		return h.Test.Name
	case h.Set != nil:
		return h.Set.Name
	case h.Medicine != nil:
		return h.Medicine.Name
	}
	return ""
}

// maxHits bounds what a search gives: more is not read, but typed on.
const maxHits = 12

// FindTests finds tests and sets by the beginnings of words, in any order; the
// nearest first. Nothing typed finds the sets.
func (c Catalogue) FindTests(text string) []Hit {
	var out []ranked
	for i := range c.Sets {
		out = rank(out, Hit{Set: &c.Sets[i]}, text, []string{c.Sets[i].Name}, nil)
	}
	if Fold(text) == "" {
		return hits(out)
	}
	for i := range c.Tests {
		t := &c.Tests[i]
		var parts []string
		for _, m := range t.Members {
			parts = append(append(parts, m.Name), m.Also...)
		}
		out = rank(out, Hit{Test: t}, text, append([]string{t.Name}, t.Also...), parts)
	}
	return hits(out)
}

// FindMedicines finds medicines by name, brand and ingredient. Nothing typed
// finds nothing.
func (c Catalogue) FindMedicines(text string) []Hit {
	if Fold(text) == "" {
		return nil
	}
	var out []ranked
	for i := range c.Medicines {
		m := &c.Medicines[i]
		out = rank(out, Hit{Medicine: m}, text, append([]string{m.Name}, m.Also...), m.Ingredients)
	}
	return hits(out)
}

type ranked struct {
	hit  Hit
	rank int
}

// rank adds a hit by the best of its names: called so, beginning so, holding it.
// The first name is the one that it is shown by, and counts before the others;
// what is only a part of it counts after every name.
func rank(out []ranked, h Hit, text string, names, parts []string) []ranked {
	best, want := none, Fold(text)
	for i, name := range slices.Concat(names, parts) {
		n := near(Fold(name), want)
		if i > 0 {
			n++
		}
		if i >= len(names) {
			n += none / 2
		}
		best = min(best, n)
	}
	if best >= none {
		return out
	}
	return append(out, ranked{h, best})
}

// none is the rank of a name that does not fit, and of anything beyond.
const none = 100

func near(name, typed string) int {
	switch {
	case name == typed:
		return 0
	case strings.HasPrefix(name, typed):
		return 2
	case beginsWords(name, typed):
		return 4
	}
	return none
}

// beginsWords: each word that was typed begins a word of the name.
func beginsWords(name, typed string) bool {
	words := strings.Fields(name)
	for _, t := range strings.Fields(typed) {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, t) }) {
			return false
		}
	}
	return true
}

func hits(list []ranked) []Hit {
	slices.SortStableFunc(list, func(a, b ranked) int { return cmp.Compare(a.rank, b.rank) })
	out := make([]Hit, 0, min(len(list), maxHits))
	for _, r := range list[:min(len(list), maxHits)] {
		out = append(out, r.hit)
	}
	return out
}

// NearAnalytes are those of a list that go under what was typed, by the
// beginnings of words; the nearest first. Nothing typed is all of them.
func NearAnalytes(list []Analyte, text string) []Analyte {
	type placed struct {
		a    Analyte
		rank int
	}
	var out []placed
	want := Fold(text)
	for _, a := range list {
		best := none
		for _, name := range append([]string{a.Name}, a.Also...) {
			best = min(best, near(Fold(name), want))
		}
		if want == "" || best < none {
			out = append(out, placed{a, best})
		}
	}
	if want != "" {
		slices.SortStableFunc(out, func(a, b placed) int { return cmp.Compare(a.rank, b.rank) })
	}
	found := make([]Analyte, len(out))
	for i := range out {
		found[i] = out[i].a
	}
	return found
}

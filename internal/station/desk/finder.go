package desk

import (
	"strings"
	"unicode"

	"wardlight/internal/clinical/fhir"
)

// finder narrows a search down to those who may be meant, before each of them is
// held against what was typed.
//
// A letter is answered while somebody types the next, and to ask ten thousand
// people in turn made up most of the answer's cost: each of them lies somewhere
// else in memory. Here what they are found by stands in three long texts, and the
// processor's own search for a piece of text goes through such a text in less time
// than a few hundred people take.
//
// It may name too many and never too few: whom it names is asked by matches. It is
// made anew by the first search after somebody's name, number or bed changed, which
// is seldom, and stays when anything else of them does, which is often. The zero
// value is to be made.
type finder struct {
	made bool
	ids  []fhir.ID
	// What is found by how it begins stands behind a space, what is found as a
	// whole between two.
	names, numbers, beds plate
}

// stale says that somebody is found by something else now.
func (f *finder) stale() { f.made = false }

// renew makes the finder of the rows where it is not of them. It is guarded by
// whatever guards the rows.
func (f *finder) renew(rows map[fhir.ID]*derived) {
	if f.made {
		return
	}
	*f = finder{made: true, ids: make([]fhir.ID, 0, len(rows))}
	var names, numbers, beds plateMaker
	for id, v := range rows {
		f.ids = append(f.ids, id)
		names.add(v.words)
		numbers.add(v.numbers)
		beds.add(bedKeys(v.row.Who.Bed))
	}
	f.names, f.numbers, f.beds = names.made(), numbers.made(), beds.made()
}

// each calls fn once with everybody who may match.
func (f *finder) each(q *query, fn func(id fhir.ID)) {
	word, narrows := q.longest()
	if !narrows && len(q.words) > 0 { // "bed" fits everybody
		for _, id := range f.ids {
			fn(id)
		}
		return
	}
	met := make([]bool, len(f.ids))
	meet := func(i int) {
		if !met[i] {
			met[i] = true
			fn(f.ids[i])
		}
	}
	if q.number != "" {
		f.numbers.each(q.number, meet)
	}
	if narrows {
		f.names.each(word.begin, meet)
		f.beds.each(" "+bedKey(word.bed)+" ", meet)
	}
}

// longest is the word that narrows a search the most.
func (q *query) longest() (word queryWord, narrows bool) {
	for _, w := range q.words {
		if !w.any && len(w.begin) > len(word.begin) {
			word, narrows = w, true
		}
	}
	return word, narrows
}

// foundLike says whether both are found by the same.
func (v *derived) foundLike(o *derived) bool {
	return v.words == o.words && v.numbers == o.numbers && v.row.Who.Bed == o.row.Who.Bed
}

// bedKeys are what a bed is found by: itself, its room, and the bed in it.
func bedKeys(bed string) string {
	if bed == "" {
		return ""
	}
	keys := " " + bedKey(strings.TrimLeft(bed, "0")) + " "
	for part := range strings.SplitSeq(bed, "-") {
		if part != "" && part != bed {
			keys += bedKey(strings.TrimLeft(part, "0")) + " "
		}
	}
	return keys
}

// bedKey is the same for all that isBed takes for the same.
func bedKey(s string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
			least = min(least, o)
		}
		return least
	}, s)
}

// plate is the texts of many people in one.
type plate struct {
	text string
	ends []int32 // where the text of each ends
}

// each calls fn with everybody in whose text the piece stands.
func (p *plate) each(piece string, fn func(i int)) {
	for at, i := 0, 0; ; at = int(p.ends[i]) {
		n := strings.Index(p.text[at:], piece)
		if n < 0 {
			return
		}
		for at += n; int(p.ends[i]) <= at; i++ {
		}
		fn(i)
	}
}

type plateMaker struct {
	text strings.Builder
	ends []int32
}

func (m *plateMaker) add(text string) {
	m.text.WriteString(text)
	m.ends = append(m.ends, int32(m.text.Len())) //nolint:gosec // a few hundred kilobytes
}

func (m *plateMaker) made() plate { return plate{m.text.String(), m.ends} }

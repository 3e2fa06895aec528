package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/naming"
	"wardlight/internal/clinical/ward"
)

// maxFound bounds what a search gives back: more than anybody picks from.
const maxFound = 50

// Search finds patients on this computer by any part of a name in any order,
// with or without accents, by bed, or by any of their numbers. This ward's
// come first; whoever is on the person's own list is found wherever they lie. Whoever left, and is kept by this ward for what is still to be done, is
// found too, and said to have left.
func (d *Desk) Search(ctx context.Context, text string) ([]ward.Found, error) {
	p, err := d.author("desk.search")
	if err != nil {
		return nil, err
	}
	may := d.mayList(p)
	if err := d.begin(ctx); err != nil {
		return nil, err
	}
	q := parseQuery(text)
	if len(q.words) == 0 && q.number == "" {
		return []ward.Found{}, nil
	}
	own, err := d.ownPatients(ctx, p)
	if err != nil {
		return nil, err
	}
	b := &d.board
	b.mu.Lock()
	onList := d.onOwnList(p, own)
	found := firstFew{order: d.foundOrder}
	kept := d.keptNow(may, func(*derived) bool { return true })
	b.finder.renew(b.rows)
	b.finder.each(&q, func(id fhir.ID) {
		v := b.rows[id]
		if v == nil || !v.matches(&q) {
			return
		}
		if _, left := kept[id]; left || may(v.row.Who.Ward) || onList(v.row) {
			found.add(v.row)
		}
	})
	b.mu.Unlock()
	rows := found.sorted()
	out := make([]ward.Found, 0, len(rows))
	for _, r := range rows {
		f := ward.Found{Identity: r.Who}
		if left, ok := kept[r.Who.ID]; ok {
			f.Left = &left
		}
		out = append(out, f)
	}
	return out, nil
}

// foundOrder is the order of what a search finds. It compares no more than it
// must: a first letter finds thousands.
func (d *Desk) foundOrder(x, y *ward.Row) int {
	if c := cmp.Compare(rank(d.shows(x)), rank(d.shows(y))); c != 0 {
		return c
	}
	if c := cmp.Compare(x.Who.Family, y.Who.Family); c != 0 {
		return c
	}
	if c := cmp.Compare(x.Who.Given, y.Who.Given); c != 0 {
		return c
	}
	return cmp.Compare(x.Who.ID, y.Who.ID)
}

// firstFew keeps the first maxFound of many rows. Once it has them, a row that
// comes after all of them costs one comparison.
type firstFew struct {
	order func(x, y *ward.Row) int
	rows  []*ward.Row
	last  *ward.Row // of the first maxFound so far; nil while there are fewer
}

func (f *firstFew) add(r *ward.Row) {
	if f.last != nil && f.order(r, f.last) > 0 {
		return
	}
	f.rows = append(f.rows, r)
	if len(f.rows) >= 2*maxFound {
		f.sorted()
	}
}

// sorted puts what is kept in order, and lets go of what is too many.
func (f *firstFew) sorted() []*ward.Row {
	slices.SortFunc(f.rows, f.order)
	if len(f.rows) >= maxFound {
		f.rows = f.rows[:maxFound]
		f.last = f.rows[maxFound-1]
	}
	return f.rows
}

// query is what somebody looks for, made ready once: it is held against every
// patient at every letter, and what is made anew for each of them makes up most of
// a search.
type query struct {
	words  []queryWord
	number string // behind a space; "" where what was typed is no number
}

// queryWord is one word. Names stand each behind a space, so that a space in front
// makes it find beginnings only.
type queryWord struct {
	begin string
	bed   string // without its leading zeros
	any   bool   // the word "bed" itself, which fits everybody
}

func parseQuery(text string) query {
	var q query
	for _, w := range strings.Fields(naming.Fold(text[:min(len(text), 200)])) {
		q.words = append(q.words, queryWord{begin: " " + w, bed: strings.TrimLeft(w, "0"), any: w == "bed"})
	}
	if n := naming.FoldNumber(text); len(n) >= 3 && strings.ContainsAny(n, "0123456789") {
		q.number = " " + n
	}
	return q
}

// matches: every word typed begins a part of the name or is the bed, or the
// whole text is the beginning of a number.
func (v *derived) matches(q *query) bool {
	if q.number != "" && strings.Contains(v.numbers, q.number) {
		return true
	}
	for i := range q.words {
		if !v.hasWord(&q.words[i]) {
			return false
		}
	}
	return len(q.words) > 0
}

func (v *derived) hasWord(w *queryWord) bool {
	if w.any || strings.Contains(v.words, w.begin) {
		return true
	}
	bed := v.row.Who.Bed
	if isBed(bed, w.bed) {
		return true
	}
	for part := range strings.SplitSeq(bed, "-") { // the room, or the bed in it
		if isBed(part, w.bed) {
			return true
		}
	}
	return false
}

// isBed: typed is without its leading zeros.
func isBed(bed, typed string) bool {
	return bed != "" && strings.EqualFold(strings.TrimLeft(bed, "0"), typed)
}

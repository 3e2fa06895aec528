package patients

import (
	"slices"
	"strings"

	"wardlight/internal/station/view/board"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// patient is one row of the list before it is drawn: where it stands in the
// state, and, once it has come into view, how it is drawn.
type patient struct {
	of   *board.Rows
	i    int
	d    *drawn
	plan plan // that d fits
}

// inWords draws a patient who comes into view.
func (p *Page) inWords(x *patient) *drawn {
	if x.d == nil {
		row := x.of.At(x.i)
		x.d = draw(&row)
		x.plan = plan{}
	}
	if x.plan != p.plan {
		x.d.high = x.d.fit(&p.plan)
		x.plan = p.plan
	}
	p.seen[string(x.d.row.ID)] = x
	return x.d
}

// sameWords says whether the rows that are in view would be drawn as they are.
func (p *Page) sameWords(shown map[string]*patient) bool {
	for id, old := range shown {
		fresh := p.seen[id]
		if fresh == nil || !alike(fresh.d, old.d) {
			return false
		}
	}
	return true
}

// keep leaves the rows in view as they are drawn and forgets the words of the
// others: they are another state's.
func (p *Page) keep(shown map[string]*patient) {
	p.seen = shown
	for _, it := range p.items {
		if x := it.Data.(*patient); shown[it.ID] != x {
			x.d = nil
		}
	}
}

func sameItems(a, b []kit.Item) bool {
	return (a == nil) == (b == nil) && slices.EqualFunc(a, b, func(x, y kit.Item) bool {
		x.Data, y.Data = nil, nil
		return x == y
	})
}

// guess is about how high a row out of view is.
func (p *Page) guess(m board.Mark) float32 {
	switch {
	case p.plan.cards && m.Tall:
		return 6 + 4*cardHigh
	case p.plan.cards:
		return 6 + 3*cardHigh
	case m.Tall:
		return theme.RowHeights().Urgent
	}
	return theme.RowHeights().Steady
}

// flagWidths remembers how wide flags are, in design units: a ward has few
// different sets of them.
type flagWidths struct {
	scale float32
	known map[string]float32
}

// widest is the room that the rows' flags need.
func (f *flagWidths) widest(rows board.Rows) float32 {
	if f.scale != theme.Scale() || len(f.known) > 1000 {
		f.scale, f.known = theme.Scale(), map[string]float32{}
	}
	most := float32(0)
	for i := range rows.Len() {
		flags := rows.Flags(i)
		if len(flags) == 0 {
			continue
		}
		key := strings.Join(flags, "\x00")
		w, ok := f.known[key]
		if !ok {
			w = width(flagsSpans(flags)) + 10
			f.known[key] = w
		}
		most = max(most, w)
	}
	return most
}

package chart

import (
	"slices"
	"time"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// plan is how the table is laid out at a width: the test, its unit and the
// newest column keep their place, and as many older columns as fit stand
// between. Lengths are scaled already.
type plan struct {
	width           float32
	slim            bool // unit and range stand under the test
	test, unit, rng float32
	columns         []column // from left to right, the newest last
	hidden          int      // older columns that are not in view, left of the first
	skipped         int      // columns between those in view and the newest
}

// column is one time of collection.
type column struct {
	moment view.Moment
	x, w   float32
	newest bool
}

const cellPad = 22 // around a value, in design units

// planFor lays the table out. skip is how many of the older columns the person
// has paged past.
func planFor(s *view.State, width float32, skip int, now time.Time) plan {
	px := theme.Px
	p := plan{width: width, slim: width < px(640)}
	for gi := range s.Groups {
		for li := range s.Groups[gi].Rows {
			r := &s.Groups[gi].Rows[li].Newest
			p.test = max(p.test, kit.TextWidth(r.Test, kit.BodyStrong))
			p.unit = max(p.unit, kit.TextWidth(r.Unit, kit.Dense))
			p.rng = max(p.rng, kit.TextWidth(rangeWords(*r), kit.Dense))
		}
	}
	if p.slim {
		p.test = max(p.test, min(p.unit+p.rng+px(12), width*0.4))
		p.unit, p.rng = 0, 0
	}
	p.test = min(p.test+px(24), max(width*0.36, px(110)))
	if !p.slim {
		p.unit, p.rng = min(p.unit+px(14), width*0.16), min(p.rng+px(14), width*0.2)
	}
	p.fillColumns(s, skip, now)
	return p
}

func (p *plan) left() float32 { return p.test + p.unit + p.rng }

// fillColumns takes the newest column, then older ones while they fit.
func (p *plan) fillColumns(s *view.State, skip int, now time.Time) {
	n := len(s.Moments)
	if n == 0 {
		return
	}
	newest := column{moment: s.Moments[n-1], newest: true}
	newest.w = p.columnWidth(s, newest, now)
	free := p.width - p.left() - newest.w
	older := s.Moments[:n-1]
	p.skipped = min(max(skip, 0), max(len(older)-1, 0))
	at := len(older) - p.skipped
	var taken []column
	for at > 0 {
		c := column{moment: older[at-1]}
		c.w = p.columnWidth(s, c, now)
		if c.w > free {
			break
		}
		taken, free, at = append(taken, c), free-c.w, at-1
	}
	p.hidden = at
	slices.Reverse(taken)
	p.columns = append(taken, newest)
	x := p.width
	for i := len(p.columns) - 1; i >= 0; i-- {
		x -= p.columns[i].w
		p.columns[i].x = x
	}
}

func (p *plan) columnWidth(s *view.State, c column, now time.Time) float32 {
	w := max(theme.Px(76), kit.TextWidth(c.moment.Clock+" "+words.T("newest"), kit.DenseStrong)*boolean(c.newest), kit.TextWidth(c.moment.Clock, kit.DenseStrong), kit.TextWidth(c.moment.Day, kit.Caption))
	probe := newCell()
	for gi := range s.Groups {
		g := &s.Groups[gi]
		for li := range g.Rows {
			if spans(g.Rows[li]) {
				continue
			}
			l := cellLook(g, &g.Rows[li], c, now)
			probe.update(l)
			m := probe.min().Width
			if l.kind == asWords && len(l.words) > 1 {
				m = max(m, theme.Px(84))
			}
			w = max(w, m)
		}
	}
	return w + theme.Px(cellPad)
}

func boolean(on bool) float32 {
	if on {
		return 1
	}
	return 0
}

// spans says that a line is words rather than numbers: they take all columns.
func spans(l view.Line) bool { return l.Newest.Text && len([]rune(l.Newest.Value)) > 14 }

// cellLook is what stands in a column of a line. The newest column shows each
// test's newest result: where that is older than the column it says when.
func cellLook(g *view.Group, l *view.Line, c column, now time.Time) look {
	first := g.Rows[0].Newest
	if !c.newest {
		return lookOf(l.At(c.moment), false, "", now)
	}
	r := &l.Newest
	when := ""
	if !r.When().Equal(c.moment.At) {
		when = view.When(*r, now)
	}
	return lookOf(r, g.Early && r.When().Equal(first.When()), when, now)
}

func rangeWords(r ward.Result) string {
	if r.Range == "" && !r.Text && r.Value != "" {
		return words.T("no range sent")
	}
	return r.Range
}

// resultAt is the result of a line at a point of its row.
func (p *plan) resultAt(l *view.Line, x float32) *ward.Result {
	for _, c := range p.columns {
		if x < c.x || x >= c.x+c.w || c.newest {
			continue
		}
		if r := l.At(c.moment); r != nil {
			return r
		}
	}
	return &l.Newest
}

package patients

import (
	"strconv"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/board"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// How lines stand in a row, in design units.
const (
	lineHigh   = 17
	cardIndent = 42
	cardHigh   = 21
)

// fit breaks the row's cells for a plan and returns how high the row is.
func (d *drawn) fit(p *plan) float32 {
	if p.cards {
		return d.fitCard(p.width)
	}
	n := 1
	for c := range columns {
		if c == colScore {
			continue
		}
		cell := d.cells[c]
		if p.second && (c == colTasks || c == colFlags) {
			d.fits[c] = nil
			continue
		}
		if p.second && c == colName {
			cell = withSecond(cell, d)
		}
		if c == colResults && d.row.Results.Kind == board.KindNew && len(d.row.Results.What) > 0 {
			cell = append(lines{fitNew(d.row.Results, p.room(c))}, cell[1:]...)
		}
		d.fits[c] = wrapAll(cell, p.room(c))
		n = max(n, len(d.fits[c]))
	}
	d.below = nil
	if d.under != nil {
		d.below = wrap(d.under, p.room(colScore))
	}
	n = max(n, 1+len(d.below))
	least := theme.RowHeights().Steady
	if d.row.Tall {
		least = theme.RowHeights().Urgent
	}
	return max(least, 7+lineHigh*float32(n))
}

// withSecond is the name's cell with tasks and flags below it.
func withSecond(cell lines, d *drawn) lines {
	var extra spans
	if d.row.Tasks != "" {
		extra = spans{kit.T(taskWords(d.row.Tasks), kit.Dense, theme.TextMuted)}
	}
	for _, f := range d.cells[colFlags][0] {
		extra = append(extra, f.After(6))
	}
	if len(extra) == 0 {
		return cell
	}
	extra[0].Gap = 0
	return append(cell[:len(cell):len(cell)], extra)
}

func taskWords(n string) string {
	count, err := strconv.Atoi(n)
	if err != nil {
		return n
	}
	return words.N(count, "%d task", "%d tasks")
}

// cardLine is one line of a card: what stands at the left and at the right.
type cardLine struct {
	left, right spans
	score       bool // the line of the badge
}

// fitCard arranges the row as a card of a width.
func (d *drawn) fitCard(w float32) float32 {
	room := w - cardIndent - edge
	d.card = nil
	add := func(left lines, right spans, score bool) {
		for i, l := range left {
			d.card = append(d.card, cardLine{left: l, score: score && i == 0})
		}
		last := &d.card[len(d.card)-1]
		taken := width(last.left)
		if last.score {
			taken += d.scoreHead()
		}
		if len(right) > 0 && taken+16+width(right) > room {
			for _, l := range wrap(right, room) {
				d.card = append(d.card, cardLine{left: l})
			}
			return
		}
		last.right = right
	}
	head := append(wardSpans(d.row), kit.T(d.row.Name, kit.Name, theme.Text))
	if len(head) > 1 {
		head[1].Gap = 6
	}
	name := append(append(head, kit.T(d.row.Age, kit.Dense, theme.TextMuted).After(8)), noteSpans(d.row)...)
	add(wrap(name, room), d.cells[colObservations][0], false)
	score := append(append(spans{}, d.top...), spaced(d.scale)...)
	add(wrap(score, max(room-d.scoreHead(), 80)), d.cells[colAllergies][0], true)
	results := wrapAll(d.cells[colResults], room)
	add(results, d.rightEnd(), false)
	return 6 + cardHigh*float32(len(d.card))
}

// scoreHead is the room that the word NEWS2 and the badge take on a card.
func (d *drawn) scoreHead() float32 {
	if d.row.Score.Text == "" {
		return 52
	}
	return 52 + 40 + 6
}

func noteSpans(r *board.Row) spans {
	var out spans
	if r.Similar {
		out = append(out, kit.Span{Icon: iconSimilar, Text: words.T("similar"), Style: kit.Dense, Color: theme.TextMuted, Gap: 8})
	}
	if r.Note != "" {
		out = append(out, kit.T(r.Note, kit.Dense, theme.TextMuted).After(8))
	}
	return out
}

func spaced(s spans) spans {
	out := append(spans{}, s...)
	for i := range out {
		out[i].Gap = max(out[i].Gap, 8)
	}
	return out
}

// rightEnd is the last line's right side of a card: tasks and flags in words.
func (d *drawn) rightEnd() spans {
	text := ""
	if d.row.Tasks != "" {
		text = taskWords(d.row.Tasks)
	}
	for _, f := range d.row.Flags {
		if text != "" {
			text += " · "
		}
		text += flagChip(f).Text
	}
	if text == "" {
		return nil
	}
	return spans{kit.T(text, kit.Dense, theme.TextMuted)}
}

// rowView is one row on the screen; the list uses it for one patient after the
// other.
type rowView struct {
	kit.Block
	badge *kit.ScoreBadge
	spark *kit.Spark
	pool  []*kit.Line
	used  int

	d     *drawn
	plan  *plan
	at    []spot
	drawn plan // by which the row was drawn, as gone, at a scale
	gone  bool
	scale float32
}

// spot is where a line stands, in design units: x, the middle of its height
// from the row's middle (columns) or top (cards), right-aligned or not.
type spot struct {
	line  *kit.Line
	x, y  float32
	right bool
}

func newRow() *rowView {
	r := &rowView{badge: kit.NewScoreBadge(kit.ScoreConfig{}), spark: kit.NewSpark()}
	r.Min = func() fyne.Size { return fyne.NewSize(theme.Px(100), theme.Px(20)) }
	r.Place = r.place
	r.Init(r)
	return r
}

// Patient is who the row shows, for tests.
func (r *rowView) Patient() ward.PatientID {
	if r.d == nil {
		return ""
	}
	return r.d.row.ID
}

// next gives out a line of the pool with spans in it.
func (r *rowView) next(s spans) *kit.Line {
	if r.used == len(r.pool) {
		r.pool = append(r.pool, kit.NewLine())
	}
	l := r.pool[r.used]
	r.used++
	l.Update(s...)
	return l
}

// draw shows a patient by a plan. gone: no longer on the list, and kept in place
// so that nothing jumps.
func (r *rowView) draw(d *drawn, p *plan, gone bool) {
	if r.d != nil && *p == r.drawn && gone == r.gone && r.scale == theme.Scale() && alike(r.d, d) {
		r.d, r.plan = d, p
		return
	}
	r.drawn, r.gone, r.scale = *p, gone, theme.Scale()
	r.d, r.plan, r.used, r.at = d, p, 0, r.at[:0]
	r.Parts = r.Parts[:0]
	if p.cards {
		r.showCard(gone)
	} else {
		r.showColumns(gone)
	}
	for _, s := range r.at {
		r.Parts = append(r.Parts, s.line)
	}
	if d.row.Score.Text != "" && !gone {
		r.badge.Update(badge(d.row.Score))
		r.Parts = append(r.Parts, r.badge)
		if p.spark && len(d.row.Score.Trend) > 1 {
			r.spark.Update(floats(d.row.Score.Trend)...)
			r.Parts = append(r.Parts, r.spark)
		}
	}
	r.Changed()
}

func floats(n []int) []float64 {
	out := make([]float64, len(n))
	for i, v := range n {
		out[i] = float64(v)
	}
	return out
}

// strike is a cell of a patient who has left the list.
func strike(ls lines, gone bool) lines {
	if !gone {
		return ls
	}
	out := make(lines, len(ls))
	for i, l := range ls {
		for _, s := range l {
			s.Color, s.IconColor, s.Strike = theme.TextMuted, "", true
			out[i] = append(out[i], s)
		}
	}
	return out
}

func (r *rowView) showColumns(gone bool) {
	for c := range columns {
		if c == colScore || gone && c > colAge {
			continue
		}
		ls, x := strike(r.d.fits[c], gone), r.plan.x[c]
		if c == colTasks {
			x += tasksIn
		}
		for i, l := range ls {
			y := (float32(i) - float32(len(ls)-1)/2) * lineHigh
			r.at = append(r.at, spot{line: r.next(l), x: x, y: y})
		}
	}
	if gone {
		return
	}
	x, y := r.plan.x[colScore], r.scoreAbove()
	beside := x + r.scoreBeside()
	trend := r.next(r.d.top)
	r.at = append(r.at, spot{line: trend, x: beside, y: y})
	if len(r.d.scale) > 0 && (r.plan.scale || !usual(r.d.row.Score.Scale)) {
		at := beside + width(r.d.top) + 6
		if r.plan.spark && !r.d.row.Tall {
			at = max(at, x+142)
		}
		r.at = append(r.at, spot{line: r.next(r.d.scale), x: at, y: y})
	}
	for i, l := range r.d.below {
		r.at = append(r.at, spot{line: r.next(l), x: x, y: y + float32(i+1)*lineHigh})
	}
}

// scoreAbove is where the line of the badge stands, from the row's middle: a little lower
// than a line of words would, because the badge is higher and must not touch the row's edge.
func (r *rowView) scoreAbove() float32 {
	if len(r.d.below) == 0 {
		return 0
	}
	return 1 - float32(len(r.d.below))/2*lineHigh
}

// scoreBeside is where the words beside the badge begin, from the column.
func (r *rowView) scoreBeside() float32 {
	s := r.d.row.Score
	if s.Text == "" {
		return 0
	}
	w := r.badgeWidth() + 8
	if r.plan.spark {
		w += sparkRoom
	}
	return w
}

func (r *rowView) badgeWidth() float32 {
	return max(kit.NewScoreBadge(badge(r.d.row.Score)).MinSize().Width/theme.Scale(), 30)
}

func (r *rowView) showCard(gone bool) {
	room := r.plan.width - edge
	bed := strike(r.d.cells[colBed], gone)
	r.at = append(r.at, spot{line: r.next(bed[0]), x: edge, y: 3 + cardHigh/2})
	for i, l := range r.d.card {
		if gone && i > 0 {
			break
		}
		y := 3 + cardHigh*(float32(i)+0.5)
		x := float32(cardIndent)
		if l.score {
			r.at = append(r.at, spot{line: r.next(spans{kit.T("NEWS2", kit.Dense, theme.TextMuted)}), x: x, y: y})
			x += r.d.scoreHead()
		}
		r.at = append(r.at, spot{line: r.next(strike(lines{l.left}, gone)[0]), x: x, y: y})
		if len(l.right) > 0 && !gone {
			r.at = append(r.at, spot{line: r.next(l.right), x: room, y: y, right: true})
		}
	}
}

func (r *rowView) place(size fyne.Size) {
	if r.d == nil {
		return
	}
	px := theme.Px
	middle := size.Height / 2
	if r.plan.cards {
		middle = 0
	}
	for _, s := range r.at {
		m := s.line.MinSize()
		x := px(s.x)
		if s.right {
			x -= m.Width
		}
		kit.PlaceAt(s.line, x, middle+px(s.y)-m.Height/2, m.Width, m.Height)
	}
	r.placeScore(middle)
}

func (r *rowView) placeScore(middle float32) {
	px := theme.Px
	b := r.badge.MinSize()
	if r.plan.cards {
		for i, l := range r.d.card {
			if l.score {
				kit.PlaceAt(r.badge, px(cardIndent+52), px(3+cardHigh*(float32(i)+0.5))-b.Height/2, b.Width, b.Height)
			}
		}
		return
	}
	y := middle + px(r.scoreAbove())
	kit.PlaceAt(r.badge, px(r.plan.x[colScore]), y-b.Height/2, b.Width, b.Height)
	s := r.spark.MinSize()
	kit.PlaceAt(r.spark, px(r.plan.x[colScore])+b.Width+px(6), y-s.Height/2, s.Width, s.Height)
}

package patients

import (
	"fyne.io/fyne/v2"

	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// column is one column of the board.
type column int

// The columns, in reading order.
const (
	colBed column = iota
	colName
	colAge
	colScore
	colObservations
	colAllergies
	colResults
	colTasks
	colFlags
	columns
)

var headings = [columns]words.Key{
	words.K("Bed"), words.K("Name"), words.K("Age"), words.K("NEWS2, trend, scale"), words.K("Observations"), words.K("Allergies"), words.K("Results not acknowledged"),
	words.KC("column", "Tasks"), words.KC("column", "Flags"),
}

// plan is how the board stands at a width. Lengths are design units.
type plan struct {
	width  float32
	cards  bool // a card for each patient: the columns do not fit
	spark  bool
	scale  bool // the usual scale is said; an unusual one always is
	second bool // tasks and flags stand below the name
	x, w   [columns]float32
}

// standard and tight are the widths of columns where there is room, and the
// least before a column has to go.
var (
	standard = [columns]float32{36, 208, 46, 210, 124, 122, 350, 42, 0}
	tight    = [columns]float32{36, 180, 46, 150, 116, 112, 286, 42, 0}
)

// The parts of the score column that go first.
const (
	edge       = 12
	sparkRoom  = 44
	scaleRoom  = 16
	flagsAtMin = 60
)

// What keeps the cells apart. A count that stands close behind a result would be read as a
// part of it: the tasks are counted under the middle of their heading. Where the results
// are the last column, the list's bar is beside them.
const (
	gap     = 6
	gapLast = 14
	tasksIn = 10
)

// room is how wide what stands in a column may be.
func (p *plan) room(c column) float32 {
	if c == colResults && p.second {
		return p.w[c] - gapLast
	}
	return p.w[c] - gap
}

// planFor gives way in the order of the design language: the spark line, the
// scale, tasks and flags to a second line, then cards.
func planFor(width, flags float32) plan {
	p := plan{width: width, spark: true, scale: true, w: standard}
	p.w[colFlags] = max(flags, flagsAtMin)
	if p.fits() {
		return p.spread()
	}
	p.spark, p.w[colScore] = false, p.w[colScore]-sparkRoom
	if p.fits() {
		return p.spread()
	}
	p.scale, p.w[colScore] = false, p.w[colScore]-scaleRoom
	if p.fits() {
		return p.spread()
	}
	flagsWidth := p.w[colFlags]
	p.w = tight
	p.w[colFlags] = flagsWidth
	if p.fits() {
		return p.spread()
	}
	p.second, p.w[colTasks], p.w[colFlags] = true, 0, 0
	if p.fits() {
		return p.spread()
	}
	return plan{width: width, cards: true}
}

func (p *plan) sum() float32 {
	total := float32(edge)
	for _, w := range p.w {
		total += w
	}
	return total
}

func (p *plan) fits() bool { return p.sum() <= p.width+0.5 }

// spread gives what room is left to results, then to the name.
func (p plan) spread() plan {
	free := max(p.width-p.sum(), 0)
	toResults := min(free, 150)
	p.w[colResults] += toResults
	p.w[colName] += min(free-toResults, 120)
	x := float32(edge)
	for c := range columns {
		p.x[c] = x
		x += p.w[c]
	}
	return p
}

// header is the line above the columns.
type header struct {
	kit.Block
	lines [columns]*kit.Line
	plan  plan
}

func newHeader() *header {
	h := &header{}
	for c := range columns {
		h.lines[c] = kit.NewText(headings[c].Say(), kit.CaptionStrong, theme.TextMuted)
		h.Parts = append(h.Parts, h.lines[c])
	}
	h.Min = func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(22)) }
	h.Place = func(size fyne.Size) {
		for c := range columns {
			kit.PlaceMiddle(h.lines[c], theme.Px(h.plan.x[c]), 0, size.Height)
		}
	}
	h.Init(h)
	return h
}

func (h *header) update(p plan) {
	if h.plan == p {
		return
	}
	h.plan = p
	score := words.T("NEWS2, trend, scale")
	if !p.scale {
		score = words.T("NEWS2, trend")
	}
	h.lines[colScore].Update(kit.T(score, kit.CaptionStrong, theme.TextMuted))
	kit.SetShown(h.lines[colTasks], !p.second)
	kit.SetShown(h.lines[colFlags], !p.second)
	h.Changed()
}

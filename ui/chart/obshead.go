package chart

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	view "wardlight/internal/station/view/obschart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// obsTop stands above the grid and does not scroll: when each set was made, its
// score with its scale, and whether it is on the server yet.
type obsTop struct {
	kit.Block
	grid  *obsGrid
	width float32
	low   bool // there is little height: the lines stand closer
}

func newObsTop(g *obsGrid) *obsTop {
	t := &obsTop{grid: g}
	t.Min = func() fyne.Size { return fyne.NewSize(theme.Px(240), t.high()) }
	t.Tall = func(float32) float32 { return t.high() }
	t.Place = t.place
	t.Redraw = func() { t.width = 0 }
	t.Init(t)
	return t
}

func (t *obsTop) high() float32 {
	if t.low {
		return theme.Px(54)
	}
	return theme.Px(72)
}

// lines are where the day, the time and the score stand.
func (t *obsTop) lines() (day, clock, score float32) {
	if t.low {
		return 0, theme.Px(14), theme.Px(32)
	}
	return theme.Px(4), theme.Px(19), theme.Px(40)
}

// fit chooses how close the lines stand.
func (t *obsTop) fit(low bool) {
	if low != t.low {
		t.low, t.width = low, 0
	}
}

func (t *obsTop) show() {
	t.width = 0
	t.place(t.Size())
	t.Changed()
}

func (t *obsTop) place(size fyne.Size) {
	if size.Width == t.width || size.Width <= 0 {
		return
	}
	t.width = size.Width
	g, px := t.grid, theme.Px
	var parts []fyne.CanvasObject
	put := func(o fyne.CanvasObject, x, y float32) {
		m := o.MinSize()
		kit.PlaceAt(o, x, y, m.Width, m.Height)
		parts = append(parts, o)
	}
	under := canvas.NewRectangle(theme.Color(theme.LineStrong))
	kit.PlaceAt(under, 0, size.Height-theme.Stroke(theme.Hairline), size.Width, theme.Stroke(theme.Hairline))
	parts = append(parts, under)
	day, clock, score := t.lines()
	put(kit.NewText(words.C("measured", "Taken"), kit.CaptionStrong, theme.TextMuted), px(12), clock)
	put(kit.NewText("NEWS2", kit.CaptionStrong, theme.TextMuted), px(12), score+px(2))
	from, to := g.seen(size.Width)
	for i := from; i < to; i++ {
		c := g.chart.Columns[i]
		centre := g.x(i, from, to, size.Width) + g.column()/2
		middle := func(o fyne.CanvasObject, y float32) { put(o, centre-o.MinSize().Width/2, y) }
		if i == from || g.chart.Columns[i-1].Day != c.Day {
			middle(kit.NewText(c.Day, kit.Caption, theme.TextMuted), day)
		}
		taken := kit.T(c.Clock, kit.DenseStrong, theme.Text)
		if c.Unsent {
			taken.Icon, taken.IconColor = iconUnsent, theme.Unsent
		}
		middle(kit.NewLine(taken), clock)
		t.score(c, score, middle)
	}
	t.Parts = parts
	t.Changed()
}

// score draws what a set came to, or why it came to nothing.
func (t *obsTop) score(c view.Column, y float32, middle func(fyne.CanvasObject, float32)) {
	switch {
	case c.Error:
		middle(kit.NewText(words.T("error"), kit.CaptionStrong, theme.TextMuted), y+theme.Px(3))
	case c.Total == "":
		middle(kit.NewText("–", kit.DenseStrong, theme.TextMuted), y+theme.Px(2))
	default:
		middle(kit.NewScoreBadge(kit.Score(c.Total, shapeOf(c.Risk), kit.ScoreRow)), y)
	}
}

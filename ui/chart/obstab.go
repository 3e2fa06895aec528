package chart

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/internal/station/view/obschart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// observations is the tab of vital signs: entering a set, or the chart of all
// sets. F8 and the switch at its top turn from one to the other; what is being
// typed stays.
type observations struct {
	entry     *vitals
	grid      *obsGrid
	top       *obsTop
	scroll    *container.Scroll
	words     *kit.Flow
	empty     *kit.Empty
	turn      *kit.Segmented
	older     *kit.Button
	newer     *kit.Button
	bar       *fyne.Container
	chart     *kit.Block
	chartSide *kit.Panel
	block     *kit.Block

	state   view.State
	now     time.Time
	id      string
	back    int
	charted bool
}

// lowChart is below which height the words above the chart give way.
const lowChart = 240

// The sides of the tab.
const (
	sideEntry = iota
	sideChart
)

func newObservations(m *view.Model, typing *kit.Typing) *observations {
	o := &observations{entry: newVitals(m, typing), grid: newObsGrid(), words: kit.NewFlow(), empty: kit.NewEmpty("")}
	o.top = newObsTop(o.grid)
	o.turn = kit.NewSegmented(kit.SegmentedConfig{Labels: []string{words.T("Enter a set"), words.C("observations", "Chart")}}, o.turnTo)
	o.older = kit.NewButton(kit.ButtonConfig{Text: words.T("Older"), Key: "←", Size: kit.Small}, func() { o.page(1) })
	o.newer = kit.NewButton(kit.ButtonConfig{Text: words.T("Newer"), Key: "→", Size: kit.Small}, func() { o.page(-1) })
	o.bar = kit.NewBar(8, o.turn, kit.NewText("F8", kit.KeyCapText, theme.TextMuted), o.older, o.newer)
	o.scroll = kit.NewScroll(o.grid)
	o.chart = &kit.Block{
		Parts: []fyne.CanvasObject{o.words, o.top, o.scroll, o.empty},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(120)) }, Place: o.placeChart,
	}
	o.chart.Init(o.chart)
	panel := kit.NewPanel(kit.PanelConfig{}, o.chart)
	o.block = &kit.Block{
		Parts: []fyne.CanvasObject{o.bar, o.entry.object(), panel},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(140)) },
		Place: func(size fyne.Size) {
			h := kit.HeightFor(o.bar, size.Width)
			kit.PlaceAt(o.bar, 0, 0, size.Width, h)
			top := h + theme.Px(6)
			for _, part := range []fyne.CanvasObject{o.entry.object(), panel} {
				kit.PlaceAt(part, 0, top, size.Width, max(size.Height-top, 0))
			}
		},
	}
	o.block.Init(o.block)
	o.chartSide = panel
	o.turnTo(sideEntry)
	return o
}

func (o *observations) object() fyne.CanvasObject { return o.block }

func (o *observations) first() fyne.Focusable {
	if o.charted {
		return o.turn
	}
	return o.entry.first()
}

func (o *observations) stray() fyne.Focusable {
	if o.charted {
		return o.turn
	}
	return o.entry.stray()
}

func (o *observations) named() map[string]fyne.CanvasObject {
	all := o.entry.named()
	all["observation-side"] = o.turn
	return all
}

func (o *observations) show(s view.State, now time.Time) {
	if string(s.ID) != o.id {
		o.id, o.back = string(s.ID), 0
	} else if s.Tab != view.Vitals {
		return // nothing of it is seen, and it is drawn when it is
	}
	o.state, o.now = s, now
	o.entry.show(s, now)
	if o.charted {
		o.draw()
	}
}

// turnTo turns to one side of the tab.
func (o *observations) turnTo(side int) {
	o.charted = side == sideChart
	o.turn.Update(kit.SegmentedConfig{Labels: o.turn.Config().Labels, Selected: side})
	kit.SetShown(o.entry.object(), !o.charted)
	kit.SetShown(o.chartSide, o.charted)
	if o.charted {
		o.draw()
	} else {
		kit.SetShown(o.older, false)
		kit.SetShown(o.newer, false)
	}
	o.block.Changed()
}

// enter turns to the side where a set is typed.
func (o *observations) enter() {
	if o.charted {
		o.turnTo(sideEntry)
	}
}

// draw shows the chart of what the station holds.
func (o *observations) draw() {
	c := obschart.Of(o.state.Chart.Vitals, o.state.Chart.Early, o.now)
	o.grid.show(c, o.back)
	o.top.show()
	about := []kit.Span{kit.T(words.T("What scores stands in a box; a row says what it scores. What was not recorded leaves a gap."), kit.Caption, theme.TextMuted)}
	if c.Refused != "" {
		about = []kit.Span{{Icon: iconWarning, IconColor: theme.WarningText, Text: words.F("%s. Use the ward’s own chart for this patient; nothing here is scored.", c.Refused), Style: kit.DenseStrong, Color: theme.Text}}
	}
	o.words.Update(about...)
	none := len(c.Columns) == 0
	o.empty.Update(emptyWords(none, o.state.Loaded && o.state.Chart.Loading == ward.LoadingNone))
	kit.SetShown(o.empty, none)
	kit.SetShown(o.top, !none)
	kit.SetShown(o.scroll, !none)
	from, to := o.grid.seen(o.grid.Size().Width)
	kit.SetShown(o.older, !none)
	kit.SetShown(o.newer, !none)
	o.older.Update(kit.ButtonConfig{Text: words.T("Older"), Key: "←", Size: kit.Small, Off: from == 0})
	o.newer.Update(kit.ButtonConfig{Text: words.T("Newer"), Key: "→", Size: kit.Small, Off: to >= len(c.Columns)})
	o.bar.Refresh()
	o.chart.Changed()
}

func emptyWords(none, loaded bool) string {
	switch {
	case !none:
		return ""
	case !loaded:
		return words.T("Loading.")
	}
	return words.T("None: no observations recorded on this computer.")
}

// page goes to older columns, or back.
func (o *observations) page(by int) {
	from, to := o.grid.seen(o.grid.Size().Width)
	if by > 0 && from == 0 || by < 0 && o.back == 0 {
		return
	}
	step := max(to-from-1, 1) // one column stays, to find one's place by
	o.back = min(max(o.back+by*step, 0), max(len(o.state.Chart.Vitals)-1, 0))
	o.draw()
}

func (o *observations) key(ev *fyne.KeyEvent) bool {
	switch {
	case ev.Name == fyne.KeyF8:
		side := sideChart
		if o.charted {
			side = sideEntry
		}
		o.turnTo(side)
		return true
	case !o.charted:
		return o.entry.key(ev)
	case ev.Name == fyne.KeyLeft:
		o.page(1)
	case ev.Name == fyne.KeyRight:
		o.page(-1)
	case ev.Name == fyne.KeyDown || ev.Name == fyne.KeyPageDown:
		o.scrollBy(1)
	case ev.Name == fyne.KeyUp || ev.Name == fyne.KeyPageUp:
		o.scrollBy(-1)
	default:
		return false
	}
	return true
}

// scrollBy moves the chart by half a page.
func (o *observations) scrollBy(by float32) {
	at := o.scroll.Offset
	at.Y = min(max(at.Y+by*o.scroll.Size().Height/2, 0), max(o.grid.tall()-o.scroll.Size().Height, 0))
	o.scroll.ScrollToOffset(at)
}

func (o *observations) placeChart(size fyne.Size) {
	px := theme.Px
	pad := px(12)
	y := px(6)
	low := size.Height < px(lowChart)
	o.top.fit(low)
	kit.SetShown(o.words, !low || o.state.Chart.Early.Refused != "")
	if o.words.Visible() {
		h := o.words.HeightFor(size.Width - 2*pad)
		kit.PlaceAt(o.words, pad, y, size.Width-2*pad, h)
		y += h + px(4)
	}
	rest := max(size.Height-y, 0)
	kit.PlaceAt(o.empty, 0, y, size.Width, rest)
	kit.PlaceAt(o.top, 0, y, size.Width, o.top.high())
	y += o.top.high()
	kit.PlaceAt(o.scroll, 0, y, size.Width, max(size.Height-y, 0))
}

package tasks

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/tasks"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// The columns of a row, in design units: the box that finishes it, the time, the
// words.
const (
	boxed = 44
	said  = 170
)

// row is a patient's name above their tasks, or one task: the box that finishes
// it, when it is due, what it is, and under it whose it is.
type row struct {
	kit.Block
	box               *canvas.Rectangle
	due, first, under *kit.Flow
	group             bool
}

func newRow() fyne.CanvasObject {
	r := &row{box: canvas.NewRectangle(nil), due: kit.NewFlow(), first: kit.NewFlow(), under: kit.NewFlow()}
	r.Parts = []fyne.CanvasObject{r.box, r.due, r.first, r.under}
	r.Min = func() fyne.Size { return fyne.NewSize(theme.Px(160), theme.Px(24)) }
	r.Place = r.place
	r.Redraw = r.paint
	r.Init(r)
	return r
}

func (r *row) paint() {
	r.box.FillColor, r.box.StrokeColor = theme.Color(theme.Surface), theme.Color(theme.LineStrong)
	r.box.StrokeWidth, r.box.CornerRadius = theme.Stroke(theme.Control), theme.Px(3)
}

// section is a heading over several patients.
type section string

func leftWith() section { return section(words.T("Discharged with something still to be done")) }

func (r *row) section(said section) {
	r.group = true
	kit.SetShown(r.box, false)
	r.first.Update(kit.Span{Icon: iconLeft, Text: string(said), Style: kit.BodyBold, Color: theme.WarningText})
	r.due.Update()
	r.under.Update()
	r.Changed()
}

// head makes the row the name of a patient.
func (r *row) head(l view.Line) {
	r.group = true
	kit.SetShown(r.box, false)
	who := []kit.Span{kit.T(l.Who.Bed, kit.BodyBold, theme.Text), kit.T(l.Who.ShowName(), kit.BodyStrong, theme.Text).After(10), kit.T(ward.SayAge(l.Who.Age), kit.Dense, theme.TextMuted).After(10)}
	if l.Who.Bed == "" {
		who = who[1:]
	}
	if l.Who.Similar {
		who = append(who, kit.Chip(words.T("similar name"), iconSimilar, kit.LateTone).After(10).Kept())
	}
	if l.Left != "" {
		who = append(who, kit.T(l.Left, kit.Dense, theme.Text).After(10))
	}
	r.first.Update(who...)
	r.due.Update()
	r.under.Update()
	r.Changed()
}

func (r *row) set(l view.Line, gone bool) {
	r.group = false
	r.paint()
	kit.SetShown(r.box, !gone && !l.Run)
	r.due.Update(dueSpans(l)...)
	r.first.Update(kit.T(l.Words, kit.BodyStrong, theme.Text))
	under := []kit.Span{kit.T(words.F("for %s", l.For), kit.Dense, theme.Text), kit.T(l.From, kit.Caption, theme.TextMuted).After(12)}
	if gone {
		under = []kit.Span{kit.T(words.T("no longer open"), kit.CaptionStrong, theme.TextMuted)}
	}
	if l.Run && !gone {
		under = []kit.Span{kit.T(words.T("routine: its steps are in the chart"), kit.Dense, theme.Text), under[1]}
	}
	if l.Urgent {
		under = append([]kit.Span{kit.Chip(words.T("URGENT"), iconUrgent, kit.WarningTone).Kept()}, under...)
		under[1].Gap = 8
	}
	if l.Unsent {
		under = append(under, kit.Span{Icon: iconUnsent, Text: words.T("unsent"), Style: kit.CaptionStrong, Color: theme.Unsent, Gap: 10, Keep: true})
	}
	r.under.Update(under...)
	r.Changed()
}

// dueSpans is when it is due; what is overdue says so by word, shape and colour.
func dueSpans(l view.Line) []kit.Span {
	switch {
	case l.Late != "":
		return []kit.Span{
			kit.T(l.Due, kit.BodyStrong, theme.WarningText).Kept(),
			{Icon: iconOverdue, Text: l.Late, Style: kit.CaptionStrong, Color: theme.WarningText, Gap: 8, Keep: true},
		}
	case l.Due == "":
		return []kit.Span{kit.T(words.T("no time"), kit.Dense, theme.TextMuted).Kept()}
	}
	return []kit.Span{kit.T(l.Due, kit.BodyStrong, theme.Text)}
}

// stacked says that the time stands above the words: there is no room beside.
func (r *row) stacked(w float32) bool { return w < theme.Px(480) }

func (r *row) textAt(w float32) float32 {
	switch {
	case r.group:
		return theme.Px(14)
	case r.stacked(w):
		return theme.Px(boxed)
	}
	return theme.Px(said)
}

// high is how high the row must be at a width, in design units.
func (r *row) high(w float32) float32 {
	text := max(w-r.textAt(w)-theme.Px(14), theme.Px(100))
	if r.group {
		return max(28, up(r.first.HeightFor(text)+theme.Px(8)))
	}
	h := r.first.HeightFor(text) + r.under.HeightFor(text)
	due := r.due.HeightFor(r.dueRoom(w))
	if r.stacked(w) {
		h += due
	} else {
		h = max(h, due)
	}
	return max(40, up(h+theme.Px(10)))
}

func up(h float32) float32 { return float32(math.Ceil(float64(h / theme.Scale()))) }

func (r *row) dueRoom(w float32) float32 {
	if r.stacked(w) {
		return max(w-theme.Px(boxed+14), theme.Px(100))
	}
	return theme.Px(said - boxed - 8)
}

func (r *row) place(size fyne.Size) {
	px := theme.Px
	x := r.textAt(size.Width)
	text := max(size.Width-x-px(14), px(100))
	first := r.first.HeightFor(text)
	if r.group {
		kit.PlaceAt(r.first, x, (size.Height-first)/2, text, first)
		return
	}
	y := px(5)
	kit.PlaceAt(r.box, px(14), y+px(2), px(18), px(18))
	due := r.due.HeightFor(r.dueRoom(size.Width))
	kit.PlaceAt(r.due, px(boxed), y, r.dueRoom(size.Width), due)
	if r.stacked(size.Width) {
		y += due
	}
	kit.PlaceAt(r.first, x, y, text, first)
	kit.PlaceAt(r.under, x, y+first, text, r.under.HeightFor(text))
}

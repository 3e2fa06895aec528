package results

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/results"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// boxed is the room of the mark's box at the left of a line, in design units.
const boxed = 42

// row is one line of the list: whose it is, what came, who has it, and a box to
// mark it where it may be marked.
type row struct {
	kit.Block
	box                 *canvas.Rectangle
	check               *kit.Line
	right               *kit.Line
	first, value, under *kit.Flow
	head, mark          bool
}

func newRow() fyne.CanvasObject {
	r := &row{box: canvas.NewRectangle(nil), check: kit.NewLine(), first: kit.NewFlow(), right: kit.NewLine(), value: kit.NewFlow(), under: kit.NewFlow()}
	r.Parts = []fyne.CanvasObject{r.box, r.check, r.first, r.right, r.value, r.under}
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

// title makes the row a heading.
func (r *row) title(words string) {
	r.head, r.mark = true, false
	r.first.Update(kit.T(words, kit.DenseStrong, theme.Text))
	r.right.Update()
	r.value.Update()
	r.under.Update()
	kit.SetShown(r.box, false)
	r.check.Update()
	r.Changed()
}

func (r *row) set(l view.Line, gone bool) {
	r.head, r.mark = false, l.CanMark
	r.paint()
	kit.SetShown(r.box, l.CanMark)
	r.check.Update()
	if l.Marked {
		r.check.Update(kit.I(iconCheck, kit.BodyStrong, theme.Primary))
	}
	r.first.Update(whose(l)...)
	var right []kit.Span
	if l.Unsent {
		right = append(right, kit.Span{Icon: iconUnsent, Text: words.T("unsent"), Style: kit.CaptionStrong, Color: theme.Unsent})
	}
	if l.Kind == ward.InboxNew {
		right = append(right, kit.T(statusOf(l), kit.Caption, theme.TextMuted).After(float32(min(len(right), 1)*8)))
	}
	r.right.Update(append(right, kit.T(l.At, kit.Dense, theme.TextMuted).After(8))...)
	r.value.Update(lineSpans(l)...)
	second := kit.T(l.Second, kit.Caption, theme.TextMuted)
	switch {
	case gone:
		second = kit.T(words.T("no longer waits"), kit.CaptionStrong, theme.TextMuted)
	case l.Urgent:
		second = kit.T(l.Second, kit.CaptionStrong, theme.CriticalText)
	}
	r.under.Update()
	if second.Text != "" {
		r.under.Update(second)
	}
	r.Changed()
}

// whose is the patient of a line, with their bed; of somebody who left, when that was:
// the bed is somebody else's now.
func whose(l view.Line) []kit.Span {
	name := kit.T(l.Who.ShowName(), kit.BodyStrong, theme.Text)
	if l.Left == "" {
		return []kit.Span{kit.T(l.Who.Bed, kit.BodyBold, theme.Text), name.After(10)}
	}
	return []kit.Span{{Icon: iconLeft, Style: kit.BodyBold, Color: theme.WarningText}, name.After(8), kit.T(l.Left, kit.Dense, theme.Text).After(10)}
}

// statusOf is what a line's results are: one that is not final is said.
func statusOf(l view.Line) string {
	status := l.Items[0].Result.Status
	for _, it := range l.Items {
		if it.Result.Status != status {
			return words.F("in part %s", ward.Said(notFinal(l)))
		}
	}
	return ward.Said(status)
}

func notFinal(l view.Line) string {
	for _, it := range l.Items {
		if it.Result.Status != "final" {
			return it.Result.Status
		}
	}
	return "final"
}

func (r *row) left() float32 {
	if r.mark {
		return theme.Px(boxed)
	}
	return theme.Px(14)
}

func (r *row) room(w float32) float32 { return max(w-r.left()-theme.Px(14), theme.Px(100)) }

// named is the room of the name: beside what stands at the right.
func (r *row) named(w float32) float32 {
	return max(r.room(w)-r.right.MinSize().Width-theme.Px(8), theme.Px(90))
}

// high is how high the row must be at a width, in design units.
func (r *row) high(w float32) float32 {
	h := r.first.HeightFor(r.named(w)) + r.value.HeightFor(r.room(w)) + theme.Px(8)
	if r.under.Text() != "" {
		h += r.under.HeightFor(r.room(w))
	}
	return max(40, float32(math.Ceil(float64(h/theme.Scale()))))
}

func (r *row) place(size fyne.Size) {
	px := theme.Px
	if r.head {
		h := r.first.HeightFor(size.Width - px(28))
		kit.PlaceAt(r.first, px(14), (size.Height-h)/2, size.Width-px(28), h)
		return
	}
	x, w, line := r.left(), r.room(size.Width), kit.TextHeight(kit.BodyStrong)
	kit.PlaceAt(r.box, px(14), (size.Height-px(18))/2, px(18), px(18))
	kit.PlaceMiddle(r.check, px(16), 0, size.Height)
	y := px(4)
	first := r.first.HeightFor(r.named(size.Width))
	kit.PlaceAt(r.first, x, y, r.named(size.Width), first)
	right := r.right.MinSize().Width
	kit.PlaceMiddle(r.right, size.Width-right-px(12), y, line)
	y += first
	for _, f := range []*kit.Flow{r.value, r.under} {
		kit.SetShown(f, f.Text() != "")
		if f.Visible() {
			h := f.HeightFor(w)
			kit.PlaceAt(f, x, y, w, h)
			y += h
		}
	}
}

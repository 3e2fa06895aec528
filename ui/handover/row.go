package handover

import (
	"math"

	"fyne.io/fyne/v2"

	view "wardlight/internal/station/view/handover"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// The five columns: their letter, name and share of the width. The first is as
// wide as a score with its words.
var columns = []struct {
	letter string
	name   words.Key
	share  float32
}{
	{"I", words.K("Illness severity"), 210}, {"P", words.K("Patient summary"), 260}, {"A", words.K("Action list"), 290}, {"S", words.K("Situation, contingency"), 290}, {"S", words.K("Synthesis by receiver"), 248},
}

// stackBelow is below which width the columns stand below one another.
const stackBelow = 900

// widths are the columns' places at a width.
func widths(w float32) (at, wide []float32) {
	total := float32(0)
	for _, c := range columns {
		total += c.share
	}
	x := float32(0)
	for _, c := range columns {
		at = append(at, x)
		wide = append(wide, w*c.share/total)
		x += w * c.share / total
	}
	return at, wide
}

// heads are the names of the columns above the list.
type heads struct {
	kit.Block
	names []*kit.Line
}

func newHeads() *heads {
	h := &heads{}
	for _, c := range columns {
		n := kit.NewLine(kit.T(c.letter, kit.Subheading, theme.Primary), kit.T(c.name.Say(), kit.DenseStrong, theme.TextMuted).After(6))
		h.names = append(h.names, n)
		h.Parts = append(h.Parts, n)
	}
	h.Min = func() fyne.Size { return fyne.NewSize(theme.Px(100), h.tall()) }
	h.Place = func(size fyne.Size) {
		at, _ := widths(size.Width)
		for i, n := range h.names {
			kit.PlaceMiddle(n, at[i]+theme.Px(10), 0, size.Height)
		}
	}
	h.Init(h)
	return h
}

func (h *heads) tall() float32 {
	if !h.Visible() {
		return 0
	}
	return theme.Px(28)
}

// fit hides the names where the columns stand below one another: each row then
// carries them.
func (h *heads) fit(w float32) { kit.SetShown(h, w >= theme.Px(stackBelow)) }

// row is one patient's sheet. A name with a word that is wider than its column
// stands above all of them.
type row struct {
	kit.Block
	name    *kit.Flow
	word    float32 // the width of the name's longest word
	cells   []*fyne.Container
	letters []*kit.Line
}

func newRow() fyne.CanvasObject {
	r := &row{name: kit.NewFlow()}
	r.Parts = append(r.Parts, r.name)
	for _, c := range columns {
		cell := kit.NewColumn(3)
		r.cells = append(r.cells, cell)
		r.letters = append(r.letters, kit.NewLine(kit.T(c.letter, kit.Subheading, theme.Primary)))
	}
	for i := range r.cells {
		r.Parts = append(r.Parts, r.letters[i], r.cells[i])
	}
	r.Min = func() fyne.Size { return fyne.NewSize(theme.Px(160), theme.Px(40)) }
	r.Place = r.place
	r.Init(r)
	return r
}

func (r *row) set(l view.Line, gone bool) {
	parts := [][]fyne.CanvasObject{severity(l, gone), summary(l), actions(l), situation(l), synthesis(l)}
	name := nameSpans(l)
	r.name.Update(name...)
	r.word = longest(name)
	for i, c := range r.cells {
		c.Objects = parts[i]
		c.Refresh()
	}
	r.Changed()
}

func (r *row) stacked(w float32) bool { return w < theme.Px(stackBelow) }

// high is how high the row must be at a width, in design units.
func (r *row) high(w float32) float32 {
	h := float32(0)
	if r.stacked(w) {
		h = r.name.HeightFor(r.stackRoom(w)) + theme.Px(3)
		for _, c := range r.cells {
			if len(c.Objects) > 0 {
				h += kit.HeightFor(c, r.stackRoom(w)) + theme.Px(6)
			}
		}
		return max(60, up(h+theme.Px(10)))
	}
	_, wide := widths(w)
	room, above := r.above(w, wide[0])
	name := r.name.HeightFor(room) + theme.Px(3)
	for i, c := range r.cells {
		cell := kit.HeightFor(c, wide[i]-theme.Px(20))
		if i == 0 || above {
			cell += name
		}
		h = max(h, cell)
	}
	return max(60, up(h+theme.Px(18)))
}

// above says whether the name stands above all columns, and how wide it may be.
func (r *row) above(w, first float32) (room float32, above bool) {
	room = first - theme.Px(20)
	if r.word > room {
		return w - theme.Px(20), true
	}
	return room, false
}

func (r *row) stackRoom(w float32) float32 { return max(w-theme.Px(50), theme.Px(100)) }

func up(h float32) float32 { return float32(math.Ceil(float64(h / theme.Scale()))) }

func (r *row) place(size fyne.Size) {
	px := theme.Px
	stacked := r.stacked(size.Width)
	at, wide := widths(size.Width)
	y := px(8)
	if stacked {
		w := r.stackRoom(size.Width)
		h := r.name.HeightFor(w)
		kit.PlaceAt(r.name, px(36), y, w, h)
		r.stack(size.Width, y+h+px(3))
		return
	}
	room, above := r.above(size.Width, wide[0])
	name := r.name.HeightFor(room) + px(3)
	kit.PlaceAt(r.name, px(10), y, room, name)
	for i, c := range r.cells {
		kit.SetShown(r.letters[i], false)
		w, top := wide[i]-px(20), y
		if i == 0 || above {
			top += name
		}
		kit.PlaceAt(c, at[i]+px(10), top, w, kit.HeightFor(c, w))
	}
}

// stack sets the columns below one another, each with its letter.
func (r *row) stack(width, y float32) {
	px := theme.Px
	for i, c := range r.cells {
		kit.SetShown(r.letters[i], len(c.Objects) > 0)
		if len(c.Objects) == 0 {
			continue
		}
		w := r.stackRoom(width)
		h := kit.HeightFor(c, w)
		kit.PlaceMiddle(r.letters[i], px(14), y, kit.TextHeight(kit.Subheading))
		kit.PlaceAt(c, px(36), y, w, h)
		y += h + px(6)
	}
}

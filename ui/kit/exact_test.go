package kit

import (
	"fmt"
	"math"
	"testing"

	"fyne.io/fyne/v2"

	"wardlight/ui/theme"
)

// guessed is a list of rows whose heights are guessed at 24 and are really what
// the test says.
func guessed(t *testing.T, real func(id string) float32) (l *List, asked map[string]int) {
	wear(t, theme.Options{Mode: theme.Light})
	asked = map[string]int{}
	l = sampleList((&handClock{now: day}).clock())
	l.Exact = func(it Item) float32 { asked[it.ID]++; return real(it.ID) }
	window(t, l, 400, 480)
	l.SetItems(rowsAt24())
	return l, asked
}

func rowsAt24() []Item {
	var many []Item
	for i := range 10_000 {
		many = append(many, Item{ID: fmt.Sprint(i), Key: fmt.Sprint(i), Height: 24})
	}
	return many
}

func TestOnlyRowsInViewAreMeasured(t *testing.T) {
	l, asked := guessed(t, func(string) float32 { return 40 })
	if len(asked) > 25 {
		t.Errorf("%d rows were measured for a view of 12", len(asked))
	}
	if first, last, _ := l.InView(); first != 1 || last != 12 {
		t.Errorf("in view %d to %d, want 1 to 12", first, last)
	}
	for _, box := range l.body.boxes {
		if h := box.back.Size().Height; h != 40 {
			t.Errorf("row %s is drawn %v high", box.item.ID, h)
		}
	}
}

// Rows that turn out lower let others come into view: the view is never short.
func TestTheViewIsFilledWhereRowsAreLowerThanGuessed(t *testing.T) {
	l, _ := guessed(t, func(string) float32 { return 12 })
	if _, last, _ := l.InView(); last != 40 {
		t.Errorf("the last row in view is %d, want 40", last)
	}
	if end := l.body.boxes[len(l.body.boxes)-1]; end.back.Position().Y+end.back.Size().Height < 480 {
		t.Errorf("the rows end at %v of 480", end.back.Position().Y+end.back.Size().Height)
	}
}

// Going up, a row that grows as it comes in grows upwards: what is under the
// pointer stays under it.
func TestNothingSlidesUnderThePointer(t *testing.T) {
	l, _ := guessed(t, func(id string) float32 {
		if id == "99" {
			return 60
		}
		return 24
	})
	l.scrollTo(100 * 24)
	on := func(id string) float32 { return l.tops[l.indexOf(id)] - l.scroll.Offset.Y }
	before := on("105")
	l.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 10)})
	if after := on("105"); after != before+10 {
		t.Errorf("row 105 went from %v to %v, the wheel turned by 10", before, after)
	}
	if y := l.body.Position().Y; y != -l.scroll.Offset.Y {
		t.Errorf("the rows are drawn at %v, the offset is %v", y, l.scroll.Offset.Y)
	}
}

// While an order is held a row never shrinks, and its height alone is no other
// order.
func TestAHeldRowDoesNotShrink(t *testing.T) {
	high := float32(41)
	l, _ := guessed(t, func(id string) float32 {
		if id == "3" {
			return high
		}
		return 24
	})
	l.FocusGained()
	high = 24
	next := rowsAt24()
	l.SetItems(next)
	if got := l.rows[3].Height; got != 41 {
		t.Errorf("row 3 shrank to %v", got)
	}
	l.FocusLost()
	l.SortAgain()
	if got := l.rows[3].Height; got != 24 {
		t.Errorf("row 3 is still %v high after the order was released", got)
	}
}

// The row that a key goes to is in view, whatever the rows around it turn out to
// be.
func TestTheRowGoneToIsInView(t *testing.T) {
	for _, high := range []float32{12, 24, 41, 90} {
		l, _ := guessed(t, func(string) float32 { return high })
		for _, key := range []fyne.KeyName{fyne.KeyEnd, fyne.KeyUp, fyne.KeyPageUp, fyne.KeyHome, fyne.KeyPageDown, fyne.KeyDown} {
			l.TypedKey(&fyne.KeyEvent{Name: key})
			i := l.indexOf(l.Selected())
			top, end := l.tops[i]-l.scroll.Offset.Y, l.tops[i+1]-l.scroll.Offset.Y
			if top < 0 || end > 480 {
				t.Errorf("rows of %v, %s: row %d stands from %v to %v of 480", high, key, i, top, end)
			}
		}
	}
}

// How high a row is follows from how wide the list is: beside a form that opens, or in
// a window that somebody makes narrower, each row in view is measured anew.
func TestANarrowerListMeasuresItsRowsAnew(t *testing.T) {
	wear(t, theme.Options{})
	l := NewList(func() fyne.CanvasObject { return newBox() }, func(fyne.CanvasObject, Item, RowState) {}, Clock{})
	l.Exact = func(Item) float32 { return max(30, float32(math.Ceil(float64(12000/max(l.Size().Width, 1))))) }
	l.SetItems([]Item{{ID: "a", Height: 30}, {ID: "b", Height: 30}, {ID: "c", Height: 30}})
	win := window(t, l, 400, 300)
	if l.tops[1] != 30 {
		t.Fatalf("400 wide: %v", l.tops)
	}
	win.Resize(fyne.NewSize(200, 300))
	if l.tops[1] != 60 || l.tops[3] != 180 {
		t.Errorf("200 wide: %v", l.tops)
	}
	win.Resize(fyne.NewSize(400, 300))
	if l.tops[1] != 30 {
		t.Errorf("400 wide again: %v", l.tops)
	}
}

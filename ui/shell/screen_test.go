package shell

import (
	"image/color"
	"testing"
	"time"

	"fyne.io/fyne/v2"
)

// types opens the search and types into it.
func (r *rig) types(text string) {
	r.s.Key(fyne.KeyK, ctrl)
	for _, c := range text {
		r.s.seat.palette.field.Focusable().TypedRune(c)
	}
}

// What is measured is measured from the key to the picture: nothing is said to be
// on the screen before a frame with it was painted.
func TestAnAnswerCountsWhenItIsPainted(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	done := 0
	r.s.OnList(func(Frame) { done++ })
	r.settle()
	if done != 0 {
		t.Fatal("the list counts before it was painted")
	}
	r.capture()
	r.settle()
	if done != 1 {
		t.Fatalf("the list was painted, and counted %d times", done)
	}
	found := 0
	if !r.s.Await("ade", func(Frame) { found++ }) {
		t.Fatal("nothing can be awaited")
	}
	began := time.Now()
	r.types("ade")
	r.settle()
	if l := r.s.Legs(); l.Typed.Before(began) || !l.Answered.After(l.Typed) || l.Drawn.After(l.Typed) {
		t.Errorf("typed after %v, answered after %v, drawn after %v, and it was not drawn yet", l.Typed.Sub(began), l.Answered.Sub(began), l.Drawn.Sub(began))
	}
	if p := r.s.seat.palette; p.field.Text() != "ade" || p.answers != "ade" || found != 0 {
		t.Fatalf("field %q, answers %q, counted %d times before it was painted", p.field.Text(), p.answers, found)
	}
	r.capture()
	r.settle()
	if found != 1 {
		t.Fatalf("the search was painted, and counted %d times", found)
	}
	if l := r.s.Legs(); !l.Drawn.After(l.Answered) {
		t.Errorf("drawn %v after the answer", l.Drawn.Sub(l.Answered))
	}
}

// A measured frame bears its number in the window's last pixel, and only a frame
// that somebody waits for has another number than the one before. Where nobody
// measures, the pixel is the window's own.
func TestAMeasuredFrameBearsItsNumber(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	number := func() Frame {
		img := r.capture()
		end := img.Bounds().Max
		c := color.NRGBAModel.Convert(img.At(end.X-1, end.Y-1)).(color.NRGBA)
		return Frame(c.R)<<16 | Frame(c.G)<<8 | Frame(c.B)
	}
	r.s.painted(func(Frame) {})
	if plain := number(); plain < 1000 {
		t.Errorf("the pixel bears number %d, and nobody measures", plain)
	}
	var told []Frame
	for range 3 {
		r.s.OnList(func(f Frame) { told = append(told, f) })
		first, second := number(), number()
		if r.settle(); first != second || len(told) == 0 || first != told[len(told)-1] {
			t.Errorf("the frame bears %d and then %d, and %v was told", first, second, told)
		}
	}
	if len(told) != 3 || told[1] != told[0]+1 || told[2] != told[1]+1 {
		t.Errorf("the frames are numbered %v", told)
	}
	r.s.beacon.frame = frames - 1
	r.s.OnList(func(f Frame) { told = append(told, f) })
	number()
	if r.settle(); told[3] != 1 {
		t.Errorf("after the last number comes %d", told[3])
	}
}

// A frame counts as motion where it shows another place of the list than the one
// before, however often the list moved in between.
func TestOnlyFramesThatMovedAreCounted(t *testing.T) {
	r := newRig(t, light(), 1366, 240) // so low that the board does not fit
	if _, ok := r.s.Scrolled(); ok {
		t.Error("a locked window has a list to scroll")
	}
	r.signIn()
	count := func() int {
		n, ok := r.s.Scrolled()
		if !ok {
			t.Fatal("the board has no list to scroll")
		}
		return n
	}
	count()
	list := r.s.list()
	for _, step := range []struct {
		moves []float32
		want  int
	}{{nil, 0}, {[]float32{0.02}, 1}, {nil, 1}, {[]float32{-0.02, 0.05}, 2}, {[]float32{-0.02, 0.02}, 2}} {
		for _, pages := range step.moves {
			list.ScrollPage(pages)
		}
		if r.capture(); count() != step.want {
			t.Errorf("after moves of %v: %d frames moved, want %d", step.moves, count(), step.want)
		}
	}
	r.pass(countsFor + time.Second)
	if r.capture(); r.s.beacon.painting != nil || count() != 0 {
		t.Error("the window goes on painting though nobody asks")
	}
}

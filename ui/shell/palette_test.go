package shell

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// A fast typist presses Enter before the list has followed: the patient of the
// search before must not open.
func TestEnterNeverOpensWhatTheSearchBeforeFound(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.Key(fyne.KeyK, ctrl)
	p := r.s.seat.palette
	p.field.SetText("nguyen")
	p.typed("nguyen")
	for range 50 {
		if r.settle(); p.answers == "nguyen" {
			break
		}
	}
	if p.list.Selected() == "" {
		t.Fatal("nobody was found: the test says nothing")
	}
	r.st.slow(t)
	p.typed("adey") // another name; its answer is on the way
	p.enter()
	if r.s.Page() == "chart" {
		t.Error("Enter opened somebody whom the words in the field do not mean")
	}
	if p.list.Selected() != "" {
		t.Error("the list still marks what the search before found")
	}
}

// Nobody reads the page through the veil, and to paint it again for every letter
// is what a search used to wait for.
func TestThePageIsNotPaintedUnderTheSearch(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	board := r.s.seat.pages[pageBoard].Object()
	r.s.Key(fyne.KeyK, ctrl)
	if board.Visible() {
		t.Error("the board is painted under the search")
	}
	r.s.seat.body.turn() // as news does that turn the page or its badges
	if board.Visible() {
		t.Error("news painted the board under the search")
	}
	r.s.Key(fyne.KeyEscape, 0)
	if !board.Visible() {
		t.Error("the search has gone, and the board did not come back")
	}
	r.s.Key(fyne.KeyK, ctrl)
	r.s.seat.openChart("p1", "")
	if board.Visible() || !r.s.seat.pages[pageChart].Object().Visible() {
		t.Error("who was found in the search is not what is shown after it")
	}
}

// What had the focus before the search has it again: the page is back before the
// focus is.
func TestTheFocusComesBackWithThePage(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.seat.listKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	before := r.s.canvas.Focused()
	if before == nil {
		t.Fatal("the board's list took no key: the test says nothing")
	}
	r.s.Key(fyne.KeyK, ctrl)
	r.s.Key(fyne.KeyEscape, 0)
	if r.s.canvas.Focused() != before {
		t.Errorf("the focus is on %T after the search", r.s.canvas.Focused())
	}
}

// screen is a canvas with the step that the toolkit's own takes before a frame.
type screen struct {
	fyne.Canvas
	step func()
}

func (s screen) EnsureMinSize() bool { s.step(); return false }

// The toolkit paints a frame twice where it has to lay out in the middle of it: it
// is told to before, when the answer stands in the window and not sooner.
func TestAnAnswerIsLaidOutBeforeItsFrame(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	p := r.s.seat.palette
	var answers []string
	charts, letters := 0, false
	r.s.canvas = screen{r.s.canvas, func() {
		answers = append(answers, p.answers)
		letters = letters || p.field.Text() == "ade" && p.answers != "ade"
		if r.s.seat.chart.State().Loaded {
			charts++
		}
	}}
	letGo := r.st.slow(t) // the letters come before their answer
	r.types("ade")
	if !letters {
		t.Error("a letter is laid out in the middle of its frame: the toolkit paints as soon as the key was handled")
	}
	letGo()
	for range 50 {
		if r.settle(); p.answers == "ade" {
			break
		}
	}
	if !slices.Contains(answers, "ade") {
		t.Errorf("laid out for %q and not for the answer", answers)
	}
	r.s.Open("p1", func(Frame) {})
	for range 50 {
		if r.settle(); r.s.seat.chart.State().Loaded {
			break
		}
	}
	if charts == 0 {
		t.Error("the chart is laid out in the middle of its frame")
	}
}

// What is derived in the background changes the board at any moment. While
// somebody searches it asks for no frame; when the search has gone, the page shows
// the newest.
func TestNewsOfAPageThatIsCoveredIsDrawnAfterwards(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	n := r.s.seat
	r.s.Key(fyne.KeyK, ctrl)
	r.settle()
	clear(n.late)
	n.board.SetByBed(true) // another state of the board, as news make one
	for range 50 {
		if r.settle(); n.late[pageBoard] != nil {
			break
		}
	}
	if n.late[pageBoard] == nil {
		t.Fatal("the board was drawn under the search")
	}
	var drawn []string
	for _, state := range []string{"older", "newer"} {
		n.draw(pageResults, func() { drawn = append(drawn, state) })
	}
	r.s.Key(fyne.KeyEscape, 0)
	if !slices.Equal(drawn, []string{"newer"}) || len(n.late) != 0 {
		t.Errorf("after the search %v was drawn, and %d pages still wait", drawn, len(n.late))
	}
	if n.draw(pageResults, func() { drawn = nil }); drawn != nil {
		t.Error("news of a page that is not covered wait")
	}
}

// Who left and is kept by the ward is found, said to have left, and opened; what is
// usually done for somebody is not offered for them unasked.
func TestTheSearchFindsWhoLeft(t *testing.T) {
	for _, c := range []struct {
		name string
		size float32
	}{{"search-left", 1}, {"search-left-200", 2}} {
		o := light()
		o.Scale = c.size
		r := newRig(t, o, 1366, 768)
		r.st.left = map[ward.PatientID]*ward.Leaving{"p1": {Ward: "4B", Bed: "07", At: r.s.conf.Now().Add(-2 * time.Hour)}}
		r.signIn()
		r.s.Key(fyne.KeyK, ctrl)
		p := r.s.seat.palette
		r.types("ade")
		for range 50 {
			if r.settle(); p.answers == "ade" {
				break
			}
		}
		var first hit
		for i, it := range p.items {
			h, _ := it.Data.(hit)
			if i == 0 {
				first = h
			}
			if h.deed.do != "" && h.who.ID == "p1" {
				t.Errorf("%s is offered for somebody who left", h.deed.do)
			}
		}
		if first.who.ID != "p1" || first.left == nil || first.left.Bed != "07" {
			t.Fatalf("found: %+v", first)
		}
		if dir := uitest.Pictures(); dir != "" {
			uitest.Keep(t, dir, c.name, r.capture())
		}
		p.enter()
		if r.s.Page() != "chart" {
			t.Errorf("Enter leads to %s", r.s.Page())
		}
	}
}

// What the search finds is said whole, in large letters and in German, too.
func TestTheSearchSaysWholeWhatItFinds(t *testing.T) {
	uitest.Speak(t, "de")
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 2}, 1024, 768)
	r.signIn()
	r.s.Key(fyne.KeyK, ctrl)
	r.settle()
	r.capture()
	p, d := r.s.seat.palette, fyne.CurrentApp().Driver()
	edge := d.AbsolutePositionForObject(p.list).X + p.list.Size().Width
	if end := d.AbsolutePositionForObject(p.foot).X + p.foot.MinSize().Width; p.foot.Size().Height < 2*kit.TextHeight(kit.Caption) || end > edge {
		t.Errorf("it ends at %v in %v lines, the box at %v", end, p.foot.Size().Height/kit.TextHeight(kit.Caption), edge)
	}
}

// Enter opens what is marked also where nothing, or only a space, was typed: the first page,
// as its key beside it says.
func TestEnterOpensTheMarkedPageOfAnEmptySearch(t *testing.T) {
	for _, text := range []string{"", " "} {
		r := newRig(t, light(), 1366, 768)
		r.signIn()
		r.s.seat.turn(pageTasks)
		r.settle()
		r.s.Key(fyne.KeyK, ctrl)
		r.settle()
		p := r.s.seat.palette
		if text != "" {
			p.field.SetText(text)
			p.typed(text)
		}
		r.settle()
		if p.list.Selected() != "page board" {
			t.Fatalf("after %q %q is marked", text, p.list.Selected())
		}
		p.enter()
		r.settle()
		if r.s.Page() != "board" || p.isOpen() {
			t.Errorf("after %q Enter led to %s", text, r.s.Page())
		}
	}
}

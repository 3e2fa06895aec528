package kit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"wardlight/ui/theme"
)

// handClock is a clock that only the test moves.
type handClock struct {
	now    time.Time
	timers []*handTimer
}

type handTimer struct {
	at      time.Time
	do      func()
	stopped bool
}

func (h *handClock) clock() Clock {
	return Clock{
		Now: func() time.Time { return h.now },
		After: func(d time.Duration, do func()) func() {
			timer := &handTimer{at: h.now.Add(d), do: do}
			h.timers = append(h.timers, timer)
			return func() { timer.stopped = true }
		},
	}
}

// advance moves the clock in small steps and fires what is due.
func (h *handClock) advance(d time.Duration) {
	end := h.now.Add(d)
	for h.now.Before(end) {
		h.now = h.now.Add(min(50*time.Millisecond, end.Sub(h.now)))
		for _, timer := range slices.Clone(h.timers) {
			if !timer.stopped && !timer.at.After(h.now) {
				timer.stopped = true
				timer.do()
			}
		}
	}
}

// listStory is a list in a window with a hand on the mouse.
type listStory struct {
	*List
	win    fyne.Window
	clock  *handClock
	opened []string
	picked []string
	marked []string
	held   []bool
}

func tellList(t *testing.T, words string) *listStory {
	t.Helper()
	wear(t, theme.Options{Mode: theme.Light})
	s := &listStory{clock: &handClock{now: day}}
	s.List = sampleList(s.clock.clock())
	s.OnOpen = func(id string) { s.opened = append(s.opened, id) }
	s.OnSelect = func(id string) { s.picked = append(s.picked, id) }
	s.OnMark = func(id string) { s.marked = append(s.marked, id) }
	s.OnHeld = func(on bool) { s.held = append(s.held, on) }
	s.ClickOpens = true
	s.win = window(t, s.List, 400, 240)
	s.SetItems(items(words))
	return s
}

func (s *listStory) order() string { return shownAs(s.rows) }

// over is a point in the middle of a row, on the body.
func (s *listStory) over(id string) fyne.Position {
	i := s.indexOf(id)
	return fyne.NewPos(100, (s.tops[i]+s.tops[i+1])/2)
}

func mouse(pos fyne.Position) *desktop.MouseEvent {
	ev := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
	ev.Position, ev.AbsolutePosition = pos, pos
	return ev
}

func (s *listStory) press(pos fyne.Position)   { s.body.MouseDown(mouse(pos)) }
func (s *listStory) release(pos fyne.Position) { s.body.MouseUp(mouse(pos)) }
func (s *listStory) key(names ...fyne.KeyName) {
	for _, n := range names {
		s.TypedKey(&fyne.KeyEvent{Name: n})
	}
}

func TestListTakesANewOrderWhenNobodyLooks(t *testing.T) {
	s := tellList(t, "a b c")
	s.SetItems(items("c b a"))
	if s.order() != "c b a" {
		t.Errorf("shown %q", s.order())
	}
}

func TestRowsDoNotReorderUnderThePointer(t *testing.T) {
	s := tellList(t, "a b c d")
	s.body.MouseIn(mouse(s.over("b")))
	s.SetItems(items("d c b a"))
	if s.order() != "a b c d" || !s.Waiting() {
		t.Fatalf("under the pointer: %q, waiting %v", s.order(), s.Waiting())
	}
	s.body.MouseOut()
	s.clock.advance(1900 * time.Millisecond)
	if s.order() != "a b c d" {
		t.Fatalf("1.9 s after the pointer left: %q", s.order())
	}
	s.clock.advance(200 * time.Millisecond)
	if s.order() != "d c b a" || s.Waiting() {
		t.Fatalf("2.1 s after the pointer left: %q, waiting %v", s.order(), s.Waiting())
	}
	if !slices.Equal(s.held, []bool{true, false}) {
		t.Errorf("the page was told %v", s.held)
	}
}

func TestPointerThatComesBackHoldsOn(t *testing.T) {
	s := tellList(t, "a b")
	s.body.MouseIn(mouse(s.over("a")))
	s.SetItems(items("b a"))
	s.body.MouseOut()
	s.clock.advance(time.Second)
	s.body.MouseIn(mouse(s.over("a")))
	s.clock.advance(5 * time.Second)
	if s.order() != "a b" {
		t.Errorf("reordered under the pointer: %q", s.order())
	}
}

func TestRowsDoNotReorderUnderTheFocus(t *testing.T) {
	s := tellList(t, "a b c")
	s.win.Canvas().Focus(s.List)
	s.SetItems(items("c b a"))
	s.clock.advance(time.Minute)
	if s.order() != "a b c" {
		t.Fatalf("with the focus: %q", s.order())
	}
	s.win.Canvas().Unfocus()
	if s.order() != "c b a" {
		t.Fatalf("after the focus left: %q", s.order())
	}
}

func TestSortAgainIsAtOnce(t *testing.T) {
	s := tellList(t, "a b c")
	s.win.Canvas().Focus(s.List)
	s.SetItems(items("c a"))
	if s.order() != "a b- c" {
		t.Fatalf("held: %q", s.order())
	}
	s.SortAgain()
	if s.order() != "c a" || s.Waiting() {
		t.Errorf("sorted: %q", s.order())
	}
}

func TestUrgentGoesStraightToTheTop(t *testing.T) {
	s := tellList(t, "a b c")
	s.body.MouseIn(mouse(s.over("b")))
	s.SetItems(items("u! c b a"))
	if s.order() != "u a b c" {
		t.Errorf("shown %q", s.order())
	}
}

func TestScrolledListKeepsItsPlaceWhenSomethingComesAbove(t *testing.T) {
	s := tellList(t, strings.Repeat("x ", 0)+manyWords(100))
	s.scrollTo(s.tops[50])
	before := s.tops[50] - s.scroll.Offset.Y
	s.body.MouseIn(mouse(s.over("r050")))
	s.SetItems(items("u! " + manyWords(100)))
	if got := s.tops[s.indexOf("r050")] - s.scroll.Offset.Y; got != before {
		t.Errorf("the row in view moved by %v", got-before)
	}
}

func manyWords(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "r%03d ", i)
	}
	return b.String()
}

func TestAClickActsOnTheRowDrawnAtThePress(t *testing.T) {
	s := tellList(t, "a b c")
	at := s.over("b")
	s.press(at)
	s.SetItems(items("u! c b a")) // arrives between press and release
	if s.order() != "a b c" {
		t.Fatalf("the list changed under a press: %q", s.order())
	}
	s.release(at)
	if !slices.Equal(s.opened, []string{"b"}) {
		t.Errorf("opened %v, want the row of the press", s.opened)
	}
	if s.order() == "a b c" {
		t.Error("what came during the press is never shown")
	}
}

func TestADragAwayIsNoClick(t *testing.T) {
	s := tellList(t, "a b c d")
	s.press(s.over("a"))
	s.release(s.over("d"))
	if len(s.opened) != 0 {
		t.Errorf("opened %v", s.opened)
	}
	s.press(s.over("a"))
	s.body.MouseOut()
	s.release(s.over("a"))
	if len(s.opened) != 0 {
		t.Errorf("left and came back: opened %v", s.opened)
	}
}

func TestAClickOnAPartOfARowIsThePages(t *testing.T) {
	s := tellList(t, "a b")
	var got string
	s.OnClick = func(id string, at fyne.Position) bool {
		got = fmt.Sprintf("%s %v", id, at.X < 20)
		return at.X < 20
	}
	box := fyne.NewPos(10, s.over("b").Y)
	s.press(box)
	s.release(box)
	if got != "b true" || len(s.opened) != 0 {
		t.Errorf("the page got %q, opened %v", got, s.opened)
	}
}

func TestAGoneRowCannotBeOpened(t *testing.T) {
	s := tellList(t, "a b")
	s.win.Canvas().Focus(s.List)
	s.SetItems(items("b"))
	s.press(s.over("a"))
	s.release(s.over("a"))
	s.key(fyne.KeyReturn)
	if len(s.opened) != 0 {
		t.Errorf("opened %v", s.opened)
	}
}

func TestListByKeyboard(t *testing.T) {
	s := tellList(t, "[g "+manyWords(40))
	s.win.Canvas().Focus(s.List)
	steps := []struct {
		key  fyne.KeyName
		want string
	}{
		{"", "r000"}, // the heading cannot be chosen
		{fyne.KeyUp, "r000"},
		{fyne.KeyDown, "r001"},
		{fyne.KeyPageDown, "r010"},
		{fyne.KeyPageUp, "r001"},
		{fyne.KeyEnd, "r039"},
		{fyne.KeyDown, "r039"},
		{fyne.KeyPageUp, "r030"},
		{fyne.KeyHome, "r000"},
	}
	for _, step := range steps {
		if step.key != "" {
			s.key(step.key)
		}
		if s.Selected() != step.want {
			t.Fatalf("after %q: %s, want %s", step.key, s.Selected(), step.want)
		}
		i := s.indexOf(s.Selected())
		if s.tops[i] < s.scroll.Offset.Y || s.tops[i+1] > s.scroll.Offset.Y+s.scroll.Size().Height {
			t.Fatalf("after %q: %s is out of view", step.key, s.Selected())
		}
	}
	s.key(fyne.KeyReturn, fyne.KeySpace)
	if !slices.Equal(s.opened, []string{"r000"}) || !slices.Equal(s.marked, []string{"r000"}) {
		t.Errorf("opened %v, marked %v", s.opened, s.marked)
	}
}

func TestLettersJump(t *testing.T) {
	s := tellList(t, "adams baker brown clark")
	s.win.Canvas().Focus(s.List)
	typed := func(text string) string {
		test.Type(s.List, text)
		return s.Selected()
	}
	if got := typed("b"); got != "baker" {
		t.Errorf("b: %s", got)
	}
	s.clock.advance(2 * time.Second)
	if got := typed("b"); got != "brown" {
		t.Errorf("b again: %s", got)
	}
	s.clock.advance(2 * time.Second)
	if got := typed("bak"); got != "baker" {
		t.Errorf("bak: %s", got)
	}
	s.clock.advance(2 * time.Second)
	if got := typed("z"); got != "baker" {
		t.Errorf("z: %s", got)
	}
}

func TestKeysThatAListDoesNotKnowGoToTheWindow(t *testing.T) {
	s := tellList(t, "a")
	var got fyne.KeyName
	s.win.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) { got = ev.Name })
	s.win.Canvas().Focus(s.List)
	s.key(fyne.KeyF5)
	if got != fyne.KeyF5 {
		t.Errorf("the window got %q", got)
	}
}

func TestTenThousandRowsCostWhatTwentyDo(t *testing.T) {
	wear(t, theme.Options{Mode: theme.Light})
	made, bound := 0, 0
	l := NewList(func() fyne.CanvasObject { made++; return newSampleRow() },
		func(o fyne.CanvasObject, it Item, st RowState) { bound++; bindSampleRow(o, it, st) }, (&handClock{now: day}).clock())
	window(t, l, 400, 480)
	var many []Item
	for i := range 10_000 {
		many = append(many, Item{ID: fmt.Sprint(i), Key: fmt.Sprint(i), Height: 24})
	}
	l.SetItems(many)
	for range 200 {
		l.ScrollPage(1)
	}
	l.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	if first, last, total := l.InView(); last != 10_000 || total != 10_000 || last-first > 25 {
		t.Errorf("in view %d to %d of %d", first, last, total)
	}
	if made > 50 {
		t.Errorf("%d rows were made for a view of 20", made)
	}
	if bound > 10_000 {
		t.Errorf("rows were filled %d times", bound)
	}
	if len(l.body.pane.objects) > 6*25 {
		t.Errorf("%d objects are drawn", len(l.body.pane.objects))
	}
}

// BenchmarkSetItems is a whole new state of ten thousand rows, as after a batch.
func BenchmarkSetItems(b *testing.B) {
	app := test.NewTempApp(b)
	app.Settings().SetTheme(theme.New(theme.Options{Mode: theme.Light}))
	l := sampleList(Clock{})
	test.NewTempWindow(b, l).Resize(fyne.NewSize(400, 480))
	var many []Item
	for i := range 10_000 {
		many = append(many, Item{ID: fmt.Sprint(i), Key: fmt.Sprint(i), Height: 24})
	}
	for b.Loop() {
		l.SetItems(many)
	}
}

func TestFocusRingAndBarsAreDrawn(t *testing.T) {
	s := tellList(t, "a b")
	s.SetItems([]Item{{ID: "a", Key: "a", Height: 41, Bar: theme.Critical}, {ID: "b", Key: "b", Height: 24}})
	if box := s.body.byID["a"]; !box.urgency.Visible() || box.urgency.Size().Width != 6 || box.ring.Visible() {
		t.Error("the urgency bar is missing, or a ring without focus")
	}
	s.win.Canvas().Focus(s.List)
	s.key(fyne.KeyDown)
	box := s.body.byID["b"]
	if !box.ring.Visible() || !box.bar.Visible() || box.bar.Size().Width != 4 {
		t.Error("the focused row has no ring or no bar")
	}
	if box.ring.Position().Y < s.tops[1] || box.ring.Position().Y+box.ring.Size().Height > s.tops[2] {
		t.Error("the ring is outside the row")
	}
}

// A hand is never quite still, and a wheel may turn: what counts is the press.
func TestAHandThatShakesStillMeansTheRowOfThePress(t *testing.T) {
	s := tellList(t, "a b c")
	edge := fyne.NewPos(100, s.tops[2]-2) // the lower edge of b
	s.press(edge)
	s.release(edge.AddXY(0, 5)) // already over c
	if !slices.Equal(s.opened, []string{"b"}) {
		t.Errorf("opened %v, want b", s.opened)
	}
	s = tellList(t, manyWords(100))
	at := s.over("r003")
	s.press(at)
	s.scrollTo(72)
	up := mouse(at)
	up.Position = at.AddXY(0, 72) // the same place on the screen
	s.body.MouseUp(up)
	if !slices.Equal(s.opened, []string{"r003"}) {
		t.Errorf("opened %v after the wheel turned, want r003", s.opened)
	}
}

// A row needs no ground of its own: it lies on the list's, or on a panel's, and would
// be painted twice. What says something is painted: the heading, the selection.
func TestRowsHaveNoGroundOfTheirOwn(t *testing.T) {
	wear(t, theme.Options{Mode: theme.Light})
	for _, onSurface := range []bool{false, true} {
		l := sampleList((&handClock{now: day}).clock())
		l.OnSurface = onSurface
		l.SetItems(sampleItems())
		l.Select("14")
		window(t, l, 400, 260)
		plain := 0
		for _, box := range l.body.boxes {
			want := theme.Transparent
			switch {
			case box.item.Group:
				want = theme.SurfaceAlt
			case box.item.ID == "14":
				want = theme.Selected
			default:
				plain++
			}
			if box.back.FillColor != theme.Color(want) {
				t.Errorf("on a surface: %v; row %s is %v, want %s", onSurface, box.item.ID, box.back.FillColor, want)
			}
		}
		if plain == 0 {
			t.Fatal("no plain row is in view: the test says nothing")
		}
		want := theme.Surface
		if onSurface {
			want = theme.Transparent
		}
		if got := l.ground.line.StrokeColor; got != theme.Color(want) {
			t.Errorf("on a surface: %v; the list's own ground is %v, want %s", onSurface, got, want)
		}
	}
}

// The list's ground ends with its last row, wherever the list was scrolled to, and
// never lies over the header.
func TestTheGroundReachesAsFarAsTheRows(t *testing.T) {
	l := tellList(t, manyWords(100)).List
	head := float32(0)
	if l.header != nil {
		head = l.header.MinSize().Height
	}
	ground := func() (top, high float32) {
		return l.ground.line.Position().Y - l.ground.line.StrokeWidth/2, l.ground.line.StrokeWidth + l.ground.rest.Size().Height
	}
	view := l.scroll.Size().Height
	for _, offset := range []float32{0, 72, l.tops[len(l.rows)] - view} {
		l.scroll.ScrollToOffset(fyne.NewPos(0, offset))
		if top, high := ground(); top != head || high != view {
			t.Errorf("scrolled by %v it lies from %v on for %v, want %v and %v", offset, top, high, head, view)
		}
	}
	l.SetItems(items(manyWords(3)))
	l.SortAgain()
	if top, high := ground(); top != head || high != l.tops[3] {
		t.Errorf("under three rows it lies from %v on for %v, want %v and %v", top, high, head, l.tops[3])
	}
}

// An answer to what somebody typed is drawn at every letter: each row that is in
// view is bound once, whichever is chosen, and one that stays as it is asks for no
// box of its own anew.
func TestAnAnswerBindsEachRowOnce(t *testing.T) {
	s := tellList(t, "a b c d e f g h")
	bound, bind := map[string]string{}, s.bind
	s.bind = func(o fyne.CanvasObject, it Item, st RowState) {
		bound[it.ID] += fmt.Sprint(st.Selected, " ")
		bind(o, it, st)
	}
	for _, answer := range []struct{ rows, chosen string }{{"x y a z", "y"}, {"x y a q", "a"}, {"x y a q", "x"}, {"q", ""}} {
		clear(bound)
		s.SetAnswer(items(answer.rows), answer.chosen)
		if s.order() != answer.rows || s.Selected() != answer.chosen {
			t.Fatalf("the list shows %q with %q chosen", s.order(), s.Selected())
		}
		for _, id := range strings.Fields(answer.rows) {
			if want := fmt.Sprint(id == answer.chosen, " "); bound[id] != want {
				t.Errorf("%v: %s was bound %q, want %q", answer, id, bound[id], want)
			}
		}
	}
	if len(s.picked) != 0 {
		t.Error("the program's choice counts as a person's")
	}
	// Even while somebody is over the list: it is what they asked for.
	s.inside = true
	s.SetAnswer(items("z y"), "")
	if s.order() != "z y" || s.Waiting() {
		t.Errorf("the list still shows %q", s.order())
	}
}

// A page that is turned to shows its list in order and from the top, though the pointer
// rests where the list is; who comes back to a row finds it where it was.
func TestAListThatIsTurnedToIsInOrder(t *testing.T) {
	s := tellList(t, "a b c d e f g h i j k l m n o p q r s t")
	s.body.MouseIn(mouse(s.over("b")))
	s.scrollTo(90)
	s.SetItems(items("t a b c d e f g h i j k l m n o p q r s"))
	if !s.Waiting() {
		t.Fatal("nothing waits under the pointer")
	}
	s.Anew(true)
	if s.Waiting() || !strings.HasPrefix(s.order(), "t a b") || s.Offset() == 0 {
		t.Errorf("back: waiting %v, %q at %v", s.Waiting(), s.order(), s.Offset())
	}
	s.Anew(false)
	if s.Offset() != 0 {
		t.Errorf("turned to: at %v", s.Offset())
	}
}

package kit

import (
	"image"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"wardlight/assets"
	"wardlight/ui/theme"
)

func stroke(k fyne.KeyName) *fyne.KeyEvent { return &fyne.KeyEvent{Name: k} }

func TestButtonWorksByKeyAndClick(t *testing.T) {
	wear(t, theme.Options{})
	n := 0
	b := NewButton(ButtonConfig{Text: "Sign", Key: "F2"}, func() { n++ })
	window(t, NewBar(0, b), 200, 60)
	b.TypedKey(stroke(fyne.KeyReturn))
	b.TypedKey(stroke(fyne.KeyEnter))
	b.TypedKey(stroke(fyne.KeySpace))
	test.Tap(b)
	if n != 4 {
		t.Errorf("pressed %d times, want 4", n)
	}
	b.Disable()
	b.TypedKey(stroke(fyne.KeyReturn))
	test.Tap(b)
	if n != 4 || !b.Disabled() {
		t.Error("a disabled button was pressed")
	}
}

// An icon is painted anew when something of it changes, and not because the page that it
// stands on is refreshed; the words beside it likewise.
func TestAnIconIsPaintedAgainOnlyWhenItChanged(t *testing.T) {
	wear(t, theme.Options{})
	b := NewButton(ButtonConfig{Text: "Back", Icon: assets.IconList}, nil)
	bar := NewBar(0, b)
	window(t, bar, 200, 60)
	picture := func() image.Image { return b.label.icon.Image }
	was := picture()
	if was == nil {
		t.Fatal("no icon is painted")
	}
	other := NewLine(I(assets.IconList, Title, theme.Text)) // the toolkit keeps one size of each icon
	other.Resize(other.MinSize())
	bar.Refresh()
	if picture() != was {
		t.Error("an icon that did not change was painted again")
	}
	b.Update(ButtonConfig{Text: "Back", Icon: assets.IconMagnifyingGlass})
	if picture() == was {
		t.Error("another icon was not painted")
	}
	was, colour := picture(), b.label.text.Color
	wear(t, theme.Options{Mode: theme.Dark})
	bar.Refresh()
	if picture() == was || b.label.text.Color == colour {
		t.Error("in another theme the button stands as it stood")
	}
}

func TestAPressActsByWhatTheButtonDidWhenTheMouseWentDown(t *testing.T) {
	wear(t, theme.Options{})
	var got []string
	b := NewButton(ButtonConfig{Text: "Open"}, func() { got = append(got, "first") })
	window(t, NewBar(0, b), 200, 60)
	b.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	b.OnTap = func() { got = append(got, "second") } // the row was reused
	b.Tapped(nil)
	if !slices.Equal(got, []string{"first"}) {
		t.Errorf("the press did %v", got)
	}
}

func TestFocusRingIsOutsideTheButton(t *testing.T) {
	wear(t, theme.Options{Mode: theme.Light})
	b := NewButton(ButtonConfig{Text: "Sign"}, nil)
	win := window(t, NewInset(20, 20, NewBar(0, b)), 200, 100)
	if b.ring.Visible() {
		t.Error("a ring without focus")
	}
	win.Canvas().Focus(b)
	size := b.Size()
	if !b.ring.Visible() || b.ring.StrokeWidth != 2 || b.ring.Position() != fyne.NewPos(-4, -4) || b.ring.Size() != size.AddWidthHeight(8, 8) {
		t.Errorf("ring visible %v, width %v, at %v, size %v of %v", b.ring.Visible(), b.ring.StrokeWidth, b.ring.Position(), b.ring.Size(), size)
	}
}

func TestButtonHeights(t *testing.T) {
	wear(t, theme.Options{})
	for size, want := range map[ButtonSize]float32{Normal: 32, Small: 26, Large: 44} {
		if got := NewButton(ButtonConfig{Text: "x", Size: size}, nil).MinSize().Height; got != want {
			t.Errorf("size %v is %v high, want %v", size, got, want)
		}
	}
}

// Letters choose in a switch, as in a list: by the beginning of an answer, the same letter
// again the next that has it, more letters what begins with all of them; what the answers
// are called on paper comes first.
func TestLettersChooseInASwitch(t *testing.T) {
	wear(t, theme.Options{})
	clock := time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)
	for _, c := range []struct {
		labels  []string
		letters string
		typed   string // a point is a pause
		want    int
	}{
		{[]string{"Air", "Oxygen"}, "", "a", 0},
		{[]string{"Air", "Oxygen"}, "", "O", 1},
		{[]string{"Air", "Oxygen"}, "", "o.a", 0},
		{[]string{"Air", "Oxygen"}, "", "x", -1},
		{[]string{"Raumluft", "Sauerstoff"}, "", "s", 1},
		{[]string{"Alert", "New confusion", "Voice", "Pain", "None"}, "ACVPU", "c", 1},
		{[]string{"Alert", "New confusion", "Voice", "Pain", "None"}, "ACVPU", "u", 4},
		{[]string{"Alert", "New confusion", "Voice", "Pain", "None"}, "ACVPU", "n", 1},
		{[]string{"Alert", "New confusion", "Voice", "Pain", "None"}, "ACVPU", "nn", 4},
		{[]string{"Alert", "New confusion", "Voice", "Pain", "None"}, "ACVPU", "n.n", 4},
		{[]string{"Alert", "New confusion", "Voice", "Pain", "None"}, "ACVPU", "no", 4},
		{[]string{"wach", "neu verwirrt", "auf Ansprache", "auf Schmerz", "keine Reaktion"}, "ACVPU", "a", 0},
		{[]string{"wach", "neu verwirrt", "auf Ansprache", "auf Schmerz", "keine Reaktion"}, "ACVPU", "k", 4},
		{[]string{"wach", "neu verwirrt", "auf Ansprache", "auf Schmerz", "keine Reaktion"}, "ACVPU", "auf s", 3},
	} {
		now := clock
		var s *Segmented
		s = NewSegmented(SegmentedConfig{Labels: c.labels, Letters: c.letters, Selected: -1}, func(i int) {
			s.Update(SegmentedConfig{Labels: c.labels, Letters: c.letters, Selected: i})
		})
		s.clock = Clock{Now: func() time.Time { return now }}
		window(t, NewBar(0, s), 600, 60)
		for _, r := range c.typed {
			if r == '.' {
				now = now.Add(2 * time.Second)
				continue
			}
			s.TypedRune(r)
		}
		if got := s.Config().Selected; got != c.want {
			t.Errorf("%q among %v chose %d, want %d", c.typed, c.labels, got, c.want)
		}
	}
}

func TestSegmentedMovesByArrowsAndLeavesWhatIsNotAnswered(t *testing.T) {
	wear(t, theme.Options{})
	var chosen []int
	entered := 0
	var s *Segmented
	s = NewSegmented(SegmentedConfig{Labels: []string{"Air", "Oxygen"}, Selected: -1, Tall: true}, func(i int) {
		chosen = append(chosen, i)
		s.Update(SegmentedConfig{Labels: []string{"Air", "Oxygen"}, Selected: i, Tall: true})
	})
	s.OnEnter = func() { entered++ }
	win := window(t, NewBar(0, s), 300, 60)
	win.Canvas().Focus(s)
	s.TypedKey(stroke(fyne.KeyReturn))
	if entered != 1 || len(chosen) != 0 {
		t.Fatalf("Enter chose %v", chosen)
	}
	s.TypedKey(stroke(fyne.KeySpace))
	s.TypedKey(stroke(fyne.KeyRight))
	s.TypedKey(stroke(fyne.KeyRight))
	if !slices.Equal(chosen, []int{0, 1}) {
		t.Errorf("chosen %v", chosen)
	}
	s.MouseDown(mouse(fyne.NewPos(5, 5)))
	s.Tapped(&fyne.PointEvent{Position: fyne.NewPos(s.width(0)+5, 5)})
	if !slices.Equal(chosen, []int{0, 1, 0}) {
		t.Errorf("a press on the first chose %v", chosen)
	}
}

func TestTabsAndRailMoveACursorAndGoOnEnter(t *testing.T) {
	wear(t, theme.Options{})
	var went []int
	tabs := NewTabs([]string{"One", "Two", "Three"}, 0, func(i int) { went = append(went, i) })
	rail := NewRail(RailConfig{Items: []RailItem{{Label: "A"}, {Label: "B"}}}, func(i int) { went = append(went, 10+i) })
	win := window(t, NewColumn(0, tabs, rail), 400, 300)
	win.Canvas().Focus(tabs)
	tabs.TypedKey(stroke(fyne.KeyRight))
	tabs.TypedKey(stroke(fyne.KeyRight))
	if len(went) != 0 {
		t.Fatal("an arrow key alone changed the page")
	}
	tabs.TypedKey(stroke(fyne.KeyReturn))
	win.Canvas().Focus(rail)
	rail.TypedKey(stroke(fyne.KeyDown))
	rail.TypedKey(stroke(fyne.KeySpace))
	test.TapAt(rail, fyne.NewPos(30, 10))
	if !slices.Equal(went, []int{2, 11, 10}) {
		t.Errorf("went to %v", went)
	}
}

// Tabs that do not fit are shown by turns: each of them once, none cut, and what is
// chosen is among those that are seen.
func TestTabsThatDoNotFitAreShownByTurns(t *testing.T) {
	labels := []string{"Results", "Vital signs", "Allergies", "Problems", "Medicines", "Orders", "Notes", "Tasks", "Documents", "Visits", "Timeline"}
	for _, scale := range []float32{.8, 1, 2} {
		wear(t, theme.Options{Scale: scale})
		var went []int
		tabs := NewTabs(labels, 9, func(i int) { went = append(went, i) })
		win := window(t, tabs, 500, 80)
		if from, to := tabs.Shown(); from != 0 || to != len(labels) || tabs.MinSize().Width != tabs.Full() {
			t.Errorf("with all the room there is, %d to %d are shown", from, to)
		}
		room := tabs.Full() / 3
		tabs.SetRoom(room)
		if from, to := tabs.Shown(); from > 9 || to <= 9 {
			t.Errorf("the chosen one is not seen: %d to %d", from, to)
		}
		if tabs.MinSize().Width > room {
			t.Errorf("%v wide, and there is room for %v", tabs.MinSize().Width, room)
		}
		var seen []int
		for range labels {
			from, to := tabs.Shown()
			x, w := tabs.span(len(labels)) // what turns to the next
			if x+w+px(tabsMargin) > room+1 {
				t.Errorf("%d to %d end at %v of %v", from, to, x+w, room)
			}
			for i := from; i < to; i++ {
				seen = append(seen, i)
			}
			tabs.Tapped(&fyne.PointEvent{Position: fyne.NewPos(x+5, 5)})
		}
		for i := range labels {
			if !slices.Contains(seen, i) {
				t.Errorf("%s is never seen", labels[i])
			}
		}
		if len(went) > 0 {
			t.Errorf("turning chose %v", went)
		}
		// A key goes through all of them, and what has the ring is seen.
		win.Canvas().Focus(tabs)
		for range labels {
			tabs.TypedKey(stroke(fyne.KeyLeft))
		}
		for i := range labels {
			if from, to := tabs.Shown(); tabs.cursor != i || i < from || i >= to {
				t.Errorf("the ring is on %d, and %d to %d are seen", tabs.cursor, from, to)
			}
			tabs.TypedKey(stroke(fyne.KeyRight))
		}
		tabs.TypedKey(stroke(fyne.KeyReturn))
		if !slices.Equal(went, []int{10}) {
			t.Errorf("went to %v", went)
		}
		// A press on one that is seen goes to it, and not to the one that lay there before.
		tabs.Update(labels, 0)
		tabs.Turn()
		from, _ := tabs.Shown()
		tabs.Tapped(&fyne.PointEvent{Position: fyne.NewPos(px(tabsMargin)+5, 5)})
		if went[len(went)-1] != from || from == 0 {
			t.Errorf("a press on the first of the second few went to %d, want %d", went[len(went)-1], from)
		}
	}
}

func TestNumberFieldTakesANumberFromTheKeypad(t *testing.T) {
	wear(t, theme.Options{})
	var changes []string
	f := NewNumberField(NumberConfig{Max: 4, Decimal: true}, nil)
	f.OnChange = func(s string) { changes = append(changes, s) }
	next := NewNumberField(NumberConfig{}, nil)
	win := window(t, NewColumn(0, f, next), 200, 100)
	win.Canvas().Focus(f)
	test.Type(f, "3a7,,2x9")
	if f.Text() != "37.2" {
		t.Errorf("typed %q", f.Text())
	}
	if !slices.Equal(changes, []string{"3", "37", "37.", "37.2"}) {
		t.Errorf("changes %v", changes)
	}
	f.TypedKey(stroke(fyne.KeyReturn))
	if win.Canvas().Focused() != fyne.Focusable(next) {
		t.Error("Enter did not go to the next field")
	}
	win.Canvas().Focus(f) // selects all: typing replaces
	test.Type(f, "38")
	if f.Text() != "38" {
		t.Errorf("typed over: %q", f.Text())
	}
	f.TypedKey(stroke(fyne.KeyBackspace))
	f.TypedKey(stroke(fyne.KeyHome))
	f.TypedKey(stroke(fyne.KeyDelete))
	if f.Text() != "" {
		t.Errorf("erased to %q", f.Text())
	}
}

func TestNumberFieldWithoutDecimalsTakesNoPoint(t *testing.T) {
	wear(t, theme.Options{})
	f := NewNumberField(NumberConfig{Max: 3}, nil)
	test.Type(f, "9.5")
	if f.Text() != "95" {
		t.Errorf("typed %q", f.Text())
	}
}

// To drop a sign or a word of what is pasted would change its meaning.
func TestNumberFieldPastesAllOrNothing(t *testing.T) {
	wear(t, theme.Options{})
	f := NewNumberField(NumberConfig{Max: 5, Decimal: true}, nil)
	for pasted, want := range map[string]string{"37.2": "37.2", " 37,2\n": "37.2", "<5": "1", "12 8": "1", "1.2.3": "1", "123456": "1", "": "1"} {
		f.SetText("1")
		clip := test.NewClipboard()
		clip.SetContent(pasted)
		f.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clip})
		if f.Text() != want {
			t.Errorf("pasted %q: %q, want %q", pasted, f.Text(), want)
		}
	}
}

func TestTypingIsKnown(t *testing.T) {
	wear(t, theme.Options{})
	clock := &handClock{now: day}
	typing := NewTyping(clock.clock())
	quiet := 0
	typing.OnQuiet = func() { quiet++ }
	number := NewNumberField(NumberConfig{}, typing)
	words := NewTextField(TextConfig{Lines: 3}, typing)
	win := window(t, NewColumn(0, number, words), 300, 200)
	if typing.Within(5 * time.Second) {
		t.Error("typing before the first key")
	}
	win.Canvas().Focus(number)
	if typing.Within(5 * time.Second) {
		t.Error("focus alone is no typing")
	}
	test.Type(number, "1")
	clock.advance(4 * time.Second)
	if !typing.Within(5 * time.Second) {
		t.Error("a key 4 s ago is not known")
	}
	clock.advance(2 * time.Second)
	if typing.Within(5 * time.Second) {
		t.Error("a key 6 s ago still counts")
	}
	win.Canvas().Focus(words.Focusable())
	test.Type(words.Focusable(), "word")
	if !typing.Within(5*time.Second) || words.Text() != "word" {
		t.Errorf("typing words is not known; text %q", words.Text())
	}
	win.Canvas().Unfocus()
	if typing.Within(5*time.Second) || quiet != 2 {
		t.Errorf("typing goes on without a field; left %d times", quiet)
	}
}

func TestTextFieldLetsTheWindowsKeysThrough(t *testing.T) {
	wear(t, theme.Options{})
	var keys []fyne.KeyName
	f := NewTextField(TextConfig{Lines: 2}, nil)
	win := window(t, NewColumn(0, f), 300, 100)
	win.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) { keys = append(keys, ev.Name) })
	win.Canvas().Focus(f.Focusable())
	for _, k := range []fyne.KeyName{fyne.KeyF2, fyne.KeyEscape, fyne.KeyF12, fyne.KeyF, fyne.KeyLeft} {
		f.Focusable().TypedKey(stroke(k))
	}
	if !slices.Equal(keys, []fyne.KeyName{fyne.KeyF2, fyne.KeyEscape, fyne.KeyF12}) {
		t.Errorf("the window got %v", keys)
	}
}

func TestTextFieldSetTextIsNoChangeByAPerson(t *testing.T) {
	wear(t, theme.Options{})
	n := 0
	f := NewTextField(TextConfig{Lines: 2}, nil)
	f.OnChange = func(string) { n++ }
	window(t, f, 300, 100)
	f.SetText("a draft")
	if n != 0 || f.Text() != "a draft" {
		t.Errorf("%d changes, text %q", n, f.Text())
	}
	test.Type(f.Focusable(), "!")
	if n != 1 || f.Text() != "a draft!" {
		t.Errorf("%d changes, text %q", n, f.Text())
	}
}

func TestToastGoesAfterTenSecondsAndUndoesOnce(t *testing.T) {
	wear(t, theme.Options{})
	clock := &handClock{now: day}
	toast := NewToast(clock.clock())
	window(t, toast, 300, 40)
	undone := 0
	toast.Say(ToastConfig{Text: "Task done", Action: "Undo", Key: "Ctrl Z"}, func() { undone++ })
	clock.advance(9 * time.Second)
	if !toast.Visible() || !toast.Undo() || toast.Undo() || undone != 1 {
		t.Errorf("undone %d times", undone)
	}
	toast.Say(ToastConfig{Text: "Task done"}, nil)
	clock.advance(11 * time.Second)
	if toast.Visible() {
		t.Error("still there after 11 s")
	}
}

func TestKeyMap(t *testing.T) {
	m := KeyMap{
		{Chord{fyne.KeyK, fyne.KeyModifierControl}, "find"},
		{Chord{fyne.KeyF5, 0}, "take"},
		{Chord{fyne.KeyEscape, 0}, "back"},
	}
	if a, ok := m.Lookup(fyne.KeyF5, 0); !ok || a != "take" {
		t.Errorf("F5 is %q", a)
	}
	if _, ok := m.Lookup(fyne.KeyK, 0); ok {
		t.Error("K alone means something")
	}
	for action, want := range map[Action]string{"find": "Ctrl K", "take": "F5", "back": "Esc", "none": ""} {
		if got := m.Cap(action); got != want {
			t.Errorf("the cap of %s is %q, want %q", action, got, want)
		}
	}
	if len(m.Clashes()) != 0 {
		t.Errorf("clashes %v", m.Clashes())
	}
	if clash := append(m, Binding{Chord{fyne.KeyF5, 0}, "other"}).Clashes(); len(clash) != 1 {
		t.Errorf("clashes %v", clash)
	}
}

func TestAWindowsKeyReachesItFromAnyControl(t *testing.T) {
	wear(t, theme.Options{})
	n := 0
	controls := []fyne.Focusable{
		NewButton(ButtonConfig{Text: "b"}, nil), NewFilterPill(FilterPillConfig{Text: "p"}, nil),
		NewSegmented(SegmentedConfig{Labels: []string{"s"}}, nil), NewTabs([]string{"t"}, 0, nil),
		NewNumberField(NumberConfig{}, nil), NewTrendChart(sampleTrend()), sampleRail(),
	}
	var objects []fyne.CanvasObject
	for _, c := range controls {
		objects = append(objects, c.(fyne.CanvasObject))
	}
	win := window(t, NewColumn(0, objects...), 600, 900)
	win.Canvas().SetOnTypedKey(func(*fyne.KeyEvent) { n++ })
	for i, c := range controls {
		c.TypedKey(stroke(fyne.KeyF5))
		if n != i+1 {
			t.Errorf("%T keeps F5 to itself", c)
			n = i + 1
		}
	}
}

package kit

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// cardStory is a page with a field somebody types in, and a card that comes up.
type cardStory struct {
	card         *AlertCard
	field        *NumberField
	below        *Button
	take, aside  *Button
	win          fyne.Window
	clock        *handClock
	taken, asked int
	keys         []fyne.KeyName
	windowKeys   []fyne.KeyName
}

func tellCard(t *testing.T) *cardStory {
	t.Helper()
	wear(t, theme.Options{Mode: theme.Light})
	s := &cardStory{clock: &handClock{now: day}}
	s.field = NewNumberField(NumberConfig{Max: 4}, nil)
	s.below = NewButton(ButtonConfig{Text: "On the page"}, nil)
	s.card = NewAlertCard(CardConfig{Title: "Something urgent", Right: "7 min"}, s.clock.clock())
	s.take = s.card.Button(ButtonConfig{Text: "Take"}, func() { s.taken++ })
	s.aside = s.card.Button(ButtonConfig{Text: "Aside"}, func() { s.asked++ })
	s.card.OnKey = func(k fyne.KeyName) bool { s.keys = append(s.keys, k); return k == fyne.KeyF5 }
	s.card.SetBody(NewText("body", Body, theme.Text), NewBar(8, s.take, s.aside))
	page := NewColumn(8, s.field, s.below)
	s.win = window(t, container.NewStack(page, s.card), 1000, 600)
	s.win.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) { s.windowKeys = append(s.windowKeys, ev.Name) })
	return s
}

func (s *cardStory) focused() fyne.Focusable { return s.win.Canvas().Focused() }

// strike is a key as the window gives it: to what has the focus, or on to the
// next thing when it is Tab and nobody keeps it.
func (s *cardStory) strike(k fyne.KeyName) {
	f := s.focused()
	if k == fyne.KeyTab {
		if tab, ok := f.(fyne.Tabbable); !ok || !tab.AcceptsTab() {
			s.win.Canvas().FocusNext()
			return
		}
	}
	if f != nil {
		f.TypedKey(&fyne.KeyEvent{Name: k})
	}
}

func TestForOneSecondNoKeyCounts(t *testing.T) {
	s := tellCard(t)
	s.win.Canvas().Focus(s.field)
	test.Type(s.field, "12")
	s.card.Open(s.win.Canvas())
	for elapsed := time.Duration(0); elapsed < time.Second; elapsed += 100 * time.Millisecond {
		if s.focused() != fyne.Focusable(s.card.head) {
			t.Fatalf("after %v the focus is on %T, not on the card's head", elapsed, s.focused())
		}
		for _, k := range []fyne.KeyName{fyne.KeyReturn, fyne.KeySpace, fyne.KeyF5, fyne.KeyTab, fyne.KeyEscape} {
			s.strike(k)
		}
		s.card.Do(func() { t.Errorf("a window shortcut acted after %v", elapsed) })
		s.clock.advance(100 * time.Millisecond)
	}
	if s.taken+s.asked != 0 || len(s.keys) != 0 || len(s.windowKeys) != 0 {
		t.Errorf("taken %d, aside %d, card keys %v, window keys %v", s.taken, s.asked, s.keys, s.windowKeys)
	}
}

func TestAfterTheGuardTheHeadHasTheFocusAndKeysCount(t *testing.T) {
	s := tellCard(t)
	s.card.Open(s.win.Canvas())
	s.clock.advance(time.Second)
	s.strike(fyne.KeyReturn) // on the head: nothing to take
	s.strike(fyne.KeySpace)
	if s.taken != 0 {
		t.Fatal("Enter on the head took it")
	}
	s.strike(fyne.KeyF5)
	if len(s.keys) == 0 || s.keys[len(s.keys)-1] != fyne.KeyF5 {
		t.Errorf("the card got %v", s.keys)
	}
	acted := false
	if !s.card.Do(func() { acted = true }) || !acted {
		t.Error("a window shortcut did not act")
	}
	s.strike(fyne.KeyTab)
	s.strike(fyne.KeyReturn)
	if s.taken != 1 {
		t.Error("Enter on the button did not take it")
	}
}

func TestAButtonOfTheCardIsDeafWhileTheGuardIsOn(t *testing.T) {
	s := tellCard(t)
	s.card.Open(s.win.Canvas())
	s.take.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	test.Tap(s.take)
	if s.taken != 0 {
		t.Fatal("taken at once")
	}
	s.clock.advance(600 * time.Millisecond) // a hand has seen the card
	s.take.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if s.taken != 0 {
		t.Fatal("a key counted after 0.6 s")
	}
	s.take.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	s.take.Tapped(nil)
	if s.taken != 0 {
		t.Fatal("whoever pressed a key too early took it with the next press")
	}
	s.clock.advance(600 * time.Millisecond)
	s.take.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	s.take.Tapped(nil)
	if s.taken != 1 {
		t.Error("a click after 0.6 s did not count")
	}
}

func TestAPressFromBeforeTheCardIsNoClickOnIt(t *testing.T) {
	s := tellCard(t)
	s.card.Open(s.win.Canvas())
	s.take.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	s.clock.advance(2 * time.Second) // held down, then released
	s.take.Tapped(nil)
	if s.taken != 0 {
		t.Error("a press within the guard took it at the release")
	}
}

func TestTabGoesRoundInTheCard(t *testing.T) {
	s := tellCard(t)
	s.card.Open(s.win.Canvas())
	s.clock.advance(time.Second)
	want := []fyne.Focusable{s.take, s.aside, s.card.head, s.take}
	for i, w := range want {
		s.strike(fyne.KeyTab)
		if s.focused() != w {
			t.Fatalf("Tab %d: the focus is on %T", i, s.focused())
		}
	}
	s.win.Canvas().FocusPrevious()
	s.win.Canvas().FocusPrevious() // from the head back to the last button
	if s.focused() != fyne.Focusable(s.aside) {
		t.Errorf("back from the head: %T", s.focused())
	}
}

func TestClosingGoesBackToTheFieldWithItsText(t *testing.T) {
	s := tellCard(t)
	s.win.Canvas().Focus(s.field)
	test.Type(s.field, "12")
	s.card.Open(s.win.Canvas())
	s.clock.advance(time.Second)
	s.card.Close()
	if s.focused() != fyne.Focusable(s.field) || s.card.Visible() {
		t.Fatalf("the focus is on %T, card visible %v", s.focused(), s.card.Visible())
	}
	s.field.TypedRune('3')
	if s.field.Text() != "123" {
		t.Errorf("typing went on to %q, want what was there and the next digit", s.field.Text())
	}
}

func TestAnotherAlertInTheSameCardGuardsAnew(t *testing.T) {
	s := tellCard(t)
	s.card.Open(s.win.Canvas())
	s.clock.advance(2 * time.Second)
	s.card.SetBody(NewText("another", Body, theme.Text), NewBar(8, s.take))
	s.take.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if s.taken != 0 || s.focused() != fyne.Focusable(s.card.head) {
		t.Errorf("taken %d, focus on %T", s.taken, s.focused())
	}
}

func TestTheBorderPulsesThreeTimesAndNoMore(t *testing.T) {
	s := tellCard(t)
	normal := theme.Color(theme.Critical)
	s.card.Open(s.win.Canvas())
	changes, last := 0, s.card.frame.StrokeColor
	for range 200 {
		s.clock.advance(50 * time.Millisecond)
		if now := s.card.frame.StrokeColor; now != last {
			last = now
			changes++
		}
	}
	if changes != 6 || last != normal {
		t.Errorf("%d changes, at the end %v", changes, last)
	}
	fyne.CurrentApp().Settings().SetTheme(theme.New(theme.Options{Mode: theme.Light, Still: true}))
	s.card.Close()
	s.card.Open(s.win.Canvas())
	s.clock.advance(600 * time.Millisecond)
	if s.card.frame.StrokeColor != normal {
		t.Error("it pulses for somebody who asked for less motion")
	}
}

func TestTheCardKeepsPressesFromThePage(t *testing.T) {
	s := tellCard(t)
	tapped := false
	s.below.OnTap = func() { tapped = true }
	s.card.Open(s.win.Canvas())
	test.TapCanvas(s.win.Canvas(), fyne.NewPos(20, 60))
	if tapped {
		t.Error("the page under the card was pressed")
	}
}

func TestTheCardsButtonsStayInViewInALowWindow(t *testing.T) {
	s := tellCard(t)
	rows := make([]fyne.CanvasObject, 60)
	for i := range rows {
		rows[i] = NewText("a line of the body", Body, theme.Text)
	}
	s.card.SetBody(NewColumn(2, rows...), NewBar(8, s.take))
	s.card.Open(s.win.Canvas())
	uitest.Capture(s.win)
	foot := s.card.foot
	if bottom := foot.Position().Y + foot.Size().Height; bottom > 600 {
		t.Errorf("the foot ends at %v in a window of 600", bottom)
	}
}

// The screen is slow: keys that were pressed before the card was to be seen are
// handled after. Its time begins when it has been painted.
func TestTheTimeOfACardBeginsWhenItIsPainted(t *testing.T) {
	s := tellCard(t)
	var painted func()
	s.card.Painted = func(then func()) { painted = then }
	s.card.Open(s.win.Canvas())
	s.clock.advance(time.Minute)
	s.strike(fyne.KeyF5)
	test.Tap(s.take)
	if len(s.keys) != 0 || s.taken != 0 {
		t.Fatal("a key or a press counted before anything was to be seen")
	}
	first := painted
	first()
	s.clock.advance(900 * time.Millisecond)
	if !s.card.KeysGuarded() {
		t.Fatal("a key counts at once")
	}
	s.clock.advance(time.Second)
	s.card.SetBody(s.card.body, s.card.foot) // another alert
	if first(); !s.card.KeysGuarded() {
		t.Error("the word that the body before was painted opened the next one")
	}
}

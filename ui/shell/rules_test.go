package shell

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

func light() theme.Options { return theme.Options{Mode: theme.Light, Scale: 1} }

// takes are the results that were taken, in order.
func (r *rig) takes() []ward.ResultID {
	defer r.st.lock()()
	var out []ward.ResultID
	for _, c := range r.st.did {
		if t, ok := c.(ward.Take); ok {
			out = append(out, t.Result)
		}
	}
	return out
}

func (r *rig) focused() fyne.Focusable { return r.win.Canvas().Focused() }

// typeIn types into whatever has the focus.
func (r *rig) typeIn(text string) { uitest.Type(r.win, text) }

// Somebody who is typing keeps the focus: the alert comes as a band, and as the
// card when they have paused for five seconds.
func TestAnAlertNeverTakesTheFocusFromSomebodyWhoTypes(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.Key(fyne.KeyK, ctrl)
	field := r.focused()
	r.typeIn("ade")
	r.arrive(r.st.alert(0, "k1", "Potassium", "6.8"))
	if r.s.seat.front.IsOpen() || r.focused() != field {
		t.Fatal("the alert took the focus from somebody who types")
	}
	if !r.s.seat.front.Band().Visible() {
		t.Fatal("the alert is not to be seen at all")
	}
	r.pass(3 * time.Second)
	r.typeIn("y")
	r.pass(4 * time.Second)
	if r.s.seat.front.IsOpen() {
		t.Fatal("a key 4 s ago, and the card opened")
	}
	r.pass(2 * time.Second)
	if !r.s.seat.front.IsOpen() {
		t.Fatal("after a pause of 6 s the card did not open")
	}
	if got := r.s.seat.palette.field.Text(); got != "adey" {
		t.Errorf("what was typed became %q", got)
	}
	r.pass(2 * time.Second)
	r.focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	r.settle()
	if r.focused() != field {
		t.Error("the focus did not go back to the field")
	}
}

func TestLeavingTheFieldOrF4OpensTheCard(t *testing.T) {
	for name, act := range map[string]func(*rig){
		"leaving": func(r *rig) { r.s.Key(fyne.KeyEscape, 0) },
		"F4":      func(r *rig) { r.focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyF4}) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, light(), 1366, 768)
			r.signIn()
			r.s.Key(fyne.KeyK, ctrl)
			r.typeIn("a")
			r.arrive(r.st.alert(0, "k1", "Potassium", "6.8"))
			if r.s.seat.front.IsOpen() {
				t.Fatal("opened while typing")
			}
			act(r)
			r.settle()
			if !r.s.seat.front.IsOpen() {
				t.Error("the card did not open")
			}
		})
	}
}

// For a second after the card opens no key counts; then F5 takes it, and no
// other key does.
func TestNoKeyMeantForSomethingElseTakesAnAlert(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.arrive(r.st.alert(0, "k1", "Potassium", "6.8"))
	if !r.s.seat.front.IsOpen() {
		t.Fatal("no card")
	}
	press := func(k fyne.KeyName) {
		r.focused().TypedKey(&fyne.KeyEvent{Name: k}) // what it has no use for goes on to the window
		r.settle()
	}
	for _, k := range []fyne.KeyName{fyne.KeyF5, fyne.KeyReturn, fyne.KeySpace, fyne.KeyEscape, fyne.KeyF6} {
		press(k)
	}
	if len(r.takes()) != 0 || !r.s.seat.front.IsOpen() {
		t.Fatal("a key within the first second counted")
	}
	r.pass(1100 * time.Millisecond)
	for _, k := range []fyne.KeyName{fyne.KeyReturn, fyne.KeySpace, fyne.KeyF2, fyne.KeyDown, fyne.KeyA} {
		press(k)
	}
	r.focused().TypedRune('y')
	if len(r.takes()) != 0 {
		t.Fatal("a key that does not mean it took the alert")
	}
	// In the field for the words of an action F5 takes nothing either.
	press(fyne.KeyF6)
	press(fyne.KeyF5)
	if len(r.takes()) != 0 {
		t.Fatal("F5 took the alert while words were asked for")
	}
	press(fyne.KeyEscape)
	r.pass(time.Second)
	press(fyne.KeyF5)
	if got := r.takes(); len(got) == 0 || got[0] != "k1" {
		t.Fatalf("F5 took %v", got)
	}
	if r.s.seat.front.IsOpen() {
		t.Error("the card stayed after it was taken")
	}
	if !r.s.seat.toast.Visible() {
		t.Error("no way back was offered")
	}
	r.s.Key(fyne.KeyZ, ctrl)
	r.settle()
	defer r.st.lock()()
	if w, ok := r.st.did[len(r.st.did)-1].(ward.Withdraw); !ok || w.Task != "task1" {
		t.Errorf("undo did %v", r.st.did[len(r.st.did)-1])
	}
}

// A press acts on the alert that was drawn when the mouse went down, or on none.
func TestAClickActsOnTheAlertDrawnAtThePress(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.arrive(r.st.alert(0, "k1", "Potassium", "6.8"), r.st.alert(1, "l1", "Lactate", "4.6"))
	r.pass(2 * time.Second)
	o, ok := r.s.seat.front.Where("take")
	if !ok {
		t.Fatal("no button")
	}
	button := o.(interface {
		MouseDown(*desktop.MouseEvent)
		Tapped(*fyne.PointEvent)
	})
	button.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	// Another station takes the potassium between press and release.
	func() { defer r.st.lock()(); r.st.alerts = r.st.alerts[1:] }()
	r.s.seat.alerts.Follow(r.s.seat.ctx)
	r.settle()
	if key := r.s.seat.alerts.State().Card.Key.Result; key != "l1" {
		t.Fatal("in front now: " + string(key))
	}
	button.Tapped(&fyne.PointEvent{})
	r.settle()
	if got := r.takes(); len(got) != 0 {
		t.Errorf("the click took %v", got)
	}
}

// A critical result counts as shown only when it is drawn on an unlocked window.
func TestShownIsDrawnOnAnUnlockedWindow(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	shown := func() int {
		defer r.st.lock()()
		n := 0
		for _, c := range r.st.did {
			if _, ok := c.(ward.MarkShown); ok {
				n++
			}
		}
		return n
	}
	func() {
		defer r.st.lock()()
		r.st.alerts = append(r.st.alerts, r.st.alert(0, "k1", "Potassium", "6.8"))
	}()
	r.settle()
	if shown() != 0 {
		t.Fatal("shown on a locked window")
	}
	r.signIn()
	r.settle()
	if shown() != 1 {
		t.Fatalf("told %d times as shown", shown())
	}
}

// What a script signs in shows in the window; locking takes everything of a
// patient off it, by whatever road.
func TestTheWindowFollowsTheSession(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	if r.s.Page() != "signin" {
		t.Fatal(r.s.Page())
	}
	r.signIn()
	if r.s.Page() != "board" || !strings.Contains(test.RenderObjectToMarkup(r.s.Content()), "ADEYEMI") {
		t.Fatal("the board is not shown")
	}
	if !r.s.Show("chart", "p1", "Results") {
		t.Fatal("no chart")
	}
	r.settle()
	r.st.Lock()
	r.settle()
	markup := test.RenderObjectToMarkup(r.s.Content())
	if r.s.Page() != "signin" || strings.Contains(markup, "ADEYEMI") || strings.Contains(markup, "999 041") {
		t.Fatal("something of a patient is drawn on a locked window")
	}
	if r.s.Show("board", "", "") {
		t.Error("a script turned a locked window")
	}
	r.signIn()
	if r.s.Page() != "chart" {
		t.Error("whoever unlocks comes back to " + r.s.Page())
	}
}

// Opening a list is a look, written down once; so is a search that stood.
func TestLooksAtListsAreWrittenDown(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.Key(fyne.Key2, ctrl)
	r.s.Key(fyne.KeyK, ctrl)
	r.typeIn("ngu")
	r.settle()
	r.focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.settle()
	if r.s.Page() != "chart" {
		t.Error("Enter on what was found did not open its chart")
	}
	defer r.st.lock()()
	if got := strings.Join(r.st.looks, "|"); got != "board |alerts |search ngu" {
		t.Errorf("written down: %s", got)
	}
}

func TestNoKeyMeansTwoThings(t *testing.T) {
	if c := keyMap().Clashes(); len(c) > 0 {
		t.Errorf("keys that mean two things: %v", c)
	}
}

// With nothing focused the arrow keys find the page's list, and Enter opens.
func TestEverythingByKeyboard(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	key := r.win.Canvas().OnTypedKey()
	key(&fyne.KeyEvent{Name: fyne.KeyDown})
	if r.focused() == nil {
		t.Fatal("the arrow key found no list")
	}
	r.focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.settle()
	if r.s.Page() != "chart" {
		t.Fatal("Enter did not open a chart")
	}
	r.s.Key(fyne.KeyEscape, 0)
	if r.s.Page() != "board" {
		t.Error("Esc did not go back")
	}
	r.s.Key(fyne.KeyF1, 0)
	if !r.s.seat.help.isOpen() {
		t.Error("F1 shows no keys")
	}
	r.s.Key(fyne.KeyEscape, 0)
	r.s.Key(fyne.KeyL, ctrl)
	r.settle()
	if r.s.Page() != "signin" {
		t.Error("Ctrl+L did not lock")
	}
}

// Where tells a script the middle of a control, and nothing of what cannot be
// pressed now.
func TestWhere(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	if _, _, ok := r.s.Where("take"); ok {
		t.Error("a button of nobody")
	}
	if x, y, ok := r.s.Where("sign-in"); !ok || x < 300 || y < 200 {
		t.Errorf("sign-in at %d,%d %v", x, y, ok)
	}
	r.signIn()
	r.arrive(r.st.alert(0, "k1", "Potassium", "6.8"))
	if _, _, ok := r.s.Where("take"); ok {
		t.Error("a button is told that nobody could have seen")
	}
	r.pass(2 * time.Second)
	x, y, ok := r.s.Where("take")
	if !ok || x < 214 || x > 400 || y < 400 || y > 700 {
		t.Fatalf("take at %d,%d %v", x, y, ok)
	}
	r.pass(2 * time.Second)
	o, _ := r.s.seat.front.Where("take")
	test.Tap(o.(fyne.Tappable))
	r.settle()
	if len(r.takes()) != 1 {
		t.Error("a click took nothing")
	}
	if _, _, ok := r.s.Where("take"); ok {
		t.Error("the button is told after it has gone")
	}
}

// The window never asks for more room than the smallest screen has, at any text
// size, and what must be said of an outage is said at every one.
func TestTheWindowFitsEveryScreenAndTextSize(t *testing.T) {
	for _, scale := range []float32{.8, 1, 1.5, 2} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: scale}, 1024, 768)
		func() {
			defer r.st.lock()()
			r.st.link.Connected, r.st.link.Since, r.st.link.AsOf, r.st.link.Unsent = false, clock("02:14"), clock("02:14"), 7
		}()
		r.signIn()
		r.s.links.Reload()
		r.settle()
		if m := r.s.Content().MinSize(); m.Width > 1024 || m.Height > 768 {
			t.Errorf("at %v the window asks for %v", scale, m)
		}
		strip := r.s.frame.strip
		if w := strip.MinSize().Width; w > 1024 {
			t.Errorf("at %v the strip needs %v", scale, w)
		}
		for _, must := range []string{"Network out since 02:14", "results after 02:14", "7 unsent"} {
			if !strings.Contains(strings.ToLower(strip.Text()), strings.ToLower(must)) {
				t.Errorf("at %v the strip does not say %q: %s", scale, must, strip.Text())
			}
		}
	}
}

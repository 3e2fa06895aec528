package shell

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// sessionsOf is where Grace is signed in.
func sessionsOf() []ward.OpenSession {
	return []ward.OpenSession{
		{Station: "here", Place: "Ward 4B, computer 4B-01", Since: noon, Seen: noon, How: "pin", Here: true, Connected: true},
		{Station: "there", Place: "Ward 4B, computer 4B-02", Since: noon, Seen: noon, How: "pin", Connected: true, Locked: true},
		{Station: "far", Place: "Ward 4B, computer 4B-03", Since: noon, Seen: noon, How: "offline"},
	}
}

// TestPicturesOfTheOwnAccount draws it for a person to look at, see TestPictures.
func TestPicturesOfTheOwnAccount(t *testing.T) {
	dir := uitest.NeedPictures(t)
	for name, o := range map[string]theme.Options{"": {Mode: theme.Light, Scale: 1}, "-200": {Mode: theme.Light, Scale: 2}, "-dark": {Mode: theme.Dark, Scale: 1}} {
		r := newRig(t, o, 1024, 768)
		func() { defer r.st.lock()(); r.st.open = sessionsOf() }()
		r.signIn()
		r.s.seat.palette.do(doAccount, "")
		r.settle()
		r.picture(dir, "account"+name)
	}
}

// Which PIN stands in which field is said above it, also once they hold nothing but dots,
// and why one is refused is a sentence.
func TestWhichPINIsWhichStaysReadable(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.seat.palette.do(doAccount, "")
	r.settle()
	for name, text := range map[string]string{"pin-old": "000000", "pin-new": "830517", "pin-again": "830517"} {
		o, ok := r.s.control(name)
		if !ok {
			t.Fatalf("there is no %s", name)
		}
		o.(*kit.TextField).SetText(text)
	}
	r.capture()
	all := r.everything()
	for _, name := range []string{"The PIN that you have", "The new PIN", "The new PIN once more", "Your PIN, to end a session"} {
		if !strings.Contains(all, ">"+name+"<") {
			t.Errorf("nothing says %q", name)
		}
	}
	if o, _ := r.s.control("pin-old"); o.Size().Width > 400 || !strings.Contains(o.(*kit.TextField).AccessibilityLabel(), "The PIN that you have") {
		t.Errorf("the field is %v wide and is called %q", o.Size().Width, o.(*kit.TextField).AccessibilityLabel())
	}
}

// By the search or in the settings: the PIN is changed with the old one, and a session at
// another computer is ended.
func TestAPINIsChangedAndASessionEndedInTheSettings(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	func() {
		defer r.st.lock()()
		r.st.open = sessionsOf()
	}()
	r.signIn()
	r.s.seat.palette.do(doAccount, "")
	r.settle()
	if r.s.Page() != "settings" {
		t.Fatal(r.s.Page())
	}
	field := func(name, text string) *kit.TextField {
		t.Helper()
		o, ok := r.s.control(name)
		if !ok {
			t.Fatalf("there is no %s", name)
		}
		f := o.(*kit.TextField)
		f.SetText(text)
		return f
	}
	press := func(name string) {
		t.Helper()
		o, ok := r.s.control(name)
		if !ok {
			t.Fatalf("there is no %s", name)
		}
		o.(*kit.Button).OnTap()
		r.settle()
	}
	old := field("pin-old", "481526")
	field("pin-new", "730194")
	field("pin-again", "730194")
	press("pin-change")
	if got := strings.Join(r.st.pins, " "); got != "730194" || old.Text() != "" {
		t.Errorf("set %q, and the field holds %q", got, old.Text())
	}
	field("sessions-pin", "481526")
	press("sessions-end")
	if left := len(r.st.open); left != 1 || !r.st.open[0].Here {
		t.Errorf("%+v", r.st.open)
	}
}

// accountForm is the account of somebody who is signed in at these computers, before them.
type accountForm struct{ *rig }

func newAccountForm(t *testing.T, change func(*station)) accountForm {
	t.Helper()
	r := newRig(t, light(), 1366, 768)
	func() { defer r.st.lock()(); r.st.open = sessionsOf(); change(r.st) }()
	r.signIn()
	r.s.seat.palette.do(doAccount, "")
	r.settle()
	return accountForm{r}
}

func (r accountForm) named(name string) fyne.CanvasObject {
	r.t.Helper()
	o, ok := r.s.control(name)
	if !ok {
		r.t.Fatalf("there is no %s", name)
	}
	return o
}

func (r accountForm) field(name string) *kit.TextField { return r.named(name).(*kit.TextField) }

// accountFields are those of the PINs, in their order.
var accountFields = []string{"pin-old", "pin-new", "pin-again", "sessions-pin"}

func (r accountForm) fill(typed ...string) {
	r.t.Helper()
	for i, text := range typed {
		r.field(accountFields[i]).SetText(text)
	}
}

// send presses a button by the keyboard; the answer comes with settle.
func (r accountForm) send(button string, typed ...string) {
	r.t.Helper()
	r.fill(typed...)
	b := r.named(button).(*kit.Button)
	r.win.Canvas().Focus(b)
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
}

// buttons are those that Tab finds with these words.
func (r accountForm) buttons(words string) (list []*kit.Button) {
	c := r.win.Canvas()
	c.Unfocus()
	seen := map[fyne.Focusable]bool{}
	for range 100 {
		c.FocusNext()
		f := c.Focused()
		if f == nil || seen[f] {
			break
		}
		seen[f] = true
		if b, ok := f.(*kit.Button); ok && b.Config().Text == words {
			list = append(list, b)
		}
	}
	return list
}

func (r accountForm) says(what string, texts ...string) {
	r.t.Helper()
	r.capture()
	all := uitest.Reads(r.s.Content())
	for _, text := range texts {
		if !strings.Contains(all, text) {
			r.t.Errorf("%s: nothing says %q", what, text)
		}
	}
}

// The form hides what is typed, sends it as it was typed, with the answer about the other
// sessions and the code of a second factor, says what came of it, and then forgets it.
func TestTheAccountFormSendsWhatWasTyped(t *testing.T) {
	r := newAccountForm(t, func(*station) {})
	if r.focused() != r.field("pin-old").Focusable() {
		t.Errorf("%T has the focus", r.focused())
	}
	r.fill("481526", "730194", "730194", "481526")
	if all := r.everything(); strings.Contains(all, "481526") || strings.Contains(all, "730194") {
		t.Error("a PIN is drawn as it is")
	}
	r.send("pin-change", "000000")
	r.settle()
	r.says("a wrong PIN", "The PIN does not fit.")
	r.send("pin-change", "481526", "730194", "730194")
	r.settle()
	r.says("the change", "Your PIN is the new one")
	for _, name := range accountFields {
		if text := r.field(name).Text(); text != "" {
			t.Errorf("%s holds %q after the change", name, text)
		}
	}
	r.named("pin-others").(*kit.Segmented).OnChoose(1)
	r.send("pin-change", "481526", "730195", "730195")
	r.settle()
	if got := strings.Join(r.st.pins, ", "); got != "730194, 730195, and others end" {
		t.Errorf("sent: %s", got)
	}

	r = newAccountForm(t, func(s *station) { s.second = "314159" })
	for _, button := range []string{"pin-change", "sessions-end"} {
		r.send(button, "481526", "730194", "730194", "481526")
		r.settle()
		r.says(button, "This account has a second factor.", "Code of your second factor")
		if _, code := r.focused().(fyne.Shortcutable); !code {
			t.Fatalf("%s: %T has the focus, not the code", button, r.focused())
		}
		uitest.Type(r.win, "314159")
		r.send(button)
		r.settle()
	}
	if got := strings.Join(append(r.st.pins, r.st.ended...), ", "); got != "730194, others" {
		t.Errorf("with a code: %s", got)
	}
}

// Each session but one's own and one that ends has a button that ends it alone; while an
// answer is awaited nothing is sent, and with no other session there is nothing to end.
func TestEachSessionIsEndedByItsButton(t *testing.T) {
	r := newAccountForm(t, func(s *station) {
		s.open = append(s.open, ward.OpenSession{Station: "going", Place: "Ward 4B, computer 4B-04", Since: noon, Seen: noon, How: "pin", Ending: true})
	})
	r.says("the list", "ended; the computer has not said so yet", "this computer")
	list := r.buttons("End it")
	if len(list) != 2 {
		t.Fatalf("%d buttons for two sessions", len(list))
	}
	r.fill("", "", "", "000000")
	list[1].OnTap()
	r.settle()
	r.says("a wrong PIN", "The PIN does not fit.")
	r.fill("", "", "", "481526")
	r.buttons("End it")[1].OnTap()
	r.settle()
	r.says("it has ended", "Ended. A computer that is connected hides it within seconds")
	if got := strings.Join(r.st.ended, ", "); got != "far" {
		t.Errorf("ended: %s", got)
	}
	if text := r.field("sessions-pin").Text(); text != "" {
		t.Errorf("the field holds %q", text)
	}
	r.send("sessions-end", "", "", "", "481526")
	r.settle()
	func() { defer r.st.lock()(); r.st.open = r.st.open[:1] }()
	r.send("sessions-look")
	r.settle()
	if !r.named("sessions-end").(*kit.Button).Config().Off {
		t.Error("all others can be ended where there are none")
	}
	r.st.late = make(chan struct{})
	r.send("pin-change", "481526", "730194", "730194")
	for _, name := range []string{"pin-change", "sessions-end", "sessions-look"} {
		if !r.named(name).(*kit.Button).Config().Off {
			t.Errorf("%s can be pressed while an answer is awaited", name)
		}
	}
	close(r.st.late)
	r.settle()
}

// Whatever is refused in the account form is typed anew at once: its field has the focus and
// is empty, and what was right stays. What was typed or gone to before the answer came is
// left alone.
func TestWhatTheAccountFormRefusesIsTypedAnew(t *testing.T) {
	r := newAccountForm(t, func(*station) {})
	is := func(what, focus string, texts ...string) {
		t.Helper()
		if r.focused() != r.field(focus).Focusable() {
			t.Errorf("%s: %T has the focus, not %s", what, r.focused(), focus)
		}
		for i, text := range texts {
			if got := r.field(accountFields[i]).Text(); got != text {
				t.Errorf("%s: %s holds %q, want %q", what, accountFields[i], got, text)
			}
		}
	}
	for _, c := range []struct {
		what, button, focus string
		typed, left         []string
	}{
		{"a wrong PIN", "pin-change", "pin-old", []string{"000000", "730194", "730194"}, []string{"", "730194", "730194"}},
		{"no PIN", "pin-change", "pin-old", []string{"", "730194", "730194"}, []string{"", "730194", "730194"}},
		{"two new ones", "pin-change", "pin-new", []string{"481526", "730194", "730149"}, []string{"481526", "", ""}},
		{"a new one that is guessed first", "pin-change", "pin-new", []string{"481526", "1234", "1234"}, []string{"481526", "", ""}},
		{"a wrong PIN, to end a session", "sessions-end", "sessions-pin", []string{"", "", "", "000000"}, []string{"", "", "", ""}},
		{"no PIN, to end a session", "sessions-end", "sessions-pin", []string{"481526", "730194", "", ""}, []string{"481526", "730194", "", ""}},
	} {
		r.send(c.button, c.typed...)
		r.settle()
		is(c.what, c.focus, c.left...)
	}
	// By Enter in the field that was typed last.
	r.fill("000000", "730194", "730194", "")
	r.win.Canvas().Focus(r.field("pin-again").Focusable())
	r.focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.settle()
	is("by Enter", "pin-old", "", "730194", "730194")

	r.send("pin-change", "000000", "730194", "730194", "")
	r.win.Canvas().Focus(r.field("sessions-pin").Focusable())
	r.field("pin-old").SetText("481526")
	r.settle()
	is("typed already", "sessions-pin", "481526", "730194", "730194", "")
	r.send("pin-change", "000000")
	r.s.Key(fyne.KeyL, ctrl)
	r.settle()
	if r.s.Page() != "signin" || r.focused() != r.s.signIn.pin.Focusable() {
		t.Errorf("locked: %T has the focus on %s", r.focused(), r.s.Page())
	}
}

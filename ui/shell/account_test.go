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

// Whatever is refused in the account form is typed anew at once: its field has the focus and
// is empty, and what was right stays. What was typed or gone to before the answer came is
// left alone.
func TestWhatTheAccountFormRefusesIsTypedAnew(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	func() { defer r.st.lock()(); r.st.open = sessionsOf() }()
	r.signIn()
	r.s.seat.palette.do(doAccount, "")
	r.settle()
	named := func(name string) fyne.CanvasObject {
		t.Helper()
		o, ok := r.s.control(name)
		if !ok {
			t.Fatalf("there is no %s", name)
		}
		return o
	}
	field := func(name string) *kit.TextField { return named(name).(*kit.TextField) }
	all := []string{"pin-old", "pin-new", "pin-again", "sessions-pin"}
	send := func(button string, typed ...string) {
		t.Helper()
		for i, text := range typed {
			field(all[i]).SetText(text)
		}
		b := named(button).(*kit.Button)
		r.win.Canvas().Focus(b)
		b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	}
	is := func(what, focus string, texts ...string) {
		t.Helper()
		if r.focused() != field(focus).Focusable() {
			t.Errorf("%s: %T has the focus, not %s", what, r.focused(), focus)
		}
		for i, text := range texts {
			if got := field(all[i]).Text(); got != text {
				t.Errorf("%s: %s holds %q, want %q", what, all[i], got, text)
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
		send(c.button, c.typed...)
		r.settle()
		is(c.what, c.focus, c.left...)
	}
	// By Enter in the field that was typed last.
	for i, text := range []string{"000000", "730194", "730194", ""} {
		field(all[i]).SetText(text)
	}
	r.win.Canvas().Focus(field("pin-again").Focusable())
	r.focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.settle()
	is("by Enter", "pin-old", "", "730194", "730194")

	send("pin-change", "000000", "730194", "730194", "")
	r.win.Canvas().Focus(field("sessions-pin").Focusable())
	field("pin-old").SetText("481526")
	r.settle()
	is("typed already", "sessions-pin", "481526", "730194", "730194", "")
	send("pin-change", "000000")
	r.s.Key(fyne.KeyL, ctrl)
	r.settle()
	if r.s.Page() != "signin" || r.focused() != r.s.signIn.pin.Focusable() {
		t.Errorf("locked: %T has the focus on %s", r.focused(), r.s.Page())
	}
}

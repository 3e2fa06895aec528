package shell

import (
	"strings"
	"testing"

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

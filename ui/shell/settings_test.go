package shell

import (
	"testing"

	"fyne.io/fyne/v2"

	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// Grace likes high contrast and large text. It holds at once, goes away with her
// lock, and comes back with her PIN; the sign-in page keeps the computer's own.
func TestTheLookGoesWithThePerson(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.Key(fyne.KeyComma, ctrl)
	r.settle()
	if r.s.Page() != "settings" {
		t.Fatal("no settings")
	}
	o, ok := r.s.control("theme")
	if !ok {
		t.Fatal("no switch for the colours")
	}
	o.(*kit.Segmented).OnChoose(2)
	for range 3 {
		r.s.Key(fyne.KeyPlus, ctrl)
	}
	r.settle()
	if got := theme.Current().Options(); got.Mode != theme.HighContrast || got.Scale < 1.29 {
		t.Fatalf("it does not hold at once: %+v", got)
	}
	r.s.Key(fyne.KeyL, ctrl)
	r.settle()
	if got := theme.Current().Options(); got.Mode != theme.Light || got.Scale != 1 {
		t.Errorf("the sign-in page looks as she wants it: %+v", got)
	}
	r.signIn()
	if got := theme.Current().Options(); got.Mode != theme.HighContrast || got.Scale < 1.29 {
		t.Errorf("she came back and it is gone: %+v", got)
	}
}

// On the sign-in page the text can be made larger by whoever cannot read it.
func TestTheSignInPageCanBeMadeLarger(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.s.Key(fyne.KeyPlus, ctrl)
	if got := theme.Current().Options().Scale; got < 1.09 {
		t.Errorf("scale %v", got)
	}
}

// The settings page is read and operated at every size of text and in every
// appearance; a look at it is no look at anybody.
func TestSettingsAtEverySize(t *testing.T) {
	for name, o := range map[string]theme.Options{"": {Mode: theme.Light, Scale: 1}, "-200": {Mode: theme.Light, Scale: 2}, "-high": {Mode: theme.HighContrast, Scale: 1.3}, "-dark": {Mode: theme.Dark, Scale: .8}} {
		r := newRig(t, o, 1024, 768)
		r.signIn()
		before := len(r.st.looks)
		r.s.Key(fyne.KeyComma, ctrl)
		r.settle()
		if len(r.st.looks) != before {
			t.Errorf("looks: %v", r.st.looks)
		}
		for tab := range 6 {
			w, _ := r.s.control("tabs")
			w.(*kit.Tabs).OnChoose(tab)
			if dir := uitest.Pictures(); dir != "" {
				r.picture(dir, "settings"+name+"-"+string(rune('0'+tab)))
			}
		}
	}
}

package shell

import (
	"testing"

	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// What the toolkit keeps for fields is let go of while nobody is there, once it is much;
// what somebody has typed and where they are stays.
func TestFontsAreLetGoOfWhileNobodyIsThere(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.types("ade")
	r.settle()
	was := theme.Current()
	kit.ForgetFieldFonts()
	look := func(want bool, when string) {
		t.Helper()
		r.s.freeFonts()
		if got := theme.Current() != was; got != want {
			t.Errorf("%s: let go of %v", when, got)
		}
	}
	r.pass(2 * fontsRest)
	look(false, "little is kept")
	for range mostFonts {
		r.s.seat.palette.field.CreateRenderer()
	}
	r.s.present()
	look(false, "somebody is there")
	r.pass(fontsRest)
	look(true, "nobody is there")
	if o := theme.Current().Options(); o != was.Options() {
		t.Errorf("%+v", o)
	}
	was = theme.Current()
	r.pass(10 * fontsRest)
	look(false, "a while later")
	p := r.s.seat.palette
	if !p.isOpen() || p.field.Text() != "ade" || p.answers != "ade" || r.s.canvas.Focused() != p.field.Focusable() {
		t.Errorf("the search is open: %v, with %q, answers %q, focus on %T", p.isOpen(), p.field.Text(), p.answers, r.s.canvas.Focused())
	}
}

package shell

import (
	"testing"

	"wardlight/ui/theme"
)

// The page is shown anew whenever a feed speaks or a minute passes. What somebody types
// after a refused try stays, and so does their place.
func TestWhatIsTypedAfterARefusalStays(t *testing.T) {
	r := newRig(t, theme.Options{}, 1366, 768)
	p := r.s.signIn
	for _, code := range []bool{false, true} {
		p.say("")
		st := p.state
		st.Code, st.Error = code, "That is not right."
		p.show(st)
		field := p.pin
		if code {
			field = p.code
		}
		field.SetText("12")
		p.show(st)
		if field.Text() != "12" || !p.trouble.Visible() {
			t.Errorf("a code is asked for %v: %q is left of what was typed, the refusal is shown %v", code, field.Text(), p.trouble.Visible())
		}
	}
}

package shell

import (
	"wardlight/internal/station/view/signin"
	"wardlight/internal/words"
	"wardlight/ui/kit"
)

// The sign-in page's form for an entry that cannot wait for a sign-in. One press
// opens it; what is in it is forgotten only when it is on disk, or its writer goes
// back.

// writes shows the form, or takes it away.
func (p *signInPage) writes(st signin.State) {
	kit.SetShown(p.text, st.Writing)
	conf := kit.ButtonConfig{Text: words.T("Write down what you saw"), Off: st.Busy}
	if st.Writing {
		if conf.Text = words.T("Back to signing in"); st.Leaving {
			conf.Text = words.T("Throw away what I wrote")
		}
		p.enter.Update(kit.ButtonConfig{Text: words.T("Keep it"), Kind: kit.Primary, Size: kit.Large, Off: st.Busy})
		kit.SetShown(p.hospital, false)
	}
	p.write.Update(conf)
	kit.SetShown(p.write, !st.Browsing && st.Vouched == nil)
	if st.Kept && !p.kept {
		p.text.SetText("")
		p.pin.SetText("")
	}
	p.kept = st.Kept
}

// pressWrite opens the form, and goes back. A PIN or a code that was begun belongs to
// what was done before.
func (p *signInPage) pressWrite() {
	if !p.state.Writing {
		p.pin.SetText("")
		p.code.SetText("")
		p.model.Write(true)
		p.shell.focus(p.text)
		return
	}
	if !p.model.Back(p.text.Text()) {
		return
	}
	p.text.SetText("")
	p.pin.SetText("")
	p.focus()
}

// keep hands over what was written.
func (p *signInPage) keep() {
	p.say("")
	p.model.Keep(p.user.Text(), p.pin.Text(), p.text.Text())
}

package shell

import (
	"wardlight/internal/station/view/signin"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// The sign-in page's second way: the hospital's account, in the browser. There is a
// button for it only where central offers one.

// asks shows what is asked for just now: name and PIN, or what somebody still gives
// whom the hospital vouched for.
func (p *signInPage) asks(st signin.State) {
	v := st.Vouched
	kit.SetShown(p.user, v == nil)
	kit.SetShown(p.pin, v == nil || v.PIN)
	kit.SetShown(p.code, st.Code || v != nil && v.Code)
	conf := kit.ButtonConfig{Text: st.Offer, Off: st.Busy}
	if v != nil || st.Browsing {
		conf = kit.ButtonConfig{Text: words.T("Back to name and PIN")}
	}
	p.hospital.Update(conf)
	kit.SetShown(p.hospital, conf.Text != "")
	if st.Browsing {
		p.words.Update(kit.T(words.T("Go on in the browser. This page waits for you for five minutes."), kit.Body, theme.TextMuted))
	}
	if v != nil && !p.asked {
		p.pin.SetText("")
		p.code.SetText("")
		if v.PIN {
			p.shell.focus(p.pin)
		} else {
			p.shell.focus(p.code)
		}
	}
	p.asked = v != nil
}

// pressHospital begins with the browser, or comes back from there.
func (p *signInPage) pressHospital() {
	if p.state.Browsing || p.state.Vouched != nil {
		p.model.GiveUp()
		p.focus()
		return
	}
	p.say("")
	p.model.ByHospital()
}

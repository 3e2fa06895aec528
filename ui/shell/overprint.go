package shell

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	voverprint "wardlight/internal/station/view/overprint"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// overprint is the form that lets a print go on which is over the limit. It opens by
// itself, in the place of a print that was held back.
type overprint struct {
	*overlay
	n           *session
	model       *voverprint.Model
	held        *kit.Flow
	reason, pin *kit.TextField
	print       *kit.Button
	scroll      *container.Scroll // at 200 % the form is higher than the window
	trouble     *kit.Note
}

func newOverprint(n *session) *overprint {
	o := &overprint{n: n, held: kit.NewFlow(), trouble: kit.NewNote(kit.CriticalNote)}
	field := func(placeholder string, secret bool) *kit.TextField {
		return kit.NewTextField(kit.TextConfig{Placeholder: placeholder, Width: 420, Height: 44, TextSize: 16, Secret: secret}, n.shell.typing)
	}
	o.reason = field(words.T("Why the ward needs this print now"), false)
	o.pin = field(words.T("Your PIN once more"), true)
	o.reason.OnEnter = func() { n.shell.focus(o.pin) }
	o.pin.OnEnter = o.send
	o.print = kit.NewButton(o.button(false), o.send)
	o.trouble.Hide()
	label := func(text string) fyne.CanvasObject { return kit.NewText(text, kit.DenseStrong, theme.Text) }
	inside := kit.NewInset(20, 16, kit.NewColumn(8,
		kit.NewText(words.T("More is printed than usual"), kit.Heading, theme.Text), o.held,
		label(words.T("Reason")), o.reason, label(words.T("PIN")), o.pin, o.trouble, kit.NewBar(8, o.print)))
	o.scroll = kit.NewScroll(inside)
	o.overlay = newOverlay(n, 520, o.scroll)
	for _, f := range []*kit.TextField{o.reason, o.pin} {
		f.OnFocus = func() { kit.Reveal(o.scroll, f) }
	}
	o.print.OnFocus = func() { kit.Reveal(o.scroll, o.print) }
	o.veil.tapped = o.close
	o.height = func(w float32) float32 { return kit.HeightFor(inside, w) + theme.Px(4) }
	o.model = voverprint.New(n.shell.conf.Station, n.shell.conf.Dispatch, o.draw, func(said string, err error) {
		o.close()
		n.printed(said, err)
	})
	return o
}

func (o *overprint) button(busy bool) kit.ButtonConfig {
	return kit.ButtonConfig{Text: words.T("Print all the same"), Icon: iconPrint, Key: words.C("key", "Enter"), Kind: kit.Primary, Size: kit.Large, Off: busy}
}

// offer opens the form for a print that was held back; false where it may not go on.
func (o *overprint) offer(err error) bool {
	if !o.model.Offer(err) {
		return false
	}
	o.clear()
	o.show()
	o.n.shell.focus(o.reason)
	return true
}

// close forgets what was typed.
func (o *overprint) close() {
	if o.isOpen() {
		o.model.Close()
		o.clear()
	}
	o.overlay.close()
}

func (o *overprint) clear() {
	o.reason.SetText("")
	o.pin.SetText("")
}

func (o *overprint) send() { o.model.Print(o.reason.Text(), o.pin.Text()) }

func (o *overprint) draw(st voverprint.State) {
	o.held.Update(kit.T(st.Held, kit.Body, theme.Text))
	o.print.Update(o.button(st.Busy))
	if st.Error != "" {
		o.trouble.Update(kit.CriticalNote, kit.T(st.Error, kit.Body, theme.Text))
		o.pin.SetText("")
	}
	if st.PIN {
		o.typedAnew(o.pin, o.print)
	}
	kit.SetShown(o.trouble, st.Error != "")
	o.object.Changed()
	if o.trouble.Visible() {
		o.scroll.Content.Refresh() // it has its place only now
		o.scroll.Refresh()
		kit.Reveal(o.scroll, o.trouble)
	}
}

// where says where a control is, for a script that drives the window.
func (o *overprint) where(name string) (fyne.CanvasObject, bool) {
	c, ok := map[string]fyne.CanvasObject{"reason": o.reason, "pin": o.pin, "print": o.print}[name]
	return c, ok
}

package shell

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wardlight/internal/clinical/ward"
	vemergency "wardlight/internal/station/view/emergency"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// emergency is the form that begins emergency access. It is found by the palette
// and not by a key: nobody comes here by a slip.
type emergency struct {
	*overlay
	n                *session
	model            *vemergency.Model
	who, reason, pin *kit.TextField
	begin            *kit.Button
	scroll           *container.Scroll // at 200 % the form is higher than the window
	trouble, untold  *kit.Note
}

var emergencyName = words.K("Emergency access to a record")

func newEmergency(n *session) *emergency {
	e := &emergency{n: n, trouble: kit.NewNote(kit.CriticalNote), untold: kit.NewNote(kit.LateNote)}
	field := func(placeholder string, secret bool) *kit.TextField {
		return kit.NewTextField(kit.TextConfig{Placeholder: placeholder, Width: 420, Height: 44, TextSize: 16, Secret: secret}, n.shell.typing)
	}
	e.who = field(words.T("ADEYEMI Folake 1954-03-14, or the whole NHS number"), false)
	e.reason = field(words.T("Why you need this record now"), false)
	e.pin = field(words.T("Your PIN once more"), true)
	e.who.OnEnter = func() { n.shell.focus(e.reason) }
	e.reason.OnEnter = func() { n.shell.focus(e.pin) }
	e.pin.OnEnter = e.send
	e.begin = kit.NewButton(kit.ButtonConfig{Text: words.T("Open for an hour"), Key: words.C("key", "Enter"), Kind: kit.Primary, Size: kit.Large}, e.send)
	e.trouble.Hide()
	e.untold.Hide()
	label := func(text string) fyne.CanvasObject { return kit.NewText(text, kit.DenseStrong, theme.Text) }
	inside := kit.NewInset(20, 16, kit.NewColumn(8,
		kit.NewText(emergencyName.Say(), kit.Heading, theme.Text),
		kit.NewFlow(kit.T(words.T("For a patient of another ward whom you must treat now. Where this computer does not hold the record, the server lends it for the hour. Your name and your reason go to the privacy officer, who reviews each one; the chart says so for as long as it is open."), kit.Body, theme.TextMuted)),
		e.untold,
		label(words.T("Whose record")), e.who, label(words.T("Reason")), e.reason, label(words.T("PIN")), e.pin,
		e.trouble, kit.NewBar(8, e.begin)))
	e.scroll = kit.NewScroll(inside)
	e.overlay = newOverlay(n, 520, e.scroll)
	for _, f := range []*kit.TextField{e.who, e.reason, e.pin} {
		f.OnFocus = func() { kit.Reveal(e.scroll, f) }
	}
	e.begin.OnFocus = func() { kit.Reveal(e.scroll, e.begin) }
	e.veil.tapped = e.close
	e.height = func(w float32) float32 { return kit.HeightFor(inside, w) + theme.Px(4) }
	e.model = vemergency.New(n.shell.conf.Station, n.shell.conf.Dispatch, e.draw, func(id ward.PatientID) {
		e.close()
		n.openChart(id, "")
	})
	return e
}

// open shows the form, empty.
func (e *emergency) open() {
	e.clear()
	e.model.Open()
	e.show()
	e.scroll.Content.Refresh() // what was hidden has its place only now, and the fields theirs
	e.scroll.Refresh()
	e.n.shell.focus(e.who)
}

// close forgets what was typed.
func (e *emergency) close() {
	if e.isOpen() {
		e.model.Close()
		e.clear()
	}
	e.overlay.close()
}

func (e *emergency) clear() {
	for _, f := range []*kit.TextField{e.who, e.reason, e.pin} {
		f.SetText("")
	}
}

func (e *emergency) send() { e.model.Begin(e.who.Text(), e.reason.Text(), e.pin.Text()) }

func (e *emergency) draw(st vemergency.State) {
	e.begin.Update(kit.ButtonConfig{Text: words.T("Open for an hour"), Key: words.C("key", "Enter"), Kind: kit.Primary, Size: kit.Large, Off: st.Busy})
	if st.Busy {
		e.trouble.Update(kit.InfoNote, kit.T(words.T("Opening. Where this computer does not hold the record, the server is asked for it."), kit.Body, theme.Text))
	}
	if st.Error != "" {
		e.trouble.Update(kit.CriticalNote, kit.T(st.Error, kit.Body, theme.Text))
		e.pin.SetText("")
	}
	if st.PIN {
		e.typedAnew(e.pin, e.begin)
	}
	e.untold.Update(kit.LateNote, kit.Span{Icon: iconWarning, IconColor: theme.WarningText, Text: st.Untold, Style: kit.Body, Color: theme.Text})
	kit.SetShown(e.untold, st.Untold != "")
	kit.SetShown(e.trouble, st.Error != "" || st.Busy)
	e.object.Changed()
	if e.trouble.Visible() {
		e.scroll.Content.Refresh() // it has its place only now
		e.scroll.Refresh()
		kit.Reveal(e.scroll, e.trouble)
	}
}

// where says where a control is, for a script that drives the window.
func (e *emergency) where(name string) (fyne.CanvasObject, bool) {
	o, ok := map[string]fyne.CanvasObject{"who": e.who, "reason": e.reason, "pin": e.pin, "begin": e.begin}[name]
	return o, ok
}

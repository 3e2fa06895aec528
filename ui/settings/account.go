package settings

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	view "wardlight/internal/station/view/settings"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// account is the tab of one's own account: the PIN, and where one is signed in.
type account struct {
	m *view.Account

	old, pin, again, pinCode *kit.TextField
	others                   *kit.Segmented
	change                   *kit.Button
	pinTrouble, pinDone      *kit.Note

	lines           *fyne.Container
	mine, code      *kit.TextField // the PIN, to end a session
	all, look       *kit.Button
	trouble, done   *kit.Note
	nothing         *kit.Flow
	body            *fyne.Container
	scroll          *container.Scroll
	pinCodes, codes fyne.CanvasObject
}

func (p *Page) newAccount(m *view.Account, typing *kit.Typing) fyne.CanvasObject {
	t := &account{m: m, pinTrouble: kit.NewNote(kit.CriticalNote), pinDone: kit.NewNote(kit.InfoNote), trouble: kit.NewNote(kit.CriticalNote), done: kit.NewNote(kit.InfoNote), lines: kit.NewColumn(8), nothing: kit.NewFlow()}
	p.account = t
	// Each has its name above it: of a PIN that was typed nothing else says which it is.
	field := func(hidden bool) *kit.TextField {
		return kit.NewTextField(kit.TextConfig{Width: 260, Height: 40, TextSize: 16, Secret: hidden}, typing)
	}
	t.old, t.pin, t.again, t.pinCode = field(true), field(true), field(true), field(false)
	t.mine, t.code = field(true), field(false)
	t.others = kit.NewSegmented(kit.SegmentedConfig{Labels: []string{words.T("They go on"), words.T("They end")}}, func(i int) { choose(t.others, i) })
	t.change = kit.NewButton(kit.ButtonConfig{}, t.send)
	t.all = kit.NewButton(kit.ButtonConfig{}, func() { t.end("others") })
	t.look = kit.NewButton(kit.ButtonConfig{}, t.load)
	t.again.OnEnter, t.pinCode.OnEnter = t.send, t.send
	t.pinCodes, t.codes = named(words.T("Code of your second factor"), t.pinCode), named(words.T("Code of your second factor"), t.code)
	t.body = kit.NewColumn(12,
		kit.NewText(words.T("Your PIN"), kit.Subheading, theme.Text),
		kit.NewFlow(kit.T(words.T("Four characters at least, six are advised; not a year, your name, or digits in a row. It is changed only while the server can be reached."), kit.Dense, theme.TextMuted)),
		named(words.T("The PIN that you have"), t.old), named(words.T("The new PIN"), t.pin), named(words.T("The new PIN once more"), t.again), t.pinCodes,
		row(words.T("Your sessions at other computers"), kit.NewBar(0, t.others)),
		t.pinTrouble, t.pinDone, kit.NewBar(8, t.change),
		kit.NewText(words.T("Where you are signed in"), kit.Subheading, theme.Text),
		kit.NewFlow(kit.T(words.T("As the server knows it. A session that you end is hidden there within seconds; what you were writing is kept. Every session wants your PIN again after some hours."), kit.Dense, theme.TextMuted)),
		t.lines, t.nothing, t.trouble, t.done, named(words.T("Your PIN, to end a session"), t.mine), t.codes, kit.NewBar(8, t.all, t.look))
	t.scroll = kit.NewScroll(kit.NewInset(20, 16, t.body))
	for _, f := range t.fields() {
		f.OnFocus = func() { kit.Reveal(t.scroll, f) }
	}
	for _, b := range []*kit.Button{t.change, t.all, t.look} {
		b.OnFocus = func() { kit.Reveal(t.scroll, b) }
	}
	t.others.OnFocus = func() { kit.Reveal(t.scroll, t.others) }
	p.names["pin-old"], p.names["pin-new"], p.names["pin-again"], p.names["pin-change"], p.names["pin-others"] = t.old, t.pin, t.again, t.change, t.others
	p.names["sessions-pin"], p.names["sessions-end"], p.names["sessions-look"] = t.mine, t.all, t.look
	t.show(m.State())
	return t.scroll
}

// named is a field below its name, with room between them for the ring of the focus.
func named(name string, f *kit.TextField) fyne.CanvasObject {
	f.Name(name)
	return kit.NewColumn(8, kit.NewText(name, kit.BodyStrong, theme.Text), kit.NewBar(0, f))
}

// ShowAccount draws one's own account.
func (p *Page) ShowAccount(s view.AccountState) { p.account.show(s) }

// Account turns to one's own account, and reads where one is signed in; the field is the
// first one to type into.
func (p *Page) Account() *kit.TextField {
	p.turn(tabAccount)
	return p.account.old
}

func (t *account) send() {
	t.m.ChangePIN(t.old.Text(), t.pin.Text(), t.again.Text(), t.pinCode.Text(), t.others.Config().Selected == 1, t.clear, t.retype())
}

func (t *account) end(which string) {
	t.m.End(which, t.mine.Text(), t.code.Text(), t.clear, t.retype())
}

// retype empties what was refused and gives it the focus, as the sign-in page does. An
// answer may take a while: what was typed since then stays, and so does the focus that
// somebody has put elsewhere.
func (t *account) retype() func(view.Field) {
	sent := map[*kit.TextField]string{}
	for _, f := range t.fields() {
		sent[f] = f.Text()
	}
	before := t.focused()
	return func(wrong view.Field) {
		list := map[view.Field][]*kit.TextField{view.OldPIN: {t.old}, view.NewPIN: {t.pin, t.again}, view.Code: {t.pinCode}, view.MyPIN: {t.mine}, view.MyCode: {t.code}}[wrong]
		for _, f := range list {
			if f.Text() == sent[f] {
				f.SetText("")
			}
		}
		if len(list) > 0 && t.focused() == before {
			list[0].Focus()
		}
	}
}

func (t *account) focused() fyne.Focusable {
	if c := fyne.CurrentApp().Driver().CanvasForObject(t.scroll); c != nil {
		return c.Focused()
	}
	return nil
}

func (t *account) fields() []*kit.TextField {
	return []*kit.TextField{t.old, t.pin, t.again, t.pinCode, t.mine, t.code}
}

func (t *account) load() { t.m.Load() }

// clear forgets what was typed.
func (t *account) clear() {
	for _, f := range t.fields() {
		f.SetText("")
	}
}

func (t *account) show(s view.AccountState) {
	t.change.Update(kit.ButtonConfig{Text: words.T("Change my PIN"), Key: words.C("key", "Enter"), Kind: kit.Primary, Off: s.Busy})
	t.all.Update(kit.ButtonConfig{Text: words.T("End all others"), Off: s.Busy || len(s.Lines) < 2})
	t.look.Update(kit.ButtonConfig{Text: words.T("Look again"), Off: s.Busy})
	note := func(n *kit.Note, tone kit.NoteTone, text string) {
		n.Update(tone, kit.T(text, kit.Body, theme.Text))
		shown(n, text != "")
	}
	note(t.pinTrouble, kit.CriticalNote, s.PINError)
	note(t.pinDone, kit.InfoNote, s.PINDone)
	note(t.trouble, kit.CriticalNote, s.SessionsError)
	note(t.done, kit.InfoNote, s.SessionsDone)
	t.lines.Objects = nil
	for _, l := range s.Lines {
		text := kit.NewFlow(kit.T(l.Head, kit.BodyStrong, theme.Text), kit.T(" "+l.Words, kit.Body, theme.TextMuted))
		if l.Here || l.Ending {
			t.lines.Objects = append(t.lines.Objects, text)
			continue
		}
		end := kit.NewButton(kit.ButtonConfig{Text: words.T("End it"), Off: s.Busy}, func() { t.end(l.Station) })
		end.OnFocus = func() { kit.Reveal(t.scroll, end) }
		t.lines.Objects = append(t.lines.Objects, text, kit.NewBar(8, end))
	}
	t.nothing.Update(kit.T(words.T("The server was not asked yet."), kit.Body, theme.TextMuted))
	shown(t.nothing, !s.Read && s.SessionsError == "")
	shown(t.pinCodes, s.Code)
	shown(t.codes, s.Code)
	t.lines.Refresh()
	t.body.Refresh()
	t.scroll.Refresh()
}

package alerts

import (
	"fyne.io/fyne/v2"

	view "wardlight/internal/station/view/alerts"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// foot is what can be done about the alert of the card: three answers and Set
// aside. Recording an action, or handing it to somebody, asks for the words in
// the same place.
type foot struct {
	object fyne.CanvasObject

	front                       *Front
	take, act, hand, aside      *kit.Button
	earlier, later, save, leave *kit.Button
	words                       *kit.TextField
	label, hint                 *kit.Line
	answers, form, ready        *fyne.Container
	likely                      []*kit.Button
	why                         *kit.Button
	trouble                     *kit.Note
	turns                       fyne.CanvasObject
	said                        string // by the note above
	kind                        string // what the form asks for; "" while it is closed
	key                         view.Key
}

func newFoot(f *Front, c view.Card) *foot {
	k := c.Key // bound here: a press acts on the alert that was drawn
	t := &foot{front: f, key: k, label: kit.NewLine(), trouble: kit.NewNote(kit.CriticalNote)}
	t.take = f.card.Button(kit.ButtonConfig{Text: words.T("I take it"), Key: "F5", Kind: kit.Primary, Size: kit.Large}, func() { f.do.Take(k, "taken", "", "") })
	t.act = f.card.Button(kit.ButtonConfig{Text: words.T("Record action"), Key: "F6", Size: kit.Large}, func() { t.ask("acting") })
	t.hand = f.card.Button(kit.ButtonConfig{Text: words.T("Hand to…"), Key: "F7", Size: kit.Large}, func() { t.ask("handed-to") })
	t.aside = f.card.Button(kit.ButtonConfig{Text: words.T("Set aside"), Key: words.C("key", "Esc"), Kind: kit.Link}, func() { f.do.SetAside(k, false) })
	t.earlier = f.card.Button(kit.ButtonConfig{Text: words.T("Previous"), Key: "←"}, func() { f.do.Turn(-1) })
	t.later = f.card.Button(kit.ButtonConfig{Text: words.T("Next"), Key: "→"}, func() { f.do.Turn(1) })
	t.words = kit.NewTextField(kit.TextConfig{Width: 340, Height: 44}, f.typing)
	t.words.OnEnter = t.send
	t.save = f.card.Button(kit.ButtonConfig{Text: words.T("Save"), Key: words.C("key", "Enter"), Kind: kit.Primary, Size: kit.Large}, t.send)
	t.leave = f.card.Button(kit.ButtonConfig{Text: words.T("Back"), Key: words.C("key", "Esc"), Size: kit.Large}, func() { t.back() })
	t.hint = kit.NewText(words.T("stays as a red band; the clock goes on"), kit.Caption, theme.TextMuted)
	t.turns = newPair(t.earlier, t.later)
	t.answers = kit.NewBar(8, t.take, t.act, t.hand, t.turns, kit.NewSpring(), t.hint, t.aside)
	t.ready, t.likely = likely(c.Alert, func(done string) { f.do.Record(k, done) }, f.card.Button)
	rule := view.RuleOf(c.Alert)
	t.why = f.card.Button(kit.ButtonConfig{Text: words.T("Why does this warn?"), Kind: kit.Link}, func() { f.do.Why(k, rule) })
	t.ready.Objects = append(t.ready.Objects, kit.NewSpring(), t.why)
	t.form = kit.NewBar(12, t.label, t.words, t.save, t.leave)
	t.form.Hide()
	t.trouble.Hide()
	t.object = kit.NewInset(20, 12, kit.NewColumn(8, t.trouble, t.answers, t.ready, t.form))
	return t
}

// update draws what may change while the card is open. Where there is little
// room the keys and the hint are left out: the value above must stay in view.
func (t *foot) update(c view.Card) {
	several, narrow := c.Place != "", t.front.room() < 800
	kit.SetShown(t.turns, several)
	kit.SetShown(t.hint, !several && !narrow)
	kit.SetShown(t.ready, !narrow && !t.asking())
	kit.SetShown(t.why, t.fits()) // else by the search: Alert rules
	key := func(k string) string {
		if narrow {
			return ""
		}
		return k
	}
	t.take.Update(kit.ButtonConfig{Text: words.T("I take it"), Key: key("F5"), Kind: kit.Primary, Size: kit.Large, Off: c.Busy})
	t.act.Update(kit.ButtonConfig{Text: words.T("Record action"), Key: key("F6"), Size: kit.Large})
	t.hand.Update(kit.ButtonConfig{Text: words.T("Hand to…"), Key: key("F7"), Size: kit.Large})
	t.aside.Update(kit.ButtonConfig{Text: words.T("Set aside"), Key: key(words.C("key", "Esc")), Kind: kit.Link})
	back, on := words.T("Previous"), words.T("Next")
	if narrow {
		back, on = "", ""
	}
	t.earlier.Update(kit.ButtonConfig{Text: back, Key: "←"})
	t.later.Update(kit.ButtonConfig{Text: on, Key: "→"})
	kit.SetShown(t.trouble, c.Error+c.Hint != "")
	switch {
	case c.Error != "":
		t.trouble.Update(kit.CriticalNote, kit.T(c.Error+" "+words.T("Nobody has taken it yet."), kit.Body, theme.Text))
	case c.Hint != "":
		t.trouble.Update(kit.LateNote, kit.T(c.Hint, kit.BodyStrong, theme.Text))
	}
	t.object.Refresh()
	if said := c.Error + c.Hint; said != t.said { // the note above needs room
		t.said = said
		t.front.card.Refresh()
	}
}

// fits says whether the link to the rule has room beside the likely actions.
func (t *foot) fits() bool {
	width := theme.Px(40)
	for _, o := range t.ready.Objects {
		width += o.MinSize().Width + theme.Px(8)
	}
	return width <= theme.Px(t.front.room())
}

// ask opens the form for the words of an answer.
func (t *foot) ask(kind string) {
	if t.kind != "" {
		return
	}
	t.kind = kind
	label, save := words.T("What was done"), words.T("Record action")
	if kind == "handed-to" {
		label, save = words.T("Hand to (name)"), words.T("Hand to")
	}
	t.label.Update(kit.T(label, kit.BodyStrong, theme.Text))
	t.save.Update(kit.ButtonConfig{Text: save, Key: words.C("key", "Enter"), Kind: kit.Primary, Size: kit.Large})
	t.words.SetText("")
	t.answers.Hide()
	t.ready.Hide()
	t.form.Show()
	t.front.relayout()
	if c := t.front.canvas; c != nil { // by the canvas: the field has not been drawn yet
		kit.Focus(c, t.words.Focusable())
	}
}

func (t *foot) asking() bool { return t.kind != "" }

// back closes the form, and reports whether it was open.
func (t *foot) back() bool {
	if t.kind == "" {
		return false
	}
	t.kind = ""
	t.form.Hide()
	t.answers.Show()
	kit.SetShown(t.ready, t.front.room() >= 800)
	t.front.relayout()
	t.front.refocus()
	return true
}

// send gives the answer with its words; without words there is none.
func (t *foot) send() {
	text := t.words.Text()
	switch {
	case text == "":
		t.words.Update(kit.TextConfig{Width: 340, Height: 44, Bad: true})
	case t.kind == "handed-to":
		t.front.do.Take(t.key, t.kind, "", text)
	default:
		t.front.do.Take(t.key, t.kind, text, "")
	}
}

func (t *foot) named() map[string]fyne.CanvasObject {
	if t.asking() {
		return map[string]fyne.CanvasObject{"words": t.words, "save": t.save, "back": t.leave}
	}
	all := map[string]fyne.CanvasObject{"take": t.take, "acting": t.act, "hand-to": t.hand, "set-aside": t.aside}
	if t.ready.Visible() {
		nameLikely(all, t.likely)
		if t.why.Visible() {
			all["why"] = t.why
		}
	}
	return all
}

// relayout places the card's parts anew after its foot changed its height.
func (f *Front) relayout() {
	f.foot.object.Refresh()
	f.card.Refresh()
}

// refocus brings the focus back into the card, to a button that takes nothing by itself.
func (f *Front) refocus() {
	if f.canvas != nil {
		kit.Focus(f.canvas, f.foot.act)
	}
}

package reviews

import (
	"strconv"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/reviews"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// answer is what follows the two sides: the two further answers, who was asked,
// and the panel in which a choice is signed or a colleague is asked.
type answer struct {
	page *Page

	neither, put *kit.Button
	bar          fyne.CanvasObject
	asked        *fyne.Container

	panel        *kit.Panel
	words        *kit.Flow
	reason       *kit.TextField // why neither is right
	to, question *kit.TextField
	whom         *fyne.Container
	form         *fyne.Container
	sign, change *kit.Button
	drawn        string // which panel is open: it gets the focus once
}

func newAnswer(p *Page, typing *kit.Typing) *answer {
	a := &answer{page: p, words: kit.NewFlow(), asked: kit.NewColumn(2), whom: kit.NewBar(6)}
	a.neither = kit.NewButton(kit.ButtonConfig{}, p.neitherSide)
	a.put = kit.NewButton(kit.ButtonConfig{}, p.startAsk)
	a.bar = kit.NewBar(12, a.neither, a.put)
	a.reason = kit.NewTextField(kit.TextConfig{Placeholder: words.T("Why is neither right?"), Width: 340}, typing)
	a.to = kit.NewTextField(kit.TextConfig{Placeholder: words.T("Whom: a name or a role"), Width: 260}, typing)
	a.question = kit.NewTextField(kit.TextConfig{Placeholder: words.T("What do you want to know?"), Width: 340}, typing)
	a.reason.OnEnter, a.question.OnEnter = p.signNow, p.signNow
	a.to.OnEnter = func() { p.focus(a.question.Focusable()) }
	a.form = kit.NewColumn(8, a.whom, a.to, a.question)
	a.sign = kit.NewButton(kit.ButtonConfig{}, p.signNow)
	a.change = kit.NewButton(kit.ButtonConfig{}, p.takeBack)
	a.panel = kit.NewPanel(kit.PanelConfig{Fill: theme.InfoTint, Border: theme.Info},
		kit.NewInset(14, 8, kit.NewColumn(8, a.words, a.reason, a.form, kit.NewBar(12, a.sign, a.change))))
	for _, f := range []*kit.TextField{a.reason, a.to, a.question} {
		f.OnFocus = func() { kit.Reveal(p.scroll, f) }
	}
	a.sign.OnFocus, a.change.OnFocus = p.toEnd, p.toEnd
	for _, b := range []*kit.Button{a.neither, a.put} {
		b.OnFocus = func() { kit.Reveal(p.scroll, b) }
	}
	a.panel.Hide()
	return a
}

// show draws a state of an open review.
func (a *answer) show(s view.State) {
	n := len(s.Open.Sides)
	kit.SetShown(a.neither, s.Open.Neither)
	a.neither.Update(kit.ButtonConfig{Text: words.T("Neither: write a new entry"), Key: strconv.Itoa(n + 1), Off: s.Busy, Kind: kindOf(s.Chosen == ward.Neither)})
	a.put.Update(kit.ButtonConfig{Text: words.T("Ask somebody…"), Key: strconv.Itoa(n + 2), Off: s.Busy, Kind: kindOf(s.Asking)})
	a.asked.Objects = nil
	for _, said := range s.Asked {
		a.asked.Objects = append(a.asked.Objects, kit.NewFlow(kit.Span{Icon: iconAsked, IconColor: theme.TextMuted, Text: said + ".", Style: kit.Dense, Color: theme.Text}))
	}
	kit.SetShown(a.asked, len(s.Asked) > 0)
	mode := ""
	switch {
	case s.Asking:
		mode = "ask"
	case s.Chosen != "":
		mode = "sign"
	}
	if s.Chosen == ward.Neither {
		mode = "neither"
	}
	a.open(mode, s)
}

func (a *answer) open(mode string, s view.State) {
	kit.SetShown(a.panel, mode != "")
	kit.SetShown(a.reason, mode == "neither")
	kit.SetShown(a.form, mode == "ask")
	text, sign, back, key := s.Confirm, words.T("Sign and decide"), words.C("a choice", "Change"), words.C("key", "Enter")
	if mode == "ask" {
		text, sign, back = words.T("The question stays open, and everybody sees whom you asked. Nobody is phoned by it."), words.C("somebody", "Ask"), words.T("Back")
	}
	a.words.Update(kit.T(text, kit.Dense, theme.Text))
	a.sign.Update(kit.ButtonConfig{Text: sign, Key: key, Kind: kit.Primary, Off: s.Busy})
	a.change.Update(kit.ButtonConfig{Text: back, Key: words.C("key", "Esc"), Off: s.Busy})
	if mode == a.drawn {
		return
	}
	a.drawn = mode
	for _, f := range []*kit.TextField{a.reason, a.to, a.question} {
		f.SetText("")
	}
	a.offer(s.Whom)
}

// offer draws the names that one press fills in.
func (a *answer) offer(whom []string) {
	a.whom.Objects = nil
	for _, name := range whom {
		a.whom.Objects = append(a.whom.Objects, kit.NewButton(kit.ButtonConfig{Text: name, Size: kit.Small}, func() {
			a.to.SetText(name)
			a.page.focus(a.question.Focusable())
		}))
	}
	a.whom.Layout = kit.NewBar(6, a.whom.Objects...).Layout
}

func kindOf(chosen bool) kit.ButtonKind {
	if chosen {
		return kit.Chosen
	}
	return kit.Outlined
}

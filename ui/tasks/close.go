package tasks

import (
	"fyne.io/fyne/v2"

	view "wardlight/internal/station/view/tasks"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// closing asks why a task leaves the list without having been done here.
type closing struct {
	page        *Page
	object      fyne.CanvasObject
	column      *fyne.Container
	who, what   *kit.Flow
	reason      *field
	trouble     *kit.Note
	save, leave *kit.Button
}

func newClosing(p *Page, typing *kit.Typing) *closing {
	c := &closing{page: p, who: kit.NewFlow(), what: kit.NewFlow(), trouble: kit.NewNote(kit.CriticalNote)}
	c.reason = &field{config: kit.TextConfig{Placeholder: view.CloseWords(), Width: 260}}
	c.reason.TextField = kit.NewTextField(c.reason.config, typing)
	c.reason.OnChange, c.reason.OnEnter = p.m.TypeReason, p.save
	c.save = kit.NewButton(kit.ButtonConfig{}, p.save)
	c.leave = kit.NewButton(kit.ButtonConfig{Text: words.T("Leave"), Key: words.C("key", "Esc"), Size: kit.Large}, func() { p.leave() })
	c.column = kit.NewColumn(6,
		kit.NewText(words.T("Not done here"), kit.Heading, theme.Text), c.trouble, c.who, c.what,
		kit.NewText(words.T("Why"), kit.DenseStrong, theme.TextMuted), c.reason.TextField, kit.NewBar(12, c.save, c.leave))
	c.object = kit.NewScroll(kit.NewInset(16, 12, c.column))
	c.trouble.Hide()
	return c
}

func (c *closing) show(s view.State) {
	if s.Close == nil {
		return
	}
	kit.SetShown(c.trouble, s.Error != "")
	if s.Error != "" {
		c.trouble.Update(kit.CriticalNote, kit.T(s.Error, kit.BodyStrong, theme.CriticalText))
	}
	c.who.Update(whoSpans(s.Close.Who)...)
	c.what.Update(kit.T(s.Close.Words, kit.BodyStrong, theme.Text))
	c.reason.show(s.Close.Reason, s.Close.Bad)
	c.save.Update(kit.ButtonConfig{Text: words.T("Take off the list"), Key: "F2", Kind: kit.Primary, Size: kit.Large, Off: s.Busy})
	c.column.Refresh()
	c.object.Refresh()
}

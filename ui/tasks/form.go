package tasks

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/tasks"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// field is a text field that can say that what is in it is refused.
type field struct {
	*kit.TextField
	config kit.TextConfig
}

func (f *field) show(text string, bad bool) {
	if f.Text() != text {
		f.SetText(text)
	}
	f.config.Bad = bad
	f.Update(f.config)
}

// form makes a task: for whom, what, to whom it is given, and when it is due.
type form struct {
	page   *Page
	object fyne.CanvasObject
	scroll *container.Scroll
	column *fyne.Container

	who         *kit.Flow
	other       *kit.Button
	find, text  *field
	owner, due  *field
	found       *fyne.Container
	names       []*kit.Button
	roles       []*kit.FilterPill
	urgent      *kit.FilterPill
	when, none  *kit.Flow
	kept        *kit.Flow // of a form that was begun before
	trouble     *kit.Note
	save, leave *kit.Button
}

func newForm(p *Page, typing *kit.Typing) *form {
	m := p.m
	f := &form{page: p, who: kit.NewFlow(), when: kit.NewFlow(), none: kit.NewFlow(), kept: kit.NewFlow(), found: kit.NewColumn(4), trouble: kit.NewNote(kit.CriticalNote)}
	line := func(placeholder string, change func(string)) *field {
		t := &field{config: kit.TextConfig{Placeholder: placeholder, Width: 260}}
		t.TextField = kit.NewTextField(t.config, typing)
		t.OnChange = change
		t.OnFocus = func() { kit.Reveal(f.scroll, t.TextField) }
		return t
	}
	f.find = line(words.T("Name, bed or number"), m.Find)
	f.find.OnEnter = f.first
	f.text = line(words.T("What is to be done"), m.TypeWords)
	f.owner = line(words.T("A name, or choose a role below"), m.TypeOwner)
	f.due = line(view.DueWords(), m.TypeDue)
	f.text.OnEnter, f.owner.OnEnter, f.due.OnEnter = f.owner.Focus, f.due.Focus, p.save
	f.other = kit.NewButton(kit.ButtonConfig{Text: words.T("Another patient"), Size: kit.Small}, func() { m.Choose(""); f.focus() })
	pills := []fyne.CanvasObject{}
	for _, r := range view.Roles() {
		pill := kit.NewFilterPill(kit.FilterPillConfig{Text: r.Words}, func() { m.GiveTo(r.Code) })
		f.roles, pills = append(f.roles, pill), append(pills, pill)
	}
	f.urgent = kit.NewFilterPill(kit.FilterPillConfig{Text: words.T("Urgent")}, func() { m.SetUrgent(p.state.Form != nil && !p.state.Form.Urgent) })
	f.save = kit.NewButton(kit.ButtonConfig{}, p.save)
	f.leave = kit.NewButton(kit.ButtonConfig{Text: words.T("Leave"), Key: words.C("key", "Esc"), Size: kit.Large}, func() { p.leave() })
	head := func(said string) fyne.CanvasObject { return kit.NewText(said, kit.DenseStrong, theme.TextMuted) }
	f.column = kit.NewColumn(6,
		kit.NewText(words.T("New task"), kit.Heading, theme.Text), f.trouble, f.kept,
		head(words.T("For")), f.who, f.find.TextField, f.found, f.none, kit.NewBar(8, f.other),
		head(words.T("What")), f.text.TextField, head(words.T("Given to")), f.owner.TextField, kit.NewBar(6, pills...),
		head(words.T("When")), f.due.TextField, f.when, kit.NewBar(6, f.urgent), kit.NewBar(12, f.save, f.leave))
	f.scroll = kit.NewScroll(kit.NewInset(16, 12, f.column))
	f.object = f.scroll
	for _, b := range []*kit.Button{f.other, f.save, f.leave} {
		b.OnFocus = func() { kit.Reveal(f.scroll, b) }
	}
	f.trouble.Hide()
	return f
}

func (f *form) named() map[string]fyne.CanvasObject {
	return map[string]fyne.CanvasObject{"find": f.find.TextField, "words": f.text.TextField, "owner": f.owner.TextField, "due": f.due.TextField, "save": f.save, "leave": f.leave, "another": f.other}
}

// focus goes to the first field that is empty.
func (f *form) focus() {
	s := f.page.state.Form
	switch {
	case s == nil:
	case s.Who == nil:
		f.find.Focus()
	default:
		f.text.Focus()
	}
}

// focusBad goes to the field that is wrong.
func (f *form) focusBad() {
	s := f.page.state.Form
	if s == nil {
		return
	}
	switch s.Bad {
	case "who":
		f.find.Focus()
	case "words":
		f.text.Focus()
	case "due":
		f.due.Focus()
	}
}

// first chooses the only patient that was found; of several nobody is chosen by a
// key that was meant for the field.
func (f *form) first() {
	if s := f.page.state.Form; s != nil && len(s.Found) == 1 {
		f.choose(s.Found[0].ID)
	}
}

func (f *form) choose(id ward.PatientID) {
	f.page.m.Choose(id)
	f.text.Focus()
}

func (f *form) show(s view.State) {
	if s.Form == nil {
		return
	}
	v := *s.Form
	kit.SetShown(f.trouble, s.Error != "")
	if s.Error != "" {
		f.trouble.Update(kit.CriticalNote, kit.T(s.Error, kit.BodyStrong, theme.CriticalText))
	}
	f.kept.Update(kit.T(v.Kept, kit.DenseStrong, theme.Text))
	kit.SetShown(f.kept, v.Kept != "")
	f.showWho(v)
	f.find.show(v.Search, v.Bad == "who")
	f.text.show(v.Words, v.Bad == "words")
	f.owner.show(v.Owner, false)
	f.due.show(v.Due, v.Bad == "due")
	for i, r := range view.Roles() {
		f.roles[i].Update(kit.FilterPillConfig{Text: r.Words, On: v.Role == r.Code})
	}
	f.urgent.Update(kit.FilterPillConfig{Text: words.T("Urgent"), On: v.Urgent})
	f.when.Update(kit.T(v.When, kit.Dense, theme.Text))
	kit.SetShown(f.when, v.When != "")
	f.save.Update(kit.ButtonConfig{Text: words.T("Save task"), Key: "F2", Kind: kit.Primary, Size: kit.Large, Off: s.Busy})
	f.column.Refresh()
	f.scroll.Refresh()
}

// showWho shows whose it is, or the search for them.
func (f *form) showWho(v view.Form) {
	chosen := v.Who != nil
	kit.SetShown(f.who, chosen)
	kit.SetShown(f.other, chosen)
	kit.SetShown(f.find, !chosen)
	kit.SetShown(f.none, !chosen && v.None != "")
	f.none.Update(kit.T(v.None, kit.Dense, theme.TextMuted))
	if chosen {
		f.who.Update(append(whoSpans(*v.Who), leftSpans(v.Left)...)...)
	}
	f.found.Objects = nil
	f.names = nil
	if !chosen {
		for _, w := range v.Found {
			b := kit.NewButton(kit.ButtonConfig{Text: nameWords(w), Size: kit.Small}, func() { f.choose(w.ID) })
			b.OnFocus = func() { kit.Reveal(f.scroll, b) }
			f.names = append(f.names, b)
			f.found.Objects = append(f.found.Objects, b)
		}
	}
	kit.SetShown(f.found, len(f.names) > 0)
}

// whoSpans restates who it is: name, birth date, number.
func whoSpans(w ward.Identity) []kit.Span {
	out := []kit.Span{kit.T(w.Bed, kit.BodyBold, theme.Text), kit.T(w.ShowName(), kit.BodyStrong, theme.Text).After(8)}
	if w.Bed == "" {
		out = out[1:]
	}
	for _, s := range []string{bornWords(w), w.Number} {
		if s != "" {
			out = append(out, kit.T(s, kit.Dense, theme.TextMuted).After(8))
		}
	}
	if w.Similar {
		out = append(out, kit.Chip(words.T("similar name"), iconSimilar, kit.LateTone).After(8).Kept())
	}
	return out
}

// leftSpans say that whoever it is for has left.
func leftSpans(left string) []kit.Span {
	if left == "" {
		return nil
	}
	return []kit.Span{kit.Chip(left, iconLeft, kit.LateTone).After(8).Kept()}
}

func nameWords(w view.Found) string {
	said := w.ShowName()
	if w.Bed != "" {
		said = w.Bed + "  " + said
	}
	if b := bornWords(w.Identity); b != "" {
		said += ", " + b
	}
	if w.Left != "" {
		said += ", " + w.Left
	}
	return said
}

package routines

import (
	"fmt"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"

	view "wardlight/internal/station/view/routines"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// form is the routine that is chosen: its fields for whoever may change it, and its
// steps as they will be ticked for everybody else, and as a preview.
type form struct {
	m      *view.Model
	typing *kit.Typing
	reveal func(fyne.CanvasObject)
	object *fyne.Container

	title, words         *kit.Flow
	name, within         *kit.TextField
	kind, whose, onOff   *kit.Segmented
	whoseRow             fyne.CanvasObject
	edit                 *fyne.Container // the fields
	steps                *fyne.Container
	rows                 []*stepRow
	add, save, look, out *kit.Button
	bar                  *fyne.Container
	read                 *fyne.Container // as it will be ticked
	earlier              *fyne.Container
	shown                view.Form // what read and earlier were drawn of
}

func newForm(m *view.Model, typing *kit.Typing, reveal func(fyne.CanvasObject)) *form {
	f := &form{m: m, typing: typing, reveal: reveal, title: kit.NewFlow(), words: kit.NewFlow(), steps: kit.NewColumn(10), read: kit.NewColumn(6), earlier: kit.NewColumn(4)}
	f.name = kit.NewTextField(kit.TextConfig{Placeholder: words.T("As admission, adult ward"), Width: 320}, typing)
	f.name.OnChange = m.SetName
	f.within = kit.NewTextField(kit.TextConfig{Placeholder: words.T("Never"), Width: 120}, typing)
	f.within.OnChange = m.SetWithin
	f.kind = kit.NewSegmented(kit.SegmentedConfig{Labels: labels(view.Kinds())}, m.SetKind)
	f.whose = kit.NewSegmented(kit.SegmentedConfig{Labels: []string{words.T("This ward"), words.T("Whole site")}}, func(i int) { m.SetSite(i == 1) })
	f.onOff = kit.NewSegmented(kit.SegmentedConfig{Labels: []string{words.T("On"), words.T("Off")}}, func(i int) { m.SetOff(i == 1) })
	f.add = kit.NewButton(kit.ButtonConfig{Text: words.T("Add step"), Icon: iconPlus, Size: kit.Small}, func() { m.AddStep(); f.last() })
	f.save = kit.NewButton(kit.ButtonConfig{}, m.Save)
	f.look = kit.NewButton(kit.ButtonConfig{Text: words.T("Preview"), Size: kit.Large}, m.Preview)
	f.out = kit.NewButton(kit.ButtonConfig{Text: words.T("Leave changes"), Key: words.C("key", "Esc"), Size: kit.Large}, func() { m.Leave() })
	f.whoseRow = field(words.T("Whose"), kit.NewBar(0, f.whose))
	f.bar = kit.NewBar(12, f.save, f.look, f.out)
	f.edit = kit.NewColumn(10,
		field(words.T("Name"), f.name), field(words.T("What it is for"), kit.NewBar(0, f.kind)), f.whoseRow,
		field(words.T("Late after so many minutes"), f.within), field(words.T("On or off: off, it is not offered and not begun"), kit.NewBar(0, f.onOff)),
		kit.NewText(words.T("Steps"), kit.Subheading, theme.Text), f.steps, kit.NewBar(0, f.add))
	f.object = kit.NewColumn(10, f.title, f.words, f.bar, f.edit, f.read, f.earlier)
	for _, t := range []*kit.TextField{f.name, f.within} {
		t.OnFocus = func() { reveal(t) }
	}
	for _, s := range []*kit.Segmented{f.kind, f.whose, f.onOff} {
		s.OnFocus = func() { reveal(s) }
	}
	for _, b := range []*kit.Button{f.add, f.save, f.look, f.out} {
		b.OnFocus = func() { reveal(b) }
	}
	return f
}

func labels(list []view.Choice) []string {
	var out []string
	for _, c := range list {
		out = append(out, c.Label)
	}
	return out
}

// field is a label over its control.
func field(label string, control fyne.CanvasObject) fyne.CanvasObject {
	return kit.NewColumn(3, kit.NewFlow(kit.T(label, kit.CaptionStrong, theme.TextMuted)), control)
}

// last goes to the step that was just added.
func (f *form) last() {
	if n := len(f.rows); n > 0 && f.rows[n-1].words.Text() == "" {
		f.rows[n-1].words.Focus()
	}
}

func (f *form) named() map[string]fyne.CanvasObject {
	out := map[string]fyne.CanvasObject{"name": f.name, "kind": f.kind, "within": f.within, "on-off": f.onOff, "add": f.add, "save": f.save, "preview": f.look, "leave": f.out, "whose": f.whose}
	for i, r := range f.rows {
		n := number(i)
		out["step-"+n], out["page-"+n], out["switch-"+n], out["up-"+n], out["down-"+n], out["remove-"+n] = r.words, r.page, r.off, r.up, r.down, r.out
	}
	return out
}

func (f *form) show(s view.State) {
	if s.Form == nil {
		return
	}
	v := *s.Form
	head := []kit.Span{kit.T(v.Title, kit.Subheading, theme.Text)}
	if v.Off {
		head = append(head, kit.Chip(words.T("switched off"), iconOff, kit.Quiet).After(8).Kept())
	}
	f.title.Update(head...)
	var said []kit.Span
	for _, w := range v.Words {
		said = append(said, kit.T(w, kit.Dense, theme.TextMuted).OnOwnLine())
	}
	f.words.Update(said...)
	editing := v.MayEdit && !v.Preview
	kit.SetShown(f.bar, v.MayEdit)
	kit.SetShown(f.edit, editing)
	kit.SetShown(f.read, !editing)
	kit.SetShown(f.out, v.Changed)
	kit.SetShown(f.whoseRow, v.Fresh && s.MaySite)
	save := words.T("Save as this site’s")
	if !v.Fresh {
		save = words.T("Save next version")
	}
	f.save.Update(kit.ButtonConfig{Text: save, Key: "F2", Kind: kit.Primary, Size: kit.Large, Off: s.Busy || !v.Changed && !v.Fresh})
	f.look.Update(kit.ButtonConfig{Text: map[bool]string{true: words.T("Back to the fields"), false: words.T("Preview")}[v.Preview], Size: kit.Large})
	if editing {
		f.fields(v)
	}
	if !editing && !sameForm(f.shown, v) || len(f.earlier.Objects) != earlierParts(v) {
		f.shown = v
		f.drawn(v)
	}
	f.object.Refresh()
}

func sameForm(a, b view.Form) bool {
	return a.Title == b.Title && a.Name == b.Name && slices.Equal(a.Steps, b.Steps)
}

func (f *form) fields(v view.Form) {
	setText(f.name, v.Name)
	setText(f.within, v.Within)
	f.name.Update(kit.TextConfig{Placeholder: words.T("As admission, adult ward"), Width: 320, Bad: v.Bad == view.BadName})
	f.within.Update(kit.TextConfig{Placeholder: words.T("Never"), Width: 120, Bad: v.Bad == view.BadWithin})
	f.kind.Update(kit.SegmentedConfig{Labels: labels(view.Kinds()), Selected: v.Kind})
	f.whose.Update(kit.SegmentedConfig{Labels: []string{words.T("This ward"), words.T("Whole site")}, Selected: one(v.Site)})
	f.onOff.Update(kit.SegmentedConfig{Labels: []string{words.T("On"), words.T("Off")}, Selected: one(v.Off)})
	for len(f.rows) < len(v.Steps) {
		f.rows = append(f.rows, f.newStep(len(f.rows)))
	}
	f.rows = f.rows[:len(v.Steps)]
	f.steps.Objects = nil
	for i, r := range f.rows {
		r.show(i, len(v.Steps), v.Steps[i], v.Bad == strconv.Itoa(i))
		f.steps.Objects = append(f.steps.Objects, r.object)
	}
	f.steps.Refresh()
}

func one(on bool) int {
	if on {
		return 1
	}
	return 0
}

func setText(t *kit.TextField, text string) {
	if t.Text() != text {
		t.SetText(text)
	}
}

// drawn draws the steps as they will be ticked, and the versions before.
func (f *form) drawn(v view.Form) {
	f.read.Objects = []fyne.CanvasObject{kit.NewText(v.Name, kit.Heading, theme.Text)}
	n := 0
	for _, s := range v.Steps {
		spans := []kit.Span{}
		if s.Off {
			spans = append(spans, kit.T(s.Words, kit.Body, theme.TextMuted), kit.Chip(words.T("switched off"), iconOff, kit.Quiet).After(8).Kept())
		} else {
			n++
			spans = append(spans, kit.T(fmt.Sprintf("%d. %s", n, s.Words), kit.BodyStrong, theme.Text))
		}
		if s.Page > 0 {
			spans = append(spans, kit.T(view.Pages()[s.Page].Label, kit.Dense, theme.TextMuted).After(8))
		}
		if s.Use != "" {
			spans = append(spans, kit.T(s.Use, kit.Dense, theme.TextMuted).OnOwnLine())
		}
		f.read.Objects = append(f.read.Objects, kit.NewFlow(spans...))
	}
	f.earlier.Objects = nil
	if len(v.Earlier) > 0 {
		f.earlier.Objects = append(f.earlier.Objects, kit.NewText(words.T("Versions before"), kit.Subheading, theme.Text))
	}
	for _, e := range v.Earlier {
		spans := []kit.Span{kit.T(e.Head, kit.DenseStrong, theme.Text)}
		for _, s := range e.Steps {
			spans = append(spans, kit.T(s, kit.Dense, theme.TextMuted).OnOwnLine())
		}
		f.earlier.Objects = append(f.earlier.Objects, kit.NewFlow(spans...))
	}
	f.read.Refresh()
	f.earlier.Refresh()
}

func earlierParts(v view.Form) int {
	if len(v.Earlier) == 0 {
		return 0
	}
	return len(v.Earlier) + 1
}

// stepRow is one step in the form: its words, what it opens, whether it is on, its
// place, and what became of it.
type stepRow struct {
	object        fyne.CanvasObject
	head          *kit.Flow
	words         *kit.TextField
	page, off, up *kit.Button
	down, out     *kit.Button
	use           *kit.Flow
	controls      *fyne.Container
}

func (f *form) newStep(i int) *stepRow {
	r := &stepRow{head: kit.NewFlow(), use: kit.NewFlow()}
	r.words = kit.NewTextField(kit.TextConfig{Placeholder: words.T("What is done, in a few words"), Width: 320}, f.typing)
	r.words.OnChange = func(text string) { f.m.SetStep(i, text) }
	r.words.OnFocus = func() { f.reveal(r.words) }
	r.page = kit.NewButton(kit.ButtonConfig{}, func() { f.m.NextPage(i) })
	r.off = kit.NewButton(kit.ButtonConfig{}, func() { f.m.SwitchStep(i) })
	r.up = kit.NewButton(kit.ButtonConfig{Text: words.T("Up"), Size: kit.Small}, func() { f.m.MoveStep(i, -1) })
	r.down = kit.NewButton(kit.ButtonConfig{Text: words.T("Down"), Size: kit.Small}, func() { f.m.MoveStep(i, 1) })
	r.out = kit.NewButton(kit.ButtonConfig{Text: words.T("Take out"), Size: kit.Small}, func() { f.m.RemoveStep(i) })
	for _, b := range []*kit.Button{r.page, r.off, r.up, r.down, r.out} {
		b.OnFocus = func() { f.reveal(b) }
	}
	r.controls = kit.NewBar(6, r.page, r.off, r.up, r.down, r.out)
	r.object = kit.NewColumn(3, r.head, r.words, r.controls, r.use)
	return r
}

func (r *stepRow) show(i, of int, s view.Step, bad bool) {
	head := []kit.Span{kit.T(words.F("Step %s", number(i)), kit.DenseStrong, theme.Text)}
	if s.Off {
		head = append(head, kit.Chip(words.T("switched off"), iconOff, kit.Quiet).After(8).Kept())
	}
	r.head.Update(head...)
	setText(r.words, s.Words)
	r.words.Update(kit.TextConfig{Placeholder: words.T("What is done, in a few words"), Width: 320, Bad: bad})
	said := view.Pages()[s.Page].Label
	r.page.Update(kit.ButtonConfig{Text: string(said[0]-'a'+'A') + said[1:], Size: kit.Small})
	r.off.Update(kit.ButtonConfig{Text: map[bool]string{true: words.T("Switch on"), false: words.T("Switch off")}[s.Off], Size: kit.Small})
	r.up.Update(kit.ButtonConfig{Text: words.T("Up"), Size: kit.Small, Off: i == 0})
	r.down.Update(kit.ButtonConfig{Text: words.T("Down"), Size: kit.Small, Off: i == of-1})
	use := s.Use
	if use == "" {
		use = words.T("in no run so far")
	}
	r.use.Update(kit.T(use, kit.Caption, theme.TextMuted))
	r.controls.Refresh()
	if c, ok := r.object.(*fyne.Container); ok {
		c.Refresh()
	}
}

package handover

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/handover"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// form is the right side: to whom the patients are given, the texts of one, the
// receiver's signature, or a call. Its fields are made once and shown as the kind
// of form wants them. Whom it is about stands above them and is never scrolled away: at
// 200 % a field fills what is left, and nobody is to write or sign for a name that they
// cannot see.
type form struct {
	page   *Page
	object fyne.CanvasObject
	scroll *container.Scroll
	column *fyne.Container

	title       *kit.Line
	trouble     *kit.Note
	whose       *kit.Flow // the one patient
	above       *fyne.Container
	who, about  *kit.Flow // all who are handed over, and what the signature means
	says        *fyne.Container
	pills       map[ward.Severity]*kit.FilterPill
	labels      map[string]*kit.Line
	fields      map[string]*kit.TextField
	save, leave *kit.Button
}

// formFields are all fields in reading order, with their labels.
var formFields = []struct {
	name  string
	label words.Key
	lines int
}{
	{view.FieldTo, words.K("To (a name or a role)"), 1},
	{view.FieldCalled, words.K("Who was called"), 1},
	{view.FieldSummary, words.K("Patient summary"), 6},
	{view.FieldContingency, words.K("If … then …"), 5},
	{view.FieldSynthesis, words.K("What I have to do and to watch"), 4},
	{view.FieldSituation, words.K("Situation"), 6},
	{view.FieldBackground, words.K("Background"), 5},
	{view.FieldAssessment, words.K("Assessment"), 5},
	{view.FieldRecommendation, words.K("Recommendation: what you ask for"), 3},
	{view.FieldReadBack, words.K("Read back by the other"), 2},
}

// shownIn says which fields a kind of form has.
var shownIn = map[view.Kind][]string{
	view.Give: {view.FieldTo}, view.Accept: {view.FieldSynthesis}, view.Write: {view.FieldSummary, view.FieldContingency},
	view.Calls: {view.FieldCalled, view.FieldSituation, view.FieldBackground, view.FieldAssessment, view.FieldRecommendation, view.FieldReadBack},
}

// severities in the order of the switch.
var severities = []ward.Severity{ward.Stable, ward.Watcher, ward.Unstable}

func newForm(p *Page, typing *kit.Typing) *form {
	f := &form{page: p, title: kit.NewLine(), trouble: kit.NewNote(kit.CriticalNote), whose: kit.NewFlow(), who: kit.NewFlow(), about: kit.NewFlow(), pills: map[ward.Severity]*kit.FilterPill{}, labels: map[string]*kit.Line{}, fields: map[string]*kit.TextField{}}
	f.column = kit.NewColumn(6, f.title, f.trouble, f.who, f.about)
	var pills []fyne.CanvasObject
	for _, s := range severities {
		pill := kit.NewFilterPill(kit.FilterPillConfig{Text: view.SayWord(s)}, func() { p.m.Say(s) })
		f.pills[s], pills = pill, append(pills, pill)
	}
	f.says = kit.NewColumn(4, kit.NewText(words.T("I say"), kit.DenseStrong, theme.TextMuted), kit.NewBar(6, pills...))
	f.column.Objects = append(f.column.Objects, f.says)
	for _, c := range formFields {
		f.labels[c.name] = kit.NewText(c.label.Say(), kit.DenseStrong, theme.TextMuted)
		t := kit.NewTextField(kit.TextConfig{Width: 260, Lines: c.lines}, typing)
		t.OnChange = func(text string) { p.m.Type(c.name, text) }
		t.OnFocus = func() { kit.Reveal(f.scroll, t) }
		if c.lines == 1 {
			t.OnEnter = func() { p.m.Save() }
		}
		f.fields[c.name] = t
		var field fyne.CanvasObject = t
		if c.lines > 1 {
			field = newArea(t, c.lines)
		}
		f.column.Objects = append(f.column.Objects, f.labels[c.name], field)
	}
	f.save = kit.NewButton(kit.ButtonConfig{}, func() { p.m.Save() })
	f.leave = kit.NewButton(kit.ButtonConfig{Text: words.T("Leave"), Key: words.C("key", "Esc"), Size: kit.Large}, func() { p.leave() })
	f.column.Objects = append(f.column.Objects, kit.NewBar(12, f.save, f.leave))
	f.scroll = kit.NewScroll(kit.NewInset(16, 12, f.column))
	f.above = kit.NewInset(16, 8, f.whose)
	f.object = kit.NewFill(f.above, f.scroll)
	for _, b := range []*kit.Button{f.save, f.leave} {
		b.OnFocus = func() { kit.Reveal(f.scroll, b) }
	}
	f.trouble.Hide()
	return f
}

// newArea gives a text area the height of its lines, and hides with it.
func newArea(t *kit.TextField, lines int) fyne.CanvasObject {
	b := &kit.Block{Parts: []fyne.CanvasObject{t}}
	tall := func() float32 { return float32(lines)*kit.TextHeight(kit.Body) + theme.Px(18) }
	b.Min = func() fyne.Size { return fyne.NewSize(theme.Px(200), tall()) }
	b.Tall = func(float32) float32 { return tall() }
	b.Place = func(size fyne.Size) { kit.PlaceAt(t, 0, 0, size.Width, size.Height) }
	b.Init(b)
	return b
}

func (f *form) named() map[string]fyne.CanvasObject {
	out := map[string]fyne.CanvasObject{"save": f.save, "leave": f.leave}
	for name, t := range f.fields {
		out[name] = t
	}
	for s, p := range f.pills {
		out["say-"+string(s)] = p
	}
	return out
}

// has says whether something that can have the focus is of the form.
func (f *form) has(x fyne.Focusable) bool {
	for _, o := range f.named() {
		if t, ok := o.(*kit.TextField); ok && t.Focusable() == x {
			return true
		}
		if own, ok := o.(fyne.Focusable); ok && own == x {
			return true
		}
	}
	return false
}

// focus goes to the first field.
func (f *form) focus() {
	if s := f.page.state.Form; s != nil {
		f.fields[shownIn[s.Kind][0]].Focus()
	}
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
	said := titles[v.Kind]
	f.title.Update(kit.T(said.title.Say(), kit.Heading, theme.Text))
	f.save.Update(kit.ButtonConfig{Text: said.save.Say(), Key: "F2", Kind: kit.Primary, Size: kit.Large, Off: s.Busy || v.Reading})
	one := v.Kind != view.Give
	kit.SetShown(f.above, one)
	kit.SetShown(f.who, !one)
	if one {
		f.whose.Update(whoSpans(v)...)
	} else {
		f.who.Update(whoSpans(v)...)
	}
	about := aboutSpans(v, ward.SayName(s.From))
	if v.Kept != "" {
		about = append(about, kit.T(v.Kept, kit.DenseStrong, theme.Text).OnOwnLine())
	}
	f.about.Update(about...)
	kit.SetShown(f.says, v.Kind == view.Write)
	for _, sev := range severities {
		f.pills[sev].Update(kit.FilterPillConfig{Text: view.SayWord(sev), On: v.Severity == sev})
	}
	on := map[string]bool{}
	for _, name := range shownIn[v.Kind] {
		on[name] = true
	}
	for i, c := range formFields {
		t := f.fields[c.name]
		kit.SetShown(f.labels[c.name], on[c.name])
		kit.SetShown(t, on[c.name])
		kit.SetShown(f.column.Objects[5+2*i+1], on[c.name])
		if t.Text() != v.Text[c.name] {
			t.SetText(v.Text[c.name])
		}
	}
	f.column.Refresh()
	f.scroll.Refresh()
	f.object.Refresh() // the name may need another line
}

var titles = map[view.Kind]struct{ title, save words.Key }{
	view.Give: {words.K("Give handover"), words.K("Sign and give")}, view.Accept: {words.K("Read back"), words.K("Sign and accept")},
	view.Write: {words.K("Write"), words.K("Save")}, view.Calls: {words.K("Call (SBAR)"), words.K("Save the call")},
}

// whoSpans restate who it is at the signature: name, birth date, number.
func whoSpans(v view.Form) []kit.Span {
	if v.Kind == view.Give {
		return []kit.Span{kit.T(countWords(len(v.Names)), kit.BodyStrong, theme.Text), kit.T(strings.Join(v.Names, " · "), kit.Dense, theme.Text).After(8)}
	}
	w := v.Who
	out := []kit.Span{kit.T(w.Bed, kit.BodyBold, theme.Text), kit.T(w.ShowName(), kit.BodyStrong, theme.Text).After(8)}
	if w.Bed == "" {
		out = out[1:]
	}
	born := w.Born
	if t, err := time.Parse("2006-01-02", w.Born); err == nil {
		born = ward.Date(t)
	}
	for _, s := range []string{born, strings.TrimSpace(w.NumberName + " " + w.Number)} {
		if s != "" {
			out = append(out, kit.T(s, kit.Dense, theme.TextMuted).After(8))
		}
	}
	if w.Similar {
		out = append(out, kit.Chip(words.T("similar name"), iconSimilar, kit.LateTone).After(8).Kept())
	}
	return out
}

// aboutSpans say what the signature means, and by whom it is.
func aboutSpans(v view.Form, from string) []kit.Span {
	say := func(said string) []kit.Span { return []kit.Span{kit.T(said, kit.Dense, theme.TextMuted)} }
	switch v.Kind {
	case view.Give:
		return say(words.F("Signed by %s. What is not accepted within 30 min goes to the charge nurse.", from))
	case view.Accept:
		said := words.F("Signed by %s.", from)
		if g := v.Line.Sheet.Given; g != nil {
			said += " " + words.F("Given by %s to %s.", ward.SayName(g.By), ward.SayName(g.To))
		}
		if v.Line.Severity == ward.Unstable {
			said += " " + words.T("Unstable: something is repeated back.")
		}
		return say(said)
	case view.Calls:
		if v.Reading {
			return say(words.T("Reading the record from this computer’s copy"))
		}
		return say(words.T("Filled from the record, each value with its time. What you change here stays as you write it. It stands among the notes."))
	case view.Write:
	}
	return say(words.F("The record says: %s, %s. The worse of the two counts.", view.SayWord(v.Line.Severity), v.Line.Why))
}

func countWords(n int) string {
	return words.N(n, "%d patient", "%d patients")
}

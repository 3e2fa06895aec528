package handover

import (
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/handover"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// form is the right side: to whom the patients are given, the texts of one, the
// receiver's signature, or a call. Its fields are made once and shown as the kind
// of form wants them.
type form struct {
	page   *Page
	object fyne.CanvasObject
	scroll *container.Scroll
	column *fyne.Container

	title       *kit.Line
	trouble     *kit.Note
	who, about  *kit.Flow
	says        *fyne.Container
	pills       map[ward.Severity]*kit.FilterPill
	labels      map[string]*kit.Line
	fields      map[string]*kit.TextField
	save, leave *kit.Button
}

// formFields are all fields in reading order, with their labels.
var formFields = []struct {
	name, label string
	lines       int
}{
	{view.FieldTo, "To (a name or a role)", 1},
	{view.FieldCalled, "Who was called", 1},
	{view.FieldSummary, "Patient summary", 6},
	{view.FieldContingency, "If … then …", 5},
	{view.FieldSynthesis, "What I have to do and to watch", 4},
	{view.FieldSituation, "Situation", 6},
	{view.FieldBackground, "Background", 5},
	{view.FieldAssessment, "Assessment", 5},
	{view.FieldRecommendation, "Recommendation: what you ask for", 3},
	{view.FieldReadBack, "Read back by the other", 2},
}

// shownIn says which fields a kind of form has.
var shownIn = map[view.Kind][]string{
	view.Give: {view.FieldTo}, view.Accept: {view.FieldSynthesis}, view.Write: {view.FieldSummary, view.FieldContingency},
	view.Calls: {view.FieldCalled, view.FieldSituation, view.FieldBackground, view.FieldAssessment, view.FieldRecommendation, view.FieldReadBack},
}

// severities in the order of the switch.
var severities = []ward.Severity{ward.Stable, ward.Watcher, ward.Unstable}

func newForm(p *Page, typing *kit.Typing) *form {
	f := &form{page: p, title: kit.NewLine(), trouble: kit.NewNote(kit.CriticalNote), who: kit.NewFlow(), about: kit.NewFlow(), pills: map[ward.Severity]*kit.FilterPill{}, labels: map[string]*kit.Line{}, fields: map[string]*kit.TextField{}}
	f.column = kit.NewColumn(6, f.title, f.trouble, f.who, f.about)
	var pills []fyne.CanvasObject
	for _, s := range severities {
		pill := kit.NewFilterPill(kit.FilterPillConfig{Text: string(s)}, func() { p.m.Say(s) })
		f.pills[s], pills = pill, append(pills, pill)
	}
	f.says = kit.NewColumn(4, kit.NewText("I say", kit.DenseStrong, theme.TextMuted), kit.NewBar(6, pills...))
	f.column.Objects = append(f.column.Objects, f.says)
	for _, c := range formFields {
		f.labels[c.name] = kit.NewText(c.label, kit.DenseStrong, theme.TextMuted)
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
	f.leave = kit.NewButton(kit.ButtonConfig{Text: "Leave", Key: "Esc", Size: kit.Large}, func() { p.leave() })
	f.column.Objects = append(f.column.Objects, kit.NewBar(12, f.save, f.leave))
	f.scroll = kit.NewScroll(kit.NewInset(16, 12, f.column))
	f.object = f.scroll
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
	words := titles[v.Kind]
	f.title.Update(kit.T(words.title, kit.Heading, theme.Text))
	f.save.Update(kit.ButtonConfig{Text: words.save, Key: "F2", Kind: kit.Primary, Size: kit.Large, Off: s.Busy || v.Reading})
	f.who.Update(whoSpans(v)...)
	f.about.Update(aboutSpans(v, s.From)...)
	kit.SetShown(f.says, v.Kind == view.Write)
	for _, sev := range severities {
		f.pills[sev].Update(kit.FilterPillConfig{Text: string(sev), On: v.Severity == sev})
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
}

var titles = map[view.Kind]struct{ title, save string }{
	view.Give: {"Give handover", "Sign and give"}, view.Accept: {"Read back", "Sign and accept"},
	view.Write: {"Write", "Save"}, view.Calls: {"Call (SBAR)", "Save the call"},
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
		out = append(out, kit.Chip("similar name", iconSimilar, kit.LateTone).After(8).Kept())
	}
	return out
}

// aboutSpans say what the signature means, and by whom it is.
func aboutSpans(v view.Form, from string) []kit.Span {
	say := func(words string) []kit.Span { return []kit.Span{kit.T(words, kit.Dense, theme.TextMuted)} }
	switch v.Kind {
	case view.Give:
		return say("Signed by " + from + ". What is not accepted within 30 min goes to the charge nurse.")
	case view.Accept:
		words := "Signed by " + from + "."
		if g := v.Line.Sheet.Given; g != nil {
			words += " Given by " + g.By + " to " + g.To + "."
		}
		if v.Line.Severity == ward.Unstable {
			words += " Unstable: something is repeated back."
		}
		return say(words)
	case view.Calls:
		if v.Reading {
			return say("Reading the record from this computer’s copy")
		}
		return say("Filled from the record, each value with its time. What you change here stays as you write it. It stands among the notes.")
	case view.Write:
	}
	return say("The record says: " + strings.ToLower(v.Line.Word) + ", " + v.Line.Why + ". The worse of the two counts.")
}

func countWords(n int) string {
	if n == 1 {
		return "1 patient"
	}
	return strconv.Itoa(n) + " patients"
}

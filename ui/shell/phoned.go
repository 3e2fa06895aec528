package shell

import (
	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	vphoned "wardlight/internal/station/view/phoned"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// phonedForm writes down a result that a laboratory tells on the phone. It lies
// over the patient's chart, and says once more whose it is.
type phonedForm struct {
	*overlay
	n        *session
	model    *vphoned.Model
	who      *kit.Flow
	note     *kit.Flow // of a form that was begun before
	fields   map[string]*kit.TextField
	tests    []*kit.FilterPill // what fits the test that is typed
	units    []*kit.FilterPill
	offered  *fyne.Container
	measured *fyne.Container
	readBack *kit.FilterPill
	back     bool // it was read back
	save     *kit.Button
	away     *kit.Button // for a hand on the pointer: a press beside the form closes nothing
	trouble  *kit.Note
	chosen   string        // the test whose units are offered
	kept     *vphoned.Kept // what the fields were filled with
	inside   fyne.CanvasObject
}

// phonedFields are the fields in reading order.
var phonedFields = []struct {
	name               string
	label, placeholder words.Key
}{
	{"test", words.KC("laboratory", "Test"), words.K("Potassium")},
	{"value", words.K("Value, as it was said"), words.K("6.8, or <2.6")},
	{"unit", words.K("Unit"), words.K("mmol/L")},
	{"lab", words.K("Laboratory"), words.K("Chemistry, phone 5600")},
	{"caller", words.K("Who called"), words.K("A name")},
	{"called", words.K("Time of the call"), words.K("10:20; empty is now")},
	{"collected", words.K("Sample collected, if it was said"), words.K("09:50")},
	{"why", words.K("Not read back, because"), words.K("Only where it could not be read back")},
}

// offers bounds the pills of tests and of units.
const offers = 6

func newPhonedForm(n *session) *phonedForm {
	p := &phonedForm{n: n, who: kit.NewFlow(), note: kit.NewFlow(), fields: map[string]*kit.TextField{}, trouble: kit.NewNote(kit.CriticalNote)}
	p.model = vphoned.New(n.desk, n.shell.conf.Dispatch, n.shell.conf.Now, p.draw, func(said string) {
		if !n.over() {
			n.toast.Say(kit.ToastConfig{Text: said}, nil)
			n.body.Changed() // the page makes room for it
		}
	})
	for range offers {
		t, u := kit.NewFilterPill(kit.FilterPillConfig{Text: " "}, nil), kit.NewFilterPill(kit.FilterPillConfig{Text: " "}, nil)
		t.OnTap = func() { p.choose(t.Config().Text) }
		u.OnTap = func() { p.fields["unit"].SetText(u.Config().Text); p.pills(); p.typed() }
		p.tests, p.units = append(p.tests, t), append(p.units, u)
	}
	p.offered, p.measured = kit.NewBar(6, objects(p.tests)...), kit.NewBar(6, objects(p.units)...)
	p.readBack = kit.NewFilterPill(kit.FilterPillConfig{Text: " "}, func() { p.back = !p.back; p.pills() })
	p.save = kit.NewButton(kit.ButtonConfig{}, p.send)
	p.away = kit.NewButton(kit.ButtonConfig{Text: words.T("Leave"), Key: capOf("Esc"), Size: kit.Large}, p.leave)
	p.trouble.Hide()
	inside := kit.NewInset(20, 14, kit.NewColumn(5, p.rows()...))
	scroll := kit.NewScroll(inside)
	p.overlay = newOverlay(n, 560, scroll)
	p.veil.tapped = func() {} // a slip beside it loses nothing: Esc closes
	p.height = func(w float32) float32 { return kit.HeightFor(inside, w) + theme.Px(4) }
	p.inside = inside
	for _, f := range p.fields {
		f.OnFocus = func() { kit.Reveal(scroll, f) }
	}
	for _, b := range []*kit.Button{p.save, p.away} {
		b.OnFocus = func() { kit.Reveal(scroll, b) }
	}
	return p
}

func objects(pills []*kit.FilterPill) []fyne.CanvasObject {
	out := make([]fyne.CanvasObject, len(pills))
	for i := range pills {
		out[i] = pills[i]
	}
	return out
}

// rows are the form's lines: the patient first.
func (p *phonedForm) rows() []fyne.CanvasObject {
	rows := []fyne.CanvasObject{kit.NewText(words.T("Phoned result"), kit.Heading, theme.Text), p.who, p.note, p.trouble}
	for i, c := range phonedFields {
		f := kit.NewTextField(kit.TextConfig{Placeholder: c.placeholder.Say(), Width: 300}, p.n.shell.typing)
		p.fields[c.name] = f
		f.OnEnter = p.next(i)
		f.OnChange = func(string) { p.typed() }
		label := kit.NewText(c.label.Say(), kit.DenseStrong, theme.TextMuted)
		if c.name == "why" { // beside what it is the other answer to
			rows = append(rows, kit.NewBar(6, p.readBack))
		}
		rows = append(rows, kit.NewColumns(10, []float32{2, 3}, label, f))
		switch c.name {
		case "test":
			f.OnChange = func(text string) { p.model.Find(text); p.typed() }
			rows = append(rows, p.offered)
		case "unit":
			f.OnChange = func(string) { p.pills(); p.typed() }
			rows = append(rows, p.measured)
		}
	}
	return append(rows, kit.NewFlow(kit.T(words.T("It counts as a result at once, and as not confirmed until the laboratory sends it. Critical values are still phoned on to whom the ward's own rule says."), kit.Caption, theme.TextMuted)), kit.NewBar(8, p.save, p.away))
}

// next goes from field to field; the last one does not save by itself: what was
// read back is said by a press.
func (p *phonedForm) next(i int) func() {
	return func() {
		if phonedFields[i].name == "test" {
			if st := p.model.State(); st.Test.Name == "" && len(st.Found) > 0 && p.fields["test"].Text() != "" {
				p.choose(st.Found[0].Name)
				return
			}
		}
		if i+1 < len(phonedFields) {
			p.n.shell.focus(p.fields[phonedFields[i+1].name])
		}
	}
}

func (p *phonedForm) choose(name string) {
	p.model.Choose(name)
	p.fields["test"].SetText(name)
	p.typed()
	p.n.shell.focus(p.fields["value"])
}

// open begins the form for a patient whose chart is open.
func (p *phonedForm) open(who ward.Identity) {
	p.clear()
	p.model.Begin(who)
	p.show()
	p.n.shell.focus(p.fields["test"])
}

// about completes who it is about once the chart is read.
func (p *phonedForm) about(who ward.Identity) { p.model.About(who) }

// leave closes the form because the person said so: what was typed is forgotten.
func (p *phonedForm) leave() {
	p.model.Leave()
	p.close()
}

// close closes the form; what was typed is there when it is opened again.
func (p *phonedForm) close() {
	if p.isOpen() {
		p.model.Close() // which empties the fields
	}
	p.overlay.close()
}

func (p *phonedForm) clear() {
	p.back, p.chosen, p.kept = false, "", nil
	for _, f := range p.fields {
		f.SetText("")
	}
}

// content is the form as it is filled.
func (p *phonedForm) content() vphoned.Entry {
	text := func(name string) string { return p.fields[name].Text() }
	return vphoned.Entry{
		Test: text("test"), Value: text("value"), Unit: text("unit"), Lab: text("lab"), Caller: text("caller"),
		Called: text("called"), Collected: text("collected"), ReadBack: p.back, Why: text("why"),
	}
}

func (p *phonedForm) send() { p.model.Save(p.content()) }

// typed tells what the form holds now: it is kept as it is typed.
func (p *phonedForm) typed() { p.model.Type(p.content()) }

// fill puts what was begun before into the fields.
func (p *phonedForm) fill(k *vphoned.Kept) {
	p.kept = k
	for name, text := range map[string]string{
		"test": k.Test, "value": k.Value, "unit": k.Unit, "lab": k.Lab, "caller": k.Caller, "called": k.Called, "collected": k.Collected, "why": k.Why,
	} {
		p.fields[name].SetText(text)
	}
}

// key saves; whatever else the page below would take goes nowhere.
func (p *phonedForm) key(name fyne.KeyName) bool {
	if name == fyne.KeyF2 {
		p.send()
	}
	return name != fyne.KeyEscape
}

func (p *phonedForm) draw(st vphoned.State) {
	if p.overlay == nil {
		return
	}
	if !st.Open {
		p.clear()
		p.overlay.close()
		return
	}
	p.who.Update(whoSpans(st.Who)...)
	p.note.Update(kit.T(st.Note, kit.DenseStrong, theme.Text))
	kit.SetShown(p.note, st.Note != "")
	if st.Kept != nil && st.Kept != p.kept {
		p.fill(st.Kept)
	}
	if st.Error != "" {
		p.trouble.Update(kit.CriticalNote, kit.T(st.Error, kit.BodyStrong, theme.Text))
	}
	kit.SetShown(p.trouble, st.Error != "")
	p.save.Update(kit.ButtonConfig{Text: words.T("Save phoned result"), Key: "F2", Kind: kit.Primary, Size: kit.Large, Off: st.Busy})
	if st.Test.Name != p.chosen {
		p.chosen = st.Test.Name
		unit := ""
		switch {
		case p.kept != nil && p.kept.Test == st.Test.Name:
			unit = p.kept.Unit // as its author had it
		case len(st.Test.Units) == 1:
			unit = st.Test.Units[0]
		}
		p.fields["unit"].SetText(unit) // of several the person says which
	}
	p.pills()
}

// pills draws what may be pressed.
func (p *phonedForm) pills() {
	st := p.model.State()
	for i, t := range p.tests {
		on := i < len(st.Found)
		if on {
			t.Update(kit.FilterPillConfig{Text: st.Found[i].Name, On: st.Found[i].Name == st.Test.Name})
		}
		kit.SetShown(t, on)
	}
	for i, u := range p.units {
		on := i < len(st.Test.Units)
		if on {
			u.Update(kit.FilterPillConfig{Text: st.Test.Units[i], On: st.Test.Units[i] == p.fields["unit"].Text()})
		}
		kit.SetShown(u, on)
	}
	said := words.T("I read it back, and the caller said yes")
	if p.back {
		said = "✓ " + said
	}
	p.readBack.Update(kit.FilterPillConfig{Text: said, On: p.back})
	p.inside.Refresh() // a pill has the width of its words
	p.object.Changed()
}

// whoSpans are the patient, as the banner says it.
func whoSpans(w ward.Identity) []kit.Span {
	out := []kit.Span{kit.T(w.ShowName(), kit.Subheading, theme.Text)}
	if w.Bed != "" {
		out = append([]kit.Span{kit.T(words.F("Bed %s", w.Bed), kit.Subheading, theme.Text)}, out...)
		out[1].Gap = 10
	}
	if born := bornWords(w); born != "" {
		out = append(out, kit.T(born, kit.Dense, theme.TextMuted).After(10))
	}
	if w.Similar {
		out = append(out, kit.Chip(words.T("similar name"), iconSimilar, kit.LateTone).After(10).Kept())
	}
	return out
}

// phone opens the form for somebody, over their chart: opening it is a look, and
// is written down as one.
func (n *session) phone(id ward.PatientID) {
	if st := n.chart.State(); n.at != pageChart || st.ID != id {
		n.openChart(id, "")
	}
	who := ward.Identity{ID: id}
	if st := n.chart.State(); st.Loaded && st.ID == id {
		who = st.Chart.Who
	}
	n.phoned.open(who)
}

// where says where a control is, for a script that drives the window.
func (p *phonedForm) where(name string) (fyne.CanvasObject, bool) {
	if f, ok := p.fields[name]; ok {
		return f, true
	}
	o, ok := map[string]fyne.CanvasObject{"read-back": p.readBack, "save": p.save, "leave": p.away}[name]
	return o, ok
}

package chart

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// problems is the tab of problems and diagnoses: the list, and beside it, once it is
// asked for, the form for another one or for why one was entered in error. Where there
// is no room beside, the form stands in the list's place until it is left.
type problems struct {
	m     *view.Model
	list  *listing
	fresh *kit.Button
	state view.State
	id    ward.PatientID
	saves int

	open   bool   // the form is
	strike string // the problem that the form strikes; "" where it records one
	head   *kit.Flow
	what   *kit.TextField
	onset  *kit.TextField
	note   *kit.TextField
	sure   *kit.Segmented
	why    *kit.TextField
	save   *kit.Button
	leave  *kit.Button
	status *status
	record *fyne.Container // the fields of a new one
	form   *fyne.Container
	scroll *container.Scroll
	panel  *kit.Panel
	block  *kit.Block
}

var surenessWords = []string{"confirmed", "provisional", "unconfirmed"}

func sureness(i int) kit.SegmentedConfig {
	return kit.SegmentedConfig{Labels: []string{words.T("Confirmed"), words.T("Provisional"), words.T("Unconfirmed")}, Selected: i, Tall: true}
}

func newProblems(m *view.Model, typing *kit.Typing, clock kit.Clock) *problems {
	p := &problems{m: m, head: kit.NewFlow(), status: newStatus()}
	p.fresh = kit.NewButton(kit.ButtonConfig{Text: words.T("Record a problem"), Icon: iconPlus, Size: kit.Small}, func() { p.begin("") })
	p.list = newListing(m, view.Problems, clock, p.fresh)
	p.list.do = p.act
	p.what = kit.NewTextField(kit.TextConfig{Placeholder: words.T("As pneumonia"), Width: 280}, typing)
	p.onset = kit.NewTextField(kit.TextConfig{Placeholder: view.OnsetWords(), Width: 280}, typing)
	p.note = kit.NewTextField(kit.TextConfig{Placeholder: words.T("What it rests on"), Width: 280}, typing)
	p.why = kit.NewTextField(kit.TextConfig{Placeholder: words.T("Why it was entered in error"), Width: 280}, typing)
	p.sure = kit.NewSegmented(sureness(-1), func(i int) { p.sure.Update(sureness(i)); p.typed() })
	p.sure.OnEnter = func() { next(p.sure) }
	for _, f := range []*kit.TextField{p.what, p.onset, p.note} {
		f.OnEnter = func() { next(f) }
		f.OnChange = func(string) { p.typed() }
	}
	p.why.OnEnter = p.send
	p.save = kit.NewButton(kit.ButtonConfig{Text: "…", Key: "F2", Kind: kit.Primary, Size: kit.Large}, p.send)
	p.leave = kit.NewButton(kit.ButtonConfig{Text: words.T("Leave"), Key: words.C("key", "Esc"), Size: kit.Large}, func() { p.cancel() })
	p.record = kit.NewColumn(6, caption(words.T("Problem")), p.what, caption(words.T("How certain")), p.sure, caption(words.T("Since")), p.onset, caption(words.T("Note")), p.note)
	p.form = kit.NewColumn(8, p.head, p.record, p.why, p.status.box, kit.NewBar(10, p.save, p.leave))
	p.scroll = kit.NewScroll(kit.NewInset(16, 14, p.form))
	for _, f := range []*kit.TextField{p.what, p.onset, p.note, p.why} {
		f.OnFocus = func() { kit.Reveal(p.scroll, f) }
	}
	p.sure.OnFocus = func() { kit.Reveal(p.scroll, p.sure) }
	for _, b := range []*kit.Button{p.save, p.leave} {
		b.OnFocus = func() { kit.Reveal(p.scroll, b) }
	}
	p.panel = kit.NewPanel(kit.PanelConfig{}, p.scroll)
	p.panel.Hide()
	p.block = &kit.Block{
		Parts: []fyne.CanvasObject{p.list.block, p.panel},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(120)) }, Place: p.place,
	}
	p.block.Init(p.block)
	return p
}

func (p *problems) object() fyne.CanvasObject { return p.block }

func (p *problems) first() fyne.Focusable {
	if p.open {
		return p.field().Focusable()
	}
	return p.list.first()
}

// field is where the form begins.
func (p *problems) field() *kit.TextField {
	if p.strike != "" {
		return p.why
	}
	return p.what
}

func (p *problems) named() map[string]fyne.CanvasObject {
	out := p.list.named()
	out["new-problem"] = p.fresh
	if p.open {
		out["problem-words"], out["problem-certainty"], out["problem-since"], out["problem-note"] = p.what, p.sure, p.onset, p.note
		out["problem-why"], out["problem-save"], out["problem-leave"] = p.why, p.save, p.leave
	}
	return out
}

func (p *problems) show(s view.State, now time.Time) {
	if s.ID != p.id {
		p.id, p.saves = s.ID, s.Saves
		p.shut()
	}
	if s.Saves != p.saves { // something was saved: what was typed for it is done
		p.saves = s.Saves
		if s.Tab == view.Problems && (p.strike != "" || s.Problem == view.ProblemForm{}) {
			p.shut()
		}
	}
	p.state = s
	p.fill(s.Problem)
	if s.Tab != view.Problems {
		return
	}
	p.status.show(s)
	p.list.show(s, now)
	if p.open {
		kit.SetShown(p.list.status.box, false) // it stands in the form, where the person is
	}
	p.draw()
}

// draw shows the form as it is about.
func (p *problems) draw() {
	kit.SetShown(p.panel, p.open)
	kit.SetShown(p.record, p.strike == "")
	kit.SetShown(p.why, p.strike != "")
	head, label := []kit.Span{kit.T(words.T("A problem"), kit.Subheading, theme.Text)}, words.T("Record problem")
	if p.strike != "" {
		label = words.T("Entered in error")
		head = []kit.Span{dense(words.T("This says that the patient never had it, or that it is another patient’s. The entry stays, struck out, with your name:")), strong(p.words(p.strike)).OnOwnLine()}
	}
	p.head.Update(head...)
	p.save.Update(kit.ButtonConfig{Text: label, Key: "F2", Kind: kit.Primary, Size: kit.Large, Off: p.state.Busy || p.state.ID == ""})
	p.form.Refresh()
	p.block.Changed()
}

func (p *problems) words(id string) string {
	for _, e := range p.state.List.Entries {
		if e.ID == id {
			return e.Head
		}
	}
	return words.T("It is not on the list any more.")
}

// act does something with a problem; what asks for a reason opens the form.
func (p *problems) act(id string, do view.Deed) {
	if do == view.Strike {
		p.begin(id)
		return
	}
	p.m.DoEntry(id, do)
}

func (p *problems) begin(strike string) {
	if p.open && p.strike == strike && strike == "" {
		p.what.Focus() // what was begun stays
		return
	}
	p.shut()
	p.open, p.strike = true, strike
	p.draw()
	p.field().Focus()
}

// content is what the form for a new problem holds.
func (p *problems) content() view.ProblemForm {
	f := view.ProblemForm{Words: p.what.Text(), Onset: p.onset.Text(), Note: p.note.Text()}
	if i := p.sure.Config().Selected; i >= 0 {
		f.Certainty = surenessWords[i]
	}
	return f
}

// typed tells what the form holds now: it is kept as it is typed.
func (p *problems) typed() { p.m.TypeProblem(p.content()) }

// fill puts what was begun into the form, and opens it: a draft that was kept; or
// nothing, after it was recorded.
func (p *problems) fill(f view.ProblemForm) {
	if f == p.content() {
		return
	}
	p.what.SetText(f.Words)
	p.onset.SetText(f.Onset)
	p.note.SetText(f.Note)
	p.sure.Update(sureness(slices.Index(surenessWords, f.Certainty)))
	if p.strike == "" {
		p.open = f != view.ProblemForm{}
	}
}

// shut puts the form away. What was begun of a new problem is kept.
func (p *problems) shut() {
	p.open, p.strike = false, ""
	p.why.SetText("")
	kit.SetShown(p.panel, false)
	p.block.Changed()
}

// cancel leaves the form, and reports whether it was open.
func (p *problems) cancel() bool {
	if !p.open {
		return false
	}
	if p.strike == "" {
		p.m.TypeProblem(view.ProblemForm{})
		p.fill(view.ProblemForm{})
	}
	p.shut()
	if c := canvasOf(p.block); c != nil {
		kit.Focus(c, p.list.list)
	}
	return true
}

func (p *problems) send() {
	if !p.open || p.save.Disabled() {
		return
	}
	if p.strike != "" {
		if strings.TrimSpace(p.why.Text()) == "" {
			p.why.Update(kit.TextConfig{Placeholder: words.T("Say why first"), Width: 280, Bad: true})
			return
		}
		p.m.StrikeProblem(p.strike, p.why.Text())
		return
	}
	f := p.content()
	p.m.AddProblem(ward.RecordProblem{Patient: p.id, Words: f.Words, Certainty: f.Certainty, Note: f.Note}, f.Onset)
}

func (p *problems) key(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyF2:
		if !p.open {
			p.begin("")
			return true
		}
		p.send()
		return true
	case fyne.KeyEscape:
		return p.cancel()
	default:
		return false
	}
}

func (p *problems) place(size fyne.Size) {
	px := theme.Px
	narrow := size.Width < px(760)
	kit.SetShown(p.list.block, !p.open || !narrow)
	if !p.open {
		kit.PlaceAt(p.list.block, 0, 0, size.Width, size.Height)
		return
	}
	if narrow {
		kit.PlaceAt(p.panel, 0, 0, size.Width, size.Height)
		return
	}
	side := min(max(size.Width*0.42, px(380)), px(460))
	kit.PlaceAt(p.list.block, 0, 0, size.Width-side-px(12), size.Height)
	kit.PlaceAt(p.panel, size.Width-side, 0, side, size.Height)
}

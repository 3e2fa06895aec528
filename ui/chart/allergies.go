package chart

import (
	"reflect"
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

// allergies is the tab of what the patient does not bear: the entries, worst
// first, and a form for another one. What was refuted stays, struck out.
type allergies struct {
	m      *view.Model
	typing *kit.Typing
	state  view.State
	now    time.Time
	id     ward.PatientID

	list    *fyne.Container
	shown   []ward.Allergy
	loaded  bool
	refute  map[string]*kit.Button
	asked   ward.Allergy
	asking  bool
	reason  *kit.TextField
	send    *kit.Button
	keep    *kit.Button
	askBox  *fyne.Container
	askText *kit.Flow

	what, reaction, note *kit.TextField
	severity, certainty  *kit.Segmented
	add, none            *kit.Button
	status               *status
	head                 *kit.Line // of the form
	block                *kit.Block
	left                 *container.Scroll
	right                *kit.Panel
	formScroll           *container.Scroll
	stack, inset, form   *fyne.Container
	narrow               bool
}

func newAllergies(m *view.Model, typing *kit.Typing) *allergies {
	a := &allergies{m: m, typing: typing, list: kit.NewColumn(8), status: newStatus(), askText: kit.NewFlow(), head: kit.NewLine()}
	a.what = kit.NewTextField(kit.TextConfig{Placeholder: words.T("As penicillin"), Width: 280}, typing)
	a.reaction = kit.NewTextField(kit.TextConfig{Placeholder: words.T("As rash, anaphylaxis"), Width: 280}, typing)
	a.note = kit.NewTextField(kit.TextConfig{Placeholder: words.T("When, how it is known"), Width: 280}, typing)
	for _, f := range []*kit.TextField{a.what, a.reaction, a.note} {
		f.OnEnter = func() { next(f) }
		f.OnChange = func(string) { a.typed() }
	}
	a.severity = kit.NewSegmented(severities(-1), func(i int) { a.severity.Update(severities(i)); a.typed() })
	a.severity.OnEnter = func() { next(a.severity) }
	a.certainty = kit.NewSegmented(certainties(-1), func(i int) { a.certainty.Update(certainties(i)); a.typed() })
	a.certainty.OnEnter = func() { next(a.certainty) }
	a.add = kit.NewButton(kit.ButtonConfig{Text: words.T("Record allergy"), Key: "F2", Kind: kit.Primary, Size: kit.Large}, a.record)
	a.none = kit.NewButton(kit.ButtonConfig{Text: words.T("Asked: no known allergies"), Size: kit.Large}, func() { m.NoKnownAllergies() })
	a.reason = kit.NewTextField(kit.TextConfig{Placeholder: words.T("Why it is no allergy"), Width: 280}, typing)
	a.send = kit.NewButton(kit.ButtonConfig{Text: words.T("Refute"), Kind: kit.Primary}, a.sendReason)
	a.keep = kit.NewButton(kit.ButtonConfig{Text: words.C("as it is", "Keep it"), Key: words.C("key", "Esc")}, func() { a.cancel() })
	a.reason.OnEnter = a.sendReason
	a.askBox = kit.NewColumn(6, a.askText, a.reason, kit.NewBar(8, a.send, a.keep))
	a.form = kit.NewColumn(6,
		a.head,
		caption(words.T("Substance")), a.what, caption(words.T("Reaction")), a.reaction,
		caption(words.T("How severe")), a.severity, caption(words.T("How certain")), a.certainty, caption(words.T("Note")), a.note,
		a.status.box, kit.NewBar(10, a.add, a.none))
	a.stack = kit.NewColumn(10, a.list)
	a.left = kit.NewScroll(a.stack)
	a.inset = kit.NewInset(16, 14, a.form)
	a.formScroll = kit.NewScroll(a.inset)
	a.right = kit.NewPanel(kit.PanelConfig{}, a.formScroll)
	for _, f := range []*kit.TextField{a.what, a.reaction, a.note} {
		f.OnFocus = func() { a.revealForm(f) }
	}
	for _, s := range []*kit.Segmented{a.severity, a.certainty} {
		s.OnFocus = func() { a.revealForm(s) }
	}
	for _, b := range []*kit.Button{a.add, a.none} {
		b.OnFocus = func() { a.revealForm(b) }
	}
	a.reason.OnFocus = func() { kit.Reveal(a.left, a.reason) }
	a.block = &kit.Block{
		Parts: []fyne.CanvasObject{a.left, a.right},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(120)) }, Place: a.place,
	}
	a.block.Init(a.block)
	return a
}

func caption(text string) fyne.CanvasObject {
	return kit.NewText(text, kit.CaptionStrong, theme.TextMuted)
}

var severityWords = []string{"mild", "moderate", "severe"}

func severities(i int) kit.SegmentedConfig {
	return kit.SegmentedConfig{Labels: []string{words.T("Mild"), words.T("Moderate"), words.T("Severe")}, Selected: i, Tall: true}
}

var certaintyWords = []string{"confirmed", "unconfirmed"}

func certainties(i int) kit.SegmentedConfig {
	return kit.SegmentedConfig{Labels: []string{words.T("Confirmed"), words.T("Unconfirmed")}, Selected: i, Tall: true}
}

func (a *allergies) object() fyne.CanvasObject { return a.block }
func (a *allergies) first() fyne.Focusable     { return a.what.Focusable() }

func (a *allergies) named() map[string]fyne.CanvasObject {
	out := map[string]fyne.CanvasObject{
		"allergy-substance": a.what, "allergy-reaction": a.reaction, "allergy-note": a.note, "allergy-severity": a.severity, "allergy-certainty": a.certainty,
		"add-allergy": a.add, "no-known-allergies": a.none,
	}
	for id, b := range a.refute {
		out["refute-"+id] = b
	}
	if a.asking {
		out["refute-reason"], out["refute-send"], out["refute-keep"] = a.reason, a.send, a.keep
	}
	return out
}

func (a *allergies) show(s view.State, now time.Time) {
	if s.ID != a.id {
		a.id, a.asking = s.ID, false
		a.reason.SetText("")
	} else if s.Tab != view.Allergies {
		return // nothing of it is seen, and it is drawn when it is
	}
	a.state, a.now = s, now
	a.enter(s.Allergy)
	a.status.show(s)
	a.add.Update(kit.ButtonConfig{Text: words.T("Record allergy"), Key: "F2", Kind: kit.Primary, Size: kit.Large, Off: s.Busy || s.ID == ""})
	head := words.T("An allergy")
	if hasActive(s.Chart.AllergyList) {
		head = words.T("Another allergy")
	}
	a.head.Update(kit.T(head, kit.Subheading, theme.Text))
	kit.SetShown(a.none, !hasActive(s.Chart.AllergyList) && s.Chart.Allergies.State != ward.AllergyNone && s.Loaded)
	if a.asking && !a.stillThere() {
		a.asking = false
	}
	a.fill(false)
	a.form.Refresh()
	a.block.Changed()
}

func hasActive(list []ward.Allergy) bool {
	for _, e := range list {
		if e.Active && !e.NoneKnown {
			return true
		}
	}
	return false
}

func (a *allergies) stillThere() bool {
	for _, e := range a.state.Chart.AllergyList {
		if e.ID == a.asked.ID && e.Version == a.asked.Version {
			return true
		}
	}
	return false
}

// content is what the form holds.
func (a *allergies) content() view.AllergyForm {
	f := view.AllergyForm{Substance: a.what.Text(), Reaction: a.reaction.Text(), Note: a.note.Text()}
	if i := a.severity.Config().Selected; i >= 0 {
		f.Severity = severityWords[i]
	}
	if i := a.certainty.Config().Selected; i >= 0 {
		f.Certainty = certaintyWords[i]
	}
	return f
}

// typed tells what the form holds now: it is kept as it is typed.
func (a *allergies) typed() { a.m.TypeAllergy(a.content()) }

// enter puts what was begun into the form: a draft that was kept, or nothing, after it
// was recorded.
func (a *allergies) enter(f view.AllergyForm) {
	if f == a.content() {
		return
	}
	a.what.SetText(f.Substance)
	a.reaction.SetText(f.Reaction)
	a.note.SetText(f.Note)
	a.severity.Update(severities(slices.Index(severityWords, f.Severity)))
	a.certainty.Update(certainties(slices.Index(certaintyWords, f.Certainty)))
}

// fill draws the entries anew where they changed, so that the focus stays.
func (a *allergies) fill(force bool) {
	list := a.state.Chart.AllergyList
	if !force && a.loaded == a.state.Loaded && a.refute != nil && reflect.DeepEqual(list, a.shown) {
		return
	}
	a.shown, a.loaded, a.refute = list, a.state.Loaded, map[string]*kit.Button{}
	a.list.Objects = []fyne.CanvasObject{kit.NewPanel(kit.PanelConfig{}, kit.NewInset(14, 10, kit.NewFlow(a.headline()...)))}
	for _, e := range list {
		a.list.Objects = append(a.list.Objects, a.card(e))
	}
	a.stack.Refresh()
	a.left.Refresh()
}

// headline is which of the four sentences holds.
func (a *allergies) headline() []kit.Span {
	if !a.state.Loaded {
		return []kit.Span{kit.T(words.T("Loading the allergies from this computer’s copy"), kit.Body, theme.TextMuted)}
	}
	spans := allergyPieces(a.state.Chart.Allergies)[0].Spans
	if a.state.Chart.FeedDown && len(a.state.Chart.AllergyList) == 0 {
		spans = append(spans, muted(words.F("by %s; what came later is not here", ward.Stamp(a.state.Chart.AsOf, a.now))).After(8))
	}
	return spans
}

func (a *allergies) card(e ward.Allergy) fyne.CanvasObject {
	lines := []fyne.CanvasObject{kit.NewFlow(allergyHead(e)...)}
	if how := allergyHow(e); how != "" {
		lines = append(lines, kit.NewFlow(dense(how)))
	}
	if e.Note != "" {
		lines = append(lines, kit.NewFlow(dense(words.F("“%s”", e.Note))))
	}
	by := ward.Stamp(e.Recorded, a.now)
	if e.By != "" {
		by = joined(ward.SayName(e.By), by)
	}
	lines = append(lines, kit.NewFlow(kit.T(by, kit.Caption, theme.TextMuted)))
	if a.asking && a.asked.ID == e.ID {
		a.askText.Update(dense(words.F("Refuting says that %s is no allergy. The entry stays, struck out, with your name.", e.Substance)))
		lines = append(lines, a.askBox)
	} else if e.Active && !e.NoneKnown {
		entry := e // bound here: a press acts on the entry that was drawn
		b := kit.NewButton(kit.ButtonConfig{Text: words.T("Refute…"), Size: kit.Small}, func() { a.ask(entry) })
		b.OnFocus = func() { kit.Reveal(a.left, b) }
		a.refute[string(e.ID)] = b
		lines = append(lines, kit.NewBar(8, b))
	}
	return kit.NewPanel(kit.PanelConfig{}, kit.NewInset(14, 10, kit.NewColumn(4, lines...)))
}

func allergyHead(e ward.Allergy) []kit.Span {
	name := e.Substance
	if name == "" {
		name = words.T("Substance not named")
	}
	if e.NoneKnown {
		name = words.T("No known allergies")
	}
	head := kit.T(name, kit.Subheading, theme.Text)
	switch {
	case !e.Active:
		head = kit.T(name, kit.Subheading, theme.TextMuted).Struck()
	case !e.NoneKnown:
		head.Icon, head.IconColor = iconAllergy, theme.CriticalText
	}
	tone := kit.Quiet
	if e.Active && e.Certainty == "unconfirmed" {
		tone = kit.LateTone
	}
	out := []kit.Span{head, kit.Chip(ward.Said(e.Certainty), "", tone).After(8).Kept()}
	if !e.Active && e.Certainty != "refuted" && e.Certainty != "entered-in-error" {
		out = append(out, kit.Chip(words.T("no longer"), "", kit.Quiet).After(8).Kept())
	}
	if e.InReview {
		out = append(out, kit.Chip(words.T("in review"), iconReview, kit.LateTone).After(8).Kept())
	}
	if e.Unsent {
		out = append(out, unsentChip())
	}
	return out
}

func allergyHow(e ward.Allergy) string {
	crit := ""
	switch e.Criticality {
	case "high":
		crit = words.T("high risk")
	case "low":
		crit = words.T("low risk")
	case "unable-to-assess":
		crit = words.T("risk cannot be told")
	}
	return joined(e.Reaction, ward.Said(e.Severity), crit)
}

func (a *allergies) ask(e ward.Allergy) {
	a.asking, a.asked = true, e
	a.reason.SetText("")
	a.fill(true)
	a.reason.Focus()
}

// cancel closes the form for a reason, and reports whether it was open.
func (a *allergies) cancel() bool {
	if !a.asking {
		return false
	}
	a.asking = false
	a.fill(true)
	return true
}

func (a *allergies) sendReason() {
	if !a.asking {
		return
	}
	if strings.TrimSpace(a.reason.Text()) == "" {
		a.reason.Update(kit.TextConfig{Placeholder: words.T("Say why first"), Width: 280, Bad: true})
		return
	}
	e, why := a.asked, a.reason.Text()
	a.cancel()
	a.m.RefuteAllergy(e, why)
}

func (a *allergies) record() {
	f := a.content()
	a.m.AddAllergy(ward.AddAllergy{Patient: a.id, Substance: f.Substance, Reaction: f.Reaction, Severity: f.Severity, Certainty: f.Certainty, Note: f.Note})
}

func (a *allergies) key(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyF2:
		if a.asking {
			a.sendReason()
		} else if !a.add.Disabled() {
			a.record()
		}
		return true
	case fyne.KeyEscape:
		return a.cancel()
	default:
		return false
	}
}

// fold puts the form below the entries, in one scroll, where there is no room
// beside them.
func (a *allergies) fold(on bool) {
	if a.narrow == on {
		return
	}
	a.narrow = on
	a.stack.Objects = []fyne.CanvasObject{a.list}
	a.block.Parts = []fyne.CanvasObject{a.left, a.right}
	if on {
		a.right.SetContent(a.inset)
		a.stack.Objects = append(a.stack.Objects, a.right)
		a.block.Parts = a.block.Parts[:1]
	} else {
		a.right.SetContent(a.formScroll)
	}
	a.stack.Refresh()
	a.left.Refresh()
	a.block.Changed()
}

func (a *allergies) revealForm(o fyne.CanvasObject) {
	if a.narrow {
		kit.Reveal(a.left, o)
		return
	}
	kit.Reveal(a.formScroll, o)
}

func (a *allergies) place(size fyne.Size) {
	px := theme.Px
	a.fold(size.Width < px(760))
	if a.narrow {
		kit.PlaceAt(a.left, 0, 0, size.Width, size.Height)
		return
	}
	side := min(max(size.Width*0.42, px(380)), px(460))
	kit.PlaceAt(a.left, 0, 0, size.Width-side-px(12), size.Height)
	kit.PlaceAt(a.right, size.Width-side, 0, side, size.Height)
}

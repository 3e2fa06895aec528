package chart

import (
	"reflect"
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

// notes is the tab of notes: one being written, kept as it is typed, and the
// earlier ones with who wrote them and how they read before.
type notes struct {
	m     *view.Model
	state view.State
	now   time.Time
	id    ward.PatientID

	text     *kit.TextField
	at       *kit.TextField // when what it says was true
	atLine   *fyne.Container
	badTime  bool
	drawn    time.Time // what at shows
	keep     *kit.Button
	heading  *kit.Line
	save     *kit.Button
	clear    *kit.Button
	status   *status
	list     *fyne.Container
	shown    []ward.Note
	loaded   bool
	loading  ward.Loading
	edit     map[string]*kit.Button
	left     *container.Scroll
	panel    *kit.Panel
	controls *fyne.Container
	inner    *kit.Block
	stack    *fyne.Container
	narrow   bool
	block    *kit.Block
}

func newNotes(m *view.Model, typing *kit.Typing) *notes {
	n := &notes{m: m, heading: kit.NewLine(), status: newStatus(), list: kit.NewColumn(8)}
	n.text = kit.NewTextField(kit.TextConfig{Placeholder: words.T("Write a note"), Lines: 8, Width: 300}, typing)
	n.text.OnChange = func(s string) { m.TypeNote(s) }
	n.at = kit.NewTextField(kit.TextConfig{Width: 176, Placeholder: words.T("now")}, typing)
	n.at.OnChange = func(string) { n.typedAt() }
	n.at.OnEnter = func() { n.text.Focus() }
	n.atLine = kit.NewBar(8, kit.NewText(words.T("True at"), kit.Body, theme.Text), n.at, kit.NewText(words.T("from paper: type its time, 03:10"), kit.Caption, theme.TextMuted))
	n.keep = kit.NewButton(kit.ButtonConfig{Text: words.T("Keep the time and save"), Size: kit.Large}, func() { m.KeepNoteTime() })
	n.keep.Hide()
	n.save = kit.NewButton(kit.ButtonConfig{Text: words.T("Save note"), Key: "F2", Kind: kit.Primary, Size: kit.Large}, func() { n.press() })
	n.clear = kit.NewButton(kit.ButtonConfig{Text: words.T("Clear"), Size: kit.Large}, func() { m.ClearNote() })
	n.controls = kit.NewColumn(8, n.atLine, n.status.box, kit.NewBar(12, n.keep, n.save, n.clear, kit.NewText(words.T("Kept as you type, on this computer"), kit.Caption, theme.TextMuted)))
	n.inner = &kit.Block{Parts: []fyne.CanvasObject{n.heading, n.text, n.controls}, Min: func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(120)) }, Place: n.placeEntry}
	n.inner.Tall = func(w float32) float32 { // below one another: six lines of text
		return n.heading.MinSize().Height + kit.HeightFor(n.controls, max(w-theme.Px(32), 0)) + theme.Px(160)
	}
	n.inner.Init(n.inner)
	n.panel = kit.NewPanel(kit.PanelConfig{}, n.inner)
	n.stack = kit.NewColumn(8, n.list)
	n.left = kit.NewScroll(n.stack)
	follow := func(o fyne.CanvasObject) func() {
		return func() {
			if n.narrow {
				kit.Reveal(n.left, o)
			}
		}
	}
	n.at.OnFocus, n.keep.OnFocus = follow(n.at), follow(n.keep)
	n.text.OnFocus, n.save.OnFocus, n.clear.OnFocus = follow(n.text), follow(n.save), follow(n.clear)
	n.block = &kit.Block{Parts: []fyne.CanvasObject{n.panel, n.left}, Min: func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(120)) }, Place: n.place}
	n.block.Init(n.block)
	return n
}

func (n *notes) object() fyne.CanvasObject { return n.block }
func (n *notes) first() fyne.Focusable     { return n.text.Focusable() }

func (n *notes) named() map[string]fyne.CanvasObject {
	out := map[string]fyne.CanvasObject{"note": n.text, "note-at": n.at, "keep-note-time": n.keep, "save-note": n.save, "clear-note": n.clear}
	for id, b := range n.edit {
		out["reword-"+id] = b
	}
	return out
}

func (n *notes) show(s view.State, now time.Time) {
	if s.ID == n.id && s.Tab != view.Notes {
		return // nothing of it is seen, and it is drawn when it is
	}
	n.id = s.ID
	n.state, n.now = s, now
	if n.text.Text() != s.Note {
		n.text.SetText(s.Note)
	}
	heading := words.T("New note")
	if s.Editing != "" {
		heading = words.T("New wording; the one before stays in the history")
	}
	n.heading.Update(kit.T(heading, kit.Subheading, theme.Text))
	n.showAt(s)
	label := words.T("Save note")
	if s.Editing != "" {
		label = words.T("Save wording")
	}
	n.save.Update(kit.ButtonConfig{Text: label, Key: "F2", Kind: kit.Primary, Size: kit.Large, Off: s.Busy || s.ID == ""})
	n.fill()
	n.controls.Refresh()
	n.inner.Changed()
	if n.narrow {
		n.stack.Refresh()
	}
	n.block.Changed()
}

// fill draws the earlier notes anew where they changed, so that the focus stays.
func (n *notes) fill() {
	list := n.state.Chart.Notes
	if n.edit != nil && n.loaded == n.state.Loaded && n.loading == n.state.Chart.Loading && reflect.DeepEqual(list, n.shown) {
		return
	}
	n.shown, n.loaded, n.loading, n.edit = list, n.state.Loaded, n.state.Chart.Loading, map[string]*kit.Button{}
	n.list.Objects = nil
	if len(list) == 0 {
		why := words.T("Loading notes from this computer’s copy")
		switch {
		case n.state.Loaded && n.state.Chart.Loading != ward.LoadingNone:
			why = words.T("Notes are still being loaded from the server.")
		case n.state.Loaded && n.state.Chart.AsOf.IsZero():
			why = words.T("Not loaded: this computer has had no contact with the server yet.")
		case n.state.Loaded:
			why = words.F("None: no notes, as of %s.", ward.Stamp(n.state.Chart.AsOf, n.now))
		}
		n.list.Objects = append(n.list.Objects, newTall(kit.NewEmpty(why), 60))
	}
	for _, e := range list {
		n.list.Objects = append(n.list.Objects, n.card(e))
	}
	n.stack.Refresh()
	n.left.Refresh()
}

func (n *notes) card(e ward.Note) fyne.CanvasObject {
	head := []kit.Span{strong(ward.SayName(e.By)), muted(ward.Stamp(e.When(), n.now)).After(8)}
	if !e.True.IsZero() { // both times: when it was true, and when it was written down
		head = append(head, kit.T(recordedWords(noteFirst(e), n.now), kit.Caption, theme.TextMuted).After(8).Kept())
	}
	if len(e.Earlier) > 0 {
		head = append(head, kit.Chip(words.T("reworded"), iconCorrected, kit.CorrectedTone).After(8).Kept())
	}
	if e.Unsent {
		head = append(head, unsentChip())
	}
	lines := []fyne.CanvasObject{kit.NewFlow(head...)}
	lines = append(lines, paragraphs(e.Text, theme.Text)...)
	for _, w := range e.Earlier {
		lines = append(lines, kit.NewFlow(kit.T(words.F("Before: %s", joined(ward.SayName(w.By), ward.Stamp(w.At, n.now))), kit.Caption, theme.TextMuted)))
		lines = append(lines, paragraphs(w.Text, theme.TextMuted)...)
	}
	note := e
	b := kit.NewButton(kit.ButtonConfig{Text: words.T("Reword"), Size: kit.Small}, func() { n.m.EditNote(note); n.text.Focus() })
	b.OnFocus = func() { kit.Reveal(n.left, b) }
	n.edit[string(e.ID)] = b
	lines = append(lines, kit.NewBar(8, b))
	return kit.NewPanel(kit.PanelConfig{}, kit.NewInset(14, 10, kit.NewColumn(4, lines...)))
}

// noteFirst is when a note was first written down.
func noteFirst(e ward.Note) time.Time {
	if k := len(e.Earlier); k > 0 {
		return e.Earlier[k-1].At
	}
	return e.At
}

// recordedWords are the other time of an entry that was made afterwards.
func recordedWords(at, now time.Time) string { return words.F("recorded %s", ward.Stamp(at, now)) }

// typedAt takes what is typed into the time.
func (n *notes) typedAt() {
	at, ok := readTime(n.at.Text(), n.now)
	n.badTime = !ok
	if ok {
		n.drawn = at
		n.m.TypeNoteAt(at)
	}
	n.drawAt()
}

func (n *notes) drawAt() {
	n.at.Update(kit.TextConfig{Width: 176, Placeholder: words.T("now"), Bad: n.badTime})
}

// press saves the note, if its time can be read.
func (n *notes) press() {
	if n.badTime {
		n.at.Focus()
		n.status.show(view.State{Error: words.T("The time at which it was true: type 03:10, or 22-Nov-2026 03:10. Nothing was saved.")})
		n.inner.Changed()
		return
	}
	n.m.SaveNote()
}

// showAt draws the time, and what is asked about it.
func (n *notes) showAt(s view.State) {
	if !s.NoteAt.Equal(n.drawn) {
		n.drawn, n.badTime = s.NoteAt, false
		n.at.SetText(timeText(s.NoteAt, n.now))
	}
	n.drawAt()
	kit.SetShown(n.atLine, s.Editing == "")
	kit.SetShown(n.keep, len(s.NoteAsk) > 0)
	said := s
	if len(s.NoteAsk) > 0 && s.Error == "" {
		said.Error = words.T("Nothing is saved yet.") + " " + strings.Join(s.NoteAsk, " ")
	}
	n.status.show(said)
}

// paragraphs draws a text with the line breaks that its author made.
func paragraphs(text string, colour theme.Token) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	for _, line := range splitLines(text) {
		out = append(out, kit.NewFlow(kit.T(line, kit.Body, colour)))
	}
	return out
}

func (n *notes) key(ev *fyne.KeyEvent) bool {
	if ev.Name != fyne.KeyF2 {
		return false
	}
	if !n.save.Disabled() {
		n.press()
	}
	return true
}

func (n *notes) placeEntry(size fyne.Size) {
	px := theme.Px
	w := max(size.Width-px(32), 0)
	head := n.heading.MinSize().Height
	kit.PlaceAt(n.heading, px(16), px(12), w, head)
	foot := kit.HeightFor(n.controls, w)
	top := px(12) + head + px(8)
	kit.PlaceAt(n.text, px(16), top, w, max(size.Height-top-foot-px(20), px(40)))
	kit.PlaceAt(n.controls, px(16), size.Height-foot-px(12), w, foot)
}

// fold puts the note being written above the others, in one scroll, where there
// is no room beside them.
func (n *notes) fold(on bool) {
	if n.narrow == on {
		return
	}
	n.narrow = on
	n.stack.Objects = []fyne.CanvasObject{n.list}
	n.block.Parts = []fyne.CanvasObject{n.panel, n.left}
	if on {
		n.stack.Objects = []fyne.CanvasObject{n.panel, n.list}
		n.block.Parts = n.block.Parts[1:]
	}
	n.stack.Refresh()
	n.left.Refresh()
	n.block.Changed()
}

func (n *notes) place(size fyne.Size) {
	px := theme.Px
	n.fold(size.Width < px(700))
	if n.narrow {
		kit.PlaceAt(n.left, 0, 0, size.Width, size.Height)
		return
	}
	half := size.Width*0.5 - px(6)
	kit.PlaceAt(n.panel, 0, 0, half, size.Height)
	kit.PlaceAt(n.left, half+px(12), 0, size.Width-half-px(12), size.Height)
}

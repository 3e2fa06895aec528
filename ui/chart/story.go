package chart

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// story is the tab of the timeline: everything that happened with the patient, by
// when it was true. Letters jump to an entry, Enter opens it where it is read in
// full; only the rows in view are made.
type story struct {
	m        *view.Model
	document func(patient ward.PatientID, result ward.ResultID, sum string)
	task     func(task string)
	vitals   func() // turns the tab of vital signs to the sets that there are

	state view.State
	shown view.Timeline
	now   time.Time
	id    ward.PatientID

	pills []*kit.FilterPill // the first is all of them
	bar   *fyne.Container
	turn  *kit.Button // goes through the kinds, where the filters would leave no room
	words *kit.Flow
	list  *kit.List
	panel *kit.Panel
	empty *kit.Empty
	probe *storyRow // measures
	block *kit.Block
}

// olderID is the row that asks for older entries.
const olderID = "older"

func newStory(m *view.Model, clock kit.Clock) *story {
	s := &story{m: m, words: kit.NewFlow(), empty: kit.NewEmpty(""), probe: newStoryRow()}
	s.list = kit.NewList(func() fyne.CanvasObject { return newStoryRow() }, s.bind, clock)
	s.list.OnSurface = true
	s.list.Exact = s.high
	s.list.OnOpen = s.open
	s.panel = kit.NewPanel(kit.PanelConfig{}, s.list)
	objects := []fyne.CanvasObject{}
	for _, k := range append([]view.EventKind{view.AnyEvent}, view.EventKinds()...) {
		pill := kit.NewFilterPill(kit.FilterPillConfig{Text: "…"}, func() { m.FilterStory(k) })
		s.pills, objects = append(s.pills, pill), append(objects, pill)
	}
	s.bar = kit.NewBar(6, objects...)
	s.turn = kit.NewButton(kit.ButtonConfig{Text: "…", Size: kit.Small}, func() { m.FilterStory(s.next()) })
	s.block = &kit.Block{
		Parts: []fyne.CanvasObject{s.bar, s.turn, s.words, s.panel, s.empty},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(140)) }, Place: s.place, Redraw: s.fill,
	}
	s.block.Init(s.block)
	return s
}

func (s *story) object() fyne.CanvasObject  { return s.block }
func (s *story) first() fyne.Focusable      { return s.list }
func (s *story) key(ev *fyne.KeyEvent) bool { return false }

func (s *story) named() map[string]fyne.CanvasObject {
	out := map[string]fyne.CanvasObject{"timeline": s.list, "timeline-next": s.turn}
	for i, k := range append([]view.EventKind{"All"}, view.EventKinds()...) {
		out["timeline-"+strings.ToLower(string(k))] = s.pills[i]
	}
	return out
}

func (s *story) show(st view.State, now time.Time) {
	if st.Tab != view.Story {
		return // nothing of it is seen, and it is drawn when it is
	}
	other := st.ID != s.id || st.Story.Filter != s.shown.Filter
	s.state, s.shown, s.now, s.id = st, st.Story, now, st.ID
	s.pill(0, view.KindCount{N: st.Story.Total}, words.C("entries", "All"))
	for i, k := range view.EventKinds() {
		kind := view.KindCount{Kind: k}
		for _, c := range st.Story.Kinds {
			if c.Kind == k {
				kind = c
			}
		}
		s.pill(i+1, kind, k.Say())
	}
	s.bar.Refresh()
	n := len(st.Story.Events) + st.Story.More
	turn := cmp.Or(st.Story.Filter.Say(), words.C("entries", "All")) + ": " + words.N(n, "%d entry", "%d entries")
	s.turn.Update(kit.ButtonConfig{Text: turn, Icon: iconForward, Size: kit.Small})
	s.words.Update(kit.T(st.Story.Words, kit.Caption, theme.TextMuted))
	s.empty.Update(st.Story.Empty)
	kit.SetShown(s.empty, st.Story.Empty != "")
	kit.SetShown(s.panel, st.Story.Empty == "")
	if other {
		s.list.SetAnswer(s.items(), "") // somebody asked for something else: nothing is held
	} else {
		s.list.SetItems(s.items())
	}
	s.block.Changed()
}

// next is the kind after the one that is shown.
func (s *story) next() view.EventKind {
	kinds := []view.EventKind{view.AnyEvent}
	for _, c := range s.shown.Kinds {
		kinds = append(kinds, c.Kind)
	}
	return kinds[(slices.Index(kinds, s.shown.Filter)+1)%len(kinds)]
}

func (s *story) pill(i int, c view.KindCount, name string) {
	on := s.shown.Filter == c.Kind
	kit.SetShown(s.pills[i], c.N > 0 || on)
	s.pills[i].Update(kit.FilterPillConfig{Text: name + " " + strconv.Itoa(c.N), On: on})
}

// items are the rows: a heading for each day, and under it what happened then.
func (s *story) items() []kit.Item {
	items := make([]kit.Item, 0, len(s.shown.Events)+8)
	day := ""
	for i := range s.shown.Events {
		e := &s.shown.Events[i]
		if d := e.Day(); d != day || i == 0 {
			day = d
			items = append(items, kit.Item{ID: "day:" + d, Height: 26, Group: true, Data: d})
		}
		it := kit.Item{ID: e.ID, Height: 44, Key: e.Key, Data: e}
		if e.Full != nil && e.Full.Critical && e.Full.Open {
			it.Bar = theme.Critical
		}
		items = append(items, it)
	}
	if s.shown.More > 0 {
		items = append(items, kit.Item{ID: olderID, Height: 36, Key: words.T("Older"), Data: s.shown.More})
	}
	return items
}

func (s *story) bind(o fyne.CanvasObject, it kit.Item, st kit.RowState) {
	if r, ok := o.(*storyRow); ok {
		r.set(it, s.now)
	}
}

// high is how high a row really is, in design units.
func (s *story) high(it kit.Item) float32 {
	s.probe.set(it, s.now)
	return s.probe.high(max(s.list.Size().Width, theme.Px(240)))
}

func (s *story) open(id string) {
	if id == olderID {
		s.m.OlderStory()
		return
	}
	for i := range s.shown.Events {
		e := s.shown.Events[i]
		switch {
		case e.ID != id:
		case e.Document != "" && s.document != nil:
			s.document(s.id, e.Result, e.Document)
		case e.Task != "" && s.task != nil:
			s.task(e.Task)
		default:
			if e.Kind == view.EventVitals && s.vitals != nil {
				s.vitals()
			}
			s.m.OpenEvent(e)
		}
	}
}

// fill draws the rows anew where the text is another size.
func (s *story) fill() {
	if s.state.Tab == view.Story {
		s.list.SetAnswer(s.items(), s.list.Selected())
	}
}

func (s *story) place(size fyne.Size) {
	px := theme.Px
	h := kit.HeightFor(s.bar, size.Width)
	low := h > size.Height/4
	kit.SetShown(s.bar, !low)
	kit.SetShown(s.turn, low)
	if low {
		least := s.turn.MinSize()
		h = least.Height
		kit.PlaceAt(s.turn, 0, 0, min(least.Width, size.Width), h)
	} else {
		kit.PlaceAt(s.bar, 0, 0, size.Width, h)
	}
	top := h + px(4)
	kit.SetShown(s.words, !low && s.shown.Empty == "")
	if s.words.Visible() {
		w := s.words.HeightFor(size.Width)
		kit.PlaceAt(s.words, 0, top, size.Width, w)
		top += w + px(4)
	}
	for _, o := range []fyne.CanvasObject{s.panel, s.empty} {
		kit.PlaceAt(o, 0, top, size.Width, max(size.Height-top, 0))
	}
}

// storyRow draws an entry: its time, and when it was recorded where that differs;
// what it is; under it who, and what else there is to say.
type storyRow struct {
	kit.Block
	time, kind, first, under *kit.Flow
	group                    bool
}

// The columns, in design units.
const (
	storyTime = 14
	storyKind = 176
	storyText = 296
)

func newStoryRow() *storyRow {
	r := &storyRow{time: kit.NewFlow(), kind: kit.NewFlow(), first: kit.NewFlow(), under: kit.NewFlow()}
	r.Parts = []fyne.CanvasObject{r.time, r.kind, r.first, r.under}
	r.Min = func() fyne.Size { return fyne.NewSize(theme.Px(200), theme.Px(24)) }
	r.Place = r.place
	r.Init(r)
	return r
}

func (r *storyRow) set(it kit.Item, now time.Time) {
	r.group = false
	switch d := it.Data.(type) {
	case string:
		r.group = true
		r.say(nil, nil, []kit.Span{kit.T(d, kit.DenseStrong, theme.TextMuted)}, nil)
	case int:
		r.say(nil, nil, []kit.Span{kit.T(words.N(d, "%d older entry: show more", "%d older entries: show more"), kit.BodyStrong, theme.Primary)}, nil)
	case *view.Event:
		r.say(timeSpans(d), []kit.Span{muted(d.Kind.Say())}, headSpans(d), underSpans(d))
	}
	r.Changed()
}

func (r *storyRow) say(at, kind, first, under []kit.Span) {
	r.time.Update(at...)
	r.kind.Update(kind...)
	r.first.Update(first...)
	r.under.Update(under...)
}

func timeSpans(e *view.Event) []kit.Span {
	out := []kit.Span{}
	if e.Clock != "" {
		out = append(out, kit.T(e.Clock, kit.BodyStrong, theme.Text).Kept())
	}
	if e.Recorded != "" {
		out = append(out, kit.T(e.Recorded, kit.Caption, theme.TextMuted).After(8))
	}
	return out
}

func headSpans(e *view.Event) []kit.Span {
	out := []kit.Span{struckIf(e.Void, kit.T(e.Head, kit.BodyStrong, theme.Text))}
	if e.Value != "" {
		value, unit := kit.T(e.Value, kit.BodyBold, theme.Text).After(8), kit.Span{Text: e.Unit, Style: kit.Dense, Color: theme.Text, Gap: 5, Glue: true, Keep: true}
		if r := e.Full; r != nil && !r.Text {
			value = value.Kept()
			if view.Early(*r) {
				value.Style.Face = theme.Italic
			}
		}
		out = append(out, struckIf(e.Void, value))
		if e.Unit != "" {
			out = append(out, struckIf(e.Void, unit))
		}
	}
	if e.Full != nil {
		if c, ok := flagChip(*e.Full); ok {
			out = append(out, c.After(8).Kept())
		}
	}
	if e.Early != nil {
		out = append(out, scoreSpan(*e.Early))
	}
	if e.Mark != "" {
		out = append(out, markChip(e))
	}
	if e.After {
		out = append(out, kit.Chip(words.T("entered afterwards"), iconOverdue, kit.LateTone).After(8).Kept())
	}
	if e.Future {
		out = append(out, kit.Chip(words.T("its time lies in the future"), iconWarning, kit.LateTone).After(8).Kept())
	}
	if e.Unsent {
		out = append(out, unsentChip())
	}
	return out
}

// markChip says why an entry is not as it was. A long reason is text: a chip never
// breaks, and nothing is cut.
func markChip(e *view.Event) kit.Span {
	switch {
	case len(e.Mark) > 40:
		return kit.T(e.Mark, kit.DenseStrong, theme.Corrected).After(8)
	case e.Changed || e.Void:
		return kit.Chip(e.Mark, iconCorrected, kit.CorrectedTone).After(8).Kept()
	}
	return kit.Chip(e.Mark, "", kit.Quiet).After(8).Kept()
}

func struckIf(on bool, s kit.Span) kit.Span {
	if on {
		s = s.Struck()
		s.Color = theme.TextMuted
	}
	return s
}

// scoreSpan is a NEWS2 score in words; a partial one says that it is a minimum.
func scoreSpan(e ward.Early) kit.Span {
	if e.Refused != "" {
		return kit.T(ward.Said(e.Refused), kit.Dense, theme.TextMuted).After(8)
	}
	text := "NEWS2 " + strconv.Itoa(e.Total)
	if e.AtLeast {
		text = words.F("NEWS2 at least %d", e.Total)
	}
	tone := kit.Quiet
	switch e.Risk {
	case ward.RiskHigh:
		tone = kit.CriticalTone
	case ward.RiskMedium:
		tone = kit.WarningTone
	case ward.RiskLowMedium:
		tone = kit.LateTone
	case ward.RiskLow:
	}
	if e.Scale == 2 {
		text += ", " + words.T("scale 2")
	}
	return kit.Chip(text, "", tone).After(8).Kept()
}

// underSpans are who it was by and what else there is to say, its line breaks as
// they were made.
func underSpans(e *view.Event) []kit.Span {
	var out []kit.Span
	if e.By != "" {
		out = append(out, kit.T(ward.SayName(e.By), kit.Caption, theme.TextMuted))
	}
	lines := kit.Lines(e.Words, kit.Dense, theme.Text)
	switch {
	case e.Words == "":
		lines = nil
	case len(lines) == 1: // beside who it was by
		lines = []kit.Span{kit.T(e.Words, kit.Dense, theme.Text).After(float32(10 * len(out)))}
	}
	for _, line := range lines {
		out = append(out, struckIf(e.Void && e.Kind != view.EventTask, line))
	}
	if e.Cut {
		out = append(out, kit.T(words.T("more: Enter"), kit.CaptionStrong, theme.TextMuted).After(8).Kept())
	}
	return out
}

// stacked says that time and kind stand above the words: there is no room beside.
func (r *storyRow) stacked(w float32) bool { return w < theme.Px(640) }

func (r *storyRow) textAt(w float32) float32 {
	if r.group || r.stacked(w) {
		return theme.Px(storyTime)
	}
	return theme.Px(storyText)
}

func (r *storyRow) room(w float32) float32 { return max(w-r.textAt(w)-theme.Px(14), theme.Px(100)) }

func (r *storyRow) timeRoom(w float32) float32 {
	if r.stacked(w) {
		return max(w-theme.Px(28), theme.Px(100))
	}
	return theme.Px(storyKind - storyTime - 10)
}

func (r *storyRow) high(w float32) float32 {
	text := r.room(w)
	h := r.first.HeightFor(text)
	if r.group {
		return max(26, rowUp(h+theme.Px(8)))
	}
	h += r.under.HeightFor(text)
	at := r.time.HeightFor(r.timeRoom(w))
	if r.stacked(w) {
		h += at
	} else {
		h = max(h, at)
	}
	return max(32, rowUp(h+theme.Px(10)))
}

func rowUp(h float32) float32 { return float32(math.Ceil(float64(h / theme.Scale()))) }

func (r *storyRow) place(size fyne.Size) {
	px, w := theme.Px, size.Width
	x, text := r.textAt(w), r.room(w)
	first := r.first.HeightFor(text)
	if r.group {
		kit.PlaceAt(r.first, x, (size.Height-first)/2, text, first)
		return
	}
	y := px(5)
	at := r.time.HeightFor(r.timeRoom(w))
	kit.PlaceAt(r.time, px(storyTime), y, r.timeRoom(w), at)
	kit.SetShown(r.kind, !r.stacked(w))
	if r.stacked(w) {
		y += at
	} else {
		kit.PlaceAt(r.kind, px(storyKind), y+px(1), px(storyText-storyKind-8), r.kind.HeightFor(px(storyText-storyKind-8)))
	}
	kit.PlaceAt(r.first, x, y, text, first)
	kit.PlaceAt(r.under, x, y+first, text, r.under.HeightFor(text))
}

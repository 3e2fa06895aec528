package chart

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// formLine is one measurement: label, field, unit, what it was before, and its
// share of the score. Where it gets narrow the field goes below its label.
type formLine struct {
	kit.Block
	name                string    // of the score's part; "" is not scored
	what                words.Key // what is measured: its label
	per                 string    // the unit's words
	field, main         fyne.CanvasObject
	label, unit, before *kit.Line
	score               *kit.ScoreBadge
	word                *kit.Line
	line                *canvas.Rectangle
}

func newFormLine(label words.Key, unit, part string, field, main fyne.CanvasObject) *formLine {
	l := &formLine{
		name: part, what: label, per: unit, field: field, main: main, label: kit.NewText(label.Say(), kit.BodyStrong, theme.Text), unit: kit.NewText(unit, kit.Dense, theme.TextMuted),
		before: kit.NewLine(), score: kit.NewScoreBadge(kit.ScoreConfig{}), word: kit.NewLine(), line: canvas.NewRectangle(nil),
	}
	l.Parts = []fyne.CanvasObject{l.line, l.label, l.field, l.unit, l.before, l.score, l.word}
	l.Min = func() fyne.Size {
		return fyne.NewSize(max(l.field.MinSize().Width, l.label.MinSize().Width)+theme.Px(32), l.rowHeight())
	}
	l.Tall = func(w float32) float32 {
		if l.stacked(w) {
			return l.label.MinSize().Height + l.rowHeight() + theme.Px(6)
		}
		return l.rowHeight()
	}
	l.Place = l.place
	l.Redraw = func() { l.line.FillColor = theme.Color(theme.Line) }
	l.Redraw()
	l.Init(l)
	kit.SetShown(l.score, false)
	return l
}

// Tapped implements fyne.Tappable: a click on the empty part of a row is meant
// for its first field.
func (l *formLine) Tapped(*fyne.PointEvent) {
	switch f := l.main.(type) {
	case *kit.TextField:
		f.Focus()
	case fyne.Focusable:
		kit.Focus(canvasOf(l), f)
	}
}

func (l *formLine) rowHeight() float32 {
	return max(theme.Px(theme.RowHeights().FormRow), l.field.MinSize().Height+theme.Px(10))
}

// The columns of the form: where the field starts, how wide what was before and
// the score are, in design units.
const (
	formField  = 156
	formBefore = 92
	formScore  = 92
)

// end is where field and unit end.
func (l *formLine) end() float32 {
	return theme.Px(formField) + l.field.MinSize().Width + theme.Px(8) + l.unit.MinSize().Width
}

// stacked: the field goes below its label.
func (l *formLine) stacked(w float32) bool { return l.end()+theme.Px(formScore+8) > w }

func (l *formLine) place(size fyne.Size) {
	px := theme.Px
	hair := theme.Stroke(theme.Hairline)
	kit.PlaceAt(l.line, 0, size.Height-hair, size.Width, hair)
	top, x, high := float32(0), px(formField), size.Height
	if l.stacked(size.Width) {
		h := l.label.MinSize().Height
		kit.PlaceAt(l.label, px(16), px(6), l.label.MinSize().Width, h)
		top, x, high = px(6)+h, px(16), size.Height-h-px(6)
	} else {
		kit.PlaceMiddle(l.label, px(16), 0, high)
	}
	defer l.placeBefore(size)
	w := kit.PlaceMiddle(l.field, x, top, high)
	kit.PlaceMiddle(l.unit, x+w+px(8), top, high)
	right := size.Width - px(formScore)
	kit.PlaceMiddle(l.score, right, top, high)
	kit.PlaceMiddle(l.word, right, top, high)
}

// placeBefore puts the last value before the score; without room for that, below
// or beside the label.
func (l *formLine) placeBefore(size fyne.Size) {
	px := theme.Px
	b, label := l.before.MinSize(), l.label.MinSize()
	before := size.Width - px(formScore) - max(px(formBefore), b.Width+px(8))
	switch {
	case l.stacked(size.Width):
		kit.PlaceAt(l.before, size.Width-b.Width-px(16), px(6), b.Width, b.Height)
	case before >= l.end()+px(8) && b.Width > 0:
		kit.PlaceMiddle(l.before, before, 0, size.Height)
	case b.Width > 0:
		top := (size.Height - label.Height - b.Height) / 2
		kit.PlaceAt(l.label, px(16), top, label.Width, label.Height)
		kit.PlaceAt(l.before, px(16), top+label.Height, b.Width, b.Height)
	}
}

func (l *formLine) update(before *ward.VitalSet, live ward.Early, slips []ward.Slip) {
	l.before.Update(kit.T(beforeOf(l.what.English(), before), kit.Dense, theme.TextMuted))
	kit.SetShown(l.score, false)
	l.word.Update()
	if n, ok := l.main.(*kit.NumberField); ok {
		l.markBad(n, slips)
	}
	if l.name == "" || !live.Known {
		l.Changed()
		return
	}
	for _, p := range live.Parts {
		if p.Name != l.name {
			continue
		}
		switch {
		case p.Missing:
			l.word.Update(kit.T("— "+words.T("missing"), kit.DenseStrong, theme.WarningText))
		case p.Points == 0:
			l.word.Update(kit.T("0", kit.BodyBold, theme.Text).After(8))
		default:
			kit.SetShown(l.score, true)
			l.score.Update(pointsBadge(p.Points))
		}
	}
	l.Changed()
}

// pointsBadge is a parameter's share: a single 3 is drawn as it is on the board.
func pointsBadge(points int) kit.ScoreConfig {
	c := kit.Score(digits(float64(points)), kit.Pill, kit.ScoreRow)
	if points >= 3 {
		c = kit.Score(digits(float64(points)), kit.DoubleStroke, kit.ScoreRow)
		return c
	}
	c.Fill, c.Border, c.Colour = theme.NewsSingle, theme.NewsSingleStroke, theme.OnNewsSingle
	return c
}

// markBad outlines the field whose value is not possible, and says so beside it.
func (l *formLine) markBad(n *kit.NumberField, slips []ward.Slip) {
	c := kit.NumberConfig{Max: 3}
	switch l.what.English() {
	case "Temperature":
		c = kit.NumberConfig{Max: 4, Decimal: true}
	case "Pain 0–10":
		c = kit.NumberConfig{Max: 2, Width: 68, Plain: true}
	case "Blood pressure":
		c.Width = 68
	}
	beside := kit.T(l.per, kit.Dense, theme.TextMuted)
	for _, s := range slips {
		if !slices.Contains(slipFields[l.what.English()], s.Field) {
			continue
		}
		c.Bad = c.Bad || s.Field != "diastolic"
		beside = kit.Span{Icon: iconWarning, IconColor: theme.WarningText, Text: s.Words, Style: kit.DenseStrong, Color: theme.WarningText}
	}
	l.unit.Update(beside)
	n.Update(c)
}

// slipFields are the values that a line holds.
var slipFields = map[string][]string{
	"Respirations": {"respirations"}, "Oxygen saturation": {"spo2"}, "Blood pressure": {"systolic", "diastolic"}, "Pulse": {"pulse"},
	"Temperature": {"temperature"}, "Pain 0–10": {"pain"},
}

func beforeOf(what string, b *ward.VitalSet) string {
	if b == nil {
		return ""
	}
	switch what {
	case "Respirations":
		return b.Respirations
	case "Oxygen saturation":
		return b.SpO2
	case "Air or oxygen":
		return airWords(b.Oxygen)
	case "Blood pressure":
		return pressureWords(*b)
	case "Pulse":
		return b.Pulse
	case "Consciousness":
		return awakeWords[b.Consciousness].Say()
	case "Temperature":
		return b.Temperature
	case "Pain 0–10":
		return b.Pain
	case "Urine":
		return b.Urine
	}
	return ""
}

// awakeWords are the levels of consciousness by their letters (ACVPU).
var awakeWords = map[string]words.Key{
	"A": words.KC("consciousness", "alert"), "C": words.KC("consciousness", "new confusion"), "V": words.KC("consciousness", "voice"),
	"P": words.KC("consciousness", "pain"), "U": words.KC("consciousness", "none"),
}

// awakeLabels are the same for the form, in the order of the letters.
func awakeLabels() []string {
	return []string{
		words.C("consciousness", "Alert"), words.C("consciousness", "New confusion"), words.C("consciousness", "Voice"),
		words.C("consciousness", "Pain"), words.C("consciousness", "None"),
	}
}

func airWords(on *bool) string {
	switch {
	case on == nil:
		return ""
	case *on:
		return words.T("oxygen")
	}
	return words.T("air")
}

func pressureWords(s ward.VitalSet) string {
	switch {
	case s.Systolic == "":
		return ""
	case s.Diastolic == "":
		return s.Systolic
	}
	return s.Systolic + " / " + s.Diastolic
}

// formHead names the columns of the form.
type formHead struct {
	kit.Block
	back, line          *canvas.Rectangle
	name, before, score *kit.Line
}

func newFormHead() *formHead {
	h := &formHead{
		back: canvas.NewRectangle(nil), line: canvas.NewRectangle(nil), name: kit.NewText(words.T("Measurement"), kit.CaptionStrong, theme.TextMuted),
		before: kit.NewLine(), score: kit.NewText(words.T("Score"), kit.CaptionStrong, theme.TextMuted),
	}
	h.Parts = []fyne.CanvasObject{h.back, h.line, h.name, h.before, h.score}
	h.Min = func() fyne.Size { return fyne.NewSize(theme.Px(200), theme.Px(26)) }
	h.Redraw = func() {
		h.back.FillColor, h.line.FillColor = theme.Color(theme.SurfaceAlt), theme.Color(theme.LineStrong)
	}
	h.Place = func(size fyne.Size) {
		kit.PlaceAt(h.back, 0, 0, size.Width, size.Height)
		kit.PlaceAt(h.line, 0, size.Height-1, size.Width, 1)
		kit.PlaceMiddle(h.name, theme.Px(16), 0, size.Height)
		right := size.Width - theme.Px(formScore)
		kit.PlaceMiddle(h.score, right, 0, size.Height)
		kit.PlaceMiddle(h.before, min(right-theme.Px(formBefore), right-theme.Px(10)-h.before.MinSize().Width), 0, size.Height)
	}
	h.Redraw()
	h.Init(h)
	return h
}

func (h *formHead) update(before *ward.VitalSet, now time.Time) {
	at := ""
	if before != nil {
		at = ward.Stamp(before.At, now)
	}
	h.before.Update(kit.T(at, kit.CaptionStrong, theme.TextMuted))
	h.Changed()
}

// live is the score of what is typed.
type live struct {
	boxes []*liveBox
}

type liveBox struct {
	box     *fyne.Container
	head    *kit.Line
	badge   *kit.ScoreBadge
	total   *kit.Line
	words   *kit.Flow
	note    *kit.Note
	parts   *fyne.Container
	next    *kit.Flow
	large   bool
	badging *fyne.Container
}

func newLive() *live { return &live{} }

// box makes one drawing of the score; several may stand on a page.
func (l *live) box(large bool) fyne.CanvasObject {
	b := &liveBox{head: kit.NewLine(), badge: kit.NewScoreBadge(kit.ScoreConfig{}), total: kit.NewLine(), words: kit.NewFlow(), note: kit.NewNote(kit.LateNote), parts: kit.NewColumn(0), next: kit.NewFlow(), large: large}
	b.badging = kit.NewColumns(14, []float32{0, 1}, b.badge, newSide(kit.NewColumn(2, b.total, b.words), 130))
	b.box = kit.NewColumn(10, b.head, b.badging, b.note, b.parts, b.next)
	l.boxes = append(l.boxes, b)
	return b.box
}

// update shows the score of what is typed; why says why there is none yet.
func (l *live) update(e, last ward.Early, typed bool, why string, now time.Time) {
	for _, b := range l.boxes {
		b.update(e, last, typed, why, now)
	}
}

// liveHead names the score and its scale; of a score that is not there yet, it says no
// scale.
func liveHead(e ward.Early, typed bool) []kit.Span {
	head := []kit.Span{kit.T(words.T("NEWS2 now"), kit.Subheading, theme.Text)}
	if e.Scale > 0 && typed {
		head = append(head, muted(words.F("scale %d", e.Scale)).After(12))
	}
	return head
}

func (b *liveBox) update(e, last ward.Early, typed bool, why string, now time.Time) {
	b.head.Update(liveHead(e, typed)...)
	kit.SetShown(b.badging, e.Known)
	b.badge.Update(scoreBadge(e, kit.ScoreLive))
	b.total.Update(kit.T(totalWords(e), kit.Style{Size: 24, Face: theme.Bold}, theme.Text))
	b.words.Update(liveWords(e, now)...)
	note := noteOf(e, typed, why)
	kit.SetShown(b.note, len(note) > 0)
	tone := kit.InfoNote
	if e.Known && (e.Risk == ward.RiskMedium || e.Risk == ward.RiskHigh || e.Risk == ward.RiskLowMedium) {
		tone = kit.LateNote
	}
	if len(note) > 0 {
		b.note.Update(tone, note...)
	}
	b.parts.Objects = b.parts.Objects[:0]
	if e.Known {
		b.parts.Objects = append(b.parts.Objects, kit.NewText(words.T("How it adds up"), kit.CaptionStrong, theme.TextMuted))
		for _, p := range e.Parts {
			b.parts.Objects = append(b.parts.Objects, kit.NewFieldRow(196, partName(p), partPoints(p)))
		}
	}
	b.next.Update(nextWords(e, last, typed, now)...)
	b.box.Refresh()
}

func partName(p ward.Part) string {
	name := sentence(ward.Said(p.Name))
	switch {
	case p.Name == "consciousness" && p.Value != "":
		return name + ": " + awakeWords[p.Value].Say()
	case p.Name == "air or oxygen" && p.Value != "":
		return name + ": " + ward.Said(p.Value)
	}
	if p.Value != "" {
		return name + " " + p.Value
	}
	return name
}

func partPoints(p ward.Part) kit.Span {
	switch {
	case p.Missing && p.Name == "air or oxygen":
		return kit.T(words.T("missing: 0 or 2 more"), kit.DenseStrong, theme.WarningText)
	case p.Missing:
		return kit.T(words.T("missing: 0–3 more"), kit.DenseStrong, theme.WarningText)
	case p.Points == 0:
		return kit.T("0", kit.Dense, theme.Text)
	}
	return kit.T(digits(float64(p.Points)), kit.DenseStrong, theme.Text)
}

func totalWords(e ward.Early) string {
	if e.AtLeast {
		return words.F("at least %d", e.Total)
	}
	return words.F("total %d", e.Total)
}

func liveWords(e ward.Early, now time.Time) []kit.Span {
	if !e.Known {
		return nil
	}
	var out []kit.Span
	if e.AtLeast && len(e.Missing) > 0 {
		out = append(out, kit.T(words.F("Incomplete: %s missing.", strings.Join(ward.SaidAll(e.Missing), ", ")), kit.DenseStrong, theme.WarningText).After(8))
	}
	switch {
	case e.HasLast:
		out = append(out, muted(words.F("last complete %d at %s", e.Last, ward.Stamp(e.LastAt, now))).After(8))
	case e.HasFrom:
		out = append(out, muted(words.F("was %d at %s", e.From, ward.Stamp(e.FromAt, now))).After(8))
	}
	return out
}

func noteOf(e ward.Early, typed bool, why string) []kit.Span {
	switch {
	case why != "":
		return []kit.Span{dense(why)}
	case !typed:
		return []kit.Span{dense(words.T("The score builds up here as you type."))}
	case e.Refused != "":
		return []kit.Span{strong(words.F("No score: %s.", ward.Unscored(e.Refused))), dense(words.T("What you type is recorded all the same.")).After(4)}
	case e.Known && e.Response != "":
		head := words.T("Response:")
		if e.AtLeast {
			head = words.T("Response already due:")
		}
		return []kit.Span{{Icon: iconWarning, Text: head, Style: kit.BodyStrong, Color: theme.WarningText}, dense(ward.Said(e.Response)).After(6)}
	}
	return nil
}

func nextWords(e, last ward.Early, typed bool, now time.Time) []kit.Span {
	switch {
	case typed && e.Known && e.Continuous:
		return byInterval(e, muted(words.T("Next")), strong(words.T("watch continuously")).After(5))
	case typed && e.Known && !e.Due.IsZero():
		return byInterval(e, muted(words.T("Next set due")), strong(ward.Stamp(e.Due, now)).After(5))
	case !typed && last.Known && last.Continuous:
		return byInterval(last, muted(words.T("By the last set")), strong(words.T("watch continuously")).After(5))
	case !typed && last.Known && !last.Due.IsZero():
		return byInterval(last, muted(words.T("A set is due at")), strong(ward.Stamp(last.Due, now)).After(5))
	}
	return nil
}

// byInterval says behind a time whose interval it goes by, and of which version.
func byInterval(e ward.Early, said ...kit.Span) []kit.Span {
	if e.Interval != "" {
		said = append(said, muted("("+e.Interval+")").After(6))
	}
	return said
}

// summaryOf is the score in one line, where there is no room beside the form.
func summaryOf(e ward.Early, typed bool, why string) []kit.Span {
	switch {
	case why != "":
		return []kit.Span{kit.T(words.T("NEWS2 now"), kit.BodyStrong, theme.Text), muted(why).After(8)}
	case !typed:
		return []kit.Span{kit.T(words.T("NEWS2 now"), kit.BodyStrong, theme.Text), muted(words.T("builds up as you type")).After(8)}
	case e.Refused != "":
		return []kit.Span{kit.T("NEWS2", kit.BodyStrong, theme.Text), muted(ward.Said(e.Refused)).After(8)}
	case !e.Known:
		return []kit.Span{kit.T(words.T("NEWS2 now"), kit.BodyStrong, theme.Text), muted(words.T("nothing that is scored yet")).After(8)}
	}
	out := []kit.Span{kit.T(words.T("NEWS2 now"), kit.BodyStrong, theme.Text)}
	total := digits(float64(e.Total))
	if e.AtLeast {
		total = words.F("at least %d", e.Total)
	}
	out = append(out, kit.T(total, kit.ValueRow, theme.Text).After(8).Kept())
	if len(e.Missing) > 0 {
		out = append(out, kit.T(words.F("%s missing", strings.Join(ward.SaidAll(e.Missing), ", ")), kit.DenseStrong, theme.WarningText).After(8))
	}
	return out
}

// enteredAfter is from when a set says that it was written down afterwards: the window
// within which observations count as one.
const enteredAfter = 15 * time.Minute

// newSetRow is one earlier set with its score.
func newSetRow(s ward.VitalSet, now time.Time) fyne.CanvasObject {
	badge := kit.NewScoreBadge(scoreBadge(s.Early, kit.ScoreRow))
	kit.SetShown(badge, s.Early.Known && !s.Error)
	flow := kit.NewFlow(setWords(s, now)...)
	line := canvas.NewRectangle(theme.Color(theme.Line))
	b := &kit.Block{Parts: []fyne.CanvasObject{line, badge, flow}}
	b.Min = func() fyne.Size { return fyne.NewSize(theme.Px(220), theme.Px(32)) }
	width := func(w float32) float32 { return max(w-theme.Px(84), theme.Px(120)) }
	b.Tall = func(w float32) float32 { return max(flow.HeightFor(width(w))+theme.Px(12), theme.Px(32)) }
	b.Redraw = func() { line.FillColor = theme.Color(theme.Line) }
	b.Place = func(size fyne.Size) {
		kit.PlaceAt(line, 0, 0, size.Width, theme.Stroke(theme.Hairline))
		kit.PlaceMiddle(badge, theme.Px(16), 0, size.Height)
		h := flow.HeightFor(width(size.Width))
		kit.PlaceAt(flow, theme.Px(68), (size.Height-h)/2, width(size.Width), h)
	}
	b.Init(b)
	return b
}

func setWords(s ward.VitalSet, now time.Time) []kit.Span {
	out := []kit.Span{kit.T(ward.Stamp(s.At, now), kit.BodyStrong, theme.Text).Kept()}
	colour := theme.Text
	if s.Error {
		colour = theme.TextMuted
		out[0] = out[0].Struck()
	}
	add := func(label, value, unit string) {
		if value == "" {
			return
		}
		if unit != "" {
			value += " " + unit
		}
		v := kit.T(value, kit.BodyStrong, colour).After(4).Glued().Kept()
		if s.Error {
			v = v.Struck()
		}
		out = append(out, muted(label).After(12).Kept(), v)
	}
	add(words.C("short", "Resp"), s.Respirations, "")
	add("SpO₂", s.SpO2, "%")
	add(words.C("short", "on"), airWords(s.Oxygen), "")
	add(words.C("short", "BP"), pressureWords(s), "")
	add(words.C("short", "Pulse"), s.Pulse, "")
	add(words.C("short", "Consc."), awakeWords[s.Consciousness].Say(), "")
	add(words.C("short", "Temp"), s.Temperature, "°C")
	add(words.C("short", "Pain"), s.Pain, "")
	add(words.C("short", "Urine"), s.Urine, "")
	switch {
	case s.Error:
		out = append(out, kit.T(words.T("entered in error"), kit.CaptionStrong, theme.TextMuted).After(10))
	case s.Early.Refused != "":
		out = append(out, kit.T(ward.Said(s.Early.Refused), kit.CaptionStrong, theme.TextMuted).After(10))
	case s.Early.Known:
		text := words.F("scale %d", s.Early.Scale)
		if s.Early.AtLeast {
			text += ", " + words.F("at least %d: %s missing", s.Early.Total, strings.Join(ward.SaidAll(s.Early.Missing), ", "))
		}
		out = append(out, kit.T(text, kit.CaptionStrong, theme.TextMuted).After(10))
	}
	if s.By != "" {
		out = append(out, muted(ward.SayName(s.By)).After(10))
	}
	if late := s.Recorded.Sub(s.At); late >= enteredAfter { // both times, as of what was on paper
		out = append(out, kit.T(recordedWords(s.Recorded, now), kit.Caption, theme.TextMuted).After(8).Kept())
	}
	if s.Unsent {
		out = append(out, unsentChip())
	}
	return out
}

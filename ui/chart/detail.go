package chart

import (
	"reflect"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// detail is one result, large: its trend, why it is critical, when it was
// collected and came, what it replaced, and who has it.
type detail struct {
	object fyne.CanvasObject

	m        *view.Model
	close    *kit.Button
	top      *fyne.Container
	content  *fyne.Container
	heading  *kit.Flow
	chart    *kit.TrendChart
	chartBox fyne.CanvasObject
	value    *kit.Flow
	facts    *fyne.Container
	owned    *kit.Flow
	take     *kit.Button
	back     *kit.Button // withdraw
	repeat   *kit.Button
	reason   *kit.TextField
	send     *kit.Button
	keep     *kit.Button
	papers   *fyne.Container // the documents that came with it
	open     func(ward.PatientID, ward.ResultID, string)
	actions  *fyne.Container
	form     *fyne.Container
	all      *fyne.Container

	shown  ward.Result
	owner  *ward.Owned // who holds it and may withdraw
	asking bool
	id     ward.PatientID
	state  view.State
}

func newDetail(m *view.Model, typing *kit.Typing, leave func()) *detail {
	d := &detail{m: m, heading: kit.NewFlow(), chart: kit.NewTrendChart(kit.ChartConfig{}), value: kit.NewFlow(), owned: kit.NewFlow()}
	d.close = kit.NewButton(kit.ButtonConfig{Text: words.T("All results"), Icon: iconBack, Key: words.C("key", "Esc"), Size: kit.Small}, leave)
	d.facts, d.all, d.papers = kit.NewColumn(3), kit.NewColumn(0), kit.NewColumn(4)
	d.chartBox = newTall(d.chart, 232)
	d.take = kit.NewButton(kit.ButtonConfig{Text: words.T("I take it"), Key: "F5", Kind: kit.Primary, Size: kit.Large}, nil)
	d.back = kit.NewButton(kit.ButtonConfig{Text: words.T("Withdraw…")}, nil)
	d.reason = kit.NewTextField(kit.TextConfig{Placeholder: words.T("Why it is withdrawn"), Width: 260}, typing)
	d.send = kit.NewButton(kit.ButtonConfig{Text: words.T("Withdraw"), Kind: kit.Primary}, nil)
	d.keep = kit.NewButton(kit.ButtonConfig{Text: words.C("as it is", "Keep it"), Key: words.C("key", "Esc")}, func() { d.cancel() })
	d.repeat = kit.NewButton(kit.ButtonConfig{Text: words.T("Repeat test")}, nil)
	d.actions = kit.NewBar(8, d.take, d.back, d.repeat)
	d.form = kit.NewColumn(6, kit.NewText(words.T("The duty is open again for everybody."), kit.Dense, theme.TextMuted), d.reason, kit.NewBar(8, d.send, d.keep))
	d.form.Hide()
	d.reason.OnEnter = func() { d.sendReason() }
	d.send.OnTap = d.sendReason
	d.top = kit.NewBar(8, d.close)
	d.content = kit.NewColumn(8, d.top, d.heading, d.chartBox, d.value, d.papers, d.facts, d.owned, d.actions, d.form, d.all)
	scroll := kit.NewScroll(kit.NewInset(14, 12, d.content))
	for _, b := range []*kit.Button{d.close, d.take, d.back, d.repeat, d.send, d.keep} {
		b.OnFocus = func() { kit.Reveal(scroll, b) }
	}
	d.reason.OnFocus = func() { kit.Reveal(scroll, d.reason) }
	d.object = scroll
	return d
}

// relayout places everything anew: a container does so only when it is told.
func (d *detail) relayout() {
	d.content.Refresh()
	d.object.Refresh()
}

func (d *detail) first() fyne.Focusable {
	if d.close.Visible() {
		return d.close
	}
	return d.take
}

func (d *detail) named() map[string]fyne.CanvasObject {
	return map[string]fyne.CanvasObject{"take": d.take, "withdraw": d.back, "repeat": d.repeat, "withdraw-reason": d.reason, "withdraw-send": d.send, "trend": d.chart, "close-result": d.close}
}

func (d *detail) narrow(on bool) {
	if d.close.Visible() == on && d.top.Visible() == on {
		return
	}
	kit.SetShown(d.close, on)
	kit.SetShown(d.top, on)
	d.relayout()
}

func (d *detail) show(s view.State, now time.Time) {
	r, ok := selectedOf(s)
	if s.ID != d.id || r.ID != d.shown.ID {
		d.id = s.ID
		d.cancel()
		d.reason.SetText("")
	}
	same := ok && reflect.DeepEqual(r, d.shown) && reflect.DeepEqual(s.Trend, d.state.Trend) && s.Busy == d.state.Busy
	d.state, d.shown = s, r
	if same || !ok {
		return
	}
	d.heading.Update(kit.T(r.Test, kit.Subheading, theme.Text), muted(r.Unit).After(8).Kept())
	d.value.Update(bigValue(r)...)
	config := trendOf(s.Trend, r)
	kit.SetShown(d.chartBox, !r.Text && hasNumbers(config))
	d.chart.Update(config)
	d.facts.Objects = d.facts.Objects[:0]
	for _, f := range factsOf(r, now) {
		d.facts.Objects = append(d.facts.Objects, kit.NewFlow(f...))
	}
	d.showDocuments(s, r)
	d.all.Objects = d.all.Objects[:0]
	for i, f := range othersOf(s, r, now) {
		row := kit.NewFieldRow(132, f.label, f.words...)
		if i == 0 {
			d.all.Objects = append(d.all.Objects, kit.NewText(words.T("All results of this test"), kit.CaptionStrong, theme.TextMuted))
		}
		d.all.Objects = append(d.all.Objects, row)
	}
	d.showOwner(r, now)
	d.relayout()
}

// showDocuments says which documents came with a result and where they are, each
// with a button that opens it.
func (d *detail) showDocuments(s view.State, r ward.Result) {
	d.papers.Objects = d.papers.Objects[:0]
	for _, doc := range r.Documents {
		sum, patient, result := doc.Sum, s.ID, r.ID // bound here: a press opens what was drawn
		open := kit.NewButton(kit.ButtonConfig{Text: words.T("Open document"), Icon: iconDocument, Size: kit.Small}, func() {
			if d.open != nil {
				d.open(patient, result, sum)
			}
		})
		d.papers.Objects = append(d.papers.Objects, kit.NewBar(8, open, kit.NewText(doc.Words(), kit.Dense, theme.Text)))
	}
	kit.SetShown(d.papers, len(d.papers.Objects) > 0)
}

// showOwner says who has a result, and offers what can be done about it.
func (d *detail) showOwner(r ward.Result, now time.Time) {
	d.owner = nil
	var said []kit.Span
	for i := range r.Owned {
		o := &r.Owned[i]
		if !o.Withdrawn && !o.Earlier {
			d.owner = o
		}
		said = append(said, ownedWords(*o, now)...)
	}
	if r.Open {
		gap := float32(0)
		if len(said) > 0 {
			gap = 6
		}
		text := words.T("Nobody has taken it.")
		if r.Reopened {
			text = words.T("Taken before; now nobody has it.")
		}
		said = append(said, kit.T(text, kit.DenseStrong, theme.CriticalText).After(gap))
	}
	d.owned.Update(said...)
	kit.SetShown(d.owned, len(said) > 0)
	taken := r // bound here: a press acts on the result that was drawn
	d.take.OnTap = func() { d.m.TakeResult(taken) }
	d.take.Update(kit.ButtonConfig{Text: words.T("I take it"), Key: "F5", Kind: kit.Primary, Size: kit.Large, Off: d.state.Busy})
	kit.SetShown(d.take, r.Open)
	d.back.OnTap = func() { d.ask() }
	kit.SetShown(d.back, d.owner != nil && !d.asking)
	d.repeat.OnTap = func() { d.m.Repeat(taken) }
	kit.SetShown(d.actions, true)
}

func ownedWords(o ward.Owned, now time.Time) []kit.Span {
	what := words.T("has it since")
	switch {
	case o.Withdrawn:
		what = words.T("had it and gave it back,")
	case o.Kind == "acting":
		what = words.T("acted at")
	case o.Kind == "seen":
		what = words.T("read it at")
	case o.Kind == "handed-to":
		what = words.F("handed it to %s at", ward.SayName(o.To))
	}
	out := []kit.Span{strong(ward.SayName(o.By)).After(8), muted(what).After(4), dense(ward.Stamp(o.At, now)).After(4)}
	if !o.ActBy.IsZero() && !o.Withdrawn && o.Kind == "taken" {
		out = append(out, muted(words.T("to act by")).After(4), dense(ward.Stamp(o.ActBy, now)).After(4))
	}
	if o.Earlier {
		out = append(out, kit.T(words.T("for the version before"), kit.DenseStrong, theme.Corrected).After(4))
	}
	if o.Unsent {
		out = append(out, unsentChip())
	}
	return out
}

// ask opens the form for the reason of a withdrawal.
func (d *detail) ask() {
	if d.owner == nil {
		return
	}
	d.asking = true
	d.form.Show()
	kit.SetShown(d.back, false)
	d.relayout()
	d.reason.Focus()
}

// cancel closes the form, and reports whether it was open.
func (d *detail) cancel() bool {
	if !d.asking {
		return false
	}
	d.asking = false
	d.form.Hide()
	kit.SetShown(d.back, d.owner != nil)
	d.relayout()
	return true
}

func (d *detail) sendReason() {
	if !d.asking || d.owner == nil {
		return
	}
	if d.reason.Text() == "" {
		d.reason.Update(kit.TextConfig{Placeholder: words.T("Say why first"), Width: 260, Bad: true})
		return
	}
	o, why := *d.owner, d.reason.Text()
	d.cancel()
	d.m.Withdraw(o, why)
}

// takeIt owns the selected result by key.
func (d *detail) takeIt() bool {
	if !d.shown.Open || d.shown.ID == "" || d.state.Busy {
		return false
	}
	d.m.TakeResult(d.shown)
	return true
}

func selectedOf(s view.State) (ward.Result, bool) {
	for _, r := range s.Chart.Results {
		if r.ID == s.Selected {
			return r, true
		}
	}
	return ward.Result{}, false
}

func hasNumbers(c kit.ChartConfig) bool {
	for _, p := range c.Points {
		if p.Shape != kit.NoPoint {
			return true
		}
	}
	return false
}

// bigValue is the value, large, with unit, flag and status.
func bigValue(r ward.Result) []kit.Span {
	style, colour := kit.ValuePanel, theme.Text
	if r.Text || len([]rune(r.Value)) > 14 {
		style = kit.Subheading
	}
	var out []kit.Span
	if r.Before != nil && r.Before.Value != "" && r.Before.Value != r.Value {
		out = append(out, kit.T(r.Before.Value, kit.SubheadingReg, theme.TextMuted).Struck().Kept().After(0))
	}
	switch {
	case r.Value == "":
		why := r.Absent
		if why == "" {
			why = words.T("no result")
		}
		out = append(out, kit.T(why, kit.Subheading, theme.Text).After(8))
		return append(out, statusChip(r))
	case r.Critical:
		colour = theme.CriticalText
	case r.Flag == ward.FlagHigh:
		colour = theme.High
	case r.Flag == ward.FlagLow:
		colour = theme.Low
	}
	if view.Early(r) {
		style = kit.Style{Size: style.Size, Face: theme.Italic}
	}
	value := []kit.Span{kit.T(r.Value, style, colour).After(8)}
	if r.Text {
		value = kit.Lines(r.Value, textStyle(r), colour)
	}
	for _, v := range value {
		if void(r) {
			v = v.Struck()
		}
		out = append(out, v)
	}
	if r.Unit != "" {
		out = append(out, kit.Span{Text: r.Unit, Style: kit.Body, Color: theme.Text, Gap: 8, Glue: true, Keep: true})
	}
	if c, ok := flagChip(r); ok {
		out = append(out, c.After(8).Kept())
	}
	if r.Urgent && !void(r) {
		out = append(out, kit.Chip(words.T("URGENT"), "", kit.LateTone).After(8).Kept())
	}
	return append(out, statusChip(r))
}

// textStyle is how large a text is drawn: a word or two as a value, more of it as
// something to read.
func textStyle(r ward.Result) kit.Style {
	style := kit.Body
	if text := strings.TrimSpace(r.Value); len([]rune(text)) <= 40 && !strings.Contains(text, "\n") {
		style = kit.Subheading
	}
	if view.Early(r) {
		style.Face = theme.Italic
	}
	return style
}

func flagChip(r ward.Result) (kit.Span, bool) {
	switch {
	case void(r):
	case r.Critical:
		return kit.Chip(ward.Said(string(flagOf(r))), iconCritical, kit.CriticalTone), true
	case r.MayBe:
		return kit.Chip(words.T("may be critical"), iconCritical, kit.LateTone), true
	case r.Flag == ward.FlagHigh || r.Flag == ward.FlagCriticalHigh:
		return kit.Span{Icon: "caret-up-fill", Text: words.T("above range"), Style: kit.DenseStrong, Color: theme.High}, true
	case r.Flag == ward.FlagLow || r.Flag == ward.FlagCriticalLow:
		return kit.Span{Icon: "caret-down-fill", Text: words.T("below range"), Style: kit.DenseStrong, Color: theme.Low}, true
	case r.Flag != ward.FlagNone:
		return kit.T(words.T("abnormal"), kit.DenseStrong, theme.High), true
	}
	return kit.Span{}, false
}

func statusChip(r ward.Result) kit.Span {
	switch r.Status {
	case "corrected", "amended":
		return kit.Chip(ward.Said(r.Status), iconCorrected, kit.CorrectedTone).After(8).Kept()
	case "final":
		return kit.T(words.T("final"), kit.DenseStrong, theme.Text).After(10)
	}
	return kit.Chip(ward.Said(r.Status), "", kit.Quiet).After(8).Kept()
}

// factsOf are the lines below the value.
func factsOf(r ward.Result, now time.Time) [][]kit.Span {
	var out [][]kit.Span
	line := func(label, text string) {
		if text != "" {
			out = append(out, []kit.Span{muted(label).Kept(), dense(text).After(5)})
		}
	}
	collected := r.CollectedText
	switch {
	case collected == "" && !r.Confirmed():
		collected = words.T("not said on the phone")
	case collected == "":
		collected = words.T("time not sent")
	}
	times := []kit.Span{muted(words.T("Collected")), dense(collected).After(5), muted("· " + words.T("received")).After(5), dense(ward.Stamp(r.Received, now)).After(5)}
	if r.Received.IsZero() {
		times = times[:2]
	}
	out = append(out, times)
	if r.Late != "" {
		out = append(out, []kit.Span{kit.T(words.F("Late: it %s", r.Late), kit.DenseStrong, theme.WarningText)})
	}
	if r.Mismatch != "" {
		out = append(out, []kit.Span{{Icon: iconWarning, IconColor: theme.WarningText, Text: words.F("Differs: %s", r.Mismatch), Style: kit.DenseStrong, Color: theme.WarningText}})
	}
	for _, p := range r.Phoned {
		line(words.T("Phoned"), p.Words(now))
	}
	line(words.T("Range"), rangeWords(r))
	if r.Critical || r.MayBe {
		line(words.T("Why critical"), joined(r.Why...))
	}
	line(words.T("Why urgent"), joined(r.UrgentBy...))
	if b := r.Before; b != nil {
		was := b.Value + unitAfter(b.Unit)
		if was == "" {
			was = words.T("no value")
		}
		was = joined(was, ward.Said(b.Status), ward.Stamp(b.At, now))
		if b.Seen {
			was += ": " + words.T("somebody had seen it")
		}
		line(words.T("Before the correction"), was)
	}
	for _, h := range r.History {
		if r.Before != nil && h.Version == r.Before.Version {
			continue
		}
		line(words.T("Earlier version"), joined(h.Value+unitAfter(h.Unit), ward.Said(h.Status), ward.Stamp(h.At, now)))
	}
	for _, n := range r.Notes {
		line(words.T("Note"), n)
	}
	return append(out, remarksOf(r)...)
}

// remarksOf are the machine's own words about a result, marked as such.
func remarksOf(r ward.Result) [][]kit.Span {
	var out [][]kit.Span
	for _, n := range r.Remarks {
		out = append(out, []kit.Span{{Icon: iconWarning, IconColor: theme.WarningText, Text: n, Style: kit.Dense, Color: theme.Text}})
	}
	return out
}

func unitAfter(unit string) string {
	if unit == "" {
		return ""
	}
	return " " + unit
}

type labelled struct {
	label string
	words []kit.Span
}

// maxOthers bounds the list of one test's results; the table pages to the rest.
const maxOthers = 40

// othersOf are all results of the same test, newest first, the selected one too.
func othersOf(s view.State, r ward.Result, now time.Time) []labelled {
	if len(s.Trend) < 2 {
		return nil
	}
	var out []labelled
	for i := len(s.Trend) - 1; i >= 0 && len(out) < maxOthers; i-- {
		o := s.Trend[i]
		value := bigValue(o)
		for k := range value {
			if !value[k].Chip {
				value[k].Style.Size = 13
			}
		}
		label := view.When(o, now)
		if o.ID == r.ID {
			label += " (" + words.T("shown") + ")"
		}
		out = append(out, labelled{label, value})
	}
	return out
}

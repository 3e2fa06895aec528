package chart

import (
	"reflect"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// orderCard is one item of the sheet: its dose, what speaks against it with the
// result or the request itself, why in spite of it, and the second confirmation.
type orderCard struct {
	m    *view.Model
	item view.SheetItem
	drew bool

	head     *kit.Flow
	dose     *kit.TextField
	warnings *fyne.Container
	usual    []*kit.FilterPill
	pills    *fyne.Container
	reason   *kit.TextField
	confirm  *kit.Button
	ask      *fyne.Container // holds confirm
	sure     *kit.Flow
	stat     *kit.FilterPill
	drop     *kit.Button
	column   *fyne.Container
	panel    *kit.Panel
}

func newOrderCard(m *view.Model, typing *kit.Typing, reveal func(fyne.CanvasObject)) *orderCard {
	c := &orderCard{m: m, head: kit.NewFlow(), warnings: kit.NewColumn(6), sure: kit.NewFlow()}
	c.dose = kit.NewTextField(kit.TextConfig{Placeholder: words.T("Dose, route, how often: 500 mg by mouth 3 times a day"), Width: 300}, typing)
	c.dose.OnChange = func(s string) { m.SetDose(c.item.Item, s) }
	var pills []fyne.CanvasObject
	for _, why := range view.Reasons() {
		p := kit.NewFilterPill(kit.FilterPillConfig{Text: why}, func() { m.SetReason(c.item.Item, why) })
		p.OnFocus = func() { reveal(p) }
		c.usual, pills = append(c.usual, p), append(pills, p)
	}
	c.pills = kit.NewBar(6, pills...)
	c.reason = kit.NewTextField(kit.TextConfig{Placeholder: words.T("Why in spite of it"), Width: 300}, typing)
	c.reason.OnChange = func(s string) { m.SetReason(c.item.Item, s) }
	c.confirm = kit.NewButton(kit.ButtonConfig{Text: words.T("Confirm: order in spite of it")}, func() { m.Confirm(c.item.Item) })
	c.ask = kit.NewBar(8, c.confirm)
	c.stat = kit.NewFilterPill(kit.FilterPillConfig{Text: words.T("At once")}, func() { m.SetStat(c.item.Item, !c.item.Item.Stat) })
	c.drop = kit.NewButton(kit.ButtonConfig{Text: words.T("Remove"), Size: kit.Small}, func() { m.DropItem(c.item.Item) })
	for _, b := range []*kit.Button{c.confirm, c.drop} {
		b.OnFocus = func() { reveal(b) }
	}
	for _, f := range []*kit.TextField{c.dose, c.reason} {
		f.OnFocus = func() { reveal(f) }
		f.OnEnter = func() { next(f) }
	}
	c.stat.OnFocus = func() { reveal(c.stat) }
	c.column = kit.NewColumn(6, c.head, c.dose, c.warnings, c.pills, c.reason, c.ask, c.sure, kit.NewBar(8, c.stat, c.drop))
	c.panel = kit.NewPanel(kit.PanelConfig{}, kit.NewInset(12, 10, c.column))
	return c
}

// focus goes to where what is asked is answered.
func (c *orderCard) focus() {
	switch {
	case c.dose.Visible() && c.item.Refused != "":
		c.dose.Focus()
	case c.reason.Visible() && c.item.Item.Reason == "":
		c.reason.Focus()
	case c.ask.Visible():
		if cv := canvasOf(c.confirm); cv != nil {
			kit.Focus(cv, c.confirm)
		}
	}
}

// usualNames are what a script calls the usual reasons.
var usualNames = []string{"Follow the course", "Unexpected value", "Sample not usable"}

func (c *orderCard) named() map[string]fyne.CanvasObject {
	out := map[string]fyne.CanvasObject{"dose": c.dose, "reason": c.reason, "confirm": c.confirm, "stat": c.stat, "drop": c.drop}
	for i, p := range c.usual {
		out[usualNames[i]] = p
	}
	return out
}

func (c *orderCard) show(it view.SheetItem, now time.Time) {
	if c.drew && reflect.DeepEqual(it, c.item) {
		return
	}
	c.item, c.drew = it, true
	head := []kit.Span{kit.T(it.Item.Name, kit.BodyStrong, theme.Text)}
	if !it.Checked {
		head = append(head, muted(words.T("checking")).After(10))
	} else if len(it.Warnings) == 0 && it.Refused == "" {
		head = append(head, muted(words.T("nothing speaks against it")).After(10))
	}
	c.head.Update(head...)
	medicine := it.Item.Kind == ward.OrderMedicine
	kit.SetShown(c.dose, medicine)
	if c.dose.Text() != it.Item.Dose {
		c.dose.SetText(it.Item.Dose)
	}
	c.warnings.Objects = warningsOf(it, now)
	kit.SetShown(c.warnings, len(c.warnings.Objects) > 0)
	c.warnings.Refresh()
	kit.SetShown(c.pills, it.Reason && !it.Confirm && !medicine)
	for i, why := range view.Reasons() {
		c.usual[i].Update(kit.FilterPillConfig{Text: why, On: it.Item.Reason == why})
	}
	kit.SetShown(c.reason, it.Reason)
	if c.reason.Text() != it.Item.Reason {
		c.reason.SetText(it.Item.Reason)
	}
	kit.SetShown(c.ask, it.Confirm && !it.Item.Confirmed)
	c.confirm.Update(kit.ButtonConfig{Text: words.T("Confirm: order in spite of it"), Off: it.Item.Reason == ""})
	kit.SetShown(c.sure, it.Confirm && it.Item.Confirmed)
	c.sure.Update(kit.Span{Icon: iconWarning, IconColor: theme.WarningText, Text: words.T("Confirmed in spite of the warning"), Style: kit.DenseStrong, Color: theme.WarningText})
	c.stat.Update(kit.FilterPillConfig{Text: words.T("At once"), On: it.Item.Stat})
	c.column.Refresh()
}

// warningsOf are what speaks against an item, each with the result or request
// that it is about, and where the rule comes from.
func warningsOf(it view.SheetItem, now time.Time) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	if it.Refused != "" {
		out = append(out, kit.NewNote(kit.LateNote, kit.Span{Icon: iconWarning, IconColor: theme.WarningText, Text: it.Refused, Style: kit.BodyStrong, Color: theme.WarningText}))
	}
	for _, w := range it.Warnings {
		out = append(out, warningOf(w, now))
	}
	return out
}

func warningOf(w ward.Warning, now time.Time) fyne.CanvasObject {
	tone, head := warningHead(w.Level)
	spans := []kit.Span{head, kit.T(w.Say()+".", kit.Body, theme.Text).After(6)}
	for _, r := range w.Results {
		spans = append(spans, kit.T(r.Test, kit.Dense, theme.TextMuted).After(12))
		for _, s := range bigValue(r) {
			if !s.Chip {
				s.Style.Size = 14
			}
			spans = append(spans, s)
		}
		spans = append(spans, muted(ward.Stamp(r.Collected, now)).After(6))
	}
	if o := w.Waiting; o != nil {
		spans = append(spans, strong(ward.Said(o.Status)).After(12))
	}
	spans = append(spans, kit.T(w.From, kit.Caption, theme.TextMuted).After(12))
	return kit.NewNote(tone, spans...)
}

// warningHead says how strongly a warning speaks, by word, shape and colour.
func warningHead(level string) (kit.NoteTone, kit.Span) {
	head := kit.Span{Icon: iconWarning, IconColor: theme.WarningText, Text: words.T("Look first:"), Style: kit.BodyStrong, Color: theme.WarningText}
	switch level {
	case ward.WarnStop:
		head.Icon, head.IconColor, head.Text, head.Color = iconAllergy, theme.CriticalText, words.T("Stop:"), theme.CriticalText
		return kit.CriticalNote, head
	case ward.WarnInform:
		head.Icon, head.IconColor, head.Text, head.Color = iconInfo, theme.Info, words.T("To know:"), theme.Text
		return kit.InfoNote, head
	case ward.WarnUnchecked:
		head.Icon, head.Text = iconQuestion, words.T("Not checked:")
	}
	return kit.LateNote, head
}

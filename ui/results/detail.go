package results

import (
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/results"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// detail is the right side: whose result it is, what it says, and the answers. It
// is made anew only when another line is open or it says something else, so that
// a press finds the button it was meant for.
type detail struct {
	page   *Page
	object fyne.CanvasObject

	banner  *kit.Banner
	allergy *kit.Flow
	body    *fyne.Container
	scroll  *container.Scroll
	trouble *kit.Note

	primary, nothing, act, hand, chart *kit.Button
	answers                            *fyne.Container
	words                              *kit.TextField
	label                              *kit.Line
	save, leave                        *kit.Button
	form                               *fyne.Container
	note                               *kit.Flow
	mark                               string // what is drawn
	line                               view.Line
	asked                              string
}

func newDetail(p *Page, typing *kit.Typing) *detail {
	d := &detail{page: p, allergy: kit.NewFlow(), trouble: kit.NewNote(kit.CriticalNote), label: kit.NewLine(), note: kit.NewFlow()}
	d.banner = kit.NewBanner(kit.BannerConfig{Thin: true}, nil)
	m := p.m
	d.primary = kit.NewButton(kit.ButtonConfig{}, nil)
	d.nothing = kit.NewButton(kit.ButtonConfig{Text: words.T("Seen, nothing to do"), Size: kit.Large}, m.NothingToDo)
	d.act = kit.NewButton(kit.ButtonConfig{Text: words.T("Record action"), Key: "F6", Size: kit.Large}, func() { p.ask("acting") })
	d.hand = kit.NewButton(kit.ButtonConfig{Text: words.T("Hand to…"), Key: "F7", Size: kit.Large}, func() { p.ask("handed-to") })
	d.chart = kit.NewButton(kit.ButtonConfig{Text: words.T("Open chart"), Key: words.C("key", "Enter"), Size: kit.Large}, func() { p.do.Chart(d.line.Who.ID) })
	d.answers = kit.NewBar(12, d.primary, d.nothing, d.act, d.hand, d.chart)
	d.words = kit.NewTextField(kit.TextConfig{Width: 340, Height: 44}, typing)
	d.words.OnEnter = p.answer
	d.save = kit.NewButton(kit.ButtonConfig{}, p.answer)
	d.leave = kit.NewButton(kit.ButtonConfig{Text: words.T("Back"), Key: words.C("key", "Esc"), Size: kit.Large}, func() { p.leave() })
	d.form = kit.NewBar(12, d.label, d.words, d.save, d.leave)
	d.body = kit.NewColumn(12)
	d.scroll = kit.NewScroll(kit.NewInset(16, 12, d.body))
	for _, b := range []*kit.Button{d.primary, d.nothing, d.act, d.hand, d.chart, d.save, d.leave} {
		b.OnFocus = func() { kit.Reveal(d.scroll, b) }
	}
	d.words.OnFocus = func() { kit.Reveal(d.scroll, d.words) }
	d.trouble.Hide()
	d.form.Hide()
	d.object = kit.NewFill(kit.NewColumn(0, d.banner, kit.NewInset(16, 5, d.allergy)), d.scroll)
	return d
}

func (d *detail) show(s view.State, now time.Time) {
	if s.Open == nil {
		d.mark = ""
		return
	}
	l := *s.Open
	if mark := l.ID + l.Second + signature(l); mark != d.mark {
		d.mark, d.line = mark, l
		d.draw(l, now)
		d.object.Refresh() // a long name takes two lines: what is below makes room
		d.scroll.ScrollToOffset(fyne.NewPos(0, 0))
	}
	kit.SetShown(d.trouble, s.Error != "")
	if s.Error != "" {
		d.trouble.Update(kit.CriticalNote, kit.T(s.Error, kit.BodyStrong, theme.CriticalText))
	}
	d.ask(s.Asking)
	d.buttons(l, s.Busy)
	d.body.Refresh()
	d.scroll.Refresh()
}

// signature names the versions that are drawn.
func signature(l view.Line) string {
	var b strings.Builder
	for _, it := range l.Items {
		b.WriteString(string(it.Result.ID))
		b.WriteString(it.Result.Value)
		b.WriteString(strconv.FormatUint(uint64(it.Result.Version), 10))
		b.WriteByte(0)
	}
	return b.String()
}

func (d *detail) draw(l view.Line, now time.Time) {
	it := l.Items[0]
	c := kit.BannerConfig{Name: l.Who.ShowName(), Thin: true}
	if l.Who.Title != "" {
		c.Name += " (" + l.Who.Title + ")"
	}
	if l.Who.Died != "" {
		c.Over = words.T("Died")
	}
	for _, f := range view.Facts(l.Who) {
		c.First = append(c.First, kit.BannerPiece{Label: f.Label, Value: f.Words})
	}
	if l.Left != "" {
		c.First = append(c.First, kit.BannerPiece{Label: words.T("No longer on this ward"), Value: l.Left})
	}
	d.banner.Update(c)
	d.allergy.Update(allergySpans(it.Allergies)...)
	d.body.Objects = []fyne.CanvasObject{d.trouble}
	switch {
	case l.Kind == ward.InboxCorrected:
		d.body.Objects = append(d.body.Objects, corrected(l, now)...)
	case l.CanMark:
		d.body.Objects = append(d.body.Objects, panel(l, now)...)
	default:
		d.body.Objects = append(d.body.Objects, single(l, now)...)
	}
	d.note.Update(kit.T(foot(it, now), kit.Caption, theme.TextMuted))
	d.body.Objects = append(d.body.Objects, d.answers, d.form, d.note)
}

// foot says what happens if nobody answers.
func foot(it ward.InboxItem, now time.Time) string {
	var text string
	if it.Kind == ward.InboxCorrected {
		text = words.T("Both versions stay in the history.")
	}
	if it.Next != nil {
		text = strings.TrimSpace(text + " " + words.F("If nobody answers: %s at %s. Nobody is phoned by this computer.", it.Next.Who, ward.Stamp(it.Next.At, now)))
	}
	return text
}

// buttons are the answers that this line allows. One that is never right for it
// is not there.
func (d *detail) buttons(l view.Line, busy bool) {
	m := d.page.m
	shown := l.Items[0].Result
	switch l.Kind {
	case ward.InboxCritical, ward.InboxQuiet:
		d.primary.Update(kit.ButtonConfig{Text: words.T("I take it"), Key: "F5", Kind: kit.Primary, Size: kit.Large, Off: busy})
		d.primary.OnTap = func() { m.Take() }
	case ward.InboxCorrected:
		d.primary.Update(kit.ButtonConfig{Text: haveSeen(shown), Key: "F6", Kind: kit.Primary, Size: kit.Large, Off: busy})
		d.primary.OnTap = func() { d.page.ask("acting") }
	case ward.InboxNew:
		d.primary.Update(kit.ButtonConfig{Text: words.T("Acknowledge"), Key: "F6", Kind: kit.Primary, Size: kit.Large, Off: busy})
		d.primary.OnTap = m.Acknowledge
	case ward.InboxHanded, ward.InboxTaken:
	}
	kit.SetShown(d.primary, l.Kind != ward.InboxHanded && l.Kind != ward.InboxTaken)
	kit.SetShown(d.nothing, l.Kind == ward.InboxCorrected || l.Kind == ward.InboxQuiet)
	kit.SetShown(d.act, !l.CanMark && l.Kind != ward.InboxCorrected)
	kit.SetShown(d.hand, !l.CanMark)
	kind := kit.Outlined
	if l.Kind == ward.InboxHanded || l.Kind == ward.InboxTaken {
		kind = kit.Primary
	}
	d.act.Update(kit.ButtonConfig{Text: words.T("Record action"), Key: "F6", Size: kit.Large, Kind: kind, Off: busy})
	d.hand.Update(kit.ButtonConfig{Text: words.T("Hand to…"), Key: "F7", Size: kit.Large, Off: busy})
	d.nothing.Update(kit.ButtonConfig{Text: words.T("Seen, nothing to do"), Size: kit.Large, Off: busy})
}

// haveSeen says with which value somebody acts; of a text only that it was read.
func haveSeen(r ward.Result) string {
	if r.Value == "" || r.Text {
		return words.T("I have seen it, acting")
	}
	return words.F("I have seen %s, acting", r.Value)
}

// ask opens or closes the field for the words of an answer.
func (d *detail) ask(kind string) {
	kit.SetShown(d.form, kind != "")
	kit.SetShown(d.answers, kind == "")
	label, save := words.T("What was done"), words.T("Record action")
	if kind == "handed-to" {
		label, save = words.T("Hand to (name)"), words.T("Hand to")
	}
	d.label.Update(kit.T(label, kit.BodyStrong, theme.Text))
	d.save.Update(kit.ButtonConfig{Text: save, Key: words.C("key", "Enter"), Kind: kit.Primary, Size: kit.Large})
	if kind != d.asked {
		d.asked = kind
		d.words.SetText("")
	}
}

// single is one result that is answered by itself.
func single(l view.Line, now time.Time) []fyne.CanvasObject {
	r := l.Items[0].Result
	head := kit.NewFlow(append(append([]kit.Span{kit.T(r.Test, kit.Heading, theme.Text)}, wholeSpans(r, kit.ValuePanel)...), word(r)...)...)
	who := kit.T(l.Second, kit.BodyStrong, theme.Text)
	if l.Urgent {
		who.Color = theme.CriticalText
	}
	return []fyne.CanvasObject{head, kit.NewFlow(who), rows(r, now)}
}

// panel are the results that came together.
func panel(l view.Line, now time.Time) []fyne.CanvasObject {
	title := l.Panel
	if title == "" {
		title = l.Items[0].Result.Test
	}
	out := []fyne.CanvasObject{kit.NewFlow(kit.T(title, kit.Heading, theme.Text), kit.T(words.F("received %s", l.At), kit.Dense, theme.TextMuted).After(12))}
	list := kit.NewColumn(0)
	for _, it := range l.Items {
		r := it.Result
		spans := append(wholeSpans(r, kit.ValueRow), word(r)...)
		if rng := rangeWords(r); rng != "" {
			spans = append(spans, kit.T(rng, kit.Dense, theme.TextMuted).After(12))
		}
		spans = append(spans, kit.T(ward.Said(r.Status), kit.Caption, theme.TextMuted).After(12))
		if len(spans) > 0 {
			spans[0].Gap = 0
		}
		list.Objects = append(list.Objects, kit.NewFieldRow(150, r.Test, spans...))
		if len(r.UrgentBy) > 0 {
			list.Objects = append(list.Objects, kit.NewFieldRow(150, words.T("Urgent by"), kit.T(strings.Join(r.UrgentBy, " "+words.T("and")+" "), kit.Dense, theme.Text)))
		}
		for _, n := range append(append([]string{}, r.Notes...), r.Remarks...) {
			list.Objects = append(list.Objects, kit.NewFieldRow(150, words.T("Comment"), kit.T(n, kit.Dense, theme.Text)))
		}
	}
	collected := view.Rows(l.Items[0].Result, now)[0]
	return append(out, list, kit.NewFlow(kit.T(collected.Label+" "+collected.Words, kit.Dense, theme.TextMuted)))
}

func rangeWords(r ward.Result) string {
	if r.Range == "" && r.Text {
		return ""
	}
	if r.Range == "" {
		return words.T("no range sent")
	}
	return words.F("range %s", r.Range)
}

func rows(r ward.Result, now time.Time) fyne.CanvasObject {
	list := kit.NewColumn(0)
	for _, f := range view.Rows(r, now) {
		list.Objects = append(list.Objects, kit.NewFieldRow(110, f.Label, kit.T(f.Words, kit.Dense, theme.Text)))
	}
	return list
}

// corrected is before and now, side by side, drawn alike: the old value struck
// through and muted.
func corrected(l view.Line, now time.Time) []fyne.CanvasObject {
	r := l.Items[0].Result
	head := kit.NewFlow(kit.Span{Icon: iconCorrected, IconColor: theme.Corrected, Text: view.Head(r), Style: kit.Heading, Color: theme.Text})
	out := []fyne.CanvasObject{head, kit.NewFlow(kit.T(r.Test+". "+view.HadBefore(r, now)+". "+view.Again(r), kit.Dense, theme.TextMuted))}
	before := kit.NewColumn(6, kit.NewFlow(kit.T(words.T("Before"), kit.BodyStrong, theme.Text), kit.T(words.T("no longer valid"), kit.Dense, theme.TextMuted).After(12)))
	if b := r.Before; b != nil {
		value := b.Value
		if value == "" {
			value = words.T("no result")
		}
		was := []kit.Span{kit.T(value, kit.ValueCompare, theme.TextMuted).Struck().Kept()}
		if r.Text {
			was = kit.Lines(value, kit.Body, theme.TextMuted)
			for i := range was {
				was[i] = was[i].Struck()
			}
		}
		before.Objects = append(before.Objects, kit.NewFlow(append(was, kit.T(b.Unit, kit.Dense, theme.TextMuted).After(8).Glued())...),
			kit.NewFieldRow(92, words.T("Received"), kit.T(strings.TrimSuffix(ward.Stamp(b.At, now)+", "+ward.Said(b.Status), ", "), kit.Dense, theme.Text)))
		for _, o := range r.Owned {
			if o.Earlier && !o.Withdrawn {
				before.Objects = append(before.Objects, kit.NewFieldRow(92, words.T("Had by"), kit.T(ward.SayName(o.By)+", "+ward.Stamp(o.At, now)+", "+hadHow(o.Kind), kit.Dense, theme.Text)))
			}
		}
	} else {
		before.Objects = append(before.Objects, kit.NewFlow(kit.T(words.T("The earlier version is not on this computer."), kit.Dense, theme.TextMuted)))
	}
	is := kit.NewColumn(6, kit.NewFlow(kit.T(words.T("Now"), kit.BodyStrong, theme.Text), kit.Chip(words.T("IN FORCE"), iconForce, kit.CorrectedTone).After(12).Kept()))
	spans := append(wholeSpans(r, kit.ValueCompare), word(r)...)
	spans[0].Gap = 0
	is.Objects = append(is.Objects, kit.NewFlow(spans...), rows(r, now))
	side := func(o fyne.CanvasObject, c kit.PanelConfig) fyne.CanvasObject {
		return kit.NewPanel(c, newLeast(kit.NewInset(16, 12, o), 230))
	}
	return append(out, kit.NewColumns(12, []float32{1, 1},
		side(before, kit.PanelConfig{Fill: theme.SurfaceAlt}), side(is, kit.PanelConfig{Border: theme.Corrected, Heavy: true})))
}

// hadHow is the kind of an acknowledgement as a word.
func hadHow(kind string) string {
	switch kind {
	case "acting":
		return words.C("acknowledged", "acting")
	case "handed-to":
		return words.C("acknowledged", "handed-to")
	case "taken":
		return words.C("acknowledged", "taken")
	case "seen":
		return words.C("acknowledged", "seen")
	}
	return kind
}

// newLeast gives an object whose texts wrap a least width.
func newLeast(o fyne.CanvasObject, width float32) fyne.CanvasObject {
	b := &kit.Block{Parts: []fyne.CanvasObject{o}}
	b.Min = func() fyne.Size { return fyne.NewSize(theme.Px(width), o.MinSize().Height) }
	b.Tall = func(w float32) float32 { return kit.HeightFor(o, w) }
	b.Place = func(size fyne.Size) { kit.PlaceAt(o, 0, 0, size.Width, size.Height) }
	b.Redraw = o.Refresh
	b.Init(b)
	return b
}

package alerts

import (
	"math"
	"reflect"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/alerts"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// body is what a card says: who, the value, what changes the decision, the
// trend, the ladder. It is updated in place while the card is open, because a
// new body would start the card's guard anew.
type body struct {
	object fyne.CanvasObject

	who     *kit.Banner
	value   *kit.Flow
	words   *fyne.Container
	lines   []*kit.Flow
	facts   *fyne.Container
	heading *kit.Line
	trend   *kit.TrendChart
	ladder  *fyne.Container
	nobody  *kit.Flow // what stands above the ladder
	steps   *kit.Block
	shown   view.Detail
	narrow  bool // the value is smaller, so that it stays in view
}

func newBody(d view.Detail, a ward.Alert, narrow bool) *body {
	b := &body{
		narrow: narrow,
		value:  kit.NewFlow(), words: kit.NewColumn(4), facts: kit.NewColumn(0), heading: kit.NewLine(),
		trend: kit.NewTrendChart(kit.ChartConfig{}), ladder: kit.NewColumns(12, nil), nobody: kit.NewFlow(),
	}
	var right fyne.CanvasObject
	if d.Score != "" {
		right = newPair(kit.NewText("NEWS2", kit.Dense, theme.TextMuted), kit.NewScoreBadge(kit.Score(d.Score, shapeOf(d.Risk), kit.ScoreBanner)))
	}
	b.who = kit.NewBanner(banner(d), right)
	left := kit.NewColumn(6, b.value, b.words, b.facts)
	halves := []fyne.CanvasObject{newWide(left, 400)}
	if d.Trend != "" { // a text has the whole width
		halves = append(halves, newWide(kit.NewColumn(4, b.heading, newTall(b.trend, 236)), 400))
	}
	middle := kit.NewInset(20, 10, kit.NewColumns(28, []float32{1, 1}[:len(halves)], halves...))
	b.steps = newBacked(kit.NewInset(20, 8, kit.NewColumn(6, b.nobody, b.ladder)))
	b.object = kit.NewColumn(0, b.who, middle, b.steps)
	b.fill(d, a)
	return b
}

// update draws what changed since, and reports whether anything did.
func (b *body) update(d view.Detail, a ward.Alert) bool {
	if reflect.DeepEqual(d, b.shown) {
		return false
	}
	b.who.Update(banner(d))
	b.fill(d, a)
	b.object.Refresh()
	return true
}

func (b *body) fill(d view.Detail, a ward.Alert) {
	b.shown = d
	b.value.Update(valueSpans(d, b.narrow)...)
	b.lines = b.lines[:0]
	b.words.Objects = nil
	for _, l := range d.Lines {
		f := kit.NewFlow(factSpans(l)...)
		b.lines = append(b.lines, f)
		b.words.Objects = append(b.words.Objects, f)
	}
	b.facts.Objects = nil
	for _, f := range d.Facts {
		b.facts.Objects = append(b.facts.Objects, kit.NewFieldRow(120, f.Label, wordsOf(f, a.Allergies.State)...))
	}
	b.heading.Update(kit.T(d.Trend, kit.BodyStrong, theme.Text))
	b.trend.Update(trendOf(a))
	b.fillLadder(d)
}

func (b *body) fillLadder(d view.Detail) {
	b.ladder.Objects = nil
	b.nobody.Update(kit.T(d.Ladder, kit.DenseStrong, theme.Text))
	shares := make([]float32, len(d.Steps))
	for i, s := range d.Steps {
		shares[i] = 1
		b.ladder.Objects = append(b.ladder.Objects, stepOf(s))
	}
	b.ladder.Layout = kit.NewColumns(12, shares, b.ladder.Objects...).Layout
	if len(d.Steps) == 0 {
		b.steps.Hide()
	} else {
		b.steps.Show()
	}
}

func banner(d view.Detail) kit.BannerConfig {
	c := kit.BannerConfig{Name: d.Name, Thin: true}
	for _, f := range d.Who {
		c.First = append(c.First, kit.BannerPiece{Label: f.Label, Value: f.Words})
	}
	return c
}

func shapeOf(r ward.Risk) kit.ScoreShape {
	switch r {
	case ward.RiskHigh:
		return kit.SquareBox
	case ward.RiskMedium:
		return kit.RoundedBox
	case ward.RiskLowMedium:
		return kit.DoubleStroke
	case ward.RiskLow:
	}
	return kit.Pill
}

// valueSpans is the value, large, with its unit and its word. A text is something
// to read, line by line, below its word.
func valueSpans(d view.Detail, narrow bool) []kit.Span {
	if d.Text {
		return textSpans(d)
	}
	style, unit := kit.ValueAlert, kit.Heading
	if narrow || len([]rune(d.Value)) > 12 {
		style, unit = kit.Title, kit.Subheading
	}
	var out []kit.Span
	if d.Before != "" {
		out = append(out, kit.T(d.Before, kit.Title, theme.TextMuted).Struck().Kept(), kit.T("→", kit.Title, theme.Text).After(10))
	}
	colour := theme.CriticalText
	if d.Word == words.T("CORRECTED") {
		colour = theme.Text
	}
	value := kit.T(d.Value, style, colour)
	if len(out) > 0 {
		value = value.After(10)
	}
	out = append(out, value)
	if d.Unit != "" {
		out = append(out, kit.Span{Text: d.Unit, Style: kit.Style{Size: unit.Size, Face: theme.Regular}, Color: theme.Text, Gap: 12, Glue: true, Keep: true})
	}
	return append(out, wordChip(d)...)
}

// textSpans is a text with its word, and the text that it corrects.
func textSpans(d view.Detail) []kit.Span {
	out := wordChip(d)
	if d.Before != "" {
		for _, was := range kit.Lines(d.Before, kit.Body, theme.TextMuted) {
			out = append(out, was.Struck())
		}
	}
	style := kit.Subheading
	if strings.Contains(strings.TrimSpace(d.Value), "\n") {
		style = kit.Body
	}
	return append(out, kit.Lines(d.Value, style, theme.Text)...)
}

func wordChip(d view.Detail) []kit.Span {
	if d.Held {
		return append(wordOnly(d), kit.Chip(words.T("NOT FILED"), iconDue, kit.LateTone).After(8).Kept())
	}
	return wordOnly(d)
}

func wordOnly(d view.Detail) []kit.Span {
	switch d.Word {
	case "":
		return nil
	case words.T("CORRECTED"):
		return []kit.Span{kit.Chip(d.Word, iconCorrected, kit.CorrectedTone).After(12).Kept()}
	}
	return []kit.Span{kit.Chip(d.Word, iconCritical, kit.CriticalTone).After(12).Kept()}
}

// factSpans is a line of labels and words: "Range 3.5–5.3 · critical by …".
func factSpans(facts []ward.Fact) []kit.Span {
	var out []kit.Span
	for i, f := range facts {
		gap := float32(0)
		if i > 0 {
			out = append(out, kit.T("·", kit.Dense, theme.TextMuted).After(5))
			gap = 5
		}
		if f.Label != "" {
			out = append(out, kit.T(f.Label, kit.Dense, theme.TextMuted).After(gap))
			gap = 5
		}
		out = append(out, kit.T(f.Words, kit.Dense, theme.Text).After(gap))
	}
	return out
}

// wordsOf are a fact's words. Each of the four states of the allergies has its
// own sign: known ones their diamond, and what is not known never looks like
// none.
func wordsOf(f ward.Fact, allergies ward.AllergyState) []kit.Span {
	s := kit.T(f.Words, kit.DenseStrong, theme.Text)
	if f.Kind != ward.FactAllergies {
		return []kit.Span{s}
	}
	switch allergies {
	case ward.AllergyKnown:
		s.Icon, s.IconColor = iconAllergy, theme.Critical
	case ward.AllergyNotRecorded:
		s.Icon, s.Color = iconQuestion, theme.WarningText
	case ward.AllergyNone:
		s.Style, s.Color = kit.Dense, theme.TextMuted
	default: // unavailable, and whatever a newer station calls it
		s.Icon, s.Color = iconUnavailable, theme.Stale
	}
	return []kit.Span{s}
}

// stepOf is one step of the ladder, with a bar at its left.
func stepOf(s view.Step) fyne.CanvasObject {
	colour, bar := theme.TextMuted, theme.Line
	head := kit.Span{Icon: iconClock, Text: s.Head, Style: kit.DenseStrong}
	switch s.State {
	case "due": // never a check mark: nobody knows that it was done
		colour, bar, head.Icon = theme.WarningText, theme.WarningText, iconDue
	case "next":
		colour, bar = theme.CriticalText, theme.Critical
	}
	head.Color = colour
	who := theme.Text
	if s.State == "later" {
		who = theme.TextMuted
	}
	text := []fyne.CanvasObject{kit.NewFlow(head), kit.NewFlow(kit.T(s.Who, kit.DenseStrong, who))}
	if s.Note != "" {
		text = append(text, kit.NewFlow(kit.T(s.Note, kit.Caption, theme.TextMuted)))
	}
	return newBarred(kit.NewColumn(1, text...), bar)
}

// barred is an object with a bar at its left.
type barred struct {
	kit.Block
}

func newBarred(o fyne.CanvasObject, colour theme.Token) *barred {
	b := &barred{}
	line := canvas.NewRectangle(theme.Color(colour))
	b.Parts = []fyne.CanvasObject{line, o}
	b.Min = func() fyne.Size { return fyne.NewSize(theme.Px(190), o.MinSize().Height) }
	b.Tall = func(w float32) float32 { return kit.HeightFor(o, w-theme.Px(12)) }
	b.Redraw = func() { line.FillColor = theme.Color(colour) }
	b.Place = func(size fyne.Size) {
		kit.PlaceAt(line, 0, 0, theme.Px(3), size.Height)
		kit.PlaceAt(o, theme.Px(12), 0, max(size.Width-theme.Px(12), 0), size.Height)
	}
	b.Init(b)
	return b
}

// newTall gives an object a height, newWide a least width.
func newTall(o fyne.CanvasObject, height float32) fyne.CanvasObject {
	b := &kit.Block{Parts: []fyne.CanvasObject{o}}
	b.Min = func() fyne.Size { return fyne.NewSize(theme.Px(200), theme.Px(height)) }
	b.Place = func(size fyne.Size) { kit.PlaceAt(o, 0, 0, size.Width, size.Height) }
	b.Init(b)
	return b
}

func newWide(o fyne.CanvasObject, width float32) fyne.CanvasObject {
	b := &kit.Block{Parts: []fyne.CanvasObject{o}}
	b.Min = func() fyne.Size { return fyne.NewSize(theme.Px(width), o.MinSize().Height) }
	b.Tall = func(w float32) float32 { return kit.HeightFor(o, w) }
	b.Place = func(size fyne.Size) { kit.PlaceAt(o, 0, 0, size.Width, size.Height) }
	b.Redraw = o.Refresh
	b.Init(b)
	return b
}

// newPair sets two objects side by side, as wide as both.
func newPair(left, right fyne.CanvasObject) fyne.CanvasObject {
	b := &kit.Block{Parts: []fyne.CanvasObject{left, right}}
	b.Min = func() fyne.Size {
		l, r := left.MinSize(), right.MinSize()
		return fyne.NewSize(l.Width+theme.Px(8)+r.Width, max(l.Height, r.Height))
	}
	b.Place = func(size fyne.Size) {
		w := kit.PlaceMiddle(left, 0, 0, size.Height)
		kit.PlaceMiddle(right, w+theme.Px(8), 0, size.Height)
	}
	b.Init(b)
	return b
}

// newBacked sets an object on the second surface, between two hairlines.
func newBacked(o fyne.CanvasObject) *kit.Block {
	back, top, under := canvas.NewRectangle(nil), canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	paint := func() {
		back.FillColor, top.FillColor, under.FillColor = theme.Color(theme.SurfaceAlt), theme.Color(theme.Line), theme.Color(theme.Line)
	}
	paint()
	b := &kit.Block{Parts: []fyne.CanvasObject{back, top, under, o}}
	b.Min = o.MinSize
	b.Tall = func(w float32) float32 { return kit.HeightFor(o, w) }
	b.Redraw = func() { paint(); o.Refresh() }
	b.Place = func(size fyne.Size) {
		line := theme.Stroke(theme.Hairline)
		kit.PlaceAt(back, 0, 0, size.Width, size.Height)
		kit.PlaceAt(top, 0, 0, size.Width, line)
		kit.PlaceAt(under, 0, size.Height-line, size.Width, line)
		kit.PlaceAt(o, 0, 0, size.Width, size.Height)
	}
	b.Init(b)
	return b
}

// trendOf is the trend of one test: like is joined with like, a gap stays a gap.
func trendOf(a ward.Alert) kit.ChartConfig {
	var c kit.ChartConfig
	for _, r := range a.Trend {
		if r.Collected.IsZero() {
			continue
		}
		p := kit.ChartPoint{At: r.Collected, Value: r.Number, Label: r.Value, Shape: pointOf(r), Ring: r.Before != nil}
		if !r.HasNumber {
			p.Shape, p.Label, p.Beyond = kit.NoPoint, r.Absent, kit.BeyondOf(r.Value)
			if p.Label == "" {
				p.Label = r.Value
			}
		}
		c.Points = append(c.Points, p)
	}
	r, nan := a.Result, math.NaN()
	if r.RangeLow != nil || r.RangeHigh != nil {
		b := kit.ChartBand{From: nan, To: nan, Fill: theme.ChartRefBand, Label: words.T("range") + "\n" + r.Range, Colour: theme.Ok}
		if r.RangeLow != nil {
			b.From = *r.RangeLow
		}
		if r.RangeHigh != nil {
			b.To = *r.RangeHigh
		}
		c.Bands = append(c.Bands, b)
	}
	if r.CritHigh != nil {
		c.Bands = append(c.Bands, kit.ChartBand{From: *r.CritHigh, To: nan, Fill: theme.ChartCritBand, Line: theme.Critical, Label: words.F("crit %s", digits(*r.CritHigh)), Colour: theme.CriticalText})
	}
	if r.CritLow != nil {
		c.Bands = append(c.Bands, kit.ChartBand{From: nan, To: *r.CritLow, Fill: theme.ChartCritBand, Line: theme.Critical, Label: words.F("crit %s", digits(*r.CritLow)), Colour: theme.CriticalText})
	}
	return c
}

func pointOf(r ward.Result) kit.PointShape {
	switch {
	case r.Critical:
		return kit.SquarePoint
	case r.Flag == ward.FlagHigh:
		return kit.TriangleUp
	case r.Flag == ward.FlagLow:
		return kit.TriangleDown
	}
	return kit.RoundPoint
}

func digits(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

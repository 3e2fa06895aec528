package kit

import (
	"fmt"
	"image"
	"math"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"wardlight/assets"
	"wardlight/ui/theme"
)

// word is a text where it lies in the window.
type word struct {
	text string
	at   fyne.Position
	size fyne.Size
}

func wordsIn(o fyne.CanvasObject) []word {
	var out []word
	for _, part := range test.LaidOutObjects(o) {
		if text, ok := part.(*canvas.Text); ok && text.Text != "" && text.Visible() {
			out = append(out, word{text.Text, fyne.CurrentApp().Driver().AbsolutePositionForObject(text), text.MinSize()})
		}
	}
	return out
}

// within fails where a text of an object lies outside the object, or two texts
// lie over each other: then a value would be cut or unreadable.
func within(t *testing.T, what string, o fyne.CanvasObject) {
	t.Helper()
	origin, size := fyne.CurrentApp().Driver().AbsolutePositionForObject(o), o.Size()
	drawn := wordsIn(o)
	for i, w := range drawn {
		at := w.at.Subtract(origin)
		if at.X < -0.5 || at.Y < -0.5 || at.X+w.size.Width > size.Width+0.5 || at.Y+w.size.Height > size.Height+0.5 {
			t.Errorf("%s: %q at %v, %v lies outside %v", what, w.text, at, w.size, size)
		}
		for _, other := range drawn[:i] {
			if overlap(w, other) {
				t.Errorf("%s: %q lies over %q", what, w.text, other.text)
			}
		}
	}
}

func overlap(a, b word) bool {
	high := min(a.size.Height, b.size.Height) * 0.5 // lines may touch, not cover
	return a.at.X+1 < b.at.X+b.size.Width && b.at.X+1 < a.at.X+a.size.Width &&
		a.at.Y+high < b.at.Y+b.size.Height && b.at.Y+high < a.at.Y+a.size.Height
}

func TestValuesAreNeverCut(t *testing.T) {
	for _, scale := range []float32{0.8, 1, 1.25, 1.5, 2} {
		wear(t, theme.Options{Mode: theme.Light, Scale: scale})
		for name, o := range map[string]fyne.CanvasObject{
			"plain":     NewValueText(ValueConfig{Number: "1234567.89"}),
			"flagged":   NewValueText(ValueConfig{Number: ">100000", Flag: AboveRange, FlagText: "HH", Unit: "10⁹/L"}),
			"corrected": NewValueText(ValueConfig{Number: "138", Earlier: "128.4", Below: "corrected 22-Nov-2026 09:40", BelowColor: theme.Corrected}),
			"critical":  NewCriticalBlock(CriticalConfig{Number: "1234.5", Word: "CRITICAL HIGH, PRELIMINARY"}),
			"score":     NewScoreBadge(Score("≥17", RoundedBox, ScoreRow)),
			"live":      NewScoreBadge(Score("≥17", SquareBox, ScoreLive)),
			"button":    NewButton(ButtonConfig{Text: "Save incomplete set", Key: "Ctrl Shift F2", Icon: assets.IconPrinter, Size: Large}, nil),
			"line":      NewLine(T("Potassium", BodyStrong, ""), T("6.8", ValueAlert, "").After(6), T("mmol/L", Dense, "").After(6), Chip("CRITICAL HIGH", assets.IconWarningOctagon, CriticalTone).After(6)),
			"band":      NewRedBand(RedBandConfig{Left: []Span{T("Bed 07 Potassium 6.8 mmol/L", BodyStrong, "")}, Right: "7 min, nobody has taken it", Action: "Open", Key: "F4"}, nil),
			"row":       NewFormRow(FormRowConfig{Label: "Oxygen saturation, scale 2", Unit: "%, scale 1", Before: "96", Note: []Span{T("missing", DenseStrong, "")}}, NewNumberField(NumberConfig{}, nil), nil),
		} {
			window(t, o, 1, 1)
			o.Resize(o.MinSize())
			within(t, fmt.Sprintf("%s at %v", name, scale), o)
		}
	}
}

// At the edge before the flag slot all numbers of a column end, whatever stands
// beside them.
func TestNumbersEndOnOneEdge(t *testing.T) {
	for _, scale := range []float32{0.8, 1, 2} {
		wear(t, theme.Options{Scale: scale})
		for _, c := range []ValueConfig{
			{Number: "139"},
			{Number: "12.4", Flag: AboveRange, FlagText: "H"},
			{Number: "8", Flag: BelowRange, FlagText: "L"},
			{Number: "7.1", Struck: true},
			{Number: "138", Earlier: "128", Below: "corrected 09:40"},
		} {
			v := NewValueText(c)
			window(t, v, 1, 1)
			v.Resize(fyne.NewSize(300, 60))
			right := v.number.text.Position().X + v.number.text.Size().Width
			if math.Abs(float64(right-(300-px(flagSlot)))) > 0.5 {
				t.Errorf("at %v %+v ends at %v", scale, c, right)
			}
		}
		b := NewCriticalBlock(CriticalConfig{Number: "6.8", Word: "CRITICAL"})
		window(t, b, 1, 1)
		b.Resize(fyne.NewSize(300, 60))
		if right := b.number.text.Position().X + b.number.text.Size().Width; math.Abs(float64(right-(300-px(flagSlot)))) > 0.5 {
			t.Errorf("at %v the critical number ends at %v", scale, right)
		}
	}
}

// What holds no longer has a line through the middle of its letters, as wide as they are
// and thick enough to be seen at every size of text; what is not struck has none.
func TestWhatIsStruckHasALineThatIsSeen(t *testing.T) {
	for _, scale := range []float32{.8, 1, 2} {
		for _, style := range []Style{Dense, ValueCompare} {
			wear(t, theme.Options{Scale: scale})
			l := NewLine(T("7.1", style, theme.TextMuted).Struck(), T("mmol/L", Dense, ""))
			window(t, l, 400, 200)
			p := l.parts[0]
			drawn := p.objects(nil)
			if len(drawn) != 2 || drawn[1] != fyne.CanvasObject(p.line) || len(l.parts[1].objects(nil)) != 1 {
				t.Fatalf("at %v: %d objects", scale, len(drawn))
			}
			high, middle := p.line.Size().Height, p.line.Position().Y+p.line.Size().Height/2-p.text.Position().Y
			if p.line.Size().Width != p.text.Size().Width || high < px(1.5) || high < theme.TextSize(style.Size)*0.08 {
				t.Errorf("at %v: the line is %v of %v", scale, p.line.Size(), p.text.Size())
			}
			if tall := p.text.Size().Height; middle < tall*0.4 || middle > tall*0.7 {
				t.Errorf("at %v: it is at %v of %v", scale, middle, tall)
			}
		}
	}
}

func TestFlowWrapsBetweenWordsAndKeepsValuesWhole(t *testing.T) {
	for _, scale := range []float32{0.8, 1, 2} {
		wear(t, theme.Options{Scale: scale})
		f := NewFlow(
			T("NHS No.", Dense, theme.TextMuted).Kept(), T("999 041 7732", Subheading, "").Kept().Glued().After(4),
			T("Born", Dense, theme.TextMuted).Kept().After(24), T("14-Mar-1954 (72y)", Subheading, "").Kept().Glued().After(4),
			T("a longer explanation that may wrap wherever it likes to", Dense, "").After(24))
		window(t, f, 1, 1)
		widest := f.MinSize().Width
		for width := widest; width < 900*scale; width += 17 {
			h := f.HeightFor(width)
			f.Resize(fyne.NewSize(width, h))
			within(t, fmt.Sprintf("flow at %v, %v wide", scale, width), f)
			label, value := f.parts[0], f.parts[1]
			if label.text.Position().Y > value.text.Position().Y+value.size.Height/2 {
				t.Fatalf("%v wide: a label and its value parted", width)
			}
		}
		if f.HeightFor(widest) <= f.HeightFor(2000*scale) {
			t.Error("a narrow paragraph is not higher")
		}
	}
}

func TestFlowReportsTheLinkThatWasClicked(t *testing.T) {
	wear(t, theme.Options{})
	f := NewFlow(T("See", Dense, ""), T("all of it", Dense, theme.Primary).Linked("all").After(4))
	var got string
	f.OnLink = func(id string) { got = id }
	window(t, f, 300, 40)
	f.Tapped(&fyne.PointEvent{Position: fyne.NewPos(3, 8)})
	if got != "" {
		t.Errorf("text beside the link reported %q", got)
	}
	f.Tapped(&fyne.PointEvent{Position: f.parts[len(f.parts)-1].text.Position().AddXY(3, 3)})
	if got != "all" {
		t.Errorf("the link reported %q", got)
	}
}

func TestBannerDropsNothingWhenItGetsNarrow(t *testing.T) {
	wear(t, theme.Options{})
	b := sampleBanner(sampleBannerConfig())
	window(t, b, 1, 1)
	wide := b.HeightFor(1366)
	if wide != 72 {
		t.Errorf("%v high at 1366, want 72", wide)
	}
	narrow := b.HeightFor(700)
	if narrow <= wide {
		t.Errorf("%v high at 700", narrow)
	}
	b.Resize(fyne.NewSize(700, narrow))
	within(t, "first", b.first)
	within(t, "second", b.second)
	for _, word := range []string{"ADEYEMI", "999 041 7732", "anaphylaxis (severe)", "trimethoprim", "Dr H. Osei", "Falls risk"} {
		if !strings.Contains(b.Text(), word) {
			t.Errorf("%q is gone", word)
		}
	}
	if bottom := b.second.Position().Y + b.second.Size().Height; bottom > narrow {
		t.Errorf("the second part ends at %v of %v", bottom, narrow)
	}
}

func TestTopBarAndStripGiveWayInOrder(t *testing.T) {
	wear(t, theme.Options{})
	bar := sampleTopBar()
	window(t, bar, 1366, 40)
	if bar.level != 0 {
		t.Error("something was dropped at 1366")
	}
	for width := float32(1366); width > 420; width -= 7 {
		bar.Resize(fyne.NewSize(width, 40))
		title, right := bar.title.Position().X+bar.title.Size().Width, bar.right.Position().X
		if title > right {
			t.Fatalf("%v wide: the title lies over the clock", width)
		}
		if !strings.Contains(bar.right.Text(), "14:05") || !strings.Contains(bar.right.Text(), "Grace") {
			t.Fatalf("%v wide: the clock or the person is gone", width)
		}
	}
	strip := sampleStrip(true)
	window(t, strip, 1366, 26)
	high := strip.MinSize().Height
	strip.Update(StripConfig{Lead: "Connected"})
	if strip.MinSize().Height != high || high != 26 {
		t.Errorf("the strip is %v, then %v high", high, strip.MinSize().Height)
	}
}

func TestUpdateRedrawsOnlyWhatChanged(t *testing.T) {
	wear(t, theme.Options{})
	l := NewLine(T("5.1", Dense, ""), T("mmol/L", Dense, ""))
	window(t, l, 200, 30)
	first := l.parts[0].text
	l.parts[0].text.Color = nil // would be set again by a redraw
	l.Update(T("5.1", Dense, ""), T("mmol/L", Dense, ""))
	if first.Color != nil {
		t.Error("the same line was redrawn")
	}
	l.Update(T("5.1", Dense, ""), T("g/L", Dense, ""))
	if first.Color != nil || l.parts[1].text.Text != "g/L" {
		t.Error("a piece that did not change was redrawn, or the other was not")
	}
}

func TestViewportMaths(t *testing.T) {
	v := viewport{from: day, to: day.Add(100 * time.Hour), low: 2, high: 7, left: 10, top: 20, width: 200, height: 100}
	for _, c := range []struct{ got, want float64 }{
		{v.x(day), 10},
		{v.x(day.Add(50 * time.Hour)), 110},
		{v.x(day.Add(100 * time.Hour)), 210},
		{v.y(7), 20},
		{v.y(2), 120},
		{v.y(4.5), 70},
		{viewport{from: day, to: day, left: 10, width: 200}.x(day), 110},
		{viewport{low: 3, high: 3, top: 20, height: 100}.y(3), 70},
	} {
		if math.Abs(c.got-c.want) > 1e-9 {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
	low, high := valueRange(4, math.NaN(), 6, math.Inf(1))
	if low >= 4 || high <= 6 || high > 7 {
		t.Errorf("range %v to %v", low, high)
	}
	if low, high := valueRange(); low != 0 || high != 1 {
		t.Errorf("empty range %v to %v", low, high)
	}
	if low, high := valueRange(5); low >= 5 || high <= 5 {
		t.Errorf("range of one number %v to %v", low, high)
	}
}

func TestTicksAreRoundAndFew(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		labels    string
	}{
		{1.9, 7.4, "2 3 4 5 6 7"},
		{0, 1, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{88, 312, "100 150 200 250 300"},
		{36.2, 38.1, "36.5 37.0 37.5 38.0"},
		{-4, 110, "0 20 40 60 80 100"}, // and no "-0"
		{-25, 30, "-20 -10 0 10 20 30"},
	} {
		ticks := niceTicks(c.low, c.high, 6)
		var labels []string
		for _, tick := range ticks {
			labels = append(labels, tickLabel(tick, ticks))
		}
		if got := strings.Join(labels, " "); got != c.labels {
			t.Errorf("%v to %v: %s, want %s", c.low, c.high, got, c.labels)
		}
	}
	if niceTicks(1, 1, 6) != nil || niceTicks(math.NaN(), 2, 6) != nil {
		t.Error("ticks of nothing")
	}
}

func TestALineNeverBridgesAGap(t *testing.T) {
	runs := segments(sampleTrend().Points)
	if fmt.Sprint(runs) != "[[0 1] [3 4]]" {
		t.Errorf("runs %v", runs)
	}
}

func TestThinningLosesNoPeak(t *testing.T) {
	var points []ChartPoint
	var run []int
	for i := range 20_000 {
		value := 5.0
		if i == 12_345 {
			value = 9.9
		}
		points = append(points, ChartPoint{At: day.Add(time.Duration(i) * time.Second), Value: value})
		run = append(run, i)
	}
	v := viewport{from: day, to: day.Add(20_000 * time.Second), low: 0, high: 10, width: 300, height: 100}
	kept := thin(points, run, v)
	if len(kept) > 4*301 {
		t.Errorf("%d points kept for 300 columns", len(kept))
	}
	found := false
	for k, i := range kept {
		if k > 0 && kept[k-1] >= i {
			t.Fatal("points out of order")
		}
		found = found || i == 12_345
	}
	if !found {
		t.Error("the peak is lost")
	}
}

func TestLabelsThatDoNotFitGiveWayToTheNewest(t *testing.T) {
	got := spread([]float64{0, 10, 40, 45}, []float64{20, 20, 20, 20}, 2)
	if fmt.Sprint(got) != "[1 3]" {
		t.Errorf("kept %v", got)
	}
}

func TestChartHairlineFollowsPointerAndKeys(t *testing.T) {
	wear(t, theme.Options{})
	c := NewTrendChart(sampleTrend())
	var at []int
	c.OnPoint = func(i int) { at = append(at, i) }
	win := window(t, c, 400, 240)
	c.MouseMoved(mouse(fyne.NewPos(float32(c.view().x(c.config.Points[1].At))+3, 100)))
	win.Canvas().Focus(c)
	c.TypedKey(stroke(fyne.KeyLeft))
	c.TypedKey(stroke(fyne.KeyHome))
	if fmt.Sprint(at) != "[1 4 3 0]" {
		t.Errorf("points %v", at)
	}
	empty := NewTrendChart(ChartConfig{})
	window(t, empty, 400, 240)
	empty.FocusGained()
	empty.TypedKey(stroke(fyne.KeyLeft))
	empty.TypedKey(stroke(fyne.KeyRight))
	if empty.at != -1 {
		t.Errorf("an empty chart is at point %d", empty.at)
	}
}

// The shapes are what carries a meaning where colours are not told apart: each
// must fill other pixels than the others.
func TestPointShapesDiffer(t *testing.T) {
	wear(t, theme.Options{Mode: theme.Light})
	seen := map[string]PointShape{}
	for _, shape := range []PointShape{RoundPoint, TriangleUp, TriangleDown, SquarePoint} {
		img := newPicture(24, 24)
		paintPoint(img, ChartPoint{Shape: shape}, point{12, 12}, 1)
		mask := coverMask(img)
		if was, ok := seen[mask]; ok {
			t.Errorf("shape %v looks like shape %v", shape, was)
		}
		seen[mask] = shape
	}
}

func coverMask(img *image.NRGBA) string {
	var b strings.Builder
	for i := 3; i < len(img.Pix); i += 4 {
		if img.Pix[i] > 128 {
			b.WriteByte('#')
		} else {
			b.WriteByte('.')
		}
	}
	return b.String()
}

// A laboratory's text of several lines is drawn without the toolkit's sign for
// an unknown letter, which covers the letter after it: its lines stand behind one
// another, whole.
func TestLinesOfATextStandBehindOneAnother(t *testing.T) {
	test.NewTempApp(t)
	const sent, want = "E. coli\n15 bottles\r\n9\tdays", "E. coli · 15 bottles · 9 days"
	var drawn func(o fyne.CanvasObject) string
	drawn = func(o fyne.CanvasObject) string {
		switch o := o.(type) {
		case *canvas.Text:
			return o.Text + " "
		case fyne.Widget:
			all := ""
			for _, c := range test.WidgetRenderer(o).Objects() {
				all += drawn(c)
			}
			return all
		}
		return ""
	}
	for name, o := range map[string]fyne.CanvasObject{"a line": NewLine(T(sent, Body, theme.Text)), "a paragraph": NewFlow(T(sent, Body, theme.Text))} {
		o.Resize(fyne.NewSize(600, 60))
		if got := strings.Join(strings.Fields(drawn(o)), " "); got != want {
			t.Errorf("%s draws %q, want %q", name, got, want)
		}
	}
}

package chart

import (
	"math"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// The icons of the page, by the names of assets: a span's icon is one of them.
const (
	iconBack        = "caret-left-bold"
	iconDocument    = "eye-fill"
	iconForward     = "caret-right-bold"
	iconAllergy     = "warning-diamond-fill"
	iconQuestion    = "question-bold"
	iconUnavailable = "cloud-slash-fill"
	iconCritical    = "warning-octagon-fill"
	iconCorrected   = "pencil-simple-fill"
	iconUnsent      = "cloud-arrow-up-fill"
	iconSimilar     = "users-bold"
	iconTemporary   = "identification-card-bold"
	iconWarning     = "warning-fill"
	iconReview      = "git-diff-bold"
	iconLab         = "hourglass-medium-bold"
	iconPrint       = "printer-bold"
	iconDone        = "check-circle-fill"
	iconInfo        = "info-fill"
	iconPlus        = "plus-bold"
	iconCheck       = "check-bold"
	iconOverdue     = "clock-countdown-fill"
	iconMine        = "star-bold"
)

// dense, strong and muted are the three texts that most lines are made of.
func dense(text string) kit.Span  { return kit.T(text, kit.Dense, theme.Text) }
func strong(text string) kit.Span { return kit.T(text, kit.DenseStrong, theme.Text) }
func muted(text string) kit.Span  { return kit.T(text, kit.Dense, theme.TextMuted) }

// unsentChip marks what is safe on this computer and not at the server yet.
func unsentChip() kit.Span {
	return kit.Chip(words.T("unsent"), iconUnsent, kit.UnsentTone).After(8).Kept()
}

// newTall gives an object a height.
func newTall(o fyne.CanvasObject, height float32) fyne.CanvasObject {
	b := &kit.Block{Parts: []fyne.CanvasObject{o}}
	b.Min = func() fyne.Size { return fyne.NewSize(theme.Px(160), theme.Px(height)) }
	b.Place = func(size fyne.Size) { kit.PlaceAt(o, 0, 0, size.Width, size.Height) }
	b.Init(b)
	return b
}

// newSide gives an object, whose texts wrap, a least width and no more.
func newSide(o fyne.CanvasObject, width float32) *kit.Block {
	b := &kit.Block{Parts: []fyne.CanvasObject{o}}
	b.Min = func() fyne.Size { return fyne.NewSize(theme.Px(width), o.MinSize().Height) }
	b.Tall = func(w float32) float32 { return kit.HeightFor(o, w) }
	b.Place = func(size fyne.Size) { kit.PlaceAt(o, 0, 0, size.Width, size.Height) }
	b.Init(b)
	return b
}

// shapeOf is the shape of a score badge: it says the band with its colour.
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

// scoreText is the number of a badge: ≥ before a score that is a minimum.
func scoreText(e ward.Early) string {
	switch {
	case !e.Known:
		return "–"
	case e.AtLeast:
		return "≥" + strconv.Itoa(e.Total)
	}
	return strconv.Itoa(e.Total)
}

func scoreBadge(e ward.Early, size kit.ScoreSize) kit.ScoreConfig {
	return kit.Score(scoreText(e), shapeOf(e.Risk), size)
}

// trendOf is the trend of one test: a gap stays a gap, and a value that no
// longer stands is no point.
func trendOf(trend []ward.Result, r ward.Result) kit.ChartConfig {
	c := kit.ChartConfig{DateText: ward.ShortDate}
	for _, o := range trend {
		if o.When().IsZero() || void(o) {
			continue
		}
		p := kit.ChartPoint{At: o.When(), Value: o.Number, Label: o.Value, Shape: pointOf(o), Ring: o.Before != nil}
		if !o.HasNumber {
			p.Shape, p.Label, p.Beyond = kit.NoPoint, shortAbsent(o), kit.BeyondOf(o.Value)
		}
		c.Points = append(c.Points, p)
	}
	nan := math.NaN()
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

func digits(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

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

// splitLines breaks a text where its author did.
func splitLines(text string) []string {
	return strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
}

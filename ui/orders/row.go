package orders

import (
	"math"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/orders"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// row is a patient's name above their orders, or one order: what it is, and under
// it where it stands, who asked, and what is to be looked at first.
type row struct {
	kit.Block
	first, under *kit.Flow
	group        bool
}

func newRow() fyne.CanvasObject {
	r := &row{first: kit.NewFlow(), under: kit.NewFlow()}
	r.Parts = []fyne.CanvasObject{r.first, r.under}
	r.Min = func() fyne.Size { return fyne.NewSize(theme.Px(160), theme.Px(24)) }
	r.Place = r.place
	r.Init(r)
	return r
}

// head makes the row the name of a patient.
func (r *row) head(l view.Line) {
	r.group = true
	who := []kit.Span{kit.T(l.Who.Bed, kit.BodyBold, theme.Text), kit.T(l.Who.ShowName(), kit.BodyStrong, theme.Text).After(10), kit.T(ward.SayAge(l.Who.Age), kit.Dense, theme.TextMuted).After(10)}
	if l.Who.Bed == "" {
		who = who[1:]
	}
	if l.Who.Similar {
		who = append(who, kit.Chip(words.T("similar name"), iconSimilar, kit.LateTone).After(10).Kept())
	}
	r.first.Update(who...)
	r.under.Update()
	r.Changed()
}

func (r *row) set(l view.Line, gone bool) {
	r.group = false
	first := []kit.Span{kit.T(l.Name, kit.BodyStrong, theme.Text)}
	if l.Dose != "" {
		first = append(first, kit.T(l.Dose, kit.Body, theme.Text).After(8))
	}
	if l.Stat {
		first = append(first, kit.Chip(words.T("AT ONCE"), iconUrgent, kit.WarningTone).After(8).Kept())
	}
	if l.Unsent {
		first = append(first, kit.Span{Icon: iconUnsent, Text: words.T("unsent"), Style: kit.CaptionStrong, Color: theme.Unsent, Gap: 10, Keep: true})
	}
	r.first.Update(first...)
	r.under.Update(underSpans(l, gone)...)
	r.Changed()
}

func underSpans(l view.Line, gone bool) []kit.Span {
	if gone {
		return []kit.Span{kit.T(words.T("no longer waits"), kit.CaptionStrong, theme.TextMuted)}
	}
	out := []kit.Span{{Icon: iconLab, IconColor: theme.TextMuted, Text: sentence(ward.Said(l.Status)), Style: kit.Dense, Color: theme.Text}}
	if l.Late != "" {
		out = append(out, kit.Span{Icon: iconOverdue, IconColor: theme.WarningText, Text: l.Late, Style: kit.DenseStrong, Color: theme.WarningText, Gap: 10})
	}
	for _, a := range l.Ask {
		out = append(out, kit.Span{Icon: iconReview, IconColor: theme.WarningText, Text: a, Style: kit.DenseStrong, Color: theme.WarningText, Gap: 10})
	}
	if l.Why != "" {
		out = append(out, kit.Span{Icon: iconUrgent, IconColor: theme.WarningText, Text: words.F("In spite of: %s", l.Why), Style: kit.Dense, Color: theme.Text, Gap: 10})
	}
	return append(out, kit.T(l.By, kit.Caption, theme.TextMuted).After(12))
}

func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

func (r *row) textAt() float32 {
	if r.group {
		return theme.Px(14)
	}
	return theme.Px(44)
}

// high is how high the row must be at a width, in design units.
func (r *row) high(w float32) float32 {
	text := max(w-r.textAt()-theme.Px(14), theme.Px(100))
	if r.group {
		return max(28, up(r.first.HeightFor(text)+theme.Px(8)))
	}
	return max(40, up(r.first.HeightFor(text)+r.under.HeightFor(text)+theme.Px(10)))
}

func up(h float32) float32 { return float32(math.Ceil(float64(h / theme.Scale()))) }

func (r *row) place(size fyne.Size) {
	px := theme.Px
	x := r.textAt()
	text := max(size.Width-x-px(14), px(100))
	first := r.first.HeightFor(text)
	if r.group {
		kit.PlaceAt(r.first, x, (size.Height-first)/2, text, first)
		return
	}
	kit.PlaceAt(r.first, x, px(5), text, first)
	kit.PlaceAt(r.under, x, px(5)+first, text, r.under.HeightFor(text))
}

package patients

import (
	"testing"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/board"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// Everything on the board can be translated: as a table, as cards, each filter, what is
// held back, the own list, and each way of having nobody.
func TestTheBoardIsTranslatable(t *testing.T) {
	uitest.Pseudo(t)
	known := []string{
		`re:\b[A-Z][A-ZÉŁÖ’-]+(?:-[A-Z]+)?, (?:Van )?\p{Lu}\p{L}+(?: \d+)?`, "Person", "Van Minh", "Van Manh", "Lactate", "Potassium", "Penicillin", "trimethoprim: rash", "Latex", "Codeine", "Aspirin", "Iodine contrast",
		"CRP, FBC", "Blood gas", "LFT", "U&E", "INR", "Dr Lindqvist", "DNACPR", "NEWS2",
		"not scored: under 16", // by no rule: the rules' own words are of the vocabulary
	}
	for _, size := range []fyne.Size{fyne.NewSize(1298, 702), fyne.NewSize(700, 640)} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, size.Width, size.Height)
		for _, f := range board.Filters() {
			r.model.SetFilter(f)
			r.settle(t)
			r.capture()
			uitest.AllTranslatable(t, r.page.Object(), known...)
		}
	}
	for _, d := range []desk{
		{link: connected()}, {link: ward.Link{}}, {link: ward.Link{Ever: true, Since: now}}, {link: ward.Link{Ever: true, Loading: &ward.Progress{}}},
	} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
		r.desk.rows, r.desk.link = d.rows, d.link
		r.reload()
		r.capture()
		uitest.AllTranslatable(t, r.page.Object(), known...)
	}
}

// The columns' names stand beside each other in each language, at every width.
func TestTheColumnsNamesFitInEachLanguage(t *testing.T) {
	uitest.EachLanguage(t, func(t *testing.T) {
		for _, w := range []float32{1298, 1100, 976} {
			r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, w, 702)
			r.capture()
			h := r.page.head
			for c := column(0); c+1 < columns; c++ {
				next := c + 1
				for next+1 < columns && !h.lines[next].Visible() {
					next++
				}
				if a, b := h.lines[c], h.lines[next]; a.Visible() && b.Visible() && a.Position().X+a.MinSize().Width > b.Position().X {
					t.Errorf("at %v %q runs into %q", w, a.Text(), b.Text())
				}
			}
		}
	})
}

// No value is cut in any language either.
func TestNoValueIsCutInAnyLanguage(t *testing.T) { uitest.EachLanguage(t, TestNoValueIsCut) }

package kit

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/ui/theme"
)

// A laboratory's text keeps its lines, and columns that the sender set apart by
// spaces stay apart; a line that is too long wraps, and nothing is left out.
func TestATextKeepsItsLines(t *testing.T) {
	test.NewTempApp(t)
	f := NewFlow(Lines("Escherichia coli\r\nGentamicin     S\tMIC 0.5\n\nSecond line of a very long remark that needs more room than there is", Body, theme.Text)...)
	f.Resize(fyne.NewSize(260, 400))
	f.MinSize()
	var got []string
	for _, l := range f.lines {
		var words []string
		for _, a := range l.atoms {
			for _, p := range a.parts {
				words = append(words, p.span.Text)
			}
		}
		got = append(got, strings.TrimSpace(strings.Join(words, " ")))
	}
	text := strings.Join(got, "|")
	if !strings.HasPrefix(text, "Escherichia coli|Gentamicin · S · MIC 0.5||Second line") {
		t.Errorf("lines %s", text)
	}
	if !strings.HasSuffix(text, "than there is") || len(got) < 5 {
		t.Errorf("the long line did not wrap, or lost words: %s", text)
	}
}

package kit

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// drawnWords are the words of each line as they stand from left to right.
func drawnWords(f *Flow) string {
	var lines []string
	for _, l := range f.lines {
		var parts []*part
		for _, a := range l.atoms {
			parts = append(parts, a.parts...)
		}
		slices.SortFunc(parts, func(a, b *part) int { return cmp.Compare(a.text.Position().X, b.text.Position().X) })
		var words []string
		for i, p := range parts {
			if i > 0 && p.text.Position().X < parts[i-1].text.Position().X+parts[i-1].size.Width-.5 {
				words = append(words, "OVER")
			}
			if i > 0 && p.text.Position().X < parts[i-1].text.Position().X+parts[i-1].size.Width+.5 {
				words[len(words)-1] += p.text.Text // no space between
				continue
			}
			words = append(words, p.text.Text)
		}
		lines = append(lines, strings.Join(words, " "))
	}
	return strings.Join(lines, "\n")
}

// drawnLine is the same of a line.
func drawnLine(l *Line) string {
	l.Resize(l.MinSize())
	l.relayout()
	words := ""
	for i, p := range l.parts {
		if i > 0 && p.span.Gap > 0 {
			words += " "
		}
		words += p.text.Text
	}
	return words
}

// A name of several words from right to left is read from the right, within a line
// that is read from the left; what stands around it keeps its place, and a comma
// stands where it is read.
func TestANameFromRightToLeftKeepsItsOrder(t *testing.T) {
	test.NewTempApp(t)
	for _, c := range []struct{ name, words, want string }{
		{"three words", "عبد الرحمن, ليلى", "ليلى ,الرحمن عبد"},
		{"within a sentence", "Told عبد الرحمن, ليلى at once", "Told ليلى ,الرحمن عبد at once"},
		{"Hebrew with a bracket", "כהן (רחל)", "(רחל) כהן"},
		{"two names", "כהן רחל and לוי דן", "רחל כהן and דן לוי"},
		{"a number within", "دار 12 السلام", "السلام 12 دار"},
		{"a number behind stays behind", "دار السلام 12", "السلام دار 12"},
		{"left to right", "Abd ar-Rahman, Layla", "Abd ar-Rahman, Layla"},
	} {
		f := NewFlow(T(c.words, BodyStrong, theme.Text))
		f.Resize(fyne.NewSize(2000, 100))
		if got := drawnWords(f); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if l := NewText(c.words, BodyStrong, theme.Text); l.Text() != c.words || drawnLine(l) != c.want {
			t.Errorf("%s, as a line: %q, want %q", c.name, drawnLine(l), c.want)
		}
		if f.Text() != c.words {
			t.Errorf("%s: read out as %q", c.name, f.Text())
		}
	}
}

// Broken over lines, each line is read from the right, and the first words stand on
// the first line. Spans beside the name keep their places.
func TestANameFromRightToLeftWraps(t *testing.T) {
	test.NewTempApp(t)
	f := NewFlow(T("24", BodyBold, theme.Text), T("عبد الرحمن بن محمد", BodyStrong, theme.Text).After(10), T("69y", Dense, theme.TextMuted).After(10))
	f.Resize(fyne.NewSize(2000, 100))
	if got := drawnWords(f); got != "24 محمد بن الرحمن عبد 69y" {
		t.Errorf("on one line: %q", got)
	}
	half := f.parts[0].size.Width + f.parts[1].size.Width + f.parts[2].size.Width + px(10) + 2*TextWidth(" ", BodyStrong)
	f.Resize(fyne.NewSize(half, 100))
	if got := drawnWords(f); got != "24 الرحمن عبد\nمحمد بن 69y" {
		t.Errorf("on two lines: %q", got)
	}
	if dir := uitest.Pictures(); dir != "" {
		wear(t, theme.Options{Scale: 2})
		col := NewColumn(8, NewFlow(T("عبد الرحمن, ليلى", Heading, theme.Text), T("69y", Body, theme.TextMuted).After(10)),
			NewText("عبد الرحمن, ليلى", Heading, theme.Text), NewFlow(T("Told כהן (רחל), and phoned", Heading, theme.Text)), NewText("Told כהן (רחל), and phoned", Heading, theme.Text))
		uitest.Keep(t, dir, "from-right", uitest.Capture(window(t, col, 700, 300)))
	}
}

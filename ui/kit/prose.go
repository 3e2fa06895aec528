package kit

import (
	"regexp"
	"strings"

	"wardlight/ui/theme"
)

// A laboratory's text has lines that mean something: one organism each, or one
// answer each. Where there is room a text is drawn line by line.

// gapInLine is where a sender set columns apart by spaces, which a proportional
// typeface cannot keep.
var gapInLine = regexp.MustCompile(`\t+| {3,}`)

// Lines are the lines of a text as spans of a Flow, each on a line of its own. It
// wraps where the window is narrower than the text; nothing is left out.
func Lines(text string, style Style, color theme.Token) []Span {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	var out []Span
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		line = gapInLine.ReplaceAllString(strings.TrimRight(line, " \t"), lineBreak)
		out = append(out, T(strings.TrimPrefix(line, lineBreak), style, color).OnOwnLine())
	}
	return out
}

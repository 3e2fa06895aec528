package kit

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"wardlight/ui/theme"
)

// Names that are written from right to left. The toolkit orders the letters of one
// word by itself, but not the words, nor the comma between them: it draws what comes
// from different typefaces one behind the other, from the left. So a text with such
// a name is drawn as several pieces, which stand as they are read: within a line
// that runs from left to right, a run of words from the right. Station/paper does the
// same with the whole of Unicode's rules; here no more is needed than what names have.

// fromRightScripts are the scripts of Unicode's classes R and AL that names are
// written in.
var fromRightScripts = []*unicode.RangeTable{unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Samaritan, unicode.Mandaic, unicode.Adlam}

// fromRight says whether a word is written from right to left: by its first letter.
func fromRight(word string) bool {
	i := strings.IndexFunc(word, unicode.IsLetter)
	if i < 0 {
		return false
	}
	r, _ := utf8.DecodeRuneInString(word[i:])
	return r >= 0x590 && unicode.In(r, fromRightScripts...)
}

// undirected says that a word has no direction of its own: it goes with its
// neighbours.
func undirected(word string) bool { return !strings.ContainsFunc(word, unicode.IsLetter) }

// turned is the order in which words are drawn from the left: each run of those from
// the right is turned round, with what has no direction between them.
func turned(n int, right, plain func(i int) bool, together func(a, b int) bool) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for from := 0; from < n; from++ {
		if !right(from) {
			continue
		}
		to := from
		for i := from + 1; i < n && together(from, i) && (right(i) || plain(i)); i++ {
			if right(i) {
				to = i
			}
		}
		slices.Reverse(order[from : to+1])
		from = to
	}
	return order
}

// someFromRight says whether a text has a letter that is written from right to left.
// Nearly none has, and nothing more is done with those: a list draws hundreds.
func someFromRight(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r >= 0x590 && unicode.In(r, fromRightScripts...) })
}

// piece is a part of a text that the toolkit draws rightly by itself.
type piece struct {
	text   string
	spaced bool // a space before it
}

// pieces are those of a text with such letters, from the left.
func pieces(text string) []piece {
	words := strings.Split(text, " ")
	order := turned(len(words), func(i int) bool { return fromRight(words[i]) }, func(i int) bool { return undirected(words[i]) }, func(int, int) bool { return true })
	var out []piece
	for n, at := range order {
		list := []string{words[at]}
		if fromRight(words[at]) {
			list = apart(words[at])
		}
		for i, part := range list {
			out = append(out, piece{part, n > 0 && i == 0})
		}
	}
	return out
}

// apart are the letters of a word from the right, and what stands before and behind
// them, from the left.
func apart(word string) []string {
	edge := func(r rune) bool { return r < 0x590 && !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	inner := strings.TrimFunc(word, edge)
	before, after, _ := strings.Cut(word, inner)
	var out []string
	for _, s := range []string{flipped(after), inner, flipped(before)} {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// mirrored are the letters that show their mirror image from right to left.
var mirrored = map[rune]rune{'(': ')', ')': '(', '[': ']', ']': '[', '{': '}', '}': '{', '<': '>', '>': '<', '«': '»', '»': '«'}

func flipped(s string) string {
	letters := []rune(s)
	slices.Reverse(letters)
	for i, r := range letters {
		if m, ok := mirrored[r]; ok {
			letters[i] = m
		}
	}
	return string(letters)
}

// splits says whether a span is drawn in pieces. A chip's text is one.
func (s Span) splits() bool { return !s.Chip && !s.Cap && someFromRight(s.Text) }

// apartSpans cuts spans where their pieces are; most are one.
func apartSpans(spans []Span) []Span {
	if !slices.ContainsFunc(spans, Span.splits) {
		return spans
	}
	var out []Span
	for _, s := range spans {
		if !s.splits() {
			out = append(out, s)
			continue
		}
		for n, p := range pieces(s.Text) {
			x := s
			x.Text = p.text
			if n > 0 {
				x.Icon, x.Gap = "", 0
			}
			if p.spaced {
				x.Gap = TextWidth(" ", s.style()) / theme.Scale()
			}
			out = append(out, x)
		}
	}
	return out
}

// Package naming makes names and numbers of people comparable, and says whether
// somebody was named whole. It is pure, so that central and a computer that is cut
// off find the same people.
//
// Folding loses what people leave out or write in several ways (case, accents,
// apostrophes, hyphens); it serves to find somebody, never to say that two records
// are one person (clinical.md 4).
package naming

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters that Unicode does not take apart.
var letters = strings.NewReplacer("ł", "l", "ø", "o", "đ", "d", "ð", "d", "þ", "th", "ß", "ss", "æ", "ae", "œ", "oe", "ı", "i", "ħ", "h", "ŋ", "n")

// Fold makes names comparable: lower case, without accents, with every
// hyphen a gap; O'Connor is one word.
func Fold(s string) string {
	plain := true
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != ' ' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	s = letters.Replace(strings.ToLower(s))
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’', r == '.':
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// FoldNumber makes an identifier comparable: without spaces, hyphens, slashes and
// dots, in lower case; its first 64 bytes.
func FoldNumber(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '/', '.':
			return -1
		}
		return unicode.ToLower(r)
	}, s[:min(len(s), 64)])
}

// minNumber is how much of an identifier counts as whole.
const minNumber = 6

// maxWhole bounds what is read of the words by which somebody is named.
const maxWhole = 200

// Whole is what somebody typed to name one person whole.
type Whole struct {
	words  []string
	number string
}

// WholeOf reads what was typed: family and given name with the date of birth
// (1954-03-14), or a whole number such as the NHS number.
func WholeOf(typed string) Whole {
	return Whole{strings.Fields(Fold(typed[:min(len(typed), maxWhole)])), FoldNumber(typed)}
}

// Names says whether it names the person with this name, date of birth (as
// 1954-03-14; a year alone is not whole) and these identifiers: both names and the
// date, or one whole number.
func (w Whole) Names(family, given, born string, numbers []string) bool {
	if len(w.number) >= minNumber && slices.Contains(numbers, w.number) {
		return true
	}
	date, first, last := strings.Fields(Fold(born)), strings.Fields(Fold(given)), strings.Fields(Fold(family))
	if len(date) != 3 || len(last) == 0 || len(first) == 0 {
		return false
	}
	want := slices.Concat(last, first[:1], date)
	return !slices.ContainsFunc(want, func(part string) bool { return !slices.Contains(w.words, part) })
}

package fhir

import (
	"slices"
	"strings"
	"unicode"
)

// Said is a value that came as words, and the unit that was sent beside it where
// the words begin with a number that does not name it: a laboratory that sends
// "<0.1" as a string still means 10*9/L. Words that hold no number are measured
// by nothing and get no unit. Of several lines the first holds the number, and
// the unit stands there, not behind a comment.
func Said(o Observation) (words, unit string) {
	if o.ValueString == nil {
		return "", ""
	}
	words = *o.ValueString
	unit = sentUnit(ExtString(o.Extension, ExtSentUnit))
	first, rest, more := strings.Cut(words, "\n")
	switch {
	case unit == "" || !measured(first) || names(first, unit):
		return words, ""
	case more:
		return strings.TrimRight(first, " \r") + " " + unit + "\n" + rest, ""
	}
	return words, unit
}

// measured says that a line begins as a number does and has a digit.
func measured(line string) bool {
	line = strings.TrimSpace(line)
	for _, r := range line {
		return (unicode.IsDigit(r) || strings.ContainsRune("<>=≤≥+-.", r)) && strings.ContainsFunc(line, unicode.IsDigit)
	}
	return false
}

// names says that a line has this unit in it already, as a word or right behind
// digits.
func names(line, unit string) bool {
	if strings.HasSuffix(strings.TrimSpace(line), " "+unit) {
		return true
	}
	return slices.ContainsFunc(strings.Fields(line), func(word string) bool {
		word = strings.TrimRight(word, ";,.")
		return word == unit || strings.TrimLeft(word, "<>=≤≥+-.,0123456789") == unit
	})
}

// sentUnit is the unit in a whole OBX-6: its identifier, else its text. No unit
// is a number alone: the caret of 10^9/L is its own and parts nothing.
func sentUnit(whole string) string {
	parts := strings.SplitN(whole, "^", 3)
	switch id := strings.TrimSpace(parts[0]); {
	case len(parts) == 1:
		return id
	case id == "":
		return strings.TrimSpace(parts[1])
	case strings.Trim(id, "x0123456789") == "":
		return id + "^" + strings.TrimSpace(parts[1])
	default:
		return id
	}
}

package kit

import (
	"strings"
	"time"
	"unicode"
)

// typeAheadPause is how long letters typed one after the other belong to one word.
const typeAheadPause = time.Second

// typeAhead is what letters typed one after the other look for, in a list or among the
// answers of a switch.
type typeAhead struct {
	typed string
	at    time.Time
}

// takes adds a letter or a digit; false for what looks for nothing.
func (a *typeAhead) takes(r rune, now time.Time) bool {
	if !unicode.IsLetter(r) && !unicode.IsDigit(r) && (r != ' ' || a.typed == "") {
		return false
	}
	if now.Sub(a.at) > typeAheadPause {
		a.typed = ""
	}
	a.typed, a.at = a.typed+strings.ToLower(string(r)), now
	return true
}

// find looks from the present one on, and beyond it for a first letter, so that the same
// letter again goes to the next. Where nothing begins with all of what was typed, one
// letter typed twice is that letter again. It is -1 where nothing fits.
func (a *typeAhead) find(n, present int, fits func(i int, typed string) bool) int {
	if i := a.from(n, present, a.typed, fits); i >= 0 {
		return i
	}
	if r := []rune(a.typed); len(r) > 1 && strings.Trim(a.typed, string(r[0])) == "" {
		return a.from(n, present, string(r[0]), fits)
	}
	return -1
}

func (a *typeAhead) from(n, present int, typed string, fits func(i int, typed string) bool) int {
	start := max(present, 0)
	if len([]rune(typed)) == 1 {
		start = present + 1
	}
	for k := range n {
		if i := (start + k) % n; fits(i, typed) {
			return i
		}
	}
	return -1
}

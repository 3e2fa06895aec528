package paper

import (
	"slices"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
)

// visual brings a line into the order in which it is drawn from left to right, by
// the rules of Unicode's bidirectional algorithm (UAX 9) for one line whose base
// runs from left to right and that holds no explicit marks of direction: W1 to W7,
// N0 to N2, I1 and I2, L1 and L2, L4. The library's own ordering gives the space
// before a name that is written from right to left to the name, and so drew it on
// the wrong side; its table of letters is used.
func visual(line string) string {
	letters := []rune(line)
	levels := levelsOf(letters)
	for i, r := range letters {
		if levels[i]%2 == 1 {
			if m, ok := mirrored[r]; ok {
				letters[i] = m
			}
		}
	}
	reverse(letters, levels)
	return string(letters)
}

// mirrored are the letters that show their mirror image from right to left.
var mirrored = map[rune]rune{'(': ')', ')': '(', '[': ']', ']': '[', '{': '}', '}': '{', '<': '>', '>': '<', '«': '»', '»': '«', '‹': '›', '›': '‹'}

func classOf(r rune) bidi.Class {
	if r == utf8.RuneError {
		return bidi.ON
	}
	p, _ := bidi.LookupRune(r)
	return p.Class()
}

// levelsOf are the embedding levels: even runs from left to right.
func levelsOf(letters []rune) []int {
	classes := make([]bidi.Class, len(letters))
	for i, r := range letters {
		classes[i] = classOf(r)
	}
	weak(classes)
	brackets(letters, classes)
	neutral(classes)
	levels := make([]int, len(letters))
	for i, c := range classes {
		switch c {
		case bidi.R:
			levels[i] = 1
		case bidi.EN, bidi.AN:
			levels[i] = 2
		default: // left to right
		}
	}
	for i := len(letters) - 1; i >= 0 && letters[i] == ' '; i-- {
		levels[i] = 0 // L1
	}
	return levels
}

// weak resolves numbers, their separators and vowel signs (W1 to W7).
func weak(c []bidi.Class) {
	strong := bidi.L // what the line begins as
	for i, x := range c {
		switch {
		case x == bidi.NSM && i > 0:
			c[i] = c[i-1]
		case x == bidi.NSM:
			c[i] = bidi.L
		case x == bidi.EN && strong == bidi.AL:
			c[i] = bidi.AN
		case x == bidi.L || x == bidi.R || x == bidi.AL:
			strong = x
		}
	}
	for i := 1; i+1 < len(c); i++ {
		if c[i-1] == c[i+1] && (c[i] == bidi.CS && (c[i-1] == bidi.EN || c[i-1] == bidi.AN) || c[i] == bidi.ES && c[i-1] == bidi.EN) {
			c[i] = c[i-1]
		}
	}
	terminators(c)
	strong = bidi.L
	for i, x := range c {
		switch x {
		case bidi.AL:
			c[i], strong = bidi.R, bidi.R
		case bidi.L, bidi.R:
			strong = x
		case bidi.EN:
			if strong == bidi.L {
				c[i] = bidi.L
			}
		default: // neutral
		}
	}
}

// terminators beside a number belong to it (W5), as in "5 %".
func terminators(c []bidi.Class) {
	for i := 0; i < len(c); i++ {
		if c[i] != bidi.ET {
			continue
		}
		end := i
		for end < len(c) && c[end] == bidi.ET {
			end++
		}
		if i > 0 && c[i-1] == bidi.EN || end < len(c) && c[end] == bidi.EN {
			for k := i; k < end; k++ {
				c[k] = bidi.EN
			}
		}
		i = end - 1
	}
}

// brackets gives a pair of them one direction (N0): the line's where it holds a
// letter of it, else that of its letters, where they go on what stands before.
func brackets(letters []rune, c []bidi.Class) {
	var open []int
	for i, r := range letters {
		switch {
		case r == '(' || r == '[' || r == '{':
			open = append(open, i)
		case (r == ')' || r == ']' || r == '}') && len(open) > 0:
			from := open[len(open)-1]
			open = open[:len(open)-1]
			if letters[from] != mirrored[r] {
				continue
			}
			if dir, ok := pairOf(c, from, i); ok {
				c[from], c[i] = dir, dir
			}
		}
	}
}

// pairOf is the direction of a pair of brackets; ok is false where it holds
// nothing that has one.
func pairOf(c []bidi.Class, from, to int) (dir bidi.Class, ok bool) {
	inside := false
	for _, x := range c[from+1 : to] {
		if x == bidi.L {
			return bidi.L, true
		}
		inside = inside || x == bidi.R || x == bidi.EN || x == bidi.AN
	}
	if !inside {
		return 0, false
	}
	for i := from - 1; i >= 0; i-- {
		switch c[i] {
		case bidi.R, bidi.EN, bidi.AN:
			return bidi.R, true
		case bidi.L:
			return bidi.L, true
		default: // neutral
		}
	}
	return bidi.L, true
}

// neutral gives what has no direction that of both its neighbours, or the line's
// (N1, N2). Numbers count as their letters do.
func neutral(c []bidi.Class) {
	side := func(x bidi.Class) (bidi.Class, bool) {
		switch x {
		case bidi.L:
			return bidi.L, true
		case bidi.R, bidi.EN, bidi.AN:
			return bidi.R, true
		default:
			return x, false
		}
	}
	for i := 0; i < len(c); i++ {
		if _, ok := side(c[i]); ok {
			continue
		}
		end := i
		for end < len(c) {
			if _, ok := side(c[end]); ok {
				break
			}
			end++
		}
		before, after := bidi.L, bidi.L
		if i > 0 {
			before, _ = side(c[i-1])
		}
		if end < len(c) {
			after, _ = side(c[end])
		}
		dir := bidi.L
		if before == after {
			dir = before
		}
		for k := i; k < end; k++ {
			c[k] = dir
		}
		i = end - 1
	}
}

// reverse turns round every stretch of each level and above, the highest first
// (L2).
func reverse(letters []rune, levels []int) {
	for level := 2; level >= 1; level-- {
		for i := 0; i < len(letters); i++ {
			if levels[i] < level {
				continue
			}
			end := i
			for end < len(letters) && levels[end] >= level {
				end++
			}
			slices.Reverse(letters[i:end])
			slices.Reverse(levels[i:end])
			i = end - 1
		}
	}
}

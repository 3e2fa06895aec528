package hl7

import (
	"iter"
	"strings"
)

// null is how a sender says "delete this value".
const null = `""`

// Presence tells the three ways of saying nothing from each other and from a
// value. Absent and Empty both mean "no change"; Null means "delete".
type Presence uint8

// The presences. Absent is the zero value.
const (
	Absent  Presence = iota // the message ends before this piece
	Empty                   // its place is there, and nothing in it
	Null                    // an explicit ""
	Present                 // a value
)

// String is the presence's name.
func (p Presence) String() string {
	return [...]string{"absent", "empty", "null", "present"}[min(p, Present)]
}

// syntax is what every piece of one message shares.
type syntax struct {
	d        Delimiters
	cs       charset
	switched bool // character set switches have been resolved already
}

// piece is any part of a segment: its text between delimiters, still escaped.
type piece struct {
	c  *syntax
	s  string
	ok bool
}

// Raw is the piece as it stands in the message: escaped, delimiters inside.
func (p piece) Raw() string { return p.s }

// Presence says whether the piece is there, and whether it holds a value.
func (p piece) Presence() Presence {
	switch {
	case !p.ok:
		return Absent
	case p.s == "":
		return Empty
	case p.s == null:
		return Null
	}
	return Present
}

// IsNull says whether the piece is an explicit "".
func (p piece) IsNull() bool { return p.ok && p.s == null }

// Whole is the piece's text with its escapes resolved and any delimiters
// inside it kept: the right reading for free text whose sender forgot to
// escape them. A null is "".
func (p piece) Whole() string {
	if p.s == "" || p.s == null {
		return ""
	}
	return unescape(p.c, p.s)
}

// Field is one field of a segment. The zero Field is absent.
type Field struct{ piece }

// Rep is one repetition of a field.
type Rep struct{ piece }

// Comp is one component of a repetition.
type Comp struct{ piece }

// Sub is one subcomponent, the smallest piece.
type Sub struct{ piece }

// Text is the unescaped first leaf: repetition 1, component 1, subcomponent 1,
// as HL7 reads a field that has grown parts since. A null is "".
func (f Field) Text() string { return f.Rep(1).Text() }

// Ending are the delimiters that mean nothing at the end of a repetition: those of its
// components and subcomponents.
func (r Rep) Ending() string {
	var b strings.Builder
	for _, l := range []level{compSep, subSep} {
		if c := r.sep(l); c != 0 {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Text is the unescaped first leaf of the repetition.
func (r Rep) Text() string { return r.Comp(1).Text() }

// Text is the unescaped first leaf of the component.
func (c Comp) Text() string { return c.Sub(1).Text() }

// Words is the component as one text: an ampersand that was not escaped is a part of it,
// as in O&P, A&E or UREA & ELECTROLYTES, but for those at its end, which hold empty parts.
// It is the right reading where the component's data type has no subcomponents (ST, ID, IS
// in CE, CWE, XPN: HL7 v2 chapter 2.A); Text would cut such words off.
func (c Comp) Words() string {
	p := c.piece
	if sep := p.sep(subSep); sep != 0 {
		p.s = strings.TrimRight(p.s, string(rune(sep)))
	}
	return strings.TrimSpace(p.Whole())
}

// Text is the unescaped subcomponent.
func (s Sub) Text() string { return s.Whole() }

// Rep is the field's n-th repetition, from 1.
func (f Field) Rep(n int) Rep { return Rep{f.nth(f.sep(repSep), n)} }

// Comp is the n-th component of the field's first repetition, from 1.
func (f Field) Comp(n int) Comp { return f.Rep(1).Comp(n) }

// Comp is the repetition's n-th component, from 1.
func (r Rep) Comp(n int) Comp { return Comp{r.nth(r.sep(compSep), n)} }

// Sub is the component's n-th subcomponent, from 1.
func (c Comp) Sub(n int) Sub { return Sub{c.nth(c.sep(subSep), n)} }

// Reps are the field's repetitions in order; an absent or empty field has
// none.
func (f Field) Reps() iter.Seq2[int, Rep] {
	return func(yield func(int, Rep) bool) {
		if f.s == "" {
			return
		}
		for i, p := range f.all(f.sep(repSep)) {
			if !yield(i, Rep{p}) {
				return
			}
		}
	}
}

// Comps are the repetition's components in order, at least one unless it is
// absent.
func (r Rep) Comps() iter.Seq2[int, Comp] {
	return func(yield func(int, Comp) bool) {
		for i, p := range r.all(r.sep(compSep)) {
			if !yield(i, Comp{p}) {
				return
			}
		}
	}
}

// Subs are the component's subcomponents in order, at least one unless it is
// absent.
func (c Comp) Subs() iter.Seq2[int, Sub] {
	return func(yield func(int, Sub) bool) {
		for i, p := range c.all(c.sep(subSep)) {
			if !yield(i, Sub{p}) {
				return
			}
		}
	}
}

// RepCount is the number of repetitions: 0 for an absent or empty field.
func (f Field) RepCount() int {
	if f.s == "" {
		return 0
	}
	return f.count(f.sep(repSep))
}

// CompCount is the number of components: 0 for an absent repetition.
func (r Rep) CompCount() int { return r.count(r.sep(compSep)) }

// SubCount is the number of subcomponents: 0 for an absent component.
func (c Comp) SubCount() int { return c.count(c.sep(subSep)) }

// Truncated says whether the sender cut the field short: it ends in the
// truncation character that MSH-2 declares (HL7 v2.7).
func (f Field) Truncated() bool {
	return f.c != nil && f.c.d.Truncation != 0 && strings.HasSuffix(f.s, string(rune(f.c.d.Truncation)))
}

type level uint8

const (
	repSep level = iota
	compSep
	subSep
)

func (p piece) sep(l level) byte {
	if p.c == nil {
		return 0
	}
	switch l {
	case repSep:
		return p.c.d.Repetition
	case compSep:
		return p.c.d.Component
	default:
		return p.c.d.Subcomponent
	}
}

func (p piece) nth(sep byte, n int) piece {
	if !p.ok || n < 1 {
		return piece{c: p.c}
	}
	s, ok := nth(p.s, sep, n)
	return piece{c: p.c, s: s, ok: ok}
}

func (p piece) count(sep byte) int {
	if !p.ok {
		return 0
	}
	if sep == 0 {
		return 1
	}
	return strings.Count(p.s, string(rune(sep))) + 1
}

func (p piece) all(sep byte) iter.Seq2[int, piece] {
	return func(yield func(int, piece) bool) {
		if !p.ok {
			return
		}
		for i, s := range cut(p.s, sep) {
			if !yield(i, piece{c: p.c, s: s, ok: true}) {
				return
			}
		}
	}
}

// cut yields the parts of s between separators, counted from 1. There is
// always at least one.
func cut(s string, sep byte) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for n := 1; ; n++ {
			i := -1
			if sep != 0 {
				i = strings.IndexByte(s, sep)
			}
			if i < 0 {
				yield(n, s)
				return
			}
			if !yield(n, s[:i]) {
				return
			}
			s = s[i+1:]
		}
	}
}

// nth is the n-th part of s, from 1.
func nth(s string, sep byte, n int) (string, bool) {
	for i, part := range cut(s, sep) {
		if i == n {
			return part, true
		}
	}
	return "", false
}

package hl7

import (
	"regexp"
	"strconv"

	"wardlight/internal/fault"
)

// Path names one place in a message: PID-5.1, OBX(2)-5, PID-3(2).4.1. Zero
// numbers are not given: segment and repetition are then the first, component
// and subcomponent are not cut.
type Path struct {
	Segment string
	Nth     int // which segment of that name
	Field   int
	Rep     int
	Comp    int
	Sub     int
}

// Value is what a path finds: any of Field, Rep, Comp or Sub.
type Value struct{ piece }

// Text is the unescaped first leaf of the value. A null is "".
func (v Value) Text() string { return Field(v).Text() }

var pathForm = regexp.MustCompile(`^([A-Z][A-Z0-9]{2})(?:\((\d{1,6})\))?-(\d{1,4})(?:\((\d{1,6})\))?(?:\.(\d{1,4})(?:\.(\d{1,4}))?)?$`)

// ParsePath reads a path, such as "PID-3(2).4.1".
func ParsePath(s string) (Path, error) {
	g := pathForm.FindStringSubmatch(s)
	if g == nil {
		return Path{}, fault.New(fault.Invalid, "hl7.path", "", "a path looks like PID-5.1, OBX(2)-5 or PID-3(2).4.1")
	}
	num := func(i int) int { n, _ := strconv.Atoi(g[i]); return n }
	p := Path{Segment: g[1], Nth: num(2), Field: num(3), Rep: num(4), Comp: num(5), Sub: num(6)}
	if p.Field == 0 || g[2] != "" && p.Nth == 0 || g[4] != "" && p.Rep == 0 || g[5] != "" && p.Comp == 0 || g[6] != "" && p.Sub == 0 {
		return Path{}, fault.New(fault.Invalid, "hl7.path", "", "the numbers of a path count from 1")
	}
	return p, nil
}

// String is the path as ParsePath reads it.
func (p Path) String() string {
	paren := func(n int) string {
		if n == 0 {
			return ""
		}
		return "(" + strconv.Itoa(n) + ")"
	}
	s := p.Segment + paren(p.Nth) + "-" + strconv.Itoa(p.Field) + paren(p.Rep)
	if p.Comp > 0 {
		s += "." + strconv.Itoa(p.Comp)
	}
	if p.Sub > 0 {
		s += "." + strconv.Itoa(p.Sub)
	}
	return s
}

// At is what stands at p; absent if nothing does.
func (m *Message) At(p Path) Value {
	f := m.Segment(p.Segment, max(p.Nth, 1)).Field(p.Field)
	if p.Rep == 0 && p.Comp == 0 {
		return Value(f)
	}
	r := f.Rep(max(p.Rep, 1))
	switch {
	case p.Comp == 0:
		return Value(r)
	case p.Sub == 0:
		return Value(r.Comp(p.Comp))
	}
	return Value(r.Comp(p.Comp).Sub(p.Sub))
}

// Get is At for a path that is a constant of the program. It panics on a
// malformed one: paths from outside go through ParsePath.
func (m *Message) Get(path string) Value {
	p, err := ParsePath(path)
	if err != nil {
		panic("hl7: malformed path " + strconv.Quote(path))
	}
	return m.At(p)
}

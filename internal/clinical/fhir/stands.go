package fhir

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// stands says whether b is JSON in canonical form as it stands, so that nothing has
// to be written anew. Most of what is asked has been canonical since it was made. A
// form that it does not surely know, such as an escape, is left to the careful way:
// false says nothing.
func stands(b []byte) bool {
	s := scan{in: b}
	return s.value(0) && s.at == len(b)
}

// scan reads canonical JSON; each step says whether it was that.
type scan struct {
	in []byte
	at int
}

// is takes one byte, where it comes next.
func (s *scan) is(b byte) bool {
	if s.at < len(s.in) && s.in[s.at] == b {
		s.at++
		return true
	}
	return false
}

func (s *scan) value(depth int) bool {
	if depth > maxDepth || s.at >= len(s.in) {
		return false
	}
	switch s.in[s.at] {
	case '{':
		return s.object(depth, func([]byte, int, int) {})
	case '[':
		return s.array(depth)
	case '"':
		return s.text()
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	return s.number()
}

func (s *scan) word(w string) bool {
	if !bytes.HasPrefix(s.in[s.at:], []byte(w)) {
		return false
	}
	s.at += len(w)
	return true
}

// text takes a string that means what it shows.
func (s *scan) text() bool {
	if !s.is('"') {
		return false
	}
	for s.at < len(s.in) {
		switch b := s.in[s.at]; {
		case b == '"':
			s.at++
			return true
		case b == '\\' || b < ' ' || b == 0x7f:
			return false
		case b < utf8.RuneSelf:
			s.at++
		default:
			r, size := utf8.DecodeRune(s.in[s.at:])
			if r == utf8.RuneError || r == '\u2028' || r == '\u2029' { // encoding/json writes them otherwise
				return false
			}
			s.at += size
		}
	}
	return false
}

// number takes a number as RFC 8259 has it.
func (s *scan) number() bool {
	s.is('-')
	if !s.is('0') && !s.digits() {
		return false
	}
	if s.is('.') && !s.digits() {
		return false
	}
	if s.is('e') || s.is('E') {
		if !s.is('+') {
			s.is('-')
		}
		return s.digits()
	}
	return true
}

func (s *scan) digits() bool {
	from := s.at
	for s.at < len(s.in) && s.in[s.at] >= '0' && s.in[s.at] <= '9' {
		s.at++
	}
	return s.at > from
}

func (s *scan) array(depth int) bool {
	s.at++
	if s.is(']') {
		return true
	}
	for s.value(depth + 1) {
		if s.is(']') {
			return true
		}
		if !s.is(',') {
			return false
		}
	}
	return false
}

// object takes an object, and tells each member's name and where its value lies.
func (s *scan) object(depth int, tell func(name []byte, from, to int)) bool {
	if !s.is('{') {
		return false
	}
	if s.is('}') {
		return true
	}
	var before []byte
	for first := true; ; first = false {
		from := s.at + 1
		if !s.text() {
			return false
		}
		name := s.in[from : s.at-1]
		if !first && bytes.Compare(before, name) >= 0 || !s.is(':') {
			return false
		}
		before, from = name, s.at
		if !s.value(depth + 1) {
			return false
		}
		tell(name, from, s.at)
		if s.is('}') {
			return true
		}
		if !s.is(',') {
			return false
		}
	}
}

// Text is a top-level element that is a string, of a resource in canonical form. sure
// is false where that cannot be told at a glance, and View has to be asked: r is in
// another form, the element is not there or is no string, or another's name differs
// from it in capitals alone, which View would take for it.
func (r Resource) Text(element string) (value string, sure bool) {
	found := false
	sure = r.each([]string{element}, func(_ []byte, from, to int) {
		if found = r[from] == '"'; found {
			value = string(r[from+1 : to-1])
		}
	})
	return value, sure && found
}

// part is these elements of r alone; sure is false where View has to be asked.
func (r Resource) part(elements []string) (part Resource, sure bool) {
	part = append(make(Resource, 0, 256), '{')
	sure = r.each(elements, func(name []byte, from, to int) {
		if len(part) > 1 {
			part = append(part, ',')
		}
		part = append(append(append(part, '"'), name...), '"', ':')
		part = append(part, r[from:to]...)
	})
	return append(part, '}'), sure
}

// each tells which of some elements r has and where their values lie. sure is false
// where r is not an object in canonical form, or has a name that View would take for
// one of them although it is another.
func (r Resource) each(elements []string, tell func(name []byte, from, to int)) (sure bool) {
	s, doubt := scan{in: r}, false
	whole := s.object(0, func(name []byte, from, to int) {
		for _, e := range elements {
			switch {
			case string(name) == e:
				tell(name, from, to)
			case len(name) == len(e) || !ascii(name):
				doubt = doubt || strings.EqualFold(string(name), e)
			}
		}
	})
	return whole && s.at == len(r) && !doubt
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// split takes a canonical object apart; nil where it is not surely one. The
// elements lie in b.
func split(b []byte) Object {
	o := Object{}
	s := scan{in: b}
	if !s.object(0, func(name []byte, from, to int) { o[string(name)] = json.RawMessage(b[from:to:to]) }) || s.at != len(b) {
		return nil
	}
	return o
}

// joined is an object of canonical elements; nil where a name or an element is not
// surely that. Each is looked at by itself, so that none reaches into the next.
func joined(o Object) Resource {
	size := 2
	names := make([]string, 0, len(o))
	for name, value := range o {
		e := scan{in: value}
		if !plain(name) || !e.value(1) || e.at != len(value) {
			return nil
		}
		names = append(names, name)
		size += len(name) + len(value) + len(`"":,`)
	}
	slices.Sort(names)
	out := append(make([]byte, 0, size), '{')
	for i, name := range names {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, '"'), name...), '"', ':')
		out = append(out, o[name]...)
	}
	return append(out, '}')
}

// plain says whether a name is written as it is.
func plain(name string) bool {
	for i := 0; i < len(name); i++ {
		if b := name[i]; b < ' ' || b > '~' || b == '"' || b == '\\' {
			return false
		}
	}
	return true
}

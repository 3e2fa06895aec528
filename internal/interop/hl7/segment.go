package hl7

import (
	"iter"
	"strings"
)

// Segment is one segment of a message. The zero Segment is absent: it has no
// name and only absent fields.
type Segment struct {
	c    *syntax
	text string
	id   string
	line int
}

// ID is the segment's name, such as "PID", or "" for a line that is no
// segment (it is kept, and the message has a warning).
func (s Segment) ID() string { return s.id }

// Exists is false for the zero Segment.
func (s Segment) Exists() bool { return s.c != nil }

// Line is the segment's place in the message, from 1 (the MSH).
func (s Segment) Line() int { return s.line }

// Raw is the segment's text as it stands in the message, without its end.
func (s Segment) Raw() string { return s.text }

// IsLocal says whether this is a Z segment, agreed between two sites only.
func (s Segment) IsLocal() bool { return strings.HasPrefix(s.id, "Z") }

// isHeader: in these the first field is the separator itself.
func (s Segment) isHeader() bool { return isHeaderID(s.id) }

func isHeaderID(id string) bool { return id == "MSH" || id == "FHS" || id == "BHS" }

// Field is the segment's n-th field, from 1. In MSH (FHS, BHS) field 1 is the
// field separator and field 2 the encoding characters; both are one leaf.
func (s Segment) Field(n int) Field {
	if s.c == nil || n < 1 {
		return Field{piece{c: s.c}}
	}
	at := n + 1 // the first part is the segment's name
	if s.isHeader() {
		if n == 1 {
			return Field{piece{c: literal, s: string(rune(s.c.d.Field)), ok: true}}
		}
		at = n
	}
	text, ok := nth(s.text, s.c.d.Field, at)
	c := s.c
	if n == 2 && s.isHeader() {
		c = literal
	}
	return Field{piece{c: c, s: text, ok: ok}}
}

// literal is the syntax of text that is neither cut nor unescaped.
var literal = &syntax{}

// FieldCount is the number of the segment's last field.
func (s Segment) FieldCount() int {
	if s.c == nil {
		return 0
	}
	n := strings.Count(s.text, string(rune(s.c.d.Field)))
	if s.isHeader() {
		n++
	}
	return n
}

// Fields are the segment's fields in order, with their numbers.
func (s Segment) Fields() iter.Seq2[int, Field] {
	return func(yield func(int, Field) bool) {
		if s.c == nil {
			return
		}
		for i, text := range cut(s.text, s.c.d.Field) {
			n := i - 1
			if s.isHeader() {
				n = i
			}
			c := s.c
			switch {
			case s.isHeader() && n == 1:
				c, text = literal, string(rune(s.c.d.Field))
			case s.isHeader() && n == 2:
				c = literal
			case n == 0:
				continue
			}
			if !yield(n, Field{piece{c: c, s: text, ok: true}}) {
				return
			}
		}
	}
}

// encode writes the segment again from its parts.
func (s Segment) encode(b *strings.Builder) {
	if s.id == "" {
		b.WriteString(s.text)
		return
	}
	b.WriteString(s.id)
	for n, f := range s.Fields() {
		if s.isHeader() && n == 1 {
			continue // written as the separator before MSH-2
		}
		b.WriteByte(s.c.d.Field)
		f.encode(b)
	}
}

func (f Field) encode(b *strings.Builder) {
	for i, r := range f.Reps() {
		if i > 1 {
			b.WriteByte(f.c.d.Repetition)
		}
		for j, c := range r.Comps() {
			if j > 1 {
				b.WriteByte(f.c.d.Component)
			}
			for k, leaf := range c.Subs() {
				if k > 1 {
					b.WriteByte(f.c.d.Subcomponent)
				}
				b.WriteString(leaf.Raw())
			}
		}
	}
}

// segmentID is the name of a segment line, or "": three characters, a capital
// first, then the field separator or the end.
func segmentID(line string, field byte) string {
	if len(line) < 3 || len(line) > 3 && line[3] != field {
		return ""
	}
	if line[0] < 'A' || line[0] > 'Z' {
		return ""
	}
	for i := 1; i < 3; i++ {
		if c := line[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return ""
		}
	}
	return line[:3]
}

// GroupBy cuts segments into groups that each begin with a segment of this
// name, and returns apart what stands before the first: GroupBy(segs, "PID")
// are the patients of a result message, GroupBy(patient, "OBR") its reports.
func GroupBy(segs []Segment, id string) (before []Segment, groups [][]Segment) {
	start := -1
	for i, s := range segs {
		if s.id != id {
			continue
		}
		if start < 0 {
			before = segs[:i:i]
		} else {
			groups = append(groups, segs[start:i:i])
		}
		start = i
	}
	if start < 0 {
		return segs, nil
	}
	return before, append(groups, segs[start:len(segs):len(segs)])
}

// First is the first segment of this name, or the zero Segment.
func First(segs []Segment, id string) Segment {
	for _, s := range segs {
		if s.id == id {
			return s
		}
	}
	return Segment{}
}

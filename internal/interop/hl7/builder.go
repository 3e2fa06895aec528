package hl7

import (
	"strings"

	"wardlight/internal/fault"
)

// Builder writes a message, segment by segment. Every value is escaped, so no
// value can become a delimiter, a segment or a frame.
//
//	b := hl7.NewBuilder()
//	b.Add("MSH").Set(3, "LAB").Set(9, "ORU", "R01").Set(10, id).Set(11, "P").Set(12, "2.5.1").Set(18, "UNICODE UTF-8")
//	b.Add("PID").Set(3, "123", "", "", "HOSP", "MR").Set(5, "O'Neil & Sons")
//	raw := b.Bytes()
//
// A Builder is for one goroutine.
type Builder struct {
	d    Delimiters
	segs []*SegmentBuilder
}

// SegmentBuilder writes one segment. Its methods return it, for chaining;
// fields may be set in any order.
type SegmentBuilder struct {
	d      Delimiters
	id     string
	fields []string // from field 1
}

// maxBuildField bounds a field's number; a larger one is ignored.
const maxBuildField = 500

// NewBuilder makes a Builder with the usual delimiters.
func NewBuilder() *Builder { return &Builder{d: DefaultDelimiters} }

// NewBuilderWith makes a Builder with other delimiters, all four of which
// must be there.
func NewBuilderWith(d Delimiters) (*Builder, error) {
	if d.Escape == 0 || d.Subcomponent == 0 {
		return nil, fault.New(fault.Invalid, "hl7.build", "", "a message is written with all four encoding characters")
	}
	if _, err := readDelimiters("MSH" + string(rune(d.Field)) + d.EncodingCharacters()); err != nil {
		return nil, fault.Wrap("hl7.build", "", err)
	}
	return &Builder{d: d}, nil
}

// Add appends a segment. In MSH, FHS and BHS fields 1 and 2 are the
// delimiters and are written by themselves.
func (b *Builder) Add(id string) *SegmentBuilder {
	s := &SegmentBuilder{d: b.d, id: id}
	b.segs = append(b.segs, s)
	return s
}

// String is the message so far, each segment ended by CR.
func (b *Builder) String() string {
	var w strings.Builder
	for _, s := range b.segs {
		w.WriteString(s.String())
		w.WriteByte('\r')
	}
	return w.String()
}

// Bytes is the message so far in UTF-8; name that in MSH-18 when a value is
// not ASCII.
func (b *Builder) Bytes() []byte { return []byte(b.String()) }

// Set writes a field of components, replacing what was there.
func (s *SegmentBuilder) Set(n int, comps ...string) *SegmentBuilder {
	return s.SetRaw(n, s.join(comps))
}

// AddRep appends a repetition of components to a field.
func (s *SegmentBuilder) AddRep(n int, comps ...string) *SegmentBuilder {
	if i := s.index(n); i >= 0 && i < len(s.fields) && s.fields[i] != "" {
		return s.SetRaw(n, s.fields[i]+string(rune(s.d.Repetition))+s.join(comps))
	}
	return s.Set(n, comps...)
}

// SetComps writes a field of components, each of which is a list of
// subcomponents.
func (s *SegmentBuilder) SetComps(n int, comps ...[]string) *SegmentBuilder {
	parts := make([]string, len(comps))
	for i, subs := range comps {
		parts[i] = joinEscaped(s.d, subs, s.d.Subcomponent)
	}
	return s.SetRaw(n, joinTrimmed(parts, s.d.Component))
}

// SetNull writes the explicit null "", which deletes the value at the
// receiver.
func (s *SegmentBuilder) SetNull(n int) *SegmentBuilder { return s.SetRaw(n, null) }

// SetRaw writes a field as it stands, escaped already. CR and LF are left
// out, so that it stays one segment.
func (s *SegmentBuilder) SetRaw(n int, raw string) *SegmentBuilder {
	i := s.index(n)
	if i < 0 {
		return s
	}
	for len(s.fields) <= i {
		s.fields = append(s.fields, "")
	}
	s.fields[i] = strings.NewReplacer("\r", "", "\n", "").Replace(raw)
	return s
}

// index is the field's place in fields, or -1 for one that cannot be set.
func (s *SegmentBuilder) index(n int) int {
	if n < 1 || n > maxBuildField || isHeaderID(s.id) && n < 3 {
		return -1
	}
	return n - 1
}

func (s *SegmentBuilder) join(comps []string) string {
	return joinEscaped(s.d, comps, s.d.Component)
}

func joinEscaped(d Delimiters, values []string, sep byte) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = Escape(d, v)
	}
	return joinTrimmed(parts, sep)
}

// joinTrimmed leaves out empty parts at the end, as HL7 does.
func joinTrimmed(parts []string, sep byte) string {
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return strings.Join(parts, string(rune(sep)))
}

// String is the segment without its end.
func (s *SegmentBuilder) String() string {
	var w strings.Builder
	w.WriteString(s.id)
	fields := s.fields
	if isHeaderID(s.id) {
		w.WriteByte(s.d.Field)
		w.WriteString(s.d.EncodingCharacters())
		fields = fields[min(2, len(fields)):]
	}
	for _, f := range fields {
		w.WriteByte(s.d.Field)
		w.WriteString(f)
	}
	return strings.TrimRight(w.String(), string(rune(s.d.Field)))
}

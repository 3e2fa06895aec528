package hl7

import (
	"iter"
	"strings"

	"wardlight/internal/fault"
)

// Bounds of one message. What exceeds them is refused with fault.Full.
const (
	MaxMessageBytes = 10 << 20
	MaxSegments     = 100_000
)

// Message is one parsed message.
type Message struct {
	raw        string
	c          *syntax
	segs       []Segment
	warns      []Warning
	terminated bool
}

// WarningCode names something that was tolerated.
type WarningCode string

// The warning codes.
const (
	WarnByteOrderMark       WarningCode = "byte_order_mark"      // before MSH; skipped
	WarnLeadingSpace        WarningCode = "leading_space"        // before MSH; skipped
	WarnFewDelimiters       WarningCode = "few_delimiters"       // MSH-2 has two or three characters
	WarnLineEnds            WarningCode = "line_ends"            // segments end in LF or CRLF, not CR
	WarnUnterminated        WarningCode = "unterminated"         // the last segment has no end: perhaps cut off
	WarnCutOff              WarningCode = "cut_off"              // no end, and shorter than its like: see LooksCutOff
	WarnIndented            WarningCode = "indented"             // blanks before a segment's name; skipped
	WarnNotASegment         WarningCode = "not_a_segment"        // a line without a segment name; kept
	WarnLineBreakInField    WarningCode = "line_break_in_field"  // an LF inside a field; kept
	WarnSecondHeader        WarningCode = "second_header"        // another MSH: split the batch first
	WarnCharsetGuessed      WarningCode = "charset_guessed"      // MSH-18 empty, not UTF-8
	WarnCharsetContradicted WarningCode = "charset_contradicted" // the bytes speak against MSH-18
	WarnReplacementChar     WarningCode = "replacement_char"     // the sender itself sent U+FFFD: a lost letter
)

// Warning is one thing that was tolerated. Line is the segment's number, or 0
// for the whole message. Reason is for people and holds no field values.
type Warning struct {
	Code   WarningCode
	Line   int
	Reason string
}

// maxWarnings bounds what one message can make a log hold.
const maxWarnings = 50

// Parse reads one message. A batch must be Split first.
//
// Errors: fault.Invalid (no MSH, unreadable delimiters, bytes that do not fit
// the declared character set), fault.Unsupported (a character set that cannot
// be read here), fault.Full (too long). ReadHeader may still find enough in
// such a message to answer it.
func Parse(raw []byte) (*Message, error) {
	if len(raw) > MaxMessageBytes {
		return nil, fault.Newf(fault.Full, "hl7.parse", "", "the message is longer than %d bytes; send it in parts", MaxMessageBytes)
	}
	m := &Message{raw: string(raw)}
	skip := m.skipLead()
	body := m.raw[skip:]
	if err := checkStart(body); err != nil {
		return nil, err
	}
	header := firstLine(body)
	d, err := readDelimiters(header)
	if err != nil {
		return nil, err
	}
	if n := len(d.EncodingCharacters()); n < 4 {
		m.warn(WarnFewDelimiters, 1, "MSH-2 has fewer than four characters; what it leaves out cuts nothing")
	}
	text, cs, warns, err := decodeMessage(raw[skip:], d)
	if err != nil {
		return nil, err
	}
	m.warns = append(m.warns, warns...)
	if strings.ContainsRune(text, '\uFFFD') {
		m.warn(WarnReplacementChar, 0, "the sender sent U+FFFD where a letter was: it lost the letter before sending")
	}
	m.c = &syntax{d: d, cs: cs}
	if err := m.cutSegments(text); err != nil {
		return nil, err
	}
	return m, nil
}

// skipLead measures what stands before the MSH and is tolerated.
func (m *Message) skipLead() int {
	s := strings.TrimPrefix(m.raw, "\xEF\xBB\xBF")
	if len(s) < len(m.raw) {
		m.warn(WarnByteOrderMark, 0, "a byte order mark stands before MSH; skipped")
	}
	t := strings.TrimLeft(s, " \t\r\n")
	if len(t) < len(s) {
		m.warn(WarnLeadingSpace, 0, "blanks stand before MSH; skipped")
	}
	return len(m.raw) - len(t)
}

func checkStart(body string) error {
	invalid := func(reason string) error { return fault.New(fault.Invalid, "hl7.parse", "", reason) }
	switch {
	case body == "":
		return invalid("the message is empty")
	case strings.HasPrefix(body, "FHS"), strings.HasPrefix(body, "BHS"):
		return invalid("this is a batch; split it into its messages first")
	case strings.HasPrefix(body, "\xFF\xFE"), strings.HasPrefix(body, "\xFE\xFF"):
		return fault.New(fault.Unsupported, "hl7.parse", "", "the message is UTF-16; send it as UNICODE UTF-8")
	case !strings.HasPrefix(body, "MSH"):
		return invalid("the first segment is not MSH; the sender must begin each message with its header")
	}
	return nil
}

func firstLine(s string) string {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		return s[:i]
	}
	return s
}

func charsetNames(header string, d Delimiters) []string {
	f, _ := nth(header, d.Field, 18)
	var names []string
	for i, name := range cut(f, d.Repetition) {
		if i > 16 {
			break
		}
		names = append(names, strings.TrimSpace(name))
	}
	return names
}

// cutSegments cuts the text at line ends. CR is HL7's segment end; LF and
// CRLF are tolerated. In a message whose header ends in CR, a lone LF that is
// not followed by a segment's name is text: some senders put line breaks into
// fields, and to cut there would lose the rest of the field. At the beginning of
// a line there is no field yet, and it is a blank line.
func (m *Message) cutSegments(text string) error {
	crEnds, lfSeen := headerEndsInCR(text), false
	start := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c != '\r' && c != '\n' {
			continue
		}
		crlf := c == '\r' && i+1 < len(text) && text[i+1] == '\n'
		if c == '\n' && crEnds && i > start && !m.startsSegment(text[i+1:]) {
			m.warn(WarnLineBreakInField, len(m.segs)+1, "a line break stands inside a field; send it as \\.br\\")
			continue
		}
		lfSeen = lfSeen || c == '\n' || crlf
		if err := m.addLine(text[start:i]); err != nil {
			return err
		}
		if crlf {
			i++
		}
		start = i + 1
	}
	m.terminated = start == len(text)
	if err := m.addLine(text[start:]); err != nil {
		return err
	}
	if !m.terminated {
		m.warn(WarnUnterminated, len(m.segs), "the last segment has no end; the message may have been cut off")
	}
	if m.LooksCutOff() {
		m.warn(WarnCutOff, len(m.segs), "the last segment has no end and fewer fields than the one of its name before it: the message was probably cut off")
	}
	if lfSeen {
		m.warn(WarnLineEnds, 0, "segments end in LF or CRLF; HL7 ends them in CR")
	}
	return nil
}

func headerEndsInCR(text string) bool {
	i := strings.IndexAny(text, "\r\n")
	return i >= 0 && text[i] == '\r' && !strings.HasPrefix(text[i:], "\r\n")
}

// startsSegment says whether a line begins here that is a segment, blank, or
// the end of the text.
func (m *Message) startsSegment(rest string) bool {
	return rest == "" || rest[0] == '\r' || rest[0] == '\n' ||
		segmentID(firstLine(rest), m.c.d.Field) != ""
}

// addLine makes a segment of one line; blank lines hold nothing.
func (m *Message) addLine(line string) error {
	if line == "" {
		return nil
	}
	if len(m.segs) >= MaxSegments {
		return fault.Newf(fault.Full, "hl7.parse", "", "the message has more than %d segments; send it in parts", MaxSegments)
	}
	if bare := strings.TrimLeft(line, " \t"); len(bare) > 3 && len(bare) < len(line) && segmentID(bare, m.c.d.Field) != "" {
		m.warn(WarnIndented, len(m.segs)+1, "blanks stand before a segment's name; skipped")
		line = bare // only a name and a separator: words that begin with three capitals stay words
	}
	s := Segment{c: m.c, text: line, id: segmentID(line, m.c.d.Field), line: len(m.segs) + 1}
	if s.id == "" {
		m.warn(WarnNotASegment, s.line, "a line does not begin with a segment's name; kept as it stands")
	}
	if s.id == "MSH" && s.line > 1 {
		m.warn(WarnSecondHeader, s.line, "a second MSH stands in the message")
	}
	m.segs = append(m.segs, s)
	return nil
}

func (m *Message) warn(code WarningCode, line int, reason string) {
	if len(m.warns) < maxWarnings {
		m.warns = append(m.warns, Warning{Code: code, Line: line, Reason: reason})
	}
}

// Raw is a copy of the bytes as they came.
func (m *Message) Raw() []byte { return []byte(m.raw) }

// Encode builds the message's bytes again from its parts: the same bytes as
// Raw, but that every segment ends in one CR and what stood before MSH is
// gone.
func (m *Message) Encode() ([]byte, error) {
	var b strings.Builder
	b.Grow(len(m.raw) + 1)
	for _, s := range m.segs {
		s.encode(&b)
		b.WriteByte('\r')
	}
	return m.c.cs.encode(b.String())
}

// ContentID identifies the message by its bytes; see Content.
func (m *Message) ContentID() ContentID { return Content([]byte(m.raw)) }

// Delimiters are the message's own.
func (m *Message) Delimiters() Delimiters { return m.c.d }

// Charset is the name of the character set that the message was read in.
func (m *Message) Charset() string { return m.c.cs.name }

// Warnings are what was tolerated, at most 50.
func (m *Message) Warnings() []Warning { return append([]Warning(nil), m.warns...) }

// HasWarning says whether something of this kind was tolerated.
func (m *Message) HasWarning(code WarningCode) bool {
	for _, w := range m.warns {
		if w.Code == code {
			return true
		}
	}
	return false
}

// Terminated is false when the last segment has no end: many senders leave it
// out, but so does a message that was cut off in the middle.
func (m *Message) Terminated() bool { return m.terminated }

// LooksCutOff says whether the message probably ends too early: its last
// segment has no end, and has fewer fields than the one of the same name
// before it. Each sign alone is common in whole messages; together they are
// rare enough to let a person look before a result is filed.
func (m *Message) LooksCutOff() bool {
	if m.terminated || len(m.segs) < 2 {
		return false
	}
	last := m.segs[len(m.segs)-1]
	for i := len(m.segs) - 2; i > 0; i-- {
		if m.segs[i].id == last.id {
			return last.FieldCount() < m.segs[i].FieldCount()
		}
	}
	return false
}

// Segments are all segments in order, the MSH first. The caller must not
// change the slice.
func (m *Message) Segments() []Segment { return m.segs[:len(m.segs):len(m.segs)] }

// All are the segments of this name in order.
func (m *Message) All(id string) iter.Seq[Segment] {
	return func(yield func(Segment) bool) {
		for _, s := range m.segs {
			if s.id == id && !yield(s) {
				return
			}
		}
	}
}

// Segment is the n-th segment of this name, from 1, or the zero Segment.
func (m *Message) Segment(id string, n int) Segment {
	for s := range m.All(id) {
		if n--; n == 0 {
			return s
		}
	}
	return Segment{}
}

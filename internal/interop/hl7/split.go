package hl7

import "strings"

// PartKind says what a part of a file or a frame is.
type PartKind uint8

// The kinds. Noise is the zero value.
const (
	NoisePart    PartKind = iota // neither message nor envelope: comments, blank lines
	MessagePart                  // begins with MSH
	EnvelopePart                 // one FHS, BHS, BTS or FTS line
)

// Part is one stretch of a file. The parts of a file joined are the file,
// but for the framing bytes of MLLP between them.
type Part struct {
	Kind   PartKind
	Bytes  []byte
	Offset int
}

// Split cuts a file or the content of a frame into its messages: batches
// (FHS, BHS, BTS, FTS), several messages one after another, MLLP frames
// stored as they went over the wire. Each message is to be processed and
// answered for on its own. A part's bytes are a view into data.
//
// Lines that are no segments and follow a blank line belong to no message:
// people put comments between messages. That is not applied where segments
// end in CR, as blank lines may then be text inside a field.
func Split(data []byte) []Part {
	sp := splitter{data: string(data), raw: data, kind: NoisePart}
	for pos := 0; pos < len(sp.data); {
		next := sp.lineEnd(pos)
		sp.line(pos, next)
		pos = next
	}
	sp.flush(len(sp.data))
	return sp.parts
}

// Messages are the messages of a file or frame, in order.
func Messages(data []byte) [][]byte {
	var out [][]byte
	for _, p := range Split(data) {
		if p.Kind == MessagePart {
			out = append(out, p.Bytes)
		}
	}
	return out
}

type splitter struct {
	data  string
	raw   []byte
	parts []Part
	kind  PartKind
	start int
	crEnd bool // the current message's segments end in CR
	field byte // its field separator
	blank bool // the line before was blank
}

// lineEnd is the offset behind the line that begins at pos, its end included.
// The framing bytes of MLLP end a line as well.
func (sp *splitter) lineEnd(pos int) int {
	i := strings.IndexAny(sp.data[pos:], "\r\n\x0b\x1c")
	for ; i >= 0; i = nextIndex(sp.data[pos:], i) {
		at := pos + i
		switch sp.data[at] {
		case '\r':
			if strings.HasPrefix(sp.data[at:], "\r\n") {
				return at + 2
			}
			return at + 1
		case '\n':
			return at + 1
		case startBlock:
			return max(at, pos+1)
		}
		if strings.HasPrefix(sp.data[at:], "\x1c\r") {
			if at == pos {
				return at + 2
			}
			return at
		}
	}
	return len(sp.data)
}

func nextIndex(s string, after int) int {
	i := strings.IndexAny(s[after+1:], "\r\n\x0b\x1c")
	if i < 0 {
		return -1
	}
	return after + 1 + i
}

// line decides what the line data[pos:next] begins, ends or continues.
func (sp *splitter) line(pos, next int) {
	line := strings.TrimPrefix(sp.data[pos:next], "\xEF\xBB\xBF")
	blank := strings.TrimRight(line, " \t\r\n") == ""
	defer func() { sp.blank = blank }()
	switch {
	case line[:min(1, len(line))] == "\x0b" || strings.HasPrefix(line, "\x1c\r"):
		sp.flush(pos)
		sp.kind, sp.start = NoisePart, next // framing belongs to no part
	case startsHeader(line, "MSH"):
		sp.flush(pos)
		sp.kind, sp.start = MessagePart, pos
		sp.field, sp.crEnd = line[3], headerEndsInCR(line)
	case startsHeader(line, "FHS"), startsHeader(line, "BHS"), startsHeader(line, "BTS"), startsHeader(line, "FTS"):
		sp.flush(pos)
		sp.kind, sp.start = EnvelopePart, pos
		sp.flush(next)
	case sp.kind == MessagePart && sp.blank && !blank && !sp.crEnd && segmentID(firstLine(line), sp.field) == "":
		sp.flush(pos)
	}
}

// flush ends the current part at pos; what follows is noise until something
// begins.
func (sp *splitter) flush(pos int) {
	if pos > sp.start {
		sp.parts = append(sp.parts, Part{Kind: sp.kind, Bytes: sp.raw[sp.start:pos:pos], Offset: sp.start})
	}
	sp.kind, sp.start = NoisePart, pos
}

// startsHeader: the name, then something that can be a field separator (or,
// in a trailer, the end of the line).
func startsHeader(line, id string) bool {
	if !strings.HasPrefix(line, id) {
		return false
	}
	if len(line) == 3 {
		return id != "MSH"
	}
	c := line[3]
	if c == '\r' || c == '\n' {
		return id != "MSH"
	}
	return !isAlnum(c) && c != ' '
}

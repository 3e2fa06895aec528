package columns

import (
	"bytes"
	"encoding/binary"
)

// walker reads a message into a template. CBOR's own heads are written anew when
// the rows are made, in the shortest form: a message that has others does not
// come back, and whoever packs finds that out by trying.
type walker struct {
	s     *splitter
	t     *template
	depth int
	in    bool // inside a record
}

// Kinds of CBOR items, by the first three bits.
const (
	majorUint  = 0
	majorNint  = 1
	majorBytes = 2
	majorText  = 3
	majorArray = 4
	majorMap   = 5
	majorTag   = 6
)

// head is one item's head.
type head struct {
	major byte
	n     uint64
	size  int // of the head itself
}

func headOf(b []byte) (h head, ok bool) {
	if len(b) == 0 {
		return h, false
	}
	h = head{b[0] >> 5, uint64(b[0] & 31), 1}
	extra := 0
	switch h.n {
	case 24:
		extra = 1
	case 25:
		extra = 2
	case 26:
		extra = 4
	case 27:
		extra = 8
	case 28, 29, 30, 31:
		return h, false
	}
	if len(b) < 1+extra {
		return h, false
	}
	if extra > 0 {
		h.n = 0
		for _, c := range b[1 : 1+extra] {
			h.n = h.n<<8 | uint64(c)
		}
	}
	h.size += extra
	return h, true
}

// appendHead writes a head in its shortest form.
func appendHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major<<5|byte(n))
	case n < 1<<8:
		return append(b, major<<5|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major<<5|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, major<<5|26), uint32(n))
	default:
		return binary.BigEndian.AppendUint64(append(b, major<<5|27), n)
	}
}

// document reads the format byte and one item, which must be all there is.
func (w *walker) document(b []byte) bool {
	if len(b) < 2 || b[0] != 1 {
		return false
	}
	w.t.glue(b[:1])
	rest, ok := w.item(b[1:])
	return ok && len(rest) == 0
}

// item reads one item and returns what stands behind it.
func (w *walker) item(b []byte) (rest []byte, ok bool) {
	h, ok := headOf(b)
	if !ok || w.depth >= maxDepth {
		return nil, false
	}
	w.depth++
	defer func() { w.depth-- }()
	body := b[h.size:]
	switch h.major {
	case majorUint:
		w.t.slot(opInt, value{num: h.n})
		return body, true
	case majorBytes, majorText:
		if h.n > uint64(len(body)) {
			return nil, false
		}
		w.str(h.major, body[:h.n])
		return body[h.n:], true
	case majorArray, majorMap:
		return w.several(b, h)
	case majorTag:
		return nil, false // we write none
	default:
		w.t.glue(b[:h.size])
		return body, true
	}
}

// several reads an array or a map. The first array of maps in a message holds
// its records.
func (w *walker) several(b []byte, h head) (rest []byte, ok bool) {
	rest = b[h.size:]
	n := h.n
	if n > uint64(len(rest)) {
		return nil, false
	}
	if h.major == majorArray && n >= 2 && !w.in && len(w.s.order) == 0 && rest[0]>>5 == majorMap {
		w.t.ops = append(w.t.ops, byte(opRecords))
		w.t.until = len(w.t.kinds)
		return w.records(rest, n)
	}
	w.t.glue(b[:h.size])
	if h.major == majorMap {
		n *= 2
	}
	for range n {
		if rest, ok = w.item(rest); !ok {
			return nil, false
		}
	}
	return rest, true
}

func (w *walker) records(rest []byte, n uint64) ([]byte, bool) {
	for range n {
		r := walker{s: w.s, t: w.s.new(), depth: w.depth, in: true}
		var ok bool
		if rest, ok = r.item(rest); !ok {
			return nil, false
		}
		w.s.record(r.t)
	}
	return rest, !w.s.bad
}

// str reads the content of a string: a message within the message, JSON, words,
// or bytes that say nothing.
func (w *walker) str(major byte, b []byte) {
	open := opBytes
	if major == majorText {
		open = opText
	}
	if major == majorBytes && !bytes.HasPrefix(b, []byte("{")) && !w.nested(b) {
		w.t.slot(opRaw, value{text: string(b)})
		return
	}
	if major == majorBytes && !bytes.HasPrefix(b, []byte("{")) {
		return // nested has read it
	}
	w.t.ops = append(w.t.ops, byte(open))
	if bytes.HasPrefix(b, []byte("{")) {
		w.json(b)
	} else {
		w.words(b)
	}
	w.t.ops = append(w.t.ops, byte(opEnd))
}

// nested tries to read bytes as a message of their own; where they are none
// nothing has happened, or nothing is turned at all.
func (w *walker) nested(b []byte) bool {
	if w.in {
		return false
	}
	ops, kinds, taken, records := len(w.t.ops), len(w.t.kinds), len(w.t.taken), len(w.s.order)
	w.t.ops = append(w.t.ops, byte(opBytes))
	if w.document(b) {
		w.t.ops = append(w.t.ops, byte(opEnd))
		return true
	}
	w.t.ops, w.t.kinds, w.t.taken = w.t.ops[:ops], w.t.kinds[:kinds], w.t.taken[:taken]
	w.s.bad = w.s.bad || len(w.s.order) > records // its records are filed already
	return false
}

// json takes the values out of canonical JSON. It need not be right about what
// is JSON: whatever it makes of the bytes, they come back.
func (w *walker) json(b []byte) {
	from := 0
	for i := 0; i < len(b); {
		switch c := b[i]; {
		case c == '"':
			end := quoted(b, i)
			if end < len(b) && b[end] == ':' || end-i < 2 {
				i = end // a member's name
				continue
			}
			w.t.glue(b[from : i+1])
			w.words(b[i+1 : end-1])
			from, i = end-1, end
		case c >= '0' && c <= '9' || c == '-':
			end := i
			for end < len(b) && (b[end] >= '0' && b[end] <= '9' || b[end] == '.' || b[end] == '-' || b[end] == '+' || b[end]|0x20 == 'e') {
				end++
			}
			w.t.glue(b[from:i])
			w.t.slot(opWord, value{text: string(b[i:end])})
			from, i = end, end
		default:
			i++
		}
	}
	w.t.glue(b[from:])
}

// quoted is where the string that begins at i ends, behind its closing quote.
func quoted(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// words takes a string apart: names, times and references into their parts, what
// people write as a whole.
func (w *walker) words(b []byte) {
	if len(b) > 128 || bytes.ContainsFunc(b, func(r rune) bool { return !wordRune(r) && !bytes.ContainsRune([]byte("-:/.+|_#"), r) }) {
		w.t.slot(opWord, value{text: string(b)})
		return
	}
	from := 0
	for i := 0; i <= len(b); i++ {
		if i < len(b) && wordRune(rune(b[i])) {
			continue
		}
		if i > from {
			w.word(string(b[from:i]))
		}
		if i < len(b) {
			w.t.glue(b[i : i+1])
		}
		from = i + 1
	}
}

func (w *walker) word(s string) {
	if isID(s) {
		w.t.slot(opID, value{text: s})
		return
	}
	w.t.slot(opWord, value{text: s})
}

func wordRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// shortestID is from how many characters on something counts as an id.
const shortestID = 16

func isID(s string) bool {
	if len(s) < shortestID {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

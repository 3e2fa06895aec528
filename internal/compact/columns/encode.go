package columns

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// mode is how a column is written.
type mode byte

// The modes. Numbers are for ever.
const (
	modeSame  mode = 0 // one value, in every row
	modeCopy  mode = 1 // the column's number: the same values as that one of this template
	modeStep  mode = 2 // whole numbers, each as its distance from the one before
	modeList  mode = 3 // characters, each row's ended by a zero byte
	modeIDs   mode = 4 // codes of ids, see encoder.id
	modeTail  mode = 5 // lengths; the bytes are in the tail
	modeShift mode = 6 // the column's number, and the first value's length: each row has what that column had in the row before
)

// column is one column, written.
type column struct {
	mode  mode
	bytes []byte
	last  int  // of an id column: what stood in the row before; see encoder.id
	set   bool // last is known
}

// encoder writes the columns. Ids and what goes to the tail are written row by
// row, in the order of the message, so that an id that was seen before can be
// named by when it was seen.
type encoder struct {
	columns [][]*column
	ids     map[string]int
	last    int // the id that was named last
	tail    bits
}

func (e *encoder) everything(s *splitter, all []*template) bool {
	for _, t := range all {
		var cols []*column
		for i, kind := range t.kinds {
			c, ok := e.column(t, i, kind)
			if !ok {
				return false
			}
			cols = append(cols, c)
		}
		e.columns = append(e.columns, cols)
	}
	e.row(0, s.outer, 0, 0, s.outer.until)
	next := make([]int, len(all))
	for _, i := range s.order {
		e.row(i+1, all[i+1], next[i+1], 0, len(all[i+1].kinds))
		next[i+1]++
	}
	e.row(0, s.outer, 0, s.outer.until, len(s.outer.kinds))
	return true
}

// column writes what needs no other template, and decides the mode.
func (e *encoder) column(t *template, i int, kind op) (*column, bool) {
	first := t.rows[0][i]
	if same(t, i) && kind != opID && (kind != opRaw || len(t.rows) > 1) {
		return &column{mode: modeSame, bytes: once(kind, first)}, kind != opWord || !strings.Contains(first.text, "\x00")
	}
	for k := range i {
		if t.kinds[k] == kind && kind != opID && copies(t, i, k, 0) {
			return &column{mode: modeCopy, bytes: binary.AppendUvarint(nil, uint64(k))}, true
		}
	}
	switch kind {
	case opInt:
		return &column{mode: modeStep, bytes: steps(t, i, func(v value) (uint64, bool) { return v.num, true })}, true
	case opID:
		return &column{mode: modeIDs}, true
	case opRaw:
		for k := i + 1; k < len(t.kinds); k++ {
			if t.kinds[k] == opRaw && copies(t, i, k, 1) {
				return &column{mode: modeShift, bytes: binary.AppendUvarint(binary.AppendUvarint(nil, uint64(k)), uint64(len(first.text)))}, true //nolint:gosec // an index
			}
		}
		return &column{mode: modeTail}, true
	default:
		if b := steps(t, i, decimal); b != nil {
			return &column{mode: modeStep, bytes: b}, true
		}
		return list(t, i)
	}
}

func same(t *template, i int) bool {
	for _, row := range t.rows {
		if row[i] != t.rows[0][i] {
			return false
		}
	}
	return true
}

// copies says whether column i has in each row what column k has, shift rows
// before.
func copies(t *template, i, k, shift int) bool {
	for r := shift; r < len(t.rows); r++ {
		if t.rows[r][i] != t.rows[r-shift][k] {
			return false
		}
	}
	return len(t.rows) > shift
}

func once(kind op, v value) []byte {
	if kind == opInt {
		return binary.AppendUvarint(nil, v.num)
	}
	return []byte(v.text)
}

// steps are whole numbers as distances; nil where one of them is none.
func steps(t *template, i int, read func(value) (uint64, bool)) []byte {
	out := []byte{}
	before := uint64(0)
	for _, row := range t.rows {
		n, ok := read(row[i])
		if !ok {
			return nil
		}
		out = binary.AppendVarint(out, int64(n-before)) //nolint:gosec // wraps, and wraps back
		before = n
	}
	return out
}

// decimal reads a number that is written as Go writes it.
func decimal(v value) (uint64, bool) {
	n, err := strconv.ParseUint(v.text, 10, 62)
	return n, err == nil && strconv.FormatUint(n, 10) == v.text
}

func list(t *template, i int) (*column, bool) {
	var out []byte
	for _, row := range t.rows {
		if strings.Contains(row[i].text, "\x00") {
			return nil, false
		}
		out = append(append(out, row[i].text...), 0)
	}
	return &column{mode: modeList, bytes: out}, true
}

// row writes what depends on the order of the message: of a row, the slots from
// one to another.
func (e *encoder) row(n int, t *template, r, from, to int) {
	for i := from; i < to; i++ {
		c := e.columns[n][i]
		text := t.rows[r][i].text
		switch {
		case c.mode == modeIDs:
			e.id(c, text)
		case c.mode == modeTail:
			c.bytes = binary.AppendUvarint(c.bytes, uint64(len(text)))
			e.tail.whole(text)
		case c.mode == modeShift && r == 0:
			e.tail.whole(text)
		}
	}
}

// Codes of ids. An id is named by what is likely: the same as in this column's
// row before, the one after the id that was named last (a report names its
// results in their order), or how long ago it was seen first.
const (
	idNew   = 0 // its length follows; its characters are in the tail, five bits each
	idSame  = 1
	idNext  = 2
	idSince = 3 // and more: so many new ones ago
)

func (e *encoder) id(c *column, s string) {
	at, known := e.ids[s]
	switch {
	case !known:
		at = len(e.ids)
		e.ids[s] = at
		c.bytes = binary.AppendUvarint(append(c.bytes, idNew), uint64(len(s)))
		for _, ch := range []byte(s) {
			e.tail.add(five(ch), 5)
		}
	case c.set && c.last == at:
		c.bytes = append(c.bytes, idSame)
	case at == e.last+1:
		c.bytes = append(c.bytes, idNext)
	default:
		c.bytes = binary.AppendUvarint(c.bytes, uint64(idSince+len(e.ids)-1-at)) //nolint:gosec // at is one of ids
	}
	c.last, c.set, e.last = at, true, at
}

func five(c byte) uint64 {
	if c >= 'a' {
		return uint64(c - 'a')
	}
	return uint64(c-'2') + 26
}

// bits is a row of bits, the highest first.
type bits struct {
	bytes []byte
	used  int // of the last byte; 0: it is full
}

func (b *bits) add(v uint64, n int) {
	for n--; n >= 0; n-- {
		if b.used == 0 {
			b.bytes = append(b.bytes, 0)
		}
		b.bytes[len(b.bytes)-1] |= byte(v>>n&1) << (7 - b.used)
		b.used = (b.used + 1) % 8
	}
}

// whole adds bytes, from the next whole byte on.
func (b *bits) whole(s string) {
	b.bytes = append(b.bytes, s...)
	b.used = 0
}

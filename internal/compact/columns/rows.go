package columns

import (
	"encoding/binary"
	"slices"
	"strconv"
)

// Rows makes the message of what Split made of it, if it comes to no more than
// limit bytes.
func Rows(stream, tail []byte, limit int) ([]byte, error) {
	r := reader{limit: limit, last: -1, tail: tailReader{b: tail}}
	if err := r.open(stream); err != nil {
		return nil, err
	}
	if err := r.write(r.templates[0]); err != nil {
		return nil, err
	}
	if !r.placed {
		return nil, bad("its records stand nowhere")
	}
	return r.out, nil
}

// reader makes rows.
type reader struct {
	limit     int
	templates []*shape
	order     []byte
	placed    bool
	ids       []string
	last      int
	tail      tailReader
	out       []byte
	strings   []begun // those that are open
}

// begun is a string whose end has not come: its head is written then, because it
// says how long the string is.
type begun struct {
	at    int
	major byte
}

// shape is a template with its columns.
type shape struct {
	ops  []byte
	cols []*filled
}

// filled is a column with what was read of it.
type filled struct {
	kind  op
	mode  mode
	b     []byte
	num   uint64
	text  string // of this row
	from  int    // the column that modeCopy and modeShift name
	begun bool
}

func (r *reader) open(stream []byte) error {
	d := input{stream}
	n, ok := d.count(maxTemplates + 1)
	if !ok || n < 2 {
		return bad("it has no templates, or too many")
	}
	for range n {
		ops, ok := d.take()
		if !ok {
			return bad("a template is cut short")
		}
		s, err := shapeOf(ops, len(r.templates) == 0)
		if err != nil {
			return err
		}
		r.templates = append(r.templates, s)
	}
	rows, ok := d.count(maxRows)
	if !ok || rows > len(d.b) {
		return bad("it has too many records")
	}
	r.order, d.b = d.b[:rows], d.b[rows:]
	return r.columns(&d)
}

// columns reads the columns' modes and lengths, and then the columns.
func (r *reader) columns(d *input) error {
	var sizes []int
	for _, s := range r.templates {
		for _, c := range s.cols {
			if len(d.b) == 0 {
				return bad("a column is missing")
			}
			c.mode, d.b = mode(d.b[0]), d.b[1:]
			n, ok := d.count(len(d.b))
			if !ok {
				return bad("a column is cut short")
			}
			sizes = append(sizes, n)
		}
	}
	for _, s := range r.templates {
		for _, c := range s.cols {
			n := sizes[0]
			sizes = sizes[1:]
			if n > len(d.b) {
				return bad("a column is cut short")
			}
			c.b, d.b = d.b[:n], d.b[n:]
		}
	}
	if len(d.b) > 0 {
		return bad("something stands behind its end")
	}
	return nil
}

// shapeOf reads a template's operations.
func shapeOf(ops []byte, outer bool) (*shape, error) {
	s := &shape{ops: ops}
	depth, records := 0, 0
	for d := (input{ops}); len(d.b) > 0; {
		o := op(d.b[0])
		d.b = d.b[1:]
		switch o {
		case opGlue:
			if b, ok := d.take(); !ok || len(b) == 0 { // of nothing there could be endlessly much
				return nil, bad("a template is cut short")
			}
		case opBytes, opText:
			depth++
		case opEnd:
			depth--
		case opRecords:
			records++
		case opInt, opWord, opID, opRaw:
			s.cols = append(s.cols, &filled{kind: o})
		default:
			return nil, bad("an operation of a template means nothing in this version")
		}
		if depth < 0 || depth > maxDepth || len(s.cols) > maxSlots {
			return nil, bad("a template is not put together rightly")
		}
	}
	if depth != 0 || records > 1 || records == 1 && !outer {
		return nil, bad("a template is not put together rightly")
	}
	return s, nil
}

// write writes one row of a template.
func (r *reader) write(s *shape) error {
	slot := 0
	for d := (input{s.ops}); len(d.b) > 0; {
		o := op(d.b[0])
		d.b = d.b[1:]
		var err error
		switch o {
		case opGlue:
			b, _ := d.take()
			r.out = append(r.out, b...)
		case opBytes:
			r.strings = append(r.strings, begun{len(r.out), majorBytes})
		case opText:
			r.strings = append(r.strings, begun{len(r.out), majorText})
		case opEnd:
			r.end()
		case opRecords:
			err = r.records()
		default:
			err = r.slot(s, slot)
			slot++
		}
		if err != nil {
			return err
		}
		if len(r.out) > r.limit {
			return bad("it would be larger than it says")
		}
	}
	return nil
}

// end puts the head before the string that was begun last.
func (r *reader) end() {
	last := r.strings[len(r.strings)-1]
	r.strings = r.strings[:len(r.strings)-1]
	r.out = slices.Insert(r.out, last.at, appendHead(nil, last.major, uint64(len(r.out)-last.at))...) //nolint:gosec // last.at lies within out
}

func (r *reader) records() error {
	r.placed = true
	r.out = appendHead(r.out, majorArray, uint64(len(r.order)))
	for _, i := range r.order {
		if int(i)+1 >= len(r.templates) {
			return bad("a record is of no template")
		}
		before := len(r.out)
		if err := r.write(r.templates[i+1]); err != nil {
			return err
		}
		if len(r.out) == before {
			return bad("a record is empty")
		}
	}
	return nil
}

// slot writes what is in a slot of this row.
func (r *reader) slot(s *shape, i int) error {
	c := s.cols[i]
	if err := r.next(s, c, i); err != nil {
		return err
	}
	c.begun = true
	switch c.kind {
	case opInt:
		r.out = appendHead(r.out, majorUint, c.num)
	case opRaw:
		r.out = append(appendHead(r.out, majorBytes, uint64(len(c.text))), c.text...)
	default:
		r.out = append(r.out, c.text...)
	}
	return nil
}

// next reads the column's value for this row.
func (r *reader) next(s *shape, c *filled, i int) error {
	d := input{c.b}
	defer func() { c.b = d.b }()
	switch c.mode {
	case modeSame:
		return c.same(&d)
	case modeCopy:
		return c.copied(s, i, &d)
	case modeStep:
		return c.step(&d)
	case modeList:
		text, ok := d.until(0)
		c.text = text
		return wrong(!ok || c.kind != opWord)
	case modeIDs:
		return r.id(c, &d)
	case modeTail:
		n, ok := d.count(r.limit)
		if ok {
			c.text, ok = r.tail.whole(n)
		}
		return wrong(!ok || c.kind != opRaw)
	case modeShift:
		return r.shifted(s, c, i, &d)
	}
	return bad("a column is written in a way that this version does not know")
}

func wrong(is bool) error {
	if is {
		return bad("a column does not hold what its template asks for")
	}
	return nil
}

func (c *filled) same(d *input) error {
	if c.begun {
		return nil
	}
	switch c.kind {
	case opInt:
		n, size := binary.Uvarint(d.b)
		c.num = n
		return wrong(size <= 0)
	case opWord, opRaw:
		c.text = string(d.b)
		return nil
	default:
		return wrong(true)
	}
}

func (c *filled) copied(s *shape, i int, d *input) error {
	if !c.begun {
		n, ok := d.count(len(s.cols))
		if !ok || n >= i || s.cols[n].kind != c.kind {
			return wrong(true)
		}
		c.from = n
	}
	c.num, c.text = s.cols[c.from].num, s.cols[c.from].text
	return nil
}

func (c *filled) step(d *input) error {
	v, size := binary.Varint(d.b)
	if size <= 0 || c.kind != opInt && c.kind != opWord {
		return wrong(true)
	}
	d.b = d.b[size:]
	c.num += uint64(v) //nolint:gosec // wraps back
	if c.kind == opWord {
		c.text = strconv.FormatUint(c.num, 10)
	}
	return nil
}

// shifted has what another column, further on, had in the row before.
func (r *reader) shifted(s *shape, c *filled, i int, d *input) (err error) {
	if c.begun {
		c.text = s.cols[c.from].text
		return nil
	}
	from, ok := d.count(len(s.cols))
	if !ok || from <= i || from >= len(s.cols) || s.cols[from].kind != opRaw || c.kind != opRaw {
		return wrong(true)
	}
	c.from = from
	n, ok := d.count(r.limit)
	if ok {
		c.text, ok = r.tail.whole(n)
	}
	return wrong(!ok)
}

// id reads an id's code; see encoder.id.
func (r *reader) id(c *filled, d *input) error {
	code, ok := d.count(idSince + len(r.ids))
	if !ok || c.kind != opID {
		return wrong(true)
	}
	at := 0
	switch code {
	case idNew:
		n, ok := d.count(r.limit)
		if !ok {
			return wrong(true)
		}
		id, ok := r.tail.id(n)
		if !ok {
			return wrong(true)
		}
		at = len(r.ids)
		r.ids = append(r.ids, id)
	case idSame:
		at = int(c.num) //nolint:gosec // an index of ids
		if !c.begun {
			return wrong(true)
		}
	case idNext:
		at = r.last + 1
	default:
		at = len(r.ids) - 1 - (code - idSince)
	}
	if at < 0 || at >= len(r.ids) {
		return wrong(true)
	}
	c.num, c.text, r.last = uint64(at), r.ids[at], at
	return nil
}

// input is bytes from outside.
type input struct{ b []byte }

// count reads a number that may be no larger than most.
func (d *input) count(most int) (int, bool) {
	n, size := binary.Uvarint(d.b)
	if size <= 0 || n > uint64(most) { //nolint:gosec // bounds are not negative
		return 0, false
	}
	d.b = d.b[size:]
	return int(n), true //nolint:gosec // held to most
}

// take reads a length and so many bytes.
func (d *input) take() ([]byte, bool) {
	n, ok := d.count(len(d.b))
	if !ok || n > len(d.b) {
		return nil, false
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b, true
}

// until reads up to a byte, which is dropped.
func (d *input) until(end byte) (string, bool) {
	i := slices.Index(d.b, end)
	if i < 0 {
		return "", false
	}
	s := string(d.b[:i])
	d.b = d.b[i+1:]
	return s, true
}

// tailReader reads what bits wrote.
type tailReader struct {
	b    []byte
	used int // bits of b[0]
}

func (t *tailReader) whole(n int) (string, bool) {
	if t.used > 0 {
		t.b, t.used = t.b[1:], 0
	}
	if n > len(t.b) {
		return "", false
	}
	s := string(t.b[:n])
	t.b = t.b[n:]
	return s, true
}

const letters = "abcdefghijklmnopqrstuvwxyz234567"

func (t *tailReader) id(n int) (string, bool) {
	if n*5 > len(t.b)*8-t.used {
		return "", false
	}
	id := make([]byte, n)
	for i := range id {
		v := 0
		for range 5 {
			v = v<<1 | int(t.b[0]>>(7-t.used)&1)
			if t.used++; t.used == 8 {
				t.b, t.used = t.b[1:], 0
			}
		}
		id[i] = letters[v]
	}
	return string(id), true
}

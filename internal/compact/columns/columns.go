// Package columns turns a message that holds many records of the same shape on
// its side: what all of them have in common is said once, and what differs is
// put together column by column, so that what packs it afterwards sees times
// next to times and names next to names. On a slow line that is half of what is
// left to send. It is pure.
//
// It knows how our messages are written (CBOR, within it canonical JSON and
// again CBOR) and nothing of what they mean: no member is named here, so a new
// one needs no new version.
//
// A message becomes templates and columns. A template is the bytes of a record
// with its values taken out: a list of operations (see the op constants). A slot
// is a place where a value was. The records of one template fill one column for
// each of its slots. The message around its records is a template as well, of
// which there is one row.
//
// What does not get smaller by anything, signatures and random ids, goes to a
// tail of its own that is not packed again.
//
// Promises: Rows gives exactly the bytes that Split was given, or an error; it
// makes no more than it is allowed, whatever it is given, and its work is
// bounded by that and by what it was given.
package columns

import (
	"encoding/binary"

	"wardlight/internal/fault"
)

// op is one operation of a template.
type op byte

// The operations. Numbers are for ever.
const (
	opGlue    op = 0 // length, bytes: they stand in every row
	opInt     op = 1 // slot: an unsigned integer of CBOR
	opBytes   op = 2 // a byte string of CBOR begins; what follows up to opEnd is in it
	opText    op = 3 // a text string, likewise
	opEnd     op = 4
	opWord    op = 5 // slot: some characters
	opID      op = 6 // slot: an id of 16 characters or more of a-z and 2-7
	opRaw     op = 7 // slot: bytes that nothing makes smaller
	opRecords op = 8 // the records stand here, behind the head of their array
)

// Bounds of what is taken on.
const (
	maxTemplates = 256
	maxSlots     = 512 // of one template
	maxRows      = 1 << 16
	maxDepth     = 16
)

// Split turns a message on its side. ok is false where it holds no two records,
// or is written in a way that does not come back byte for byte.
func Split(plain []byte) (stream, tail []byte, ok bool) {
	s := &splitter{index: map[string]int{}}
	s.outer = s.new()
	w := walker{s: s, t: s.outer}
	if !w.document(plain) || len(s.order) < 2 || s.bad {
		return nil, nil, false
	}
	s.outer.rows = append(s.outer.rows, s.outer.taken)
	return s.encode()
}

// splitter gathers templates and rows.
type splitter struct {
	outer     *template
	templates []*template
	index     map[string]int
	order     []int // the template of each record
	bad       bool
}

// template is one shape of record, or one record on its way to it.
type template struct {
	ops   []byte
	kinds []op    // of its slots
	taken []value // of the record that is being read
	rows  [][]value
	until int // of the outer one: its slots before the records
}

// value is what was in a slot.
type value struct {
	num  uint64
	text string
}

func (*splitter) new() *template { return &template{} }

// record files one record under its shape.
func (s *splitter) record(t *template) {
	if len(s.order) >= maxRows || len(t.kinds) > maxSlots {
		s.bad = true
		return
	}
	i, known := s.index[string(t.ops)]
	if !known {
		if i = len(s.templates); i >= maxTemplates {
			s.bad = true
			return
		}
		s.index[string(t.ops)] = i
		s.templates = append(s.templates, t)
	}
	s.templates[i].rows = append(s.templates[i].rows, t.taken)
	s.order = append(s.order, i)
}

func (t *template) glue(b []byte) {
	if len(b) == 0 {
		return
	}
	t.ops = append(t.ops, byte(opGlue))
	t.ops = binary.AppendUvarint(t.ops, uint64(len(b)))
	t.ops = append(t.ops, b...)
}

func (t *template) slot(kind op, v value) {
	t.ops = append(t.ops, byte(kind))
	t.kinds = append(t.kinds, kind)
	t.taken = append(t.taken, v)
}

// encode writes the stream: the templates, the records' order, then the columns
// of each template, the outer one first.
func (s *splitter) encode() (stream, tail []byte, ok bool) {
	all := append([]*template{s.outer}, s.templates...)
	out := binary.AppendUvarint(nil, uint64(len(all)))
	for _, t := range all {
		out = binary.AppendUvarint(out, uint64(len(t.ops)))
		out = append(out, t.ops...)
	}
	out = binary.AppendUvarint(out, uint64(len(s.order)))
	for _, i := range s.order {
		out = append(out, byte(i)) //nolint:gosec // the number of a template: at most maxTemplates
	}
	e := encoder{ids: map[string]int{}}
	if !e.everything(s, all) {
		return nil, nil, false
	}
	for _, t := range e.columns {
		for _, c := range t {
			out = append(out, byte(c.mode))
			out = binary.AppendUvarint(out, uint64(len(c.bytes)))
		}
	}
	for _, t := range e.columns {
		for _, c := range t {
			out = append(out, c.bytes...)
		}
	}
	return out, e.tail.bytes, true
}

func bad(why string) error { return fault.New(fault.Invalid, "columns.rows", "", why) }

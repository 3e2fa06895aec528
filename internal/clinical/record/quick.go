package record

import (
	"encoding/binary"
	"math"
	"time"
	"unicode/utf8"

	"wardlight/internal/clinical/fhir"
)

// A snapshot brings tens of thousands of changes, and a journal is read change by
// change. The decoder of CBOR that takes everything else apart finds each member by
// reflection, after it has gone over the bytes once to see that they are well formed:
// four times the work of reading what Encode makes. So quick reads exactly that: maps
// in order of their keys, members that this version knows. At anything else it gives
// up, and the decoder has its turn: whatever quick takes, the decoder takes, and reads
// the same (FuzzQuick).

// quick reads a change that Encode rendered, without its format byte; false: not by
// this. Where alias is set, the body is a part of b.
func quick(b []byte, alias bool) (c Change, ok bool) {
	r := &quickly{b: b}
	r.members(func(key uint64) {
		switch key {
		case 1:
			c.Ref = r.ref()
		case 2:
			c.Version = Version(r.number())
		case 3:
			c.Patient = fhir.ID(r.text())
		case 4:
			c.Wards = texts[Ward](r)
		case 5:
			if c.Body = r.bytes(2); !alias {
				c.Body = append([]byte{}, c.Body...)
			}
		case 6:
			c.History = r.truth()
		case 7:
			c.Author = r.author()
		case 8:
			c.Mutation = MutationID(r.text())
		case 9:
			c.Clock = r.clock()
		case 10:
			c.Times = r.times()
		case 11:
			c.Stamps = r.stamps()
		case 12:
			c.Tags = texts[string](r)
		case 13:
			c.Position = Position(r.number())
		case 14:
			c.Reason = r.text()
		default: // 15, and what a newer program writes
			r.bad = true
		}
	})
	return c, !r.bad && r.at == len(b)
}

func (r *quickly) ref() (f fhir.Ref) {
	r.members(func(key uint64) {
		switch key {
		case 1:
			f.Type = typeOf(r.bytes(3))
		case 2:
			f.ID = fhir.ID(r.text())
		default:
			r.bad = true
		}
	})
	return f
}

// typeOf spares the commonest names a copy each.
func typeOf(b []byte) fhir.Type {
	switch string(b) {
	case string(fhir.TypeObservation):
		return fhir.TypeObservation
	case string(fhir.TypeDiagnosticReport):
		return fhir.TypeDiagnosticReport
	case string(fhir.TypeCommunication):
		return fhir.TypeCommunication
	}
	return fhir.Type(b)
}

func (r *quickly) author() (a Author) {
	r.members(func(key uint64) {
		s := r.text()
		switch key {
		case 1:
			a.User = UserID(s)
		case 2:
			a.Name = s
		case 3:
			a.Role = s
		case 4:
			a.Station = StationID(s)
		case 5:
			a.Sender = s
		case 6:
			a.Place = s
		default:
			r.bad = true
		}
	})
	return a
}

func (r *quickly) clock() (h HLC) {
	r.members(func(key uint64) {
		switch key {
		case 1:
			h.Wall = r.signed()
		case 2:
			n := r.number()
			if n > math.MaxUint32 {
				r.bad = true
			}
			h.Counter = uint32(n) //nolint:gosec // looked at
		default:
			r.bad = true
		}
	})
	return h
}

func (r *quickly) times() (t Times) {
	r.members(func(key uint64) {
		switch key {
		case 1:
			t.Clinical = r.text()
		case 2:
			t.Station = r.signed()
		case 3:
			t.Offset = time.Duration(r.signed())
		case 4:
			t.Measured = r.truth()
		case 5:
			t.Central = r.signed()
		default:
			r.bad = true
		}
	})
	return t
}

func (r *quickly) stamps() *Stamps {
	s := new(Stamps)
	r.members(func(key uint64) {
		n := r.signed()
		switch key {
		case 1:
			s.StatusChanged = n
		case 2:
			s.Analysed = n
		case 3:
			s.Message = n
		default:
			r.bad = true
		}
	})
	return s
}

// quickly reads CBOR from a position; at the first thing that it does not expect it is
// bad, and reads nothing more.
type quickly struct {
	b   []byte
	at  int
	bad bool
}

// head reads an item's first bytes: its kind and its number.
func (r *quickly) head() (kind byte, n uint64) {
	if r.bad || r.at >= len(r.b) {
		r.bad = true
		return 0, 0
	}
	first := r.b[r.at]
	r.at++
	kind = first >> 5
	if n = uint64(first & 31); n < 24 {
		return kind, n
	}
	size := 1 << (n - 24)
	if n > 27 || len(r.b)-r.at < size {
		r.bad = true
		return 0, 0
	}
	var wide [8]byte
	copy(wide[8-size:], r.b[r.at:])
	r.at += size
	return kind, binary.BigEndian.Uint64(wide[:])
}

func (r *quickly) expect(kind byte) uint64 {
	got, n := r.head()
	if got != kind {
		r.bad = true
		return 0
	}
	return n
}

// members reads a map whose keys are small numbers, each greater than the last.
func (r *quickly) members(read func(key uint64)) {
	n := r.expect(5)
	for last, i := uint64(0), uint64(0); i < n && !r.bad; i++ {
		key := r.expect(0)
		if key <= last {
			r.bad = true
		}
		if last = key; !r.bad {
			read(key)
		}
	}
}

func (r *quickly) number() uint64 { return r.expect(0) }

func (r *quickly) signed() int64 {
	kind, n := r.head()
	if kind > 1 || n > math.MaxInt64 {
		r.bad = true
	}
	if r.bad {
		return 0
	}
	if kind == 1 {
		return -1 - int64(n) //nolint:gosec // looked at
	}
	return int64(n) //nolint:gosec // looked at
}

// truth reads a bool: kind 7, 20 or 21, in one byte.
func (r *quickly) truth() bool {
	at := r.at
	if r.bad || at >= len(r.b) || r.b[at]&^1 != 0xf4 {
		r.bad = true
		return false
	}
	r.at++
	return r.b[at] == 0xf5
}

// bytes is a string of bytes (kind 2) or of text (3) as a part of the input.
func (r *quickly) bytes(kind byte) []byte {
	n := r.expect(kind)
	if r.bad || n > uint64(len(r.b)-r.at) { //nolint:gosec // it is not beyond the end
		r.bad = true
		return nil
	}
	from := r.at
	r.at += int(n) //nolint:gosec // looked at
	b := r.b[from:r.at:r.at]
	if kind == 3 && !utf8.Valid(b) {
		r.bad = true
	}
	return b
}

func (r *quickly) text() string { return string(r.bytes(3)) }

func texts[T ~string](r *quickly) []T {
	n := r.expect(4)
	if r.bad || n > uint64(len(r.b)-r.at) { //nolint:gosec // it is not beyond the end
		r.bad = true
		return nil
	}
	list := make([]T, 0, n)
	for range n {
		list = append(list, T(r.text()))
	}
	return list
}

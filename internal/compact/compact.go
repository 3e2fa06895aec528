// Package compact makes our resources small with dictionaries that know their
// shape: zstd for messages on the wire, where many resources go together, and
// s2 for single values in a store, where speed counts more. It is pure.
//
// A dictionary has a number for ever, and its bytes never change: what was
// packed with it must open for ever. A better one gets the next number. How one
// is made is described in docs/dictionary.md.
//
// On a slow line a message is turned on its side before it is packed (see
// columns), which halves what is left of it. A new version of something large is
// packed against the version that the other side holds (see PackAgainst).
//
// Promises: what Unpack, UnpackAny and Expand return is exactly what was packed, or an
// error, and so is what UnpackAgainst returns to whoever has the same bases; none
// ever makes more bytes than were declared and allowed, whatever it is given, nor
// more than MaxRatio times what it was given (UnpackAgainst: than MaxAgainst).
// Errors never quote content.
package compact

import (
	_ "embed" // the dictionaries
	"slices"
	"sync"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"wardlight/internal/fault"
)

// Dictionary is a dictionary's number. 0 is none.
type Dictionary uint16

// The dictionaries.
const (
	// First (28 November 2026): results, reports, patients and encounters, as
	// the first release translates them from HL7 v2.
	First Dictionary = 1
)

//go:embed dictionary1.zstd
var first []byte

// Known are the dictionaries of this program, the best last.
func Known() []Dictionary { return []Dictionary{First} }

// Known says whether this program has it.
func (d Dictionary) Known() bool { return slices.Contains(Known(), d) }

// Best is the best dictionary of this program that is also among others; 0
// where there is none.
func Best(others []Dictionary) Dictionary {
	for _, d := range slices.Backward(Known()) {
		if slices.Contains(others, d) {
			return d
		}
	}
	return 0
}

// tools are what packs and unpacks with one dictionary. They are made when they
// are needed first: each takes a few hundred kilobytes, but for hard.
type tools struct {
	bytes []byte
	pack  func() (*zstd.Encoder, error)
	hard  *lent // for a slow line
	open  func() (*zstd.Decoder, error)
	small func() (*s2.Dict, error)
	// content is what of the dictionary is text, without its tables.
	content func() ([]byte, error)
}

var of = map[Dictionary]*tools{First: newTools(first)}

// workers bounds how many messages are packed, and how many unpacked, at once.
const workers = 2

func newTools(b []byte) *tools {
	content := sync.OnceValues(func() ([]byte, error) {
		d, err := zstd.InspectDictionary(b)
		if err != nil {
			return nil, err
		}
		return d.Content(), nil
	})
	return &tools{
		bytes:   b,
		content: content,
		pack: sync.OnceValues(func() (*zstd.Encoder, error) {
			// One segment: its header then always says how big it is. No checksum:
			// what we pack is signed or sealed, and travels inside TLS.
			return zstd.NewWriter(nil, zstd.WithEncoderDict(b), zstd.WithEncoderLevel(zstd.SpeedFastest),
				zstd.WithEncoderConcurrency(workers), zstd.WithEncoderCRC(false), zstd.WithSingleSegment(true), zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true))
		}),
		hard: &lent{make: func() (*zstd.Encoder, error) {
			return zstd.NewWriter(nil, zstd.WithEncoderDict(b), zstd.WithEncoderLevel(zstd.SpeedBestCompression),
				zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithSingleSegment(true), zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true))
		}},
		open: sync.OnceValues(func() (*zstd.Decoder, error) {
			return zstd.NewReader(nil, zstd.WithDecoderDicts(b), zstd.WithDecoderConcurrency(workers),
				zstd.WithDecoderLowmem(true), zstd.WithDecodeAllCapLimit(true))
		}),
		small: sync.OnceValues(func() (*s2.Dict, error) {
			text, err := content()
			if err != nil {
				return nil, err
			}
			small := s2.MakeDictManual(text, 0)
			if small == nil {
				return nil, fault.New(fault.Invalid, "compact.tools", "", "the dictionary is too large or too small for s2")
			}
			return small, nil
		}),
	}
}

// encoder is zstd's.
type encoder = zstd.Encoder

// lent is an encoder that takes 70 MB (its tables, and those of the dictionary)
// and is wanted seldom: on a line that is slow, or was for a moment. One is in
// use at a time, and it is let go when nobody has wanted it for a while (two
// collections of garbage): a central that keeps a thousand idle stations would
// else keep it for ever.
type lent struct {
	make func() (*encoder, error)
	mu   sync.Mutex
	idle sync.Pool
}

// use lends it to fn.
func (l *lent) use(fn func(*encoder)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	enc, ok := l.idle.Get().(*encoder)
	if !ok {
		var err error
		if enc, err = l.make(); err != nil {
			return err
		}
	}
	fn(enc)
	l.idle.Put(enc)
	return nil
}

func toolsOf(op string, d Dictionary) (*tools, error) {
	t, ok := of[d]
	if !ok {
		return nil, fault.Newf(fault.Unsupported, op, "", "dictionary %d is not known to this program; a newer one used it", d)
	}
	return t, nil
}

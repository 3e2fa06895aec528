package rawlog

import (
	"context"
	"errors"
	"io"
	"iter"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// Find returns the newest record of a message with this SHA-256; ok is false
// where none was received.
func (l *Log) Find(ctx context.Context, h Hash) (r Record, ok bool, err error) {
	const op = "rawlog.find"
	l.mu.Lock()
	if err := l.stopped(); errors.Is(err, errClosed) {
		l.mu.Unlock()
		return Record{}, false, err
	}
	s := l.active
	at, ok := s.index[s.tagOf(h)]
	l.mu.Unlock()
	tags := keys.DeriveEach(tagsPurpose, l.o.ring.all())
	for n := s.n; ; n-- {
		if err := ctx.Err(); err != nil {
			return Record{}, false, fault.As(fault.Timeout, op, "", err)
		}
		if ok {
			r, err = l.readAt(Place{n, at})
			if err == nil && r.Hash != h {
				err = fault.New(fault.Corrupt, op, "", "the record found is another message")
			}
			return r, err == nil, err
		}
		if n == 1 {
			if len(l.damaged) > 0 {
				err = fault.Newf(fault.Corrupt, op, "", "the message is not among the readable ones, and %d are damaged", len(l.damaged))
			}
			return Record{}, false, err
		}
		for i := 0; i < len(tags) && !ok; i++ { // which key a full segment has, its index does not tell
			if at, ok, err = findIn(&l.o, n-1, tagOf(tags[i], h)); err != nil {
				return Record{}, false, err
			}
		}
	}
}

// readAt reads one record.
func (l *Log) readAt(p Place) (Record, error) {
	s, err := openSegment(&l.o, p.Segment)
	if err != nil {
		return Record{}, err
	}
	defer func() { _ = s.f.Close() }()
	_, sealed, err := readFrame(io.NewSectionReader(s.f, p.Offset, s.size-p.Offset))
	if err != nil {
		return Record{}, damaged(s, p.Offset, err)
	}
	return s.record(sealed, p.Offset)
}

func damaged(s *segment, at int64, err error) error {
	if errors.Is(err, errTorn) || errors.Is(err, io.EOF) {
		return fault.New(fault.Corrupt, "rawlog.read", s.where(at), "the record is damaged")
	}
	return diskErr("rawlog.read", s.where(at), err)
}

// Records yields every message received, in order, up to what is durable at
// the call; after the zero Place it begins at the first. A damaged record
// comes as an error that names its place in the Record; whoever goes on gets
// the next one that can be read.
func (l *Log) Records(ctx context.Context, after Place) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		l.mu.Lock()
		err := l.stopped()
		last, end := l.active.n, l.active.size
		l.mu.Unlock()
		if errors.Is(err, errClosed) {
			yield(Record{}, err)
			return
		}
		for n := max(after.Segment, 1); n <= last; n++ {
			limit := int64(-1)
			if n == last {
				limit = end
			}
			from := int64(0)
			if n == after.Segment {
				from = after.Offset
			}
			if !l.walk(ctx, n, from, limit, yield) {
				return
			}
		}
	}
}

// walk yields the records of one segment after an offset.
func (l *Log) walk(ctx context.Context, n uint32, after, limit int64, yield func(Record, error) bool) bool {
	s, err := openSegment(&l.o, n)
	if err != nil {
		return yield(Record{Place: Place{Segment: n}}, err)
	}
	defer func() { _ = s.f.Close() }()
	if limit >= 0 {
		s.size = limit
	}
	for at := int64(headSize); at < s.size; {
		if err := ctx.Err(); err != nil {
			yield(Record{}, fault.As(fault.Timeout, "rawlog.records", "", err))
			return false
		}
		r, next, err := l.step(s, at)
		if (at > after || err != nil) && !yield(r, err) {
			return false
		}
		at = next
	}
	return true
}

// step reads the record at an offset and says where the next one is. Behind a
// damaged record that is known from the index alone.
func (l *Log) step(s *segment, at int64) (r Record, next int64, err error) {
	r.Place = Place{s.n, at}
	_, sealed, err := readFrame(io.NewSectionReader(s.f, at, s.size-at))
	if err == nil {
		next = at + frameHead + int64(len(sealed))
		opened, e := s.record(sealed, at)
		if e != nil {
			return r, next, e
		}
		return opened, next, nil
	}
	err = damaged(s, at, err)
	for _, known := range l.known(s.n) {
		if known > at {
			return r, known, err
		}
	}
	return r, s.size, err
}

// known are the places of a segment's records.
func (l *Log) known(n uint32) []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n != l.active.n {
		list, _ := offsets(&l.o, n)
		return list
	}
	return sortedOffsets(l.active.index)
}

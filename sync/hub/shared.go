package hub

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"wardlight/internal/clinical/record"
)

// maxShared bounds the answers that are kept: those of the journal's newest few
// heads, for as many different sets of wards.
const maxShared = 64

// shared reads, and signs, once what many stations are to have: where the
// journal grows, all stations of a ward stand at the same place and ask for the
// same run of it. Their batch names no station but the wards that it was made
// for (wire.CapShared).
type shared struct {
	mu   sync.Mutex
	kept map[sharedKey]*sharedRead
}

type sharedKey struct {
	head  record.Position
	wards string
	fetch Fetch
}

// sharedRead is one read; ev is there once done is closed.
type sharedRead struct {
	done chan struct{}
	ev   Fetched
}

// fetch answers e for a station; at once where another one of its wards has
// asked the same. Whether this station still may is asked afterwards, of a
// journal that has at least what the batch holds: so nothing that was committed
// after a station was shut out is served to it. lent says that this run of the
// journal is another for this station, which is served alone then.
func (s *shared) fetch(ctx context.Context, cfg Config, dev record.Device, e Fetch) (ev Fetched, lent bool) {
	ev = s.read(ctx, cfg, dev.Wards, e)
	if ev.Err != nil {
		return ev, false
	}
	err := cfg.Source.Stands(ctx, dev)
	if err == nil {
		lent, err = cfg.Source.Lent(ctx, dev, e.From.Position)
	}
	if err != nil {
		return Fetched{Err: err}, false
	}
	return ev, lent
}

// read is finished whatever becomes of the station that began it.
func (s *shared) read(ctx context.Context, cfg Config, wards []record.Ward, e Fetch) Fetched {
	key, wards := keyOf(cfg.Source.Head(), wards, e)
	read, first := s.join(key)
	if !first {
		select {
		case <-read.done:
		case <-ctx.Done():
			return Fetched{Err: ctx.Err()}
		}
		if read.ev.Err == nil {
			return read.ev
		}
	}
	ev, _ := Read(context.WithoutCancel(ctx), cfg.Source, cfg.Sign, record.Device{Wards: wards}, e).(Fetched)
	if first {
		if ev.Msg != nil {
			ev.Msg.Share()
		}
		read.ev = ev
		close(read.done)
		if ev.Err != nil {
			s.leave(key)
		}
	}
	return ev
}

// keyOf is what an answer depends on, and the wards as a set.
func keyOf(head record.Cursor, wards []record.Ward, e Fetch) (sharedKey, []record.Ward) {
	set := slices.Compact(slices.Sorted(slices.Values(wards)))
	var names strings.Builder
	for _, w := range set {
		names.WriteString(string(w) + "\x00") // ward codes have no zero byte
	}
	return sharedKey{head.Position, names.String(), e}, set
}

// join finds the read of a key, or begins one.
func (s *shared) join(key sharedKey) (read *sharedRead, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if read, ok := s.kept[key]; ok {
		return read, false
	}
	if s.kept == nil {
		s.kept = map[sharedKey]*sharedRead{}
	}
	if len(s.kept) >= maxShared {
		s.forget()
	}
	read = &sharedRead{done: make(chan struct{})}
	s.kept[key] = read
	return read, true
}

// drop forgets everything; whoever waits for a read keeps it.
func (s *shared) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = nil
}

// forget drops the older half; whoever waits for one of them keeps it.
func (s *shared) forget() {
	keys := make([]sharedKey, 0, len(s.kept))
	for k := range s.kept {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b sharedKey) int { return cmp.Compare(a.head, b.head) })
	for _, k := range keys[:len(keys)/2] {
		delete(s.kept, k)
	}
}

func (s *shared) leave(key sharedKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.kept, key)
}

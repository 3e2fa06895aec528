package outbox

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// SegmentSize is how large a segment is made.
const SegmentSize = 1 << 20

// Options say where the outbox is and who may open it.
type Options struct {
	Dir       string
	Station   record.StationID
	Identity  keys.SealIdentity // the station's own
	Recovery  string            // central's recovery recipient, "age1…"
	Retention time.Duration     // receipted work stays this long
	Now       func() time.Time
}

// Outbox appends to the newest segment. It is safe for concurrent use.
type Outbox struct {
	o Options

	mu       sync.Mutex
	segments []*tally // oldest first; the last is open
	f        *os.File
	head     header
	sealer   *keys.Sealer
	size     int64
	at       int64
	next     uint64
	chain    record.Hash
	state    State
	broken   error // after a failed write nobody knows what is in the file
}

// tally is what must happen before a segment may go.
type tally struct {
	path     string
	segment  uint64
	waiting  map[uint64]bool // mutations without a receipt
	receipts map[uint64]int64
	lastLook uint64
	foreign  bool   // not sealed to us: never dropped here
	by       string // the recipient of ours that it is sealed to
}

// Open reads all segments and makes the outbox ready to append. Contents is
// what they hold, damage included. Segments that are sealed to another
// identity (the station was enrolled anew) are left alone and reported.
func Open(o Options) (*Outbox, Contents, error) {
	const op = "outbox.open"
	if o.Identity.IsZero() || o.Recovery == "" {
		return nil, Contents{}, fault.New(fault.Invalid, op, string(o.Station),
			"the outbox needs the station's own identity and central's recovery recipient")
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, Contents{}, fault.As(fault.Unavailable, op, o.Dir, err)
	}
	files, err := list(o.Dir)
	if err != nil {
		return nil, Contents{}, err
	}
	b := &Outbox{o: o, next: 1}
	all := Contents{Station: o.Station}
	var last *segment
	for _, f := range files {
		s, err := readSegment(f, o.Identity)
		if s == nil {
			return nil, all, err
		}
		if b.adopt(&all, s, last, err != nil) {
			last = s
		}
	}
	goOn := last != nil && last.path == files[len(files)-1] && last.clean && last.head.Recovery == keys.RecipientID(o.Recovery) &&
		last.by == o.Identity.Recipient()
	if goOn {
		return b, all, b.resume(last)
	}
	// A torn end is never written over: what is there may still be wanted.
	return b, all, b.fresh(0)
}

// adopt takes a segment that was read into account; it says whether its
// entries could be read.
func (b *Outbox) adopt(all *Contents, s, last *segment, foreign bool) bool {
	t := &tally{path: s.path, segment: s.head.Segment, by: s.by, waiting: map[uint64]bool{}, receipts: map[uint64]int64{}}
	t.foreign = s.sealer == nil // not to us, or damaged: perhaps somebody else can read it
	b.segments = append(b.segments, t)
	if foreign {
		all.Damage = append(all.Damage, Damage{
			Segment: s.head.Segment, File: filepath.Base(s.path),
			Words: "sealed to another identity; central's recovery key opens it",
		})
		return false
	}
	all.Damage = append(append(all.Damage, s.damage...), gap(last, s)...)
	all.Entries = append(all.Entries, s.entries...)
	for _, e := range s.entries {
		b.count(t, e)
	}
	if s.sealer == nil {
		return false
	}
	b.next, b.chain = s.next, s.chain
	return true
}

// State is what the entries so far add up to.
func (b *Outbox) State() State {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}

// SealTo has what is written from now on sealed to another recovery recipient of
// central's, in a segment of its own; what is there stays as it is.
func (b *Outbox) SealTo(recovery string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.o.Recovery == recovery {
		return nil
	}
	if err := keys.CheckRecipient(recovery); err != nil {
		return err
	}
	was := b.o.Recovery
	b.o.Recovery = recovery
	if err := b.fresh(0); err != nil {
		b.o.Recovery = was
		return err
	}
	return nil
}

// SealAs has what is written from now on sealed to another identity of the station's, in
// a segment of its own; what is there stays as it is.
func (b *Outbox) SealAs(id keys.SealIdentity) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if id.IsZero() {
		return fault.New(fault.Invalid, "outbox.sealas", string(b.o.Station), "the station's new identity is missing")
	}
	was := b.o.Identity
	b.o.Identity = id
	if was.Recipient() == id.Recipient() {
		return nil
	}
	if err := b.fresh(0); err != nil {
		b.o.Identity = was
		return err
	}
	return nil
}

// SealedTo are the recipients of the station's own that what is left is sealed to.
func (b *Outbox) SealedTo() map[string]bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := map[string]bool{}
	for _, t := range b.segments {
		if t.by != "" {
			all[t.by] = true
		}
	}
	return all
}

// Next is the index that the next entry gets: how many there ever were, and
// one.
func (b *Outbox) Next() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next
}

// Advance raises the state to what the cache knows, where that is further.
func (b *Outbox) Advance(s State) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(s)
}

func (b *Outbox) advance(s State) {
	b.state.LastSeq = max(b.state.LastSeq, s.LastSeq)
	b.state.LookForward = max(b.state.LookForward, s.LookForward)
	if s.LookSeq > b.state.LookSeq {
		b.state.LookSeq, b.state.LookMAC = s.LookSeq, s.LookMAC
	}
}

// count keeps state and the segments' tallies in step with an entry of t.
func (b *Outbox) count(t *tally, e Entry) {
	switch e.Kind {
	case KindMutation:
		t.waiting[e.Seq()] = true
		b.advance(State{LastSeq: e.Seq()})
	case KindReceipt:
		if _, seq, ok := e.Receipt.Receipt.Mutation.Station(); ok {
			b.settle(seq, e.Receipt.At)
		}
	case KindLook:
		t.lastLook = max(t.lastLook, e.Look.Seq)
		b.advance(State{LookSeq: e.Look.Seq, LookMAC: e.Look.MAC})
	case KindLooksReceived:
		b.advance(State{LookForward: e.LooksReceived})
	case KindVoid:
		for _, seq := range e.Void {
			b.settle(seq, 0)
		}
	case KindReoffer:
		for _, s := range b.segments {
			for seq, at := range s.receipts {
				if at >= e.State.Since {
					s.waiting[seq] = true
					delete(s.receipts, seq)
				}
			}
		}
		b.advance(e.State)
	case KindState:
		b.advance(e.State)
	}
}

func (b *Outbox) settle(seq uint64, at int64) {
	for _, s := range b.segments {
		if s.waiting[seq] {
			delete(s.waiting, seq)
			if at > 0 {
				s.receipts[seq] = at
			}
		}
	}
}

func (b *Outbox) resume(s *segment) error {
	f, err := os.OpenFile(s.path, os.O_RDWR, 0o600)
	if err != nil {
		return fault.As(fault.Unavailable, "outbox.open", s.path, err)
	}
	b.f, b.head, b.sealer = f, s.head, s.sealer
	b.at, b.size = int64(s.end), s.size
	return nil
}

// fresh begins a new segment with room for need bytes of entries.
func (b *Outbox) fresh(need int64) error {
	const op = "outbox.segment"
	key := keys.NewKey()
	sealed, err := keys.SealTo(key[:], b.o.Identity.Recipient(), b.o.Recovery)
	if err != nil {
		return err
	}
	h := header{
		Station: b.o.Station, Segment: 1, First: b.next, Chain: b.chain,
		Recovery: keys.RecipientID(b.o.Recovery), SealedKey: sealed, Made: b.o.Now().UnixMilli(),
	}
	if n := len(b.segments); n > 0 {
		h.Segment = b.segments[n-1].segment + 1
	}
	front, err := h.encode()
	if err != nil {
		return err
	}
	size := max(SegmentSize, int64(len(front))+need+4096)
	path := filepath.Join(b.o.Dir, name(h.Segment))
	f, err := makeSegment(path, front, size)
	if err != nil {
		_ = os.Remove(path)
		return fileFault(op, path, err)
	}
	if b.f != nil {
		_ = b.f.Sync()
		_ = b.f.Close()
	}
	b.f, b.head, b.sealer, b.size, b.at = f, h, keys.NewSealer(key), size, int64(len(front))
	b.segments = append(b.segments, &tally{path: path, segment: h.Segment, by: b.o.Identity.Recipient(), waiting: map[uint64]bool{}, receipts: map[uint64]int64{}})
	return b.write([]Entry{{Kind: KindState, State: b.state}})
}

// makeSegment writes a whole segment of zeros behind the front, and makes sure
// that file and name are on the disk.
func makeSegment(path string, front []byte, size int64) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the station's own folder
	if err != nil {
		return nil, err
	}
	chunk := make([]byte, 64<<10)
	copy(chunk, front)
	for at := int64(0); at < size && err == nil; at += int64(len(chunk)) {
		n := min(int64(len(chunk)), size-at)
		_, err = f.WriteAt(chunk[:n], at)
		if at == 0 {
			clear(chunk)
		}
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func fileFault(op, path string, err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, errDiskFull) {
		return fault.As(fault.Full, op, path, err)
	}
	return fault.As(fault.Unavailable, op, path, err)
}

// Append adds entries, all or none. With sync they are on the disk when it
// returns; without, by the next synced Append or Close. After a failed write
// the outbox takes nothing more until it is opened again: what is on the disk
// is then unknown.
func (b *Outbox) Append(sync bool, entries ...Entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken != nil {
		return b.broken
	}
	if err := b.write(entries); err != nil {
		return err
	}
	if !sync {
		return nil
	}
	if err := syncData(b.f); err != nil {
		b.broken = fileFault("outbox.append", b.head.name(), err)
		return b.broken
	}
	return nil
}

func (h header) name() string { return name(h.Segment) }

func (b *Outbox) write(entries []Entry) error {
	var need int64
	plains := make([][]byte, len(entries))
	for i, e := range entries {
		p, err := e.encode()
		if err != nil {
			return err
		}
		if len(p)+keys.Overhead > maxEntry {
			return fault.New(fault.Invalid, "outbox.append", string(e.Mutation.ID), "an entry is larger than 4 MiB")
		}
		plains[i] = p
		need += int64(entryHead + len(p) + keys.Overhead)
	}
	if b.at+need > b.size {
		if err := b.fresh(need); err != nil {
			return err
		}
	}
	var buf []byte
	next, chain := b.next, b.chain
	for _, p := range plains {
		fr := b.head.frame(b.sealer, next, chain, p)
		chain = chainAfter(chain, fr)
		next++
		buf = append(buf, fr...)
	}
	if _, err := b.f.WriteAt(buf, b.at); err != nil {
		b.broken = fileFault("outbox.append", b.head.name(), err)
		return b.broken
	}
	b.next, b.chain, b.at = next, chain, b.at+int64(len(buf))
	t := b.segments[len(b.segments)-1]
	for _, e := range entries {
		b.count(t, e)
	}
	return nil
}

// Drop removes, from the oldest on, the segments in which every mutation has
// had its receipt for longer than the retention window and every look is at
// central. It stops at the first that must stay, so that a receipt never goes
// before its mutation. It returns how many went.
func (b *Outbox) Drop(now time.Time) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	old := now.Add(-b.o.Retention).UnixMilli()
	n := 0
	for len(b.segments) > 1 && b.done(b.segments[0], old) {
		if err := os.Remove(b.segments[0].path); err != nil {
			return n, fault.As(fault.Unavailable, "outbox.drop", b.segments[0].path, err)
		}
		b.segments = b.segments[1:]
		n++
	}
	return n, nil
}

func (b *Outbox) done(t *tally, old int64) bool {
	if t.foreign || len(t.waiting) > 0 || t.lastLook > b.state.LookForward {
		return false
	}
	for _, at := range t.receipts {
		if at > old {
			return false
		}
	}
	return true
}

// Close syncs and closes the open segment.
func (b *Outbox) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.f == nil {
		return nil
	}
	err := errors.Join(b.f.Sync(), b.f.Close())
	b.f = nil
	b.broken = fault.New(fault.Unavailable, "outbox.append", "", "the outbox is closed")
	return fault.As(fault.Unavailable, "outbox.close", b.o.Dir, err)
}

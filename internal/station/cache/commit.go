package cache

import (
	"context"
	"errors"
	"sync"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache/outbox"
)

// Fact is one small fact of the station, such as when it was last connected.
type Fact struct {
	Key   string
	Value []byte // nil removes
}

// job is what one caller wants committed. Callers that come at the same time
// share one transaction and one sync: whoever gets the lock first commits for
// all that wait.
type job struct {
	ctx   context.Context
	op    string
	muts  []record.Mutation
	looks [][]byte
	rows  []rowWrite // facts and drafts
	need  need
	size  int

	done  bool
	err   error
	fresh []record.Mutation // of muts, those not committed before
	seqs  []uint64
}

type rowWrite struct {
	key   []byte
	plain []byte // nil deletes
}

// Bounds of one commit and of one group.
const (
	maxMutation = 512 << 10
	maxLook     = 64 << 10
	maxJob      = 640 << 10
	maxGroup    = 256
)

// Commit makes mutations, looks and facts durable, all or none: the mutations,
// signed, in the outbox; the looks as the next links of the audit chain. When
// it returns nil they are synced in the outbox file and in Badger.
//
// A mutation that is committed already is no error; the same sequence with
// other content is fault.Conflict. fault.Full means that the disk is nearly
// full and nothing of this was saved; a Commit of looks alone still works
// then, out of the reserve.
func (c *Cache) Commit(ctx context.Context, muts []record.Mutation, looks [][]byte, facts ...Fact) error {
	j := &job{ctx: ctx, op: "cache.commit", muts: muts, looks: looks, need: needLook}
	if len(muts) > 0 {
		j.need = needEntry
	}
	for _, f := range facts {
		if !validPart(f.Key) || len(f.Value) > maxLook {
			return fault.New(fault.Invalid, j.op, "", "a fact has a key of 1 to 200 characters and at most 64 KiB")
		}
		j.rows = append(j.rows, rowWrite{keyFact(f.Key), f.Value})
	}
	return c.do(j)
}

func (c *Cache) do(j *job) error {
	if err := c.life.enter(j.op); err != nil {
		return err
	}
	defer c.life.leave()
	if err := j.measure(c.o.Station); err != nil {
		return err
	}
	c.qmu.Lock()
	c.queue = append(c.queue, j)
	c.qmu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	for !j.done {
		c.commitGroup(c.takeGroup())
	}
	return j.err
}

// measure holds a job to its bounds before it waits for anybody.
func (j *job) measure(station record.StationID) error {
	bad := func(subject, why string) error { return fault.New(fault.Invalid, j.op, subject, why) }
	for _, m := range j.muts {
		if err := m.Check(); err != nil {
			return err
		}
		s, _, ok := m.ID.Station()
		if !ok || s != station {
			return bad(string(m.ID), "the mutation is another station's")
		}
		if len(m.Sig) == 0 {
			return bad(string(m.ID), "the mutation is not signed")
		}
		n := 1024 + len(m.Reason) + 160*len(m.ReadSet)
		for _, op := range m.Ops {
			n += len(op.Value) + len(op.Field) + len(op.Key) + 16
		}
		if n > maxMutation {
			return bad(string(m.ID), "the entry is too long to be saved; shorten it")
		}
		j.size += n
	}
	for _, l := range j.looks {
		if len(l) == 0 || len(l) > maxLook {
			return bad("", "an audit event has 1 byte to 64 KiB")
		}
		j.size += len(l) + 256
	}
	for _, r := range j.rows {
		j.size += len(r.key) + len(r.plain) + 64
	}
	if j.size > maxJob {
		return bad("", "too much at once; save it in parts")
	}
	return nil
}

func (c *Cache) takeGroup() []*job {
	c.qmu.Lock()
	defer c.qmu.Unlock()
	n, size := 0, 0
	for n < len(c.queue) && n < maxGroup && (n == 0 || size+c.queue[n].size <= maxJob) {
		size += c.queue[n].size
		n++
	}
	group := c.queue[:n:n]
	c.queue = c.queue[n:]
	if len(c.queue) == 0 {
		c.queue = nil
	}
	return group
}

// commitGroup settles every job of a group.
func (c *Cache) commitGroup(group []*job) {
	var live []*job
	inGroup := map[uint64]record.Hash{}
	for _, j := range group {
		if j.err = c.admit(j, inGroup); j.err == nil {
			live = append(live, j)
		} else {
			j.done = true
		}
	}
	if len(live) == 0 {
		return
	}
	err := c.writeGroup(live)
	for _, j := range live {
		j.err, j.done = err, true
	}
}

// admit refuses a job before anything of it is written.
func (c *Cache) admit(j *job, inGroup map[uint64]record.Hash) error {
	if err := inTime(j.ctx, j.op); err != nil {
		return err
	}
	if err := c.ready(j.op); err != nil {
		return err
	}
	if err := c.space.room(j.op, j.need); err != nil {
		return err
	}
	mine := map[uint64]record.Hash{}
	for _, m := range j.muts {
		_, seq, _ := m.ID.Station()
		h, err := m.ContentHash()
		if err != nil {
			return err
		}
		was, known, err := c.contentOf(seq)
		if err != nil {
			return err
		}
		for _, others := range []map[uint64]record.Hash{inGroup, mine} {
			if o, ok := others[seq]; ok {
				was, known = o, true
			}
		}
		if known && was != h {
			return fault.New(fault.Conflict, j.op, string(m.ID), "this number was used before for something else")
		}
		if !known {
			mine[seq] = h
			j.fresh, j.seqs = append(j.fresh, m), append(j.seqs, seq)
		}
	}
	for seq, h := range mine {
		inGroup[seq] = h
	}
	return nil
}

// contentOf finds what was committed under a sequence.
func (c *Cache) contentOf(seq uint64) (h record.Hash, ok bool, err error) {
	b := c.db.NewTransaction(false)
	defer b.Discard()
	for _, key := range [][]byte{keyUnsent(seq), keyKept(seq)} {
		var k keptMutation
		if ok, err = c.getValue(b, key, &k); err != nil || ok {
			if err == nil {
				h, err = k.Mutation.ContentHash()
			}
			return h, ok, err
		}
	}
	return h, false, nil
}

// keptMutation is an o/ or a q/ row.
type keptMutation struct {
	Mutation record.Mutation `cbor:"1,keyasint"`
	Received int64           `cbor:"2,keyasint,omitempty"` // q/: when the receipt came, ms since 1970
	Position record.Position `cbor:"3,keyasint,omitempty"` // q/: where central has it
}

// writeGroup writes the outbox file first, synced, and then Badger. If Badger
// fails, the entries in the file are declared void, so that nobody finds later
// sent what was refused to them.
func (c *Cache) writeGroup(group []*job) error {
	t := c.begin()
	entries, err := t.group(group)
	if err != nil {
		t.discard()
		return err
	}
	if len(entries) > 0 {
		if err := c.out.Append(true, entries...); err != nil {
			t.discard()
			return fault.Wrap("cache.commit", "", err)
		}
	}
	if err := t.commit(); err != nil {
		return c.takeBack(group, err)
	}
	for _, j := range group {
		for i, m := range j.fresh {
			c.byPatient[m.Patient]++
			c.base(m, +1)
			c.seq.used(j.seqs[i])
		}
	}
	return nil
}

func (c *Cache) takeBack(group []*job, cause error) error {
	c.fail(fault.As(fault.Unavailable, "cache.commit", "", cause))
	var void []uint64
	for _, j := range group {
		void = append(void, j.seqs...)
	}
	if len(void) == 0 {
		return cause
	}
	if err := c.out.Append(true, outbox.Entry{Kind: outbox.KindVoid, Void: void}); err != nil {
		return fault.Newf(fault.KindOf(cause), "cache.commit", "", "the disk failed while saving; "+
			"start the program again and look whether this entry is there: %w", errors.Join(cause, err))
	}
	return cause
}

// group writes the rows of all jobs and returns what the outbox file gets.
func (t *tx) group(group []*job) ([]outbox.Entry, error) {
	var entries []outbox.Entry
	for _, j := range group {
		for i, m := range j.fresh {
			if err := t.unsent(j.seqs[i], m); err != nil {
				return nil, err
			}
			entries = append(entries, outbox.Entry{Kind: outbox.KindMutation, Mutation: m})
		}
		for _, event := range j.looks {
			l, err := t.nextLook(event)
			if err != nil {
				return nil, err
			}
			if err := t.putValue(keyLook(l.Seq), 0, l); err != nil {
				return nil, err
			}
			entries = append(entries, outbox.Entry{Kind: outbox.KindLook, Look: l})
			t.touched[quiet] = true
		}
		for _, r := range j.rows {
			if err := t.setRow(r); err != nil {
				return nil, err
			}
		}
	}
	return entries, nil
}

func (t *tx) setRow(r rowWrite) error {
	if r.plain == nil {
		return t.del(r.key)
	}
	_, err := t.put(r.key, 0, r.plain)
	return err
}

// unsent writes a mutation's rows.
func (t *tx) unsent(seq uint64, m record.Mutation) error {
	if err := t.putValue(keyUnsent(seq), 0, keptMutation{Mutation: m}); err != nil {
		return err
	}
	if _, err := t.put(keyPending(m.Patient, seq), 0, nil); err != nil {
		return err
	}
	t.m.Unsent++
	t.m.Pending++
	t.m.LastSeq = max(t.m.LastSeq, seq)
	t.touched[m.Patient] = true
	return nil
}

// base counts what kept mutations are based on.
func (c *Cache) base(m record.Mutation, n int) {
	if m.Base == 0 {
		return
	}
	k := versionOf{m.Ref, m.Base}
	if c.bases[k] += n; c.bases[k] <= 0 {
		delete(c.bases, k)
	}
}

// sequence hands out mutation sequences.
type sequence struct {
	mu       sync.Mutex
	next     uint64
	reserved uint64 // the anchor knows that up to here may be used
	opened   uint64
	saving   bool
}

func (s *sequence) used(seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = max(s.next, seq+1)
}

// NextSeq is the sequence for the next mutation. It is never given twice, but
// one that is not committed before the program ends may be given again after.
//
// Commit in the order of the sequences where one builds on another: Unsent
// yields in that order.
func (c *Cache) NextSeq() (uint64, error) {
	if err := c.life.enter("cache.nextseq"); err != nil {
		return 0, err
	}
	defer c.life.leave()
	s := &c.seq
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.next
	s.next++
	if c.o.Anchor != nil && !s.saving && s.next+reserveSeqs/2 > s.reserved {
		s.saving = true
		c.life.calls.Add(1)
		go func() {
			defer c.life.calls.Done()
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			c.saveAnchor(ctx, n+reserveSeqs)
		}()
	}
	return n, nil
}

package cache

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"sync/atomic"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache/outbox"
	"wardlight/internal/trust/audit"
)

// The looks form a chain: each one's MAC covers the MAC before it, so that
// none can be changed, left out or added without its audit key, see lookkey.go.
// They go only when central has them. Chains of earlier programs have one key,
// which comes from the data key; they go on as they began.

func (c *Cache) lookMAC(prev record.Hash, seq uint64, event []byte) record.Hash {
	m := hmac.New(sha256.New, c.audit[:])
	m.Write(prev[:])
	m.Write(binary.BigEndian.AppendUint64(nil, seq))
	m.Write(event)
	return record.Hash(m.Sum(nil))
}

func (t *tx) nextLook(event []byte) (l record.Look, err error) {
	prev := record.Look{Seq: t.m.LookSeq, MAC: t.m.LookMAC}
	if t.c.lookKey.file != nil {
		if l, err = t.ratcheted(prev, event); err != nil {
			return l, err
		}
	} else {
		l = record.Look{Station: t.c.o.Station, Seq: prev.Seq + 1, Prev: prev.MAC, Event: event}
		l.MAC = t.c.lookMAC(l.Prev, l.Seq, l.Event)
	}
	t.m.LookSeq, t.m.LookMAC = l.Seq, l.MAC
	return l, nil
}

// UnsentLooks yields the looks behind after that central has not got, in
// order, their chain checked. A link that is missing or changed is
// fault.Corrupt.
func (c *Cache) UnsentLooks(after uint64, limit int) ([]record.Look, error) {
	const op = "cache.unsentlooks"
	if err := c.life.enter(op); err != nil {
		return nil, err
	}
	defer c.life.leave()
	if !c.toSend.looks.Load() {
		return nil, nil
	}
	b := c.db.NewTransaction(false)
	defer b.Discard()
	m, err := c.metaOf(b)
	if err != nil {
		return nil, err
	}
	after = max(after, m.LookForward, c.heard.upTo.Load())
	var out []record.Look
	var prev *record.Look
	err = c.from(b, join('l', ""), keyLook(after+1), func(_, plain []byte) (bool, error) {
		var l record.Look
		if err := record.Decode(plain, &l); err != nil {
			return false, err
		}
		if err := c.checkLook(l, prev, after); err != nil {
			return false, err
		}
		out, prev = append(out, l), &l
		return len(out) < limit, nil
	})
	if err == nil && limit > 0 && len(out) < limit && after+uint64(len(out)) < m.LookSeq {
		err = errBrokenLooks()
	}
	return out, err
}

// LookHead is the end of the chain: the number and the MAC of the newest look.
func (c *Cache) LookHead() (seq uint64, mac record.Hash) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.meta.LookSeq, c.meta.LookMAC
}

func (c *Cache) checkLook(l record.Look, prev *record.Look, after uint64) error {
	ok := l.Seq == after+1 && prev == nil || prev != nil && l.Seq == prev.Seq+1 && l.Prev == prev.MAC
	if !ok || !audit.Ratcheted(l) && l.MAC != c.lookMAC(l.Prev, l.Seq, l.Event) {
		return errBrokenLooks()
	}
	return nil // the key of a look with a key of its own is forgotten here; central checks it
}

func errBrokenLooks() error {
	return fault.New(fault.Corrupt, "cache.looks", "", "the record of who looked at what has a gap or was changed. "+
		"Tell the privacy officer. Set the cache aside: the outbox file holds another copy")
}

// heard is central's word on the looks, as far as it was said since the store was
// opened; it is stored with the next commit. Guarded by Cache.mu.
type heard struct {
	upTo    atomic.Uint64 // read without the lock, too
	waiting bool          // somebody will store it, if no commit does before
}

// Bounds of heard: how many looks wait for a commit to take them along, and for
// how long.
const (
	maxHeard   = 128
	heardPause = 100 * time.Millisecond
)

// LooksReceived lets the looks up to a sequence go: central has them. They go with
// the next commit, or by themselves where there is none for a moment: after each
// entry there would be a commit for its look alone. Where the program ends before,
// they are offered again, and central takes a look that comes again for what it is.
func (c *Cache) LooksReceived(ctx context.Context, upTo uint64) error {
	const op = "cache.looksreceived"
	end, err := c.writing(op)
	if err != nil {
		return err
	}
	defer end()
	if upTo > c.meta.LookSeq {
		return fault.Newf(fault.Invalid, op, "", "central confirms look %d, only %d were made", upTo, c.meta.LookSeq)
	}
	c.heard.upTo.Store(max(c.heard.upTo.Load(), upTo))
	c.toSend.are(c.meta, c.heard.upTo.Load())
	if upTo > c.meta.LookForward+maxHeard {
		return c.storeHeard(ctx)
	}
	if !c.heard.waiting && upTo > c.meta.LookForward {
		c.heard.waiting = true
		time.AfterFunc(heardPause, c.hearLate)
	}
	return nil
}

// hearLate stores what no commit took along. That it fails is no loss.
func (c *Cache) hearLate() {
	end, err := c.alone("cache.looksreceived")
	if err != nil {
		return
	}
	defer end()
	c.heard.waiting = false
	_ = c.storeHeard(context.Background())
}

func (c *Cache) storeHeard(ctx context.Context) error {
	const op = "cache.looksreceived"
	for c.meta.LookForward < c.heard.upTo.Load() {
		if err := inTime(ctx, op); err != nil {
			return err
		}
		if err := c.ready(op); err != nil {
			return err
		}
		if err := c.begin().commit(); err != nil { // every commit takes some along
			return err
		}
	}
	return nil
}

// dropHeard takes along the looks that central has.
func (t *tx) dropHeard() error {
	for n := 0; t.m.LookForward < t.c.heard.upTo.Load() && n < maxHeard; n++ {
		t.m.LookForward++
		if err := t.del(keyLook(t.m.LookForward)); err != nil {
			return err
		}
	}
	return nil
}

// wentLooks notes in the outbox file that looks went. Not synced: central takes a
// look that comes again for what it is. After a failure the file takes nothing
// more, and who writes next is told.
func (c *Cache) wentLooks() {
	_ = c.out.Append(false, outbox.Entry{Kind: outbox.KindLooksReceived, LooksReceived: c.meta.LookForward})
}

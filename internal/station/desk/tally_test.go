package desk_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/desk"
)

// asked counts how often central's word on an entry is looked up.
type asked struct {
	desk.Store
	receipts *atomic.Int64
}

type askedReader struct {
	desk.Reader
	receipts *atomic.Int64
}

func (a asked) View(ctx context.Context, fn func(desk.Reader) error) error {
	return a.Store.View(ctx, func(r desk.Reader) error { return fn(askedReader{r, a.receipts}) })
}

func (a askedReader) Receipt(id record.MutationID) (record.Receipt, bool, error) {
	a.receipts.Add(1)
	return a.Reader.Receipt(id)
}

// While an outage is made up for, every notice has the strip and the pages ask how far
// it has come. Each entry's receipt is read once for all of them, what is unsent is not
// looked for, and the numbers are right at every moment: also where central was put
// back and entries that had their receipts wait again.
func TestHowFarAnOutageIsSentIsCountedOnce(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.close()
	var receipts atomic.Int64
	r.wrap = func(s desk.Store) desk.Store { return asked{s, &receipts} }
	r.open()
	r.connected(true)
	r.later(4 * time.Minute)
	r.cut()
	entries := 0
	write := func(n int) {
		for range n {
			entries++
			r.do(ward.WriteNote{Patient: folake, Text: fmt.Sprintf("during, the %d.", entries)})
		}
	}
	write(40)
	r.later(time.Hour)
	r.connected(true)
	tell := func(when string, sent, reviews, lookups int) {
		t.Helper()
		r.settle() // rows that are derived look, too
		before := receipts.Load()
		o := r.desk.Link().LastOutage
		if o == nil || o.Entries != entries || o.Sent != sent || o.Reviews != reviews {
			t.Errorf("%s: %s", when, show(o))
		}
		if n := receipts.Load() - before; n != int64(lookups) {
			t.Errorf("%s: %d receipts were looked up, want %d", when, n, lookups)
		}
	}
	answered := func(from, to int, word record.Outcome) {
		t.Helper()
		muts, err := r.cache.Unsent(0, 1000)
		ok(t, err)
		var list []record.Receipt
		for _, m := range muts[from:to] {
			hash, err := m.ContentHash()
			ok(t, err)
			list = append(list, record.Receipt{Mutation: m.ID, Outcome: word, Content: hash, Position: r.pos + 1})
		}
		ok(t, r.cache.Receipted(bg, list))
	}
	tell("just back", 0, 0, 0)
	answered(0, 10, record.Applied)
	tell("ten are sent", 10, 0, 10)
	tell("and nothing since", 10, 0, 0)
	answered(20, 25, record.Review) // out of order
	tell("five wait for a person", 15, 5, 5)
	r.cut() // a cable that is loose: the same outage, with more entries
	write(5)
	r.connected(true)
	tell("it has grown", 15, 5, 15)
	ok(t, r.cache.Reoffer(bg))
	tell("central was put back", 0, 0, 0)
	answered(0, 30, record.Applied)
	tell("thirty are sent again", 30, 0, 30)
	answered(0, 15, record.Review)
	tell("all are sent", entries, 15, 15)
	r.do(ward.WriteNote{Patient: folake, Text: "after"})
	tell("it is settled", entries, 15, 0)
}

// BenchmarkLinkWhileAnOutageIsMadeUpFor is what one page's look at the connection
// costs when half of 480 entries are answered for.
func BenchmarkLinkWhileAnOutageIsMadeUpFor(b *testing.B) {
	c, _ := fullCache(b, 24)
	defer func() { ok(b, c.Close()) }()
	d := benchDesk(b, c)
	who, err := d.Board(bg)
	ok(b, err)
	up := desk.LinkState{Connected: true, CaughtUp: true, Measured: true, Central: record.Central{Time: noon.UnixMilli()}}
	d.LinkChanged(up)
	d.LinkChanged(desk.LinkState{})
	const entries = 480
	var group sync.WaitGroup
	for _, row := range who {
		group.Go(func() {
			for i := range entries / len(who) {
				if _, err := d.Do(bg, ward.WriteNote{Patient: row.Who.ID, Text: fmt.Sprintf("the %d.", i)}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	group.Wait()
	d.LinkChanged(up)
	muts, err := c.Unsent(0, entries/2)
	ok(b, err)
	var list []record.Receipt
	for _, m := range muts {
		hash, err := m.ContentHash()
		ok(b, err)
		list = append(list, record.Receipt{Mutation: m.ID, Outcome: record.Applied, Content: hash, Position: 1 << 40})
	}
	ok(b, c.Receipted(bg, list))
	for b.Loop() {
		if o := d.Link().LastOutage; o == nil || o.Sent != entries/2 {
			b.Fatal(o)
		}
	}
}

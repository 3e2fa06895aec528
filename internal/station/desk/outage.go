package desk

import (
	"context"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
)

// outageFact is a loss of contact that ended, as it is kept on disk.
type outageFact struct {
	From    int64           `json:"from"`
	To      int64           `json:"to"`
	Made    cutFact         `json:"made"`
	Sent    int             `json:"sent"`
	Reviews int             `json:"reviews"`
	Drill   bool            `json:"drill,omitempty"` // it was practised
	Settled bool            `json:"settled"`         // all are sent: no need to count again
	Before  record.Cursor   `json:"before"`          // what was here when contact was lost
	Until   record.Position `json:"until"`           // central's head when it came back
}

const (
	// maxSpan bounds the counting of one outage's entries.
	maxSpan = 100000
	// maxPast bounds how many outages are remembered, keptFor for how long:
	// as long as own entries are kept after their receipts.
	maxPast = 16
	keptFor = 7 * 24 * time.Hour
	// blip is the least loss of contact that is an outage, and the least
	// contact that ends one.
	blip = time.Minute
)

// over notes an outage that has ended. Contact that came back for less than a
// minute has ended none: the one before goes on, so that a cable that is
// loose for an hour leaves one report and not fifty. A moment without contact
// in which nobody wrote anything takes no other outage's place.
func (k *linkFact) over(o outageFact) {
	last := k.Outage
	switch {
	case last == nil:
		k.Outage = &o
		return
	case o.From-last.To < blip.Milliseconds():
		joined := *last
		joined.To, joined.Until, joined.Settled = o.To, o.Until, false
		joined.Made = last.Made.and(o.Made)
		k.Outage = &joined
		return
	case o.To-o.From < blip.Milliseconds() && o.Made.Count == 0 && o.To-last.To < backShown.Milliseconds():
		return
	}
	k.Past = append([]outageFact{*last}, k.Past...)
	for n, p := range k.Past {
		if n >= maxPast || o.To-p.To > keptFor.Milliseconds() {
			k.Past = k.Past[:n]
			break
		}
	}
	k.Outage = &o
}

// and are the entries of two stretches that follow one another.
func (c cutFact) and(next cutFact) cutFact {
	switch {
	case c.Count == 0:
		return next
	case next.Count == 0:
		return c
	}
	return cutFact{Since: c.Since, First: c.First, Last: next.Last, Count: c.Count + next.Count}
}

// stands is how far the store itself says that it is filled.
func (d *Desk) stands(kept record.Cursor) record.Cursor {
	at := kept
	err := d.store.View(context.Background(), func(r Reader) error {
		at = r.Cursor()
		return nil
	})
	if err != nil {
		return kept // a store that cannot be read yet: what was written down will do
	}
	return at
}

// outage counts what became of the entries made while cut off. Once all are
// sent the answer is kept.
func (d *Desk) outage(o outageFact) *ward.Outage {
	if !o.Settled {
		o.Sent, o.Reviews = d.tally.count(d.store, d.cfg.Station, o.Made)
		o.Settled = o.Sent == o.Made.Count
		l := &d.link
		l.mu.Lock()
		if k := l.kept.Outage; k != nil && k.From == o.From && k.To == o.To {
			*k = o
		}
		l.mu.Unlock()
	}
	return &ward.Outage{Drill: o.Drill, From: d.ms(o.From), To: d.ms(o.To), Entries: o.Made.Count, Sent: o.Sent, Reviews: o.Reviews}
}

// told is the outage that began at from; with a zero time the one that goes
// on, else the last. ok is false where there was none.
func (l *linkBook) told(from time.Time) (o outageFact, earlier []outageFact, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.kept
	var all []outageFact
	if !k.Connected && k.Ever {
		all = append(all, outageFact{Drill: l.drilled, From: k.Since, Made: l.cut, Before: k.Cursor})
	}
	if k.Outage != nil {
		all = append(all, *k.Outage)
	}
	all = append(all, k.Past...)
	for i, o := range all {
		if from.IsZero() || o.From == from.UnixMilli() {
			return o, all[i+1:], true
		}
	}
	return outageFact{}, nil, false
}

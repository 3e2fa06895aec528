package desk

import (
	"context"
	"sync"

	"wardlight/internal/clinical/record"
)

// tally counts how many entries of an outage central has answered for. While the
// outage is made up for, each notice has the strip and every open page ask, and most
// of two thousand entries stand as they stood a moment ago: so what was answered is
// remembered, and its receipt read once. What waits is asked of the store each time,
// because an entry can wait again, where central was put back; it is known by its
// key alone.
type tally struct {
	mu   sync.Mutex
	made cutFact
	seen []word // by sequence, from made.First
}

// word is what is remembered of one entry.
type word uint8

const (
	wordNone     word = 0 // waits, or is not known yet
	wordAnswered word = 1
	wordReview   word = 2
)

// count says how many of an outage's entries central has answered for, and how many
// of those wait for a person.
func (t *tally) count(store Records, station record.StationID, made cutFact) (sent, reviews int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if made.Count == 0 || made.Last < made.First {
		return 0, 0
	}
	if t.made != made {
		t.made, t.seen = made, make([]word, min(made.Last-made.First+1, maxSpan))
	}
	_ = store.View(context.Background(), func(r Reader) error {
		waits, err := r.UnsentBetween(made.First, made.Last)
		if err != nil {
			return err
		}
		for _, seq := range waits {
			if i := seq - made.First; i < uint64(len(t.seen)) {
				t.seen[i] = wordNone
			}
		}
		return t.learn(r, station, waits)
	})
	for _, w := range t.seen {
		if w != wordNone {
			sent++
		}
		if w == wordReview {
			reviews++
		}
	}
	if sent >= made.Count {
		t.made, t.seen = cutFact{}, nil // it is not asked again
	}
	return min(sent, made.Count), reviews
}

// learn reads the receipts of those of whom nothing is known and who do not wait.
func (t *tally) learn(r Reader, station record.StationID, waits []uint64) error {
	for i, w := range t.seen {
		seq := t.made.First + uint64(i)
		if len(waits) > 0 && waits[0] == seq {
			waits = waits[1:]
			continue
		}
		if w != wordNone {
			continue
		}
		rec, ok, err := r.Receipt(record.MutationOf(station, seq))
		if err != nil {
			return err
		}
		switch {
		case ok && rec.Outcome == record.Review:
			t.seen[i] = wordReview
		case ok:
			t.seen[i] = wordAnswered
		}
	}
	return nil
}

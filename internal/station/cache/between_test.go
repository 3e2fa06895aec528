package cache_test

import (
	"slices"
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/internal/station/cache"
)

// What waits between two sequences: neither what lies outside nor what has its
// receipt, and again what central lost.
func TestWhatWaitsBetweenTwoSequences(t *testing.T) {
	c := open(t, options(t))
	between := func(when string, first, last uint64, want ...uint64) {
		t.Helper()
		ok(t, c.View(bg, func(r cache.Reader) error {
			got, err := r.UnsentBetween(first, last)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %d to %d: %v, want %v", when, first, last, got, want)
			}
			return err
		}))
	}
	between("nothing was written", 1, 1<<60)
	var muts []record.Mutation
	for _, seq := range []uint64{1, 2, 3, 5, 300} { // 4 was never saved
		muts = append(muts, note(seq, "p1", "x"))
	}
	ok(t, c.Commit(bg, muts, nil))
	between("all wait", 1, 300, 1, 2, 3, 5, 300)
	between("all wait", 2, 299, 2, 3, 5)
	between("all wait", 4, 4)
	ok(t, c.Receipted(bg, []record.Receipt{receipt(muts[1], 3), receipt(muts[4], 4)}))
	between("two have their receipts", 1, 300, 1, 3, 5)
	ok(t, c.Reoffer(bg))
	between("central was put back", 1, 300, 1, 2, 3, 5, 300)
}

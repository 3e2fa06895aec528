package cache_test

import (
	"context"
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/internal/station/cache"
)

// Who sends is told of what was written here, and of what has to be sent again;
// what comes in, and central's word on what went out, wakes nobody to look for
// something to send. While there is nothing, nothing is found; where there is
// something, it is, after a restart too.
func TestWhoSendsIsToldOfWhatIsToBeSent(t *testing.T) {
	ctx, o := context.Background(), options(t)
	c := open(t, o)
	told := func(what string, want bool, do func() error) {
		t.Helper()
		wrote := c.Wrote()
		ok(t, do())
		got := false
		select {
		case <-wrote:
			got = true
		default:
		}
		if got != want {
			t.Errorf("%s: told %v, want %v", what, got, want)
		}
	}
	waits := func(what string, muts, looks int) {
		t.Helper()
		m, err := c.Unsent(0, 10)
		ok(t, err)
		l, err := c.UnsentLooks(0, 10)
		ok(t, err)
		if len(m) != muts || len(l) != looks {
			t.Errorf("%s: %d mutations and %d looks wait, want %d and %d", what, len(m), len(l), muts, looks)
		}
	}
	waits("at first", 0, 0)
	told("a batch", false, func() error { return c.Apply(ctx, batch(0, 1, patient("p1", 1))) })
	m := note(1, "p1", "slept well")
	told("a note", true, func() error { return c.Commit(ctx, []record.Mutation{m}, nil) })
	waits("after the note", 1, 0)
	told("a look", true, func() error { return c.Commit(ctx, nil, [][]byte{look(1)}) })
	waits("after the look", 1, 1)
	told("a fact", false, func() error { return c.Commit(ctx, nil, nil, cache.Fact{Key: "k", Value: []byte("v")}) })
	ok(t, c.Close())
	c = open(t, o)
	waits("after a restart", 1, 1)
	told("central has the looks", false, func() error { return c.LooksReceived(ctx, 1) })
	told("central has the note", false, func() error { return c.Receipted(ctx, []record.Receipt{receipt(m, 2)}) })
	waits("when central has it all", 0, 0)
	told("central was put back", true, func() error { return c.Reoffer(ctx) })
	waits("after that", 1, 0)
}

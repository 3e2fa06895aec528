package cache_test

import (
	"context"
	"errors"
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
)

// What every call answers whose context is over, on a store to which nothing can be
// written any more, there with a context that is over as well, and on one that is closed:
// nothing (.), fault.Timeout (T) or fault.Unavailable (U), always as its own operation.
func TestWhatEveryCallAnswersThatMayNotComeIn(t *testing.T) {
	part := record.Wanted{Patient: "p1"}
	calls := []struct {
		op, answers string
		call        func(ctx context.Context, c *cache.Cache) error
	}{
		{"cache.ahead", "TUTU", func(ctx context.Context, c *cache.Cache) error { return c.Ahead(ctx, nil) }},
		{"cache.apply", "...U", func(ctx context.Context, c *cache.Cache) error { return c.Land(ctx, nil, nil) }},
		{"cache.applychunks", ".UUU", func(ctx context.Context, c *cache.Cache) error { return c.ApplyChunks(ctx, nil) }},
		{"cache.commit", "TUTU", func(ctx context.Context, c *cache.Cache) error { return c.Commit(ctx, nil, [][]byte{{1}}) }},
		{"cache.compare", ".UUU", func(ctx context.Context, c *cache.Cache) error { _, err := c.Compare(ctx, record.Heads{}); return err }},
		{"cache.draft", "...U", func(_ context.Context, c *cache.Cache) error { _, _, err := c.Draft("ward", "x"); return err }},
		{"cache.drafts", "...U", func(_ context.Context, c *cache.Cache) error { _, err := c.Drafts("ward"); return err }},
		{"cache.drafts", "...U", func(_ context.Context, c *cache.Cache) error { _, err := c.AllDrafts(); return err }},
		{"cache.drafts", "...U", func(_ context.Context, c *cache.Cache) error { _, err := c.CountDrafts("ward"); return err }},
		{"cache.doubtful", "...U", func(_ context.Context, c *cache.Cache) error { _, err := c.Doubtful(); return err }},
		{"cache.fact", "...U", func(_ context.Context, c *cache.Cache) error { _, err := c.Fact("x"); return err }},
		{"cache.keepbriefs", "TUTU", func(ctx context.Context, c *cache.Cache) error { return c.KeepBriefs(ctx, make([]cache.Brief, 1)) }},
		{"cache.keeppart", "TUTU", func(ctx context.Context, c *cache.Cache) error { return c.KeepPart(ctx, part, nil) }},
		{"cache.keepsakes", "...U", func(_ context.Context, c *cache.Cache) error { _, err := c.Keepsakes(); return err }},
		{"cache.looksreceived", ".UUU", func(ctx context.Context, c *cache.Cache) error { return c.LooksReceived(ctx, 0) }},
		{"cache.nextreturn", "...U", func(_ context.Context, c *cache.Cache) error { _, _, err := c.NextReturn("e"); return err }},
		{"cache.nextseq", "...U", func(_ context.Context, c *cache.Cache) error { _, err := c.NextSeq(); return err }},
		{"cache.proof", "...U", func(_ context.Context, c *cache.Cache) error { _, _, err := c.Proof(); return err }},
		{"cache.receipted", ".UUU", func(ctx context.Context, c *cache.Cache) error { return c.Receipted(ctx, nil) }},
		{"cache.reoffer", "TUUU", func(ctx context.Context, c *cache.Cache) error { return c.Reoffer(ctx) }},
		{"cache.returns", "TUUU", func(ctx context.Context, c *cache.Cache) error { return c.Returned(ctx, "e", 1) }},
		{"cache.sealas", "TUTU", func(ctx context.Context, c *cache.Cache) error { return c.SealAs(ctx, mustIdentity()) }},
		{"cache.sealto", "TUTU", func(ctx context.Context, c *cache.Cache) error { return c.SealTo(ctx, recovery.Recipient()) }},
		{"cache.unsent", "...U", func(_ context.Context, c *cache.Cache) error { _, err := c.Unsent(0, 1); return err }},
		{"cache.unsentlooks", "...U", func(_ context.Context, c *cache.Cache) error { _, err := c.UnsentLooks(0, 1); return err }},
		{"cache.view", "...U", func(ctx context.Context, c *cache.Cache) error {
			return c.View(ctx, func(cache.Reader) error { return nil })
		}},
	}
	over, cancel := context.WithCancel(bg)
	cancel()
	c := open(t, options(t))
	ask := func(ctx context.Context, state int) {
		t.Helper()
		for _, x := range calls {
			err := x.call(ctx, c)
			got := byte('.')
			switch {
			case fault.Is(err, fault.Timeout):
				got = 'T'
			case fault.Is(err, fault.Unavailable):
				got = 'U'
			case err != nil:
				got = '?'
			}
			if got != x.answers[state] {
				t.Errorf("state %d: %s answers %c (%v), not %c", state, x.op, got, err, x.answers[state])
			}
			if e := new(fault.Error); errors.As(err, &e) && e.Op != x.op {
				t.Errorf("state %d: %s answers as %s", state, x.op, e.Op)
			}
		}
	}
	ask(over, 0)
	c.FailCommits(errors.New("the disk is gone"))
	if err := c.Commit(bg, nil, [][]byte{{1}}); err == nil {
		t.Fatal("it was written")
	}
	ask(bg, 1)
	ask(over, 2)
	ok(t, c.Close())
	ask(bg, 3)
}

package outbox_test

import (
	"maps"
	"path/filepath"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/cache/outbox"
	"wardlight/internal/trust/keys"
)

// A station's identity changes, once while the outbox is open and once between two starts:
// from then on nothing is sealed to the one of before, and what was is read all the same,
// until it has been received for a week.
func TestAnotherIdentityBeginsAnotherSegment(t *testing.T) {
	w := newWard(t)
	first := w.own
	b, _ := w.open()
	ok(t, b.Append(true, note(1)))
	second := identity(t).With(first)
	ok(t, b.SealAs(second))
	ok(t, b.SealAs(second)) // the same again
	ok(t, b.Append(true, note(2)))
	ok(t, b.Close())
	third := identity(t).With(second.All()...)
	w.own = third
	b, c := w.open()
	if got := seqs(c.Mutations()); got != "1 2" || len(c.Damage) != 0 {
		t.Errorf("read again: %s, %v", got, c.Damage)
	}
	ok(t, b.Append(true, note(3)))
	all := third.All()
	if got := b.SealedTo(); len(got) != 3 || !got[all[0].Recipient()] || !got[all[1].Recipient()] || !got[all[2].Recipient()] {
		t.Errorf("sealed to %v", got)
	}
	for n, one := range []keys.SealIdentity{first, second.All()[0], all[0]} {
		for at, name := range []string{"outbox-00000001.wlo", "outbox-00000002.wlo", "outbox-00000003.wlo"} {
			_, err := outbox.Read(filepath.Join(w.dir, name), one)
			if opened := err == nil; opened != (n == at) || !opened && !fault.Is(err, fault.Denied) {
				t.Errorf("identity %d opens %s: %v, %v", n, name, opened, err)
			}
		}
	}
	ok(t, b.Append(true, receipt(1, w.now), receipt(2, w.now)))
	w.now = w.now.Add(8 * 24 * time.Hour)
	if n, err := b.Drop(w.now); err != nil || n != 2 {
		t.Fatalf("%d segments went, %v", n, err)
	}
	if got := b.SealedTo(); !maps.Equal(got, map[string]bool{all[0].Recipient(): true}) {
		t.Errorf("afterwards sealed to %v", got)
	}
}

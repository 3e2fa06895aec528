package submit_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/keys"
)

// A computer whose audit keys go forward: central follows them over gaps that are
// filled later, and says once where a look was not made with its key. What was
// made with another is taken all the same.
func TestALookThatWasMadeAnewIsTold(t *testing.T) {
	h := open(t, nil)
	recovery, err := keys.NewSealIdentity()
	h.must(err)
	h.s = submit.New(submit.Options{Journal: h.j, Now: func() time.Time { return h.now }, Unseal: recovery.Unseal})
	peer := h.w4B.peer
	var (
		key  *audit.Ratchet
		last record.Look
	)
	add := func(start bool) record.Look {
		t.Helper()
		var s []byte
		if start {
			r, b, err := audit.Begin(peer.Device.Station, last.Seq+1, key, func(b []byte) ([]byte, error) { return keys.SealTo(b, recovery.Recipient()) })
			h.must(err)
			key, s = &r, b
		}
		last = key.Look(peer.Device.Station, last, []byte(`{}`), s)
		next := key.Next()
		key = &next
		return last
	}
	offer := func(looks ...record.Look) (words []string) {
		t.Helper()
		at := len(h.entries())
		upTo, err := h.s.Looks(h.ctx(), peer, looks)
		h.must(err)
		if upTo < looks[len(looks)-1].Seq {
			t.Errorf("of %d only %d is taken", looks[len(looks)-1].Seq, upTo)
		}
		for _, e := range h.entries()[at:] {
			for _, b := range e.Audits {
				if a, err := audit.Parse(b); err == nil && a.Reason != "" {
					words = append(words, a.Reason)
				}
			}
		}
		return words
	}
	var c []record.Look
	for i := range 12 {
		c = append(c, add(i == 0 || i == 4))
	}
	if words := offer(c[0], c[1]); words != nil {
		t.Errorf("honest looks: %v", words)
	}
	if words := offer(c[6], c[7]); len(words) != 1 || !strings.Contains(words[0], "missing") {
		t.Errorf("behind a gap in which a key was begun: %v", words)
	}
	if words := offer(c[2], c[3], c[4], c[7]); words != nil {
		t.Errorf("the gap is filled: %v", words)
	}
	late := c[5] // behind the key that came late
	late.Event = []byte(`{"forged":true}`)
	if words := offer(late, c[7]); len(words) != 1 || !strings.Contains(words[0], "was not made with the key") {
		t.Errorf("one that comes late and was changed: %v", words)
	}
	again := add(true)
	if words := offer(c[8:]...); words != nil {
		t.Errorf("until the next key is begun nothing is told of keys: %v", words)
	}
	if words := offer(again, add(false)); words != nil {
		t.Errorf("the next key: %v", words)
	}
	thief := audit.Ratchet{Seq: last.Seq + 1, Key: key.Next().Key} // of a later look
	var made []record.Look
	forged := last
	for range 3 { // in the place of what the computer has
		forged = thief.Look(peer.Device.Station, forged, []byte(`{"forged":true}`), nil)
		made, thief = append(made, forged), thief.Next()
	}
	if words := offer(made...); len(words) != 1 || !strings.Contains(words[0], "was not made with the key") {
		t.Errorf("looks that were made anew: %v", words)
	}
}

package submit_test

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/audit"
)

// A computer that was put back to an older state says of its chain of looks less
// than it sent before; one whose looks were made anew says another end. Both are
// told once.
func TestACutOrRemadeChainOfLooksShows(t *testing.T) {
	h := open(t, nil)
	station := h.w4B.peer.Device.Station
	var chain []record.Look
	var prev record.Look
	for range 4 {
		prev = audit.Next([32]byte{7}, station, prev, []byte(`{}`))
		chain = append(chain, prev)
	}
	_, err := h.s.Looks(h.ctx(), h.w4B.peer, chain[:3])
	h.must(err)
	said := func(l record.Look, before uint64) (held uint64, words []string) {
		at := len(h.entries())
		held, err := h.s.Declared(h.ctx(), h.w4B.peer, l.Seq, l.MAC, before)
		h.must(err)
		for _, e := range h.entries()[at:] {
			for _, b := range e.Audits {
				a, err := audit.Parse(b)
				h.must(err)
				words = append(words, a.Reason)
			}
		}
		return held, words
	}
	if held, words := said(chain[2], 0); held != 3 || words != nil {
		t.Errorf("level: held %d, %v", held, words)
	}
	if _, words := said(chain[3], 3); words != nil {
		t.Errorf("one more that is on its way: %v", words)
	}
	if _, words := said(chain[1], 1); words != nil {
		t.Errorf("it was asked while its third was on the way: %v", words)
	}
	if _, words := said(chain[1], 3); len(words) != 1 || !strings.Contains(words[0], "fewer than those that it sent before") {
		t.Errorf("put back: %v", words)
	}
	if _, words := said(chain[0], 3); words != nil {
		t.Errorf("told again: %v", words)
	}
	_, err = h.s.Looks(h.ctx(), h.w4B.peer, chain[3:])
	h.must(err)
	anew := chain[3]
	anew.MAC = record.Hash{9}
	if _, words := said(anew, 3); len(words) != 1 || !strings.Contains(words[0], "made anew") {
		t.Errorf("made anew: %v", words)
	}
}

package submit_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// recorded counts which of some looks are on record.
func (h *hospital) recorded(looks []record.Look) (n int) {
	there := map[string]int{}
	for _, e := range h.entries() {
		for _, a := range e.Audits {
			there[string(a)]++
		}
	}
	for _, l := range looks {
		n += there[string(l.Event)]
	}
	return n
}

// chainOf makes n further looks of one computer, each of its own content.
func chainOf(h *hospital, who string, after []record.Look, n int) []record.Look {
	out := append([]record.Look(nil), after...)
	for range n {
		l := record.Look{Station: h.w4B.peer.Device.Station, Seq: uint64(len(out)) + 1, Event: fmt.Appendf(nil, `{"%s":%d}`, who, len(out)+1)}
		if len(out) > 0 {
			l.Prev = out[len(out)-1].MAC
		}
		l.MAC = sha256.Sum256(append(l.Prev[:], l.Event...))
		out = append(out, l)
	}
	return out
}

// A central that was rolled back has lost some of a computer's looks. Another computer
// with a copy of its disk offers what it made itself under those numbers: taken for the
// missing ones, they would keep the computer's own from ever being taken. Found by the
// simulation (seed 1796077091).
func TestALookOfATwinDoesNotStandForAMissingOne(t *testing.T) {
	for _, missing := range []int{1, 2, 5} {
		t.Run(fmt.Sprintf("%d missing", missing), func(t *testing.T) {
			h := open(t, nil)
			peer := h.w4B.peer
			shared := chainOf(h, "both", nil, 1)
			own, twin := chainOf(h, "own", shared, missing+3), chainOf(h, "twin", shared, missing)
			take := func(looks []record.Look) error {
				_, err := h.s.Looks(h.ctx(), peer, looks)
				return err
			}
			h.must(take(own[:1]))
			h.must(take(own[1+missing:])) // what is before them was rolled back
			if err := take(twin); !fault.Is(err, fault.Conflict) {
				t.Errorf("the twin's looks in the place of the missing ones: %v", err)
			}
			h.must(take(own))
			h.must(take(own))
			if n := h.recorded(own); n != len(own) {
				t.Errorf("%d of the computer's %d looks are on record", n, len(own))
			}
			if n := h.recorded(twin[1:]); n != 0 {
				t.Errorf("%d of the twin's looks are on record under an identity that is not its own", n)
			}
		})
	}
}

// A gap that is longer than a message is filled message by message. A twin that is
// there first shows at the latest when the computer itself goes on, and neither is
// told that anything of its own is there that is not.
func TestATwinInALongGapShowsAtTheNextMessage(t *testing.T) {
	h := open(t, nil)
	peer := h.w4B.peer
	shared := chainOf(h, "both", nil, 1)
	own, twin := chainOf(h, "own", shared, 9), chainOf(h, "twin", shared, 9)
	_, err := h.s.Looks(h.ctx(), peer, own[:1])
	h.must(err)
	_, err = h.s.Looks(h.ctx(), peer, own[8:])
	h.must(err)
	_, err = h.s.Looks(h.ctx(), peer, twin[:4]) // nothing speaks against them yet
	h.must(err)
	if _, err = h.s.Looks(h.ctx(), peer, own[4:]); !fault.Is(err, fault.Conflict) {
		t.Errorf("the computer's own, behind those of its twin: %v", err)
	}
	if _, err = h.s.Looks(h.ctx(), peer, twin[4:]); !fault.Is(err, fault.Conflict) {
		t.Errorf("the twin's, where the gap ends: %v", err)
	}
}

// What came in the middle of a gap bounds what is still missing on either side of it.
func TestATwinBesideWhatFilledTheMiddleOfAGap(t *testing.T) {
	h := open(t, nil)
	shared := chainOf(h, "both", nil, 1)
	own, twin := chainOf(h, "own", shared, 7), chainOf(h, "twin", shared, 4)
	for _, part := range [][]record.Look{own[:1], own[7:], own[3:5]} {
		_, err := h.s.Looks(h.ctx(), h.w4B.peer, part)
		h.must(err)
	}
	if _, err := h.s.Looks(h.ctx(), h.w4B.peer, twin[:3]); !fault.Is(err, fault.Conflict) {
		t.Errorf("the twin's, up to what came: %v", err)
	}
	_, err := h.s.Looks(h.ctx(), h.w4B.peer, own)
	h.must(err)
	if n := h.recorded(own); n != len(own) {
		t.Errorf("%d of the computer's %d looks are on record", n, len(own))
	}
}

// What central notes of a chain is on disk for ever: from the first release, and as it
// is since a gap knows its neighbours. Both are of own[3], with 2 and 3 missing.
const (
	chainNoteFirst = "01a3010402582035335df1e4cb2ba120af101d7a5ecb2f03b010283a6580e133ac8acd8c0ca91a0381a201020203"
	chainNoteToday = "01a3010402582035335df1e4cb2ba120af101d7a5ecb2f03b010283a6580e133ac8acd8c0ca91a0381a4" +
		"0102020304582019a03b523817c40aa6960cee545a3b367fbd343d650f904774daf158d479eadf0558200f76d52342aa2e52900c2a6881e45806f1268c4f0e110ca0e512d0f982febdd2"
)

// A gap that an earlier program noted says nothing of its neighbours, and is filled by
// whatever comes, as it was then; today's is not.
func TestTheNoteOfAGapIsReadAsItWasWritten(t *testing.T) {
	for _, c := range []struct {
		name, note string
		twins      int // of the twin's two looks, how many are taken
	}{{"of the first release", chainNoteFirst, 2}, {"of today", chainNoteToday, 0}} {
		t.Run(c.name, func(t *testing.T) {
			h := open(t, nil)
			shared := chainOf(h, "both", nil, 1)
			own, twin := chainOf(h, "own", shared, 3), chainOf(h, "twin", shared, 2)
			note, err := hex.DecodeString(c.note)
			h.must(err)
			_, err = h.j.Update(h.ctx(), func(tx journal.Tx) error {
				return tx.SetNote("looks/"+string(own[0].Station), note)
			})
			h.must(err)
			_, err = h.s.Looks(h.ctx(), h.w4B.peer, twin)
			if refused := fault.Is(err, fault.Conflict); refused != (c.twins == 0) {
				t.Errorf("the twin's looks: %v", err)
			}
			if n := h.recorded(twin[1:]); n != c.twins {
				t.Errorf("%d of the twin's looks are on record", n)
			}
			_, err = h.s.Looks(h.ctx(), h.w4B.peer, own)
			h.must(err)
			if n := h.recorded(own); n != 2-c.twins {
				t.Errorf("%d of the computer's missing looks are on record", n)
			}
		})
	}
}

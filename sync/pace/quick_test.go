package pace

import (
	"bytes"
	"testing"
	"time"

	"wardlight/internal/compact"
	"wardlight/sync/wire"
)

// answered sends something and its mark, which is answered after a while.
func answered(p *Pace, after time.Duration) {
	p.Sent(700)
	id := p.Mark(0)
	p.Left(time.Second)
	p.Back(id, time.Second+after)
	p.Answered(id, 0)
}

// A line whose answers come at once is quick: single messages go whole, and most of
// them without a mark. It stays so while now and then one is late, because a
// processor was busy; where all are late it is as every line is.
func TestAQuickLineIsKnownByItsAnswers(t *testing.T) {
	var p Pace
	if p.Quick() || p.Piece() > 1<<10 {
		t.Error("a line is taken for quick before anything is known of it")
	}
	if answered(&p, 5*time.Millisecond); p.Quick() {
		t.Error("a line is quick whose answer took 5 ms")
	}
	answered(&p, 300*time.Microsecond)
	if !p.Quick() || p.Piece() < 8<<10 {
		t.Errorf("quick %v, a piece has %d bytes", p.Quick(), p.Piece())
	}
	if p.Sent(4 << 10); p.Due() {
		t.Error("a mark behind every few messages, on a quick line")
	}
	for range 3 {
		if answered(&p, 5*time.Millisecond); !p.Quick() {
			t.Error("one late answer makes a quick line slow")
		}
		answered(&p, time.Millisecond)
	}
	for range quickFor {
		answered(&p, 5*time.Millisecond)
	}
	if p.Quick() {
		t.Error("it is quick for ever")
	}
	p.Back(markBit|999, 0) // a copy, or what was never sent: nothing
}

// What is short goes plain on a quick line, and packed on others; what is long is
// packed on all.
func TestWhatIsShortGoesPlainOnAQuickLine(t *testing.T) {
	body := func(n int) []byte { return bytes.Repeat([]byte(`{"resourceType":"Observation"}`), n) }
	for _, c := range []struct {
		on     kind
		body   []byte
		packed bool
	}{{quickLine, body(30), false}, {usualLine, body(30), true}, {quickLine, body(300), true}, {slowLine, body(300), true}} {
		q := queue{packed: compact.First}
		if err := q.put(&wire.Batch{Body: c.body, Sig: []byte{1}}, 0, nil); err != nil {
			t.Fatal(err)
		}
		frames, _, err := q.next(1<<20, 1<<20, wire.MaxFrame, c.on)
		if err != nil || len(frames) != 1 {
			t.Fatalf("%d frames, %v", len(frames), err)
		}
		if packed := wire.Flag(frames[0][2])&wire.FlagZstd != 0; packed != c.packed {
			t.Errorf("%d bytes on line %d: packed %v", len(c.body), c.on, packed)
		}
	}
}

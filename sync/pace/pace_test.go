package pace

import (
	"testing"
	"time"
)

// line is a line of a rate and a delay: what is sent queues up before it.
type line struct {
	rate  int // bytes a second
	delay time.Duration
	free  time.Duration // when it has sent what it has
	// offset is the other side's clock against ours.
	offset time.Duration
}

// arrives is when bytes that are sent now are through, and the answer is back.
func (l *line) arrives(n int, now time.Duration) time.Duration {
	l.free = max(l.free, now) + time.Duration(n)*time.Second/time.Duration(l.rate)
	return l.free + l.delay
}

// saturate sends as much as the pace allows for a while, and returns what got
// through and the longest queue before the line in the second half.
func saturate(p *Pace, l *line, from, until time.Duration) (bytes int, queue time.Duration) {
	type answer struct {
		id uint64
		at time.Duration
	}
	var answers []answer
	now := from
	for now < until {
		for p.Room() > 0 {
			n := p.Piece()
			p.Sent(n)
			l.arrives(n, now)
			if now > from+(until-from)/2 {
				bytes += n
				queue = max(queue, l.free-now)
			}
			if p.Due() {
				answers = append(answers, answer{p.Mark(now), l.arrives(60, now)})
			}
		}
		if len(answers) == 0 {
			return bytes, queue
		}
		now = max(now, answers[0].at)
		p.Answered(answers[0].id, answers[0].at+l.offset)
		answers = answers[1:]
	}
	return bytes, queue
}

// The pace finds each line's measure: it is used well, and nothing stands
// before an urgent message for much longer than the target.
func TestEveryLineIsUsedAndNoQueueGrows(t *testing.T) {
	for name, l := range map[string]*line{
		"64 kbit/s, 600 ms":         {rate: 8_000, delay: 600 * time.Millisecond},
		"64 kbit/s, next door":      {rate: 8_000, delay: 5 * time.Millisecond},
		"9.6 kbit/s":                {rate: 1_200, delay: 300 * time.Millisecond},
		"2 Mbit/s by satellite":     {rate: 250_000, delay: 700 * time.Millisecond},
		"a hundred Mbit/s, 20 ms":   {rate: 12_500_000, delay: 20 * time.Millisecond},
		"a house's own fast switch": {rate: 125_000_000, delay: time.Millisecond},
	} {
		var p Pace
		const half = time.Minute
		bytes, queue := saturate(&p, l, 0, 2*half)
		most := int(half.Seconds() * float64(l.rate))
		if share := float64(bytes) / float64(most); share < 0.8 && l.rate < 20_000_000 {
			t.Errorf("%s: %.0f %% of the line are used", name, 100*share)
		}
		limit := Target + Target/4 + time.Duration(leastBudget+leastPiece)*time.Second/time.Duration(l.rate)
		if queue > limit {
			t.Errorf("%s: a queue of %v, want at most %v", name, queue, limit)
		}
	}
}

// A line whose way changes is learned again, both ways.
func TestAChangedLineIsLearnedAgain(t *testing.T) {
	var p Pace
	l := &line{rate: 250_000, delay: 20 * time.Millisecond}
	saturate(&p, l, 0, 30*time.Second)
	l.delay = 1500 * time.Millisecond // by satellite from now on
	saturate(&p, l, l.free, l.free+2*time.Minute)
	bytes, _ := saturate(&p, l, l.free, l.free+2*time.Minute)
	if share := float64(bytes) / float64(60*l.rate); share < 0.5 {
		t.Errorf("after the delay grew, %.0f %% of the line are used", 100*share)
	}
	l.rate = 8_000
	saturate(&p, l, l.free, l.free+2*time.Minute)
	if _, queue := saturate(&p, l, l.free, l.free+2*time.Minute); queue > 2*Target {
		t.Errorf("after the rate fell, a queue of %v", queue)
	}
}

func TestForeignAnswersAreLeftAlone(t *testing.T) {
	var p Pace
	p.Sent(5000)
	if p.Answered(7, time.Second) {
		t.Error("the heartbeat's own answer was taken for a mark's")
	}
	id := p.Mark(0)
	for _, which := range []string{"answer", "copy"} {
		if !p.Answered(id, time.Second) {
			t.Errorf("a mark's %s was not known", which)
		}
	}
	if p.Room() <= 0 {
		t.Error("an answer makes no room")
	}
}

// A clock that is set in the middle is no queue: after a moment the line is used
// as before, whichever way it was set.
func TestAClockThatIsSetIsNoQueue(t *testing.T) {
	for _, by := range []time.Duration{24 * time.Hour, -24 * time.Hour} {
		var p Pace
		l := &line{rate: 8_000, delay: 600 * time.Millisecond}
		saturate(&p, l, 0, 20*time.Second)
		l.offset = by
		saturate(&p, l, l.free, l.free+time.Minute)
		from := l.free
		bytes, queue := saturate(&p, l, from, from+2*time.Minute)
		if share := float64(bytes) / float64(60*l.rate); share < 0.8 || queue > 2*Target {
			t.Errorf("set by %v: %.0f %% of the line are used, with a queue of %v", by, 100*share, queue)
		}
	}
}

// Slow is a line on which things have been seen to wait; not one of which little
// is known because little was sent.
func TestAQuietLineIsNotSlow(t *testing.T) {
	var p Pace
	for now := time.Duration(0); now < time.Minute; now += time.Second {
		p.Sent(3000)
		p.Answered(p.Mark(now), now+time.Millisecond)
	}
	if p.Slow() {
		t.Error("a quiet line in the house counts as slow")
	}
	var q Pace
	saturate(&q, &line{rate: 8_000, delay: 600 * time.Millisecond}, 0, time.Minute)
	if !q.Slow() {
		t.Error("64 kbit/s do not count as slow")
	}
}

// TestOneQuickMarkMakesNoLineQuick: between two messages a slow line is idle, and
// the first mark then does not wait; several in a row mean that it has changed.
func TestOneQuickMarkMakesNoLineQuick(t *testing.T) {
	var p Pace
	mark := func(wait time.Duration) {
		p.Sent(700)
		p.Answered(p.Mark(0), 300*time.Millisecond+wait)
	}
	mark(0)
	mark(Target / 2)
	mark(0)
	mark(Target / 2)
	for i := range slowFor {
		if !p.Slow() {
			t.Errorf("after %d marks that did not wait the line is not slow any more", i)
		}
		mark(0)
	}
	if p.Slow() {
		t.Errorf("after %d marks that did not wait the line is slow still", slowFor)
	}
}

// TestOneLateMarkMakesNoLineSlow: a processor that was busy for a moment keeps the
// marks waiting that are under way then. That is no slow line, on which what is
// long would be packed with a thousand times the work.
func TestOneLateMarkMakesNoLineSlow(t *testing.T) {
	const late = Target / 2
	var p Pace
	send := func() uint64 { p.Sent(700); return p.Mark(0) }
	answered := func(id uint64, wait time.Duration) { p.Answered(id, time.Millisecond+wait) }
	answered(send(), 0)
	for range 3 { // stalls, far apart, each with several marks under way
		a, b, c := send(), send(), send()
		answered(a, late)
		answered(b, late)
		answered(c, late)
		if p.Slow() {
			t.Fatal("one stall makes a line slow")
		}
		for range slowFor {
			answered(send(), 0)
		}
	}
	answered(send(), late)
	answered(send(), late)
	if !p.Slow() {
		t.Error("marks that wait one after another make no line slow")
	}
}

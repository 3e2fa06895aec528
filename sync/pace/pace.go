package pace

import (
	"slices"
	"time"
)

// The bounds of what may be under way, in bytes.
const (
	firstBudget = 4 << 10
	leastBudget = 1 << 10
	mostBudget  = 2 << 20
	leastPiece  = 512
	slowBudget  = 32 << 10
	slowFor     = 4 // marks
	quickBudget = 32 << 10
	quickFor    = 8 // marks
)

// quickTrip is within what time a mark is answered on a quick line. At least half
// a kilobyte went before it, so such a line carries 4 Mbit/s, and quickBudget in an
// eighth of Target.
const quickTrip = time.Millisecond

// Target is how long what is under way may keep the line beyond its own delay.
const Target = 500 * time.Millisecond

// markBit keeps the ids of our pings apart from those of the heartbeat.
const markBit = 1 << 62

// Pace learns how many bytes occupy a line for half a second. It is a plain
// value without a clock: times are given to it, and its zero value begins
// carefully.
//
// After some of what is sent goes a mark, a ping whose answer says that all
// before it has arrived, and when, by the answerer's clock. The two clocks may
// differ as they like: the least difference between sending and arriving is the
// line's own delay, and what a mark takes beyond it was spent waiting behind what
// we sent. (The answer's own way back does not count: it may wait behind what
// the other side sends. A clock that is set looks like a line that has changed.)
// Over Target the budget shrinks by a quarter, once a round trip. Where it was
// the budget that held us back it grows: by what has arrived while there is
// hardly a queue, by an eighth of that up to half of Target. A mark that takes long although next to nothing is under way means that
// the line itself has changed: its delay is learned again.
type Pace struct {
	budget  int
	sent    uint64 // bytes, since the beginning
	arrived uint64
	marks   []mark // not answered, oldest first
	last    uint64 // id of the newest mark
	marked  uint64 // sent, at the newest mark
	delay   time.Duration
	known   bool // delay was measured
	shrunk  uint64
	slow    int    // how many marks more must not wait until the line is not slow any more
	late    int    // how many marks more may make the line slow by waiting, after one that did
	lateTo  uint64 // the newest mark when that one was answered: those before it met the same
	short   bool   // the budget held something back since the last answer
	quick   int    // how many marks more the line counts as quick
}

type mark struct {
	id   uint64
	sent uint64
	at   time.Duration
	left time.Duration // by a fine clock of this side, where one was noted
}

func (p *Pace) now() int {
	if p.budget == 0 {
		p.budget = firstBudget
	}
	return p.budget
}

// Room is how many bytes may be sent now; it may be negative.
func (p *Pace) Room() int {
	room := p.now() - int(p.sent-p.arrived) //nolint:gosec // bounded by what may be under way
	if room <= 0 {
		p.short = true
	}
	return room
}

// UrgentRoom is the same for what is urgent, which may be under way besides as
// much of the rest: where the line is full of that, it need not wait for any
// answer.
func (p *Pace) UrgentRoom() int { return 2*p.now() - int(p.sent-p.arrived) } //nolint:gosec // bounded as above

// Slow says that the line has been found to be slow: something of what was sent
// last had to wait for it, though little was under way, and not for the first
// time. A single mark that did not wait says nothing: the line may have been idle
// before it. Nor does a single one that did: a processor that was busy, here or
// there, keeps one waiting as well.
func (p *Pace) Slow() bool { return p.slow > 0 && p.now() < slowBudget }

// Quick says that the line has been found to be quick: then what packing a short
// message takes, here and there, is more than the bytes take that it saves.
func (p *Pace) Quick() bool { return p.quick > 0 }

// kind is what sort of line it is found to be.
type kind uint8

const (
	usualLine kind = iota
	slowLine
	quickLine
)

func (p *Pace) kind() kind {
	switch {
	case p.Slow():
		return slowLine
	case p.Quick():
		return quickLine
	}
	return usualLine
}

// Left notes when the newest mark left, by a clock of this side that counts more
// finely than the one that is sent.
func (p *Pace) Left(now time.Duration) {
	if n := len(p.marks); n > 0 {
		p.marks[n-1].left = now
	}
}

// Back notes when a mark's answer came, by the same clock. On a quick line so much
// may be under way that single messages go whole, and rarely with a mark behind
// them, although nothing was ever held back there.
func (p *Pace) Back(id uint64, now time.Duration) {
	i := slices.IndexFunc(p.marks, func(m mark) bool { return m.id == id })
	switch {
	case i < 0:
	case now-p.marks[i].left <= quickTrip:
		p.quick = quickFor
		p.budget = max(p.now(), quickBudget)
	default:
		p.quick = max(p.quick-1, 0)
	}
}

// Piece is how long one piece of a longer message may be: a quarter of what may
// be under way, so that little stands before what is urgent.
func (p *Pace) Piece() int { return max(p.now()/4, leastPiece) }

// Sent counts bytes that went out.
func (p *Pace) Sent(n int) { p.sent += uint64(n) } //nolint:gosec // n is not negative

// Due says that a mark should follow.
func (p *Pace) Due() bool { return p.sent-p.marked >= uint64(p.Piece()) } //nolint:gosec // positive

// Mark is the id of a ping to send now, by this side's clock.
func (p *Pace) Mark(now time.Duration) uint64 {
	p.last++
	p.marked = p.sent
	p.marks = append(p.marks, mark{id: markBit | p.last, sent: p.sent, at: now})
	return markBit | p.last
}

// Answered takes the answer to a ping, with when it arrived by the other side's
// clock, and says whether it was one of ours.
func (p *Pace) Answered(id uint64, there time.Duration) bool {
	if id&markBit == 0 {
		return false
	}
	for i, m := range p.marks {
		if m.id != id {
			continue
		}
		p.marks = p.marks[i+1:]
		if len(p.marks) == 0 {
			p.marks = nil // an idle line holds nothing
		}
		p.learn(m, there)
		return true
	}
	return true // a copy
}

func (p *Pace) learn(m mark, there time.Duration) {
	news := int(m.sent - p.arrived) //nolint:gosec // bounded by what may be under way
	p.arrived = m.sent
	took := there - m.at
	if !p.known || took < p.delay {
		p.delay, p.known = took, true
	}
	wait := took - p.delay
	p.judge(m, wait >= Target/8)
	switch {
	case wait > Target && p.now() == leastBudget:
		p.delay = took
	case wait > Target && m.id > p.shrunk:
		p.budget = max(p.now()*3/4, leastBudget)
		p.shrunk = markBit | p.last
	case wait < Target/8 && p.short:
		p.grow(news)
	case wait < Target/2 && p.short:
		p.grow(news / 8)
	}
}

// judge learns from one mark whether the line is slow.
func (p *Pace) judge(m mark, waited bool) {
	slow, another := p.slow > 0, m.id > p.lateTo // sent after the last late one was answered
	p.slow = max(p.slow-1, 0)
	if another {
		p.late = max(p.late-1, 0)
	}
	if !waited {
		return
	}
	if slow || another && p.late > 0 {
		p.slow = slowFor
	}
	if another {
		p.late, p.lateTo = slowFor, markBit|p.last
	}
}

func (p *Pace) grow(by int) {
	p.budget = min(p.now()+by, mostBudget)
	p.short = false
}

package keys

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"time"
)

// MaxTries is how many wrong PINs a slot bears at most, whatever is set; the last one
// erases it.
const MaxTries = 10

// Guessing is how wrong PINs are answered. A hospital may set it, and only to something
// harder to guess against than Default: fewer tries, waits that begin earlier, are longer
// or grow faster.
//
// No end of its range is weaker than Default, so nothing that central says, and nothing
// that is written into the slots file, makes guessing easier than it is where nobody set
// anything. The other ends are there for the ward. Fewer than three tries would shut out
// who hits a key twice in gloves. A wait over half a minute would fall on others: one try
// at a time is made at a computer, and whoever stands behind a colleague waits with them.
type Guessing struct {
	Tries  int           // 3 to 10: the last wrong one erases the slot
	From   int           // 2 to 4: the try from which on there is a wait before it
	Wait   time.Duration // 1 s to 30 s: the first wait
	Factor int           // 2 to 10: how much longer each further one is, up to 30 s
}

// DefaultGuessing is what holds where central has said nothing else.
var DefaultGuessing = Guessing{Tries: MaxTries, From: 4, Wait: time.Second, Factor: 2}

const (
	minTries  = 3
	minFrom   = 2
	maxWait   = 30 * time.Second
	maxFactor = 10
)

// Bounded is it within its bounds; what is not said is the default.
func (g Guessing) Bounded() Guessing {
	if g.Tries == 0 {
		g.Tries = DefaultGuessing.Tries
	}
	if g.From == 0 {
		g.From = DefaultGuessing.From
	}
	return Guessing{
		Tries: min(max(g.Tries, minTries), DefaultGuessing.Tries), From: min(max(g.From, minFrom), DefaultGuessing.From),
		Wait: min(max(g.Wait.Truncate(time.Second), DefaultGuessing.Wait), maxWait), Factor: min(max(g.Factor, DefaultGuessing.Factor), maxFactor),
	}
}

// delay is the wait before a try.
func (g Guessing) delay(try int) time.Duration {
	if try < g.From {
		return 0
	}
	d := g.Wait
	for range try - g.From {
		d = min(d*time.Duration(g.Factor), maxWait)
	}
	return d
}

// keptGuessing is that in the slots file, in words that whoever helps a station can read,
// under a mark that only the device secret makes: who may write no more than the folder
// can take it away, and then the default holds, and cannot set another.
type keptGuessing struct {
	Tries       int    `json:"tries"`
	SlowFrom    int    `json:"slowFrom"`
	SlowSeconds int    `json:"slowSeconds"`
	SlowFactor  int    `json:"slowFactor"`
	Mark        []byte `json:"mark"`
}

func (k keptGuessing) mark(station string, deviceSecret []byte) []byte {
	m := hmac.New(sha256.New, deviceSecret)
	_, _ = fmt.Fprintf(m, "wardlight guessing v1\x00%s\x00%d %d %d %d", station, k.Tries, k.SlowFrom, k.SlowSeconds, k.SlowFactor)
	return m.Sum(nil)[:16]
}

// guessing is what holds in the file: the default where nothing was set, or by another hand.
func (f *slotFile) guessing(station string, deviceSecret []byte) Guessing {
	k := f.Guessing
	if k == nil || !hmac.Equal(k.Mark, k.mark(station, deviceSecret)) {
		return DefaultGuessing
	}
	return Guessing{Tries: k.Tries, From: k.SlowFrom, Wait: time.Duration(k.SlowSeconds) * time.Second, Factor: k.SlowFactor}.Bounded()
}

func (f *slotFile) setGuessing(station string, g Guessing, deviceSecret []byte) {
	f.Guessing = nil // as the file always was
	if g != DefaultGuessing {
		k := &keptGuessing{Tries: g.Tries, SlowFrom: g.From, SlowSeconds: int(g.Wait / time.Second), SlowFactor: g.Factor}
		k.Mark = k.mark(station, deviceSecret)
		f.Guessing = k
	}
}

// SetGuessing makes what central said of guessing hold here, from the next try on. Who
// has had as many wrong PINs already as are allowed now has one more: that the number was
// lowered is not their mistake, and nobody has more than MaxTries in all.
func (s *Slots) SetGuessing(g Guessing, deviceSecret []byte) error {
	const op = "slots.setguessing"
	g = g.Bounded()
	s.mu.Lock()
	f, err := s.load(op)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	if f.guessing(s.station, deviceSecret) == g && (f.Guessing == nil) == (g == DefaultGuessing) {
		return nil // central says it every minute
	}
	return s.change(op, func(f *slotFile) error {
		if err := f.checkDevice(op, s.station, deviceSecret); err != nil {
			return err
		}
		was := f.guessing(s.station, deviceSecret)
		for i := range f.Slots {
			if sl := &f.Slots[i]; sl.Kind == slotPIN && !sl.spent(was.Tries) && sl.Tries >= g.Tries {
				sl.Once = true
			}
		}
		f.setGuessing(s.station, g, deviceSecret)
		return nil
	})
}

// Guessing is what holds.
func (s *Slots) Guessing(deviceSecret []byte) (Guessing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.load("slots.guessing")
	if err != nil {
		return DefaultGuessing, err
	}
	return f.guessing(s.station, deviceSecret), nil
}

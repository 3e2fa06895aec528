package enrol

import (
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// What guessing may cost central. Stretching one PIN takes 64 MiB, so atOnce are
// stretched at a time; a station that floods its sign-in fills its own places and
// not those of others, who wait a little and are then told to come back (a
// station then asks its own slot, as with the network out).
const (
	atOnce      = 2
	waiting     = 64
	patience    = 3 * time.Second // less than a station waits for the answer
	ofOneAtOnce = 4               // sign-ins of one station that are under way
)

// tries counts failures in a row; it forgets after an hour without one.
type tries struct {
	failed int
	last   time.Time
}

// try counts a try before it is made, so that many at once are no more than the
// same number one after another. It says whether another one is allowed; the
// caller then says right, or notTried, or leaves the count as it is.
func (o *Office) try(key string, most int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.conf.Now()
	t := o.tries[key]
	if t != nil && now.Sub(t.last) > forgets(key) {
		delete(o.tries, key)
		t = nil
	}
	if t != nil && t.failed >= most {
		return false
	}
	if len(o.tries) > 10000 { // bounded: an attacker with many names gains nothing by it
		o.tries = map[string]*tries{}
	}
	if t == nil {
		t = &tries{}
		o.tries[key] = t
	}
	t.failed++
	t.last = now
	return true
}

func forgets(key string) time.Duration {
	if key == "enrol" {
		return time.Minute
	}
	return time.Hour
}

// right forgets the failures before a right answer.
func (o *Office) right(key string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.tries, key)
}

// failures is how many tries failed in a row, as far as they are remembered.
func (o *Office) failures(key string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	t := o.tries[key]
	if t == nil || o.conf.Now().Sub(t.last) > forgets(key) {
		return 0
	}
	return t.failed
}

// notTried takes a try back that was counted and could not be made.
func (o *Office) notTried(key string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t := o.tries[key]; t != nil && t.failed > 0 {
		t.failed--
	}
}

// guess takes one of a station's places; leave gives it back.
func (o *Office) guess(s record.StationID) (leave func(), err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.guessing[s] >= ofOneAtOnce {
		return nil, fault.New(fault.Full, "enrol.signin", string(s), "too many people sign in at this computer at once; try again in a few seconds")
	}
	o.guessing[s]++
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.guessing[s]--; o.guessing[s] == 0 {
			delete(o.guessing, s)
		}
	}, nil
}

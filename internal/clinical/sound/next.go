package sound

import (
	"time"

	"wardlight/internal/clinical/ward"
)

// How often what nobody has seen sounds again, and what lies between two bursts.
const (
	EveryFirst = time.Minute
	FirstFor   = 10 * time.Minute
	EveryLater = 5 * time.Minute
	Gap        = 10 * time.Second
)

// Memory is what a computer has sounded for. The zero value has sounded for nothing.
// It holds an entry for each alert that is open, and no more.
type Memory struct {
	heard map[string]heard
	last  time.Time // of the last burst
}

type heard struct {
	first, last time.Time
	step        int // of the ladder, and the rounds of its last one
}

// Burst is what is to sound now.
type Burst struct {
	Level  Level // None: nothing
	Volume int   // in per cent
}

// Next is what is to sound at now, and what is remembered once it has. Who could not
// play it keeps the memory of before: it is due still.
func Next(m Memory, open []ward.Sounding, s ward.Sounds, now time.Time) (Memory, Burst) {
	next := Memory{heard: make(map[string]heard, len(open)), last: m.last}
	for _, a := range open {
		if h, ok := m.heard[a.Key]; ok {
			next.heard[a.Key] = h
		}
	}
	quiet := s.Quiet(now)
	if s.Muted(now) || between(m.last, now) < Gap {
		return next, Burst{}
	}
	b := Burst{Volume: s.Volume}
	if quiet {
		b.Volume = ward.MinVolume
	}
	for _, a := range open {
		if quiet && !a.Must {
			continue
		}
		h, known := next.heard[a.Key]
		l, step := due(a, h, known, now)
		if l == None {
			continue
		}
		b.Level = max(b.Level, l)
		if !known {
			h.first = now
		}
		h.last, h.step = now, step
		next.heard[a.Key] = h
	}
	if b.Level == None {
		return next, Burst{}
	}
	next.last = now
	return next, b
}

// due is how urgently one alert sounds now, and which step of its ladder it has reached.
func due(a ward.Sounding, h heard, known bool, now time.Time) (Level, int) {
	step := reached(a, now)
	switch {
	case step > h.step:
		return Urgent, step
	case !known:
		return Prompt, step
	case !a.Seen && between(h.last, now) >= every(h, now):
		return Prompt, h.step
	}
	return None, h.step
}

// every is how long an alert that nobody has seen is silent.
func every(h heard, now time.Time) time.Duration {
	if between(h.first, now) < FirstFor {
		return EveryFirst
	}
	return EveryLater
}

// reached counts the steps after the first whose time has come, and the rounds of the
// last one.
func reached(a ward.Sounding, now time.Time) (n int) {
	for i, at := range a.Due {
		if i > 0 && !now.Before(at) {
			n++
		}
	}
	if last := len(a.Due) - 1; last > 0 && n == last && a.Again > 0 {
		n += int(now.Sub(a.Due[last]) / a.Again)
	}
	return n
}

// long stands for a time that nobody knows.
const long = time.Duration(1<<63 - 1)

// between is how much later now is. Where the clock was set back nobody knows, and it
// counts as long ago: a sound too many is better than hours of none.
func between(then, now time.Time) time.Duration {
	if then.IsZero() || now.Before(then) {
		return long
	}
	return now.Sub(then)
}

package simtest

import (
	"time"

	"wardlight/internal/central/journal/memjournal"
)

// something happens in the hospital.
func (w *world) something() {
	if w.rng.IntN(2) == 0 {
		w.central.news()
		return
	}
	w.stations[w.rng.IntN(len(w.stations))].act()
}

// crashSomebody crashes a station, or central: now, or on either side of its
// next commit.
func (w *world) crashSomebody() {
	switch n := w.rng.IntN(6); n {
	case 0, 1, 2:
		w.stations[n].crash()
	case 3:
		w.central.crash()
	case 4:
		w.central.crashing = memjournal.BeforeCommit
	case 5:
		w.central.crashing = memjournal.AfterCommit
	}
}

// cutSomebody cuts a station's cable for a while: nothing passes and nobody is
// told; or breaks its connection once.
func (w *world) cutSomebody() {
	s := w.stations[w.rng.IntN(len(w.stations))]
	if w.rng.IntN(3) == 0 {
		if s.conn != nil {
			s.conn.reset(false)
		}
		return
	}
	s.cut = true
	w.after(time.Second+w.within(20*time.Second), func() { s.cut = false })
}

// heal ends everything that goes wrong, and lets the world come to rest.
func (w *world) heal() {
	w.now = max(w.now, chaos)
	w.healed = true
	w.profile.drop, w.profile.double, w.profile.overtake = 0, 0, 0
	w.central.crashing = 0
	if w.central.down {
		w.central.open()
	}
	w.central.resend(1 << 62)
	for _, s := range w.stations {
		s.cut = false
		if s.machine == nil {
			s.boot()
		}
	}
	var look func()
	look = func() {
		if w.rest = w.calm(); !w.rest {
			w.after(time.Second, look)
		}
	}
	w.after(time.Second, look)
}

// calm says that nothing is left to be done.
func (w *world) calm() bool {
	head := w.central.journal.Head()
	for _, s := range w.stations {
		muts, looks := s.store.Waiting()
		state := s.machine.State()
		if muts > 0 || looks > 0 || s.store.cursor != head || !state.Connected || !state.CaughtUp || !state.Measured {
			return false
		}
	}
	return !w.central.down
}

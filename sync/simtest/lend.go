package simtest

import (
	"time"

	"wardlight/internal/fault"
)

// lentFor is how long a record is lent here: a history has no hour.
const lentFor = 6 * time.Second

// lend lends somebody's record to a computer, which may hold it already, and takes
// it back when its time is over.
func (w *world) lend() {
	s, who := w.somebody(), w.rng.IntN(patients)
	if s.away() || w.central.down {
		return
	}
	of := number(who).Value
	w.central.given(Input{Peer: s.peer(), Lend: of})
	_, err := w.central.submitter.Lend(w.ctx, s.peer(), "grace", of, lendReason)
	if err != nil && !refusedLoan(err) && !fault.Is(err, fault.Full) && !fault.Is(err, fault.Unavailable) {
		w.fail("lending a record: %v", err)
	}
	w.after(lentFor, w.takeBackLent)
}

const lendReason = "an arrest in the corridor"

// refusedLoan: nobody, or more than one, has this number.
func refusedLoan(err error) bool {
	return fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict)
}

// takeBackLent is what central does every minute.
func (w *world) takeBackLent() {
	if !w.central.down {
		w.central.given(Input{Lent: true})
		if err := w.central.submitter.TakeBackLent(w.ctx); err != nil && !fault.Is(err, fault.Full) && !fault.Is(err, fault.Unavailable) {
			w.fail("taking a record back: %v", err)
		}
	}
	if !w.healed {
		w.after(2*time.Second, w.takeBackLent)
	}
}

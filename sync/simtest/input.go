package simtest

import (
	"context"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Input is one thing that central was given, with the time on its clock. Exactly
// one of the others is set.
type Input struct {
	At       int64 // ms since 1970
	Peer     record.Peer
	Mutation *record.Mutation
	Looks    []record.Look
	Filing   *record.Filing
	Device   *record.Device
	Account  *record.Account
	Lend     string // whose record is lent to Peer, by their number
	Lent     bool   // what is lent for long enough is taken back
}

// given notes an input.
func (c *central) given(in Input) {
	if c.w.inputs == nil {
		return
	}
	in.At = c.clock().Wall
	*c.w.inputs = append(*c.w.inputs, in)
}

// Inputs are what central was given in the history of a seed, in order, with all
// that was offered twice, forged, or met a crash or a full disk.
func Inputs(seed uint64) []Input {
	var list []Input
	w := startWorld(seed, None, func(w *world) {
		w.inputs = &list
		w.profile.turn, w.profile.signed = steady, false
	})
	w.live()
	return list
}

// Clock is the time of the input that is being given.
type Clock struct{ Now int64 }

func (c *Clock) time() time.Time { return time.UnixMilli(c.Now) }

// Give gives a journal the inputs of a history.
func Give(ctx context.Context, j journal.Journal, clock *Clock, inputs []Input) error {
	s := submit.New(submit.Options{Journal: j, Now: clock.time, Rules: byName{}, Verify: verifyStamp, Lent: lentFor})
	for _, in := range inputs {
		clock.Now = in.At
		if err := give(ctx, s, in); err != nil {
			return err
		}
	}
	return nil
}

func give(ctx context.Context, s *submit.Submitter, in Input) (err error) {
	by := record.Author{Sender: "administrator"}
	switch {
	case in.Mutation != nil:
		_, err = s.Submit(ctx, in.Peer, *in.Mutation)
	case in.Looks != nil:
		if _, err = s.Looks(ctx, in.Peer, in.Looks); fault.Is(err, fault.Conflict) {
			err = nil // of a computer that was put back, which is told so
		}
	case in.Filing != nil:
		_, err = s.File(ctx, *in.Filing)
	case in.Device != nil:
		err = s.PutDevice(ctx, by, *in.Device)
	case in.Account != nil:
		err = s.PutAccount(ctx, by, *in.Account)
	case in.Lend != "":
		if _, err = s.Lend(ctx, in.Peer, "grace", in.Lend, lendReason); refusedLoan(err) {
			err = nil
		}
	case in.Lent:
		err = s.TakeBackLent(ctx)
	}
	return err
}

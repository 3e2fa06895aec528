package badgerjournal

import (
	"context"
	"crypto/rand"
	"slices"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Epoch is the journal's incarnation.
func (j *Journal) Epoch() record.Epoch {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.epochs[len(j.epochs)-1]
}

// Epochs is the lineage, oldest first.
func (j *Journal) Epochs() []record.Epoch {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.epochs)
}

// Begin starts a new epoch while the journal works: what was being written is
// durable in the old one first, and what comes afterwards is in the new one.
func (j *Journal) Begin(ctx context.Context, cause record.Cause, at record.Position) (record.Epoch, error) {
	const op = "badgerjournal.begin"
	if err := j.takeQuiet(ctx); err != nil {
		return record.Epoch{}, err
	}
	defer j.endTurn()
	if at > j.base.head.Position {
		return record.Epoch{}, fault.Newf(fault.Invalid, op, "", "an epoch cannot begin at %d: the journal ends at %d", at, j.base.head.Position)
	}
	if err := j.space.writing(op, 0); err != nil {
		return record.Epoch{}, err
	}
	if err := j.start(cause, at); err != nil {
		j.down = fault.Newf(fault.Unavailable, op, "", "a new epoch could not be written (%w); stop and start central: what was answered is safe", err)
		return record.Epoch{}, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.base = j.at
	j.next = newGroup(j.base.head)
	j.forget()
	close(j.grown)
	j.grown = make(chan struct{})
	return j.epochs[len(j.epochs)-1], nil
}

// takeQuiet takes the turn at a moment when nothing waits to be written.
func (j *Journal) takeQuiet(ctx context.Context) error {
	for {
		if err := j.takeTurn(ctx); err != nil {
			return err
		}
		busy := j.flight
		if j.next.updates > 0 {
			busy = j.next
		}
		if busy == nil {
			return nil
		}
		j.endTurn()
		select {
		case <-busy.done:
		case <-ctx.Done():
			return fault.As(fault.Timeout, "badgerjournal.begin", "", ctx.Err())
		}
	}
}

// start makes, signs and commits a new epoch at the head. Nothing else may be
// writing.
func (j *Journal) start(cause record.Cause, at record.Position) error {
	const op = "badgerjournal.epoch"
	parent := ""
	if n := len(j.epochs); n > 0 {
		parent = j.epochs[n-1].ID
	}
	e, err := journal.NewEpoch(rand.Reader, j.o.Signer, cause, parent, at, j.o.Now().UnixMilli())
	if err != nil {
		return err
	}
	line := append(slices.Clone(j.epochs), e)
	next := published{ts: j.at.ts + 1, head: j.at.head}
	next.head.Epoch = e.ID
	list, err := j.sealRow(epochsKey, line, next.ts)
	if err != nil {
		return err
	}
	head, err := j.sealRow(headKey, headOf(next), next.ts)
	if err != nil {
		return err
	}
	if err := j.together([]row{list, head}, next.ts); err != nil {
		return dbErr(fault.Unavailable, op, err)
	}
	j.mu.Lock()
	j.epochs, j.at = line, next
	j.mu.Unlock()
	j.head.note(next)
	return j.head.sync()
}

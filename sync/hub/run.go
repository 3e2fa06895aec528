package hub

import (
	"context"
	"slices"

	"wardlight/internal/clinical/record"
)

// Runs of mutations. After an outage a station offers thousands, and one commit
// for each, even of several patients side by side, would be as many waits for
// the disk. A Submitter that can take several in one commit is given a run: as
// many as wait and may go, in the station's order, those of one patient
// included. Either all of a run is durable or nothing of it.

// Bounds of a run. Its entry goes to other stations in one piece, so it must
// not hold up a slow line.
const (
	maxRun   = 64
	runBytes = 64 << 10
	runs     = 2 // under way: one commits while the next is judged
)

// RunSubmitter is a Submitter that takes a run of mutations in one commit.
type RunSubmitter interface {
	// SubmitRun answers every mutation with a receipt, in order. With an error
	// the receipts are those of the first mutations, which are durable; of the
	// others nothing is stored.
	SubmitRun(ctx context.Context, peer record.Peer, muts []record.Mutation) ([]record.Receipt, error)
}

// pumpRun hands on a run of everything whose lane is free.
func (s *Session) pumpRun() {
	u := &s.up
	for len(u.queue) > 0 && u.running < runs {
		run := u.takeRun()
		if len(run) == 0 {
			return
		}
		for _, m := range run {
			u.busy[lane(m)] = true
		}
		u.running++
		s.do(SubmitRun{Mutations: run})
	}
}

func (u *up) takeRun() (run []record.Mutation) {
	size := 0
	waits := map[string]bool{} // lanes with an earlier one still in the queue
	u.queue = slices.DeleteFunc(u.queue, func(m record.Mutation) bool {
		l := lane(m)
		full := len(run) >= maxRun || len(run) > 0 && size+weigh(m) > runBytes
		if u.busy[l] || waits[l] || full {
			waits[l] = true
			return false
		}
		run = append(run, m)
		size += weigh(m)
		return true
	})
	return run
}

// weigh is about how many bytes a mutation takes.
func weigh(m record.Mutation) int {
	n := 512
	for _, op := range m.Ops {
		n += len(op.Value) + len(op.Key)
	}
	return n
}

// submittedRun frees the lanes of a run and sends its receipts.
func (s *Session) submittedRun(ev SubmittedRun) {
	u := &s.up
	u.running--
	for _, m := range ev.Mutations {
		delete(u.busy, lane(m))
	}
	for _, r := range ev.Receipts {
		s.down.owed = max(s.down.owed, r.Position)
	}
	s.sendReceipts(ev.Receipts)
	if ev.Err != nil {
		s.again(ev.Err)
	}
}

package submit

import (
	"context"

	"wardlight/internal/clinical/record"
)

// SubmitRun is Submit for several mutations of one station, in their order and
// in one commit: after an outage thousands wait, and a commit waits for the
// disk. With an error the receipts are those of the first mutations, which are
// durable; of the others nothing is stored.
func (s *Submitter) SubmitRun(ctx context.Context, peer record.Peer, muts []record.Mutation) ([]record.Receipt, error) {
	list := make([]record.Receipt, 0, len(muts))
	right := s.prove(peer, muts)
	e, err := s.update(ctx, "submit.run", string(peer.Device.Station), func(w *work) error {
		list, w.proven = list[:0], right
		for _, m := range muts {
			r, err := w.submit(peer, m)
			if err != nil {
				return err
			}
			list = append(list, r)
		}
		return nil
	})
	if content(err) {
		return s.oneByOne(ctx, peer, muts) // one of them is malformed: the others must not suffer
	}
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Position == 0 {
			list[i].Position = e.Position
		}
	}
	return list, nil
}

func (s *Submitter) oneByOne(ctx context.Context, peer record.Peer, muts []record.Mutation) ([]record.Receipt, error) {
	var list []record.Receipt
	for _, m := range muts {
		r, err := s.Submit(ctx, peer, m)
		if err != nil {
			return list, err
		}
		list = append(list, r)
	}
	return list, nil
}

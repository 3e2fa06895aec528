package demo

import (
	"context"
	"encoding/json"
	"time"

	"wardlight/internal/fault"
)

// settle gathers the evidence and writes the ledger.
func (h *hospital) settle(ctx context.Context) (Ledger, error) {
	ev := Evidence{Charts: map[string][]json.RawMessage{}}
	for _, s := range []*Station{h.ward, h.clinic} {
		rows, err := h.board(ctx, s)
		if err != nil {
			return Ledger{}, err
		}
		for _, r := range rows {
			raw, err := h.open(ctx, s, r.Who.ID)
			if err != nil {
				return Ledger{}, err
			}
			ev.Charts[s.Name] = append(ev.Charts[s.Name], raw)
		}
	}
	// The looks at the charts are on their way to central, too.
	h.pause(4 * time.Second)
	var err error
	if ev.Export, err = h.look(ctx, "export"); err != nil {
		return Ledger{}, err
	}
	if ev.Inbound, err = h.look(ctx, "inbound", "--json"); err != nil {
		return Ledger{}, err
	}
	var list []Intent
	err = WaitFor(ctx, "the looks of both stations are on record", 60*time.Second, func(ctx context.Context) (bool, error) {
		if ev.Audits, err = h.look(ctx, "audit", "list", "--json"); err != nil {
			return false, err
		}
		if list, err = ReadIntents(h.path("intents.jsonl")); err != nil {
			return false, err
		}
		l := Settle(list, ev)
		return l.LooksAudited == l.Looks, nil
	})
	if err != nil && !fault.Is(err, fault.Timeout) {
		return Ledger{}, err
	}
	l := Settle(list, ev)
	l.Breaches = append(h.breaches, l.Breaches...)
	if l.Breaches == nil {
		l.Breaches = []string{}
	}
	return l, nil
}

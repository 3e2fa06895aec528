package client

import (
	"context"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// A delta stands in the queue like the batch that it will be. It is put together
// when everything before it is applied, for only then does the store hold what it
// builds on. What comes of it is held to everything that a batch is held to.

// gotDelta queues a delta that begins where the queue ends.
func (m *Machine) gotDelta(delta *wire.Delta, now wire.Now) {
	d := &m.down
	switch {
	case !m.online() || d.stopped || d.whole:
	case !m.lends || !m.can(wire.CapDelta):
		m.hangup(now, wire.ByeProtocol, "nobody agreed on deltas")
	default:
		m.queue(arrived{record.Batch{Epoch: d.epoch, From: delta.From, To: delta.To}, delta}, now)
	}
}

// putTogether replaces the delta at the queue's front by its batch.
func (m *Machine) putTogether(ev PutTogether, now wire.Now) {
	d := &m.down
	d.applying = false
	if len(d.batches) == 0 || d.batches[0].delta == nil || d.batches[0].delta != ev.Delta {
		return // of an earlier session
	}
	b := ev.Batch
	switch {
	case fault.Is(ev.Err, fault.NotFound) || fault.Is(ev.Err, fault.Conflict):
		m.askWhole()
	case ev.Err != nil:
		m.garbled(ev.Err, now)
	case !m.forUs(b) || b.Epoch != d.epoch || b.From != ev.Delta.From || b.To != ev.Delta.To || len(b.Refill) > 0:
		m.hangup(now, wire.ByeProtocol, "a delta is not the batch that it said it is")
	default:
		d.batches[0] = arrived{Batch: b}
	}
}

// askWhole drops what waits: central goes back to where the station stands.
func (m *Machine) askWhole() {
	d := &m.down
	d.batches, d.expected, d.whole = nil, d.cursor, true
	m.send(&wire.AskWhole{From: d.cursor.Position})
}

// PerformBasis does the effects that build on what the store holds.
func PerformBasis(_ context.Context, basis Basis, verify wire.Verify, e Effect) Event {
	p, ok := e.(PutTogetherDelta)
	if !ok {
		return nil
	}
	b, err := p.Delta.Open(p.Dictionary, func(base wire.Base) (fhir.Resource, error) { return basis.HeldVersion(base.Ref, base.Version) }, verify)
	return PutTogether{p.Delta, b, err}
}

package client

import (
	"slices"

	"wardlight/internal/clinical/record"
	"wardlight/sync/wire"
)

// sinceEpoch is what happened to central since a station stood in an epoch: ""
// where it is the same, CauseRestored where what central knew then is to be
// offered again, CauseWiped where it was emptied on purpose, once, at any time
// since. A station that slept through both a wipe and a later restore must not
// bring back what was wiped, so the whole lineage counts.
func sinceEpoch(mine string, w *wire.Welcome) record.Cause {
	if mine == "" || mine == w.Epoch.ID {
		return ""
	}
	later := w.Epochs
	if i := slices.IndexFunc(w.Epochs, func(e record.Epoch) bool { return e.ID == mine }); i >= 0 {
		later = w.Epochs[i+1:]
	}
	wiped := func(e record.Epoch) bool { return e.Cause == record.CauseWiped }
	if wiped(w.Epoch) || slices.ContainsFunc(later, wiped) {
		return record.CauseWiped
	}
	return w.Epoch.Cause
}

// doubted: central does not know this station's cursor and asks for what it
// signed. Nothing else is exchanged until that is settled.
func (m *Machine) doubted() {
	if !m.online() || !m.keeps {
		return
	}
	m.phase = phaseDoubted
	m.do(ReadProof{Session: m.session})
}

func (m *Machine) proofRead(ev ProofRead) {
	if m.phase != phaseDoubted {
		return
	}
	p := wire.Proof(ev.Proof)
	if ev.Err != nil || len(p.Body) > wire.MaxSigned {
		p = wire.Proof{} // there is none to show: central's administrator has to look
	}
	m.send(&p)
}

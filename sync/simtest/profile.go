package simtest

import (
	"math/rand/v2"
	"time"
)

// profile is what a seed's history is made of. Most of it is nothing in most
// seeds, so that each thing that goes wrong meets the engine alone, too, and
// in every company.
type profile struct {
	drop, double, overtake float64       // shares of the frames
	far                    time.Duration // how long a frame takes at most, beside the usual 20 ms
	fates                  []int         // how often each of fates strikes
	turn                   turn
	sudden                 bool          // the state that the turn goes back to is a moment old
	skew                   time.Duration // between the clocks of two neighbours
	busy                   time.Duration // on average, between two things that people or senders do
	old                    bool          // one station speaks the protocol of the first release
	signed                 bool          // with the device keys' real signatures
	packed                 bool          // what goes over the line is packed
	compares               bool          // both sides compare what they hold of each patient
	papers                 bool          // stations fetch documents
	deltas                 bool          // what is large and changed goes as what differs
}

// turn is what becomes of central's journal in one history.
type turn uint8

// The turns.
const (
	steady     turn = iota
	restored        // from a backup, and said so
	rolledBack      // to an earlier state, and nobody said so
	wiped           // on purpose
	turns
)

func (t turn) String() string {
	return [...]string{"steady", "restored from a backup", "rolled back unannounced", "wiped"}[t]
}

func newProfile(rng *rand.Rand) profile {
	p := profile{
		drop:     share(rng, 0.03),
		double:   share(rng, 0.03),
		overtake: share(rng, 0.03),
		far:      time.Duration(share(rng, float64(900*time.Millisecond))),
		skew:     time.Duration(rng.IntN(3)-1) * 24 * time.Hour,
		busy:     time.Duration(200+rng.IntN(1600)) * time.Millisecond,
		old:      rng.IntN(4) == 0,
		signed:   rng.IntN(16) == 0,
		packed:   rng.IntN(4) == 0,
		compares: rng.IntN(3) == 0,
		deltas:   rng.IntN(3) == 0,
		papers:   rng.IntN(3) == 0,
		fates:    make([]int, len(fates)),
	}
	p.packed = p.packed || p.deltas
	if rng.IntN(3) == 0 {
		p.turn = turn(rng.IntN(int(turns))) //nolint:gosec // a small number
		p.sudden = rng.IntN(4) == 0
	}
	for i, f := range fates {
		if rng.IntN(f.oneIn) == 0 {
			p.fates[i] = 1 + rng.IntN(f.most)
		}
	}
	return p
}

// lean makes a history likelier to meet a mutant. Nothing that is checked changes
// by it.
func (p *profile) lean(to Plant) {
	strike := func(name string, times int) {
		for i, f := range fates {
			if f.name == name {
				p.fates[i] = times
			}
		}
	}
	switch to {
	case CursorBeforeCommit, StationUnsynced, LostOnCrash:
		strike("a program crashed", 6)
	case PaperBelieved, PaperKept, PaperForAll:
		p.papers = true
		strike("a computer got other wards", 2)
	case DeltaBelieved:
		p.packed, p.deltas, p.compares = true, true, false
	case NeverCompares:
		p.compares = true
		strike("a copy was damaged", 2)
	case NeverGivesBack:
		p.turn = restored
		strike("a computer was shut out", 1)
	case NeverReoffers:
		p.turn = restored
	case BelievedEarly:
		p.turn, p.sudden = rolledBack, true
	case OffersToWiped:
		p.turn = wiped
	case RevokedServed:
		strike("a computer was shut out", 1)
	case UnsignedTaken:
		strike("a batch was to be forged", 3)
	case FullAnswered:
		strike("central's disk was full", 2)
	case TwinsBelieved, TwinsLooked, AgainUnnamed, AgainDone, LeftBehind, KeptLeftBehind:
		strike("a computer was to be copied", 1)
	case OldSnapshot:
		strike("a computer got other wards", 2)
	default: // any history meets it
	}
}

// share is 0 in two seeds of three.
func share(rng *rand.Rand, most float64) float64 {
	if rng.IntN(3) > 0 {
		return 0
	}
	return rng.Float64() * most
}

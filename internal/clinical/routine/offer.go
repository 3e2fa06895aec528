package routine

import (
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
)

// OfferedFor is for how long after somebody came to a ward its admission routine is
// offered by itself. After that it can still be begun.
const OfferedFor = 24 * time.Hour

// Offer is a routine that can be begun for a patient.
type Offer struct {
	Routine
	Now bool // it is offered by itself: the patient came to the ward, and nobody has begun it
}

// Offers are the routines that can be begun for a patient of a ward, those that are
// offered by themselves first. came is when the patient came to the ward; zero where
// that is not known. A routine of which a run is open is not there: the run is gone
// on with. Nothing is ever begun by itself.
func Offers(list []Routine, runs []Run, ward string, came, now time.Time) []Offer {
	var out []Offer
	for _, r := range list {
		if r.Off || r.Ward != "" && r.Ward != ward {
			continue
		}
		if slices.ContainsFunc(runs, func(run Run) bool { return run.Routine == r.ID && run.IsOpen() }) {
			continue
		}
		begun := slices.ContainsFunc(runs, func(run Run) bool {
			return run.Kind == Admission && !run.Mistake && !run.Started.Before(came)
		})
		fresh := !came.IsZero() && !now.Before(came) && now.Sub(came) < OfferedFor
		out = append(out, Offer{Routine: r, Now: r.Kind == Admission && fresh && !begun})
	}
	slices.SortStableFunc(out, func(a, b Offer) int {
		if a.Now != b.Now {
			if a.Now {
				return -1
			}
			return 1
		}
		if c := slices.Index(Kinds(), a.Kind) - slices.Index(Kinds(), b.Kind); c != 0 {
			return c
		}
		return strings.Compare(a.Name+string(a.ID), b.Name+string(b.ID))
	})
	return out
}

// Use is what became of one step in the runs of a routine.
type Use struct {
	Done, NotNeeded int
	Left            int // the run was ended with it open
	Open            int // still to be done
}

// Add joins two counts.
func (u Use) Add(o Use) Use {
	return Use{Done: u.Done + o.Done, NotNeeded: u.NotNeeded + o.NotNeeded, Left: u.Left + o.Left, Open: u.Open + o.Open}
}

// Counts are the uses of a routine's steps, by version and step.
type Counts struct {
	Runs map[int]int            // by version
	Of   map[int]map[string]Use // by version, by step
}

// Count counts the runs of one definition. Runs that were a mistake count nowhere;
// those of one patient that were begun apart are to be joined before.
func Count(routine fhir.ID, runs []Run) Counts {
	c := Counts{Runs: map[int]int{}, Of: map[int]map[string]Use{}}
	for _, r := range runs {
		if r.Routine != routine || r.Mistake {
			continue
		}
		c.Runs[r.Number]++
		if c.Of[r.Number] == nil {
			c.Of[r.Number] = map[string]Use{}
		}
		for _, s := range r.States() {
			u := c.Of[r.Number][s.ID]
			switch {
			case s.State == Done:
				u.Done++
			case s.State == NotNeeded:
				u.NotNeeded++
			case r.Left:
				u.Left++
			default:
				u.Open++
			}
			c.Of[r.Number][s.ID] = u
		}
	}
	return c
}

// Step is the use of one step over all versions.
func (c Counts) Step(id string) Use {
	var u Use
	for _, of := range c.Of {
		u = u.Add(of[id])
	}
	return u
}

// All is the number of runs over all versions.
func (c Counts) All() int {
	n := 0
	for _, k := range c.Runs {
		n += k
	}
	return n
}

package routine

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
)

// Tally is what became of a routine's steps over all patients, as central counted it.
type Tally struct {
	Counts Counts
	At     time.Time // up to when
	More   bool      // there are more runs than were counted: the newest are missing
}

// MostCounted is how many runs of one routine are counted.
const MostCounted = 20_000

// mostVersions is for how many versions the counts stand by themselves; those before
// are counted together, as version 0.
const mostVersions = 12

// tally is a Tally as it is kept. The form begins with its version.
type tally struct {
	At   int64                     `json:"at"` // ms
	More bool                      `json:"more,omitempty"`
	Runs map[int]int               `json:"runs"`
	Of   map[int]map[string][4]int `json:"of"` // done, not needed, left, open
}

// tallyForm is the version of the form.
const tallyForm = "1 "

// String is the tally as it is kept.
func (t Tally) String() (string, error) {
	c := t.Counts.recent()
	k := tally{At: t.At.UnixMilli(), More: t.More, Runs: c.Runs, Of: map[int]map[string][4]int{}}
	for v, of := range c.Of {
		k.Of[v] = map[string][4]int{}
		for step, u := range of {
			k.Of[v][step] = [4]int{u.Done, u.NotNeeded, u.Left, u.Open}
		}
	}
	b, err := json.Marshal(k)
	return tallyForm + string(b), err
}

// ErrTally is that a tally cannot be read.
var ErrTally = errors.New("this is no count of a routine that this program can read")

// ParseTally reads one.
func ParseTally(s string) (Tally, error) {
	body, ok := strings.CutPrefix(s, tallyForm)
	var k tally
	if !ok || json.Unmarshal([]byte(body), &k) != nil || len(k.Of) > mostVersions+1 {
		return Tally{}, ErrTally
	}
	t := Tally{At: time.UnixMilli(k.At), More: k.More, Counts: Counts{Runs: k.Runs, Of: map[int]map[string]Use{}}}
	for v, of := range k.Of {
		t.Counts.Of[v] = map[string]Use{}
		for step, u := range of {
			t.Counts.Of[v][step] = Use{Done: u[0], NotNeeded: u[1], Left: u[2], Open: u[3]}
		}
	}
	return t, nil
}

// recent joins all but the newest versions into version 0.
func (c Counts) recent() Counts {
	var versions []int
	for v := range c.Runs {
		versions = append(versions, v)
	}
	slices.Sort(versions)
	cut := len(versions) - mostVersions
	out := Counts{Runs: map[int]int{}, Of: map[int]map[string]Use{}}
	for i, v := range versions {
		to := v
		if i < cut {
			to = 0
		}
		out.Runs[to] += c.Runs[v]
		if out.Of[to] == nil {
			out.Of[to] = map[string]Use{}
		}
		for step, u := range c.Of[v] {
			out.Of[to][step] = out.Of[to][step].Add(u)
		}
	}
	return out
}

// CountAll counts the runs of one definition over many patients: each patient's that
// were begun apart are one.
func CountAll(routine fhir.ID, of map[fhir.ID][]Run) Counts {
	var all []Run
	for _, runs := range of {
		one, _ := Join(runs)
		all = append(all, one...)
	}
	return Count(routine, all)
}

//go:build faults

package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"sync"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Env names the environment variable that chooses the fault, or several that meet
// records of other kinds, with commas:
//
//	lost, doubled, altered                 one result of a laboratory
//	lost-entry, doubled-entry, altered-entry   one measurement of a ward
//	unaudited                              one look at a patient
const Env = "WARDLIGHT_FAULT"

// kinds are the known faults: what is done, and whether to what a person
// entered.
var kinds = map[string]plan{
	"lost": {do: lose}, "doubled": {do: double}, "altered": {do: alter},
	"lost-entry": {do: lose, entry: true}, "doubled-entry": {do: double, entry: true}, "altered-entry": {do: alter, entry: true},
	"unaudited": {},
}

// plan is one fault. Without do, a look goes unrecorded.
type plan struct {
	do    func(t *tx, c record.Change) error
	entry bool
}

// after is how many fitting records pass before one is spoiled: the fault lies
// in the middle of ordinary work.
const after = 4

// Wrap gives the wrapper for kinds; "" is none.
func Wrap(list string) (func(journal.Journal) journal.Journal, error) {
	if list == "" {
		return nil, nil
	}
	var plans []plan
	for kind := range strings.SplitSeq(list, ",") {
		p, known := kinds[kind]
		if !known {
			return nil, fault.Newf(fault.Invalid, "faults.wrap", kind, "there is no fault %q", kind)
		}
		for _, other := range plans { // they would meet the same record, and one could hide the other
			if p.met() == other.met() {
				return nil, fault.Newf(fault.Invalid, "faults.wrap", list, "two faults of %s", p.met())
			}
		}
		plans = append(plans, p)
	}
	return func(j journal.Journal) journal.Journal {
		for _, p := range plans {
			j = &spoiled{Journal: j, plan: p}
		}
		return j
	}, nil
}

// met is what a fault meets.
func (p plan) met() string {
	switch {
	case p.do == nil:
		return "looks"
	case p.entry:
		return "entries"
	}
	return "results"
}

// spoiled is a journal with one fault.
type spoiled struct {
	journal.Journal
	plan plan

	mu   sync.Mutex
	seen int // fitting records of committed entries
	done bool
}

// Update lets fn write through the fault. fn may run again, so what it met
// counts only once its entry is committed.
func (s *spoiled) Update(ctx context.Context, fn func(journal.Tx) error) (record.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var last *tx
	e, err := s.Journal.Update(ctx, func(inner journal.Tx) error {
		last = &tx{Tx: inner, plan: s.plan, seen: s.seen, done: s.done, gone: map[fhir.Ref]record.Change{}}
		return fn(last)
	})
	if err == nil && last != nil {
		s.seen, s.done = last.seen, last.done
	}
	return e, err
}

// tx is one transaction with the fault in it.
type tx struct {
	journal.Tx
	plan plan
	seen int
	done bool
	gone map[fhir.Ref]record.Change
}

// due says whether it is this record's turn.
func (t *tx) due() bool {
	t.seen++
	if t.done || t.seen <= after {
		return false
	}
	t.done = true
	return true
}

// Put spoils one first version of an Observation.
func (t *tx) Put(c record.Change) error {
	fits := t.plan.do != nil && c.Ref.Type == fhir.TypeObservation && c.Version == 1 && !c.History &&
		(c.Author.Station != "") == t.plan.entry && bytes.Contains(c.Body, []byte(`"valueQuantity"`))
	if !fits || !t.due() {
		return t.Tx.Put(c)
	}
	return t.plan.do(t, c)
}

// Current shows the transaction what it believes to have written.
func (t *tx) Current(ref fhir.Ref) (record.Change, bool, error) {
	if c, ok := t.gone[ref]; ok {
		return c, true, nil
	}
	return t.Tx.Current(ref)
}

// Audit drops the event of one look at a patient.
func (t *tx) Audit(event []byte) error {
	if t.plan.do == nil && aboutPatient(event) && t.due() {
		return nil
	}
	return t.Tx.Audit(event)
}

func aboutPatient(event []byte) bool {
	var e struct{ Action string }
	return json.Unmarshal(event, &e) == nil && e.Action == "R" && bytes.Contains(event, []byte(`"Patient/`))
}

func lose(t *tx, c record.Change) error {
	t.gone[c.Ref] = c
	return nil
}

func double(t *tx, c record.Change) error {
	if err := t.Tx.Put(c); err != nil {
		return err
	}
	twin := c
	twin.Ref.ID = c.Ref.ID + "-twin"
	twin.Body = fhir.Resource(strings.Replace(string(c.Body), `"id":"`+string(c.Ref.ID)+`"`, `"id":"`+string(twin.Ref.ID)+`"`, 1))
	return t.Tx.Put(twin)
}

// alter changes the last digit of the value.
func alter(t *tx, c record.Change) error {
	body := append(fhir.Resource(nil), c.Body...)
	at := bytes.Index(body, []byte(`"valueQuantity"`))
	value := bytes.Index(body[at:], []byte(`"value":`)) + at + len(`"value":`)
	last := -1
	for i := value; i < len(body) && strings.IndexByte("0123456789.-", body[i]) >= 0; i++ {
		if body[i] != '.' && body[i] != '-' {
			last = i
		}
	}
	if value < at || last < 0 {
		return fault.New(fault.Invalid, "faults.alter", c.Ref.String(), "no digit to change")
	}
	body[last] = '0' + (body[last]-'0'+1)%10
	c.Body = body
	return t.Tx.Put(c)
}

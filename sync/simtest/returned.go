package simtest

import (
	"fmt"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// returned: what central had signed for a station before it was set back, and
// the station kept, is in the journal again: the same words by the same hand,
// wherever they stand in the resource's history. Whom a ward keeps though they left
// follows from it, and is worked out anew.
func (w *world) returned() error {
	if w.profile.turn != restored && w.profile.turn != rolledBack {
		return nil
	}
	here := map[fhir.Ref][]record.Change{}
	judged := map[record.MutationID]bool{} // anew: what came of them before counts no more
	for _, e := range w.ledger.entries {
		for _, m := range e.Mutations {
			judged[m.ID] = true
		}
		for _, c := range e.Changes {
			here[c.Ref] = append(here[c.Ref], c)
		}
	}
	for _, s := range w.stations {
		if s.shut > 0 || s.old() { // what an earlier identity kept, the new one has
			continue
		}
		for _, r := range s.store.kept {
			var b record.Batch
			if err := record.Decode(r.Body, &b); err != nil {
				return err
			}
			for _, c := range b.Changes {
				if !judged[c.Mutation] && !question(c) && !record.IsKept(c.Ref) && !record.IsLent(c.Ref) && !w.again(c, here[c.Ref]) {
					return fmt.Errorf("version %d of %s, which central signed for %s at %d of %s, is not in the journal", c.Version, c.Ref, s.id, b.To, b.Epoch)
				}
			}
		}
	}
	return nil
}

// question says whether central itself asked something: it asks anew, of what
// stands in the journal now, and asked holds it to that.
func question(c record.Change) bool {
	return c.Ref.Type == fhir.TypeTask && strings.HasPrefix(string(c.Ref.ID), "review-")
}

// source is a station's entry, or a message: filed again, it may write its parts
// under other numbers.
func source(c record.Change) string {
	if _, _, station := c.Mutation.Station(); station {
		return string(c.Mutation)
	}
	id := string(c.Mutation)
	return id[:max(strings.LastIndexByte(id, '-'), 0)]
}

// again says whether a change stands among others: its source, or its body.
func (w *world) again(c record.Change, others []record.Change) bool {
	for _, o := range others {
		if c.Mutation != "" && source(o) == source(c) || string(o.Body) == string(c.Body) {
			return true
		}
	}
	author, _, _ := c.Mutation.Station()
	for _, s := range w.stations {
		if s.id == author && !s.away() {
			return true // it has offered it again: once and present hold it to account
		}
	}
	return false
}

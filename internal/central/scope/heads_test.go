package scope_test

import (
	"context"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

func (h *hospital) heads(st *station, after fhir.ID, asked ...fhir.ID) record.Heads {
	out, err := h.s.Heads(context.Background(), st.dev, after, asked)
	h.must(err)
	return out
}

// own is the head of what a station holds of a patient.
func (st *station) own(p fhir.ID) record.Head {
	var all []record.Change
	for _, c := range st.held {
		if c.Patient == p {
			all = append(all, c)
		}
	}
	return record.HeadOf(all)
}

// Whatever happens, what central says about a patient is what a station holds
// that has everything, remembered or read anew.
func TestHeadsAreWhatALevelStationHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := open(t)
		st := ward("4B", "5A")
		people := []string{"anna", "bea", "cleo"}
		for i, p := range people {
			h.put(patient(p))
			h.put(stay("e"+p, p, []string{"4B", "5A", "ICU"}[i]))
		}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			p := rapid.SampledFrom(people).Draw(t, "who")
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				h.put(stay("e"+p, p, rapid.SampledFrom([]string{"4B", "5A", "ICU", ""}).Draw(t, "ward")))
			case 1:
				h.put(result(rapid.SampledFrom([]string{"r1", "r2"}).Draw(t, "which")+p, p, rapid.SampledFrom([]string{"1", "2"}).Draw(t, "value")))
			case 2:
				h.put(patient(p))
			case 3:
				h.heads(st, "")
			}
		}
		st.catchUp(h, 4000)
		got := h.heads(st, "")
		if got.At.Position != h.j.Head().Position || !got.End {
			t.Fatalf("the answer stands at %v", got.At)
		}
		named := map[fhir.ID]bool{}
		for _, ph := range got.Heads {
			named[ph.Patient] = true
			if own := st.own(ph.Patient); own != ph.Head || ph.Newest > got.At.Position {
				t.Fatalf("%s: central says %+v, the station holds %+v", ph.Patient, ph.Head, own)
			}
		}
		for ref := range st.held {
			if ref.Type == fhir.TypePatient && !named[ref.ID] {
				t.Fatalf("%s is held and not named", ref.ID)
			}
		}
	})
}

// A round goes through everybody in steps; who is asked about by name and not in
// scope is not named.
func TestARoundGoesThroughEverybody(t *testing.T) {
	h := open(t)
	st := ward("4B")
	for i := range 70 {
		p := "p" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		h.put(patient(p))
		h.put(stay("e"+p, p, "4B"))
	}
	h.put(patient("away"))
	h.put(stay("eaway", "away", "ICU"))
	var seen []fhir.ID
	for after, steps := fhir.ID(""), 0; ; steps++ {
		a := h.heads(st, after)
		for _, ph := range a.Heads {
			seen = append(seen, ph.Patient)
		}
		if after = a.UpTo; a.End {
			break
		}
		if steps > 5 {
			t.Fatal("the round does not end")
		}
	}
	if len(seen) != 70 || !slices.IsSorted(seen) || len(slices.Compact(seen)) != 70 {
		t.Errorf("the round met %d patients", len(seen))
	}
	a := h.heads(st, "", "paa", "away", "nobody")
	if len(a.Heads) != 1 || a.Heads[0].Patient != "paa" || len(a.Asked) != 3 {
		t.Errorf("asked by name: %+v", a)
	}
}

// A refill is whole, moves no cursor, and tells of those who are not in scope.
func TestARefillIsWholeAndMovesNothing(t *testing.T) {
	h := open(t)
	st := ward("4B")
	h.put(patient("anna"))
	h.put(stay("e1", "anna", "4B"))
	h.put(result("r1", "anna", "1"))
	h.put(result("r1", "anna", "2"))
	h.put(patient("bea"))
	st.catchUp(h, 4000)
	b, err := h.s.Refill(context.Background(), st.dev, st.cursor, []fhir.ID{"anna", "bea"})
	h.must(err)
	if b.From != st.cursor.Position || b.Cursor() != st.cursor || b.Station != "s1" {
		t.Errorf("it moves the cursor: %+v", b.Cursor())
	}
	if len(b.Changes) != 4 || !slices.Equal(b.Refill, []fhir.ID{"anna"}) || !slices.Equal(b.Forget, []fhir.ID{"bea"}) {
		t.Errorf("%d changes, refill %v, forget %v", len(b.Changes), b.Refill, b.Forget)
	}
}

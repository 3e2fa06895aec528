package desk

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// Whoever comes first of thousands comes first of the fifty that are shown, in
// whatever order they are met.
func TestASearchShowsTheFirstOfAllItFinds(t *testing.T) {
	d := &Desk{}
	for _, n := range []int{0, 1, maxFound - 1, maxFound, maxFound + 1, 2*maxFound - 1, 2 * maxFound, 1000} {
		var all []*ward.Row
		for i := range n {
			r := &ward.Row{Who: ward.Identity{ID: fhir.ID(fmt.Sprintf("p%04d", i)), Family: fmt.Sprintf("Family%02d", i%17), Given: fmt.Sprintf("Given%02d", i%31), Retired: i%5 == 0}}
			all = append(all, r)
		}
		for seed := range uint64(20) {
			rng := rand.New(rand.NewPCG(seed, 1))
			rng.Shuffle(n, func(i, j int) { all[i], all[j] = all[j], all[i] })
			few := firstFew{order: d.foundOrder}
			for _, r := range all {
				few.add(r)
			}
			got := slices.Clone(few.sorted())
			want := slices.SortedFunc(slices.Values(all), d.foundOrder)
			if want = want[:min(n, maxFound)]; !slices.Equal(got, want) {
				t.Fatalf("of %d, seed %d: %d are shown, and not the first", n, seed, len(got))
			}
		}
	}
}

// Whom this ward has comes before whom it has not, and then the alphabet counts:
// family name, given name, and what never changes.
func TestThisWardsPatientsAreFoundFirst(t *testing.T) {
	d := &Desk{cfg: Config{Ward: "4B"}}
	who := func(id, at, family, given string, retired bool) *ward.Row {
		return &ward.Row{Who: ward.Identity{ID: fhir.ID(id), Ward: at, Family: family, Given: given, Retired: retired}}
	}
	want := []*ward.Row{
		who("p1", "4B", "Nguyen", "An", false), who("p2", "4B", "Nguyen", "Binh", false), who("p3", "4B", "Nguyen", "Binh", false),
		who("p4", "4B", "Zulu", "Ada", false), who("p5", "4B", "Adeyemi", "Ada", true), who("p6", "5A", "Adeyemi", "Bo", false),
	}
	few := firstFew{order: d.foundOrder}
	for _, r := range slices.Backward(want) {
		few.add(r)
	}
	if got := few.sorted(); !slices.Equal(got, want) {
		for _, r := range got {
			t.Log(r.Who.ID)
		}
		t.Error("the order is not this ward, family name, given name, id")
	}
}

// A word begins a part of a name, in any order, or is the bed, whose leading zeros
// and capitals nobody types; a number is found by how it begins.
func TestWhatFindsAPatient(t *testing.T) {
	v := &derived{row: &ward.Row{Who: ward.Identity{Bed: "B07"}}, words: " nguyen van minh", numbers: " 9990556318 b0001312"}
	nought := &derived{row: &ward.Row{Who: ward.Identity{Bed: "007"}}, words: " rossi giulia"}
	nobed := &derived{row: &ward.Row{}, words: " adeyemi"}
	for text, want := range map[string][3]bool{
		"ngu": {true, false, false}, "minh van": {true, false, false}, "guyen": {}, "Vân": {true, false, false},
		"b07": {true, false, false}, "B07 ngu": {true, false, false}, "07": {false, true, false}, "7": {false, true, false},
		"bed 7": {false, true, false}, "bed": {true, true, true}, "bed 70": {}, "0": {}, "rossi 7": {false, true, false},
		"999 055": {true, false, false}, "b00013": {true, false, false}, "99": {}, "": {}, "-": {},
	} {
		q := parseQuery(text)
		if got := [3]bool{v.matches(&q), nought.matches(&q), nobed.matches(&q)}; got != want {
			t.Errorf("%q finds %v, want %v", text, got, want)
		}
	}
}

// A bed that is told with its room is found by both, and by either.
func TestABedInARoomIsFound(t *testing.T) {
	v := &derived{row: &ward.Row{Who: ward.Identity{Bed: "R2-01"}}, words: " rossi"}
	for text, want := range map[string]bool{"r2-01": true, "R2 1": true, "bed 1": true, "r2": true, "R1-1": false, "r1": false, "2": false} {
		if q := parseQuery(text); v.matches(&q) != want {
			t.Errorf("%q finds it: %v, want %v", text, !want, want)
		}
	}
}

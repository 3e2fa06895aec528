package desk

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/naming"
	"wardlight/internal/clinical/ward"
)

// someone makes a row as it is found by: names, numbers and a bed.
func someone(names, numbers, bed string) *derived {
	return &derived{
		row:   &ward.Row{Who: ward.Identity{Bed: bed}},
		words: behindSpaces(strings.Fields(naming.Fold(names))), numbers: behindSpaces(strings.Fields(naming.FoldNumber(numbers))),
	}
}

// finds are those whom a search of the board finds.
func (b *board) finds(text string) []fhir.ID {
	q := parseQuery(text)
	b.finder.renew(b.rows)
	found := []fhir.ID{}
	b.finder.each(&q, func(id fhir.ID) {
		if b.rows[id].matches(&q) {
			found = append(found, id)
		}
	})
	slices.Sort(found)
	return found
}

// The finder leaves out nobody whom a look at everybody in turn would find, and
// names nobody twice: whatever is typed of names, numbers, beds and rooms, with
// zeros, capitals and letters that have two small forms.
func TestTheFinderLeavesOutNobody(t *testing.T) {
	syllables := []string{"an", "na", "bo", "ross", "i", "ng", "uyen", "ße", "é", "o'c", "k", "ſ", "b0", "7"}
	beds := []string{"", "1", "01", "7", "07", "007", "000", "B7", "b07", "R2-01", "r2-1", "K-9", "\u212a-9", "-3", "R1-", "A B-2"}
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 7))
		word := func() string {
			var w strings.Builder
			for range 1 + rng.IntN(3) {
				w.WriteString(syllables[rng.IntN(len(syllables))])
			}
			return w.String()
		}
		b := &board{}
		b.init()
		for i := range rng.IntN(40) {
			b.set(fhir.ID(fmt.Sprint("p", i)), someone(word()+" "+word(), fmt.Sprintf("%s%04d", word(), rng.IntN(2000)), beds[rng.IntN(len(beds))]))
		}
		for range 60 {
			text := []string{word(), word() + " " + word(), "bed " + beds[rng.IntN(len(beds))], beds[rng.IntN(len(beds))], "bed", word()[:1], fmt.Sprint(rng.IntN(2000)), "0", " - "}[rng.IntN(9)]
			q := parseQuery(text)
			want := []fhir.ID{}
			for id, v := range b.rows {
				if v.matches(&q) {
					want = append(want, id)
				}
			}
			slices.Sort(want)
			if got := b.finds(text); !slices.Equal(got, want) {
				t.Fatalf("seed %d, %q finds %v, want %v", seed, text, got, want)
			}
		}
	}
}

// Who was moved, renamed, given another number, admitted or taken away is found by
// what is right now, and what else changes of them makes nothing anew.
func TestTheFinderFollowsTheBoard(t *testing.T) {
	b := &board{}
	b.init()
	b.set("p1", someone("Rossi Giulia", "123456", "7"))
	b.set("p2", someone("Adeyemi Chidi", "654321", "8"))
	for _, step := range []struct {
		now   *derived
		text  string
		found bool
	}{
		{someone("Rossi Giulia", "123456", "12"), "bed 12", true},
		{someone("Rossi Giulia", "123456", "12"), "bed 7", false},
		{someone("Bianchi Giulia", "123456", "12"), "bian", true},
		{someone("Bianchi Giulia", "123456", "12"), "ross", false},
		{someone("Bianchi Giulia", "777777", "12"), "7777", true},
		{someone("Bianchi Giulia", "777777", "12"), "1234", false},
		{nil, "bian", false},
		{someone("Bianchi Giulia", "777777", "12"), "bian", true},
	} {
		b.set("p1", step.now)
		if got := len(b.finds(step.text)) == 1; got != step.found {
			t.Errorf("%q finds %v, want %v", step.text, got, step.found)
		}
	}
	again := someone("Bianchi Giulia", "777777", "12")
	again.alerts = "a result came"
	if b.set("p1", again); !b.finder.made {
		t.Error("a result made everybody to be read into the finder again")
	}
}

// BenchmarkALetterFindsItsPatients is what a first letter costs among ten thousand.
func BenchmarkALetterFindsItsPatients(b *testing.B) {
	board := &board{}
	board.init()
	for i := range 10000 {
		board.set(fhir.ID(fmt.Sprintf("p%05d", i)), someone(fmt.Sprintf("%c%cfamily%d given%d", 'a'+i%26, 'a'+i/26%26, i, i%31), fmt.Sprintf("b%07d", i), fmt.Sprint(i%400)))
	}
	for _, text := range []string{"a", "ac", "family7 given", "b0004242", "bed 77"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				q := parseQuery(text)
				board.finder.renew(board.rows)
				board.finder.each(&q, func(id fhir.ID) { board.rows[id].matches(&q) })
			}
		})
		b.Run(text+"/in turn", func(b *testing.B) {
			for b.Loop() {
				q := parseQuery(text)
				for _, v := range board.rows {
					v.matches(&q)
				}
			}
		})
	}
}

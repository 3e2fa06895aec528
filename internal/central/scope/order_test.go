package scope_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// screen is a snapshot as a station with a screen is sent it.
type screen struct {
	*station
	from  record.Resume
	last  bool
	parts []record.Part
	done  map[fhir.ID]string // "ready" or "whole", by what chunks said
}

func onScreen(first record.First, wards ...record.Ward) *screen {
	return &screen{station: ward(wards...), from: record.Resume{First: &first}, done: map[fhir.ID]string{}}
}

// chunk takes the next one.
func (s *screen) chunk(h *hospital, size int) record.Chunk {
	ch, err := h.s.Chunk(context.Background(), s.dev, s.from, size)
	h.must(err)
	ch.Changes, err = ch.All()
	h.must(err)
	s.take(ch.Changes)
	for _, p := range ch.Ready {
		s.done[p] = "ready"
	}
	for _, p := range ch.Whole {
		s.done[p] = "whole"
	}
	s.parts = append(s.parts, ch.Part)
	s.from.Snapshot, s.from.Next, s.last = ch.Snapshot, ch.Next, ch.Last
	if ch.Last {
		s.cursor = ch.At
	}
	return ch
}

// onWards puts n patients with so many results each on the wards in turn.
func (h *hospital) onWards(n, results int, wards ...string) {
	for i := range n {
		p := fmt.Sprintf("p%02d", i)
		h.put(patient(p))
		h.put(stay("e"+p, p, wards[i%len(wards)]))
		for r := range results {
			h.put(result(fmt.Sprintf("r%02d-%s", (r*37)%results, p), p, "1")) // ids in another order than time
		}
	}
}

// count is how many of a patient's results are held.
func (s *screen) count(p string) (n int) {
	for ref, c := range s.held {
		if ref.Type == fhir.TypeObservation && c.Patient == fhir.ID(p) {
			n++
		}
	}
	return n
}

// Of two wards the one on the screen comes first, and of its patients what a board
// shows; then the other one's; then everybody's history. What each chunk says is
// complete, is complete.
func TestWhatIsOnScreenComesFirst(t *testing.T) {
	h := open(t)
	h.onWards(4, 100, "4B", "4A") // p01 and p03 are on 4A
	old := result("r50-p01", "p01", "6.9")
	old.Tags = []string{record.TagCritical}
	h.put(old)
	for r := range 60 { // so that the critical one is not among the newest
		h.put(result(fmt.Sprintf("s%02d", r), "p01", "2"))
	}
	s := onScreen(record.First{Wards: []record.Ward{"4A", "elsewhere"}, Patients: []fhir.ID{"p02", "nobody"}}, "4A", "4B")
	var order []string
	for !s.last {
		before := len(s.done)
		ch := s.chunk(h, 2000)
		if ch.Total != 0 && ch.Total < ch.Done {
			t.Errorf("%d of %d", ch.Done, ch.Total)
		}
		for _, p := range ch.Ready {
			order = append(order, string(p))
			if n := s.count(string(p)); n < 48 || n > 60 {
				t.Errorf("%s is ready with %d results, want about the 48 newest", p, n)
			}
		}
		if _, held := s.held[fhir.Ref{Type: fhir.TypeObservation, ID: "r50-p01"}]; s.done["p01"] == "ready" && !held {
			t.Error("somebody is ready whose critical result is not there")
		}
		for _, p := range ch.Whole {
			order = append(order, strings.ToUpper(string(p)))
			if want := map[fhir.ID]int{"p01": 160}[p]; s.count(string(p)) != max(want, 100) {
				t.Errorf("%s is whole with %d results", p, s.count(string(p)))
			}
		}
		if before == 3 && len(s.done) > 3 && s.count("p00") == 0 {
			t.Error("the test tests nothing")
		}
	}
	want := []string{"p01", "p02", "p03", "p00", "P01", "P02", "P03", "P00"}
	if !slices.Equal(order, want) {
		t.Errorf("complete in the order %v, want %v", order, want)
	}
	if !slices.IsSorted(s.parts) || s.parts[0] != record.PartFirst || s.parts[len(s.parts)-1] != record.PartHistory {
		t.Errorf("parts %v", s.parts)
	}
	if got := s.refs(); !slices.Equal(got, h.want(s.dev)) {
		t.Error("the snapshot lacks something, or holds too much")
	}
}

// The order is a part of the token: nobody has to remember it, and it is not asked
// for again.
func TestASnapshotKeepsItsOrderOverARestart(t *testing.T) {
	h := open(t)
	h.onWards(6, 60, "4B", "4A")
	plain, cut := onScreen(record.First{Wards: []record.Ward{"4A"}}, "4A", "4B"), onScreen(record.First{Wards: []record.Ward{"4A"}}, "4A", "4B")
	var want []string
	for !plain.last {
		want = append(want, said(plain.chunk(h, 3000)))
	}
	for n := 0; !cut.last; n++ {
		h.restart()
		if got := said(cut.chunk(h, 3000)); got != want[n] {
			t.Fatalf("chunk %d is\n%s\nwant\n%s", n, got, want[n])
		}
		cut.from.First = nil
	}
	if len(plain.parts) < 10 || !cut.last {
		t.Fatal("the test tests nothing")
	}
}

// said is what a chunk brings, and where it goes on.
func said(ch record.Chunk) string {
	out := ch.Next
	for _, c := range ch.Changes {
		out += " " + c.Ref.String()
	}
	return out
}

// A token is bounded however much is to come first, and one that was made up is
// refused.
func TestAnOrderThatIsTooLongIsCut(t *testing.T) {
	h := open(t)
	h.onWards(1, 3, "4A")
	var first record.First
	for i := range 8 {
		first.Wards = append(first.Wards, record.Ward(strings.Repeat("ü:", 20)+fmt.Sprint(i)))
		first.Patients = append(first.Patients, fhir.ID(strings.Repeat("x", 60)+fmt.Sprint(i)))
	}
	s := onScreen(first, "4A")
	if ch := s.chunk(h, 1); len(ch.Next) > 512 || ch.Last {
		t.Errorf("a token of %d bytes", len(ch.Next))
	}
	s.chunk(h, 1)
	for _, next := range []string{"o1:1:1:1:1:9:p00::4A:", "o1:0:1:1:1:2:p00::4A:", "o1:1:1:1:1:2:p00:rubbish:4A:", "o1:1:1:1:1:2:p00::%zz:", "o2:1:1:1:1:2:p00::4A:"} {
		if _, err := h.s.Chunk(context.Background(), s.dev, record.Resume{Snapshot: s.from.Snapshot, Next: next}, 100); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", next, err)
		}
	}
}

// Whatever happens while an ordered snapshot is read (people change wards, results
// come, are corrected, or are taken to another record; central restarts), nothing
// falls between its stages: with the tail after it the station holds its scope.
func TestNothingFallsBetweenTheStages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := open(t)
		h.onWards(3, 55, "A", "B", "A")
		s := onScreen(record.First{Wards: []record.Ward{"A"}}, "A", "B")
		who := rapid.SampledFrom([]string{"p00", "p01"})
		ref := rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("r%02d-%s", rapid.IntRange(0, 54).Draw(t, "nr"), who.Draw(t, "of"))
		})
		for !s.last {
			s.chunk(h, rapid.SampledFrom([]int{1, 3000, 20000}).Draw(t, "size"))
			for range rapid.IntRange(0, 3).Draw(t, "events") {
				p := who.Draw(t, "patient")
				switch rapid.IntRange(0, 6).Draw(t, "what") {
				case 0, 1:
					h.put(stay("e"+p, p, rapid.SampledFrom([]string{"A", "B"}).Draw(t, "ward")))
				case 2:
					h.put(stay("ep02", "p02", rapid.SampledFrom([]string{"A", "B", "elsewhere"}).Draw(t, "ward of p02")))
				case 3:
					h.put(result("new"+fmt.Sprint(h.j.Head().Position), p, "2"))
				case 4, 5: // it is, or becomes, this patient's
					h.put(result(ref.Draw(t, "result"), p, "3"))
				case 6:
					h.restart()
				}
			}
		}
		s.catchUp(h, 2000)
		if got, want := s.refs(), h.want(s.dev); !slices.Equal(got, want) {
			t.Fatalf("held\n%v\nwant\n%v", got, want)
		}
	})
}

// One that was read before the newest were taken to another record is not left
// without what then counts as new.
func TestWhatIsTakenToAnotherRecordLeavesNoHole(t *testing.T) {
	h := open(t)
	h.onWards(2, 60, "A")
	s := onScreen(record.First{Wards: []record.Ward{"A"}}, "A")
	for s.done["p01"] == "" {
		s.chunk(h, 2000)
	}
	_, err := h.j.Update(context.Background(), func(tx journal.Tx) error { // the newest 50
		for r := 10; r < 60; r++ {
			if err := add(tx, result(fmt.Sprintf("r%02d-p00", (r*37)%60), "p01", "1")); err != nil {
				return err
			}
		}
		return nil
	})
	h.must(err)
	h.restart()
	for !s.last {
		s.chunk(h, 2000)
	}
	s.catchUp(h, 2000)
	if got, want := s.refs(), h.want(s.dev); !slices.Equal(got, want) {
		t.Errorf("held\n%v\nwant\n%v", got, want)
	}
}

package merge

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// The laws of the questions that need several entries: the same test asked for
// twice, two current beds, one person twice. What is asked follows from what is
// there, not from the order in which it came; nothing that ought to be asked goes
// unasked; and nothing that comes twice is asked about twice.

// comeIn plays entries into a record as central does: after each of them the
// questions that it raises, changes or settles are written down. An entry that is
// there already changes nothing.
func comeIn(t *rapid.T, entries []record.Change) (list []record.Change) {
	t.Helper()
	for _, e := range entries {
		if slices.ContainsFunc(list, func(c record.Change) bool { return c.Ref == e.Ref }) {
			continue
		}
		list = ask(t, append(list, e))
		if again := ask(t, slices.Clone(list)); len(again) != len(list) {
			t.Fatalf("the same record, looked at again, asks something else: %s", again[len(again)-1].Body)
		}
	}
	return list
}

// ask writes down what a record asks.
func ask(t *rapid.T, list []record.Change) []record.Change {
	t.Helper()
	drafts, err := Reviews("p1", list)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range drafts {
		ref := fhir.Ref{Type: fhir.TypeTask, ID: d.ID}
		next := record.Version(1)
		for _, c := range list {
			if c.Ref == ref {
				next = c.Version + 1
			}
		}
		list = append(list, record.Change{Ref: ref, Patient: "p1", Version: next, Body: d.Body})
	}
	return list
}

// asked are the open questions: id, question, and who takes part.
func asked(t *rapid.T, list []record.Change) (open []Story, words string) {
	t.Helper()
	q, err := questionsOf(list)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, s := range q.reviews {
		if !s.Open {
			continue
		}
		open = append(open, s)
		line := string(s.ID) + " " + s.Question
		for _, side := range s.Sides {
			line += " " + side.ID
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return open, strings.Join(lines, "\n")
}

// together says whether one open question has both for sides.
func together(open []Story, a, b fhir.Ref) bool {
	has := func(s Story, ref fhir.Ref) bool {
		return slices.ContainsFunc(s.Sides, func(side Side) bool { return side.ID == ref.String() })
	}
	return slices.ContainsFunc(open, func(s Story) bool { return has(s, a) && has(s, b) })
}

// shuffled is another order of arrival, with some entries coming twice.
func shuffled(t *rapid.T, entries []record.Change) []record.Change {
	other := rapid.Permutation(entries).Draw(t, "order")
	for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(entries)-1), 0, 3).Draw(t, "again") {
		other = append(other, entries[i])
	}
	return other
}

// law holds a record to the laws, given which pairs of entries have to be sides
// of one question.
func law(t *rapid.T, entries []record.Change, contradict func(a, b record.Change) bool) {
	t.Helper()
	first := comeIn(t, entries)
	open, words := asked(t, first)
	if _, other := asked(t, comeIn(t, shuffled(t, entries))); other != words {
		t.Fatalf("asked:\n%s\nin another order of arrival:\n%s", words, other)
	}
	for i, a := range entries {
		for _, b := range entries[i+1:] {
			if contradict(a, b) && !together(open, a.Ref, b.Ref) {
				t.Fatalf("nobody is asked about %s and %s:\n%s\n%s\nasked:\n%s", a.Ref, b.Ref, a.Body, b.Body, words)
			}
		}
	}
}

// anEntry is the first version of a resource, as somebody wrote it at a time.
func anEntry(t *rapid.T, r fhir.Type, id string, at time.Duration, elements string) record.Change {
	t.Helper()
	body, err := fhir.Canonical([]byte(fmt.Sprintf(`{"resourceType":%q,"id":%q%s}`, r, id, elements)))
	if err != nil {
		t.Fatal(err)
	}
	return record.Change{
		Ref: fhir.Ref{Type: r, ID: fhir.ID(id)}, Patient: "p1", Version: 1, Body: body, Author: record.Author{User: "grace"},
		Mutation: record.MutationID(id), Times: record.Times{Station: 1_795_000_000_000 + at.Milliseconds(), Measured: true},
	}
}

// Orders of two tests, one with a window of its own, over a day; some on purpose
// beside another. Two that nobody made on purpose, within the window, are asked
// about, together.
func TestLawsOfTheSameTestTwice(t *testing.T) {
	tests := map[string]time.Duration{"2823-3": defaultWindow, "2345-7": windows["2345-7"]}
	rapid.Check(t, func(t *rapid.T) {
		var entries []record.Change
		knew := map[fhir.Ref]bool{}
		for i := range rapid.IntRange(2, 6).Draw(t, "orders") {
			code := rapid.SampledFrom([]string{"2823-3", "2345-7"}).Draw(t, "test")
			purpose := ""
			if i > 0 && rapid.IntRange(0, 3).Draw(t, "purpose") == 0 {
				purpose = fmt.Sprintf(`,"supportingInfo":[{"reference":"ServiceRequest/o%d"}]`, rapid.IntRange(0, i-1).Draw(t, "of"))
			}
			e := anEntry(t, fhir.TypeServiceRequest, fmt.Sprintf("o%d", i), time.Duration(rapid.IntRange(0, 24*60).Draw(t, "minute"))*time.Minute,
				fmt.Sprintf(`,"status":"active","intent":"order","subject":{"reference":"Patient/p1"},"code":{"coding":[{"system":%q,"code":%q}]}%s`, fhir.SystemLOINC, code, purpose))
			knew[e.Ref] = purpose != ""
			entries = append(entries, e)
		}
		code := func(c record.Change) string {
			v, err := fhir.View[fhir.ServiceRequest](c.Body)
			if err != nil {
				t.Fatal(err)
			}
			return v.Code.Code(fhir.SystemLOINC)
		}
		law(t, entries, func(a, b record.Change) bool {
			apart := time.Duration(a.Times.Station-b.Times.Station) * time.Millisecond
			return code(a) == code(b) && apart.Abs() <= tests[code(a)] && !knew[a.Ref] && !knew[b.Ref]
		})
	})
}

// Stays that are going on or are over, with a bed or without, slept in or not.
// Two that are going on, each with a bed that is slept in, are asked about.
func TestLawsOfTwoCurrentBeds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var entries []record.Change
		lies := map[fhir.Ref]bool{}
		for i := range rapid.IntRange(2, 5).Draw(t, "stays") {
			status := rapid.SampledFrom([]string{"in-progress", "arrived", "finished", "planned"}).Draw(t, "status")
			class := rapid.SampledFrom([]string{"IMP", "EMER", "AMB"}).Draw(t, "class")
			bed := rapid.Bool().Draw(t, "bed")
			elements := fmt.Sprintf(`,"status":%q,"class":{"code":%q},"subject":{"reference":"Patient/p1"}`, status, class)
			if bed {
				elements += fmt.Sprintf(`,"extension":[{"url":%q,"valueString":"4B"},{"url":%q,"valueString":"%d"}]`, fhir.ExtWard, fhir.ExtBed, i)
			}
			e := anEntry(t, fhir.TypeEncounter, fmt.Sprintf("e%d", i), time.Duration(i)*time.Hour, elements)
			lies[e.Ref] = bed && class != "AMB" && (status == "in-progress" || status == "arrived")
			entries = append(entries, e)
		}
		law(t, entries, func(a, b record.Change) bool { return lies[a.Ref] && lies[b.Ref] })
	})
}

// Two records that may be one person's are asked about once, whichever of them
// came first, and not when it was asked before.
func TestLawsOfOnePersonTwice(t *testing.T) {
	person := func(t *rapid.T, id string) record.Change {
		elements := fmt.Sprintf(`,"birthDate":%q,"gender":%q,"name":[{"family":%q}]`,
			rapid.SampledFrom([]string{"1971-02-03", "1980-01-01"}).Draw(t, "born"),
			rapid.SampledFrom([]string{"male", "female", "unknown"}).Draw(t, "sex"),
			rapid.SampledFrom([]string{"Okafor", "OKAFOR ", "Kaya"}).Draw(t, "family"))
		if n := rapid.IntRange(0, 2).Draw(t, "number"); n > 0 {
			elements += fmt.Sprintf(`,"identifier":[{"system":"urn:number","value":"%d"}]`, n)
		}
		return anEntry(t, fhir.TypePatient, id, 0, elements)
	}
	view := func(t *rapid.T, c record.Change) fhir.Patient {
		p, err := fhir.View[fhir.Patient](c.Body)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := person(t, "pa"), person(t, "pb")
		if x, y := SamePerson(view(t, a), view(t, b)), SamePerson(view(t, b), view(t, a)); x != y {
			t.Fatalf("one person: %v, the other way round: %v", x, y)
		}
		if !SamePerson(view(t, a), view(t, a)) {
			t.Fatal("somebody is not the same person as themselves")
		}
		one, err := AskPerson(a, b, nil)
		other, err2 := AskPerson(b, a, nil)
		if err != nil || err2 != nil || one == nil || other == nil || one.ID != other.ID || string(one.Body) != string(other.Body) {
			t.Fatalf("asked %v and %v (%v, %v)", one, other, err, err2)
		}
		if again, err := AskPerson(b, a, []fhir.Resource{one.Body}); err != nil || again != nil {
			t.Fatalf("asked once more: %v, %v", again, err)
		}
	})
}

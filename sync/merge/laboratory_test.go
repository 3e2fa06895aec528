package merge

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// version is one message about one result: "status stamp value", the stamp in
// seconds of OBR-22.
func version(s string) record.Mutation {
	var status, value string
	var at int64
	_, _ = fmt.Sscan(s, &status, &at, &value)
	body := fmt.Sprintf(`{"resourceType":"Observation","id":"k","status":%q,"code":{"text":"K"},"valueString":%q}`, status, value)
	return record.Mutation{
		ID: "in-1", Ref: fhir.Ref{Type: fhir.TypeObservation, ID: "k"}, Author: record.Author{Sender: "lab"},
		Ops:    []record.Op{{Kind: record.OpPut, Value: []byte(body)}},
		Stamps: &record.Stamps{StatusChanged: at * 1000},
	}
}

type arrivals struct {
	body    fhir.Resource
	stamps  *record.Stamps
	history []string // every body kept, current ones included
	last    Result
}

func (a *arrivals) arrive(m record.Mutation) {
	a.last = Apply(Input{Current: a.body, Stamps: a.stamps, Mutation: m})
	for _, r := range []fhir.Resource{a.last.Body, a.last.Loser} {
		if r != nil {
			a.history = append(a.history, string(r))
		}
	}
	if a.last.Body != nil {
		a.body = a.last.Body
	}
	if a.last.Stamps != nil {
		a.stamps = a.last.Stamps
	}
}

func TestWhichResultIsCurrent(t *testing.T) {
	tests := []struct {
		name     string
		messages []string
		current  string   // status and value
		flags    []string // remarks on it
		anyOrder bool     // the same whatever the order of arrival
	}{
		{"preliminary, then final", []string{"preliminary 1 6.8", "final 2 6.7"}, "final 6.7", nil, true},
		{"final, then corrected", []string{"final 1 7.1", "corrected 2 4.3"}, "corrected 4.3", nil, true},
		{"same second: preliminary under final", []string{"preliminary 1 6.8", "final 1 6.7"}, "final 6.7", nil, true},
		{"same second: final under corrected", []string{"final 1 7.1", "corrected 1 4.3"}, "corrected 4.3", nil, true},
		{"corrected before any final", []string{"corrected 2 4.3"}, "corrected 4.3", []string{FlagNoEarlierFinal}, false},
		{"the older final arrives after the correction", []string{"corrected 2 4.3", "final 1 7.1"}, "corrected 4.3", nil, true},
		{"a newer final after a correction: backwards", []string{"corrected 1 4.3", "final 2 7.1"}, "final 7.1", []string{FlagStatusBackwards}, true},
		{"a newer preliminary after a final: backwards", []string{"final 1 4.3", "preliminary 2 7.1"}, "preliminary 7.1", []string{FlagStatusBackwards}, true},
		{"an older preliminary after a final", []string{"final 2 4.3", "preliminary 1 7.1"}, "final 4.3", nil, true},
		{"backwards, and then put right", []string{"final 1 4.3", "preliminary 2 7.1", "corrected 3 4.4"}, "corrected 4.4", nil, true},
		{"corrected again and again", []string{"final 1 1", "corrected 2 2", "corrected 3 3"}, "corrected 3", nil, true},
		{"withdrawn", []string{"final 1 7.1", "entered-in-error 2 7.1"}, "entered-in-error 7.1", nil, true},
		{"cancelled", []string{"registered 1 -", "cancelled 2 -"}, "cancelled -", nil, true},
		{"two finals of one second", []string{"final 1 4.3", "final 1 7.1"}, "final 7.1", []string{FlagSameStamp}, true},
		{"two finals of one second, then a correction", []string{"final 1 4.3", "final 1 7.1", "corrected 2 5"}, "corrected 5", nil, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			orders := [][]string{test.messages}
			if test.anyOrder {
				orders = permutations(test.messages)
			}
			for _, order := range orders {
				var a arrivals
				for _, s := range order {
					a.arrive(version(s))
				}
				o := parse(t, a.body)
				if got := statusOf(o) + " " + word(string(o["valueString"]), ""); got != test.current {
					t.Errorf("%v: current is %s, want %s", order, got, test.current)
				}
				if got := flagsOf(o); !slices.Equal(got, test.flags) {
					t.Errorf("%v: flags %v, want %v", order, got, test.flags)
				}
				for _, s := range test.messages {
					v := strings.Fields(s)
					if !slices.ContainsFunc(a.history, func(h string) bool {
						return strings.Contains(h, `"status":"`+v[0]+`"`) && strings.Contains(h, `"valueString":"`+v[2]+`"`)
					}) {
						t.Errorf("%v: %s is not kept", order, s)
					}
				}
			}
		})
	}
}

func permutations(list []string) [][]string {
	if len(list) < 2 {
		return [][]string{list}
	}
	var all [][]string
	for i := range list {
		rest := slices.Concat(list[:i], list[i+1:])
		for _, p := range permutations(rest) {
			all = append(all, append([]string{list[i]}, p...))
		}
	}
	return all
}

// Any messages in any order, doubled or not, end in the same current body.
func TestResultsDoNotDependOnArrival(t *testing.T) {
	statuses := []string{"registered", "preliminary", "final", "corrected", "amended", "cancelled", "entered-in-error", "unknown"}
	rapid.Check(t, func(t *rapid.T) {
		messages := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) record.Mutation {
			m := version(fmt.Sprint(rapid.SampledFrom(statuses).Draw(t, "status"), " ", rapid.IntRange(0, 3).Draw(t, "at"), " ", rapid.IntRange(1, 3).Draw(t, "value")))
			m.Stamps.Analysed = int64(rapid.IntRange(0, 2).Draw(t, "analysed"))
			m.Stamps.Message = int64(rapid.IntRange(1, 3).Draw(t, "message"))
			return m
		}), 1, 5).Draw(t, "messages")
		var one, two arrivals
		for _, m := range messages {
			one.arrive(m)
		}
		for _, m := range rapid.Permutation(append(slices.Clone(messages), messages[0])).Draw(t, "order") {
			two.arrive(m)
		}
		a, b := withRemarks(parse(t, one.body), seenIn(parse(t, one.body)), false), withRemarks(parse(t, two.body), seenIn(parse(t, two.body)), false)
		alike(t, "order of arrival", bodyOf(a), bodyOf(b))
	})
}

// OBX-11 U: what is there becomes final; nothing there is a reason to hold the
// message back.
func TestDeclaredFinalWithoutValue(t *testing.T) {
	u := record.Mutation{
		ID: "in-2", Ref: fhir.Ref{Type: fhir.TypeObservation, ID: "k"}, Author: record.Author{Sender: "lab"},
		Ops: []record.Op{{Kind: record.OpSet, Field: "status", Value: []byte(`"final"`)}}, Stamps: &record.Stamps{StatusChanged: 5000},
	}
	var none arrivals
	if none.arrive(u); none.last.Outcome != record.Refused || !none.last.HeldBack {
		t.Fatalf("nothing there: %+v", none.last)
	}
	for _, test := range []struct {
		before, after string
		changed       bool
	}{
		{"preliminary 1 6.8", "final", true}, {"final 1 6.8", "final", false}, {"corrected 1 6.8", "corrected", false},
	} {
		var a arrivals
		a.arrive(version(test.before))
		a.arrive(u)
		if got := statusOf(parse(t, a.body)); got != test.after || (a.last.Body != nil) != test.changed || a.last.Outcome != record.Applied {
			t.Errorf("%s: %s, %+v", test.before, got, a.last)
		}
	}
	var a arrivals
	a.arrive(version("registered 1 -"))
	if a.arrive(u); !a.last.HeldBack {
		t.Error("a result without a value cannot be declared final")
	}
}

func TestTheSameResultAgainMakesNoVersion(t *testing.T) {
	var a arrivals
	a.arrive(version("final 1 4.3"))
	a.arrive(version("final 1 4.3"))
	if a.last.Outcome != record.Applied || a.last.Body != nil || a.last.Loser != nil {
		t.Fatalf("%+v", a.last)
	}
}

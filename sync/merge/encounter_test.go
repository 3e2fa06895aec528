package merge

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

const stay = `{"resourceType":"Encounter","id":"e1","status":"in-progress","subject":{"reference":"Patient/p1"},"class":{"code":"IMP"},"extension":[{"url":"urn:wardlight:ward","valueString":"4B"},{"url":"urn:wardlight:bed","valueString":"07"}]}`

// adt is a message that says where the patient is; station a move entered by a
// person who saw base.
func adt(at, status, w, bed string) record.Mutation {
	body := fmt.Sprintf(`{"resourceType":"Encounter","id":"e1","status":%q,"subject":{"reference":"Patient/p1"},"class":{"code":"IMP"},"extension":[{"url":"urn:wardlight:ward","valueString":%q},{"url":"urn:wardlight:bed","valueString":%q}]}`, status, w, bed)
	return record.Mutation{
		ID: "in-1", Ref: fhir.Ref{Type: fhir.TypeEncounter, ID: "e1"}, Author: record.Author{Sender: "EHR"},
		Ops: []record.Op{{Kind: record.OpPut, Value: []byte(body)}}, Times: record.Times{Clinical: "2026-11-22T" + at + ":00Z"},
	}
}

func move(t interface{ Fatalf(string, ...any) }, at string, offset time.Duration, measured bool, w string) record.Mutation {
	return record.Mutation{
		ID: "sabcdefghijkl-1", Ref: fhir.Ref{Type: fhir.TypeEncounter, ID: "e1"}, Base: 1, Author: record.Author{User: "tom"},
		Ops: edit(t, "add extension "+ward(w)), Times: record.Times{Clinical: "2026-11-22T" + at + ":00Z", Offset: offset, Measured: measured},
	}
}

// movements applies messages in order to the stay, and returns where the
// patient is and whether a person has to say so.
func movements(t interface{ Fatalf(string, ...any) }, muts ...record.Mutation) (fhir.Resource, Result) {
	body := fhir.Resource(stay)
	var last Result
	for _, m := range muts {
		last = Apply(Input{Base: fhir.Resource(stay), Current: body, Mutation: m})
		if last.Body != nil {
			body = last.Body
		}
		if last.Outcome == record.Refused {
			t.Fatalf("refused: %s", last.Reason)
		}
	}
	return body, last
}

func where(t interface{ Fatalf(string, ...any) }, r fhir.Resource) string {
	return fhir.ExtString(extensionsOf(parse(t, r)), fhir.ExtWard) + " " + statusOf(parse(t, r))
}

func TestMovements(t *testing.T) {
	const hour = time.Hour
	tests := []struct {
		name   string
		muts   []record.Mutation
		want   string
		review bool
	}{
		{"ADT an hour later than the ward's move", []record.Mutation{move(t, "02:00", 0, true, "4C"), adt("03:00", "in-progress", "5A", "1")}, "5A in-progress", false},
		{"the ward's move an hour later than ADT", []record.Mutation{move(t, "03:00", 0, true, "4C"), adt("02:00", "in-progress", "5A", "1")}, "4C in-progress", false},
		{"four minutes apart: a person decides, ADT meanwhile", []record.Mutation{move(t, "03:00", 0, true, "4C"), adt("02:56", "in-progress", "5A", "1")}, "5A in-progress", true},
		{"the ward's clock was never measured", []record.Mutation{move(t, "03:00", 0, false, "4C"), adt("09:00", "in-progress", "5A", "1")}, "5A in-progress", true},
		{"the ward's clock was an hour slow", []record.Mutation{move(t, "02:00", hour, true, "4C"), adt("02:30", "in-progress", "5A", "1")}, "4C in-progress", false},
		{"the ward's clock was a day fast", []record.Mutation{move(t, "23:00", -24*hour, true, "4C"), adt("02:30", "in-progress", "5A", "1")}, "5A in-progress", false},
		{"both say the same place", []record.Mutation{move(t, "03:00", 0, false, "5A"), adt("02:56", "in-progress", "5A", "07")}, "5A in-progress", false},
		{"discharge against a move nearby in time", []record.Mutation{move(t, "03:00", 0, true, "4C"), adt("03:01", "finished", "4B", "07")}, "4B finished", true},
		{"two messages of ADT", []record.Mutation{adt("02:00", "in-progress", "5A", "1"), adt("03:00", "in-progress", "6", "2")}, "6 in-progress", false},
		{"two wards move the patient, an hour apart", []record.Mutation{move(t, "02:00", 0, true, "4C"), move(t, "03:00", 0, true, "5A")}, "5A in-progress", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			one, last := movements(t, test.muts...)
			two, _ := movements(t, test.muts[1], test.muts[0])
			if got := where(t, one); got != test.want {
				t.Errorf("the patient is %s, want %s", got, test.want)
			}
			alike(t, "the other way round", one, two)
			if Disputed(fhir.TypeEncounter, one) != test.review || (last.Outcome == record.Review) != test.review {
				t.Errorf("a person decides: %v, want %v", last.Outcome, test.review)
			}
		})
	}
}

// An older message of ADT never undoes a newer place, and what else it says
// still counts; a message without a place moves nobody.
func TestOlderADT(t *testing.T) {
	older := adt("01:00", "in-progress", "2", "1")
	older.Ops[0].Value = []byte(`{"resourceType":"Encounter","id":"e1","status":"in-progress","class":{"code":"EMER"},"extension":[{"url":"urn:wardlight:ward","valueString":"2"}]}`)
	body, last := movements(t, adt("02:00", "in-progress", "5A", "1"), older)
	if got := where(t, body); got != "5A in-progress" || last.Loser == nil {
		t.Errorf("the patient is %s; kept: %v", got, last.Loser != nil)
	}
	if got := string(parse(t, body)["class"]); got != `{"code":"EMER"}` {
		t.Errorf("class %s", got)
	}
	silent := adt("04:00", "in-progress", "", "")
	silent.Ops[0].Value = []byte(`{"resourceType":"Encounter","id":"e1","status":"in-progress","class":{"code":"AMB"}}`)
	if body, _ = movements(t, adt("02:00", "in-progress", "5A", "1"), silent); where(t, body) != "5A in-progress" {
		t.Errorf("a message without a place moved the patient to %s", where(t, body))
	}
}

// A person who saw where the patient is moves them, whatever the times say.
func TestAMoveByWhoeverSawThePlace(t *testing.T) {
	body, _ := movements(t, adt("03:00", "in-progress", "5A", "1"))
	m := move(t, "02:00", 0, false, "6")
	r := Apply(Input{Base: body, Current: body, Mutation: m})
	if r.Outcome != record.Applied || where(t, r.Body) != "6 in-progress" {
		t.Fatalf("%v", r.Outcome)
	}
}

func TestMovementsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 4).Draw(t, "n")
		var muts []record.Mutation
		for i := range n {
			at := fmt.Sprintf("03:%02d", rapid.IntRange(0, 14).Draw(t, "minute"))
			w := rapid.SampledFrom([]string{"4C", "5A", "6", "ITU"}).Draw(t, "ward")
			if rapid.Bool().Draw(t, "adt") {
				muts = append(muts, adt(at, rapid.SampledFrom([]string{"in-progress", "finished"}).Draw(t, "status"), w, fmt.Sprint(i)))
			} else {
				muts = append(muts, move(t, at, 0, rapid.Bool().Draw(t, "measured"), w))
			}
		}
		one, _ := movements(t, muts...)
		two, _ := movements(t, rapid.Permutation(muts).Draw(t, "order")...)
		alike(t, "order of arrival", one, two)
	})
}

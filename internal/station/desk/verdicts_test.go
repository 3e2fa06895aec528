package desk

import (
	"reflect"
	"testing"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

func potassiumOf(value string) (fhir.Observation, fhir.Resource) {
	body := fhir.Resource(`{"resourceType":"Observation","id":"k","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2823-3"}]},` +
		`"valueQuantity":{"value":` + value + `,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}}`)
	o, err := fhir.View[fhir.Observation](body)
	if err != nil {
		panic(err)
	}
	return o, body
}

// What is remembered of a result is what the rules say of it, of this person, now:
// another value, another person and another hour of a newborn's are judged anew.
func TestARememberedVerdictIsWhatTheRulesSay(t *testing.T) {
	m, rules := new(verdicts), alert.Default()
	hours := func(n int) alert.Subject {
		return alert.Subject{AgeKnown: true, Age: time.Duration(n) * time.Hour}
	}
	people := []alert.Subject{{}, {AgeKnown: true, Years: 40}, {AgeKnown: true, Years: 5}, hours(2), hours(900)}
	for _, value := range []string{"4.1", "6.8", "6.1", "2.4", "6.8"} {
		o, body := potassiumOf(value)
		for range 2 {
			for _, who := range people {
				got := m.of(judging{rules: rules}, o, body, who)
				low, high, band := rules.Band(o, who)
				if want := rules.Judge(o, who); !reflect.DeepEqual(got.said, want) || got.low != low || got.high != high || got.band != band {
					t.Errorf("%s of %+v: %+v, want %+v", value, who, got.said, want)
				}
			}
		}
	}
}

// The same result of the same person is judged once; and what is remembered is
// bounded.
func TestAResultIsJudgedOnce(t *testing.T) {
	m, rules, who := new(verdicts), alert.Default(), alert.Subject{AgeKnown: true, Years: 40}
	o, body := potassiumOf("6.8")
	first := m.of(judging{rules: rules}, o, body, who)
	again := m.of(judging{}, o, body, who) // who judges again has no rules
	if !first.said.Critical || !reflect.DeepEqual(again, first) {
		t.Errorf("first %+v, again %+v", first.said, again.said)
	}
	if why := append(again.said.Why, words.S("added by a page")); &why[0] == &first.said.Why[0] {
		t.Error("who adds to the reasons adds to everybody's")
	}
	for range 5 * maxVerdicts {
		o, body := potassiumOf("4.1")
		m.of(judging{rules: rules}, o, body, who)
	}
	if n := len(m.young) + len(m.old); n > 2*maxVerdicts {
		t.Errorf("%d verdicts are held, want %d at most", n, 2*maxVerdicts)
	}
}

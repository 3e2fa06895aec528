package phoned

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
)

// The calls and results below are written as a line each:
//
//	"K 6.8 mmol/L at 10:20"                     what was told, and when
//	"K 6.8 mmol/L drawn 09:50 here 10:40"       what was sent
//
// so that whoever reads a table reads the story.

var day = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

func clock(s string) time.Time {
	t, err := time.Parse("15:04", s)
	if err != nil {
		panic(err)
	}
	return day.Add(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute)
}

var codes = map[string]string{"K": "2823-3", "Kblood": "6298-4", "Na": "2951-2", "Glu": "14749-6", "INR": "6301-6", "Cult": "600-7"}

// obs reads a line. Words between the unit and the end come in pairs.
func obs(line string) (o fhir.Observation, with map[string]string) {
	f := strings.Fields(line)
	o = fhir.Observation{Status: "final", Code: fhir.CodeableConcept{Text: f[0]}}
	if c := codes[f[0]]; c != "" {
		o.Code.Coding = []fhir.Coding{{System: fhir.SystemLOINC, Code: c}}
	}
	value, comparator := f[1], ""
	if i := strings.IndexAny(value, "0123456789"); i > 0 {
		comparator, value = value[:i], value[i:]
	}
	with = map[string]string{}
	rest := f[2:]
	switch {
	case strings.HasPrefix(f[1], "'"):
		o.ValueString = fhir.Str(strings.Trim(f[1], "'"))
	case value == "none":
		o.Status = "cancelled"
	case value == "pending":
		o.Status = "registered"
	default:
		o.ValueQuantity = &fhir.Quantity{Value: fhir.Dec(value), Comparator: comparator, Unit: rest[0]}
		rest = rest[1:]
	}
	for i := 0; i+1 < len(rest); i += 2 {
		with[rest[i]] = rest[i+1]
	}
	if d := with["drawn"]; d != "" {
		o.EffectiveDateTime = clock(d).Format(time.RFC3339)
	}
	if s := with["status"]; s != "" {
		o.Status = s
	}
	return o, with
}

func call(id, line string) Call {
	o, with := obs(line)
	o.Status = "preliminary"
	if s := with["status"]; s != "" {
		o.Status = s
	}
	person := fhir.ID("ada")
	if p := with["of"]; p != "" {
		person = fhir.ID(p)
	}
	return Call{Ref: fhir.ID(id), Person: person, At: clock(with["at"]), Said: o}
}

// sent makes a result of its versions.
func sent(id string, versions ...string) Sent {
	s := Sent{Ref: fhir.ID(id), Person: "ada"}
	for _, v := range versions {
		o, with := obs(v)
		if p := with["of"]; p != "" {
			s.Person = fhir.ID(p)
		}
		s.Editions = append(s.Editions, Edition{Result: o, Available: clock(with["here"])})
	}
	return s
}

func matcher() Matcher {
	return Matcher{Rules: alert.Default(), Windows: Defaults(), Who: alert.Subject{AgeKnown: true, Years: 72}}
}

// words are lines as a table says them: "c1+c2=r1 differs c2", "c1?r1,r2", "c1".
func words(lines []Line) string {
	var out []string
	for _, l := range lines {
		w := strings.Join(ids(l.Calls), "+")
		if l.Sent != "" {
			w += "=" + string(l.Sent)
		}
		if len(l.Ask) > 0 {
			w += "?" + strings.Join(ids(l.Ask), ",")
		}
		if len(l.Differs) > 0 {
			w += " differs " + strings.Join(ids(l.Differs), ",")
		}
		if l.Apart {
			w += " apart"
		}
		out = append(out, w)
	}
	return strings.Join(out, "; ")
}

func ids(list []fhir.ID) []string {
	out := make([]string, len(list))
	for i, id := range list {
		out[i] = string(id)
	}
	return out
}

func TestWhichResultWasPhoned(t *testing.T) {
	tests := map[string]struct {
		calls   []Call
		sent    []Sent
		answers []Answer
		want    string
	}{
		"nothing came yet": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")}, want: "c1",
		},
		"it came, and says the same": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "K 6.8 mmol/L drawn 09:50 here 10:40")}, want: "c1=r1",
		},
		"the sample is there and has no result yet": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "K pending drawn 09:50 here 10:40")}, want: "c1",
		},
		"it came, and says something else": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "K 5.8 mmol/L drawn 09:50 here 10:40")}, want: "c1=r1 differs c1",
		},
		"it was here before the call": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "K 6.8 mmol/L drawn 09:10 here 09:40")}, want: "c1=r1",
		},
		"what was here before the call says something else: another sample": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "K 4.1 mmol/L drawn 09:10 here 09:40")}, want: "c1",
		},
		"a correction, told before it was sent": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "K 4.1 mmol/L drawn 09:10 here 09:40", "K 6.8 mmol/L drawn 09:10 here 10:45 status corrected")}, want: "c1=r1",
		},
		"corrected after it was confirmed: no difference": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "K 6.8 mmol/L drawn 09:50 here 10:40", "K 5.8 mmol/L drawn 09:50 here 12:00 status corrected")}, want: "c1=r1",
		},
		"the laboratory cancels it: no value": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "K none drawn 09:50 here 10:40")}, want: "c1=r1 differs c1",
		},
		"sent, confirmed, then withdrawn: it stays that one": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "K 6.8 mmol/L drawn 09:50 here 10:40", "K 6.8 mmol/L drawn 09:50 here 11:00 status entered-in-error")}, want: "c1=r1",
		},
		"withdrawn, and never what was told": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "K 3.8 mmol/L drawn 09:50 here 10:40 status entered-in-error")}, want: "c1",
		},
		"it comes after twelve hours": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "K 6.8 mmol/L drawn 09:50 here 22:20")}, want: "c1=r1",
		},
		"two samples of that time, and nothing says which": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent: []Sent{
				sent("r1", "K 5.1 mmol/L drawn 09:10 here 10:30"), sent("r2", "K 6.8 mmol/L drawn 09:50 here 10:40"),
			}, want: "c1?r1,r2",
		},
		"two samples in one message": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent: []Sent{
				sent("r1", "K 6.8 mmol/L drawn 09:10 here 10:40"), sent("r2", "K 5.1 mmol/L drawn 09:50 here 10:40"),
			}, want: "c1?r1,r2",
		},
		"the caller said when it was collected": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20 drawn 09:50")},
			sent: []Sent{
				sent("r1", "K 5.1 mmol/L drawn 09:10 here 10:30"), sent("r2", "K 6.8 mmol/L drawn 09:52 here 10:40"),
			}, want: "c1=r2",
		},
		"a person said which": {
			calls:   []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:    []Sent{sent("r1", "K 5.1 mmol/L drawn 09:10 here 10:30"), sent("r2", "K 6.8 mmol/L drawn 09:50 here 10:40")},
			answers: []Answer{{Call: "c1", Asked: []fhir.ID{"r1", "r2"}, Chosen: "r1"}}, want: "c1=r1 differs c1",
		},
		"a person said none of them": {
			calls:   []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:    []Sent{sent("r1", "K 5.1 mmol/L drawn 09:10 here 10:30"), sent("r2", "K 5.2 mmol/L drawn 09:50 here 10:40")},
			answers: []Answer{{Call: "c1", Asked: []fhir.ID{"r1", "r2"}}}, want: "c1",
		},
		"none of them, and then the right one comes": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent: []Sent{
				sent("r1", "K 5.1 mmol/L drawn 09:10 here 10:30"), sent("r2", "K 5.2 mmol/L drawn 09:50 here 10:40"), sent("r3", "K 6.8 mmol/L drawn 09:40 here 10:55"),
			},
			answers: []Answer{{Call: "c1", Asked: []fhir.ID{"r1", "r2"}}}, want: "c1=r3",
		},
		"what was confirmed stays, though another sample comes": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent: []Sent{
				sent("r1", "K 6.8 mmol/L drawn 09:50 here 10:40"), sent("r2", "K 5.9 mmol/L drawn 10:15 here 11:30"),
			}, want: "c1=r1",
		},
		"another test": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "Na 118 mmol/L drawn 09:50 here 10:40")}, want: "c1",
		},
		"serum or whole blood: a person says": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "Kblood 6.8 mmol/L drawn 09:50 here 10:40")}, want: "c1?r1",
		},
		"sent with a name and no code": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "Potassium 6.8 mmol/L drawn 09:50 here 10:40")}, want: "c1=r1",
		},
		"nobody's": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "K 6.8 mmol/L drawn 09:50 here 10:40 of ben")}, want: "c1",
		},
		"a decision cannot reach over people": {
			calls:   []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:    []Sent{sent("r1", "K 6.8 mmol/L drawn 09:50 here 10:40 of ben")},
			answers: []Answer{{Call: "c1", Asked: []fhir.ID{"r1"}, Chosen: "r1"}}, want: "c1",
		},
		"collected after the call": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "K 6.8 mmol/L drawn 11:00 here 11:40")}, want: "c1",
		},
		"collected the evening before": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "K 6.8 mmol/L drawn 02:00 here 10:40")}, want: "c1",
		},
		"no time of collection was sent": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "K 6.8 mmol/L here 10:40")}, want: "c1?r1",
		},
		"two people write one call down": {
			calls: []Call{call("c2", "K 6.8 mmol/L at 10:23"), call("c1", "K 6.80 mmol/L at 10:20")}, want: "c1+c2",
		},
		"two people write one call down, and it comes": {
			calls: []Call{call("c2", "K 6.8 mmol/L at 10:23"), call("c1", "K 6.8 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "K 6.8 mmol/L drawn 09:50 here 10:40")}, want: "c1+c2=r1",
		},
		"one of two heard it wrong": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20"), call("c2", "K 8.6 mmol/L at 10:23")}, want: "c1+c2 apart",
		},
		"one of two heard it wrong, and it comes": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20"), call("c2", "K 8.6 mmol/L at 10:23")},
			sent:  []Sent{sent("r1", "K 6.8 mmol/L drawn 09:50 here 10:40")}, want: "c1+c2=r1 differs c2 apart",
		},
		"two calls, two samples": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20"), call("c2", "K 6.1 mmol/L at 13:20")},
			sent: []Sent{
				sent("r1", "K 6.8 mmol/L drawn 09:50 here 10:40"), sent("r2", "K 6.1 mmol/L drawn 12:50 here 13:40"),
			}, want: "c1=r1; c2=r2",
		},
		"the laboratory phones twice about one": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20"), call("c2", "K 6.8 mmol/L at 11:20")},
			sent:  []Sent{sent("r1", "K 6.8 mmol/L drawn 09:50 here 11:40")}, want: "c1+c2=r1",
		},
		"written down by mistake": {
			calls: []Call{call("c1", "K 6.8 mmol/L at 10:20 status entered-in-error")},
			sent:  []Sent{sent("r1", "K 6.8 mmol/L drawn 09:50 here 10:40")}, want: "",
		},
		"a culture, in words": {
			calls: []Call{call("c1", "Cult 'Gram-positive-cocci' at 10:20")},
			sent:  []Sent{sent("r1", "Cult 'gram-positive-cocci' drawn 08:50 here 10:40")}, want: "c1=r1",
		},
		"glucose in the other unit, by another code": {
			calls: []Call{call("c1", "Glu 25.1 mmol/L at 10:20")},
			sent:  []Sent{sent("r1", "Glu 25.08 mmol/L drawn 09:50 here 10:40")}, want: "c1=r1",
		},
	}
	for name, tt := range tests {
		if got := words(matcher().Match(tt.calls, tt.sent, tt.answers)); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// What is said on the phone, and what the laboratory sends.
func TestSaysTheSame(t *testing.T) {
	tests := []struct {
		said, sent string
		same       bool
	}{
		{"K 6.8 mmol/L", "K 6.8 mmol/L", true},
		{"K 6.8 mmol/L", "K 6.80 mmol/L", true},
		{"K 6.8 mmol/L", "K 6.81 mmol/L", true},
		{"K 6.8 mmol/L", "K 6.85 mmol/L", false},
		{"K 6.5 mmol/L", "K 6.46 mmol/L", false}, // rounds to 6.5, and only one of them is critical
		{"K 7 mmol/L", "K 6.8 mmol/L", false},    // one digit rounds too much
		{"K 6.8 mmol/L", "K 5.8 mmol/L", false},
		{"K 6.8 mmol/L", "K 68 mmol/L", false},
		{"K 6.8 mmol/L", "K 6.8 mEq/L", true},
		{"K 6.8 mmol/L", "K 6.8 mg/dL", false},
		{"K 6.8 bananas", "K 6.8 bananas", true},
		{"K 6.8 bananas", "K 6.8 mmol/L", false},
		{"K >8 mmol/L", "K >8 mmol/L", true},
		{"K >8 mmol/L", "K 8.4 mmol/L", false},
		{"K 8 mmol/L", "K >8 mmol/L", false},
		{"K 6.8 mmol/L", "K none", false},
		{"INR 6.1 {INR}", "INR 6.1 1", true},
		{"Cult 'MRSA'", "Cult 'mrsa'", true},
		{"Cult 'MRSA'", "Cult 'MSSA'", false},
		{"K 6.8 mmol/L", "K '6.8'", false},
	}
	for _, tt := range tests {
		said, _ := obs(tt.said)
		sent, _ := obs(tt.sent)
		if got := alert.Default().SaysTheSame(said, sent, alert.Subject{AgeKnown: true, Years: 72}); got != tt.same {
			t.Errorf("said %q, sent %q: %v", tt.said, tt.sent, got)
		}
	}
}

// Whatever comes in whatever order: every call is in one line, no line reaches
// over people, a question names at least one result and never chooses, and order
// means nothing.
func TestPropertiesOfMatching(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		calls, results, answers := draw(t)
		m := matcher()
		lines := m.Match(calls, results, answers)
		person := map[fhir.ID]fhir.ID{}
		for _, s := range results {
			person[s.Ref] = s.Person
		}
		seen := map[fhir.ID]int{}
		for _, l := range lines {
			for _, id := range l.Calls {
				seen[id]++
				c := calls[slices.IndexFunc(calls, func(c Call) bool { return c.Ref == id })]
				for _, r := range append(slices.Clone(l.Ask), l.Sent) {
					if r != "" && person[r] != c.Person {
						t.Fatalf("a call about %s is matched with a result of %s", c.Person, person[r])
					}
				}
			}
			if l.Sent != "" && len(l.Ask) > 0 {
				t.Fatalf("chosen and asked: %+v", l)
			}
		}
		for _, c := range calls {
			want := 1
			if c.Said.Status == "entered-in-error" {
				want = 0
			}
			if seen[c.Ref] != want {
				t.Fatalf("%s stands in %d lines, want %d", c.Ref, seen[c.Ref], want)
			}
		}
		again := m.Match(rapid.Permutation(calls).Draw(t, "calls"), rapid.Permutation(results).Draw(t, "results"), rapid.Permutation(answers).Draw(t, "answers"))
		if !reflect.DeepEqual(lines, again) {
			t.Fatalf("another order says %s, not %s", words(again), words(lines))
		}
	})
}

func draw(t *rapid.T) (calls []Call, results []Sent, answers []Answer) {
	test := rapid.SampledFrom([]string{"K", "K", "K", "Kblood", "Na"})
	value := rapid.SampledFrom([]string{"6.8", "5.8", "6.81"})
	who := rapid.SampledFrom([]string{"ada", "ada", "ben"})
	at := func(label string) string {
		return fmt.Sprintf("%02d:%02d", rapid.IntRange(8, 14).Draw(t, label), 5*rapid.IntRange(0, 11).Draw(t, label))
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "n") {
		line := fmt.Sprintf("%s %s mmol/L at %s of %s", test.Draw(t, "test"), value.Draw(t, "value"), at("call"), who.Draw(t, "who"))
		line += " status " + rapid.SampledFrom([]string{"preliminary", "preliminary", "preliminary", "entered-in-error"}).Draw(t, "status")
		calls = append(calls, call(fmt.Sprint("c", i), line))
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "m") {
		var versions []string
		person, kind := who.Draw(t, "who"), test.Draw(t, "test")
		for range rapid.IntRange(1, 2).Draw(t, "versions") {
			versions = append(versions, fmt.Sprintf("%s %s mmol/L drawn %s here %s of %s status %s", kind, value.Draw(t, "value"), at("drawn"), at("here"), person,
				rapid.SampledFrom([]string{"final", "final", "corrected", "entered-in-error"}).Draw(t, "status")))
		}
		s := sent(fmt.Sprint("r", i), versions...)
		slices.SortFunc(s.Editions, func(a, b Edition) int { return a.Available.Compare(b.Available) })
		results = append(results, s)
	}
	if len(calls) > 0 && len(results) > 0 && rapid.Bool().Draw(t, "answered") {
		a := Answer{Call: calls[0].Ref, Asked: []fhir.ID{results[0].Ref}}
		if rapid.Bool().Draw(t, "chosen") {
			a.Chosen = results[0].Ref
		}
		answers = append(answers, a)
	}
	return calls, results, answers
}

// A phoned result as it was first written must be readable for ever.
func TestAPhonedResultOfTheFirstRelease(t *testing.T) {
	b, err := os.ReadFile("testdata/phoned-1.json")
	if err != nil {
		t.Fatal(err)
	}
	o, err := fhir.View[fhir.Observation](b)
	if err != nil {
		t.Fatal(err)
	}
	c, ok := fhir.PhoneCallOf(o)
	want := fhir.PhoneCall{Lab: "Chemistry", Caller: "J. Okoro", At: "2026-11-22T10:20:00.000Z", Why: "the line broke"}
	if !ok || c != want {
		t.Errorf("%+v, %v", c, ok)
	}
	if v := alert.Default().Judge(o, alert.Subject{AgeKnown: true, Years: 72}); !v.Critical {
		t.Errorf("%+v: a phoned 6.8 is critical", v)
	}
	again, err := fhir.Make(o)
	if err != nil || again.Hash() != fhir.Resource(b).Hash() {
		t.Errorf("written anew it is another: %s (%v)", again, err)
	}
	if _, ok := fhir.PhoneCallOf(fhir.Observation{}); ok {
		t.Error("any observation is a phoned one")
	}
	if !json.Valid(b) {
		t.Error("the fixture is no JSON")
	}
}

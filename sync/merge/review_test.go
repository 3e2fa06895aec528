package merge

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

func concept(system, code string) *fhir.CodeableConcept {
	return &fhir.CodeableConcept{Coding: []fhir.Coding{{System: system, Code: code}}}
}

func allergyBody(t interface{ Fatalf(string, ...any) }, id fhir.ID, name, severity string) fhir.Resource {
	a := fhir.AllergyIntolerance{
		ResourceType: fhir.TypeAllergyIntolerance, ID: id, Patient: fhir.To(fhir.Ref{Type: fhir.TypePatient, ID: "p1"}),
		ClinicalStatus: concept(fhir.SystemAllergyClinical, "active"), VerificationStatus: concept(fhir.SystemAllergyVerified, "unconfirmed"),
		Code: &fhir.CodeableConcept{Text: name},
	}
	if severity != "" {
		a.Reaction = []fhir.AllergyReaction{{Manifestation: []fhir.CodeableConcept{{Text: "anaphylaxis"}}, Severity: severity}}
	}
	if name == "" {
		a.Code = concept(fhir.SystemSNOMED, fhir.CodeNoKnownAllergies)
	}
	r, err := fhir.Make(a)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return r
}

// chart is a patient's compartment as central keeps it, in small: it applies
// mutations, carries out decisions, and writes the reviews that Reviews asks
// for, all in one go, as one commit would.
type chart struct {
	t        interface{ Fatalf(string, ...any) }
	versions map[fhir.Ref][]record.Change
	seq      int
}

func newChart(t interface{ Fatalf(string, ...any) }, bodies ...fhir.Resource) *chart {
	c := &chart{t: t, versions: map[fhir.Ref][]record.Change{}}
	for _, b := range bodies {
		c.write(b, "Grace Mensah, nurse")
	}
	return c
}

func (c *chart) write(b fhir.Resource, by string) {
	ref, err := b.Ref()
	if err != nil {
		c.t.Fatalf("%v", err)
	}
	c.keep(ref, b, false, record.Author{User: record.UserID(strings.ToLower(by[:4])), Name: by})
}

func (c *chart) keep(ref fhir.Ref, b fhir.Resource, history bool, by record.Author) {
	c.versions[ref] = append(c.versions[ref], record.Change{
		Ref: ref, Version: record.Version(len(c.versions[ref]) + 1), Patient: "p1", Body: b, History: history, Author: by,
	})
}

func (c *chart) current(ref fhir.Ref) fhir.Resource {
	for _, v := range slices.Backward(c.versions[ref]) {
		if !v.History {
			return v.Body
		}
	}
	return nil
}

func (c *chart) list() []record.Change {
	var all []record.Change
	for _, vs := range c.versions {
		all = append(all, vs...)
	}
	return all
}

func (c *chart) apply(base fhir.Resource, ref fhir.Ref, by string, ops []record.Op) Result {
	c.seq++
	m := record.Mutation{
		ID: record.MutationOf("sabcdefghijkl", uint64(c.seq)), Ref: ref, Base: 1, Ops: ops,
		Author: record.Author{User: record.UserID(strings.ToLower(by[:3])), Name: by}, Reason: "because",
	}
	r := Apply(Input{Base: base, Current: c.current(ref), Mutation: m})
	if r.Outcome == record.Refused {
		c.t.Fatalf("refused: %s", r.Reason)
	}
	if r.Body != nil {
		c.keep(ref, r.Body, false, m.Author)
	}
	if r.Loser != nil {
		c.keep(ref, r.Loser, true, m.Author)
	}
	if ref.Type == fhir.TypeTask {
		c.carryOut(ref, by)
	}
	return r
}

func (c *chart) carryOut(review fhir.Ref, by string) {
	sides := map[fhir.Ref]fhir.Resource{}
	for ref := range c.versions {
		sides[ref] = c.current(ref)
	}
	effects, err := Decide(c.current(review), sides)
	if err != nil {
		c.t.Fatalf("decide: %v", err)
	}
	for _, e := range effects {
		c.apply(c.current(e.Ref), e.Ref, by, e.Ops)
	}
}

func (c *chart) reviews() []ReviewDraft {
	drafts, err := Reviews("p1", c.list())
	if err != nil {
		c.t.Fatalf("reviews: %v", err)
	}
	for _, d := range drafts {
		c.write(d.Body, "Wardlight itself")
	}
	return drafts
}

func (c *chart) open() []Story {
	var open []Story
	for ref := range c.versions {
		if s, err := StoryOf(c.current(ref)); err == nil && s.Open {
			open = append(open, s)
		}
	}
	return open
}

func (c *chart) allergies() AllergyState {
	var list []fhir.AllergyIntolerance
	for ref := range c.versions {
		if ref.Type == fhir.TypeAllergyIntolerance {
			a, err := fhir.View[fhir.AllergyIntolerance](c.current(ref))
			if err != nil {
				c.t.Fatalf("%v", err)
			}
			list = append(list, a)
		}
	}
	return Allergies(list)
}

// choose decides a review as somebody does who has it before their eyes.
func (c *chart) choose(review fhir.Resource, by, side string) Result {
	ops, err := Choose(review, side, record.Author{Name: by}, "2026-11-22T04:20:00Z", "")
	if err != nil {
		c.t.Fatalf("choose: %v", err)
	}
	ref, _ := review.Ref()
	return c.apply(review, ref, by, ops)
}

var (
	penicillin = fhir.Ref{Type: fhir.TypeAllergyIntolerance, ID: "a1"}
	noneRef    = fhir.Ref{Type: fhir.TypeAllergyIntolerance, ID: "n1"}
)

// The clinic records penicillin anaphylaxis, the ward "no known allergies".
func conflicted(t interface{ Fatalf(string, ...any) }) (*chart, Story, fhir.Resource) {
	c := newChart(t)
	c.write(allergyBody(t, "n1", "", ""), "Tom Blake, nurse")
	c.write(allergyBody(t, "a1", "penicillin", "severe"), "Dr Ines Amara")
	drafts := c.reviews()
	if len(drafts) != 1 {
		t.Fatalf("%d reviews, want one", len(drafts))
	}
	s, err := StoryOf(drafts[0].Body)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return c, s, drafts[0].Body
}

func TestAllergyAgainstNoneKnown(t *testing.T) {
	c, s, _ := conflicted(t)
	state := c.allergies()
	if len(state.InForce) != 1 || state.NoneKnown || state.NotRecorded || len(state.Conflicts) != 1 {
		t.Fatalf("the allergy stays in force: %+v", state)
	}
	if !s.Open || s.Patient != "p1" || s.Question != QuestionAllergy || s.Words != "Is the patient allergic to penicillin?" || len(s.Sides) != 2 {
		t.Fatalf("%+v", s)
	}
	a, n := s.Sides[0], s.Sides[1]
	if !a.InForce || n.InForce || a.Author.Name != "Dr Ines Amara" || n.Author.Name != "Tom Blake, nurse" ||
		a.Words != "Allergic: penicillin, anaphylaxis, severe" || n.Words != "No known allergies" {
		t.Fatalf("%+v\n%+v", a, n)
	}
	if more := c.reviews(); len(more) != 0 {
		t.Fatalf("asked again: %d", len(more))
	}
}

func TestDecidingForTheAllergy(t *testing.T) {
	c, _, task := conflicted(t)
	c.choose(task, "Aoife Brennan", penicillin.String())
	state := c.allergies()
	if len(state.InForce) != 1 || len(state.Conflicts) != 0 || len(c.reviews()) != 0 || len(c.open()) != 0 {
		t.Fatalf("%+v", state)
	}
	if !strings.Contains(string(c.current(noneRef)), "refuted") {
		t.Fatal("none known is refuted")
	}
}

func TestDecidingForNoneKnown(t *testing.T) {
	c, _, task := conflicted(t)
	c.choose(task, "Aoife Brennan", noneRef.String())
	if state := c.allergies(); !state.NoneKnown || len(state.Conflicts) != 0 || len(c.reviews()) != 0 {
		t.Fatalf("%+v", state)
	}
}

func TestNeitherKeepsTheAllergyInForce(t *testing.T) {
	c, _, task := conflicted(t)
	c.choose(task, "Aoife Brennan", ChosenNeither)
	if state := c.allergies(); len(state.InForce) != 1 || len(state.Conflicts) != 0 {
		t.Fatalf("%+v", state)
	}
}

// Neither of two values: the safer one stays, the question is closed, and
// whoever said so is in its history. A side that somebody else chose meanwhile
// asks anew.
func TestNeitherOfTwoValuesKeepsTheSaferOne(t *testing.T) {
	ask := func() (*chart, fhir.Ref, ReviewDraft) {
		c := newChart(t, fhir.Resource(rows[6].base))
		ref := fhir.Ref{Type: fhir.TypePatient, ID: "p1"}
		c.apply(fhir.Resource(rows[6].base), ref, "Tom Blake", edit(t, `set birthDate "1979-04-03"`))
		c.apply(fhir.Resource(rows[6].base), ref, "Grace Mensah", edit(t, `set birthDate "1978-03-04"`))
		d := c.reviews()
		if len(d) != 1 {
			t.Fatalf("%d reviews", len(d))
		}
		return c, ref, d[0]
	}
	c, ref, d := ask()
	s, _ := StoryOf(d.Body)
	safer := string(s.Sides[slices.IndexFunc(s.Sides, func(x Side) bool { return x.InForce })].Value)
	c.choose(d.Body, "Aoife Brennan", ChosenNeither)
	o, err := fhir.Parse(c.current(ref))
	if err != nil || string(o["birthDate"]) != safer || Disputed(ref.Type, c.current(ref)) || len(c.reviews()) != 0 {
		t.Fatalf("%s, disputed %v, %v", o["birthDate"], Disputed(ref.Type, c.current(ref)), err)
	}
	if done, _ := StoryOf(c.current(fhir.Ref{Type: fhir.TypeTask, ID: d.ID})); done.Open || !slices.Equal(done.Chosen, []string{ChosenNeither}) {
		t.Fatalf("%+v", done)
	}
	c, ref, d = ask()
	other := s.Sides[slices.IndexFunc(s.Sides, func(x Side) bool { return !x.InForce })].ID
	c.choose(d.Body, "Aoife Brennan", ChosenNeither)
	c.choose(d.Body, "Ines Amara", other)
	if !Disputed(ref.Type, c.current(ref)) || len(c.reviews()) != 1 {
		t.Fatal("a side was chosen meanwhile, and nobody is asked again")
	}
}

// Two people, cut off, decide differently: everything is as it was before
// either, the allergy is in force, and the question is asked again with a new
// number; whoever was heard first.
func TestTwoDifferentDecisions(t *testing.T) {
	for _, order := range [][]string{{penicillin.String(), noneRef.String()}, {noneRef.String(), penicillin.String()}} {
		c, first, task := conflicted(t)
		before := map[fhir.Ref]fhir.Resource{penicillin: c.current(penicillin), noneRef: c.current(noneRef)}
		c.choose(task, "Aoife Brennan", order[0])
		if r := c.choose(task, "Ines Amara", order[1]); r.Outcome != record.Review {
			t.Fatalf("%v: %v", order, r.Outcome)
		}
		for ref, body := range before {
			alike(t, "as before either", c.current(ref), body)
		}
		drafts := c.reviews()
		if len(drafts) != 1 || drafts[0].ID == first.ID {
			t.Fatalf("%v: not asked again: %v", order, drafts)
		}
		done, err := StoryOf(c.current(fhir.Ref{Type: fhir.TypeTask, ID: first.ID}))
		if err != nil || len(done.Chosen) != 2 {
			t.Fatalf("both decisions are kept: %v %v", done.Chosen, err)
		}
		c.choose(drafts[0].Body, "Aoife Brennan", penicillin.String())
		if state := c.allergies(); len(state.Conflicts) != 0 || len(state.InForce) != 1 {
			t.Fatalf("%v: decided in the end: %+v", order, state)
		}
	}
}

func TestTheSameDecisionTwiceIsOne(t *testing.T) {
	c, _, task := conflicted(t)
	c.choose(task, "Aoife Brennan", penicillin.String())
	body := c.current(noneRef)
	if r := c.choose(task, "Ines Amara", penicillin.String()); r.Outcome == record.Review {
		t.Fatalf("%v", r.Outcome)
	}
	alike(t, "changed once", c.current(noneRef), body)
}

// Somebody refutes the allergy by hand, having seen it: nothing is left to ask.
func TestAQuestionThatAnswersItself(t *testing.T) {
	c, s, task := conflicted(t)
	c.apply(c.current(penicillin), penicillin, "Tom Blake", edit(t, "set verificationStatus "+refuted))
	drafts := c.reviews()
	if len(drafts) != 1 || !drafts[0].Close || drafts[0].ID != s.ID {
		t.Fatalf("%+v", drafts)
	}
	if len(c.open()) != 0 {
		t.Fatal("still open")
	}
	if _, err := Choose(c.current(fhir.Ref{Type: fhir.TypeTask, ID: s.ID}), penicillin.String(), record.Author{}, "", ""); !errors.Is(err, ErrDecided) {
		t.Fatalf("deciding what settled itself: %v", err)
	}
	if _, err := Choose(task, "nobody", record.Author{}, "", ""); !errors.Is(err, ErrNoSide) {
		t.Fatalf("choosing what is no side: %v", err)
	}
}

// A third entry joins the open review instead of asking twice.
func TestAnotherSideJoins(t *testing.T) {
	c, s, _ := conflicted(t)
	c.write(allergyBody(t, "n2", "", ""), "Grace Mensah, nurse")
	drafts := c.reviews()
	if len(drafts) != 1 || drafts[0].ID != s.ID {
		t.Fatalf("%+v", drafts)
	}
	if s, _ = StoryOf(drafts[0].Body); len(s.Sides) != 3 {
		t.Fatalf("%d sides", len(s.Sides))
	}
}

// Reviews do not depend on the order of the list, and each disputed element
// names who said what.
func TestReviewOfAnElement(t *testing.T) {
	for _, flip := range []bool{false, true} {
		c := newChart(t, fhir.Resource(rows[6].base))
		ref := fhir.Ref{Type: fhir.TypePatient, ID: "p1"}
		people := []struct{ by, ops string }{{"Tom Blake", `set birthDate "1979-04-03"`}, {"Grace Mensah", `set birthDate "1978-03-04"`}}
		if flip {
			slices.Reverse(people)
		}
		for _, p := range people {
			c.apply(fhir.Resource(rows[6].base), ref, p.by, edit(t, p.ops))
		}
		c.apply(c.current(ref), ref, "Ines Amara", edit(t, "set deceasedBoolean true"))
		d := c.reviews()
		if len(d) != 1 {
			t.Fatalf("%d reviews", len(d))
		}
		s, err := StoryOf(d[0].Body)
		if err != nil || len(s.Sides) != 2 || s.Field != "birthDate" || s.Words != "Which date of birth is right?" {
			t.Fatalf("%+v %v", s, err)
		}
		if s.Sides[0].Words != "1978-03-04" || s.Sides[0].Author.Name != "Grace Mensah" || !s.Sides[0].InForce ||
			s.Sides[1].Words != "1979-04-03" || s.Sides[1].Author.Name != "Tom Blake" || s.Sides[1].InForce {
			t.Fatalf("%+v", s.Sides)
		}
		c.choose(d[0].Body, "Ines Amara", s.Sides[1].ID)
		if got := string(parse(t, c.current(ref))["birthDate"]); got != `"1979-04-03"` || Disputed(fhir.TypePatient, c.current(ref)) {
			t.Fatalf("decided: %s", got)
		}
		if r := c.choose(d[0].Body, "Aoife Brennan", s.Sides[0].ID); r.Outcome != record.Review || !Disputed(fhir.TypePatient, c.current(ref)) {
			t.Fatalf("decided differently: %v", r.Outcome)
		}
		again := c.reviews()
		if len(again) != 1 || again[0].ID == s.ID {
			t.Fatalf("asked again: %+v", again)
		}
		s2, _ := StoryOf(again[0].Body)
		c.choose(again[0].Body, "Ines Amara", s2.Sides[0].ID)
		if Disputed(fhir.TypePatient, c.current(ref)) || len(c.reviews()) != 0 {
			t.Fatal("decided in the end")
		}
	}
}

func TestReviewOfAMovement(t *testing.T) {
	body, _ := movements(t, move(t, "03:00", 0, false, "4C"), adt("02:56", "in-progress", "5A", "1"))
	c := newChart(t, body)
	d := c.reviews()
	if len(d) != 1 {
		t.Fatalf("%d reviews", len(d))
	}
	s, _ := StoryOf(d[0].Body)
	i := slices.IndexFunc(s.Sides, func(x Side) bool { return x.Words == "Ward 4C, bed 07" })
	if s.Words != "Where is the patient?" || i < 0 || s.Sides[i].InForce {
		t.Fatalf("%+v", s)
	}
	c.choose(d[0].Body, "Aoife Brennan", s.Sides[i].ID)
	ref := fhir.Ref{Type: fhir.TypeEncounter, ID: "e1"}
	if got := where(t, c.current(ref)); got != "4C in-progress" || Disputed(fhir.TypeEncounter, c.current(ref)) {
		t.Fatalf("%s", got)
	}
}

func TestReviewsDoNotDependOnTheOrderOfTheList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newChart(t)
		for i := range rapid.IntRange(0, 3).Draw(t, "allergies") {
			c.write(allergyBody(t, fhir.ID(fmt.Sprint("a", i)), fmt.Sprint("drug ", i), "severe"), "Dr Ines Amara")
		}
		for i := range rapid.IntRange(0, 2).Draw(t, "none") {
			c.write(allergyBody(t, fhir.ID(fmt.Sprint("n", i)), "", ""), "Tom Blake, nurse")
		}
		list := c.list()
		one, err1 := Reviews("p1", list)
		two, err2 := Reviews("p1", rapid.Permutation(list).Draw(t, "order"))
		if err1 != nil || err2 != nil || len(one) != len(two) {
			t.Fatalf("%d and %d reviews, %v %v", len(one), len(two), err1, err2)
		}
		for i := range one {
			alike(t, "order of the list", one[i].Body, two[i].Body)
		}
		c.reviews()
		if more := c.reviews(); len(more) != 0 {
			t.Fatalf("asked again: %d", len(more))
		}
	})
}

func TestAllergyStates(t *testing.T) {
	view := func(id fhir.ID, name, severity, verification string) fhir.AllergyIntolerance {
		a, err := fhir.View[fhir.AllergyIntolerance](allergyBody(t, id, name, severity))
		if err != nil {
			t.Fatal(err)
		}
		a.VerificationStatus = concept(fhir.SystemAllergyVerified, verification)
		return a
	}
	tests := []struct {
		name                   string
		list                   []fhir.AllergyIntolerance
		inForce                []string
		noneKnown, notRecorded bool
		conflicts              int
	}{
		{"nobody asked", nil, nil, false, true, 0},
		{"none known", []fhir.AllergyIntolerance{view("n", "", "", "confirmed")}, nil, true, false, 0},
		{"none known, withdrawn", []fhir.AllergyIntolerance{view("n", "", "", "refuted")}, nil, false, true, 0},
		{"worst first", []fhir.AllergyIntolerance{view("1", "latex", "mild", "confirmed"), view("2", "nuts", "severe", "unconfirmed")}, []string{"nuts", "latex"}, false, false, 0},
		{"refuted does not count", []fhir.AllergyIntolerance{view("1", "latex", "severe", "refuted"), view("n", "", "", "confirmed")}, nil, true, false, 0},
		{"entered in error does not count", []fhir.AllergyIntolerance{view("1", "latex", "severe", "entered-in-error")}, nil, false, true, 0},
		{"both: the allergy", []fhir.AllergyIntolerance{view("n", "", "", "confirmed"), view("1", "latex", "", "unconfirmed")}, []string{"latex"}, false, false, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := Allergies(test.list)
			var names []string
			for _, a := range s.InForce {
				names = append(names, a.Code.Words())
			}
			if !slices.Equal(names, test.inForce) || s.NoneKnown != test.noneKnown || s.NotRecorded != test.notRecorded || len(s.Conflicts) != test.conflicts {
				t.Fatalf("%v %+v", names, s)
			}
		})
	}
}

// A station's unsent work on top of what is committed is what central makes of
// it; a batch that holds some of it already changes nothing.
func TestFold(t *testing.T) {
	base := fhir.Resource(rows[6].base)
	m1 := mutation(t, rows[6].base, 1, `set gender "male"`)
	m2 := mutation(t, rows[6].base, 2, `set gender "other"`, `set deceasedBoolean true`)
	m2.Base, m2.BaseMut = 0, m1.ID
	bases := func(v record.Version) (fhir.Resource, bool) { return base, v == 1 }

	alone := Fold(base, nil, bases, []record.Mutation{m1, m2})
	if got := string(parse(t, alone.Body)["gender"]); got != `"other"` || Disputed(fhir.TypePatient, alone.Body) || alone.Rough {
		t.Fatalf("alone: %s", got)
	}
	theirs := Apply(Input{Base: base, Current: base, Mutation: mutation(t, rows[6].base, 9, `set gender "unknown"`)}).Body
	f := Fold(theirs, nil, bases, []record.Mutation{m1, m2})
	d := disputesOf(parse(t, f.Body))[path{field: "gender"}]
	if len(d.values) != 2 || !says(d.values, []value{{raw: `"other"`}, {raw: `"unknown"`}}) {
		t.Fatalf("what the author wrote last stands against the other: %+v", d.values)
	}
	first := Apply(Input{Base: base, Current: theirs, Mutation: m1}).Body
	after := Fold(first, nil, bases, []record.Mutation{m1, m2})
	alike(t, "a batch that holds the first already", f.Body, after.Body)
	if lost := Fold(theirs, nil, func(record.Version) (fhir.Resource, bool) { return nil, false }, []record.Mutation{m1}); !lost.Rough || lost.Body == nil {
		t.Fatal("without a base: on top, and said so")
	}
	view, err := AuthorView(base, []record.Mutation{m1})
	if err != nil {
		t.Fatal(err)
	}
	central := Apply(Input{Base: view, Current: first, Mutation: m2})
	alike(t, "central makes the same of it", f.Body, central.Body)
}

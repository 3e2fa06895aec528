package submit_test

import (
	"slices"
	"strings"
	"testing"

	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/merge"
)

// The ward records "no known allergies" while the clinic, cut off like the
// ward, records penicillin. Whichever arrives first: one review with one id,
// and the allergy stays in force.
func TestAllergyAgainstNoneKnown(t *testing.T) {
	var ids []fhir.ID
	for _, allergyFirst := range []bool{true, false} {
		h := open(t, nil)
		p := h.admitted(kaya, "4B")
		h.filed(h.adt(kaya, "visit", "CLINIC", h.now))
		none := h.w4B.allergy("g.mensah", p, "")
		allergy := h.hub.allergy("i.novak", p, "Penicillin")
		var last record.Receipt
		if allergyFirst {
			h.hub.sent(allergy)
			last = h.w4B.send(none)
		} else {
			h.w4B.sent(none)
			last = h.hub.send(allergy)
		}
		reviews := h.tasks(fhir.TaskReview)
		if len(reviews) != 1 || last.Outcome != record.Review || last.Review != reviews[0].Ref.ID {
			t.Fatalf("%d reviews, receipt %+v", len(reviews), last)
		}
		if !slices.Contains(reviews[0].Tags, record.TagReview) || reviews[0].Patient != p {
			t.Errorf("review = %+v", reviews[0])
		}
		ids = append(ids, reviews[0].Ref.ID)
		for _, m := range []record.Mutation{none, allergy} {
			if c, ok := h.current(m.Ref); !ok || strings.Contains(string(c.Body), "refuted") {
				t.Errorf("an entry is gone: %s", c.Body)
			}
		}
		if n := len(h.history(reviews[0].Ref)); n != 1 {
			t.Errorf("%d versions of the review", n)
		}
	}
	if ids[0] != ids[1] {
		t.Errorf("review ids %v depend on the order", ids)
	}
}

// A person decides: the other side is refuted by that person, in the same
// entry as the decision, and both stay in the history.
func TestADecisionSettlesBothSides(t *testing.T) {
	for _, forAllergy := range []bool{true, false} {
		h := open(t, nil)
		p := h.admitted(kaya, "4B")
		none, allergy := h.w4B.allergy("g.mensah", p, ""), h.w4B.allergy("a.ruiz", p, "Penicillin")
		h.w4B.sent(none)
		review := fhir.Ref{Type: fhir.TypeTask, ID: h.w4B.send(allergy).Review}
		task, ok := h.current(review)
		if !ok {
			t.Fatal("no review")
		}
		chosen, other := allergy.Ref, none.Ref
		if !forAllergy {
			chosen, other = other, chosen
		}
		ops, err := merge.Choose(task.Body, chosen.String(), record.Author{User: "a.ruiz"}, "2026-11-22T12:00:00Z", "asked again")
		h.must(err)
		m := h.w4B.write("a.ruiz", p, review, func(m *record.Mutation) { m.Base, m.Ops, m.Reason = task.Version, ops, "asked again" })
		r := h.w4B.sent(m)
		lost, _ := h.current(other)
		if lost.Version != 2 || lost.Position != r.Position || lost.Author.User != "a.ruiz" || !strings.Contains(string(lost.Body), "refuted") {
			t.Errorf("the other side: version %d by %s: %s", lost.Version, lost.Author.User, lost.Body)
		}
		if c, _ := h.current(chosen); c.Version != 1 {
			t.Errorf("the chosen side was changed: %s", c.Body)
		}
		if c, _ := h.current(review); len(c.Tags) != 0 {
			t.Error("the review still waits")
		}
		if len(h.audits(submit.DetailMutation, string(m.ID))) != 1 {
			t.Error("the decision is not audited")
		}
		if len(h.tasks(fhir.TaskReview)) != 1 {
			t.Error("the question was asked again")
		}
	}
}

// A colleague is asked by a statement of its own: it is kept, reaches everybody,
// and leaves the review as it is. Neither then closes it, with the allergy in
// force.
func TestAskingLeavesAReviewOpenAndNeitherClosesIt(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	none, allergy := h.w4B.allergy("g.mensah", p, ""), h.w4B.allergy("a.ruiz", p, "Penicillin")
	h.w4B.sent(none)
	review := fhir.Ref{Type: fhir.TypeTask, ID: h.w4B.send(allergy).Review}
	before, _ := h.current(review)
	ask := h.w4B.about("g.mensah", fhir.TaskAsk, p, review, 1)
	h.w4B.sent(ask)
	if c, ok := h.current(ask.Ref); !ok || c.Patient != p || len(c.Tags) != 0 {
		t.Fatalf("asked: %+v %v", c, ok)
	}
	if c, _ := h.current(review); c.Version != before.Version || !slices.Contains(c.Tags, record.TagReview) {
		t.Errorf("asking changed the review: %+v", c)
	}
	if r := h.w4B.send(h.w4B.write("g.mensah", p, ask.Ref, set(1, "description", `"something else"`))); r.Outcome == record.Applied {
		t.Errorf("what was asked can be rewritten: %+v", r)
	}
	ops, err := merge.Choose(before.Body, merge.ChosenNeither, record.Author{User: "a.ruiz"}, "2026-11-22T12:00:00Z", "it was an intolerance")
	h.must(err)
	h.w4B.sent(h.w4B.write("a.ruiz", p, review, func(m *record.Mutation) { m.Base, m.Ops, m.Reason = before.Version, ops, "it was an intolerance" }))
	if c, _ := h.current(review); len(c.Tags) != 0 || !strings.Contains(string(c.Body), "it was an intolerance") {
		t.Errorf("the decision is not to be found: %s", c.Body)
	}
	if c, _ := h.current(allergy.Ref); c.Version != 1 {
		t.Errorf("the allergy was changed: %s", c.Body)
	}
	if len(h.tasks(fhir.TaskReview)) != 1 {
		t.Error("the question was asked again")
	}
}

// A clerk may not decide.
func TestAClerkDecidesNothing(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.w4B.sent(h.w4B.allergy("g.mensah", p, ""))
	review := fhir.Ref{Type: fhir.TypeTask, ID: h.w4B.send(h.w4B.allergy("a.ruiz", p, "Penicillin")).Review}
	r := h.w4B.send(h.w4B.write("c.lund", p, review, set(1, "status", `"completed"`)))
	if r.Outcome != record.Refused || !strings.Contains(r.Reason, "ward clerk") {
		t.Errorf("receipt = %+v", r)
	}
}

// Two people change one element of one entry, neither knowing of the other: a
// review with both values, the safer in force, whichever came first.
func TestTwoValuesForOneElement(t *testing.T) {
	var ids, bodies []string
	for _, swap := range []bool{false, true} {
		h := open(t, nil)
		p := h.admitted(kaya, "4B")
		h.filed(h.adt(kaya, "visit", "CLINIC", h.now))
		list := h.w4B.allergy("g.mensah", p, "Latex")
		h.w4B.sent(list)
		first, a := h.w4B, h.w4B.write("g.mensah", p, list.Ref, set(1, "onsetDateTime", `"2019"`))
		second, b := h.hub, h.hub.write("i.novak", p, list.Ref, set(1, "onsetDateTime", `"2021"`))
		if swap {
			first, a, second, b = second, b, first, a
		}
		first.sent(a)
		r := second.send(b)
		if r.Outcome != record.Review || r.Review == "" {
			t.Fatalf("receipt = %+v", r)
		}
		c, _ := h.current(list.Ref)
		ids, bodies = append(ids, string(r.Review)), append(bodies, string(c.Body))
		said := ""
		for _, v := range h.history(list.Ref) {
			said += string(v.Body)
		}
		if !strings.Contains(said, "2019") || !strings.Contains(said, "2021") {
			t.Error("a value is lost from the history")
		}
	}
	if ids[0] != ids[1] || bodies[0] != bodies[1] {
		t.Errorf("ids %v, bodies\n%s", ids, strings.Join(bodies, "\n"))
	}
}

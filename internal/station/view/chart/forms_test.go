package chart_test

import (
	"testing"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/chart"
)

// A problem and an allergy are kept as they are typed and come back for their author, in
// the chart they were begun in; once recorded nothing is left.
func TestAProblemAndAnAllergyThatWereBegunComeBack(t *testing.T) {
	r := newRig(t)
	r.open("folake", chart.Problems)
	gout := chart.ProblemForm{Words: "Gout", Certainty: "provisional", Onset: "2019"}
	nuts := chart.AllergyForm{Substance: "Peanut", Severity: "severe"}
	r.m.TypeProblem(gout)
	r.m.TypeAllergy(nuts)
	r.open("zofia", chart.Problems) // leaving writes before anything of the next chart is read
	if s := r.m.State(); s.Problem != (chart.ProblemForm{}) || s.Allergy != (chart.AllergyForm{}) {
		t.Fatalf("the form of another patient holds %+v and %+v", s.Problem, s.Allergy)
	}
	var kept []ward.Draft
	for _, kind := range []string{"problem", "allergy"} {
		body, _ := r.desk.draft("folake/" + kind)
		kept = append(kept, ward.Draft{Patient: "folake", Kind: kind, Body: body, Saved: at(22, "14:04")})
	}
	r.desk.with(func() { r.desk.drafts = kept })
	r.open("folake", chart.Problems)
	if s := r.m.State(); s.Problem != gout || s.Allergy != nuts || s.Saved != "Draft kept 14:04" {
		t.Fatalf("came back as %+v and %+v, %q", s.Problem, s.Allergy, s.Saved)
	}
	r.m.AddProblem(ward.RecordProblem{Patient: "folake", Words: gout.Words, Certainty: gout.Certainty}, gout.Onset)
	r.until(func() bool { return r.m.State().Saves == 1 && !r.m.State().Busy })
	if s := r.m.State(); s.Problem != (chart.ProblemForm{}) || s.Allergy != nuts {
		t.Errorf("after the problem was recorded: %+v and %+v", s.Problem, s.Allergy)
	}
	r.until(func() bool { s, _ := r.desk.draft("folake/problem"); return s == "" })
	if s, _ := r.desk.draft("folake/allergy"); s == "" {
		t.Error("recording the problem lost the allergy's draft")
	}
	r.m.TypeAllergy(chart.AllergyForm{})
	r.until(func() bool { s, _ := r.desk.draft("folake/allergy"); return s == "" })
}

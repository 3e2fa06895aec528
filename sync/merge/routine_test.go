package merge

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/routine"
)

// What two people who cannot see one another say of a routine's steps, both ways
// round: nothing that either said is lost, and nobody is asked.
func TestARoutineIsMergedByStep(t *testing.T) {
	grace, tom := "2026-11-22T12:01:00Z grace Grace", "2026-11-22T12:02:00Z tom Tom"
	none := strings.Replace(runBody, `,"output":[`+tick("step-done", "v1-3 2026-11-22T11:00:00Z grace Grace")+`]`, "", 1)
	for _, tt := range []struct {
		name, base string
		a, b       []string
		want       string // step:state, then how many words in all
		marks      int
	}{
		{"two steps", runBody, []string{`add output ` + tick("step-done", "v1-1 "+grace)}, []string{`add output ` + tick("step-done", "v1-2 "+tom)}, "done done done", 3},
		{"the first ticks of all", none, []string{`add output ` + tick("step-done", "v1-1 "+grace)}, []string{`add output ` + tick("step-done", "v1-2 "+tom)}, "done done open", 2},
		{"one step twice", none, []string{`add output ` + tick("step-done", "v1-1 "+grace)}, []string{`add output ` + tick("step-done", "v1-1 "+tom)}, "done open open", 2},
		{"done here, not needed there", none, []string{`add output ` + tick("step-done", "v1-1 "+grace)}, []string{`add output ` + tick("step-not-needed", "v1-1 "+tom+`\nasked`)}, "done open open", 2},
		{"not needed twice", none, []string{`add output ` + tick("step-not-needed", "v1-1 "+grace+`\nnone`)}, []string{`add output ` + tick("step-not-needed", "v1-1 "+tom+`\nasked`)}, "not-needed open open", 2},
		{"taken back here, ticked there", runBody, []string{`drop output ` + tick("step-done", "v1-3 2026-11-22T11:00:00Z grace Grace")}, []string{`add output ` + tick("step-done", "v1-3 "+tom)}, "open open done", 1},
		{"ended here, ticked there", runBody, []string{`set status "completed"`, `set statusReason {"text":"went home"}`}, []string{`add output ` + tick("step-done", "v1-1 "+tom)}, "left done open done", 2},
		{"a mistake here, ended there", runBody, []string{`set status "entered-in-error"`}, []string{`set status "completed"`}, "mistake open open done", 1},
	} {
		for _, way := range []string{"a first", "b first"} {
			t.Run(tt.name+", "+way, func(t *testing.T) {
				first, second := tt.a, tt.b
				if way == "b first" {
					first, second = second, first
				}
				body, err := fhir.Canonical([]byte(withSteps(tt.base)))
				if err != nil {
					t.Fatal(err)
				}
				base := fhir.Resource(body)
				current, err := ApplyOps(base, edit(t, first...))
				if err != nil {
					t.Fatal(err)
				}
				res := Apply(Input{Base: base, Current: current, Diverged: true, Mutation: record.Mutation{
					ID: "s-2", Ref: fhir.Ref{Type: fhir.TypeTask, ID: "u1"}, Base: 1, Ops: edit(t, second...), Author: record.Author{User: "tom"},
				}})
				if res.Outcome == record.Review || res.Outcome == record.Refused {
					t.Fatalf("%v: %s", res.Outcome, res.Reason)
				}
				if res.Body == nil {
					res.Body = current // what was there stands; the rest is in history
				}
				v, err := fhir.View[fhir.Task](res.Body)
				if err != nil {
					t.Fatal(err)
				}
				run, ok := routine.RunOf(v)
				if !ok || strings.Contains(string(res.Body), fhir.ExtDisputed) {
					t.Fatalf("%s", res.Body)
				}
				if got := said(run); got != tt.want || len(run.Marks) != tt.marks {
					t.Errorf("%s with %d words, want %s with %d", got, len(run.Marks), tt.want, tt.marks)
				}
			})
		}
	}
}

func withSteps(run string) string {
	step := func(words string) string { return tick("routine-step", words) }
	return strings.Replace(run, `"description"`, `"input":[`+step("v1-1 - One")+`,`+step("v1-2 - Two")+`,`+step("v1-3 - Three")+`],"description"`, 1)
}

func said(r routine.Run) string {
	var out []string
	switch {
	case r.Mistake:
		out = append(out, "mistake")
	case r.Left:
		out = append(out, "left")
	}
	for _, s := range r.States() {
		out = append(out, string(s.State))
	}
	return strings.Join(out, " ")
}

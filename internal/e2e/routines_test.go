package e2e_test

import (
	"fmt"
	"testing"
	"time"
)

var sister = person{"m.okafor", "Mary Okafor", "charge-nurse", "562918"}

// runOf is what a chart says of a routine that was begun.
type runOf struct {
	ID, State string
	Number    int
	Twice     bool
	Unsent    bool
	Steps     []struct {
		ID, Words, State string
		Both             bool
		Marks            []struct {
			By, Reason string
			Not        bool
		}
	}
}

func (s *station) runs(patient string) (runs []runOf, offered []string) {
	s.w.t.Helper()
	var r struct {
		Chart struct {
			Routines []runOf
			Offers   []struct {
				Routine string
				Now     bool
			}
		}
	}
	if err := s.call("chart", args{"patient": patient}, &r); err != nil {
		s.w.t.Fatalf("the chart on %s: %v", s.Name, err)
	}
	for _, o := range r.Chart.Offers {
		if o.Now {
			offered = append(offered, o.Routine)
		}
	}
	return r.Chart.Routines, offered
}

// TestARoutineOnTwoComputers: the charge nurse writes the ward's admission routine on
// one computer; it is offered on the other; a run of it is ticked on both with the
// network out: one step by both people, one by each, and one is done here and called
// not needed there. When the network is back there is one run with every tick, on both,
// and nobody is asked. A version that is written then changes nothing of it.
func TestARoutineOnTwoComputers(t *testing.T) {
	w, a, b, patient := theWard(t)
	w.account(sister, "4B")
	a.signIn(sister)
	steps := []args{{"words": "Allergies asked", "page": "allergies"}, {"words": "Observations taken", "page": "observations"}, {"words": "Bed marked"}, {"words": "Next of kin"}}
	def := args{"ward": "4B", "kind": "admission", "name": "Admission", "within": 360, "steps": steps}
	routine := a.do("save_routine", def)[0]
	a.allSent()
	w.await("the admission routine is offered on the other computer", 20*time.Second, func() error {
		if _, offered := b.runs(patient); len(offered) != 1 || offered[0] != routine {
			return fmt.Errorf("offered %v", offered)
		}
		return nil
	})
	if err := b.call("save_routine", def, nil); err == nil {
		t.Error("a doctor writes the ward's routine")
	}
	run := b.do("start_routine", args{"patient": patient, "routine": routine})[0]
	b.allSent()
	w.await("the run is on the first computer", 20*time.Second, func() error {
		if runs, _ := a.runs(patient); len(runs) != 1 || runs[0].ID != run {
			return fmt.Errorf("%+v", runs)
		}
		return nil
	})

	w.cut(a, b)
	tick := func(s *station, step string, more args) {
		t.Helper()
		to := args{"patient": patient, "run": run, "step": step}
		for k, v := range more {
			to[k] = v
		}
		s.do("mark_step", to)
	}
	tick(a, "v1-1", nil)
	tick(b, "v1-1", nil)
	tick(a, "v1-2", nil)
	tick(b, "v1-3", nil)
	tick(a, "v1-4", nil)
	tick(b, "v1-4", args{"not": true, "reason": "the daughter is here"})
	if err := a.call("save_routine", def, nil); err == nil {
		t.Error("a routine is written with the network out")
	}
	check(t, w.net.Mend())
	a.allSent()
	b.allSent()
	w.await("both show one run with every tick", 20*time.Second, func() error {
		for _, s := range []*station{a, b} {
			runs, offered := s.runs(patient)
			if len(runs) != 1 || len(offered) != 0 || runs[0].State != "finished" || runs[0].Unsent || runs[0].Twice {
				return fmt.Errorf("%s: %+v, offered %v", s.Name, runs, offered)
			}
			marks := 0
			for _, step := range runs[0].Steps {
				marks += len(step.Marks)
			}
			if st := runs[0].Steps; marks != 6 || len(st[0].Marks) != 2 || st[3].State != "done" || !st[3].Both {
				return fmt.Errorf("%s: %+v", s.Name, st)
			}
		}
		return nil
	})
	var reviews struct{ Reviews []struct{ ID string } }
	check(t, a.call("reviews", nil, &reviews))
	if len(reviews.Reviews) != 0 {
		t.Errorf("somebody is asked: %+v", reviews)
	}
	w.everythingOnce([]string{routine, run})

	def["routine"], def["version"], def["steps"] = routine, 1, []args{{"id": "v1-1", "words": "Allergies asked, and of whom"}}
	a.do("save_routine", def)
	a.allSent()
	w.await("the next version is on the other computer, and the run as it was", 20*time.Second, func() error {
		var page struct {
			Routines struct {
				List []struct {
					Number, Runs int
					By           string
					MayEdit      bool
				}
			}
		}
		if err := b.call("routines", nil, &page); err != nil {
			return err
		}
		l := page.Routines.List
		if len(l) != 1 || l[0].Number != 2 || l[0].Runs != 1 || l[0].MayEdit || l[0].By != "Mary Okafor, charge nurse" {
			return fmt.Errorf("%+v", l)
		}
		if runs, _ := b.runs(patient); len(runs) != 1 || runs[0].Number != 1 || len(runs[0].Steps) != 4 {
			return fmt.Errorf("%+v", runs)
		}
		return nil
	})
	w.verify()
}

package shell

import (
	"context"
	"testing"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/rules"
)

func (s *station) Rules(context.Context) (ward.RuleBook, error) {
	defer s.lock()()
	return ward.RuleBook{
		Version: "default-1", ChangedBy: "nobody yet", Counted: noon, AsOf: noon,
		List: []ward.Rule{
			{ID: "critical/potassium", Name: "Critical potassium", Words: "Somebody has to take it.", From: "RCPath G158 (2017)", Limits: []string{"critical ≥ 6.5 mmol/L"}, Must: true, Counted: true, Use: map[int]ward.RuleUse{7: {Fired: 3}}},
			{ID: "corrected", Name: "Corrected after somebody had it", Counted: true},
		},
	}, nil
}

// The search finds the page of alert rules by its name; it is about nobody, so turning
// to it is no look, and Esc leaves it.
func TestTheRulesAreFoundInTheSearch(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.search("alert rules").enter()
	r.settle()
	p, ok := r.s.seat.pages[pageRules].(*rules.Page)
	if !ok || r.s.seat.at != pageRules {
		t.Fatalf("at %s", r.s.seat.at)
	}
	if s := r.s.seat.rules.State(); s.Open == nil || s.Open.Name != "Critical potassium" || s.Lines[0].Words != "fired 3" {
		t.Errorf("%+v", s)
	}
	if _, shown := p.Where("rule"); !shown {
		t.Error("the rule is not drawn")
	}
}

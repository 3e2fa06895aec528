package rules_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/rules"
)

// set is the book of a hospital that has set the high limit of potassium twice.
func set() ward.RuleBook {
	b := book()
	first := ward.LimitChange{Number: 1, Edge: "high", Shown: "mmol/L", Value: "6.0", By: "Ana Ruiz, doctor", At: now.Add(-48 * time.Hour), Reason: "Laboratory board"}
	second := ward.LimitChange{Number: 2, Ward: "4B", Edge: "high", Shown: "mmol/L", Value: "5.8", By: "Ana Ruiz, doctor", At: now.Add(-time.Hour), Reason: "renal ward"}
	b.List[0].Site = &ward.RuleLimits{
		Version: 7, Number: 2, Ward: "4B", MaySite: true, MayWard: true,
		List: []ward.SiteLimit{
			{Edge: "low", Unit: "mmol/L", Shown: "mmol/L", Own: "2.5", Hospital: "2.5", Here: "2.5", Low: "2.5", High: "3.2", WardLow: "2.5", WardHigh: "3.2", From: "RCPath G158 (2017)"},
			{Edge: "high", Unit: "mmol/L", Shown: "mmol/L", Own: "6.5", Hospital: "6.0", Here: "5.8", Low: "5.5", High: "6.5", WardLow: "5.5", WardHigh: "6.5", From: "RCPath G158 (2017)", Set: &first, WardSet: &second},
		},
		Changes: []ward.LimitChange{second, first},
	}
	return b
}

const highKey = "high|mmol/L|"

// Each limit says what is in force, the program's own, its range, who set it, when and
// why; what was set stands below.
func TestTheLimitsOfARuleSayWhoSetThem(t *testing.T) {
	_, loaded := model(t, &desk{book: set()})
	l := loaded().Open.Limits
	if l == nil || !strings.Contains(l.Head, "version 2") || len(l.Lines) != 2 || len(l.Changes) != 2 || len(l.Notes) != 0 {
		t.Fatalf("%+v", l)
	}
	low, high := l.Lines[0], l.Lines[1]
	said := fmt.Sprint(high.Words)
	for _, want := range []string{"program’s own: 6.5 mmol/L", "from 5.5 to 6.5 mmol/L (RCPath G158 (2017))", "hospital’s: 6.0 mmol/L, version 1, set by Ana Ruiz, doctor, 14:05 on 20-Nov-2026", "Laboratory board", "Ward 4B: 5.8 mmol/L, version 2", "renal ward"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said: %s", want, said)
		}
	}
	if high.Name != "High" || high.Value != "5.8 mmol/L" || !high.May || !high.Back || low.Value != "2.5 mmol/L" || !low.May || low.Back {
		t.Errorf("%+v %+v", low, high)
	}
	if c := l.Changes[0]; !strings.Contains(c.Head, "Version 2: High, ward 4B: 5.8 mmol/L") || !strings.Contains(c.Words, "Ana Ruiz, doctor, ") {
		t.Errorf("%+v", c)
	}
}

// Who may not set them, who is cut off, whose program is older, and what is on its way:
// nothing can be changed, and the page says why.
func TestWhyALimitCannotBeSet(t *testing.T) {
	for why, change := range map[string]func(*ward.RuleBook){
		"A doctor sets these":    func(b *ward.RuleBook) { b.List[0].Site.MaySite, b.List[0].Site.MayWard = false, false },
		"The network is out":     func(b *ward.RuleBook) { b.Apart = true },
		"newer program":          func(b *ward.RuleBook) { b.List[0].Site.Newer = true },
		"set here is on its way": func(b *ward.RuleBook) { b.List[0].Site.Unsent = true },
	} {
		b := set()
		change(&b)
		m, loaded := model(t, &desk{book: b})
		l := loaded().Open.Limits
		if !strings.Contains(fmt.Sprint(l.Notes), why) || l.Lines[1].May || l.Lines[1].Back {
			t.Errorf("%s: %+v", why, l)
		}
		if m.ChangeLimit(highKey); why != "set here is on its way" && m.State().Open.Limits.Form != nil {
			t.Errorf("%s: there is a form", why)
		}
	}
	m, loaded := model(t, &desk{book: set()})
	loaded()
	m.Choose("allergy")
	if m.State().Open.Limits != nil {
		t.Error("a rule whose limits nobody sets has some")
	}
}

// A limit is written, says what is missing, is refused in words with everything still
// there, and is set; another rule is not turned to meanwhile.
func TestALimitIsSet(t *testing.T) {
	d := &desk{book: set()}
	m, loaded := model(t, d)
	loaded()
	m.ChangeLimit(highKey)
	f := m.State().Open.Limits.Form
	if f == nil || f.Unit != "mmol/L" || !f.Choice || f.Ward || !strings.Contains(f.Range, "From 5.5 to 6.5 mmol/L") {
		t.Fatalf("%+v", f)
	}
	m.SaveLimit()
	if s := m.State(); s.Open.Limits.Form.Bad != rules.BadValue || s.Error == "" || len(d.did) != 0 {
		t.Errorf("%+v", s.Open.Limits.Form)
	}
	m.SetLimitValue("6.2")
	m.SaveLimit()
	if s := m.State(); s.Open.Limits.Form.Bad != rules.BadReason || len(d.did) != 0 {
		t.Errorf("%+v", s.Open.Limits.Form)
	}
	m.SetLimitReason("new assay")
	m.SetLimitWard(true)
	m.Choose("allergy")
	if s := m.State(); s.Open.ID != "critical/potassium" || !strings.Contains(s.Error, "save it or leave it") {
		t.Errorf("%s %s", s.Open.ID, s.Error)
	}
	d.refused = errors.New("somebody set these limits")
	save := func() rules.State {
		m.SaveLimit()
		for range 40_000 {
			if s := loaded(); !s.Busy {
				return s
			}
			time.Sleep(time.Millisecond)
		}
		t.Fatal("it is still on its way")
		return rules.State{}
	}
	s := save()
	if f := s.Open.Limits.Form; f == nil || f.Value != "6.2" || f.Reason != "new assay" || s.Error == "" || s.Saved != "" {
		t.Errorf("%+v", s)
	}
	d.refused = nil
	if s = save(); s.Open.Limits.Form != nil || s.Saved == "" || s.Error != "" {
		t.Errorf("%+v", s)
	}
	want := ward.SetLimit{Rule: "critical/potassium", Version: 7, Ward: "4B", Edge: "high", Unit: "mmol/L", Value: "6.2", Reason: "new assay"}
	if len(d.did) != 2 || d.did[1] != want {
		t.Errorf("%+v", d.did)
	}
	m.BackLimit(highKey)
	if f := m.State().Open.Limits.Form; f == nil || !f.Back || !f.Ward || !strings.Contains(f.Range, "Back to the hospital’s: 6.0 mmol/L") {
		t.Fatalf("%+v", f)
	}
	m.SetLimitWard(false)
	if f := m.State().Open.Limits.Form; !strings.Contains(f.Range, "Back to the program’s own: 6.5 mmol/L") {
		t.Errorf("%+v", f)
	}
	m.SetLimitReason("as it was")
	save()
	if last := d.did[len(d.did)-1]; last.Value != "" || last.Ward != "" || last.Reason != "as it was" {
		t.Errorf("%+v", last)
	}
	m.ChangeLimit(highKey)
	if !m.LeaveLimit() || m.LeaveLimit() || m.State().Open.Limits.Form != nil {
		t.Error("a form is left once")
	}
}

// Limits that are times say what they are of, and hours beside minutes where there are many.
func TestTimesSayWhatTheyAreOf(t *testing.T) {
	b := book()
	b.List[0].Site = &ward.RuleLimits{Ward: "4B", List: []ward.SiteLimit{
		{Edge: "score-1-4", Unit: "min", Shown: "min", Own: "240", Hospital: "240", Here: "240", Low: "60", High: "360"},
		{Edge: "within", Unit: "min", Shown: "min", Ages: "culture stat", Own: "2880", Here: "2880", Low: "1440", High: "4320"},
		{Edge: "unsent", Unit: "min", Shown: "min", Ages: "stat", Own: "15", Here: "15", Low: "5", High: "30"},
	}}
	_, loaded := model(t, &desk{book: b})
	l := loaded().Open.Limits.Lines
	for i, want := range []string{"Score 1 to 4: the next set within 240 min (4 h)", "No result after, culture, at once 2880 min (48 h)", "Not sent for, at once 15 min"} {
		if got := l[i].Name + " " + l[i].Value; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

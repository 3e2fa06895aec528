package rules_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/rules"
)

var now = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

type desk struct {
	mu      sync.Mutex
	book    ward.RuleBook
	err     error
	did     []ward.SetLimit
	refused error
}

func (d *desk) Do(_ context.Context, c ward.Command) (ward.Done, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.did = append(d.did, c.(ward.SetLimit))
	return ward.Done{}, d.refused
}

func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return make(chan ward.Notice) }

func (d *desk) Rules(context.Context) (ward.RuleBook, error) { return d.book, d.err }

func book() ward.RuleBook {
	return ward.RuleBook{
		Version: "default-1", ChangedBy: "nobody yet", Counted: now.Add(-10 * time.Minute), AsOf: now,
		List: []ward.Rule{
			{
				ID: "critical/potassium", Name: "Critical potassium", Words: "Somebody has to take it.", From: "RCPath G158 (2017)", Limits: []string{"critical ≤ 2.5 mmol/L", "critical ≥ 6.5 mmol/L"}, Must: true, Repeats: "Each one interrupts.", Counted: true,
				Use: map[int]ward.RuleUse{7: {Fired: 4, Patients: 3, Taken: 3, Acted: map[string]int{"treated": 2, "in their own words": 1}, Handed: 1, Climbed: 1, Nobody: 1}, 30: {Fired: 9, Patients: 7}},
			},
			{ID: "critical/platelets", Name: "Critical platelets", Counted: true, Repeats: "Quiet within 24 h.", Use: map[int]ward.RuleUse{7: {Fired: 1, Patients: 1, Quiet: 5}, 30: {}}},
			{ID: "allergy", Name: "Allergy against an order", Must: true, Counted: true, Use: map[int]ward.RuleUse{7: {Fired: 2, Patients: 1, Overruled: map[string]int{"stop": 2}}, 30: {}}},
			{ID: "change", Name: "Unexpected change"},
			{ID: "late-order", Name: "Result late", Marks: true, Counted: true, Use: map[int]ward.RuleUse{7: {Fired: 5, Patients: 4, Done: 3, Nobody: 2}, 30: {}}},
			{ID: "handover", Name: "Handover that nobody accepted", Marks: true, Counted: true, Use: map[int]ward.RuleUse{7: {Fired: 2, Patients: 2, Done: 1, Nobody: 1}, 30: {}}},
			{ID: "news2", Name: "NEWS2", Marks: true, Must: true, Counted: true, Use: map[int]ward.RuleUse{7: {Fired: 5, Patients: 4, Done: 3, Nobody: 2}, 30: {}}},
			{ID: "overdue", Name: "Overdue", Marks: true, Counted: true, Use: map[int]ward.RuleUse{7: {Fired: 5, Patients: 4, Done: 3, Nobody: 2}, 30: {}}},
			{ID: "urgent", Name: "Urgent value", Marks: true, Counted: true},
			{ID: "urgent2", Name: "Urgent value", Marks: true, Counted: true, Use: map[int]ward.RuleUse{7: {Fired: 6, Patients: 5, Taken: 1, Acted: map[string]int{"treated": 1}, Nothing: 3, Nobody: 2}, 30: {}}},
		},
	}
}

func model(t *testing.T, d *desk) (*rules.Model, func() rules.State) {
	t.Helper()
	q := &base.Queue{}
	m := rules.New(d, q, func() time.Time { return now }, func(rules.State) {})
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	m.Follow(ctx)
	return m, func() rules.State {
		t.Helper()
		for range 40_000 {
			q.Drain()
			if s := m.State(); s.Loaded || s.Error != "" {
				return s
			}
			time.Sleep(time.Millisecond)
		}
		t.Fatal("it was never loaded")
		return rules.State{}
	}
}

func figures(d *rules.Detail) string {
	said := ""
	for _, f := range d.Use {
		said += f.Label + ": " + f.Words + "; "
	}
	return said
}

// Each rule says its source, its limits, whether it can be muted, and what became of it
// in the days that are chosen, up to when, and over whom.
func TestARuleSaysWhatBecameOfIt(t *testing.T) {
	m, loaded := model(t, &desk{book: book()})
	s := loaded()
	if len(s.Lines) != 10 || s.Open == nil || s.Open.ID != "critical/potassium" || !s.Lines[0].Must || s.Lines[0].Words != "fired 4" || s.Lines[1].Words != "fired 1, quiet repeats 5" || s.Lines[3].Words != "not counted" {
		t.Fatalf("%+v", s.Lines)
	}
	if got := figures(s.Open); got != "Fired: 4; Patients: 3; Taken: 3; Acted on, by kind: in their own words 1, treated 2; Acknowledged, nothing to do: 0; Handed on: 1; Ran up the ladder: 1; Nobody did anything: 1; Quiet repeats, beside these: 0; " {
		t.Errorf("%s", got)
	}
	facts := fmt.Sprint(s.Open.Facts)
	for _, want := range []string{"RCPath G158 (2017)", "critical ≤ 2.5 mmol/L\ncritical ≥ 6.5 mmol/L", "Must-show", "Each one interrupts."} {
		if !strings.Contains(facts, want) {
			t.Errorf("%s is not said: %s", want, facts)
		}
	}
	if !strings.Contains(s.Set, "default-1, set by nobody yet") || !strings.Contains(s.AsOf, "as of 13:55") || strings.Contains(s.AsOf, "network") {
		t.Errorf("%q, %q", s.Set, s.AsOf)
	}
	m.SetDays(30)
	if s = m.State(); s.Lines[0].Words != "fired 9" || s.Lines[1].Words != "did not fire in 30 days" || !strings.Contains(s.Open.Figure, "The last 30 days.") {
		t.Errorf("%+v %s", s.Lines, s.Open.Figure)
	}
	m.SetDays(7)
	m.Choose("allergy")
	if s = m.State(); figures(s.Open) != "Fired: 2; Patients: 1; Ordered against it, with a reason: 2 (stop 2); " || !strings.Contains(s.Open.Figure, "are not counted") {
		t.Errorf("%s %s", figures(s.Open), s.Open.Figure)
	}
	m.Choose("change")
	if s = m.State(); len(s.Open.Use) != 0 || !strings.Contains(s.Open.Figure, "not counted yet") {
		t.Errorf("%+v", s.Open)
	}
	for id, want := range map[string][2]string{
		"news2":      {"Marked: 5; Patients: 4; The next set was in time: 3; It was later, or is not there yet: 2; ", "is not told"},
		"overdue":    {"Marked: 5; Patients: 4; Done after that: 3; Not done, or not before the patient left: 2; ", "when it was measured"},
		"late-order": {"Marked: 5; Patients: 4; The result came after that: 3; No result is known: 2; ", "phoned the laboratory is not told"},
		"handover":   {"Marked: 2; Patients: 2; Accepted after that: 1; Nobody accepted: 1; ", "counts by themselves"},
		"urgent":     {"", "Not counted by this server yet."},
		"urgent2":    {"Marked: 6; Patients: 5; Taken: 1; Acted on, by kind: treated 1; Acknowledged, no action recorded: 3; Handed on: 0; Nobody acknowledged it: 2; ", "is not told"},
	} {
		m.Choose(id)
		if s = m.State(); figures(s.Open) != want[0] || !strings.Contains(s.Open.Figure, want[1]) {
			t.Errorf("%s: %s %s", id, figures(s.Open), s.Open.Figure)
		}
	}
	if s.Lines[4].Words != "marked 5" || s.Lines[8].Words != "not counted yet" {
		t.Errorf("%+v", s.Lines)
	}
	m.Choose("nothing like that")
	if s = m.State(); s.Open.ID != "critical/potassium" {
		t.Errorf("%+v", s.Open)
	}
}

// With the network out the figures say how old they are; what was never counted is said
// to be that, and is no zero; a failure is told.
func TestFiguresSayHowOldTheyAre(t *testing.T) {
	b := book()
	b.Apart, b.Counted = true, now.Add(-3*time.Hour)
	_, loaded := model(t, &desk{book: b})
	if s := loaded(); !strings.Contains(s.AsOf, "The network is out: these figures are 3 h") {
		t.Errorf("%q", s.AsOf)
	}
	b.Counted = time.Time{}
	for i := range b.List {
		b.List[i].Use = nil
	}
	_, loaded = model(t, &desk{book: b})
	if s := loaded(); !strings.Contains(s.AsOf, "Not counted yet") || s.Lines[0].Words != "not counted yet" || len(s.Open.Use) != 0 {
		t.Errorf("%+v", s)
	}
	b.ChangedAt = now.AddDate(0, 0, -3)
	_, loaded = model(t, &desk{book: b})
	if s := loaded(); !strings.Contains(s.Set, "19-Nov-2026") {
		t.Errorf("%q", s.Set)
	}
	_, loaded = model(t, &desk{err: errors.New("the disk")})
	if s := loaded(); s.Error == "" || s.Loaded {
		t.Errorf("%+v", s)
	}
}

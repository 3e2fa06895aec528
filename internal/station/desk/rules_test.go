package desk_test

import (
	"testing"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// The page of rules has central's figures, as of when they were counted, and says that
// there are none where there are none; a count that is not central's counts for nothing;
// and who is not signed in reads nothing.
func TestTheRulesWithTheirFigures(t *testing.T) {
	r := newRoom(t)
	book, err := r.desk.Rules(bg)
	ok(t, err)
	if !book.Counted.IsZero() || len(book.List) < 30 || book.List[0].Use != nil || book.Version == "" || book.ChangedBy == "" {
		t.Errorf("%s", show(book))
	}
	k := alert.RuleCritical("potassium")
	tally := alert.RuleTally{At: noon.Add(-20 * time.Minute), Days: map[int]map[alert.RuleID]alert.Count{
		7: {k: {Fired: 4, Patients: 3, Taken: 2, Acted: map[string]int{alert.ActTreated: 1}}}, 30: {k: {Fired: 9, Quiet: 2}},
	}}
	text, err := tally.String()
	ok(t, err)
	body := obj{
		"resourceType": "Basic", "id": string(record.UseOfRules().ID), "code": coded(fhir.SystemBasic, fhir.BasicRuleUse, ""),
		"extension": []any{obj{"url": fhir.ExtRuleUse, "valueString": text}},
	}
	put := func(by record.Author) { r.batch([]record.Change{r.accept(body, by)}, nil) }
	put(record.Author{User: "g.mensah", Name: "Grace"})
	if book, err = r.desk.Rules(bg); err != nil || !book.Counted.IsZero() {
		t.Errorf("somebody's own count is believed: %v %v", err, book.Counted)
	}
	put(record.Author{Sender: "central"})
	book, err = r.desk.Rules(bg)
	ok(t, err)
	if !book.Counted.Equal(tally.At) {
		t.Errorf("counted %v", book.Counted)
	}
	for _, rule := range book.List {
		switch {
		case rule.ID == string(k):
			if u := rule.Use[7]; u.Fired != 4 || u.Patients != 3 || u.Taken != 2 || u.Acted["treated"] != 1 || rule.Use[30].Fired != 9 || rule.Use[30].Quiet != 2 {
				t.Errorf("%s", show(rule))
			}
		case rule.Marks && rule.Use != nil: // an older central counted none of these, and that is no zero
			t.Errorf("%s", show(rule))
		case rule.Counted && !rule.Marks && rule.Use == nil, !rule.Counted && rule.Use != nil:
			t.Errorf("%s", show(rule))
		}
	}
	tally.Marks, tally.Days[7][alert.RuleHandover] = true, alert.Count{Fired: 3, Done: 2, Nobody: 1}
	text, err = tally.String()
	ok(t, err)
	body["extension"] = []any{obj{"url": fhir.ExtRuleUse, "valueString": text}}
	put(record.Author{Sender: "central"})
	book, err = r.desk.Rules(bg)
	ok(t, err)
	for _, rule := range book.List {
		if rule.Counted != (rule.Use != nil) || rule.ID == string(alert.RuleHandover) && (rule.Use[7].Done != 2 || rule.Use[7].Nobody != 1) {
			t.Errorf("%s", show(rule))
		}
	}
	r.desk.EndSession()
	if _, err := r.desk.Rules(bg); !fault.Is(err, fault.Unknown) && !fault.Is(err, fault.Denied) {
		t.Errorf("nobody is signed in: %v", err)
	}
}

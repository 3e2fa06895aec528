package desk_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

var ruiz = ward.Person{User: "a.ruiz", Name: "Ana Ruiz, doctor", Role: "doctor", Wards: []string{"*"}}

// high is a new high limit of potassium for the whole hospital.
func high(version uint64, value string) ward.SetLimit {
	return ward.SetLimit{Rule: "critical/potassium", Version: version, Edge: alert.EdgeHigh, Unit: "mmol/L", Value: value, Reason: "Laboratory board"}
}

func (r *room) rule(id string) ward.Rule {
	r.t.Helper()
	book, err := r.desk.Rules(bg)
	ok(r.t, err)
	for _, b := range book.List {
		if b.ID == id {
			return b
		}
	}
	r.t.Fatalf("no rule %s", id)
	return ward.Rule{}
}

// judgedBy is a laboratory result as central sends it, judged by these marks.
func (r *room) judgedBy(id, value string, tags ...string) {
	r.t.Helper()
	ch := r.accept(potassium(id, string(folake), value, "final", ""), record.Author{Sender: "lab LAB|HOSP"})
	ch.Tags = tags
	r.batch([]record.Change{ch}, nil)
}

// A limit is set by whoever may, with the network there, within its range; the page says
// what is in force, by whom, when and why, within which range, and what was before.
func TestALimitIsSetByWhoeverMay(t *testing.T) {
	r := newRoom(t)
	r.link(true)
	r.refused(fault.Denied, "by a doctor", high(0, "6.0"))
	if s := r.rule("critical/potassium").Site; s == nil || s.MaySite || s.MayWard || s.Number != 0 || len(s.List) != 4 || s.List[1].Own != "6.5" || s.List[1].Hospital != "6.5" || s.List[1].Low != "5.5" || s.List[1].High != "6.5" || s.List[1].Set != nil {
		t.Fatalf("%s", show(s))
	}
	if r.rule("critical/blood culture").Site != nil || r.rule("flag").Site != nil {
		t.Error("a rule without limits has some")
	}
	r.desk.SetSession(ruiz)
	for why, c := range map[string]ward.SetLimit{
		"from 5.5 to 6.5 mmol/L":   high(0, "7.0"),
		"nothing is converted":     {Rule: "critical/potassium", Edge: alert.EdgeHigh, Unit: "mg/dL", Value: "6.0", Reason: "x"},
		"say why":                  {Rule: "critical/potassium", Edge: alert.EdgeHigh, Unit: "mmol/L", Value: "6.0"},
		"no limits that a site":    {Rule: "flag", Edge: alert.EdgeHigh, Unit: "mmol/L", Value: "6.0", Reason: "x"},
		"not one that a site sets": {Rule: "critical/blood culture", Edge: alert.EdgeHigh, Value: "6.0", Reason: "x"},
	} {
		r.refused(fault.Invalid, why, c)
	}
	r.refused(fault.Conflict, "while you wrote", high(7, "6.0"))
	elsewhere := high(0, "6.0")
	elsewhere.Ward = "5A"
	r.refused(fault.Denied, "at a computer of that ward", elsewhere)
	r.link(false)
	r.refused(fault.Unavailable, "goes on with the limits that it has", high(0, "6.0"))
	r.link(true)
	r.do(high(0, "6.0"))
	if s := r.rule("critical/potassium").Site; !s.Unsent {
		t.Errorf("%s", show(s))
	}
	r.drain()
	rule := r.rule("critical/potassium")
	s := rule.Site
	if s.Number != 1 || !s.MaySite || !s.MayWard || s.Version == 0 || s.Unsent || s.List[1].Hospital != "6.0" || s.List[1].Here != "6.0" || s.List[1].Set == nil || s.List[1].Set.By != "Ana Ruiz, doctor" || s.List[1].Set.Reason != "Laboratory board" || !s.List[1].Set.At.Equal(noon) {
		t.Errorf("%s", show(s))
	}
	if !strings.Contains(strings.Join(rule.Limits, "; "), "critical ≥ 6.0 mmol/L") {
		t.Errorf("%v", rule.Limits)
	}
	wards := high(s.Version, "5.8")
	wards.Ward = "4B"
	r.do(wards)
	r.drain()
	back := high(r.rule("critical/potassium").Site.Version, "")
	back.Reason = "back after the audit"
	r.do(back)
	r.drain()
	if s = r.rule("critical/potassium").Site; s.Number != 3 || s.List[1].Hospital != "6.5" || s.List[1].Here != "5.8" || s.List[1].Set != nil || s.List[1].WardSet == nil || len(s.Changes) != 3 || s.Changes[0].Value != "" || s.Changes[2].Value != "6.0" {
		t.Errorf("%s", show(s))
	}
	r.refused(fault.Invalid, "it is so already", high(s.Version, ""))
}

// A computer says of a result what central said of it: by the number with which it is
// marked, whatever is in force now. What is not marked was judged by the program's own.
func TestAResultIsJudgedByTheLimitsOfItsDay(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.link(true)
	r.desk.SetSession(ruiz)
	r.judgedBy("k0", "6.1")
	r.do(high(0, "6.0"))
	r.drain()
	r.judgedBy("k1", "6.1", record.TagCritical, "limits:1")
	r.do(high(r.rule("critical/potassium").Site.Version, ""))
	r.drain()
	r.judgedBy("k2", "6.1", "limits:2")
	for id, critical := range map[fhir.ID]bool{"k0": false, "k1": true, "k2": false} {
		got := r.result(folake, id)
		if got.Critical != critical {
			t.Errorf("%s: critical %v, want %v: %v", id, got.Critical, critical, got.Why)
		}
		if want := "limit 6.0 of this hospital, version 1 of 22-Nov-2026"; critical && strings.Join(got.Why, "; ") != want {
			t.Errorf("%s: %v, want %s", id, got.Why, want)
		}
	}
	if list := r.alerts(); len(list) != 1 || list[0].Result.ID != "k1" {
		t.Errorf("%s", show(list))
	}
}

// What central called critical by limits that are not here, or that only a newer program
// reads, is critical here, and says so; the limits are not written over.
func TestACriticalResultByLimitsThatAreNotHere(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.link(true)
	r.desk.SetSession(ruiz)
	r.judgedBy("k1", "6.1", record.TagCritical, "limits:4")
	got := r.result(folake, "k1")
	if !got.Critical || !strings.Contains(strings.Join(got.Why, "; "), "not on this computer") || got.Rule != "critical/potassium" {
		t.Errorf("%v %v", got.Critical, got.Why)
	}
	r.batch([]record.Change{r.accept(obj{
		"resourceType": "Basic", "id": string(record.LimitsOf("critical/potassium").ID), "code": coded(fhir.SystemBasic, fhir.BasicLimits, ""),
		"extension": []any{obj{"url": fhir.ExtLimits, "valueString": `2 {"something":"new"}`}},
	}, record.Author{User: "a.ruiz"})}, nil)
	if got = r.result(folake, "k1"); !got.Critical {
		t.Errorf("%v", got.Why)
	}
	s := r.rule("critical/potassium").Site
	if !s.Newer || s.MaySite || s.List[1].Hospital != "6.5" {
		t.Errorf("%s", show(s))
	}
	r.refused(fault.Invalid, "A newer program wrote these", high(s.Version, "6.0"))
}

// Cut off, a computer judges what is written there by the limits that it has.
func TestWhatIsWrittenOfflineIsJudgedByTheLimitsThatAreHere(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.link(true)
	r.desk.SetSession(ruiz)
	r.do(high(0, "6.0"))
	r.drain()
	r.link(false)
	r.desk.SetSession(grace)
	call := told()
	call.Value = "6.1"
	r.do(call)
	list := r.alerts()
	if len(list) != 1 || !strings.Contains(strings.Join(list[0].Result.Why, "; "), "limit 6.0 of this hospital") {
		t.Errorf("%s", show(list))
	}
}

// A set of observations is due by the interval that was in force when it was taken, an
// order late by the times of when it was placed.
func TestTimesThatTheSiteSet(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.link(true)
	r.desk.SetSession(ruiz)
	r.do(ward.SetLimit{Rule: "overdue", Edge: alert.EdgeScore1, Unit: "min", Value: "120", Reason: "two-hourly rounds"})
	r.drain()
	set := r.rule("overdue").Site
	if set.Number != 1 || set.List[1].Own != "240" || set.List[1].Here != "120" || !strings.Contains(strings.Join(r.rule("overdue").Limits, "; "), "1 to 4: 2 h") {
		t.Errorf("%s", show(set))
	}
	r.refused(fault.Invalid, "from 15 to 60 min", ward.SetLimit{Rule: "overdue", Version: set.Version, Edge: alert.EdgeScore5, Unit: "min", Value: "90", Reason: "x"})
	r.refused(fault.Invalid, "set in min", ward.SetLimit{Rule: "overdue", Version: set.Version, Edge: alert.EdgeScore5, Unit: "h", Value: "1", Reason: "x"})
	r.later(time.Minute)
	r.desk.SetSession(grace)
	air := false
	r.do(ward.RecordVitals{Patient: folake, Set: ward.VitalSet{Respirations: "16", SpO2: "97", Oxygen: &air, Systolic: "120", Pulse: "95", Consciousness: "A", Temperature: "38.5"}})
	v := r.chart(folake).Vitals
	if len(v) != 1 || v[0].Early.Due.Sub(v[0].At) != 2*time.Hour {
		t.Errorf("%s", show(v))
	}
}

// limitsOf is what somebody elsewhere set of a rule, as central sends it.
func (r *room) limitsOf(rule alert.RuleID, list ...alert.Setting) {
	r.t.Helper()
	s := alert.Settings{Rule: rule}
	for _, x := range list {
		x.User, x.By, x.Reason = "a.ruiz", "Ana Ruiz, doctor", "Laboratory board"
		next, err := alert.Default().Set(s, x)
		ok(r.t, err)
		s = next
	}
	text, err := s.String()
	ok(r.t, err)
	r.batch([]record.Change{r.accept(obj{
		"resourceType": "Basic", "id": string(record.LimitsOf(string(rule)).ID), "code": coded(fhir.SystemBasic, fhir.BasicLimits, ""),
		"extension": []any{obj{"url": fhir.ExtLimits, "valueString": text}},
	}, record.Author{User: "a.ruiz"})}, nil)
}

// When other limits come, the rows that stand on them follow at once, and no other row
// is derived; an open page is told. The rows that are kept over a start are held to the
// limits, too.
func TestARowFollowsTheSitesLimits(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(admitted("p2", "Bell", "Iris", "02")...)
	r.send(admitted("p3", "Cole", "Ada", "03")...)
	r.later(time.Minute)
	r.do(ward.RecordVitals{Patient: folake, Set: ward.VitalSet{Respirations: "16", SpO2: "97", Oxygen: no(), Systolic: "120", Pulse: "95", Consciousness: "A", Temperature: "38.5"}})
	r.drain()
	r.judgedBy("k1", "6.1", record.TagCritical, "limits:1")
	due := func() time.Duration { e := r.row(folake).Early; return e.Due.Sub(e.At) }
	why := func() string { return strings.Join(r.row(folake).Critical.Why, "; ") }
	if due() != 4*time.Hour || !strings.Contains(why(), "not on this computer yet") {
		t.Fatalf("%s, %s", due(), why())
	}
	keeper := r.other(time.UTC, "one")
	ok(t, keeper.Refresh(bg))
	kept := func() int {
		t.Helper()
		list, err := r.other(time.UTC, "one").Kept(bg)
		ok(t, err)
		return len(list)
	}
	if n := kept(); n != 3 {
		t.Fatalf("%d rows are kept", n)
	}
	ctx, cancel := context.WithCancel(bg)
	defer cancel()
	notices := r.desk.Subscribe(ctx)
	followed := func(what string, rows int) {
		t.Helper()
		if n := r.desk.RowsLast(); n != rows {
			t.Errorf("%s: %d rows were derived, want %d", what, n, rows)
		}
		for {
			select {
			case n := <-notices:
				if n.Kind == ward.NoticePatients && len(n.Patients) == 0 {
					return
				}
			case <-time.After(time.Minute):
				t.Errorf("%s: no page is told", what)
				return
			}
		}
	}

	r.limitsOf(alert.RuleOverdue, alert.Setting{Edge: alert.EdgeScore1, Unit: alert.Minutes, Value: "120", At: noon})
	if due() != 2*time.Hour {
		t.Errorf("the row goes by %s", due())
	}
	followed("the score's intervals", 1)
	if n := kept(); n != 2 {
		t.Errorf("of the kept rows %d pass for the present ones", n)
	}
	r.limitsOf("critical/potassium", alert.Setting{Edge: alert.EdgeHigh, Unit: "mmol/L", Value: "6.0", At: noon})
	if !strings.Contains(why(), "limit 6.0 of this hospital, version 1") {
		t.Errorf("the row says %q", why())
	}
	followed("a critical limit", 3)
	r.limitsOf(alert.RuleLateOrder, alert.Setting{Edge: alert.EdgeNoResult, Unit: alert.Minutes, Ages: "stat", Value: "45", At: noon})
	followed("the times of late results", 0)
	if n := kept(); n != 0 {
		t.Errorf("of the kept rows %d pass for the present ones", n)
	}
	ok(t, keeper.Refresh(bg))
	if n := kept(); n != 3 {
		t.Errorf("%d rows are kept again", n)
	}
}

// Urgent limits, change checks and retest intervals of the site: a result says so by the
// limits of its day, an order by those of now, and each can be set by whoever may.
func TestUrgentLimitsChangesAndRetestsOfTheSite(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.link(true)
	r.judgedBy("k0", "5.6")
	r.later(time.Minute)
	r.limitsOf("critical/potassium", alert.Setting{Edge: alert.EdgeUrgentHigh, Unit: "mmol/L", Value: "5.5", At: r.clock()})
	r.limitsOf(alert.RuleChange, alert.Setting{Edge: alert.EdgeChange, Unit: "mmol/L", Ages: "potassium", Value: "0.8", At: r.clock()})
	r.limitsOf(alert.RuleRepeat, alert.Setting{Edge: alert.EdgeRetest, Unit: alert.Hours, Ages: "ue", Value: "12", At: r.clock()})
	r.later(time.Minute)
	r.judgedBy("k1", "5.6", "limits:1")
	if a, b := r.result(folake, "k0"), r.result(folake, "k1"); a.Urgent || !b.Urgent || a.Critical || b.Critical {
		t.Errorf("5.6 before %v, after %v", a.Urgent, b.Urgent)
	} else if got := strings.Join(b.UrgentBy, "; "); got != "limit 5.5 of this hospital, version 1 of 22-Nov-2026" || len(a.UrgentBy) != 0 {
		t.Errorf("urgent by %q", got)
	}
	late := potassium("k2", string(folake), "4.7", "final", "")
	late["effectiveDateTime"] = r.clock().Add(time.Hour).Format(time.RFC3339)
	r.send(late)
	if got := strings.Join(r.result(folake, "k2").Remarks, "; "); !strings.Contains(got, "check identity and sample (set for this hospital, version 1 of 22-Nov-2026)") {
		t.Errorf("0.9 less: %q", got)
	}
	retest := r.rule(string(alert.RuleRepeat))
	if !strings.Contains(strings.Join(retest.Limits, "; "), "ue: 12 h (set for this hospital, version 1") || len(retest.Site.List) != 8 || retest.Site.List[1].Here != "12" || retest.Site.List[1].Own != "24" {
		t.Errorf("%s", show(retest))
	}
	if change := r.rule(string(alert.RuleChange)); change.Site == nil || len(change.Site.List) != 13 || change.Site.List[1].Here != "0.8" {
		t.Errorf("%s", show(change))
	}
	if news := r.rule(string(alert.RuleNEWS2)); news.Site != nil || !strings.Contains(strings.Join(news.Limits, "; "), "fixed by the RCP") {
		t.Errorf("%s", show(news))
	}
	test, _ := alert.Default().Catalogue.Test("crp")
	old := potassium("c1", string(folake), "12", "final", "")
	old["code"], old["effectiveDateTime"] = obj{"text": test.Members[0].Name}, r.clock().Add(-30*time.Hour).Format(time.RFC3339)
	r.send(old)
	if w := r.check(crp)[0].Warnings; len(w) != 1 {
		t.Errorf("30 h after one, by the program's own 48 h: %s", show(w))
	}
	r.limitsOf(alert.RuleRepeat, alert.Setting{Edge: alert.EdgeRetest, Unit: alert.Hours, Ages: "ue", Value: "12", At: r.clock()}, alert.Setting{Edge: alert.EdgeRetest, Unit: alert.Hours, Ages: "crp", Value: "36", At: r.clock()})
	if w := r.check(crp)[0].Warnings; len(w) != 1 || w[0].From != "set for this hospital, version 2 of 22-Nov-2026" {
		t.Errorf("by the site's 36 h: %s", show(w))
	}
	r.limitsOf(alert.RuleRepeat, alert.Setting{Edge: alert.EdgeRetest, Unit: alert.Hours, Ages: "crp", Value: "24", At: r.clock()})
	if w := r.check(crp)[0].Warnings; len(w) != 0 {
		t.Errorf("by the site's 24 h: %s", show(w))
	}
	retest = r.rule(string(alert.RuleRepeat))
	r.desk.SetSession(ruiz)
	r.refused(fault.Invalid, "from 12 to 24 h", ward.SetLimit{Rule: string(alert.RuleRepeat), Version: retest.Site.Version, Edge: alert.EdgeRetest, Ages: "fbc", Unit: "h", Value: "48", Reason: "x"})
	r.do(ward.SetLimit{Rule: string(alert.RuleRepeat), Version: retest.Site.Version, Edge: alert.EdgeRetest, Ages: "fbc", Unit: "h", Value: "12", Reason: "daily rounds"})
}

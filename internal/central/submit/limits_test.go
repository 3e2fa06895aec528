package submit_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

const potassiumRule = "critical/potassium"

// sets is one limit of potassium, as somebody at this computer sets it over what stands.
func (s *station) sets(user record.UserID, ward, value string, change func(*alert.Setting, *record.Mutation)) record.Mutation {
	s.h.Helper()
	return s.setsOf(user, potassiumRule, ward, alert.EdgeHigh, "mmol/L", value, change)
}

func (s *station) setsOf(user record.UserID, rule, ward, edge, unit, value string, change func(*alert.Setting, *record.Mutation)) record.Mutation {
	s.h.Helper()
	ref := record.LimitsOf(rule)
	cur, has := s.h.current(ref)
	set := alert.Settings{Rule: alert.RuleID(rule)}
	if has {
		var err error
		set, err = alert.ParseSettings(fhir.ExtString(view[struct {
			Extension []fhir.Extension `json:"extension"`
		}](s.h.T, cur.Body).Extension, fhir.ExtLimits))
		s.h.must(err)
	}
	name := map[record.UserID]string{"a.ruiz": "Ana Ruiz, doctor", "w.dr": "Wanda Doctor", "g.mensah": "Grace Mensah, nurse", "m.okafor": "Mary Okafor", "c.lerk": "Clara Lerk"}[user]
	x := alert.Setting{
		Number: set.Number() + 1, Ward: ward, Edge: edge, Unit: unit, Value: fhir.Decimal(value), User: string(user), By: name, At: s.h.now, Reason: "Laboratory board",
	}
	return s.write(user, "", ref, func(m *record.Mutation) {
		m.Base = cur.Version
		if change != nil {
			change(&x, m)
		}
		set.List = append(set.List, x)
		text, err := set.String()
		s.h.must(err)
		m.Ops = []record.Op{{Kind: record.OpPut, Value: body(struct {
			ResourceType fhir.Type            `json:"resourceType"`
			ID           fhir.ID              `json:"id"`
			Code         fhir.CodeableConcept `json:"code"`
			Extension    []fhir.Extension     `json:"extension"`
		}{fhir.TypeBasic, ref.ID, fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemBasic, Code: fhir.BasicLimits}}}, []fhir.Extension{{URL: fhir.ExtLimits, ValueString: fhir.Str(text)}}})}}
	})
}

// tagsOf are central's marks on a result.
func (h *hospital) tagsOf(ref fhir.Ref) string {
	h.Helper()
	c, ok := h.current(ref)
	if !ok {
		h.Fatalf("%s is not there", ref)
	}
	return strings.Join(c.Tags, " ")
}

// Whoever may sets a limit within its range; central refuses it from anybody else, for
// another ward, out of range, in another unit, in another's name, from whoever has not
// seen the newest, and where what was set before is another. The audit trail says what
// was in force, what is, and why.
func TestWhoSetsALimit(t *testing.T) {
	h := open(t, nil)
	h.people()
	h.must(h.s.PutAccount(h.ctx(), record.Author{User: "root"}, record.Account{User: "w.dr", Name: "Wanda Doctor", Role: "doctor", Wards: []record.Ward{"4B"}}))
	for why, m := range map[string]record.Mutation{
		"a nurse may not create":          h.w4B.sets("g.mensah", "", "6.0", nil),
		"a charge nurse may not create":   h.w4B.sets("m.okafor", "4B", "6.0", nil),
		"a ward clerk may not create":     h.w4B.sets("c.lerk", "", "6.0", nil),
		"who covers the whole hospital":   h.w4B.sets("w.dr", "", "6.0", nil),
		"at a computer of that ward":      h.w4B.sets("a.ruiz", "5A", "6.0", nil),
		"it may be set from 5.5 to 6.5":   h.w4B.sets("a.ruiz", "", "6.6", nil),
		"nothing is converted":            h.w4B.sets("a.ruiz", "", "6.0", func(x *alert.Setting, _ *record.Mutation) { x.Unit = "mg/dL" }),
		"in one's own name":               h.w4B.sets("a.ruiz", "", "6.0", func(x *alert.Setting, _ *record.Mutation) { x.By = "Somebody Else" }),
		"while the network is there":      h.w4B.sets("a.ruiz", "", "6.0", func(x *alert.Setting, _ *record.Mutation) { x.At = h.now.Add(-3 * time.Hour) }),
		"say why":                         h.w4B.sets("a.ruiz", "", "6.0", func(x *alert.Setting, _ *record.Mutation) { x.Reason = "" }),
		"these are no limits of an alert": h.w4B.sets("a.ruiz", "", "6.0", func(_ *alert.Setting, m *record.Mutation) { m.Ref = record.LimitsOf("critical/sodium") }),
	} {
		r := h.w4B.send(m)
		said := strings.Contains(r.Reason, why) || strings.Contains(why, "may not create") && strings.Contains(r.Reason, "may not")
		if r.Outcome != record.Refused || m.Ref == record.LimitsOf(potassiumRule) && !said {
			t.Errorf("%s: %+v", why, r)
		}
	}
	if _, ok := h.current(record.LimitsOf(potassiumRule)); ok {
		t.Fatal("a refused limit stands")
	}
	first := h.w4B.sets("a.ruiz", "", "6.0", nil)
	h.w4B.sent(first)
	c, _ := h.current(first.Ref)
	if len(c.Wards) != 1 || c.Wards[0] != "*" || c.Author.Name != "Ana Ruiz, doctor" {
		t.Errorf("%+v", c)
	}
	late := h.w4B.sets("w.dr", "4B", "5.8", func(_ *alert.Setting, m *record.Mutation) { m.Base = 0 })
	h.w4B.sent(h.w4B.sets("w.dr", "4B", "5.9", nil))
	if r := h.w4B.send(late); r.Outcome != record.Refused || !strings.Contains(r.Reason, "meanwhile") {
		t.Errorf("two at once: %+v", r)
	}
	audits := h.audits("mutation", string(first.ID))
	if len(audits) != 1 || !strings.Contains(audits[0], "6.5 mmol/L (the program's own)") || !strings.Contains(audits[0], `"valueString":"6.0 mmol/L"`) || !strings.Contains(audits[0], "Laboratory board") || !strings.Contains(audits[0], "a.ruiz") {
		t.Errorf("%s", audits)
	}
	undo := h.w4B.sets("a.ruiz", "", "", nil)
	h.w4B.sent(undo)
	if a := h.audits("mutation", string(undo.ID)); len(a) != 1 || !strings.Contains(a[0], `"valueString":"6.0 mmol/L"`) || !strings.Contains(a[0], "6.5 mmol/L (the program's own)") {
		t.Errorf("%s", a)
	}
	if n := len(h.history(first.Ref)); n != 3 {
		t.Errorf("%d versions are kept, want 3", n)
	}
}

// A result is judged by what is in force when it is received, is marked with it, and is
// never judged anew: what was critical stays so when the limit goes back, also when the
// same value comes again as final, and what was not does not become so.
func TestWhatWasJudgedStaysJudged(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	ms := func() int64 { h.now = h.now.Add(time.Minute); return h.now.UnixMilli() }
	h.file(h.oru(kaya, "4B", reading{"1", "6.1", "final", ms(), ms()}))
	if got := h.tagsOf(obs("1")); got != "" {
		t.Fatalf("6.1 before anything was set: %q", got)
	}
	h.w4B.sent(h.w4B.sets("a.ruiz", "", "6.0", nil))
	h.file(h.oru(kaya, "4B", reading{"2", "6.1", "preliminary", ms(), ms()}))
	if got := h.tagsOf(obs("2")); got != "critical limits:1" {
		t.Fatalf("6.1 with a limit of 6.0: %q", got)
	}
	if got := h.tagsOf(obs("1")); got != "" {
		t.Errorf("what came before was judged anew: %q", got)
	}
	h.now = h.now.Add(time.Minute)
	h.w4B.sent(h.w4B.sets("a.ruiz", "", "", nil))
	if got := h.tagsOf(obs("2")); got != "critical limits:1" {
		t.Errorf("what was critical was judged anew: %q", got)
	}
	duties := submit.NewDuties(h.s)
	h.must(duties.Follow(h.ctx()))
	if open := duties.Open(h.now); len(open) != 1 || open[0].Result != obs("2") || open[0].Patient != p {
		t.Errorf("the ladder: %+v", open)
	}
	h.file(h.oru(kaya, "4B", reading{"2", "6.1", "final", ms(), ms()}))
	if got := h.tagsOf(obs("2")); got != "critical limits:1" {
		t.Errorf("the same value as final, after the limit went back: %q", got)
	}
	h.must(duties.Follow(h.ctx()))
	if open := duties.Open(h.now); len(open) != 1 {
		t.Errorf("the ladder after the final: %+v", open)
	}
	h.file(h.oru(kaya, "4B", reading{"3", "6.1", "final", ms(), ms()}, reading{"4", "6.6", "final", ms(), ms()}))
	if a, b := h.tagsOf(obs("3")), h.tagsOf(obs("4")); a != "limits:2" || b != "critical limits:2" {
		t.Errorf("after the limit went back: %q, %q", a, b)
	}
	h.file(h.oru(kaya, "4B", reading{"2", "4.4", "corrected", ms(), ms()}))
	if got := h.tagsOf(obs("2")); !strings.HasPrefix(got, "was-critical") {
		t.Errorf("corrected to a harmless value: %q", got)
	}
}

// A ward's limit counts for who is there when the result comes, and for nobody else;
// it stays with the result when they move.
func TestAWardsLimitCountsThere(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "4B")
	h.admitted(odum, "5A")
	h.w4B.sent(h.w4B.sets("a.ruiz", "4B", "5.8", nil))
	at := h.now.UnixMilli()
	h.file(h.oru(kaya, "4B", reading{"1", "5.9", "final", at, at}))
	h.file(h.oru(odum, "5A", reading{"2", "5.9", "final", at, at}))
	if a, b := h.tagsOf(obs("1")), h.tagsOf(obs("2")); a != "critical limits:1:4B" || b != "limits:1:5A" {
		t.Errorf("%q, %q", a, b)
	}
}

// A result that somebody wrote down in an outage, by the limits that the computer held
// then, stays critical when a looser limit was set meanwhile; and a message that waited
// is judged by what was in force when it came, too.
func TestAChangeNeverTakesAnOpenCriticalAway(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.w4B.sent(h.w4B.sets("a.ruiz", "", "6.0", nil))
	h.now = h.now.Add(time.Hour)
	call := h.w4B.phone(p, "6.2") // written now, and on its way for long
	h.now = h.now.Add(30 * time.Minute)
	h.w5A.sent(h.w5A.sets("a.ruiz", "", "6.5", nil))
	h.now = h.now.Add(30 * time.Minute)
	h.w4B.sent(call)
	if got := h.tagsOf(call.Ref); got != "critical limits:1" {
		t.Errorf("phoned in the outage: %q", got)
	}
	again := h.w4B.phone(p, "6.2")
	h.w4B.sent(again)
	if got := h.tagsOf(again.Ref); got != "limits:2" {
		t.Errorf("phoned now: %q", got)
	}
}

// A critical value in a message that nobody can file is one by a site's limit too, and
// by any ward's: nobody knows where its patient is.
func TestWhatIsHeldBackIsHeldToTheStrictestWard(t *testing.T) {
	h := open(t, nil)
	h.w4B.sent(h.w4B.sets("a.ruiz", "4B", "5.8", nil))
	at := h.now.UnixMilli()
	row := h.file(h.oru(person{"9", "Nobody", "1950-01-01"}, "5A", reading{"1", "5.9", "final", at, at}))
	if row.Fate != record.FateQuarantined {
		t.Fatalf("%+v", row)
	}
	task := h.warning()
	if task.Priority == "asap" || !strings.Contains(task.Description, "5.9") {
		t.Errorf("%s %s", task.Priority, task.Description)
	}
}

// What is critical by the site's limit alone counts under its rule, and a repeat of it is
// as quiet as any: by the limit by which each was judged.
func TestARepeatByTheSitesLimitIsQuietAndCounted(t *testing.T) {
	h := open(t, nil)
	p := h.stays(odum, "v2", "4B")
	h.w4B.sent(h.w4B.setsOf("a.ruiz", "critical/platelets", "", alert.EdgeLow, "10*9/L", "40", nil))
	h.platelets(odum, "1", "35", "final", 0)
	if got := h.tagsOf(obs("1")); got != "critical limits:1" {
		t.Fatalf("%q", got)
	}
	h.now = h.now.Add(4 * time.Minute)
	h.w4B.takes(p, "1", 1)
	h.now = h.now.Add(time.Minute)
	h.platelets(odum, "2", "35", "final", 2)
	open, err := h.s.OpenDuties(h.ctx())
	h.must(err)
	if len(open) != 0 {
		t.Errorf("the repeat climbs: %+v", open)
	}
	defer func() { // switched off, the next one is loud, and the one before stays as it was
		h.w4B.sent(h.w4B.setsOf("a.ruiz", "critical/platelets", "", alert.EdgeQuiet, "min", "0", nil))
		h.now = h.now.Add(time.Minute)
		h.platelets(odum, "3", "35", "final", 3)
		if open, err = h.s.OpenDuties(h.ctx()); err != nil || len(open) != 1 || open[0].Result != obs("3") {
			t.Errorf("%v %+v", err, open)
		}
	}()
	c := submit.NewRuleCounts(h.s)
	if _, err := c.Count(h.ctx()); err != nil {
		t.Fatal(err)
	}
	cur, _ := h.current(record.UseOfRules())
	tally, err := alert.ParseRuleTally(fhir.ExtString(view[struct {
		Extension []fhir.Extension `json:"extension"`
	}](t, cur.Body).Extension, fhir.ExtRuleUse))
	h.must(err)
	if got := tally.Days[7]["critical/platelets"]; got.Fired != 1 || got.Quiet != 1 || got.Taken != 1 {
		t.Errorf("%+v", tally.Days[7])
	}
}

// What is urgent, or changed, by the site's limit is counted so: each by the limits of its
// day. Of two that were in force while a result was on its way, the one counts by which it
// is urgent.
func TestWhatOnlyMarksByTheSitesLimitsIsCounted(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "4B")
	counts := submit.NewRuleCounts(h.s)
	fired := func(rule alert.RuleID) int {
		t.Helper()
		_, err := counts.Count(h.ctx())
		h.must(err)
		cur, _ := h.current(record.UseOfRules())
		got, err := alert.ParseRuleTally(fhir.ExtString(view[struct{ Extension []fhir.Extension }](t, cur.Body).Extension, fhir.ExtRuleUse))
		h.must(err)
		return got.Days[7][rule].Fired
	}
	at := func() int64 { h.now = h.now.Add(time.Minute); return h.now.UnixMilli() }
	h.filed(h.drawn(kaya, reading{"1", "5.6", "final", at(), at()}, h.now))
	h.w4B.sent(h.w4B.setsOf("a.ruiz", potassiumRule, "", alert.EdgeUrgentHigh, "mmol/L", "5.5", nil))
	if n := fired(alert.RuleUrgent); n != 0 {
		t.Errorf("before it was set: %d", n)
	}
	h.filed(h.drawn(kaya, reading{"2", "5.6", "final", at(), at()}, h.now))
	if got, n := h.tagsOf(obs("2")), fired(alert.RuleUrgent); got != "limits:1" || n != 1 {
		t.Errorf("%q, %d", got, n)
	}
	h.w4B.sent(h.w4B.setsOf("a.ruiz", potassiumRule, "", alert.EdgeUrgentHigh, "mmol/L", "", nil))
	h.filed(h.drawn(kaya, reading{"2", "5.6", "amended", at(), at()}, h.now))
	if got, n := h.tagsOf(obs("2")), fired(alert.RuleUrgent); got != "limits:1" || n != 1 {
		t.Errorf("the same value after the limit went back: %q, %d", got, n)
	}
	h.filed(h.drawn(kaya, reading{"3", "4.7", "final", at(), at()}, h.now))
	if n := fired(alert.RuleChange); n != 0 {
		t.Errorf("0.9 less by the program's own: %d", n)
	}
	h.now = h.now.Add(time.Minute)
	h.w4B.sent(h.w4B.setsOf("a.ruiz", string(alert.RuleChange), "potassium", alert.EdgeChange, "mmol/L", "0.8", func(x *alert.Setting, _ *record.Mutation) { x.Ward, x.Ages = "", "potassium" }))
	h.filed(h.drawn(kaya, reading{"4", "5.6", "final", at(), at()}, h.now))
	if n := fired(alert.RuleChange); n != 1 {
		t.Errorf("0.9 more by the site's: %d", n)
	}
}

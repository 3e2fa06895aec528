package submit_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/merge"
)

const nights = "rota 1\nzone Europe/London\nperson Dr A; pager 4412\nshift registrar; Dr A; daily 20:00-08:00\n"

// keep is a rota as somebody at this computer writes it.
func (s *station) keep(user record.UserID, ward record.Ward, base record.Version, text string) record.Mutation {
	ref := record.RotaOf(ward)
	return s.write(user, "", ref, func(m *record.Mutation) {
		m.Base, m.Ref = base, ref
		m.Ops = []record.Op{{Kind: record.OpPut, Value: body(map[string]any{
			"resourceType": "Basic", "id": string(ref.ID),
			"code":      map[string]any{"coding": []any{map[string]any{"system": fhir.SystemBasic, "code": fhir.BasicRota}}},
			"extension": []any{map[string]any{"url": fhir.ExtWard, "valueString": string(ward)}, map[string]any{"url": fhir.ExtRota, "valueString": text}},
		})}}
		if cur, ok := s.h.current(ref); ok {
			ops, err := merge.Diff(cur.Body, m.Ops[0].Value)
			s.h.must(err)
			m.Ops = ops
		}
	})
}

// The charge nurse keeps her ward's rota; it is refused from anybody else, for
// another ward, where it cannot be read, and from whoever has not seen the newest.
func TestWhoKeepsTheRota(t *testing.T) {
	h := open(t, nil)
	h.must(h.s.PutAccount(h.ctx(), record.Author{User: "root"}, record.Account{User: "m.okafor", Name: "Mary Okafor", Role: "charge-nurse", Wards: []record.Ward{"4B"}}))
	for why, m := range map[string]record.Mutation{
		"may not create":         h.w4B.keep("g.mensah", "4B", 0, nights),
		"at a computer of":       h.w4B.keep("m.okafor", "5A", 0, nights),
		"cannot be read: line 5": h.w4B.keep("m.okafor", "4B", 0, nights+"shift nonsense\n"),
		"not on a ward":          h.w5A.keep("m.okafor", "5A", 0, nights),
	} {
		s := h.w4B
		if strings.Contains(why, "not on") {
			s = h.w5A
		}
		if r := s.send(m); r.Outcome != record.Refused || !strings.Contains(r.Reason, why) {
			t.Errorf("%s: %+v", why, r)
		}
	}
	first := h.w4B.sent(h.w4B.keep("m.okafor", "4B", 0, nights))
	c, _ := h.current(record.RotaOf("4B"))
	if !hasWard(c.Wards, "4B") || len(c.Wards) != 1 || c.Author.Name != "Mary Okafor, charge nurse" {
		t.Errorf("%+v", c)
	}
	second := h.w4B.sent(h.w4B.keep("m.okafor", "4B", first.Version, strings.Replace(nights, "4412", "4499", 1)))
	if r := h.w4B.send(h.w4B.keep("m.okafor", "4B", first.Version, nights+"# another\n")); r.Outcome != record.Refused || !strings.Contains(r.Reason, "changed the rota meanwhile") {
		t.Errorf("%+v", r)
	}
	ro, err := h.s.Rota(h.ctx(), "4B")
	h.must(err)
	if on := ro.On("registrar", time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC)); len(on) != 1 || on[0].Person.Pager != "4499" {
		t.Errorf("version %d: %+v", second.Version, on)
	}
	if len(h.history(record.RotaOf("4B"))) != 2 {
		t.Error("the version before is not kept")
	}
}

// A critical result is a duty until somebody takes it, and again once the time to
// act has run out.
func TestADutyIsOpenUntilSomebodyHasIt(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	d := submit.NewDuties(h.s)
	open := func() []submit.OpenDuty {
		t.Helper()
		h.must(d.Follow(h.ctx()))
		once, err := h.s.OpenDuties(h.ctx())
		h.must(err)
		list := d.Open(h.now)
		if len(once) != len(list) {
			t.Errorf("following says %d, looking at all says %d", len(list), len(once))
		}
		return list
	}
	h.filed(h.drawn(kaya, reading{"1", "6.8", "final", 1, 1}, noon.Add(-time.Hour)))
	if o := open(); len(o) != 1 || o[0].Result != obs("1") || !hasWard(o[0].Wards, "4B") || !o[0].Since.Equal(noon) || o[0].Remote {
		t.Fatalf("%+v", o)
	}
	take := h.w4B.about("g.mensah", fhir.TaskAcknowledge, p, obs("1"), 1)
	task := view[fhir.Task](t, take.Ops[0].Value)
	task.Input = append(task.Input, fhir.TaskParameter{Type: fhir.Param(fhir.ParamKind), ValueString: fhir.Str(alert.AckTaken)})
	take.Ops[0].Value = body(task)
	h.w4B.sent(h.w4B.sign(take))
	if o := open(); len(o) != 0 {
		t.Fatalf("somebody has it: %+v", o)
	}
	h.now = h.now.Add(31 * time.Minute)
	if o := open(); len(o) != 1 {
		t.Fatalf("taken, and nothing was done: %+v", o)
	}
	// It was harmless all the time: whoever took it may have treated it, and hears.
	h.filed(h.drawn(kaya, reading{"1", "4.1", "corrected", 2, 2}, noon.Add(-time.Hour)))
	if o := open(); len(o) != 1 || o[0].Of != submit.OfCorrected || !o[0].Since.Equal(h.now) {
		t.Errorf("corrected after somebody had it: %+v", o)
	}
	// Who said so by mistake had nothing.
	h.w4B.sent(h.w4B.about("g.mensah", fhir.TaskWithdraw, p, take.Ref, 1))
	if o := open(); len(o) != 0 {
		t.Errorf("nobody had it: %+v", o)
	}
}

// Owed once, whoever owes it; what has ended stays as it ended; a computer that
// writes a Task in this shape owes nobody anything.
func TestWhatIsOwed(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.filed(h.drawn(kaya, reading{"1", "6.8", "final", 1, 1}, noon.Add(-time.Hour)))
	c := submit.Callout{Result: obs("1"), Patient: p, Ward: "4B", Since: noon, Step: 1, Role: "registrar", Person: "Dr A", Channel: "pager", Short: "K4T9XQ"}
	h.must(h.s.Owe(h.ctx(), []submit.Callout{c, c}))
	h.must(h.s.Owe(h.ctx(), []submit.Callout{c}))
	owed, err := h.s.Owed(h.ctx())
	h.must(err)
	if len(owed) != 1 || owed[0].Person != "Dr A" || owed[0].Short != "K4T9XQ" || !owed[0].Since.Equal(noon) {
		t.Fatalf("%+v", owed)
	}
	sent := owed[0]
	sent.Status, sent.Tries, sent.Words = submit.CalloutSent, 1, "sent"
	h.must(h.s.Called(h.ctx(), sent))
	sent.Status = submit.CalloutFailed
	h.must(h.s.Called(h.ctx(), sent))
	if owed, _ := h.s.Owed(h.ctx()); len(owed) != 0 {
		t.Errorf("%+v", owed)
	}
	all, err := h.s.Callouts(h.ctx(), obs("1"))
	h.must(err)
	if len(all) != 1 || all[0].Status != submit.CalloutSent || all[0].Tries != 1 {
		t.Errorf("%+v", all)
	}
	if n := len(h.audits(submit.DetailCallout, "completed pager try 1")); n != 1 {
		t.Errorf("%d audit events of the sending", n)
	}
	forged := h.w4B.about("g.mensah", fhir.TaskCallout, p, obs("1"), 1)
	task := view[fhir.Task](t, forged.Ops[0].Value)
	task.Status = submit.CalloutOwed
	forged.Ops[0].Value = body(task)
	h.w4B.send(h.w4B.sign(forged))
	if owed, _ := h.s.Owed(h.ctx()); len(owed) != 0 {
		t.Errorf("a computer owes somebody a message: %+v", owed)
	}
}

package submit_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// A critical potassium is undelivered until a screen of the patient's own ward
// has shown it, or somebody has it.
func TestACriticalResultIsUndeliveredUntilShown(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.filed(h.oru(kaya, "4B", reading{"1", "6.8", "final", 10, 10}))
	list := h.undelivered()
	if len(list) != 1 || list[0].Ref != obs("1") || list[0].Patient != p || !hasWard(list[0].Wards, "4B") || list[0].Test != "potassium" || !list[0].Since.Equal(h.now) {
		t.Fatalf("undelivered = %+v", list)
	}
	// Nobody of another ward can show it for them.
	if r := h.w5A.send(h.w5A.about("", fhir.TaskShown, p, obs("1"), 1)); r.Outcome != record.Refused || len(h.undelivered()) != 1 {
		t.Errorf("another ward: %+v", r)
	}
	h.w4B.sent(h.w4B.about("", fhir.TaskShown, p, obs("1"), 1))
	if list := h.undelivered(); len(list) != 0 {
		t.Errorf("shown, and undelivered: %+v", list)
	}
	// Another value is another result; the same value again is not.
	h.now = h.now.Add(time.Minute)
	h.filed(h.oru(kaya, "4B", reading{"1", "7.0", "corrected", 20, 20}))
	if list := h.undelivered(); len(list) != 1 || list[0].Version != 2 || !list[0].Since.Equal(h.now) {
		t.Errorf("corrected: %+v", list)
	}
	h.w4B.sent(h.w4B.about("", fhir.TaskShown, p, obs("1"), 2))
	h.file(h.oru(kaya, "4B", reading{"1", "6.8", "final", 10, 10})) // late, and in the history already
	if list := h.undelivered(); len(list) != 0 {
		t.Errorf("an older version made it undelivered: %+v", list)
	}
}

// Shown on the old ward is not shown on the new one.
func TestAMoveMakesAResultUndeliveredAgain(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.filed(h.oru(kaya, "4B", reading{"1", "6.8", "final", 10, 10}))
	h.w4B.sent(h.w4B.about("", fhir.TaskShown, p, obs("1"), 1))
	h.filed(h.adt(kaya, "v1001", "5A", h.now.Add(time.Hour)))
	if list := h.undelivered(); len(list) != 1 || !hasWard(list[0].Wards, "5A") {
		t.Errorf("after the move: %+v", list)
	}
	h.w5A.sent(h.w5A.about("", fhir.TaskShown, p, obs("1"), 1))
	if list := h.undelivered(); len(list) != 0 {
		t.Errorf("shown there: %+v", list)
	}
}

// Taken is delivered, a withdrawn taking is not, and a harmless correction
// ends it.
func TestTakenAndWithdrawn(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.filed(h.oru(kaya, "4B", reading{"1", "6.8", "final", 10, 10}))
	take := h.w4B.about("g.mensah", fhir.TaskAcknowledge, p, obs("1"), 1)
	h.w4B.sent(take)
	if len(h.undelivered()) != 0 {
		t.Error("taken, and undelivered")
	}
	h.w4B.sent(h.w4B.about("g.mensah", fhir.TaskWithdraw, p, take.Ref, 1))
	if len(h.undelivered()) != 1 {
		t.Error("withdrawn, and not undelivered")
	}
	h.filed(h.oru(kaya, "4B", reading{"1", "4.1", "corrected", 20, 20}))
	if len(h.undelivered()) != 0 {
		t.Error("harmless, and undelivered")
	}
}

// A warning without a patient is taken by the ward that holds it, and by no
// other.
func TestAHeldBackWarningIsTaken(t *testing.T) {
	h := open(t, nil)
	h.file(h.oru(kaya, "4B", reading{"1", "6.8", "final", 1, 1}))
	warning := h.tasks(fhir.TaskHeldBack)[0]
	if r := h.w5A.send(h.w5A.about("a.ruiz", fhir.TaskAcknowledge, "", warning.Ref, 1)); r.Outcome != record.Refused {
		t.Errorf("another ward: %+v", r)
	}
	take := h.w4B.about("g.mensah", fhir.TaskAcknowledge, "", warning.Ref, 1)
	h.w4B.sent(take)
	if c, _ := h.current(take.Ref); !hasWard(c.Wards, "4B") || len(h.undelivered()) != 0 {
		t.Errorf("wards %v, undelivered %+v", c.Wards, h.undelivered())
	}
}

// A station's own audit events: taken once, in order; a gap, a link that does
// not fit and a stranger's event are themselves audited.
func TestLooks(t *testing.T) {
	h := open(t, nil)
	id := h.w4B.peer.Device.Station
	look := func(seq uint64, prev, mac byte, event string) record.Look {
		return record.Look{Station: id, Seq: seq, Prev: record.Hash{prev}, MAC: record.Hash{mac}, Event: []byte(event)}
	}
	chain := []record.Look{look(1, 0, 1, `{"n":1}`), look(2, 1, 2, `{"n":2}`), look(3, 2, 3, `{"n":3}`)}
	steps := []struct {
		name  string
		looks []record.Look
		upTo  uint64
		says  []string // in order, what the new audit events hold
	}{
		{"the first two", chain[:2], 2, []string{`{"n":1}`, `{"n":2}`}},
		{"all again", chain, 3, []string{`{"n":3}`}},
		{"nothing new", chain, 3, nil},
		{"a gap", []record.Look{look(5, 4, 5, `{"n":5}`)}, 5, []string{"missing", `{"n":5}`}},
		{"what was missing, after all", []record.Look{look(3, 2, 3, `{"n":3}`), look(4, 3, 4, `{"n":4}`), look(5, 4, 5, `{"n":5}`)}, 5, []string{`{"n":4}`}},
		{"and again", []record.Look{look(4, 3, 4, `{"n":4}`)}, 5, nil},
		{"a break", []record.Look{look(6, 99, 6, `{"n":6}`)}, 6, []string{"does not follow", `{"n":6}`}},
		{"garbage", []record.Look{look(7, 6, 7, `{`)}, 7, []string{"could not be read"}},
		{"a stranger's", []record.Look{{Station: "sxxxxxxxxxxxx", Seq: 8, Event: []byte(`{}`)}}, 7, []string{"another computer"}},
	}
	for _, s := range steps {
		before := len(h.entries())
		upTo, err := h.s.Looks(h.ctx(), h.w4B.peer, s.looks)
		h.must(err)
		var got []string
		for _, e := range h.entries()[before:] {
			for _, a := range e.Audits {
				got = append(got, string(a))
			}
		}
		if upTo != s.upTo || len(got) != len(s.says) {
			t.Fatalf("%s: up to %d, %d events: %v", s.name, upTo, len(got), got)
		}
		for i := range got {
			if !strings.Contains(got[i], s.says[i]) {
				t.Errorf("%s: event %d is %s", s.name, i, got[i])
			}
		}
	}
	head := h.j.Head()
	if _, err := h.s.Looks(h.ctx(), h.w4B.peer, []record.Look{look(7, 6, 70, `{"n":70}`), look(8, 70, 8, `{"n":8}`)}); !fault.Is(err, fault.Conflict) || h.j.Head() != head {
		t.Errorf("another event under the newest number: %v, and the journal moved: %v", err, h.j.Head() != head)
	}
	h.must(h.s.Audit(h.ctx(), []byte(`{"resourceType":"AuditEvent"}`)))
	if err := h.s.Audit(h.ctx(), []byte(`{`)); !fault.Is(err, fault.Invalid) {
		t.Errorf("no JSON: %v", err)
	}
}

// Accounts and devices: kept, listed, audited, refused when malformed, and
// never with a PIN in the audit.
func TestAccountsAndDevices(t *testing.T) {
	h := open(t, nil)
	a, err := h.s.Account(h.ctx(), "g.mensah")
	if err != nil || a.Name != "Grace Mensah" {
		t.Error(a, err)
	}
	if _, err := h.s.Account(h.ctx(), "nobody"); !fault.Is(err, fault.NotFound) {
		t.Errorf("nobody: %v", err)
	}
	list, err := h.s.Accounts(h.ctx())
	if err != nil || len(list) != 4 || list[0].User != "a.ruiz" {
		t.Error(list, err)
	}
	devices, err := h.s.Devices(h.ctx())
	if err != nil || len(devices) != 3 {
		t.Error(devices, err)
	}
	root := record.Author{User: "root"}
	for _, bad := range []record.Account{{User: "Upper", Role: "nurse"}, {User: "x", Role: "wizard"}, {Role: "nurse"}, {User: "a b", Role: "nurse"}} {
		if err := h.s.PutAccount(h.ctx(), root, bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	before := len(h.entries())
	a.PINHash = []byte("secret-hash")
	h.must(h.s.PutAccount(h.ctx(), root, a))
	h.must(h.s.PutAccount(h.ctx(), root, a))
	added := h.entries()[before:]
	if len(added) != 1 || len(added[0].Audits) != 1 || !strings.Contains(string(added[0].Audits[0]), "user/g.mensah") {
		t.Fatalf("entries = %+v", added)
	}
	if strings.Contains(string(added[0].Audits[0]), "secret") {
		t.Error("the audit event holds a PIN's hash")
	}
}

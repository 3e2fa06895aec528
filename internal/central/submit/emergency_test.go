package submit_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// An entry that a nurse of another ward made in an emergency is filed and says
// so; without the word it is refused, and a role that may not write at all is
// refused with it too.
func TestAnEntryMadeInAnEmergency(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	inEmergency := func(m record.Mutation) record.Mutation {
		m.Purpose = record.Emergency
		return h.w4B.sign(m)
	}
	if r := h.w4B.send(h.w4B.note("i.novak", p, "of another ward")); r.Outcome != record.Refused {
		t.Errorf("without an emergency: %+v", r)
	}
	m := inEmergency(h.w4B.note("i.novak", p, "compressions since 12:01"))
	if r := h.w4B.send(m); r.Outcome != record.Applied || !strings.Contains(r.Reason, "emergency") {
		t.Errorf("in an emergency: %+v", r)
	}
	if c, ok := h.current(m.Ref); !ok || !strings.Contains(string(c.Body), submit.FlagEmergency) {
		t.Error("the entry does not say that it was made in an emergency")
	}
	if r := h.w4B.send(inEmergency(h.w4B.note("c.lund", p, "a clerk's note"))); r.Outcome != record.Refused {
		t.Errorf("a clerk in an emergency: %+v", r)
	}
	if r := h.w5A.send(func() record.Mutation {
		m := h.w5A.note("i.novak", p, "from a computer of another ward")
		m.Purpose = record.Emergency
		return h.w5A.sign(m)
	}()); r.Outcome != record.Refused {
		t.Errorf("at a computer that may not hold the patient: %+v", r)
	}
	forged := h.w4B.note("i.novak", p, "the word put on later")
	forged.Purpose = record.Emergency // not signed again
	if r := h.w4B.send(forged); r.Outcome != record.Refused {
		t.Errorf("the word put on after signing: %+v", r)
	}
}

// Every emergency access waits for the privacy officer, is overdue after three
// days, and is reviewed once.
func TestAnEmergencyAccessIsReviewed(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	station := h.w4B.peer.Device.Station
	begin := audit.Event{
		Action: audit.Break, Recorded: h.now, Purpose: audit.BreakGlass, Reason: "cardiac arrest on 4B", Patient: p,
		Who: audit.Who{User: "i.novak", Name: "Ivo Novak, nurse", Role: "nurse", Station: station, Place: "Ward 4B, computer 1"},
	}
	refused := begin
	refused.Outcome, refused.Reason = audit.Refused, "emergency access was not given"
	var prev record.Look
	for _, e := range []audit.Event{begin, refused} {
		b, err := e.JSON()
		h.must(err)
		prev = audit.Next([32]byte{7}, station, prev, b)
		_, err = h.s.Looks(h.ctx(), h.w4B.peer, []record.Look{prev})
		h.must(err)
	}
	list, err := h.s.Emergencies(h.ctx())
	h.must(err)
	if len(list) != 1 || list[0].User != "i.novak" || list[0].Patient != p || list[0].Reason != begin.Reason || list[0].Overdue {
		t.Fatalf("waiting: %+v", list)
	}
	h.now = h.now.Add(submit.ReviewWithin + time.Second)
	if list, err = h.s.Emergencies(h.ctx()); err != nil || !list[0].Overdue {
		t.Errorf("after three days: %+v, %v", list, err)
	}
	id := list[0].ID
	if _, err := h.s.ReviewEmergency(h.ctx(), id, "p.officer", " "); !fault.Is(err, fault.Invalid) {
		t.Errorf("a review without words: %v", err)
	}
	if _, err := h.s.ReviewEmergency(h.ctx(), "nothing", "p.officer", "fine"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a review of nothing: %v", err)
	}
	_, err = h.s.ReviewEmergency(h.ctx(), id, "p.officer", "arrest call confirmed by the log")
	h.must(err)
	if _, err := h.s.ReviewEmergency(h.ctx(), id, "another", "fine"); !fault.Is(err, fault.Exists) {
		t.Errorf("a second review: %v", err)
	}
	list, err = h.s.Emergencies(h.ctx())
	h.must(err)
	if list[0].Overdue || list[0].Reviewer != "p.officer" || list[0].Words == "" {
		t.Errorf("reviewed: %+v", list[0])
	}
}

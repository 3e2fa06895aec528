package submit_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

const (
	kayaWhole = "Kaya, Test 1954-07-14"
	arrest    = "collapsed in the clinic's corridor"
)

// lentNow is whether a record is lent to a computer.
func (h *hospital) lentNow(s *station, p fhir.ID) bool {
	h.Helper()
	c, ok := h.current(record.LentTo(s.peer.Device.Station, p))
	if !ok {
		return false
	}
	if len(c.Wards) != 1 || c.Wards[0] != record.OwnWard(s.peer.Device.Station) {
		h.Errorf("the loan goes to %v", c.Wards)
	}
	return len(view[fhir.List](h.T, c.Body).Patients()) == 1
}

func (s *station) emergency(user record.UserID, p fhir.ID, words string) record.Mutation {
	m := s.note(user, p, words)
	m.Purpose = record.Emergency
	return s.sign(m)
}

// The clinic's nurse needs the record of somebody of ward 4B: for an hour it is lent
// to her computer, and to no other. What she writes then counts, also where it comes
// up later; before, without the word, by others, and later it does not.
func TestARecordIsLentForAnHour(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.admitted(odum, "4B")
	if r := h.hub.send(h.hub.emergency("i.novak", p, "too early")); r.Outcome != record.Refused {
		t.Errorf("before anything is lent: %+v", r)
	}
	lent, err := h.s.Lend(h.ctx(), h.hub.peer, "i.novak", kayaWhole, arrest)
	h.must(err)
	if lent.Patient != p || !lent.Until.Equal(noon.Add(submit.LentFor)) || !h.lentNow(h.hub, p) || h.lentNow(h.w5A, p) {
		t.Fatalf("lent: %+v", lent)
	}
	h.hub.sent(h.hub.emergency("i.novak", p, "compressions since 12:01"))
	late := h.hub.emergency("i.novak", p, "adrenaline at 12:10")
	for who, m := range map[string]record.Mutation{
		"without the word":    h.hub.note("i.novak", p, "no emergency"),
		"by a clerk":          h.hub.emergency("c.lund", p, "a clerk"),
		"at another computer": h.w5A.emergency("i.novak", p, "another computer"),
	} {
		send := h.hub.send
		if strings.HasPrefix(who, "at") {
			send = h.w5A.send
		}
		if r := send(m); r.Outcome != record.Refused {
			t.Errorf("%s: %+v", who, r)
		}
	}

	h.now = noon.Add(submit.LentFor - time.Second)
	h.must(h.s.TakeBackLent(h.ctx()))
	if !h.lentNow(h.hub, p) {
		t.Error("taken back before the hour was over")
	}
	h.now = noon.Add(submit.LentFor)
	h.must(h.s.TakeBackLent(h.ctx()))
	at := len(h.entries())
	h.must(h.s.TakeBackLent(h.ctx()))
	if h.lentNow(h.hub, p) || len(h.entries()) != at {
		t.Error("the hour is over, and it is lent still, or ended twice")
	}
	if len(h.audits("what", "the end of an emergency access")) != 1 {
		t.Error("its end is not on record")
	}
	h.hub.sent(late)
	h.now = noon.Add(submit.LentFor + 11*time.Minute)
	if r := h.hub.send(h.hub.emergency("i.novak", p, "too late")); r.Outcome != record.Refused {
		t.Errorf("after its end: %+v", r)
	}
}

// The privacy officer hears of each loan once: from central, though the computer
// says so too, and however often the same person asks within the hour.
func TestALoanIsReviewedOnce(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	for range 2 {
		_, err := h.s.Lend(h.ctx(), h.hub.peer, "i.novak", kayaWhole, arrest)
		h.must(err)
		h.now = h.now.Add(time.Minute)
	}
	b, err := audit.Event{
		Action: audit.Break, Recorded: h.now, Purpose: audit.BreakGlass, Reason: arrest, Patient: p,
		Who: audit.Who{User: "i.novak", Name: "Ivo Novak, nurse", Role: "nurse", Station: h.hub.peer.Device.Station},
	}.JSON()
	h.must(err)
	_, err = h.s.Looks(h.ctx(), h.hub.peer, []record.Look{audit.Next([32]byte{7}, h.hub.peer.Device.Station, record.Look{}, b)})
	h.must(err)
	list, err := h.s.Emergencies(h.ctx())
	h.must(err)
	if len(list) != 1 || list[0].User != "i.novak" || list[0].Patient != p || list[0].Reason != arrest {
		t.Fatalf("waiting: %+v", list)
	}
	if n := len(h.audits("what", "a record that this computer did not hold")); n != 1 {
		t.Errorf("%d audit events of one loan", n)
	}
	_, err = h.s.Lend(h.ctx(), h.hub.peer, "a.ruiz", kayaWhole, "called by the nurse")
	h.must(err)
	if list, err = h.s.Emergencies(h.ctx()); err != nil || len(list) != 2 {
		t.Errorf("another person's access: %+v, %v", list, err)
	}
}

// Two people need one record at one computer, one after the other. What the first wrote
// counts, though it comes up long after the second has asked; and where one access is
// ended, the other goes on.
func TestTwoPeopleAreLentOneRecord(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	_, err := h.s.Lend(h.ctx(), h.hub.peer, "i.novak", kayaWhole, arrest)
	h.must(err)
	h.now = noon.Add(5 * time.Minute)
	first := h.hub.emergency("i.novak", p, "compressions since 12:01")
	h.now = noon.Add(40 * time.Minute)
	_, err = h.s.Lend(h.ctx(), h.hub.peer, "a.ruiz", kayaWhole, "called by the nurse")
	h.must(err)
	h.hub.sent(first)

	list, err := h.s.Emergencies(h.ctx())
	h.must(err)
	of := map[record.UserID]string{}
	for _, e := range list {
		of[e.User] = e.ID
	}
	if len(of) != 2 {
		t.Fatalf("waiting: %+v", list)
	}
	if _, err := h.s.EndLoan(h.ctx(), of["a.ruiz"], "p.officer", " "); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a reason: %v", err)
	}
	_, err = h.s.EndLoan(h.ctx(), of["a.ruiz"], "p.officer", "not needed")
	h.must(err)
	if !h.lentNow(h.hub, p) {
		t.Error("the nurse's access ended with the doctor's")
	}
	if _, err := h.s.EndLoan(h.ctx(), of["a.ruiz"], "p.officer", "again"); !fault.Is(err, fault.NotFound) {
		t.Errorf("ended twice: %v", err)
	}
	h.now = noon.Add(submit.LentFor - time.Minute)
	h.must(h.s.TakeBackLent(h.ctx()))
	if !h.lentNow(h.hub, p) {
		t.Error("the nurse's hour is not over")
	}
	_, err = h.s.EndLoan(h.ctx(), of["i.novak"], "p.officer", "brought back to the ward")
	h.must(err)
	if h.lentNow(h.hub, p) {
		t.Error("both ended, and the record is lent still")
	}
}

// Somebody whose hour is over and who opens a record that this computer holds anyway
// begins another access, which is reviewed too.
func TestAnAccessAfterALoanIsReviewed(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	_, err := h.s.Lend(h.ctx(), h.hub.peer, "i.novak", kayaWhole, arrest)
	h.must(err)
	h.now = noon.Add(submit.LentFor + time.Minute)
	b, err := audit.Event{
		Action: audit.Break, Recorded: h.now, Purpose: audit.BreakGlass, Reason: arrest, Patient: p,
		Who: audit.Who{User: "i.novak", Name: "Ivo Novak, nurse", Role: "nurse", Station: h.hub.peer.Device.Station},
	}.JSON()
	h.must(err)
	_, err = h.s.Looks(h.ctx(), h.hub.peer, []record.Look{audit.Next([32]byte{7}, h.hub.peer.Device.Station, record.Look{}, b)})
	h.must(err)
	if list, err := h.s.Emergencies(h.ctx()); err != nil || len(list) != 2 {
		t.Errorf("waiting: %+v, %v", list, err)
	}
}

// Who may not, who names nobody or two, and who says no reason gets nothing; who was
// refused is on record, and nobody learns from the words whether somebody exists.
func TestWhatIsNotLent(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "4B")
	h.admitted(person{"2001", "Kaya", "1954-07-14"}, "5A") // another of that name and day
	h.admitted(odum, "5A")
	for name, c := range map[string]struct {
		user         record.UserID
		who, reason  string
		want         fault.Kind
		onRecord     bool
		mustNotTellA string
	}{
		"a clerk":               {"c.lund", "Odum Test 1961-02-03", arrest, fault.Denied, true, "1961"},
		"a clerk, and nobody":   {"c.lund", "Nobody Test 1961-02-03", arrest, fault.Denied, true, "Nobody"},
		"nobody of this name":   {"i.novak", "Nobody Test 1961-02-03", arrest, fault.NotFound, true, ""},
		"two of this name":      {"i.novak", kayaWhole, arrest, fault.Conflict, true, ""},
		"a name without a date": {"i.novak", "Odum Test", arrest, fault.NotFound, true, ""},
		"no account":            {"x", "Odum Test 1961-02-03", arrest, fault.Denied, true, ""},
		"no reason":             {"i.novak", "Odum Test 1961-02-03", "please", fault.Invalid, false, ""},
	} {
		before := len(h.entries())
		lent, err := h.s.Lend(h.ctx(), h.hub.peer, c.user, c.who, c.reason)
		if !fault.Is(err, c.want) || lent.Patient != "" {
			t.Errorf("%s: %+v, %v", name, lent, err)
		}
		if c.mustNotTellA != "" && strings.Contains(err.Error(), c.mustNotTellA) {
			t.Errorf("%s: the refusal tells something: %v", name, err)
		}
		recorded := 0
		for _, e := range h.entries()[before:] {
			recorded += len(e.Audits)
			if len(e.Changes) > 0 {
				t.Errorf("%s: something was written", name)
			}
		}
		if (recorded == 1) != c.onRecord {
			t.Errorf("%s: %d audit events", name, recorded)
		}
	}
	if list, _ := h.s.Emergencies(h.ctx()); len(list) != 0 {
		t.Errorf("waiting for a review: %+v", list)
	}
}

// Of records that were joined to one person the present one is lent, whichever was
// named.
func TestOfOnePersonsRecordsThePresentOneIsLent(t *testing.T) {
	h := open(t, nil)
	survivor, retired := h.registered(odum), h.registered(person{"2002", "Odum", "1961-02-03"})
	h.filed(h.a40(odum, person{"2002", "Odum", "1961-02-03"}))
	lent, err := h.s.Lend(h.ctx(), h.hub.peer, "i.novak", "Odum Test 1961-02-03", arrest)
	if err != nil || lent.Patient != survivor {
		t.Errorf("lent %s of %s and %s: %v", lent.Patient, survivor, retired, err)
	}
}

package submit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// list is a person's own list as a station writes it for the first time.
func (s *station) list(user, of record.UserID, patients ...fhir.ID) record.Mutation {
	return s.write(user, "", record.ListOf(of), put(func(id fhir.ID) any {
		l := fhir.List{
			ResourceType: fhir.TypeList, ID: id, Status: "current", Mode: "working",
			Extension: []fhir.Extension{{URL: fhir.ExtListOf, ValueString: fhir.Str(string(of))}},
		}
		for _, p := range patients {
			l.Entry = append(l.Entry, fhir.ListEntry{Item: fhir.To(fhir.Ref{Type: fhir.TypePatient, ID: p})})
		}
		return l
	}))
}

// A person may list whom they may see, and nobody else; what is listed they may
// write about wherever the patient lies.
func TestWhomAPersonMayList(t *testing.T) {
	h := open(t, nil)
	mine, other := h.admitted(kaya, "4B"), h.admitted(odum, "5A")
	refused := func(words string, m record.Mutation) {
		t.Helper()
		if r := h.w4B.send(m); r.Outcome != record.Refused || !strings.Contains(r.Reason, words) {
			t.Errorf("%s (%s), want refused with %q", r.Outcome, r.Reason, words)
		}
	}
	refused("was not, on a ward", h.w4B.list("g.mensah", "g.mensah", other))
	refused("not known", h.w4B.list("g.mensah", "g.mensah", "nobody"))
	refused("whose it is", h.w4B.list("g.mensah", "a.ruiz", mine))
	var many []fhir.ID
	for i := range record.MaxListed + 1 {
		many = append(many, fhir.ID(fmt.Sprint("p", i)))
	}
	refused("at most 64", h.w4B.list("g.mensah", "g.mensah", many...))

	h.w4B.sent(h.w4B.list("g.mensah", "g.mensah", mine))
	c, _ := h.current(record.ListOf("g.mensah"))
	if !slices.Equal(c.Wards, []record.Ward{"4B"}) || c.Patient != "" {
		t.Errorf("kept on %v, patient %q", c.Wards, c.Patient)
	}
	h.now = noon.AddDate(0, 0, 30)
	h.file(h.adt(kaya, "v"+kaya.number, "5A", h.now))
	h.now = h.now.AddDate(0, 0, 30) // long after the time for late entries
	h.w4B.sent(h.w4B.note("g.mensah", mine, "visited her"))
	h.must(h.s.PutAccount(h.ctx(), record.Author{User: "root"}, record.Account{User: "t.blake", Name: "Tom Blake", Role: "nurse", Wards: []record.Ward{"4B"}}))
	if r := h.w4B.send(h.w4B.note("t.blake", mine, "not my list")); r.Outcome != record.Refused {
		t.Errorf("a colleague writes about whom only another's list holds: %s", r.Outcome)
	}
	before := len(h.audits("outcome", record.Refused.String()))
	h.w4B.send(h.w4B.list("g.mensah", "g.mensah", other))
	if len(h.audits("outcome", record.Refused.String())) != before+1 {
		t.Error("an attempt to list a stranger is not on record")
	}
}

// Two computers add to one list while they cannot see one another: both names
// are on it.
func TestTwoAdditionsToOneList(t *testing.T) {
	h := open(t, nil)
	a, b := h.admitted(kaya, "4B"), h.admitted(odum, "4B")
	s1, s2 := h.station("sabcdefghijk2", "4B"), h.station("sabcdefghijk3", "4B")
	s1.sent(s1.list("g.mensah", "g.mensah", a))
	if r := s2.send(s2.list("g.mensah", "g.mensah", b)); r.Outcome != record.Merged && r.Outcome != record.Applied {
		t.Fatalf("%s (%s)", r.Outcome, r.Reason)
	}
	c, _ := h.current(record.ListOf("g.mensah"))
	if got := view[fhir.List](t, c.Body).Patients(); len(got) != 2 {
		t.Errorf("on the list: %v", got)
	}
}

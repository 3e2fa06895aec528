package v2tofhir

import (
	"wardlight/internal/clinical/record"
	"wardlight/internal/interop/hl7"
)

// admission translates an ADT message: one person, their stay, their
// allergies and diagnoses.
func (m *message) admission() []record.Group {
	segs := m.raw.Segments()
	_, people := hl7.GroupBy(segs, "PID")
	if len(people) > 1 {
		m.problem(record.Problem{Reason: "the message names more than one patient, which this event does not allow; ask the sender what it means", Owner: OwnerInterface})
	}
	return []record.Group{m.admitted(segs)}
}

// swapped translates A17: two people, each with the bed that was the other's.
func (m *message) swapped() []record.Group {
	_, people := hl7.GroupBy(m.raw.Segments(), "PID")
	if len(people) != 2 {
		m.problem(record.Problem{Reason: "the message must name two patients who change beds; ask the sender what it means", Owner: OwnerInterface})
	}
	var groups []record.Group
	for _, segs := range people {
		if !named(hl7.First(segs, "PV1").Field(3)) {
			m.problem(record.Problem{Reason: "two patients change beds (A17), and the message does not say for both which is theirs now (PV1-3); ask the wards who lies where, and the sender to send both", Owner: OwnerInterface})
		}
		groups = append(groups, m.admitted(segs))
	}
	return groups
}

// admitted is what a message says of one person.
func (m *message) admitted(segs []hl7.Segment) record.Group {
	pid := hl7.First(segs, "PID")
	pv1 := hl7.First(segs, "PV1")
	s := m.subject(pid)
	s.MayCreate = true
	for _, id := range []string{"OBX", "NTE"} {
		if hl7.First(segs, id).Exists() {
			m.note("what stands in " + id + " of an admission message was kept with the message only")
		}
	}
	g := record.Group{Subject: s, Ward: ward(pv1.Field(3))}
	if len(s.Identifiers) == 0 {
		m.problem(identityProblem(pid))
	}
	if d, ok := m.patient(pid, s); ok {
		g.Drafts = append(g.Drafts, d)
	}
	stay, ok := m.encounter(pv1, s)
	found, list := m.diagnoses(segs, s)
	if ok {
		diagnosed(&stay, list)
		g.Drafts = append(g.Drafts, stay)
	}
	if before, ok := m.replaced(segs, pv1, s); ok {
		g.Drafts = append(g.Drafts, before)
	}
	g.Drafts = append(g.Drafts, m.allergies(segs, s)...)
	g.Drafts = append(g.Drafts, found...)
	return g
}

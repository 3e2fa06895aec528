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
	pid := hl7.First(segs, "PID")
	pv1 := hl7.First(segs, "PV1")
	s := m.subject(pid)
	s.MayCreate = true
	g := record.Group{Subject: s, Ward: ward(pv1.Field(3))}
	if len(s.Identifiers) == 0 {
		m.problem(identityProblem(pid))
	}
	if d, ok := m.patient(pid, s); ok {
		g.Drafts = append(g.Drafts, d)
	}
	if d, ok := m.encounter(pv1, s); ok {
		g.Drafts = append(g.Drafts, d)
	}
	g.Drafts = append(g.Drafts, m.allergies(segs, s)...)
	g.Drafts = append(g.Drafts, m.diagnoses(segs, s)...)
	return []record.Group{g}
}

package v2tofhir

import (
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/interop/hl7"
)

// Two records of one person (HL7 v2 chapter 3). PID-3 names the one that
// survives, MRG-1 the one that is retired. What PV1 says in such a message is
// no movement: it is the visit that was on the sender's screen.

// merges are the events that join two records: A40 and its elder forms (A36 joins accounts
// as well, of which nothing is kept here), and A47, by which somebody gets another number
// (chapter 3.3.47). There the record under the old number is retired like any other: what
// still comes for it finds the new one, and it can be taken back.
var merges = map[string]bool{"A18": true, "A30": true, "A34": true, "A36": true, "A40": true, "A47": true}

// merged translates a merge: one group for each pair of PID and MRG, of which a
// message may hold several.
func (m *message) merged() []record.Group {
	_, people := hl7.GroupBy(m.raw.Segments(), "PID")
	var groups []record.Group
	for _, segs := range people {
		pid, mrg := segs[0], hl7.First(segs, "MRG")
		s := m.subject(pid)
		s.MayCreate = true
		if len(s.Identifiers) == 0 {
			m.problem(identityProblem(pid))
			continue
		}
		retired := m.mergedFrom(mrg, s)
		if len(retired.Identifiers) == 0 {
			m.problem(record.Problem{
				Reason: "the merge does not say which record is retired (MRG-1, with the authority that assigned the number); ask the sender to send it, then replay",
				Owner:  OwnerInterface,
			})
			continue
		}
		g := record.Group{Subject: s, Ward: ward(hl7.First(segs, "PV1").Field(3)), Retired: &retired, Renamed: m.h.Type.Event == "A47"}
		if m.h.Type.Event == "A36" {
			m.note("the accounts that this message merges were kept with the message only")
		}
		if d, ok := m.patient(pid, s); ok {
			g.Drafts = append(g.Drafts, d)
		}
		groups = append(groups, g)
	}
	if len(people) == 0 {
		m.problem(identityProblem(hl7.Segment{}))
	}
	return groups
}

// mergedFrom reads who MRG says is retired: MRG-1, and where that is empty
// MRG-4, which elder senders fill. A number without its kind is of the kind that the
// survivor's number by the same authority has: the standard joins numbers "of the same
// identifier type code" only (v2.5.1, 3.3.40), and many senders leave it out here.
func (m *message) mergedFrom(mrg hl7.Segment, survivor record.Subject) record.Subject {
	var s record.Subject
	for _, n := range []int{1, 4} {
		for _, r := range mrg.Field(n).Reps() {
			id, ok := m.identifier(r)
			if ok && id.System == "" {
				id.System = m.o.DefaultSystem
			}
			if ok && id.Type == nil {
				id.Type = kindIn(survivor.Identifiers, id.System)
			}
			if ok && id.System != "" && len(s.Identifiers) < maxIdentifiers {
				s.Identifiers = append(s.Identifiers, id)
			}
		}
		if len(s.Identifiers) > 0 {
			break
		}
	}
	s.Family, s.Given = nameParts(mrg.Field(7).Rep(1))
	return s
}

// kindIn is the kind that all identifiers of one authority have; nil where they differ.
func kindIn(list []fhir.Identifier, system string) *fhir.CodeableConcept {
	var kind *fhir.CodeableConcept
	for _, id := range list {
		switch {
		case id.System != system:
		case id.Type == nil, kind != nil && conceptKey(*kind) != conceptKey(*id.Type):
			return nil
		default:
			kind = id.Type
		}
	}
	return kind
}

// parted translates A37: the records of the message's two PIDs are not one
// person's. It says nothing else about either.
func (m *message) parted() []record.Group {
	_, people := hl7.GroupBy(m.raw.Segments(), "PID")
	if len(people) != 2 {
		m.problem(record.Problem{Reason: "the message must name two patients whose records are taken apart; ask the sender what it means", Owner: OwnerInterface})
		return nil
	}
	one, other := m.subject(people[0][0]), m.subject(people[1][0])
	if len(one.Identifiers) == 0 || len(other.Identifiers) == 0 {
		m.problem(identityProblem(people[0][0]))
		return nil
	}
	return []record.Group{{Subject: one, Apart: &other}}
}

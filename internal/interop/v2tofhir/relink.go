package v2tofhir

import (
	"wardlight/internal/clinical/record"
	"wardlight/internal/interop/hl7"
)

// Two records of one person (HL7 v2 chapter 3). PID-3 names the one that
// survives, MRG-1 the one that is retired. What PV1 says in such a message is
// no movement: it is the visit that was on the sender's screen.

// merges are the events that join two records: A40 and its elder forms.
var merges = map[string]bool{"A18": true, "A34": true, "A40": true}

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
		retired := m.mergedFrom(mrg)
		if len(retired.Identifiers) == 0 {
			m.problem(record.Problem{
				Reason: "the merge does not say which record is retired (MRG-1, with the authority that assigned the number); ask the sender to send it, then replay",
				Owner:  OwnerInterface,
			})
			continue
		}
		g := record.Group{Subject: s, Ward: ward(hl7.First(segs, "PV1").Field(3)), Retired: &retired}
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
// MRG-4, which elder senders fill.
func (m *message) mergedFrom(mrg hl7.Segment) record.Subject {
	var s record.Subject
	for _, n := range []int{1, 4} {
		for _, r := range mrg.Field(n).Reps() {
			id, ok := m.identifier(r)
			if ok && id.System == "" {
				id.System = m.o.DefaultSystem
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

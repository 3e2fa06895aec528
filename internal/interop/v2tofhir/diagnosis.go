package v2tofhir

import (
	"slices"
	"strconv"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/interop/hl7"
)

// Diagnoses (HL7 v2 chapter 6, DG1) become Conditions of the category
// encounter-diagnosis.
//
// Which Condition a DG1 is about: its own number (DG1-20) where the sender gives one,
// else the visit and the code; both within one patient of one sender. The place in the
// list (DG1-1) is no identity: it counts anew in every message. So the same code again
// is the same Condition, in the same visit; in another visit it is another diagnosis.
//
// The segments are a snapshot, but for DG1-21: a diagnosis that is not in a later
// message has not been taken back, and stays. D takes it back, and it stands as entered
// in error; when its sender lists it again, it is in force again. DG1 does not say
// whether a condition is still there, so clinicalStatus is never sent: what a clinician
// has resolved is not reopened by the next message.
//
// Not read: the classifying fields (DG1-7 to 14, 17), DG1-22 (the diagnosis that it
// belongs to) and DRG segments.

// diagnosisUses are the codes of HL7 table 0052 in ver-status: how sure somebody is of
// a diagnosis of this use. [c] The table speaks of the course of the stay, and only a
// final diagnosis is taken for a confirmed one.
var diagnosisUses = map[string]string{"A": "provisional", "W": "provisional", "F": "confirmed"}

// useWords are the words that senders write in the place of a code of table 0052.
var useWords = map[string]string{"ADMITTING": "A", "ADMISSION": "A", "WORKING": "W", "FINAL": "F", "DISCHARGE": "F"}

// FlagConfidential is on what its sender marked as confidential (DG1-18).
const FlagConfidential = "confidential"

// diagnoses makes a draft of every DG1, each Condition once: of several that are one,
// as an admitting and a final diagnosis of one code, the last says what it is, and all
// their uses stand on it.
func (m *message) diagnoses(segs []hl7.Segment, s record.Subject) (drafts []record.Draft, list []fhir.Condition) {
	stay, visit := m.stayOf(segs, s)
	for _, seg := range segs {
		if seg.ID() != "DG1" {
			continue
		}
		c, ok := m.diagnosis(seg)
		if !ok || len(s.Identifiers) == 0 {
			m.note("a diagnosis that could not be read was left out")
			continue
		}
		who := known(s)
		if len(c.Identifier) > 0 {
			c.ID = idOf("d", "number", m.sender, who.System, who.Value, c.Identifier[0].System, c.Identifier[0].Value)
		} else {
			c.ID = idOf("d", "code", m.sender, who.System, who.Value, visit, conceptKey(*c.Code))
		}
		if stay != "" {
			ref := fhir.To(fhir.Ref{Type: fhir.TypeEncounter, ID: stay})
			c.Encounter = &ref
		}
		if i := slices.IndexFunc(list, func(o fhir.Condition) bool { return o.ID == c.ID }); i >= 0 {
			c = joinedDiagnosis(list[i], c)
			list = slices.Delete(list, i, i+1)
		}
		list = append(list, c)
	}
	for _, c := range list {
		body, err := fhir.Make(c)
		if err != nil {
			continue
		}
		drafts = append(drafts, record.Draft{
			Ref: fhir.Ref{Type: fhir.TypeCondition, ID: c.ID}, Event: m.event,
			Ops: []record.Op{{Kind: record.OpPut, Value: body}}, Times: record.Times{Clinical: c.OnsetDateTime},
		})
	}
	return drafts, list
}

// diagnosisRoles maps HL7 table 0052 to R4's value set diagnosis-role, where it has a
// word; others keep the v2 code.
var diagnosisRoles = map[string]fhir.Coding{
	"A": {System: fhir.SystemDiagnosisRole, Code: "AD", Display: "Admission diagnosis"},
	"F": {System: fhir.SystemDiagnosisRole, Code: "DD", Display: "Discharge diagnosis"},
}

// diagnosed names a stay's diagnoses on it (R4 Encounter.diagnosis), each use of one as
// an element, with its rank. One that was taken back is not named anew; where it stands
// already, its Condition says that it is an error.
func diagnosed(d *record.Draft, list []fhir.Condition) {
	o := ops(d.Ops)
	for _, c := range list {
		if c.Encounter == nil || c.Encounter.Reference != d.Ref.String() || c.VerificationStatus.Code(fhir.SystemConditionVerified) == "entered-in-error" {
			continue
		}
		to := fhir.To(fhir.Ref{Type: fhir.TypeCondition, ID: c.ID})
		var elements []fhir.EncounterDiagnosis
		for _, use := range strings.Fields(fhir.ExtString(c.Extension, fhir.ExtDiagnosisUse)) {
			role, ok := diagnosisRoles[use]
			if !ok {
				role = fhir.Coding{System: "http://terminology.hl7.org/CodeSystem/v2-0052", Code: use}
			}
			elements = append(elements, fhir.EncounterDiagnosis{Condition: to, Use: &fhir.CodeableConcept{Coding: []fhir.Coding{role}}, Rank: fhir.ExtInteger(c.Extension, fhir.ExtDiagnosisRank)})
		}
		switch len(elements) {
		case 0:
			o.add("diagnosis", to.Reference, fhir.EncounterDiagnosis{Condition: to, Rank: fhir.ExtInteger(c.Extension, fhir.ExtDiagnosisRank)})
		case 1:
			o.add("diagnosis", to.Reference, elements[0])
		default:
			o.add("diagnosis", to.Reference, elements)
		}
	}
	d.Ops = o
}

// stayOf is the stay that a message's diagnoses belong to, and the visit's number as a
// part of their identity; both "" where the message names none.
func (m *message) stayOf(segs []hl7.Segment, s record.Subject) (stay fhir.ID, visit string) {
	pv1 := hl7.First(segs, "PV1")
	if !pv1.Exists() || silentOnStays[m.h.Type.Event] {
		return "", ""
	}
	v, ok := m.visit(pv1)
	if !ok {
		return "", ""
	}
	id, _ := m.stayID(v, true, hl7.Time{}, false, s)
	return id, v.System + "|" + v.Value
}

// diagnosis reads one DG1; ok is false where it names nothing.
func (m *message) diagnosis(seg hl7.Segment) (fhir.Condition, bool) {
	before := len(m.unread)
	c := fhir.Condition{
		ResourceType: fhir.TypeCondition, Subject: fhir.Reference{Reference: record.SubjectRef},
		Category: []fhir.CodeableConcept{{Coding: []fhir.Coding{{System: fhir.SystemConditionCategory, Code: fhir.CategoryEncounterDiagnosis}}}},
	}
	code, ok := m.concept(seg.Field(3).Rep(1))
	if words := text(seg.Field(4)); words != "" {
		code.Text, ok = words, true
	}
	if id, has := m.entity(seg.Field(20).Rep(1), "diagnosis"); has {
		c.Identifier = []fhir.Identifier{id}
	}
	action := strings.ToUpper(text(seg.Field(21)))
	if !ok && (len(c.Identifier) == 0 || action != "D") {
		return c, false
	}
	if ok {
		c.Code = &code
	}
	if t, has := m.time(seg.Field(5), "DG1-5"); has {
		c.OnsetDateTime = t.FHIR()
	}
	if t, has := m.time(seg.Field(19), "DG1-19"); has {
		c.RecordedDate = t.FHIR()
	}
	if names := people(seg.Field(16)); names != "" {
		c.Asserter = &fhir.Reference{Type: string(fhir.TypePractitioner), Display: names}
	}
	use := strings.ToUpper(text(seg.Field(6)))
	if letter := useWords[use]; letter != "" {
		use = letter
	}
	certainty := diagnosisUses[use]
	switch {
	case action == "D":
		certainty = "entered-in-error"
	case certainty == "":
		certainty = "unconfirmed"
	}
	c.VerificationStatus = &fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemConditionVerified, Code: certainty}}}
	if use != "" {
		c.Extension = append(c.Extension, fhir.Extension{URL: fhir.ExtDiagnosisUse, ValueString: fhir.Str(use)})
	}
	if n, err := strconv.ParseInt(text(seg.Field(15)), 10, 32); err == nil && n > 0 { // 0 is "not in the ranking" (table 0359)
		c.Extension = append(c.Extension, fhir.Extension{URL: fhir.ExtDiagnosisRank, ValueInteger: &n})
	}
	if strings.EqualFold(text(seg.Field(18)), "Y") {
		c.Extension = append(c.Extension, flag(FlagConfidential))
	}
	if action != "" && !strings.Contains("ADUSX", action) {
		m.note("a diagnosis has an action that is not known (DG1-21); it was taken as one that holds")
	}
	c.Extension = append(c.Extension, unreadTimes(m.unreadSince(before))...)
	return c, true
}

// entity is an entity identifier (data type EI): the authority stands in its second to
// fourth component. Without one it belongs to the sender.
func (m *message) entity(r hl7.Rep, kind string) (fhir.Identifier, bool) {
	id := fhir.Identifier{Value: text(r.Comp(1)), System: "urn:wardlight:" + kind + ":" + m.urn}
	if s := systemOfAuthority(text(r.Comp(2)), text(r.Comp(3)), text(r.Comp(4))); s != "" {
		id.System = s
	}
	return id, id.Value != "" && len(id.Value) <= 128
}

// people are the names in a field of people (data type XCN).
func people(f hl7.Field) string {
	var names []string
	for _, r := range f.Reps() {
		if n := personName(r); n != "" {
			names = append(names, n)
		}
	}
	return strings.Join(names, ", ")
}

// joinedDiagnosis is the later of two segments about one Condition, with the uses of
// both and the better of their ranks.
func joinedDiagnosis(first, last fhir.Condition) fhir.Condition {
	uses := strings.Fields(fhir.ExtString(first.Extension, fhir.ExtDiagnosisUse))
	for _, u := range strings.Fields(fhir.ExtString(last.Extension, fhir.ExtDiagnosisUse)) {
		if !slices.Contains(uses, u) {
			uses = append(uses, u)
		}
	}
	rank := fhir.ExtInteger(last.Extension, fhir.ExtDiagnosisRank)
	if n := fhir.ExtInteger(first.Extension, fhir.ExtDiagnosisRank); n > 0 && (rank == 0 || n < rank) {
		rank = n
	}
	ext := slices.DeleteFunc(slices.Clone(last.Extension), func(e fhir.Extension) bool {
		return e.URL == fhir.ExtDiagnosisUse || e.URL == fhir.ExtDiagnosisRank
	})
	if rank > 0 {
		ext = append([]fhir.Extension{{URL: fhir.ExtDiagnosisRank, ValueInteger: &rank}}, ext...)
	}
	if len(uses) > 0 {
		ext = append([]fhir.Extension{{URL: fhir.ExtDiagnosisUse, ValueString: fhir.Str(strings.Join(uses, " "))}}, ext...)
	}
	last.Extension = ext
	return last
}

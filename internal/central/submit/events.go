package submit

import (
	"strconv"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Audit events as FHIR R4 AuditEvent with the codes that IHE BALP uses: what
// was done (type, subtype, action), by whom (agent), to what (entity), with
// what outcome. They name resources and never hold a clinical value.

const (
	systemAuditType  = "http://terminology.hl7.org/CodeSystem/audit-event-type"
	systemRestful    = "http://hl7.org/fhir/restful-interaction"
	systemDICOM      = "http://dicom.nema.org/resources/ontology/DCM"
	systemEntityType = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
	systemEntityRole = "http://terminology.hl7.org/CodeSystem/object-role"
	systemReason     = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
)

// The outcomes of R4 value set audit-event-outcome.
const (
	outcomeSuccess = "0"
	outcomeMinor   = "4" // refused or held back; the system did what it should
)

type auditEvent struct {
	ResourceType fhir.Type              `json:"resourceType"`
	Type         fhir.Coding            `json:"type"`
	Subtype      []fhir.Coding          `json:"subtype,omitempty"`
	Action       string                 `json:"action"`
	Recorded     string                 `json:"recorded"`
	Outcome      string                 `json:"outcome"`
	OutcomeDesc  string                 `json:"outcomeDesc,omitempty"`
	Purpose      []fhir.CodeableConcept `json:"purposeOfEvent,omitempty"`
	Agent        []auditAgent           `json:"agent"`
	Source       auditSource            `json:"source"`
	Entity       []auditEntity          `json:"entity,omitempty"`
}

type auditAgent struct {
	Who       auditWho               `json:"who"`
	Role      []fhir.CodeableConcept `json:"role,omitempty"`
	Requestor bool                   `json:"requestor"`
	Network   *auditNetwork          `json:"network,omitempty"`
}

type auditWho struct {
	Identifier fhir.Identifier `json:"identifier"`
	Display    string          `json:"display,omitempty"`
}

type auditNetwork struct {
	Address string `json:"address"`
	Type    string `json:"type"` // 2: an IP address
}

type auditSource struct {
	Observer auditWho `json:"observer"`
}

type auditEntity struct {
	What   *auditWhat    `json:"what,omitempty"`
	Type   *fhir.Coding  `json:"type,omitempty"`
	Role   *fhir.Coding  `json:"role,omitempty"`
	Detail []auditDetail `json:"detail,omitempty"`
}

type auditWhat struct {
	Reference  string           `json:"reference,omitempty"`
	Identifier *fhir.Identifier `json:"identifier,omitempty"`
}

type auditDetail struct {
	Type        string `json:"type"`
	ValueString string `json:"valueString"`
}

// Names of entity details, by which an audit event is joined with what it is
// about.
const (
	DetailMutation = "mutation" // a record.MutationID
	DetailOutcome  = "outcome"  // a record.Outcome
	DetailInbound  = "inbound"  // a record.Inbound's ID
	DetailFate     = "fate"     // a record.Fate
	DetailSeq      = "sequence" // of a station's audit chain
)

// audit completes an event and appends it.
func (w *work) audit(e auditEvent) error {
	e.ResourceType = fhir.TypeAuditEvent
	e.Recorded = stamp(w.now)
	e.Source = auditSource{Observer: auditWho{Identifier: fhir.Identifier{System: "urn:wardlight", Value: "central"}}}
	b, err := fhir.Make(e)
	if err != nil {
		return err
	}
	return w.Audit(b)
}

func userAgent(a record.Author) auditAgent {
	id := fhir.Identifier{System: fhir.SystemUser, Value: string(a.User)}
	if a.User == "" {
		id = fhir.Identifier{System: "urn:wardlight:sender", Value: a.Sender}
	}
	g := auditAgent{Who: auditWho{Identifier: id, Display: a.Name}, Requestor: true}
	if a.Role != "" {
		g.Role = []fhir.CodeableConcept{{Text: a.Role}}
	}
	return g
}

func stationAgent(p record.Peer) auditAgent {
	g := auditAgent{Who: auditWho{
		Identifier: fhir.Identifier{System: "urn:wardlight:station", Value: string(p.Device.Station)}, Display: p.Device.Place,
	}}
	if p.Remote != "" {
		g.Network = &auditNetwork{Address: p.Remote, Type: "2"}
	}
	return g
}

// about are the entities of one resource and of the patient it belongs to.
func about(ref fhir.Ref, v record.Version, patient fhir.ID, detail ...auditDetail) []auditEntity {
	what := ref.String()
	if v > 0 {
		what += "/_history/" + strconv.FormatUint(uint64(v), 10)
	}
	list := []auditEntity{{
		What: &auditWhat{Reference: what}, Type: &fhir.Coding{System: systemEntityType, Code: "2"},
		Role: &fhir.Coding{System: systemEntityRole, Code: "4"}, Detail: detail,
	}}
	if patient != "" {
		list = append(list, patientEntity(patient))
	}
	return list
}

func patientEntity(p fhir.ID) auditEntity {
	return auditEntity{
		What: &auditWhat{Reference: fhir.Ref{Type: fhir.TypePatient, ID: p}.String()},
		Type: &fhir.Coding{System: systemEntityType, Code: "1"}, Role: &fhir.Coding{System: systemEntityRole, Code: "1"},
	}
}

// event is what a mutation's receipt says, as an audit event.
func (a *attempt) event(r record.Receipt, settles bool) auditEvent {
	e := auditEvent{
		Type: fhir.Coding{System: systemAuditType, Code: "rest"}, Action: "C", Outcome: outcomeSuccess,
		Subtype: []fhir.Coding{{System: systemRestful, Code: "create"}},
		Purpose: []fhir.CodeableConcept{{Coding: []fhir.Coding{{System: systemReason, Code: "TREAT"}}}},
		Entity: about(a.m.Ref, r.Version, compartment(a.m),
			auditDetail{DetailMutation, string(a.m.ID)}, auditDetail{DetailOutcome, r.Outcome.String()}),
	}
	if a.exists || settles {
		e.Action, e.Subtype[0].Code = "U", "update"
	}
	who := a.author
	if who.User == "" && who.Name == "" {
		who = record.Author{User: a.m.Author.User, Sender: a.m.Author.Sender}
	}
	e.Agent = []auditAgent{userAgent(who), stationAgent(a.peer)}
	if r.Outcome == record.Refused {
		e.Outcome, e.OutcomeDesc = outcomeMinor, r.Reason
	}
	return e
}

// filedEvent is what became of a message (DICOM 110107, Import).
func filedEvent(row record.Inbound, sender record.Author, patients []fhir.ID) auditEvent {
	e := auditEvent{
		Type: fhir.Coding{System: systemDICOM, Code: "110107", Display: "Import"}, Action: "C", Outcome: outcomeSuccess,
		Agent: []auditAgent{userAgent(sender)},
		Entity: []auditEntity{{
			What: &auditWhat{Identifier: &fhir.Identifier{System: "urn:wardlight:inbound", Value: row.ID}},
			Type: &fhir.Coding{System: systemEntityType, Code: "2"}, Role: &fhir.Coding{System: systemEntityRole, Code: "4"},
			Detail: []auditDetail{{DetailInbound, row.ID}, {DetailFate, string(row.Fate)}},
		}},
	}
	for _, p := range patients {
		e.Entity = append(e.Entity, patientEntity(p))
	}
	if row.Fate == record.FateQuarantined || row.Fate == record.FateRefused {
		e.Outcome, e.OutcomeDesc = outcomeMinor, row.Reason
	}
	return e
}

// settingEvent is a change of an account or a device (DICOM 110129, Security Configuration).
func settingEvent(key string, existed bool, by record.Author) auditEvent {
	e := auditEvent{
		Type:   fhir.Coding{System: systemDICOM, Code: "110113", Display: "Security Alert"},
		Action: "C", Outcome: outcomeSuccess, Agent: []auditAgent{userAgent(by)},
		Subtype: []fhir.Coding{{System: systemDICOM, Code: "110129", Display: "Security Configuration"}},
		Entity: []auditEntity{{
			What: &auditWhat{Identifier: &fhir.Identifier{System: "urn:wardlight:setting", Value: key}},
			Type: &fhir.Coding{System: systemEntityType, Code: "2"},
		}},
	}
	if existed {
		e.Action = "U"
	}
	return e
}

// chainEvent reports a station's audit chain that is not whole.
func chainEvent(p record.Peer, l record.Look, words string) auditEvent {
	return auditEvent{
		Type:   fhir.Coding{System: systemDICOM, Code: "110113", Display: "Security Alert"},
		Action: "E", Outcome: outcomeMinor, OutcomeDesc: words, Agent: []auditAgent{stationAgent(p)},
		Entity: []auditEntity{{Detail: []auditDetail{{DetailSeq, strconv.FormatUint(l.Seq, 10)}}}},
	}
}

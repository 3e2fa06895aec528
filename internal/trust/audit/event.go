package audit

import (
	"encoding/base64"
	"strconv"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/fault"
)

// Code systems and profiles of BALP and of DICOM PS3.15 A.5.
const (
	systemType     = "http://terminology.hl7.org/CodeSystem/audit-event-type"
	systemREST     = "http://hl7.org/fhir/restful-interaction"
	systemDCM      = "http://dicom.nema.org/resources/ontology/DCM"
	systemReason   = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
	systemPart     = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
	systemEntity   = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
	systemRole     = "http://terminology.hl7.org/CodeSystem/object-role"
	systemSource   = "http://terminology.hl7.org/CodeSystem/security-source-type"
	systemUserRole = "urn:wardlight:role"
	systemStation  = "urn:wardlight:station"
	systemSender   = "urn:wardlight:sender"
	systemFlag     = "urn:wardlight:audit"
	extOffset      = "urn:wardlight:clock-offset" // milliseconds, valueInteger
	profileBase    = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
)

// Bounds, so that an event stays small whatever a caller puts in.
const (
	maxWhat    = 1024
	maxText    = 1024
	maxDetails = 64
)

// pattern is how BALP writes one action.
type pattern struct {
	kind, sub coding
	action    string // R4 value set audit-event-action
	profile   string // of BALP; "Patient" goes before it where there is a patient
}

func rest(code string) (kind, sub coding) {
	return coding{System: systemType, Code: "rest", Display: "Restful Operation"}, coding{System: systemREST, Code: code}
}

func dcm(code, display string) coding {
	return coding{System: systemDCM, Code: code, Display: display}
}

var patterns = func() map[Action]pattern {
	m := map[Action]pattern{}
	add := func(a Action, interaction, action, profile string) {
		kind, sub := rest(interaction)
		m[a] = pattern{kind, sub, action, profile}
	}
	add(Read, "read", "R", "Read")
	add(Search, "search", "E", "Query")
	add(Create, "create", "C", "Create")
	add(Update, "update", "U", "Update")
	m[Export] = pattern{kind: dcm("110106", "Export"), action: "R"}
	m[Import] = pattern{kind: dcm("110107", "Import"), action: "C"}
	m[SignIn] = pattern{kind: dcm("110114", "User Authentication"), sub: dcm("110122", "Login"), action: "E"}
	m[SignOut] = pattern{kind: dcm("110114", "User Authentication"), sub: dcm("110123", "Logout"), action: "E"}
	m[Config] = pattern{kind: dcm("110113", "Security Alert"), sub: dcm("110129", "Security Configuration"), action: "U"}
	m[Break] = pattern{kind: dcm("110113", "Security Alert"), sub: dcm("110127", "Emergency Override Started"), action: "E"}
	m[Flagged] = pattern{kind: dcm("110113", "Security Alert"), sub: coding{System: systemFlag, Code: "flagged-look", Display: "A look that stands out"}, action: "E"}
	return m
}()

// JSON writes the event as a FHIR R4 AuditEvent in canonical form.
func (e Event) JSON() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	return fhir.Make(e.event())
}

// event is the event as R4 has it.
func (e Event) event() auditEvent {
	p := patterns[e.Action]
	out := auditEvent{
		ResourceType: fhir.TypeAuditEvent, ID: e.ID, Type: p.kind, Action: p.action,
		Recorded: e.Recorded.UTC().Format("2006-01-02T15:04:05.000Z"),
		Outcome:  e.Outcome, OutcomeDesc: e.Reason, Agent: e.agents(), Source: e.source(), Entity: e.entities(),
	}
	if p.sub.Code != "" {
		out.Subtype = []coding{p.sub}
	}
	if p.profile != "" {
		name := p.profile
		if e.Patient != "" {
			name = "Patient" + name
		}
		out.Meta = &meta{Profile: []string{profileBase + name}}
	}
	if out.Outcome == "" {
		out.Outcome = Success
	}
	if e.Purpose != "" {
		out.Purpose = []concept{{Coding: []coding{{System: systemReason, Code: string(e.Purpose)}}}}
	}
	if e.Measured {
		out.Extension = []extension{{URL: extOffset, ValueInteger: fhir.Int(e.Offset.Milliseconds())}}
	}
	return out
}

func (e Event) check() error {
	bad := func(why string) error { return fault.New(fault.Invalid, "audit.event", string(e.Action), why) }
	switch {
	case patterns[e.Action].action == "":
		return bad("the action is not known")
	case e.Who.User == "" && e.Who.Sender == "":
		return bad("an event names who did it")
	case e.Recorded.IsZero():
		return bad("an event has a time")
	case len(e.What) > maxWhat || len(e.Details) > maxDetails:
		return bad("an event names too much at once")
	case len(e.Query) > maxText || len(e.Reason) > maxText:
		return bad("a text is too long")
	case e.Outcome != "" && e.Outcome != Success && e.Reason == "":
		return bad("a refusal says why")
	}
	for _, d := range e.Details {
		if d.Name == "" || len(d.Name) > maxText || len(d.Value) > maxText {
			return bad("a detail is too long or has no name")
		}
	}
	return nil
}

// agents are who did it (requestor), and the two machines between which it
// happened.
func (e Event) agents() []agent {
	person := agent{Requestor: true, Name: e.Who.Name, Type: participation("IRCP", "information recipient")}
	if e.Action == Create || e.Action == Update || e.Action == Import {
		person.Type = participation("AUT", "author (originator)")
	}
	if e.Who.User != "" {
		person.Who = &who{Identifier: &identifier{System: fhir.SystemUser, Value: string(e.Who.User)}}
	} else {
		person.Who = &who{Identifier: &identifier{System: systemSender, Value: e.Who.Sender}}
	}
	if e.Who.Role != "" {
		person.Role = []concept{{Coding: []coding{{System: systemUserRole, Code: e.Who.Role}}}}
	}
	if e.Who.Address != "" {
		person.Network = &network{Address: e.Who.Address, Type: "2"} // an IP address
	}
	list := []agent{person}
	if e.Who.Station != "" {
		device := dcm("110153", "Source Role ID")
		list = append(list, agent{
			Type: &concept{Coding: []coding{device}}, Name: e.Who.Place,
			Who: &who{Identifier: &identifier{System: systemStation, Value: string(e.Who.Station)}, Display: e.Who.Place}, Network: person.Network,
		})
	}
	return list
}

func participation(code, display string) *concept {
	return &concept{Coding: []coding{{System: systemPart, Code: code, Display: display}}}
}

// source is the system that recorded the event.
func (e Event) source() source {
	s := source{Site: e.Who.Place, Observer: who{Display: e.Observer}}
	switch {
	case e.Observer == "" && e.Who.Station != "":
		s.Observer = who{Identifier: &identifier{System: systemStation, Value: string(e.Who.Station)}}
		s.Type = []coding{{System: systemSource, Code: "1", Display: "User Device"}}
	case e.Observer == "":
		s.Observer.Display = "central"
		fallthrough
	default:
		s.Type = []coding{{System: systemSource, Code: "4", Display: "Application Server"}}
	}
	return s
}

// entities are what it was done to, the patient, the search and the details.
func (e Event) entities() []entity {
	var list []entity
	for _, w := range e.What {
		ref := w.Ref.String()
		if w.Version > 0 {
			ref += "/_history/" + strconv.FormatUint(uint64(w.Version), 10)
		}
		list = append(list, entity{What: &reference{Reference: ref}, Type: entityType("2", "System Object"), Role: objectRole("4", "Domain Resource")})
	}
	if e.Patient != "" {
		ref := fhir.Ref{Type: fhir.TypePatient, ID: e.Patient}
		list = append(list, entity{What: &reference{Reference: ref.String()}, Type: entityType("1", "Person"), Role: objectRole("1", "Patient")})
	}
	if e.Query != "" {
		list = append(list, entity{Type: entityType("2", "System Object"), Role: objectRole("24", "Query"), Query: base64.StdEncoding.EncodeToString([]byte(e.Query))})
	}
	if len(e.Details) > 0 {
		d := entity{Type: entityType("4", "Other"), Role: objectRole("20", "Job")}
		for _, x := range e.Details {
			d.Detail = append(d.Detail, detail{Type: x.Name, Value: x.Value})
		}
		list = append(list, d)
	}
	return list
}

func entityType(code, display string) *coding {
	return &coding{System: systemEntity, Code: code, Display: display}
}

func objectRole(code, display string) *coding {
	return &coding{System: systemRole, Code: code, Display: display}
}

// instant reads a FHIR instant.
func instant(s string) (time.Time, error) { return time.Parse(time.RFC3339Nano, s) }

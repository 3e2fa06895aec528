package desk

import (
	"context"
	"encoding/json"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// lookKind is what a look did (R4 AuditEvent.action and restful-interaction).
type lookKind struct{ action, interaction string }

var (
	lookRead   = lookKind{"R", "read"}
	lookSearch = lookKind{"E", "search-type"}
	lookCreate = lookKind{"C", "create"}
	lookUpdate = lookKind{"U", "update"}
)

// event is the AuditEvent of one look (R4; profile of IHE BALP). It holds who,
// what and when, and no clinical value.
type event struct {
	ResourceType string                 `json:"resourceType"`
	Type         fhir.Coding            `json:"type"`
	Subtype      []fhir.Coding          `json:"subtype"`
	Action       string                 `json:"action"`
	Recorded     string                 `json:"recorded"`
	Outcome      string                 `json:"outcome"`
	OutcomeDesc  string                 `json:"outcomeDesc,omitempty"`
	Purpose      []fhir.CodeableConcept `json:"purposeOfEvent"`
	Agent        []agent                `json:"agent"`
	Source       source                 `json:"source"`
	Entity       []entity               `json:"entity,omitempty"`
}

type agent struct {
	Role      []fhir.CodeableConcept `json:"role,omitempty"`
	Who       fhir.Reference         `json:"who"`
	AltID     string                 `json:"altId"`
	Name      string                 `json:"name,omitempty"`
	Requestor bool                   `json:"requestor"`
	Network   *network               `json:"network,omitempty"`
}

type network struct {
	Address string `json:"address"`
	Type    string `json:"type"`
}

type source struct {
	Site     string         `json:"site"`
	Observer fhir.Reference `json:"observer"`
}

type entity struct {
	What  *fhir.Reference `json:"what,omitempty"`
	Type  *fhir.Coding    `json:"type,omitempty"`
	Role  *fhir.Coding    `json:"role,omitempty"`
	Name  string          `json:"name,omitempty"`
	Query []byte          `json:"query,omitempty"`
}

const (
	systemAuditType  = "http://terminology.hl7.org/CodeSystem/audit-event-type"
	systemRestful    = "http://hl7.org/fhir/restful-interaction"
	systemActReason  = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
	systemEntityType = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
	systemObjectRole = "http://terminology.hl7.org/CodeSystem/object-role"

	outcomeDone    = "0"
	outcomeRefused = "8" // serious failure: the act did not happen
)

func (d *Desk) newEvent(p ward.Person, k lookKind) event {
	return event{
		ResourceType: string(fhir.TypeAuditEvent),
		Type:         fhir.Coding{System: systemAuditType, Code: "rest"},
		Subtype:      []fhir.Coding{{System: systemRestful, Code: k.interaction}},
		Action:       k.action, Recorded: stamp(d.now()), Outcome: outcomeDone,
		Purpose: []fhir.CodeableConcept{{Coding: []fhir.Coding{{System: systemActReason, Code: "TREAT"}}}},
		Agent: []agent{{
			Role: []fhir.CodeableConcept{{Text: p.Role}}, Who: fhir.Reference{Type: string(fhir.TypePractitioner), Display: p.Name},
			AltID: p.User, Name: p.Name, Requestor: true, Network: &network{Address: d.cfg.Place, Type: "1"},
		}},
		Source: source{Site: string(d.cfg.Station), Observer: fhir.Reference{Display: d.cfg.Place}},
	}
}

func patientEntity(id fhir.ID) entity {
	to := fhir.To(fhir.Ref{Type: fhir.TypePatient, ID: id})
	return entity{
		What: &to, Type: &fhir.Coding{System: systemEntityType, Code: "1", Display: "Person"},
		Role: &fhir.Coding{System: systemObjectRole, Code: "1", Display: "Patient"},
	}
}

// lookAt is the event of one act on resources of one patient.
func (d *Desk) lookAt(p ward.Person, patient fhir.ID, k lookKind, refs ...fhir.Ref) ([]byte, error) {
	e := d.newEvent(p, k)
	for _, ref := range refs {
		to := fhir.To(ref)
		e.Entity = append(e.Entity, entity{
			What: &to, Type: &fhir.Coding{System: systemEntityType, Code: "2", Display: "System Object"},
			Role: &fhir.Coding{System: systemObjectRole, Code: "4", Display: "Domain Resource"},
		})
	}
	if patient != "" {
		e.Entity = append(e.Entity, patientEntity(patient))
	}
	return encodeEvent(e)
}

func encodeEvent(e event) ([]byte, error) {
	b, err := json.Marshal(e)
	return b, fault.As(fault.Invalid, "desk.look", "", err)
}

// look makes one audit event durable.
func (d *Desk) look(ctx context.Context, event []byte, err error) error {
	if err != nil {
		return err
	}
	return fault.Wrap("desk.look", "", d.store.Commit(ctx, nil, [][]byte{event}))
}

// refusedLook writes down that somebody tried, and returns the refusal.
func (d *Desk) refusedLook(ctx context.Context, p ward.Person, patient fhir.ID, refusal error) error {
	e := d.newEvent(p, lookRead)
	e.Outcome, e.OutcomeDesc = outcomeRefused, "refused by the rules of this computer"
	e.Entity = []entity{patientEntity(patient)}
	b, err := encodeEvent(e)
	if err == nil {
		err = d.store.Commit(ctx, nil, [][]byte{b})
	}
	if err != nil {
		return fault.Wrap("desk.look", "", err)
	}
	return refusal
}

// OpenList records that the person who is signed in looks at a list of
// patients: "board", "alerts", "results", "reviews", or a search with its
// text. A page calls it once each time it is opened.
func (d *Desk) OpenList(ctx context.Context, list, search string) error {
	p, err := d.author("desk.openlist")
	if err != nil {
		return err
	}
	e := d.newEvent(p, lookSearch)
	name := "list " + list
	if d.cfg.Ward != "" {
		name += " of ward " + d.cfg.Ward
	}
	en := entity{
		Name: name, Type: &fhir.Coding{System: systemEntityType, Code: "2", Display: "System Object"},
		Role: &fhir.Coding{System: systemObjectRole, Code: "24", Display: "Query"}, Query: []byte(search),
	}
	if search == "" {
		en.Query = []byte(name)
	}
	en.Name = "" // R4 sev-1: a name or a query, never both
	e.Entity = []entity{en}
	b, err := encodeEvent(e)
	return d.look(ctx, b, err)
}

package audit

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// auditEvent is R4's AuditEvent: the elements that this package writes.
type auditEvent struct {
	ResourceType fhir.Type              `json:"resourceType"`
	ID           fhir.ID                `json:"id,omitempty"`
	Meta         *meta                  `json:"meta,omitempty"`
	Extension    []fhir.Extension       `json:"extension,omitempty"`
	Type         fhir.Coding            `json:"type"`
	Subtype      []fhir.Coding          `json:"subtype,omitempty"`
	Action       string                 `json:"action,omitempty"`
	Recorded     string                 `json:"recorded"`
	Outcome      Outcome                `json:"outcome,omitempty"`
	OutcomeDesc  string                 `json:"outcomeDesc,omitempty"`
	Purpose      []fhir.CodeableConcept `json:"purposeOfEvent,omitempty"`
	Agent        []agent                `json:"agent"`
	Source       source                 `json:"source"`
	Entity       []entity               `json:"entity,omitempty"`
}

type meta struct {
	Profile []string `json:"profile,omitempty"`
}

type agent struct {
	Type      *fhir.CodeableConcept  `json:"type,omitempty"`
	Role      []fhir.CodeableConcept `json:"role,omitempty"`
	Who       *who                   `json:"who,omitempty"`
	Name      string                 `json:"name,omitempty"`
	Requestor bool                   `json:"requestor"`
	Network   *network               `json:"network,omitempty"`
}

type who struct {
	Identifier *fhir.Identifier `json:"identifier,omitempty"`
	Display    string           `json:"display,omitempty"`
}

type network struct {
	Address string `json:"address,omitempty"`
	Type    string `json:"type,omitempty"`
}

type source struct {
	Site     string        `json:"site,omitempty"`
	Observer who           `json:"observer"`
	Type     []fhir.Coding `json:"type,omitempty"`
}

type entity struct {
	What   *fhir.Reference `json:"what,omitempty"`
	Type   *fhir.Coding    `json:"type,omitempty"`
	Role   *fhir.Coding    `json:"role,omitempty"`
	Query  string          `json:"query,omitempty"`
	Detail []detail        `json:"detail,omitempty"`
}

type detail struct {
	Type  string `json:"type"`
	Value string `json:"valueString"`
}

// Parse reads an AuditEvent: all that JSON wrote, and of a foreign one what
// there is. Action is "" where its type is none of ours.
func Parse(b []byte) (Event, error) {
	v, err := fhir.View[auditEvent](b)
	if err != nil {
		return Event{}, err
	}
	if v.ResourceType != fhir.TypeAuditEvent {
		return Event{}, fault.New(fault.Invalid, "audit.parse", "", "not an AuditEvent")
	}
	e := Event{ID: v.ID, Outcome: v.Outcome, Reason: v.OutcomeDesc, Action: actionOf(v)}
	// Version 0.1.0 kept a bare event, without a time, of some refused sign-ins.
	if v.Recorded != "" {
		if e.Recorded, err = instant(v.Recorded); err != nil {
			return Event{}, fault.New(fault.Invalid, "audit.parse", "", "the event's time is malformed")
		}
	}
	if x, ok := fhir.ExtensionOf(v.Extension, extOffset); ok && x.ValueInteger != nil {
		e.Measured, e.Offset = true, time.Duration(*x.ValueInteger)*time.Millisecond
	}
	for _, p := range v.Purpose {
		if c := p.Code(systemReason); c != "" {
			e.Purpose = Purpose(c)
		}
	}
	for _, a := range v.Agent {
		e.Who.read(a)
	}
	if v.Source.Observer.Identifier == nil && (v.Source.Observer.Display != "central" || e.Who.Station != "") {
		e.Observer = v.Source.Observer.Display
	}
	for _, x := range v.Entity {
		e.read(x)
	}
	return e, nil
}

// actionOf finds the action whose type, subtype and action code these are.
func actionOf(v auditEvent) Action {
	sub := fhir.Coding{}
	if len(v.Subtype) > 0 {
		sub = v.Subtype[0]
	}
	for a, p := range patterns {
		if p.action == v.Action && p.kind.Code == v.Type.Code && p.sub.Code == sub.Code {
			return a
		}
	}
	return ""
}

func (w *Who) read(a agent) {
	if a.Who == nil || a.Who.Identifier == nil {
		return
	}
	id := *a.Who.Identifier
	switch {
	case a.Requestor && id.System == systemSender:
		w.Sender = id.Value
	case a.Requestor:
		w.User = record.UserID(id.Value)
	case id.System == systemStation:
		w.Station, w.Place = record.StationID(id.Value), a.Who.Display
	}
	if a.Requestor {
		w.Name = a.Name
		if len(a.Role) > 0 {
			w.Role = a.Role[0].Code(systemUserRole)
		}
		if a.Network != nil {
			w.Address = a.Network.Address
		}
	}
}

func (e *Event) read(x entity) {
	switch {
	case x.Query != "":
		if q, err := base64.StdEncoding.DecodeString(x.Query); err == nil {
			e.Query = string(q)
		}
	case x.What != nil && x.Role != nil && x.Role.Code == "1":
		if ref, ok := x.What.Ref(); ok {
			e.Patient = ref.ID
		}
	case x.What != nil:
		if ref, ok := x.What.Ref(); ok {
			w := What{Ref: ref}
			if _, v, found := strings.Cut(x.What.Reference, "/_history/"); found {
				n, _ := strconv.ParseUint(v, 10, 64)
				w.Version = record.Version(n)
			}
			e.What = append(e.What, w)
		}
	default:
		for _, d := range x.Detail {
			e.Details = append(e.Details, Detail{d.Type, d.Value})
		}
	}
}

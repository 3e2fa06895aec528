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

// auditEvent is R4's AuditEvent: the elements that this package writes. Its fields,
// and those of its parts, are in the order of their JSON names: an event that is
// canonical as encoding/json writes it is not written twice.
type auditEvent struct {
	Action       string      `json:"action,omitempty"`
	Agent        []agent     `json:"agent"`
	Entity       []entity    `json:"entity,omitempty"`
	Extension    []extension `json:"extension,omitempty"`
	ID           fhir.ID     `json:"id,omitempty"`
	Meta         *meta       `json:"meta,omitempty"`
	Outcome      Outcome     `json:"outcome,omitempty"`
	OutcomeDesc  string      `json:"outcomeDesc,omitempty"`
	Purpose      []concept   `json:"purposeOfEvent,omitempty"`
	Recorded     string      `json:"recorded"`
	ResourceType fhir.Type   `json:"resourceType"`
	Source       source      `json:"source"`
	Subtype      []coding    `json:"subtype,omitempty"`
	Type         coding      `json:"type"`
}

type meta struct {
	Profile []string `json:"profile,omitempty"`
}

type agent struct {
	Name      string    `json:"name,omitempty"`
	Network   *network  `json:"network,omitempty"`
	Requestor bool      `json:"requestor"`
	Role      []concept `json:"role,omitempty"`
	Type      *concept  `json:"type,omitempty"`
	Who       *who      `json:"who,omitempty"`
}

type who struct {
	Display    string      `json:"display,omitempty"`
	Identifier *identifier `json:"identifier,omitempty"`
}

type network struct {
	Address string `json:"address,omitempty"`
	Type    string `json:"type,omitempty"`
}

type source struct {
	Observer who      `json:"observer"`
	Site     string   `json:"site,omitempty"`
	Type     []coding `json:"type,omitempty"`
}

type entity struct {
	Detail []detail   `json:"detail,omitempty"`
	Query  string     `json:"query,omitempty"`
	Role   *coding    `json:"role,omitempty"`
	Type   *coding    `json:"type,omitempty"`
	What   *reference `json:"what,omitempty"`
}

// What follows are R4's data types as far as events have them, in the order of names;
// those of package fhir are in the order of the standard.
type (
	coding struct {
		Code    string `json:"code,omitempty"`
		Display string `json:"display,omitempty"`
		System  string `json:"system,omitempty"`
	}
	concept struct {
		Coding []coding `json:"coding,omitempty"`
	}
	identifier struct {
		System string `json:"system,omitempty"`
		Value  string `json:"value,omitempty"`
	}
	reference struct {
		Reference string `json:"reference,omitempty"`
	}
	extension struct {
		URL          string `json:"url"`
		ValueInteger *int64 `json:"valueInteger,omitempty"`
	}
)

// code is the code of the first coding in this system, or "".
func (c concept) code(system string) string {
	for _, k := range c.Coding {
		if k.System == system {
			return k.Code
		}
	}
	return ""
}

func (r reference) ref() (fhir.Ref, bool) {
	ref, err := fhir.ParseRef(r.Reference)
	return ref, err == nil
}

type detail struct {
	Type  string `json:"type"`
	Value string `json:"valueString"`
}

// Written says surely of an event that is JSON that something was made or changed, so
// that it is neither a look at a record nor the beginning of emergency access (false:
// it may be either). Central's way in asks for no more of most events.
func Written(event []byte) bool {
	action, sure := fhir.Resource(event).Text("action")
	return sure && (action == "C" || action == "U")
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
	for _, x := range v.Extension {
		if x.URL == extOffset {
			if x.ValueInteger != nil {
				e.Measured, e.Offset = true, time.Duration(*x.ValueInteger)*time.Millisecond
			}
			break
		}
	}
	for _, p := range v.Purpose {
		if c := p.code(systemReason); c != "" {
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
	sub := coding{}
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
			w.Role = a.Role[0].code(systemUserRole)
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
		if ref, ok := x.What.ref(); ok {
			e.Patient = ref.ID
		}
	case x.What != nil:
		if ref, ok := x.What.ref(); ok {
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

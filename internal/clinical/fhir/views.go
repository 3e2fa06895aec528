package fhir

import (
	"encoding/json"
	"slices"
)

// Decimal is a number with the digits that its sender wrote. It is never a
// float: 1.10 and 1.1 are the same number and not the same result.
type Decimal = json.Number

// Coding is one code in one system.
type Coding struct {
	System  string `json:"system,omitempty"`
	Version string `json:"version,omitempty"`
	Code    string `json:"code,omitempty"`
	Display string `json:"display,omitempty"`
}

// CodeableConcept is a meaning: codes, and the words of whoever chose them.
type CodeableConcept struct {
	Coding []Coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitempty"`
}

// Has says whether c holds this code of this system.
func (c CodeableConcept) Has(system, code string) bool {
	for _, k := range c.Coding {
		if k.System == system && k.Code == code {
			return true
		}
	}
	return false
}

// Code is the code of the first coding in this system, or "".
func (c CodeableConcept) Code(system string) string {
	for _, k := range c.Coding {
		if k.System == system {
			return k.Code
		}
	}
	return ""
}

// Words is what a person reads: the text, else the first display, else the
// first code.
func (c CodeableConcept) Words() string {
	if c.Text != "" {
		return c.Text
	}
	for _, k := range c.Coding {
		if k.Display != "" {
			return k.Display
		}
	}
	for _, k := range c.Coding {
		if k.Code != "" {
			return k.Code
		}
	}
	return ""
}

// Identifier is a business identifier: value plus who assigned it plus kind.
type Identifier struct {
	Use    string           `json:"use,omitempty"`
	Type   *CodeableConcept `json:"type,omitempty"`
	System string           `json:"system,omitempty"`
	Value  string           `json:"value,omitempty"`
}

// Reference points at a resource, by literal reference or by words only.
type Reference struct {
	Reference string `json:"reference,omitempty"`
	Type      string `json:"type,omitempty"`
	Display   string `json:"display,omitempty"`
}

// Ref is the resource pointed at; ok is false where it is not a literal
// relative reference.
func (r Reference) Ref() (ref Ref, ok bool) {
	ref, err := ParseRef(r.Reference)
	return ref, err == nil
}

// To makes a literal reference.
func To(r Ref) Reference { return Reference{Reference: r.String()} }

// Extension is one extension; only the value types that Wardlight reads.
type Extension struct {
	URL           string      `json:"url"`
	ValueString   *string     `json:"valueString,omitempty"`
	ValueCode     *string     `json:"valueCode,omitempty"`
	ValueBoolean  *bool       `json:"valueBoolean,omitempty"`
	ValueInteger  *int64      `json:"valueInteger,omitempty"`
	ValueDateTime *string     `json:"valueDateTime,omitempty"`
	ValueRef      *Reference  `json:"valueReference,omitempty"`
	ValueDocument *Attachment `json:"valueAttachment,omitempty"`
	Extension     []Extension `json:"extension,omitempty"`
}

// Period is a span of time; either end may be missing.
type Period struct {
	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`
}

// Annotation is a remark with its author and time.
type Annotation struct {
	AuthorString string `json:"authorString,omitempty"`
	Time         string `json:"time,omitempty"`
	Text         string `json:"text"`
}

// Quantity is a measured amount. Code with System UCUM is the unit that may be
// computed with; Unit is what the sender wrote.
type Quantity struct {
	Value      *Decimal `json:"value,omitempty"`
	Comparator string   `json:"comparator,omitempty"`
	Unit       string   `json:"unit,omitempty"`
	System     string   `json:"system,omitempty"`
	Code       string   `json:"code,omitempty"`
}

// Range is a low and a high.
type Range struct {
	Low  *Quantity `json:"low,omitempty"`
	High *Quantity `json:"high,omitempty"`
}

// Ratio is a titre or another quotient.
type Ratio struct {
	Numerator   *Quantity `json:"numerator,omitempty"`
	Denominator *Quantity `json:"denominator,omitempty"`
}

// HumanName is a name in its parts.
type HumanName struct {
	Use    string   `json:"use,omitempty"`
	Text   string   `json:"text,omitempty"`
	Family string   `json:"family,omitempty"`
	Given  []string `json:"given,omitempty"`
	Prefix []string `json:"prefix,omitempty"`
	Suffix []string `json:"suffix,omitempty"`
}

// Meta is a resource's own bookkeeping.
type Meta struct {
	VersionID   string   `json:"versionId,omitempty"`
	LastUpdated string   `json:"lastUpdated,omitempty"`
	Source      string   `json:"source,omitempty"`
	Security    []Coding `json:"security,omitempty"`
	Tag         []Coding `json:"tag,omitempty"`
}

// PatientLink ties two Patient resources together (replaced-by, replaces, …).
type PatientLink struct {
	Other Reference `json:"other"`
	Type  string    `json:"type"`
}

// Patient is a person under care.
type Patient struct {
	ResourceType     Type          `json:"resourceType"`
	ID               ID            `json:"id,omitempty"`
	Meta             *Meta         `json:"meta,omitempty"`
	Extension        []Extension   `json:"extension,omitempty"`
	Identifier       []Identifier  `json:"identifier,omitempty"`
	Active           *bool         `json:"active,omitempty"`
	Name             []HumanName   `json:"name,omitempty"`
	Gender           string        `json:"gender,omitempty"`
	BirthDate        string        `json:"birthDate,omitempty"`
	DeceasedBoolean  *bool         `json:"deceasedBoolean,omitempty"`
	DeceasedDateTime string        `json:"deceasedDateTime,omitempty"`
	Link             []PatientLink `json:"link,omitempty"`
}

// EncounterLocation is where, and since when. PhysicalType says what kind of
// place it is: a room has PlaceRoom, the whole place none.
type EncounterLocation struct {
	Location     Reference        `json:"location"`
	Status       string           `json:"status,omitempty"`
	PhysicalType *CodeableConcept `json:"physicalType,omitempty"`
	Period       *Period          `json:"period,omitempty"`
}

// PlaceRoom is the code of a room in SystemPhysicalType.
const PlaceRoom = "ro"

// RoomOf is the room among the places of an Encounter, "" where none is said.
func RoomOf(places []EncounterLocation) string {
	for _, p := range places {
		if p.PhysicalType != nil && p.PhysicalType.Has(SystemPhysicalType, PlaceRoom) {
			return p.Location.Display
		}
	}
	return ""
}

// EncounterParticipant is who, in which role.
type EncounterParticipant struct {
	Type       []CodeableConcept `json:"type,omitempty"`
	Individual *Reference        `json:"individual,omitempty"`
}

// EncounterDiagnosis is a diagnosis of a stay: what for, and at which place in the list
// (1 is the first).
type EncounterDiagnosis struct {
	Condition Reference        `json:"condition"`
	Use       *CodeableConcept `json:"use,omitempty"`
	Rank      int64            `json:"rank,omitempty"`
}

// Encounter is a stay or a visit. The ward and the bed are extensions of ours
// (ExtWard, ExtBed) beside Location, so that scope needs no text parsing.
type Encounter struct {
	ResourceType Type                   `json:"resourceType"`
	ID           ID                     `json:"id,omitempty"`
	Meta         *Meta                  `json:"meta,omitempty"`
	Extension    []Extension            `json:"extension,omitempty"`
	Identifier   []Identifier           `json:"identifier,omitempty"`
	Status       string                 `json:"status"`
	Class        *Coding                `json:"class,omitempty"`
	Subject      *Reference             `json:"subject,omitempty"`
	Participant  []EncounterParticipant `json:"participant,omitempty"`
	Period       *Period                `json:"period,omitempty"`
	Location     []EncounterLocation    `json:"location,omitempty"`
	Diagnosis    []EncounterDiagnosis   `json:"diagnosis,omitempty"`
}

// ReferenceRange is what is usual for this test.
type ReferenceRange struct {
	Low  *Quantity `json:"low,omitempty"`
	High *Quantity `json:"high,omitempty"`
	Text string    `json:"text,omitempty"`
}

// ObservationComponent is one part of an observation, such as systolic.
type ObservationComponent struct {
	Code                 CodeableConcept   `json:"code"`
	ValueQuantity        *Quantity         `json:"valueQuantity,omitempty"`
	ValueCodeableConcept *CodeableConcept  `json:"valueCodeableConcept,omitempty"`
	ValueString          *string           `json:"valueString,omitempty"`
	DataAbsentReason     *CodeableConcept  `json:"dataAbsentReason,omitempty"`
	Interpretation       []CodeableConcept `json:"interpretation,omitempty"`
}

// Observation is one result or one vital sign.
type Observation struct {
	ResourceType         Type                   `json:"resourceType"`
	ID                   ID                     `json:"id,omitempty"`
	Meta                 *Meta                  `json:"meta,omitempty"`
	Extension            []Extension            `json:"extension,omitempty"`
	Identifier           []Identifier           `json:"identifier,omitempty"`
	Status               string                 `json:"status"`
	Category             []CodeableConcept      `json:"category,omitempty"`
	Code                 CodeableConcept        `json:"code"`
	Subject              *Reference             `json:"subject,omitempty"`
	Encounter            *Reference             `json:"encounter,omitempty"`
	EffectiveDateTime    string                 `json:"effectiveDateTime,omitempty"`
	Issued               string                 `json:"issued,omitempty"`
	Performer            []Reference            `json:"performer,omitempty"`
	ValueQuantity        *Quantity              `json:"valueQuantity,omitempty"`
	ValueCodeableConcept *CodeableConcept       `json:"valueCodeableConcept,omitempty"`
	ValueString          *string                `json:"valueString,omitempty"`
	ValueRange           *Range                 `json:"valueRange,omitempty"`
	ValueRatio           *Ratio                 `json:"valueRatio,omitempty"`
	ValueTime            string                 `json:"valueTime,omitempty"`
	ValueDateTime        string                 `json:"valueDateTime,omitempty"`
	DataAbsentReason     *CodeableConcept       `json:"dataAbsentReason,omitempty"`
	Interpretation       []CodeableConcept      `json:"interpretation,omitempty"`
	Note                 []Annotation           `json:"note,omitempty"`
	Method               *CodeableConcept       `json:"method,omitempty"`
	Specimen             *Reference             `json:"specimen,omitempty"`
	ReferenceRange       []ReferenceRange       `json:"referenceRange,omitempty"`
	Component            []ObservationComponent `json:"component,omitempty"`
}

// DiagnosticReport groups results that were asked for together.
type DiagnosticReport struct {
	ResourceType      Type              `json:"resourceType"`
	ID                ID                `json:"id,omitempty"`
	Meta              *Meta             `json:"meta,omitempty"`
	Extension         []Extension       `json:"extension,omitempty"`
	Identifier        []Identifier      `json:"identifier,omitempty"`
	BasedOn           []Reference       `json:"basedOn,omitempty"`
	Status            string            `json:"status"`
	Category          []CodeableConcept `json:"category,omitempty"`
	Code              CodeableConcept   `json:"code"`
	Subject           *Reference        `json:"subject,omitempty"`
	EffectiveDateTime string            `json:"effectiveDateTime,omitempty"`
	Issued            string            `json:"issued,omitempty"`
	Result            []Reference       `json:"result,omitempty"`
	Conclusion        string            `json:"conclusion,omitempty"`
}

// AllergyReaction is what happened.
type AllergyReaction struct {
	Manifestation []CodeableConcept `json:"manifestation,omitempty"`
	Severity      string            `json:"severity,omitempty"`
}

// AllergyIntolerance is a known risk, or the statement that there is none.
type AllergyIntolerance struct {
	ResourceType       Type              `json:"resourceType"`
	ID                 ID                `json:"id,omitempty"`
	Meta               *Meta             `json:"meta,omitempty"`
	Extension          []Extension       `json:"extension,omitempty"`
	Identifier         []Identifier      `json:"identifier,omitempty"`
	ClinicalStatus     *CodeableConcept  `json:"clinicalStatus,omitempty"`
	VerificationStatus *CodeableConcept  `json:"verificationStatus,omitempty"`
	Type               string            `json:"type,omitempty"`
	Category           []string          `json:"category,omitempty"`
	Criticality        string            `json:"criticality,omitempty"`
	Code               *CodeableConcept  `json:"code,omitempty"`
	Patient            Reference         `json:"patient"`
	OnsetDateTime      string            `json:"onsetDateTime,omitempty"`
	RecordedDate       string            `json:"recordedDate,omitempty"`
	Recorder           *Reference        `json:"recorder,omitempty"`
	Note               []Annotation      `json:"note,omitempty"`
	Reaction           []AllergyReaction `json:"reaction,omitempty"`
}

// TaskParameter is a typed input or output of a Task.
type TaskParameter struct {
	Type            CodeableConcept `json:"type"`
	ValueString     *string         `json:"valueString,omitempty"`
	ValueReference  *Reference      `json:"valueReference,omitempty"`
	ValueDate       string          `json:"valueDate,omitempty"`
	ValueDateTime   string          `json:"valueDateTime,omitempty"`
	ValueInteger    *int64          `json:"valueInteger,omitempty"`
	ValueHumanName  *HumanName      `json:"valueHumanName,omitempty"`
	ValueIdentifier *Identifier     `json:"valueIdentifier,omitempty"`
}

// Task is a duty: an acknowledgement, a review, something to do.
type Task struct {
	ResourceType  Type              `json:"resourceType"`
	ID            ID                `json:"id,omitempty"`
	Meta          *Meta             `json:"meta,omitempty"`
	Contained     []Observation     `json:"contained,omitempty"` // of what is held back: its values, quoted
	Extension     []Extension       `json:"extension,omitempty"`
	Identifier    []Identifier      `json:"identifier,omitempty"`
	Status        string            `json:"status"`
	StatusReason  *CodeableConcept  `json:"statusReason,omitempty"`
	Intent        string            `json:"intent"`
	Priority      string            `json:"priority,omitempty"`
	Code          *CodeableConcept  `json:"code,omitempty"`
	Description   string            `json:"description,omitempty"`
	Focus         *Reference        `json:"focus,omitempty"`
	For           *Reference        `json:"for,omitempty"`
	ExecutionDate *Period           `json:"executionPeriod,omitempty"`
	AuthoredOn    string            `json:"authoredOn,omitempty"`
	Requester     *Reference        `json:"requester,omitempty"`
	PerformerType []CodeableConcept `json:"performerType,omitempty"`
	Owner         *Reference        `json:"owner,omitempty"`
	Restriction   *TaskRestriction  `json:"restriction,omitempty"`
	Note          []Annotation      `json:"note,omitempty"`
	Instantiates  string            `json:"instantiatesCanonical,omitempty"` // of a routine's run: the definition and its version, "PlanDefinition/ID|3"
	Input         []TaskParameter   `json:"input,omitempty"`
	Output        []TaskParameter   `json:"output,omitempty"`
}

// PlanDefinition is a routine as a site defines it: its steps in order.
type PlanDefinition struct {
	ResourceType Type              `json:"resourceType"`
	ID           ID                `json:"id,omitempty"`
	Meta         *Meta             `json:"meta,omitempty"`
	Extension    []Extension       `json:"extension,omitempty"`
	Version      string            `json:"version,omitempty"` // counted from 1
	Title        string            `json:"title,omitempty"`
	Type         *CodeableConcept  `json:"type,omitempty"`
	Status       string            `json:"status"` // active, or retired: switched off
	Date         string            `json:"date,omitempty"`
	Topic        []CodeableConcept `json:"topic,omitempty"`
	Action       []PlanAction      `json:"action,omitempty"`
}

// PlanAction is one step of a PlanDefinition.
type PlanAction struct {
	ID        string      `json:"id"`
	Extension []Extension `json:"extension,omitempty"`
	Title     string      `json:"title"`
}

// TaskRestriction bounds a Task; its period's end is when it is due.
type TaskRestriction struct {
	Period *Period `json:"period,omitempty"`
}

// ServiceRequest is an order for a test or a service.
type ServiceRequest struct {
	ResourceType Type              `json:"resourceType"`
	ID           ID                `json:"id,omitempty"`
	Meta         *Meta             `json:"meta,omitempty"`
	Extension    []Extension       `json:"extension,omitempty"`
	Identifier   []Identifier      `json:"identifier,omitempty"`
	Status       string            `json:"status"`
	Intent       string            `json:"intent"`
	Category     []CodeableConcept `json:"category,omitempty"`
	Priority     string            `json:"priority,omitempty"`
	Code         *CodeableConcept  `json:"code,omitempty"`
	Subject      Reference         `json:"subject"`
	AuthoredOn   string            `json:"authoredOn,omitempty"`
	Requester    *Reference        `json:"requester,omitempty"`
	// SupportingInfo names the earlier order that the requester knew of when
	// the same was asked for once more.
	SupportingInfo []Reference  `json:"supportingInfo,omitempty"`
	Note           []Annotation `json:"note,omitempty"`
}

// MedicationRequest is an order for a medicine.
type MedicationRequest struct {
	ResourceType      Type             `json:"resourceType"`
	ID                ID               `json:"id,omitempty"`
	Meta              *Meta            `json:"meta,omitempty"`
	Extension         []Extension      `json:"extension,omitempty"`
	Identifier        []Identifier     `json:"identifier,omitempty"`
	Status            string           `json:"status"`
	StatusReason      *CodeableConcept `json:"statusReason,omitempty"`
	Intent            string           `json:"intent"`
	Priority          string           `json:"priority,omitempty"`
	Medication        *CodeableConcept `json:"medicationCodeableConcept,omitempty"`
	Subject           Reference        `json:"subject"`
	AuthoredOn        string           `json:"authoredOn,omitempty"`
	Requester         *Reference       `json:"requester,omitempty"`
	SupportingInfo    []Reference      `json:"supportingInformation,omitempty"`
	Note              []Annotation     `json:"note,omitempty"`
	DosageInstruction []Dosage         `json:"dosageInstruction,omitempty"`
}

// Dosage is how a medicine is to be given, in its author's own words.
type Dosage struct {
	Text string `json:"text,omitempty"`
}

// Override is a warning that the author of an order saw and went against: what
// it said, how strongly, why in spite of it, who and when.
type Override struct {
	Level, Text, Reason, By, At string
}

// Extension writes an override.
func (o Override) Extension() Extension {
	part := func(url, s string) Extension { return Extension{URL: url, ValueString: Str(s)} }
	return Extension{URL: ExtOverride, Extension: []Extension{
		{URL: "level", ValueCode: Str(o.Level)}, part("text", o.Text), part("reason", o.Reason), part("by", o.By), {URL: "at", ValueDateTime: Str(o.At)},
	}}
}

// Overrides reads them.
func Overrides(list []Extension) []Override {
	var out []Override
	for _, e := range list {
		if e.URL != ExtOverride {
			continue
		}
		o := Override{Text: ExtString(e.Extension, "text"), Reason: ExtString(e.Extension, "reason"), By: ExtString(e.Extension, "by")}
		if l, ok := ExtensionOf(e.Extension, "level"); ok && l.ValueCode != nil {
			o.Level = *l.ValueCode
		}
		if at, ok := ExtensionOf(e.Extension, "at"); ok && at.ValueDateTime != nil {
			o.At = *at.ValueDateTime
		}
		out = append(out, o)
	}
	return out
}

// List is a person's own list of patients (ExtListOf).
type List struct {
	ResourceType Type        `json:"resourceType"`
	ID           ID          `json:"id,omitempty"`
	Extension    []Extension `json:"extension,omitempty"`
	Status       string      `json:"status"`
	Mode         string      `json:"mode"`
	Title        string      `json:"title,omitempty"`
	Date         string      `json:"date,omitempty"`
	Entry        []ListEntry `json:"entry,omitempty"`
}

// ListEntry is one patient of a List.
type ListEntry struct {
	Item Reference `json:"item"`
}

// Patients are whom a list names while it is kept, each once, in its order.
func (l List) Patients() []ID {
	var out []ID
	for _, e := range l.Entry {
		if ref, ok := e.Item.Ref(); ok && l.Status == "current" && ref.Type == TypePatient && !slices.Contains(out, ref.ID) {
			out = append(out, ref.ID)
		}
	}
	return out
}

// CommunicationPayload is one piece of what was said.
type CommunicationPayload struct {
	ContentString string `json:"contentString,omitempty"`
}

// Communication is a note that one person wrote for others.
type Communication struct {
	ResourceType Type                   `json:"resourceType"`
	ID           ID                     `json:"id,omitempty"`
	Meta         *Meta                  `json:"meta,omitempty"`
	Extension    []Extension            `json:"extension,omitempty"`
	Identifier   []Identifier           `json:"identifier,omitempty"`
	Status       string                 `json:"status"`
	Category     []CodeableConcept      `json:"category,omitempty"`
	InResponseTo []Reference            `json:"inResponseTo,omitempty"` // of a handover: the wordings that it replaces
	Subject      *Reference             `json:"subject,omitempty"`
	Topic        *CodeableConcept       `json:"topic,omitempty"`
	Sent         string                 `json:"sent,omitempty"`
	Recipient    []Reference            `json:"recipient,omitempty"`
	Sender       *Reference             `json:"sender,omitempty"`
	Payload      []CommunicationPayload `json:"payload,omitempty"`
}

// Str makes an optional string.
func Str(s string) *string { return &s }

// Int makes an optional integer.
func Int(n int64) *int64 { return &n }

// Bool makes an optional boolean.
func Bool(b bool) *bool { return &b }

// Dec makes an optional decimal out of its digits.
func Dec(s string) *Decimal { d := Decimal(s); return &d }

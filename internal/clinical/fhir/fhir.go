// Package fhir reads HL7 FHIR R4 (4.0.1) resources without ever rewriting them.
//
// A resource is its own JSON bytes (Resource). Typed views (Patient,
// Observation, …) decode only the elements that Wardlight reads; they are for
// reading and for making new resources. A resource that came from elsewhere is
// changed field by field through Object, so that elements and extensions this
// program does not know pass through untouched, and a decimal keeps its digits
// ("1.10" stays "1.10").
//
// Promises: no function here touches disk, network or clock; errors name the
// resource type and never its content. All values are safe to share between
// goroutines as long as nobody writes to them.
package fhir

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"wardlight/internal/fault"
)

// Type is a resource type, such as "Observation".
type Type string

// The resource types that Wardlight handles itself.
const (
	TypePatient            Type = "Patient"
	TypeEncounter          Type = "Encounter"
	TypeObservation        Type = "Observation"
	TypeDiagnosticReport   Type = "DiagnosticReport"
	TypeAllergyIntolerance Type = "AllergyIntolerance"
	TypeTask               Type = "Task"
	TypeServiceRequest     Type = "ServiceRequest"
	TypeSpecimen           Type = "Specimen"
	TypeCommunication      Type = "Communication"
	TypeProvenance         Type = "Provenance"
	TypeAuditEvent         Type = "AuditEvent"
	TypeRelatedPerson      Type = "RelatedPerson"
	TypeFlag               Type = "Flag"
	TypeCondition          Type = "Condition"
	TypePractitioner       Type = "Practitioner"
	TypeAppointment        Type = "Appointment"
	TypeMedicationRequest  Type = "MedicationRequest"

	TypeMedicationStatement Type = "MedicationStatement"
	TypeConsent             Type = "Consent"
	TypeSlot                Type = "Slot"
	TypeList                Type = "List"
	TypeBasic               Type = "Basic"
	TypePlanDefinition      Type = "PlanDefinition"
)

// ID is a logical id: 1 to 64 of A-Z a-z 0-9 - and . (R4 datatype id).
type ID string

// Valid says whether id keeps R4's rule for logical ids.
func (id ID) Valid() bool {
	if len(id) == 0 || len(id) > 64 {
		return false
	}
	for i := 0; i < len(id); i++ {
		c, small := id[i], id[i]|0x20 // 0x20 makes a capital small
		if (small < 'a' || small > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// Ref names one resource.
type Ref struct {
	Type Type `json:"type" cbor:"1,keyasint"`
	ID   ID   `json:"id" cbor:"2,keyasint"`
}

// String is the relative reference, "Patient/p1".
func (r Ref) String() string { return string(r.Type) + "/" + string(r.ID) }

// IsZero says whether r names nothing.
func (r Ref) IsZero() bool { return r == Ref{} }

// ParseRef reads a relative literal reference. A versioned reference
// ("Patient/p1/_history/3") names the same resource.
func ParseRef(s string) (Ref, error) {
	parts := strings.Split(s, "/")
	ok := len(parts) == 2 || len(parts) == 4 && parts[2] == "_history"
	if !ok || parts[0] == "" || !ID(parts[1]).Valid() {
		return Ref{}, fault.New(fault.Invalid, "fhir.parseref", "", "not a relative reference Type/id")
	}
	return Ref{Type(parts[0]), ID(parts[1])}, nil
}

// Resource is one resource as JSON bytes.
type Resource []byte

// Ref reads resourceType and id.
func (r Resource) Ref() (Ref, error) {
	var head struct {
		Type Type `json:"resourceType"`
		ID   ID   `json:"id"`
	}
	if err := json.Unmarshal(r, &head); err != nil {
		return Ref{}, fault.New(fault.Invalid, "fhir.ref", "", "not a JSON object")
	}
	if head.Type == "" || !head.ID.Valid() {
		return Ref{}, fault.New(fault.Invalid, "fhir.ref", string(head.Type), "resourceType or id is missing or malformed")
	}
	return Ref{head.Type, head.ID}, nil
}

// Hash is the SHA-256 of the resource's canonical form, so that two bodies
// that differ only in white space or in the order of members are the same.
// Bytes that are no JSON hash as they stand.
func (r Resource) Hash() [32]byte {
	if stands(r) {
		return sha256.Sum256(r)
	}
	c, err := Canonical(r)
	if err != nil {
		return sha256.Sum256(r)
	}
	return sha256.Sum256(c)
}

// View decodes the elements of T out of r.
func View[T any](r Resource) (T, error) {
	var v T
	if err := json.Unmarshal(r, &v); err != nil {
		return v, fault.Newf(fault.Invalid, "fhir.view", fmt.Sprintf("%T", v), "an element has the wrong shape")
	}
	return v, nil
}

// ViewOf is View of a T that has no other elements than these: of a resource in
// canonical form only they are read, and not what is large and not asked for.
func ViewOf[T any](r Resource, elements ...string) (T, error) {
	part, sure := r.part(elements)
	if !sure {
		return View[T](r)
	}
	return View[T](part)
}

// Make encodes a typed view as a resource, in canonical form.
func Make(v any) (Resource, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "fhir.make", fmt.Sprintf("%T", v), "cannot be written as JSON")
	}
	return canonical(b)
}

// Object is a resource taken apart into its top-level elements, each still
// raw JSON. It is how resources are changed.
type Object map[string]json.RawMessage

// Parse takes r apart. Two members of one name are refused: which of them
// another program would read cannot be known.
func Parse(r Resource) (Object, error) {
	canon, err := Canonical(r)
	if err != nil {
		return nil, err
	}
	if o := split(canon); o != nil {
		return o, nil
	}
	var o Object
	if err := json.Unmarshal(canon, &o); err != nil || o == nil {
		return nil, fault.New(fault.Invalid, "fhir.parse", "", "not a JSON object")
	}
	return o, nil
}

// Resource puts o together again, in canonical form.
func (o Object) Resource() (Resource, error) {
	if o != nil {
		if r := joined(o); r != nil {
			return r, nil
		}
	}
	b, err := json.Marshal(map[string]json.RawMessage(o))
	if err != nil {
		return nil, fault.New(fault.Invalid, "fhir.resource", "", "an element is not JSON")
	}
	return canonical(b)
}

// Clone copies the map; the elements are shared, and never written to.
func (o Object) Clone() Object {
	c := make(Object, len(o))
	for k, v := range o {
		c[k] = v
	}
	return c
}

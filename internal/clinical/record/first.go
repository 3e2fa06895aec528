package record

import "wardlight/internal/clinical/fhir"

// First is what a station's screen needs before everything else of a snapshot.
// It names no more than central lets the station hold anyway: what is outside of
// its scope is passed over. The zero value asks for nobody before the others, and
// still for everybody's newest before what is history.
type First struct {
	// Wards are those whose list is on the screen.
	Wards []Ward `cbor:"1,keyasint,omitempty" json:"wards,omitempty"`
	// Patients are those whose charts are open.
	Patients []fhir.ID `cbor:"2,keyasint,omitempty" json:"patients,omitempty"`
}

// Resume says where a snapshot goes on; without a Snapshot, that one begins.
type Resume struct {
	Snapshot, Next string
	// First orders a snapshot that begins: nil is the order of the protocol's first
	// release, patient by patient. One that goes on keeps the order that it has:
	// Next holds it.
	First *First
}

// Part is what a piece of a snapshot belongs to, in the order in which the parts
// come.
type Part uint8

// The parts of a snapshot that has an order.
const (
	PartUnknown Part = 0 // it has none: patient by patient, each whole
	PartFirst   Part = 1 // what the screen needs, of the patients on it
	PartOthers  Part = 2 // the same of the others
	PartHistory Part = 3 // the rest of everybody
)

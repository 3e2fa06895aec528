package record

import "wardlight/internal/clinical/fhir"

// PatientHead is what central holds about one patient: the head of their
// compartment, and the position of the newest change in it, so that a station
// whose cursor lies between the two knows that it must hold the same.
type PatientHead struct {
	Patient fhir.ID  `cbor:"1,keyasint" json:"patient"`
	Head    Head     `cbor:"2,keyasint" json:"head"`
	Newest  Position `cbor:"3,keyasint" json:"newest"`
}

// Heads are those of some of a station's patients, as they stand at At: either
// of those that the station asked about, or of the next ones after an id, in
// order, up to UpTo. One that is not named is not in the station's scope.
type Heads struct {
	At    Cursor        `cbor:"1,keyasint" json:"at"`
	Asked []fhir.ID     `cbor:"2,keyasint,omitempty" json:"asked,omitempty"`
	After fhir.ID       `cbor:"3,keyasint,omitempty" json:"after,omitempty"`
	UpTo  fhir.ID       `cbor:"4,keyasint,omitempty" json:"upTo,omitempty"`
	End   bool          `cbor:"5,keyasint,omitempty" json:"end,omitempty"` // nobody comes after UpTo
	Heads []PatientHead `cbor:"6,keyasint,omitempty" json:"heads,omitempty"`
}

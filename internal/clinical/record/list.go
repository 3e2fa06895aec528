package record

import "wardlight/internal/clinical/fhir"

// A person's own list of patients: one FHIR List for each person, without a
// patient of its own, kept on the wards on whose computers it was used. The
// stations of those wards hold the patients that it names, wherever they lie.

// Bounds of a person's own list.
const (
	MaxListed    = 64 // patients
	MaxListWards = 8  // wards that keep it
)

// ListOf is the resource that is a person's own list.
func ListOf(user UserID) fhir.Ref { return fhir.Ref{Type: fhir.TypeList, ID: fhir.ID("list-" + user)} }

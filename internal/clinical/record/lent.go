package record

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
)

// One patient's record may be lent to one computer, whose wards have nothing to do
// with it, for an emergency access: one FHIR List for each computer and record, of
// central's own. It names the record while it is lent, and nobody afterwards; so who
// may hold whom is decided by the journal's positions here too, and never by the time
// of day.

const lentPrefix = "lent-"

// LentTo is the resource that says that a record is lent to a computer. Its id
// follows from both, of any length that an id may have.
func LentTo(station StationID, patient fhir.ID) fhir.Ref {
	sum := sha256.Sum256([]byte(string(station) + "\n" + string(patient)))
	return fhir.Ref{Type: fhir.TypeList, ID: fhir.ID(lentPrefix + hex.EncodeToString(sum[:16]))}
}

// IsLent says whether a resource is one of those.
func IsLent(ref fhir.Ref) bool {
	return ref.Type == fhir.TypeList && strings.HasPrefix(string(ref.ID), lentPrefix)
}

// OwnWard is the name that stands among the wards of a change for one computer
// alone. It is nobody's ward: no account and no stay has it.
func OwnWard(station StationID) Ward { return Ward("computer:" + string(station)) }

// Holds are the wards for which a computer may hold somebody: its own, and itself.
func (d Device) Holds() []Ward {
	if d.Station == "" {
		return d.Wards // a reading that several computers share
	}
	return append(slices.Clip(d.Wards), OwnWard(d.Station))
}

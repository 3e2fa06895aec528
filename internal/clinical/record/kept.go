package record

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"wardlight/internal/clinical/fhir"
)

// A patient who left a ward with something still to be done is kept by the
// computers of that ward: one FHIR List for each such record, of central's own,
// without a patient of its own. It names the record while it is kept, and nobody
// afterwards.

const keptPrefix = "kept-"

// KeptOf is the resource that says by which ward a record is kept. Its id follows
// from the record's, of any length that an id may have.
func KeptOf(patient fhir.ID) fhir.Ref {
	sum := sha256.Sum256([]byte(patient))
	return fhir.Ref{Type: fhir.TypeList, ID: fhir.ID(keptPrefix + hex.EncodeToString(sum[:16]))}
}

// IsKept says whether a resource is one of those.
func IsKept(ref fhir.Ref) bool {
	return ref.Type == fhir.TypeList && strings.HasPrefix(string(ref.ID), keptPrefix)
}

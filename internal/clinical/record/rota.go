package record

import (
	"crypto/sha256"
	"encoding/hex"

	"wardlight/internal/clinical/fhir"
)

// RotaOf is the resource that is a ward's rota. A ward's name may hold what an id
// may not, so it stands in the id as a hash.
func RotaOf(ward Ward) fhir.Ref {
	h := sha256.Sum256([]byte(ward))
	return fhir.Ref{Type: fhir.TypeBasic, ID: fhir.ID("rota-" + hex.EncodeToString(h[:12]))}
}

package record

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"wardlight/internal/clinical/fhir"
)

// UseOf is the resource in which central keeps what became of a routine's steps.
func UseOf(routine fhir.ID) fhir.Ref {
	h := sha256.Sum256([]byte(routine))
	return fhir.Ref{Type: fhir.TypeBasic, ID: fhir.ID(usePrefix + hex.EncodeToString(h[:12]))}
}

// UseOfRules is the resource in which central keeps how often each alert rule fired and
// what people did. No routine has this id: theirs are hashes.
func UseOfRules() fhir.Ref { return fhir.Ref{Type: fhir.TypeBasic, ID: usePrefix + "rules"} }

const usePrefix = "use-"

// IsUse says whether a resource is one of those.
func IsUse(ref fhir.Ref) bool {
	return ref.Type == fhir.TypeBasic && strings.HasPrefix(string(ref.ID), usePrefix)
}

// RotaOf is the resource that is a ward's rota. A ward's name may hold what an id
// may not, so it stands in the id as a hash.
func RotaOf(ward Ward) fhir.Ref {
	h := sha256.Sum256([]byte(ward))
	return fhir.Ref{Type: fhir.TypeBasic, ID: fhir.ID("rota-" + hex.EncodeToString(h[:12]))}
}

package record

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"wardlight/internal/clinical/fhir"
)

const limitsPrefix = "limits-"

// LimitsOf is the resource that holds what a site set of one alert rule's limits. A
// rule's name may hold what an id may not, so it stands in the id as a hash.
func LimitsOf(rule string) fhir.Ref {
	h := sha256.Sum256([]byte(rule))
	return fhir.Ref{Type: fhir.TypeBasic, ID: fhir.ID(limitsPrefix + hex.EncodeToString(h[:12]))}
}

// IsLimits says whether a resource is one of those.
func IsLimits(ref fhir.Ref) bool {
	return ref.Type == fhir.TypeBasic && strings.HasPrefix(string(ref.ID), limitsPrefix)
}

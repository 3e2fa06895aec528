package audit

import (
	"encoding/json"

	"wardlight/internal/clinical/fhir"
)

// Both are an event as encoding/json writes it, and in canonical form.
func Both(e Event) (plain, canon []byte, err error) {
	if plain, err = json.Marshal(e.event()); err != nil {
		return nil, nil, err
	}
	canon, err = fhir.Canonical(plain)
	return plain, canon, err
}

package submit

import (
	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
)

// RecordsOf are all records of a person: the given one first, then those that it
// replaced or was replaced by.
func RecordsOf(r journal.Reader, id fhir.ID) ([]fhir.ID, error) { return linked(r, id) }

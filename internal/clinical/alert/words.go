package alert

import (
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// statusWords are the words shown for a result's status. Final has none on a
// screen where it is the usual thing; the word is there for where it is needed.
var statusWords = map[string]string{
	"registered": "in laboratory", "preliminary": "preliminary", "partial": "partial", "final": "final",
	"amended": "amended", "corrected": "corrected", "appended": "comment added",
	"cancelled": "cancelled", "entered-in-error": "withdrawn", "unknown": "status not known",
}

// StatusWord is the word for a status (R4 value sets observation-status and
// diagnostic-report-status).
func StatusWord(status string) string {
	if w, ok := statusWords[status]; ok {
		return w
	}
	return "status not known"
}

// FlagOf is a value's place against its range, by the sender's interpretation
// (HL7 v2 table 0078, v3 ObservationInterpretation) and by the verdict. No flag
// sent is no flag, never "normal". "<" and ">" mean beyond the instrument's
// scale, not low or high; R, S and I belong to susceptibility.
func FlagOf(o fhir.Observation, v Verdict) ward.Flag {
	sent := ward.FlagNone
	for _, code := range interpretations(o.Interpretation) {
		switch code {
		case "HH", "H", "HU":
			sent = ward.FlagHigh
		case "LL", "L", "LU":
			sent = ward.FlagLow
		case "A", "AA", "POS", "DET":
			if sent == ward.FlagNone {
				sent = ward.FlagAbnormal
			}
		}
	}
	switch {
	case v.Critical && (v.Direction == High || v.Direction == None && sent == ward.FlagHigh):
		return ward.FlagCriticalHigh
	case v.Critical && (v.Direction == Low || v.Direction == None && sent == ward.FlagLow):
		return ward.FlagCriticalLow
	case v.Critical:
		return ward.FlagCritical
	case sent == ward.FlagNone && v.Urgent && v.Direction == High:
		return ward.FlagHigh
	case sent == ward.FlagNone && v.Urgent && v.Direction == Low:
		return ward.FlagLow
	}
	return sent
}

// AllergyWords is the sentence of the banner (NHS Common User Interface,
// patient banner). Where the list itself could not be read, nothing is known
// about it, and that is said.
func AllergyWords(available bool, inForce int, noneKnown bool) (ward.AllergyState, string) {
	switch {
	case !available:
		return ward.AllergyUnavailable, "Allergies unavailable"
	case inForce > 0:
		return ward.AllergyKnown, "Known allergies"
	case noneKnown:
		return ward.AllergyNone, "No known allergies"
	}
	return ward.AllergyNotRecorded, "Allergies not recorded"
}

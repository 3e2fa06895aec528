package v2tofhir

import (
	"slices"
	"strings"
)

// A result's status. The map of OBX-11 (HL7 v2 table 0085) to R4
// observation-status follows the HL7 v2-to-FHIR guide where it has a row.

// resultStatus is what one OBX-11 says.
type resultStatus struct {
	code    string // observation-status; "" for O, which makes no Observation
	absent  string // dataAbsentReason
	flag    string
	promote bool // U and V: the value was sent before, and is final now
	gone    bool // D and W: withdrawn
}

var resultStatuses = map[string]resultStatus{
	"F": {code: "final"},
	"P": {code: "preliminary"},
	"C": {code: "corrected"},
	"A": {code: "amended"},
	"B": {code: "amended", flag: FlagCommentAdded},
	"V": {code: "final", flag: FlagVerified, promote: true},
	"U": {code: "final", promote: true},
	"R": {code: "preliminary", flag: FlagNotVerified},
	"S": {code: "preliminary", flag: FlagPartial},
	"I": {code: "registered"},
	// The guide's map has "cannot-be-obtained", which R4's data-absent-reason
	// does not know.
	"X": {code: "cancelled", absent: "not-performed"},
	"N": {code: "cancelled", absent: "not-asked"},
	"D": {code: "entered-in-error", gone: true},
	"W": {code: "entered-in-error", flag: FlagWrong, gone: true},
	"O": {},
}

// reportStatuses maps OBR-25 (HL7 v2 table 0123) to diagnostic-report-status.
// Y and Z, which are answers to queries, make no report.
var reportStatuses = map[string]string{
	"O": "registered", "I": "registered", "S": "registered", "N": "registered",
	"P": "preliminary", "M": "preliminary", "R": "partial", "A": "partial",
	"F": "final", "C": "corrected", "X": "cancelled",
}

// statusFromReport is an observation's status where OBX-11 is empty.
var statusFromReport = map[string]string{
	"registered": "registered", "preliminary": "preliminary", "partial": "preliminary",
	"final": "final", "corrected": "corrected", "cancelled": "cancelled",
}

// tableCode finds a code in a table; lower is true where it stands there in
// upper case only.
func tableCode[T any](table map[string]T, code string) (v T, lower, ok bool) {
	if v, ok = table[code]; ok {
		return v, false, true
	}
	v, ok = table[strings.ToUpper(code)]
	return v, ok, ok
}

// finished says whether nothing more is expected of an observation.
func finished(status string) bool {
	switch status {
	case "registered", "preliminary", "unknown":
		return false
	}
	return true
}

// reportOf is a report's status next to its parts': it never looks more
// finished than they are. sent is "" where OBR-25 is empty.
func reportOf(sent string, parts []string) string {
	pending := 0
	for _, p := range parts {
		if !finished(p) {
			pending++
		}
	}
	switch {
	case sent == "" && len(parts) == 0:
		return "unknown"
	case sent == "" && allAre(parts, "cancelled"):
		return "cancelled"
	case sent == "" && allAre(parts, "entered-in-error"):
		return "entered-in-error"
	case sent == "" && pending == 0:
		return "final"
	case sent == "" && pending < len(parts):
		return "partial"
	case sent == "":
		return "preliminary"
	case pending > 0 && (sent == "final" || sent == "corrected"):
		return "partial"
	}
	return sent
}

func allAre(parts []string, status string) bool {
	return !slices.ContainsFunc(parts, func(p string) bool { return p != status })
}

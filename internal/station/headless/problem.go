package headless

import (
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// problemReq is a problem as somebody writes it down.
type problemReq struct {
	patientReq
	Words     string `json:"words"`
	Certainty string `json:"certainty"` // confirmed, provisional; "" is unconfirmed
	Onset     string `json:"onset"`     // a year, a month or a day
	Note      string `json:"note"`
}

func (r problemReq) command() ward.RecordProblem {
	return ward.RecordProblem{Patient: r.Patient, Words: r.Words, Certainty: r.Certainty, Onset: r.Onset, Note: r.Note}
}

// aboutProblemReq says something of a problem in the version that was seen.
type aboutProblemReq struct {
	patientReq
	Problem fhir.ID `json:"problem"`
	Version uint64  `json:"version"`
	Reason  string  `json:"reason"`
}

// againReq takes back that a problem is over.
type againReq struct {
	patientReq
	Problem fhir.ID `json:"problem"`
}

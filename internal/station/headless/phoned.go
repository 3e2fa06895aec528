package headless

import (
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// phonedReq is a result that a laboratory told on the phone.
type phonedReq struct {
	patientReq
	Test       string    `json:"test"`
	Comparator string    `json:"comparator"`
	Value      string    `json:"value"`
	Unit       string    `json:"unit"`
	Collected  time.Time `json:"collected"`
	Called     time.Time `json:"called"`
	Lab        string    `json:"lab"`
	Caller     string    `json:"caller"`
	ReadBack   bool      `json:"readBack"`
	Why        string    `json:"why"`
}

func (r phonedReq) command() ward.Command {
	return ward.RecordPhoned{
		Patient: r.Patient, Test: r.Test, Comparator: r.Comparator, Value: r.Value, Unit: r.Unit, Collected: r.Collected, Called: r.Called,
		Lab: r.Lab, Caller: r.Caller, ReadBack: r.ReadBack, Why: r.Why,
	}
}

type unphoneReq struct {
	patientReq
	Result fhir.ID `json:"result"`
	Reason string  `json:"reason"`
}

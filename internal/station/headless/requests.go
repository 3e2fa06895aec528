package headless

import (
	"encoding/json"
	"errors"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// The requests that write. Their fields are the fields of ward's commands.

type takeReq struct {
	patientReq
	Result  fhir.ID `json:"result"`
	Version uint64  `json:"version"`
	Kind    string  `json:"kind"`
	Words   string  `json:"words"`
	To      string  `json:"to"`
}

func (r takeReq) command() ward.Command {
	return ward.Take{Patient: r.Patient, Result: r.Result, Version: r.Version, Kind: r.Kind, Words: r.Words, To: r.To}
}

type withdrawReq struct {
	patientReq
	Task   fhir.ID `json:"task"`
	Reason string  `json:"reason"`
}

type shownReq struct {
	head
	Results []struct {
		Patient fhir.ID `json:"patient"`
		Result  fhir.ID `json:"result"`
		Version uint64  `json:"version"`
	} `json:"results"`
}

func (r shownReq) command() ward.Command {
	var c ward.MarkShown
	for _, x := range r.Results {
		c.Results = append(c.Results, ward.ShownResult{Patient: x.Patient, Result: x.Result, Version: x.Version})
	}
	return c
}

type vitalsReq struct {
	patientReq
	Set struct {
		At            time.Time `json:"at"`
		Respirations  string    `json:"respirations"`
		SpO2          string    `json:"spo2"`
		Oxygen        *bool     `json:"oxygen"`
		Systolic      string    `json:"systolic"`
		Diastolic     string    `json:"diastolic"`
		Pulse         string    `json:"pulse"`
		Consciousness string    `json:"consciousness"`
		Temperature   string    `json:"temperature"`
		Pain          string    `json:"pain"`
		Urine         string    `json:"urine"`
	} `json:"set"`
	Confirmed bool `json:"confirmed"`
}

func (r vitalsReq) command() ward.Command {
	s := r.Set
	return ward.RecordVitals{Patient: r.Patient, Confirmed: r.Confirmed, Set: ward.VitalSet{
		At: s.At, Respirations: s.Respirations, SpO2: s.SpO2, Oxygen: s.Oxygen, Systolic: s.Systolic, Diastolic: s.Diastolic,
		Pulse: s.Pulse, Consciousness: s.Consciousness, Temperature: s.Temperature, Pain: s.Pain, Urine: s.Urine,
	}}
}

type allergyReq struct {
	patientReq
	Substance string `json:"substance"`
	Reaction  string `json:"reaction"`
	Severity  string `json:"severity"`
	Certainty string `json:"certainty"`
	Note      string `json:"note"`
}

func (r allergyReq) command() ward.Command {
	return ward.AddAllergy{Patient: r.Patient, Substance: r.Substance, Reaction: r.Reaction, Severity: r.Severity, Certainty: r.Certainty, Note: r.Note}
}

type refuteReq struct {
	patientReq
	Allergy fhir.ID `json:"allergy"`
	Version uint64  `json:"version"`
	Reason  string  `json:"reason"`
}

func (r refuteReq) command() ward.Command {
	return ward.RefuteAllergy{Patient: r.Patient, Allergy: r.Allergy, Version: r.Version, Reason: r.Reason}
}

type noteReq struct {
	patientReq
	Text      string    `json:"text"`
	Edit      fhir.ID   `json:"edit"`
	True      time.Time `json:"true"`
	Confirmed bool      `json:"confirmed"`
}

type draftReq struct {
	patientReq
	Kind string `json:"kind"`
	Body string `json:"body"`
}

type orderReq struct {
	patientReq
	Test   string `json:"test"`
	Code   string `json:"code"`
	Dose   string `json:"dose"` // of a medicine; then test is its name
	Reason string `json:"reason"`
}

func (r orderReq) command() ward.Command {
	if r.Dose != "" {
		return ward.SignOrders{Patient: r.Patient, Items: []ward.OrderItem{{Kind: ward.OrderMedicine, Name: r.Test, Dose: r.Dose, Reason: r.Reason}}}
	}
	return ward.PlaceOrder{Patient: r.Patient, Test: r.Test, Code: r.Code, Reason: r.Reason}
}

type taskReq struct {
	patientReq
	Words    string    `json:"words"`
	Owner    string    `json:"owner"`
	Role     string    `json:"role"`
	Priority string    `json:"priority"`
	Due      time.Time `json:"due"`
}

func (r taskReq) command() ward.Command {
	return ward.AddTask{Patient: r.Patient, Words: r.Words, Owner: r.Owner, Role: r.Role, Priority: r.Priority, Due: r.Due}
}

type finishReq struct {
	patientReq
	Task      fhir.ID `json:"task"`
	Cancelled bool    `json:"cancelled"`
	Reason    string  `json:"reason"`
}

func (r finishReq) command() ward.Command {
	return ward.FinishTask{Patient: r.Patient, Task: r.Task, Cancelled: r.Cancelled, Reason: r.Reason}
}

type acknowledgeReq struct {
	patientReq
	Results []struct {
		Result  fhir.ID `json:"result"`
		Version uint64  `json:"version"`
	} `json:"results"`
}

func (r acknowledgeReq) command() ward.Command {
	c := ward.Acknowledge{Patient: r.Patient}
	for _, x := range r.Results {
		c.Results = append(c.Results, ward.ShownResult{Patient: r.Patient, Result: x.Result, Version: x.Version})
	}
	return c
}

type askReq struct {
	head
	Review fhir.ID `json:"review"`
	To     string  `json:"to"`
	Words  string  `json:"words"`
}

type keepReq struct {
	patientReq
	Keep bool `json:"keep"`
}

type decideReq struct {
	head
	Review  fhir.ID `json:"review"`
	Version uint64  `json:"version"`
	Side    string  `json:"side"`
	Reason  string  `json:"reason"`
}

func (r decideReq) command() ward.Command {
	return ward.Decide{Review: r.Review, Version: r.Version, Side: r.Side, Reason: r.Reason}
}

func asTypeError(err error, to **json.UnmarshalTypeError) bool { return errors.As(err, to) }

package headless

import (
	"context"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// handover is the sheets of the ward, and the givings that nobody has accepted.
func handover(ctx context.Context, s *server, text []byte) (any, error) {
	if _, err := parse[head](text); err != nil {
		return nil, err
	}
	d, err := s.settled(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.OpenList(ctx, "handover", ""); err != nil {
		return nil, err
	}
	h, err := d.Handover(ctx)
	if err != nil {
		return nil, err
	}
	waiting, err := d.HandoversWaiting(ctx)
	return struct {
		ward.Handover
		Waiting []ward.Waiting `json:"waiting"`
	}{h, waiting}, err
}

// call is what a call about one patient begins with: a look at their record.
func call(ctx context.Context, s *server, text []byte) (any, error) {
	r, err := parse[patientReq](text)
	if err != nil {
		return nil, err
	}
	d, err := s.settled(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.Open(ctx, r.Patient); err != nil {
		return nil, err
	}
	c, err := d.Call(ctx, r.Patient)
	return struct {
		Call ward.Call `json:"call"`
	}{c}, err
}

type wordingReq struct {
	patientReq
	Part     string    `json:"part"`
	Text     string    `json:"text"`
	Replaces []fhir.ID `json:"replaces"`
}

func (r wordingReq) command() ward.Command {
	return ward.WriteHandover{Patient: r.Patient, Part: r.Part, Text: r.Text, Replaces: r.Replaces}
}

type giveReq struct {
	head
	Patients []ward.PatientID `json:"patients"`
	To       string           `json:"to"`
}

type givenReq struct {
	patientReq
	Given     fhir.ID `json:"given"`
	Synthesis string  `json:"synthesis"`
	Reason    string  `json:"reason"`
}

type callReq struct {
	patientReq
	Called         string `json:"called"`
	Situation      string `json:"situation"`
	Background     string `json:"background"`
	Assessment     string `json:"assessment"`
	Recommendation string `json:"recommendation"`
	ReadBack       string `json:"readBack"`
}

func (r callReq) command() ward.Command {
	return ward.RecordCall{
		Patient: r.Patient, Called: r.Called, Situation: r.Situation, Background: r.Background, Assessment: r.Assessment,
		Recommendation: r.Recommendation, ReadBack: r.ReadBack,
	}
}

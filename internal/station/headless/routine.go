package headless

import (
	"context"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// routineReq is a routine's next version, against the one that was seen.
type routineReq struct {
	head
	Routine fhir.ID `json:"routine"`
	Version uint64  `json:"version"`
	Name    string  `json:"name"`
	Kind    string  `json:"kind"`
	Ward    string  `json:"ward"`
	Within  int     `json:"within"`
	Off     bool    `json:"off"`
	Starter string  `json:"starter"`
	Steps   []struct {
		ID    string `json:"id"`
		Words string `json:"words"`
		Page  string `json:"page"`
		Off   bool   `json:"off"`
	} `json:"steps"`
}

func (r routineReq) command() ward.SaveRoutine {
	c := ward.SaveRoutine{Routine: r.Routine, Version: r.Version, Name: r.Name, Kind: r.Kind, Ward: r.Ward, Within: r.Within, Off: r.Off, Starter: r.Starter}
	for _, s := range r.Steps {
		c.Steps = append(c.Steps, ward.RoutineStep{ID: s.ID, Words: s.Words, Page: s.Page, Off: s.Off})
	}
	return c
}

// startRoutineReq begins a routine for a patient.
type startRoutineReq struct {
	patientReq
	Routine fhir.ID `json:"routine"`
}

// stepReq is one step of a run.
type stepReq struct {
	patientReq
	Run    fhir.ID `json:"run"`
	Step   string  `json:"step"`
	Not    bool    `json:"not"`
	Reason string  `json:"reason"`
}

// endRoutineReq ends a run.
type endRoutineReq struct {
	patientReq
	Run     fhir.ID `json:"run"`
	Mistake bool    `json:"mistake"`
	Reason  string  `json:"reason"`
}

// routines are the ward's and the whole site's. They are about no patient, so it is no
// look.
func routines(ctx context.Context, s *server, text []byte) (any, error) {
	if _, err := parse[head](text); err != nil {
		return nil, err
	}
	d, err := s.settled(ctx)
	if err != nil {
		return nil, err
	}
	r, err := d.Routines(ctx)
	return struct {
		Routines ward.Routines `json:"routines"`
	}{r}, err
}

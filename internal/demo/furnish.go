package demo

import (
	"context"
	"strings"
	"time"

	"wardlight/assets"
	"wardlight/internal/clinical/routine"
	"wardlight/internal/fault"
)

// rotaOfTheTour holds at every hour, so that a tour is made at any.
const rotaOfTheTour = `rota 1
zone Europe/London

person Mary Okafor; phone 5510
person Dr Sunil Patel; phone 5512; pager 4412
person Dr Ines Amara; phone 5513; pager 4413
shift charge nurse; Mary Okafor; daily 08:00-20:00
shift charge nurse; Mary Okafor; daily 20:00-08:00
shift registrar; Dr Sunil Patel; daily 08:00-20:00
shift registrar; Dr Sunil Patel; daily 20:00-08:00
shift consultant; Dr Ines Amara; Mon-Fri 08:00-20:00
`

// furnish is a shift's work by three people, so that no page of the tour is empty for
// want of it. The ledger is settled by then.
func (h *hospital) furnish(ctx context.Context) error {
	seven, err := h.bed(ctx, h.ward, "07")
	if err != nil {
		return err
	}
	eleven, err := h.bed(ctx, h.ward, "11")
	if err != nil {
		return err
	}
	came, err := Load(assets.DemoTour(), time.Now())
	if err != nil {
		return err
	}
	if err := h.send(ctx, came); err != nil {
		return err
	}
	run, err := h.beginAdmission(ctx, seven.Who.ID)
	if err != nil {
		return err
	}
	soon := time.Now().Add(2 * time.Hour).Truncate(time.Hour).UTC()
	for _, e := range []struct {
		who     int
		cmd     string
		patient string
		args    map[string]any
	}{
		{doctor, "record_problem", seven.Who.ID, map[string]any{"words": "Acute kidney injury", "certainty": "confirmed", "onset": soon.Format(time.DateOnly), "note": "creatinine 224, 227, 268"}},
		{doctor, "record_problem", seven.Who.ID, map[string]any{"words": "Hypertension", "certainty": "confirmed", "onset": "2011"}},
		{doctor, "order", seven.Who.ID, map[string]any{"test": "Lactate"}},
		{doctor, "order", seven.Who.ID, map[string]any{"test": "Paracetamol", "dose": "1 g by mouth, up to four times a day"}},
		{doctor, "order", seven.Who.ID, map[string]any{"test": "Salbutamol", "dose": "10 mg by nebuliser, once"}},
		{doctor, "order", eleven.Who.ID, map[string]any{"test": "Blood culture"}},
		{doctor, "write_handover", seven.Who.ID, map[string]any{"part": "severity", "text": "unstable"}},
		{doctor, "write_handover", seven.Who.ID, map[string]any{"part": "summary", "text": "AKI, potassium 6.8. Ramipril and spironolactone stopped."}},
		{doctor, "write_handover", seven.Who.ID, map[string]any{"part": "contingency", "text": "If potassium is 6.0 or more, then call renal and repeat calcium."}},
		{nurse, "task", seven.Who.ID, map[string]any{"words": "Repeat potassium and ECG", "due": soon, "priority": "urgent", "role": "doctor"}},
		{nurse, "task", seven.Who.ID, map[string]any{"words": "Urine output, hourly", "due": soon.Add(time.Hour), "role": "nurse"}},
		{nurse, "task", eleven.Who.ID, map[string]any{"words": "Chest X-ray form signed", "due": soon.Add(3 * time.Hour), "role": "doctor"}},
		{nurse, "mark_step", seven.Who.ID, map[string]any{"run": run, "step": "v1-1"}},
		{nurse, "mark_step", seven.Who.ID, map[string]any{"run": run, "step": "v1-3"}},
		{nurse, "mark_step", seven.Who.ID, map[string]any{"run": run, "step": "v1-4", "not": true, "reason": "none came before the ward"}},
	} {
		if err := h.sit(ctx, e.who); err != nil {
			return err
		}
		if _, err := h.write(ctx, e.cmd, e.patient, e.args); err != nil {
			return err
		}
	}
	return h.allSent(ctx, h.ward)
}

// beginAdmission: the charge nurse makes a checklist the ward's own and writes its rota,
// and the nurse begins the checklist for a patient. It answers which run that is.
func (h *hospital) beginAdmission(ctx context.Context, patient string) (run string, err error) {
	if err := h.sit(ctx, charge); err != nil {
		return "", err
	}
	if _, err := h.write(ctx, "edit_rota", "", map[string]any{"ward": "4B", "version": 0, "text": rotaOfTheTour}); err != nil {
		return "", err
	}
	first := routine.Starters()[0]
	var steps []map[string]any
	for _, s := range first.Steps {
		steps = append(steps, map[string]any{"words": s.Words, "page": string(s.Page)})
	}
	own, err := h.write(ctx, "save_routine", "", map[string]any{
		"ward": "4B", "kind": string(first.Kind), "name": first.Name, "within": int(first.Within.Minutes()), "starter": first.Starter, "steps": steps,
	})
	if err != nil {
		return "", err
	}
	if err := firstOf(h.allSent(ctx, h.ward), h.sit(ctx, nurse)); err != nil {
		return "", err
	}
	return h.write(ctx, "start_routine", patient, map[string]any{"routine": own})
}

// write makes an entry at the ward's window that no ledger counts, and answers what was
// made by it.
func (h *hospital) write(ctx context.Context, cmd, patient string, args map[string]any) (string, error) {
	if patient != "" {
		args["patient"] = patient
	}
	var done struct {
		Made []string `json:"made"`
		Ask  []string `json:"ask"`
	}
	if err := h.ward.Call(ctx, cmd, args, &done); err != nil {
		return "", err
	}
	if len(done.Ask) > 0 {
		return "", fault.Newf(fault.Invalid, "demo.write", cmd, "it was asked about: %s", strings.Join(done.Ask, "; "))
	}
	return strings.Join(done.Made, " "), nil
}

package routine

import (
	"errors"
	"strconv"
	"time"

	"wardlight/internal/clinical/fhir"
)

// ErrShape is that a resource is no routine that this program can read.
var ErrShape = errors.New("this is no routine")

// Resource is the definition as it stands in the record. date is when it was
// written, a FHIR dateTime.
func (r Routine) Resource(date string) fhir.PlanDefinition {
	p := fhir.PlanDefinition{
		ResourceType: fhir.TypePlanDefinition, ID: r.ID, Version: strconv.Itoa(r.Number), Title: r.Name, Status: "active", Date: date,
		Type:  &fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemPlanType, Code: "workflow-definition"}}},
		Topic: []fhir.CodeableConcept{{Coding: []fhir.Coding{{System: fhir.SystemRoutine, Code: string(r.Kind)}}}},
	}
	if r.Off {
		p.Status = "retired"
	}
	if r.Ward != "" {
		p.Extension = append(p.Extension, fhir.Extension{URL: fhir.ExtWard, ValueString: fhir.Str(r.Ward)})
	}
	if r.Within > 0 {
		p.Extension = append(p.Extension, fhir.Extension{URL: fhir.ExtWithin, ValueInteger: fhir.Int(int64(r.Within / time.Minute))})
	}
	if r.Starter != "" {
		p.Extension = append(p.Extension, fhir.Extension{URL: fhir.ExtStarter, ValueString: fhir.Str(r.Starter)})
	}
	for _, s := range r.Steps {
		a := fhir.PlanAction{ID: s.ID, Title: s.Words}
		if s.Page != NoPage {
			a.Extension = append(a.Extension, fhir.Extension{URL: fhir.ExtPage, ValueCode: fhir.Str(string(s.Page))})
		}
		if s.Off {
			a.Extension = append(a.Extension, fhir.Extension{URL: fhir.ExtOff, ValueBoolean: fhir.Bool(true)})
		}
		p.Action = append(p.Action, a)
	}
	return p
}

// Of reads a definition. The error is ErrShape where the resource is something
// else, or says what is wrong with it.
func Of(p fhir.PlanDefinition) (Routine, error) {
	r := Routine{
		ID: p.ID, Name: p.Title, Off: p.Status == "retired",
		Ward: fhir.ExtString(p.Extension, fhir.ExtWard), Starter: fhir.ExtString(p.Extension, fhir.ExtStarter),
	}
	if p.ResourceType != fhir.TypePlanDefinition || p.Status != "active" && p.Status != "retired" {
		return Routine{}, ErrShape
	}
	for _, t := range p.Topic {
		if k := t.Code(fhir.SystemRoutine); k != "" {
			r.Kind = Kind(k)
		}
	}
	n, err := strconv.Atoi(p.Version)
	if err != nil || len(p.Action) > MaxSteps {
		return Routine{}, ErrShape
	}
	r.Number = n
	if w, ok := fhir.ExtensionOf(p.Extension, fhir.ExtWithin); ok && w.ValueInteger != nil {
		if *w.ValueInteger < 0 || *w.ValueInteger > int64(MaxWithin/time.Minute) {
			return Routine{}, ErrShape
		}
		r.Within = time.Duration(*w.ValueInteger) * time.Minute
	}
	for _, a := range p.Action {
		s := Step{ID: a.ID, Words: a.Title}
		if e, ok := fhir.ExtensionOf(a.Extension, fhir.ExtPage); ok && e.ValueCode != nil {
			s.Page = Page(*e.ValueCode)
		}
		if e, ok := fhir.ExtensionOf(a.Extension, fhir.ExtOff); ok && e.ValueBoolean != nil {
			s.Off = *e.ValueBoolean
		}
		r.Steps = append(r.Steps, s)
	}
	return r, r.Check()
}

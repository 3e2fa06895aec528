package submit

import (
	"slices"
	"strconv"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// A warning about what is held back says in elements, beside its words, what a
// screen needs in order to show it like any critical result: the values, why they
// are not filed, and whose they may be. Its values are contained in it, so that
// they are a part of the warning and of nobody's record.

// maxQuoted bounds the values that one warning quotes; its words name all.
const maxQuoted = 8

// quote gives a warning its elements. One that goes to every ward names nobody.
func (w *work) quote(t *fhir.Task, fl *filing, h heldBack) error {
	t.Contained = quoted(append(h.criticals[:len(h.criticals):len(h.criticals)], h.asWords...))
	t.Input = append(t.Input, param(fhir.ParamWhy, h.why), param(fhir.ParamPhone, h.owner), param(fhir.ParamSender, fl.row.Sender))
	if h.everybody {
		return nil
	}
	if g := fl.groupOf(h); g != nil {
		if who := saidToBe(g.Subject); who != "" {
			t.Input = append(t.Input, param(fhir.ParamSaid, who))
		}
	}
	people, err := w.whose(fl, h)
	for _, p := range people {
		to := fhir.To(fhir.Ref{Type: fhir.TypePatient, ID: p})
		t.Input = append(t.Input, fhir.TaskParameter{Type: fhir.Param(fhir.ParamPerhaps), ValueReference: &to})
	}
	return err
}

// whose are the patients whose a part that is held back may be, each once.
func (w *work) whose(fl *filing, h heldBack) ([]fhir.ID, error) {
	people := h.people
	if h.partial {
		people = fl.patients
		if h.group >= 0 {
			v, err := w.identify(fl.f.Groups[h.group].Subject)
			if err != nil {
				return nil, err
			}
			if v.patient != "" {
				people = []fhir.ID{v.patient}
			}
		}
	}
	return each(people), nil
}

func each(list []fhir.ID) (once []fhir.ID) {
	for _, id := range list {
		if !slices.Contains(once, id) {
			once = append(once, id)
		}
	}
	return once
}

// quoted are values as the message has them: what the rules and a screen read of
// a result, and nothing that names somebody.
func quoted(list []grave) []fhir.Observation {
	var out []fhir.Observation
	for i, g := range list[:min(len(list), maxQuoted)] {
		o := g.value
		q := fhir.Observation{
			ResourceType: fhir.TypeObservation, ID: fhir.ID("v" + strconv.Itoa(i+1)), Status: o.Status, Code: o.Code, EffectiveDateTime: o.EffectiveDateTime,
			ValueQuantity: o.ValueQuantity, ValueCodeableConcept: o.ValueCodeableConcept, ValueString: o.ValueString, ValueRange: o.ValueRange,
			ValueRatio: o.ValueRatio, DataAbsentReason: o.DataAbsentReason, Interpretation: o.Interpretation, ReferenceRange: o.ReferenceRange,
		}
		if o.Meta != nil { // the unit's spelling is the sender's
			q.Meta = &fhir.Meta{Source: o.Meta.Source}
		}
		if unit, ok := fhir.ExtensionOf(o.Extension, fhir.ExtSentUnit); ok {
			q.Extension = []fhir.Extension{unit}
		}
		code := fhir.GraveCritical
		if g.maybe {
			code = fhir.GraveMayBe
		}
		q.Extension = append(q.Extension, fhir.Extension{URL: fhir.ExtGrave, ValueCode: &code}, fhir.Extension{URL: fhir.ExtWhy, ValueString: fhir.Str(strings.Join(g.why, ", "))})
		out = append(out, q)
	}
	return out
}

func param(name, says string) fhir.TaskParameter {
	return fhir.TaskParameter{Type: fhir.Param(name), ValueString: fhir.Str(says)}
}

// maxNamed bounds the names and the numbers that a warning gives of a patient.
const maxNamed = 16

// namedIn are a patient's names, birth date and numbers as their own record has
// them, so that a screen which holds nothing else of them shows them as it shows
// everybody: it chooses among names and numbers by its own rules.
func namedIn(p *fhir.Patient) (out []fhir.TaskParameter) {
	if p == nil {
		return nil
	}
	for i := range p.Name[:min(len(p.Name), maxNamed)] {
		out = append(out, fhir.TaskParameter{Type: fhir.Param(fhir.ParamName), ValueHumanName: &p.Name[i]})
	}
	if p.BirthDate != "" {
		out = append(out, fhir.TaskParameter{Type: fhir.Param(fhir.ParamBorn), ValueDate: p.BirthDate})
	}
	for i := range p.Identifier[:min(len(p.Identifier), maxNamed)] {
		out = append(out, fhir.TaskParameter{Type: fhir.Param(fhir.ParamNumber), ValueIdentifier: &p.Identifier[i]})
	}
	return out
}

// calledIn is how a patient's own record calls them.
func calledIn(p *fhir.Patient) string {
	if p == nil || len(p.Name) == 0 {
		return ""
	}
	n := p.Name[0]
	if n.Family == "" && len(n.Given) == 0 {
		return strings.TrimSpace(n.Text)
	}
	return saidToBe(record.Subject{Family: n.Family, Given: n.Given, BirthDate: p.BirthDate})
}

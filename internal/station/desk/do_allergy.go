package desk

import (
	"encoding/json"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/naming"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
)

// reasonAllergyFound is why "no known allergies" ends by itself.
const reasonAllergyFound = "an allergy was recorded"

// addAllergy records an allergy. "No known allergies" cannot stand beside it,
// so it ends in the same commit.
func (n *pen) addAllergy(c ward.AddAllergy) error {
	if err := n.checkAllergy(&c); err != nil {
		return err
	}
	for i := range n.c.allergies {
		a := &n.c.allergies[i]
		if inForce(a.View) && !noneKnown(a.View) && a.View.Code != nil && naming.Fold(a.View.Code.Words()) == naming.Fold(c.Substance) && a.Unsent && sameAllergy(a.View, c) {
			n.made = append(n.made, a.id()) // pressed twice: one allergy
			return nil
		}
	}
	if _, err := n.create(fhir.TypeAllergyIntolerance, "", "", func(id fhir.ID) any { return n.newAllergy(id, c) }); err != nil {
		return err
	}
	for i := range n.c.allergies {
		a := &n.c.allergies[i]
		if !noneKnown(a.View) || !inForce(a.View) {
			continue
		}
		err := n.change(a.Change, a.Unsent, reasonAllergyFound, rbac.Change, func(o fhir.Object) error {
			return set(o, "clinicalStatus", concept(fhir.SystemAllergyClinical, allergyInactive, ""))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func sameAllergy(v fhir.AllergyIntolerance, c ward.AddAllergy) bool {
	said, worst := reaction(v.Reaction)
	return said == c.Reaction && worst == c.Severity && verification(v) == c.Certainty && len(v.Note) == 0 == (c.Note == "")
}

func (n *pen) checkAllergy(c *ward.AddAllergy) error {
	c.Substance, c.Reaction, c.Note = strings.TrimSpace(c.Substance), strings.TrimSpace(c.Reaction), strings.TrimSpace(c.Note)
	if c.Certainty == "" {
		c.Certainty = allergyUnconfirmed
	}
	switch {
	case c.Substance == "":
		return n.refuse(fault.Invalid, words.Errorf("Say what the patient is allergic to. Nothing was saved."))
	case c.Severity != "" && severityRank(c.Severity) == 0:
		return n.refuse(fault.Invalid, words.Errorf("Severity is mild, moderate or severe. Nothing was saved."))
	case c.Certainty != allergyConfirmed && c.Certainty != allergyUnconfirmed:
		return n.refuse(fault.Invalid, words.Errorf("An allergy is confirmed or unconfirmed. Nothing was saved."))
	}
	return n.bounded(c.Substance, c.Reaction, c.Note)
}

func (n *pen) newAllergy(id fhir.ID, c ward.AddAllergy) fhir.AllergyIntolerance {
	a := n.statementOfAllergy(id, fhir.CodeableConcept{Text: c.Substance}, c.Certainty)
	if c.Severity == "severe" {
		a.Criticality = "high"
	}
	if c.Reaction != "" || c.Severity != "" {
		r := fhir.AllergyReaction{Severity: c.Severity}
		// R4 wants a manifestation in every reaction.
		text := c.Reaction
		if text == "" {
			text = "not described"
		}
		r.Manifestation = []fhir.CodeableConcept{{Text: text}}
		a.Reaction = []fhir.AllergyReaction{r}
	}
	if c.Note != "" {
		a.Note = []fhir.Annotation{{AuthorString: n.who.Name, Time: n.now(), Text: c.Note}}
	}
	return a
}

func (n *pen) statementOfAllergy(id fhir.ID, what fhir.CodeableConcept, certainty string) fhir.AllergyIntolerance {
	active, ver := concept(fhir.SystemAllergyClinical, allergyActive, ""), concept(fhir.SystemAllergyVerified, certainty, "")
	return fhir.AllergyIntolerance{
		ResourceType: fhir.TypeAllergyIntolerance, ID: id, ClinicalStatus: &active, VerificationStatus: &ver, Code: &what,
		Patient: *n.subject(), RecordedDate: n.now(), Recorder: n.writer(),
	}
}

// refuteAllergy says that a recorded allergy is none. The entry stays, struck
// out, with who said so and why.
func (n *pen) refuteAllergy(c ward.RefuteAllergy) error {
	if strings.TrimSpace(c.Reason) == "" {
		return n.refuse(fault.Invalid, words.Errorf("Say why this is not an allergy. Nothing was saved."))
	}
	if err := n.bounded(c.Reason); err != nil {
		return err
	}
	for i := range n.c.allergies {
		a := &n.c.allergies[i]
		if a.id() != c.Allergy {
			continue
		}
		switch {
		case a.version() != c.Version:
			return n.refuse(fault.Conflict, words.Errorf("This allergy was changed while you looked. Nothing was saved. Look again."))
		case !inForce(a.View):
			return n.refuse(fault.Conflict, words.Errorf("This entry is not in force any more. Nothing was saved. Look again."))
		}
		n.made = append(n.made, a.id())
		return n.change(a.Change, a.Unsent, c.Reason, rbac.Change, func(o fhir.Object) error {
			return set(o, "verificationStatus", concept(fhir.SystemAllergyVerified, allergyRefuted, ""))
		})
	}
	return n.refuse(fault.NotFound, words.Errorf("This allergy is not on this computer. Nothing was saved. Look again."))
}

// noKnownAllergies records that the patient was asked. It never stands against
// an allergy that its author can see.
func (n *pen) noKnownAllergies() error {
	for i := range n.c.allergies {
		a := &n.c.allergies[i]
		if !inForce(a.View) {
			continue
		}
		if noneKnown(a.View) {
			n.made = append(n.made, a.id()) // said already
			return nil
		}
		return n.refuse(fault.Conflict, words.Errorf("%s is recorded as an allergy. If it is none, refute it first and say why. Nothing was saved.", a.View.Code.Words()))
	}
	what := fhir.CodeableConcept{
		Coding: []fhir.Coding{{System: fhir.SystemSNOMED, Code: fhir.CodeNoKnownAllergies, Display: "No known allergy"}},
		Text:   "No known allergies",
	}
	_, err := n.create(fhir.TypeAllergyIntolerance, "", "", func(id fhir.ID) any {
		return n.statementOfAllergy(id, what, allergyConfirmed)
	})
	return err
}

func concept(system, code, text string) fhir.CodeableConcept {
	return fhir.CodeableConcept{Coding: []fhir.Coding{{System: system, Code: code}}, Text: text}
}

// set writes one element of a resource.
func set(o fhir.Object, field string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fault.New(fault.Invalid, "desk.set", field, "cannot be written as JSON")
	}
	canon, err := fhir.Canonical(b)
	if err != nil {
		return err
	}
	o[field] = canon
	return nil
}

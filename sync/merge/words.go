package merge

import (
	"encoding/json"
	"strings"

	"wardlight/internal/clinical/fhir"
	bedside "wardlight/internal/clinical/ward"
)

// questions in words, by type and element. They name no person: the screen
// shows the patient's banner above.
var fieldQuestions = map[fhir.Type]map[string]string{
	fhir.TypePatient: {
		"name": "Which name is right?", "birthDate": "Which date of birth is right?",
		"gender": "Which sex is right?", "identifier": "Which number is right?",
		"address": "Which address is right?", "telecom": "Which phone number is right?",
	},
	fhir.TypeEncounter: {movementField: "Where is the patient?"},
	fhir.TypeAllergyIntolerance: {
		"verificationStatus": "Is the patient allergic to this?", "clinicalStatus": "Does the patient still have this allergy?",
		"code": "What is the patient allergic to?", "reaction": "What happened?",
	},
	fhir.TypeCondition: {
		"verificationStatus": "Does the patient have this?", "clinicalStatus": "Does the patient still have this?", "code": "What is it?",
	},
	fhir.TypeFlag:              {"status": "Does this warning still hold?"},
	fhir.TypeMedicationRequest: {"dosageInstruction": "Which dose is right?"},
}

func fieldWords(t fhir.Type, field string) string {
	if words, ok := fieldQuestions[t][field]; ok {
		return words
	}
	if field == "status" {
		return "Does this entry still stand?"
	}
	return "Two people changed the same thing differently. Which is right?"
}

// valueWords is a value in a line for a person.
func valueWords(t fhir.Type, p path, raw string) string {
	switch {
	case raw == "":
		return "Removed"
	case p.field == movementField:
		return movementWords(raw)
	}
	var s string
	if json.Unmarshal([]byte(raw), &s) == nil {
		return s
	}
	if t == fhir.TypePatient && p.field == "name" {
		var n fhir.HumanName
		if json.Unmarshal([]byte(raw), &n) == nil && n.Family != "" {
			return strings.TrimSuffix(strings.ToUpper(n.Family)+", "+strings.Join(n.Given, " "), ", ")
		}
	}
	if t == fhir.TypePatient && p.field == "identifier" {
		var id fhir.Identifier
		if json.Unmarshal([]byte(raw), &id) == nil && id.Value != "" {
			return id.Value
		}
	}
	var c fhir.CodeableConcept
	if json.Unmarshal([]byte(raw), &c) == nil && c.Words() != "" {
		return c.Words()
	}
	return raw
}

func movementWords(raw string) string {
	m := movementParts(raw)
	text := func(key string) string {
		var e fhir.Extension
		if json.Unmarshal(m.Ext[key], &e) != nil || e.ValueString == nil {
			return ""
		}
		return *e.ValueString
	}
	var words []string
	if w := text(fhir.ExtWard); w != "" {
		words = append(words, "Ward "+w)
	}
	if b := bedWords(m.Fields["location"], text(fhir.ExtBed)); b != "" {
		words = append(words, b)
	}
	if status := word(string(m.Fields["status"]), ""); status != "" && status != "in-progress" {
		words = append(words, status)
	}
	if len(words) == 0 {
		return "Not known"
	}
	return strings.Join(words, ", ")
}

// bedWords are a bed as the board calls it: with its room, for rooms number their
// beds from one each.
func bedWords(places json.RawMessage, bed string) string {
	var list []fhir.EncounterLocation
	_ = json.Unmarshal(places, &list) // what cannot be read names no room
	room := fhir.RoomOf(list)
	switch {
	case bed != "":
		return "bed " + bedside.BedLabel(room, bed)
	case room != "":
		return "room " + room
	}
	return ""
}

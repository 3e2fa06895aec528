package fhir

// What a Condition is made of beside its view: code systems, and what DG1 says of a
// diagnosis that R4 keeps on the Encounter. It stands on the Condition here, because a
// stay's fields are merged as one movement.
const (
	SystemConditionClinical    = "http://terminology.hl7.org/CodeSystem/condition-clinical"
	SystemConditionVerified    = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
	SystemConditionCategory    = "http://terminology.hl7.org/CodeSystem/condition-category"
	CategoryEncounterDiagnosis = "encounter-diagnosis"
	CategoryProblem            = "problem-list-item"

	ExtDiagnosisUse  = "urn:wardlight:diagnosis-use"  // codes of HL7 table 0052, as "A F" (valueString)
	ExtDiagnosisRank = "urn:wardlight:diagnosis-rank" // 1 is the first (valueInteger)
)

// ExtInteger is the number of the first extension with this url, or 0.
func ExtInteger(list []Extension, url string) int64 {
	if e, ok := ExtensionOf(list, url); ok && e.ValueInteger != nil {
		return *e.ValueInteger
	}
	return 0
}

// Condition is a problem, or a diagnosis of a stay (ExtDiagnosisUse,
// ExtDiagnosisRank). One without a clinical status counts: whether it is over was not
// said.
type Condition struct {
	ResourceType       Type              `json:"resourceType"`
	ID                 ID                `json:"id,omitempty"`
	Meta               *Meta             `json:"meta,omitempty"`
	Extension          []Extension       `json:"extension,omitempty"`
	Identifier         []Identifier      `json:"identifier,omitempty"`
	ClinicalStatus     *CodeableConcept  `json:"clinicalStatus,omitempty"`
	VerificationStatus *CodeableConcept  `json:"verificationStatus,omitempty"`
	Category           []CodeableConcept `json:"category,omitempty"`
	Code               *CodeableConcept  `json:"code,omitempty"`
	Subject            Reference         `json:"subject"`
	Encounter          *Reference        `json:"encounter,omitempty"`
	OnsetDateTime      string            `json:"onsetDateTime,omitempty"`
	AbatementDateTime  string            `json:"abatementDateTime,omitempty"`
	RecordedDate       string            `json:"recordedDate,omitempty"`
	Recorder           *Reference        `json:"recorder,omitempty"`
	Asserter           *Reference        `json:"asserter,omitempty"`
	Note               []Annotation      `json:"note,omitempty"`
}

package fhir

// Code systems that Wardlight reads or writes.
const (
	SystemLOINC           = "http://loinc.org"
	SystemSNOMED          = "http://snomed.info/sct"
	SystemUCUM            = "http://unitsofmeasure.org"
	SystemInterpretation  = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
	SystemActCode         = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
	SystemPhysicalType    = "http://terminology.hl7.org/CodeSystem/location-physical-type"
	SystemObservationCat  = "http://terminology.hl7.org/CodeSystem/observation-category"
	SystemDiagnosisRole   = "http://terminology.hl7.org/CodeSystem/diagnosis-role"
	SystemAllergyClinical = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
	SystemAllergyVerified = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
	SystemDataAbsent      = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
	SystemIdentifierType  = "http://terminology.hl7.org/CodeSystem/v2-0203"
	SystemNHSNumber       = "https://fhir.nhs.uk/Id/nhs-number"
	SystemTaskCode        = "urn:wardlight:task-code"     // see the TaskCode constants
	SystemTaskParam       = "urn:wardlight:task-param"    // see the Param constants
	SystemNote            = "urn:wardlight:note-kind"     // nursing, medical, handover, call
	SystemHandover        = "urn:wardlight:handover-part" // Communication.topic of a handover: severity, summary, contingency
	SystemRole            = "urn:wardlight:role"          // Task.performerType: a role of trust/rbac
	SystemUser            = "urn:wardlight:user"          // local accounts
	NoteHandover          = "handover"                    // codes of SystemNote
	NoteCall              = "call"
	CodeNoKnownAllergies  = "716186003" // SNOMED CT: No known allergy
	CategoryLaboratory    = "laboratory"
	CategoryVitalSigns    = "vital-signs"
	SystemRoutine         = "urn:wardlight:routine-kind" // PlanDefinition.topic of a routine: admission, discharge, round, other
	SystemPlanType        = "http://terminology.hl7.org/CodeSystem/plan-definition-type"
	SystemBasic           = "urn:wardlight:basic"                // Basic.code of our own
	BasicUse              = "routine-use"                        // what became of a routine's steps, as central counted it
	BasicRuleUse          = "rule-use"                           // how often each alert rule fired and what people did, as central counted it
	BasicRota             = "rota"                               // who is on call on a ward
	BasicLimits           = "rule-limits"                        // what a site set of one alert rule's limits
	SystemCategory        = "urn:wardlight:observation-category" // Observation.category of our own
	CategoryPhoned        = "phoned"                             // a result that was told on the phone
)

// Codes of the Tasks that Wardlight makes (SystemTaskCode). All but TaskToDo,
// TaskRoutine and TaskReview are append only.
const (
	TaskAcknowledge = "acknowledge" // somebody took, acts on or handed over a result
	TaskWithdraw    = "withdraw"    // takes an acknowledgement, a finished to-do or a handover back; Focus is that Task
	TaskShown       = "shown"       // a critical result was drawn on an unlocked window
	TaskReview      = "review"      // two entries that no rule may settle
	TaskAsk         = "ask"         // a review is put to somebody; Focus is that Task, the review stays open
	TaskHeldBack    = "held-back"   // a message that could not be filed holds a critical value
	TaskGive        = "give"        // a patient was handed over: the giver's signature; Owner is to whom
	TaskAccept      = "accept"      // a handover was accepted: the receiver's signature; Focus is the giving
	TaskCallout     = "callout"     // somebody is to be told of a result off the screen, and what became of it
	TaskToDo        = "todo"        // something to be done for the patient
	TaskRoutine     = "routine"     // a routine's steps, being done for a patient, see clinical/routine
)

// Names of Task parameters (SystemTaskParam).
const (
	ParamKind     = "kind"      // of an acknowledgement: taken, acting, handed-to, seen
	ParamVersion  = "version"   // the version of the focus that was seen (valueInteger)
	ParamStation  = "station"   // on which station
	ParamSide     = "side"      // of a review: valueReference to a side; valueString for words
	ParamQuestion = "question"  // of a review: which question it asks (a code)
	ParamField    = "field"     // of a review: the disputed element
	ParamChosen   = "chosen"    // output of a review: the side that was chosen
	ParamWard     = "ward"      // the ward that a duty without a patient belongs to
	ParamMessage  = "message"   // the inbound message concerned
	ParamFiled    = "filed"     // how much of the message concerned is in the record: FiledInPart, FiledWhole; else nothing
	ParamWhy      = "why"       // of what is held back: why, in words
	ParamPhone    = "phone"     // of what is held back: whom to phone
	ParamSaid     = "said"      // of what is held back: for whom the message says it is (name and birth date as sent)
	ParamName     = "name"      // of what came after a discharge: what the patient's own record calls them (valueHumanName), any number of times
	ParamBorn     = "born"      // of what came after a discharge: their birth date (valueDate)
	ParamNumber   = "number"    // of what came after a discharge: a number of theirs (valueIdentifier), any number of times
	ParamSender   = "sender"    // of what is held back: which system sent it
	ParamPerhaps  = "perhaps"   // of what is held back: a patient whose it may be (valueReference); whose it is, where it is filed in part
	ParamHandedTo = "handed-to" // to whom
	ParamGroup    = "group"     // of a handover: which giving of several patients it is a part of
	ParamGiven    = "given"     // of a handover: a wording or a to-do that was handed over (valueReference)
	ParamStep     = "step"      // of a callout: the ladder's step, from 0 (valueInteger)
	ParamRound    = "round"     // of a callout: which repetition of the last step (valueInteger)
	ParamRole     = "role"      // of a callout: as whom
	ParamPerson   = "person"    // of a callout: who
	ParamChannel  = "channel"   // of a callout: pager or mail
	ParamSince    = "since"     // of a callout: since when the result has waited (valueInteger, ms)
	ParamTries    = "tries"     // of a callout: how often it was tried (valueInteger)
	ParamShort    = "short"     // of a callout: the short reference in the message
	ParamCall     = "call"      // of an acknowledgement: a phoned result that stood beside what was seen (valueReference)
	ParamDone     = "done"      // output of a to-do: that somebody did it (valueString: when, and by whom); goes when that person's word is taken back

	ParamRoutineStep = "routine-step"    // input of a routine's run: one of its steps, as it was when the run began
	ParamStepDone    = "step-done"       // output of a routine's run: that somebody did a step
	ParamStepNot     = "step-not-needed" // output of a routine's run: that somebody says that a step is not needed, and why
)

// What a ParamFiled says.
const (
	FiledInPart = "in part" // the message concerned is in the record but for what the Task says
	FiledWhole  = "whole"   // all of it is in the record, and on no screen: it came after the patient had left
)

// Extensions of our own.
const (
	ExtWard      = "urn:wardlight:ward"            // Encounter: valueString, the ward's code
	ExtBed       = "urn:wardlight:bed"             // Encounter: valueString, the bed
	ExtDisputed  = "urn:wardlight:disputed"        // any: a field with two values, see sync/merge
	ExtSentTime  = "urn:wardlight:v2-time"         // times of a message that could not be read, as they were sent: "PID-7: 19800230" (valueString)
	ExtSentUnit  = "urn:wardlight:v2-unit"         // Observation: the unit as sent, beside a value that is no quantity (valueString)
	ExtFlag      = "urn:wardlight:flag"            // any: a machine-made remark (valueCode)
	ExtTemporary = "urn:wardlight:temporary"       // Patient: identity not confirmed (valueBoolean)
	ExtStation   = "urn:wardlight:station"         // which station wrote it (valueString)
	ExtStamps    = "urn:wardlight:v2-stamps"       // Observation: OBR-22, OBX-19, MSH-7, see record.Stamps
	ExtScale     = "urn:wardlight:news2-scale"     // Observation set: valueInteger 1 or 2
	ExtOverride  = "urn:wardlight:override"        // an order: a warning that its author went against, see Override
	ExtRota      = "urn:wardlight:rota"            // Basic: a ward's rota, as its text (valueString)
	ExtPhoned    = "urn:wardlight:phoned"          // Observation: who told it on the phone, see PhoneCall
	ExtListOf    = "urn:wardlight:list-of"         // List: whose list it is (valueString, a sign-in name)
	ExtKept      = "urn:wardlight:kept"            // List of central's own: by which ward a patient who left it is kept (valueString), see record.KeptOf
	ExtLent      = "urn:wardlight:lent"            // List of central's own: to which computer a patient's record is lent (valueString), see record.LentTo
	ExtUntil     = "urn:wardlight:until"           // beside either: until when at most (valueDateTime)
	ExtGrave     = "urn:wardlight:grave"           // Observation contained in a warning of what is held back: valueCode, GraveCritical or GraveMayBe
	ExtWhy       = "urn:wardlight:why"             // beside it: by which limit or flag, in words (valueString)
	ExtPage      = "urn:wardlight:page"            // PlanDefinition.action: the page that a step opens (valueCode)
	ExtOff       = "urn:wardlight:off"             // PlanDefinition.action: the step is switched off (valueBoolean)
	ExtWithin    = "urn:wardlight:within"          // PlanDefinition: minutes after which a run that is open is late (valueInteger)
	ExtUse       = "urn:wardlight:routine-use"     // Basic of central's own: the counts, see clinical/routine (valueString)
	ExtRuleUse   = "urn:wardlight:rule-use"        // Basic of central's own: the counts, see clinical/alert (valueString)
	ExtLimits    = "urn:wardlight:rule-limits"     // Basic: what a site set of a rule's limits, see clinical/alert Settings (valueString)
	ExtStarter   = "urn:wardlight:starter"         // PlanDefinition: the starter that it was made of (valueString)
	ExtTrueAt    = "urn:wardlight:true-at"         // Communication: when what it says was true, where it was written down later (valueDateTime)
	ExtSet       = "urn:wardlight:observation-set" // Observation: which set of vital signs it belongs to (valueString)
)

// ShownOnWall is the ParamKind of a TaskShown by a wall: it told that there is a
// critical result at a bed, and drew none.
const ShownOnWall = "wall"

// What an ExtGrave says of a value that is held back.
const (
	GraveCritical = "critical"
	GraveMayBe    = "may-be-critical" // by one of the readings that its digits allow
)

// ExtensionOf returns the first extension with this url.
func ExtensionOf(list []Extension, url string) (Extension, bool) {
	for _, e := range list {
		if e.URL == url {
			return e, true
		}
	}
	return Extension{}, false
}

// ExtString is the string of the first extension with this url, or "".
func ExtString(list []Extension, url string) string {
	if e, ok := ExtensionOf(list, url); ok && e.ValueString != nil {
		return *e.ValueString
	}
	return ""
}

// ParamOf returns the first Task parameter of this name.
func ParamOf(list []TaskParameter, name string) (TaskParameter, bool) {
	for _, p := range list {
		if p.Type.Has(SystemTaskParam, name) {
			return p, true
		}
	}
	return TaskParameter{}, false
}

// Param makes a Task parameter's type.
func Param(name string) CodeableConcept {
	return CodeableConcept{Coding: []Coding{{System: SystemTaskParam, Code: name}}}
}

// TaskCode makes the code of one of our Tasks.
func TaskCode(code string) *CodeableConcept {
	return &CodeableConcept{Coding: []Coding{{System: SystemTaskCode, Code: code}}}
}

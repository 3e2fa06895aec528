package rbac

import (
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// Row allows the roles these actions on these types of resource, within a
// scope. What no row allows is refused.
type Row struct {
	Name    string
	Roles   []Role
	Actions []Action
	Types   []fhir.Type
	scope   scope
}

// scope is the second half of a row: for which patients.
type scope string

const (
	ownWard  scope = "own-ward" // the patient is where both the person and the workstation work
	atHand   scope = "at-hand"  // the patient is where the workstation stands, whatever the person's ward
	anywhere scope = "anywhere" // on central, no patient's ward asked
)

// Table is a copy of the rows, for those who review it.
func Table() []Row { return slices.Clone(table) }

// TypeAccount and TypeDevice stand for central's own facts, which are no FHIR
// resources.
const (
	TypeAccount fhir.Type = "Account"
	TypeDevice  fhir.Type = "Device"
	TypeInbound fhir.Type = "InboundMessage"
	// TypeLimits is what the site sets of an alert rule's limits.
	TypeLimits fhir.Type = "AlertLimits"
	// TypeDrill is a practised downtime of a computer of the ward.
	TypeDrill fhir.Type = "Drill"
)

var (
	clinicians = []Role{Nurse, ChargeNurse, Doctor}
	chart      = []fhir.Type{
		fhir.TypePatient, fhir.TypeEncounter, fhir.TypeObservation, fhir.TypeDiagnosticReport,
		fhir.TypeAllergyIntolerance, fhir.TypeTask, fhir.TypeServiceRequest, fhir.TypeSpecimen,
		fhir.TypeCommunication, fhir.TypeProvenance, fhir.TypeRelatedPerson, fhir.TypeFlag,
		fhir.TypeCondition, fhir.TypeAppointment, fhir.TypeMedicationRequest,
	}
)

var table = []Row{
	{Name: "clinicians read the charts of their ward", Roles: clinicians, Actions: []Action{View}, Types: chart, scope: ownWard},
	{
		Name: "clinicians write what they see and do", Roles: clinicians, Actions: []Action{Create, Change},
		Types: []fhir.Type{fhir.TypeObservation, fhir.TypeAllergyIntolerance, fhir.TypeTask, fhir.TypeCommunication, fhir.TypeFlag, fhir.TypeCondition},
		scope: ownWard,
	},
	{Name: "clinicians ask for tests", Roles: clinicians, Actions: []Action{Create, Change}, Types: []fhir.Type{fhir.TypeServiceRequest, fhir.TypeSpecimen, fhir.TypeAppointment}, scope: ownWard},
	{Name: "doctors prescribe", Roles: []Role{Doctor}, Actions: []Action{Create, Change}, Types: []fhir.Type{fhir.TypeMedicationRequest}, scope: ownWard},
	{Name: "clinicians keep lists of their own patients", Roles: clinicians, Actions: []Action{View, Create, Change}, Types: []fhir.Type{fhir.TypeList}, scope: ownWard},
	{
		Name: "everybody on a ward reads who is on call", Roles: []Role{Nurse, ChargeNurse, Doctor, WardClerk}, Actions: []Action{View},
		Types: []fhir.Type{fhir.TypeBasic}, scope: ownWard,
	},
	{Name: "charge nurses keep the rota", Roles: []Role{ChargeNurse}, Actions: []Action{Create, Change}, Types: []fhir.Type{fhir.TypeBasic}, scope: ownWard},
	{Name: "clinicians read their ward's routines", Roles: clinicians, Actions: []Action{View}, Types: []fhir.Type{fhir.TypePlanDefinition}, scope: ownWard},
	{Name: "charge nurses write their ward's routines", Roles: []Role{ChargeNurse}, Actions: []Action{Create, Change}, Types: []fhir.Type{fhir.TypePlanDefinition}, scope: ownWard},
	{Name: "clinicians read the limits of alert rules", Roles: clinicians, Actions: []Action{View}, Types: []fhir.Type{TypeLimits}, scope: ownWard},
	{Name: "doctors set the limits of alert rules", Roles: []Role{Doctor}, Actions: []Action{Create, Change}, Types: []fhir.Type{TypeLimits}, scope: ownWard},
	{Name: "charge nurses practise a downtime", Roles: []Role{ChargeNurse}, Actions: []Action{Manage}, Types: []fhir.Type{TypeDrill}, scope: ownWard},
	{Name: "clinicians decide reviews", Roles: clinicians, Actions: []Action{Settle}, Types: []fhir.Type{fhir.TypeTask}, scope: ownWard},
	{
		Name: "clinicians and clerks register and move patients in an outage", Roles: []Role{Nurse, ChargeNurse, Doctor, WardClerk},
		Actions: []Action{Create, Change}, Types: []fhir.Type{fhir.TypePatient, fhir.TypeEncounter, fhir.TypeRelatedPerson}, scope: atHand,
	},
	{
		Name: "clerks see who is where, and their own tasks", Roles: []Role{WardClerk}, Actions: []Action{View},
		Types: []fhir.Type{fhir.TypePatient, fhir.TypeEncounter, fhir.TypeRelatedPerson, fhir.TypeAppointment, fhir.TypeTask}, scope: ownWard,
	},
	{Name: "clerks finish tasks and book", Roles: []Role{WardClerk}, Actions: []Action{Create, Change}, Types: []fhir.Type{fhir.TypeTask, fhir.TypeAppointment}, scope: ownWard},
	{Name: "computers say what they drew", Roles: []Role{Computer}, Actions: []Action{Create}, Types: []fhir.Type{fhir.TypeTask}, scope: atHand},
	{Name: "interface managers look at and replay messages", Roles: []Role{InterfaceManager}, Actions: []Action{View, Replay}, Types: []fhir.Type{TypeInbound}, scope: anywhere},
	{Name: "administrators manage accounts and computers", Roles: []Role{Administrator}, Actions: []Action{View, Create, Change, Manage}, Types: []fhir.Type{TypeAccount, TypeDevice}, scope: anywhere},
	{Name: "privacy officers read the audit trail", Roles: []Role{PrivacyOfficer}, Actions: []Action{View, Export}, Types: []fhir.Type{fhir.TypeAuditEvent}, scope: anywhere},
	{Name: "privacy officers see accounts and computers", Roles: []Role{PrivacyOfficer}, Actions: []Action{View}, Types: []fhir.Type{TypeAccount, TypeDevice}, scope: anywhere},
}

var (
	errElsewhere = words.Errorf("the patient is not, and was not, on a ward of this computer")
	errOtherWard = words.Errorf("the patient is not on a ward of this person; emergency access needs a reason")
)

// decide asks for the place: of the patient, the person and the workstation.
func (s scope) decide(r Request) Decision {
	if s == anywhere {
		return yes("allowed by role")
	}
	if !share(r.DeviceWards, r.PatientWards) {
		return no(errElsewhere)
	}
	switch {
	case s == atHand:
		return yes("allowed by role at this computer")
	case slices.Contains(r.Wards, AnyWard):
		return yes("allowed by role: the whole hospital")
	case share(r.Wards, r.PatientWards):
		return yes("allowed by role and ward")
	case r.Purpose == BreakGlass && slices.Contains(clinicians, r.Role):
		return yes("emergency access")
	}
	return no(errOtherWard)
}

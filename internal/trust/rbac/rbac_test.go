package rbac

import (
	"slices"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

var (
	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	w4B  = []record.Ward{"4B"}
	w5A  = []record.Ward{"5A"}
)

// good is a request that a row allows, if its role, action and type do.
func good(role Role, action Action, t fhir.Type) Request {
	return Request{Role: role, Wards: w4B, DeviceWards: w4B, PatientWards: w4B, Action: action, ResourceType: t, Now: noon}
}

var everyRole = append(Roles(), Computer)

var everyAction = []Action{View, Create, Change, Settle, Export, Manage, Replay}

var everyType = append(slices.Clone(chart), fhir.TypeList, fhir.TypeBasic, fhir.TypePlanDefinition, fhir.TypeAuditEvent, TypeAccount, TypeDevice, TypeInbound, TypeDrill, TypeLimits, fhir.TypePractitioner)

// Every row allows what it lists, and the table allows nothing beside its
// rows: all combinations of role, action and type are asked.
func TestEveryRowBothWays(t *testing.T) {
	listed := map[[3]string]string{}
	for _, row := range Table() {
		if row.Name == "" || len(row.Roles) == 0 || len(row.Actions) == 0 || len(row.Types) == 0 {
			t.Errorf("row %q is not whole", row.Name)
		}
		for _, role := range row.Roles {
			for _, action := range row.Actions {
				for _, typ := range row.Types {
					key := [3]string{string(role), string(action), string(typ)}
					if first, twice := listed[key]; twice {
						t.Errorf("%v stands in %q and in %q", key, first, row.Name)
					}
					listed[key] = row.Name
				}
			}
		}
	}
	for _, role := range everyRole {
		for _, action := range everyAction {
			for _, typ := range everyType {
				d := Decide(good(role, action, typ))
				name, want := listed[[3]string{string(role), string(action), string(typ)}]
				if d.Allow != want {
					t.Errorf("%s %s %s = %v, want %v (row %q)", role, action, typ, d.Allow, want, name)
				}
				if d.Why == "" {
					t.Errorf("%s %s %s: no words", role, action, typ)
				}
			}
		}
	}
}

// What a hospital expects, in its own words and both ways round.
func TestWhatAHospitalExpects(t *testing.T) {
	tests := []struct {
		role   Role
		action Action
		typ    fhir.Type
		allow  bool
	}{
		{Nurse, View, fhir.TypeObservation, true},
		{Nurse, Create, fhir.TypeAllergyIntolerance, true},
		{Nurse, Settle, fhir.TypeTask, true},
		{Nurse, Create, fhir.TypeMedicationRequest, false},
		{Nurse, Create, fhir.TypeDiagnosticReport, false},
		{Nurse, Export, fhir.TypePatient, false},
		{ChargeNurse, Change, fhir.TypeTask, true},
		{Doctor, Create, fhir.TypeMedicationRequest, true},
		{Doctor, Manage, TypeAccount, false},
		{WardClerk, Create, fhir.TypeEncounter, true},
		{WardClerk, View, fhir.TypeObservation, false},
		{WardClerk, Settle, fhir.TypeTask, false},
		{WardClerk, Create, fhir.TypeCommunication, false},
		{InterfaceManager, Replay, TypeInbound, true},
		{InterfaceManager, View, fhir.TypePatient, false},
		{Administrator, Manage, TypeDevice, true},
		{Administrator, View, fhir.TypeObservation, false},
		{Administrator, View, fhir.TypeAuditEvent, false},
		{PrivacyOfficer, Export, fhir.TypeAuditEvent, true},
		{PrivacyOfficer, Manage, TypeAccount, false},
		{Doctor, Create, fhir.TypeAuditEvent, false},
		{Doctor, Change, fhir.TypeProvenance, false},
		{ChargeNurse, Change, fhir.TypePlanDefinition, true},
		{Nurse, View, fhir.TypePlanDefinition, true},
		{Nurse, Create, fhir.TypePlanDefinition, false},
		{Doctor, Change, fhir.TypePlanDefinition, false},
		{WardClerk, View, fhir.TypePlanDefinition, false},
		{Administrator, Change, fhir.TypePlanDefinition, false},
		{Doctor, Change, TypeLimits, true},
		{Doctor, Create, TypeLimits, true},
		{Nurse, View, TypeLimits, true},
		{Nurse, Change, TypeLimits, false},
		{ChargeNurse, Change, TypeLimits, false},
		{WardClerk, View, TypeLimits, false},
		{Administrator, Change, TypeLimits, false},
		{Computer, Create, fhir.TypeTask, true},
		{Computer, View, fhir.TypePatient, false},
		{"consultant", View, fhir.TypePatient, false},
		{"", View, fhir.TypePatient, false},
		{Doctor, "", fhir.TypePatient, false},
		{Doctor, View, "", false},
	}
	for _, tt := range tests {
		if d := Decide(good(tt.role, tt.action, tt.typ)); d.Allow != tt.allow {
			t.Errorf("%s %s %s = %v (%s)", tt.role, tt.action, tt.typ, d.Allow, d.Why)
		}
	}
}

// Where the patient, the person and the computer are.
func TestWhere(t *testing.T) {
	tests := map[string]struct {
		change func(*Request)
		allow  bool
	}{
		"all on one ward":                     {func(*Request) {}, true},
		"the patient elsewhere":               {func(r *Request) { r.PatientWards = w5A }, false},
		"the patient nowhere":                 {func(r *Request) { r.PatientWards = nil }, false},
		"the computer elsewhere":              {func(r *Request) { r.DeviceWards = w5A }, false},
		"the computer nowhere":                {func(r *Request) { r.DeviceWards = nil }, false},
		"the person elsewhere":                {func(r *Request) { r.Wards = w5A }, false},
		"the person nowhere":                  {func(r *Request) { r.Wards = nil }, false},
		"the person covers all":               {func(r *Request) { r.Wards = []record.Ward{AnyWard} }, true},
		"covers all, computer elsewhere":      {func(r *Request) { r.Wards, r.DeviceWards = []record.Ward{AnyWard}, w5A }, false},
		"a computer covers nothing by a star": {func(r *Request) { r.DeviceWards = []record.Ward{AnyWard} }, false},
		"a star for a patient":                {func(r *Request) { r.PatientWards, r.DeviceWards = []record.Ward{AnyWard}, []record.Ward{AnyWard} }, false},
		"an empty ward is no ward": {func(r *Request) {
			r.Wards, r.DeviceWards, r.PatientWards = []record.Ward{""}, []record.Ward{""}, []record.Ward{""}
		}, false},
		"two wards, one shared":                  {func(r *Request) { r.PatientWards = []record.Ward{"5A", "4B"} }, true},
		"emergency, person elsewhere":            {func(r *Request) { r.Wards, r.Purpose = w5A, BreakGlass }, true},
		"emergency, computer elsewhere":          {func(r *Request) { r.DeviceWards, r.Purpose = w5A, BreakGlass }, false},
		"the account was closed before":          {func(r *Request) { r.Ended = noon.Add(-time.Second) }, false},
		"the account is closed at that moment":   {func(r *Request) { r.Ended = noon }, false},
		"the account was closed afterwards only": {func(r *Request) { r.Ended = noon.Add(time.Second) }, true},
	}
	for name, tt := range tests {
		r := good(Nurse, View, fhir.TypeObservation)
		tt.change(&r)
		if d := Decide(r); d.Allow != tt.allow || d.Why == "" {
			t.Errorf("%s: %v (%s), want %v", name, d.Allow, d.Why, tt.allow)
		}
	}
}

// Emergency access is for clinicians, and gives what their role has and no
// more.
func TestEmergencyWidensNoRole(t *testing.T) {
	for _, role := range everyRole {
		for _, action := range everyAction {
			for _, typ := range everyType {
				r := good(role, action, typ)
				plain := Decide(r).Allow
				r.Wards, r.Purpose = w5A, BreakGlass
				if d := Decide(r); d.Allow && !plain {
					t.Errorf("%s %s %s is allowed in an emergency only", role, action, typ)
				}
				if d := Decide(r); d.Allow && role == WardClerk && typ == fhir.TypeTask {
					t.Errorf("a clerk breaks the glass: %s %s", action, typ)
				}
			}
		}
	}
}

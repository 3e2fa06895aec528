package submit

import (
	"slices"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/rbac"
)

// allowed says why a mutation may not be done, or "".
func (w *work) allowed(a *attempt) (why string, err error) {
	if err := a.m.Check(); err != nil {
		return "the entry is malformed", nil
	}
	if a.m.Author.Sender != "" || a.m.Stamps != nil {
		return "an entry of a computer may not pose as a message of another system", nil
	}
	if a.current, a.exists, err = w.Current(a.m.Ref); err != nil {
		return "", err
	}
	if a.exists && patientOf(a.current) != compartment(a.m) {
		return "the entry names another patient than the one it belongs to", nil
	}
	account, why, err := w.person(a)
	if err != nil || why != "" {
		return why, err
	}
	a.account = account
	if why, err := w.lab(a); err != nil || why != "" {
		return why, err
	}
	if why, err := w.focus(a); err != nil || why != "" {
		return why, err
	}
	return w.decided(a, account)
}

// person finds the account behind a mutation, and makes it the author.
func (w *work) person(a *attempt) (record.Account, string, error) {
	a.author = record.Author{User: a.m.Author.User, Station: a.peer.Device.Station, Place: a.device.Place}
	// A workstation that speaks for itself names nobody, or itself. It may only
	// say what it drew.
	if user := a.m.Author.User; user == "" || string(user) == string(a.peer.Device.Station) {
		a.author.User, a.author.Sender = "", "computer "+string(a.peer.Device.Station)
		if t, ok := putTask(a.m); !ok || t.Code == nil || !t.Code.Has(fhir.SystemTaskCode, fhir.TaskShown) {
			return record.Account{}, "the entry has no author", nil
		}
		a.author.Name, a.author.Role = a.device.Place, string(rbac.Computer)
		return record.Account{Role: string(rbac.Computer)}, "", nil
	}
	account, ok, err := accountOf(w, a.m.Author.User)
	if err != nil {
		return account, "", err
	}
	if !ok {
		return account, "the author is not known to central", nil
	}
	a.author.Name, a.author.Role = account.Name+", "+rbac.Role(account.Role).Words(), account.Role
	return account, "", nil
}

// putTask reads the Task that a mutation makes; ok is false for anything else.
func putTask(m record.Mutation) (fhir.Task, bool) {
	if m.Ref.Type != fhir.TypeTask {
		return fhir.Task{}, false
	}
	for _, op := range m.Ops {
		if op.Kind == record.OpPut {
			t, err := fhir.View[fhir.Task](op.Value)
			return t, err == nil
		}
	}
	return fhir.Task{}, false
}

// lab keeps laboratory results to the laboratory: a ward acknowledges them, it
// never changes them.
func (w *work) lab(a *attempt) (string, error) {
	if a.m.Ref.Type != fhir.TypeObservation {
		return "", nil
	}
	bodies := []fhir.Resource{a.current.Body}
	for _, op := range a.m.Ops {
		if op.Kind == record.OpPut {
			bodies = append(bodies, op.Value)
		}
		if op.Kind == record.OpSet && op.Field == "category" {
			return "the kind of an observation cannot be changed", nil
		}
	}
	for _, b := range bodies {
		if b == nil {
			continue
		}
		o, err := fhir.View[fhir.Observation](b)
		if err != nil {
			return "the entry is malformed", nil
		}
		if isLab(o) {
			return "a laboratory's result is changed by the laboratory only", nil
		}
	}
	return "", nil
}

func isLab(o fhir.Observation) bool {
	return slices.ContainsFunc(o.Category, func(c fhir.CodeableConcept) bool {
		return c.Has(fhir.SystemObservationCat, fhir.CategoryLaboratory)
	})
}

// focus checks that a Task is about something of the same patient. What
// central does not hold yet may come: the Task is kept and says so.
func (w *work) focus(a *attempt) (string, error) {
	t, ok := putTask(a.m)
	if !ok || t.Focus == nil {
		return "", nil
	}
	ref, ok := t.Focus.Ref()
	if !ok {
		return "", nil
	}
	c, ok, err := w.Current(ref)
	if err != nil {
		return "", err
	}
	if !ok {
		a.remark(FlagFocusNotHeld, "what it is about is not held by central")
		return "", nil
	}
	theirs, err := onePerson(w, patientOf(c), compartment(a.m))
	if err != nil {
		return "", err
	}
	if !theirs {
		return "the entry is about something of another patient", nil
	}
	if a.m.Patient == "" && !a.exists {
		a.current.Wards = c.Wards // a Task about something without a patient stays with its wards
	}
	return "", nil
}

// decided asks the table, first with where the patient is now, then with where
// they were while this may have been written.
func (w *work) decided(a *attempt, account record.Account) (string, error) {
	req := rbac.Request{
		Role: rbac.Role(account.Role), Wards: account.Wards, DeviceWards: a.device.Wards,
		Action: a.action(), ResourceType: a.m.Ref.Type, Now: a.when(), Purpose: rbac.Purpose(a.m.Purpose),
	}
	if record.IsLimits(a.m.Ref) {
		req.ResourceType = rbac.TypeLimits
	}
	if account.Ended != 0 {
		req.Ended = time.UnixMilli(account.Ended)
	}
	if a.device.Revoked != 0 {
		return "this computer was shut out; what it sent is kept for the administrator", nil
	}
	wards, why, err := w.wardsFor(a, account)
	if err != nil || why != "" {
		return why, err
	}
	req.PatientWards = wards
	now := rbac.Decide(req)
	if !now.Allow && compartment(a.m) != "" {
		lent, err := w.lentTo(a.peer.Device.Station, compartment(a.m), a.when())
		if err != nil {
			return "", err
		}
		if lent {
			req = lentRequest(account, a.device, req)
			now = rbac.Decide(req)
		}
	}
	if now.Allow && a.m.Purpose == record.Emergency {
		a.remark(FlagEmergency, "written under emergency access")
	}
	if now.Allow || a.m.Patient == "" {
		return refusal(now), nil
	}
	before, err := wardsSince(w, a.m.Patient, w.now.Add(-w.s.moved).UnixMilli())
	if err != nil {
		return "", err
	}
	req.PatientWards = before
	then := rbac.Decide(req)
	if then.Allow {
		a.remark(FlagPatientMoved, "the patient had left this computer's ward")
	}
	return refusal(then), nil
}

func refusal(d rbac.Decision) string {
	if d.Allow {
		return ""
	}
	return d.Why
}

// wardsFor are the wards that count for the decision.
func (w *work) wardsFor(a *attempt, account record.Account) ([]record.Ward, string, error) {
	if a.m.Ref == record.ListOf(account.User) {
		return a.device.Wards, "", nil // a person's own list goes where they work
	}
	if compartment(a.m) == "" {
		if !a.exists && a.current.Wards == nil {
			return a.device.Wards, "", nil
		}
		if a.m.Ref.Type == fhir.TypePlanDefinition && slices.Contains(a.current.Wards, rbac.AnyWard) {
			return a.device.Wards, "", nil // the whole site's: see mayRoutine
		}
		if record.IsLimits(a.m.Ref) {
			return a.device.Wards, "", nil // every ward holds them: see mayLimit
		}
		return a.current.Wards, "", nil
	}
	p, known, err := w.Current(fhir.Ref{Type: fhir.TypePatient, ID: compartment(a.m)})
	if err != nil {
		return nil, "", err
	}
	registers := a.m.Ref.Type == fhir.TypePatient && !a.exists
	if !known && !registers {
		return nil, "the patient is not known to central", nil
	}
	if registers {
		return a.device.Wards, "", nil
	}
	wards, err := listWards(w, account.User, p.Ref.ID)
	if err != nil {
		return nil, "", err
	}
	for _, ward := range union(a.device.Wards, account.Wards) {
		here, err := w.isOn(p.Ref.ID, ward)
		if err != nil {
			return nil, "", err
		}
		if here {
			wards = append(wards, ward)
		}
	}
	if len(wards) > 0 {
		return wards, "", nil
	}
	// Somebody whom this station registered belongs to it until a stay says
	// where they are.
	if p.Author.Station == a.peer.Device.Station {
		stays, err := encounters(w, p.Ref.ID)
		if err != nil || len(stays) > 0 {
			return nil, "", err
		}
		return a.device.Wards, "", nil
	}
	return nil, "", nil
}

func union(a, b []record.Ward) []record.Ward {
	out := slices.Clone(a)
	for _, w := range b {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// action is what the mutation does, in the table's words.
func (a *attempt) action() rbac.Action {
	if !a.exists {
		return rbac.Create
	}
	if t, err := fhir.View[fhir.Task](a.current.Body); a.m.Ref.Type == fhir.TypeTask && err == nil &&
		t.Code != nil && t.Code.Has(fhir.SystemTaskCode, fhir.TaskReview) {
		a.settles = true
		return rbac.Settle
	}
	return rbac.Change
}

// when is the instant at which the mutation was written, by central's clock as
// far as the offset was measured.
func (a *attempt) when() time.Time {
	t := time.UnixMilli(a.m.Times.Station)
	if a.m.Times.Measured {
		t = t.Add(a.m.Times.Offset)
	}
	return t
}

// compartment is the patient to whom a mutation belongs.
func compartment(m record.Mutation) fhir.ID {
	if m.Patient == "" && m.Ref.Type == fhir.TypePatient {
		return m.Ref.ID
	}
	return m.Patient
}

func patientOf(c record.Change) fhir.ID {
	return compartment(record.Mutation{Ref: c.Ref, Patient: c.Patient})
}

// consistent checks that a body is the resource that the mutation names, and
// about the patient that it names.
func (a *attempt) consistent(bodies ...fhir.Resource) string {
	for _, b := range bodies {
		if b == nil {
			continue
		}
		ref, err := b.Ref()
		if err != nil || ref != a.m.Ref {
			return "the entry's content is not what its head says"
		}
		if _, err := journal.Keys(record.Change{Ref: ref, Body: b}); err != nil {
			return "an element of the entry has the wrong shape"
		}
		if p, ok := subjectOf(b); ok && p != compartment(a.m) {
			return "the entry's content is about another patient than its head says"
		}
	}
	return ""
}

// subjectOf is the patient that a body points at.
func subjectOf(b fhir.Resource) (fhir.ID, bool) {
	v, err := fhir.ViewOf[struct {
		Subject *fhir.Reference `json:"subject"`
		Patient *fhir.Reference `json:"patient"`
		For     *fhir.Reference `json:"for"`
	}](b, "subject", "patient", "for")
	if err != nil {
		return "", true // a subject of the wrong shape is nobody's
	}
	for _, r := range []*fhir.Reference{v.Subject, v.Patient, v.For} {
		if r == nil {
			continue
		}
		if ref, ok := r.Ref(); ok && ref.Type == fhir.TypePatient {
			return ref.ID, true
		}
	}
	return "", false
}

package submit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/keys"
)

// The stories of this package play in one hospital: ward 4B, ward 5A and a
// clinic, with one workstation each, a nurse, a doctor, a laboratory and an
// admissions desk.

const mrn = "urn:hospital:mrn"

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

type hospital struct {
	*testing.T
	s    *submit.Submitter
	j    *memjournal.Journal
	now  time.Time
	w4B  *station
	w5A  *station
	hub  *station // the clinic's
	next int      // numbers messages
}

// open makes a hospital. fault, if any, is asked at every commit.
func open(t *testing.T, fault func(memjournal.Point, record.Entry) error) *hospital {
	t.Helper()
	h := &hospital{T: t, now: noon}
	t.Cleanup(h.recognised)
	h.j = memjournal.New(memjournal.Options{Now: func() int64 { return h.now.UnixMilli() }, Fault: fault})
	h.s = submit.New(submit.Options{Journal: h.j, Now: func() time.Time { return h.now }})
	h.w4B = h.station("s4bbbbbbbbbbb", "4B")
	h.w5A = h.station("s5aaaaaaaaaaa", "5A")
	h.hub = h.station("scccccccccccc", "CLINIC")
	for _, a := range []record.Account{
		{User: "g.mensah", Name: "Grace Mensah", Role: "nurse", Wards: []record.Ward{"4B"}},
		{User: "i.novak", Name: "Ivo Novak", Role: "nurse", Wards: []record.Ward{"CLINIC"}},
		{User: "a.ruiz", Name: "Ana Ruiz", Role: "doctor", Wards: []record.Ward{"*"}},
		{User: "c.lund", Name: "Carl Lund", Role: "ward-clerk", Wards: []record.Ward{"4B"}},
	} {
		h.must(h.s.PutAccount(h.ctx(), record.Author{User: "root"}, a))
	}
	return h
}

func (h *hospital) ctx() context.Context { return context.Background() }

func (h *hospital) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// read runs fn on the journal.
func (h *hospital) read(fn func(journal.Reader) error) {
	h.Helper()
	h.must(h.j.View(h.ctx(), fn))
}

func (h *hospital) current(ref fhir.Ref) (c record.Change, ok bool) {
	h.Helper()
	h.read(func(r journal.Reader) (err error) {
		c, ok, err = r.Current(ref)
		return err
	})
	return c, ok
}

func (h *hospital) history(ref fhir.Ref) (list []record.Change) {
	h.Helper()
	h.read(func(r journal.Reader) error {
		list = nil
		for c, err := range r.History(ref) {
			if err != nil {
				return err
			}
			list = append(list, c)
		}
		return nil
	})
	return list
}

func (h *hospital) entries() (list []record.Entry) {
	h.Helper()
	h.read(func(r journal.Reader) error {
		list = nil
		for e, err := range r.Entries(0) {
			if err != nil {
				return err
			}
			list = append(list, e)
		}
		return nil
	})
	return list
}

// tasks are the current Tasks with a code, by id.
func (h *hospital) tasks(code string) (list []record.Change) {
	h.Helper()
	h.read(func(r journal.Reader) error {
		list = nil
		for c, err := range r.All(fhir.TypeTask, "") {
			if err != nil {
				return err
			}
			if view[fhir.Task](h.T, c.Body).Code.Has(fhir.SystemTaskCode, code) {
				list = append(list, c)
			}
		}
		return nil
	})
	return list
}

func (h *hospital) undelivered() []submit.Undelivered {
	h.Helper()
	list, err := h.s.Undelivered(h.ctx())
	h.must(err)
	return list
}

func view[T any](t *testing.T, b fhir.Resource) T {
	t.Helper()
	v, err := fhir.View[T](b)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func body(v any) fhir.Resource {
	b, err := fhir.Make(v)
	if err != nil {
		panic(err)
	}
	return b
}

// A station and what it sends.

type station struct {
	h    *hospital
	key  keys.DeviceKey
	peer record.Peer
	seq  uint64
}

func (h *hospital) station(id record.StationID, wards ...record.Ward) *station {
	h.Helper()
	key, err := keys.NewDeviceKey(nil)
	h.must(err)
	d := record.Device{Station: id, Wards: wards, Place: "Ward " + string(wards[0]) + ", computer 1", Key: key.Public()}
	h.must(h.s.PutDevice(h.ctx(), record.Author{User: "root"}, d))
	d, err = h.s.Device(h.ctx(), id)
	h.must(err)
	return &station{h: h, key: key, peer: record.Peer{Device: d, Remote: "10.0.0.7"}}
}

// write makes a signed mutation.
func (s *station) write(user record.UserID, patient fhir.ID, ref fhir.Ref, change func(*record.Mutation)) record.Mutation {
	s.seq++
	m := record.Mutation{
		ID: record.MutationOf(s.peer.Device.Station, s.seq), Ref: ref, Patient: patient,
		Clock:  record.HLC{Wall: s.h.now.UnixMilli()},
		Author: record.Author{User: user, Name: "whoever", Role: "consultant", Station: s.peer.Device.Station},
		Times:  record.Times{Station: s.h.now.UnixMilli(), Measured: true},
		KeyID:  s.key.ID(),
	}
	if m.Ref.ID == "" {
		m.Ref.ID = fhir.ID(m.ID)
	}
	change(&m)
	return s.sign(m)
}

func (s *station) sign(m record.Mutation) record.Mutation {
	s.h.Helper()
	m.Sig = nil
	msg, err := m.SigningBytes()
	s.h.must(err)
	m.Sig, err = s.key.Sign(msg)
	s.h.must(err)
	return m
}

func put(v func(id fhir.ID) any) func(*record.Mutation) {
	return func(m *record.Mutation) {
		m.Ops = []record.Op{{Kind: record.OpPut, Value: body(v(m.Ref.ID))}}
	}
}

func set(base record.Version, field, value string) func(*record.Mutation) {
	return func(m *record.Mutation) {
		m.Base, m.Ops = base, []record.Op{{Kind: record.OpSet, Field: field, Value: []byte(value)}}
	}
}

func (s *station) send(m record.Mutation) record.Receipt {
	s.h.Helper()
	r, err := s.h.s.Submit(s.h.ctx(), s.peer, m)
	s.h.must(err)
	return r
}

// sent is send for what must be applied as it is.
func (s *station) sent(m record.Mutation) record.Receipt {
	s.h.Helper()
	r := s.send(m)
	if r.Outcome != record.Applied {
		s.h.Fatalf("%s: %s (%s), want applied", m.ID, r.Outcome, r.Reason)
	}
	return r
}

func (s *station) note(user record.UserID, patient fhir.ID, words string) record.Mutation {
	return s.write(user, patient, fhir.Ref{Type: fhir.TypeCommunication}, put(func(id fhir.ID) any {
		return fhir.Communication{
			ResourceType: fhir.TypeCommunication, ID: id, Status: "completed", Subject: to(patient),
			Payload: []fhir.CommunicationPayload{{ContentString: words}},
		}
	}))
}

func (s *station) allergy(user record.UserID, patient fhir.ID, substance string) record.Mutation {
	return s.write(user, patient, fhir.Ref{Type: fhir.TypeAllergyIntolerance}, put(func(id fhir.ID) any {
		return allergyBody(id, patient, substance, "confirmed")
	}))
}

func allergyBody(id, patient fhir.ID, substance, certainty string) fhir.AllergyIntolerance {
	a := fhir.AllergyIntolerance{
		ResourceType: fhir.TypeAllergyIntolerance, ID: id, Patient: *to(patient),
		ClinicalStatus:     &fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemAllergyClinical, Code: "active"}}},
		VerificationStatus: &fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemAllergyVerified, Code: certainty}}},
		Code:               &fhir.CodeableConcept{Text: substance},
	}
	if substance == "" {
		a.Code = &fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemSNOMED, Code: fhir.CodeNoKnownAllergies}}}
	}
	return a
}

// about makes a Task about a version of something.
func (s *station) about(user record.UserID, code string, patient fhir.ID, focus fhir.Ref, v record.Version) record.Mutation {
	return s.write(user, patient, fhir.Ref{Type: fhir.TypeTask}, put(func(id fhir.ID) any {
		f := fhir.To(focus)
		t := fhir.Task{
			ResourceType: fhir.TypeTask, ID: id, Status: "completed", Intent: "order", Code: fhir.TaskCode(code), Focus: &f,
			Input: []fhir.TaskParameter{{Type: fhir.Param(fhir.ParamVersion), ValueInteger: fhir.Int(int64(v))}},
		}
		if patient != "" {
			t.For = to(patient)
		}
		return t
	}))
}

func to(patient fhir.ID) *fhir.Reference {
	r := fhir.To(fhir.Ref{Type: fhir.TypePatient, ID: patient})
	return &r
}

// Messages.

type person struct {
	number, family, born string
}

var (
	kaya = person{"1001", "Kaya", "1954-07-14"}
	odum = person{"1002", "Odum", "1961-02-03"}
)

func (p person) id() fhir.Identifier {
	return fhir.Identifier{
		System: mrn, Value: p.number,
		Type: &fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemIdentifierType, Code: "MR"}}},
	}
}

func (p person) subject(create bool) record.Subject {
	return record.Subject{Identifiers: []fhir.Identifier{p.id()}, Family: p.family, Given: []string{"Test"}, BirthDate: p.born, MayCreate: create}
}

func (h *hospital) message(kind string, groups ...record.Group) record.Filing {
	h.next++
	return record.Filing{
		Inbound: record.Inbound{
			ID: fmt.Sprintf("ch|%s|%d", kind, h.next), Channel: "ch", ControlID: fmt.Sprintf("C%d", h.next), Type: kind,
			Sender: "LAB", Answer: "AA", Received: h.now.UnixMilli(), Size: 9,
		},
		Groups: groups,
	}
}

// adt says where somebody is since when: an empty ward is a discharge.
func (h *hospital) adt(p person, visit string, ward record.Ward, at time.Time) record.Filing {
	subject := fhir.Reference{Reference: record.SubjectRef}
	e := fhir.Encounter{
		ResourceType: fhir.TypeEncounter, ID: fhir.ID("v" + visit), Status: "in-progress", Subject: &subject,
		Identifier: []fhir.Identifier{{System: "urn:hospital:visit", Value: visit}},
		Extension:  []fhir.Extension{{URL: fhir.ExtWard, ValueString: fhir.Str(string(ward))}},
	}
	if ward == "" {
		e.Status, e.Extension = "finished", nil
	}
	return h.message("ADT^A08", record.Group{Subject: p.subject(true), Ward: ward, Drafts: []record.Draft{
		{Ref: fhir.Ref{Type: fhir.TypePatient, ID: record.SubjectID}, Event: at.UnixMilli(), Ops: []record.Op{{Kind: record.OpPut, Value: body(fhir.Patient{
			ResourceType: fhir.TypePatient, ID: record.SubjectID, Identifier: []fhir.Identifier{p.id()},
			Name: []fhir.HumanName{{Family: p.family, Given: []string{"Test"}}}, BirthDate: p.born,
		})}}},
		{Ref: fhir.Ref{Type: fhir.TypeEncounter, ID: e.ID}, Event: at.UnixMilli(), Ops: []record.Op{{Kind: record.OpPut, Value: body(e)}}},
	}})
}

// reading is one version of one potassium.
type reading struct {
	filler, value, status string
	changed, sent         int64
}

func potassium(r reading) fhir.Observation {
	subject := fhir.Reference{Reference: record.SubjectRef}
	return fhir.Observation{
		ResourceType: fhir.TypeObservation, ID: fhir.ID("o" + r.filler), Status: r.status, Subject: &subject,
		Category:      []fhir.CodeableConcept{{Coding: []fhir.Coding{{System: fhir.SystemObservationCat, Code: fhir.CategoryLaboratory}}}},
		Code:          fhir.CodeableConcept{Text: "potassium", Coding: []fhir.Coding{{System: fhir.SystemLOINC, Code: "2823-3"}}},
		ValueQuantity: &fhir.Quantity{Value: fhir.Dec(r.value), Unit: "mmol/L"},
	}
}

func draftOf(o fhir.Observation, r reading) record.Draft {
	return record.Draft{
		Ref: fhir.Ref{Type: fhir.TypeObservation, ID: o.ID}, Ops: []record.Op{{Kind: record.OpPut, Value: body(o)}},
		Stamps: &record.Stamps{StatusChanged: r.changed, Message: r.sent},
	}
}

func (h *hospital) oru(p person, ward record.Ward, readings ...reading) record.Filing {
	g := record.Group{Subject: p.subject(false), Ward: ward}
	for _, r := range readings {
		g.Drafts = append(g.Drafts, draftOf(potassium(r), r))
	}
	return h.message("ORU^R01", g)
}

func (h *hospital) file(f record.Filing) record.Inbound {
	h.Helper()
	row, err := h.s.File(h.ctx(), f)
	h.must(err)
	return row
}

// filed is file for what must be filed whole; it returns the patient.
func (h *hospital) filed(f record.Filing) fhir.ID {
	h.Helper()
	row := h.file(f)
	if row.Fate != record.FateFiled || row.Reason != "" {
		h.Fatalf("%s: %s (%s), want filed", row.Type, row.Fate, row.Reason)
	}
	for _, ref := range row.Refs {
		if c, ok := h.current(ref); ok && c.Patient != "" {
			return c.Patient
		}
	}
	return ""
}

// admitted puts somebody on a ward, and returns who it is.
func (h *hospital) admitted(p person, ward record.Ward) fhir.ID {
	h.Helper()
	return h.filed(h.adt(p, "v"+p.number, ward, h.now))
}

func obs(filler string) fhir.Ref {
	return fhir.Ref{Type: fhir.TypeObservation, ID: fhir.ID("o" + filler)}
}

func valueOf(t *testing.T, c record.Change) string {
	t.Helper()
	o := view[fhir.Observation](t, c.Body)
	return o.Status + " " + string(*o.ValueQuantity.Value)
}

// audits are the audit events that name a detail, such as a mutation.
func (h *hospital) audits(kind, value string) (list []string) {
	h.Helper()
	want := fmt.Sprintf(`{"type":%q,"valueString":%q}`, kind, value)
	for _, e := range h.entries() {
		for _, a := range e.Audits {
			if !json.Valid(a) {
				h.Errorf("entry %d: an audit event is no JSON", e.Position)
			}
			if strings.Contains(string(a), want) {
				list = append(list, string(a))
			}
		}
	}
	return list
}

func hasWard(list []record.Ward, w record.Ward) bool { return slices.Contains(list, w) }

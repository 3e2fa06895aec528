package simtest

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
	"wardlight/sync/client"
)

// deviceKeys are made once: they are the same in every simulation.
var deviceKeys = sync.OnceValue(func() (all [8]keys.DeviceKey) {
	for i := range all {
		k, err := keys.NewDeviceKey(rand.Reader)
		must(err)
		all[i] = k
	}
	return all
})

// A device's signature costs more than all else that a mutation does, so in
// most histories a hash over the station and the bytes stands for it: it
// detects, and is quick. One in sixteen uses the real one.
func (s *station) sign(msg []byte) []byte {
	if !s.w.profile.signed {
		return stamp(s.device.Key, msg)
	}
	sig, err := s.key.Sign(msg)
	must(err)
	return sig
}

func (w *world) verifyDevice(key, msg, sig []byte) error {
	if w.profile.signed {
		return keys.VerifyDevice(key, msg, sig)
	}
	return verifyStamp(key, msg, sig)
}

func verifyStamp(key, msg, sig []byte) error {
	if string(stamp(key, msg)) != string(sig) {
		return fault.New(fault.Denied, "simtest.verify", "", "not this computer's signature")
	}
	return nil
}

func stamp(key, msg []byte) []byte {
	h := sha256.New()
	h.Write(key[len(key)-16:])
	h.Write(msg)
	return h.Sum(nil)
}

// act is one thing that a person does at a station.
func (s *station) act() {
	if s.machine == nil || s.w.now < s.wakes {
		return
	}
	refs := s.heldOf(fhir.TypePatient)
	if len(refs) == 0 {
		return
	}
	p := s.store.Held[refs[s.w.rng.IntN(len(refs))]].Patient
	s.w.looks++
	s.store.Look([]byte(fmt.Sprintf(`{"look":"%s-%d"}`, s.id, s.w.looks)))
	if s.store.full {
		s.w.struck["a person was told that the disk is full"]++
	} else {
		s.enter(p)
	}
	s.step(client.Nudge{})
}

// enter is what somebody enters about a patient.
func (s *station) enter(p fhir.ID) {
	switch s.w.rng.IntN(4) {
	case 0:
		s.vitals(p)
	case 1:
		s.acknowledge(p)
	case 2:
		s.edit(p)
	case 3:
		if s.w.plant == None { // the histories of the mutants stay those in which each is met
			s.routine(p)
		}
	}
}

// heldOf are the resources of a type that the station holds, in order of id.
func (s *station) heldOf(t fhir.Type) []fhir.Ref {
	var refs []fhir.Ref
	for ref := range s.store.Held {
		if ref.Type == t {
			refs = append(refs, ref)
		}
	}
	slices.SortFunc(refs, func(a, b fhir.Ref) int { return cmp.Compare(a.ID, b.ID) })
	return refs
}

func (s *station) vitals(p fhir.ID) {
	id := record.MutationOf(s.id, s.store.NextSeq())
	body := fmt.Sprintf(`{"category":[{"coding":[{"code":"vital-signs","system":%q}]}],"code":{"text":"pulse"},"id":%q,"resourceType":"Observation","status":"final","subject":{"reference":"Patient/%s"},"valueInteger":%d}`,
		fhir.SystemObservationCat, id, p, 60+s.w.rng.IntN(60))
	s.write(p, fhir.Ref{Type: fhir.TypeObservation, ID: fhir.ID(id)}, record.Op{Kind: record.OpPut, Value: canonical(body)}, 0, "")
}

func (s *station) acknowledge(p fhir.ID) {
	var about fhir.Ref
	for _, ref := range s.heldOf(fhir.TypeObservation) {
		if s.store.Held[ref].Patient == p {
			about = ref
		}
	}
	if about.IsZero() {
		return
	}
	id := record.MutationOf(s.id, s.store.NextSeq())
	body := fmt.Sprintf(`{"code":{"coding":[{"code":"acknowledge","system":%q}]},"focus":{"reference":%q},"for":{"reference":"Patient/%s"},"id":%q,"intent":"order","resourceType":"Task","status":"completed"}`,
		fhir.SystemTaskCode, about, p, id)
	s.write(p, fhir.Ref{Type: fhir.TypeTask, ID: fhir.ID(id)}, record.Op{Kind: record.OpPut, Value: canonical(body)}, 0, "")
}

// edit changes a resource that others change too, on top of an own unsent edit
// if there is one.
func (s *station) edit(p fhir.ID) {
	for _, ref := range s.heldOf(fhir.TypeAllergyIntolerance) {
		c := s.store.Held[ref]
		if c.Patient != p {
			continue
		}
		base, own := c.Version, record.MutationID("")
		if id := s.edits[ref]; id != "" {
			if _, done := s.store.receipts[id]; !done {
				base, own = 0, id
			}
		}
		s.edits[ref] = s.write(p, ref, s.opinion(), base, own)
		return
	}
}

// opinion is what somebody thinks of an allergy: how grave it is, or that there
// is none.
func (s *station) opinion() record.Op {
	if s.w.rng.IntN(4) == 0 {
		return record.Op{Kind: record.OpSet, Field: "verificationStatus", Value: canonical(`{"coding":[{"code":"refuted","system":"` + fhir.SystemAllergyVerified + `"}]}`)}
	}
	value := []string{`"low"`, `"high"`, `"unable-to-assess"`}[s.w.rng.IntN(3)]
	return record.Op{Kind: record.OpSet, Field: "criticality", Value: []byte(value)}
}

// write is a person's entry: durable when it returns, as the person is told.
func (s *station) write(p fhir.ID, ref fhir.Ref, op record.Op, base record.Version, own record.MutationID) record.MutationID {
	m := record.Mutation{
		ID: record.MutationOf(s.id, s.store.NextSeq()), Ref: ref, Patient: p, Base: base, BaseMut: own,
		Clock: record.HLC{Wall: s.clock().Wall}, Author: record.Author{User: "grace", Station: s.id},
		Ops: []record.Op{op}, Times: record.Times{Station: s.clock().Wall}, KeyID: s.key.ID(),
	}
	msg, err := m.SigningBytes()
	must(err)
	m.Sig = s.sign(msg)
	s.store.Write(m)
	s.told = append(s.told, m)
	return m.ID
}

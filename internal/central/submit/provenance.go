package submit

import (
	"slices"
	"strconv"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Where a version came from: one Provenance (R4) for each message and patient,
// naming the versions that the message wrote and the message's control id.

type provenance struct {
	ResourceType fhir.Type          `json:"resourceType"`
	ID           fhir.ID            `json:"id"`
	Target       []fhir.Reference   `json:"target"`
	Recorded     string             `json:"recorded"`
	Agent        []provenanceAgent  `json:"agent"`
	Entity       []provenanceEntity `json:"entity"`
}

type provenanceAgent struct {
	Who provenanceWho `json:"who"`
}

type provenanceWho struct {
	Identifier *fhir.Identifier `json:"identifier,omitempty"`
	Display    string           `json:"display,omitempty"`
}

type provenanceEntity struct {
	Role string        `json:"role"`
	What provenanceWho `json:"what"`
}

// systemControlID is the identifier system of MSH-10.
const systemControlID = "urn:wardlight:control-id"

func (w *work) provenance(fl *filing) error {
	for _, p := range fl.patients {
		var targets []fhir.Reference
		for _, t := range fl.targets {
			if t.ref.Type == fhir.TypeProvenance && t.patient == p {
				targets = nil // the message brought its own
				break
			}
			if t.patient == p {
				targets = append(targets, fhir.Reference{Reference: t.ref.String() + "/_history/" + strconv.FormatUint(uint64(t.version), 10)})
			}
		}
		if len(targets) == 0 {
			continue
		}
		body, err := fhir.Make(provenance{
			ResourceType: fhir.TypeProvenance, ID: fhir.ID("pv" + shortHash(fl.row.ID, string(p))),
			Target: slices.Clip(targets), Recorded: stamp(w.now),
			Agent: []provenanceAgent{{Who: provenanceWho{Display: fl.author.Sender}}},
			Entity: []provenanceEntity{{Role: "source", What: provenanceWho{
				Identifier: &fhir.Identifier{System: systemControlID, Value: fl.row.ControlID}, Display: fl.row.Type,
			}}},
		})
		if err != nil {
			return err
		}
		ref, err := body.Ref()
		if err != nil {
			return err
		}
		if _, err := w.put(record.Change{
			Ref: ref, Patient: p, Body: body, Author: fl.author, Mutation: fl.mutationID(), Clock: record.HLC{Wall: w.ms()},
		}); err != nil {
			return err
		}
	}
	return nil
}

package submit

import (
	"bytes"
	"encoding/json"
	"slices"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Records of one person. A merge joins two by links between the Patients and
// moves nothing, so that it can be taken back exactly; whoever asks about a
// person asks about all of their records.

// maxLinked bounds how many records one person may have.
const maxLinked = 64

// linked are all records of a person: the given one first, then those that it
// replaced or was replaced by, near ones first.
func linked(r journal.Reader, id fhir.ID) ([]fhir.ID, error) {
	all := []fhir.ID{id}
	for i := 0; i < len(all) && len(all) < maxLinked; i++ {
		c, ok, err := r.Current(fhir.Ref{Type: fhir.TypePatient, ID: all[i]})
		if err != nil {
			return nil, err
		}
		if !ok || !bytes.Contains(c.Body, []byte(`"link"`)) {
			continue
		}
		p, err := fhir.View[fhir.Patient](c.Body)
		if err != nil {
			continue
		}
		for _, l := range p.Link {
			ref, ok := l.Other.Ref()
			if ok && (l.Type == "replaced-by" || l.Type == "replaces") && !slices.Contains(all, ref.ID) {
				all = append(all, ref.ID)
			}
		}
	}
	return all, nil
}

// onePerson says whether two records are one person's.
func onePerson(r journal.Reader, a, b fhir.ID) (bool, error) {
	if a == b || a == "" || b == "" {
		return a == b, nil
	}
	all, err := linked(r, a)
	return slices.Contains(all, b), err
}

// retiredNumbers are the identifiers of the other records of a person. What a
// message says under them is about the person; they do not become numbers of
// the record that survived, or they would be there twice once the records are
// taken apart again. other is a record that is about to be joined with it, "" for none.
func (w *work) retiredNumbers(id, other fhir.ID) (map[string]bool, error) {
	all, err := linked(w, id)
	if err != nil {
		return nil, err
	}
	if other != "" && other != id && !slices.Contains(all, other) {
		all = append(all, other)
	}
	numbers := map[string]bool{}
	for _, other := range all[1:] {
		p, err := w.patient(other)
		if err != nil {
			return nil, err
		}
		if p == nil {
			continue
		}
		for _, i := range p.Identifier {
			numbers[i.System+"|"+i.Value] = true
		}
	}
	return numbers, nil
}

// withoutNumbers takes identifiers out of what a message says of a patient.
func withoutNumbers(ops []record.Op, numbers map[string]bool) []record.Op {
	if len(numbers) == 0 {
		return ops
	}
	for i := range ops {
		if ops[i].Kind == record.OpPut {
			ops[i].Value = bodyWithout(ops[i].Value, numbers)
		}
	}
	return slices.DeleteFunc(ops, func(op record.Op) bool {
		return op.Kind == record.OpAdd && op.Field == "identifier" && numbers[op.Key]
	})
}

func bodyWithout(body []byte, numbers map[string]bool) []byte {
	o, err := fhir.Parse(body)
	if err != nil || o["identifier"] == nil {
		return body // the merge refuses what cannot be read, in words
	}
	var list []json.RawMessage
	if json.Unmarshal(o["identifier"], &list) != nil {
		return body
	}
	list = slices.DeleteFunc(list, func(raw json.RawMessage) bool {
		var id fhir.Identifier
		return json.Unmarshal(raw, &id) == nil && numbers[id.System+"|"+id.Value]
	})
	delete(o, "identifier")
	if len(list) > 0 {
		if raw, err := json.Marshal(list); err == nil {
			o["identifier"] = raw
		}
	}
	out, err := o.Resource()
	if err != nil {
		return body
	}
	return out
}

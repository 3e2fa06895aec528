package submit

import (
	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/audit"
)

// What is used how often, of a routine's steps and of the alert rules, is counted by
// central and kept as a Basic of its own with one text, which every station shows.

// use is one kept count.
type use struct {
	ref    fhir.Ref
	code   string // fhir.BasicUse, fhir.BasicRuleUse
	url    string // of the extension that holds the text
	text   string
	wards  []record.Ward
	detail audit.Detail
}

// useIn is the text of a count that is kept; "" where there is none, or none that can
// be read: it is written anew.
func useIn(r journal.Reader, ref fhir.Ref, url string) (text string, err error) {
	c, ok, err := r.Current(ref)
	if err != nil || !ok {
		return "", err
	}
	b, bad := fhir.View[struct {
		Extension []fhir.Extension `json:"extension"`
	}](c.Body)
	if bad != nil {
		return "", nil
	}
	return fhir.ExtString(b.Extension, url), nil
}

// putUse keeps a count, with its event.
func (w *work) putUse(u use) error {
	body, err := fhir.Make(struct {
		ResourceType fhir.Type            `json:"resourceType"`
		ID           fhir.ID              `json:"id"`
		Code         fhir.CodeableConcept `json:"code"`
		Extension    []fhir.Extension     `json:"extension"`
	}{
		fhir.TypeBasic, u.ref.ID,
		fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemBasic, Code: u.code}}},
		[]fhir.Extension{{URL: u.url, ValueString: fhir.Str(u.text)}},
	})
	if err != nil {
		return err
	}
	v, err := w.put(record.Change{Ref: u.ref, Wards: u.wards, Body: body, Author: central, Clock: record.HLC{Wall: w.ms()}})
	if err != nil {
		return err
	}
	return w.audit(audit.Event{
		Action: audit.Update, Who: whoIs(central), What: []audit.What{{Ref: u.ref, Version: v}}, Details: []audit.Detail{u.detail},
	})
}

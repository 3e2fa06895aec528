package v2tofhir

import (
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/interop/hl7"
)

// Results that belong to another result: the susceptibilities of an organism. OBR-26
// (data type PRL) names the parent by its test and its sub-id, and may say what it was.
// Two organisms of one culture are tested against the same drugs under one number, and
// only the parent tells them apart.

// ExtParent is what a result belongs to, in words: "Escherichia coli" (valueString).
const ExtParent = "urn:wardlight:v2-parent"

// parentKey is the parent as a part of a result's identity, without its words, which
// change between versions; "" for none.
func parentKey(obr hl7.Segment) string {
	f := obr.Field(26)
	code, sub := text(f.Comp(1)), text(f.Comp(2))
	if sub == "" && text(f.Comp(3)) == "" && parentOrder(obr) == "" {
		return "" // a word alone is something else that some senders put there
	}
	return "parent " + code + " " + sub
}

// parentOrder is OBR-29 (data type EIP): the parent's number at the placer and at the
// filler, of which some senders have the second alone.
func parentOrder(obr hl7.Segment) string {
	f := obr.Field(29)
	return orElse(text(f.Comp(2)), text(f.Comp(1)))
}

// parents says of each result whose it is. The note is for whoever reads the result: a
// drug without its organism is of no use, or of harm.
func (m *message) parents(all []*result) {
	for _, r := range all {
		if r.none || parentKey(r.order.obr) == "" {
			continue
		}
		words := strings.TrimSpace(text(r.order.obr.Field(26).Comp(3)))
		if words == "" {
			words = parentIn(all, r)
		}
		if words == "" && parentKey(r.order.obr) == "parent  " {
			words = m.parentNamed(all, r)
		}
		if words == "" {
			m.note("a result belongs to another one (OBR-26) that the message does not describe")
			words = strings.TrimPrefix(parentKey(r.order.obr), "parent ")
		}
		r.obs.Extension = append(r.obs.Extension, fhir.Extension{URL: ExtParent, ValueString: fhir.Str(words)})
		if r.obs.DataAbsentReason == nil || len(r.obs.Note) > 0 { // the first remark says why there is no result
			r.obs.Note = append(r.obs.Note, fhir.Annotation{Text: "Belongs to: " + words})
		}
	}
}

// parentNamed is what a result belongs to that names no more than its parent's order: what
// was asked for there, or its number.
func (m *message) parentNamed(all []*result, of *result) string {
	number := parentOrder(of.order.obr)
	for _, p := range all {
		obr := p.order.obr
		if p.order != of.order && (text(obr.Field(3)) == number || text(obr.Field(2)) == number) && p.order.obr.Exists() {
			return m.reportCode(p.order).Words()
		}
	}
	return number
}

// parentIn looks for the parent of a result among the others.
func parentIn(all []*result, of *result) string {
	f := of.order.obr.Field(26)
	code, sub := text(f.Comp(1)), text(f.Comp(2))
	for _, p := range all {
		if p == of || p.order == of.order || text(p.from.obx.Field(3)) != code || text(p.from.obx.Field(4)) != sub {
			continue
		}
		switch {
		case p.obs.ValueCodeableConcept != nil:
			return p.obs.ValueCodeableConcept.Words()
		case p.obs.ValueString != nil:
			first, _, _ := strings.Cut(*p.obs.ValueString, "\n")
			return first
		}
	}
	return ""
}

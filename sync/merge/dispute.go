package merge

import (
	"cmp"
	"encoding/json"
	"slices"

	"wardlight/internal/clinical/fhir"
)

// Extensions that this package writes beside fhir.ExtDisputed.
const (
	extMoved   = "urn:wardlight:moved"         // Encounter: when the patient was where it says, and how surely that is known
	extSeen    = "urn:wardlight:statuses-seen" // laboratory results: the statuses of all versions that are known
	extActive  = "urn:wardlight:active-before" // Patient: what "active" said before the record was retired
	extDecided = "urn:wardlight:decided"       // what a review's decision changed, and what stood there before
)

// path names an element, or one element of a list.
type path struct{ field, key string }

func (p path) String() string {
	if p.key == "" {
		return p.field
	}
	return p.field + "/" + p.key
}

// value is one thing that somebody says an element is. Values are compared as
// they stand, so they make sets.
type value struct {
	raw   string // canonical JSON; "" says that the element is not there
	round int    // how often a dispute about this element was settled before it was said
	held  bool   // not newly said: somebody who changed other elements relied on it
}

func compareValues(a, b value) int {
	held := map[bool]int{true: 1}
	return cmp.Or(cmp.Compare(a.raw, b.raw), cmp.Compare(a.round, b.round), cmp.Compare(held[a.held], held[b.held]))
}

func sortValues(vs []value) { slices.SortFunc(vs, compareValues) }

// A dispute is an element with several values, as the extension
// fhir.ExtDisputed keeps it in the body: all values, the one in force
// included. It travels with the resource, so whoever holds the resource holds
// every side, and a third or fourth side joins the same set whatever the order
// of arrival.
//
// Settling leaves the extension with its round and no values. The round keeps
// apart "nobody has touched the dispute" and "somebody looked at both and chose
// the one that was in force": two people who settle one dispute differently
// therefore dispute again, and neither choice is lost.
type dispute struct {
	path   path
	round  int
	values []value // sorted; none: settled
}

func disputeFrom(e fhir.Extension) dispute {
	var d dispute
	for _, part := range e.Extension {
		switch {
		case part.URL == "field" && part.ValueString != nil:
			d.path.field = *part.ValueString
		case part.URL == "key" && part.ValueString != nil:
			d.path.key = *part.ValueString
		case part.URL == "round" && part.ValueInteger != nil:
			d.round = int(*part.ValueInteger)
		case part.URL == "value" && part.ValueString != nil:
			d.values = append(d.values, value{raw: *part.ValueString})
		case part.URL == "held" && part.ValueString != nil:
			d.values = append(d.values, value{raw: *part.ValueString, held: true})
		case part.URL == "absent" || part.URL == "held-absent":
			d.values = append(d.values, value{held: part.URL == "held-absent"})
		}
	}
	for i := range d.values {
		d.values[i].round = d.round
	}
	slices.SortFunc(d.values, compareValues)
	return d
}

func (d dispute) extension() fhir.Extension {
	e := fhir.Extension{URL: fhir.ExtDisputed, Extension: []fhir.Extension{
		{URL: "field", ValueString: fhir.Str(d.path.field)},
	}}
	if d.path.key != "" {
		e.Extension = append(e.Extension, fhir.Extension{URL: "key", ValueString: fhir.Str(d.path.key)})
	}
	e.Extension = append(e.Extension, fhir.Extension{URL: "round", ValueInteger: fhir.Int(int64(d.round))})
	for _, v := range d.values {
		url := "value"
		if v.held {
			url = "held"
		}
		part := fhir.Extension{URL: url, ValueString: fhir.Str(v.raw)}
		if v.raw == "" && v.held { // FHIR knows no empty strings
			part = fhir.Extension{URL: "held-absent", ValueBoolean: fhir.Bool(true)}
		} else if v.raw == "" {
			part = fhir.Extension{URL: "absent", ValueBoolean: fhir.Bool(true)}
		}
		e.Extension = append(e.Extension, part)
	}
	return e
}

// disputesOf reads all disputes of a resource, settled ones included.
func disputesOf(o fhir.Object) map[path]dispute {
	found := map[path]dispute{}
	for _, e := range extensionsOf(o) {
		if e.URL == fhir.ExtDisputed {
			d := disputeFrom(e)
			found[d.path] = d
		}
	}
	return found
}

func extensionsOf(o fhir.Object) []fhir.Extension {
	var list []fhir.Extension
	if json.Unmarshal(o["extension"], &list) != nil {
		return nil
	}
	return list
}

// settle marks disputes about field as decided: all of them, or the one about
// key.
func settle(o fhir.Object, field, key string, all bool) {
	if o["extension"] == nil {
		return
	}
	for p, d := range disputesOf(o) {
		about := p.field == field && (all || p.key == key)
		if p.field == movementField && inMovement(field, key) {
			about = true
		}
		if about && len(d.values) > 0 {
			d.round, d.values = d.round+1, nil
			putExtension(o, d.extension())
		}
	}
}

// putExtension adds one of our own extensions, or replaces it.
func putExtension(o fhir.Object, e fhir.Extension) {
	raw, err := fhir.Make(e)
	if err != nil {
		return // a struct of strings and numbers: cannot fail
	}
	editExtensions(o, func(l *list) { l.set(ElementKey("extension", raw), []json.RawMessage{json.RawMessage(raw)}) })
}

func dropExtension(o fhir.Object, key string) {
	editExtensions(o, func(l *list) { l.drop(key) })
}

func editExtensions(o fhir.Object, edit func(*list)) {
	l, ok := listOf("extension", o["extension"])
	if !ok {
		l = list{at: map[string][]json.RawMessage{}}
	}
	edit(&l)
	setField(o, "extension", l.json())
}

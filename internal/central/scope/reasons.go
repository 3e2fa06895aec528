package scope

import (
	"bytes"
	"maps"
	"slices"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Why a ward's stations hold a patient: a present stay there; a person's own
// list that is kept there; or, once they left, something that is still to be done
// (record.KeptOf: central says when it begins and when it ends, so that time
// alone never changes a scope). One station alone holds whoever's record it was lent
// for an emergency (record.LentTo). For the same reason they hold all other records
// of the same person. Each reason is a source (a stay, a list) with parts: one for
// each patient and ward that it puts somewhere.
type reasons struct {
	stays map[fhir.ID]place     // by Encounter
	lists map[fhir.ID][]place   // by List
	to    map[fhir.ID]fhir.ID   // retired record → the one that replaced it
	from  map[fhir.ID][]fhir.ID // and back
}

// source names a stay or a list.
type source fhir.Ref

func newReasons() reasons {
	return reasons{stays: map[fhir.ID]place{}, lists: map[fhir.ID][]place{}, to: map[fhir.ID]fhir.ID{}, from: map[fhir.ID][]fhir.ID{}}
}

// linking is a record's being joined to another, or taken apart again.
type linking struct {
	pos           record.Position
	retired       fhir.ID
	before, after fhir.ID // whom it is replaced by; "" for nobody
}

func (y *reasons) link(retired, survivor fhir.ID) {
	if old := y.to[retired]; old != "" {
		y.from[old] = slices.DeleteFunc(slices.Clone(y.from[old]), func(id fhir.ID) bool { return id == retired })
		delete(y.to, retired)
	}
	if survivor != "" {
		y.to[retired] = survivor
		y.from[survivor] = append(slices.Clip(y.from[survivor]), retired)
	}
}

// maxGroup bounds the records of one person.
const maxGroup = 64

// group are all records of a person.
func (y *reasons) group(id fhir.ID) []fhir.ID {
	all := []fhir.ID{id}
	for i := 0; i < len(all) && len(all) < maxGroup; i++ {
		for _, next := range append(slices.Clone(y.from[all[i]]), y.to[all[i]]) {
			if next != "" && !slices.Contains(all, next) {
				all = append(all, next)
			}
		}
	}
	return all
}

// replacedBy is whom a Patient's body says it was replaced by.
func replacedBy(c record.Change) fhir.ID {
	if c.Ref.Type != fhir.TypePatient || !bytes.Contains(c.Body, []byte("replaced-by")) {
		return ""
	}
	p, err := fhir.View[fhir.Patient](c.Body)
	if err != nil {
		return ""
	}
	for _, l := range p.Link {
		if ref, ok := l.Other.Ref(); ok && l.Type == "replaced-by" {
			return ref.ID
		}
	}
	return ""
}

func (y *reasons) linkingOf(c record.Change, pos record.Position) (linking, bool) {
	if c.Ref.Type != fhir.TypePatient {
		return linking{}, false
	}
	l := linking{pos, c.Ref.ID, y.to[c.Ref.ID], replacedBy(c)}
	return l, l.before != l.after
}

// touched are the sources whose parts a change may change.
func (y *reasons) touched(c record.Change) ([]source, error) {
	if c.Ref.Type != fhir.TypePatient {
		return []source{source(c.Ref)}, nil
	}
	l, changes := y.linkingOf(c, 0)
	if !changes {
		return nil, nil
	}
	people := y.group(l.retired)
	if l.after != "" {
		people = append(people, y.group(l.after)...)
	}
	return y.sourcesOf(people), nil
}

// sourcesOf are the sources that put one of these patients somewhere.
func (y *reasons) sourcesOf(people []fhir.ID) []source {
	var out []source
	for id, p := range y.stays {
		if slices.Contains(people, p.patient) {
			out = append(out, source{Type: fhir.TypeEncounter, ID: id})
		}
	}
	for id, places := range y.lists {
		if slices.ContainsFunc(places, func(p place) bool { return slices.Contains(people, p.patient) }) {
			out = append(out, source{Type: fhir.TypeList, ID: id})
		}
	}
	return out
}

// parts are the places that sources give, each under a name of its own.
func (y *reasons) parts(of []source) map[string]place {
	parts := map[string]place{}
	for _, s := range of {
		places := y.lists[s.ID]
		if s.Type == fhir.TypeEncounter {
			places = []place{y.stays[s.ID]}
		}
		for _, p := range places {
			if p.ward == "" {
				continue
			}
			for _, q := range y.group(p.patient) {
				name := string(s.Type) + "/" + string(s.ID) + "/" + string(p.patient) + "/" + string(p.ward) + "/" + string(q)
				if s.Type == fhir.TypeEncounter { // one place at a time: a move is one move
					name = string(s.Type) + "/" + string(s.ID) + "/" + string(q)
				}
				parts[name] = place{q, p.ward}
			}
		}
	}
	return parts
}

func sortedParts(a, b map[string]place) []string {
	names := slices.Collect(maps.Keys(a))
	for name := range b {
		if _, both := a[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// note takes a change over.
func (y *reasons) note(c record.Change) error {
	switch c.Ref.Type {
	case fhir.TypePatient:
		y.link(c.Ref.ID, replacedBy(c))
	case fhir.TypeEncounter:
		p, err := placeOf(c)
		if err != nil {
			return err
		}
		if p.ward == "" {
			delete(y.stays, c.Ref.ID)
			return nil
		}
		y.stays[c.Ref.ID] = p
	case fhir.TypeList:
		if places := placesOf(c); len(places) > 0 {
			y.lists[c.Ref.ID] = places
		} else {
			delete(y.lists, c.Ref.ID)
		}
	default: // says nothing of who may see whom
	}
	return nil
}

// placeOf asks the journal's own index where an Encounter's version puts its
// patient, so that scope and index never disagree.
func placeOf(c record.Change) (place, error) {
	keys, err := journal.Keys(c)
	if err != nil {
		return place{}, err
	}
	for _, k := range keys {
		if k.Index == journal.ByWard && c.Patient != "" {
			return place{c.Patient, record.Ward(k.Key)}, nil
		}
	}
	return place{}, nil
}

// placesOf are whom a list holds on which wards: a person's own, the one by
// which a ward keeps somebody who left, or one by which a station is lent a record. One that is longer than it may be holds
// nobody: submit lets none of those in.
func placesOf(c record.Change) []place {
	l, err := fhir.View[fhir.List](c.Body)
	if err != nil || !holds(l) || len(l.Entry) > record.MaxListed || len(c.Wards) > record.MaxListWards {
		return nil
	}
	var out []place
	for _, p := range l.Patients() {
		for _, w := range c.Wards {
			out = append(out, place{p, w})
		}
	}
	return out
}

// holds says whether a list is one of those for which somebody is held.
func holds(l fhir.List) bool {
	return slices.ContainsFunc(l.Extension, func(e fhir.Extension) bool {
		return e.ValueString != nil && *e.ValueString != "" && (e.URL == fhir.ExtListOf || e.URL == fhir.ExtKept || e.URL == fhir.ExtLent)
	})
}

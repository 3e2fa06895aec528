package merge

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
)

// How states merge.
//
// Each element, and each element of a list by its identity, has a set of
// values: usually one, several where people disagree. Of two states that grew
// from one base, a value that the base has stays while both still have it; a
// value that the base has not stays if either has it. That is a three-way
// merge of sets, so the order and the grouping of merges make no difference,
// and the same state merged again changes nothing.
//
// Then the policy of the element (see policy) strikes out values that another
// makes moot: "low" beside "high", "requested" beside "done". That relation is
// a partial order, and the greatest elements of a union do not depend on how
// the union was put together. If several values are left they are a dispute:
// all stay in the body, the one in force is chosen by content.
//
// A removal is the value "not there", so delete against edit is a dispute like
// any other, and no side vanishes. Ending a whole entry (refuted, cancelled,
// entered in error) against a change of any other element is one too: whoever
// changed the entry relied on it, which counts as saying its status again
// (value.held).

// state is a resource taken apart into its values.
type state struct {
	values map[path][]value
	order  map[string][]string // of each list, the identities in their order
	isList map[string]bool
}

// Three merges two states of one resource that grew from base. A nil base means
// that both were made independently. The result is in normal form: lists keep
// the order of the base, additions follow in order of identity. disputed names
// the elements that a person has to look at, sorted.
func Three(t fhir.Type, base, a, b fhir.Resource) (merged fhir.Resource, disputed []string, err error) {
	var objects [3]fhir.Object
	for i, r := range []fhir.Resource{base, a, b} {
		if r == nil && i == 0 {
			continue
		}
		if objects[i], err = fhir.Parse(r); err != nil {
			return nil, nil, err
		}
	}
	if !sameIdentity(objects[1], objects[2]) || base != nil && !sameIdentity(objects[0], objects[1]) {
		return nil, nil, opsError("the bodies are not of one resource")
	}
	out, disputes := three(policyOf(t, objects[1]), objects[0], objects[1], objects[2])
	for _, d := range disputes {
		disputed = append(disputed, d.path.String())
	}
	return bodyOf(out), disputed, nil
}

// three merges and returns the disputes that want a person.
func three(pol policy, base, a, b fhir.Object) (fhir.Object, []dispute) {
	lists := listFields(base, a, b)
	s0, sa, sb := stateOf(pol, base, lists), stateOf(pol, a, lists), stateOf(pol, b, lists)
	hold(pol, s0, sa)
	hold(pol, s0, sb)
	merged := state{values: map[path][]value{}, isList: lists}
	for _, p := range paths(s0, sa, sb) {
		vs := mergeSets(s0.of(p), sa.of(p), sb.of(p))
		merged.values[p] = pol.rule(p).prune(vs)
	}
	merged.order = mergeOrder(s0, sa, sb)
	return merged.object(pol, a)
}

// listFields says which elements are lists: those that are nowhere anything
// else.
func listFields(objects ...fhir.Object) map[string]bool {
	lists := map[string]bool{}
	for _, o := range objects {
		for field, raw := range o {
			is, known := lists[field]
			_, ok := listOf(field, raw)
			lists[field] = ok && (is || !known)
		}
	}
	return lists
}

// stateOf takes a resource apart.
func stateOf(pol policy, o fhir.Object, lists map[string]bool) state {
	s := state{values: map[path][]value{}, order: map[string][]string{}, isList: lists}
	if o == nil {
		return s
	}
	disputes := disputesOf(o)
	rest := o
	if pol.moves {
		rest = s.takeMovement(o)
	}
	for _, field := range fieldsOf(rest) {
		if !lists[field] {
			s.values[path{field: field}] = []value{{raw: string(rest[field])}}
			continue
		}
		l, _ := listOf(field, rest[field])
		for _, k := range l.keys {
			if field == "extension" && strings.HasPrefix(k, fhir.ExtDisputed+"|") {
				continue
			}
			s.order[field] = append(s.order[field], k)
			s.values[path{field, k}] = []value{{raw: group(l.at[k])}}
		}
	}
	for p, d := range disputes {
		if len(d.values) > 0 {
			s.values[p] = d.values
			continue
		}
		v := s.of(p)[0]
		v.round = d.round
		s.values[p] = []value{v}
	}
	return s
}

// takeMovement puts the elements that say where a patient is under one path,
// because half of one movement and half of another is nowhere.
func (s state) takeMovement(o fhir.Object) fhir.Object {
	rest, movement := splitMovement(o)
	if movement != "" {
		s.values[path{field: movementField}] = []value{{raw: movement}}
	}
	return rest
}

// of is what the state says of p: not there, if nothing.
func (s state) of(p path) []value {
	if vs, ok := s.values[p]; ok {
		return vs
	}
	return []value{{}}
}

func paths(states ...state) []path {
	seen := map[path]bool{}
	var all []path
	for _, s := range states {
		for p := range s.values {
			if !seen[p] {
				seen[p] = true
				all = append(all, p)
			}
		}
	}
	slices.SortFunc(all, func(x, y path) int {
		if c := strings.Compare(x.field, y.field); c != 0 {
			return c
		}
		return strings.Compare(x.key, y.key)
	})
	return all
}

// mergeSets is the three-way merge of sets. Where nothing would be left (two
// bodies that settled a dispute without leaving word of it), both stay.
func mergeSets(base, a, b []value) []value {
	var out []value
	for _, v := range a {
		if !slices.Contains(base, v) || slices.Contains(b, v) {
			out = append(out, v)
		}
	}
	for _, v := range b {
		if !slices.Contains(base, v) && !slices.Contains(a, v) {
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		out = append(append(out, a...), b...)
	}
	slices.SortFunc(out, compareValues)
	return slices.Compact(out)
}

// hold notes that whoever changed the substance of an entry, and left its
// status alone, relied on that status.
func hold(pol policy, base, s state) {
	if len(pol.held) == 0 || len(base.values) == 0 || !changedSubstance(pol, base, s) {
		return
	}
	for _, field := range pol.held {
		p := path{field: field}
		if !slices.Equal(base.of(p), s.of(p)) {
			continue
		}
		var vs []value
		for _, v := range s.of(p) {
			if !pol.rule(p).negative(v) {
				v.held = true
			}
			vs = append(vs, v)
		}
		s.values[p] = vs
	}
}

func changedSubstance(pol policy, base, s state) bool {
	for _, p := range paths(base, s) {
		if pol.substance(p) && !slices.Equal(base.of(p), s.of(p)) {
			return true
		}
	}
	return false
}

// mergeOrder: the base's order, then what came, by identity.
func mergeOrder(base, a, b state) map[string][]string {
	order := map[string][]string{}
	for field, is := range base.isList {
		if !is {
			continue
		}
		known := slices.Clone(base.order[field])
		var added []string
		for _, s := range []state{a, b} {
			for p := range s.values {
				if p.field == field && p.key != "" && !slices.Contains(known, p.key) && !slices.Contains(added, p.key) {
					added = append(added, p.key)
				}
			}
		}
		slices.Sort(added)
		order[field] = append(known, added...)
	}
	return order
}

// object puts a merged state together, with its disputes.
func (s state) object(pol policy, like fhir.Object) (fhir.Object, []dispute) {
	out := fhir.Object{"resourceType": like["resourceType"], "id": like["id"]}
	var open []dispute
	var marks []dispute
	force := map[path]string{}
	for _, p := range paths(s) {
		r := pol.rule(p)
		vs := distinct(s.values[p])
		force[p] = r.inForce(vs).raw
		d := dispute{path: p, round: maxRound(vs)}
		if len(vs) > 1 && !r.pick {
			d.values = vs
			if r.decide(vs) {
				open = append(open, d)
			}
		}
		if len(d.values) > 0 || d.round > 0 {
			marks = append(marks, d)
		}
		if p.field == movementField && pol.moves {
			joinMovement(out, force[p])
		} else if p.key == "" && !s.isList[p.field] {
			setField(out, p.field, []byte(force[p]))
		}
	}
	for field, keys := range s.order {
		s.putList(out, field, keys, force)
	}
	for _, d := range marks {
		putExtension(out, d.extension())
	}
	return out, open
}

func (s state) putList(out fhir.Object, field string, keys []string, force map[path]string) {
	l := list{at: map[string][]json.RawMessage{}}
	if field == "extension" { // a movement brought its ward and bed already
		if had, ok := listOf(field, out[field]); ok {
			l = had
		}
	}
	for _, k := range keys {
		if v := force[path{field, k}]; v != "" {
			l.set(k, ungroup(v))
		}
	}
	if raw := l.json(); len(raw) > 2 {
		out[field] = raw
	}
}

// distinct are the values that say different things: of one that was both said
// and held, the one that was said.
func distinct(vs []value) []value {
	var out []value
	for _, v := range vs {
		if i := slices.IndexFunc(out, func(o value) bool { return o.raw == v.raw }); i >= 0 {
			out[i].round = max(out[i].round, v.round)
			out[i].held = out[i].held && v.held
			continue
		}
		out = append(out, v)
	}
	return out
}

func maxRound(vs []value) int {
	round := 0
	for _, v := range vs {
		round = max(round, v.round)
	}
	return round
}

// normal is edited in the normal form that merging gives: so a change that
// meets no other and the same change merged end as the same bytes.
func normal(pol policy, base, edited fhir.Object) fhir.Object {
	out, _ := three(pol, base, edited, edited)
	return out
}

// same compares two bodies; their elements are in canonical form.
func same(a, b fhir.Object) bool {
	return maps.EqualFunc(a, b, func(x, y json.RawMessage) bool { return bytes.Equal(x, y) })
}

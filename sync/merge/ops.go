package merge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sort"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// ErrOps is the cause of every error that says a mutation's operations do not
// fit: they name an element that is no list, carry something that is not JSON,
// or would turn one resource into another.
var ErrOps = errors.New("the operations do not fit the resource")

func opsError(why string) error { return fmt.Errorf("merge: %s: %w", why, ErrOps) }

// Diff is the operations that make edited out of base: whole elements, and for
// lists the elements that came, changed or went, by identity (where several
// share one, the operation carries all of them as a list). The order of a list
// is not a difference. A nil base is a create.
func Diff(base, edited fhir.Resource) ([]record.Op, error) {
	after, err := fhir.Parse(edited)
	if err != nil {
		return nil, err
	}
	if base == nil {
		body, err := after.Resource()
		if err != nil {
			return nil, err
		}
		return []record.Op{{Kind: record.OpPut, Value: body}}, nil
	}
	before, err := fhir.Parse(base)
	if err != nil {
		return nil, err
	}
	if !sameIdentity(before, after) {
		return nil, opsError("the two bodies are not of one resource")
	}
	var ops []record.Op
	for _, field := range fieldsOf(before, after) {
		ops = append(ops, diffField(field, before[field], after[field])...)
	}
	return ops, nil
}

// diffField compares one element.
func diffField(field string, before, after json.RawMessage) []record.Op {
	switch {
	case bytes.Equal(before, after):
		return nil
	case after == nil:
		return []record.Op{{Kind: record.OpRemove, Field: field}}
	case before == nil:
		return []record.Op{{Kind: record.OpSet, Field: field, Value: after}}
	}
	was, ok1 := listOf(field, before)
	is, ok2 := listOf(field, after)
	if !ok1 || !ok2 {
		return []record.Op{{Kind: record.OpSet, Field: field, Value: after}}
	}
	var ops []record.Op
	for _, k := range was.keys {
		if _, still := is.at[k]; !still {
			ops = append(ops, record.Op{Kind: record.OpDrop, Field: field, Key: k})
		}
	}
	for _, k := range is.keys {
		if old, had := was.at[k]; !had || group(old) != group(is.at[k]) {
			ops = append(ops, record.Op{Kind: record.OpAdd, Field: field, Key: k, Value: []byte(group(is.at[k]))})
		}
	}
	return ops
}

// ApplyOps performs ops on base. Setting, adding or dropping an element that
// was disputed settles the dispute: whoever wrote it had both values in view.
func ApplyOps(base fhir.Resource, ops []record.Op) (fhir.Resource, error) {
	var o fhir.Object
	if base != nil {
		var err error
		if o, err = fhir.Parse(base); err != nil {
			return nil, err
		}
	}
	o, err := perform(o, ops)
	if err != nil {
		return nil, err
	}
	return bodyOf(o), nil
}

// perform is ApplyOps on a resource that is taken apart; it leaves base as it
// is.
func perform(base fhir.Object, ops []record.Op) (fhir.Object, error) {
	o := base
	if base != nil {
		o = base.Clone()
	}
	for _, op := range ops {
		var err error
		if o, err = applyOp(o, op); err != nil {
			return nil, err
		}
	}
	if o == nil {
		return nil, opsError("nothing to make a resource of")
	}
	return o, nil
}

// bodyOf puts a resource together. Its elements are in canonical form already,
// so all that is left is to sort them.
func bodyOf(o fhir.Object) fhir.Resource {
	names := make([]string, 0, len(o))
	size := 2
	for name, v := range o {
		names = append(names, name)
		size += len(name) + len(v) + 4
	}
	sort.Strings(names)
	out := make([]byte, 0, size)
	for _, name := range names {
		out = append(out, ',')
		out = appendName(out, name)
		out = append(append(out, ':'), o[name]...)
	}
	if len(out) == 0 {
		return fhir.Resource("{}")
	}
	out[0] = '{'
	return append(out, '}')
}

// appendName writes a member's name as fhir.Canonical does.
func appendName(out []byte, name string) []byte {
	for i := 0; i < len(name); i++ {
		if c := name[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, err := json.Marshal(name)
			if err == nil {
				quoted, err = fhir.Canonical(quoted)
			}
			if err == nil {
				return append(out, quoted...)
			}
		}
	}
	return append(append(append(out, '"'), name...), '"')
}

// AuthorView is what the author of the next mutation had before their eyes:
// base with an unbroken chain of their own mutations, not yet answered, on top.
func AuthorView(base fhir.Resource, chain []record.Mutation) (fhir.Resource, error) {
	for _, m := range chain {
		var err error
		if base, err = ApplyOps(base, m.Ops); err != nil {
			return nil, err
		}
	}
	return base, nil
}

func applyOp(o fhir.Object, op record.Op) (fhir.Object, error) {
	if op.Kind == record.OpPut {
		return applyPut(o, op.Value)
	}
	if o == nil {
		return nil, opsError("there is no resource to change")
	}
	if op.Field == "" || op.Field == "resourceType" || op.Field == "id" {
		return nil, opsError("an operation would change what the resource is")
	}
	switch op.Kind {
	case record.OpSet:
		v, err := fhir.Canonical(op.Value)
		if err != nil {
			return nil, opsError("a value is not JSON")
		}
		setField(o, op.Field, v)
		settle(o, op.Field, "", true)
	case record.OpRemove:
		delete(o, op.Field)
		settle(o, op.Field, "", true)
	case record.OpAdd, record.OpDrop:
		if err := applyElement(o, op); err != nil {
			return nil, err
		}
		settle(o, op.Field, op.Key, false)
	default:
		return nil, opsError("an operation of an unknown kind")
	}
	return o, nil
}

func applyPut(o fhir.Object, value []byte) (fhir.Object, error) {
	put, err := fhir.Parse(value)
	if err != nil {
		return nil, opsError("the body is not a JSON object")
	}
	if o != nil && !sameIdentity(o, put) {
		return nil, opsError("the body is of another resource")
	}
	return put, nil
}

// applyElement adds, replaces or drops one list element.
func applyElement(o fhir.Object, op record.Op) error {
	list := list{at: map[string][]json.RawMessage{}}
	if raw, has := o[op.Field]; has {
		var ok bool
		if list, ok = listOf(op.Field, raw); !ok {
			return opsError("an element is no list")
		}
	}
	if op.Kind == record.OpDrop {
		list.drop(op.Key)
		setField(o, op.Field, list.json())
		return nil
	}
	v, err := fhir.Canonical(op.Value)
	if err != nil {
		return opsError("a value is not JSON")
	}
	elements := ungroup(string(v))
	for _, e := range elements {
		if op.Key != ElementKey(op.Field, e) {
			return opsError("a list element does not have the identity that it is filed under")
		}
	}
	list.set(op.Key, elements)
	setField(o, op.Field, list.json())
	return nil
}

// setField sets an element; FHIR knows no empty lists and no nulls, so those
// remove it.
func setField(o fhir.Object, field string, v []byte) {
	if len(v) == 0 || string(v) == "null" || string(v) == "[]" || string(v) == "{}" {
		delete(o, field)
		return
	}
	o[field] = v
}

func sameIdentity(a, b fhir.Object) bool {
	return bytes.Equal(a["resourceType"], b["resourceType"]) && bytes.Equal(a["id"], b["id"])
}

// fieldsOf are the names of all elements but the resource's own identity.
func fieldsOf(objects ...fhir.Object) []string {
	seen := map[string]bool{"resourceType": true, "id": true}
	var names []string
	for _, o := range objects {
		for name := range o {
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	sort.Strings(names)
	return names
}

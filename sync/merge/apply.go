package merge

import (
	"bytes"
	"encoding/json"
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Apply is what one mutation makes of the resource in force. It never fails:
// what cannot be applied is Refused, with the reason.
func Apply(in Input) Result {
	c, why := open(in)
	if why != "" {
		m := in.Mutation
		waits := in.Current == nil && m.Author.Sender != "" && len(m.Ops) > 0 && m.Ops[0].Kind != record.OpPut
		return Result{Outcome: record.Refused, Reason: why, HeldBack: waits}
	}
	switch {
	case c.laboratory():
		return c.applyLaboratory()
	case c.current == nil:
		return c.create()
	case appendOnly(c.ref.Type, c.current):
		return c.again()
	case c.isPut() && c.sender():
		return c.overlay()
	case c.ref.Type == fhir.TypeObservation:
		return c.applyVitals()
	}
	return c.edit()
}

// change is an Input taken apart.
type change struct {
	Input
	ref           fhir.Ref
	base, current fhir.Object
	edited        fhir.Object // what the author made of base; of current, for a connector
	pol           policy
}

func open(in Input) (*change, string) {
	c := &change{Input: in, ref: in.Mutation.Ref}
	var err error
	if in.Current != nil {
		if c.current, err = fhir.Parse(in.Current); err != nil {
			return nil, "The entry in the record cannot be read. Nothing was changed."
		}
	}
	switch {
	case c.sender():
		c.base = c.current
	case in.Base != nil:
		if c.base, err = fhir.Parse(in.Base); err != nil {
			return nil, "The entry that was changed cannot be read. Nothing was changed."
		}
	}
	if c.base == nil && !c.isPut() {
		return nil, "The entry that should be changed has not arrived."
	}
	if c.edited, err = perform(c.base, in.Mutation.Ops); err != nil {
		return nil, "The change does not fit the entry. Nothing was changed."
	}
	if word(string(c.edited["resourceType"]), "") != string(c.ref.Type) || word(string(c.edited["id"]), "") != string(c.ref.ID) || !c.ref.ID.Valid() {
		return nil, "The change is about another entry than it says. Nothing was changed."
	}
	c.pol = policyOf(c.ref.Type, c.edited)
	if c.pol.moves && (!c.sender() || c.current == nil) {
		stampMove(c.base, c.edited, in.Mutation)
	}
	return c, ""
}

func (c *change) sender() bool { return c.Mutation.Author.Sender != "" }

func (c *change) isPut() bool {
	return len(c.Mutation.Ops) > 0 && c.Mutation.Ops[0].Kind == record.OpPut
}

func refused(why string, loser fhir.Resource) Result {
	return Result{Outcome: record.Refused, Reason: why, Loser: loser}
}

func (c *change) create() Result {
	if !c.isPut() {
		return refused("The entry that should be changed has not arrived.", nil)
	}
	return Result{Outcome: record.Applied, Body: bodyOf(c.edited)}
}

// again is a second body for something that is made once. The ids of such
// things are their makers' own, so the same id twice is the same thing; if the
// bodies differ, which one stands follows from content, and the other is kept.
func (c *change) again() Result {
	switch {
	case !c.isPut():
		return refused("What somebody did is never changed afterwards. Withdraw it, and record what is right.", bodyOf(c.edited))
	case same(c.edited, c.current):
		return Result{Outcome: record.Applied}
	}
	mine, theirs := bodyOf(c.edited), bodyOf(c.current)
	if bytes.Compare(mine, theirs) < 0 {
		return Result{Outcome: record.Merged, Body: mine, Reason: "Recorded twice under one number."}
	}
	return Result{Outcome: record.Merged, Loser: mine, Reason: "Recorded twice under one number."}
}

// applyVitals: vital signs are append only.
func (c *change) applyVitals() Result {
	if c.isPut() {
		return c.again()
	}
	for _, op := range c.Mutation.Ops {
		toError := op.Kind == record.OpSet && op.Field == "status" && string(op.Value) == `"entered-in-error"`
		if !toError && op.Field != "note" {
			return refused("A measurement is never changed afterwards. Mark it as entered in error, and record it again.", bodyOf(c.edited))
		}
		if op.Kind == record.OpRemove || op.Kind == record.OpDrop {
			return refused("Remarks on a measurement stay.", bodyOf(c.edited))
		}
		if toError && c.Mutation.Reason == "" {
			return refused("Say why the measurement was entered in error.", bodyOf(c.edited))
		}
	}
	return c.edit()
}

// edit is a change of what the author had in view, against what is in force
// now.
func (c *change) edit() Result {
	if why := c.forbidden(); why != "" {
		return refused(why, bodyOf(c.edited))
	}
	if c.sender() {
		return c.sent(c.keepDisputes())
	}
	if c.base != nil && same(c.base, c.current) {
		edited := normal(c.pol, c.base, c.edited)
		if same(edited, c.current) {
			return Result{Outcome: record.Applied}
		}
		return Result{Outcome: record.Applied, Body: bodyOf(edited)}
	}
	if same(c.edited, c.current) {
		return Result{Outcome: record.Applied}
	}
	merged, open := three(c.pol, c.base, c.current, c.edited)
	return c.outcome(merged, open)
}

// outcome puts a merge into words.
func (c *change) outcome(merged fhir.Object, open []dispute) Result {
	r := Result{Outcome: record.Merged}
	if !same(merged, c.current) {
		r.Body = bodyOf(merged)
	}
	if c.lost(merged) {
		r.Loser = bodyOf(c.edited)
	}
	had := disputesOf(c.current)
	for _, d := range open {
		if !slices.Equal(had[d.path].values, d.values) {
			r.Outcome, r.Field = record.Review, d.path.String()
			r.Reason = "Two people entered different things about the same. Both are kept until somebody decides."
			break
		}
	}
	if r.Outcome != record.Review && len(choicesOf(merged)) > 1 && !slices.Equal(choicesOf(merged), choicesOf(c.current)) {
		r.Outcome, r.Field = record.Review, fhir.ParamChosen
		r.Reason = "Two people decided this differently. The safer entry is in force until somebody decides again."
	}
	if r.Outcome == record.Review {
		r.Loser = bodyOf(c.edited)
		r.Sides = [2]fhir.Resource{bodyOf(c.current), bodyOf(c.edited)}
		if bytes.Compare(r.Sides[0], r.Sides[1]) > 0 {
			r.Sides[0], r.Sides[1] = r.Sides[1], r.Sides[0]
		}
	}
	if c.ref.Type == fhir.TypeServiceRequest && word(string(c.edited["status"]), "") == "revoked" && word(string(merged["status"]), "") == "completed" {
		r.Reason = "The request had already been carried out when it was revoked."
		r.Flags = append(r.Flags, FlagRevokedTooLate)
	}
	return r
}

// lost says whether something that the author changed is not what stands in
// merged now.
func (c *change) lost(merged fhir.Object) bool {
	lists := listFields(c.base, c.edited, merged)
	was, mine, is := stateOf(c.pol, c.base, lists), stateOf(c.pol, c.edited, lists), stateOf(c.pol, merged, lists)
	for _, p := range paths(was, mine) {
		if !slices.Equal(was.of(p), mine.of(p)) && !says(is.of(p), mine.of(p)) {
			return true
		}
	}
	return false
}

func says(all, some []value) bool {
	for _, v := range some {
		if !slices.ContainsFunc(all, func(o value) bool { return o.raw == v.raw }) {
			return false
		}
	}
	return true
}

// forbidden are changes that no merge may make.
func (c *change) forbidden() string {
	switch c.ref.Type {
	case fhir.TypeAllergyIntolerance:
		if noneKnown(c.edited) && !noneKnown(c.current) {
			return "An allergy is never overwritten by \"no known allergies\". Refute the allergy, and record none known beside it."
		}
	case fhir.TypeTask:
		if c.base == nil || taskRank(c.edited) >= taskRank(c.base) {
			return ""
		}
		if c.Mutation.Author.User == "" || c.Mutation.Reason == "" {
			return "A finished task is opened again only by a person who says why."
		}
	case fhir.TypeServiceRequest:
		if word(string(c.base["status"]), "") == "completed" && word(string(c.edited["status"]), "") == "revoked" {
			return "The request has already been carried out and cannot be revoked."
		}
	default: // no other type has such a rule
	}
	return ""
}

func noneKnown(o fhir.Object) bool {
	var code fhir.CodeableConcept
	return json.Unmarshal(o["code"], &code) == nil && code.Has(fhir.SystemSNOMED, fhir.CodeNoKnownAllergies)
}

// grows are lists to which a connector's body adds; its other lists replace
// what is there.
var grows = map[string]bool{"identifier": true, "extension": true, "note": true, "reaction": true, "link": true, "diagnosis": true}

// overlay puts a connector's body on the one in force: the elements that it
// sends replace ours, those it does not send stay. Where an element is
// disputed, what it repeats settles nothing and what it says anew joins.
func (c *change) overlay() Result {
	if c.ref.Type == fhir.TypeAllergyIntolerance && noneKnown(c.edited) && !noneKnown(c.current) {
		return refused("An allergy is never overwritten by \"no known allergies\".", bodyOf(c.edited))
	}
	lists := listFields(c.current, c.edited)
	was, sent := stateOf(c.pol, c.current, lists), stateOf(c.pol, c.edited, lists)
	said := state{values: map[path][]value{}, isList: lists, order: mergeOrder(was, was, sent)}
	out := said
	out.values = map[path][]value{}
	for _, p := range paths(was, sent) {
		said.values[p] = sent.over(was, p)
		if p.field == movementField && c.pol.moves {
			said.values[p] = []value{{raw: c.sentMovement(c.pol.rule(p).inForce(was.of(p)).raw)}}
		}
		out.values[p] = c.stands(p, was.of(p), said.values[p])
	}
	c.base = c.current
	if c.pol.moves {
		c.base = withoutMovement(c.current)
	}
	c.edited, _ = said.object(c.pol, c.current)
	return c.sent(out.object(c.pol, c.current))
}

// keepDisputes takes back what a connector's change of single elements would
// settle: it has not seen the other side. What it repeats settles nothing, what
// it says anew joins.
func (c *change) keepDisputes() (fhir.Object, []dispute) {
	lists := listFields(c.current, c.edited)
	was, is := stateOf(c.pol, c.current, lists), stateOf(c.pol, c.edited, lists)
	is.order = mergeOrder(was, was, is)
	for _, p := range paths(was) {
		before, said := was.of(p), is.of(p)
		switch {
		case len(before) < 2 || slices.Equal(before, said):
		case says(before, said):
			is.values[p] = before
		default:
			is.values[p] = mergeSets(nil, before, said)
		}
	}
	c.base = c.current
	merged, open := is.object(c.pol, c.current)
	c.edited = merged
	return merged, open
}

// sent is the outcome for a connector: applied, unless something of it lost or
// a person has to look.
func (c *change) sent(merged fhir.Object, open []dispute) Result {
	r := c.outcome(merged, open)
	if r.Outcome == record.Merged && r.Loser == nil {
		r.Outcome = record.Applied
	}
	return r
}

// over is what a connector's body makes of one element of the current one.
func (sent state) over(was state, p path) []value {
	before := was.of(p)
	values, ok := sent.values[p]
	listSent := p.key != "" && !grows[p.field] && len(sent.order[p.field]) > 0
	switch {
	case ok && says(before, values):
		return before
	case ok && len(before) > 1:
		return mergeSets(nil, before, values)
	case ok:
		return values
	case listSent && len(before) == 1:
		return []value{{}} // the list came without this element
	}
	return before
}

// stands is which values of an element stand after a connector's body: what
// wins between two people wins against a connector too.
func (c *change) stands(p path, before, said []value) []value {
	r := c.pol.rule(p)
	if p.field == movementField && c.pol.moves {
		if slices.Equal(before, []value{{}}) {
			return said
		}
		return r.prune(mergeSets(nil, before, said))
	}
	if !r.wins || slices.Equal(before, said) {
		return said
	}
	if vs := r.prune(append(slices.Clone(before), said...)); len(vs) == 1 {
		return vs
	}
	return said
}

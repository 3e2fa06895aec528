package submit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/merge"
)

// mutationID numbers what a message writes. The number is a function of the
// message, so that a replay writes under the same ones.
func (fl *filing) mutationID() record.MutationID {
	fl.serial++
	return record.MutationID(fmt.Sprintf("in-%s-%d", shortHash(fl.row.ID), fl.serial))
}

// sourceOf is the entry or the message behind a mutation's number. A message that
// is filed anew meets other things than it did then, and may number what it
// writes otherwise.
func sourceOf(id record.MutationID) string {
	if i := strings.LastIndexByte(string(id), '-'); i >= 0 && strings.HasPrefix(string(id), "in-") {
		return string(id[:i])
	}
	return string(id)
}

// group files what a message says about one person.
func (w *work) group(fl *filing, i int) error {
	g, err := w.waiting(fl, i, fl.f.Groups[i])
	if err != nil {
		return err
	}
	v, err := w.identify(g.Subject)
	if err == nil && v.why != "" && g.Retired != nil {
		g, v, err = w.survivorApart(g, v)
	}
	if err != nil {
		return err
	}
	if v.why == "" && (g.Retired != nil || g.Apart != nil) {
		if v, err = w.mayRelink(g, v); err != nil {
			return err
		}
	}
	if v.why != "" {
		h := heldBack{group: i, why: v.why, owner: v.owner, people: v.candidates, criticals: w.criticals(g)}
		if h.wards, err = w.wardsOf(g, v.candidates); err != nil {
			return err
		}
		fl.hold(h)
		return w.question(fl, g)
	}
	if v.create && len(fl.held) > 0 {
		return nil // nobody is made while it is in question who they are
	}
	if !slices.Contains(fl.patients, v.patient) {
		fl.patients = append(fl.patients, v.patient)
	}
	drafts, err := w.subjectDrafts(g, v)
	if err != nil {
		return err
	}
	drafts = renumbered(g, v, drafts)
	if drafts, err = w.inPanels(drafts, v.patient); err != nil {
		return err
	}
	if drafts, err = w.underTheirOther(drafts, v.patient, fl.author.Sender); err != nil {
		return err
	}
	if drafts, err = w.reposted(drafts, v.patient); err != nil {
		return err
	}
	gone, err := w.discharged(v.patient)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		if err := w.draft(fl, i, v.patient, gone, d); err != nil {
			return err
		}
	}
	g.Drafts = drafts // under the ids that they have in the record
	fl.filed = append(fl.filed, g)
	if v.create {
		if _, err := w.twins(v.patient, false); err != nil {
			return err
		}
	}
	return w.relink(fl, g, v)
}

// subjectDrafts are a group's drafts with the patient in the place of "the
// person this message is about": the Patient first, then the stay, so that
// what follows finds them.
func (w *work) subjectDrafts(g record.Group, v verdict) ([]record.Draft, error) {
	numbers, err := w.retiredNumbers(v.patient, v.other)
	if err != nil {
		return nil, err
	}
	drafts := make([]record.Draft, 0, len(g.Drafts)+1)
	described := false
	for _, d := range g.Drafts {
		d.Ops = slices.Clone(d.Ops)
		for i := range d.Ops {
			d.Ops[i].Value = replaceSubject(d.Ops[i].Value, v.patient)
			if d.Ops[i].Key == record.SubjectRef {
				d.Ops[i].Key = fhir.Ref{Type: fhir.TypePatient, ID: v.patient}.String()
			}
		}
		if d.Ref.ID == record.SubjectID {
			d.Ref.ID = v.patient
		}
		described = described || d.Ref.Type == fhir.TypePatient
		drafts = append(drafts, d)
	}
	if v.create && !described {
		drafts = append(drafts, record.Draft{Ref: fhir.Ref{Type: fhir.TypePatient, ID: v.patient}})
	}
	for i := range drafts {
		if drafts[i].Ref.Type != fhir.TypePatient {
			continue
		}
		ops, err := patientOps(g.Subject, v, drafts[i].Ops)
		if err != nil {
			return nil, err
		}
		drafts[i].Ops = withoutNumbers(ops, numbers)
	}
	slices.SortStableFunc(drafts, func(a, b record.Draft) int { return turn(a.Ref.Type) - turn(b.Ref.Type) })
	return drafts, nil
}

// turn is the order in which the parts of a message are written: a result
// before the report that says whether all its parts are final.
func turn(t fhir.Type) int {
	switch t {
	case fhir.TypePatient:
		return 0
	case fhir.TypeEncounter:
		return 1
	case fhir.TypeDiagnosticReport:
		return 3
	case fhir.TypeProvenance:
		return 4
	default:
		return 2
	}
}

// replaceSubject puts the patient into a canonical JSON value: as reference
// and, in the Patient itself, as id. Both are whole JSON strings, so that no
// words of a person are touched.
func replaceSubject(value []byte, id fhir.ID) []byte {
	s := strings.ReplaceAll(string(value), `"`+record.SubjectRef+`"`, `"Patient/`+string(id)+`"`)
	return []byte(strings.ReplaceAll(s, `"id":"`+string(record.SubjectID)+`"`, `"id":"`+string(id)+`"`))
}

// patientOps completes what a message says about its patient: a new one gets a
// body with all identifiers, and somebody brought in unknown is marked until a
// registration says who they are.
func patientOps(s record.Subject, v verdict, ops []record.Op) ([]record.Op, error) {
	whole := len(ops) > 0 && ops[0].Kind == record.OpPut
	p := fhir.Patient{ResourceType: fhir.TypePatient, ID: v.patient, Identifier: s.Identifiers}
	if s.Family != "" || len(s.Given) > 0 {
		p.Name = []fhir.HumanName{{Family: s.Family, Given: s.Given}}
	}
	p.BirthDate = s.BirthDate
	switch {
	case whole:
		o, err := fhir.Parse(ops[0].Value)
		if err != nil {
			return ops, nil // the merge refuses it in words
		}
		if _, has := o["identifier"]; !has && v.create {
			if o["identifier"], err = json.Marshal(s.Identifiers); err != nil {
				return nil, err
			}
			if ops[0].Value, err = o.Resource(); err != nil {
				return nil, err
			}
		}
	case v.create:
		body, err := fhir.Make(p)
		if err != nil {
			return nil, err
		}
		ops = append([]record.Op{{Kind: record.OpPut, Value: body}}, ops...)
	}
	if s.Temporary && v.create {
		e, err := fhir.Make(fhir.Extension{URL: fhir.ExtTemporary, ValueBoolean: fhir.Bool(true)})
		if err != nil {
			return nil, err
		}
		ops = append(ops, record.Op{Kind: record.OpAdd, Field: "extension", Key: fhir.ExtTemporary, Value: e})
	}
	return ops, nil
}

// discharged says whether a patient had stays and has none now.
func (w *work) discharged(patient fhir.ID) (bool, error) {
	stays, err := encounters(w, patient)
	if err != nil || len(stays) == 0 {
		return false, err
	}
	for _, c := range stays {
		if presentStay(c.Body) {
			return false, nil
		}
	}
	return true, nil
}

// presentStay asks the status alone: a clinic's visit may name no ward.
func presentStay(body fhir.Resource) bool {
	e, err := fhir.View[fhir.Encounter](body)
	if err != nil {
		return false
	}
	switch e.Status {
	case "planned", "arrived", "triaged", "in-progress", "onleave":
		return true
	}
	return false
}

// draft writes one resource of a message.
func (w *work) draft(fl *filing, group int, patient fhir.ID, gone bool, d record.Draft) error {
	cur, exists, err := w.Current(d.Ref)
	if err != nil {
		return err
	}
	if exists && patientOf(cur) != patient {
		theirs, err := onePerson(w, patientOf(cur), patient)
		if err != nil {
			return err
		}
		if theirs {
			d, patient = moved(d, patient, patientOf(cur)), patientOf(cur)
		}
	}
	if exists && patientOf(cur) != patient {
		return w.holdDraft(fl, group, d, "the sender's number for this belongs to another patient already; ask the laboratory which is right, then replay", OwnerLaboratory)
	}
	if exists && which(d, cur.Body) {
		return w.holdDraft(fl, group, d, whyWhich, OwnerLaboratory)
	}
	if w.mismatched(d) {
		return w.holdDraft(fl, group, d, "code and unit of a result do not belong together (mass and moles); ask the laboratory, then replay", OwnerLaboratory)
	}
	if d, err = w.wholeReport(d); err != nil {
		return err
	}
	d = withPeriod(d, cur.Body)
	m := fl.mutation(d, patient, cur, exists)
	m, tie, err := w.inOrder(fl, m, d, cur)
	if err != nil {
		return err
	}
	if overtaken, err := w.overtaken(fl, m, d, exists); err != nil || overtaken {
		fl.taken++
		return err
	}
	if repeated, err := w.repeated(fl, d); err != nil || repeated {
		fl.taken++
		return err
	}
	stamps, err := w.stamps(cur)
	if err != nil {
		return err
	}
	before := fl.undoneBy(d, cur)
	res := merge.Apply(merge.Input{Base: before, Current: before, Stamps: stamps, Mutation: m})
	if tie && res.Outcome == record.Review {
		if m, err = w.settleTie(fl, m, d, cur); err != nil {
			return err
		}
		res = merge.Apply(merge.Input{Base: cur.Body, Current: cur.Body, Stamps: stamps, Mutation: m})
	}
	if d.Undoes && !exists {
		fl.note("it takes an event back of which this program has never heard: the stay was filed as this message has it; ask the sender whether a message was lost")
	}
	if d.PromoteOnly {
		if err := w.declare(d); err != nil {
			return err
		}
	}
	if d.PromoteOnly && res.Outcome == record.Refused {
		return w.holdPromise(fl, group, d)
	}
	if res.HeldBack {
		return w.holdDraft(fl, group, d, res.Reason, OwnerLaboratory)
	}
	if res.Outcome == record.Refused && res.Loser == nil {
		return w.holdDraft(fl, group, d, res.Reason, OwnerInterface)
	}
	for _, b := range []fhir.Resource{res.Body, res.Loser} {
		if _, err := journal.Keys(record.Change{Ref: d.Ref, Body: b}); b != nil && err != nil {
			return w.holdDraft(fl, group, d, "an element of a translated resource has the wrong shape; tell the makers of this program, and replay after an update", OwnerInterface)
		}
	}
	fl.taken++
	if err := w.writeDraft(fl, m, cur, res, gone && isResult(d.Ref.Type)); err != nil {
		return err
	}
	return w.asDeclared(fl, group, patient, gone, d, cur.Body)
}

// moved is a draft about a resource that was written under another record of
// the same person: it stays there.
func moved(d record.Draft, from, to fhir.ID) record.Draft {
	a, b := fhir.Ref{Type: fhir.TypePatient, ID: from}.String(), fhir.Ref{Type: fhir.TypePatient, ID: to}.String()
	move := func(ops []record.Op) []record.Op {
		ops = slices.Clone(ops)
		for i := range ops {
			ops[i].Value = []byte(strings.ReplaceAll(string(ops[i].Value), `"`+a+`"`, `"`+b+`"`))
			if ops[i].Key == a {
				ops[i].Key = b
			}
		}
		return ops
	}
	d.Ops, d.IfNew = move(d.Ops), move(d.IfNew)
	return d
}

func isResult(t fhir.Type) bool {
	return t == fhir.TypeObservation || t == fhir.TypeDiagnosticReport
}

// mutation is a draft as a mutation of its sender.
func (fl *filing) mutation(d record.Draft, patient fhir.ID, cur record.Change, exists bool) record.Mutation {
	m := record.Mutation{
		ID: fl.mutationID(), Ref: d.Ref, Patient: patient, Base: cur.Version, Author: fl.author,
		Clock: record.HLC{Wall: fl.row.Received}, Ops: d.Ops, Times: d.Times, Stamps: d.Stamps,
	}
	// What is new needs a body to begin with. A stay's fields go on top of the
	// stay as a body of their own, so that the merge weighs the movement by its
	// time; a patient's fields change the patient as they are.
	bodiless := len(m.Ops) == 0 || m.Ops[0].Kind != record.OpPut
	if bodiless && !d.PromoteOnly && (!exists || d.Ref.Type == fhir.TypeEncounter) {
		body, err := fhir.Make(map[string]string{"resourceType": string(d.Ref.Type), "id": string(d.Ref.ID)})
		if err == nil {
			m.Ops = append([]record.Op{{Kind: record.OpPut, Value: body}}, m.Ops...)
		}
	}
	if !exists {
		m.Ops = append(slices.Clip(m.Ops), d.IfNew...)
	}
	return m
}

func stampsNote(ref fhir.Ref) string { return "stamps/" + ref.String() }

// writeDraft appends what the merge made of a draft.
func (w *work) writeDraft(fl *filing, m record.Mutation, cur record.Change, res merge.Result, gone bool) error {
	c := record.Change{
		Ref: m.Ref, Patient: m.Patient, Author: m.Author, Mutation: m.ID, Clock: m.Clock, Times: m.Times, Stamps: m.Stamps,
	}
	if res.Loser != nil {
		if err := w.loser(fl, c, res); err != nil {
			return err
		}
	}
	asks, err := w.asks(m, cur)
	if err != nil {
		return err
	}
	if asks || res.Outcome == record.Review {
		fl.ask(m.Patient)
	}
	if res.Body == nil || res.Outcome == record.Refused {
		return nil
	}
	if isResult(m.Ref.Type) {
		c.Stamps = res.Stamps
		if cur.Body != nil && unstamped(res.Body).Hash() == unstamped(cur.Body).Hash() {
			return w.restamp(m.Ref, res.Stamps)
		}
		if _, kept, err := w.Note(stampsNote(m.Ref)); err != nil {
			return err
		} else if kept {
			if err := w.SetNote(stampsNote(m.Ref), nil); err != nil {
				return err
			}
		}
	}
	c.Body = withoutCourse(m.Ref.Type, res.Body)
	if m.Ref.Type == fhir.TypeEncounter && !presentStay(c.Body) {
		if err := w.target(fl, c); err != nil {
			return err
		}
		return w.ended(fl, m.Patient, m.Ref)
	}
	if gone {
		fl.note("for a patient who had been discharged")
		c.Reason = "received after discharge"
		c.Body = tagged(c.Body, FlagAfterDischarge)
		fl.lates = append(fl.lates, c)
	}
	return w.target(fl, c)
}

// asks says whether what a message wrote upon cur may make a person's entries
// contradict one another, or no longer do so. A single stay about which nothing
// is disputed contradicts nothing.
func (w *work) asks(m record.Mutation, cur record.Change) (bool, error) {
	if m.Ref.Type != fhir.TypeEncounter || disputed(cur.Body) {
		return questionable[m.Ref.Type] || disputed(cur.Body), nil
	}
	stays, err := encounters(w, m.Patient)
	return len(stays) > 1, err
}

func (fl *filing) ask(patient fhir.ID) {
	if !slices.Contains(fl.questioned, patient) {
		fl.questioned = append(fl.questioned, patient)
	}
}

// restamp moves a result's stamps on.
func (w *work) restamp(ref fhir.Ref, s *record.Stamps) error {
	if s == nil {
		return nil
	}
	b, err := record.Encode(*s)
	if err != nil {
		return err
	}
	return w.SetNote(stampsNote(ref), b)
}

// loser keeps an older version that came late, once.
func (w *work) loser(fl *filing, c record.Change, res merge.Result) error {
	said := plain(res.Loser).Hash()
	for v, err := range w.History(c.Ref) {
		if err != nil {
			return err
		}
		if plain(v.Body).Hash() == said {
			return nil
		}
	}
	c.Body, c.History, c.Reason = res.Loser, true, res.Reason
	return w.target(fl, c)
}

// arrived is when a message came, by central's clock.
func (w *work) arrived(fl *filing) int64 { return min(fl.row.Received, w.ms()) }

func (w *work) target(fl *filing, c record.Change) error {
	received := w.ms()
	if isResult(c.Ref.Type) { // where somebody is counts from when central knew it
		received = w.arrived(fl)
	}
	v, err := w.putOf(c, received)
	if err != nil {
		return err
	}
	if !c.History {
		if err := w.promised(c.Ref); err != nil {
			return err
		}
	}
	fl.written = true
	fl.targets = append(fl.targets, target{c.Ref, v, patientOf(c)})
	return nil
}

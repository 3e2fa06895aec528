package v2tofhir

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/interop/hl7"
)

// order is one OBR with what belongs to it: the order it answers (ORC), its
// results (OBX), its specimens (SPM), the remarks on it (NTE). A zero OBR holds
// results that stand outside of any order.
type order struct {
	orc, obr  hl7.Segment
	notes     []string
	results   []observed
	specimens []hl7.Segment
}

// observed is one result: an OBX, the OBX that are further lines of the same
// text, and the remarks that follow them.
type observed struct {
	obx   hl7.Segment
	lines []hl7.Segment
	notes []string
}

// person is one PATIENT_RESULT group. Nothing is carried over from one to the
// next: not the visit, not the order.
type person struct {
	pid, pv1 hl7.Segment
	orders   []order
	unplaced bool // a remark stands where it is the patient's
}

// pending is a group on its way: what can be filed, what cannot, and why.
type pending struct {
	group record.Group
	held  []record.Draft // kept for the case that the whole message is held back
	sure  int            // results that could be read with certainty
}

// unsure are reasons why single results cannot be filed, with the lines of the
// message that they concern. If no result of a message is sure, they hold back
// all of it.
type unsure map[string]doubt

// doubt are the lines of one reason, and the results that stand in them.
type doubt struct {
	lines []int
	refs  []fhir.Ref
}

// add notes a line; ref is the result in it, none where the line is not one's.
func (u unsure) add(reason string, line int, ref ...fhir.Ref) {
	d := u[reason]
	d.lines, d.refs = append(d.lines, line), append(d.refs, ref...)
	u[reason] = d
}

// results translates an ORU message.
func (m *message) results() []record.Group {
	before, rest := hl7.GroupBy(m.raw.Segments(), "PID")
	parts := rest
	if p := readPerson(before); len(rest) == 0 || len(p.orders) > 0 {
		parts = append([][]hl7.Segment{before}, rest...) // results before any PID are nobody's
	}
	u := unsure{}
	list := make([]pending, 0, len(parts))
	sure := 0
	for _, segs := range parts {
		p := readPerson(segs)
		one := m.person(p, u)
		if len(one.group.Subject.Identifiers) == 0 && len(parts) == 1 {
			m.problem(identityProblem(p.pid))
		}
		sure += one.sure
		list = append(list, one)
	}
	m.settle(u, sure > 0)
	groups := make([]record.Group, 0, len(list))
	for _, one := range list {
		if sure == 0 {
			// Held back whole: a critical value must still be found in it.
			one.group.Drafts = append(one.group.Drafts, one.held...)
		}
		groups = append(groups, one.group)
	}
	if len(m.problems) == 0 && !slices.ContainsFunc(groups, func(g record.Group) bool { return len(g.Drafts) > 0 }) {
		m.note("the message holds no result and no order: nothing of it is in the record")
	}
	return groups
}

// settle makes problems of what could not be read.
func (m *message) settle(u unsure, partial bool) {
	reasons := make([]string, 0, len(u))
	for r := range u {
		reasons = append(reasons, r)
	}
	slices.Sort(reasons)
	for _, r := range reasons {
		lines := u[r].lines
		slices.Sort(lines)
		var words []string
		for i, n := range lines {
			if i == 8 {
				words = append(words, "and others")
				break
			}
			words = append(words, strconv.Itoa(n))
		}
		p := record.Problem{Reason: fmt.Sprintf(r, strings.Join(words, ", ")), Owner: OwnerLaboratory, Partial: partial}
		if len(u[r].refs) == len(lines) { // else a correction of some would pass for one of all
			p.About = u[r].refs
		}
		m.problem(p)
	}
}

// Why a result cannot be filed; %s are the lines of the message.
const (
	whyStatus  = "a result's status (OBX-11, line %s of the message) is not in HL7 table 0085; ask the laboratory to send it again with a valid one"
	whyCode    = "a result names no test (OBX-3, line %s of the message); ask the laboratory to send it again with its code"
	whyReport  = "the report's status (OBR-25, line %s of the message) says that it answers a query; ask the laboratory to send results as results"
	whyGrouped = "a number is written with a comma (OBX-5, line %s of the message), which may mean a decimal or a thousand; ask the laboratory to send it with a point"
)

// readPerson gathers the segments of one group.
func readPerson(segs []hl7.Segment) person {
	var p person
	var orc hl7.Segment
	var ahead []string // the remarks behind an ORC: they are its order's, which follows
	var last *[]string // where the next NTE belongs; nil: the patient
	open := func(obr hl7.Segment) {
		p.orders = append(p.orders, order{orc: orc, obr: obr, notes: ahead})
		orc, ahead = hl7.Segment{}, nil
		last = &p.orders[len(p.orders)-1].notes
	}
	for _, s := range segs {
		switch s.ID() {
		case "PID":
			p.pid = s
		case "PV1":
			p.pv1 = s
		case "ORC":
			if o := bareOrder(p.orders); o != nil && answers(s, o.obr) {
				o.orc = s // behind its OBR, where some senders put it
				break
			}
			orc, last = s, &ahead
		case "OBR":
			open(s)
		case "OBX":
			if len(p.orders) == 0 || orc.Exists() {
				open(hl7.Segment{})
			}
			o := &p.orders[len(p.orders)-1]
			o.results = append(o.results, observed{obx: s})
			last = &o.results[len(o.results)-1].notes
		case "SPM":
			if len(p.orders) > 0 {
				o := &p.orders[len(p.orders)-1]
				o.specimens = append(o.specimens, s)
				last = &o.notes
			}
		case "NTE":
			switch {
			case last != nil:
				*last = append(*last, remark(s)...)
			case len(remark(s)) > 0:
				p.unplaced = true
			}
		}
	}
	return p
}

// bareOrder is the order that was opened last, if nothing has come of it yet.
func bareOrder(list []order) *order {
	if len(list) == 0 {
		return nil
	}
	if o := &list[len(list)-1]; o.obr.Exists() && !o.orc.Exists() && len(o.results) == 0 {
		return o
	}
	return nil
}

// answers says whether an ORC that stands behind an OBR is about the same order: a
// number that both have is the same, and at least one is.
func answers(orc, obr hl7.Segment) bool {
	agreed := false
	for _, n := range []int{2, 3} {
		a, b := text(orc.Field(n)), text(obr.Field(n))
		if a != "" && b != "" && a != b {
			return false
		}
		agreed = agreed || a != "" && a == b
	}
	return agreed
}

// prose is a repetition as free text: delimiters that were not escaped are text, but for
// those at its end, which hold empty parts.
func prose(r hl7.Rep) string {
	d := strings.TrimRight(r.Raw(), r.Ending())
	return strings.TrimSuffix(r.Whole(), r.Raw()[len(d):])
}

// remark are the lines of an NTE.
func remark(nte hl7.Segment) []string {
	var lines []string
	for _, r := range nte.Field(3).Reps() {
		if l := strings.TrimRight(prose(r), " \t"); l != "" {
			lines = append(lines, l)
		}
	}
	return lines
}

// person translates one group.
func (m *message) person(p person, u unsure) pending {
	out := pending{group: record.Group{Subject: m.subject(p.pid), Ward: ward(p.pv1.Field(3))}}
	if p.unplaced {
		m.note("a remark on the patient (NTE after PID) was kept with the message only")
	}
	ids := newIDs(out.group.Subject)
	var all []*result
	for i := range p.orders {
		o := &p.orders[i]
		m.joinLines(o)
		all = append(all, m.order(o, ids)...)
	}
	m.name(all, ids)
	m.sampled(all)
	m.parents(all)
	m.reports(p, all, ids, &out, u)
	for _, r := range all {
		m.keep(r, &out, u)
	}
	return out
}

// keep puts a result with what is filed or with what is held back.
func (m *message) keep(r *result, out *pending, u unsure) {
	if r.none {
		m.note("details of the order (OBX-11 O) were kept with the message only")
		return
	}
	d, ok := r.draft()
	if !ok {
		return
	}
	if r.why != "" {
		u.add(r.why, r.from.obx.Line(), d.Ref)
	}
	if r.held {
		out.held = append(out.held, d)
		return
	}
	out.group.Drafts = append(out.group.Drafts, d)
	if r.why == "" {
		out.sure++
	}
}

// textTypes are value types of which several OBX under one name are lines of
// one text.
var textTypes = set("ST", "TX", "FT")

// joinLines puts the lines of a text together: OBX with the same test, sub-id
// and status, all of them text. Anything else that repeats stays apart and is
// told from each other later. A test without a code is known by its words: the
// headings of a report are not one heading.
func (m *message) joinLines(o *order) {
	type key struct{ code, sub string }
	keyOf := func(x observed) key {
		code, _ := m.concept(x.obx.Field(3).Rep(1))
		return key{conceptKey(code), x.obx.Field(4).Raw()}
	}
	groups := map[key][]int{}
	for i, x := range o.results {
		groups[keyOf(x)] = append(groups[keyOf(x)], i)
	}
	var joined []observed
	for i, x := range o.results {
		same := groups[keyOf(x)]
		if len(same) == 1 || !o.oneText(same) {
			joined = append(joined, x)
			continue
		}
		if i != same[0] {
			continue
		}
		for _, j := range same[1:] {
			x.lines = append(x.lines, o.results[j].obx)
			x.notes = append(x.notes, o.results[j].notes...)
		}
		joined = append(joined, x)
	}
	o.results = joined
}

// oneText says whether OBX under one name are lines of one text. Where they name other
// times (OBX-14) or units (OBX-6), each is a measurement of its own that came as words; a
// line without a status (OBX-11) has that of the others.
func (o *order) oneText(same []int) bool {
	var at, unit, status string
	for _, i := range same {
		x := o.results[i].obx
		if !textTypes[strings.ToUpper(text(x.Field(2)))] || !agree(&status, text(x.Field(11))) {
			return false
		}
		if !agree(&at, text(x.Field(14))) || !agree(&unit, text(x.Field(6))) {
			return false
		}
	}
	return true
}

// agree says whether a word is the one that was there before; what is silent agrees.
func agree(before *string, word string) bool {
	if *before == "" {
		*before = word
	}
	return word == "" || word == *before
}

// reports makes the DiagnosticReports. Orders under one number and one name are
// one report, or one of them would hide the others.
func (m *message) reports(p person, all []*result, ids *ids, out *pending, u unsure) {
	byID := map[fhir.ID][]*order{}
	var list []fhir.ID
	for i := range p.orders {
		o := &p.orders[i]
		if !o.obr.Exists() {
			continue
		}
		id := m.reportID(o, ids)
		if byID[id] == nil {
			list = append(list, id)
		}
		byID[id] = append(byID[id], o)
	}
	for _, id := range list {
		if d, ok := m.report(id, byID[id], all, ids, u); ok {
			out.group.Drafts = append(out.group.Drafts, d)
		}
	}
}

// reportID is known by the order's number and what was asked for; a monitor's readings by
// their time as well, as each of them is.
func (m *message) reportID(o *order, i *ids) fhir.ID {
	key, _ := m.fillerKey(o, i, hl7.Segment{})
	key = append(key, conceptKey(m.reportCode(o)))
	if at := measuredAt(o, o.first()); at != "" && m.allByDevice(o) {
		key = append(key, "at "+at)
	}
	return idOf("r", key...)
}

// first is the OBX of the order's first result.
func (o *order) first() hl7.Segment {
	if len(o.results) == 0 {
		return hl7.Segment{}
	}
	return o.results[0].obx
}

func (m *message) reportCode(o *order) fhir.CodeableConcept {
	if c, ok := m.concept(o.obr.Field(4).Rep(1)); ok {
		return c
	}
	return fhir.CodeableConcept{Text: "Test not named"}
}

// report makes one DiagnosticReport. ok is false where there is none to make.
func (m *message) report(id fhir.ID, orders []*order, all []*result, ids *ids, u unsure) (record.Draft, bool) {
	first := orders[0]
	sent := text(first.obr.Field(25))
	status, _, known := tableCode(reportStatuses, sent)
	switch {
	case sent == "Y" || sent == "Z":
		u.add(whyReport, first.obr.Line())
		return record.Draft{}, false
	case sent != "" && !known:
		m.note("a report's status (OBR-25) is not in HL7 table 0123; it follows from its parts")
	}
	_, filler := m.fillerKey(first, ids, hl7.Segment{})
	r := fhir.DiagnosticReport{
		ResourceType: fhir.TypeDiagnosticReport, ID: id, Code: m.reportCode(first),
		Subject: &fhir.Reference{Reference: record.SubjectRef}, Identifier: m.orderNumbers(first, filler),
	}
	var notes, parts []string
	for _, o := range orders {
		notes = append(notes, o.notes...)
	}
	r.Conclusion = strings.Join(notes, "\n")
	for _, x := range all {
		if !slices.Contains(orders, x.order) || x.none {
			continue
		}
		parts = append(parts, x.obs.Status)
		if !x.held {
			r.Result = append(r.Result, fhir.To(fhir.Ref{Type: fhir.TypeObservation, ID: x.obs.ID}))
		}
	}
	r.Status = reportOf(status, parts)
	if status != "" && r.Status != status {
		r.Extension = append(r.Extension, flag(FlagPartsPending))
	}
	if sent == "M" {
		r.Extension = append(r.Extension, flag(FlagCorrected))
	}
	return m.reportTimes(r, first)
}

// reportTimes completes a report: its section, when it was made and for when.
func (m *message) reportTimes(r fhir.DiagnosticReport, o *order) (record.Draft, bool) {
	if section := text(o.obr.Field(24)); section != "" {
		r.Category = []fhir.CodeableConcept{{Coding: []fhir.Coding{{System: "http://terminology.hl7.org/CodeSystem/v2-0074", Code: section}}}}
	}
	before := len(m.unread)
	if t, ok := m.time(o.obr.Field(7), "OBR-7"); ok {
		r.EffectiveDateTime = t.FHIR()
	}
	changed, _ := m.time(o.obr.Field(22), "OBR-22")
	r.Extension = append(r.Extension, unreadTimes(m.unreadSince(before))...)
	if _, is := changed.Instant(); is {
		r.Issued = changed.FHIR()
	}
	body, err := fhir.Make(r)
	return record.Draft{
		Ref: fhir.Ref{Type: fhir.TypeDiagnosticReport, ID: r.ID}, Ops: []record.Op{{Kind: record.OpPut, Value: body}},
		Stamps: &record.Stamps{StatusChanged: m.past(millis(changed)), Message: m.sentAt}, Times: record.Times{Clinical: r.EffectiveDateTime},
	}, err == nil
}

func flag(code string) fhir.Extension {
	return fhir.Extension{URL: fhir.ExtFlag, ValueCode: fhir.Str(code)}
}

// orderNumbers are the filler's and the placer's numbers as identifiers.
func (m *message) orderNumbers(o *order, filler string) []fhir.Identifier {
	var list []fhir.Identifier
	if filler != "" {
		list = append(list, m.orderNumber("FILL", SystemFiller, filler))
	}
	placer := text(o.obr.Field(2))
	if placer == "" {
		placer = text(o.orc.Field(2))
	}
	if placer != "" {
		list = append(list, m.orderNumber("PLAC", SystemPlacer, placer))
	}
	return list
}

func (m *message) orderNumber(kind, system, value string) fhir.Identifier {
	return fhir.Identifier{
		Type:   &fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemIdentifierType, Code: kind}}},
		System: system + m.urn, Value: value,
	}
}

package v2tofhir

import (
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/interop/hl7"
)

// result is one observation on its way.
type result struct {
	order  *order
	from   observed
	within *record.Within // nil outside of any order
	obs    fhir.Observation
	key    []string // what its id is made of
	// unsampled is its id where an earlier version names no specimen; "": it names none.
	unsampled fhir.ID
	flags     []string
	unread    []string // times that could not be read
	stamps    record.Stamps
	promote   bool   // no value was sent: an earlier one becomes final
	none      bool   // OBX-11 O: no result at all
	why       string // why it is not sure, one of the why constants
	held      bool   // it cannot be filed
}

func (r *result) flag(list ...string) { r.flags = append(r.flags, list...) }

// fillerKey is what an order is known by: the filler's number, else what comes
// nearest. filler is the number as sent, "" where there is none.
func (m *message) fillerKey(o *order, i *ids, obx hl7.Segment) (key []string, filler string) {
	for _, f := range []hl7.Field{o.obr.Field(3), o.orc.Field(3)} {
		if n := text(f); n != "" {
			return []string{m.sender, "filler", n, text(f.Comp(2)), text(f.Comp(3))}, n
		}
	}
	m.note("an order has no filler number (OBR-3, ORC-3): its results are known by patient, order and time, and a correction may not find them")
	for _, f := range []hl7.Field{o.obr.Field(2), o.orc.Field(2)} {
		if n := text(f); n != "" {
			return append([]string{m.sender, "placer", n, text(f.Comp(2)), text(f.Comp(3))}, i.who...), ""
		}
	}
	code, _ := m.concept(o.obr.Field(4).Rep(1))
	when := text(o.obr.Field(7))
	if when == "" {
		when = text(obx.Field(14))
	}
	if when == "" {
		when = m.h.Time
	}
	return append([]string{m.sender, "none", conceptKey(code), when}, i.who...), ""
}

// specimenKey tells specimens of one order apart.
func (o *order) specimenKey() string {
	var parts []string
	for _, s := range o.specimens {
		id := s.Field(2)
		one := text(id.Comp(2)) + "/" + text(id.Comp(1))
		if one == "/" {
			one = text(s.Field(4))
		}
		parts = append(parts, one)
	}
	if parts == nil {
		return text(o.obr.Field(15))
	}
	return strings.Join(parts, "\x00")
}

// order translates the results of one order.
func (m *message) order(o *order, i *ids) []*result {
	var list []*result
	for _, x := range o.results {
		list = append(list, m.result(o, x, i))
	}
	return list
}

// result translates one OBX.
func (m *message) result(o *order, x observed, i *ids) *result {
	r := &result{order: o, from: x}
	r.obs = fhir.Observation{ResourceType: fhir.TypeObservation, Subject: &fhir.Reference{Reference: record.SubjectRef}}
	m.named(r, i)
	m.status(r)
	if r.none {
		return r
	}
	m.valued(r)
	m.timed(r)
	m.described(r)
	if sub := strings.TrimSpace(x.obx.Field(4).Whole()); sub != "" {
		r.obs.Extension = append(r.obs.Extension, fhir.Extension{URL: ExtSubID, ValueString: fhir.Str(sub)})
	}
	return r
}

// named gives the result its test and the key of its id.
func (m *message) named(r *result, i *ids) {
	obx := r.from.obx
	code, ok := m.concept(obx.Field(3).Rep(1))
	if !ok {
		code, ok = m.concept(r.order.obr.Field(4).Rep(1))
		r.flag(FlagNoCode)
		if kind := strings.ToUpper(text(obx.Field(2))); !ok || !textTypes[kind] && kind != "ED" && kind != "RP" {
			// Lines of a report need no name of their own. A number does.
			r.why, r.held = whyCode, true
			code = fhir.CodeableConcept{Text: "Test not named"}
		}
	}
	r.obs.Code = code
	key, filler := m.fillerKey(r.order, i, obx)
	if filler == "" {
		r.flag(FlagNoOrder)
	} else {
		r.obs.Identifier = []fhir.Identifier{m.orderNumber("FILL", SystemFiller, filler)}
	}
	specimen := len(key) + 2 // its place in the key
	r.key = append(append([]string{}, key...), conceptKey(code), strings.TrimSpace(obx.Field(4).Raw()), r.order.specimenKey())
	if parent := parentKey(r.order.obr); parent != "" {
		r.key = append(r.key, parent)
	}
	if at := measuredAt(r.order, obx); at != "" && byDevice(code) {
		r.key = append(r.key, "at "+at)
	}
	if r.key[specimen] != "" {
		bare := slices.Clone(r.key)
		bare[specimen] = ""
		r.unsampled = idOf("o", bare...)
	}
	r.obs.Category = category(code)
}

// vitalSigns are the LOINC codes of R4's vital signs, with those of NEWS2.
var vitalSigns = set("9279-1", "8867-4", "8310-5", "2708-6", "59408-5", "85354-9", "8480-6", "8462-4", "3150-6", "3151-8")

func category(code fhir.CodeableConcept) []fhir.CodeableConcept {
	c := fhir.CategoryLaboratory
	if vitalSigns[code.Code(fhir.SystemLOINC)] {
		c = fhir.CategoryVitalSigns
	}
	return []fhir.CodeableConcept{{Coding: []fhir.Coding{{System: fhir.SystemObservationCat, Code: c}}}}
}

// status reads OBX-11.
func (m *message) status(r *result) {
	sent := ""
	for _, x := range append([]hl7.Segment{r.from.obx}, r.from.lines...) {
		if sent == "" {
			sent = text(x.Field(11))
		}
		if x.Field(11).RepCount() > 1 {
			sent = "several" // two statuses are none
		}
	}
	if sent == "" {
		report, _, _ := tableCode(reportStatuses, text(r.order.obr.Field(25)))
		if r.obs.Status = statusFromReport[report]; r.obs.Status == "" {
			r.obs.Status = "unknown"
		}
		r.flag(FlagStatusMissing)
		return
	}
	s, lower, ok := tableCode(resultStatuses, sent)
	if !ok {
		r.obs.Status, r.why, r.held = "unknown", whyStatus, true
		return
	}
	if lower {
		r.flag(FlagStatusCase)
		m.note("a result's status (OBX-11) is written in lower case")
	}
	r.obs.Status, r.promote, r.none = s.code, s.promote, s.code == ""
	if s.flag != "" {
		r.flag(s.flag)
	}
	if s.absent != "" {
		r.obs.DataAbsentReason = &fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemDataAbsent, Code: s.absent}}}
	}
}

// valued reads the value and what belongs to it.
func (m *message) valued(r *result) {
	obx := r.from.obx
	v := m.value(obx)
	for _, line := range r.from.lines {
		next := m.value(line)
		switch {
		case v.text == nil:
			v.text = next.text
		case next.text != nil:
			v.text = fhir.Str(*v.text + "\n" + *next.text)
		default:
			v.text = fhir.Str(*v.text + "\n")
		}
	}
	for _, n := range r.from.notes {
		appendNote(&r.obs, n, len(r.obs.Note) > 0)
	}
	if v.note != "" {
		appendNote(&r.obs, v.note, false)
	}
	// A result that is pending or was never made has no value; what was sent
	// with it is kept as a remark (R4: no value beside a dataAbsentReason).
	if !v.empty() && (r.obs.DataAbsentReason != nil || r.obs.Status == "registered") {
		appendNote(&r.obs, "Sent without being a result: "+strings.TrimSpace(obx.Field(5).Whole()), false)
		v = reading{}
	}
	r.promote = r.promote && v.empty() && len(v.documents) == 0
	if v.grouped && r.why == "" {
		r.why = whyGrouped
	}
	if v.empty() && v.note == "" && finished(r.obs.Status) && r.obs.DataAbsentReason == nil && r.obs.Status != "entered-in-error" && len(r.from.notes) == 0 {
		r.flag(FlagNoValue)
	}
	if obx.Field(5).Truncated() {
		r.flag(FlagCutShort)
		m.note("a value ends in the truncation character of MSH-2: its sender has cut it short")
	}
	r.flag(v.flags...)
	r.obs.ValueQuantity, r.obs.ValueRange, r.obs.ValueRatio = v.quantity, v.rng, v.ratio
	r.obs.ValueCodeableConcept, r.obs.ValueString = v.concept, v.text
	r.obs.ValueTime, r.obs.ValueDateTime, r.obs.Component = v.time, v.dateTime, v.parts
	if unit := r.sentUnit(); unit != "" && v.quantity == nil && v.rng == nil && !v.empty() {
		r.obs.Extension = append(r.obs.Extension, fhir.Extension{URL: ExtUnit, ValueString: fhir.Str(unit)})
	}
	for _, d := range v.documents {
		r.obs.Extension = append(r.obs.Extension, fhir.Extension{URL: fhir.ExtDocument, ValueDocument: d})
	}
	r.obs.ReferenceRange = m.referenceRange(obx)
	r.obs.Interpretation = interpretation(obx.Field(8))
	for _, line := range r.from.lines {
		r.fromLine(m, line)
	}
}

// fromLine takes what a further line of a text says beside its words: a flag on the line
// that names the organism counts for the whole text.
func (r *result) fromLine(m *message, line hl7.Segment) {
	for _, c := range interpretation(line.Field(8)) {
		if !slices.ContainsFunc(r.obs.Interpretation, func(o fhir.CodeableConcept) bool { return conceptKey(o) == conceptKey(c) }) {
			r.obs.Interpretation = append(r.obs.Interpretation, c)
		}
	}
	for _, one := range m.referenceRange(line) {
		if !slices.ContainsFunc(r.obs.ReferenceRange, func(o fhir.ReferenceRange) bool { return o.Text == one.Text }) {
			r.obs.ReferenceRange = append(r.obs.ReferenceRange, one)
		}
	}
	if line.Field(5).Truncated() {
		r.flag(FlagCutShort)
	}
}

// sentUnit is OBX-6 as it came: of a text in lines, that of the first line which has one.
func (r *result) sentUnit() string {
	for _, x := range append([]hl7.Segment{r.from.obx}, r.from.lines...) {
		if unit := strings.TrimSpace(x.Field(6).Whole()); unit != "" {
			return unit
		}
	}
	return ""
}

// appendNote adds a remark; the lines of one remark are joined in order.
func appendNote(o *fhir.Observation, text string, join bool) {
	if join {
		o.Note[len(o.Note)-1].Text += "\n" + text
		return
	}
	o.Note = append(o.Note, fhir.Annotation{Text: text})
}

// tolerance is how far a sender's clock may be ahead of ours before a time
// counts as future.
const tolerance = 15 * time.Minute

// timed reads when: OBX-14, else OBR-7, else SPM-17. A time that cannot be is
// not replaced silently: the result says so.
func (m *message) timed(r *result) {
	obx, obr := r.from.obx, r.order.obr
	var collected hl7.Segment
	if len(r.order.specimens) > 0 {
		collected = r.order.specimens[0]
	}
	measured := obx.Field(14)
	for _, line := range r.from.lines { // lines of one text name one time at most
		if text(measured) == "" {
			measured = line.Field(14)
		}
	}
	before := len(m.unread)
	for _, c := range []struct {
		name  string
		field hl7.Field
	}{{"OBX-14", measured}, {"OBR-7", obr.Field(7)}, {"SPM-17", collected.Field(17)}} {
		t, err := hl7.ParseTime(toDegree(c.field.Rep(1)), m.zone)
		if err != nil {
			m.unread = append(m.unread, c.name+": "+c.field.Text())
			m.note("a result's time cannot be read and was left out")
			continue
		}
		if t.IsZero() {
			continue
		}
		if t.Shifted || t.Ambiguous {
			r.flag(FlagTimeShifted)
			m.note("a result's time falls into the change of the clock; ask the sender to send offsets")
		}
		if at, is := t.Instant(); is && at.After(m.o.Received.Add(tolerance)) {
			r.flag(FlagFuture)
			m.note("a result's time lies in the future")
		}
		r.obs.EffectiveDateTime = t.FHIR()
		break
	}
	changed, _ := m.time(obr.Field(22), "OBR-22")
	analysed, _ := m.time(obx.Field(19), "OBX-19")
	r.unread = m.unreadSince(before)
	r.stamps = record.Stamps{StatusChanged: m.past(millis(changed)), Analysed: m.past(millis(analysed)), Message: m.sentAt}
	if _, is := changed.Instant(); is {
		r.obs.Issued = changed.FHIR()
	}
}

// described reads who made the result, how, and from what.
func (m *message) described(r *result) {
	obx := r.from.obx
	add := func(kind, words string) {
		if words != "" {
			r.obs.Performer = append(r.obs.Performer, fhir.Reference{Type: kind, Display: words})
		}
	}
	if org := text(obx.Field(23)); org != "" {
		add("Organization", org)
	} else {
		producer := obx.Field(15).Rep(1)
		add("Organization", orElse(text(producer.Comp(2)), text(producer.Comp(1))))
	}
	for _, f := range obx.Field(16).Reps() {
		add("Practitioner", personName(f))
	}
	if c, ok := m.concept(obx.Field(17).Rep(1)); ok {
		r.obs.Method = &c
	}
	specimen, ok := fhir.CodeableConcept{}, false
	if len(r.order.specimens) > 0 {
		specimen, ok = m.concept(r.order.specimens[0].Field(4).Rep(1))
	}
	if words := specimen.Words(); ok && words != "" {
		r.obs.Specimen = &fhir.Reference{Type: "Specimen", Display: words}
	} else if source := r.order.obr.Field(15).Comp(1); text(source) != "" {
		r.obs.Specimen = &fhir.Reference{Type: "Specimen", Display: orElse(text(source.Sub(2)), text(source))}
	}
}

// sampled adds what was wrong with the sample (SPM-21 and 24, HL7 v2 chapter 7): a potassium
// of a haemolysed sample is not read like another.
func (m *message) sampled(all []*result) {
	for _, r := range all {
		if r.none || r.promote {
			continue
		}
		for _, s := range r.order.specimens {
			for _, one := range []struct{ words, what string }{{m.conceptWords(s.Field(21)), "Sample rejected: "}, {m.conceptWords(s.Field(24)), "Condition of the sample: "}} {
				if one.words != "" {
					appendNote(&r.obs, one.what+one.words, false)
				}
			}
		}
	}
}

// conceptWords are the words of every repetition of a coded field.
func (m *message) conceptWords(f hl7.Field) string {
	var list []string
	for _, r := range f.Reps() {
		if c, ok := m.concept(r); ok && c.Words() != "" {
			list = append(list, c.Words())
		}
	}
	return strings.Join(list, ", ")
}

// draft makes the draft. A result that only becomes final carries nothing but
// that: an empty final would hide the value that was sent before.
func (r *result) draft() (record.Draft, bool) {
	d := record.Draft{
		Ref: fhir.Ref{Type: fhir.TypeObservation, ID: r.obs.ID}, Stamps: &r.stamps,
		Times: record.Times{Clinical: r.obs.EffectiveDateTime}, Within: r.within,
	}
	if r.promote {
		d.PromoteOnly = true
		d.Ops = []record.Op{{Kind: record.OpSet, Field: "status", Value: []byte(`"final"`)}}
		return d, true
	}
	seen := map[string]bool{}
	for _, f := range r.flags {
		if !seen[f] {
			seen[f] = true
			r.obs.Extension = append(r.obs.Extension, flag(f))
		}
	}
	r.obs.Extension = append(r.obs.Extension, unreadTimes(r.unread)...)
	body, err := fhir.Make(r.obs)
	if err != nil {
		return d, false
	}
	d.Ops = []record.Op{{Kind: record.OpPut, Value: body}}
	return d, true
}

package v2tofhir

import (
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/interop/hl7"
)

// events are the ADT events that are taken (HL7 v2 chapter 3), and what each
// says about the stay.
var events = map[string]struct {
	status string // Encounter.status; "" says nothing about it
	moves  bool   // PV1-3 is where the patient is now
	undoes bool   // takes back what an earlier event has said
	starts bool   // without PV1-44 the event itself is the start
	known  bool   // speaks about a stay that an earlier message began
}{
	"A01": {status: "in-progress", moves: true, starts: true},
	"A02": {status: "in-progress", moves: true, known: true},
	"A03": {status: "finished", known: true},
	"A04": {status: "in-progress", moves: true, starts: true},
	"A05": {status: "planned", starts: true},
	"A06": {status: "in-progress", moves: true, known: true},
	"A07": {status: "in-progress", moves: true, known: true},
	"A08": {moves: true, known: true},
	"A11": {status: "cancelled", known: true, undoes: true},
	"A12": {status: "in-progress", moves: true, known: true, undoes: true},
	"A13": {status: "in-progress", moves: true, known: true, undoes: true},
	"A14": {status: "planned", starts: true}, // expected
	"A15": {known: true},                     // a move or a discharge that is expected moves and ends nothing
	"A16": {known: true},
	"A17": {status: "in-progress", moves: true, known: true}, // two people, see swapped
	"A18": {known: true},                                     // A18, A30, A34, A36, A40 and A47 say which record is retired, see relink.go
	"A21": {status: "onleave", moves: true, known: true},
	"A22": {status: "in-progress", moves: true, known: true},
	"A25": {known: true},
	"A26": {known: true},
	"A27": {status: "cancelled", known: true, undoes: true},
	"A28": {known: true},
	"A30": {known: true},
	"A31": {known: true},
	"A34": {known: true},
	"A36": {known: true},
	"A37": {known: true},
	"A38": {status: "cancelled", known: true, undoes: true},
	"A40": {known: true},
	"A47": {known: true},
	"A60": {known: true},
}

// silentOnStays are the events of which PV1 says nothing about where somebody is.
var silentOnStays = set("A28", "A31", "A60")

// classes maps HL7 table 0004 to ActCode; others keep the v2 code.
var classes = map[string]fhir.Coding{
	"I": {System: fhir.SystemActCode, Code: "IMP", Display: "inpatient encounter"},
	"O": {System: fhir.SystemActCode, Code: "AMB", Display: "ambulatory"},
	"E": {System: fhir.SystemActCode, Code: "EMER", Display: "emergency"},
	"P": {System: fhir.SystemActCode, Code: "PRENC", Display: "pre-admission"},
}

// classWords are the words that senders write in the place of a code of table 0004.
var classWords = map[string]string{"INPATIENT": "I", "OUTPATIENT": "O", "EMERGENCY": "E", "PREADMIT": "P"}

// encounter makes the draft of a stay out of PV1; ok is false where the message
// says nothing about one, or does not say which.
func (m *message) encounter(pv1 hl7.Segment, s record.Subject) (record.Draft, bool) {
	event := m.h.Type.Event
	rule := events[event]
	if !pv1.Exists() || silentOnStays[event] || merges[event] {
		return record.Draft{}, false
	}
	visit, hasVisit := m.visit(pv1)
	start, hasStart := m.time(pv1.Field(44), "PV1-44")
	if rule.starts && !hasStart {
		start, hasStart = m.occurred, !m.occurred.IsZero()
	}
	id, ok := m.stayID(visit, hasVisit, start, hasStart, s)
	if !ok {
		if text(pv1.Field(3)) != "" && event != "A08" {
			m.problem(record.Problem{
				Reason: "the movement names neither the visit (PV1-19) nor its admission time (PV1-44), so it cannot be told which stay it is about; ask the sender to send the visit number",
				Owner:  OwnerInterface, Partial: true,
			})
		}
		return record.Draft{}, false
	}
	var o ops
	o.set("subject", fhir.Reference{Reference: record.SubjectRef})
	if hasVisit {
		o.add("identifier", visit.System+"|"+visit.Value, visit)
	}
	ended := m.stayStatus(&o, pv1, rule.status)
	span := m.stayPeriod(&o, pv1, event, start, hasStart)
	var first ops // for a stay of which nobody has spoken before
	if placeless(pv1.Field(3)) && rule.moves {
		m.note(`PV1-3 takes the place away ("") and names no other: a stay that is known keeps its last one, so that the patient is not on no list at all`)
	}
	if event == "A12" && !named(pv1.Field(3)) {
		m.problem(record.Problem{
			Reason: "a cancelled move (A12) does not say where the patient is (PV1-3), so the stay was left where the move had led; ask the ward, and the sender to send the place",
			Owner:  OwnerInterface, Partial: true,
		})
	}
	if rule.moves && (named(pv1.Field(3)) || pv1.Field(3).IsNull()) {
		place(&o, pv1.Field(3))
	} else if rule.moves || rule.status == "" {
		place(&first, pv1.Field(3))
	}
	class(&o, pv1.Field(2))
	m.participants(&o, pv1)
	if c, ok := m.concept(pv1.Field(10).Rep(1)); ok {
		if len(c.Coding) > 0 && c.Coding[0].System == "" {
			c.Coding[0].System = "http://terminology.hl7.org/CodeSystem/v2-0069"
		}
		o.set("serviceType", c)
	}
	m.unreadIn(&o, "EVN", "PV1")
	d := record.Draft{
		Ref: fhir.Ref{Type: fhir.TypeEncounter, ID: id}, Ops: o, Event: m.event, Times: record.Times{Clinical: m.occurred.FHIR()}, Span: span, Undoes: rule.undoes,
	}
	if rule.status == "" && !ended {
		first.set("status", "in-progress")
	}
	d.IfNew = first
	return d, true
}

// replaced ends the visit that a change of class gave another number: an outpatient who is
// admitted (A06), or the other way round (A07), may get a new one, and MRG-5 names the one
// before (HL7 v2 chapter 3.3.6, 3.4.9). Else they would lie in two beds.
func (m *message) replaced(segs []hl7.Segment, pv1 hl7.Segment, s record.Subject) (record.Draft, bool) {
	if m.h.Type.Event != "A06" && m.h.Type.Event != "A07" {
		return record.Draft{}, false
	}
	old, ok := m.visitIn(hl7.First(segs, "MRG").Field(5))
	now, has := m.visit(pv1)
	if !ok || !has || old.System == now.System && old.Value == now.Value {
		return record.Draft{}, false
	}
	id, _ := m.stayID(old, true, hl7.Time{}, false, s)
	var o ops
	o.set("subject", fhir.Reference{Reference: record.SubjectRef})
	o.add("identifier", old.System+"|"+old.Value, old)
	o.set("status", "finished")
	return record.Draft{
		Ref: fhir.Ref{Type: fhir.TypeEncounter, ID: id}, Ops: o, Event: m.event, Times: record.Times{Clinical: m.occurred.FHIR()},
		Span: &record.Span{End: fhir.Str(m.occurred.FHIR())},
	}, true
}

// visit is PV1-19 as an identifier. Without an authority it belongs to the
// sender: two hospitals' visit 17 are two visits.
func (m *message) visit(pv1 hl7.Segment) (fhir.Identifier, bool) { return m.visitIn(pv1.Field(19)) }

func (m *message) visitIn(f hl7.Field) (fhir.Identifier, bool) {
	id, ok := m.identifier(f.Rep(1))
	if !ok || len(id.Value) > 128 {
		return id, false
	}
	if id.System == "" {
		id.System = "urn:wardlight:visit:" + m.urn
	}
	if id.Type == nil {
		id.Type = &fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemIdentifierType, Code: "VN"}}}
	}
	return id, true
}

// stayID names a stay: by its visit number, else by its patient and start.
func (m *message) stayID(visit fhir.Identifier, hasVisit bool, start hl7.Time, hasStart bool, s record.Subject) (fhir.ID, bool) {
	switch {
	case hasVisit:
		return idOf("e", "visit", visit.System, visit.Value), true
	case hasStart && len(s.Identifiers) > 0:
		m.note("no visit number: the stay is known by its patient and start")
		who := known(s)
		return idOf("e", "start", m.sender, who.System, who.Value, start.FHIR()), true
	}
	return "", false
}

// stayStatus: what the event says, unless PV1-45 says that the stay has ended.
// An update (A08) alone says nothing: sent after the discharge, it would bring
// the patient back to the ward. Only a stay that nobody has spoken of before is
// taken for a present one (Draft.IfNew).
func (m *message) stayStatus(o *ops, pv1 hl7.Segment, status string) (ended bool) {
	if event := m.h.Type.Event; event == "A08" {
		if _, ended = m.left(pv1); ended {
			status = "finished"
		}
	}
	if status != "" {
		o.set("status", status)
	}
	return ended
}

// left is when an update says that somebody left. A time that is still to come is when
// they are expected to, and takes nobody off the ward.
func (m *message) left(pv1 hl7.Segment) (hl7.Time, bool) {
	t, ok := m.time(pv1.Field(45), "PV1-45")
	if at, is := t.Instant(); ok && is && at.After(m.o.Received.Add(tolerance)) {
		m.note("PV1-45 lies in the future: the stay was not ended by it")
		return hl7.Time{}, false
	}
	return t, ok
}

// stayPeriod writes when a stay began and ended. Where the message does not say both, it is
// left to whoever knows the other half: an update after the discharge names the admission
// only, and does not take the discharge's time away.
func (m *message) stayPeriod(o *ops, pv1 hl7.Segment, event string, start hl7.Time, hasStart bool) *record.Span {
	var end *string
	switch status := events[event].status; {
	case event == "A03":
		t, ok := m.time(pv1.Field(45), "PV1-45")
		if !ok {
			t = m.occurred
		}
		m.oddEnd(start, t)
		end = fhir.Str(t.FHIR())
	case event == "A08":
		if t, ok := m.left(pv1); ok {
			end = fhir.Str(t.FHIR())
		}
	case status == "in-progress" || status == "onleave" || status == "planned":
		end = fhir.Str("") // whoever is here has not left
	}
	switch {
	case hasStart && end != nil:
		o.set("period", fhir.Period{Start: start.FHIR(), End: *end})
		return nil
	case !hasStart && end == nil:
		return nil
	}
	return &record.Span{Start: start.FHIR(), End: end}
}

// spot is one component of a location (data type PL). Up to v2.6 it is a word (IS), and
// the ampersand of A&E is a part of it; from v2.7 on it is a name with a universal id and
// its type (HD), of which the name counts (HL7 v2 chapter 2.A, PL).
func spot(c hl7.Comp) string {
	if kind := strings.ToUpper(text(c.Sub(3))); c.SubCount() == 3 && universalTypes[kind] || oidForm.MatchString(text(c.Sub(2))) {
		return text(c)
	}
	return c.Words()
}

// universalTypes are the types of universal ids in HL7 table 0301 that senders use.
var universalTypes = set("ISO", "UUID", "GUID", "DNS", "URI", "L", "M", "N", "HL7", "X400", "X500", "RANDOM", "CLIA", "HCD")

// named says whether a location names a point of care, a room or a bed. A facility alone
// says in which house somebody is, and takes nobody out of their bed.
func named(f hl7.Field) bool {
	return spot(f.Comp(1)) != "" || spot(f.Comp(2)) != "" || spot(f.Comp(3)) != ""
}

// placeless says whether a location takes a place away and names none: "" as a whole, or
// in each of its parts that says something.
func placeless(f hl7.Field) bool {
	if f.IsNull() {
		return true
	}
	null := false
	for _, c := range f.Rep(1).Comps() {
		if c.Presence() == hl7.Present {
			return false
		}
		null = null || c.IsNull()
	}
	return null
}

// oddEnd tells of a discharge whose time cannot be: it is kept as it was sent.
func (m *message) oddEnd(start, end hl7.Time) {
	from, began := start.Instant()
	to, ended := end.Instant()
	switch {
	case began && ended && to.Before(from):
		m.note("the discharge (PV1-45) lies before the admission (PV1-44); both were kept as sent")
	case ended && to.After(m.o.Received.Add(tolerance)):
		m.note("the discharge (PV1-45) lies in the future; the patient has left all the same, as the event says")
	}
}

// ward is the point of care of a location (data type PL).
func ward(f hl7.Field) record.Ward {
	w := spot(f.Comp(1))
	if len(w) > 64 {
		return ""
	}
	return record.Ward(w)
}

// place writes where the patient is. A location without a bed clears the bed: a
// patient who has moved is not in the old one.
func place(o *ops, f hl7.Field) {
	if f.IsNull() {
		o.remove("location")
		o.extension(fhir.ExtWard, "")
		o.extension(fhir.ExtBed, "")
		return
	}
	poc, room, bed := spot(f.Comp(1)), spot(f.Comp(2)), spot(f.Comp(3))
	words := make([]string, 0, 4)
	for _, w := range []string{poc, room, bed, spot(f.Comp(4))} {
		if w != "" {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		return
	}
	places := []fhir.EncounterLocation{{Location: fhir.Reference{Display: strings.Join(words, ", ")}, Status: "active"}}
	if bed == "" {
		bed = room
	} else if room != "" {
		places = append(places, inRoom(room))
	}
	o.set("location", places)
	o.extension(fhir.ExtWard, string(ward(f)))
	o.extension(fhir.ExtBed, bed)
}

// inRoom is the room that a bed is in, as a place of its own: a bed's number
// alone may be in every room of the ward. It belongs to location, which moves as
// one with the bed.
func inRoom(room string) fhir.EncounterLocation {
	kind := fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemPhysicalType, Code: fhir.PlaceRoom}}}
	return fhir.EncounterLocation{Location: fhir.Reference{Display: room}, Status: "active", PhysicalType: &kind}
}

func class(o *ops, f hl7.Field) {
	code := strings.ToUpper(text(f))
	if code == "" {
		return
	}
	if letter := classWords[code]; letter != "" {
		code = letter
	}
	c, ok := classes[code]
	if !ok {
		c = fhir.Coding{System: "http://terminology.hl7.org/CodeSystem/v2-0004", Code: code}
	}
	o.set("class", c)
}

// roles of HL7 PV1 fields, as v3 ParticipationType codes.
var roles = []struct {
	field      int
	code, name string
}{{7, "ATND", "attender"}, {8, "REF", "referrer"}, {9, "CON", "consultant"}, {17, "ADM", "admitter"}}

func (m *message) participants(o *ops, pv1 hl7.Segment) {
	var list []fhir.EncounterParticipant
	for _, role := range roles {
		for _, r := range pv1.Field(role.field).Reps() {
			name := personName(r)
			if name == "" {
				continue
			}
			list = append(list, fhir.EncounterParticipant{
				Type:       []fhir.CodeableConcept{{Coding: []fhir.Coding{{System: "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", Code: role.code, Display: role.name}}}},
				Individual: &fhir.Reference{Type: "Practitioner", Display: name},
			})
		}
	}
	if len(list) > 0 {
		o.set("participant", list)
	}
}

// personName is a person (data type XCN) in words: "Dr H Osei".
func personName(r hl7.Rep) string {
	var parts []string
	for _, i := range []int{6, 3, 4, 2, 5, 7} {
		p := r.Comp(i).Words()
		if i == 2 {
			p = familyName(r.Comp(i))
		}
		if p != "" {
			parts = append(parts, p)
		}
	}
	if len(parts) == 0 {
		return r.Comp(1).Words()
	}
	return strings.Join(parts, " ")
}

// millis is an instant in milliseconds; 0 for a date, which orders nothing
// within its day.
func millis(t hl7.Time) int64 {
	at, ok := t.Instant()
	if !ok || at.Before(time.UnixMilli(1)) {
		return 0
	}
	return at.UnixMilli()
}

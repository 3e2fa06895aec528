package merge

import (
	"encoding/json"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// movementField is the name under which the elements that say where a patient
// is, and whether they are still here, are merged and disputed as one.
const movementField = "movement"

var movementFields = map[string]bool{"status": true, "location": true, "period": true}

var movementExtensions = map[string]bool{fhir.ExtWard: true, fhir.ExtBed: true, extMoved: true}

func inMovement(field, key string) bool {
	return movementFields[field] || field == "extension" && movementExtensions[key]
}

// sureGap is how far apart two movements must be before their times alone say
// which came later: clocks differ, and people type what the clock on the wall
// says.
const sureGap = 5 * time.Minute

// encounterPolicy: ADT wins when later by event time, and so does a station's
// move; when the times do not say so surely, a person decides, and ADT's is in
// force meanwhile.
var encounterPolicy = policy{
	rules: withBookkeeping(map[string]rule{movementField: {over: laterMove, rank: moveRank, alike: sameMove}}),
	moves: true,
}

// moved says when a movement happened and how surely that is known.
type moved struct {
	At   int64 // ms since 1970, by central's clock as far as that was known
	ADT  bool  // from the system that owns beds
	Sure bool  // At is right within sureGap
}

func (m moved) extension() fhir.Extension {
	return fhir.Extension{URL: extMoved, Extension: []fhir.Extension{
		{URL: "at", ValueInteger: fhir.Int(m.At)},
		{URL: "adt", ValueBoolean: fhir.Bool(m.ADT)},
		{URL: "sure", ValueBoolean: fhir.Bool(m.Sure)},
	}}
}

func movedOf(e fhir.Extension) moved {
	var m moved
	for _, part := range e.Extension {
		switch {
		case part.URL == "at" && part.ValueInteger != nil:
			m.At = *part.ValueInteger
		case part.URL == "adt" && part.ValueBoolean != nil:
			m.ADT = *part.ValueBoolean
		case part.URL == "sure" && part.ValueBoolean != nil:
			m.Sure = *part.ValueBoolean
		}
	}
	return m
}

// movement is the value that the elements of movementField make together.
type movement struct {
	Fields fhir.Object                `json:"fields,omitempty"`
	Ext    map[string]json.RawMessage `json:"ext,omitempty"`
}

// splitMovement takes the movement out of an Encounter.
func splitMovement(o fhir.Object) (rest fhir.Object, raw string) {
	rest = o.Clone()
	m := movement{Fields: fhir.Object{}, Ext: map[string]json.RawMessage{}}
	for field := range movementFields {
		if v, ok := rest[field]; ok {
			m.Fields[field] = v
			delete(rest, field)
		}
	}
	if l, ok := listOf("extension", rest["extension"]); ok {
		for key := range movementExtensions {
			if group, has := l.at[key]; has {
				m.Ext[key] = group[0]
				l.drop(key)
			}
		}
		setField(rest, "extension", l.json())
	}
	if len(m.Fields) == 0 && len(m.Ext) == 0 {
		return rest, ""
	}
	b, err := fhir.Make(m)
	if err != nil {
		return o, ""
	}
	return rest, string(b)
}

// joinMovement puts a movement back into an Encounter.
func joinMovement(o fhir.Object, raw string) {
	for field, v := range movementParts(raw).Fields {
		setField(o, field, v)
	}
	ext := movementParts(raw).Ext
	for _, key := range []string{fhir.ExtWard, fhir.ExtBed, extMoved} {
		if v, ok := ext[key]; ok {
			editExtensions(o, func(l *list) { l.set(key, []json.RawMessage{v}) })
		}
	}
}

func movementParts(raw string) movement {
	m := movement{Fields: fhir.Object{}, Ext: map[string]json.RawMessage{}}
	if raw != "" && json.Unmarshal([]byte(raw), &m) != nil {
		return movement{}
	}
	return m
}

func movedIn(raw string) moved {
	var e fhir.Extension
	if json.Unmarshal(movementParts(raw).Ext[extMoved], &e) != nil {
		return moved{ADT: true, Sure: true} // from before anybody noted times: any later one counts
	}
	return movedOf(e)
}

// laterMove says that movement a surely came after b. Between two messages of
// ADT the event time alone decides; a movement whose time is not sure never
// makes another moot and is never made moot.
func laterMove(a, b value) bool {
	ma, mb := movedIn(a.raw), movedIn(b.raw)
	switch {
	case !ma.Sure || !mb.Sure:
		return false
	case ma.ADT && mb.ADT:
		return ma.At > mb.At
	}
	return ma.At-mb.At >= sureGap.Milliseconds()
}

// moveRank puts ADT's movement in force during a dispute, then one that says
// the patient is here: an alert to a bed that was left is seen by somebody, one
// to nobody is not.
func moveRank(raw string) int {
	rank := 0
	if movedIn(raw).ADT {
		rank += 2
	}
	switch word(string(movementParts(raw).Fields["status"]), "") {
	case "arrived", "triaged", "in-progress", "onleave":
		rank++
	}
	return rank
}

// sameMove compares two movements without their times.
func sameMove(a, b string) bool { return bareMove(a) == bareMove(b) }

func bareMove(raw string) string {
	m := movementParts(raw)
	delete(m.Ext, extMoved)
	b, err := fhir.Make(m)
	if err != nil {
		return raw
	}
	return string(b)
}

// eventOf is when a mutation says that it happened, by central's clock.
func eventOf(m record.Mutation) moved {
	at := clinicalTime(m.Times.Clinical)
	if m.Author.Sender != "" {
		if at == 0 && m.Stamps != nil {
			at = m.Stamps.Message
		}
		return moved{At: at, ADT: true, Sure: at != 0}
	}
	if at == 0 {
		at = m.Times.Station
	}
	return moved{At: at + m.Times.Offset.Milliseconds(), Sure: m.Times.Measured && at != 0}
}

// clinicalTime reads a FHIR dateTime with a time of day; 0 for anything less
// exact.
func clinicalTime(s string) int64 {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0
	}
	return t.UnixMilli()
}

// stampMove notes the event time in an Encounter whose movement differs from
// that of base.
func stampMove(base, edited fhir.Object, m record.Mutation) {
	was := ""
	if base != nil {
		_, was = splitMovement(base)
	}
	if _, is := splitMovement(edited); !sameMove(was, is) {
		putExtension(edited, eventOf(m).extension())
	}
}

// withoutMovement is the base for a message of ADT: it knows everything that
// is current but nothing of where the patient is, so both movements stand
// against one another by their times.
func withoutMovement(current fhir.Object) fhir.Object {
	rest, _ := splitMovement(current)
	dropExtension(rest, fhir.ExtDisputed+"|"+movementField+"|")
	return rest
}

// sentMovement is what a message of ADT says about the place, given what
// stands: what it does not say stays as it is, and it happened when the message
// says. A message that says nothing about it is no movement.
func (c *change) sentMovement(was string) string {
	_, sent := splitMovement(c.edited)
	before, m := movementParts(was), movementParts(sent)
	silent := m.Ext[fhir.ExtWard] == nil && m.Fields["location"] == nil
	for field := range movementFields {
		if v := before.Fields[field]; v != nil && m.Fields[field] == nil && (field != "location" || silent) {
			m.Fields[field] = v
		}
	}
	if silent {
		for _, key := range []string{fhir.ExtWard, fhir.ExtBed} {
			if v := before.Ext[key]; v != nil {
				m.Ext[key] = v
			}
		}
		if raw, err := fhir.Make(m); err == nil && sameMove(was, string(raw)) {
			return was
		}
	}
	stamp, err := fhir.Make(eventOf(c.Mutation).extension())
	if err != nil {
		return was
	}
	m.Ext[extMoved] = json.RawMessage(stamp)
	raw, err := fhir.Make(m)
	if err != nil {
		return was
	}
	return string(raw)
}

package v2tofhir

import (
	"strconv"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/interop/hl7"
)

// A Patient is changed field by field: what a message does not say stays, and
// an explicit "" removes. A list that one field sends whole (address, language)
// is set whole; identifiers are only added, because a message need not name all
// of them.

const extBirthTime = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"

// ops collects operations on one resource.
type ops []record.Op

func (o *ops) set(field string, v any) {
	if b, err := fhir.Make(v); err == nil {
		*o = append(*o, record.Op{Kind: record.OpSet, Field: field, Value: b})
	}
}

func (o *ops) remove(field string) {
	*o = append(*o, record.Op{Kind: record.OpRemove, Field: field})
}

func (o *ops) add(field, key string, v any) {
	if b, err := fhir.Make(v); err == nil {
		*o = append(*o, record.Op{Kind: record.OpAdd, Field: field, Key: key, Value: b})
	}
}

func (o *ops) drop(field, key string) {
	*o = append(*o, record.Op{Kind: record.OpDrop, Field: field, Key: key})
}

// extension adds one of our own extensions, of which a resource has one.
func (o *ops) extension(url, value string) {
	if value == "" {
		o.drop("extension", url)
		return
	}
	o.add("extension", url, fhir.Extension{URL: url, ValueString: fhir.Str(value)})
}

// patient makes the draft of a Patient; ok is false where PID says nothing.
func (m *message) patient(pid hl7.Segment, s record.Subject) (record.Draft, bool) {
	var o ops
	for _, id := range s.Identifiers {
		// The identity of a list element is system and value; one that is too
		// long to be a key is no identifier of a person.
		if key := id.System + "|" + id.Value; len(key) <= 200 {
			o.add("identifier", key, id)
		}
	}
	m.names(&o, pid)
	m.born(&o, pid)
	gender(&o, pid.Field(8))
	if f := pid.Field(11); f.IsNull() {
		o.remove("address")
	} else if list := addresses(f); len(list) > 0 {
		o.set("address", list)
	}
	telecom(&o, pid)
	coded := func(field string, f hl7.Field, wrap func(fhir.CodeableConcept) any) {
		if f.IsNull() {
			o.remove(field)
		} else if c, ok := m.tabled(f, field); ok {
			o.set(field, wrap(c))
		}
	}
	coded("communication", pid.Field(15), func(c fhir.CodeableConcept) any { return []map[string]any{{"language": c}} })
	coded("maritalStatus", pid.Field(16), func(c fhir.CodeableConcept) any { return c })
	multipleBirth(&o, pid)
	m.death(&o, pid)
	temporary(&o, pid, s)
	m.unreadIn(&o, "PID")
	return record.Draft{Ref: fhir.Ref{Type: fhir.TypePatient, ID: record.SubjectID}, Ops: o, Event: m.event}, len(o) > 0
}

// tabled reads a code that HL7 gives a table of its own.
func (m *message) tabled(f hl7.Field, field string) (fhir.CodeableConcept, bool) {
	c, ok := m.concept(f.Rep(1))
	table := map[string]string{"maritalStatus": "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"}[field]
	if ok && table != "" && len(c.Coding) > 0 && c.Coding[0].System == "" && maritalCodes[c.Coding[0].Code] {
		c.Coding[0].System = table
	}
	return c, ok
}

// maritalCodes are those of HL7 table 0002 that mean the same in FHIR.
var maritalCodes = set("A", "D", "I", "M", "S", "T", "W", "C")

// nameUses maps HL7 table 0200; what a sender does not name is the legal name.
var nameUses = map[string]string{
	"": "official", "L": "official", "CURRENT": "official", "D": "usual", "U": "usual", "N": "nickname",
	"M": "maiden", "A": "anonymous", "S": "anonymous", "T": "temp", "TEMP": "temp", "BAD": "old", "PREVIOUS": "old",
}

func humanName(r hl7.Rep) (fhir.HumanName, bool) {
	n := fhir.HumanName{Use: nameUses[strings.ToUpper(text(r.Comp(7)))]}
	n.Family, n.Given = nameParts(r)
	if p := r.Comp(5).Words(); p != "" {
		n.Prefix = []string{p}
	}
	for _, i := range []int{4, 6} {
		if x := r.Comp(i).Words(); x != "" {
			n.Suffix = append(n.Suffix, x)
		}
	}
	return n, n.Family != "" || len(n.Given) > 0
}

// names: PID-5 is what the patient is called now, PID-9 what else. Names of one
// use replace each other, so that a marriage is a change and no second name.
func (m *message) names(o *ops, pid hl7.Segment) {
	if pid.Field(5).IsNull() {
		o.drop("name", "use:official")
	}
	byUse := map[string][]fhir.HumanName{}
	var order []string
	take := func(f hl7.Field, alias bool) {
		for _, r := range f.Reps() {
			n, ok := humanName(r)
			if !ok {
				continue
			}
			if alias && text(r.Comp(7)) == "" {
				n.Use = "old"
			}
			if len(byUse[n.Use]) == 0 {
				order = append(order, n.Use)
			}
			byUse[n.Use] = append(byUse[n.Use], n)
		}
	}
	take(pid.Field(5), false)
	take(pid.Field(9), true)
	if len(order) > 0 {
		// A name without a use is the one a registration in haste has made.
		o.drop("name", "use:")
	}
	for _, use := range order {
		if list := byUse[use]; len(list) == 1 {
			o.add("name", "use:"+use, list[0])
		} else {
			o.add("name", "use:"+use, list)
		}
	}
}

// born sets the date of birth as it was written: a date belongs to a calendar,
// and no zone moves it. A clock time other than midnight is kept beside it.
func (m *message) born(o *ops, pid hl7.Segment) {
	f := pid.Field(7)
	if f.IsNull() {
		o.remove("birthDate")
		o.remove("_birthDate")
		return
	}
	t, ok := m.birth(f)
	if !ok {
		return
	}
	o.set("birthDate", t.FHIRDate())
	if at, is := t.Instant(); is && (at.Hour() != 0 || at.Minute() != 0 || at.Second() != 0) {
		o.set("_birthDate", map[string]any{"extension": []map[string]string{{"url": extBirthTime, "valueDateTime": t.FHIR()}}})
	}
}

// gender maps HL7 table 0001. A code that R4 has no word for is "other", and
// the code is kept beside it.
func gender(o *ops, f hl7.Field) {
	if f.IsNull() {
		o.remove("gender")
		o.remove("_gender")
		return
	}
	code := strings.ToUpper(text(f))
	word := map[string]string{
		"M": "male", "F": "female", "U": "unknown", "A": "other", "N": "other", "O": "other",
		"MALE": "male", "FEMALE": "female", "UNKNOWN": "unknown", "OTHER": "other",
	}[code]
	switch {
	case code == "":
		return
	case word == "":
		word = "unknown"
	}
	o.set("gender", word)
	if word == "other" || code != "U" && code != "UNKNOWN" && word == "unknown" {
		o.set("_gender", map[string]any{"extension": []map[string]string{{"url": "urn:wardlight:v2-sex", "valueString": code}}})
	}
}

var addressUses = map[string]string{"H": "home", "HOME": "home", "P": "home", "B": "work", "O": "work", "C": "temp", "TM": "temp", "BA": "old", "BI": "billing"}

// addresses reads PID-11 (data type XAD).
func addresses(f hl7.Field) []map[string]any {
	var list []map[string]any
	for _, r := range f.Reps() {
		a := map[string]any{}
		var lines []string
		for _, l := range []string{street(r.Comp(1)), r.Comp(2).Words()} {
			if l != "" {
				lines = append(lines, l)
			}
		}
		if lines != nil {
			a["line"] = lines
		}
		for i, field := range map[int]string{3: "city", 4: "state", 5: "postalCode", 6: "country", 9: "district"} {
			if v := r.Comp(i).Words(); v != "" {
				a[field] = v
			}
		}
		if len(a) == 0 {
			continue
		}
		kind := strings.ToUpper(text(r.Comp(7)))
		if use := addressUses[kind]; use != "" {
			a["use"] = use
		}
		if kind == "M" {
			a["type"] = "postal"
		}
		list = append(list, a)
	}
	return list
}

// street reads data type SAD (HL7 v2 chapter 2.A): the whole line, else the street's name
// and the house number, which Dutch senders fill alone.
func street(c hl7.Comp) string {
	if c.SubCount() == 2 { // a line with an ampersand in it: v2.4 and before have no parts here
		return c.Words()
	}
	if whole := text(c.Sub(1)); whole != "" {
		return whole
	}
	return strings.TrimSpace(text(c.Sub(2)) + " " + text(c.Sub(3)))
}

// telecom: PID-13 and PID-14 (40 from v2.7) together make one list. Where one
// of them is not sent, what it said before stays, so that numbers are added
// only.
func telecom(o *ops, pid hl7.Segment) {
	home, work, all := pid.Field(13), pid.Field(14), pid.Field(40)
	list := append(append(contacts(home, "home"), contacts(work, "work")...), contacts(all, "")...)
	silent := func(f hl7.Field) bool { return f.Presence() == hl7.Absent || f.Presence() == hl7.Empty }
	switch {
	case len(list) == 0:
		if home.IsNull() || work.IsNull() || all.IsNull() {
			o.remove("telecom")
		}
	case silent(all) && (silent(home) || silent(work)):
		for _, c := range list {
			if key := c["system"] + "|" + c["value"]; len(key) <= 200 {
				o.add("telecom", key, c)
			}
		}
	default:
		o.set("telecom", list)
	}
}

func contacts(f hl7.Field, use string) []map[string]string {
	var list []map[string]string
	for _, r := range f.Reps() {
		equipment := strings.ToUpper(text(r.Comp(3)))
		c := map[string]string{"system": "phone", "value": text(r.Comp(1))}
		if c["value"] == "" {
			c["value"] = text(r.Comp(12))
		}
		switch {
		case text(r.Comp(4)) != "" && (equipment == "INTERNET" || equipment == "X.400" || c["value"] == "" && text(r.Comp(7)) == ""):
			c["system"], c["value"] = "email", text(r.Comp(4))
		case c["value"] == "" && text(r.Comp(7)) != "":
			var parts []string
			for _, i := range []int{5, 6, 7} {
				if p := text(r.Comp(i)); p != "" {
					parts = append(parts, p)
				}
			}
			c["value"] = strings.Join(parts, " ")
		}
		if c["value"] == "" {
			continue
		}
		switch equipment {
		case "FX":
			c["system"] = "fax"
		case "CP":
			c["use"] = "mobile"
		case "BP":
			c["system"] = "pager"
		}
		if c["use"] == "" && use != "" {
			c["use"] = use
		}
		list = append(list, c)
	}
	return list
}

// multipleBirth: PID-25 says which of them, PID-24 only that.
func multipleBirth(o *ops, pid hl7.Segment) {
	which, whether := pid.Field(25), pid.Field(24)
	if n, err := strconv.Atoi(text(which)); err == nil && n > 0 {
		o.remove("multipleBirthBoolean")
		o.set("multipleBirthInteger", n)
		return
	}
	switch v := strings.ToUpper(text(whether)); {
	case v == "Y" || v == "N":
		o.remove("multipleBirthInteger")
		o.set("multipleBirthBoolean", v == "Y")
	case whether.IsNull() || which.IsNull():
		o.remove("multipleBirthInteger")
		o.remove("multipleBirthBoolean")
	}
}

// death: PID-29 when, PID-30 whether. R4 keeps one of the two.
func (m *message) death(o *ops, pid hl7.Segment) {
	when, whether := pid.Field(29), strings.ToUpper(text(pid.Field(30)))
	t, known := m.time(when, "PID-29")
	switch {
	case known && whether != "N":
		o.remove("deceasedBoolean")
		o.set("deceasedDateTime", t.FHIR())
	case whether == "Y":
		o.set("deceasedBoolean", true)
	case whether == "N":
		if known {
			m.note("PID-29 names the time of a death, and PID-30 says that the patient lives; the patient was taken as living")
		}
		o.remove("deceasedDateTime")
		o.set("deceasedBoolean", false)
	case when.IsNull() || pid.Field(30).IsNull():
		o.remove("deceasedDateTime")
		o.remove("deceasedBoolean")
	}
}

// temporary marks somebody whose identity is not confirmed, and takes the mark
// away once a registration knows who they are.
func temporary(o *ops, pid hl7.Segment, s record.Subject) {
	if s.Temporary {
		o.add("extension", fhir.ExtTemporary, fhir.Extension{URL: fhir.ExtTemporary, ValueBoolean: fhir.Bool(true)})
		return
	}
	if s.Family != "" && s.BirthDate != "" || strings.EqualFold(text(pid.Field(31)), "N") {
		o.drop("extension", fhir.ExtTemporary)
	}
}

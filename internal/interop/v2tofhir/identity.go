package v2tofhir

import (
	"cmp"
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/interop/hl7"
)

// Who a message says it is about. An identifier is value, assigning authority
// and type together (data type CX); a number alone identifies nobody. PID-2 and
// PID-4 hold identifiers of old and are never used as identity.

// systemOfAuthority is the URI of an assigning authority (CX-4, data type HD):
// its OID or UUID where it has one, else its name.
func systemOfAuthority(namespace, id, kind string) string {
	switch kind = strings.ToUpper(kind); {
	case (kind == "ISO" || kind == "") && oidForm.MatchString(id):
		return "urn:oid:" + id
	case (kind == "UUID" || kind == "GUID" || kind == "") && uuidForm.MatchString(id):
		return "urn:uuid:" + strings.ToLower(id)
	case namespace != "":
		return SystemAuthority + namespace
	case id != "":
		return SystemAuthority + id
	}
	return ""
}

// nhsAuthorities are names and OID under which senders give the NHS number.
var nhsAuthorities = set("NHS", "NHSNBR", "NHSNMBR", "2.16.840.1.113883.2.1.4.1")

// identifier reads one CX. ok is false where it holds no value.
func (m *message) identifier(r hl7.Rep) (id fhir.Identifier, ok bool) {
	value, kind := text(r.Comp(1)), text(r.Comp(5))
	if value == "" {
		return id, false
	}
	hd := r.Comp(4)
	namespace, universal := text(hd.Sub(1)), text(hd.Sub(2))
	id = fhir.Identifier{System: systemOfAuthority(namespace, universal, text(hd.Sub(3))), Value: value}
	if kind != "" {
		id.Type = &fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemIdentifierType, Code: kind}}}
	}
	if digits := strings.NewReplacer(" ", "", "-", "").Replace(value); isDigits(digits) && len(digits) == 10 &&
		(kind == "NH" || kind == "NHSNMBR" || nhsAuthorities[strings.ToUpper(namespace)] || nhsAuthorities[universal]) {
		id.System, id.Value = fhir.SystemNHSNumber, digits
		if !nhsCheck(digits) {
			m.note("an NHS number fails its check digit")
		}
	}
	return id, true
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// nhsCheck is the modulus 11 check of the NHS number: weights 10 to 2, then the
// check digit.
func nhsCheck(digits string) bool {
	sum := 0
	for i := range 9 {
		sum += int(digits[i]-'0') * (10 - i)
	}
	check := (11 - sum%11) % 11
	return check == int(digits[9]-'0')
}

// unknownNames are what registration desks type for somebody nobody knows yet.
var unknownNames = set("unknown", "unknown unknown", "unidentified", "unbekannt", "john doe", "jane doe",
	"xxx", "onbekend", "inconnu", "inconnue", "desconocido", "desconhecido")

// visitTypes are the kinds of numbers in HL7 table 0203 that are an account's or a
// visit's. A mother and her newborn share an account: beside a number of the person,
// such a one says nothing about who they are.
var visitTypes = set("AN", "ANC", "AND", "ANT", "VN")

// maxIdentifiers bounds what one person is known by.
const maxIdentifiers = 64

// subject reads who a PID says the message is about.
func (m *message) subject(pid hl7.Segment) record.Subject {
	var s record.Subject
	var visits []fhir.Identifier
	anonymous := 0
	for _, r := range pid.Field(3).Reps() {
		id, ok := m.identifier(r)
		if !ok {
			continue
		}
		if id.System == "" {
			if id.System = m.o.DefaultSystem; id.System == "" {
				anonymous++
				continue
			}
		}
		if id.Type != nil && visitTypes[strings.ToUpper(text(r.Comp(5)))] {
			visits = append(visits, id)
			continue
		}
		if len(s.Identifiers) == maxIdentifiers {
			m.note("PID-3 holds more identifiers than are kept")
			break
		}
		s.Identifiers = append(s.Identifiers, id)
	}
	switch {
	case len(s.Identifiers) == 0:
		s.Identifiers = visits[:min(len(visits), maxIdentifiers)] // its sender knows people by nothing else
	case len(visits) > 0:
		m.note("a number of an account or a visit in PID-3 names no person, and was kept with the message only")
	}
	if anonymous > 0 && len(s.Identifiers) > 0 {
		m.note("an identifier in PID-3 names no assigning authority and was left out")
	}
	s.Family, s.Given = nameParts(pid.Field(5).Rep(1))
	if t, ok := m.birth(pid.Field(7)); ok {
		s.BirthDate = t.FHIRDate()
	}
	full := normalised(strings.Join(append(append([]string{}, s.Given...), s.Family), " "))
	s.Temporary = strings.EqualFold(text(pid.Field(31)), "Y") || unknownNames[full] || unknownNames[normalised(s.Family)]
	return s
}

// known is the identifier that names somebody in the ids of what has no number of its
// own. It must not follow from the order in which a message lists them: the day on which
// the national number comes first, every allergy would be there twice. A hospital's own
// number goes before any other; of several of one kind the least, so that all messages
// choose alike.
func known(s record.Subject) fhir.Identifier {
	rank := func(id fhir.Identifier) int {
		kind := ""
		if id.Type != nil {
			kind = id.Type.Code(fhir.SystemIdentifierType)
		}
		return slices.Index([]string{"", "PI", "MR"}, kind) // the others, which are not in it, last
	}
	best := s.Identifiers[0]
	for _, id := range s.Identifiers[1:] {
		if c := cmp.Or(-cmp.Compare(rank(id), rank(best)), cmp.Compare(id.System, best.System), cmp.Compare(id.Value, best.Value)); c < 0 {
			best = id
		}
	}
	return best
}

// identityProblem says why a subject without a usable identifier has none.
func identityProblem(pid hl7.Segment) record.Problem {
	reason := "the message has no PID segment, so nobody knows whom it is about; ask the sender to send one"
	switch {
	case !pid.Exists():
	case text(pid.Field(3)) == "":
		reason = "PID-3 holds no patient identifier, and a patient is never matched by name alone; ask the sender to send one, then replay"
	default:
		reason = "no identifier in PID-3 names the authority that assigned it (component 4), and this channel has no default; ask the sender to send it or give the channel a default, then replay"
	}
	return record.Problem{Reason: reason, Owner: OwnerInterface}
}

// nameParts takes a name (data type XPN) apart.
func nameParts(r hl7.Rep) (family string, given []string) {
	family = familyName(r.Comp(1))
	for _, n := range []int{2, 3} {
		if g := r.Comp(n).Words(); g != "" {
			given = append(given, g)
		}
	}
	return family, given
}

// familyName reads data type FN (HL7 v2 chapter 2.A): the surname, else what it is made
// of, its own prefix and surname and the partner's, which Dutch senders fill alone.
func familyName(c hl7.Comp) string {
	if whole := text(c.Sub(1)); whole != "" {
		return whole
	}
	joined := func(prefix, name int) string { return strings.TrimSpace(text(c.Sub(prefix)) + " " + text(c.Sub(name))) }
	return strings.Trim(joined(2, 3)+"-"+joined(4, 5), "-")
}

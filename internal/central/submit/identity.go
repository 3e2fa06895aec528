package submit

import (
	"slices"
	"strings"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Who a message is about. An identifier is its value with who assigned it and
// of which kind, never the number alone; a known identifier counts only
// together with a birth date or a family name that agrees. A result never
// makes a patient: a number that nobody admitted is a question, not a person.

// Owners of what is held back.
const (
	OwnerInterface    = "interface manager"
	OwnerRegistration = "registration desk"
	OwnerLaboratory   = "laboratory"
)

// verdict is what the rules say about a message's subject.
type verdict struct {
	patient    fhir.ID
	create     bool
	why        string // why it cannot be filed, for a person; no patient data
	owner      string
	candidates []fhir.ID // whom the identifiers point at, where it cannot be filed
	other      fhir.ID   // the record to join with patient's, or to part from it
}

func held(why, owner string, candidates ...fhir.ID) verdict {
	return verdict{why: why, owner: owner, candidates: candidates}
}

// identify finds the patient whom a subject's identifiers name.
func (w *work) identify(s record.Subject) (verdict, error) {
	ids := slices.DeleteFunc(slices.Clone(s.Identifiers), func(id fhir.Identifier) bool { return id.System == "" || id.Value == "" })
	if len(ids) == 0 {
		return held("the message names no patient identifier with the authority that assigned it; ask the sender to send PID-3 with one", OwnerInterface), nil
	}
	found, err := w.known(ids)
	if err != nil {
		return verdict{}, err
	}
	switch {
	case len(found) > 1:
		return held("possible mix-up: the identifiers belong to different patients; compare them and merge or correct at the registration desk, then replay", OwnerRegistration, found...), nil
	case len(found) == 0 && !s.MayCreate:
		if otherwise, err := w.ofAnotherKind(ids); err != nil || otherwise {
			return held("unknown patient: the number is registered as one of another kind (PID-3.5); ask the sender to name the kind that the registration names, then replay", OwnerInterface), err
		}
		return held("unknown patient: no admission or registration has named this identifier; register the patient, then replay", OwnerRegistration), nil
	case len(found) == 0:
		return w.newcomer(ids, s)
	}
	v, err := w.agreesWithOne(found[0], s)
	if err != nil || v.why != "" {
		return v, err
	}
	other, err := w.numberedOtherwise(found[0], ids)
	if err != nil {
		return verdict{}, err
	}
	if other {
		return held("possible mix-up: one identifier is known, but the message has another hospital number than that patient's record; find out at the registration desk whether they are one person, merge or correct them there, then replay", OwnerRegistration, found[0]), nil
	}
	return v, nil
}

// hospitalNumbers are the kinds (HL7 table 0203) of which an authority gives one person
// one number.
var hospitalNumbers = map[string]bool{"MR": true, "PI": true}

// numberedOtherwise says whether a message has a hospital number for somebody whose
// record has another one of the same authority. What they share is then a number that
// several people have, such as a family's insurance.
func (w *work) numberedOtherwise(id fhir.ID, sent []fhir.Identifier) (other bool, err error) {
	all, err := linked(w, id)
	if err != nil {
		return false, err
	}
	var have []fhir.Identifier
	for _, one := range all {
		p, err := w.patient(one)
		if err != nil {
			return false, err
		}
		if p != nil {
			have = append(have, p.Identifier...)
		}
	}
	for _, i := range sent {
		if !hospitalNumbers[kindOf(i)] {
			continue
		}
		if known, err := w.carriers([]fhir.Identifier{i}); err != nil || len(known) > 0 {
			return false, err // this number is theirs, under whichever of their records
		}
		other = other || slices.ContainsFunc(have, func(h fhir.Identifier) bool {
			return h.System == i.System && kindOf(h) == kindOf(i)
		})
	}
	return other, nil
}

// agreesWithOne compares a message with all records of a person: under the
// retired one they may have had another name.
func (w *work) agreesWithOne(id fhir.ID, s record.Subject) (verdict, error) {
	all, err := linked(w, id)
	if err != nil {
		return verdict{}, err
	}
	first, err := w.agrees(id, s)
	if err != nil || first.why == "" {
		return first, err
	}
	for _, other := range all[1:] {
		v, err := w.agrees(other, s)
		if err != nil {
			return verdict{}, err
		}
		if v.why == "" {
			return verdict{patient: id}, nil
		}
	}
	return first, nil
}

// known are the patients who carry one of the identifiers, each once, retired
// ones replaced by their survivors.
func (w *work) known(ids []fhir.Identifier) ([]fhir.ID, error) {
	carriers, err := w.carriers(ids)
	if err != nil {
		return nil, err
	}
	var found []fhir.ID
	for _, id := range carriers {
		who, err := w.survivor(id)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(found, who) {
			found = append(found, who)
		}
	}
	slices.Sort(found)
	return found, nil
}

// carriers are the records that carry one of the identifiers, each once,
// whether retired or not.
func (w *work) carriers(ids []fhir.Identifier) ([]fhir.ID, error) {
	var found []fhir.ID
	for _, id := range ids {
		for ref, err := range w.Find(journal.ByIdentifier, id.System+"|"+id.Value) {
			if err != nil {
				return nil, err
			}
			if ref.Type != fhir.TypePatient {
				continue
			}
			p, err := w.patient(ref.ID)
			if err != nil {
				return nil, err
			}
			if p == nil || !slices.ContainsFunc(p.Identifier, func(have fhir.Identifier) bool { return identifierKey(have) == identifierKey(id) }) {
				continue
			}
			if !slices.Contains(found, ref.ID) {
				found = append(found, ref.ID)
			}
		}
	}
	slices.Sort(found)
	return found, nil
}

// ofAnotherKind says whether somebody has one of these numbers by the same authority,
// but of another kind or of none. A person may then see what has to be put right.
func (w *work) ofAnotherKind(ids []fhir.Identifier) (bool, error) {
	for _, id := range ids {
		for ref, err := range w.Find(journal.ByIdentifier, id.System+"|"+id.Value) {
			if err != nil {
				return false, err
			}
			if ref.Type == fhir.TypePatient {
				return true, nil
			}
		}
	}
	return false, nil
}

// maxLinks bounds a chain of merged records.
const maxLinks = 16

// survivor follows replaced-by links (R4 value set link-type) to their end.
func (w *work) survivor(id fhir.ID) (fhir.ID, error) {
	for range maxLinks {
		p, err := w.patient(id)
		if err != nil || p == nil {
			return id, err
		}
		next := fhir.ID("")
		for _, l := range p.Link {
			if ref, ok := l.Other.Ref(); ok && l.Type == "replaced-by" {
				next = ref.ID
			}
		}
		if next == "" {
			return id, nil
		}
		id = next
	}
	return id, nil
}

// kindOf is an identifier's kind (HL7 table 0203).
func kindOf(id fhir.Identifier) string {
	if id.Type == nil {
		return ""
	}
	if kind := id.Type.Code(fhir.SystemIdentifierType); kind != "" {
		return kind
	}
	return id.Type.Words()
}

// identifierKey is an identifier as a whole: system, value and kind (HL7 table
// 0203).
func identifierKey(id fhir.Identifier) string {
	return id.System + "|" + id.Value + "|" + kindOf(id)
}

// patientID is the id of a patient made from their first identifier, so that
// two nodes, or a replay, make the same one.
func patientID(first fhir.Identifier) fhir.ID {
	return fhir.ID("p" + shortHash(identifierKey(first)))
}

// newcomer is a patient to be made. Where the id is taken, the identifier was
// that patient's once and has been moved or corrected since.
func (w *work) newcomer(ids []fhir.Identifier, s record.Subject) (verdict, error) {
	id := patientID(ids[0])
	p, err := w.patient(id)
	if err != nil {
		return verdict{}, err
	}
	if p != nil {
		return held("the identifier belonged to a patient from whom it has been taken since; ask the registration desk whose it is, then replay", OwnerRegistration, id), nil
	}
	return verdict{patient: id, create: true}, nil
}

// agrees compares birth date and family name.
func (w *work) agrees(id fhir.ID, s record.Subject) (verdict, error) {
	p, err := w.patient(id)
	if err != nil {
		return verdict{}, err
	}
	if p == nil {
		return held("the patient's record cannot be read; tell the administrator", OwnerInterface, id), nil
	}
	// Somebody brought in unknown has no name to compare. The identifier was
	// given to them for that reason.
	if s.Temporary || temporary(p) {
		return verdict{patient: id}, nil
	}
	born := compare(s.BirthDate, p.BirthDate, sameDay)
	family := differs
	if s.Family == "" || len(families(p)) == 0 {
		family = silent
	}
	for _, have := range families(p) {
		if compare(s.Family, have, sameName) == same {
			family = same
		}
	}
	switch {
	case born == same || family == same:
		return verdict{patient: id}, nil
	case born == differs && family == differs:
		return held("possible wrong patient: the identifier is known, but birth date and family name both differ; ask the sender, correct it there or here, then replay", OwnerRegistration, id), nil
	}
	return held("the identity cannot be confirmed: the identifier is known, but neither birth date nor family name agrees with it; ask the sender, then replay", OwnerRegistration, id), nil
}

func temporary(p *fhir.Patient) bool {
	e, ok := fhir.ExtensionOf(p.Extension, fhir.ExtTemporary)
	return ok && e.ValueBoolean != nil && *e.ValueBoolean
}

// families are all family names of a patient, former ones included.
func families(p *fhir.Patient) []string {
	var list []string
	for _, n := range p.Name {
		if strings.TrimSpace(n.Family) != "" {
			list = append(list, n.Family)
		}
	}
	return list
}

type comparison uint8

const (
	silent comparison = iota // one side says nothing
	same
	differs
)

func compare(a, b string, equal func(a, b string) bool) comparison {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	switch {
	case a == "" || b == "":
		return silent
	case equal(a, b):
		return same
	}
	return differs
}

// sameDay compares two FHIR dates at the precision that both have.
func sameDay(a, b string) bool {
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
}

// sameName compares family names without regard to case, spaces and hyphens.
func sameName(a, b string) bool {
	fold := func(s string) string {
		return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '-' || r == '\'' || r == '’' }), "")
	}
	return strings.EqualFold(fold(a), fold(b))
}

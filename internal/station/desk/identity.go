package desk

import (
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// identity is who the patient of c is, and where.
func (d *Desk) identity(c *compartment) ward.Identity {
	who := identify(c.patient.View, c.id, d.now())
	enc := make([]encounterView, len(c.encounters))
	for i := range c.encounters {
		enc[i] = encounterView{c.encounters[i].View.Status, c.encounters[i].View.Extension, c.encounters[i].View.Participant, c.encounters[i].View.Period, c.encounters[i].View.Location}
	}
	locate(&who, enc, d.own)
	return who
}

// encounterView is what a place is read from.
type encounterView struct {
	Status      string                      `json:"status"`
	Extension   []fhir.Extension            `json:"extension"`
	Participant []fhir.EncounterParticipant `json:"participant"`
	Period      *fhir.Period                `json:"period"`
	Location    []fhir.EncounterLocation    `json:"location"`
}

// bed is what the bed is called on its ward.
func (e encounterView) bed() string {
	return ward.BedLabel(fhir.RoomOf(e.Location), fhir.ExtString(e.Extension, fhir.ExtBed))
}

// identify reads a Patient. Nothing is invented: what is missing is "Not
// known" or empty.
func identify(p fhir.Patient, id fhir.ID, now time.Time) ward.Identity {
	who := ward.Identity{ID: id, Born: p.BirthDate, Age: ward.Age(p.BirthDate, now), Gender: gender(p.Gender)}
	if n, ok := officialName(p.Name); ok {
		who.Family, who.Given = n.Family, strings.Join(n.Given, " ")
		who.Title = strings.Join(n.Prefix, " ")
		if who.Family == "" && who.Given == "" {
			who.Family = n.Text
		}
	}
	who.NumberName, who.Number = number(p.Identifier)
	who.Died = p.DeceasedDateTime
	if who.Died == "" && p.DeceasedBoolean != nil && *p.DeceasedBoolean {
		who.Died = words.T("date not known")
	}
	if e, ok := fhir.ExtensionOf(p.Extension, fhir.ExtTemporary); ok && e.ValueBoolean != nil {
		who.Temporary = *e.ValueBoolean
	}
	for _, l := range p.Link {
		if ref, ok := l.Other.Ref(); ok && l.Type == "replaced-by" {
			who.Retired, who.Into = true, ref.ID
		}
	}
	return who
}

// officialName prefers the name in official use over a usual one, and never
// takes an old or maiden name while there is another.
func officialName(names []fhir.HumanName) (fhir.HumanName, bool) {
	rank := func(n fhir.HumanName) int {
		switch n.Use {
		case "official":
			return 0
		case "usual":
			return 1
		case "":
			return 2
		case "old", "maiden":
			return 4
		}
		return 3
	}
	best, found := fhir.HumanName{}, false
	for _, n := range names {
		if !found || rank(n) < rank(best) {
			best, found = n, true
		}
	}
	return best, found
}

func gender(code string) string {
	switch code {
	case "female":
		return "Female"
	case "male":
		return "Male"
	case "other":
		return "Other"
	}
	return "Not known"
}

// number is the identifier that a banner shows: a valid NHS number first, in
// groups of 3 3 4 (NHS Common User Interface, NHS number), else the hospital's
// own, else any.
func number(ids []fhir.Identifier) (name, value string) {
	best := -1
	for _, id := range ids {
		n, v, rank := numberOf(id)
		if v != "" && rank > best && id.Use != "old" {
			name, value, best = n, v, rank
		}
	}
	return name, value
}

func numberOf(id fhir.Identifier) (name, value string, rank int) {
	code := ""
	if id.Type != nil {
		code = id.Type.Code(fhir.SystemIdentifierType)
	}
	switch {
	case (id.System == fhir.SystemNHSNumber || code == "NH") && ValidNHS(id.Value):
		v := digits(id.Value)
		return words.T("NHS No."), v[:3] + " " + v[3:6] + " " + v[6:], 3
	case id.System == fhir.SystemNHSNumber:
		return words.T("NHS No. (check digit wrong)"), id.Value, 0
	case code == "MR":
		return words.T("Hospital No."), id.Value, 2
	}
	return words.T("No."), id.Value, 1
}

// ValidNHS says whether s is an NHS number: ten digits whose weighted sum has
// the right check digit, modulus 11 (NHS Data Dictionary, NHS NUMBER).
func ValidNHS(s string) bool {
	v := digits(s)
	if len(v) != 10 || len(v) != len(strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), "-", "")) {
		return false
	}
	sum := 0
	for i := 0; i < 9; i++ {
		sum += int(v[i]-'0') * (10 - i)
	}
	check := 11 - sum%11
	if check == 11 {
		check = 0
	}
	return check != 10 && check == int(v[9]-'0')
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// locate fills in ward, bed and consultant from the present stay. A patient of
// the ward who is also registered at a clinic has two: the one on this
// computer's own wards counts here, else the one that began last.
func locate(who *ward.Identity, encounters []encounterView, own func(code string) bool) {
	began, ours := "", false
	for _, e := range encounters {
		if !present(e.Status) {
			continue
		}
		code, start := fhir.ExtString(e.Extension, fhir.ExtWard), "0"
		if e.Period != nil && e.Period.Start != "" {
			start = e.Period.Start
		}
		here := own(code)
		if ours && !here || ours == here && start < began {
			continue
		}
		began, ours = start, here
		who.Ward, who.Bed = code, e.bed()
		who.Consultant = consultant(e.Participant)
	}
}

// own says whether a ward is one of this computer's.
func (d *Desk) own(code string) bool {
	if code == d.cfg.Ward && code != "" {
		return true
	}
	return slices.Contains(d.cfg.Wards, record.Ward(code))
}

// present: R4 value set encounter-status, those that keep a patient here.
func present(status string) bool {
	switch status {
	case "arrived", "triaged", "in-progress", "onleave":
		return true
	}
	return false
}

// consultant is the consulting or attending clinician (v3
// ParticipationType CON, ATND).
func consultant(list []fhir.EncounterParticipant) string {
	for _, want := range []string{"CON", "ATND"} {
		for _, p := range list {
			if p.Individual == nil || p.Individual.Display == "" {
				continue
			}
			for _, t := range p.Type {
				for _, k := range t.Coding {
					if k.Code == want {
						return p.Individual.Display
					}
				}
			}
		}
	}
	return ""
}

package demo

import (
	"strings"

	"wardlight/internal/interop/hl7"
)

// registered is what the filed registrations say of one person. Which of
// several stands is a matter of rules that the ledger does not judge; that
// none of them stands is a breach.
type registered struct {
	families map[string]bool
	births   map[string]bool // as FHIR writes them
}

// registrations are the people of the filed ADT messages, by NHS number.
func registrations(raws [][]byte) map[string]registered {
	out := map[string]registered{}
	for _, raw := range raws {
		m, err := hl7.Parse(raw)
		if err != nil || m.Header().Type.Code != "ADT" {
			continue
		}
		for _, s := range m.Segments() {
			if s.ID() != "PID" {
				continue
			}
			number, family, born := nhsNumber(s), s.Field(5).Comp(1).Text(), s.Field(7).Text()
			if number == "" || family == "" || len(born) != 8 {
				continue
			}
			if _, known := out[number]; !known {
				out[number] = registered{map[string]bool{}, map[string]bool{}}
			}
			out[number].families[family] = true
			out[number].births[strings.Join([]string{born[:4], born[4:6], born[6:]}, "-")] = true
		}
	}
	return out
}

// people holds everybody who was registered against the record: once, by their
// own name and birth date.
func (l *ledger) people(filed [][]byte) {
	want := registrations(filed)
	for _, number := range sortedKeys(want) {
		var got []*patient
		for _, id := range sortedKeys(l.res.patients) {
			if l.res.patients[id].has(number) {
				got = append(got, l.res.patients[id])
			}
		}
		switch {
		case len(got) == 0:
			l.lost("somebody who was registered is not in the record")
			continue
		case len(got) > 1:
			l.doubled("somebody who was registered stands %d times in the record", len(got))
		}
		if !got[0].calls(want[number].families) || !want[number].births[got[0].BirthDate] {
			l.changed("somebody who was registered stands in the record with another name or birth date")
		}
	}
}

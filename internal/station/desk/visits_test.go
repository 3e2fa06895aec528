package desk_test

import (
	"encoding/json"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
)

// visit is a stay of Folake's with everything that is said of one.
func (r *room) visit(id, status string, change func(obj)) record.Change {
	r.t.Helper()
	body := obj{
		"resourceType": "Encounter", "id": id, "status": status, "subject": ref(fhir.TypePatient, string(folake)),
		"class":  obj{"system": fhir.SystemActCode, "code": "IMP", "display": "inpatient encounter"},
		"period": obj{"start": "2026-11-20T05:55:00Z"},
		"identifier": []any{
			obj{"type": obj{"coding": []any{obj{"system": fhir.SystemIdentifierType, "code": "VN"}}}, "system": "urn:v", "value": "V-" + id},
		},
		"extension": []any{obj{"url": fhir.ExtWard, "valueString": "4B"}, obj{"url": fhir.ExtBed, "valueString": "07"}},
		"participant": []any{
			obj{"type": []any{obj{"coding": []any{obj{"code": "ATND"}}}}, "individual": obj{"display": "Dr H Osei"}},
			obj{"type": []any{obj{"coding": []any{obj{"code": "REF"}}}}, "individual": obj{"display": "Dr A Rahman"}},
		},
	}
	if change != nil {
		change(body)
	}
	raw, err := json.Marshal(body)
	ok(r.t, err)
	return r.acceptBody(raw, record.Author{Sender: "adt PAS|HOSP"}, record.Times{Central: r.clock().UnixMilli()}, "", "")
}

// Stays say where they stand, who is responsible, and what of them is not here. A
// cancelled one, one in error and one whose status nobody knows are never present.
func TestStaysSayWhereTheyStand(t *testing.T) {
	r := newRoom(t)
	r.send(admitted(string(folake), "Adeyemi", "Folake", "07")[0])
	r.visit("now", "in-progress", nil) // its first version never reaches this computer
	r.batch([]record.Change{
		r.visit("now", "in-progress", nil),
		r.visit("later", "planned", func(o obj) { o["period"] = obj{"start": "2026-12-01T09:00:00Z"} }),
		r.visit("old", "finished", func(o obj) {
			o["period"] = obj{"start": "2026-03-01", "end": "2026-03-04"}
			o["class"] = obj{"system": "http://terminology.hl7.org/CodeSystem/v2-0004", "code": "X9"}
			delete(o, "participant")
			delete(o, "identifier")
		}),
		r.visit("not", "cancelled", nil), r.visit("wrong", "entered-in-error", nil), r.visit("odd", "unheard-of", nil),
		r.visit("away", "onleave", func(o obj) { o["period"] = obj{"start": "2026-11-19T05:55:00Z"} }),
	}, nil)
	stays := map[fhir.ID]ward.Stay{}
	var order []string
	for _, s := range r.chart(folake).Stays {
		stays[s.ID] = s
		order = append(order, string(s.ID))
	}
	if got := strings.Join(order, " "); got != "now away later not odd wrong old" {
		t.Errorf("in the order %s", got)
	}
	for id, want := range map[fhir.ID]ward.StayStatus{
		"now": ward.StayHere, "away": ward.StayLeave, "later": ward.StayExpected, "old": ward.StayEnded, "not": ward.StayCancelled, "wrong": ward.StayError, "odd": ward.StayUnknown,
	} {
		if got := stays[id].Status; got != want || got.Present() != (id == "now" || id == "away") {
			t.Errorf("%s is %q, present %t", id, got, got.Present())
		}
	}
	now, old := stays["now"], stays["old"]
	if now.Number != "V-now" || now.Class != "inpatient" || now.Place != "4B, bed 07" || strings.Join(now.Attending, "") != "Dr H Osei" || strings.Join(now.Referrer, "") != "Dr A Rahman" || now.BeginsText != "20-Nov-2026 05:55" {
		t.Errorf("%+v", now)
	}
	if !now.Partial || stays["later"].Partial {
		t.Error("what of a stay is not on this computer is not said, or is where nothing is missing")
	}
	if old.Number != "" || old.Class != "X9" || len(old.Attending) != 0 || old.BeginsText != "01-Mar-2026" || old.EndsText != "04-Mar-2026" {
		t.Errorf("%+v", old)
	}
}

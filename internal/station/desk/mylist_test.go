package desk_test

import (
	"fmt"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

func (r *room) myList() (ids []fhir.ID) {
	r.t.Helper()
	rows, err := r.desk.MyList(bg)
	ok(r.t, err)
	for _, row := range rows {
		if !row.Mine {
			r.t.Errorf("%s is not marked as the person's own", row.Who.ID)
		}
		ids = append(ids, row.Who.ID)
	}
	return ids
}

// A nurse keeps a patient on her own list: she may follow them to another ward,
// nobody else of hers may, and offline it works at once.
func TestAPersonsOwnList(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(admitted("p08", "Rossi", "Giulia", "02")...)
	r.do(ward.KeepOnList{Patient: folake, Keep: true})
	r.do(ward.KeepOnList{Patient: folake, Keep: true})
	r.do(ward.KeepOnList{Patient: "p08", Keep: true})
	if got := r.myList(); fmt.Sprint(got) != "[p08 p07]" {
		t.Errorf("before sending: %v", got)
	}
	muts, err := r.cache.Unsent(0, 10)
	ok(t, err)
	if len(muts) != 2 || muts[0].Ref != record.ListOf("g.mensah") || muts[0].Patient != "" || muts[1].BaseMut != muts[0].ID {
		t.Errorf("written: %s", show(muts))
	}
	r.drain()
	moved := admitted(string(folake), "Adeyemi", "Folake", "07")[1]
	moved["extension"] = []any{obj{"url": fhir.ExtWard, "valueString": "5A"}}
	r.send(moved)
	if got := r.myList(); len(got) != 2 {
		t.Errorf("moved away: %v", got)
	}
	r.chart(folake)
	r.do(ward.WriteNote{Patient: folake, Text: "visited her on 5A"})
	r.desk.SetSession(tom)
	if got := r.myList(); len(got) != 0 {
		t.Errorf("a colleague's list: %v", got)
	}
	if _, err := r.desk.Chart(bg, folake); !fault.Is(err, fault.Denied) {
		t.Errorf("a colleague sees whom only her list holds: %v", err)
	}
	r.desk.SetSession(grace)
	r.do(ward.KeepOnList{Patient: folake, Keep: false})
	if got := r.myList(); fmt.Sprint(got) != "[p08]" {
		t.Errorf("taken off: %v", got)
	}
	if _, err := r.desk.Chart(bg, folake); !fault.Is(err, fault.Denied) {
		t.Errorf("taken off, and still to be seen: %v", err)
	}
}

func TestAListIsBounded(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	var list []any
	for i := range record.MaxListed {
		list = append(list, obj{"item": ref(fhir.TypePatient, fmt.Sprint("q", i))})
	}
	r.send(obj{
		"resourceType": "List", "id": "list-g.mensah", "status": "current", "mode": "working", "entry": list,
		"extension": []any{obj{"url": fhir.ExtListOf, "valueString": "g.mensah"}},
	})
	r.refused(fault.Full, "holds 64 patients", ward.KeepOnList{Patient: folake, Keep: true})
}

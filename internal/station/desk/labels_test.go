package desk_test

import (
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// A label is of an open request for a test of this patient, and nothing else is: not
// of a neighbour's order, not of a medicine, not of what was withdrawn or answered.
func TestALabelIsOfThisPatientsOpenOrderOnly(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(admitted("p11", "Okafor", "Ada", "11")...)
	ask := func(p ward.PatientID, it ward.OrderItem) fhir.ID {
		t.Helper()
		return r.do(ward.SignOrders{Patient: p, Items: []ward.OrderItem{it}}).Made[0]
	}
	ue := ward.OrderItem{Kind: ward.OrderTest, Code: "ue", Name: "Urea and electrolytes", Stat: true}
	hers, other := ask(folake, ue), ask("p11", ue)
	who, list, err := r.desk.Labels(bg, folake, []fhir.ID{hers})
	ok(t, err)
	if who.ID != folake || len(list) != 1 || list[0].Number != string(hers) || list[0].Test != "Urea and electrolytes" || list[0].Sample != "blood, serum" || !list[0].Stat {
		t.Errorf("%+v, %+v", who, list)
	}
	refused := func(kind fault.Kind, what string, ids ...fhir.ID) {
		t.Helper()
		if who, list, err := r.desk.Labels(bg, folake, ids); !fault.Is(err, kind) || len(list) != 0 || who.ID != "" {
			t.Errorf("%s: %v, %v, %v", what, who, list, err)
		}
	}
	refused(fault.NotFound, "a neighbour's", hers, other)
	refused(fault.NotFound, "nobody's", "s9-1")
	refused(fault.Invalid, "none")
	r.do(ward.WithdrawOrder{Patient: folake, Order: hers})
	refused(fault.Conflict, "withdrawn", hers)
	r.desk.Lock()
	if _, _, err := r.desk.Labels(bg, "p11", []fhir.ID{other}); err == nil {
		t.Error("a label at a locked computer")
	}
}

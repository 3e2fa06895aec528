package desk_test

import (
	"slices"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
)

// piece is one chunk of a first filling, as central sends it.
func (r *room) piece(index uint32, last bool, ready, whole []fhir.ID, bodies ...map[string]any) {
	r.t.Helper()
	ch := record.Chunk{
		Snapshot: "s1", Index: index, Next: "tok", At: record.Cursor{Epoch: "e1", Position: 70, Chain: record.Hash{7}},
		Last: last, Station: station, Part: record.PartFirst, Ready: ready, Whole: whole,
	}
	for _, b := range bodies {
		c := r.accept(b, record.Author{Sender: "lab LAB|HOSP"})
		c.Position = 1
		ch.Changes = append(ch.Changes, c)
	}
	ok(r.t, r.cache.ApplyChunk(bg, ch))
	r.settle()
}

// While a first filling comes in, the board and the chart say of a patient only
// what is known: no allergy is "not recorded" that may be on its way, and what
// overtook the rest stands there at once.
func TestNothingIsSaidToBeAbsentBeforeItCouldBeHere(t *testing.T) {
	r := newRoom(t)
	critical := potassium("k1", string(folake), "6.8", "final", "HH")
	r.piece(0, false, nil, nil, append(admitted(string(folake), "Adeyemi", "Folake", "07"), critical)...)
	row, chart := r.row(folake), r.chart(folake)
	if row.Critical == nil || row.Loading != ward.LoadingAll || row.Allergies.State != ward.AllergyUnavailable || row.Whole || !row.AsOf.IsZero() {
		t.Errorf("some of it is here: %s", show(row))
	}
	if chart.Loading != ward.LoadingAll || chart.Allergies.State != ward.AllergyUnavailable || len(chart.Results) != 1 {
		t.Errorf("some of it is here: %s", show(chart))
	}
	if a := r.alerts(); len(a) != 1 || a[0].Allergies.State != ward.AllergyUnavailable {
		t.Errorf("the alert says %s", show(a))
	}

	r.piece(1, false, []fhir.ID{folake}, nil, potassium("k2", string(folake), "4.1", "final", ""))
	row, chart = r.row(folake), r.chart(folake)
	if row.Loading != ward.LoadingOlder || row.Allergies.State != ward.AllergyNotRecorded || !row.Whole || chart.Loading != ward.LoadingOlder {
		t.Errorf("what is shown first is here: %s, %s", show(row), chart.Loading)
	}

	r.piece(2, true, nil, []fhir.ID{folake}, potassium("k3", string(folake), "4.0", "final", ""))
	if row, chart = r.row(folake), r.chart(folake); row.Loading != ward.LoadingNone || chart.Loading != ward.LoadingNone || len(chart.Results) != 3 {
		t.Errorf("all of it is here: %s, %s", show(row), chart.Loading)
	}
}

// An allergy that is here is told at once, whatever else is on its way.
func TestAnAllergyIsToldBeforeTheRecordIsWhole(t *testing.T) {
	r := newRoom(t)
	penicillin := obj{
		"resourceType": "AllergyIntolerance", "id": "a1", "patient": ref(fhir.TypePatient, string(folake)),
		"code": obj{"text": "Penicillin"}, "criticality": "high",
	}
	r.piece(0, false, nil, nil, append(admitted(string(folake), "Adeyemi", "Folake", "07"), penicillin)...)
	if row := r.row(folake); row.Allergies.State != ward.AllergyKnown || row.Allergies.Worst != "Penicillin" {
		t.Errorf("%s", show(row.Allergies))
	}
}

// A row that is not whole says so after the next start, too.
func TestAHalfFilledRowSaysSoAfterARestart(t *testing.T) {
	r := newRoom(t)
	r.piece(0, false, []fhir.ID{folake}, nil, admitted(string(folake), "Adeyemi", "Folake", "07")...)
	r.row(folake)
	r.close()
	r.open()
	if row := r.row(folake); row.Loading != ward.LoadingOlder {
		t.Errorf("after a restart: %s", show(row))
	}
}

// The screen needs its ward, and the chart that was read last.
func TestWhatTheScreenNeedsFirst(t *testing.T) {
	r := newRoom(t)
	if f := r.desk.OnScreen(); !slices.Equal(f.Wards, []record.Ward{"4B"}) || len(f.Patients) != 0 {
		t.Errorf("nobody's chart is open: %+v", f)
	}
	r.admitFolake()
	r.later(time.Second)
	r.chart(folake)
	if f := r.desk.OnScreen(); !slices.Equal(f.Patients, []fhir.ID{folake}) {
		t.Errorf("a chart is open: %+v", f)
	}
}

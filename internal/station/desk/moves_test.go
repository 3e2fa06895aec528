package desk_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
)

// stayed is a message about Folake's stay: it happened then, and came now.
func (r *room) stayed(then, status, code, bed string, period obj) record.Change {
	r.t.Helper()
	raw, err := json.Marshal(obj{
		"resourceType": "Encounter", "id": "stay", "status": status, "subject": ref(fhir.TypePatient, string(folake)), "period": period,
		"extension": []any{obj{"url": fhir.ExtWard, "valueString": code}, obj{"url": fhir.ExtBed, "valueString": bed}},
	})
	ok(r.t, err)
	return r.acceptBody(raw, record.Author{Sender: "adt PAS|HOSP"}, record.Times{Clinical: then, Central: r.clock().UnixMilli()}, "", "")
}

// moveWords is moves in words, newest first.
func moveWords(list []ward.Move) []string {
	var out []string
	for _, m := range list {
		s := m.At.Format("02 15:04") + " " + string(m.Kind) + " " + m.Place
		if m.Before != "" {
			s += " from " + m.Before
		}
		if !m.Recorded.Equal(m.At) {
			s += ", came " + m.Recorded.Format("15:04")
		}
		if m.Void {
			s += ", void"
		}
		out = append(out, s)
	}
	return out
}

func (r *room) movesAre(want ...string) {
	r.t.Helper()
	if got := moveWords(r.chart(folake).Moves); !slices.Equal(got, want) {
		r.t.Errorf("moves %q\nwant  %q", got, want)
	}
}

// A stay is told as it happened: when each move was true, and when the message came.
func TestAStayIsToldMoveByMove(t *testing.T) {
	r := newRoom(t)
	r.send(admitted(string(folake), "Adeyemi", "Folake", "07")[0])
	began := obj{"start": "2026-11-22T08:00:00Z"}
	r.batch([]record.Change{r.stayed("2026-11-22T08:00:00Z", "in-progress", "ED", "3", began)}, nil)
	r.later(time.Hour)
	r.batch([]record.Change{r.stayed("2026-11-22T09:30:00Z", "in-progress", "4B", "07", began)}, nil)
	r.later(time.Hour)
	r.batch([]record.Change{r.stayed("2026-11-22T13:50:00Z", "in-progress", "4B", "07", began)}, nil) // an update that moves nobody
	r.movesAre("22 09:30 place 4B, bed 07 from ED, bed 3, came 13:00", "22 08:00 began ED, bed 3, came 12:00")

	r.batch([]record.Change{r.stayed("2026-11-22T14:00:00Z", "finished", "4B", "07", obj{"start": "2026-11-22T08:00:00Z", "end": "2026-11-22T13:55:00Z"})}, nil)
	r.batch([]record.Change{r.stayed("2026-11-22T14:10:00Z", "in-progress", "4B", "07", began)}, nil) // the discharge is taken back
	r.movesAre("22 14:10 reopened 4B, bed 07, came 14:00", "22 13:55 ended 4B, bed 07, came 14:00",
		"22 09:30 place 4B, bed 07 from ED, bed 3, came 13:00", "22 08:00 began ED, bed 3, came 12:00")
}

// A stay that is cancelled marks what was told of it; what came before the oldest
// version on this computer is not made up.
func TestACancelledStayMarksItsMoves(t *testing.T) {
	r := newRoom(t)
	r.send(admitted(string(folake), "Adeyemi", "Folake", "07")[0])
	began := obj{"start": "2026-11-22T08:00:00Z"}
	r.stayed("2026-11-22T08:00:00Z", "in-progress", "ED", "3", began) // never reaches this computer
	r.batch([]record.Change{r.stayed("2026-11-22T09:30:00Z", "in-progress", "4B", "07", began)}, nil)
	r.movesAre("22 09:30 place 4B, bed 07, came 12:00", "22 08:00 began , came 12:00")
	r.batch([]record.Change{r.stayed("2026-11-22T12:00:00Z", "cancelled", "4B", "07", began)}, nil)
	r.movesAre("22 12:00 cancelled 4B, bed 07", "22 09:30 place 4B, bed 07, came 12:00, void", "22 08:00 began , came 12:00, void")
}

// Observations that are entered afterwards carry both times.
func TestObservationsEnteredAfterwardsCarryBothTimes(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.do(ward.RecordVitals{Patient: folake, Set: ward.VitalSet{At: noon.Add(-2 * time.Hour), Pulse: "88"}, Confirmed: true})
	set := r.chart(folake).Vitals[0]
	if !set.At.Equal(noon.Add(-2*time.Hour)) || !set.Recorded.Equal(noon) {
		t.Errorf("true at %s, recorded at %s", set.At, set.Recorded)
	}
}

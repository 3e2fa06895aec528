package desk_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/desk"
)

var mary = ward.Person{User: "m.okafor", Name: "Mary Okafor, charge nurse", Role: "charge-nurse", Wards: []string{"4B"}}

const wardRota = `rota 1
zone Europe/London
person Dr Ana Ruiz; phone 5512; pager 4412
person Dr Tom Lee
shift registrar; Dr Ana Ruiz; daily 08:00-20:00
shift consultant on call; Dr Tom Lee; daily 20:00-08:00
`

func (r *room) link(up bool) {
	r.t.Helper()
	s := desk.LinkState{Connected: up}
	if up {
		s.Central = record.Central{Time: r.clock().UnixMilli(), Head: r.pos}
	}
	r.desk.LinkChanged(s)
}

// The charge nurse writes the ward's rota; everybody reads it, with the network
// out too; the ladder says who that is, until when, and where nobody is.
func TestTheLadderSaysWhoIsOnCall(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	for _, rung := range r.alerts()[0].Ladder {
		if rung.OnCall != "" {
			t.Errorf("there is no rota: %s", show(rung))
		}
	}
	r.link(true)
	r.desk.SetSession(mary)
	r.do(ward.EditRota{Ward: "4B", Text: wardRota})
	r.drain()
	r.link(false)
	r.desk.SetSession(grace)
	ladder := r.alerts()[0].Ladder
	if got := ladder[1].OnCall; got != "nobody on call as charge nurse; Dr Ana Ruiz, on call until 20:00, phone 5512" {
		t.Error(got)
	}
	// Nobody is on call as consultant at noon: the next is due when that step would
	// have been passed on.
	if got := ladder[2].OnCall; got != "nobody on call as consultant on call" {
		t.Error(got)
	}
	if at := ladder[3].At.Sub(r.alerts()[0].Since); at != 20*time.Minute {
		t.Errorf("the site manager is due after %s", at)
	}
	page, err := r.desk.Rota(bg)
	ok(t, err)
	if page.By != mary.Name || page.Version != 1 || page.MayEdit || len(page.Now) != 2 || len(page.Flaws) == 0 || page.Bad != "" {
		t.Errorf("%s", show(page))
	}
}

// What cannot be read, is not the newest, is somebody else's to write, or is
// written with the network out, is refused, and what was there stays.
func TestWhatARotaMayNotBe(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.link(true)
	r.refused(fault.Denied, "by its charge nurse", ward.EditRota{Ward: "4B", Text: wardRota})
	r.desk.SetSession(mary)
	r.refused(fault.Invalid, "line 7", ward.EditRota{Ward: "4B", Text: wardRota + "shift nonsense\n"})
	r.refused(fault.Denied, "of its ward", ward.EditRota{Ward: "5A", Text: wardRota})
	r.do(ward.EditRota{Ward: "4B", Text: wardRota})
	r.refused(fault.Conflict, "while you wrote", ward.EditRota{Ward: "4B", Text: wardRota + "# twice\n"})
	r.drain()
	r.refused(fault.Conflict, "while you wrote", ward.EditRota{Ward: "4B", Text: wardRota + "# twice\n"})
	r.do(ward.EditRota{Ward: "4B", Version: 1, Text: wardRota + "# once\n"})
	r.drain()
	r.link(false)
	r.refused(fault.Unavailable, "network is out", ward.EditRota{Ward: "4B", Version: 2, Text: wardRota})
	page, err := r.desk.Rota(bg)
	ok(t, err)
	if page.Version != 2 || !strings.HasSuffix(page.Text, "# once\n") || !page.MayEdit {
		t.Errorf("%s", show(page))
	}
}

// What became of telling somebody stands on the step; only central's word counts.
func TestTheLadderSaysWhatBecameOfTelling(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	r.link(true)
	r.desk.SetSession(mary)
	r.do(ward.EditRota{Ward: "4B", Text: wardRota})
	r.drain()
	task := func(id, status, person, words string) obj {
		in := func(name string, v any) obj {
			return obj{"type": coded(fhir.SystemTaskParam, name, ""), "valueString": v}
		}
		return obj{
			"resourceType": "Task", "id": id, "status": status, "intent": "order", "code": coded(fhir.SystemTaskCode, fhir.TaskCallout, ""), "description": words,
			"focus": ref(fhir.TypeObservation, "k1"), "for": ref(fhir.TypePatient, "p07"),
			"input": []any{obj{"type": coded(fhir.SystemTaskParam, fhir.ParamStep, ""), "valueInteger": 1}, in(fhir.ParamPerson, person), in(fhir.ParamChannel, "pager"), in(fhir.ParamShort, "K4T9XQ")},
		}
	}
	r.send(task("co1", "failed", "Dr Ana Ruiz", "the gateway does not answer"))
	ladder := r.alerts()[0].Ladder
	if got := strings.Join(ladder[1].Told, "|"); got != "Dr Ana Ruiz could not be told by pager: the gateway does not answer" {
		t.Error(got)
	}
	if at := ladder[2].At.Sub(r.alerts()[0].Since); at != 10*time.Minute {
		t.Errorf("nobody of step 1 can be reached, and step 2 is due after %s", at)
	}
	r.send(task("co2", "completed", "Dr Ana Ruiz", "sent"))
	if got := strings.Join(r.alerts()[0].Ladder[1].Told, "|"); !strings.Contains(got, "was sent a message by pager at 12:00, ref K4T9XQ; not known to have been read") {
		t.Error(got)
	}
	forged := r.accept(task("co3", "completed", "Dr Nobody", ""), record.Author{User: "g.mensah", Name: "Grace"})
	r.batch([]record.Change{forged}, nil)
	if got := strings.Join(r.alerts()[0].Ladder[1].Told, "|"); strings.Contains(got, "Nobody") {
		t.Error("a computer's own word counts as central's")
	}
}

// What is held back is told off the screen too: its ladder says who is on call, and
// what became of it.
func TestTheLadderOfWhatIsHeldBackSaysWhoWasTold(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.link(true)
	r.desk.SetSession(mary)
	r.do(ward.EditRota{Ward: "4B", Text: wardRota})
	r.drain()
	r.desk.SetSession(grace)
	r.hold(heldPotassium("hb1", "p07"))
	said := func(name, value string) obj {
		return obj{"type": coded(fhir.SystemTaskParam, name, ""), "valueString": value}
	}
	r.hold(obj{
		"resourceType": "Task", "id": "co1", "status": "completed", "intent": "order", "priority": "stat", "code": coded(fhir.SystemTaskCode, fhir.TaskCallout, ""),
		"description": "sent", "focus": ref(fhir.TypeTask, "hb1"),
		"input": []any{obj{"type": coded(fhir.SystemTaskParam, fhir.ParamStep, ""), "valueInteger": 1}, said(fhir.ParamPerson, "Dr Ana Ruiz"), said(fhir.ParamChannel, "pager"), said(fhir.ParamShort, "K4T9XQ")},
	})
	ladder := r.alerts()[0].Ladder
	if got := ladder[1].OnCall; got != "nobody on call as charge nurse; Dr Ana Ruiz, on call until 20:00, phone 5512" {
		t.Error(got)
	}
	if told := ladder[1].Told; len(told) != 1 || !strings.HasPrefix(told[0], "Dr Ana Ruiz was sent a message by pager at 12:00, ref K4T9XQ") {
		t.Errorf("%v", told)
	}
	if len(ladder[0].Told)+len(ladder[2].Told) != 0 {
		t.Errorf("%s", show(ladder))
	}
}

package callout

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/rota"
	"wardlight/internal/trust/keys"
)

// What is no critical result in the record of somebody who is here: a result that
// came after they had left, one that is held back, and a handover.

// refused files a critical potassium of somebody whom nobody knows.
func (w *world) refused(n int) {
	w.t.Helper()
	messages++
	_, err := w.s.File(context.Background(), record.Filing{
		Inbound: record.Inbound{ID: fmt.Sprint("m", messages), Channel: "lab", Sender: "LAB", ControlID: fmt.Sprint(messages), Type: "ORU^R01", Received: w.now.UnixMilli()},
		Groups: []record.Group{{Subject: record.Subject{Identifiers: []fhir.Identifier{ident(fmt.Sprint("9", n))}, Family: "Kaya", BirthDate: "1954-07-14"}, Drafts: []record.Draft{{
			Ref: fhir.Ref{Type: fhir.TypeObservation, ID: fhir.ID(fmt.Sprint("u", n))}, Ops: made(fhir.Observation{
				ResourceType: fhir.TypeObservation, ID: fhir.ID(fmt.Sprint("u", n)), Status: "final", Subject: &fhir.Reference{Reference: record.SubjectRef},
				Category:      []fhir.CodeableConcept{{Coding: []fhir.Coding{{System: fhir.SystemObservationCat, Code: fhir.CategoryLaboratory}}}},
				Code:          fhir.CodeableConcept{Text: "Potassium", Coding: []fhir.Coding{{System: fhir.SystemLOINC, Code: "2823-3"}}},
				ValueQuantity: &fhir.Quantity{Value: fhir.Dec("6.8"), Unit: "mmol/L"},
			}),
		}}}},
	})
	w.must(err)
}

// tagged are the resources with a mark, in the journal's order.
func (w *world) tagged(tag string) (refs []fhir.Ref) {
	w.t.Helper()
	w.must(w.j.View(context.Background(), func(r journal.Reader) error {
		for ref, err := range r.Find(journal.ByTag, tag) {
			if err != nil {
				return err
			}
			refs = append(refs, ref)
		}
		return nil
	}))
	return refs
}

// nurse makes a workstation of 4B with a nurse at it, who writes Tasks.
func (w *world) nurse() func(change func(*fhir.Task)) fhir.Ref {
	w.t.Helper()
	by := record.Author{User: "root"}
	key, err := keys.NewDeviceKey(nil)
	w.must(err)
	w.must(w.s.PutDevice(context.Background(), by, record.Device{Station: "s4bbbbbbbbbbb", Wards: []record.Ward{"4B"}, Key: key.Public()}))
	w.must(w.s.PutAccount(context.Background(), by, record.Account{User: "g.mensah", Name: "Grace Mensah", Role: "nurse", Wards: []record.Ward{"4B"}}))
	d, err := w.s.Device(context.Background(), "s4bbbbbbbbbbb")
	w.must(err)
	seq := uint64(0)
	return func(change func(*fhir.Task)) fhir.Ref {
		w.t.Helper()
		seq++
		id := record.MutationOf(d.Station, seq)
		ref := fhir.Ref{Type: fhir.TypeTask, ID: fhir.ID(id)}
		t := fhir.Task{ResourceType: fhir.TypeTask, ID: ref.ID, Status: "completed", Intent: "order"}
		change(&t)
		m := record.Mutation{
			ID: id, Ref: ref, Clock: record.HLC{Wall: w.now.UnixMilli()}, Author: record.Author{User: "g.mensah", Station: d.Station},
			Times: record.Times{Station: w.now.UnixMilli(), Measured: true}, Ops: made(t), KeyID: key.ID(),
		}
		if t.For != nil {
			p, _ := t.For.Ref()
			m.Patient = p.ID
		}
		msg, err := m.SigningBytes()
		w.must(err)
		m.Sig, err = key.Sign(msg)
		w.must(err)
		r, err := w.s.Submit(context.Background(), record.Peer{Device: d}, m)
		w.must(err)
		if r.Outcome != record.Applied {
			w.t.Fatalf("%s: %s", r.Outcome, r.Reason)
		}
		return ref
	}
}

// She left an hour ago; her potassium comes now. The ward that had her is told, on
// the screens and off them.
func TestACriticalResultAfterDischargeIsToldOffTheScreen(t *testing.T) {
	w := newWorld(t)
	gone := stay("1001")
	gone.Event += time.Minute.Milliseconds()
	gone.Ops = []record.Op{{Kind: record.OpSet, Field: "status", Value: []byte(`"finished"`)}}
	w.now = w.now.Add(time.Minute)
	w.file(gone)
	w.now = w.now.Add(time.Hour)
	w.potassium("6.8", "final", 1)
	w.wait(11 * time.Minute)
	warnings := w.tagged(record.TagHeldBack)
	if len(warnings) != 1 {
		t.Fatalf("%d warnings", len(warnings))
	}
	if got := w.calloutsOf(warnings[0]); got != "1 Dr A pager completed" {
		t.Errorf("told: %q\n%s", got, w.log)
	}
	for _, p := range w.pager.posts() {
		w.saysNothing(p.Text)
	}
}

// Her potassium is there and nobody takes it, the registrar has been paged, and she
// goes home: the ladder climbs on, on the rota of the ward that she left, as if she
// had not gone; and when somebody acts it stops.
func TestTheLadderGoesOnWhenThePatientLeaves(t *testing.T) {
	w := newWorld(t)
	write := w.nurse()
	w.potassium("6.8", "final", 1)
	w.wait(11 * time.Minute)
	gone := stay("1001")
	gone.Event += (11 * time.Minute).Milliseconds()
	gone.Ops = []record.Op{{Kind: record.OpSet, Field: "status", Value: []byte(`"finished"`)}}
	w.file(gone)
	w.wait(36 * time.Minute)
	if got := w.callouts(); got != "1 Dr A pager completed; 2 Dr B mail completed; 3 Dr C pager completed; 3 Dr C pager completed" {
		t.Fatalf("%s\n%s", got, w.log)
	}
	for _, p := range w.pager.posts() {
		w.saysNothing(p.Text)
	}
	if n := len(w.tagged(record.TagHeldBack)); n != 0 {
		t.Errorf("%d warnings beside the result itself", n)
	}
	result := fhir.Ref{Type: fhir.TypeObservation, ID: "k1"}
	focus, who := fhir.To(result), fhir.To(fhir.Ref{Type: fhir.TypePatient, ID: w.patientOf(result)})
	write(func(t *fhir.Task) {
		t.Code, t.Focus, t.For = fhir.TaskCode(fhir.TaskAcknowledge), &focus, &who
		t.Input = []fhir.TaskParameter{{Type: fhir.Param(fhir.ParamKind), ValueString: fhir.Str("acting")}, {Type: fhir.Param(fhir.ParamVersion), ValueInteger: fhir.Int(1)}}
	})
	n := len(w.pager.posts())
	w.wait(time.Hour)
	if len(w.pager.posts()) != n {
		t.Errorf("somebody acted, and %d are paged", len(w.pager.posts())-n)
	}
}

// Somebody had a potassium of 6.8 and gave what it calls for; it was another's
// sample, and 4.1 is right. Whoever is on call hears that it was corrected, also from
// a central that has been started anew, until somebody takes the correction. Where the
// first was only seen nobody is called.
func TestACorrectionToHarmlessAfterSomebodyActedIsToldOffTheScreen(t *testing.T) {
	for _, c := range []struct{ kind, first, told string }{
		{alert.AckActing, "6.8", "1 Dr A pager completed"},
		{alert.AckTaken, "6.8", "1 Dr A pager completed"},
		{alert.AckHandedTo, "6.8", "1 Dr A pager completed"},
		{alert.AckSeen, "6.8", ""},
		{alert.AckActing, "4.3", ""}, // was never critical: the inbox tells of it
	} {
		t.Run(c.kind+" "+c.first, func(t *testing.T) {
			w := newWorld(t)
			write := w.nurse()
			w.potassium(c.first, "final", 1)
			w.pass()
			result := fhir.Ref{Type: fhir.TypeObservation, ID: "k1"}
			ack := func(kind string, version int64) {
				focus, who := fhir.To(result), fhir.To(fhir.Ref{Type: fhir.TypePatient, ID: w.patientOf(result)})
				write(func(t *fhir.Task) {
					t.Code, t.Focus, t.For = fhir.TaskCode(fhir.TaskAcknowledge), &focus, &who
					t.Input = []fhir.TaskParameter{{Type: fhir.Param(fhir.ParamKind), ValueString: fhir.Str(kind)}, {Type: fhir.Param(fhir.ParamVersion), ValueInteger: fhir.Int(version)}}
				})
			}
			ack(c.kind, 1)
			w.now = w.now.Add(time.Minute)
			w.potassium("4.1", "corrected", 2)
			w.wait(5 * time.Minute)
			w.potassium("4.1", "corrected", 3) // again, and with the same meaning
			w.restart()
			w.wait(6 * time.Minute)
			if got := w.callouts(); got != c.told {
				t.Fatalf("told: %q\n%s", got, w.log)
			}
			for _, p := range w.pager.posts() {
				w.saysNothing(p.Text)
				if !strings.Contains(p.Text, "corrected after somebody had it") || !p.Urgent {
					t.Errorf("%v %s", p.Urgent, p.Text)
				}
			}
			ack(alert.AckActing, 2)
			w.wait(time.Hour)
			if got := w.callouts(); got != c.told {
				t.Errorf("somebody took the correction, and: %s", got)
			}
		})
	}
}

// patientOf is whose a result is.
func (w *world) patientOf(result fhir.Ref) (p fhir.ID) {
	w.t.Helper()
	w.must(w.j.View(context.Background(), func(r journal.Reader) error {
		c, _, err := r.Current(result)
		p = c.Patient
		return err
	}))
	return p
}

// A feed sends three that nobody can file. One message goes out for all, to the ward
// that has them on its screens; whoever takes the first is followed by the next; and
// when all are taken nobody is told any more. Nothing of it lies in anybody's record.
func TestWhatIsHeldBackIsToldOffTheScreen(t *testing.T) {
	w := newWorld(t)
	write := w.nurse()
	for n := range 3 {
		w.refused(n)
		w.now = w.now.Add(time.Second)
	}
	warnings := w.tagged(record.TagHeldBack)
	if len(warnings) != 3 {
		t.Fatalf("%d warnings", len(warnings))
	}
	w.wait(11 * time.Minute)
	if posts := w.pager.posts(); len(posts) != 1 {
		t.Fatalf("%d pages for one sender's messages", len(posts))
	}
	for _, ref := range w.tagged(record.TagHeldBack) {
		focus := fhir.To(ref)
		write(func(t *fhir.Task) {
			t.Code, t.Focus = fhir.TaskCode(fhir.TaskAcknowledge), &focus
			t.Input = []fhir.TaskParameter{{Type: fhir.Param(fhir.ParamKind), ValueString: fhir.Str("acting")}, {Type: fhir.Param(fhir.ParamVersion), ValueInteger: fhir.Int(1)}}
		})
	}
	w.wait(40 * time.Minute)
	if posts, letters := w.pager.posts(), w.mail.letters(); len(posts) != 1 || len(letters) != 0 {
		t.Errorf("told of what somebody has: %d pages, %d letters", len(posts), len(letters))
	}
	w.must(w.j.View(context.Background(), func(r journal.Reader) error {
		for c, err := range r.All(fhir.TypeTask, "") {
			if err != nil {
				return err
			}
			if strings.HasPrefix(string(c.Ref.ID), "co") && (c.Patient != "" || len(c.Wards) != 1 || c.Wards[0] != "4B") {
				t.Errorf("%s lies with %q, %v", c.Ref, c.Patient, c.Wards)
			}
		}
		return nil
	}))
}

// A handover of two patients that nobody accepts: the charge nurse is told once
// after half an hour, without urgency and without a name; accepted, nobody is told.
func TestAHandoverThatNobodyAcceptsIsToldOffTheScreen(t *testing.T) {
	for _, accepted := range []bool{false, true} {
		w := newWorld(t)
		var err error
		w.rota, err = rota.Parse(rotaText + "shift charge nurse; Dr C; daily 00:00-24:00\n")
		w.must(err)
		write := w.nurse()
		var patient fhir.ID
		w.must(w.j.View(context.Background(), func(r journal.Reader) error {
			for c, err := range r.All(fhir.TypePatient, "") {
				patient = c.Ref.ID
				return err
			}
			return nil
		}))
		subject := fhir.To(fhir.Ref{Type: fhir.TypePatient, ID: patient})
		give := func(t *fhir.Task) {
			t.Code, t.For = fhir.TaskCode(fhir.TaskGive), &subject
			t.Input = []fhir.TaskParameter{{Type: fhir.Param(fhir.ParamGroup), ValueString: fhir.Str("g1")}}
		}
		first := write(give)
		w.now = w.now.Add(time.Second)
		second := write(give) // a later giving replaces the first
		w.wait(29 * time.Minute)
		if n := len(w.pager.posts()); n != 0 {
			t.Fatalf("%d messages before it is due", n)
		}
		if accepted {
			focus := fhir.To(second)
			write(func(t *fhir.Task) { t.Code, t.For, t.Focus = fhir.TaskCode(fhir.TaskAccept), &subject, &focus })
		}
		w.restart() // a central that begins anew knows it as well
		w.wait(3 * time.Minute)
		posts := w.pager.posts()
		if accepted {
			if len(posts) != 0 {
				t.Errorf("accepted, and told of: %+v", posts)
			}
			continue
		}
		if len(posts) != 1 || posts[0].To != "4499" || posts[0].Urgent || !strings.HasPrefix(posts[0].Text, "Ward 4B: a handover waits and nobody has accepted it") || strings.Contains(posts[0].Text, "Kaya") {
			t.Fatalf("%+v\n%s", posts, w.log)
		}
		if w.calloutsOf(first) != "" || w.calloutsOf(second) != "1 Dr C pager completed" {
			t.Errorf("the first: %q, the second: %q", w.calloutsOf(first), w.calloutsOf(second))
		}
		w.wait(14 * time.Hour)
		if n := len(w.pager.posts()); n != 23 { // each half hour until the shift is over
			t.Errorf("%d messages in all", n)
		}
	}
}

package submit_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// A note reaches the record with central's own knowledge of its author, a
// receipt and an audit event, all at one position.
func TestANoteIsKeptReceiptedAndAudited(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	m := h.w4B.note("g.mensah", p, "slept well")
	r := h.w4B.sent(m)
	c, ok := h.current(m.Ref)
	if !ok || c.Position != r.Position || c.Version != r.Version || c.Mutation != m.ID {
		t.Fatalf("current = %+v, receipt = %+v", c, r)
	}
	if c.Author.Name != "Grace Mensah, nurse" || c.Author.Role != "nurse" {
		t.Errorf("author = %+v: a station's word for a name and a role was taken", c.Author)
	}
	if c.Times.Central != h.now.UnixMilli() {
		t.Errorf("central's time = %d", c.Times.Central)
	}
	e := h.entries()[r.Position-1]
	if len(e.Receipts) != 1 || len(e.Audits) != 1 || len(e.Changes) != 1 || len(e.Mutations) != 1 {
		t.Errorf("the entry is not whole: %d receipts, %d audits, %d changes", len(e.Receipts), len(e.Audits), len(e.Changes))
	}
}

// The same mutation again gets the same receipt and writes nothing.
func TestAMutationComesTwice(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	m := h.w4B.note("g.mensah", p, "slept well")
	first, head := h.w4B.sent(m), h.j.Head()
	if again := h.w4B.send(m); again != first {
		t.Errorf("again: %+v, first: %+v", again, first)
	}
	if h.j.Head() != head {
		t.Error("the second sending moved the journal")
	}
}

// A copied disk: one number, two contents. The first stands, the second is
// kept for a person and audited once, however often it is sent. It gets the
// first one's receipt, whose content hash tells its station that this is not
// its own: nothing is marked as received there.
func TestAClonedDisk(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	m := h.w4B.note("g.mensah", p, "slept well")
	first := h.w4B.sent(m)
	clone := m
	clone.Reason = "another"
	clone = h.w4B.sign(clone)
	r := h.w4B.send(clone)
	if r != first {
		t.Fatalf("clone: %+v", r)
	}
	h.w4B.send(clone)
	if n := len(h.audits(submit.DetailMutation, string(m.ID))); n != 2 {
		t.Errorf("%d audit events, want one for each content", n)
	}
	if again := h.w4B.send(m); again != first {
		t.Error("the first lost its receipt")
	}
	if len(h.history(m.Ref)) != 1 {
		t.Error("the clone reached the record")
	}
}

// Two machines with one identity had the same unsent work on their disks. One
// gets a new identity and writes its own down again: what is here already, under
// whichever number, is not taken twice, and what only it had, under a number
// that the twin used for something else, is.
func TestWorkIsWrittenDownAgainUnderANewIdentity(t *testing.T) {
	for _, twinFirst := range []bool{true, false} {
		h := open(t, nil)
		p := h.admitted(kaya, "4B")
		both := h.w4B.allergy("g.mensah", p, "penicillin")
		edit := h.w4B.write("g.mensah", p, both.Ref, func(m *record.Mutation) {
			m.BaseMut, m.Ops = both.ID, []record.Op{{Kind: record.OpSet, Field: "criticality", Value: []byte(`"high"`)}}
		})
		h.w4B.seq-- // the twin uses the second number for something else
		twins := h.w4B.note("g.mensah", p, "by the twin")
		fresh := h.station("s4ccccccccccc", "4B")
		to := map[record.MutationID]record.MutationID{both.ID: "s4ccccccccccc-1", edit.ID: "s4ccccccccccc-2"}
		var again []record.Mutation
		for _, m := range []record.Mutation{both, edit} {
			n, err := m.Again("s4ccccccccccc", to)
			h.must(err)
			n.KeyID = fresh.key.ID()
			again = append(again, fresh.sign(n))
		}
		twin := func() { h.w4B.send(both); h.w4B.sent(twins) }
		if twinFirst {
			twin()
		}
		for _, m := range again {
			if r := fresh.send(m); r.Outcome == record.Refused || r.Mutation != m.ID {
				t.Errorf("twin first %v: %s: %s %s", twinFirst, m.ID, r.Outcome, r.Reason)
			}
		}
		if !twinFirst {
			twin()
		}
		found, high := 0, 0
		h.read(func(r journal.Reader) error {
			for c, err := range r.All(fhir.TypeAllergyIntolerance, "") {
				if err != nil {
					return err
				}
				found++
				if view[fhir.AllergyIntolerance](t, c.Body).Criticality == "high" {
					high++
				}
			}
			return nil
		})
		if found != 1 || high != 1 {
			t.Errorf("twin first %v: %d allergies, %d with the change", twinFirst, found, high)
		}
		if _, there := h.current(twins.Ref); !there {
			t.Errorf("twin first %v: the twin's note is missing", twinFirst)
		}
	}
}

// Who may not, and why. Each is refused with words, leaves the record as it
// was, and is audited.
func TestRefusals(t *testing.T) {
	tests := map[string]struct {
		make func(h *hospital, p fhir.ID) (*station, record.Mutation)
		why  string
	}{
		"a forged signature": {func(h *hospital, p fhir.ID) (*station, record.Mutation) {
			m := h.w4B.note("g.mensah", p, "x")
			m.Reason = "changed on the way"
			return h.w4B, m
		}, "not signed by this computer's key"},
		"no signature": {func(h *hospital, p fhir.ID) (*station, record.Mutation) {
			m := h.w4B.note("g.mensah", p, "x")
			m.Sig = nil
			return h.w4B, m
		}, "not signed by this computer's key"},
		"another station's mutation": {func(h *hospital, p fhir.ID) (*station, record.Mutation) {
			return h.w5A, h.w4B.note("g.mensah", p, "x")
		}, "made on another computer"},
		"another station's author": {func(h *hospital, p fhir.ID) (*station, record.Mutation) {
			return h.w4B, h.w4B.write("g.mensah", p, fhir.Ref{Type: fhir.TypeCommunication}, func(m *record.Mutation) {
				m.Author.Station = h.w5A.peer.Device.Station
				m.Ops = h.w4B.note("g.mensah", p, "x").Ops
			})
		}, "made on another computer"},
		"a patient of another ward": {func(h *hospital, p fhir.ID) (*station, record.Mutation) {
			return h.w5A, h.w5A.note("a.ruiz", p, "x")
		}, "on a ward of this computer"},
		"a nurse of another ward": {func(h *hospital, p fhir.ID) (*station, record.Mutation) {
			return h.w4B, h.w4B.note("i.novak", p, "x")
		}, "not on a ward of this person"},
		"a clerk who writes a note": {func(h *hospital, p fhir.ID) (*station, record.Mutation) {
			return h.w4B, h.w4B.note("c.lund", p, "x")
		}, "ward clerk may not create"},
		"nobody central knows": {func(h *hospital, p fhir.ID) (*station, record.Mutation) {
			return h.w4B, h.w4B.note("m.nobody", p, "x")
		}, "author is not known"},
		"nobody at all": {func(h *hospital, p fhir.ID) (*station, record.Mutation) {
			return h.w4B, h.w4B.note("", p, "x")
		}, "no author"},
		"a laboratory result": {func(h *hospital, p fhir.ID) (*station, record.Mutation) {
			return h.w4B, h.w4B.write("a.ruiz", p, fhir.Ref{Type: fhir.TypeObservation}, put(func(id fhir.ID) any {
				o := potassium(reading{"x", "4.0", "final", 1, 1})
				o.ID, o.Subject = id, to(p)
				return o
			}))
		}, "changed by the laboratory only"},
		"a message's stamps": {func(h *hospital, p fhir.ID) (*station, record.Mutation) {
			m := h.w4B.note("g.mensah", p, "x")
			m.Stamps = &record.Stamps{Message: 9}
			return h.w4B, h.w4B.sign(m)
		}, "may not pose as a message"},
		"a head and a body about two patients": {func(h *hospital, p fhir.ID) (*station, record.Mutation) {
			m := h.w4B.note("g.mensah", p, "x")
			m.Ops = []record.Op{{Kind: record.OpPut, Value: body(fhir.Communication{
				ResourceType: fhir.TypeCommunication, ID: m.Ref.ID, Status: "completed", Subject: to("somebody-else"),
			})}}
			return h.w4B, h.w4B.sign(m)
		}, "another patient than its head says"},
		"a patient who does not exist": {func(h *hospital, p fhir.ID) (*station, record.Mutation) {
			return h.w4B, h.w4B.note("g.mensah", "nobody", "x")
		}, "patient is not known"},
		"no operations": {func(h *hospital, p fhir.ID) (*station, record.Mutation) {
			m := h.w4B.note("g.mensah", p, "x")
			m.Ops = nil
			return h.w4B, h.w4B.sign(m)
		}, "malformed"},
		"an element of the wrong shape": {func(h *hospital, p fhir.ID) (*station, record.Mutation) {
			m := h.w4B.note("g.mensah", p, "x")
			m.Ops = []record.Op{{Kind: record.OpPut, Value: body(map[string]any{
				"resourceType": "Communication", "id": m.Ref.ID, "identifier": "not a list", "subject": to(p),
			})}}
			return h.w4B, h.w4B.sign(m)
		}, "wrong shape"},
		"no JSON at all": {func(h *hospital, p fhir.ID) (*station, record.Mutation) {
			m := h.w4B.note("g.mensah", p, "x")
			m.Ops = []record.Op{{Kind: record.OpPut, Value: []byte("{")}}
			return h.w4B, h.w4B.sign(m)
		}, ""},
		"on top of an entry that never came": {func(h *hospital, p fhir.ID) (*station, record.Mutation) {
			first := h.w4B.note("g.mensah", p, "x")
			return h.w4B, h.w4B.write("g.mensah", p, first.Ref, func(m *record.Mutation) {
				set(0, "status", `"entered-in-error"`)(m)
				m.BaseMut = first.ID
			})
		}, "builds on an earlier one"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := open(t, nil)
			p := h.admitted(kaya, "4B")
			s, m := tt.make(h, p)
			r := s.send(m)
			if r.Outcome != record.Refused || !strings.Contains(r.Reason, tt.why) {
				t.Errorf("receipt = %s %q, want refused because %q", r.Outcome, r.Reason, tt.why)
			}
			if _, ok := h.current(m.Ref); ok {
				t.Error("it reached the record")
			}
			if len(h.audits(submit.DetailMutation, string(m.ID))) == 0 {
				t.Error("no audit event")
			}
			if again := s.send(m); again.Outcome != record.Refused {
				t.Errorf("again: %+v", again)
			}
		})
	}
}

// Somebody who takes another's numbers must not burn them: the true owner's
// entry still comes.
func TestAStrangerTakesNoNumber(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	m := h.w4B.note("g.mensah", p, "slept well")
	h.w5A.send(m)
	forged := m
	forged.Reason = "forged"
	h.w4B.send(forged)
	h.w4B.sent(m)
}

// One computer may not write about another patient's resource by naming its
// own patient.
func TestAResourceKeepsItsPatient(t *testing.T) {
	h := open(t, nil)
	p, q := h.admitted(kaya, "4B"), h.admitted(odum, "5A")
	theirs := h.w5A.allergy("a.ruiz", q, "Latex")
	h.w5A.sent(theirs)
	r := h.w4B.send(h.w4B.write("g.mensah", p, theirs.Ref, set(1, "criticality", `"low"`)))
	if r.Outcome != record.Refused || !strings.Contains(r.Reason, "another patient") {
		t.Errorf("receipt = %+v", r)
	}
	r = h.w4B.send(h.w4B.about("g.mensah", fhir.TaskAcknowledge, p, theirs.Ref, 1))
	if r.Outcome != record.Refused || !strings.Contains(r.Reason, "another patient") {
		t.Errorf("a task about another patient's entry: %+v", r)
	}
}

// Written while cut off, for somebody who was moved meanwhile: kept, and said
// so. Long after, it is refused.
func TestThePatientMovedDuringTheOutage(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	m := h.w4B.note("g.mensah", p, "written at 12:00")
	h.now = h.now.Add(8 * time.Hour)
	h.filed(h.adt(kaya, "v1001", "5A", h.now))
	h.now = h.now.Add(time.Hour)
	r := h.w4B.sent(m)
	if !strings.Contains(r.Reason, "had left") {
		t.Errorf("reason = %q", r.Reason)
	}
	c, _ := h.current(m.Ref)
	if !strings.Contains(string(c.Body), submit.FlagPatientMoved) {
		t.Error("the entry is not flagged")
	}
	h.now = h.now.Add(20 * 24 * time.Hour)
	if r := h.w4B.send(h.w4B.note("g.mensah", p, "weeks later")); r.Outcome != record.Refused {
		t.Errorf("weeks later: %+v", r)
	}
}

// Entries that stand on one another arrive in order and need no receipt
// between them.
func TestAChainOfOwnEntries(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	first := h.w4B.allergy("g.mensah", p, "Latex")
	second := h.w4B.write("g.mensah", p, first.Ref, func(m *record.Mutation) {
		set(0, "criticality", `"high"`)(m)
		m.BaseMut = first.ID
	})
	third := h.w4B.write("g.mensah", p, first.Ref, func(m *record.Mutation) {
		set(0, "onsetDateTime", `"2020"`)(m)
		m.BaseMut = second.ID
	})
	for _, m := range []record.Mutation{first, second, third} {
		h.w4B.sent(m)
	}
	c, _ := h.current(first.Ref)
	a := view[fhir.AllergyIntolerance](t, c.Body)
	if a.Criticality != "high" || a.OnsetDateTime != "2020" || c.Version != 3 {
		t.Errorf("version %d: %s", c.Version, c.Body)
	}
}

// An author who had not seen the newest list says so by their read set.
func TestAStaleReadSetIsFlagged(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	list := h.w4B.allergy("g.mensah", p, "Latex")
	h.w4B.sent(list)
	order := func(seen record.Version) record.Mutation {
		return h.w4B.write("a.ruiz", p, fhir.Ref{Type: fhir.TypeServiceRequest}, func(m *record.Mutation) {
			put(func(id fhir.ID) any {
				return fhir.ServiceRequest{ResourceType: fhir.TypeServiceRequest, ID: id, Status: "active", Intent: "order", Subject: *to(p)}
			})(m)
			m.ReadSet = []record.Seen{{Ref: list.Ref, Version: seen}}
		})
	}
	own := order(0) // the author's computer had it before central did
	h.w4B.sent(own)
	h.w4B.send(h.w4B.write("a.ruiz", p, list.Ref, set(1, "criticality", `"high"`)))
	other := h.station("sabcdefghijk2", "4B")
	other.send(other.write("g.mensah", p, list.Ref, set(2, "onsetDateTime", `"2020"`)))
	fresh, stale := order(3), order(2)
	h.w4B.send(fresh)
	if r := h.w4B.send(stale); !strings.Contains(r.Reason, "had not seen the newest") {
		t.Errorf("stale: reason = %q", r.Reason)
	}
	unsent := order(0) // its own entry, changed elsewhere since
	h.w4B.send(unsent)
	for m, want := range map[fhir.ID]bool{own.Ref.ID: false, fresh.Ref.ID: false, stale.Ref.ID: true, unsent.Ref.ID: true} {
		c, _ := h.current(fhir.Ref{Type: fhir.TypeServiceRequest, ID: m})
		if got := strings.Contains(string(c.Body), submit.FlagReadSetStale); got != want {
			t.Errorf("%s flagged = %v, want %v", m, got, want)
		}
	}
}

// A list is stale by what is missing as well: an allergy that was recorded
// elsewhere while the author was cut off.
func TestAnAllergyThatTheAuthorNeverSaw(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	order := func(seen ...record.Seen) record.Mutation {
		return h.w4B.write("a.ruiz", p, fhir.Ref{Type: fhir.TypeServiceRequest}, func(m *record.Mutation) {
			put(func(id fhir.ID) any {
				return fhir.ServiceRequest{ResourceType: fhir.TypeServiceRequest, ID: id, Status: "active", Intent: "order", Subject: *to(p)}
			})(m)
			m.ReadSet = seen
		})
	}
	if r := h.w4B.send(order()); r.Reason != "" {
		t.Errorf("there is no allergy: %q", r.Reason)
	}
	other := h.station("sabcdefghijk2", "4B")
	list := other.allergy("g.mensah", p, "penicillin")
	other.sent(list)
	r := h.w4B.send(order())
	c, _ := h.current(fhir.Ref{Type: fhir.TypeServiceRequest, ID: fhir.ID(r.Mutation)})
	if !strings.Contains(r.Reason, "had not seen an allergy") || !strings.Contains(string(c.Body), submit.FlagReadSetStale) {
		t.Errorf("never seen: %q, %s", r.Reason, c.Body)
	}
	if r := h.w4B.send(order(record.Seen{Ref: list.Ref, Version: 1})); r.Reason != "" {
		t.Errorf("seen: %q", r.Reason)
	}
}

// A vital sign that is wrong is marked, never overwritten; what the merge
// refuses is kept beside it.
func TestARefusedChangeIsKeptInHistory(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	pulse := h.w4B.write("g.mensah", p, fhir.Ref{Type: fhir.TypeObservation}, put(func(id fhir.ID) any {
		return fhir.Observation{
			ResourceType: fhir.TypeObservation, ID: id, Status: "final", Subject: to(p),
			Category:      []fhir.CodeableConcept{{Coding: []fhir.Coding{{System: fhir.SystemObservationCat, Code: fhir.CategoryVitalSigns}}}},
			Code:          fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemLOINC, Code: "8867-4"}}},
			ValueQuantity: &fhir.Quantity{Value: fhir.Dec("88"), Unit: "/min"},
		}
	}))
	h.w4B.sent(pulse)
	r := h.w4B.send(h.w4B.write("g.mensah", p, pulse.Ref, set(1, "valueQuantity", `{"unit":"/min","value":66}`)))
	if r.Outcome != record.Refused || r.Version != 2 {
		t.Fatalf("receipt = %+v", r)
	}
	list := h.history(pulse.Ref)
	if len(list) != 2 || !list[1].History || !strings.Contains(string(list[1].Body), "66") {
		t.Errorf("history = %+v", list)
	}
	if c, _ := h.current(pulse.Ref); c.Version != 1 {
		t.Error("the refused value became current")
	}
}

// A commit that cannot be made leaves nothing, whichever side of the disk it
// fails on, and the same mutation again gets one receipt.
func TestACrashAroundTheCommit(t *testing.T) {
	for _, point := range []memjournal.Point{memjournal.BeforeCommit, memjournal.AfterCommit} {
		armed := false
		h := open(t, func(p memjournal.Point, _ record.Entry) error {
			if armed && p == point {
				return fault.New(fault.Unavailable, "test", "", "power cut")
			}
			return nil
		})
		patient := h.admitted(kaya, "4B")
		m := h.w4B.note("g.mensah", patient, "slept well")
		head := h.j.Head()
		armed = true
		if _, err := h.s.Submit(h.ctx(), h.w4B.peer, m); !fault.Is(err, fault.Unavailable) {
			t.Fatalf("err = %v, want unavailable", err)
		}
		armed = false
		h.j = h.j.Reopen()
		h.s = submit.New(submit.Options{Journal: h.j, Now: func() time.Time { return h.now }})
		if lost := h.j.Head() == head; lost != (point == memjournal.BeforeCommit) {
			t.Errorf("point %d: nothing stored = %v", point, lost)
		}
		r := h.w4B.sent(m)
		if again := h.w4B.send(m); again != r {
			t.Errorf("point %d: %+v, then %+v", point, r, again)
		}
		if n := len(h.history(m.Ref)); n != 1 {
			t.Errorf("point %d: %d versions", point, n)
		}
		if n := len(h.audits(submit.DetailMutation, string(m.ID))); n != 1 {
			t.Errorf("point %d: %d audit events", point, n)
		}
	}
}

// Every receipt ever given has its audit event in its own entry.
func TestEveryReceiptIsAudited(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.w4B.sent(h.w4B.note("g.mensah", p, "a"))
	h.w4B.send(h.w4B.note("c.lund", p, "b"))
	h.w4B.sent(h.w4B.allergy("a.ruiz", p, "Latex"))
	h.w4B.send(h.w4B.allergy("g.mensah", p, ""))
	if missing := unaudited(h.entries()); len(missing) > 0 {
		t.Errorf("without an audit event: %v", missing)
	}
	// The check itself must see a missing one.
	broken := h.entries()
	for i := range broken {
		if len(broken[i].Receipts) > 0 {
			broken[i].Audits = nil
		}
	}
	if len(unaudited(broken)) != 4 {
		t.Error("the check does not see a dropped audit event")
	}
}

func unaudited(entries []record.Entry) (missing []string) {
	for _, e := range entries {
		for _, r := range e.Receipts {
			found := false
			for _, a := range e.Audits {
				found = found || strings.Contains(string(a), `"valueString":"`+string(r.Mutation)+`"`)
			}
			if !found {
				missing = append(missing, string(r.Mutation))
			}
		}
		for _, in := range e.Inbound {
			found := in.Copies > 0
			for _, a := range e.Audits {
				found = found || strings.Contains(string(a), `"valueString":"`+in.ID+`"`)
			}
			if !found {
				missing = append(missing, in.ID)
			}
		}
	}
	return missing
}

// A device that got a new key still owns what it signed with the old one; a
// device that was shut out owns nothing any more.
func TestKeysAndShutOutDevices(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	before := h.w4B.note("g.mensah", p, "signed before the renewal")
	renewed := h.station("s4bbbbbbbbbbb", "4B")
	renewed.seq = h.w4B.seq
	renewed.sent(before)
	renewed.sent(renewed.note("g.mensah", p, "signed after it"))

	d := renewed.peer.Device
	d.Revoked = h.now.UnixMilli()
	h.must(h.s.PutDevice(h.ctx(), record.Author{User: "root"}, d))
	if r := renewed.send(renewed.note("g.mensah", p, "stolen")); r.Outcome != record.Refused || !strings.Contains(r.Reason, "shut out") {
		t.Errorf("receipt = %+v", r)
	}
}

// An account that was closed may still have written before.
func TestAClosedAccount(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	before := h.w4B.note("g.mensah", p, "last day")
	h.now = h.now.Add(time.Hour)
	h.must(h.s.PutAccount(h.ctx(), record.Author{User: "root"}, record.Account{
		User: "g.mensah", Name: "Grace Mensah", Role: "nurse", Wards: []record.Ward{"4B"}, Ended: h.now.UnixMilli(),
	}))
	h.now = h.now.Add(time.Hour)
	h.w4B.sent(before)
	if r := h.w4B.send(h.w4B.note("g.mensah", p, "after it")); r.Outcome != record.Refused {
		t.Errorf("receipt = %+v", r)
	}
}

// Somebody who arrives in an outage: patient, stay and first note are made on
// the ward and arrive in order.
func TestARegistrationInAnOutage(t *testing.T) {
	h := open(t, nil)
	patient := h.w4B.write("c.lund", "", fhir.Ref{Type: fhir.TypePatient}, put(func(id fhir.ID) any {
		return fhir.Patient{ResourceType: fhir.TypePatient, ID: id, Name: []fhir.HumanName{{Family: "Arrived"}}}
	}))
	p := patient.Ref.ID
	h.w4B.sent(patient)
	h.w4B.sent(h.w4B.note("g.mensah", p, "came on foot"))
	if r := h.w5A.send(h.w5A.note("a.ruiz", p, "not mine")); r.Outcome != record.Refused {
		t.Errorf("another ward: %+v", r)
	}
	h.w4B.sent(h.w4B.write("c.lund", p, fhir.Ref{Type: fhir.TypeEncounter}, put(func(id fhir.ID) any {
		return fhir.Encounter{
			ResourceType: fhir.TypeEncounter, ID: id, Status: "in-progress", Subject: to(p),
			Extension: []fhir.Extension{{URL: fhir.ExtWard, ValueString: fhir.Str("4B")}},
		}
	})))
	h.w4B.sent(h.w4B.note("g.mensah", p, "in bed 3"))
}

// Central was set back to an earlier day: a station wrote on top of a version
// that is gone. What it wrote is kept on top of what there is, and says so.
func TestABaseThatCentralLost(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	list := h.w4B.allergy("g.mensah", p, "Latex")
	h.w4B.sent(list)
	r := h.w4B.send(h.w4B.write("g.mensah", p, list.Ref, set(7, "criticality", `"high"`)))
	if r.Outcome == record.Refused || !strings.Contains(r.Reason, "no longer holds") {
		t.Fatalf("receipt = %+v", r)
	}
	c, _ := h.current(list.Ref)
	if a := view[fhir.AllergyIntolerance](t, c.Body); a.Criticality != "high" || !strings.Contains(string(c.Body), submit.FlagBaseNotHeld) {
		t.Errorf("body = %s", c.Body)
	}
	if r := h.w4B.send(h.w4B.write("g.mensah", p, fhir.Ref{Type: fhir.TypeAllergyIntolerance, ID: "gone"}, set(7, "criticality", `"high"`))); r.Outcome != record.Refused {
		t.Errorf("a resource that is gone: %+v", r)
	}
}

// A workstation may say what it drew, and nothing else.
func TestAComputerSpeaksForItself(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.filed(h.oru(kaya, "4B", reading{"1", "6.8", "final", 10, 10}))
	self := record.UserID(h.w4B.peer.Device.Station)
	h.w4B.sent(h.w4B.about(self, fhir.TaskShown, p, obs("1"), 1))
	for _, m := range []record.Mutation{
		h.w4B.about(self, fhir.TaskAcknowledge, p, obs("1"), 1), h.w4B.note(self, p, "x"), h.w4B.allergy(self, p, "x"),
	} {
		if r := h.w4B.send(m); r.Outcome != record.Refused {
			t.Errorf("%s: %+v", m.Ref, r)
		}
	}
}

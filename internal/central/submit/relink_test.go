package submit_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/merge"
)

// again is a second number of the same woman.
var again = person{"2001", "Kaya", "1954-07-14"}

// a40 says that survivor's record survives and retired's is retired.
func (h *hospital) a40(survivor, retired person) record.Filing {
	g := record.Group{Subject: survivor.subject(true)}
	other := record.Subject{Identifiers: []fhir.Identifier{retired.id()}}
	g.Retired = &other
	return h.message("ADT^A40", g)
}

func (h *hospital) a37(one, other person) record.Filing {
	g := record.Group{Subject: one.subject(false)}
	s := record.Subject{Identifiers: []fhir.Identifier{other.id()}}
	g.Apart = &s
	return h.message("ADT^A37", g)
}

// out says that somebody was never on a ward: registered only.
func (h *hospital) registered(p person) fhir.ID {
	f := h.adt(p, "x"+p.number, "", h.now)
	f.Groups[0].Drafts = f.Groups[0].Drafts[:1]
	return h.filed(f)
}

func (h *hospital) patient(id fhir.ID) record.Change {
	c, _ := h.current(fhir.Ref{Type: fhir.TypePatient, ID: id})
	return c
}

// rows are all current resources with the patient under whom they stand.
func (h *hospital) rows() map[fhir.Ref]fhir.ID {
	rows := map[fhir.Ref]fhir.ID{}
	h.read(func(r journal.Reader) error {
		for c, err := range r.All("", "") {
			if err != nil {
				return err
			}
			rows[c.Ref] = c.Patient
		}
		return nil
	})
	return rows
}

func (h *hospital) heldFor(f record.Filing, words string) {
	h.Helper()
	row := h.file(f)
	if row.Fate != record.FateQuarantined || !strings.Contains(row.Reason, words) || row.Owner == "" {
		h.Errorf("%s: %s (%s) for %q, want held back with %q", row.Type, row.Fate, row.Reason, row.Owner, words)
	}
}

// One woman was registered twice. The merge retires one record, moves nothing,
// and what comes for either number is hers.
func TestTwoRecordsBecomeOne(t *testing.T) {
	h := open(t, nil)
	kept, old := h.admitted(kaya, "4B"), h.registered(again)
	h.filed(h.oru(again, "", reading{"1", "4.1", "final", 1, 1}))
	before := h.rows()
	h.filed(h.a40(kaya, again))

	retired, survivor := view[fhir.Patient](t, h.patient(old).Body), view[fhir.Patient](t, h.patient(kept).Body)
	if retired.Active == nil || *retired.Active || len(retired.Link) != 1 || retired.Link[0].Type != "replaced-by" ||
		len(survivor.Link) != 1 || survivor.Link[0].Type != "replaces" {
		t.Fatalf("retired %+v\nsurvivor %+v", retired.Link, survivor.Link)
	}
	for ref, p := range h.rows() {
		if was, ok := before[ref]; ok && was != p {
			t.Errorf("%s was moved from %s to %s", ref, was, p)
		}
	}
	// What comes for the retired number goes to the survivor; a newer version of
	// an older result stays where that was written.
	h.filed(h.oru(again, "", reading{"2", "4.4", "final", 2, 2}))
	h.filed(h.oru(again, "", reading{"1", "4.2", "corrected", 3, 3}))
	h.filed(h.oru(kaya, "", reading{"1", "4.3", "corrected", 4, 4}))
	two, _ := h.current(obs("2"))
	one, _ := h.current(obs("1"))
	if two.Patient != kept || one.Patient != old || valueOf(t, one) != "corrected 4.3" {
		t.Errorf("new result under %s, corrected one under %s: %s", two.Patient, one.Patient, valueOf(t, one))
	}
	if got := subjectIn(t, one.Body); got != "Patient/"+string(old) {
		t.Errorf("the corrected result says that it is about %s", got)
	}
	// The same merge again, and its copy under another number, change nothing.
	v := h.patient(kept).Version
	h.file(h.a40(kaya, again))
	if h.patient(kept).Version != v {
		t.Error("the same merge again made a version")
	}
}

func subjectIn(t *testing.T, b fhir.Resource) string {
	o := view[fhir.Observation](t, b)
	return o.Subject.Reference
}

// A merge is taken back exactly: the records are as they were before it.
func TestAMergeIsTakenBackExactly(t *testing.T) {
	for how, back := range map[string]func(h *hospital, old fhir.ID){
		"by the sender":                func(h *hospital, _ fhir.ID) { h.filed(h.a37(kaya, again)) },
		"by the sender, the other way": func(h *hospital, _ fhir.ID) { h.filed(h.a37(again, kaya)) },
		"by an administrator with reason": func(h *hospital, old fhir.ID) {
			h.must(h.s.Part(h.ctx(), record.Author{Sender: "admin"}, old, "wrong person"))
		},
	} {
		t.Run(how, func(t *testing.T) {
			h := open(t, nil)
			kept, old := h.admitted(kaya, "4B"), h.registered(again)
			h.filed(h.oru(again, "", reading{"1", "4.1", "final", 1, 1}))
			rows, a, b := h.rows(), h.patient(kept).Body, h.patient(old).Body
			h.filed(h.a40(kaya, again))
			h.filed(h.adt(again, "v9", "4B", noon.Add(time.Hour))) // under the retired number
			back(h, old)
			if string(h.patient(old).Body) != string(b) {
				t.Errorf("the retired record is\n%s, was\n%s", h.patient(old).Body, b)
			}
			if p := view[fhir.Patient](t, h.patient(kept).Body); len(p.Link) != 0 || len(p.Identifier) != 1 {
				t.Errorf("the survivor is\n%s, was\n%s", h.patient(kept).Body, a)
			}
			for ref, p := range h.rows() {
				if was, ok := rows[ref]; ok && was != p {
					t.Errorf("%s is under %s, was under %s", ref, p, was)
				}
			}
			h.filed(h.oru(again, "", reading{"3", "4.0", "final", 1, 1}))
			if c, _ := h.current(obs("3")); c.Patient != old {
				t.Errorf("what comes for the record that stands again goes to %s", c.Patient)
			}
			if n := len(h.history(fhir.Ref{Type: fhir.TypePatient, ID: old})); n != 3 {
				t.Errorf("%d versions tell the story, want 3", n)
			}
		})
	}
}

// What speaks against a merge is held for a person.
func TestWhatSpeaksAgainstAMerge(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "4B")
	h.registered(odum)
	heldFor := func(f record.Filing, words string) {
		t.Helper()
		h.heldFor(f, words)
		if _, err := h.s.Dismiss(h.ctx(), record.Author{Sender: "admin", Name: "admin"}, f.Inbound.ID, "a slip of the sender"); err != nil {
			t.Fatal(err) // nothing may wait behind it
		}
	}
	heldFor(h.a40(kaya, odum), "different birth dates")
	heldFor(h.a40(kaya, kaya), "both numbers belong to one record")

	h.admitted(again, "ITU")
	heldFor(h.a40(kaya, again), "stay in a ward")
	h.filed(h.adt(again, "v"+again.number, "", h.now.Add(time.Hour)))
	h.filed(h.a40(kaya, again))

	third, fourth := person{"3001", "Kaya", "1954-07-14"}, person{"4001", "Kaya", "1954-07-14"}
	h.registered(third)
	h.registered(fourth)
	heldFor(h.a40(third, again), "merged into another one before")
	heldFor(h.a40(again, kaya), "loop")
	heldFor(h.a37(third, fourth), "not joined here")
	if n := len(h.tasks(fhir.TaskHeldBack)); n != 0 {
		t.Errorf("%d warnings to wards, though nothing critical is in a merge", n)
	}
}

func TestDifferentSexIsHeld(t *testing.T) {
	h := open(t, nil)
	for p, sex := range map[person]string{kaya: "female", again: "male"} {
		f := h.adt(p, "x", "", h.now)
		f.Groups[0].Drafts = f.Groups[0].Drafts[:1]
		f.Groups[0].Drafts[0].Ops = append(f.Groups[0].Drafts[0].Ops, record.Op{Kind: record.OpSet, Field: "gender", Value: []byte(`"` + sex + `"`)})
		h.filed(f)
	}
	h.heldFor(h.a40(kaya, again), "different sexes")
}

// A chain leads to its end, in whichever order it was made.
func TestAChainLeadsToItsEnd(t *testing.T) {
	third := person{"3001", "Kaya", "1954-07-14"}
	for what, order := range map[string][][2]person{
		"from the end":       {{kaya, again}, {again, third}},
		"from the beginning": {{again, third}, {kaya, again}},
	} {
		h := open(t, nil)
		kept := h.admitted(kaya, "4B")
		h.registered(again)
		h.registered(third)
		for _, pair := range order {
			h.filed(h.a40(pair[0], pair[1]))
		}
		h.filed(h.oru(third, "", reading{"1", "4.1", "final", 1, 1}))
		if c, _ := h.current(obs("1")); c.Patient != kept {
			t.Errorf("%s: filed to %s, want the end %s", what, c.Patient, kept)
		}
	}
}

// A record that nobody has heard of is retired all the same: what comes under
// its number later finds the survivor.
func TestANumberThatWasNeverHereIsRetired(t *testing.T) {
	h := open(t, nil)
	kept := h.admitted(kaya, "4B")
	h.filed(h.a40(kaya, again))
	h.filed(h.oru(again, "", reading{"1", "4.1", "final", 1, 1}))
	if c, _ := h.current(obs("1")); c.Patient != kept {
		t.Errorf("filed to %s, want %s", c.Patient, kept)
	}
}

// The allergies of both records are one list: "no known allergies" of one never
// beats an allergy of the other.
func TestMergedAllergiesAreUnited(t *testing.T) {
	h := open(t, nil)
	kept, old := h.admitted(kaya, "4B"), h.admitted(again, "4B")
	s := h.station("sabcdefghijk2", "4B")
	s.sent(s.allergy("g.mensah", old, "penicillin"))
	s.sent(s.allergy("g.mensah", kept, ""))
	h.filed(h.adt(again, "v"+again.number, "", h.now.Add(time.Hour)))
	h.filed(h.a40(kaya, again))
	open := h.tasks(fhir.TaskReview)
	if len(open) != 1 || open[0].Patient != kept {
		t.Fatalf("%d reviews: %+v", len(open), open)
	}
	story, err := merge.StoryOf(open[0].Body)
	h.must(err)
	if !story.Open || !strings.Contains(story.Words, "penicillin") || !story.Sides[0].InForce {
		t.Errorf("story: %+v", story)
	}
	// Deciding it reaches over to the retired record.
	ops, err := merge.Choose(open[0].Body, story.Sides[0].ID, record.Author{Name: "Grace"}, "2026-11-22T04:20:00Z", "")
	h.must(err)
	s.sent(s.write("g.mensah", kept, open[0].Ref, func(m *record.Mutation) { m.Base, m.Ops = open[0].Version, ops }))
	states := map[string]bool{}
	h.read(func(r journal.Reader) error {
		var list []fhir.AllergyIntolerance
		for c, err := range r.All(fhir.TypeAllergyIntolerance, "") {
			if err != nil {
				return err
			}
			list = append(list, view[fhir.AllergyIntolerance](t, c.Body))
		}
		a := merge.Allergies(list)
		states["in force"], states["none known"] = len(a.InForce) == 1, a.NoneKnown || len(a.Conflicts) > 0
		return nil
	})
	if !states["in force"] || states["none known"] {
		t.Errorf("after the decision: %v", states)
	}
}

// Taken apart, two records contradict one another no longer.
func TestAQuestionBetweenTwoRecordsEndsWithTheMerge(t *testing.T) {
	h := open(t, nil)
	kept, old := h.admitted(kaya, "4B"), h.admitted(again, "4B")
	s := h.station("sabcdefghijk2", "4B")
	s.sent(s.allergy("g.mensah", old, "penicillin"))
	s.sent(s.allergy("g.mensah", kept, ""))
	h.filed(h.adt(again, "v"+again.number, "", h.now.Add(time.Hour)))
	h.filed(h.a40(kaya, again))
	h.filed(h.a37(kaya, again))
	for _, c := range h.tasks(fhir.TaskReview) {
		if s, err := merge.StoryOf(c.Body); err == nil && s.Open {
			t.Errorf("still asked: %s", s.Words)
		}
	}
}

// The wards of both records may write about either, and a critical result of
// the retired record is delivered on the survivor's ward.
func TestTheWardOfTheSurvivorSeesBoth(t *testing.T) {
	h := open(t, nil)
	kept, old := h.admitted(kaya, "4B"), h.registered(again)
	h.filed(h.oru(again, "", reading{"1", "6.8", "final", 1, 1}))
	h.filed(h.a40(kaya, again))
	if u := h.undelivered(); len(u) != 1 || !slices.Equal(u[0].Wards, []record.Ward{"4B"}) || u[0].Left {
		t.Errorf("undelivered: %+v", u)
	}
	s := h.station("sabcdefghijk2", "4B")
	for _, id := range []fhir.ID{kept, old} {
		s.sent(s.note("g.mensah", id, "seen"))
	}
	s.sent(s.about("g.mensah", fhir.TaskAcknowledge, old, obs("1"), 1))
	if u := h.undelivered(); len(u) != 0 {
		t.Errorf("taken, and still undelivered: %+v", u)
	}
}

package desk_test

import (
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/sync/merge"
)

var penicillin = ward.AddAllergy{Patient: folake, Substance: "Penicillin", Reaction: "anaphylaxis", Severity: "severe", Certainty: "confirmed", Note: "GP letter of 2019"}

// The banner's four sentences, one after the other.
func TestTheFourSentencesAboutAllergies(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	state := func(want ward.AllergyState) ward.AllergyLine {
		t.Helper()
		if got := r.chart(folake).Allergies; got.State != want {
			t.Fatalf("state %s, want %s", got.State, want)
		}
		return r.row(folake).Allergies
	}
	state(ward.AllergyNotRecorded)
	r.do(ward.NoKnownAllergies{Patient: folake})
	state(ward.AllergyNone)
	r.do(ward.AddAllergy{Patient: folake, Substance: "Trimethoprim", Reaction: "rash", Severity: "mild"})
	r.do(penicillin)
	line := state(ward.AllergyKnown)
	if line.Worst != "Penicillin" || line.WorstHow != "anaphylaxis (severe)" || len(line.Others) != 1 || line.Others[0] != "Trimethoprim: rash (mild), unconfirmed" || line.Review {
		t.Errorf("line: %s", show(line))
	}
	r.drain()
	if line := state(ward.AllergyKnown); line.Worst != "Penicillin" {
		t.Errorf("after receipt: %s", show(line))
	}
}

// "No known allergies" ends in the commit that records an allergy, so that no
// crash leaves both standing.
func TestAnAllergyEndsNoneKnownInOneCommit(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	none := r.do(ward.NoKnownAllergies{Patient: folake})
	r.do(penicillin)
	muts, err := r.cache.Unsent(0, 10)
	ok(t, err)
	if len(muts) != 3 || string(muts[2].Ref.ID) != string(none.Made[0]) || muts[2].BaseMut != muts[0].ID || muts[2].Base != 0 {
		t.Fatalf("%d mutations, the last on %v over %q", len(muts), muts[2].Ref, muts[2].BaseMut)
	}
	r.drain()
	list := r.chart(folake).AllergyList
	if len(list) != 2 || !list[0].Active || list[1].Active || !list[1].NoneKnown {
		t.Errorf("list: %s", show(list))
	}
}

// It never stands against an allergy that its author can see.
func TestNoneKnownAgainstAnAllergyInView(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	made := r.do(penicillin)
	r.refused(fault.Conflict, "Penicillin is recorded as an allergy. If it is none, refute it first", ward.NoKnownAllergies{Patient: folake})
	r.do(ward.RefuteAllergy{Patient: folake, Allergy: made.Made[0], Reason: "stomach upset only"})
	r.do(ward.NoKnownAllergies{Patient: folake})
	again := r.do(ward.NoKnownAllergies{Patient: folake})
	if r.chart(folake).Allergies.State != ward.AllergyNone || len(again.Made) != 1 || r.cache.Count().Unsent != 3 {
		t.Errorf("%s; %d entries", show(r.chart(folake).AllergyList), r.cache.Count().Unsent)
	}
}

func TestRefutingNeedsAReasonAndTheVersionSeen(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	made := r.do(penicillin)
	r.drain()
	refute := ward.RefuteAllergy{Patient: folake, Allergy: made.Made[0], Version: 1}
	r.refused(fault.Invalid, "Say why", refute)
	refute.Reason, refute.Version = "stomach upset only", 2
	r.refused(fault.Conflict, "changed while you looked", refute)
	refute.Version, refute.Allergy = 1, "nothing"
	r.refused(fault.NotFound, "not on this computer", refute)
	refute.Allergy = made.Made[0]
	r.do(refute)
	a := r.chart(folake).AllergyList[0]
	if a.Active || a.Certainty != "refuted" || !a.Unsent || a.Note == "" || a.By != grace.Name {
		t.Errorf("%s", show(a))
	}
	refute.Version = 1
	r.refused(fault.Conflict, "not in force any more", refute)
}

func TestWhatIsNoAllergyEntry(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	for want, c := range map[string]ward.AddAllergy{
		"Say what":               {Patient: folake, Substance: "  "},
		"Severity is":            {Patient: folake, Substance: "Latex", Severity: "awful"},
		"confirmed or unconfirm": {Patient: folake, Substance: "Latex", Certainty: "refuted"},
	} {
		r.refused(fault.Invalid, want, c)
	}
	r.do(ward.AddAllergy{Patient: folake, Substance: "Latex"})
	r.do(ward.AddAllergy{Patient: folake, Substance: "latex"})
	if n := r.cache.Count().Unsent; n != 1 {
		t.Errorf("pressed twice: %d entries", n)
	}
}

// Two people who could not see each other: the allergy stays in force, and a
// person is asked.
func TestTwoAnswersAboutOneAllergy(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	none := r.do(ward.NoKnownAllergies{Patient: folake})
	r.drain()
	clinic := obj{
		"resourceType": "AllergyIntolerance", "id": "sclinic234567-1", "patient": ref(fhir.TypePatient, "p07"), "code": obj{"text": "Penicillin"},
		"clinicalStatus":     coded(fhir.SystemAllergyClinical, "active", ""),
		"verificationStatus": coded(fhir.SystemAllergyVerified, "confirmed", ""),
		"reaction":           []any{obj{"severity": "severe", "manifestation": []any{obj{"text": "anaphylaxis"}}}},
	}
	ines := record.Author{User: "i.amara", Name: "Dr Ines Amara", Role: "doctor", Station: "sclinic234567", Place: "Dialysis unit, computer DU-01"}
	r.batch([]record.Change{r.accept(clinic, ines)}, nil)
	if line := r.row(folake).Allergies; line.State != ward.AllergyKnown || line.Worst != "Penicillin" || !line.Review {
		t.Fatalf("before the review: %s", show(line))
	}

	r.sendReviews()
	list, err := r.desk.Reviews(bg)
	ok(t, err)
	if len(list) != 1 || len(list[0].Sides) != 2 || list[0].Who.ID != folake || list[0].Question == "" {
		t.Fatalf("reviews: %s", show(list))
	}
	inForce := ""
	for _, s := range list[0].Sides {
		if s.InForce {
			inForce = s.Who + " at " + s.Place
		}
	}
	if inForce != "Dr Ines Amara at Dialysis unit, computer DU-01" {
		t.Errorf("in force: %q in %s", inForce, show(list[0]))
	}
	rev := list[0]
	r.refused(fault.Invalid, "Choose one of the answers", ward.Decide{Review: rev.ID, Version: rev.Version, Side: "Patient/x"})
	r.refused(fault.Conflict, "changed while you looked", ward.Decide{Review: rev.ID, Version: rev.Version + 1, Side: rev.Sides[0].Ref})
	r.refused(fault.NotFound, "not on this computer", ward.Decide{Review: "nothing", Side: rev.Sides[0].Ref})
	if c := r.chart(folake); c.Reviews != 1 || !c.AllergyList[0].InReview {
		t.Errorf("chart: %d reviews, %s", c.Reviews, show(c.AllergyList))
	}
	// A colleague is asked: everybody sees it, and nothing else changes.
	r.refused(fault.Invalid, "Say whom you ask", ward.Ask{Review: rev.ID, To: " "})
	r.refused(fault.NotFound, "not on this computer", ward.Ask{Review: "nothing", To: "pharmacist"})
	asked := ward.Ask{Review: rev.ID, To: "pharmacist", Words: "A true allergy?"}
	if a, b := r.do(asked), r.do(asked); a.Made[0] != b.Made[0] {
		t.Error("pressed twice, and asked twice")
	}
	if list, _ = r.desk.Reviews(bg); len(list) != 1 || list[0].Version != rev.Version || len(list[0].Asked) != 1 {
		t.Fatalf("after asking: %s", show(list))
	}
	if a := list[0].Asked[0]; a.To != "pharmacist" || a.Words != "A true allergy?" || a.By != "Grace Mensah, nurse" || !a.Unsent || a.At.IsZero() {
		t.Errorf("asked: %+v", a)
	}
	r.drain()
	if list, _ = r.desk.Reviews(bg); len(list[0].Asked) != 1 || list[0].Asked[0].Unsent {
		t.Errorf("after sending: %s", show(list))
	}
	r.refused(fault.Invalid, "why neither is right", ward.Decide{Review: rev.ID, Version: rev.Version, Side: ward.Neither})
	allergySide := rev.Sides[0].Ref
	if string(none.Made[0]) == allergySide {
		t.Errorf("the first side is %s", allergySide)
	}
	r.do(ward.Decide{Review: rev.ID, Version: rev.Version, Side: allergySide, Reason: "asked her again"})
	if list, _ := r.desk.Reviews(bg); len(list) != 0 {
		t.Errorf("decided, and asked again: %s", show(list))
	}
	if r.row(folake).Allergies.State != ward.AllergyKnown {
		t.Error("the allergy went")
	}
	r.refused(fault.Conflict, "decided already", ward.Ask{Review: rev.ID, To: "pharmacist", Words: "still?"})
}

// sendReviews is central asking what its merge asks.
func (r *room) sendReviews() {
	r.t.Helper()
	var list []record.Change
	ok(r.t, r.cache.View(bg, func(v cacheReader) error {
		for ch, err := range v.Compartment(folake) {
			if err != nil {
				return err
			}
			list = append(list, ch)
		}
		return nil
	}))
	drafts, err := merge.Reviews(folake, list)
	ok(r.t, err)
	var out []record.Change
	for _, d := range drafts {
		out = append(out, r.acceptBody(d.Body, record.Author{Sender: "central"}, record.Times{Central: r.clock().UnixMilli()}, "", ""))
	}
	if len(out) == 0 {
		r.t.Fatal("central asks nothing")
	}
	r.batch(out, nil)
}

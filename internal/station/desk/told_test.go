package desk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/desk"
	"wardlight/internal/words"
	"wardlight/internal/words/languages"
	"wardlight/sync/merge"
)

// inGerman speaks German until the test ends.
func inGerman(t *testing.T) {
	t.Helper()
	before := words.In()
	t.Cleanup(func() { words.Use(before) })
	languages.Use("de")
	if words.Tag() != "de" {
		t.Fatal("there is no German")
	}
}

const (
	whyDiffers = "possible wrong patient: the identifier is known, but birth date and family name both differ; ask the sender, correct it there or here, then replay"
	whyGerman  = "möglicherweise die falsche Person: die Kennung ist bekannt, aber Geburtsdatum und Familienname weichen beide ab; fragen Sie den Absender, berichtigen Sie es dort oder hier, und spielen Sie die Nachricht dann erneut ein"
)

// warning is what central wrote about a message, and why.
func warning(id, description, why string) obj {
	b := heldPotassium(id, "p07")
	b["description"] = description
	b["contained"] = []any{}
	for _, in := range b["input"].([]any) {
		if p := in.(obj); p["valueString"] != nil && strings.Contains(p["valueString"].(string), "name and birth date") {
			p["valueString"] = why
		}
	}
	return b
}

// What central wrote about a message that is held back was written in English, some of it
// years ago: whoever reads in German reads German, with names, values and numbers as they
// were sent; what is not recognised for certain stays English; and what is stored is as it
// was, to the byte.
func TestWhyAMessageIsHeldBackIsSaidInTheReadersLanguage(t *testing.T) {
	inGerman(t)
	r := newRoom(t)
	r.admitFolake()
	stored := "Not filed, identity unconfirmed: Potassium 6.8 mmol/L, critical (ward limit 6.5). The message says it is for Adeyami Fola, born 1945-03-14. Why: " + whyDiffers + ". Message C-17 from LAB-1. Phone the laboratory."
	r.hold(warning("hb1", stored, whyDiffers))
	r.hold(warning("hb2", "Written by a program of 2031.", "the moon was full"))
	said := map[fhir.ID]ward.HeldBack{}
	for _, h := range heldBack(r) {
		said[h.ID] = h
	}
	want := "Nicht zugeordnet, Identität unbestätigt: Potassium 6.8 mmol/L, kritisch (Stationsgrenze 6.5). Laut Nachricht für: Adeyami Fola, geb. 1945-03-14. Grund: " + whyGerman + ". Nachricht C-17 von LAB-1. Rufen Sie an: Labor."
	if h := said["hb1"]; h.Words != want || h.Why != whyGerman || h.Phone != "Labor" || h.Said != "Adeyami Fola, geb. 1945-03-14" {
		t.Errorf("got\n%s\n%s\n%s", h.Words, h.Why, h.Phone)
	}
	if h := said["hb2"]; h.Words != "Written by a program of 2031." || h.Why != "the moon was full" {
		t.Errorf("not recognised, and said as %s", show(h))
	}
	ok(t, r.cache.View(bg, func(v cacheReader) error {
		ch, found, err := v.Current(fhir.Ref{Type: fhir.TypeTask, ID: "hb1"})
		if task, bad := fhir.View[fhir.Task](ch.Body); !found || bad != nil || task.Description != stored {
			t.Errorf("what is stored has changed: %s", ch.Body)
		}
		return err
	}))
	words.Use(nil)
	for _, h := range heldBack(r) {
		if h.ID == "hb1" && (h.Words != stored || h.Why != whyDiffers || h.Phone != "laboratory") {
			t.Errorf("in English it is not as it is stored: %s", show(h))
		}
	}
}

func heldBack(r *room) []ward.HeldBack {
	r.t.Helper()
	list, err := r.desk.HeldBack(bg)
	ok(r.t, err)
	return list
}

// Two people contradict one another about an allergy, and an entry is refused: the review
// asks, and the report tells, in the reader's language.
func TestReviewsAndRefusalsAreSaidInTheReadersLanguage(t *testing.T) {
	inGerman(t)
	r := newRoom(t)
	r.admitFolake()
	r.connected(true)
	r.later(time.Minute)
	r.cut()
	r.later(time.Hour)
	r.do(ward.NoKnownAllergies{Patient: folake})
	r.do(ward.WriteNote{Patient: folake, Text: "slept badly"})
	clinic := obj{
		"resourceType": "AllergyIntolerance", "id": "sclinic234567-1", "patient": ref(fhir.TypePatient, "p07"), "code": obj{"text": "Penicillin"},
		"clinicalStatus":     coded(fhir.SystemAllergyClinical, "active", ""),
		"verificationStatus": coded(fhir.SystemAllergyVerified, "confirmed", ""),
		"reaction":           []any{obj{"severity": "severe", "manifestation": []any{obj{"text": "anaphylaxis"}}}},
	}
	r.desk.LinkChanged(backAt(r, 6))
	r.batch([]record.Change{r.accept(clinic, record.Author{User: "i.amara", Name: "Dr Ines Amara", Role: "doctor", Station: "sclinic234567", Place: "DU-01"})}, nil)
	r.answer(func(m record.Mutation) record.Receipt {
		if m.Ref.Type == fhir.TypeCommunication {
			return record.Receipt{Outcome: record.Refused, Reason: "the entry builds on one that was refused: a ward clerk may not create Communication entries"}
		}
		return record.Receipt{Outcome: record.Applied}
	})
	r.sendReviews()
	list, err := r.desk.Reviews(bg)
	ok(t, err)
	if len(list) != 1 || list[0].Question != "Ist die Person allergisch gegen Penicillin?" {
		t.Fatalf("reviews: %s", show(list))
	}
	var titles []string
	for _, s := range list[0].Sides {
		titles = append(titles, s.Title)
	}
	slices.Sort(titles)
	if got := strings.Join(titles, " | "); got != "Allergisch: Penicillin, anaphylaxis, schwer | Keine bekannten Allergien" {
		t.Errorf("answers: %s", got)
	}
	rep := r.report()
	if len(rep.Patients) != 1 || len(rep.Patients[0].Waiting) != 1 || rep.Patients[0].Waiting[0].Words != "Ist die Person allergisch gegen Penicillin?" {
		t.Errorf("the report: %s", show(rep))
	}
	var why []string
	for _, l := range rep.Patients[0].Written {
		if l.Outcome == "refused" {
			why = append(why, l.Why)
		}
	}
	if got := strings.Join(why, "; "); got != "der Eintrag baut auf einem auf, der abgelehnt wurde: als Stationssekretariat ist nicht erlaubt: Communication-Einträge anlegen" {
		t.Errorf("refused: %q", got)
	}
}

// Why a session ended stands on the strip and the page of feeds.
func TestWhyTheServerTurnedAComputerAwayIsSaidInTheReadersLanguage(t *testing.T) {
	inGerman(t)
	r := newRoom(t)
	s := backAt(r, 1)
	s.Connected, s.Refused = false, "This computer's access was withdrawn. Ask the administrator."
	r.desk.LinkChanged(s)
	if got := r.desk.Link().Refused; got != "Der Zugang dieses Computers wurde entzogen. Fragen Sie die Administration." {
		t.Errorf("%q", got)
	}
}

// The sides of a disputed element are what the record holds: they are not looked at, be
// they what they may. Only that there is none, and where somebody is, is said.
func TestWhatARecordHoldsIsNoSentence(t *testing.T) {
	inGerman(t)
	for _, c := range []struct{ question, field, words, want string }{
		{merge.QuestionField, "name", "Not known", "Not known"},
		{merge.QuestionField, "reaction", "Allergic: nuts", "Allergic: nuts"},
		{merge.QuestionField, "address", "Ward 4", "Ward 4"},
		{merge.QuestionField, "name", "Removed", "Entfernt"},
		{merge.QuestionField, "movement", "Ward 4B, bed 07", "Station 4B, Bett 07"},
		{merge.QuestionField, "movement", "Not known", "Nicht bekannt"},
		{merge.QuestionBeds, "", "Ward 4B, bed 07", "Station 4B, Bett 07"},
		{merge.QuestionBeds, "", "Both beds are kept for the patient", "Beide Betten bleiben für die Person"},
	} {
		s := merge.Story{Question: c.question, Field: c.field, Sides: []merge.Side{{Words: c.words}}}
		if got := desk.SaidAnswer(s, s.Sides[0]); got != c.want {
			t.Errorf("%s %s: %q is said as %q, want %q", c.question, c.field, c.words, got, c.want)
		}
	}
}

// What a decision did to an entry stands beside it in the chart, and so on the timeline, in
// the reader's language; what a person gave as a reason stands as they wrote it.
func TestWhatBecameOfAnEntryIsSaidInTheChart(t *testing.T) {
	inGerman(t)
	r := newRoom(t)
	r.admitFolake()
	for id, reason := range map[string]string{"a1": "Decided in a review: the patient has no known allergies.", "a2": "ate peanuts in 2024; written under emergency access"} {
		ch := r.accept(obj{
			"resourceType": "AllergyIntolerance", "id": id, "patient": ref(fhir.TypePatient, "p07"), "code": obj{"text": "Nuts " + id},
			"clinicalStatus": coded(fhir.SystemAllergyClinical, "inactive", ""), "verificationStatus": coded(fhir.SystemAllergyVerified, "refuted", ""),
		}, record.Author{Sender: "central"})
		ch.Reason = reason
		r.batch([]record.Change{ch}, nil)
	}
	got := map[string]string{}
	for _, a := range r.chart(folake).AllergyList {
		got[a.Substance] = a.Note
	}
	if got["Nuts a1"] != "In einer Klärung entschieden: Die Person hat keine bekannten Allergien." || got["Nuts a2"] != "ate peanuts in 2024; written under emergency access" {
		t.Errorf("%q", got)
	}
}

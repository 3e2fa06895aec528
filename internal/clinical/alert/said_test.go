package alert_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/rota"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// Every word that a rule of NEWS2 gives to a screen, and every word of a result's status,
// can be said in another language: the vocabulary of the ward holds it.
func TestWhatTheRulesSayIsInTheVocabulary(t *testing.T) {
	before := words.In()
	t.Cleanup(func() { words.Use(before) })
	words.Use(&words.Table{Tag: "x", Else: func(_, english string) string { return "<" + english + ">" }})
	said := func(english string) {
		t.Helper()
		if english != "" && ward.Said(english) == english {
			t.Errorf("%q can be said in no other language", english)
		}
	}
	now := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	read := func(v int) alert.Reading { return alert.Reading{Value: fmt.Sprint(v), At: now} }
	adult := alert.Subject{AgeKnown: true, Years: 70}
	seen := map[string]bool{}
	for pulse := 20; pulse < 200; pulse++ {
		for _, respirations := range []int{16, 21, 30} {
			s := alert.NEWS2(alert.Vitals{Pulse: read(pulse), Respirations: read(respirations), Oxygen: alert.Reading{Value: "air", At: now}}, adult, now)
			said(s.Response)
			seen[s.Response] = true
			for _, p := range s.Parts {
				said(p.Name)
			}
			for _, m := range s.Missing {
				said(m)
			}
		}
	}
	if len(seen) < 4 {
		t.Errorf("only %d responses were seen", len(seen))
	}
	for _, s := range []alert.Subject{{}, {AgeKnown: true, Years: 9}, {AgeKnown: true, Years: 30, Pregnant: true}} {
		refused := alert.NEWS2(alert.Vitals{}, s, now).Refused
		if refused == "" {
			t.Errorf("%+v is scored", s)
		}
		said(refused)
		if ward.Unscored(refused) == refused {
			t.Errorf("%q has no reason by itself", refused)
		}
	}
	for _, code := range []string{"registered", "preliminary", "partial", "final", "amended", "corrected", "appended", "cancelled", "entered-in-error", "unknown", "nonsense"} {
		said(alert.StatusWord(code))
	}
	for _, f := range []ward.Flag{ward.FlagCriticalHigh, ward.FlagCriticalLow, ward.FlagCritical} {
		said(string(f))
	}
}

// Every word of the default tables can be said in another language, and everything that
// the book and a verdict say is; the titles of publications stay as they are, and so do
// values, units and names of tests.
func TestTheTablesCanBeSaidInAnotherLanguage(t *testing.T) {
	before := words.In()
	t.Cleanup(func() { words.Use(before) })
	words.Use(&words.Table{Tag: "x", Else: func(_, english string) string { return "<" + english + ">" }})
	titles := []string{"RCPath G158 (2017)", "NHS England AKI algorithm", "AACC note on delta checks (2011)", "J Asthma Allergy 2021, J Fam Pract 2006", "Leeds Teaching Hospitals, retest intervals of stable inpatients", "J Clin Path, minimum retesting intervals"}
	r := alert.Default()
	said := func(english string) {
		t.Helper()
		if english != "" && alert.Said(english) == english && !slices.Contains(titles, english) {
			t.Errorf("%q can be said in no other language", english)
		}
	}
	said(r.ChangedBy)
	for _, l := range r.Ladders {
		said(l.From)
		for _, s := range l.Steps {
			said(s.Who)
			said(s.How)
			for _, role := range rota.RolesOf(s.Who) {
				said(role)
			}
		}
	}
	for _, d := range r.Changes {
		said(d.Words)
		said(d.From)
	}
	for _, l := range r.Critical {
		said(l.From)
		said(l.Analyte)
		for _, b := range l.Bounds {
			said(b.Ages)
		}
	}
	for _, c := range r.Crosses {
		said(c.Note)
		said(c.From)
	}
	for _, w := range r.Windows {
		said(w.From)
	}
	for _, w := range r.Turnarounds {
		said(w.From)
	}
	for _, q := range r.Quiets {
		said(q.From)
	}
	said(r.Leaving.Words)
	said(r.Leaving.From)
	for _, b := range r.Book() {
		for _, text := range []string{b.Name, b.Words, b.Repeats} {
			if !strings.HasPrefix(text, "<") {
				t.Errorf("%s: %q", b.ID, text)
			}
		}
	}
	if said := alert.Said("the professor, by horse"); said != "the professor, by horse" {
		t.Errorf("a site’s own words are said as %q", said)
	}
}

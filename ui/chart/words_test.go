package chart

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// Who is to be watched continuously has no next time beside it, before and after
// somebody begins to type.
func TestWhoIsWatchedContinuouslyHasNoNextTime(t *testing.T) {
	last := ward.Early{Known: true, Total: 10, Continuous: true, Due: now.Add(30 * time.Minute)}
	for _, typed := range []bool{false, true} {
		words := ""
		for _, s := range nextWords(last, last, typed, now) {
			words += s.Text + " "
		}
		if want := map[bool]string{false: "By the last set watch continuously ", true: "Next watch continuously "}[typed]; words != want {
			t.Errorf("typed %v: %q", typed, words)
		}
	}
}

// Before anything is typed there is no score, and nothing is said of its scale.
func TestAScoreThatIsNotThereHasNoScale(t *testing.T) {
	for typed, want := range map[bool]int{false: 1, true: 2} {
		if got := len(liveHead(ward.Early{Scale: 1}, typed)); got != want {
			t.Errorf("typed %v: %d pieces", typed, got)
		}
	}
}

// "Another" is said only where there is one.
func TestTheFormSaysAnotherOnlyWhereThereIsOne(t *testing.T) {
	r := newRig(t, theme.Options{}, 1366, 768)
	r.open(t, "p07", view.Allergies)
	a := r.page.tab[view.Allergies].(*allergies)
	if a.head.Text() != "Another allergy" {
		t.Errorf("beside penicillin: %q", a.head.Text())
	}
	s := a.state
	s.Chart.AllergyList = nil
	a.show(s, now)
	if a.head.Text() != "An allergy" {
		t.Errorf("where there is none: %q", a.head.Text())
	}
}

// Everything on the chart that this program says can be translated: every tab, with
// what is in it and empty. What is left in plain letters is data: names, values, what
// people wrote, and what the station's desk says.
func TestTheChartIsTranslatable(t *testing.T) {
	uitest.Pseudo(t)
	for _, p := range pictures {
		t.Run(p.name, func(t *testing.T) {
			r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 1400)
			r.open(t, p.patient, p.tab)
			if p.prepare != nil {
				p.prepare(t, r)
			}
			r.capture()
			if said := strings.Join(uitest.Texts(r.page.Object()), " "); !strings.ContainsAny(said, "àéîöûšţ") {
				t.Fatal("nothing on it is translated")
			}
			data := dataOf(r)
			for _, line := range uitest.Untranslatable(r.page.Object(), "NHS No.") {
				for _, word := range strings.Fields(line) {
					if word = bare(word); strings.ContainsFunc(word, plainLetter) && !data[word] {
						t.Errorf("nobody can translate %q in %q", word, line)
					}
				}
			}
		})
	}
}

// plainLetter is one that no text of this program has in the language that nobody speaks.
func plainLetter(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func bare(word string) string { return strings.Trim(word, ".,:;·()“”‘’\"") }

// dataOf are the words that are not this program's on a chart: what is in the record and
// what is typed. A word of the vocabulary is none: it has to be said.
func dataOf(r *rig) map[string]bool {
	s := r.model.State()
	out := map[string]bool{"H": true, "L": true, "A": true, "jpeg": true, "F8": true, "SpO₂": true, "/min": true, "°C": true, "Hypertension": true}
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			text := v.String()
			if ward.Said(text) != text {
				return
			}
			for _, word := range strings.Fields(text + " " + strings.ToUpper(text)) {
				out[bare(word)] = true
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem())
			}
		default:
		}
	}
	for _, data := range []any{s.Chart, s.Sheet.Items, s.Sheet.Offers, s.Note, s.Vitals, s.Live, s.Error} {
		walk(reflect.ValueOf(data))
	}
	if s.RoutineAsk != nil {
		walk(reflect.ValueOf(s.RoutineAsk.Reason))
	}
	return out
}

// What the fields show as a time is read back, in every month of every language.
func TestATimeThatIsShownIsReadBack(t *testing.T) {
	uitest.EachLanguage(t, func(t *testing.T) {
		for month := time.January; month <= time.December; month++ {
			want := time.Date(2026, month, 3, 4, 5, 0, 0, time.UTC)
			text := timeText(want, now)
			if got, ok := readTime(text, now); !ok || !got.Equal(want) {
				t.Errorf("%s is read as %s", text, got)
			}
			if fhir, _, ok := view.Onset(ward.Date(want), want.AddDate(0, 1, 0)); !ok || fhir != want.Format("2006-01-02") {
				t.Errorf("onset %s is read as %q", ward.Date(want), fhir)
			}
		}
	})
}

package reviews

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/told"
	"wardlight/internal/clinical/ward"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// What the merge asked in English stands on the page in German, whole, at every size.
func TestAStoredQuestionIsWholeInGerman(t *testing.T) {
	uitest.Speak(t, "de")
	rev := penicillin()
	rev.Short, rev.Question = "Allergie: zwei Antworten", told.Questions.Say("Is the patient allergic to Penicillin?")
	rev.Sides[0].Title, rev.Sides[1].Title = told.Answers.Say("Not allergic: Penicillin"), told.Answers.Say("Allergic: Penicillin, anaphylaxis, severe")
	rev.Story = "Um 03:10, Station 4B: Tom Blake, nurse schrieb „" + rev.Sides[0].Title + "“."
	for _, c := range []struct {
		name string
		s    float32
		w    float32
	}{{"reviews-told-de", 1, 1298}, {"reviews-told-de-200", 2, 1366}, {"reviews-told-de-200-1024", 2, 1024}} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: c.s}, c.w, 702, []ward.Review{rev})
		all := strings.Join(strings.Fields(strings.Join(uitest.Texts(r.page.Object()), " ")), " ")
		for _, want := range []string{"Ist die Person allergisch gegen Penicillin?", "Nicht allergisch: Penicillin", "Allergisch: Penicillin, anaphylaxis, schwer"} {
			if !strings.Contains(all, want) {
				t.Errorf("%s: %q is not there: %s", c.name, want, all)
			}
		}
		if dir := uitest.Pictures(); dir != "" {
			uitest.Keep(t, dir, c.name, uitest.Capture(r.win))
		}
	}
}

package alerts

import (
	"testing"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// "Known allergies", "no known allergies", "not recorded" and "unavailable" are
// four different things (NHS Common User Interface, patient banner): no two look
// alike on a card, and only a known allergy carries the diamond, whatever the language
// calls them.
func TestTheFourAllergyStatesNeverLookAlike(t *testing.T) {
	words := map[ward.AllergyState]string{
		ward.AllergyKnown: "Penicillin: anaphylaxis", ward.AllergyNone: "No known allergies",
		ward.AllergyNotRecorded: "Allergies not recorded", ward.AllergyUnavailable: "Allergies unavailable", "": "Allergies unavailable",
	}
	type look struct {
		icon   string
		colour theme.Token
		bold   bool
	}
	seen := map[look]ward.AllergyState{}
	for state, text := range words {
		s := wordsOf(ward.Fact{Label: "Allergien", Words: text, Kind: ward.FactAllergies}, state)[0]
		if s.Text != text {
			t.Errorf("%q says %q", state, s.Text)
		}
		if (s.Icon == iconAllergy) != (state == ward.AllergyKnown) {
			t.Errorf("%q has the sign %q", state, s.Icon)
		}
		if state == "" {
			state = ward.AllergyUnavailable // what is not known is unavailable
		}
		l := look{string(s.Icon), s.Color, s.Style == kit.DenseStrong}
		if other, ok := seen[l]; ok && other != state {
			t.Errorf("%q looks like %q", state, other)
		}
		seen[l] = state
	}
	if len(seen) != 4 {
		t.Errorf("%d looks for four states", len(seen))
	}
}

package desk_test

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/ward"
)

// What is typed under Tests and stands in no list is never shown as checked. The
// name of a medicine, or its beginning, is held against the allergies like it.
func TestWhatIsInNoListOfTestsSaysSo(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.do(penicillin)
	for _, tt := range []struct {
		text, level, words string
		confirm            bool
	}{
		{"Thrombophilia screen", ward.WarnUnchecked, "Not in the list of tests: not checked against results, pending samples or allergies", false},
		{"amoxi", ward.WarnStop, "amoxicillin", true},
		{"amoxi", ward.WarnUnchecked, "Amoxicillin is a medicine: choose Medicines", true},
		{"Augmentin", ward.WarnStop, "amoxicillin", true},
		{"paracetamol", ward.WarnUnchecked, "Paracetamol is a medicine: choose Medicines", false},
		{"amo", ward.WarnUnchecked, "Not in the list of tests", false},
		{"CT with contrast", ward.WarnUnchecked, "not checked against results or pending samples", false},
	} {
		c := r.check(ward.OrderItem{Kind: ward.OrderTest, Name: tt.text})[0]
		found := false
		for _, w := range c.Warnings {
			found = found || w.Level == tt.level && strings.Contains(w.Words, tt.words)
		}
		if !found || c.Confirm != tt.confirm || c.Reason != tt.confirm {
			t.Errorf("%q: no %q %q in %s", tt.text, tt.level, tt.words, show(c))
		}
	}
	if c := r.check(ue)[0]; len(c.Warnings) != 0 {
		t.Errorf("a test of the list: %s", show(c))
	}
	r.do(ward.SignOrders{Patient: folake, Items: []ward.OrderItem{{Kind: ward.OrderTest, Name: "Thrombophilia screen"}}}) // said, not asked
}

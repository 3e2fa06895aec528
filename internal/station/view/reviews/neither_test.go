package reviews_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
)

// Neither is a decision like the others: chosen, then signed, and never without
// a word why. What is right instead is written next.
func TestNeitherNeedsAReasonAndLeadsToANewEntry(t *testing.T) {
	m, d, until := start(t, review("r1", 7))
	var next []ward.PatientID
	m.OnNeither = func(r ward.Review) { next = append(next, r.ID) }
	m.Neither()
	if s := m.State(); s.Chosen != ward.Neither || !strings.Contains(s.Confirm, "the record says “anaphylaxis” until you write a new entry") {
		t.Fatalf("chosen %q, said %q", s.Chosen, s.Confirm)
	}
	m.Sign("  ")
	if len(d.done) != 0 || m.State().Error != "Say why neither is right." {
		t.Fatalf("decided without a reason: %v, said %q", d.done, m.State().Error)
	}
	m.Sign("an intolerance, not an allergy")
	until(func() bool { return !m.State().Busy })
	if len(d.done) != 1 || d.done[0] != (ward.Decide{Review: "r1", Version: 7, Side: ward.Neither, Reason: "an intolerance, not an allergy"}) {
		t.Errorf("decided %+v", d.done)
	}
	if len(next) != 1 || next[0] != "r1" {
		t.Errorf("the new entry is written for %v", next)
	}
}

// Where all sides may stand beside one another, neither is no answer.
func TestNeitherIsNotChosenWhereItIsNoAnswer(t *testing.T) {
	r := review("r1", 1)
	r.Neither = false
	m, _, _ := start(t, r)
	m.Neither()
	if m.State().Chosen != "" {
		t.Errorf("chose %q", m.State().Chosen)
	}
}

// Asking decides nothing and takes nothing back: the review stays open, and who
// was asked is there for everybody to read.
func TestAskingKeepsTheReviewOpen(t *testing.T) {
	m, d, until := start(t, review("r1", 7))
	if got := strings.Join(m.State().Whom, "|"); !strings.HasPrefix(got, "Tom Blake|Dr Ines Amara|Pharmacist") {
		t.Errorf("offered: %s", got)
	}
	m.StartAsk()
	m.Ask(" ", "true allergy?")
	if len(d.done) != 0 || m.State().Error != "Say whom you ask." || !m.State().Asking {
		t.Fatalf("asked nobody: %v, %q", d.done, m.State().Error)
	}
	m.Ask("Pharmacist", "true allergy?")
	until(func() bool { return !m.State().Busy })
	if len(d.done) != 1 || d.done[0] != (ward.Ask{Review: "r1", To: "Pharmacist", Words: "true allergy?"}) || m.State().Asking {
		t.Fatalf("%+v, asking %v", d.done, m.State().Asking)
	}
	m.Choose("a")
	d.set(func() {
		d.list[0].Asked = []ward.Asked{{To: "Pharmacist", Words: "true allergy?", By: "Grace Mensah, nurse", At: now.Add(-time.Minute), Unsent: true}}
	})
	until(func() bool { return len(m.State().Asked) == 1 })
	if got := m.State().Asked[0]; got != "Grace Mensah, nurse asked Pharmacist at 04:19: “true allergy?” (unsent)" {
		t.Error(got)
	}
	if m.State().Chosen != "a" || m.State().Error != "" {
		t.Error("that somebody was asked took a choice back")
	}
}

package handover_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/handover"
)

// again is the page as it is after a lock: another model over the same station.
func again(t *testing.T, d *desk) (*handover.Model, func(func() bool)) {
	t.Helper()
	m, q := over(t, d)
	return m, func(ok func() bool) {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
			if q.Drain(); time.Now().After(end) {
				t.Fatal("it did not happen")
			}
		}
	}
}

func keptOf(d *desk) int {
	all, _ := d.Drafts(context.Background())
	return len(all)
}

// Grace is called away in the middle of a summary, and her screen locks. Meanwhile Tom
// writes another one. Her text is there when she comes back, says so, and replaces only
// what she had before her.
func TestASheetThatWasBegunIsThereAfterALock(t *testing.T) {
	m, d, _ := start(t, ward.Handover{Sheets: sheets(), AsOf: now})
	d.Now = func() time.Time { return at("19:30") }
	m.WriteOpen()
	m.Type(handover.FieldSummary, "Pneumonia, day 3. Oxygen down to 2 L.")
	m.Say(ward.Watcher)
	m.Flush() // as the lock does

	m, until := again(t, d)
	m.WriteOpen()
	until(func() bool { return m.State().Form.Kept != "" })
	f := m.State().Form
	if f.Text[handover.FieldSummary] != "Pneumonia, day 3. Oxygen down to 2 L." || f.Severity != ward.Watcher || f.Kept != "Draft kept 19:30" {
		t.Fatalf("came back as %+v", f)
	}

	d.mu.Lock()
	d.read.Sheets[0].Summary = append(slices.Clone(d.read.Sheets[0].Summary), ward.Wording{ID: "w3", Text: "Seen by the physician.", By: "Tom Blake, nurse", At: at("19:33")})
	d.mu.Unlock()
	m, until = again(t, d)
	m.WriteOpen()
	until(func() bool { return m.State().Form.Kept != "" })
	if f := m.State().Form; !strings.Contains(f.Kept, "Somebody has written here since") {
		t.Errorf("says %q", f.Kept)
	}
	m.Save()
	until(func() bool { return m.State().Form == nil })
	cmds := d.commands()
	if len(cmds) != 2 || !slices.Equal(cmds[1].(ward.WriteHandover).Replaces, []fhir.ID{"w1", "w2"}) {
		t.Errorf("saved %+v", cmds)
	}
	until(func() bool { return keptOf(d) == 0 })
}

// What was changed of a call is kept over what the record fills in; leaving the form
// forgets it.
func TestACallThatWasBegunIsThereAgain(t *testing.T) {
	m, d, until := start(t, ward.Handover{Sheets: sheets(), AsOf: now})
	close(d.hold)
	m.CallOpen()
	until(func() bool { return !m.State().Form.Reading })
	if keptOf(d) != 0 {
		t.Error("a form in which nobody typed is kept")
	}
	m.Type(handover.FieldAssessment, "Worse: pulse 128/min")
	m.Flush()

	m, until = again(t, d)
	m.CallOpen()
	until(func() bool { return m.State().Form.Kept != "" && !m.State().Form.Reading })
	if f := m.State().Form; f.Text[handover.FieldAssessment] != "Worse: pulse 128/min" || f.Text[handover.FieldSituation] != "about p07" {
		t.Errorf("came back as %q", f.Text)
	}
	m.Leave()
	until(func() bool { return keptOf(d) == 0 })
}

// Another patient's sheet never shows it.
func TestAHandoversDraftStaysWithItsPatient(t *testing.T) {
	m, d, _ := start(t, ward.Handover{Sheets: sheets(), AsOf: now})
	m.WriteOpen()
	m.Type(handover.FieldSummary, "About Folake")
	m.Flush()

	m, until := again(t, d)
	m.Select("p11")
	m.WriteOpen()
	time.Sleep(20 * time.Millisecond)
	until(func() bool { return m.State().Form.Text[handover.FieldSummary] == "" })
}

// slow answers about drafts late, with what they were when it was asked.
type slow struct {
	*desk
	answer chan struct{}
}

func (d slow) Drafts(ctx context.Context) ([]ward.Draft, error) {
	all, err := d.desk.Drafts(ctx)
	<-d.answer
	return all, err
}

// What is typed before the draft has come is newer than the draft.
func TestADraftThatComesLateChangesNothingThatWasTyped(t *testing.T) {
	m, d, _ := start(t, ward.Handover{Sheets: sheets(), AsOf: now})
	m.WriteOpen()
	m.Type(handover.FieldSummary, "Kept before")
	m.Flush()

	late := slow{d, make(chan struct{})}
	m, q := over(t, late)
	m.WriteOpen()
	time.Sleep(20 * time.Millisecond) // it has been asked for
	m.Type(handover.FieldSummary, "Typed now")
	close(late.answer)
	for end := time.Now().Add(10 * time.Second); q.Drain() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the draft never came")
		}
	}
	if got := m.State().Form.Text[handover.FieldSummary]; got != "Typed now" {
		t.Errorf("the form holds %q", got)
	}
}

// The draft of one patient comes when the form is another's already.
func TestADraftThatComesLateIsNotPutIntoAnotherPatientsForm(t *testing.T) {
	m, d, _ := start(t, ward.Handover{Sheets: sheets(), AsOf: now})
	m.WriteOpen()
	m.Type(handover.FieldSummary, "About Folake")
	m.Flush()

	late := slow{d, make(chan struct{})}
	m, q := over(t, late)
	m.WriteOpen()
	m.Select("p11")
	m.WriteOpen()
	close(late.answer)
	for end := time.Now().Add(10 * time.Second); q.Drain() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the draft never came")
		}
	}
	if f := m.State().Form; f.Who.ID != "p11" || f.Text[handover.FieldSummary] != "" {
		t.Errorf("the form of %s holds %q", f.Who.ID, f.Text)
	}
}

// over is a page over a station that has read its sheets.
func over(t *testing.T, d handover.Desk) (*handover.Model, *base.Queue) {
	t.Helper()
	q := &base.Queue{}
	m := handover.New(d, q, func() time.Time { return now }, grace, func(handover.State) {})
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	m.Follow(ctx)
	for end := time.Now().Add(10 * time.Second); !m.State().Loaded; time.Sleep(time.Millisecond) {
		if q.Drain(); time.Now().After(end) {
			t.Fatal("the sheets never came")
		}
	}
	return m, q
}

package phoned

import (
	"context"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
)

func (r *rig) until(ok func() bool) {
	r.t.Helper()
	for end := time.After(10 * time.Second); !ok(); {
		select {
		case fn := <-r.queue:
			fn()
		case <-time.After(time.Millisecond):
		case <-end:
			r.t.Fatal("it did not happen")
		}
	}
}

func (r *rig) kept() int {
	all, _ := r.desk.Drafts(context.Background())
	return len(all)
}

// The search opens over a half-filled form, or the screen locks: what the laboratory
// said is there when the form is opened again, with the time of that call, and has to be
// read back all the same. Somebody else's form shows none of it.
func TestAPhonedResultThatWasBegunIsThereAgain(t *testing.T) {
	r := newRig(t)
	r.desk.Now = func() time.Time { return now }
	r.begin()
	e := full()
	e.Test, e.Called = "Potassium", ""
	r.Type(e)
	r.Close()
	r.Flush()

	later := now.Add(40 * time.Minute)
	r.now = func() time.Time { return later }
	r.Begin(ward.Identity{ID: "p2", Family: "Rahman"})
	time.Sleep(20 * time.Millisecond)
	r.until(func() bool { return len(r.State().Found) > 0 })
	if r.State().Kept != nil {
		t.Fatalf("another patient's form holds %+v", r.State().Kept)
	}
	r.Begin(ada)
	r.until(func() bool { return r.State().Kept != nil && r.State().Test.Name == "Potassium" })
	s := r.State()
	if s.Kept.Value != "6.8" || s.Kept.Caller != "J. Okoro" || s.Kept.ReadBack || !s.Default.Equal(now) {
		t.Errorf("came back as %+v, called %v", s.Kept, s.Default)
	}
	if s.Note != "Draft kept 10:30. Without another time the call counts as of 10:30." {
		t.Errorf("says %q", s.Note)
	}
	r.Save(s.Kept.Entry)
	r.until(func() bool { return !r.State().Open && r.kept() == 0 })
	if c := r.desk.did[0]; !c.Called.Equal(now) || c.ReadBack {
		t.Errorf("saved %+v", c)
	}
}

func TestWhoLeavesAPhonedResultForgetsIt(t *testing.T) {
	r := newRig(t)
	r.begin()
	r.Type(full())
	r.Flush()
	r.Leave()
	r.until(func() bool { return r.kept() == 0 })
}

// slow answers about drafts when it is let.
type slow struct {
	*desk
	answer chan struct{}
}

func (d slow) Drafts(ctx context.Context) ([]ward.Draft, error) {
	all, err := d.desk.Drafts(ctx)
	<-d.answer
	return all, err
}

// What comes late of one patient is never put into the form of another.
func TestAPhonedDraftThatComesLateIsOfNoOtherPatient(t *testing.T) {
	r := newRig(t)
	r.begin()
	r.Type(full())
	r.Close()
	r.Flush()
	late := slow{r.desk, make(chan struct{})}
	r.Model.desk = late
	r.Begin(ada)
	r.Close()
	r.Begin(ward.Identity{ID: "p2", Family: "Rahman"})
	close(late.answer)
	for end := time.After(10 * time.Second); len(r.State().Found) == 0; { // of the second form
		select {
		case fn := <-r.queue:
			fn()
		case <-end:
			t.Fatal("nothing came")
		}
	}
	for range 3 { // the draft, and what the first form asked for
		select {
		case fn := <-r.queue:
			fn()
		case <-time.After(100 * time.Millisecond):
		}
	}
	if r.State().Kept != nil || r.State().Who.ID != "p2" {
		t.Errorf("the form of %s holds %+v", r.State().Who.ID, r.State().Kept)
	}
}

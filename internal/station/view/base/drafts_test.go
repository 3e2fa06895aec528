package base

import (
	"context"
	"errors"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
)

type form struct{ Text string }

// keeping is a desk that keeps drafts, unless it refuses.
type keeping struct {
	Drawer
	refuse error
}

func (k *keeping) Do(_ context.Context, cmd ward.Command) (ward.Done, error) {
	if k.refuse == nil {
		k.Keep(cmd)
	}
	return ward.Done{}, k.refuse
}

func TestADraftIsFoundByItsPatientAndItsForm(t *testing.T) {
	desk := &keeping{}
	d := NewDrafts(desk)
	PutForm(d, "folake", "task", form{"Ring the daughter"})
	PutForm(d, "folake", "problem", form{"Gout"})
	PutForm(d, "zofia", "task", form{"Weigh"})
	d.Put("folake", "note", "no form at all")
	d.Flush()
	all, err := desk.Drafts(context.Background())
	if err != nil || len(all) != 4 {
		t.Fatalf("kept %+v, %v", all, err)
	}
	for _, c := range []struct {
		patient ward.PatientID
		kind    string
		want    string
		ok      bool
	}{
		{"folake", "task", "Ring the daughter", true},
		{"zofia", "task", "Weigh", true},
		{"zofia", "problem", "", false},
		{"folake", "note", "", false},
		{"bilal", "task", "", false},
	} {
		if got, _, ok := KeptForm[form](all, c.patient, c.kind); got.Text != c.want || ok != c.ok {
			t.Errorf("the %s of %s is %q, %v", c.kind, c.patient, got.Text, ok)
		}
	}
	PutForm(d, "folake", "task", form{})
	d.Flush()
	if all, _ = desk.Drafts(context.Background()); len(all) != 3 {
		t.Errorf("an empty form is kept: %+v", all)
	}
}

func TestADraftThatCouldNotBeWrittenIsTriedAgain(t *testing.T) {
	desk := &keeping{refuse: errors.New("the disk is full")}
	d := NewDrafts(desk)
	PutForm(d, "folake", "task", form{"first"})
	d.Flush()
	desk.refuse = nil
	d.Flush()
	all, _ := desk.Drafts(context.Background())
	if got, _, _ := KeptForm[form](all, "folake", "task"); got.Text != "first" {
		t.Errorf("kept %+v", all)
	}
}

// slowly answers about drafts when it is let.
type slowly struct {
	*keeping
	answer chan struct{}
}

func (s slowly) Drafts(ctx context.Context) ([]ward.Draft, error) {
	all, err := s.keeping.Drafts(ctx)
	<-s.answer
	return all, err
}

func TestARecallAnswersOnTheDisplay(t *testing.T) {
	var q Queue
	desk := slowly{&keeping{}, make(chan struct{})}
	d := NewDrafts(desk)
	PutForm(d, "folake", "task", form{"Ring the daughter"})
	got := ""
	Recall(&q, desk, d, "folake", "task", func(f form, _ time.Time, err error) { got = f.Text })
	if close(desk.answer); got != "" {
		t.Error("it was answered beside the display")
	}
	for end := time.Now().Add(10 * time.Second); q.Drain() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nothing came")
		}
	}
	if got != "Ring the daughter" {
		t.Errorf("recalled %q", got)
	}
}

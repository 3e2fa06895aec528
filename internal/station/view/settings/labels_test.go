package settings_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/settings"
)

type papers struct {
	paper string
	fail  error
}

func (p *papers) LabelPaper() string { return p.paper }

func (p *papers) KeepLabelPaper(to string) error {
	p.paper = to
	return p.fail
}

// The paper for labels is chosen and shown; what could not be kept is said.
func TestThePaperForLabelsIsChosen(t *testing.T) {
	k := &papers{paper: ward.LabelSmall}
	var q base.Queue
	var shown settings.LabelState
	m := settings.NewLabels(k, &q, func(s settings.LabelState) { shown = s })
	choose := func(i int) {
		m.Choose(i)
		for end := time.Now().Add(10 * time.Second); q.Drain() == 0 && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
	}
	choose(2)
	if shown.Paper != 2 || k.paper != ward.LabelSheet || shown.Error != "" {
		t.Errorf("%+v %s", shown, k.paper)
	}
	k.fail = errors.New("the disk is full")
	choose(1)
	if shown.Paper != 1 || !strings.Contains(shown.Error, "until the program ends") {
		t.Errorf("%+v", shown)
	}
	m.Choose(7)
	for _, c := range settings.Papers() {
		if c.Label == "" {
			t.Errorf("%s has no words", c.Paper)
		}
	}
}

// Of two quick choices the later one stays, however long the disk takes for the first.
func TestTheLaterOfTwoPapersStays(t *testing.T) {
	var q base.Queue
	k := &slowPapers{first: make(chan struct{}), kept: make(chan string, 2)}
	m := settings.NewLabels(k, &q, func(settings.LabelState) {})
	m.Choose(1)
	m.Choose(2)
	time.Sleep(20 * time.Millisecond) // the second could overtake it
	close(k.first)
	if a, b := <-k.kept, <-k.kept; a != settings.Papers()[1].Paper || b != settings.Papers()[2].Paper {
		t.Errorf("%q was kept, and %q after it", a, b)
	}
}

// slowPapers takes its time for the paper that is chosen first.
type slowPapers struct {
	first chan struct{}
	kept  chan string
}

func (p *slowPapers) LabelPaper() string { return "" }

func (p *slowPapers) KeepLabelPaper(to string) error {
	if to == settings.Papers()[1].Paper {
		<-p.first
	}
	p.kept <- to
	return nil
}

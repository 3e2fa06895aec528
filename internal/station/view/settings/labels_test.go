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

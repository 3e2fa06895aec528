package settings_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/settings"
)

type keeper struct {
	mu    sync.Mutex
	looks map[string]ward.Look
	fail  error
}

func (k *keeper) Look(user string) (ward.Look, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	l, ok := k.looks[user]
	return l, ok
}

func (k *keeper) KeepLook(user string, l *ward.Look) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fail != nil {
		return k.fail
	}
	if l == nil {
		delete(k.looks, user)
	} else {
		k.looks[user] = *l
	}
	return nil
}

type rig struct {
	*settings.Model
	k     *keeper
	q     base.Queue
	seen  []ward.Look
	shown settings.State
}

func newRig(user string, k *keeper) *rig {
	r := &rig{k: k}
	r.Model = settings.New(k, &r.q, ward.Person{User: user, Name: "Grace Mensah, nurse"}, ward.Look{Theme: ward.ThemeLight, Scale: 110},
		func(l ward.Look) { r.seen = append(r.seen, l) }, func(s settings.State) { r.shown = s })
	r.Begin()
	return r
}

func (r *rig) settle() { r.q.Settle(20, time.Millisecond) }

// Two people share a computer. Each sees their own look, and one who has chosen
// nothing sees the computer's.
func TestEachSeesTheirOwn(t *testing.T) {
	k := &keeper{looks: map[string]ward.Look{}}
	grace := newRig("g.mensah", k)
	if grace.Look().Scale != 110 || grace.shown.Mine {
		t.Fatalf("at first: %+v", grace.Look())
	}
	grace.SetTheme(2)
	grace.Step(3)
	grace.settle()
	if got := grace.seen[len(grace.seen)-1]; got.Theme != ward.ThemeHighContrast || got.Scale != 140 || !grace.shown.Mine {
		t.Fatalf("it does not hold at once: %+v", got)
	}
	if tom := newRig("t.blake", k); tom.Look().Theme != ward.ThemeLight || tom.Look().Scale != 110 {
		t.Errorf("hers is his, too: %+v", tom.Look())
	}
	if again := newRig("g.mensah", k); again.Look().Scale != 140 {
		t.Errorf("hers is gone: %+v", again.Look())
	}
	grace.ForEverybody()
	grace.settle()
	if tom := newRig("t.blake", k); tom.Look().Theme != ward.ThemeHighContrast {
		t.Errorf("the computer's was not kept: %+v", tom.Look())
	}
	grace.SetTheme(0)
	grace.Forget()
	grace.settle()
	if grace.Look().Theme != ward.ThemeHighContrast || grace.shown.Mine {
		t.Errorf("she did not go back to the computer's: %+v", grace.Look())
	}
	if _, ok := k.looks["g.mensah"]; ok {
		t.Error("what she forgot is kept")
	}
}

func TestTheScaleHasBounds(t *testing.T) {
	r := newRig("g.mensah", &keeper{looks: map[string]ward.Look{}})
	r.SetScale(500)
	if r.shown.Scale != "200 %" || r.shown.Larger || !r.shown.Smaller {
		t.Errorf("%+v", r.shown)
	}
	r.SetScale(0)
	if r.shown.Scale != "80 %" || !r.shown.Larger || r.shown.Smaller {
		t.Errorf("%+v", r.shown)
	}
}

// The disk is full: the choice holds all the same, and the person is told.
func TestWhatCannotBeKeptHoldsUntilTheyLeave(t *testing.T) {
	r := newRig("g.mensah", &keeper{looks: map[string]ward.Look{}, fail: errors.New("the disk is full")})
	r.SetStill(true)
	r.settle()
	if !r.Look().Still || r.shown.Error == "" {
		t.Errorf("%+v", r.shown)
	}
}

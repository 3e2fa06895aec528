package alerts_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/alerts"
)

// A second critical comes in while the first one's card is open. Esc sets aside
// what the person looks at; what they have never seen opens next.
func TestSettingAsideLeavesWhatNobodyHasSeen(t *testing.T) {
	r := newRig(t, potassium("k1", "13:58"))
	r.read()
	r.pass(3 * time.Second)
	r.d.alerts = append(r.d.alerts, potassium("k2", "14:05"))
	r.read()
	if c := r.m.State().Card; c == nil || c.Key.Result != "k1" || c.Place != "1 of 2" {
		t.Fatalf("the second alert changed what is in front: %+v", c)
	}
	r.m.SetAside(r.m.State().Card.Key, true)
	c := r.m.State().Card
	if c == nil || c.Key.Result != "k2" || c.Place != "" {
		t.Fatalf("an alert that nobody has seen was set aside: %+v", c)
	}
	if r.m.SetAside(c.Key, true); r.m.State().Card == nil {
		t.Fatal("the key that set the first aside set the next aside, too")
	}
	r.pass(time.Second)
	r.m.SetAside(c.Key, true)
	if s := r.m.State(); s.Card != nil || s.Band == nil || s.Band.Count != 2 {
		t.Errorf("card %+v, band %+v", s.Card, s.Band)
	}
}

// Where the person has turned through all cards, one key sets them aside.
func TestWhatWasLookedAtIsSetAsideTogether(t *testing.T) {
	r := newRig(t, potassium("k1", "13:57"), potassium("k2", "13:58"), potassium("k3", "13:59"))
	r.read()
	for range 2 {
		r.pass(time.Second)
		r.m.Next()
	}
	r.pass(time.Second)
	r.m.SetAside(r.m.State().Card.Key, true)
	if s := r.m.State(); s.Card != nil || s.Band == nil || s.Band.Count != 3 {
		t.Fatalf("card %+v", s.Card)
	}
	// F4 brings them back, and one key folds them again.
	r.m.Show(r.m.State().Band.Key)
	if c := r.m.State().Card; c == nil || c.Place != "1 of 3" {
		t.Fatalf("%+v", c)
	}
	r.pass(time.Second)
	if r.m.SetAside(r.m.State().Card.Key, true); r.m.State().Card != nil {
		t.Error("what was seen before opened again")
	}
}

// A button of a card that is no longer in front sets nothing aside.
func TestOnlyTheDrawnAlertIsSetAside(t *testing.T) {
	r := newRig(t, potassium("k1", "13:58"), potassium("k2", "13:59"))
	r.read()
	k := r.m.State().Card.Key
	r.pass(3 * time.Second)
	r.d.alerts = r.d.alerts[1:] // somebody else takes the first
	r.read()
	r.m.SetAside(k, false)
	if c := r.m.State().Card; c == nil || c.Key.Result != "k2" {
		t.Errorf("%+v", c)
	}
}

// Somebody types while others lie set aside: the band tells of the new one, says
// that it is new, and opens it.
func TestTheBandTellsOfTheNewOne(t *testing.T) {
	r := newRig(t, potassium("k1", "13:58"))
	r.read()
	r.pass(3 * time.Second)
	r.m.SetAside(r.m.State().Card.Key, true)
	r.typing, r.key = true, r.now
	r.d.alerts = append(r.d.alerts, potassium("k2", "14:05"))
	r.read()
	b := r.m.State().Band
	if b == nil || b.Key.Result != "k2" || b.Count != 2 || b.More != "new; 1 more set aside" {
		t.Fatalf("%+v", b)
	}
	r.m.Show(b.Key)
	if c := r.m.State().Card; c == nil || c.Key.Result != "k2" {
		t.Errorf("another card opened than the band told of: %+v", c)
	}
}

// F5 was on its way to something else when a card came up: it takes nobody's
// result, and neither does the one after it, pressed because nothing happened.
func TestAKeyOnItsWayTakesNobodysResult(t *testing.T) {
	r := newRig(t, potassium("k1", "13:58"))
	r.read()
	for _, wait := range []time.Duration{1100 * time.Millisecond, 1500 * time.Millisecond} {
		r.pass(wait)
		r.m.Take(r.m.State().Card.Key, "taken", "", "")
		r.read()
		if r.d.count(taken) != 0 {
			t.Fatal("a key that was on its way took the result")
		}
		if r.m.State().Card.Hint == "" {
			t.Error("nothing says why nothing happened")
		}
	}
	r.pass(2 * time.Second)
	if r.m.State().Card.Hint != "" {
		t.Error("the hint stays")
	}
	r.m.Take(r.m.State().Card.Key, "taken", "", "")
	r.read()
	if r.d.count(taken) != 1 {
		t.Error("a person who has looked cannot take it")
	}
}

// The same for the pointer: a click that was meant for what lay there before.
func TestAClickOnItsWayTakesNobodysResult(t *testing.T) {
	r := newRig(t, potassium("k1", "13:58"))
	r.read()
	r.pass(1500 * time.Millisecond)
	r.m.Take(r.m.State().Card.Key, "taken", "", "")
	r.read()
	if r.d.count(taken) != 0 {
		t.Fatal("a click that was on its way took the result")
	}
}

// A slow screen: the card is not painted yet, however long ago it was decided on.
func TestWhatIsNotPaintedCannotBeTaken(t *testing.T) {
	r := newRig(t, potassium("k1", "13:58"))
	r.slow = true
	r.read()
	k := r.m.State().Card.Key
	r.pass(time.Minute)
	r.m.Take(k, "taken", "", "")
	r.m.Take(k, "taken", "", "")
	r.m.SetAside(k, true)
	r.read()
	if r.d.count(taken) != 0 || r.m.State().Card == nil {
		t.Fatal("a key counted for a card that nobody can see")
	}
	r.m.Drawn(k)
	r.pass(2 * time.Second)
	r.m.Take(k, "taken", "", "")
	r.read()
	if r.d.count(taken) != 1 {
		t.Error("it cannot be taken after it was painted")
	}
}

// The card goes because a colleague took it; F5 that was meant for it must not
// take the line that is chosen on the page below.
func TestAKeyForACardThatWentTakesNothingBelow(t *testing.T) {
	r := newRig(t, potassium("k1", "13:58"), potassium("k2", "13:59"))
	r.read()
	r.pass(3 * time.Second)
	second := r.m.State().Open[1]
	r.m.SetAside(r.m.State().Card.Key, true)
	r.pass(3 * time.Second)
	r.m.SetAside(r.m.State().Card.Key, true)
	r.d.alerts = append(r.d.alerts, potassium("k3", "14:05"))
	r.read()
	r.pass(3 * time.Second)
	r.d.alerts = r.d.alerts[:2] // a colleague takes it
	r.read()
	if r.m.State().Card != nil || !r.m.JustChanged() {
		t.Fatal("the card is still there, or nothing says that it went by itself")
	}
	key := ward.ShownResult{Patient: second.Who.ID, Result: second.Result.ID, Version: second.Result.Version}
	r.m.TakeListed(keyOf(key))
	r.read()
	if r.d.count(taken) != 0 {
		t.Fatal("the key took another patient's result")
	}
	r.pass(2 * time.Second)
	r.m.TakeListed(keyOf(key))
	r.read()
	if r.d.count(taken) != 1 {
		t.Error("the line cannot be taken after that")
	}
}

// An action that is recorded by one press keeps just the words of its button, is
// guarded like taking, and is taken back by its own withdrawal.
func TestAnActionInOnePressIsGuardedAndUndone(t *testing.T) {
	a := potassium("k1", "13:58")
	a.Who.Consultant = "Dr H. Osei"
	r := newRig(t, a)
	r.read()
	k := r.m.State().Card.Key
	if got := strings.Join(alerts.Likely(a), "|"); got != "Repeat sent|Treated|Told Dr H. Osei" {
		t.Errorf("offered: %s", got)
	}
	r.pass(1500 * time.Millisecond)
	r.m.Record(k, "Treated")
	r.read()
	if r.d.count(taken) != 0 || r.m.State().Card.Hint == "" {
		t.Fatal("a press that was on its way recorded an action")
	}
	r.pass(2 * time.Second)
	r.m.Record(k, "Treated")
	r.read()
	if c, _ := r.d.did[len(r.d.did)-1].(ward.Take); c.Kind != "acting" || c.Words != "Treated" {
		t.Fatalf("%+v", r.d.did)
	}
	if u := r.m.State().Undo; u == nil || u.Words != "Recorded for potassium, bed 07: Treated" {
		t.Fatalf("%+v", u)
	}
	r.m.UndoTake()
	r.read()
	if c, is := r.d.did[len(r.d.did)-1].(ward.Withdraw); !is || c.Task != "t1" {
		t.Errorf("%+v", r.d.did)
	}
}

package settings_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/settings"
)

// accounts knows one PIN, and one second factor where code is set.
type accounts struct {
	pin, code string
	ended     []string
	others    bool
	open      []ward.OpenSession
	broken    error // whatever is asked
}

func (a *accounts) proven(pin, code string) error {
	switch {
	case a.broken != nil:
		return a.broken
	case pin != a.pin:
		return &ward.Mistyped{Err: fault.New(fault.Unknown, "test", "", "name or PIN is not right")}
	case code != a.code:
		return fault.As(fault.Denied, "test", "", ward.ErrCodeNeeded)
	}
	return nil
}

func (a *accounts) ChangePIN(_ context.Context, old, pin, code string, endOthers bool) error {
	if err := a.proven(old, code); err != nil {
		return err
	}
	a.pin, a.others = pin, endOthers
	return nil
}

func (a *accounts) Sessions(context.Context) ([]ward.OpenSession, error) { return a.open, nil }

func (a *accounts) EndSessions(_ context.Context, which, pin, code string) ([]ward.OpenSession, error) {
	if err := a.proven(pin, code); err != nil {
		return nil, err
	}
	a.ended = append(a.ended, which)
	a.open = a.open[:1]
	return a.open, nil
}

type accountRig struct {
	*settings.Account
	q     base.Queue
	shown settings.AccountState
}

func newAccount(a *accounts) *accountRig {
	r := &accountRig{}
	noon := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	r.Account = settings.NewAccount(a, &r.q, func() time.Time { return noon }, func(s settings.AccountState) { r.shown = s })
	a.open = []ward.OpenSession{
		{Station: "here", Place: "4B-01", Since: noon.Add(-time.Hour), Seen: noon, How: "pin", Here: true, Connected: true},
		{Station: "there", Place: "4B-02", Since: noon.Add(-3 * time.Hour), Seen: noon.Add(-2 * time.Hour), How: "offline", Locked: true},
	}
	return r
}

// answered waits for an answer.
func (r *accountRig) answered() {
	for end := time.Now().Add(20 * time.Second); r.q.Drain() == 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}

// The PIN is changed by the old one and twice the new one; what is refused is said, and
// keeps what was typed.
func TestThePINIsChangedByItsOwner(t *testing.T) {
	a := &accounts{pin: "481526"}
	r := newAccount(a)
	gone := 0
	var again []settings.Field
	change := func(old, pin, twice string) {
		r.ChangePIN(old, pin, twice, "", true, func() { gone++ }, func(f settings.Field) {
			if r.shown.Busy || r.shown.PINError == "" {
				t.Errorf("%v is asked for anew before it is said why: %+v", f, r.shown)
			}
			again = append(again, f)
		})
		if r.State().Busy {
			r.answered()
		}
	}
	change("481526", "730194", "730149")
	if a.pin != "481526" || !strings.Contains(r.shown.PINError, "not the same") {
		t.Errorf("two that differ: %+v", r.shown)
	}
	change("", "730194", "730194")
	if a.pin != "481526" || r.shown.PINError == "" {
		t.Errorf("without the old one: %+v", r.shown)
	}
	change("000000", "730194", "730194")
	if a.pin != "481526" || !strings.Contains(r.shown.PINError, "not right") || gone != 0 {
		t.Errorf("by a wrong one: %+v", r.shown)
	}
	change("481526", "", "")
	a.broken = fault.New(fault.Unavailable, "test", "", "the server cannot be reached")
	change("481526", "730194", "730194")
	a.broken = &ward.Mistyped{New: true, Err: fault.New(fault.Invalid, "test", "", "This PIN is guessed first.")}
	change("481526", "1234", "1234")
	a.broken, a.code = nil, "314159"
	change("481526", "730194", "730194")
	a.code = ""
	if want := []settings.Field{settings.NewPIN, settings.OldPIN, settings.OldPIN, settings.NewPIN, settings.NewPIN, settings.Code}; !slices.Equal(again, want) {
		t.Errorf("asked for anew: %v, want %v", again, want)
	}
	again = nil
	r.ChangePIN("481526", "730194", "730194", "", true, func() { gone++ }, func(settings.Field) {})
	r.ChangePIN("481526", "999999", "888888", "", true, func() { gone++ }, func(settings.Field) { t.Error("a press while an answer is awaited is answered") })
	r.answered()
	if len(again) != 0 || a.pin != "730194" || !a.others || r.shown.PINError != "" || !strings.Contains(r.shown.PINDone, "other computers end") || gone != 1 || r.shown.Busy {
		t.Errorf("%+v, gone %d", r.shown, gone)
	}
	if change("000000", "730195", "730195"); r.shown.PINDone != "" || r.shown.PINError == "" {
		t.Errorf("after the next one: %+v", r.shown)
	}
}

// Sessions are worded so that one is known again, and ended by the PIN; a second factor is
// asked for where the account has one.
func TestSessionsAreShownAndEnded(t *testing.T) {
	a := &accounts{pin: "481526", code: "314159"}
	r := newAccount(a)
	r.Load()
	r.answered()
	if !r.shown.Read || len(r.shown.Lines) != 2 {
		t.Fatalf("%+v", r.shown)
	}
	if l := r.shown.Lines[1]; l.Head != "4B-02" || !strings.Contains(l.Words, "network out") || !strings.Contains(l.Words, "locked") || !strings.Contains(l.Words, "off the network, last heard of") {
		t.Errorf("%+v", l)
	}
	if l := r.shown.Lines[0]; !l.Here || !strings.Contains(l.Words, "this computer") || strings.Contains(l.Words, "off the network") {
		t.Errorf("%+v", l)
	}
	var again []settings.Field
	retype := func(f settings.Field) { again = append(again, f) }
	r.End("there", "", "", func() { t.Error("done without a PIN") }, retype)
	if r.shown.Busy || r.shown.SessionsError == "" {
		t.Errorf("%+v", r.shown)
	}
	r.End("there", "000000", "", func() { t.Error("done by a wrong PIN") }, retype)
	r.answered()
	r.End("there", "481526", "", func() { t.Error("done without the code") }, retype)
	r.answered()
	if !r.shown.Code || len(a.ended) != 0 || len(r.shown.Lines) != 2 {
		t.Errorf("%+v", r.shown)
	}
	done := false
	r.End("there", "481526", "314159", func() { done = true }, retype)
	r.answered()
	if want := []settings.Field{settings.MyPIN, settings.MyPIN, settings.MyCode}; !slices.Equal(again, want) {
		t.Errorf("asked for anew: %v, want %v", again, want)
	}
	if !done || r.shown.Code || len(a.ended) != 1 || len(r.shown.Lines) != 1 || r.shown.SessionsDone == "" {
		t.Errorf("%+v, %v", r.shown, a.ended)
	}
}

package e2e_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/internal/demo"
	"wardlight/internal/trust/audit"
)

// seated is who is signed in at a computer, and whether it shows anything.
func (s *station) seated() (user string, shows bool) {
	s.w.t.Helper()
	var r struct {
		SignedIn bool
		Person   *struct{ User string }
	}
	check(s.w.t, s.call("status", nil, &r))
	if r.Person == nil {
		return "", false
	}
	return r.Person.User, r.SignedIn
}

func (s *station) isEmpty(why string) {
	s.w.t.Helper()
	began := time.Now()
	s.w.within(why, 30*time.Second, func() error {
		if user, _ := s.seated(); user != "" {
			return fmt.Errorf("%s is still signed in", user)
		}
		return nil
	})
	s.w.t.Logf("%s after %v", why, time.Since(began).Round(100*time.Millisecond))
}

// isCut waits until a computer has noticed that the network is out.
func (s *station) isCut() {
	s.w.t.Helper()
	s.w.await("the network of "+s.Name+" is out", 30*time.Second, func() error {
		if s.link().Connected {
			return errNotYet
		}
		return nil
	})
}

// told counts the events of an action, by computers and by central, in whose text this is.
func (w *world) told(action audit.Action, text string) (at, atCentral int) {
	w.t.Helper()
	for _, l := range decode[struct{ Event json.RawMessage }](w.t, w.ask("audit list", nil)) {
		e, err := audit.Parse(l.Event)
		check(w.t, err)
		switch {
		case e.Action != action || !strings.Contains(string(l.Event), text):
		case e.Observer == "central" || e.Who.Station == "":
			atCentral++
		default:
			at++
		}
	}
	return at, atCentral
}

// A nurse changes her PIN at one computer while another of the ward is off the network.
// The other one goes on by the old PIN until it is back (nobody could tell it), and from
// then on the old one opens nothing there: her session ends, her draft stays, and pulling
// the cable does not help.
func TestAPINIsChangedWhileAnotherComputerIsOffTheNetwork(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.account(nurse, "4B")
	far, err := demo.NewNetwork(w.ready.Listen) // b's own way to central
	check(t, err)
	t.Cleanup(far.Close)
	w.lives = places{"b": {server: far.Addr()}}
	w.enrol("a", "4B")
	w.enrol("b", "4B")
	w.send(admission(0))
	a, b := w.open("a"), w.open("b")
	a.signIn(nurse)
	b.signIn(nurse)
	patient := b.patient(somebody[0].family)
	far.Cut()
	b.isCut()
	b.do("draft", args{"patient": patient, "kind": "note", "body": "slept well"})

	wrong := func(pin, changed string) error {
		return a.call("change_pin", args{"pin": pin, "new": changed, "endOthers": true}, nil)
	}
	for _, try := range [][2]string{{"000000", "730194"}, {nurse.pin, "123456"}, {nurse.pin, "mensah1"}} {
		if wrong(try[0], try[1]) == nil {
			t.Fatalf("%v was taken", try)
		}
	}
	if user, shows := b.seated(); user != nurse.user || !shows {
		t.Fatal("a refused change reached the other computer")
	}
	check(t, wrong(nurse.pin, "730194"))
	if user, shows := a.seated(); user != nurse.user || !shows {
		t.Error("the session in which the PIN was changed ended")
	}

	check(t, far.Mend())
	b.isEmpty("the session of the old PIN ends at the computer that is back")
	far.Cut()
	w.net.Cut()
	a.isCut()
	b.isCut()
	for _, pin := range []string{nurse.pin, "730194"} {
		if err := b.call("sign_in", args{"user": nurse.user, "pin": pin}, nil); err == nil || !strings.Contains(err.Error(), "was changed") {
			t.Errorf("%s at b with the network out: %v", pin, err)
		}
	}
	if err := a.call("sign_in", args{"user": nurse.user, "pin": nurse.pin}, nil); err == nil {
		t.Error("the old PIN opens a with the network out")
	}
	check(t, a.call("sign_in", args{"user": nurse.user, "pin": "730194"}, nil))
	if err := a.call("change_pin", args{"pin": "730194", "new": "481526"}, nil); err == nil || !strings.Contains(err.Error(), "only while the server") {
		t.Errorf("a change with the network out: %v", err)
	}

	check(t, far.Mend())
	check(t, w.net.Mend())
	changed := nurse
	changed.pin = "730194"
	b.signIn(changed)
	var kept struct{ Drafts []struct{ Body string } }
	check(t, b.call("drafts", nil, &kept))
	if len(kept.Drafts) != 1 || kept.Drafts[0].Body != "slept well" {
		t.Errorf("the drafts at b are %+v", kept.Drafts)
	}
	w.await("it is on record, at both sides", 30*time.Second, func() error {
		at, central := w.told(audit.Config, "own-pin")
		here, _ := w.told(audit.Config, "the PIN was changed")
		if at != 0 || central != 2 || here != 5 { // one refused at central and one done; at a those, two poor ones, and one without a network
			return fmt.Errorf("central %d, computers %d", central, here)
		}
		// b was cut off as soon as it had ended: its word comes with its next connection.
		if ends, _ := w.told(audit.SignOut, "central says that this session is over"); ends != 1 {
			return fmt.Errorf("%d ends of a session", ends)
		}
		return nil
	})
	all := ""
	for _, l := range w.ask("audit list", nil) {
		all += string(l)
	}
	for _, pin := range []string{nurse.pin, "730194"} {
		if strings.Contains(all, pin) {
			t.Error("a PIN is on record")
		}
	}
	w.verify()
}

// A doctor ends her session at a computer where she forgot it: within seconds nothing of
// it is there, nobody else's session ends, and an administrator can do the same.
func TestASessionIsEndedFromElsewhere(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.account(nurse, "4B")
	w.account(doctor, "4B")
	for _, name := range []string{"a", "b", "c"} {
		w.enrol(name, "4B")
	}
	w.send(admission(0))
	a, b, c := w.open("a"), w.open("b"), w.open("c")
	a.signIn(doctor)
	b.signIn(doctor)
	c.signIn(nurse)
	check(t, c.call("lock", nil, nil))
	type open struct {
		Station, Place, How     string
		Here, Connected, Ending bool
		Locked                  bool
	}
	var list struct{ Sessions []open }
	w.await("both of the doctor's sessions are known", 20*time.Second, func() error {
		check(t, a.call("sessions", nil, &list))
		if len(list.Sessions) != 2 {
			return fmt.Errorf("%+v", list.Sessions)
		}
		return nil
	})
	other := ""
	for _, s := range list.Sessions {
		if !s.Connected || s.How != "pin" || s.Locked {
			t.Errorf("%+v", s)
		}
		if !s.Here {
			other = s.Station
		}
	}
	if err := a.call("end_sessions", args{"end": other, "pin": nurse.pin}, nil); err == nil {
		t.Error("another PIN ended it")
	}
	check(t, a.call("end_sessions", args{"end": other, "pin": doctor.pin}, nil))
	began := time.Now()
	b.isEmpty("the session elsewhere ends")
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %v", took)
	}
	if err := b.call("patients", nil, nil); err == nil {
		t.Error("the computer still shows patients")
	}
	if user, _ := c.seated(); user != nurse.user {
		t.Error("somebody else's session ended")
	}

	lines := decode[open](t, w.admin("user", "sessions", "list", nurse.user))
	if len(lines) != 1 || !lines[0].Locked {
		t.Errorf("the nurse's sessions are %+v", lines)
	}
	w.admin("user", "sessions", "end", nurse.user, "--reason", "she lost her badge")
	c.isEmpty("the nurse's session ends by the administrator")
	if user, _ := a.seated(); user != doctor.user {
		t.Error("the doctor's session ended, too")
	}
	w.await("it is on record, at both sides", 30*time.Second, func() error {
		here, central := w.told(audit.SignOut, "central says that this session is over")
		_, own := w.told(audit.Config, "own-sessions-end")
		_, order := w.told(audit.Config, "user-sessions-end")
		if here != 2 || central != 0 || own != 2 || order != 1 {
			return fmt.Errorf("%d ends, %d by the doctor, %d by the administrator", here, own, order)
		}
		return nil
	})
	w.verify()
}

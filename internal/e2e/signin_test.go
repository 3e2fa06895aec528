package e2e_test

import (
	"cmp"
	"context"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/internal/demo"
	"wardlight/internal/fault"
	"wardlight/internal/hospitalid"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/totp"
)

// errNotYet is that nothing went wrong, and that what is waited for has not come.
var errNotYet = errors.New("not yet")

// Somebody at a real window: the stage has the screen, the keys and the mouse.
type sitting struct {
	*station
	stage *demo.Stage
}

// window opens a station's window on a screen of its own.
func (w *world) window(name string) *sitting {
	w.t.Helper()
	stage, err := demo.NewStage(w.path("stage"), "")
	check(w.t, err)
	w.t.Cleanup(stage.Close)
	check(w.t, stage.OpenScreen(context.Background(), true))
	was := w.env
	w.env = append(stage.Env(), was[len(was)-2:]...) // and the browser
	return w.sitAt(name, stage, w.start(name, "wardlight", w.windowArgs(name)...))
}

func (w *world) windowArgs(name string) []string {
	return append([]string{"window", "--data", w.path(name), "--drive", "--size", "1366x768"}, w.secrets...)
}

// sitAt waits until a window that was started can be used.
func (w *world) sitAt(name string, stage *demo.Stage, p *demo.Process) *sitting {
	w.t.Helper()
	s := &sitting{&station{demo.Drive(p), w}, stage}
	w.t.Cleanup(func() { s.Stop(5 * time.Second) })
	s.sees("user")
	w.await("the window's station is connected", 60*time.Second, func() error {
		var r struct{ Link link }
		if err := s.call("status", nil, &r); err != nil || !r.Link.Connected {
			return fmt.Errorf("%+v: %w", r.Link, cmp.Or(err, errNotYet))
		}
		return nil
	})
	time.Sleep(1500 * time.Millisecond) // a window takes keys a moment after it is drawn, and nobody says when
	return s
}

// sees waits until something of the page can be clicked on.
func (s *sitting) sees(name string) (x, y int) {
	s.w.t.Helper()
	var at struct{ X, Y int }
	s.w.await("'"+name+"' is on the screen", 60*time.Second, func() error { return s.call("where", args{"name": name}, &at) })
	return at.X, at.Y
}

func (s *sitting) seesNot(name string) bool { return s.call("where", args{"name": name}, nil) != nil }

func (s *sitting) click(name string) {
	s.w.t.Helper()
	x, y := s.sees(name)
	check(s.w.t, s.stage.Click(context.Background(), x, y))
}

// fill types into a field, over what is there, and presses Enter.
func (s *sitting) fill(field, text string) {
	s.w.t.Helper()
	ctx := context.Background()
	s.click(field)
	check(s.w.t, s.stage.Key(ctx, "ctrl+a"))
	check(s.w.t, s.stage.Type(ctx, text))
	check(s.w.t, s.stage.Key(ctx, "Return"))
}

// who is signed in; "" for nobody.
func (s *sitting) who() string {
	s.w.t.Helper()
	var r struct{ Person *struct{ User string } }
	check(s.w.t, s.call("status", nil, &r))
	if r.Person == nil {
		return ""
	}
	return r.Person.User
}

func (s *sitting) isIn(user string) {
	s.w.t.Helper()
	s.w.await(user+" is in at the window", 60*time.Second, func() error {
		if in := s.who(); in != user {
			return fmt.Errorf("in is %q", in)
		}
		return nil
	})
}

// leaves ends the session, and the sign-in page is there again.
func (s *sitting) leaves() {
	s.w.t.Helper()
	check(s.w.t, s.call("sign_out", nil, nil))
	s.sees("user")
}

// signIns are the tries of somebody that are on record.
func (w *world) signIns(user string) (done, refused int) {
	w.t.Helper()
	for _, l := range decode[struct{ Event json.RawMessage }](w.t, w.ask("audit list", nil)) {
		e, err := audit.Parse(l.Event)
		check(w.t, err)
		switch {
		case e.Action != audit.SignIn || string(e.Who.User) != user:
		case e.Outcome == "" || e.Outcome == audit.Success:
			done++
		default:
			refused++
		}
	}
	return done, refused
}

// The real window, the real central, a real OpenID provider and a stand-in for the
// browser alone: a nurse comes in by the hospital's account, chooses a PIN, comes
// again without it, and by the PIN when the provider is away and when the network is.
func TestANurseSignsInAtTheWindowWithTheHospitalsAccount(t *testing.T) {
	needs(t, "Xvfb", "openbox", "xdotool", "dbus-daemon")
	grace := hospitalid.User{ID: "sub-grace", Username: "g.mensah", Password: "correct horse", FirstName: "Grace", LastName: "Mensah"}
	id := hospitalid.Start(t, grace)
	w := newWorld(t, t.TempDir())
	w.admin("user", "add", "g.mensah", "--full", "Grace Mensah", "--role", "nurse", "--ward", "4B", "--sso")
	w.admin("sso", "set", "--issuer", id.Issuer, "--client-id", hospitalid.Client, "--ca-file", w.write("id-ca.pem", id.CA), "--reason", "the trial")
	w.enrol("a", "4B")
	w.send(admission(0))
	w.withBrowser()
	a := w.window("a")

	w.sits(id, grace, "a wrong password")
	a.click("hospital")
	w.await("the browser was opened", 30*time.Second, func() error {
		if len(w.visits()) == 0 {
			return fmt.Errorf("not yet")
		}
		return nil
	})
	if v := w.visits()[0]; strings.Contains(v.Ended, "/signed-in") || !strings.HasPrefix(v.Asked, id.Issuer) || !strings.Contains(v.Asked, "prompt=login") {
		t.Errorf("with a wrong password the browser was sent to %q and ended at %q", v.Asked, v.Ended)
	}
	if in := a.who(); in != "" {
		t.Fatalf("%s is in with a wrong password", in)
	}
	a.click("hospital") // back to name and PIN
	a.sees("user")

	w.sits(id, grace, grace.Password)
	a.click("hospital")
	w.await("the page asks for a PIN and no name", 60*time.Second, func() error {
		if a.seesNot("pin") || !a.seesNot("user") {
			return fmt.Errorf("visits %+v", w.visits())
		}
		return nil
	})
	if in := a.who(); in != "" {
		t.Fatalf("%s is in before there is a PIN", in)
	}
	a.fill("pin", "271828")
	a.isIn("g.mensah")
	if v := w.visits(); len(v) != 2 || !strings.Contains(v[1].Ended, "http://127.0.0.1:") || !strings.Contains(v[1].Page, "Wardlight") {
		t.Errorf("the browser's last page: %+v", v)
	}
	a.patient(somebody[0].family)

	a.leaves()
	a.click("hospital")
	a.isIn("g.mensah") // the account and nothing else

	id.Stop()
	a.leaves()
	a.fill("user", "g.mensah")
	a.fill("pin", "271828")
	a.isIn("g.mensah")
	a.leaves()
	w.cut(a.station)
	a.fill("user", "g.mensah")
	a.fill("pin", "271829")
	time.Sleep(2 * time.Second)
	if in := a.who(); in != "" {
		t.Errorf("%s is in with another PIN and the network out", in)
	}
	a.fill("pin", "271828")
	a.isIn("g.mensah")
	a.patient(somebody[0].family)
	check(t, w.net.Mend())
	a.allSent()
	if done, _ := w.signIns("g.mensah"); done < 3 {
		t.Errorf("%d sign-ins of g.mensah are on record", done)
	}
	w.verify()
}

// An administrator whose hospital demands a second factor, over the real programs:
// by the PIN alone nowhere, then with the app's code at the real window and without
// one; never with the network out.
func TestAnAdministratorsSecondFactorIsDemanded(t *testing.T) {
	needs(t, "Xvfb", "openbox", "xdotool", "dbus-daemon")
	w := newWorld(t, t.TempDir())
	w.account(nurse, "4B")
	femi := person{"f.adeyemi", "Femi Adeyemi", "administrator", "602214"}
	w.account(femi, "4B")
	w.enrol("a", "4B")
	w.enrol("b", "4B")
	b := w.open("b")
	b.signIn(femi) // before it is demanded, so that there is a PIN of his at this computer
	said := joined(w.admin("user", "totp", "demand", "--reason", "policy 12"))
	if !strings.Contains(said, `"demanded":true`) || !strings.Contains(said, "f.adeyemi") || strings.Contains(said, "g.mensah") {
		t.Errorf("demanding it says %s", said)
	}
	b.isEmpty("his open session ends at the other computer") // which asks by itself once a minute only
	err := b.call("sign_in", args{"user": femi.user, "pin": femi.pin}, nil)
	if kind(err) != fault.Denied || !strings.Contains(err.Error(), "totp enrol f.adeyemi") {
		t.Errorf("with none set up: %v", err)
	}
	b.signIn(nurse)

	var shown struct {
		Secret   string
		Recovery []string
	}
	check(t, json.Unmarshal(w.admin("user", "totp", "enrol", femi.user, "--json")[0], &shown))
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(shown.Secret)
	check(t, err)
	code := func(ahead time.Duration) string {
		c, err := totp.At(secret, time.Now().Add(ahead))
		check(t, err)
		return c
	}
	w.admin("user", "totp", "confirm", femi.user, "--code-file", w.write("code", code(0)+"\n"))

	w.withBrowser()
	a := w.window("a")
	a.fill("user", femi.user)
	a.fill("pin", femi.pin)
	a.sees("code")
	if in := a.who(); in != "" {
		t.Fatalf("%s is in by the PIN alone", in)
	}
	a.fill("code", "000000")
	time.Sleep(2 * time.Second)
	if in := a.who(); in != "" {
		t.Fatalf("%s is in with a code that is none", in)
	}
	used := code(30 * time.Second) // the app may be half a minute ahead; the code of now was taken
	a.fill("code", used)
	a.isIn(femi.user)
	err = b.call("sign_in", args{"user": femi.user, "pin": femi.pin, "code": used}, nil)
	if kind(err) != fault.Unknown {
		t.Errorf("the same code at another computer: %v", err)
	}
	check(t, b.call("sign_in", args{"user": femi.user, "pin": femi.pin, "code": shown.Recovery[0]}, nil))
	done, refused := w.signIns(femi.user)
	if done < 3 || refused < 3 {
		t.Errorf("on record are %d sign-ins and %d refusals of his", done, refused)
	}
	check(t, b.call("sign_out", nil, nil))
	w.cut(b, a.station)
	err = b.call("sign_in", args{"user": femi.user, "pin": femi.pin, "code": code(0)}, nil)
	if kind(err) != fault.Denied || !strings.Contains(err.Error(), "second factor") {
		t.Errorf("with the network out: %v", err)
	}
	w.verify()
}

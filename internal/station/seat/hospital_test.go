package seat_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/hospitalid"
	"wardlight/internal/station/seat"
)

// A hospital with a sign-in service of its own: a real OpenID provider, and a ward
// whose computer offers it.
type known struct {
	*world
	id   *hospitalid.Service
	dir  string
	seat *seat.Seat
}

var (
	grace = hospitalid.User{ID: "sub-grace", Username: "g.mensah", Password: "correct horse", FirstName: "Grace", LastName: "Mensah"}
	femi  = hospitalid.User{ID: "sub-femi", Username: "f.adeyemi", Password: "battery staple", FirstName: "Femi", LastName: "Adeyemi"}
)

// hospitalWithID lets time pass at central, where that is given. Its clock goes on by
// itself as well: the service, which has the computer's own, holds it to that.
func hospitalWithID(t *testing.T, c *clocks) *known {
	t.Helper()
	w := hospital(t)
	if c != nil {
		w.stop()
		w.conf.Now = c.ahead
		w.start()
	}
	k := &known{world: w, id: hospitalid.Start(t, grace, femi), dir: w.enrol()}
	k.order("sso set", k.settings(nil))
	k.seat = w.sit(k.dir)
	<-k.seat.Opened()
	waitFor(t, "the computer offers the hospital's account", func() bool { return k.seat.HospitalAccount() != "" })
	return k
}

func (k *known) settings(more map[string]string) map[string]string {
	args := map[string]string{"issuer": k.id.Issuer, "client": hospitalid.Client, "ca": k.id.CA}
	for name, v := range more {
		args[name] = v
	}
	return args
}

// come is a person who signs in at the hospital's page.
func (k *known) come(who hospitalid.User) (ward.Vouched, error) {
	return k.seat.ByHospital(context.Background(), func(address string) error {
		go func() { _, _ = k.id.Browser().SignIn(address, who.Username, who.Password) }()
		return nil
	})
}

func (k *known) enter(who hospitalid.User, pin string) (ward.Person, error) {
	if _, err := k.come(who); err != nil {
		return ward.Person{}, err
	}
	return k.seat.Complete(context.Background(), pin, "")
}

// The story of a nurse whose account has no PIN: the hospital's page, a PIN of her
// own, and then by that PIN with the network out.
func TestANurseSignsInWithTheHospitalsAccount(t *testing.T) {
	k := hospitalWithID(t, nil)
	k.order("user add", map[string]string{"user": "f.adeyemi", "name": "Femi Adeyemi", "role": "nurse", "wards": "4B", "hospital": "true"})
	v, err := k.come(femi)
	if err != nil || v.Name != "Femi Adeyemi" || !v.PIN || !v.First {
		t.Fatalf("%+v, %v", v, err)
	}
	if d, err := k.seat.Desk(); err == nil {
		if _, in := d.SignedIn(); in {
			t.Error("somebody is in before they have a PIN")
		}
	}
	if _, err := k.seat.Complete(context.Background(), "", ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a PIN: %v", err)
	}
	if _, err := k.seat.Complete(context.Background(), "111111", ""); err == nil || !strings.Contains(err.Error(), "guessed") {
		t.Errorf("a poor PIN: %v", err)
	}
	p, err := k.seat.Complete(context.Background(), "271828", "")
	if err != nil || p.User != "f.adeyemi" || p.Role != "nurse" {
		t.Fatalf("%+v, %v", p, err)
	}
	if _, err := k.seat.Complete(context.Background(), "271828", ""); !fault.Is(err, fault.Denied) {
		t.Errorf("the same sign-in again: %v", err)
	}
	if v, err := k.come(femi); err != nil || v.PIN {
		t.Errorf("the second time: %+v, %v", v, err)
	}
	k.id.Stop()
	k.stop()
	if p, err := k.seat.SignIn(context.Background(), "f.adeyemi", "271828"); err != nil || p.Name != "Femi Adeyemi, nurse" {
		t.Errorf("with the network out: %+v, %v", p, err)
	}
}

// Whose account it is: never made by itself, never somebody else's, never a closed
// one; and the trail tells of each that was refused.
func TestTheHospitalsAccountIsNobodyElses(t *testing.T) {
	k := hospitalWithID(t, nil)
	if _, err := k.enter(femi, "271828"); !fault.Is(err, fault.Denied) || !strings.Contains(fault.Words(err), "f.adeyemi") {
		t.Errorf("nobody here: %v", err)
	}
	if _, err := k.enter(grace, "271828"); err != nil {
		t.Fatal(err)
	}
	k.id.Stop()
	other := hospitalid.User{ID: "sub-another", Username: "g.mensah", Password: "x"}
	k.id = hospitalid.Start(t, other, femi)
	k.order("sso set", k.settings(nil))
	if _, err := k.enter(other, "271828"); !fault.Is(err, fault.Denied) || !strings.Contains(fault.Words(err), "somebody else") {
		t.Errorf("the same name, another person: %v", err)
	}
	k.order("user unbind", map[string]string{"user": "g.mensah"})
	if _, err := k.enter(other, "271828"); err != nil {
		t.Errorf("after IT has said so: %v", err)
	}
	k.order("user close", map[string]string{"user": "g.mensah"})
	if _, err := k.enter(other, "271828"); !fault.Is(err, fault.Denied) || !strings.Contains(fault.Words(err), "closed") {
		t.Errorf("a closed account: %v", err)
	}
	k.order("sso set", k.settings(map[string]string{"role": "nurse", "wards": "4B", "new_ward": "true"}))
	if p, err := k.enter(femi, "271828"); err != nil || p.Role != "nurse" || p.Name != "Femi Adeyemi, nurse" {
		t.Errorf("made at the first sign-in: %+v, %v", p, err)
	}
	refused := 0
	for _, line := range k.order("audit list", nil) {
		if line["outcome"] == "refused" || strings.Contains(mustText(t, line), "did not vouch") {
			refused++
		}
	}
	if refused < 3 {
		t.Errorf("the trail tells of %d refusals", refused)
	}
}

// An attacker at the ward's computer, and one in the browser.
func TestAStolenCodeIsWorthNothing(t *testing.T) {
	k := hospitalWithID(t, nil)
	var address string
	stolen := make(chan string, 1)
	_, err := k.seat.ByHospital(context.Background(), func(at string) error {
		address = at
		go func() {
			u, _ := url.Parse(at)
			q := u.Query()
			back := q.Get("redirect_uri")
			// the attacker's own sign-in ends on this computer: login by somebody else's hand
			b := k.id.Browser()
			_, _ = b.Open(http.MethodGet, back+"?code=forged&state=forged", nil)
			stolen <- back
		}()
		return nil
	})
	if !fault.Is(err, fault.Denied) || !strings.Contains(fault.Words(err), "Something else") {
		t.Errorf("a state of somebody else: %v", err)
	}
	if _, err := k.id.Browser().Open(http.MethodGet, <-stolen+"?code=x", nil); err == nil {
		t.Error("the port is open after the first request")
	}
	q := must(url.Parse(address)).Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("state") == "" || q.Get("prompt") != "login" {
		t.Errorf("the address: %v", q)
	}
	if _, err := k.enter(grace, "271828"); err != nil {
		t.Errorf("after that, herself: %v", err)
	}
}

// The service changes its keys while the ward works; it is away; it is another.
func TestTheHospitalsServiceChangesKeysAndGoesAway(t *testing.T) {
	c := &clocks{}
	k := hospitalWithID(t, c)
	if _, err := k.enter(grace, "271828"); err != nil {
		t.Fatal(err)
	}
	k.id.ChangeKeys()
	if _, err := k.enter(grace, ""); err != nil {
		t.Errorf("with new keys: %v", err)
	}
	k.id.Stop()
	c.pass(time.Minute)
	if _, err := k.enter(grace, ""); !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Words(err), "service does not answer") {
		t.Errorf("without the service: %v", err)
	}
	c.pass(time.Minute)
	if _, err := k.seat.SignIn(context.Background(), "g.mensah", "271828"); err != nil {
		t.Errorf("by PIN, with the service away: %v", err)
	}
	if err := k.try("sso set", k.settings(nil)); !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Words(err), "--force") {
		t.Errorf("a service that does not answer: %v", err)
	}
	k.order("sso off", nil)
	if _, err := k.come(grace); !fault.Is(err, fault.Denied) {
		t.Errorf("after it was turned off: %v", err)
	}
}

// Who signs in with the hospital's account does so once a shift.
func TestAPINAloneIsEnoughForAShift(t *testing.T) {
	c := &clocks{}
	k := hospitalWithID(t, c)
	if _, err := k.enter(grace, "271828"); err != nil {
		t.Fatal(err)
	}
	pin := func() error { _, err := k.seat.SignIn(context.Background(), "g.mensah", "271828"); return err }
	// A busy central may answer too late, and the PIN then opens the copy as if the network
	// were out. So what counts is what central itself answered, which is on its record.
	letIn := func() int { return k.onRecordAs("done", "g.mensah at s") }
	before := letIn()
	waitFor(t, "by her PIN alone central lets her in, in the same shift", func() bool {
		if err := pin(); err != nil {
			t.Errorf("in the same shift: %v", err)
		}
		return letIn() > before
	})
	c.pass(17 * time.Hour)
	before = letIn()
	waitFor(t, "central asks for the hospital's account the next day", func() bool {
		err := pin()
		if err != nil && (!fault.Is(err, fault.Denied) || !strings.Contains(fault.Words(err), "16 hours")) {
			t.Errorf("the next day: %v", err)
		}
		return err != nil
	})
	if n := letIn() - before; n != 0 {
		t.Errorf("the next day central let her in by her PIN %d times", n)
	}
	k.id.Stop()
	c.pass(time.Hour)
	if err := pin(); err != nil {
		t.Errorf("while the service is away the ward works on: %v", err)
	}
}

// A browser that cannot be opened, and an address that is none, are said in words.
func TestABrowserThatDoesNotOpen(t *testing.T) {
	k := hospitalWithID(t, nil)
	_, err := k.seat.ByHospital(context.Background(), func(string) error { return errors.New("no browser") })
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Words(err), "browser cannot be opened") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	_, err = k.seat.ByHospital(ctx, func(string) error { return nil })
	if !fault.Is(err, fault.Timeout) {
		t.Errorf("nobody comes back: %v", err)
	}
	k.stop()
	_, err = k.come(grace)
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Words(err), "server cannot be reached") {
		t.Errorf("the network is out: %v", err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func mustText(t *testing.T, line map[string]any) string {
	t.Helper()
	return string(must(json.Marshal(line)))
}

package callout

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/rota"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/keys"
)

// glass is a computer of 4B from which looks come.
type glass struct {
	w    *world
	peer record.Peer
	prev record.Look
}

func (w *world) glass() *glass {
	w.t.Helper()
	key, err := keys.NewDeviceKey(nil)
	w.must(err)
	const station = "sgcalx7dyw6zg"
	ctx, by := context.Background(), record.Author{User: "root"}
	w.must(w.s.PutDevice(ctx, by, record.Device{Station: station, Wards: []record.Ward{"4B"}, Key: key.Public(), Place: "Ward 4B, computer 1"}))
	d, err := w.s.Device(ctx, station)
	w.must(err)
	return &glass{w: w, peer: record.Peer{Device: d}}
}

// broke sends central the look of an emergency access that began then.
func (g *glass) broke(at time.Time) {
	g.w.t.Helper()
	e := audit.Event{
		Action: audit.Break, Recorded: at, Purpose: audit.BreakGlass, Reason: "cardiac arrest of Mrs Kaya", Patient: "pkaya",
		Who: audit.Who{User: "i.novak", Name: "Ivo Novak, nurse", Role: "nurse", Station: g.peer.Device.Station, Place: "Ward 4B, computer 1"},
	}
	b, err := e.JSON()
	g.w.must(err)
	g.prev = audit.Next([32]byte{7}, g.peer.Device.Station, g.prev, b)
	_, err = g.w.s.Looks(context.Background(), g.peer, []record.Look{g.prev})
	g.w.must(err)
}

func (w *world) privacyTo(to submit.PrivacyTo) {
	w.t.Helper()
	w.must(w.s.SetPrivacyTo(context.Background(), record.Author{User: "i.admin"}, to))
}

// told is how the tellings stand, as the list of emergency accesses has it.
func (w *world) told() string {
	w.t.Helper()
	list, err := w.s.Emergencies(context.Background())
	w.must(err)
	var out []string
	for _, e := range list {
		if e.Told == nil {
			out = append(out, "not owed")
			continue
		}
		text := e.Told.State
		for _, d := range e.Told.Tried {
			text += ", " + d.Person + " " + d.Channel + " " + d.Status
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

// saysNothingOf: a message names the ward, both times and a reference; no patient, no
// reason and nobody who looked.
func (w *world) saysNothingOf(text string) {
	w.t.Helper()
	for _, no := range []string{"Kaya", "pkaya", "cardiac", "novak", "Novak"} {
		if strings.Contains(text, no) {
			w.t.Errorf("a message says %q: %s", no, text)
		}
	}
}

const withOfficer = rotaText + "person P Officer; mail privacy@hospital.example; pager 4400\nshift privacy officer; P Officer; daily 08:00-20:00\n"

// The privacy officer on the ward's rota is told of each emergency access, once: of one
// that was opened with the network out when it arrives, with both times.
func TestThePrivacyOfficerIsToldOfEachEmergencyAccess(t *testing.T) {
	w := newWorld(t)
	var err error
	w.rota, err = rota.Parse(withOfficer)
	w.must(err)
	g := w.glass()
	g.broke(w.now)
	w.wait(30 * time.Second)
	posts := w.pager.posts()
	if len(posts) != 1 || posts[0].To != "4400" || posts[0].Urgent || !strings.Contains(posts[0].Text, "4B") || !strings.Contains(posts[0].Text, "2026-11-28 12:00 GMT") {
		t.Fatalf("posts: %+v\n%s", posts, w.log)
	}
	w.saysNothingOf(posts[0].Text)
	w.now = w.now.Add(5 * time.Hour)
	g.broke(noon.Add(time.Hour)) // it comes four hours late
	w.wait(30 * time.Second)
	posts = w.pager.posts()
	if len(posts) != 2 || !strings.Contains(posts[1].Text, "began at 2026-11-28 13:00 GMT; central heard of it at 2026-11-28 17:00 GMT") || posts[1].Key == posts[0].Key {
		t.Fatalf("posts: %+v", posts)
	}
	for range 3 {
		w.restart()
		w.wait(time.Hour)
	}
	if n := len(w.pager.posts()) + len(w.mail.letters()); n != 2 {
		t.Errorf("%d messages for two accesses", n)
	}
	if got := w.told(); got != "sent, P Officer pager completed; sent, P Officer pager completed" {
		t.Error(got)
	}
}

// With nobody on the rota it goes to the address that central was given, as mail; nothing
// in it is of a patient, in its head neither.
func TestTheAddressIsToldWhereNoRotaNamesAnybody(t *testing.T) {
	w := newWorld(t)
	w.privacyTo(submit.PrivacyTo{Mail: "privacy@hospital.example"})
	w.glass().broke(w.now)
	w.wait(30 * time.Second)
	l := w.mail.letters()
	if len(l) != 1 || l[0].to != "privacy@hospital.example" || !strings.Contains(l[0].text, "emergency access") || strings.Contains(l[0].text, "URGENT") {
		t.Fatalf("letters: %+v\n%s", l, w.log)
	}
	w.saysNothingOf(l[0].text)
}

// A gateway that refuses is tried four times, then the next channel, then the address; where
// nobody is reached that is on record, and it begins anew an hour later under the same key.
func TestASilentGatewayIsEscalatedForThePrivacyOfficerToo(t *testing.T) {
	w := newWorld(t)
	var err error
	w.rota, err = rota.Parse(withOfficer)
	w.must(err)
	w.privacyTo(submit.PrivacyTo{Pager: "4401"})
	w.pager.code = http.StatusServiceUnavailable
	w.mail.fail = errBook
	w.glass().broke(w.now)
	w.wait(15 * time.Minute)
	if got := w.told(); got != "failed, P Officer pager failed, P Officer mail failed, the privacy officer’s address pager failed" {
		t.Fatal(got)
	}
	first := w.pager.posts()
	if len(first) != 2*maxTries || first[0].Key != first[3].Key || first[0].Key == first[7].Key {
		t.Errorf("%d posts", len(first))
	}
	if !strings.Contains(w.log.String(), "is not told of an emergency access") || strings.Contains(w.log.String(), "4401") {
		t.Errorf("log: %s", w.log)
	}
	w.pager.code = 0
	w.wait(time.Hour)
	posts := w.pager.posts()
	if got := w.told(); len(posts) != 2*maxTries+1 || posts[2*maxTries].Key != first[0].Key || !strings.HasPrefix(got, "sent, P Officer pager completed") {
		t.Errorf("%d posts, %s", len(posts), got)
	}
}

// Where nobody is set, that is on record at once, and whoever is set within three days is
// told still; after that it ends. A review ends it before.
func TestWhereNobodyIsSetThatIsSaid(t *testing.T) {
	w := newWorld(t)
	g := w.glass()
	g.broke(w.now)
	w.wait(time.Minute)
	if got := w.told(); got != "nobody" || !strings.Contains(w.log.String(), "state=nobody") {
		t.Fatalf("%s\n%s", got, w.log)
	}
	if n := strings.Count(w.log.String(), "state=nobody"); n != 1 {
		t.Errorf("said %d times", n)
	}
	w.run.c.Gateways = nil // neither is a gateway
	g.broke(w.now)
	w.wait(time.Minute)
	if got := w.told(); got != "nobody; nobody" {
		t.Errorf("with no gateway: %s", got)
	}
	w.restart()
	list, err := w.s.Emergencies(context.Background())
	w.must(err)
	_, err = w.s.ReviewEmergency(context.Background(), list[1].ID, "p.officer", "it was an arrest")
	w.must(err)
	w.wait(time.Minute)
	w.privacyTo(submit.PrivacyTo{Pager: "4401"})
	w.wait(time.Minute)
	if got, posts := w.told(), w.pager.posts(); len(posts) != 1 || !strings.HasPrefix(got, "sent, ") || !strings.HasSuffix(got, "; reviewed") {
		t.Errorf("%s, %+v", got, posts)
	}
	w.privacyTo(submit.PrivacyTo{})
	g.broke(w.now)
	w.now = w.now.Add(submit.ReviewWithin + time.Minute)
	w.pass()
	w.privacyTo(submit.PrivacyTo{Pager: "4401"})
	w.wait(time.Minute)
	if n := len(w.pager.posts()); n != 1 {
		t.Errorf("%d posts, one of them three days late", n)
	}
}

// Nobody is told where there is no gateway, where it cannot be used, where nobody is on a
// rota of the computer's wards now and no address is set, or only one that no gateway is for.
func TestWhetherAnybodyIsToldIsKnownBeforehand(t *testing.T) {
	w := newWorld(t)
	is := func(what string, gateways map[string]Gateway, at time.Time, want bool) {
		t.Helper()
		if got, err := Untold(context.Background(), w.run.c.Book, gateways, []record.Ward{"4B"}, at); err != nil || got != want {
			t.Errorf("%s: untold %v, %v; want %v", what, got, err, want)
		}
	}
	both := w.run.c.Gateways
	pager, mail := map[string]Gateway{Pager: both[Pager]}, map[string]Gateway{Mail: both[Mail]}
	is("nobody", both, noon, true)
	w.privacyTo(submit.PrivacyTo{Mail: "privacy@hospital.example"})
	is("by mail", both, noon, false)
	is("by mail, with a pager's gateway alone", pager, noon, true)
	is("by mail, with no gateway", nil, noon, true)
	is("by mail, with gateways that cannot be used", Broken(), noon, true)
	w.privacyTo(submit.PrivacyTo{})
	var err error
	w.rota, err = rota.Parse(withOfficer)
	w.must(err)
	is("on the rota", mail, noon, false)
	is("on the rota, and at home", both, noon.Add(10*time.Hour), true)
}

// A central that stops between owing and sending, or between sending and writing that down,
// sends it once more under the same key, and never not at all.
func TestThePrivacyOfficerIsToldThroughARestart(t *testing.T) {
	w := newWorld(t)
	w.privacyTo(submit.PrivacyTo{Pager: "4401"})
	w.glass().broke(w.now)
	w.run.c.Book = unwritten{book{w.s, w}}
	if err := w.run.Pass(context.Background()); err == nil || len(w.pager.posts()) != 0 {
		t.Fatalf("sent before it was owed: %v, %+v", err, w.pager.posts())
	}
	w.restart()
	w.run.c.Gateways = map[string]Gateway{Pager: stuck{}}
	w.pass()
	w.restart()
	w.run.c.Book = unwritten{book{w.s, w}}
	w.now = w.now.Add(time.Minute)
	if err := w.run.Pass(context.Background()); err == nil {
		t.Fatal("a record that cannot be written is no error")
	}
	w.restart()
	w.wait(time.Minute)
	posts := w.pager.posts()
	if len(posts) != 2 || posts[0].Key == "" || posts[0].Key != posts[1].Key {
		t.Errorf("%+v", posts)
	}
}

type unwritten struct{ book }

func (unwritten) Tell(context.Context, submit.Telling) error { return errBook }

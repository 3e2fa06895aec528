package seat_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/enrol"
	"wardlight/internal/central/node"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/desk"
	"wardlight/internal/station/join"
	"wardlight/internal/station/printer"
	"wardlight/internal/station/seat"
	"wardlight/internal/trust/keys"
)

// world is a real central in this process, and what a station needs of it.
type world struct {
	t       *testing.T
	dir     string
	conf    node.Config
	url, fp string
	stop    func()
	secrets keys.Secrets
}

// cheap makes a PIN cheap to check: these tests are about the seat.
var cheap = keys.Cost{Memory: 64, Time: 1, Threads: 1}

// hospital is one of this test's own. Stories of several go on at once: each waits more
// than it works, and they share nothing.
func hospital(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	return hospitalAt(t, "127.0.0.1:0")
}

// hospitalAt is one whose central answers at this address.
func hospitalAt(t *testing.T, listen string) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), secrets: keys.MemorySecrets()}
	w.conf = node.Config{Dir: filepath.Join(w.dir, "central"), Listen: listen, MLLP: "127.0.0.1:0", Secrets: keys.MemorySecrets(), Small: true, TreeEvery: 100 * time.Millisecond, PINCost: enrol.Cost{Memory: 64, Passes: 1, Threads: 1}}
	if _, err := node.Init(context.Background(), w.conf); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.order("user add", map[string]string{"user": "g.mensah", "name": "Grace Mensah", "role": "nurse", "wards": "4B", "pin": "481526"})
	return w
}

func (w *world) start() {
	w.t.Helper()
	n, err := node.Open(context.Background(), w.conf)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan node.Ready, 1), make(chan error, 1)
	go func() { done <- n.Serve(ctx, func(r node.Ready) { ready <- r }) }()
	select {
	case r := <-ready:
		w.url, w.fp = "https://"+r.Listen, r.CAFingerprint
		w.conf.Listen, w.conf.MLLP = r.Listen, r.MLLP
	case err := <-done:
		w.t.Fatal(err)
	}
	stopped := false
	w.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
		if err := n.Close(); err != nil {
			w.t.Error(err)
		}
	}
	w.t.Cleanup(w.stop)
}

func (w *world) order(cmd string, args map[string]string) []map[string]any {
	w.t.Helper()
	lines, err := w.ask(cmd, args)
	if err != nil {
		w.t.Fatalf("%s: %v", cmd, err)
	}
	return lines
}

func (w *world) try(cmd string, args map[string]string) error {
	_, err := w.ask(cmd, args)
	return err
}

func (w *world) ask(cmd string, args map[string]string) (lines []map[string]any, err error) {
	err = node.Ask(context.Background(), w.conf, node.Order{Cmd: cmd, Args: args, Who: "test"}, func(line any) error {
		m := map[string]any{}
		if err := decode(line, &m); err != nil {
			return err
		}
		lines = append(lines, m)
		return nil
	})
	return lines, err
}

func (w *world) enrol() string {
	w.t.Helper()
	return w.enrolIn("station")
}

// enrolIn is enrol for one of several computers.
func (w *world) enrolIn(name string) string {
	w.t.Helper()
	code := w.order("enrol-code", map[string]string{"wards": "4B"})[0]["code"].(string)
	dir := filepath.Join(w.dir, name)
	if _, err := seat.Enrol(context.Background(), dir, w.secrets, join.Request{Server: w.url, CAFingerprint: w.fp, Code: code, Place: "Ward 4B, computer 4B-02"}); err != nil {
		w.t.Fatal(err)
	}
	return dir
}

// signedIn is an enrolled computer at which a nurse sits, on a ward with somebody
// in it; what prints and shows files is run, nil the computer's own.
func (w *world) signedIn(dir string, run printer.Runner) (*seat.Seat, *desk.Desk) {
	w.t.Helper()
	s, err := seat.Open(context.Background(), seat.Config{Dir: dir, Secrets: w.secrets, Cost: cheap, Print: run})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = s.Close() })
	<-s.Opened()
	if _, err := s.SignIn(context.Background(), "g.mensah", "481526"); err != nil {
		w.t.Fatal(err)
	}
	admit(w.t, w)
	d, err := s.Desk()
	if err != nil {
		w.t.Fatal(err)
	}
	return s, d
}

func (w *world) sit(dir string) *seat.Seat {
	w.t.Helper()
	s, err := seat.Open(context.Background(), seat.Config{Dir: dir, Secrets: w.secrets, Cost: cheap})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = s.Close() })
	return s
}

func (w *world) signIn(s *seat.Seat, pin string) (ward.Person, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	return s.SignIn(ctx, "g.mensah", pin)
}

func TestAStationOpensByCentralAndLaterByPINAlone(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	s := w.sit(dir)
	if p, err := w.signIn(s, "481526"); err != nil || p.Name != "Grace Mensah, nurse" {
		t.Fatal(p, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	w.stop() // the network is out
	s = w.sit(dir)
	if _, err := s.Desk(); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "Sign in with your PIN") {
		t.Errorf("before anybody signed in: %v", err)
	}
	if _, err := w.signIn(s, "000007"); !fault.Is(err, fault.Unknown) {
		t.Errorf("a wrong PIN offline: %v", err)
	}
	if _, err := s.SignIn(context.Background(), "s.patel", "481526"); !fault.Is(err, fault.Denied) {
		t.Errorf("somebody who was never here: %v", err)
	}
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatalf("the right PIN offline: %v", err)
	}
	if _, err := s.Desk(); err != nil {
		t.Error(err)
	}
}

func TestANewPINCountsAndTheOldOneNoLonger(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	s := w.sit(dir)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	w.order("user pin", map[string]string{"user": "g.mensah", "pin": "773341"})
	if _, err := w.signIn(s, "481526"); !fault.Is(err, fault.Unknown) {
		t.Errorf("the old PIN with central up: %v", err)
	}
	if _, err := w.signIn(s, "773341"); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	w.stop()
	s = w.sit(dir)
	if _, err := w.signIn(s, "481526"); err == nil {
		t.Error("offline the old PIN still opens the station")
	}
	if _, err := w.signIn(s, "773341"); err != nil {
		t.Errorf("offline the new PIN: %v", err)
	}
}

// A damaged store is set aside, never shown; what was entered comes back from
// the outbox file.
func TestADamagedStoreIsSetAsideAndWorkComesBack(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	s := w.sit(dir)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	registry := filepath.Join(dir, "store", "badger", "KEYREGISTRY")
	if err := os.Remove(registry); err != nil {
		t.Fatal(err)
	}
	s = w.sit(dir)
	waitFor(t, "she is signed in", func() bool { // a busy machine answers late
		_, err := w.signIn(s, "481526")
		return err == nil
	})
	told := s.Trouble()
	if len(told) != 1 || !strings.Contains(told[0].What, "damaged") || !strings.Contains(told[0].Safe, "set aside") || told[0].Do == "" {
		t.Fatalf("told: %+v", told)
	}
	damage := "own copy of the record was damaged"
	waitFor(t, "it is on record at central", func() bool { return w.onRecord(damage) == 1 })
	// It is told until it has been read: after another start, too, and to each
	// person.
	_ = s.Close()
	s = w.sit(dir)
	if again := s.Trouble(); len(again) != 1 || again[0].ID != told[0].ID {
		t.Fatalf("after another start: %+v", again)
	}
	waitFor(t, "she is signed in again", func() bool {
		_, err := w.signIn(s, "481526")
		return err == nil
	})
	if err := s.MarkRead("g.mensah", told[0].ID); err != nil {
		t.Fatal(err)
	}
	if n := w.onRecord(damage); n != 1 {
		t.Errorf("after another start it is on record %d times", n)
	}
	if len(s.Trouble()) != 0 || len(s.Unread("g.mensah")) != 0 || len(s.Unread("t.blake")) != 1 {
		t.Errorf("after it was read: %v, hers %v, his %v", s.Trouble(), s.Unread("g.mensah"), s.Unread("t.blake"))
	}
	if list, _ := filepath.Glob(filepath.Join(dir, "store", "set-aside-*")); len(list) != 1 {
		t.Errorf("set aside: %v", list)
	}
}

// A store that was put back to an older state is told at the computer, and is on record at
// central by the chain of looks: it is shorter than it was, or was made anew. What the
// computer itself puts into that chain is not believed there until it is longer than before.
func TestAStoreThatWasPutBackIsOnRecordAtCentral(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	store, backup := filepath.Join(dir, "store"), filepath.Join(t.TempDir(), "backup")
	use := func() (s *seat.Seat) {
		t.Helper()
		s = w.sitWith(dir, realClock())
		waitFor(t, "she is signed in", func() bool { // a busy machine answers late
			_, err := w.signIn(s, "481526")
			return err == nil
		})
		return s
	}
	closed := func(s *seat.Seat) {
		t.Helper()
		waitFor(t, "central has what was done", func() bool { return s.Link().Connected && s.Count().Looks == 0 })
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	closed(use())
	if err := os.CopyFS(backup, os.DirFS(store)); err != nil {
		t.Fatal(err)
	}
	closed(use()) // the anchor and the chain go on
	closed(use())
	if err := os.RemoveAll(store); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(store, os.DirFS(backup)); err != nil {
		t.Fatal(err)
	}
	s := use()
	if told := s.Trouble(); len(told) != 1 || !strings.Contains(told[0].What, "folder was put back to an older state") {
		t.Fatalf("told %+v", told)
	}
	waitFor(t, "it is on record at central", func() bool {
		return w.onRecord("fewer than those that it sent before")+w.onRecord("made anew") > 0
	})
}

func TestAFolderIsEnrolledOnce(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	_, err := seat.Enrol(context.Background(), dir, w.secrets, join.Request{Server: w.url, CAFingerprint: w.fp, Code: "X", Place: "x"})
	if !fault.Is(err, fault.Exists) {
		t.Errorf("a second enrolment of one folder: %v", err)
	}
	if _, err := seat.Open(context.Background(), seat.Config{Dir: t.TempDir(), Secrets: w.secrets}); !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "wardlight enrol") {
		t.Errorf("a folder that is no station: %v", err)
	}
	if _, err := seat.Open(context.Background(), seat.Config{Dir: dir, Secrets: keys.MemorySecrets()}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a lost keyring entry: %v", err)
	}
}

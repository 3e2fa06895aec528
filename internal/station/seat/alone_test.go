package seat_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/seat"
)

// clocks are the two of a computer: the one that people can set, and the one that
// counts.
type clocks struct {
	mu   sync.Mutex
	wall time.Time
	up   time.Duration
	run  int // of the system
}

func (c *clocks) system() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return "run " + strconv.Itoa(c.run)
}

// restart starts the system anew: the clock that counts begins at nothing.
func (c *clocks) restart() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.run, c.up = c.run+1, 0
}

func (c *clocks) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.wall }
func (c *clocks) ran() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.up
}

// ahead is the time of now, after what has passed.
func (c *clocks) ahead() time.Time { return time.Now().Add(c.ran()) }

// pass lets time pass; set sets the clock that people can set.
func (c *clocks) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall, c.up = c.wall.Add(d), c.up+d
}

func (c *clocks) set(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall = c.wall.Add(d)
}

func (w *world) sitWith(dir string, c *clocks) *seat.Seat {
	w.t.Helper()
	s, err := seat.Open(context.Background(), seat.Config{
		Dir: dir, Secrets: w.secrets, Cost: cheap, Now: c.now, Uptime: c.ran, Boot: c.system, Every: 20 * time.Millisecond,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = s.Close() })
	return s
}

// aWardWithoutCentral is a station on which a nurse has signed in, and whose
// central is gone.
func aWardWithoutCentral(t *testing.T) (*world, string, *clocks, *seat.Seat) {
	t.Helper()
	w := hospital(t)
	dir, c := w.enrol(), &clocks{wall: time.Now()}
	s := w.sitWith(dir, c)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	w.stop()
	waitFor(t, "the link is lost", func() bool { return !s.Link().Connected })
	return w, dir, c, s
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	rest := 10 * time.Millisecond
	for end := time.Now().Add(90 * time.Second); !ok(); time.Sleep(rest) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
		rest = min(rest*5/4, 200*time.Millisecond) // to look may be work for central, and an event of its own
	}
}

func TestAPINAloneIsEnoughForThreeDays(t *testing.T) {
	w, dir, c, s := aWardWithoutCentral(t)
	c.pass(71 * time.Hour)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatalf("after 71 hours: %v", err)
	}
	c.pass(2 * time.Hour)
	if _, err := w.signIn(s, "481526"); !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "72 hours") {
		t.Fatalf("after 73 hours: %v", err)
	}
	// Neither a start nor a clock that is set back opens it again.
	_ = s.Close()
	for _, back := range []time.Duration{0, -72 * time.Hour, -1000 * time.Hour} {
		c.set(back)
		s = w.sitWith(dir, c)
		if _, err := w.signIn(s, "481526"); !fault.Is(err, fault.Denied) {
			t.Errorf("started again with the clock set by %v: %v", back, err)
		}
		_ = s.Close()
	}
	// Central opens it: nobody has to repair anything.
	w.start()
	s = w.sitWith(dir, c)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Errorf("with central back: %v", err)
	}
}

// A clock that is set back again and again at every start charges a day each
// time.
func TestAClockSetBackAtEachStartOpensNothingForLong(t *testing.T) {
	w, dir, c, s := aWardWithoutCentral(t)
	_ = s.Close()
	let := 0
	for range 6 {
		c.set(-time.Hour)
		s = w.sitWith(dir, c)
		if _, err := w.signIn(s, "481526"); err == nil {
			let++
		}
		_ = s.Close()
	}
	if let > 3 {
		t.Errorf("with the clock set back before each start, %d starts let somebody read", let)
	}
}

// Whoever may not read may write: it is kept, shows nothing, and is theirs when
// they sign in.
func TestWhatWasSeenIsWrittenThoughNobodyMayRead(t *testing.T) {
	w, dir, c, s := aWardWithoutCentral(t)
	ctx := context.Background()
	c.pass(100 * time.Hour)
	if _, err := w.signIn(s, "481526"); !fault.Is(err, fault.Denied) {
		t.Fatal(err)
	}
	if err := s.Jot(ctx, "g.mensah", "000000", "not hers"); !fault.Is(err, fault.Unknown) {
		t.Errorf("with a wrong PIN: %v", err)
	}
	stranger, nobody := s.Jot(ctx, "t.blake", "481526", "Bed 7 fell"), s.Jot(ctx, "x.y", "1", "Bed 7 fell")
	if !fault.Is(stranger, fault.NotFound) || strings.Contains(fault.Words(stranger), "PIN") || fault.Words(stranger) != fault.Words(nobody) {
		t.Errorf("who never signed in here is told %v, who does not exist %v", stranger, nobody)
	}
	if err := s.Jot(ctx, "G.Mensah", "481526", "Bed 7 fell at 14:10, no injury seen"); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	c.pass(time.Minute)
	s = w.sitWith(dir, c) // over a start
	if err := s.Jot(ctx, "g.mensah", "481526", "Bed 9 asks for pain relief"); err != nil {
		t.Fatal(err)
	}
	if d, err := s.Desk(); err == nil {
		if _, open := d.SignedIn(); open {
			t.Error("a jotting began a session")
		}
	}
	w.start()
	var who ward.Person
	waitFor(t, "sign-in with central back", func() (ok bool) {
		p, err := w.signIn(s, "481526")
		who = p
		return err == nil
	})
	d, err := s.Desk()
	if err != nil {
		t.Fatal(err)
	}
	drafts, err := d.Drafts(ctx)
	if err != nil || len(drafts) != 2 || drafts[1].Body != "Bed 7 fell at 14:10, no injury seen" || drafts[0].Kind != seat.KindJotting {
		t.Fatalf("%s finds %+v, %v", who.Name, drafts, err)
	}
	if told := s.Unread("g.mensah"); len(told) != 2 || told[0].Safe != "Bed 7 fell at 14:10, no injury seen" || len(s.Unread("t.blake")) != 0 || len(s.Trouble()) != 0 {
		t.Errorf("she is told %+v, others %v, everybody %v", told, s.Unread("t.blake"), s.Trouble())
	}
	if err := s.MarkRead("g.mensah", s.Unread("g.mensah")[0].ID); err != nil || len(s.Unread("g.mensah")) != 1 {
		t.Errorf("after she has entered one: %v, %v", err, s.Unread("g.mensah"))
	}
	if err := s.Jot(ctx, "g.mensah", "481526", "Bed 7 fell at 14:10, no injury seen"); err != nil {
		t.Fatal(err)
	}
	if drafts, err = d.Drafts(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.DropJotting(ctx, drafts[0].Saved.UTC().Format(time.RFC3339Nano)); err != nil {
		t.Error(err)
	}
	if drafts, _ = d.Drafts(ctx); len(drafts) != 1 {
		t.Errorf("after one was entered: %+v", drafts)
	}
}

// After thirty days without central the copy goes; drafts and jottings stay, and
// central fills it anew.
func TestACopyThatIsTooOldGoesAndNothingWrittenGoesWithIt(t *testing.T) {
	w, dir, c, s := aWardWithoutCentral(t)
	ctx := context.Background()
	if err := s.Jot(ctx, "g.mensah", "481526", "Before the copy went"); err != nil {
		t.Fatal(err)
	}
	c.pass(31 * 24 * time.Hour)
	select {
	case <-s.Gone():
	case <-time.After(90 * time.Second):
		t.Fatal("the copy stays open after its time")
	}
	if why := s.Why(); !fault.Is(why, fault.Denied) || !strings.Contains(why.Error(), "copy of the record had to go") {
		t.Errorf("why: %v", why)
	}
	if _, err := s.Desk(); err == nil {
		t.Error("there is still a desk")
	}
	_ = s.Close()
	s = w.sitWith(dir, c)
	if _, err := w.signIn(s, "481526"); !fault.Is(err, fault.Denied) {
		t.Fatalf("reading in the new, empty copy: %v", err)
	}
	if err := s.Jot(ctx, "g.mensah", "481526", "After it went"); err != nil {
		t.Fatal(err)
	}
	w.start()
	waitFor(t, "sign-in with central back", func() bool { _, err := w.signIn(s, "481526"); return err == nil })
	d, err := s.Desk()
	if err != nil {
		t.Fatal(err)
	}
	if drafts, err := d.Drafts(ctx); err != nil || len(drafts) != 2 {
		t.Errorf("what was written: %+v, %v", drafts, err)
	}
}

// A lost permission counts as soon as the computer hears of it: the session ends,
// and offline the PIN opens nothing.
func TestAClosedAccountEndsTheSessionEverywhere(t *testing.T) {
	w := hospital(t)
	dir, c := w.enrol(), &clocks{wall: time.Now()}
	s := w.sitWith(dir, c)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	w.order("user close", map[string]string{"user": "g.mensah"})
	d, err := s.Desk()
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the session ends", func() bool { p, _ := d.SignedIn(); return p.User == "" })
	w.stop()
	if _, err := w.signIn(s, "481526"); !fault.Is(err, fault.Denied) {
		t.Errorf("offline, after the account was closed: %v", err)
	}
}

func TestLimitsThatCentralSetsAreObeyed(t *testing.T) {
	w := hospital(t)
	dir, c := w.enrol(), &clocks{wall: time.Now()}
	w.order("limits", map[string]string{"offline_hours": "8"})
	s := w.sitWith(dir, c)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "it has heard of them", func() bool { return s.Limits().Offline == 8*time.Hour })
	w.stop()
	waitFor(t, "the link is lost", func() bool { return !s.Link().Connected })
	c.pass(9 * time.Hour)
	if _, err := w.signIn(s, "481526"); !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "8 hours") {
		t.Errorf("after nine hours of eight: %v", err)
	}
	if err := w.try("limits", map[string]string{"offline_hours": "9000"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("nine thousand hours: %v", err)
	}
}

// So are the tries, with the network out too and at the next start; what is out of range
// central refuses, and a computer would not go by it.
func TestTriesThatCentralSetsAreObeyed(t *testing.T) {
	w := hospital(t)
	dir, c := w.enrol(), &clocks{wall: time.Now()}
	s := w.sitWith(dir, c)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []map[string]string{{"tries": "2"}, {"tries": "11"}, {"slow_from": "5"}, {"slow_seconds": "31"}, {"slow_factor": "1"}} {
		if err := w.try("limits", bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	w.order("limits", map[string]string{"tries": "3"})
	waitFor(t, "the computer has heard of it", func() bool { n, err := s.Tries(); return err == nil && n == 3 })
	w.stop()
	waitFor(t, "the link is lost", func() bool { return !s.Link().Connected })
	_ = s.Close()
	s = w.sitWith(dir, c)
	for try := 1; try <= 3; try++ {
		want := fault.Unknown
		if try == 3 {
			want = fault.Denied
		}
		if _, err := w.signIn(s, "000000"); !fault.Is(err, want) {
			t.Errorf("try %d of 3: %v", try, err)
		}
	}
	if _, err := w.signIn(s, "481526"); !fault.Is(err, fault.Denied) {
		t.Errorf("after three of three: %v", err)
	}
	// Central opens it again, and has its own three.
	w.start()
	waitFor(t, "sign-in with central back", func() bool { _, err := w.signIn(s, "481526"); return err == nil })
	for try := 1; try <= 4; try++ {
		want := fault.Unknown
		if try == 4 {
			want = fault.Denied
		}
		if _, err := w.signIn(s, "000000"); !fault.Is(err, want) {
			t.Errorf("try %d at central, where three are allowed: %v", try, err)
		}
	}
}

// Who guesses with the cable pulled is on central's record when it is plugged in.
func TestAWrongPINWithTheNetworkOutIsOnRecord(t *testing.T) {
	w, _, _, s := aWardWithoutCentral(t)
	if _, err := w.signIn(s, "000000"); !fault.Is(err, fault.Unknown) {
		t.Fatalf("another PIN: %v", err)
	}
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	w.start()
	waitFor(t, "the try is on central's record", func() bool {
		for _, line := range w.order("audit list", nil) {
			if text := mustText(t, line); line["outcome"] == "refused" && strings.Contains(text, "the name or the PIN does not fit") && strings.Contains(text, "g.mensah") {
				return true
			}
		}
		return false
	})
}

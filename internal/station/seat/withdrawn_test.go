package seat_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/seat"
)

// A nurse is signed in when her computer is revoked. It locks by itself; what she
// had not finished is there, sealed; no PIN opens it again, with the network, and
// without, and after a restart; and it says in words why and what to do.
func TestARevokedComputerEndsTheOpenSession(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	s := w.sit(dir)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the link stands", func() bool { return s.Link().Connected })
	d, err := s.Desk()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Jot(context.Background(), "g.mensah", "481526", "Urine clear, plan to"); err != nil {
		t.Fatal(err)
	}
	w.order("revoke", map[string]string{"station": string(s.Info().Station)})
	waitFor(t, "the station knows", func() bool { return s.Link().Withdrawn })
	waitFor(t, "the session is over", func() bool { _, in := d.SignedIn(); return !in })
	if _, err := d.Board(context.Background()); !fault.Is(err, fault.Denied) {
		t.Errorf("the board: %v", err)
	}
	refused := func(when string, s *seat.Seat) {
		t.Helper()
		_, err := w.signIn(s, "481526")
		if !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "withdrawn this computer's access") || !strings.Contains(err.Error(), "tell IT") {
			t.Errorf("%s: %v", when, err)
		}
	}
	refused("with the network", s)
	w.stop()
	refused("without the network", s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := w.sit(dir)
	refused("after a restart", again)
	if people := again.People(); len(people) != 1 || people[0].Drafts != 1 {
		t.Errorf("her draft: %+v", people)
	}
	if err := again.Jot(context.Background(), "g.mensah", "481526", "What I saw"); err != nil {
		t.Errorf("what she saw cannot be written down: %v", err)
	}
}

// A server that cannot be trusted, or that is away, is no word of the hospital's:
// the ward goes on reading.
func TestOnlyCentralItselfWithdrawsAComputer(t *testing.T) {
	w := hospital(t)
	s := w.sit(w.enrol())
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the link stands", func() bool { return s.Link().Connected })
	w.stop()
	stranger := hospitalAt(t, w.conf.Listen)
	waitFor(t, "it was turned away", func() bool { return s.Link().Refused != "" })
	time.Sleep(50 * time.Millisecond)
	if l := s.Link(); l.Withdrawn {
		t.Errorf("a stranger withdrew it: %+v", l)
	}
	stranger.stop()
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Errorf("with the PIN: %v", err)
	}
}

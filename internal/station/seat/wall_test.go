package seat_test

import (
	"context"
	"testing"
	"time"

	"wardlight/internal/station/seat"
)

// A site that has not allowed it shows no wall to a window that is locked. One
// that has does, until the computer has been alone for as long as a PIN would do.
func TestTheWallFollowsTheSitesWord(t *testing.T) {
	_, _, _, s := aWardWithoutCentral(t)
	if !s.MayWall() {
		t.Error("no wall for whoever is signed in")
	}
	d, err := s.Desk()
	if err != nil {
		t.Fatal(err)
	}
	d.Lock()
	if _, err := s.Wall(context.Background()); s.MayWall() || err == nil {
		t.Error("the wall shows patients with nobody signed in, and the site never allowed it")
	}
	if err := s.OpenWall(context.Background()); err == nil {
		t.Error("it was opened all the same")
	}
}

// The same computer, where the site allows it.
func TestAnOpenWallEndsWithTheLease(t *testing.T) {
	w := hospital(t)
	dir, c := w.enrol(), &clocks{wall: time.Now()}
	s, err := seat.Open(context.Background(), seat.Config{Dir: dir, Secrets: w.secrets, Cost: cheap, Now: c.now, Uptime: c.ran, Every: 20 * time.Millisecond, OpenWall: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	d, err := s.Desk()
	if err != nil {
		t.Fatal(err)
	}
	d.Lock()
	if _, err := s.Wall(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.stop()
	waitFor(t, "the link is lost", func() bool { return !s.Link().Connected })
	c.pass(71 * time.Hour)
	if !s.MayWall() {
		t.Error("no wall within the time that a PIN would do")
	}
	c.pass(2 * time.Hour)
	waitFor(t, "the wall ends", func() bool { return !s.MayWall() })
	if _, err := s.Wall(context.Background()); err == nil {
		t.Error("a computer that was alone for three days shows its ward")
	}
}

// A computer that central has shut out shows no wall, whoever put it up.
func TestARevokedComputerShowsNoWall(t *testing.T) {
	w := hospital(t)
	s := w.sit(w.enrol())
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the link stands", func() bool { return s.Link().Connected })
	if !s.MayWall() {
		t.Fatal("no wall before")
	}
	w.order("revoke", map[string]string{"station": string(s.Info().Station)})
	waitFor(t, "the wall ends", func() bool { return !s.MayWall() })
	if wall, err := s.Wall(context.Background()); err == nil {
		t.Errorf("it shows %d patients", len(wall.Cards))
	}
}

// Central is away when the computer is started: before anybody has signed in it is
// known that there is a copy, and how old it is.
func TestTheAgeOfTheCopyIsKnownBeforeItOpens(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	s := w.sit(dir)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "everything is here", func() bool { return !s.Link().AsOf.IsZero() })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	w.stop()
	s = w.sit(dir)
	if l := s.Link(); !l.Sealed || l.Connected || time.Since(l.AsOf) > time.Minute || l.AsOf.After(time.Now()) {
		t.Errorf("%+v", l)
	}
}

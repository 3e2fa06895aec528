package shell

import (
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/idle"
	"wardlight/internal/station/view/signin"
	"wardlight/internal/words"
)

// present notes that somebody is at the window.
func (s *Shell) present() {
	s.handMoved()
	s.idle.Seen(s.conf.Now())
	if s.closing != "" {
		s.closing = ""
		s.showTop()
	}
}

// handMoved tells who rests meanwhile that a hand moved.
func (s *Shell) handMoved() {
	s.hurry.move()
	if s.conf.Hand != nil {
		s.conf.Hand()
	}
}

// watchIdle locks a window that nobody has used, and says so shortly before. The
// shell calls it once a second.
func (s *Shell) watchIdle() {
	left, ok := s.idle.Left(s.conf.Now())
	if !ok || s.seat == nil {
		return
	}
	switch {
	case left <= 0:
		s.hide(&signin.Locked{User: s.seat.person.User, Name: s.seat.person.Name, At: s.conf.Now(), Unused: s.idle.Limit})
	case left <= idle.Warn:
		s.closing = words.F("Locks in %d s: press a key to stay", int(left/time.Second))
	}
}

// lock hides everything until the PIN is given again.
func (s *Shell) lock() {
	if s.seat != nil && s.desk != nil {
		s.hide(&signin.Locked{User: s.seat.person.User, Name: s.seat.person.Name, At: s.conf.Now()})
	}
}

// yield hides a session that is about to end by central's word, or because it lasted as
// long as one may: at once, and what is being typed is kept.
func (s *Shell) yield(why ward.SessionEnd) {
	if s.seat != nil && s.desk != nil {
		s.hide(&signin.Locked{User: s.seat.person.User, Name: s.seat.person.Name, At: s.conf.Now(), Ended: why})
	}
}

// withdraw takes everything of a patient off the screen of a computer that may not
// show any more: at once, whoever sits there, and the wall too. What is being typed
// is kept for its author.
func (s *Shell) withdraw() {
	s.leaveWall()
	if s.seat != nil {
		s.hide(&signin.Locked{User: s.seat.person.User, Name: s.seat.person.Name, At: s.conf.Now(), Withdrawn: true})
	}
}

// hide takes the page away at once, and then writes what was being typed and
// locks the desk: drafts are written while their author is still signed in.
func (s *Shell) hide(why *signin.Locked) {
	d, n := s.desk, s.seat
	s.hiding, s.closing = true, ""
	s.signIn.model.Lock(why)
	s.end()
	go func() {
		n.flush()
		if p, ok := d.SignedIn(); ok && p.User == n.person.User { // nobody else has come meanwhile
			d.Lock()
		}
	}()
}

package shell

import (
	"context"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	vwall "wardlight/internal/station/view/wall"
	"wardlight/ui/wall"
)

// The wall is the ward on a large screen, by bed and initials. It lies over the
// whole window. Where the site allows it with nobody signed in, showing it locks
// the window first: any key leads to the page that asks for a PIN, never back into
// somebody's session. Elsewhere it belongs to whoever is signed in, and ends when
// the window locks itself.

// wallDesk is what the wall needs of the station.
type wallDesk interface {
	vwall.Desk
	// MayWall says whether the wall may be shown now.
	MayWall() bool
}

// wallScreen is the wall while it is shown.
type wallScreen struct {
	model *vwall.Model
	page  *wall.Page
	end   context.CancelFunc
}

// openWall shows the wall by itself where the program was started for one: once, as
// soon as it may be shown and while nobody has begun to sign in.
func (s *Shell) openWall() {
	if !s.conf.OpenWall || s.wallOpened || s.wall != nil || !s.conf.Station.MayWall() {
		return
	}
	s.wallOpened = true // not over whoever leaves it
	if s.seat == nil && !s.signIn.begun() {
		s.showWall()
	}
}

// toggleWall shows the wall, or takes it away.
func (s *Shell) toggleWall() {
	s.wallOpened = true
	if s.wall != nil {
		s.leaveWall()
		return
	}
	if !s.conf.Station.MayWall() {
		return
	}
	if s.seat != nil && s.conf.OpenWall {
		s.lock()
	}
	s.showWall()
}

func (s *Shell) showWall() {
	ctx, end := context.WithCancel(s.ctx)
	w := &wallScreen{end: end}
	var page *wall.Page
	w.model = vwall.New(s.conf.Station, s.conf.Dispatch, s.conf.Now, func(st vwall.State) {
		if page != nil && ctx.Err() == nil {
			page.Show(st)
		}
	})
	page = wall.New(s.title(), func() string { return ward.Clock(s.conf.Now()) }, w.model.Fits, s.leaveWall)
	w.page = page
	page.Hush(s.strip.SoundShort)
	s.wall = w
	s.unfocus()
	if s.seat != nil {
		s.seat.alerts.SetVisible(false) // what lies below is not shown to anybody
	}
	s.frame.cover(page.Object())
	w.model.Open(ctx, s.conf.Dispatch)
}

// leaveWall goes back to the session, or to the page that asks for a PIN.
func (s *Shell) leaveWall() {
	if !s.dropWall() {
		return
	}
	s.frame.show(s.frame.body)
	if s.seat != nil {
		s.seat.alerts.SetVisible(true)
	} else {
		s.later(s.signIn.focus) // the letter of the key that left the wall is no part of a name
	}
	s.showTop()
}

// dropWall ends the wall, and reports whether there was one.
func (s *Shell) dropWall() bool {
	if s.wall == nil {
		return false
	}
	s.wall.end()
	s.wall = nil
	s.frame.cover(nil)
	return true
}

// wallKey is any key while the wall is shown: it only leaves it.
func (s *Shell) wallKey(fyne.KeyName) bool {
	if s.wall == nil {
		return false
	}
	s.leaveWall()
	return true
}

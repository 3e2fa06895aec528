package shell

import (
	"runtime"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	vsettings "wardlight/internal/station/view/settings"
	"wardlight/internal/words"
	"wardlight/internal/words/languages"
	"wardlight/ui/kit"
	"wardlight/ui/settings"
	"wardlight/ui/theme"
)

// How the window looks: for whoever is signed in as they chose, and else as the
// computer's own.

// modes are the themes as the drawing side names them.
var modes = map[string]theme.Mode{
	ward.ThemeSystem: theme.System, ward.ThemeLight: theme.Light, ward.ThemeDark: theme.Dark, ward.ThemeHighContrast: theme.HighContrast,
}

// present look of the running program.
func lookNow() ward.Look {
	o := theme.Current().Options()
	l := ward.Look{Scale: int(o.Scale*100 + 0.5), Still: o.Still}
	if tag := words.Tag(); tag != languages.Computer() {
		l.Language = tag
	}
	for name, mode := range modes {
		if mode == o.Mode {
			l.Theme = name
		}
	}
	return l
}

// Apply makes the window look so, and speak so. Nothing is drawn anew where it looks so
// already; pages that were made in another language have to be made again (speak).
func Apply(l ward.Look) {
	languages.Use(l.Language)
	o := theme.Current().Options()
	want := o
	want.Mode, want.Scale, want.Still = modes[l.Theme], float32(l.Scale)/100, l.Still
	if want != o {
		fyne.CurrentApp().Settings().SetTheme(theme.New(want))
	}
}

func (n *session) makeSettings() {
	conf := n.shell.conf
	var p *settings.Page
	show := func(st vsettings.State) {
		if p != nil && !n.over() {
			p.Show(st)
		}
	}
	if n.settings = n.shell.moving; n.settings == nil {
		n.settings = vsettings.New(conf.Station, conf.Dispatch, n.person, n.shell.first, n.shell.look, show)
	}
	labels := vsettings.NewLabels(conf.Station, conf.Dispatch, func(st vsettings.LabelState) {
		if p != nil && !n.over() {
			p.ShowLabels(st)
		}
	})
	own := vsettings.NewAccount(conf.Station, conf.Dispatch, conf.Now, func(st vsettings.AccountState) {
		if p != nil && !n.over() {
			p.ShowAccount(st)
		}
	})
	p = settings.New(n.settings, own, n.shell.sound, labels, settings.About{Version: conf.Version, Place: conf.Place, Rows: []ward.Fact{
		{Label: words.T("Built with"), Words: runtime.Version()},
		{Label: words.T("System"), Words: runtime.GOOS + " " + runtime.GOARCH},
	}, Licences: conf.Licences}, conf.Clock, n.shell.typing)
	n.pages[pageSettings] = p
	n.settings.Move(show)
}

// look makes the window look as somebody chose. In another language the pages are made
// anew: what was said on them would stay as it was.
func (s *Shell) look(l ward.Look) {
	before := words.Tag()
	Apply(l)
	if words.Tag() == before {
		return
	}
	s.speak()
	if s.seat != nil && s.moving == nil {
		s.later(s.remake)
	}
}

// lookOf is how the window looks for a person: as they chose, else as the computer's own.
func (s *Shell) lookOf(user string) ward.Look {
	if user != "" {
		if l, ok := s.conf.Station.Look(user); ok {
			return l
		}
	}
	return vsettings.Computer(s.conf.Station, s.first)
}

// speak makes anew what does not belong to a session: the sign-in page and the strip.
func (s *Shell) speak() {
	was := s.signIn
	s.signIn = newSignInPage(s)
	s.signIn.model.Lock(was.model.Locked())
	if s.lost != "" {
		s.signIn.model.Lost()
	}
	s.frame.changed(was.object, s.signIn.object)
	s.showTop()
	s.showLink(s.link)
	s.signIn.model.Refresh()
}

// remake makes the pages of whoever is signed in anew, in the language that they have
// just chosen, and shows the page on which they chose it. What is being typed is kept
// as a draft, as when the window locks; the choice itself is still being written down,
// so that its model goes on.
func (s *Shell) remake() {
	n := s.seat
	if n == nil || n.over() {
		return
	}
	n.flush()
	at := n.leave().page
	s.moving = n.settings
	s.seat = newSession(s, n.person)
	s.frame.show(s.seat.body)
	s.seat.start()
	s.moving = nil
	s.seat.turn(at)
	s.showTop()
	s.showLink(s.link)
	if o, ok := s.control("language"); ok && at == pageSettings {
		if f, ok := o.(fyne.Focusable); ok {
			kit.Focus(s.canvas, f)
		}
	}
}

// step makes all text, rows and paddings larger or smaller: kept for whoever is
// signed in, and on the sign-in page until somebody is.
func (s *Shell) step(a kit.Action) {
	by := 1
	if a == doSmaller {
		by = -1
	}
	if s.seat != nil {
		s.seat.settings.Step(by)
		return
	}
	l := lookNow()
	l.Scale += by * ward.ScaleStep
	s.look(l.Sound())
}

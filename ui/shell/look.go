package shell

import (
	"runtime"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	vsettings "wardlight/internal/station/view/settings"
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
	for name, mode := range modes {
		if mode == o.Mode {
			l.Theme = name
		}
	}
	return l
}

// Apply makes the window look so. Nothing is drawn anew where it looks so already.
func Apply(l ward.Look) {
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
	n.settings = vsettings.New(conf.Station, conf.Dispatch, n.person, n.shell.first, Apply, func(st vsettings.State) {
		if p != nil && !n.over() {
			p.Show(st)
		}
	})
	labels := vsettings.NewLabels(conf.Station, conf.Dispatch, func(st vsettings.LabelState) {
		if p != nil && !n.over() {
			p.ShowLabels(st)
		}
	})
	p = settings.New(n.settings, n.shell.sound, labels, settings.About{Version: conf.Version, Place: conf.Place, Rows: []ward.Fact{
		{Label: "Built with", Words: runtime.Version()},
		{Label: "System", Words: runtime.GOOS + " " + runtime.GOARCH},
	}, Licences: conf.Licences}, conf.Clock)
	n.pages[pageSettings] = p
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
	Apply(l.Sound())
}

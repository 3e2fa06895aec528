package shell

import (
	vroutines "wardlight/internal/station/view/routines"
	"wardlight/ui/routines"
)

func (n *session) makeRoutines() {
	conf := n.shell.conf
	var p *routines.Page
	n.routines = vroutines.New(n.unhurried(), conf.Dispatch, conf.Now, func(st vroutines.State) {
		if !n.over() {
			n.draw(pageRoutines, func() { p.Show(st) })
		}
	})
	p = routines.New(n.routines, n.shell.typing, conf.Clock)
	n.pages[pageRoutines] = p
}

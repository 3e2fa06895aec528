package shell

import (
	valerts "wardlight/internal/station/view/alerts"
	vsound "wardlight/internal/station/view/sound"

	"wardlight/internal/clinical/ward"
)

// What is heard is decided and played beside the display (view/sound); the window says
// when nothing is, and tells what it has drawn.

// showSound draws what the strip and the settings page say of the sound.
func (s *Shell) showSound(st vsound.State) {
	s.links.Reload() // the strip
	if s.seat == nil {
		return
	}
	if p, ok := s.seat.pages[pageSettings].(interface{ ShowSound(st vsound.State) }); ok {
		p.ShowSound(st)
	}
}

// tellSeen tells the sound of a card that has been in front for long enough to be
// looked at.
func (n *session) tellSeen(c *valerts.Card) {
	if c == nil || c.Drawn.IsZero() || n.shell.conf.Now().Sub(c.Drawn) < valerts.Guard {
		return
	}
	for _, a := range append([]ward.Alert{c.Alert}, c.With...) {
		n.shell.sound.Seen(ward.SoundKey(a.Result.ID, a.Result.Version))
	}
}

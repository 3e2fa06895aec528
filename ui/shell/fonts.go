package shell

import (
	"time"

	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// The toolkit reads its fonts once more for each field that is drawn anew after it was
// hidden for a while, two megabytes each time, and keeps them until the theme changes:
// a search that is opened a hundred times a day would take two hundred.
const (
	mostFonts = 24 // some fifty megabytes
	fontsRest = 8 * time.Second
)

// freeFonts sets the same theme again where that lets go of much, while nobody uses the
// window: everything is laid out anew by it. The shell calls it once a second.
func (s *Shell) freeFonts() {
	if s.renewed { // what was drawn anew by that is no field that came back
		kit.ForgetFieldFonts()
		s.renewed = false
	}
	if kit.FieldFonts() < mostFonts || s.idle.Unused(s.conf.Now()) < fontsRest {
		return
	}
	s.renewed = true
	theme.Renew()
}

package ward

// Look is how the screens look for somebody: no fact of a patient is in it. The
// zero value says nothing, and stands for the computer's own.
type Look struct {
	Theme string `json:"theme,omitempty"` // one of the Themes; "" follows the system
	Scale int    `json:"scale,omitempty"` // of text, rows and icons, in per cent; 0 is 100
	Still bool   `json:"still,omitempty"` // less motion: nothing pulses
	// Language is the BCP 47 tag of what is read; "" is the language of the computer.
	Language string `json:"language,omitempty"`
}

// The themes.
const (
	ThemeSystem       = ""
	ThemeLight        = "light"
	ThemeDark         = "dark"
	ThemeHighContrast = "high-contrast"
)

// maxLanguage is how many bytes the tag of a language has at most.
const maxLanguage = 35

// The bounds of the text scale, in per cent, and its steps.
const (
	MinScale  = 80
	MaxScale  = 200
	ScaleStep = 10
)

// Sound returns the look with everything within its bounds: a file that somebody
// edited must not make the screens unreadable.
func (l Look) Sound() Look {
	switch l.Theme {
	case ThemeSystem, ThemeLight, ThemeDark, ThemeHighContrast:
	default:
		l.Theme = ThemeLight
	}
	if l.Scale == 0 {
		l.Scale = 100
	}
	l.Scale = min(max(l.Scale, MinScale), MaxScale)
	if len(l.Language) > maxLanguage {
		l.Language = ""
	}
	return l
}

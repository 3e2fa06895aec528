// Package theme turns the design tokens into a Fyne theme and answers what
// colour, size, typeface or icon a widget should draw with now.
//
// There are three appearances, light, dark and high contrast, and one factor for
// text, rows, icons and paddings together, from 80 to 200 per cent. Both live in
// the theme that is set on the running application: a widget asks Color, Px or
// Text when it refreshes and never keeps the answer, so one SetTheme redraws
// everything and no window can keep an old colour.
//
// Promises: every token has a colour in every appearance (the program does not
// start otherwise); a colour is looked up by meaning; the colours that Fyne's own
// widgets ask for are the same tokens. The package imports assets and Fyne only.
package theme

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"
)

// Transparent is the token of nothing drawn.
const Transparent Token = "transparent"

// Mode is an appearance.
type Mode string

// The appearances. System follows the operating system between light and dark.
const (
	System       Mode = ""
	Light        Mode = "light"
	Dark         Mode = "dark"
	HighContrast Mode = "highContrast"
)

// Density is how much room a row gets.
type Density string

// The densities: compact for a mouse on a low screen, standard above, touch when
// chosen.
const (
	Compact  Density = "compact"
	Standard Density = "standard"
	Touch    Density = "touch"
)

// Edge is a kind of line, whose width depends on the appearance only.
type Edge string

// The edges.
const (
	Hairline  Edge = "hairline"
	Control   Edge = "control"
	Emphasis  Edge = "emphasis"
	FocusRing Edge = "focus"
)

// The bounds of the text scale.
const (
	MinScale float32 = 0.8
	MaxScale float32 = 2.0
)

// Options are what a person may choose. The zero value is the system's
// appearance at 100 per cent, compact.
type Options struct {
	Mode    Mode
	Scale   float32 // of text, rows, icons and paddings; 0 means 1
	Density Density
	Still   bool // less motion: nothing pulses
}

// Theme is a fyne.Theme made from the tokens. It is immutable: choosing
// differently makes a new one.
type Theme struct {
	options Options
	design  *design
}

var _ fyne.Theme = (*Theme)(nil)

// New makes a theme. A scale outside 80 to 200 per cent is brought to the bound.
func New(o Options) *Theme {
	if o.Scale == 0 {
		o.Scale = 1
	}
	o.Scale = min(max(o.Scale, MinScale), MaxScale)
	if o.Density == "" {
		o.Density = Compact
	}
	return &Theme{options: o, design: loadDesign()}
}

// Options returns what the theme was made with, with its defaults filled in.
func (t *Theme) Options() Options { return t.options }

// Color implements fyne.Theme: it knows Fyne's own names and every token.
func (t *Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	p := t.palette(variant)
	if name == fynetheme.ColorNameBackground && GroundDimmed() {
		return p.ground
	}
	token, ok := t.design.names[string(name)]
	if !ok {
		token = Token(name)
	}
	if c, ok := p.colors[token]; ok {
		return c
	}
	return fynetheme.DefaultTheme().Color(name, t.variant(variant))
}

// Font implements fyne.Theme. The bold slot is semibold: bold 700 is only for
// values, and those ask for it by FontOf.
func (t *Theme) Font(style fyne.TextStyle) fyne.Resource {
	switch {
	case style.Symbol:
		return fynetheme.DefaultTheme().Font(style)
	case style.Monospace && style.Bold:
		return FontOf(MonoSemiBold)
	case style.Monospace:
		return FontOf(Mono)
	case style.Bold:
		return FontOf(SemiBold)
	case style.Italic:
		return FontOf(Italic)
	default:
		return FontOf(Regular)
	}
}

// Icon implements fyne.Theme for the few icons that Fyne's own widgets ask for.
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource {
	return fynetheme.DefaultTheme().Icon(name)
}

// Size implements fyne.Theme. Lines keep their width at every scale; a size that
// the tokens do not name is Fyne's own, scaled.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	size, ok := t.design.sizes[string(name)]
	if !ok {
		size = fynetheme.DefaultTheme().Size(name)
	}
	switch name {
	case fynetheme.SizeNameSeparatorThickness, fynetheme.SizeNameInputBorder:
		return size
	default:
		return size * t.options.Scale
	}
}

// variant is the variant that Fyne's fallbacks should be asked with.
func (t *Theme) variant(system fyne.ThemeVariant) fyne.ThemeVariant {
	switch t.options.Mode {
	case Light:
		return fynetheme.VariantLight
	case Dark, HighContrast:
		return fynetheme.VariantDark
	default:
		return system
	}
}

func (t *Theme) palette(system fyne.ThemeVariant) palette {
	mode := t.options.Mode
	if mode == System {
		mode = Light
		if system == fynetheme.VariantDark {
			mode = Dark
		}
	}
	return t.design.palettes[mode]
}

// px scales a design length and keeps it on whole units, so that edges stay sharp.
func (t *Theme) px(v float32) float32 {
	return float32(math.Round(float64(v * t.options.Scale)))
}

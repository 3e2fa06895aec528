package theme

import (
	"image/color"
	"sync"

	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"

	"wardlight/assets"
)

// fallback stands in while no theme of ours is set, as in a test that forgot.
var fallback = sync.OnceValue(func() *Theme { return New(Options{Mode: Light}) })

// Current returns the theme of the running application, or the light one at
// 100 per cent where the application has another theme or there is none.
func Current() *Theme {
	if app := fyne.CurrentApp(); app != nil {
		if t, ok := app.Settings().Theme().(*Theme); ok {
			return t
		}
	}
	return fallback()
}

// Renew sets the present theme once more, so that the toolkit lets go of what it keeps
// of it. Everything is drawn anew.
func Renew() {
	if app := fyne.CurrentApp(); app != nil {
		app.Settings().SetTheme(New(Current().Options()))
	}
}

// Color returns what a token is drawn with now.
func Color(token Token) color.Color {
	variant := fynetheme.VariantLight
	if app := fyne.CurrentApp(); app != nil {
		variant = app.Settings().ThemeVariant()
	}
	p := Current().palette(variant)
	if c, ok := p.colors[token]; ok {
		return c
	}
	return color.Transparent
}

// Px returns a design length at the present scale, in whole units.
func Px(v float32) float32 { return Current().px(v) }

// TextSize returns a design text size at the present scale.
func TextSize(v float32) float32 { return v * Current().options.Scale }

// Scale returns the present scale of text, rows, icons and paddings.
func Scale() float32 { return Current().options.Scale }

// Still reports whether the person asked for less motion.
func Still() bool { return Current().options.Still }

// Stroke returns how wide an edge is in the present appearance; it does not grow
// with the text.
func Stroke(e Edge) float32 {
	variant := fynetheme.VariantLight
	if app := fyne.CurrentApp(); app != nil {
		variant = app.Settings().ThemeVariant()
	}
	return Current().palette(variant).stroke[e]
}

// IsHighContrast reports whether tints are black now, so that shapes must live by
// their borders.
func IsHighContrast() bool { return Current().options.Mode == HighContrast }

// Rows are the heights of a list's rows in one density, as design lengths.
type Rows struct {
	Steady, Urgent, Table, TableTall, Inbox, FormRow, FormField, MinTarget float32
}

// RowHeights returns the row heights of the present density.
func RowHeights() Rows {
	switch Current().options.Density {
	case Touch:
		return Rows{Steady: 48, Urgent: 64, Table: 48, TableTall: 56, Inbox: 56, FormRow: 56, FormField: 44, MinTarget: 44}
	case Standard:
		return Rows{Steady: 32, Urgent: 48, Table: 36, TableTall: 48, Inbox: 48, FormRow: 48, FormField: 36, MinTarget: 32}
	default:
		return Rows{Steady: 24, Urgent: 41, Table: 32, TableTall: 44, Inbox: 44, FormRow: 48, FormField: 36, MinTarget: 24}
	}
}

// Face is a typeface of the design language.
type Face string

// The faces. Bold is for values, the bed number, the name in a banner and badges.
const (
	Regular      Face = "regular"
	SemiBold     Face = "semibold"
	Bold         Face = "bold"
	Italic       Face = "italic"
	Mono         Face = "mono"
	MonoSemiBold Face = "monoSemibold"
)

var faces = sync.OnceValue(func() map[Face]fyne.Resource {
	files := map[Face]assets.Font{
		Regular: assets.SansRegular, SemiBold: assets.SansSemiBold, Bold: assets.SansBold,
		Italic: assets.SansItalic, Mono: assets.MonoRegular, MonoSemiBold: assets.MonoSemiBold,
	}
	out := make(map[Face]fyne.Resource, len(files))
	for face, file := range files {
		out[face] = fyne.NewStaticResource(string(file), assets.FontData(file))
	}
	return out
})

// FontOf returns a face for canvas.Text.FontSource. An unknown face is Regular.
func FontOf(f Face) fyne.Resource {
	if r, ok := faces()[f]; ok {
		return r
	}
	return faces()[Regular]
}

// icons caches the resources: Fyne compares resources by identity in places, and
// a list asks for the same few icons thousands of times.
var icons sync.Map // iconKey -> fyne.Resource

type iconKey struct {
	icon  assets.Icon
	token Token
}

// Icon returns an icon that is always drawn in a token's present colour.
func Icon(i assets.Icon, token Token) fyne.Resource {
	key := iconKey{i, token}
	if r, ok := icons.Load(key); ok {
		return r.(fyne.Resource)
	}
	source := fyne.NewStaticResource(string(i)+".svg", assets.IconData(i))
	r, _ := icons.LoadOrStore(key, fynetheme.NewColoredResource(source, fyne.ThemeColorName(token)))
	return r.(fyne.Resource)
}

package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"
)

// caretWidth is how wide the caret of a field is, in design units: the same in a field
// for words as in one for a number.
const caretWidth = 2

// InField returns the theme for a text entry inside a field that draws its own
// box and focus ring: the entry itself shows no border and no fill, and its text
// has the size given in design units. It follows the current theme.
func InField(textSize float32) fyne.Theme { return fieldTheme{textSize} }

type fieldTheme struct{ textSize float32 }

func (f fieldTheme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	switch name {
	case fynetheme.ColorNameInputBorder, fynetheme.ColorNameInputBackground,
		fynetheme.ColorNameFocus, fynetheme.ColorNameError:
		return color.Transparent
	case fynetheme.ColorNamePrimary: // the caret and the border of a focused entry
		return Color(Text)
	}
	return Current().Color(name, variant)
}

func (f fieldTheme) Font(style fyne.TextStyle) fyne.Resource    { return Current().Font(style) }
func (f fieldTheme) Icon(name fyne.ThemeIconName) fyne.Resource { return Current().Icon(name) }

func (f fieldTheme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case fynetheme.SizeNameText:
		return TextSize(f.textSize)
	case fynetheme.SizeNameInputBorder: // the caret's width, too
		return Px(caretWidth)
	}
	return Current().Size(name)
}

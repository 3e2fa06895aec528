// Package assets holds what the programs carry inside themselves: the typefaces,
// the icons and the design tokens.
//
// Everything is embedded, so that a computer needs no installed font and no file
// beside the program to draw a screen. The accessors are typed, so that a name
// that does not exist fails to compile rather than to draw. The package imports
// nothing of the project and no graphics library: it hands out bytes.
//
// IBM Plex is licensed under the SIL Open Font Licence 1.1 (fonts/LICENSE_FONT);
// the icons are from Phosphor Icons under the MIT licence (icons/LICENSE), with
// their arcs turned into curves because the renderer misdraws arcs.
package assets

import (
	"embed"
	"fmt"
)

//go:embed fonts/*.ttf fonts/LICENSE_FONT icons/*.svg icons/LICENSE tokens.json licences.txt
var files embed.FS

// Font names one embedded typeface file.
type Font string

// The typefaces, and only those weights that the design language uses.
const (
	SansRegular  Font = "IBMPlexSans_400Regular.ttf"
	SansSemiBold Font = "IBMPlexSans_600SemiBold.ttf"
	SansBold     Font = "IBMPlexSans_700Bold.ttf"
	SansItalic   Font = "IBMPlexSans_400Regular_Italic.ttf"
	MonoRegular  Font = "IBMPlexMono_400Regular.ttf"
	MonoSemiBold Font = "IBMPlexMono_600SemiBold.ttf"
	// Names on paper, in scripts that the others do not have.
	ArabicRegular  Font = "IBMPlexSansArabic_400Regular.ttf"
	ArabicSemiBold Font = "IBMPlexSansArabic_600SemiBold.ttf"
	HebrewRegular  Font = "IBMPlexSansHebrew_400Regular.ttf"
	HebrewSemiBold Font = "IBMPlexSansHebrew_600SemiBold.ttf"
)

// Fonts lists every embedded typeface.
func Fonts() []Font {
	return []Font{
		SansRegular, SansSemiBold, SansBold, SansItalic, MonoRegular, MonoSemiBold,
		ArabicRegular, ArabicSemiBold, HebrewRegular, HebrewSemiBold,
	}
}

// FontData returns the bytes of a typeface. It panics for a name that is not one
// of the constants: that is a fault of the program, found by its first test.
func FontData(f Font) []byte { return must("fonts/" + string(f)) }

// IconData returns the SVG of an icon. It panics for a name that is not one of
// the constants.
func IconData(i Icon) []byte { return must("icons/" + string(i) + ".svg") }

// Tokens returns the design tokens: colours, sizes and contrast pairs, as JSON.
func Tokens() []byte { return must("tokens.json") }

// Licences returns the licence texts of what is embedded, by subject.
func Licences() map[string][]byte {
	return map[string][]byte{
		"IBM Plex":       must("fonts/LICENSE_FONT"),
		"Phosphor Icons": must("icons/LICENSE"),
	}
}

func must(path string) []byte {
	data, err := files.ReadFile(path)
	if err != nil {
		panic(fmt.Sprintf("assets: %s is not embedded", path))
	}
	return data
}

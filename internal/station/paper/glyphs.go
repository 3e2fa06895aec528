package paper

import (
	"sync"

	"golang.org/x/image/font/sfnt"

	"wardlight/assets"
)

// parsed are the typefaces, read once to ask which letters they have.
var parsed = sync.OnceValue(func() []*sfnt.Font {
	var out []*sfnt.Font
	for _, f := range faces {
		font, err := sfnt.Parse(assets.FontData(f.regular))
		if err != nil {
			panic("paper: an embedded typeface cannot be read") // its first test finds it
		}
		out = append(out, font)
	}
	return out
})

// faceOf is the first typeface that has a letter; "" for none.
func faceOf(r rune) string {
	if r > 0xffff {
		return "" // beyond what the writer of the file can address
	}
	var buf sfnt.Buffer
	for i, font := range parsed() {
		if g, err := font.GlyphIndex(&buf, r); err == nil && g != 0 {
			return faces[i].name
		}
	}
	return ""
}

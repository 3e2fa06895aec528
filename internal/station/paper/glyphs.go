package paper

import (
	"sync"
	"sync/atomic"

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

// asked remembers what faceOf found of each letter: 0 for not asked yet, then one more
// than the typeface's place, and one more than the last place for none. A pack asks some
// million times of a hundred letters, and a typeface searches its tables each time.
var asked [lastLetter + 1]atomic.Uint32

// lastLetter is the last that the writer of the file can address.
const lastLetter = 0xffff

// faceOf is the first typeface that has a letter; "" for none.
func faceOf(r rune) string {
	if r < 0 || r > lastLetter {
		return ""
	}
	place := asked[r].Load()
	if place == 0 {
		place = uint32(find(r)) + 1 //nolint:gosec // three typefaces
		asked[r].Store(place)
	}
	if int(place) > len(faces) {
		return ""
	}
	return faces[place-1].name
}

// find is the place of the first typeface that has a letter; beyond the last for none.
func find(r rune) int {
	var buf sfnt.Buffer
	for i, font := range parsed() {
		if g, err := font.GlyphIndex(&buf, r); err == nil && g != 0 {
			return i
		}
	}
	return len(faces)
}

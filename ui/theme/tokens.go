package theme

import (
	"encoding/json"
	"fmt"
	"image/color"
	"sync"

	"wardlight/assets"
)

// tokenFile is the part of the design tokens that a running program needs; the
// rest of the file (contrast pairs, columns, motion) is read by tests and by the
// people who draw.
type tokenFile struct {
	Themes         map[Mode]tokenTheme `json:"themes"`
	FyneColorNames map[string]string   `json:"fyneColorNames"`
	FyneSizeNames  map[string]float32  `json:"fyneSizeNames"`
}

type tokenTheme struct {
	ScrimAlpha float32          `json:"scrimAlpha"`
	Colors     map[Token]string `json:"colors"`
	Stroke     map[Edge]float32 `json:"stroke"`
}

// palette is one appearance, decoded once.
type palette struct {
	colors map[Token]color.Color
	stroke map[Edge]float32
	ground color.Color // the background under a scrim
}

// design is everything decoded from the tokens. It is read-only after loading.
type design struct {
	palettes map[Mode]palette
	names    map[string]Token // Fyne's colour names, by what we mean by them
	sizes    map[string]float32
}

// loadDesign decodes the embedded tokens once. They are part of the program, so
// a fault in them is a fault of the build and stops it at once.
var loadDesign = sync.OnceValue(func() *design {
	d, err := parseDesign(assets.Tokens())
	if err != nil {
		panic("theme: " + err.Error())
	}
	return d
})

func parseDesign(data []byte) (*design, error) {
	var file tokenFile
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("tokens: %w", err)
	}
	d := &design{
		palettes: map[Mode]palette{},
		names:    map[string]Token{},
		sizes:    file.FyneSizeNames,
	}
	for _, mode := range []Mode{Light, Dark, HighContrast} {
		p, err := parsePalette(file.Themes[mode])
		if err != nil {
			return nil, fmt.Errorf("theme %s: %w", mode, err)
		}
		d.palettes[mode] = p
	}
	for name, token := range file.FyneColorNames {
		d.names[name] = Token(token)
	}
	return d, nil
}

func parsePalette(t tokenTheme) (palette, error) {
	// Only this value tells the toolkit that nothing is drawn: any other colour,
	// however clear, is painted pixel by pixel.
	p := palette{colors: map[Token]color.Color{Transparent: color.Transparent}, stroke: t.Stroke}
	for _, token := range Tokens() {
		c, err := parseHex(t.Colors[token])
		if err != nil {
			return p, fmt.Errorf("colour %s: %w", token, err)
		}
		if token == Scrim {
			c.A = uint8(t.ScrimAlpha*255 + 0.5)
		}
		p.colors[token] = c
	}
	p.ground = under(p.colors[Background], p.colors[Scrim].(color.NRGBA))
	for _, edge := range []Edge{Hairline, Control, Emphasis, FocusRing} {
		if t.Stroke[edge] <= 0 {
			return p, fmt.Errorf("stroke %s is missing", edge)
		}
	}
	return p, nil
}

// parseHex reads #RRGGBB.
func parseHex(s string) (color.NRGBA, error) {
	c := color.NRGBA{A: 0xFF}
	if len(s) != 7 {
		return c, fmt.Errorf("%q is not #RRGGBB", s)
	}
	if _, err := fmt.Sscanf(s, "#%02X%02X%02X", &c.R, &c.G, &c.B); err != nil {
		return c, fmt.Errorf("%q is not #RRGGBB: %w", s, err)
	}
	return c, nil
}

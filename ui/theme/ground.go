package theme

import (
	"image/color"
	"sync/atomic"
)

// The ground is what the toolkit clears every frame to before it paints anything.
// To dim it costs nothing, where a veil over the window is painted pixel by pixel
// at every frame. It is no part of a Theme: to set another theme redraws
// everything.
var dimmed atomic.Bool

// DimGround dims the ground, or makes it the background again: it looks like the
// background with a scrim over it. Whoever calls it asks for a frame.
func DimGround(on bool) { dimmed.Store(on) }

// GroundDimmed says whether the ground is dimmed.
func GroundDimmed() bool { return dimmed.Load() }

// under is a colour with another one laid over it.
func under(below color.Color, over color.NRGBA) color.NRGBA {
	b := color.NRGBAModel.Convert(below).(color.NRGBA)
	mix := func(low, high uint8) uint8 {
		return uint8((uint32(low)*(0xFF-uint32(over.A)) + uint32(high)*uint32(over.A) + 0x7F) / 0xFF) //nolint:gosec // a mean of two bytes
	}
	return color.NRGBA{R: mix(b.R, over.R), G: mix(b.G, over.G), B: mix(b.B, over.B), A: 0xFF}
}

package demo

import (
	"encoding/binary"
	"io"
	"os"
	"path/filepath"

	"wardlight/internal/fault"
)

// Glass is the stage's own screen, looked at: the picture that the screen holds,
// and not what a program says of it. It is closed with Close.
type Glass struct {
	file          *os.File
	start         int64 // of the first pixel
	stride        int64 // from one line to the next
	Width, Height int
}

// The picture is a file in the form of an X window dump, which the screen keeps up
// to date: a header of big-endian numbers of four bytes, colours, and the lines.
const (
	dumpHeader    = 100
	dumpColour    = 12 // bytes of one colour
	dumpPixel     = 4  // bytes of one pixel: blue, green, red, nothing
	dumpPixelBits = 8 * dumpPixel
)

// Glass looks at the screen.
func (s *Stage) Glass() (*Glass, error) {
	if !s.Own {
		return nil, fault.New(fault.Denied, "demo.glass", "", "a screen of our own only is looked at")
	}
	f, err := os.Open(filepath.Join(s.run, "Xvfb_screen0"))
	if err != nil {
		return nil, fault.As(fault.Unavailable, "demo.glass", "", err)
	}
	g, err := openGlass(f)
	if err != nil {
		_ = f.Close() // it was only read
	}
	return g, err
}

func openGlass(f *os.File) (*Glass, error) {
	head := make([]byte, dumpHeader)
	if _, err := io.ReadFull(f, head); err != nil {
		return nil, fault.As(fault.Corrupt, "demo.glass", "", err)
	}
	field := func(n int) int64 { return int64(binary.BigEndian.Uint32(head[4*n:])) }
	if field(11) != dumpPixelBits {
		return nil, fault.Newf(fault.Unsupported, "demo.glass", "", "a screen of %d bits a pixel", field(11))
	}
	return &Glass{file: f, start: field(0) + dumpColour*field(19), stride: field(12), Width: int(field(4)), Height: int(field(5))}, nil
}

// Pixel is the colour of a pixel as it is now, as 0xRRGGBB.
func (g *Glass) Pixel(x, y int) (uint32, error) {
	var p [dumpPixel]byte
	_, err := g.file.ReadAt(p[:], g.start+int64(y)*g.stride+int64(x)*dumpPixel)
	return binary.LittleEndian.Uint32(p[:]) & 0xffffff, fault.As(fault.Unavailable, "demo.glass", "", err)
}

// Close ends looking.
func (g *Glass) Close() error { return fault.As(fault.Unavailable, "demo.glass", "", g.file.Close()) }

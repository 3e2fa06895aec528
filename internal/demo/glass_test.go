package demo

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"wardlight/internal/fault"
)

// dump is a picture of a screen as the X server keeps it: 3 by 2 pixels in lines of
// 16 bytes, behind a header with a name and two colours.
func dump(t *testing.T, bits uint32) *os.File {
	t.Helper()
	const header, colours, stride = 108, 2, 16
	b := make([]byte, header+colours*12+2*stride)
	for n, v := range map[int]uint32{0: header, 4: 3, 5: 2, 11: bits, 12: stride, 19: colours} {
		binary.BigEndian.PutUint32(b[4*n:], v)
	}
	copy(b[header+colours*12+stride+2*4:], []byte{0x33, 0x22, 0x11, 0xff}) // the last pixel
	name := filepath.Join(t.TempDir(), "Xvfb_screen0")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// A pixel is read where it lies, whatever stands before the picture and at the end
// of its lines.
func TestAPixelOfTheScreen(t *testing.T) {
	g, err := openGlass(dump(t, 32))
	if err != nil || g.Width != 3 || g.Height != 2 {
		t.Fatal(g, err)
	}
	if last, err := g.Pixel(2, 1); err != nil || last != 0x112233 {
		t.Errorf("the last pixel is %06x, %v", last, err)
	}
	if first, err := g.Pixel(0, 0); err != nil || first != 0 {
		t.Errorf("the first pixel is %06x, %v", first, err)
	}
	if _, err := openGlass(dump(t, 16)); !fault.Is(err, fault.Unsupported) {
		t.Errorf("a screen of other pixels: %v", err)
	}
}

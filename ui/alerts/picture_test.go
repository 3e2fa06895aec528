package alerts

import (
	"image/png"
	"os"
	"testing"
)

// picture writes what the window shows.
func picture(t *testing.T, r *rig, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if err := png.Encode(file, r.win.Canvas().Capture()); err != nil {
		t.Fatal(err)
	}
}

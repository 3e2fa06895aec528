// Package uitest is what the tests of the pages share: goldens, pictures for a
// person to look at, and hands that press and type as a person does. Only tests
// import it.
package uitest

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
)

// Golden compares what is drawn with what is kept in testdata under this name.
// UPDATE_GOLDEN=1 writes it anew; look at the pictures before you commit what
// changed.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path) //nolint:gosec // the tests' own folder
	if err != nil {
		t.Fatalf("%v; UPDATE_GOLDEN=1 writes it", err)
	}
	if got == string(want) {
		return
	}
	a, b := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Errorf("%s differs in line %d: want\n%s\ngot\n%s", name, i+1, a[i], b[i])
			return
		}
	}
	t.Errorf("%s ends elsewhere", name)
}

// GoldenPicture compares a picture, pixel by pixel, with the one that is kept in
// testdata under this name. Text is drawn by Go alone, so on linux/amd64 it is the same
// on every machine; elsewhere it is not compared, which the test says.
// UPDATE_GOLDEN=1 writes it anew; look at it before you commit it.
func GoldenPicture(t *testing.T, name string, got image.Image) {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skipf("pictures are kept of linux/amd64; this is %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	path := filepath.Join("testdata", name+".png")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		Keep(t, "testdata", name, got)
		return
	}
	f, err := os.Open(path) //nolint:gosec // the tests' own folder
	if err != nil {
		t.Fatalf("%v; UPDATE_GOLDEN=1 writes it", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	want, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if got.Bounds().Size() != want.Bounds().Size() {
		t.Fatalf("%s is %v large, it was %v", name, got.Bounds().Size(), want.Bounds().Size())
	}
	if n, box := differ(want, got); n > 0 {
		dir := t.ArtifactDir()
		Keep(t, dir, name, got)
		t.Errorf("%s: %d pixels differ, all within %v; with -artifacts what was drawn stays in %s", name, n, box, dir)
	}
}

// differ counts the pixels of which two pictures of one size are not the same, and says
// within which box they lie.
func differ(a, b image.Image) (n int, box image.Rectangle) {
	from, size := b.Bounds().Min.Sub(a.Bounds().Min), a.Bounds()
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			p, q := color.NRGBAModel.Convert(a.At(x, y)), color.NRGBAModel.Convert(b.At(x+from.X, y+from.Y))
			if p != q {
				n++
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return n, box
}

// Pictures is the folder into which a person asked for pictures, "" where nobody
// did: WARDLIGHT_PICTURES=/tmp/board go test -run Pictures ./ui/patients.
func Pictures() string { return os.Getenv("WARDLIGHT_PICTURES") }

// NeedPictures is Pictures; it skips the test where nobody asked.
func NeedPictures(t *testing.T) string {
	t.Helper()
	dir := Pictures()
	if dir == "" {
		t.Skip("set WARDLIGHT_PICTURES to a folder to have it drawn")
	}
	return dir
}

// Keep writes a picture into the folder.
func Keep(t *testing.T, dir, name string, img image.Image) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, name+".png")) //nolint:gosec // a folder that a person named
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // a picture for a person
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, img); err != nil {
		t.Fatal(err)
	}
}

// Capture draws a window; paragraphs settle in the second layout, as they do
// between two frames on a screen.
func Capture(win fyne.Window) image.Image {
	size := win.Canvas().Size()
	win.Resize(size.AddWidthHeight(1, 0))
	win.Resize(size)
	return win.Canvas().Capture()
}

// Until lets come what is under way until something holds; a second at most.
func Until(t *testing.T, drain func() int, ok func() bool) {
	t.Helper()
	for range 500 {
		drain()
		if ok() {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Fatal("it did not happen")
}

// Press gives a key to what has the focus, else to the page, as a window does.
func Press(win fyne.Window, page func(*fyne.KeyEvent) bool, key fyne.KeyName) {
	ev := &fyne.KeyEvent{Name: key}
	if f := win.Canvas().Focused(); f != nil {
		f.TypedKey(ev)
		return
	}
	page(ev)
}

// Type types into what has the focus.
func Type(win fyne.Window, text string) {
	for _, c := range text {
		win.Canvas().Focused().TypedRune(c)
	}
}

package kit

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

func TestWidgetsAreDrawnAsBefore(t *testing.T) {
	widgets := map[string]func() (fyne.CanvasObject, fyne.Size){
		"topbar":    func() (fyne.CanvasObject, fyne.Size) { return sampleTopBar(), fyne.NewSize(1366, 40) },
		"strip":     func() (fyne.CanvasObject, fyne.Size) { return sampleStrip(false), fyne.NewSize(1366, 26) },
		"strip-out": func() (fyne.CanvasObject, fyne.Size) { return sampleStrip(true), fyne.NewSize(1366, 26) },
		"rail":      func() (fyne.CanvasObject, fyne.Size) { return sampleRail(), fyne.NewSize(68, 700) },
		"banner": func() (fyne.CanvasObject, fyne.Size) {
			return sampleBanner(sampleBannerConfig()), fyne.NewSize(1298, 72)
		},
		"buttons": func() (fyne.CanvasObject, fyne.Size) { return sampleButtons(), fyne.NewSize(1000, 300) },
		"values":  func() (fyne.CanvasObject, fyne.Size) { return sampleValues(), fyne.NewSize(160, 300) },
		"form":    func() (fyne.CanvasObject, fyne.Size) { return sampleForm(), fyne.NewSize(900, 380) },
		"tabs": func() (fyne.CanvasObject, fyne.Size) {
			return NewTabs([]string{"Timeline", "Results", "Notes"}, 1, nil), fyne.NewSize(600, 34)
		},
		"list": func() (fyne.CanvasObject, fyne.Size) {
			l := sampleList((&handClock{now: day}).clock())
			l.SetHeader(high(NewText("Bed", CaptionStrong, theme.TextMuted), 22))
			l.SetItems(sampleItems())
			l.Select("14")
			return l, fyne.NewSize(400, 260)
		},
		"card": func() (fyne.CanvasObject, fyne.Size) {
			c := sampleCard((&handClock{now: day}).clock())
			c.Show()
			return c, fyne.NewSize(1298, 640)
		},
		"band": func() (fyne.CanvasObject, fyne.Size) {
			return NewRedBand(RedBandConfig{Left: []Span{T("Bed 07 Potassium 6.8 mmol/L", BodyStrong, "")}, Right: "7 min", Action: "Open", Key: "F4"}, nil), fyne.NewSize(1298, 32)
		},
		"toast": func() (fyne.CanvasObject, fyne.Size) {
			toast := NewToast((&handClock{now: day}).clock())
			toast.Say(ToastConfig{Text: "Task done", Action: "Undo", Key: "Ctrl Z"}, func() {})
			return toast, fyne.NewSize(280, 40)
		},
		"notes": func() (fyne.CanvasObject, fyne.Size) {
			return NewColumn(8, NewNote(LateNote, T("Late", DenseStrong, theme.WarningText)), NewNote(CriticalNote, T("Refused", Dense, theme.CriticalText)),
				NewNote(InfoNote, T("To know", Dense, theme.Text)), NewEmpty("None: no results since 08:00, as of 14:05.")), fyne.NewSize(500, 240)
		},
		"pills": func() (fyne.CanvasObject, fyne.Size) {
			return NewBar(6, NewFilterPill(FilterPillConfig{"All 24", true}, nil), NewFilterPill(FilterPillConfig{"Mine 6", false}, nil)), fyne.NewSize(300, 26)
		},
		"chart": func() (fyne.CanvasObject, fyne.Size) { return NewTrendChart(sampleTrend()), fyne.NewSize(400, 240) },
	}
	for name, make := range widgets {
		t.Run(name, func(t *testing.T) {
			wear(t, theme.Options{Mode: theme.Light})
			o, size := make()
			win := window(t, o, size.Width, size.Height)
			uitest.Capture(win)
			uitest.Golden(t, name+".xml", test.RenderToMarkup(win.Canvas()))
		})
	}
}

// What a chart paints itself is no object, so it is compared as a picture.
func TestChartIsPaintedAsBefore(t *testing.T) {
	for _, mode := range []theme.Mode{theme.Light, theme.Dark, theme.HighContrast} {
		wear(t, theme.Options{Mode: mode})
		c := NewTrendChart(sampleTrend())
		window(t, c, 400, 240)
		got := c.paint(400, 240)
		name := "chart-" + string(mode) + ".png"
		if os.Getenv("UPDATE_GOLDEN") != "" {
			writePNG(t, filepath.Join("testdata", name), got)
			continue
		}
		if !sameImage(readPNG(t, filepath.Join("testdata", name)), got) {
			t.Errorf("%s differs; draw the gallery and look", name)
		}
	}
}

func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// sameImage allows a difference of rounding in each channel.
func sameImage(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			r1, g1, b1, a1 := a.At(x, y).RGBA()
			r2, g2, b2, a2 := b.At(x, y).RGBA()
			if far(r1, r2) || far(g1, g2) || far(b1, b2) || far(a1, a2) {
				return false
			}
		}
	}
	return true
}

func far(a, b uint32) bool { return max(a, b)-min(a, b) > 0x300 }

// Every appearance draws every widget without a text that is not there: this
// catches a colour that equals what it stands on.
func TestTextsStandOutInEveryAppearance(t *testing.T) {
	for _, mode := range []theme.Mode{theme.Light, theme.Dark, theme.HighContrast} {
		wear(t, theme.Options{Mode: mode})
		win := window(t, gallery(), 1366, 1300)
		img := uitest.Capture(win)
		for _, o := range test.LaidOutObjects(win.Content()) {
			text, ok := o.(*canvas.Text)
			if !ok || text.Text == "" || !text.Visible() {
				continue
			}
			at := fyne.CurrentApp().Driver().AbsolutePositionForObject(text)
			if !inked(img, at, text.MinSize()) && text.Text != "NEWS2" && text.Text != "scale 1 · 13:40 · was 4 at 12:35" {
				t.Errorf("%s: nothing is to be seen of %q", mode, text.Text)
			}
		}
	}
}

// inked reports whether an area has two colours at all.
func inked(img image.Image, at fyne.Position, size fyne.Size) bool {
	first := img.At(int(at.X)+1, int(at.Y)+1)
	for y := int(at.Y); y < int(at.Y+size.Height); y++ {
		for x := int(at.X); x < int(at.X+size.Width); x++ {
			if img.At(x, y) != first {
				return true
			}
		}
	}
	return false
}

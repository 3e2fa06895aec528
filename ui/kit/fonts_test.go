package kit

import (
	"runtime"
	"testing"

	"fyne.io/fyne/v2/test"

	"wardlight/ui/theme"
)

// The toolkit keeps its fonts anew for each time that a field is drawn after it was
// hidden for long; that is counted, and setting the theme again lets go of them.
func TestFontsOfFieldsAreCountedAndLetGoOf(t *testing.T) {
	a := test.NewApp()
	defer a.Quit()
	theme.Renew()
	f := NewTextField(TextConfig{TextSize: 20}, nil)
	w := test.NewWindow(f)
	defer w.Close()
	f.SetText("okafor")
	heap := func() int64 {
		w.Canvas().Capture()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc) >> 20
	}
	before := heap()
	ForgetFieldFonts()
	for range 6 {
		f.CreateRenderer() // as after it was hidden for long
		w.Canvas().Capture()
	}
	grown := heap()
	if FieldFonts() != 6 {
		t.Errorf("%d are counted", FieldFonts())
	}
	theme.Renew()
	after := heap()
	if grown < before+6 || after > before+6 {
		t.Errorf("%d MB, %d MB after six times, %d MB after the theme was set again", before, grown, after)
	}
	if f.Text() != "okafor" {
		t.Errorf("the field holds %q", f.Text())
	}
}

package outage

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	view "wardlight/internal/station/view/outage"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// Before anything is read the page says what it is doing, and no mark of "sent"
// stands beside it; then what is known stands above what is still being read.
func TestThePageWhileItReads(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		state view.State
	}{
		{"reading", view.State{Head: "Reading this computer’s copy", Words: "What waits to be sent, how old each feed is, and what an outage left behind come in a moment.", Tone: view.Plain}},
		{"report", view.State{Head: "Connected since 04:02", Words: "All sent: the server has answered for everything that was written here.", Tone: view.Good, AsOf: "as of 14:05", Lines: []view.Line{
			{ID: "feeds", Head: true, Name: "Feeds"},
			{ID: "lab", Name: "Laboratory", Words: "the last message came at 14:04", Tone: view.Good},
			{ID: "report", Head: true, Name: "What the outage left behind"},
			{ID: "wait", Words: "Being read, patient by patient, and compared with the server: a few seconds.", Tone: view.Muted},
		}}},
	} {
		app := test.NewTempApp(t)
		app.Settings().SetTheme(theme.New(theme.Options{Mode: theme.Light, Scale: 1}))
		p := New(Actions{}, kit.Clock{Now: func() time.Time { return now }, After: func(time.Duration, func()) func() { return func() {} }})
		win := test.NewTempWindow(t, p.Object())
		win.SetPadded(false)
		win.Resize(fyne.NewSize(1298, 702))
		p.Show(c.state)
		img := uitest.Capture(win)
		if dir := uitest.Pictures(); dir != "" {
			uitest.Keep(t, dir, "outage-"+c.name, img)
		}
		uitest.Golden(t, c.name+".xml", test.RenderObjectToMarkup(p.Object()))
	}
}

package outage

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/told"
	view "wardlight/internal/station/view/outage"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// Why an entry was refused, and what a review asks, stand in the report in German.
func TestAStoredReasonIsWholeInGerman(t *testing.T) {
	uitest.Speak(t, "de")
	now := time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)
	why := told.Reasons.Say("the entry builds on one that was refused: the patient is not on a ward of this person; emergency access needs a reason")
	away := told.Goodbyes.Say("This computer's access was withdrawn. Ask the administrator.")
	for _, c := range []struct {
		name string
		s    float32
		w    float32
	}{{"outage-told-de", 1, 1298}, {"outage-told-de-200-1024", 2, 1024}} {
		app := test.NewTempApp(t)
		app.Settings().SetTheme(theme.New(theme.Options{Mode: theme.Light, Scale: c.s}))
		p := New(Actions{}, kit.Clock{Now: func() time.Time { return now }, After: func(time.Duration, func()) func() { return func() {} }})
		win := test.NewTempWindow(t, p.Object())
		win.SetPadded(false)
		win.Resize(fyne.NewSize(c.w, 702))
		p.Show(view.State{Head: "Der Server hat diesen Computer abgewiesen", Words: away, Tone: view.Late, Lines: []view.Line{
			{ID: "o", Head: true, Name: "Netzausfall 02:14 bis 04:02"},
			{ID: "a", Bed: "07", Name: "ADEYEMI, Folake", Words: "hier geschrieben · Notiz: slept badly", Second: "Grace Mensah, nurse, 03:10, abgelehnt: " + why, Tone: view.Late},
			{ID: "b", Bed: "07", Name: "ADEYEMI, Folake", Words: "zu entscheiden · Frage: " + told.Questions.Say("Which result is the one that was phoned: Potassium 6.8 mmol/L, told by B. Miller, Laboratory at 14:05 on 22-Mar-2026, written down by Grace Mensah, nurse?"), Second: "Wardlight, 04:02", Tone: view.Late},
		}})
		all := strings.Join(strings.Fields(strings.Join(uitest.Texts(p.Object()), " ")), " ")
		for _, want := range []string{"der abgelehnt wurde: die Patientin oder der Patient liegt auf keiner Station dieser Person; Notfallzugriff braucht eine Begründung", "Der Zugang dieses Computers wurde entzogen.", "um 14:05 am 22-Mär-2026, aufgeschrieben von Grace Mensah, nurse?"} {
			if !strings.Contains(all, want) {
				t.Errorf("%s: %q is not there: %s", c.name, want, all)
			}
		}
		if dir := uitest.Pictures(); dir != "" {
			uitest.Keep(t, dir, c.name, uitest.Capture(win))
		}
	}
}

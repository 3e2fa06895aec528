package wall

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/station/view/board"
	view "wardlight/internal/station/view/wall"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// On the smallest card nothing lies over something else, whatever notes it has, in every
// language and at every text size; and an urgent result has its mark beside its word.
func TestNothingOnACardLiesOverSomethingElse(t *testing.T) {
	for _, tag := range []string{"en", "de"} {
		for _, scale := range []float32{.8, 1, 2} {
			uitest.Speak(t, tag)
			app := test.NewTempApp(t)
			app.Settings().SetTheme(theme.New(theme.Options{Mode: theme.Light, Scale: scale}))
			for _, v := range []view.Card{
				{Bed: "05", Initials: "EV", Score: "4", Shape: board.ShapeLow, Trend: "steady", Notes: []string{view.Urgent.Say()}, Foot: "due 16:00"},
				{Bed: "05", Initials: "EV", Score: "4", Shape: board.ShapeLow, Trend: "steady", Notes: []string{view.Similar.Say(), view.Urgent.Say()}, Foot: "overdue 25 min", FootKind: view.FootOverdue},
				{Bed: "05", Initials: "EV", Score: "4", Shape: board.ShapeLow, Trend: "steady", Notes: []string{view.Similar.Say()}, Foot: "CRITICAL RESULT", FootKind: view.FootCritical},
			} {
				c := newCard()
				c.show(v)
				c.Resize(fyne.NewSize(theme.Px(cardWide), theme.Px(cardHigh)))
				end := c.trend.Position().Y + c.trend.Size().Height
				if v.FootKind == view.FootCritical {
					if end > c.alarm.Position().Y {
						t.Errorf("%s at %v: %v: the alarm lies over the trend", tag, scale, v.Notes)
					}
					continue
				}
				if end > c.foot.Position().Y || c.foot.Position().Y+c.foot.Size().Height > c.Size().Height {
					t.Errorf("%s at %v: %v: notes end at %v, the foot begins at %v", tag, scale, v.Notes, end, c.foot.Position().Y)
				}
				spans := trendSpans(v)
				if last := spans[len(spans)-1]; last.Icon != iconWarning || last.Text != view.Urgent.Say() {
					t.Errorf("%s: the note is drawn as %+v", tag, last)
				}
			}
		}
	}
}

package chart

import (
	"fyne.io/fyne/v2"

	view "wardlight/internal/station/view/chart"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// status is what became of an entry, where the person was: refused and why, or
// saved and where.
type status struct {
	box   *fyne.Container
	error *kit.Note
	saved *kit.Flow
}

func newStatus() *status {
	s := &status{error: kit.NewNote(kit.CriticalNote), saved: kit.NewFlow()}
	s.box = kit.NewColumn(4, s.error, s.saved)
	s.error.Hide()
	s.saved.Hide()
	s.box.Hide()
	return s
}

func (s *status) show(v view.State) {
	kit.SetShown(s.error, v.Error != "")
	if v.Error != "" {
		s.error.Update(kit.CriticalNote, kit.T(v.Error, kit.BodyStrong, theme.CriticalText))
	}
	kit.SetShown(s.saved, v.Saved != "" && v.Error == "")
	if v.Saved != "" {
		s.saved.Update(kit.Span{Icon: iconDone, IconColor: theme.Ok, Text: v.Saved, Style: kit.Dense, Color: theme.TextMuted})
	}
	kit.SetShown(s.box, s.error.Visible() || s.saved.Visible())
}

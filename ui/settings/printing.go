package settings

import (
	"fyne.io/fyne/v2"

	view "wardlight/internal/station/view/settings"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// printing is the tab of what this computer prints on.
type printing struct {
	paper   *kit.Segmented
	trouble *kit.Note
	body    *fyne.Container
	scroll  fyne.CanvasObject
}

func (p *Page) newPrinting(m *view.Labels) fyne.CanvasObject {
	t := &printing{trouble: kit.NewNote(kit.CriticalNote)}
	p.printing = t
	var labels []string
	for _, c := range view.Papers() {
		labels = append(labels, c.Label)
	}
	t.paper = kit.NewSegmented(kit.SegmentedConfig{Labels: labels}, m.Choose)
	t.body = kit.NewColumn(14, t.trouble,
		row(words.T("Labels of samples are printed on"), kit.NewBar(0, t.paper)),
		kit.NewFlow(kit.T(words.T("Labels are printed from a patient’s orders: F9, or a button at each order. They go to the printer of labels that the site has named, else to this computer’s own printer. Look at the first one: name, birth date and number must stand on it whole."), kit.Dense, theme.TextMuted)),
		kit.NewFlow(kit.T(words.T("This holds for this computer, whoever uses it. Sheets and lists are printed on A4."), kit.Dense, theme.TextMuted)))
	scroll := kit.NewScroll(kit.NewInset(20, 16, t.body))
	t.scroll = scroll
	t.paper.OnFocus = func() { kit.Reveal(scroll, t.paper) }
	t.show(m.State())
	return scroll
}

// ShowLabels draws what labels are printed on.
func (p *Page) ShowLabels(s view.LabelState) { p.printing.show(s) }

func (t *printing) show(s view.LabelState) {
	choose(t.paper, s.Paper)
	t.trouble.Update(kit.CriticalNote, kit.T(s.Error, kit.Body, theme.Text))
	shown(t.trouble, s.Error != "")
	t.body.Refresh()
	t.scroll.Refresh()
}

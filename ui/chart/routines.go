package chart

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	view "wardlight/internal/station/view/chart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// routines is the tab of the routines: a list whose boxes tick a step in one press, and
// above it, where a reason is wanted, the form that asks for it.
type routines struct {
	*listing
	m      *view.Model
	title  *kit.Flow
	words  *kit.Flow
	reason *kit.TextField
	send   *kit.Button
	leave  *kit.Button
	form   *fyne.Container
	inset  *fyne.Container
	scroll *container.Scroll
	ask    *kit.Panel
	asked  *view.RoutineAsk
	whole  *kit.Block
}

func newRoutines(m *view.Model, typing *kit.Typing, clock kit.Clock) *routines {
	r := &routines{m: m, listing: newListing(m, view.Routines, clock), title: kit.NewFlow(), words: kit.NewFlow()}
	r.reason = kit.NewTextField(kit.TextConfig{Placeholder: reasonWords(), Width: 280}, typing)
	r.reason.OnChange, r.reason.OnEnter = m.TypeRoutineReason, m.SendRoutineAsk
	r.send = kit.NewButton(kit.ButtonConfig{}, m.SendRoutineAsk)
	r.leave = kit.NewButton(kit.ButtonConfig{Text: words.T("Leave"), Key: words.C("key", "Esc"), Size: kit.Large}, func() { r.away() })
	r.form = kit.NewColumn(6, r.title, r.words, caption(words.T("Why")), r.reason, kit.NewBar(12, r.send, r.leave))
	r.inset = kit.NewInset(14, 10, r.form)
	r.scroll = kit.NewScroll(r.inset)
	r.ask = kit.NewPanel(kit.PanelConfig{}, r.scroll)
	r.reason.OnFocus = func() { kit.Reveal(r.scroll, r.reason) }
	for _, b := range []*kit.Button{r.send, r.leave} {
		b.OnFocus = func() { kit.Reveal(r.scroll, b) }
	}
	r.ask.Hide()
	r.whole = &kit.Block{
		Parts: []fyne.CanvasObject{r.ask, r.block},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(120)) }, Place: r.placeAll,
	}
	r.whole.Init(r.whole)
	return r
}

func reasonWords() string { return words.T("Why, in a few words") }

func (r *routines) object() fyne.CanvasObject { return r.whole }

func (r *routines) first() fyne.Focusable {
	if r.asked != nil {
		return r.reason.Focusable()
	}
	return r.list
}

func (r *routines) named() map[string]fyne.CanvasObject {
	out := r.listing.named()
	if r.asked != nil {
		out["routine-reason"], out["routine-send"], out["routine-leave"] = r.reason, r.send, r.leave
	}
	return out
}

func (r *routines) show(s view.State, now time.Time) {
	r.listing.show(s, now)
	if s.Tab != view.Routines {
		r.asked = nil
		kit.SetShown(r.ask, false)
		return
	}
	a, before := s.RoutineAsk, r.asked
	r.asked = a
	kit.SetShown(r.ask, a != nil)
	if a != nil {
		r.title.Update(kit.T(a.Title, kit.Subheading, theme.Text))
		r.words.Update(kit.T(a.Words, kit.Body, theme.Text))
		r.reason.Update(kit.TextConfig{Placeholder: reasonWords(), Width: 280, Bad: a.Bad})
		if r.reason.Text() != a.Reason {
			r.reason.SetText(a.Reason)
		}
		r.send.Update(kit.ButtonConfig{Text: a.Button, Key: "F2", Kind: kit.Primary, Size: kit.Large, Off: s.Busy})
		r.form.Refresh()
	}
	r.whole.Changed()
	switch c := canvasOf(r.whole); {
	case before == nil && a != nil:
		r.reason.Focus()
	case before != nil && a == nil && c != nil:
		c.Focus(r.list)
	}
}

// away leaves the form, and reports whether it was open.
func (r *routines) away() bool { return r.m.LeaveRoutineAsk() }

func (r *routines) key(ev *fyne.KeyEvent) bool {
	if r.asked == nil {
		return false
	}
	switch ev.Name {
	case fyne.KeyF2:
		r.m.SendRoutineAsk()
	case fyne.KeyEscape:
		r.away()
	default:
		return false
	}
	return true
}

func (r *routines) placeAll(size fyne.Size) {
	top := float32(0)
	if r.ask.Visible() {
		h := min(kit.HeightFor(r.inset, size.Width), size.Height)
		kit.PlaceAt(r.ask, 0, 0, size.Width, h)
		top = h + theme.Px(8)
	}
	kit.PlaceAt(r.block, 0, top, size.Width, max(size.Height-top, 0))
}

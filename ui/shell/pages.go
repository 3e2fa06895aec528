package shell

import (
	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	vchart "wardlight/internal/station/view/chart"
	vreviews "wardlight/internal/station/view/reviews"
	"wardlight/ui/chart"
	"wardlight/ui/reviews"
)

func (n *session) makeReviews() {
	conf := n.shell.conf
	var p *reviews.Page
	n.reviews = vreviews.New(n.desk, conf.Dispatch, conf.Now, func(st vreviews.State) {
		if n.over() {
			return
		}
		n.waiting = len(st.List)
		p.Show(st)
		n.body.badges()
	})
	// What is right instead of either side is written now, where it belongs.
	n.reviews.OnNeither = func(r ward.Review) {
		if r.About == "AllergyIntolerance" && !n.over() {
			n.openChart(r.Who.ID, vchart.Allergies)
		}
	}
	p = reviews.New(n.reviews, n.shell.typing, conf.Clock)
	n.pages[pageReviews] = p
}

func (n *session) makeChart() {
	conf := n.shell.conf
	var p *chart.Page
	n.chart = vchart.New(n.desk, conf.Dispatch, conf.Now, func(st vchart.State) {
		if !n.over() {
			p.Show(st)
		}
	})
	p = chart.New(n.chart, n.shell.typing, conf.Clock, n.goBack)
	n.pages[pageChart] = p
}

// listKey gives a key that nothing has the focus for to the page's list, which
// gets the focus by it.
func (n *session) listKey(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyUp, fyne.KeyDown, fyne.KeyPageUp, fyne.KeyPageDown, fyne.KeyHome, fyne.KeyEnd:
	default:
		return false
	}
	f := n.listFocus()
	if f == nil {
		return false
	}
	f.TypedKey(ev)
	return true
}

// listRune does the same for letters: type-ahead.
func (n *session) listRune(r rune) {
	if f := n.listFocus(); f != nil {
		f.TypedRune(r)
	}
}

// listFocus focuses the page's list, where nothing else has the focus or lies
// above it.
func (n *session) listFocus() fyne.Focusable {
	c := n.shell.canvas
	p, ok := n.pages[n.at].(first)
	if !ok || c == nil || c.Focused() != nil || n.front.IsOpen() || n.palette.isOpen() || n.help.isOpen() {
		return nil
	}
	f := p.First()
	if f == nil {
		return nil
	}
	c.Focus(f)
	return f
}

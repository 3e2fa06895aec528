package shell

import (
	"context"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	vchart "wardlight/internal/station/view/chart"
	voutage "wardlight/internal/station/view/outage"
	vresults "wardlight/internal/station/view/results"
	vreviews "wardlight/internal/station/view/reviews"
	"wardlight/internal/words"
	"wardlight/ui/chart"
	"wardlight/ui/kit"
	"wardlight/ui/outage"
	"wardlight/ui/results"
	"wardlight/ui/reviews"
)

func (n *session) makeResults() {
	conf := n.shell.conf
	var p *results.Page
	n.results = vresults.New(n.unhurried(), conf.Dispatch, conf.Now, func(st vresults.State) {
		if n.over() {
			return
		}
		n.draw(pageResults, func() { p.Show(st) })
	})
	p = results.New(n.results, results.Actions{Chart: func(id ward.PatientID) { n.openChart(id, vchart.Results) }}, n.shell.typing, conf.Clock)
	n.pages[pageResults] = p
}

func (n *session) makeReviews() {
	conf := n.shell.conf
	var p *reviews.Page
	n.reviews = vreviews.New(n.unhurried(), conf.Dispatch, conf.Now, func(st vreviews.State) {
		if n.over() {
			return
		}
		n.waiting = len(st.List)
		n.draw(pageReviews, func() { p.Show(st) })
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
	var offered *vchart.Undo
	var ordered *vchart.Ordered
	n.chart = vchart.New(n.unhurried(), conf.Dispatch, conf.Now, func(st vchart.State) {
		if !n.over() {
			n.draw(pageChart, func() { p.Show(st) })
			if st.Undo != nil && st.Undo != offered {
				n.toast.Say(kit.ToastConfig{Text: st.Undo.Words, Action: words.T("Undo"), Key: n.shell.keys.Cap(doUndo)}, n.chart.TakeBack)
				n.body.Changed() // the page makes room for it
			}
			offered = st.Undo
			if st.Ordered != nil && st.Ordered != ordered {
				o := st.Ordered
				n.toast.Say(kit.ToastConfig{Text: o.Words, Action: words.T("Print labels")}, func() { n.printLabels(o.Patient, o.Tests, p.Copies()) })
				n.body.Changed()
			}
			ordered = st.Ordered
			if n.phoned != nil && st.Loaded {
				n.phoned.about(st.Chart.Who)
			}
			n.shell.settle()
			n.shell.watched()
		}
	})
	p = chart.New(n.chart, n.shell.typing, conf.Clock, n.goBack, n.chartLead.pages, n.chartLead.find)
	p.OnDocument(n.openDocument)
	p.OnList(n.board.OnList, func(id ward.PatientID) { n.board.Turn(id, n.nameOf(id)) })
	p.OnLabels(n.shell.keys.Cap(doPrint), n.printLabels)
	n.copies = p.Copies
	n.chart.OnPage = func(page string) {
		if id, ok := map[string]pageID{"tasks": pageTasks, "handover": pageHandover}[page]; ok {
			n.turn(id)
		}
	}
	p.OnTask(func(task string) {
		n.turn(pageTasks)
		n.tasks.Select(task)
	})
	p.OnNewTask(kit.ButtonConfig{Text: words.T("New task"), Icon: iconPlus, Key: n.shell.keys.Cap(doNewTask), Size: kit.Small}, n.newTask)
	p.OnPhoned(kit.ButtonConfig{Text: words.T("Phoned result"), Icon: iconPhone, Key: n.shell.keys.Cap(doPhoned), Size: kit.Small}, func(id ward.PatientID) { n.phone(id) })
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
	if !ok || c == nil || c.Focused() != nil || n.front.IsOpen() || n.palette.isOpen() || n.help.isOpen() || n.glass.isOpen() || n.beyond.isOpen() || n.phoned.isOpen() || n.onCall.isOpen() {
		return nil
	}
	f := p.First()
	if s, ok := p.(stray); ok {
		f = s.Stray()
	}
	if f == nil {
		return nil
	}
	kit.Focus(c, f)
	if _, list := f.(*kit.List); !list && c.Focused() != f {
		return nil // a field that is not drawn yet: nothing is typed where nobody sees it
	}
	return f
}

// pageInfo is how a page is called and found.
type pageInfo struct {
	id   pageID
	item kit.RailItem // its name and icon
	rail bool         // it has a place in the rail, and a key
}

// allPages are the pages that can be turned to by name, in the order of the rail.
func allPages() []pageInfo {
	return []pageInfo{
		{pageBoard, kit.RailItem{Label: words.T("Board"), Icon: iconBoard}, true},
		{pageAlerts, kit.RailItem{Label: words.T("Alerts"), Icon: iconBell}, true},
		{pageResults, kit.RailItem{Label: words.T("Results"), Icon: iconResults}, true},
		{pageReviews, kit.RailItem{Label: words.T("Reviews"), Icon: iconReviews}, true},
		{pageTasks, kit.RailItem{Label: words.T("Tasks"), Icon: iconTasks}, true},
		{pageHandover, kit.RailItem{Label: words.T("Handover"), Icon: iconHandover}, true},
		{pageOrders, kit.RailItem{Label: words.T("Orders"), Icon: iconOrders}, false},
		{pageRoutines, kit.RailItem{Label: words.T("Routines"), Icon: iconTasks}, false},
		{pageRules, kit.RailItem{Label: words.T("Alert rules"), Icon: iconBell}, false},
		{pageOutage, kit.RailItem{Label: words.T("Sending and feeds"), Icon: iconUnsent}, false},
		{pageSettings, kit.RailItem{Label: words.T("Settings"), Icon: iconSettings}, false},
	}
}

func infoOf(id pageID) pageInfo {
	for _, p := range allPages() {
		if p.id == id {
			return p
		}
	}
	return pageInfo{id: id, item: kit.RailItem{Label: string(id)}}
}

// pageIDs are the pages that can be turned to by name.
func pageIDs() []pageID {
	var out []pageID
	for _, p := range allPages() {
		out = append(out, p.id)
	}
	return out
}

// badge is what waits on a page.
func (n *session) badge(id pageID) int {
	switch id {
	case pageAlerts:
		return n.urgent
	case pageResults:
		return n.lines // of the inbox, as the page lists them for the ward
	case pageReviews:
		return n.waiting
	case pageHandover:
		return n.wentUp.count
	case pageBoard, pageChart, pageOutage, pageTasks, pageOrders, pageRoutines, pageRules, pageSettings:
	}
	return 0
}

// railPages are the pages of the rail, from the top.
func railPages() []pageID {
	var out []pageID
	for _, p := range allPages() {
		if p.rail {
			out = append(out, p.id)
		}
	}
	return out
}

func (n *session) makeOutage() {
	conf := n.shell.conf
	p := outage.New(outage.Actions{
		Chart:   func(id ward.PatientID) { n.openChart(id, "") },
		Reviews: func() { n.turn(pageReviews) },
	}, conf.Clock)
	n.outage = voutage.New(n.unhurried(), conf.Dispatch, conf.Now, func(st voutage.State) {
		if !n.over() && n.at == pageOutage {
			n.draw(pageOutage, func() { p.Show(st) })
		}
	})
	n.pages[pageOutage] = p
}

// readWhileShown reads the pages that go through every patient only while
// somebody looks at them.
func (n *session) readWhileShown() {
	n.unread()
	ctx, cancel := context.WithCancel(n.ctx)
	n.unread = cancel
	switch n.at {
	case pageOutage:
		n.outage.Open(ctx)
	case pageResults:
		n.results.Follow(ctx)
	case pageTasks:
		n.tasks.Follow(ctx)
	case pageHandover:
		n.handover.Follow(ctx)
	case pageOrders:
		n.orders.Follow(ctx)
	case pageRoutines:
		n.routines.Follow(ctx)
	case pageRules:
		n.rules.Follow(ctx)
	case pageBoard, pageAlerts, pageReviews, pageChart, pageSettings:
	}
}

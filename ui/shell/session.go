package shell

import (
	"context"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	valerts "wardlight/internal/station/view/alerts"
	"wardlight/internal/station/view/board"
	vchart "wardlight/internal/station/view/chart"
	vhandover "wardlight/internal/station/view/handover"
	vorders "wardlight/internal/station/view/orders"
	voutage "wardlight/internal/station/view/outage"
	vresults "wardlight/internal/station/view/results"
	vreviews "wardlight/internal/station/view/reviews"
	vroutines "wardlight/internal/station/view/routines"
	vrules "wardlight/internal/station/view/rules"
	vsettings "wardlight/internal/station/view/settings"
	vtasks "wardlight/internal/station/view/tasks"
	"wardlight/internal/words"
	"wardlight/ui/alerts"
	"wardlight/ui/kit"
	"wardlight/ui/patients"
	"wardlight/ui/settings"
)

// pageID names a page, as a script that drives the window does.
type pageID string

const (
	pageBoard    pageID = "board"
	pageAlerts   pageID = "alerts"
	pageResults  pageID = "results"
	pageReviews  pageID = "reviews"
	pageTasks    pageID = "tasks"
	pageHandover pageID = "handover"
	pageOrders   pageID = "orders"
	pageOutage   pageID = "outage"
	pageRoutines pageID = "routines"
	pageRules    pageID = "rules"
	pageSettings pageID = "settings"
	pageChart    pageID = "chart"
)

// page is what the shell needs of a page.
type page interface {
	Object() fyne.CanvasObject
}

// keyed is a page with keys of its own; placed one that can say where a control
// is; first one with something that the arrow keys mean; stray one where that may
// not be what letters are for that nothing has the focus for.
type (
	keyed  interface{ Key(ev *fyne.KeyEvent) bool }
	placed interface {
		Where(name string) (fyne.CanvasObject, bool)
	}
	first interface{ First() fyne.Focusable }
	stray interface{ Stray() fyne.Focusable }
)

// session is what somebody who is signed in sees. Nothing of it outlives the
// session.
type session struct {
	shell  *Shell
	desk   Desk
	person ward.Person
	ctx    context.Context
	cancel context.CancelFunc

	board    *board.Model
	alerts   *valerts.Model
	results  *vresults.Model
	reviews  *vreviews.Model
	chart    *vchart.Model
	outage   *voutage.Model
	settings *vsettings.Model
	tasks    *vtasks.Model
	handover *vhandover.Model
	wentUp   *lateBand // handovers that went up
	orders   *vorders.Model
	routines *vroutines.Model
	rules    *vrules.Model
	unread   context.CancelFunc // ends the reading of a page that is read only while it is shown

	front   *alerts.Front
	pages   map[pageID]page
	listed  []pageID // those of the rail, in order
	at      pageID
	from    pageID // where the chart was opened from
	body    *body
	palette *palette
	help    *overlay
	glass   *emergency
	beyond  *overprint // a print over the limit
	phoned  *phonedForm
	onCall  *onCall
	toast   *kit.Toast
	notice  *notice
	pack    *packBand
	drill   *drillBand
	lead    *lead // on the board itself
	// chartLead is on the chart.
	chartLead *lead
	undo      *valerts.Undo
	kept      *board.Undo    // the way back that is offered about the own list
	asked     *board.Ask     // whether somebody is to be taken off
	refused   string         // why that was not changed
	taskFor   ward.PatientID // whose chart comes back when the form of a new task is left
	taskTab   vchart.Tab
	taskFrom  pageID // where that chart was opened
	printing  bool
	copies    func() int // of each label

	// late is how pages are drawn that changed while the search covered them.
	late map[pageID]func()

	urgent, waiting, lines int // badges
}

func newSession(s *Shell, p ward.Person) *session {
	n := &session{shell: s, desk: s.desk, person: p, pages: map[pageID]page{}, late: map[pageID]func(){}, listed: railPages(), unread: func() {}}
	n.ctx, n.cancel = context.WithCancel(s.ctx)
	n.toast = kit.NewToast(s.conf.Clock)
	n.lead, n.chartLead = newLead(n), newLead(n)
	n.makeBoard()
	n.makeAlerts()
	n.makeResults()
	n.makeReviews()
	n.makeChart()
	n.makeOutage()
	n.makeSettings()
	n.makeTasks()
	n.makeHandover()
	n.wentUp = newLateBand(n)
	n.makeOrders()
	n.makeRoutines()
	n.makeRules()
	n.notice = newNotice(n)
	n.pack = newPackBand(n)
	n.drill = newDrillBand(n)
	n.palette = newPalette(n)
	n.help = newHelp(n)
	n.glass = newEmergency(n)
	n.beyond = newOverprint(n)
	n.phoned = newPhonedForm(n)
	n.onCall = newOnCall(n)
	n.body = newBody(n)
	return n
}

func (n *session) makeBoard() {
	p := patients.New(patients.Actions{
		Open:   func(id ward.PatientID) { n.openChart(id, "") },
		Filter: func(f board.Filter) { n.filter(f) },
		ByBed:  func(on bool) { n.board.SetByBed(on) },
		Lead:   []fyne.CanvasObject{n.lead.pages, n.lead.find},
	}, n.shell.conf.Clock)
	n.board = board.New(n.unhurried(), n.shell.conf.Dispatch, n.shell.conf.Now, func(st board.State) {
		if n.over() {
			return
		}
		if n.shell.wards != st.Beds {
			n.shell.wards = st.Beds
			n.shell.showTop()
		}
		n.draw(pageBoard, func() { p.Show(st) })
		n.showKept(st)
		if n.lines != st.Inbox {
			n.lines = st.Inbox
			n.body.badges()
		}
		n.shell.watched()
	})
	n.board.For(n.person.User)
	n.pages[pageBoard] = p
}

func (n *session) makeAlerts() {
	sh := n.shell
	do := alerts.Actions{
		Take:       func(k valerts.Key, kind, words, to string) { n.alerts.Take(k, kind, words, to) },
		TakeListed: func(k valerts.Key) { n.alerts.TakeListed(k) },
		Record:     func(k valerts.Key, words string) { n.alerts.Record(k, words) },
		Withdraw:   func(p ward.PatientID, task, reason string) { n.alerts.Withdraw(p, task, reason) },
		SetAside:   func(k valerts.Key, byKey bool) { n.alerts.SetAside(k, byKey) },
		Turn: func(by int) {
			if by > 0 {
				n.alerts.Next()
			} else {
				n.alerts.Previous()
			}
		},
		Open:  func(k valerts.Key) { n.alerts.Show(k) },
		Drawn: func(k valerts.Key) { n.alerts.Drawn(k) },
		Early: func(k valerts.Key) { n.alerts.Early(k) }, Accepts: func() bool { return n.alerts.Accepts() },
		Chart: func(id ward.PatientID) { n.openChart(id, vchart.Results) },
		Why:   n.whyItWarns,
	}
	n.front = alerts.NewFront(do, sh.conf.Clock, sh.typing)
	if sh.canvas != nil {
		n.front.Attach(sh.canvas, sh.onPaint())
	}
	list := alerts.NewPage(do, sh.conf.Clock, sh.typing)
	n.pages[pageAlerts] = list
	n.alerts = valerts.New(n.desk, sh.conf.Dispatch, sh.conf.Now, sh.typingNow, func(st valerts.State) {
		if n.over() {
			return
		}
		n.draw(pageAlerts, func() { list.Show(st) })
		n.urgent = st.Badge
		n.offerUndo(st.Undo)
		n.tellSeen(st.Card)
		band := n.front.Band().Visible()
		n.front.Show(st)
		n.body.badges()
		if band != n.front.Band().Visible() {
			n.body.Changed() // the page makes room for the band
		}
	})
}

// typingNow says for the alerts' view model whether somebody is typing.
func (s *Shell) typingNow() (bool, time.Time) { return s.typing.Within(valerts.Pause), s.typing.Last() }

// offerUndo shows what was just done, with its way back.
func (n *session) offerUndo(u *valerts.Undo) {
	switch {
	case u == nil && n.undo != nil:
		n.toast.Dismiss()
	case u != nil && u != n.undo:
		n.toast.Say(kit.ToastConfig{Text: u.Words, Action: words.T("Undo"), Key: n.shell.keys.Cap(doUndo)}, n.alerts.UndoTake)
	}
	if n.undo != u {
		n.undo = u
		n.body.Changed() // the page makes room for it
	}
}

// draw draws a page now, or when the search that covers it has gone. A page that
// is hidden asks the toolkit for a frame of the whole window all the same, and what
// is derived in the background changes the board at any moment: whoever types
// waits for the pictures of their own letters only.
func (n *session) draw(id pageID, page func()) {
	if n.palette != nil && n.palette.isOpen() {
		n.late[id] = page
		return
	}
	page()
}

// drawLate draws what changed meanwhile: the newest state of each page.
func (n *session) drawLate() {
	late := n.late
	n.late = map[pageID]func(){}
	for _, page := range late {
		page()
	}
}

// over says whether the session has ended: an answer that comes late is not
// drawn.
func (n *session) over() bool { return n.ctx.Err() != nil }

// start begins to follow what is committed.
func (n *session) start() {
	n.board.Follow(n.ctx)
	n.alerts.Follow(n.ctx)
	n.reviews.Follow(n.ctx)
	n.chart.Follow(n.ctx)
	n.notice.loader.Reload()
	n.wentUp.follow(n.ctx)
	n.pack.follow(n.ctx)
	n.palette.mine.Reload()
	n.alerts.SetVisible(true)
	n.settings.Begin()
}

// leave ends the session and says where it was. Whoever calls it flushes, too.
func (n *session) leave() kept {
	k := kept{user: n.person.User, page: n.at}
	if st := n.chart.State(); n.at == pageChart {
		k.patient, k.tab = st.ID, st.Tab
	}
	n.alerts.SetVisible(false)
	n.glass.close()
	n.beyond.close()
	n.phoned.close()
	n.onCall.close()
	n.toast.Dismiss()
	n.cancel()
	return k
}

// flush writes what is being typed before anything else can happen to it.
func (n *session) flush() {
	n.chart.Flush()
	n.handover.Flush()
	n.tasks.Flush()
	n.phoned.model.Flush()
}

// turn shows a page. The focus goes nowhere: the arrow keys find the list.
func (n *session) turn(to pageID) {
	if n.pages[to] == nil {
		return
	}
	if n.at == pageChart && to != pageChart {
		n.chart.Close()
	}
	n.palette.close()
	n.help.close()
	n.glass.close()
	n.beyond.close()
	n.phoned.close()
	n.onCall.close()
	if p, ok := n.pages[to].(interface{ Anew(back bool) }); ok && n.at != to {
		p.Anew(n.at == pageChart || n.at == pageOrders)
	}
	n.at = to
	if !n.front.IsOpen() {
		n.shell.unfocus()
	}
	n.body.turn()
	n.pack.draw()
	n.readWhileShown()
	if to != pageChart && to != pageSettings && to != pageRoutines && to != pageRules { // which is about nobody
		list := string(to)
		if to == pageBoard {
			list = n.boardLook()
		}
		go n.look(list, "")
	}
}

// look writes down that a list was opened. It is no reason to show the list
// later: what could not be written is told by the desk's own notice.
func (n *session) look(list, search string) {
	if err := n.desk.OpenList(n.ctx, list, search); err != nil && n.ctx.Err() == nil {
		n.shell.later(n.shell.storeFailed)
	}
}

// openChart opens a patient's chart on a tab.
func (n *session) openChart(id ward.PatientID, tab vchart.Tab) {
	if n.at != pageChart && n.at != pageOrders { // orders are made from a chart
		n.from = n.at
	}
	n.turn(pageChart)
	n.chart.Open(id, tab)
}

// key does what an action means now. The card comes first, then what lies over
// the page, then the page.
func (n *session) key(a kit.Action, name fyne.KeyName) bool {
	if n.front.IsOpen() {
		switch a {
		case doEndDrill:
			return n.endDrill()
		case doLock:
			n.shell.lock()
		case doUndo:
			return n.toast.Undo()
		case doLarger, doSmaller:
			n.shell.step(a)
		default:
			return n.front.Key(name)
		}
		return true
	}
	if n.phoned.isOpen() {
		switch a {
		case doSave, doTake, doAct, doHand, doPrint, doPack: // never the page's below
			return n.phoned.key(name)
		}
	}
	if n.onCall.isOpen() {
		switch a {
		case doSave, doTake, doAct, doHand, doPrint, doPack:
			return n.onCall.key(name)
		}
	}
	switch a {
	case doFind:
		n.help.close()
		n.glass.close()
		n.beyond.close()
		n.phoned.close()
		n.onCall.close()
		n.palette.open()
	case doKeys:
		n.palette.close()
		n.glass.close()
		n.beyond.close()
		n.phoned.close()
		n.onCall.close()
		n.help.toggle()
	case doLock:
		n.shell.lock()
	case doUndo:
		return n.toast.Undo()
	case doLarger, doSmaller:
		n.shell.step(a)
	case doSettings:
		n.turn(pageSettings)
	case doAlert:
		return n.front.Key(name)
	case doNewTask:
		n.newTask()
	case doMine:
		n.turnMine(n.about())
	case doRota:
		n.onCall.open(n.ctx)
	case doAccount:
		n.turn(pageSettings)
		if p, is := n.pages[pageSettings].(*settings.Page); is {
			n.shell.focus(p.Account())
		}
	case doPrint:
		n.print()
	case doPack:
		n.printPack()
	case doDrill:
		n.beginDrill()
	case doEndDrill:
		return n.endDrill()
	case doObserve, doLook, doOrder, doAllergy, doNote, doPhoned, doStory:
		d, _ := deedOf(a)
		n.doFor(d, n.about())
	case doBack:
		return n.back(name)
	case doTake, doAct, doHand:
		if n.alerts.JustChanged() {
			return true // it was meant for the card that has just gone
		}
		return n.pageKey(name)
	default:
		if id, ok := strings.CutPrefix(string(a), string(doPage)); ok {
			n.turn(pageID(id))
			return true
		}
		if t, ok := strings.CutPrefix(string(a), string(doTab)); ok {
			n.doFor(deed{do: a, tab: vchart.Tab(t)}, n.about())
			return true
		}
		return n.pageKey(name)
	}
	return true
}

// plainKey is a key that the window has no use for: digits and arrows may mean
// something on the page, where nothing lies above it.
func (n *session) plainKey(name fyne.KeyName) bool {
	if n.front.IsOpen() || n.palette.isOpen() || n.help.isOpen() || n.phoned.isOpen() || n.onCall.isOpen() {
		return false
	}
	return n.pageKey(name)
}

func (n *session) pageKey(name fyne.KeyName) bool {
	k, ok := n.pages[n.at].(keyed)
	return ok && k.Key(&fyne.KeyEvent{Name: name})
}

// back is Esc: it closes what lies on top, else it goes from a chart to where it
// was opened.
func (n *session) back(name fyne.KeyName) bool {
	switch {
	case n.palette.isOpen():
		n.palette.close()
	case n.help.isOpen():
		n.help.close()
	case n.beyond.isOpen():
		n.beyond.close()
	case n.glass.isOpen():
		n.glass.close()
	case n.phoned.isOpen():
		n.phoned.leave()
	case n.onCall.isOpen():
		n.onCall.close()
	case n.pageKey(name):
	case n.at == pageChart:
		n.goBack()
	default:
		return false
	}
	return true
}

// goBack leaves the chart.
func (n *session) goBack() {
	to := n.from
	if to == "" || to == pageChart {
		to = pageBoard
	}
	n.turn(to)
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

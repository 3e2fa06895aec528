package shell

import (
	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	vchart "wardlight/internal/station/view/chart"
	"wardlight/ui/settings"
)

// What a script may ask of the window. All of it runs on the display's
// goroutine.

// Pages are the pages of the window by the names that Show knows: those of the list of
// pages, a patient's chart, and what stands in place of them or above them.
func Pages() []string {
	var out []string
	for _, id := range append(pageIDs(), pageChart) {
		out = append(out, string(id))
	}
	return append(out, "signin", "wall", "keys")
}

// PageTabs are the tabs of a page by the names that Show knows; none where it has none.
func PageTabs(page string) []string {
	switch pageID(page) {
	case pageChart:
		var out []string
		for _, t := range vchart.Tabs() {
			out = append(out, string(t))
		}
		return out
	case pageSettings:
		return settings.Tabs()
	case pageBoard, pageAlerts, pageResults, pageReviews, pageTasks, pageHandover, pageOrders, pageRoutines, pageRules, pageOutage:
	}
	return nil
}

// Show turns to a page as a person would: board, alerts, results, reviews, tasks, handover, orders, outage, chart with a
// patient and a tab, settings with the name of a tab, signin (which locks), keys, and the others of Pages. It answers false for another
// page, or where nobody is signed in.
func (s *Shell) Show(page string, patient ward.PatientID, tab string) bool {
	if s.desk == nil { // the station opened a moment ago, and its notice is on the way
		if d, err := s.conf.Station.Desk(); err == nil {
			s.desk = d
		}
	}
	s.lookAtSession()
	if page == "wall" {
		if s.wall == nil {
			s.toggleWall()
		}
		return s.wall != nil
	}
	s.leaveWall()
	if page == "signin" {
		s.lock()
		return true
	}
	if s.seat == nil {
		return false
	}
	s.seat.alerts.Fold() // a person sets the card aside before going elsewhere
	switch pageID(page) {
	case pageBoard, pageAlerts, pageResults, pageReviews, pageTasks, pageHandover, pageOrders, pageRoutines, pageRules, pageOutage, pageSettings:
		s.seat.turn(pageID(page))
		if p, ok := s.seat.pages[s.seat.at].(interface{ Turn(tab string) bool }); ok && tab != "" {
			return p.Turn(tab)
		}
		return s.seat.at == pageID(page)
	case pageChart:
		if patient == "" || s.seat.pages[pageChart] == nil {
			return false
		}
		s.seat.openChart(patient, vchart.Tab(tab))
		return true
	case "keys":
		s.seat.help.show()
		return true
	}
	return false
}

// Where says where the middle of a control is, in pixels of the window; ok is
// false where it is not to be seen or something lies over it.
func (s *Shell) Where(name string) (x, y int, ok bool) {
	o, ok := s.control(name)
	if !ok || s.canvas == nil || !o.Visible() {
		return 0, 0, false
	}
	pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
	if pos.IsZero() { // not in the tree of what is drawn
		return 0, 0, false
	}
	middle := pos.AddXY(o.Size().Width/2, o.Size().Height/2)
	size := s.canvas.Size()
	if middle.X < 0 || middle.Y < 0 || middle.X >= size.Width || middle.Y >= size.Height {
		return 0, 0, false
	}
	k := s.canvas.Scale()
	return int(middle.X*k + 0.5), int(middle.Y*k + 0.5), true
}

func (s *Shell) control(name string) (fyne.CanvasObject, bool) {
	if s.seat == nil {
		return s.signIn.where(name)
	}
	if o, ok := s.seat.front.Where(name); ok || s.seat.front.IsOpen() {
		return o, ok
	}
	if s.seat.beyond.isOpen() {
		return s.seat.beyond.where(name)
	}
	if s.seat.glass.isOpen() {
		return s.seat.glass.where(name)
	}
	if s.seat.onCall.isOpen() {
		return s.seat.onCall.where(name)
	}
	if s.seat.phoned.isOpen() {
		return s.seat.phoned.where(name)
	}
	if p := s.seat.palette; p.isOpen() || s.seat.help.isOpen() {
		if name == "found" {
			return p.list, p.isOpen() && p.field.Text() != "" && p.answered()
		}
		return p.field, name == "search" && p.isOpen()
	}
	if p, ok := s.seat.pages[s.seat.at].(placed); ok {
		return p.Where(name)
	}
	return nil, false
}

// Page says which page is shown: signin, or a page's name.
func (s *Shell) Page() string {
	if s.wall != nil {
		return "wall"
	}
	if s.seat == nil {
		return "signin"
	}
	return string(s.seat.at)
}

// Drawn counts the rows of the board as it is drawn: all of them, and those
// that have been read in full.
func (s *Shell) Drawn() (rows, whole int) {
	if s.seat == nil || s.seat.at != pageBoard {
		return 0, 0
	}
	list := s.seat.board.State().Rows
	return list.Len(), list.Whole()
}

// Read says whether what is shown was read: no page is "loading" any more.
func (s *Shell) Read() bool {
	n := s.seat
	if n == nil {
		return true
	}
	switch n.at {
	case pageBoard:
		return n.board.State().Rows.Len() > 0
	case pageResults:
		return n.results.State().Loaded
	case pageTasks:
		return n.tasks.State().Loaded
	case pageHandover:
		return n.handover.State().Loaded
	case pageRules:
		return n.rules.State().Loaded
	case pageRoutines:
		return n.routines.State().Loaded
	case pageChart:
		return n.chart.State().Loaded
	case pageOutage:
		return n.outage.Whole()
	case pageAlerts, pageReviews, pageOrders, pageSettings:
	}
	return true
}

// Tell shows a line of the story that a script tells; "" takes it away.
func (s *Shell) Tell(words string) {
	s.story = words
	s.frame.tell(words)
}

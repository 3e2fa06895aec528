package shell

import (
	"strings"

	"wardlight/internal/clinical/ward"
	vchart "wardlight/internal/station/view/chart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
)

// The actions that are about one patient: the one whose chart is open, the one
// who is marked in the search, or the row that is marked on the board.
const (
	doObserve kit.Action = "observe"
	doLook    kit.Action = "results of"
	doOrder   kit.Action = "order"
	doAllergy kit.Action = "allergies of"
	doNote    kit.Action = "note"
	doStory   kit.Action = "timeline of"
	doVisits  kit.Action = "visits of"
	doRun     kit.Action = "routines of"
	doProblem kit.Action = "problems of"
	doDrugs   kit.Action = "medicines of"
	doDuties  kit.Action = "tasks of"
	doPapers  kit.Action = "documents of"
	doPhoned  kit.Action = "phoned result"
	doRota    kit.Action = "rota"
	doAccount kit.Action = "account"
	// doMine puts somebody on the reader's own list; as a key it takes them off as well,
	// which doNotMine does from the search.
	doMine    kit.Action = "my list"
	doNotMine kit.Action = "off my list"
)

// deed is something that can be done from the search, by name, and by a key where
// the map has one. Which names there are is a table, so that it can be tested.
type deed struct {
	do   kit.Action
	item kit.RailItem // its name and icon
	also string       // other words that find it
	tab  vchart.Tab   // for a patient: where it is done
	all  bool         // it needs no patient
}

// deeds are the actions of the search, in the order in which they are offered.
func deeds() []deed {
	return []deed{
		{do: doObserve, item: kit.RailItem{Label: words.T("Enter observations"), Icon: iconPulse}, also: words.C("search", "vital signs news2"), tab: vchart.Vitals},
		{do: doLook, item: kit.RailItem{Label: words.T("Results"), Icon: iconResults}, also: words.C("search", "laboratory trend"), tab: vchart.Results},
		{do: doOrder, item: kit.RailItem{Label: words.T("Order a test"), Icon: iconOrders}, also: words.C("search", "ask for medicine prescribe request bloods"), tab: vchart.Orders},
		{do: doPhoned, item: kit.RailItem{Label: words.T("Phoned result"), Icon: iconPhone}, also: words.C("search", "laboratory called telephone read back"), tab: vchart.Results},
		{do: doAllergy, item: kit.RailItem{Label: words.T("Allergies"), Icon: iconWarning}, also: words.C("search", "record allergy"), tab: vchart.Allergies},
		{do: doNote, item: kit.RailItem{Label: words.T("Write a note"), Icon: iconNote}, also: words.C("search", "notes"), tab: vchart.Notes},
		{do: doRun, item: kit.RailItem{Label: words.T("Routines of the patient"), Icon: iconTasks}, also: words.C("search", "checklist admission discharge observation round steps tick"), tab: vchart.Routines},
		{do: doProblem, item: kit.RailItem{Label: words.T("Problems"), Icon: iconQuestion}, also: words.C("search", "diagnosis diagnoses conditions record resolve icd"), tab: vchart.Problems},
		{do: doDrugs, item: kit.RailItem{Label: words.T("Medicines"), Icon: iconList}, also: words.C("search", "drugs requested stopped list"), tab: vchart.Medicines},
		{do: doDuties, item: kit.RailItem{Label: words.T("Tasks of the patient"), Icon: iconTasks}, also: words.C("search", "open done today"), tab: vchart.Tasks},
		{do: doPapers, item: kit.RailItem{Label: words.T("Documents"), Icon: iconList}, also: words.C("search", "pdf pictures letters reports"), tab: vchart.Documents},
		{do: doVisits, item: kit.RailItem{Label: words.T("Visits"), Icon: iconBed}, also: words.C("search", "stays encounters admission discharge moves bed attending length"), tab: vchart.Visits},
		{do: doStory, item: kit.RailItem{Label: words.T("Timeline"), Icon: iconClock}, also: words.C("search", "what happened history moves transfers stay"), tab: vchart.Story},
		{do: doMine, item: kit.RailItem{Label: words.T("Put on my list"), Icon: iconStar}, also: words.C("search", "mine own patients take off keep remove follow")},
		{do: doRota, item: kit.RailItem{Label: words.T("On call"), Icon: iconPhone}, also: words.C("search", "rota who doctor registrar consultant pager"), all: true},
		{do: doNewTask, item: kit.RailItem{Label: words.T("New task"), Icon: iconTasks}, also: words.C("search", "to do"), all: true},
		{do: doWall, item: kit.RailItem{Label: words.T("Wall"), Icon: iconWall}, also: words.C("search", "large screen initials"), all: true},
		{do: doPrint, item: kit.RailItem{Label: words.T("Print"), Icon: iconPrint}, also: words.C("search", "paper pdf list pack sheet"), all: true},
		{do: doPack, item: kit.RailItem{Label: words.T("Print a ward pack"), Icon: iconPrint}, also: words.C("search", "paper pdf downtime charts"), all: true},
		{do: doDrill, item: kit.RailItem{Label: words.T("Practise a downtime for 30 min"), Icon: iconWarning}, also: words.C("search", "drill exercise outage rehearse"), all: true},
		{do: doEndDrill, item: kit.RailItem{Label: words.T("End the drill"), Icon: iconConnected}, also: words.C("search", "downtime stop exercise"), all: true},
		{do: doAccount, item: kit.RailItem{Label: words.T("Change my PIN, see where I am signed in"), Icon: iconLock}, also: words.C("search", "password sessions end other computers sign out account"), all: true},
		{do: doLock, item: kit.RailItem{Label: words.T("Lock"), Icon: iconLock}, also: words.C("search", "sign out leave"), all: true},
		{do: doKeys, item: kit.RailItem{Label: words.T("Keys"), Icon: iconKeys}, also: words.C("search", "help shortcuts keyboard"), all: true},
		{do: doLarger, item: kit.RailItem{Label: words.T("Text larger"), Icon: iconPlus}, also: words.C("search", "zoom"), all: true},
		{do: doSmaller, item: kit.RailItem{Label: words.T("Text smaller"), Icon: iconMinus}, also: words.C("search", "zoom"), all: true},
	}
}

// notMine stands in the place of doMine for whoever is on the list.
func notMine() deed {
	return deed{do: doNotMine, item: kit.RailItem{Label: words.T("Take off my list"), Icon: iconStar}}
}

func deedOf(a kit.Action) (deed, bool) {
	for _, d := range append(deeds(), notMine()) {
		if d.do == a {
			return d, true
		}
	}
	return deed{}, false
}

// named says whether what was typed means this: every word of it begins a word of
// the name, or of what it is called as well.
func (d deed) named(text string) bool {
	typed := strings.Fields(strings.ToLower(text))
	for _, t := range typed {
		if !d.word(t) {
			return false
		}
	}
	return len(typed) > 0
}

func (d deed) word(typed string) bool {
	for _, w := range strings.Fields(strings.ToLower(d.item.Label + " " + d.also)) {
		if strings.HasPrefix(w, typed) {
			return true
		}
	}
	return false
}

// leastOfADeed is how much of a word is typed before it may mean an action beside
// a name: shorter ones are names and beds.
const leastOfADeed = 3

// withDeed takes what was typed apart into a patient and something to do for
// them: "ade order". ok is false where it is not both, or an action by itself.
func withDeed(text string) (patient string, what []deed, ok bool) {
	typed := strings.Fields(text)
	for _, d := range deeds() {
		switch {
		case d.named(text):
			return "", nil, false
		case d.all:
			continue
		}
		var rest []string
		for _, w := range typed {
			if len([]rune(w)) < leastOfADeed || !d.word(strings.ToLower(w)) {
				rest = append(rest, w)
			}
		}
		if len(rest) > 0 && len(rest) < len(typed) && (patient == "" || strings.Join(rest, " ") == patient) {
			patient, what = strings.Join(rest, " "), append(what, d)
		}
	}
	return patient, what, len(what) > 0
}

// about is the patient whom an action is about; "" where nobody is meant.
func (n *session) about() ward.PatientID {
	if n.palette.isOpen() {
		return n.palette.patient()
	}
	if n.at == pageChart {
		return n.chart.State().ID
	}
	if n.at == pageBoard {
		if list, ok := n.pages[pageBoard].(first); ok {
			if l, ok := list.First().(*kit.List); ok {
				return ward.PatientID(l.Selected())
			}
		}
	}
	return ""
}

// doFor does something for a patient. Where nobody is meant, the search asks for
// whom: an action never guesses.
func (n *session) doFor(d deed, id ward.PatientID) {
	if id == "" {
		n.palette.open()
		return
	}
	name := n.nameOf(id)
	n.palette.close()
	n.help.close()
	n.glass.close()
	n.phoned.close()
	n.onCall.close()
	switch d.do {
	case doPhoned:
		n.phone(id)
		return
	case doMine, doNotMine:
		n.board.Put(id, name, d.do == doMine)
		return
	}
	if n.at == pageChart && n.chart.State().ID == id {
		n.chart.SetTab(d.tab) // what was begun there stays
	} else {
		n.openChart(id, d.tab)
	}
	if p, ok := n.pages[pageChart].(interface{ Enter() }); ok && d.do == doObserve {
		p.Enter()
	}
	n.firstOf(d)
}

// firstOf puts the focus where the work begins.
func (n *session) firstOf(d deed) {
	p, ok := n.pages[pageChart].(first)
	if ok && n.shell.canvas != nil && d.do != doLook && d.do != doAllergy {
		if f := p.First(); f != nil {
			kit.Focus(n.shell.canvas, f)
		}
	}
}

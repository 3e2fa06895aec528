package shell

import (
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/board"
	"wardlight/internal/words"
	"wardlight/ui/kit"
)

// turnMine puts whoever is meant on the reader's own list, or takes them off; where
// nobody is meant, the search asks for whom.
func (n *session) turnMine(id ward.PatientID) {
	name := n.nameOf(id)
	if n.palette.isOpen() {
		n.palette.close()
	} else if id == "" {
		n.palette.open()
		return
	}
	n.board.Turn(id, name)
}

// nameOf is what a patient is called who is on the screen.
func (n *session) nameOf(id ward.PatientID) string {
	if st := n.chart.State(); st.Loaded && st.Chart.Who.ID == id {
		return st.Chart.Who.ShowName()
	}
	for _, it := range n.palette.items {
		if h, ok := it.Data.(hit); ok && h.who.ID == id {
			return h.who.ShowName()
		}
	}
	return n.board.Name(id)
}

// asListed is what can be done about the own list: it says what it would do for this
// patient.
func (n *session) asListed(d deed, id ward.PatientID) deed {
	if on, _ := n.board.OnList(id); on && d.do == doMine {
		return notMine()
	}
	return d
}

// showKept shows what was done about the own list, with its way back, or why it was
// not.
func (n *session) showKept(st board.State) {
	switch {
	case st.Ask != nil && st.Ask != n.asked:
		n.toast.Say(kit.ToastConfig{Text: st.Ask.Words}, nil)
		n.body.Changed()
	case st.Undo != nil && st.Undo != n.kept && !st.Undo.Back:
		n.toast.Say(kit.ToastConfig{Text: st.Undo.Words}, nil)
		n.body.Changed()
	case st.Undo != nil && st.Undo != n.kept:
		n.toast.Say(kit.ToastConfig{Text: st.Undo.Words, Action: words.T("Undo"), Key: n.shell.keys.Cap(doUndo)}, n.board.UndoKeep)
		n.body.Changed() // the page makes room for it
	case st.Undo == nil && n.kept != nil:
		n.toast.Dismiss()
		n.body.Changed()
	}
	n.kept, n.asked = st.Undo, st.Ask
	if was := n.refused; st.Refused != was {
		n.refused = st.Refused
		if st.Refused != "" || n.wentUp.trouble == was { // it may say by now why nothing was printed
			n.wentUp.trouble = st.Refused
			n.wentUp.draw()
		}
	}
	if p, ok := n.pages[pageChart].(interface{ Relist() }); ok && n.at == pageChart {
		p.Relist()
	}
}

// boardLook is what the trail says of a look at the board: the own list has people of
// other wards.
func (n *session) boardLook() string {
	for _, p := range n.board.State().Pills {
		if p.On && p.Filter == board.Mine {
			return "my list"
		}
	}
	return string(pageBoard)
}

// filter chooses who is on the board. The own list is a list of its own: opening it is
// a look.
func (n *session) filter(f board.Filter) {
	was := n.boardLook()
	n.board.SetFilter(f)
	if now := n.boardLook(); now != was {
		go n.look(now, "")
	}
}

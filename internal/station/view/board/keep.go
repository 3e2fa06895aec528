package board

import (
	"context"
	"slices"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// Undo is what was just done about the own list, and its way back.
type Undo struct {
	Words   string // "On your list: ADEYEMI, Folake"
	Back    bool   // there is a way back
	patient ward.PatientID
	name    string
	kept    bool
}

// Ask is why somebody is not taken off at once: pressed once more it is done.
type Ask struct {
	Words   string
	patient ward.PatientID
	at      time.Time
}

// askStands is for how long the next press is taken for an answer: as long as the
// note is shown that asks.
const askStands = 10 * time.Second

// keeping is what is being done about the own list.
type keeping struct {
	busy    bool // until it is read again
	undo    *Undo
	ask     *Ask
	refused string
}

// OnList says whether somebody is on the own list as it was read last; known is false
// before that, and where it could not be read.
func (m *Model) OnList(id ward.PatientID) (on, known bool) {
	if m.last.serial == 0 && !m.state.Loaded || m.last.own.Lost {
		return false, false
	}
	return slices.Contains(m.last.own.Patients, id), true
}

// Turn puts somebody on the own list, or takes them off, whichever is not so as the
// list was read last. name is theirs, for the words.
func (m *Model) Turn(id ward.PatientID, name string) {
	on, known := m.OnList(id)
	if id == "" || !known && !m.last.own.Lost {
		return
	}
	m.setKept(id, name, !on, true) // where the list is lost, the desk says so
}

// Name is what somebody is called who is on the board, or on the own list; "" for
// others.
func (m *Model) Name(id ward.PatientID) string {
	for _, rows := range [][]*ward.Row{m.last.rows, m.last.own.Away} {
		for _, r := range rows {
			if r.Who.ID == id {
				return r.Who.ShowName()
			}
		}
	}
	return ""
}

// Put puts somebody on the own list, or takes them off it: what a person chose by its
// words, whatever the list holds meanwhile.
func (m *Model) Put(id ward.PatientID, name string, keep bool) {
	if id != "" {
		m.setKept(id, name, keep, true)
	}
}

// UndoKeep takes back what was done last, while that is offered.
func (m *Model) UndoKeep() {
	if u := m.keep.undo; u != nil && u.Back {
		m.setKept(u.patient, u.name, !u.kept, false)
	}
}

// setKept carries it out; that it is done is seen by the next reading, by no other
// road.
//
// Whoever lies elsewhere is on this computer because of the list alone: taken off, the
// record goes, and who may not see that ward can put nobody of it back. There is no way
// back to offer, so it is asked for once more.
func (m *Model) setKept(id ward.PatientID, name string, keep, undo bool) {
	if m.keep.busy {
		return
	}
	lost := !keep && undo && slices.ContainsFunc(m.last.own.Away, func(r *ward.Row) bool { return r.Who.ID == id })
	if a := m.keep.ask; lost && (a == nil || a.patient != id || m.now().Sub(a.at) >= askStands) {
		m.keep.ask, m.keep.undo = &Ask{Words: words.F("Once more: %s goes from this computer", name), patient: id, at: m.now()}, nil
		m.put(m.state)
		return
	}
	m.keep.ask = nil
	if m.keep.busy = true; m.keep.refused != "" {
		m.keep.refused = "" // refused again it is said again
		m.put(m.state)
	}
	go func() {
		done, err := m.desk.Do(context.Background(), ward.KeepOnList{Patient: id, Keep: keep})
		m.d.Do(func() {
			m.keep.undo = nil
			switch {
			case err != nil:
				m.keep.refused = base.Words(err)
			case undo:
				m.keep.undo = &Undo{Words: keptWords(keep, name, done.Later != ""), patient: id, name: name, kept: keep, Back: !lost}
			}
			m.put(m.state)
			m.loader.Reload()
		})
	}()
}

// keptWords say what was done, and for whom; later: central is still to look at it.
func keptWords(keep bool, name string, later bool) string {
	text := words.F("Off your list: %s", name)
	if keep {
		text = words.F("On your list: %s", name)
	}
	if later {
		return text + " " + words.T("(unsent)")
	}
	return text
}

// KeepKey is the key that puts the marked patient on the own list; the window's map
// has it.
const KeepKey = "Ctrl+M"

// nobody says why the own list shows nobody.
func (r *read) nobody() string {
	switch n := len(r.own.Patients); {
	case r.own.Lost:
		return words.T("Your list cannot be read on this computer. All patients of the ward stand under All.")
	case n > 0:
		return words.F("None to show: %s.", absentWords(r.own.Absent))
	}
	return words.F("Nobody is on your list. Press %s to put a patient on it: the one who is marked on the board, or whose chart is open.", KeepKey)
}

func absentWords(n int) string {
	return words.N(n, "%d patient of your list is not on this computer", "%d patients of your list are not on this computer")
}

// wardWords are where somebody lies who is on another ward.
func wardWords(w ward.Identity) string {
	if w.Ward == "" {
		return words.T("On no ward")
	}
	return words.F("Ward %s", w.Ward)
}

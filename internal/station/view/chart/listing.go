package chart

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
)

// Listing is what a tab shows that is a list: what stands above it, and its rows.
type Listing struct {
	Words   []string // about the list as a whole: up to when it is right, what it is not
	Entries []Entry
	Empty   string // why there are none
}

// Entry is one row of such a list. Its words are whole: what has no room beside
// stands below.
type Entry struct {
	ID     string
	Group  bool     // a heading over those that follow
	Key    string   // what a person types to jump here
	Beside []string // at the left, as a date; each its own line
	Head   string
	After  string // behind the head, lighter: a dose
	Struck bool   // it no longer holds: struck through, never hidden
	Marks  []Mark
	Lines  []string
	Warns  []string // lines that somebody has to read
	Acts   []Act    // what can be done with it; Enter does the first
	Bar    bool     // it is late, or waits for somebody
	Box    bool     // the first act is a box at the row, as of a task
	Ticked bool     // of a box
}

// Mark is a word in a box behind the head.
type Mark struct {
	Words string
	Tone  Tone
}

// Tone is how a mark looks; its word says what it means.
type Tone int

// The tones.
const (
	Plain Tone = iota
	Late
	Alarm
	Changed
	Unsent
	Done
	Care   // to be read with care; nothing is late
	Urgent // somebody asked for haste
)

// Act is something that a person can do with an entry.
type Act struct {
	Do    Deed
	Words string // of its button
}

// Deed names what is done.
type Deed string

// entry finds an entry that is drawn.
func (l Listing) entry(id string) (Entry, bool) {
	i := slices.IndexFunc(l.Entries, func(e Entry) bool { return e.ID == id && !e.Group })
	if i < 0 {
		return Entry{}, false
	}
	return l.Entries[i], true
}

// can says whether an entry that is drawn offers something.
func (l Listing) can(id string, do Deed) bool {
	e, ok := l.entry(id)
	return ok && slices.ContainsFunc(e.Acts, func(a Act) bool { return a.Do == do })
}

// heading is an entry that stands over others.
func heading(words string) Entry { return Entry{ID: "head " + words, Group: true, Head: words} }

// tabled makes the list of the tab that is open; the others are made when they are
// turned to.
func (m *Model) tabled() {
	c, now := m.state.Chart, m.now()
	m.state.List = Listing{}
	switch m.state.Tab {
	case Visits:
		m.state.List = visits(c, m.unfolded, now)
		m.state.List.Empty = m.none("visits or stays", len(c.Stays))
	case Routines:
		m.state.List = routines(c, m.unfolded, now)
		m.state.List.Empty = m.noRoutines(m.state.List)
	case Medicines:
		m.state.List = medicines(c, now)
		m.state.List.Empty = m.none("medicines requested here", len(m.state.List.Entries))
		if m.state.Loaded && m.state.List.Empty != "" {
			m.state.List.Empty += " " + homeNotHere
		}
	case Tasks:
		m.state.List = duties(c, now)
		m.state.List.Empty = m.none("tasks", len(c.Tasks))
	case Documents:
		m.state.List = papers(c, now)
		m.state.List.Empty = m.none("documents", len(m.state.List.Entries))
	case Problems:
		m.state.List = problems(c, now)
		m.state.List.Empty = m.none("problems", len(c.Problems))
		if m.state.Loaded && len(c.Problems) == 0 {
			m.state.List.Empty += " That does not say that the patient has none."
		}
	case Results, Vitals, Allergies, Orders, Notes, Story: // no list of entries
	}
}

// none says why there are none of something; "" where there are some.
func (m *Model) none(what string, n int) string {
	c, now := m.state.Chart, m.now()
	switch {
	case n > 0:
		return ""
	case !m.state.Loaded:
		return "Loading the " + what + " from this computer’s copy"
	case c.Loading != ward.LoadingNone:
		return "The " + what + " are still being loaded from the server."
	case c.AsOf.IsZero():
		return "Not loaded: this computer has had no contact with the server yet."
	case c.FeedDown:
		return "No " + what + " by " + ward.Stamp(c.AsOf, now) + ". What came later is not here."
	}
	return "None: no " + what + " on this computer, as of " + ward.Stamp(c.AsOf, now) + "."
}

func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// right says up to when a list is right, and that more of it is still to come.
func right(c ward.Chart, now time.Time) string {
	words := "as of " + cmp.Or(ward.Stamp(c.AsOf, now), "no contact yet")
	if c.FeedDown && !c.AsOf.IsZero() {
		words = "by " + ward.Stamp(c.AsOf, now) + "; what came later is not here"
	}
	if c.Loading != ward.LoadingNone {
		words += "; the record is still being loaded"
	}
	return words
}

// Fold is to show or hide what an entry keeps folded.
const Fold Deed = "fold"

// DoEntry does something with an entry of the list that is drawn.
func (m *Model) DoEntry(id string, do Deed) {
	if !m.state.List.can(id, do) {
		return // it is not there any more, or no longer offers it
	}
	switch do {
	case Fold:
		m.unfolded[id] = !m.unfolded[id]
		m.tell()
		m.show(m.state)
		return
	case Resolve, Reopen:
		m.doProblem(id, do)
		return
	case WithdrawRequest, Reinstate:
		m.doRequest(id, do)
		return
	case FinishDuty, ReopenDuty:
		m.doDuty(id, do)
		return
	default: // a routine's, or nothing
	}
	m.doRoutine(id, do)
}

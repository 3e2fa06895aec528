package chart

import (
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
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
	InLine bool     // it stands in line with those that have a box, whether or not it has one
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
func heading(head string) Entry { return Entry{ID: "head " + head, Group: true, Head: head} }

// tabled makes the list of the tab that is open; the others are made when they are
// turned to.
func (m *Model) tabled() {
	c, now := m.state.Chart, m.now()
	m.state.List = Listing{}
	switch m.state.Tab {
	case Visits:
		m.state.List = visits(c, m.unfolded, now)
		m.state.List.Empty = m.none(words.T("visits or stays"), len(c.Stays))
	case Routines:
		m.state.List = routines(c, m.unfolded, now)
		m.state.List.Empty = m.noRoutines(m.state.List)
	case Medicines:
		m.state.List = medicines(c, now)
		m.state.List.Empty = m.none(words.T("medicines requested here"), len(m.state.List.Entries))
		if m.state.Loaded && m.state.List.Empty != "" {
			m.state.List.Empty += " " + homeNotHere.Say()
		}
	case Tasks:
		m.state.List = duties(c, now)
		m.state.List.Empty = m.none(words.T("tasks"), len(c.Tasks))
	case Documents:
		m.state.List = papers(c, now)
		m.state.List.Empty = m.none(words.T("documents"), len(m.state.List.Entries))
	case Problems:
		m.state.List = problems(c, now)
		m.state.List.Empty = m.none(words.T("problems"), len(c.Problems))
		if m.state.Loaded && len(c.Problems) == 0 {
			m.state.List.Empty += " " + words.T("That does not say that the patient has none.")
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
		return words.F("Loading the %s from this computer’s copy", what)
	case c.Loading != ward.LoadingNone:
		return words.F("The %s are still being loaded from the server.", what)
	case c.AsOf.IsZero():
		return words.T("Not loaded: this computer has had no contact with the server yet.")
	case c.FeedDown:
		return words.F("No %s by %s. What came later is not here.", what, ward.Stamp(c.AsOf, now))
	}
	return words.F("None: no %s on this computer, as of %s.", what, ward.Stamp(c.AsOf, now))
}

func sentence(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + s[n:]
}

// right says up to when a list is right, and that more of it is still to come.
func right(c ward.Chart, now time.Time) string {
	text := words.T("as of no contact yet")
	switch {
	case c.AsOf.IsZero():
	case c.FeedDown:
		text = words.F("by %s; what came later is not here", ward.Stamp(c.AsOf, now))
	default:
		text = words.F("as of %s", ward.Stamp(c.AsOf, now))
	}
	if c.Loading != ward.LoadingNone {
		text += "; " + words.T("the record is still being loaded")
	}
	return text
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

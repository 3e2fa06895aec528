package tasks

import (
	"context"
	"strings"
	"sync"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// Role is somebody to whom a task can be given without a name.
type Role struct{ Code, Words string }

// Roles are those of a ward. A task of a role goes with the patient.
func Roles() []Role {
	return []Role{{"nurse", words.T("Nurse")}, {"charge-nurse", words.T("Charge nurse")}, {"doctor", words.T("Doctor")}, {"ward-clerk", words.T("Ward clerk")}}
}

// Form is a task that is being made. Whose it is stands in it from the start, or
// is searched for; it never changes by itself.
type Form struct {
	Who    *ward.Identity // nil: not chosen yet
	Left   string         // "Discharged 14:05, last bed 07": whoever was chosen has left the ward
	Search string
	Found  []Found
	None   string // that nobody was found, in words
	Words  string
	Owner  string
	Role   string // a code of Roles
	Due    string // as typed
	When   string // what Due means: "due 08:00 on 23-Nov-2026"
	Bad    string // the field that is wrong: "who", "words", "due"
	Urgent bool
	Kept   string // "Draft kept 14:05", of one that was begun before
}

// draft is a task for one patient as it is kept while somebody makes it.
type draft struct {
	Words  string `json:"words,omitempty"`
	Owner  string `json:"owner,omitempty"`
	Role   string `json:"role,omitempty"`
	Due    string `json:"due,omitempty"` // as typed: it is read again by the day on which it is saved
	Urgent bool   `json:"urgent,omitempty"`
}

const kindTask = "task"

func (f *Form) draft() draft { return draft{f.Words, f.Owner, f.Role, f.Due, f.Urgent} }

// keep keeps the form as it is now, once it is said for whom.
func (m *Model) keep() {
	if f := m.state.Form; f != nil && f.Who != nil {
		base.PutForm(m.drafts, f.Who.ID, kindTask, f.draft())
	}
}

// drop forgets the draft of a form.
func (m *Model) drop(f *Form) {
	if f != nil && f.Who != nil {
		m.drafts.Drop(f.Who.ID, kindTask)
	}
}

// recall puts back what its author had begun for the patient of the form, unless
// something is in it already.
func (m *Model) recall() {
	who, form := m.state.Form.Who.ID, m.forms
	base.Recall(m.d, m.desk, m.drafts, who, kindTask, func(d draft, at time.Time, err error) {
		f := m.state.Form
		if m.forms != form || f == nil || f.Who == nil || f.Who.ID != who || f.draft() != (draft{}) {
			return
		}
		if err != nil {
			m.state.Error = base.Words(err)
			m.show(m.state)
			return
		}
		next := *f
		next.Words, next.Owner, next.Role, next.Urgent = d.Words, d.Owner, d.Role, d.Urgent
		next.Kept = base.KeptWords(at, m.now())
		next.due(d.Due, m.now())
		m.state.Form = &next
		m.show(m.state)
	})
}

// due says at once what the words mean.
func (f *Form) due(text string, now time.Time) {
	f.Due, f.When = text, ""
	if at, ok := Due(text, now); ok && !at.IsZero() {
		f.When = words.F("due %s", ward.Stamp(at, now))
	}
}

// Flush writes what is being typed now: the window locks, the program ends.
func (m *Model) Flush() { m.drafts.Flush() }

// Found is one of the patients that a form offers; Left says that they have left.
type Found struct {
	ward.Identity
	Left string
}

// finder looks patients up while somebody types; an answer to what was typed
// before never shows.
type finder struct {
	m      *Model
	loader *base.Loader[found]

	mu   sync.Mutex
	text string
}

type found struct {
	text string
	who  []ward.Found
}

func newFinder(m *Model) *finder {
	f := &finder{m: m}
	f.loader = base.NewLoader(m.d, func(ctx context.Context) (found, error) {
		f.mu.Lock()
		text := f.text
		f.mu.Unlock()
		who, err := m.desk.Search(ctx, text)
		return found{text, who}, err
	}, f.found)
	return f
}

func (f *finder) look(text string) {
	f.mu.Lock()
	f.text = text
	f.mu.Unlock()
	f.loader.Reload()
}

// most bounds the names that a form offers.
const most = 5

func (f *finder) found(got found, err error) {
	form := f.m.state.Form
	if form == nil || form.Search != got.text || form.Who != nil {
		return
	}
	next := *form
	switch {
	case err != nil:
		next.Found, next.None = nil, base.Words(err)
	case len(got.who) == 0:
		next.Found, next.None = nil, words.T("Nobody on this computer is called that.")
	default:
		next.Found, next.None = nil, ""
		for _, w := range got.who[:min(len(got.who), most)] {
			is := Found{Identity: w.Identity}
			if w.Left != nil {
				is.Left = w.Left.Words(f.m.now())
			}
			next.Found = append(next.Found, is)
		}
	}
	f.m.state.Form = &next
	f.m.show(f.m.state)
}

// New begins a task: for this patient, or where nil is given, for one who is
// searched for.
func (m *Model) New(who *ward.Identity) {
	m.forms++
	m.state.Form, m.state.Close, m.state.Error = &Form{Who: who}, nil, ""
	m.show(m.state)
	if who != nil {
		m.recall()
	}
}

// NewHere begins a task for the patient of the chosen line.
func (m *Model) NewHere() {
	if l, ok := m.line(m.state.Open); ok {
		who := l.Who
		m.New(&who)
		return
	}
	m.New(nil)
}

// Leave closes whichever form is open and forgets what was typed in it; it reports
// whether one was.
func (m *Model) Leave() bool {
	if m.state.Form == nil && m.state.Close == nil {
		return false
	}
	m.drop(m.state.Form)
	m.state.Form, m.state.Close, m.state.Error = nil, nil, ""
	m.show(m.state)
	return true
}

// edit changes the form that is drawn.
func (m *Model) edit(fn func(*Form)) {
	if m.state.Form == nil {
		return
	}
	next := *m.state.Form
	next.Bad = ""
	fn(&next)
	m.state.Form, m.state.Error = &next, ""
	m.show(m.state)
	m.keep()
}

// Find looks for the patient as somebody types.
func (m *Model) Find(text string) {
	m.edit(func(f *Form) { f.Search, f.Found, f.None = text, nil, "" })
	if strings.TrimSpace(text) != "" {
		m.finder.look(text)
	}
}

// Choose is whose task it is; "" is to choose again. What was typed goes with the form,
// and leaves no draft with whoever it was first about.
func (m *Model) Choose(id ward.PatientID) {
	m.drop(m.state.Form)
	m.edit(func(f *Form) {
		found := f.Found
		f.Who, f.Left, f.Search, f.Found = nil, "", "", nil
		for _, w := range found {
			if w.ID == id {
				f.Who, f.Left = &w.Identity, w.Left
			}
		}
	})
	if f := m.state.Form; f != nil && f.Who != nil {
		m.recall()
	}
}

// TypeWords takes every change of its field, as TypeOwner and TypeDue do of theirs.
func (m *Model) TypeWords(text string) { m.edit(func(f *Form) { f.Words = text }) }

// TypeOwner names a person; a name and a role exclude one another.
func (m *Model) TypeOwner(text string) {
	m.edit(func(f *Form) {
		f.Owner = text
		if strings.TrimSpace(text) != "" {
			f.Role = ""
		}
	})
}

// GiveTo gives it to a role, or takes that back.
func (m *Model) GiveTo(role string) {
	m.edit(func(f *Form) {
		if f.Role == role {
			role = ""
		}
		f.Role, f.Owner = role, ""
	})
}

// TypeDue says at once what the words mean.
func (m *Model) TypeDue(text string) {
	now := m.now()
	m.edit(func(f *Form) { f.due(text, now) })
}

// SetUrgent marks it.
func (m *Model) SetUrgent(on bool) { m.edit(func(f *Form) { f.Urgent = on }) }

// Save makes the task. saved is called where it was.
func (m *Model) Save(saved func()) {
	f := m.state.Form
	if f == nil || m.state.Busy {
		return
	}
	cmd, bad, said := command(f, m.now())
	if bad != "" {
		next := *f
		next.Bad = bad
		m.state.Form, m.state.Error = &next, said
		m.show(m.state)
		return
	}
	m.do(cmd, func() {
		m.drop(f)
		m.state.Form = nil // also where a letter came while it was saved: it would be saved twice
		saved()
	})
}

// command is what the form asks for; bad is the field that is wrong, with words.
func command(f *Form, now time.Time) (cmd ward.AddTask, bad, said string) {
	if f.Who == nil {
		return cmd, "who", words.T("Say for whom. Nothing was saved.")
	}
	if strings.TrimSpace(f.Words) == "" {
		return cmd, "words", words.F("Say what is to be done. Nothing was saved.")
	}
	due, ok := Due(f.Due, now)
	if !ok {
		return cmd, "due", words.F("The time \"%s\" is not understood: %s. Nothing was saved.", f.Due, DueWords())
	}
	cmd = ward.AddTask{Patient: f.Who.ID, Words: strings.TrimSpace(f.Words), Owner: strings.TrimSpace(f.Owner), Role: f.Role, Due: due}
	if f.Urgent {
		cmd.Priority = ward.PriorityUrgent
	}
	return cmd, "", ""
}

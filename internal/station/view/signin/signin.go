// Package signin is the view model of the sign-in page: who was here last, a
// name, a PIN, and what to know before starting. No patient is named on it.
package signin

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// Door is what the page needs of the station.
type Door interface {
	// SignInWithCode signs in; code is that of a second factor, once it was asked for
	// by ward.ErrCodeNeeded.
	SignInWithCode(ctx context.Context, user, pin, code string) (ward.Person, error)
	// Jot keeps what somebody saw under their name, and signs nobody in.
	Jot(ctx context.Context, user, pin, text string) error
	// ReadyPack is the ward pack that is kept ready; PrintPackByPIN prints it where the
	// copy cannot be opened, so that nobody can sign in.
	ReadyPack() (p ward.ReadyPack, ok bool)
	PrintPackByPIN(ctx context.Context, user, pin, code string) (words string, err error)
	People() []ward.Person
	Link() ward.Link
	// Waiting is how many results need somebody, and how many critical values
	// could not be filed. It names nobody.
	Waiting() (untaken, heldBack int)
	// Trouble is what happened to this computer's own copy and nobody has read.
	Trouble() []ward.StoreNote
}

// Person is somebody who may choose themselves from the list.
type Person struct {
	User string
	Name string
	Note string // "signed in 19:48 on 21-Nov-2026, 1 draft kept, sealed"
}

// Fact is one line of "Before you start".
type Fact struct {
	Good   bool
	Urgent bool // somebody must come: a critical result waits
	Head   string
	Words  string
}

// Locked is who locked the window, or for whom it locked itself.
type Locked struct {
	User   string
	Name   string
	At     time.Time
	Unused time.Duration // how long nobody had used it; 0: it was locked by hand
	// Withdrawn: central has withdrawn the computer's access; no PIN unlocks it.
	Withdrawn bool
	// Ended: why the session ended that nobody ended here; "": it was locked.
	Ended ward.SessionEnd
}

// State is the page as drawn.
type State struct {
	Head   string // "Sign in with your name and PIN", "Locked at 14:05"
	Words  string
	People []Person
	Facts  []Fact
	Busy   bool
	Error  string // what happened, in words

	Offer    string        // the button for the hospital's account; "": it is not offered
	Browsing bool          // somebody is at the hospital's page in the browser
	Vouched  *ward.Vouched // whom the hospital vouched for, and what they still give
	Writing  bool          // the form for what somebody saw is open
	Kept     bool          // what was written is on disk
	Leaving  bool          // what was written is not kept, and Back was pressed once
	Code     bool          // the code of a second factor is to be given
	Pack     string        // the ward pack that can be printed from here; "": none, or sign in
	Printed  string        // what was printed
}

// Model is the view model. Its methods are for the display's goroutine.
type Model struct {
	door     Door
	dispatch base.Dispatcher
	now      func() time.Time
	show     func(State)
	entered  func(ward.Person)
	state    State
	gen      atomic.Uint64
	locked   *Locked
	barred   bool      // the computer may show patients to nobody
	lost     bool      // the copy cannot be opened
	failed   bool      // somebody tried to sign in, and could not
	keptAt   time.Time // what was written, while Kept is said
	loader   *base.Loader[read]
	hospital hospital
}

// read is what the page reads of the station.
type read struct {
	people         []ward.Person
	link           ward.Link
	trouble        []ward.StoreNote
	untaken, heldB int
	offer          string
	pack           *ward.ReadyPack
}

// limit bounds one sign-in: checking a PIN takes a fifth of a second, a server
// that does not answer a few.
const limit = 40 * time.Second

// New makes the model; entered is called when somebody is in.
func New(door Door, d base.Dispatcher, now func() time.Time, show func(State), entered func(ward.Person)) *Model {
	m := &Model{door: door, dispatch: d, now: now, show: show, entered: entered}
	m.loader = base.NewLoader(d, func(context.Context) (read, error) {
		r := read{people: door.People(), link: door.Link(), trouble: door.Trouble(), offer: m.hospital.offered()}
		r.untaken, r.heldB = door.Waiting()
		if p, ok := door.ReadyPack(); ok {
			r.pack = &p
		}
		return r, nil
	}, func(r read, _ error) { m.loaded(r) })
	m.headed()
	return m
}

// Lock says that the window is locked for somebody; nil that nobody is signed in.
func (m *Model) Lock(l *Locked) {
	m.locked = l
	m.headed()
}

// Locked is what Lock said last.
func (m *Model) Locked() *Locked { return m.locked }

// headed words the top of the page.
func (m *Model) headed() {
	if m.barred || m.locked != nil && m.locked.Withdrawn {
		m.state.Head = words.T("This computer may not show patients any more")
		m.state.Words = words.T("The hospital has withdrawn its access. What you were writing, and what was entered here and not sent, is kept on it, sealed. Use another computer, and tell IT: this one has to be enrolled anew.")
		return
	}
	if v := m.state.Vouched; v != nil {
		m.state.Head, m.state.Words = vouchedHead(*v)
		return
	}
	if m.state.Writing && m.state.Kept {
		m.state.Head, m.state.Words = keptHead(m.keptAt, m.now())
		return
	}
	if m.state.Writing {
		m.state.Head = words.T("Write down what you saw")
		m.state.Words = words.T("It is kept on this computer under your name, sealed, also where you may not read here now. Nobody is signed in by it, and nobody else can read it. Say whom it is about in your own words.")
		return
	}
	if m.state.Printed != "" {
		m.state.Head = m.state.Printed
		m.state.Words = words.T("What stands in it is of then: what came later is not in it. Phone the laboratory for results, and write on the charts in it; enter them when the computer is back, with the time at which each was true.")
		return
	}
	if m.locked == nil {
		m.state.Head = words.T("Sign in with your name and PIN")
		m.state.Words = words.T("Works with the network out for everybody who has signed in on this computer before.")
		return
	}
	l, now := *m.locked, m.now()
	m.state.Head = words.F("Locked at %s", ward.Stamp(l.At.In(now.Location()), now))
	m.state.Words = words.F("%s: give your PIN to go on where you were; what you were writing is kept, sealed. Others sign in with their own name and see nothing of it.", ward.SayName(l.Name))
	switch l.Ended {
	case ward.EndedElsewhere:
		m.state.Head = words.F("The session was ended at %s", ward.Stamp(l.At.In(now.Location()), now))
		m.state.Words = words.F("%s: you, or an administrator, ended it from elsewhere, or your account was changed. What you were writing is kept, sealed. Was it not you? Change your PIN, and tell IT.", ward.SayName(l.Name))
		return
	case ward.EndedLong:
		m.state.Words = words.T("A session lasts so long and no longer, whoever uses it.") + " " + m.state.Words
	}
	if l.Unused > 0 {
		m.state.Words = words.F("It locked itself: nobody had used it for %s.", unused(l.Unused)) + " " + m.state.Words
	}
}

func unused(d time.Duration) string {
	if d < time.Minute {
		return words.F("%d s", int(d/time.Second))
	}
	return ward.Span(d)
}

// Refresh reads who was here and how the station is, in the background.
func (m *Model) Refresh() { m.loader.Reload() }

func (m *Model) loaded(r read) {
	now := m.now()
	m.state.Offer = r.offer
	m.state.People = nil
	for _, p := range r.people {
		note := words.F("signed in %s", ward.Stamp(p.Last.In(now.Location()), now))
		if p.Drafts > 0 {
			note += ", " + words.N(p.Drafts, "%d draft kept, sealed", "%d drafts kept, sealed")
		}
		m.state.People = append(m.state.People, Person{p.User, p.Name, note})
	}
	m.barred = r.link.Withdrawn
	m.headed()
	m.state.Facts = append(waiting(r.untaken, r.heldB, r.link.Withdrawn), facts(r.link, now)...)
	m.packed(r.pack, r.link)
	for _, t := range r.trouble {
		at := ward.Stamp(t.At.In(now.Location()), now)
		m.state.Facts = append(m.state.Facts, Fact{Head: t.What + " (" + at + ")", Words: t.Safe + " " + t.Do})
	}
	m.show(m.state)
}

// waiting counts what needs somebody now, and says nothing of whom it is about.
// Where this computer may show nobody, it is to be looked at on another.
func waiting(untaken, heldBack int, elsewhere bool) []Fact {
	whose, held := words.N(untaken, "Sign in to see whose it is.", "Sign in to see whose they are."), words.T("Sign in and look under Alerts: it says what is known of whose they are.")
	if elsewhere {
		whose = words.N(untaken, "Sign in on another computer to see whose it is.", "Sign in on another computer to see whose they are.")
		held = words.T("Sign in on another computer and look under Alerts: it says what is known of whose they are.")
	}
	var out []Fact
	if untaken > 0 {
		out = append(out, Fact{Urgent: true, Head: words.N(untaken, "%d result waits for somebody to take it", "%d results wait for somebody to take them"), Words: whose})
	}
	if heldBack > 0 {
		out = append(out, Fact{Urgent: true, Head: words.F("%d critical or possibly critical in messages that the server holds back", heldBack), Words: held})
	}
	return out
}

func facts(l ward.Link, now time.Time) []Fact {
	var out []Fact
	switch {
	case l.Refused != "":
		out = append(out, Fact{Head: words.T("The server turned this computer away"), Words: l.Refused})
	case l.Connected:
		out = append(out, Fact{Good: true, Head: words.T("Connected to the server"), Words: words.F("Everything up to %s is here.", ward.Stamp(l.AsOf, now))})
	case l.Sealed:
		out = append(out, Fact{Head: words.T("No contact with the server since this start"), Words: sealed(l, now)})
	case l.Ever:
		out = append(out, Fact{Head: words.F("Network out since %s", ward.Stamp(l.Since, now)), Words: words.T("You can work: whoever has signed in here before can sign in now.")})
	default:
		out = append(out, Fact{Head: words.T("No contact with the server yet"), Words: words.T("The computer opens when the server answers, or with the PIN of somebody who has signed in here before.")})
	}
	if l.Unsent > 0 {
		out = append(out, Fact{Head: words.T("Entries wait to be sent"), Words: words.T("They are safe on this computer and go by themselves.")})
	}
	if o := l.LastOutage; o != nil && o.Reviews > 0 {
		out = append(out, Fact{Head: words.T("Something waits to be decided"), Words: words.T("Two entries from the last outage do not fit together. A clinician decides under Reviews.")})
	}
	return out
}

// sealed says how old the copy is that opens with a PIN.
func sealed(l ward.Link, now time.Time) string {
	said := words.T("This computer's own copy is here, and opens with the PIN of somebody who has signed in here before.")
	if !l.AsOf.IsZero() {
		said += " " + words.F("It holds everything up to %s; what came later is not here.", ward.Stamp(l.AsOf, now))
	}
	return said + " " + words.T("Until somebody has signed in it cannot read what waits, and sounds for nothing.")
}

// Forget takes the words of an earlier failure off, as for the next person.
func (m *Model) Forget() {
	m.state.Error, m.state.Code, m.state.Writing, m.state.Kept, m.state.Leaving = "", false, false, false, false
	m.state.Printed, m.failed = "", false
}

// Enter signs in, by name and PIN; whom the hospital vouched for gives what is still
// asked of them. While it runs the page is busy, and a second Enter does nothing.
func (m *Model) Enter(user, pin, code string) {
	if m.state.Busy {
		return
	}
	if m.state.Vouched != nil {
		m.give(pin, code)
		return
	}
	if strings.TrimSpace(user) == "" || pin == "" {
		m.state.Error = words.T("Type your name and your PIN.")
		m.show(m.state)
		return
	}
	m.failed, m.state.Printed = true, "" // until it worked
	m.headed()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	run(m, ctx, cancel, func(ctx context.Context) (ward.Person, error) { return m.door.SignInWithCode(ctx, user, pin, code) }, m.in)
}

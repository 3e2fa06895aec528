package settings

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// AccountDoor is what somebody asks about their own account. Each call may take the time
// of a network that is out.
type AccountDoor interface {
	ChangePIN(ctx context.Context, old, pin, code string, endOthers bool) error
	Sessions(ctx context.Context) ([]ward.OpenSession, error)
	EndSessions(ctx context.Context, which, pin, code string) ([]ward.OpenSession, error)
}

// OpenLine is one open session as drawn.
type OpenLine struct {
	Station string // what End takes
	Head    string // "Computer 4B-02, ward 4B"
	Words   string // since when, last heard of, how
	Here    bool   // it cannot be ended here
	Ending  bool
}

// AccountState is the tab as drawn. Code says that the account's second factor is asked for.
type AccountState struct {
	Busy bool
	Code bool

	PINError, PINDone string

	Read                        bool // Lines are what the server said
	Lines                       []OpenLine
	SessionsError, SessionsDone string
}

// Field is one that has to be typed anew.
type Field int

// The fields of the tab. NoField is none of them: what was refused is no matter of typing.
const (
	NoField Field = iota
	OldPIN
	NewPIN // and the same once more
	Code
	MyPIN  // to end a session
	MyCode // beside it
)

// wrongField is which of an account's fields an error is about: the PIN, what was to be
// set, or the code.
func wrongField(err error, pin, set, code Field) Field {
	var typed *ward.Mistyped
	switch {
	case errors.Is(err, ward.ErrCodeNeeded):
		return code
	case !errors.As(err, &typed):
		return NoField
	case typed.New:
		return set
	}
	return pin
}

// Account is the view model of one's own account. Its methods are for the display's
// goroutine. It keeps no PIN.
type Account struct {
	door     AccountDoor
	dispatch base.Dispatcher
	now      func() time.Time
	show     func(AccountState)
	state    AccountState
}

// accountLimit bounds one question: a PIN takes a fifth of a second twice, a server that does not
// answer a few.
const accountLimit = 40 * time.Second

// NewAccount makes the model.
func NewAccount(door AccountDoor, d base.Dispatcher, now func() time.Time, show func(AccountState)) *Account {
	return &Account{door: door, dispatch: d, now: now, show: show}
}

// State is what is drawn now.
func (m *Account) State() AccountState { return m.state }

func (m *Account) say(s AccountState) {
	m.state = s
	m.show(s)
}

// ChangePIN changes the PIN; twice is the new one once more. done is called when it is
// another one: what was typed can go. again is called once the tab says why it is not, with
// what has to be typed anew.
func (m *Account) ChangePIN(old, pin, twice, code string, endOthers bool, done func(), again func(Field)) {
	s := m.state
	if s.Busy {
		return
	}
	s.PINError, s.PINDone = "", ""
	wrong := NoField
	switch {
	case old == "" || pin == "":
		s.PINError, wrong = words.T("Give the PIN that you have, and the new one."), NewPIN
		if old == "" {
			wrong = OldPIN
		}
	case pin != twice:
		s.PINError, wrong = words.T("The two new PINs are not the same. Nothing was changed."), NewPIN
	}
	if wrong != NoField {
		m.say(s)
		again(wrong)
		return
	}
	m.ask(s, again, func(ctx context.Context) func(*AccountState) Field {
		err := m.door.ChangePIN(ctx, old, pin, code, endOthers)
		return func(s *AccountState) Field {
			if s.PINError = m.trouble(s, err); err != nil {
				return wrongField(err, OldPIN, NewPIN, Code)
			}
			s.Code = false
			s.PINDone = words.T("Your PIN is the new one, here and at every computer that reaches the server. The old one opens a computer that is off the network until it is back.")
			if endOthers {
				s.PINDone += " " + words.T("Your sessions at other computers end.")
			}
			done()
			return NoField
		}
	})
}

// Load reads where this person is signed in.
func (m *Account) Load() {
	s := m.state
	if s.Busy {
		return
	}
	s.SessionsError, s.SessionsDone = "", ""
	m.ask(s, nil, func(ctx context.Context) func(*AccountState) Field {
		list, err := m.door.Sessions(ctx)
		return func(s *AccountState) Field {
			m.took(s, list, err)
			return NoField
		}
	})
}

// End ends the session at one computer, or those at all others ("others"). done and again
// are as for ChangePIN.
func (m *Account) End(which, pin, code string, done func(), again func(Field)) {
	s := m.state
	if s.Busy {
		return
	}
	s.SessionsError, s.SessionsDone = "", ""
	if pin == "" {
		s.SessionsError = words.T("Give your PIN once more.")
		m.say(s)
		again(MyPIN)
		return
	}
	m.ask(s, again, func(ctx context.Context) func(*AccountState) Field {
		list, err := m.door.EndSessions(ctx, which, pin, code)
		return func(s *AccountState) Field {
			if m.took(s, list, err); err != nil {
				return wrongField(err, MyPIN, NoField, MyCode)
			}
			s.Code = false
			s.SessionsDone = words.T("Ended. A computer that is connected hides it within seconds, another when it is back. What you were writing there is kept.")
			done()
			return NoField
		}
	})
}

// took takes a list, or why there is none.
func (m *Account) took(s *AccountState, list []ward.OpenSession, err error) {
	if s.SessionsError = m.trouble(s, err); err != nil {
		return
	}
	s.Read, s.Lines = true, nil
	for _, o := range list {
		s.Lines = append(s.Lines, m.line(o))
	}
}

// trouble is an error in words; one that asks for a code shows its field.
func (m *Account) trouble(s *AccountState, err error) string {
	if err == nil {
		return ""
	}
	if errors.Is(err, ward.ErrCodeNeeded) {
		s.Code = true
	}
	return sentence(base.Words(err))
}

// sentence begins with a capital and ends with a stop, wherever the reason comes from.
func sentence(text string) string {
	r, n := utf8.DecodeRuneInString(text)
	if n == 0 {
		return ""
	}
	text = string(unicode.ToUpper(r)) + text[n:]
	if !strings.ContainsAny(text[len(text)-1:], ".!?") {
		text += "."
	}
	return text
}

func (m *Account) ask(s AccountState, again func(Field), work func(context.Context) func(*AccountState) Field) {
	s.Busy = true
	m.say(s)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), accountLimit)
		defer cancel()
		take := work(ctx)
		m.dispatch.Do(func() {
			s := m.state
			s.Busy = false
			wrong := take(&s)
			m.say(s)
			if wrong != NoField { // its field is shown only now
				again(wrong)
			}
		})
	}()
}

// line words one session.
func (m *Account) line(o ward.OpenSession) OpenLine {
	now := m.now()
	l := OpenLine{Station: o.Station, Head: o.Place, Here: o.Here, Ending: o.Ending}
	at := func(t time.Time) string { return ward.Stamp(t.In(now.Location()), now) }
	switch o.How {
	case "offline":
		l.Words = words.F("by PIN with the network out, %s", at(o.Since))
	case "hospital":
		l.Words = words.F("by the hospital’s account, %s", at(o.Since))
	default:
		l.Words = words.F("by PIN, %s", at(o.Since))
	}
	if o.Locked {
		l.Words += " · " + words.T("locked")
	}
	switch {
	case o.Here:
		l.Words += " · " + words.T("this computer")
	case o.Ending:
		l.Words += " · " + words.T("ended; the computer has not said so yet")
	case !o.Connected:
		l.Words += " · " + words.F("off the network, last heard of %s", at(o.Seen))
	}
	return l
}

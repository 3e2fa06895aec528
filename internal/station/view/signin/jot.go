package signin

import (
	"context"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// An entry that cannot wait for a sign-in: what somebody saw is kept under their
// name, sealed, while they may not read here. The PIN says whose it is; nothing is
// shown for it.

// Write turns the page into the form for that, or back. A code of a second factor is
// of no use there: nobody is signed in by it.
func (m *Model) Write(on bool) {
	if m.state.Busy {
		return
	}
	m.state.Writing, m.state.Kept, m.state.Leaving, m.state.Code, m.state.Error = on, false, false, false, ""
	m.headed()
	m.show(m.state)
}

// Back leaves the form, and asks once where something stands in it that was not kept:
// nobody but its writer knows it.
func (m *Model) Back(text string) (left bool) {
	switch {
	case m.state.Busy:
		return false
	case strings.TrimSpace(text) == "" || m.state.Leaving:
		m.Write(false)
		return true
	}
	m.state.Leaving = true
	m.state.Error = words.T("What you wrote is not kept. Press Keep it, or once more to throw it away.")
	m.show(m.state)
	return false
}

// Keep keeps what was written. Kept in the state says that it is on disk; only then
// may the form forget it.
func (m *Model) Keep(user, pin, text string) {
	if m.state.Busy {
		return
	}
	m.state.Leaving = false
	switch {
	case strings.TrimSpace(text) == "":
		m.state.Error = words.T("Write what you saw.")
	case strings.TrimSpace(user) == "" || pin == "":
		m.state.Error = words.T("Type your name and your PIN: they say whose entry it is.")
	default:
		m.keep(user, pin, text)
		return
	}
	m.state.Kept = false
	m.headed()
	m.show(m.state)
}

func (m *Model) keep(user, pin, text string) {
	m.state.Kept = false
	m.headed()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	run(m, ctx, cancel, func(ctx context.Context) (time.Time, error) {
		return m.now(), m.door.Jot(ctx, user, pin, text)
	}, func(at time.Time) {
		m.state.Kept, m.keptAt = true, at
		m.headed()
		m.show(m.state)
	})
}

// keptHead says that it is on disk where everybody looks first, and for as long as the
// form stands there.
func keptHead(at, now time.Time) (head, text string) {
	return words.F("Kept at %s, under your name", ward.Stamp(at, now)),
		words.T("It is sealed, and shown to you when you next sign in on this computer, to be entered where it belongs. You can write another one.")
}

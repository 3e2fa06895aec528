package signin

import (
	"context"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
)

// An entry that cannot wait for a sign-in: what somebody saw is kept under their
// name, sealed, while they may not read here. The PIN says whose it is; nothing is
// shown for it.

// Write turns the page into the form for that, or back.
func (m *Model) Write(on bool) {
	if m.state.Busy {
		return
	}
	m.state.Writing, m.state.Kept, m.state.Error = on, false, ""
	m.headed()
	m.show(m.state)
}

// Keep keeps what was written. Kept in the state says that it is on disk; only then
// may the form forget it.
func (m *Model) Keep(user, pin, text string) {
	if m.state.Busy {
		return
	}
	switch {
	case strings.TrimSpace(text) == "":
		m.state.Error = "Write what you saw."
	case strings.TrimSpace(user) == "" || pin == "":
		m.state.Error = "Type your name and your PIN: they say whose entry it is."
	default:
		m.keep(user, pin, text)
		return
	}
	m.state.Kept = false
	m.show(m.state)
}

func (m *Model) keep(user, pin, text string) {
	m.state.Kept = false
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	run(m, ctx, cancel, func(ctx context.Context) (time.Time, error) {
		return m.now(), m.door.Jot(ctx, user, pin, text)
	}, func(at time.Time) {
		m.state.Kept = true
		m.headed()
		m.state.Words = "Kept at " + ward.Stamp(at, m.now()) + " under your name, sealed. It is shown to you when you next sign in on this computer, to be entered where it belongs. You can write another one."
		m.show(m.state)
	})
}

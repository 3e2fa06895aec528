package signin

import (
	"context"
	"strings"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// The ward pack on the sign-in page: the place that a person reaches when everything
// else is down. While signing in works, the pack is only told of. Where it does not,
// because the copy of the record cannot be opened, name and PIN print it from here.

// Lost says that the copy cannot be opened in this run: nobody will be able to sign in.
func (m *Model) Lost() {
	m.lost = true
	m.Refresh()
}

// packed tells of the pack, and offers it where nobody can sign in.
func (m *Model) packed(p *ward.ReadyPack, l ward.Link) {
	m.state.Pack = ""
	if p == nil || m.barred || l.Connected && !m.lost {
		return
	}
	now := m.now()
	f := Fact{Good: true, Head: p.Words(now) + ", " + p.Age(now), Words: words.T("Kept ready on this computer, sealed, for when everything else is down. Sign in to print it.")}
	if m.lost || m.failed && !l.Connected { // whatever it was that kept them out
		m.state.Pack = words.F("Print the ward pack of %s", ward.Stamp(p.Made, now))
		f.Words = words.F("Kept ready on this computer, sealed. Give your name and your PIN, and press “%s”: it needs neither the server nor this computer’s copy of the record.", m.state.Pack)
	}
	m.state.Facts = append(m.state.Facts, f)
}

// PrintPack prints the pack by name and PIN. Nobody is signed in by it.
func (m *Model) PrintPack(user, pin, code string) {
	if m.state.Busy {
		return
	}
	m.state.Printed = ""
	m.headed()
	if strings.TrimSpace(user) == "" || pin == "" {
		m.state.Error = words.T("Type your name and your PIN: printing the ward pack is a look at its patients, and logged under your name.")
		m.show(m.state)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	run(m, ctx, cancel, func(ctx context.Context) (string, error) {
		return m.door.PrintPackByPIN(ctx, user, pin, code)
	}, func(said string) {
		m.state.Printed = said
		m.headed()
		m.show(m.state)
	})
}

package signin

import (
	"context"
	"errors"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// Hospital is what the page needs of a station whose people may sign in with the
// hospital's account.
type Hospital interface {
	// HospitalAccount is what to offer; "" where central offers nothing.
	HospitalAccount() string
	// ByHospital shows somebody an address in the browser and waits until they come
	// back; they are in when Complete says so.
	ByHospital(ctx context.Context, browse func(address string) error) (ward.Vouched, error)
	Complete(ctx context.Context, pin, code string) (ward.Person, error)
}

// browsing is how long somebody may take in the browser; the station has a bound of
// its own.
const browsing = 6 * time.Minute

// hospital is a sign-in with the hospital's account, as far as it has come.
type hospital struct {
	door   Hospital
	browse func(address string) error
	cancel context.CancelFunc // of what is under way
}

// Offer lets people sign in with the hospital's account, where central offers it;
// browse opens an address in the system's browser.
func (m *Model) Offer(h Hospital, browse func(address string) error) {
	m.hospital = hospital{door: h, browse: browse}
}

// offered reads what is offered; it is asked off the display's goroutine.
func (h hospital) offered() string {
	if h.door == nil {
		return ""
	}
	return h.door.HospitalAccount()
}

// ByHospital begins: one press, and the browser opens.
func (m *Model) ByHospital() {
	if m.state.Busy || m.hospital.door == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), browsing)
	m.hospital.cancel = cancel
	m.state.Browsing, m.state.Vouched = true, nil
	run(m, ctx, cancel, func(ctx context.Context) (ward.Vouched, error) {
		return m.hospital.door.ByHospital(ctx, m.hospital.browse)
	}, func(v ward.Vouched) {
		m.state.Vouched = &v
		m.headed()
		if !v.PIN && !v.Code {
			m.give("", "")
			return
		}
		m.show(m.state)
	})
}

// GiveUp ends a sign-in with the hospital's account that is not done: the form for
// name and PIN comes back.
func (m *Model) GiveUp() {
	if m.hospital.cancel != nil {
		m.hospital.cancel()
	}
	m.gen.Add(1) // what still comes of it is nobody's
	m.state.Busy, m.state.Browsing, m.state.Vouched, m.state.Code, m.state.Error = false, false, nil, false, ""
	m.headed()
	m.show(m.state)
}

// give gives what was still asked for.
func (m *Model) give(pin, code string) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	run(m, ctx, cancel, func(ctx context.Context) (ward.Person, error) {
		return m.hospital.door.Complete(ctx, pin, code)
	}, m.in)
}

// in ends the sign-in of somebody who is in.
func (m *Model) in(p ward.Person) {
	m.state.Vouched, m.state.Code = nil, false
	m.headed()
	m.show(m.state)
	m.entered(p)
}

// run does one thing off the display's goroutine. While it runs the page is busy;
// what failed is said, and what was given up is nobody's.
func run[T any](m *Model, ctx context.Context, cancel context.CancelFunc, do func(context.Context) (T, error), done func(T)) {
	m.state.Busy, m.state.Error = true, ""
	m.show(m.state)
	gen := m.gen.Add(1)
	go func() {
		defer cancel()
		v, err := do(ctx)
		m.dispatch.Do(func() {
			if gen != m.gen.Load() {
				return
			}
			m.state.Busy, m.state.Browsing = false, false
			if err != nil {
				m.state.Error = base.Words(err)
				m.state.Code = m.state.Code || errors.Is(err, ward.ErrCodeNeeded)
				m.show(m.state)
				return
			}
			done(v)
		})
	}()
}

// vouchedHead words the page for somebody whom the hospital vouched for.
func vouchedHead(v ward.Vouched) (head, text string) {
	head = words.F("Welcome, %s", v.Name)
	switch {
	case v.PIN && v.First:
		text = words.T("Choose a PIN, 6 digits or more. With it you sign in on this computer quickly, and when the network is out.")
	case v.PIN:
		text = words.T("You have not signed in on this computer before. Give your PIN, or choose a new one: with it you sign in here quickly, and when the network is out.")
	}
	if v.Code {
		text += " " + words.T("Your account has a second factor: give the code that your app shows.")
	}
	return head, text
}

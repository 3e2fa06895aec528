package seat

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"time"

	"golang.org/x/oauth2"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/loopback"
	"wardlight/internal/trust/pki"
	"wardlight/internal/words"
)

// browserWithin is how long somebody may take at the hospital's sign-in page;
// completeWithin how long then to give a PIN: whoever walks away is not in.
const (
	browserWithin  = 5 * time.Minute
	completeWithin = 2 * time.Minute
)

// vouched is somebody whom the hospital vouched for, and who is not in yet.
type vouched struct {
	ticket string
	until  time.Time
	needs  ward.Vouched
}

// HospitalAccount is what the sign-in page offers beside name and PIN; "" where
// central offers nothing.
func (s *Seat) HospitalAccount() string {
	if h := s.hospital.Load(); h != nil {
		return h.Button
	}
	return ""
}

// ByHospital signs somebody in with the hospital's account: browse shows them an
// address in this computer's browser, and they come back from there. They are in
// when Complete says so, which completes the latest alone.
func (s *Seat) ByHospital(ctx context.Context, browse func(address string) error) (ward.Vouched, error) {
	const op = "seat.hospital"
	ctx, cancel := context.WithTimeout(ctx, browserWithin)
	defer cancel()
	back, err := loopback.Listen(ctx)
	if err != nil {
		return ward.Vouched{}, err
	}
	defer back.Close()
	state, verifier := rand.Text(), oauth2.GenerateVerifier()
	begun, err := s.door.Begin(ctx, pki.BrowserBegin{Redirect: back.URI(), State: state, Challenge: oauth2.S256ChallengeFromVerifier(verifier)})
	if err != nil {
		return ward.Vouched{}, err
	}
	if u, err := url.Parse(begun.URL); err != nil || u.Scheme != "https" || u.Host == "" { // the system would open anything
		return ward.Vouched{}, fault.As(fault.Denied, op, "", words.Errorf("The server named an address that is no page of the hospital’s sign-in service. Tell IT."))
	}
	if err := browse(begun.URL); err != nil {
		s.conf.Log.Warn("the browser cannot be opened", "err", err)
		return ward.Vouched{}, fault.As(fault.Unavailable, op, "", words.Errorf("This computer’s browser cannot be opened. Sign in with your name and PIN, and tell IT."))
	}
	code, err := back.Wait(ctx, state)
	if err != nil {
		return ward.Vouched{}, err
	}
	ended, err := s.door.Finish(ctx, pki.BrowserEnd{Attempt: begun.Attempt, Code: code, Verifier: verifier})
	if err != nil {
		return ward.Vouched{}, err
	}
	return s.vouchedFor(ended)
}

// vouchedFor keeps the ticket, and says what is still to be done. Where the person
// has no slot yet, they give a PIN: by it they sign in here with the network out.
func (s *Seat) vouchedFor(ended pki.BrowserEnded) (ward.Vouched, error) {
	users, err := s.slots.Users()
	if err != nil {
		return ward.Vouched{}, err
	}
	v := ward.Vouched{Name: ended.Who.Name, PIN: true, First: ended.PIN, Code: ended.Code}
	for _, u := range users {
		if u.User == ended.Who.User && !u.Erased {
			v.PIN = ended.PIN
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.vouched = &vouched{ended.Ticket, s.conf.Now().Add(completeWithin), v}
	return v, nil
}

// Complete lets in whom the hospital vouched for last: with the PIN that they chose,
// where one was to be chosen, and the code of their second factor.
func (s *Seat) Complete(ctx context.Context, pin, code string) (ward.Person, error) {
	const op = "seat.complete"
	s.mu.Lock()
	v := s.vouched
	s.mu.Unlock()
	switch {
	case v == nil || s.conf.Now().After(v.until):
		return ward.Person{}, fault.As(fault.Denied, op, "", words.Errorf("This sign-in took too long. Begin again."))
	case v.needs.PIN && pin == "":
		return ward.Person{}, fault.As(fault.Invalid, op, "", words.Errorf("Choose a PIN: with it you sign in here quickly, and when the network is out."))
	case !v.needs.PIN:
		pin = "" // the one that there is stays
	}
	defer s.talks.begin()()
	ans, err := s.door.Complete(ctx, pki.CompleteRequest{Ticket: v.ticket, PIN: pin, Code: code})
	if errors.Is(err, pki.ErrCodeNeeded) {
		return ward.Person{}, fault.As(fault.Denied, op, "", ward.ErrCodeNeeded)
	}
	if err != nil {
		return ward.Person{}, err
	}
	s.forgetVouched()
	s.alone.met()
	return s.online(ctx, ans.User, pin, ans, pki.HowHospital)
}

// forgetVouched lets go of a sign-in with the hospital's account that is not done.
func (s *Seat) forgetVouched() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.vouched = nil
}

package enrol

import (
	"context"
	"crypto/rand"
	"net"
	"net/url"
	"time"

	"wardlight/internal/central/sso"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
)

// A sign-in with the hospital's account, in three steps of a station:
//
//	begin    an attempt: central makes the nonce and says where the browser begins
//	finish   the browser came back with a code: who is it?     → a ticket
//	complete a PIN where one must be chosen, a second factor   → they are in
//
// Attempts and tickets are of one station, work once, and are gone after a few
// minutes or when central is started again. They are kept in memory: somebody
// begins again, and nothing is lost.

const (
	// attemptLife is how long somebody may take at the hospital's sign-in page, and
	// then to choose a PIN.
	attemptLife = 5 * time.Minute
	// underWay bounds attempts, and tickets, of one station; the oldest gives way.
	underWay = 4
)

// attempt is a sign-in under way in a browser.
type attempt struct {
	sso.Attempt
	station record.StationID
}

// ticket is somebody whom the hospital vouched for.
type ticket struct {
	station record.StationID
	id      sso.Identity
	made    time.Time
}

// Begin begins a sign-in with the hospital's account.
func (o *Office) Begin(ctx context.Context, peer record.Peer, req pki.BrowserBegin) (pki.BrowserBegun, error) {
	const op = "enrol.begin"
	p, err := o.hospital(ctx, op)
	if err != nil {
		return pki.BrowserBegun{}, err
	}
	if !isLoopback(req.Redirect) || len(req.State) < 22 || len(req.State) > 128 || len(req.Challenge) != 43 {
		return pki.BrowserBegun{}, fault.New(fault.Invalid, op, "", "the request is malformed")
	}
	a := attempt{sso.Attempt{Redirect: req.Redirect, State: req.State, Challenge: req.Challenge, Nonce: rand.Text(), Began: o.conf.Now()}, peer.Device.Station}
	at, err := p.SignInURL(ctx, a.Attempt)
	if err != nil {
		return pki.BrowserBegun{}, err
	}
	name := rand.Text()
	o.mu.Lock()
	defer o.mu.Unlock()
	makeRoom(o.attempts, a.station, func(a attempt) (record.StationID, time.Time) { return a.station, a.Began }, a.Began)
	o.attempts[name] = a
	return pki.BrowserBegun{Attempt: name, URL: at}, nil
}

// isLoopback says whether an address is this very computer's, so that a code goes
// nowhere else.
func isLoopback(redirect string) bool {
	u, err := url.Parse(redirect)
	if err != nil || len(redirect) > 256 || u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return ip != nil && ip.IsLoopback() && u.Port() != ""
}

// makeRoom lets go what has run out, and the oldest of a station that has too many.
func makeRoom[T any](of map[string]T, s record.StationID, tell func(T) (record.StationID, time.Time), now time.Time) {
	count, oldest, since := 0, "", now
	for name, one := range of {
		station, made := tell(one)
		switch {
		case now.Sub(made).Abs() > attemptLife:
			delete(of, name)
		case station == s:
			if count++; oldest == "" || made.Before(since) {
				oldest, since = name, made
			}
		}
	}
	if count >= underWay {
		delete(of, oldest)
	}
}

func (o *Office) hospital(ctx context.Context, op string) (*sso.Provider, error) {
	p, err := o.Hospital(ctx)
	if err == nil && p == nil {
		err = fault.New(fault.Denied, op, "", "The hospital’s account is not used here any more. Sign in with your name and PIN.")
	}
	return p, err
}

// Finish takes what a browser brought back. Every try is audited.
func (o *Office) Finish(ctx context.Context, peer record.Peer, req pki.BrowserEnd) (pki.BrowserEnded, error) {
	const op = "enrol.finish"
	leave, err := o.guess(peer.Device.Station)
	if err != nil {
		return pki.BrowserEnded{}, err
	}
	defer leave()
	p, err := o.hospital(ctx, op)
	if err != nil {
		return pki.BrowserEnded{}, err
	}
	a, err := o.takeAttempt(op, peer, req.Attempt)
	if err != nil {
		return pki.BrowserEnded{}, o.auditedAs(ctx, peer, "", byHospital, err)
	}
	id, err := p.Redeem(ctx, a.Attempt, req.Code, req.Verifier)
	if err != nil {
		return pki.BrowserEnded{}, o.auditedAs(ctx, peer, "", byHospital, err)
	}
	account, err := o.meantBy(ctx, p.Settings(), id)
	if err != nil {
		return pki.BrowserEnded{}, o.auditedAs(ctx, peer, record.UserID(id.User[:min(len(id.User), 64)]), byHospital, err)
	}
	asked, err := o.asksSecond(account)
	if err != nil {
		return pki.BrowserEnded{}, err
	}
	who, err := o.answer(ctx, account)
	if err != nil {
		return pki.BrowserEnded{}, err
	}
	ended := pki.BrowserEnded{Ticket: rand.Text(), Who: who, PIN: len(account.PINHash) == 0, Code: asked}
	t := ticket{peer.Device.Station, id, o.conf.Now()}
	o.mu.Lock()
	defer o.mu.Unlock()
	makeRoom(o.tickets, t.station, func(t ticket) (record.StationID, time.Time) { return t.station, t.made }, t.made)
	o.tickets[ended.Ticket] = t
	return ended, nil
}

// takeAttempt is the attempt of this name and station, which is used up by it.
func (o *Office) takeAttempt(op string, peer record.Peer, name string) (attempt, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	a, there := o.attempts[name]
	if !there || a.station != peer.Device.Station || o.conf.Now().Sub(a.Began).Abs() > attemptLife {
		return attempt{}, fault.New(fault.Denied, op, "", "This sign-in was used already, or took too long. Begin again.")
	}
	delete(o.attempts, name)
	return a, nil
}

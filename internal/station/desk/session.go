package desk

import (
	"context"
	"sync"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/words"
)

// session is who sits at the desk.
type session struct {
	mu     sync.RWMutex
	person *ward.Person
	locked bool
	why    ward.SessionEnd   // why it ends, or ended; "": its owner ended it here
	glass  map[fhir.ID]glass // emergency access, by patient; of this person alone
}

// SignedIn is who is signed in; ok is false where nobody is, or the window is
// locked.
func (d *Desk) SignedIn() (p ward.Person, ok bool) {
	d.session.mu.RLock()
	defer d.session.mu.RUnlock()
	if d.session.person == nil {
		return ward.Person{}, false
	}
	return *d.session.person, !d.session.locked
}

// SetSession begins or unlocks a session. Whoever calls it has checked the
// PIN.
func (d *Desk) SetSession(p ward.Person) {
	d.session.mu.Lock()
	if old := d.session.person; old == nil || old.User != p.User {
		d.session.glass = map[fhir.ID]glass{}
	}
	d.session.person, d.session.locked, d.session.why = &p, false, ""
	d.session.mu.Unlock()
	d.sat(p, audit.SignIn)
	d.post.send(ward.Notice{Kind: ward.NoticeSession})
}

// Lock hides everything until the PIN is given again; the station goes on
// working behind it.
func (d *Desk) Lock() {
	d.session.mu.Lock()
	p := d.session.person
	was := d.session.locked
	d.session.locked = p != nil
	d.session.mu.Unlock()
	if p != nil && !was {
		d.sat(*p, audit.SignOut)
	}
	d.post.send(ward.Notice{Kind: ward.NoticeSession})
}

// EndSession signs out.
func (d *Desk) EndSession() {
	d.session.mu.Lock()
	p, was := d.session.person, d.session.locked
	d.session.person, d.session.locked, d.session.glass = nil, false, nil
	d.session.mu.Unlock()
	if p != nil && !was {
		d.sat(*p, audit.SignOut)
	}
	d.post.send(ward.Notice{Kind: ward.NoticeSession})
}

// Ending says that the session is to end, and why: whoever shows it hides it at once and
// writes what is being typed, for which its author has to be signed in still. LockFor or
// EndFor follow.
func (d *Desk) Ending(why ward.SessionEnd) {
	d.session.mu.Lock()
	d.session.why = why
	d.session.mu.Unlock()
	d.post.send(ward.Notice{Kind: ward.NoticeEnding})
}

// WhyEnded is what Ending said of the session of now, or of the one that was last.
func (d *Desk) WhyEnded() ward.SessionEnd {
	d.session.mu.RLock()
	defer d.session.mu.RUnlock()
	return d.session.why
}

// EndFor ends the session of Ending, LockFor locks it; either is on record with why.
func (d *Desk) EndFor(why ward.SessionEnd) { d.endFor(why, d.EndSession) }

// LockFor is EndFor that leaves the session to be unlocked.
func (d *Desk) LockFor(why ward.SessionEnd) { d.endFor(why, d.Lock) }

func (d *Desk) endFor(why ward.SessionEnd, end func()) {
	d.session.mu.RLock()
	p := d.session.person
	d.session.mu.RUnlock()
	if p == nil {
		return
	}
	e := d.event(*p, audit.SignOut)
	e.Details = []audit.Detail{{Name: "why", Value: endWords[why]}}
	if err := d.look(context.Background(), e); err != nil { // it ends all the same
		d.post.send(ward.Notice{Kind: ward.NoticeFailed})
	}
	end()
}

// endWords are what the audit trail says.
var endWords = map[ward.SessionEnd]string{
	ward.EndedElsewhere: "central says that this session is over: its owner ended it at another computer, an administrator did, or the account is another one now",
	ward.EndedLong:      "it lasted as long as a session may",
}

// PINChanged puts on record that the person who is signed in changed their PIN here, or
// that this was refused.
func (d *Desk) PINChanged(ctx context.Context, refused string) error {
	return d.ownAccount(ctx, "the PIN was changed", refused)
}

// SessionsEnded is that for ending sessions at other computers.
func (d *Desk) SessionsEnded(ctx context.Context, refused string) error {
	return d.ownAccount(ctx, "sessions at other computers were ended", refused)
}

func (d *Desk) ownAccount(ctx context.Context, what, refused string) error {
	p, _ := d.SignedIn()
	e := d.event(p, audit.Config)
	e.Details = []audit.Detail{{Name: "what", Value: what}}
	if refused != "" {
		e.Outcome, e.Reason = audit.Refused, refused
	}
	return d.look(ctx, e)
}

// author is who is signed in, or the refusal.
func (d *Desk) author(op string) (ward.Person, error) {
	p, ok := d.SignedIn()
	switch {
	case ok:
		return p, nil
	case p.User != "":
		return p, fault.As(fault.Denied, op, "", words.Errorf("The window is locked. Unlock it with your PIN."))
	}
	return p, fault.As(fault.Unknown, op, "", words.Errorf("Nobody is signed in. Sign in first."))
}

package desk

import (
	"sync"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// session is who sits at the desk.
type session struct {
	mu     sync.RWMutex
	person *ward.Person
	locked bool
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
	d.session.person, d.session.locked = &p, false
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

// author is who is signed in, or the refusal.
func (d *Desk) author(op string) (ward.Person, error) {
	p, ok := d.SignedIn()
	switch {
	case ok:
		return p, nil
	case p.User != "":
		return p, fault.New(fault.Denied, op, "", "The window is locked. Unlock it with your PIN.")
	}
	return p, fault.New(fault.Unknown, op, "", "Nobody is signed in. Sign in first.")
}

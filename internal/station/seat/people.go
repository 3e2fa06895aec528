package seat

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/desk"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/pki"
	"wardlight/internal/words"
)

// people is who has signed in on this computer before: names, roles and times,
// no secret and no patient. It can be read before anybody signs in, and edited by
// whoever can write the folder: it suggests, and decides nothing (see standing).
type people struct {
	path string
	mu   sync.Mutex
	list map[string]person
}

type person struct {
	Name  string    `json:"name"`
	Role  string    `json:"role"`
	Wards []string  `json:"wards"`
	Last  time.Time `json:"last"`
	// Second: the account has a second factor, which only central can check.
	Second bool `json:"second,omitempty"`
	// PINID and Word are central's, of when it let them in here: see pki.SignInAnswer.
	PINID string `json:"pinID,omitempty"`
	Word  string `json:"word,omitempty"`
	// Another: their PIN is another one since, and nobody has signed in here by that.
	Another bool `json:"anotherPIN,omitempty"`
}

// personOf is central's word on a person.
func personOf(ans pki.SignInAnswer) person {
	return person{Name: ans.Name, Role: ans.Role, Wards: ans.Wards, Second: ans.Second, PINID: ans.PINID, Word: ans.Word}
}

func loadPeople(dir string) *people {
	p := &people{path: filepath.Join(dir, "people.json"), list: map[string]person{}}
	if b, err := os.ReadFile(p.path); err == nil {
		_ = json.Unmarshal(b, &p.list) // a damaged list only means that nobody is suggested
	}
	return p
}

func (p *people) set(user string, who person) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list[user] = who
	b, err := json.MarshalIndent(p.list, "", "  ")
	if err != nil {
		return fault.Wrap("seat.people", user, err)
	}
	if err := os.WriteFile(p.path+".new", b, 0o600); err != nil {
		return fault.As(fault.Unavailable, "seat.people", user, err)
	}
	return fault.As(fault.Unavailable, "seat.people", user, os.Rename(p.path+".new", p.path))
}

// changedPIN notes, for the words on the sign-in page, that somebody's PIN is another one
// now; the next sign-in with central takes it back.
func (p *people) changedPIN(user string) {
	p.mu.Lock()
	who, there := p.list[user]
	p.mu.Unlock()
	if who.Another = true; there {
		_ = p.set(user, who) // only words depend on it
	}
}

func (p *people) another(user string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.list[user].Another
}

// known says whether somebody of this name has signed in here.
func (p *people) known(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for user, w := range p.list {
		if desk.IsPerson(name, ward.Person{User: user, Name: w.Name}) {
			return true
		}
	}
	return false
}

// People are those who have signed in here before, the latest first, with the
// number of drafts that wait for each. What a draft says is its author's alone.
func (s *Seat) People() []ward.Person {
	var out []ward.Person
	s.people.mu.Lock()
	for user, w := range s.people.list {
		out = append(out, w.shown(user))
	}
	s.people.mu.Unlock()
	s.mu.Lock()
	c := s.cache
	s.mu.Unlock()
	for i := range out {
		if c == nil {
			break
		}
		if n, err := c.CountDrafts(record.UserID(out[i].User)); err == nil {
			out[i].Drafts = n
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Last.After(out[j].Last) })
	return out
}

func (w person) shown(user string) ward.Person {
	name := w.Name
	if w.Role != "" {
		name += ", " + strings.ReplaceAll(w.Role, "-", " ")
	}
	return ward.Person{User: user, Name: name, Role: w.Role, Wards: w.Wards, Last: w.Last}
}

// SignIn begins a session. Central decides where it can be reached: a new PIN
// or a lost permission counts at once. Where it cannot, whoever has signed in
// here before signs in by what their PIN opens, not by a comparison.
func (s *Seat) SignIn(ctx context.Context, user, pin string) (ward.Person, error) {
	return s.SignInWithCode(ctx, user, pin, "")
}

// SignInWithCode is SignIn with the code of a second factor, which central asks for
// by ward.ErrCodeNeeded.
func (s *Seat) SignInWithCode(ctx context.Context, user, pin, code string) (ward.Person, error) {
	user = strings.ToLower(strings.TrimSpace(user))
	if user == "" || pin == "" {
		return ward.Person{}, fault.As(fault.Invalid, "seat.signin", "", words.Errorf("Give your name and your PIN."))
	}
	defer s.talks.begin()()
	ans, err := s.door.SignInWithCode(ctx, user, pin, code)
	switch {
	case errors.Is(err, pki.ErrCodeNeeded):
		return ward.Person{}, fault.As(fault.Denied, "seat.signin", user, ward.ErrCodeNeeded)
	case err == nil:
		s.alone.met()
		return s.online(ctx, user, pin, ans, pki.HowPIN)
	case fault.Is(err, fault.Unavailable):
		return s.offline(ctx, user, pin)
	}
	return ward.Person{}, err
}

func (s *Seat) online(ctx context.Context, user, pin string, ans pki.SignInAnswer, how string) (ward.Person, error) {
	select { // central answers, so its share is on the way
	case <-s.opened:
	case <-ctx.Done():
		return ward.Person{}, fault.As(fault.Timeout, "seat.signin", user, words.Errorf("The computer's own copy is still being opened. Try again in a moment."))
	case <-time.After(opensWithin):
		return ward.Person{}, fault.As(fault.Timeout, "seat.signin", user, words.Errorf("The computer's own copy could not be opened in time. Try again; if it stays so, call IT."))
	}
	s.mu.Lock()
	failed := s.failed
	s.mu.Unlock()
	if failed != nil {
		return ward.Person{}, failed
	}
	who := personOf(ans)
	err := s.withData(func(data keys.Key) error {
		if err := s.keepSlot(ctx, user, pin, data); err != nil {
			return err
		}
		if pin == "" { // by the hospital's account: the slot may be one of the PIN of before
			if err := s.endFormerPIN(user, who, data); err != nil {
				return err
			}
		}
		return s.keepStanding(user, who, data)
	})
	if err != nil {
		return ward.Person{}, err
	}
	return s.begin(user, who, how)
}

// keepSlot makes the slot anew at each sign-in: a PIN changed at central must not
// leave the old one working here. Who gave none has one that stays.
func (s *Seat) keepSlot(ctx context.Context, user, pin string, data keys.Key) error {
	if pin == "" {
		return nil
	}
	err := s.withDevice(func(device []byte) error {
		_, err := s.slots.OpenVouched(ctx, user, pin, device)
		return err
	})
	if err == nil {
		return nil
	}
	return s.withDevice(func(device []byte) error { return s.slots.AddPIN(user, pin, device, data) })
}

func (s *Seat) offline(ctx context.Context, user, pin string) (ward.Person, error) {
	data, who, err := s.byPIN(ctx, user, pin)
	if err != nil {
		return ward.Person{}, err
	}
	defer data.Zero()
	if err := s.open(data); err != nil {
		return ward.Person{}, cannotOpen(user, err)
	}
	s.alone.since(who.Last)
	if err := s.mayRead(user); err != nil {
		return ward.Person{}, err
	}
	// The count is durable before anybody reads by it: a program that is killed
	// right after each sign-in must not count for nothing.
	if err := s.keepCountNow(ctx); err != nil {
		return ward.Person{}, err
	}
	return s.begin(user, who, pki.HowOffline)
}

// cannotOpen says in words that the copy is what keeps somebody out, and not their PIN.
func cannotOpen(user string, err error) error {
	if !fault.Is(err, fault.Unavailable) {
		return err // what is full, taken or damaged has words of its own
	}
	return fault.As(fault.Unavailable, "seat.signin", user, words.Errorf("Your PIN is right, and this computer’s own copy of the record cannot be opened. Use another computer, and tell IT these words: %s.", fault.Words(err)))
}

// byPIN finds out with the network out who somebody is, by what their PIN opens: the
// slots' key, and central's last word on them.
func (s *Seat) byPIN(ctx context.Context, user, pin string) (data keys.Key, who person, err error) {
	here, err := s.wasHere(user)
	if err != nil {
		return data, who, err
	}
	if !here {
		s.stranger()
	}
	if !here && s.people.another(user) {
		return data, who, fault.As(fault.Denied, "seat.signin", user, words.Errorf("The network is out, and your PIN was changed since you signed in on this computer last. Use a computer where you have signed in with the new one, or ask a colleague to write for you."))
	}
	if !here {
		return data, who, fault.As(fault.Denied, "seat.signin", user, words.Errorf("The network is out, and you have not signed in on this computer before. Use a computer where you have, or ask a colleague to write for you."))
	}
	if data, err = s.openPIN(ctx, user, pin); err != nil {
		return keys.Key{}, who, err
	}
	who, err = s.standing(user, data)
	if fault.Is(err, fault.Conflict) { // the keys were changed just now; the copy is open
		err = s.withData(func(now keys.Key) error {
			data = now
			who, err = s.standing(user, now)
			return err
		})
	}
	if err != nil {
		return keys.Key{}, who, err
	}
	if who.Second {
		return keys.Key{}, who, fault.As(fault.Denied, "seat.signin", user, words.Errorf("This account signs in with a second factor, which only the server can check, and the server cannot be reached. What you saw you can still write."))
	}
	return data, who, nil
}

func (s *Seat) begin(user string, who person, how string) (ward.Person, error) {
	d, err := s.Desk()
	if err != nil {
		return ward.Person{}, err
	}
	who.Last = s.conf.Now().UTC()
	listed := who
	listed.PINID, listed.Word = "", "" // they are held to what is sealed, and this is not
	if err := s.people.set(user, listed); err != nil {
		return ward.Person{}, err
	}
	p := who.shown(user)
	s.sat.begin(user, how, s.conf.Uptime())
	d.SetSession(p)
	// Checking a PIN takes 64 MiB for a moment; the ward's PC gets them back now
	// and not when the collector next feels like it.
	go debug.FreeOSMemory()
	s.mu.Lock()
	s.user = record.UserID(user)
	s.mu.Unlock()
	return p, nil
}

// Untold says whether nobody is set who is told off the screen of an emergency access at this
// computer, as central said last since this start; false where it has not said so.
func (s *Seat) Untold() bool { return s.untold.Load() }

// BreakGlass begins emergency access: see desk.Desk.BreakGlass. The PIN is
// checked once more, as at a sign-in; a wrong one counts as a try.
func (s *Seat) BreakGlass(ctx context.Context, pin, who, reason string) (ward.Emergency, error) {
	d, err := s.Desk()
	if err != nil {
		return ward.Emergency{}, err
	}
	p, ok := d.SignedIn()
	if !ok {
		return ward.Emergency{}, fault.As(fault.Unknown, "seat.emergency", "", words.Errorf("Sign in first."))
	}
	if _, err := s.SignIn(ctx, p.User, pin); err != nil {
		return ward.Emergency{}, mistyped(err)
	}
	return d.BreakGlass(ctx, who, reason)
}

// lend asks central for the record of somebody whom this computer does not hold.
func (s *Seat) lend(ctx context.Context, user, who, reason string) (fhir.ID, time.Time, error) {
	ans, err := s.door.Lend(ctx, pki.LendRequest{User: user, Who: who, Reason: reason})
	return fhir.ID(ans.Patient), time.UnixMilli(ans.Until), err
}

// makeFolder makes the station's folder, for its owner only, and tries it.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fault.Newf(fault.Unavailable, "seat.folder", dir, "this folder cannot be made; choose another with --data, or ask IT for the right to write there: %w", err)
	}
	probe, err := os.CreateTemp(dir, ".probe-")
	if err != nil {
		return fault.Newf(fault.Unavailable, "seat.folder", dir, "nothing can be written in this folder; choose another with --data, or ask IT for the right to write there: %w", err)
	}
	return fault.As(fault.Unavailable, "seat.folder", dir, errors.Join(probe.Close(), os.Remove(probe.Name())))
}

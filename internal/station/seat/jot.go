package seat

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"

	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
	"wardlight/internal/words"
)

// KindJotting is the kind of a draft that was written while its author could not
// sign in. It names no patient: who could not read could not choose one. Its
// author finds it among their drafts at the next sign-in, and enters it where it
// belongs.
const KindJotting = "jotting"

const maxJotting = 8 << 10

// Jot keeps what somebody saw while they may not read here: the time without the
// server is over, for one. The PIN says whose it is; it shows nothing and begins
// no session. When it returns nil the words are on disk, readable by nobody but
// their author.
func (s *Seat) Jot(ctx context.Context, user, pin, text string) error {
	const op = "seat.jot"
	user = strings.ToLower(strings.TrimSpace(user))
	if text = strings.TrimSpace(text); text == "" || len(text) > maxJotting {
		return fault.As(fault.Invalid, op, user, words.Errorf("Write something, in at most 8,000 characters."))
	}
	data, err := s.openPIN(ctx, user, pin)
	if err != nil {
		return s.newHere(op, user, err)
	}
	if err := s.open(data); err != nil {
		return err
	}
	now := s.conf.Now()
	body, err := json.Marshal(ward.Draft{Kind: KindJotting, Body: text, Saved: now})
	if err != nil {
		return fault.As(fault.Invalid, op, user, err)
	}
	s.mu.Lock()
	c := s.cache
	s.mu.Unlock()
	if c == nil {
		return fault.As(fault.Unavailable, op, user, words.Errorf("This computer's own copy is closed. Write it on paper."))
	}
	key := KindJotting + "/" + now.UTC().Format("20060102T150405.000000000") + "-" + rand.Text() // two of one moment are two
	return fault.Wrap(op, user, c.SetDraft(ctx, record.UserID(user), key, body))
}

// newHere says of a refusal that it is not the PIN, where somebody never signed in at
// this computer. It says no more than the list on the same page: who is not in it may
// be a colleague or nobody at all.
func (s *Seat) newHere(op, user string, refused error) error {
	if !fault.Is(refused, fault.Unknown) {
		return refused
	}
	users, err := s.slots.Users()
	if err != nil || slices.ContainsFunc(users, func(u keys.SlotUser) bool { return u.User == user }) {
		return refused
	}
	s.stranger()
	return fault.As(fault.NotFound, op, user, words.Errorf("Nobody of that name has signed in on this computer, so nothing can be kept under it here. "+
		"Check the name, use a computer where you have signed in before, or write it on paper. What you wrote still stands here."))
}

// savedAs is how a jotting's time names it.
const savedAs = "2006-01-02T15:04:05.999999999Z07:00"

// jottings are those of whoever is signed in, the oldest first, as notes to read. They
// are shown to nobody else, and before a sign-in to nobody.
func (s *Seat) jottings(user string) (out []ward.StoreNote) {
	d, err := s.Desk()
	if err != nil {
		return nil
	}
	if p, in := d.SignedIn(); !in || p.User != user {
		return nil
	}
	drafts, err := d.Drafts(s.ctx)
	if err != nil {
		s.conf.Log.Warn("what somebody wrote down cannot be read", "err", err)
		return nil
	}
	for _, w := range slices.Backward(drafts) {
		if w.Kind == KindJotting {
			out = append(out, ward.StoreNote{
				ID: KindJotting + "/" + w.Saved.UTC().Format(savedAs), At: w.Saved, What: words.T("You wrote this down without signing in"), Safe: w.Body,
				Do: words.T("Enter it where it belongs."), Done: words.T("I have entered it"),
			})
		}
	}
	return out
}

// DropJotting lets one go, once its author has entered it where it belongs. saved
// is the time that the draft bears; of two of one moment the first goes.
func (s *Seat) DropJotting(ctx context.Context, saved string) error {
	const op = "seat.jot"
	d, err := s.Desk()
	if err != nil {
		return err
	}
	p, ok := d.SignedIn()
	if !ok {
		return fault.As(fault.Unknown, op, "", words.Errorf("Sign in first."))
	}
	s.mu.Lock()
	c := s.cache
	s.mu.Unlock()
	user := record.UserID(p.User)
	drafts, err := c.Drafts(user)
	if err != nil {
		return err
	}
	for _, k := range drafts {
		var w ward.Draft
		if json.Unmarshal(k.Body, &w) == nil && w.Kind == KindJotting && w.Saved.UTC().Format(savedAs) == saved {
			return c.DropDraft(ctx, user, k.Key)
		}
	}
	return fault.As(fault.NotFound, op, p.User, words.Errorf("There is no such jotting."))
}

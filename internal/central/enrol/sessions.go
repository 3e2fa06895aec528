package enrol

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/pki"
)

// Who sits where. A computer has one desk, so a person and a computer name a session.
// Which are open the computers say themselves, each minute and when it changes; central
// keeps that in memory, and after a start has it again within a minute. That a session is
// over is a word that the computer has to have heard, so that it needs no clock, reaches a
// computer that is switched off now, and is there after a restart: a session that began
// by another word than the one that holds is ended when the computer hears of it.

// sessionNotes are the words.
const sessionNotes = "sessions/"

// sessionWords is what holds for one person.
type sessionWords struct {
	All string            `cbor:"1,keyasint,omitempty"`
	At  map[string]string `cbor:"2,keyasint,omitempty"` // by station, beside All
}

// at is the word that a session at this station has to have begun by.
func (w sessionWords) at(s record.StationID) string { return w.All + w.At[string(s)] }

func sessionWordsIn(r journal.Reader, user record.UserID) (w sessionWords, err error) {
	b, there, err := r.Note(sessionNotes + string(user))
	if err != nil || !there {
		return w, err
	}
	return w, record.Decode(b, &w)
}

// endSessions makes other words: of one station, or of all where only is "". The station
// that asks is told the new one of its own, and takes it up without an end.
func endSessions(tx journal.Tx, user record.UserID, only record.StationID) error {
	w, err := sessionWordsIn(tx, user)
	if err != nil {
		return err
	}
	if only == "" {
		w = sessionWords{All: newWord()}
	} else {
		if w.At == nil {
			w.At = map[string]string{}
		}
		w.At[string(only)] = newWord()
	}
	b, err := record.Encode(w)
	if err != nil {
		return err
	}
	return tx.SetNote(sessionNotes+string(user), b)
}

// newWord is random, so that after a restore none is there again.
func newWord() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // it does not fail
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// seated is who sits at a station, as it said last.
type seated struct {
	said  pki.SessionSaid
	since time.Time
	seen  time.Time
	ended time.Time // when it was ended; zero: it was not
}

// noteSeated takes a station's word on who sits there.
func (o *Office) noteSeated(s record.StationID, said pki.SessionSaid) {
	now := o.conf.Now()
	is := seated{said: said, since: now.Add(-time.Duration(max(said.Seconds, 0)) * time.Second), seen: now}
	o.mu.Lock()
	defer o.mu.Unlock()
	if said.User == "" || len(said.User) > 64 || !slices.Contains([]string{pki.HowPIN, pki.HowOffline, pki.HowHospital}, said.How) {
		delete(o.seats, s)
		return
	}
	// It says in the same breath in which it hears that a session is over that it is open.
	if was := o.seats[s]; was.said.User == said.User && !is.since.After(was.ended) {
		is.ended = was.ended
	}
	o.seats[s] = is
}

// ended notes that sessions were ended, and has their computers told.
func (o *Office) ended(user record.UserID, only, keep record.StationID) {
	now := o.conf.Now()
	var tell []record.StationID
	o.mu.Lock()
	for s, is := range o.seats {
		if is.said.User == string(user) && s != keep && (only == "" || s == only) {
			is.ended = now
			o.seats[s] = is
			tell = append(tell, s)
		}
	}
	o.mu.Unlock()
	o.askSoon(tell)
}

// hearSoon has the computers at which these people sit ask at once how they stand.
func (o *Office) hearSoon(users []record.UserID) {
	var tell []record.StationID
	o.mu.Lock()
	for s, is := range o.seats {
		if slices.Contains(users, record.UserID(is.said.User)) {
			tell = append(tell, s)
		}
	}
	o.mu.Unlock()
	o.askSoon(tell)
}

func (o *Office) askSoon(tell []record.StationID) {
	if o.conf.AskSoon != nil {
		o.conf.AskSoon(tell)
	}
}

// OwnSessions shows somebody their open sessions, and ends those that they say. To end
// any takes the PIN once more; to show them, that the computer says that they sit there.
func (o *Office) OwnSessions(ctx context.Context, peer record.Peer, req pki.SessionsRequest) (pki.SessionsAnswer, error) {
	const op = "enrol.ownsessions"
	here, user := peer.Device.Station, signInName(req.User)
	if req.Said == nil || signInName(req.Said.User) != user || user == "" {
		return pki.SessionsAnswer{}, o.auditedAs(ctx, peer, user, ownSessions, fault.New(fault.Denied, op, string(user), "Sign in at this computer first."))
	}
	o.noteSeated(here, *req.Said)
	if req.End == string(here) {
		return pki.SessionsAnswer{}, fault.New(fault.Invalid, op, string(user), "This is the session in which you ask. To end it, lock the window or sign out.")
	}
	var err error
	if req.End == "" {
		var a record.Account
		if a, err = o.Account(ctx, string(user)); err == nil {
			err = open(op, a)
		}
		err = o.auditedAs(ctx, peer, user, ownSessions, err)
	} else {
		err = o.endOwn(ctx, peer, user, req)
	}
	if err != nil {
		return pki.SessionsAnswer{}, err
	}
	list, err := o.Sessions(ctx, user, here)
	if err != nil {
		return pki.SessionsAnswer{}, err
	}
	ans := pki.SessionsAnswer{Sessions: list}
	ans.Word, err = o.wordAt(ctx, user, here)
	return ans, err
}

// How the audit trail names them.
const (
	ownSessions    = "own-sessions"
	ownSessionsEnd = "own-sessions-end"
)

func (o *Office) endOwn(ctx context.Context, peer record.Peer, user record.UserID, req pki.SessionsRequest) error {
	const op = "enrol.endown"
	if _, err := o.proven(ctx, peer, user, req.PIN, req.Code, ownSessionsEnd); err != nil {
		return err
	}
	only, where := record.StationID(req.End), req.End
	if req.End == pki.EndOthers {
		only, where = "", "at every other computer"
	} else if err := o.ours(ctx, req.End); err != nil { // a word for each name that is made up would be kept for ever
		return o.auditedAs(ctx, peer, user, ownSessionsEnd, err)
	}
	_, err := o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		if err := endSessions(tx, user, only); err != nil {
			return err
		}
		return o.audit(ctx, tx, ownSessionsEnd, at(user, peer), o.conf.Now(), audit.Change{Name: "session", Before: where, After: "ended"})
	})
	if err != nil {
		return fault.Wrap(op, string(user), err)
	}
	o.ended(user, only, peer.Device.Station)
	return nil
}

// ours says why there is no session to end at a computer: it is none of central's.
// (Invalid, because Unknown is what a wrong PIN is.)
func (o *Office) ours(ctx context.Context, station string) error {
	if validStation(station) {
		switch _, err := o.known(ctx, station, nil); {
		case err == nil:
			return nil
		case !fault.Is(err, fault.Unknown) && !fault.Is(err, fault.Denied):
			return err
		}
	}
	return fault.New(fault.Invalid, "enrol.endown", "", "there is no such computer")
}

// EndSessions ends somebody's sessions on an administrator's order: at one computer, or
// at all where station is "".
func (o *Office) EndSessions(ctx context.Context, user, station string) error {
	const op = "enrol.endsessions"
	a, err := o.Account(ctx, user)
	if err != nil {
		return err
	}
	where := "at every computer"
	if station != "" {
		if _, err := o.known(ctx, station, nil); err != nil {
			return err
		}
		where = station
	}
	_, err = o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		if err := endSessions(tx, a.User, record.StationID(station)); err != nil {
			return err
		}
		return o.audit(ctx, tx, "user-sessions-end", string(a.User), o.conf.Now(), audit.Change{Name: "session", Before: where, After: "ended"})
	})
	if err != nil {
		return fault.Wrap(op, string(a.User), err)
	}
	o.ended(a.User, record.StationID(station), "")
	return nil
}

// Sessions are somebody's open sessions, as their computers said last, the one that was
// begun last first; here is the computer that asks.
func (o *Office) Sessions(ctx context.Context, user record.UserID, here record.StationID) ([]pki.Session, error) {
	o.mu.Lock()
	list := []pki.Session{}
	for s, is := range o.seats {
		if is.said.User == string(user) {
			list = append(list, pki.Session{
				User: string(user), Station: string(s), Since: is.since.UnixMilli(), Seen: is.seen.UnixMilli(), How: is.said.How,
				Locked: is.said.Locked, Here: s == here, Ending: !is.ended.IsZero(),
			})
		}
	}
	o.mu.Unlock()
	list = slices.DeleteFunc(list, func(l pki.Session) bool { // a computer that was shut out shows nothing to nobody
		_, err := o.known(ctx, l.Station, nil)
		return fault.Is(err, fault.Denied) || fault.Is(err, fault.Unknown)
	})
	for i := range list {
		dev, err := o.known(ctx, list[i].Station, nil)
		if err != nil {
			return nil, err
		}
		list[i].Place = dev.Place
		for _, w := range dev.Wards {
			list[i].Wards = append(list[i].Wards, string(w))
		}
		if o.conf.Connected != nil {
			_, list[i].Connected = o.conf.Connected(dev.Station)
		}
	}
	slices.SortFunc(list, func(a, b pki.Session) int {
		if a.Since != b.Since {
			return int(min(max(b.Since-a.Since, -1), 1))
		}
		return strings.Compare(a.Station, b.Station)
	})
	return list, nil
}

// answerTo is what a station is told of an account, once somebody has proven it there.
func (o *Office) answerTo(ctx context.Context, a record.Account, s record.StationID) (pki.SignInAnswer, error) {
	ans, err := o.answer(ctx, a)
	if err == nil {
		ans.Word, err = o.wordAt(ctx, a.User, s)
	}
	return ans, err
}

func (o *Office) wordAt(ctx context.Context, user record.UserID, s record.StationID) (word string, err error) {
	err = o.conf.Journal.View(ctx, func(r journal.Reader) error {
		w, err := sessionWordsIn(r, user)
		word = w.at(s)
		return err
	})
	return word, err
}

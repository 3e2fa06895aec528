package enrol

import (
	"context"
	"strconv"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/lease"
	"wardlight/internal/trust/pki"
)

// maxPeople bounds how many people one station may ask about.
const maxPeople = 2000

// maxKeyID bounds what a station says of a key's name.
const maxKeyID = 32

// CannotFollow are the computers whose programs do not know that the journal key can be
// handed over: what another one signs they would refuse.
func (o *Office) CannotFollow(ctx context.Context) ([]record.StationID, error) {
	all, err := o.Devices(ctx)
	list := []record.StationID{}
	for _, d := range all {
		if d.Revoked == 0 && d.JournalKey == "" {
			list = append(list, d.Station)
		}
	}
	return list, err
}

// SealToOthers are the computers that have not said that they seal to this recovery key.
func (o *Office) SealToOthers(ctx context.Context, id string) ([]record.StationID, error) {
	all, err := o.Devices(ctx)
	list := []record.StationID{}
	for _, d := range all {
		if d.Revoked == 0 && d.Recovery != id {
			list = append(list, d.Station)
		}
	}
	return list, err
}

// LimitsNote is where what an administrator set lies; without it lease.Default
// holds.
const LimitsNote = "limits"

type limits struct {
	Offline int64 `cbor:"1,keyasint"` // hours
	Keep    int64 `cbor:"2,keyasint"` // days
	// Session is hours; 0: it was set by a program that did not know it. So are the others.
	Session  int64 `cbor:"3,keyasint,omitempty"`
	Tries    int64 `cbor:"4,keyasint,omitempty"`
	SlowFrom int64 `cbor:"5,keyasint,omitempty"` // the try
	Slow     int64 `cbor:"6,keyasint,omitempty"` // seconds
	Factor   int64 `cbor:"7,keyasint,omitempty"`
}

// Limits are what an administrator may set of how long and how often.
type Limits struct {
	lease.Limits
	Guessing keys.Guessing
}

// defaultLimits hold where nothing was set.
var defaultLimits = Limits{lease.Default, keys.DefaultGuessing}

// kept are the limits as they lie in the journal.
func (l Limits) kept() limits {
	return limits{
		Offline: int64(l.Offline / time.Hour), Keep: int64(l.Keep / (24 * time.Hour)), Session: int64(l.Session / time.Hour),
		Tries: int64(l.Guessing.Tries), SlowFrom: int64(l.Guessing.From), Slow: int64(l.Guessing.Wait / time.Second), Factor: int64(l.Guessing.Factor),
	}
}

// limits are they as they hold.
func (k limits) limits() Limits {
	return Limits{
		lease.Limits{Offline: time.Duration(k.Offline) * time.Hour, Keep: time.Duration(k.Keep) * 24 * time.Hour, Session: time.Duration(k.Session) * time.Hour}.Bounded(),
		keys.Guessing{Tries: int(k.Tries), From: int(k.SlowFrom), Wait: time.Duration(k.Slow) * time.Second, Factor: int(k.Factor)}.Bounded(),
	}
}

// Standing is central's word on a station and its people.
func (o *Office) Standing(ctx context.Context, peer record.Peer, req pki.StandingRequest) (pki.StandingAnswer, error) {
	dev := peer.Device
	if dev.Wipe != 0 {
		return pki.StandingAnswer{Wipe: true}, nil
	}
	if len(req.Users) > maxPeople {
		return pki.StandingAnswer{}, fault.New(fault.Invalid, "enrol.standing", string(dev.Station), "too many people are asked about at once")
	}
	if err := o.heardOf(ctx, peer, req); err != nil {
		return pki.StandingAnswer{}, err
	}
	ans, err := o.wordOn(ctx, dev, req)
	if err != nil {
		return pki.StandingAnswer{}, err
	}
	return ans, o.hearKeys(ctx, dev, req)
}

// heardOf takes notice of what a station says of its chain of looks and of who sits there.
func (o *Office) heardOf(ctx context.Context, peer record.Peer, req pki.StandingRequest) error {
	station, c := peer.Device.Station, req.Looks
	if err := o.heardOfChain(ctx, peer.Device, c != nil); err != nil {
		return err
	}
	if req.Session != nil {
		o.noteSeated(station, *req.Session)
	}
	if c == nil || o.conf.Declared == nil {
		return nil
	}
	var mac record.Hash
	if len(c.MAC) != len(mac) && c.Seq > 0 {
		return fault.New(fault.Invalid, "enrol.standing", string(station), "the end of the chain is malformed")
	}
	copy(mac[:], c.MAC)
	return o.conf.Declared(ctx, peer, c.Seq, mac)
}

// wordOn puts the answer together.
func (o *Office) wordOn(ctx context.Context, dev record.Device, req pki.StandingRequest) (ans pki.StandingAnswer, err error) {
	if ans, err = o.limitsTold(ctx); err != nil {
		return ans, err
	}
	ans.Rekey = dev.Rekey
	if ans.Hospital, err = o.offered(ctx); err != nil {
		return ans, err
	}
	demanded, err := o.SecondDemanded(ctx)
	if err != nil {
		return ans, err
	}
	if req.Log != nil && o.conf.AuditLog != nil {
		if ans.Log, err = o.conf.AuditLog(req.Log.Events); err != nil {
			return ans, err
		}
	}
	if req.Urgent && o.conf.Urgent != nil {
		if ans.Urgent, err = o.conf.Urgent(ctx, dev.Wards); err != nil {
			return ans, err
		}
	}
	if ans.Untold, err = o.untold(ctx, dev.Wards); err != nil {
		return ans, err
	}
	if ans.People, err = o.peopleAt(ctx, dev.Station, req.Users, demanded); err != nil {
		return ans, err
	}
	ans.JournalKey = keys.KeyID(o.conf.JournalKey())
	if o.conf.RecoveryKey != nil {
		k := o.conf.RecoveryKey()
		ans.Recovery = &k
	}
	return ans, nil
}

// limitsTold is an answer with the limits that a station is to hold to.
func (o *Office) limitsTold(ctx context.Context) (ans pki.StandingAnswer, err error) {
	l, err := o.Limits(ctx)
	if err != nil {
		return ans, err
	}
	out, err := o.ExportLimits(ctx)
	if err != nil {
		return ans, err
	}
	ans = pki.StandingAnswer{
		PrintHour: out.PrintHour, PrintDay: out.PrintDay,
		OfflineHours: int(l.Offline / time.Hour), KeepDays: int(l.Keep / (24 * time.Hour)), SessionHours: int(l.Session / time.Hour),
	}
	if g := l.Guessing; g != keys.DefaultGuessing {
		ans.Guessing = &pki.Guessing{Tries: g.Tries, SlowFrom: g.From, SlowSeconds: int(g.Wait / time.Second), SlowFactor: g.Factor}
	}
	return ans, nil
}

// peopleAt are those of these users who may sign in at a station. demanded: whoever may
// have a second factor must.
func (o *Office) peopleAt(ctx context.Context, station record.StationID, users []string, demanded bool) (map[string]pki.SignInAnswer, error) {
	people := map[string]pki.SignInAnswer{}
	for _, user := range users {
		a, ok, err := o.account(ctx, record.UserID(user))
		if err != nil {
			return nil, err
		}
		if !ok || a.Ended != 0 {
			continue
		}
		is := answerOf(a, demanded)
		if is.Word, err = o.wordAt(ctx, a.User, station); err != nil {
			return nil, err
		}
		people[user] = is
	}
	return people, nil
}

// hearKeys keeps what a station says of the keys that it goes by, where that is news.
func (o *Office) hearKeys(ctx context.Context, dev record.Device, req pki.StandingRequest) error {
	for _, k := range []struct {
		action string
		news   bool
		keep   func(*record.Device)
	}{
		{"recovery-key", req.Recovery != dev.Recovery && len(req.Recovery) <= maxKeyID, func(d *record.Device) { d.Recovery = req.Recovery }},
		{"journal-key", req.JournalKey != dev.JournalKey && len(req.JournalKey) <= maxKeyID, func(d *record.Device) { d.JournalKey = req.JournalKey }},
		{"cache-key", req.KeyMade != dev.KeyMade, func(d *record.Device) { d.KeyMade = req.KeyMade }},
	} {
		if !k.news {
			continue
		}
		if err := o.changeDevice(ctx, string(dev.Station), k.action, k.keep); err != nil {
			return err
		}
	}
	return nil
}

// answerOf is what stations are told of an account; demanded: whoever may have a
// second factor must. A station lets such an account in with central alone.
func answerOf(a record.Account, demanded bool) pki.SignInAnswer {
	ans := pki.SignInAnswer{User: string(a.User), Name: a.Name, Role: a.Role, Second: len(a.Second) > 0 || demanded && seconded(a), PINID: pinID(a)}
	for _, w := range a.Wards {
		ans.Wards = append(ans.Wards, string(w))
	}
	return ans
}

// Limits are how long stations may go on without central, how long a session lasts and
// how wrong PINs are answered.
func (o *Office) Limits(ctx context.Context) (l Limits, err error) {
	err = o.conf.Journal.View(ctx, func(r journal.Reader) error {
		l, err = limitsIn(r)
		return err
	})
	return l, err
}

func limitsIn(r journal.Reader) (Limits, error) {
	b, ok, err := r.Note(LimitsNote)
	if err != nil || !ok {
		return defaultLimits, err
	}
	var kept limits
	if err := record.Decode(b, &kept); err != nil {
		return defaultLimits, err
	}
	return kept.limits(), nil
}

// mostTries is how many wrong PINs, or wrong codes, in a row an account stands.
func (o *Office) mostTries(ctx context.Context) (int, error) {
	l, err := o.Limits(ctx)
	return l.Guessing.Tries, err
}

// SetLimits sets them; stations hear of it within a minute, or when they next
// speak with central.
func (o *Office) SetLimits(ctx context.Context, l Limits) error {
	if l.Limits != l.Bounded() {
		return fault.New(fault.Invalid, "enrol.limits", "", "reading by PIN alone lasts 1 to 720 hours, the copy 1 to 365 days and not less, a session 1 to 24 hours")
	}
	if l.Guessing != l.Guessing.Bounded() {
		return fault.New(fault.Invalid, "enrol.limits", "", "there are 3 to 10 tries; the wait begins with the second, third or fourth, is 1 to 30 seconds at first, and grows 2 to 10 times with each further one")
	}
	kept, err := record.Encode(l.kept())
	if err != nil {
		return err
	}
	_, err = o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		was, err := limitsIn(tx)
		if err != nil {
			return err
		}
		if err := tx.SetNote(LimitsNote, kept); err != nil {
			return err
		}
		return o.audit(ctx, tx, "limits", l.Offline.String()+" by PIN alone, "+l.Keep.String()+" the copy, "+l.Session.String()+" a session, "+strconv.Itoa(l.Guessing.Tries)+" tries", o.conf.Now(), limitChanges(was, l)...)
	})
	return fault.Wrap("enrol.limits", "", err)
}

// OrderWipe marks a station to be wiped when it next speaks with central. From
// now on it is served nothing but this order.
func (o *Office) OrderWipe(ctx context.Context, id string) error {
	at := o.conf.Now().UnixMilli()
	err := o.changeDevice(ctx, id, "wipe", func(d *record.Device) { d.Wipe, d.Share = at, nil })
	return fault.Wrap("enrol.wipe", id, err)
}

// OrderRekey asks a station for a new key of its copy.
func (o *Office) OrderRekey(ctx context.Context, id string) error {
	at := o.conf.Now().UnixMilli()
	err := o.changeDevice(ctx, id, "rekey", func(d *record.Device) { d.Rekey = at })
	return fault.Wrap("enrol.rekey", id, err)
}

// Wiped notes that a station has erased everything, and withdraws its enrolment.
func (o *Office) Wiped(ctx context.Context, peer record.Peer, left int) error {
	id := string(peer.Device.Station)
	if peer.Device.Wipe == 0 {
		return fault.New(fault.Denied, "enrol.wiped", id, "nobody ordered this computer to be wiped")
	}
	at, action := o.conf.Now().UnixMilli(), "wiped"
	if left > 0 {
		action = "wiped-unsent-left"
	}
	err := o.changeDevice(ctx, id, action, func(d *record.Device) { d.Wiped, d.Revoked = at, at })
	return fault.Wrap("enrol.wiped", id, err)
}

// untold says whether nobody is told of an emergency access there, as far as that is known.
func (o *Office) untold(ctx context.Context, wards []record.Ward) (bool, error) {
	if o.conf.Untold == nil {
		return false, nil
	}
	return o.conf.Untold(ctx, wards)
}

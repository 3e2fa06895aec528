// Package enrol is central's front office: it gives out enrolment codes,
// certifies the stations that bring one, knows which stations and people are
// welcome, and checks a PIN when somebody signs in at a station.
//
// Everything it knows is a note in the journal ("code/…", "device/…",
// "user/…"), written in one transaction with its audit event. A code works
// once, for ten minutes, and a wrong one is refused in the TLS handshake.
// Comparisons of secrets take constant time.
package enrol

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base32"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/sqids/sqids-go"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/sso"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/pki"
)

// CodeLife is how long an enrolment code works (ASVS 5.0 wants at most ten
// minutes for one-time codes).
const CodeLife = 10 * time.Minute

// Office is the front office of one central.
type Office struct {
	conf Config

	mu     sync.Mutex
	tries  map[string]*tries // failures by account and by station, in memory
	set    pki.Set           // the authorities in use
	server *pki.Server       // nil while nothing is served
	newest int64             // what the newest code's reference is made of

	guessing map[record.StationID]int // sign-ins under way, by station
	seats    map[record.StationID]seated
	gate     *keys.Gate    // of stretching PINs
	within   time.Duration // in which a request must have come whole

	provider   *sso.Provider // the hospital's sign-in service
	providerOf []byte        // the settings that it was made of, as kept
	attempts   map[string]attempt
	tickets    map[string]ticket
}

// Config is what an Office works with.
type Config struct {
	Journal    journal.Journal
	Set        pki.Set
	JournalKey func() []byte            // Ed25519 public key that signs now
	Succession func() record.Succession // how it came to be that one; nil: it was never changed
	Recovery   func() string            // age recipient
	// RecoveryKey is that with central's signature; nil: stations are not told.
	RecoveryKey func() pki.RecoveryKey
	Now         func() time.Time
	// Audit makes the event that is journaled with a change; ctx is that of the call
	// that changes, and changes say what was and what is. What it cannot make an event of
	// does not happen.
	Audit func(ctx context.Context, action, subject string, at time.Time, changes ...audit.Change) ([]byte, error)
	// Declared is told how long a station says that its chain of looks is; nil: it
	// is not looked at.
	Declared func(ctx context.Context, peer record.Peer, seq uint64, mac record.Hash) error
	// AuditLog is how central's audit log stands, for a station that holds a checkpoint of
	// so many events; nil where it cannot be said now. nil: it never can.
	AuditLog func(events int64) (*pki.LogState, error)
	// Urgent is how many critical results have come for these wards, for a station that
	// practises a downtime; nil: it may not.
	Urgent func(ctx context.Context, wards []record.Ward) (*pki.Urgent, error)
	// Untold says whether nobody is set who is told off the screen of an emergency access
	// at a computer of these wards. nil: it is not known.
	Untold func(ctx context.Context, wards []record.Ward) (bool, error)
	// Connected says since when a station's session stands; false: it has none. nil: it is
	// not known.
	Connected func(s record.StationID) (since time.Time, ok bool)
	// AskSoon has these stations ask at once how they and their people stand, as far as
	// they are connected; nil: they ask each minute.
	AskSoon func([]record.StationID)
	// Cost of hashing a PIN; the zero value is DefaultCost.
	Cost Cost
	// Seal keeps second factors; nil: there are none.
	Seal *keys.Ring
	// Changed is told of an account that its owner's sign-in changed; nil: nobody is.
	Changed func(record.Account)
	// RefusedStation is told of a computer that the handshake does not let in, whose
	// certificate is ours; RefusedCode of an enrolment that it does not. nil: nobody is.
	RefusedStation func(id string, why error)
	// Keyed is told of a computer that showed its new key for the first time; nil: nobody is.
	Keyed       func(record.Device)
	RefusedCode func(why error)
	// RefusedBusy is told of a sign-in at a computer that was turned away because there were
	// too many at once; nil: nobody is.
	RefusedBusy func(record.StationID)
	Log         *slog.Logger // nil: nowhere
}

// New opens the office.
func New(conf Config) *Office {
	if conf.Cost == (Cost{}) {
		conf.Cost = DefaultCost
	}
	if conf.Log == nil {
		conf.Log = slog.New(slog.DiscardHandler)
	}
	return &Office{
		conf: conf, tries: map[string]*tries{}, set: conf.Set,
		attempts: map[string]attempt{}, tickets: map[string]ticket{},
		guessing: map[record.StationID]int{}, seats: map[record.StationID]seated{}, gate: keys.NewGate(atOnce, waiting, patience), within: doorTimeout,
	}
}

// Code is a new enrolment code. Secret is shown once and never logged; Ref may
// be read aloud.
type Code struct {
	Ref     string        `json:"ref"`
	Secret  string        `json:"code"`
	Wards   []record.Ward `json:"wards"`
	Expires time.Time     `json:"expires"`
}

// code is a Code as kept.
type code struct {
	Secret  string        `cbor:"1,keyasint"`
	Wards   []record.Ward `cbor:"2,keyasint"`
	Expires int64         `cbor:"3,keyasint"`
}

// NewCode makes a single-use code for a station of these wards.
func (o *Office) NewCode(ctx context.Context, wards []record.Ward) (Code, error) {
	if len(wards) == 0 || len(wards) > 32 {
		return Code{}, fault.New(fault.Invalid, "enrol.code", "", "name the ward that the computer stands on")
	}
	now := o.conf.Now()
	ref, err := Reference(o.moment(now))
	if err != nil {
		return Code{}, err
	}
	var secret [16]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return Code{}, fault.Wrap("enrol.code", ref, err)
	}
	c := Code{Ref: ref, Wards: wards, Expires: now.Add(CodeLife)}
	c.Secret = ref + "-" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret[:])
	kept, err := record.Encode(code{c.Secret, wards, c.Expires.UnixMilli()})
	if err != nil {
		return Code{}, err
	}
	_, err = o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		if err := o.sweep(tx, now); err != nil {
			return err
		}
		if err := tx.SetNote("code/"+ref, kept); err != nil {
			return err
		}
		return o.audit(ctx, tx, "enrol-code", ref, now, audit.Change{Name: "a computer may join", After: listed(wards)})
	})
	return c, fault.Wrap("enrol.code", ref, err)
}

// changed tells that an account is another.
func (o *Office) changed(a record.Account) {
	if o.conf.Changed != nil {
		o.conf.Changed(a)
	}
}

// audit journals what was done with it.
func (o *Office) audit(ctx context.Context, tx journal.Tx, action, subject string, at time.Time, changes ...audit.Change) error {
	e, err := o.conf.Audit(ctx, action, subject, at, changes...)
	if err != nil {
		return err
	}
	return tx.Audit(e)
}

// moment is now in milliseconds, or a little later, so that no two codes are of
// the same.
func (o *Office) moment(now time.Time) int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.newest = max(now.UnixMilli(), o.newest+1)
	return o.newest
}

// Reference is a short name for a number, such as a code's moment, fit to be read
// aloud: letters without vowels and lookalikes. Only the lowest thirty bits count.
func Reference(moment int64) (string, error) {
	s, err := sqids.New(sqids.Options{Alphabet: "BCDFGHJKLMNPQRSTVWXZ23456789", MinLength: 6})
	if err != nil {
		return "", fault.Wrap("enrol.reference", "", err)
	}
	ref, err := s.Encode([]uint64{uint64(moment) & 0x3fffffff}) //nolint:gosec // masked: a name, not a number
	return ref, fault.Wrap("enrol.reference", "", err)
}

// sweep removes codes that have run out.
func (o *Office) sweep(tx journal.Tx, now time.Time) error {
	var dead []string
	for kv, err := range tx.Notes("code/") {
		if err != nil {
			return err
		}
		var c code
		if record.Decode(kv.Value, &c) != nil || c.Expires < now.UnixMilli() {
			dead = append(dead, kv.Key)
		}
	}
	for _, k := range dead {
		if err := tx.SetNote(k, nil); err != nil {
			return err
		}
	}
	return nil
}

// CheckProof is called in the handshake of an enrolment: it says whether the
// proof belongs to a live code.
func (o *Office) CheckProof(proof string, spki []byte) error {
	if !o.try("enrol", 20) {
		return fault.New(fault.Denied, "enrol.proof", "", "too many wrong codes; wait a minute")
	}
	err := o.conf.Journal.View(context.Background(), func(r journal.Reader) error {
		_, _, err := o.match(r, proof, spki)
		return err
	})
	if err == nil {
		o.right("enrol")
	}
	return err
}

// match finds the code that the proof was made with. It looks at every live
// code whatever it finds, so that its time says nothing.
func (o *Office) match(r journal.Reader, proof string, spki []byte) (key string, found code, err error) {
	fp, now := pki.Fingerprint(o.Authorities().Current.Cert), o.conf.Now().UnixMilli()
	for kv, err := range r.Notes("code/") {
		if err != nil {
			return "", code{}, err
		}
		var c code
		if err := record.Decode(kv.Value, &c); err != nil {
			return "", code{}, err
		}
		same := subtle.ConstantTimeCompare([]byte(pki.Proof(c.Secret, spki, fp)), []byte(proof)) == 1
		if same && c.Expires >= now {
			key, found = kv.Key, c
		}
	}
	if key == "" {
		return "", code{}, fault.New(fault.Denied, "enrol.proof", "", "the code is wrong, used, or older than ten minutes")
	}
	return key, found, nil
}

// Join certifies a station: proof and spki are those of its connection. The
// code is used up in the same transaction.
func (o *Office) Join(ctx context.Context, proof string, spki []byte, req pki.JoinRequest) (pki.JoinAnswer, error) {
	if err := checkJoin(req, spki); err != nil {
		return pki.JoinAnswer{}, err
	}
	now := o.conf.Now()
	set := o.Authorities()
	cert, err := set.Current.IssueDevice(spki, req.Station, now)
	if err != nil {
		return pki.JoinAnswer{}, err
	}
	dev := record.Device{Station: record.StationID(req.Station), Place: req.Place, Key: spki, KeyID: KeyID(spki), Enrolled: now.UnixMilli(), Share: req.Share}
	dev.Issuer = pki.Fingerprint(set.Current.Cert)
	dev.Roots = []string{dev.Issuer}
	_, err = o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		key, c, err := o.match(tx, proof, spki)
		if err != nil {
			return err
		}
		if _, taken, err := tx.Note("device/" + req.Station); err != nil || taken {
			return orExists(err, req.Station)
		}
		dev.Wards = c.Wards
		kept, err := record.Encode(dev)
		if err != nil {
			return err
		}
		if err := tx.SetNote("device/"+req.Station, kept); err != nil {
			return err
		}
		if err := tx.SetNote(key, nil); err != nil {
			return err
		}
		return o.audit(ctx, tx, "enrol", req.Station, now, deviceChanges(record.Device{}, dev)...)
	})
	if err != nil {
		return pki.JoinAnswer{}, fault.Wrap("enrol.join", req.Station, err)
	}
	a := pki.JoinAnswer{Cert: cert, CA: set.Current.Cert.Raw, Place: dev.Place, JournalKey: o.conf.JournalKey(), Recovery: o.conf.Recovery()}
	for _, w := range dev.Wards {
		a.Wards = append(a.Wards, string(w))
	}
	return a, nil
}

func orExists(err error, station string) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Exists, "enrol.join", station, "a computer of this id is enrolled already")
}

func checkJoin(req pki.JoinRequest, spki []byte) error {
	csr, err := x509.ParseCertificateRequest(req.CSR)
	if err != nil || csr.CheckSignature() != nil || subtle.ConstantTimeCompare(csr.RawSubjectPublicKeyInfo, spki) != 1 {
		return fault.New(fault.Invalid, "enrol.join", "", "the certificate request is not signed by the key of this connection")
	}
	if req.Version != 1 {
		return fault.Newf(fault.Unsupported, "enrol.join", "", "enrolment version %d is not known here; update the server first", req.Version)
	}
	if !validStation(req.Station) || len(req.Share) != 32 || len(req.Place) > 128 {
		return fault.New(fault.Invalid, "enrol.join", "", "the request's station id, share or place is malformed")
	}
	return nil
}

func validStation(s string) bool {
	return len(s) == 13 && s[0] == 's' && strings.Trim(s[1:], "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// Device is called in the handshake of a station: it returns what central
// knows of it, or why it is not welcome.
func (o *Office) Device(ctx context.Context, id string, spki []byte) (record.Device, error) {
	dev, err := o.known(ctx, id, spki)
	if err == nil && dev.Wipe != 0 {
		return record.Device{}, fault.New(fault.Denied, "enrol.device", id, "this computer is to be wiped; it is served nothing more")
	}
	return dev, err
}

// known is Device that lets in a computer that is to be wiped, so that it can
// hear of it and hand over what it has not sent.
func (o *Office) known(ctx context.Context, id string, spki []byte) (record.Device, error) {
	var dev record.Device
	err := o.conf.Journal.View(ctx, func(r journal.Reader) error {
		b, ok, err := r.Note("device/" + id)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Unknown, "enrol.device", id, "this computer is not enrolled here")
		}
		return record.Decode(b, &dev)
	})
	if err != nil {
		return record.Device{}, err
	}
	if dev.Revoked != 0 || spki != nil && !isKey(dev.Key, spki) && !isKey(dev.NextKey, spki) {
		return record.Device{}, fault.New(fault.Denied, "enrol.device", id, "this computer's enrolment has been withdrawn; enrol it again")
	}
	return dev, nil
}

func isKey(key, shown []byte) bool {
	return len(key) > 0 && subtle.ConstantTimeCompare(key, shown) == 1
}

// Revoke withdraws a station's enrolment, for good.
func (o *Office) Revoke(ctx context.Context, id string) error {
	at := o.conf.Now().UnixMilli()
	err := o.changeDevice(ctx, id, "revoke", func(dev *record.Device) { dev.Revoked, dev.Share, dev.NextKey = at, nil, nil })
	return fault.Wrap("enrol.revoke", id, err)
}

package seat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/internal/station/desk"
	"wardlight/internal/station/wardpack"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/bulk"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/pki"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/trust/wallclock"
	"wardlight/internal/words"
)

// Printing the ward pack that is kept ready. There are two roads to it. Somebody who is
// signed in prints it from any page; the look goes into the copy's audit chain like every
// other. Where the copy cannot be opened at all nobody can sign in: then name and PIN open
// the pack and nothing else, and the look is kept, sealed, in a file of its own until
// there is a copy again that takes it.

// PrintReadyPack prints the pack that is kept ready, for whoever is signed in, and says
// in words what became of it.
func (s *Seat) PrintReadyPack(ctx context.Context) (string, error) {
	d, err := s.Desk()
	if err != nil {
		return "", err
	}
	return s.printReadyPack(ctx, d, "")
}

func (s *Seat) printReadyPack(ctx context.Context, d *desk.Desk, over string) (string, error) {
	p, ok := d.SignedIn()
	if !ok {
		return "", fault.As(fault.Denied, "seat.print", "", words.Errorf("Nobody is signed in at this computer. Nothing was printed."))
	}
	var pack wardpack.Pack
	err := s.withData(func(data keys.Key) (err error) {
		pack, err = s.openPack(data, p)
		return err
	})
	if err != nil {
		return "", err
	}
	what := s.packWords(pack.About)
	sheets := desk.Sheets{Kind: bulk.Pack, What: "kept " + s.packOnRecord(pack.About), Patients: pack.Who, Ours: pack.Ward != "", Over: over}
	said, err := s.print(ctx, d, sheets, func() ([]byte, error) { return pack.PDF, nil })
	return named(said, what), err
}

// named says what was printed together with where.
func named(said, what string) string {
	if said == "" {
		return ""
	}
	return said + ": " + what
}

// packWords are "ward pack of 14:05, 28 patients".
func (s *Seat) packWords(a wardpack.About) string {
	made := ward.Stamp(a.Made.In(s.conf.Zone), s.conf.Now().In(s.conf.Zone))
	return words.N(a.Patients, "ward pack of %[2]s, %[1]d patient", "ward pack of %[2]s, %[1]d patients", made)
}

// packOnRecord is the same as it is put on record: in English, whoever reads it.
func (s *Seat) packOnRecord(a wardpack.About) string {
	made, now := a.Made.In(s.conf.Zone), s.conf.Now().In(s.conf.Zone)
	of := made.Format("15:04")
	if made.Format(time.DateOnly) != now.Format(time.DateOnly) {
		of += made.Format(" on 02-Jan-2006")
	}
	if a.Patients == 1 {
		return "ward pack of " + of + ", 1 patient"
	}
	return fmt.Sprintf("ward pack of %s, %d patients", of, a.Patients)
}

// mayPack says whether somebody may see the ward whose pack it is.
func (s *Seat) mayPack(p ward.Person, of string) error {
	here := s.info.Wards
	if of != "" {
		here = []record.Ward{record.Ward(of)}
	}
	device := s.info.Wards
	if len(device) == 0 {
		device = here
	}
	var mine []record.Ward
	for _, w := range p.Wards {
		mine = append(mine, record.Ward(w))
	}
	dec := rbac.Decide(rbac.Request{
		Role: rbac.Role(p.Role), Wards: mine, DeviceWards: device, Action: rbac.View, ResourceType: fhir.TypePatient, PatientWards: here, Now: s.conf.Now(),
	})
	if dec.Allow {
		return nil
	}
	return fault.As(fault.Denied, "seat.readypack", "", words.Errorf("You may not see this ward's patients: your account is not for this ward. Nothing was printed."))
}

// PrintPackByPIN prints the pack that is kept ready where the copy of the record cannot
// be opened, so that nobody can sign in. Who they are is found out as at a sign-in:
// central decides where it answers, and else what the PIN opens here. It begins no
// session.
func (s *Seat) PrintPackByPIN(ctx context.Context, user, pin, code string) (string, error) {
	const op = "seat.readypack"
	user = strings.ToLower(strings.TrimSpace(user))
	if user == "" || pin == "" {
		return "", fault.As(fault.Invalid, op, "", words.Errorf("Give your name and your PIN: printing the ward pack is a look at its patients, and logged under your name."))
	}
	if s.wipeOrdered() {
		return "", errWiped()
	}
	who, data, err := s.whoPrints(ctx, user, pin, code)
	if err != nil {
		return "", err
	}
	p := who.shown(user)
	pack, err := s.openPack(data, p)
	if err != nil {
		return "", err
	}
	what := s.packWords(pack.About)
	if err := s.lookAtPack(ctx, data, p, pack, s.packOnRecord(pack.About), ""); err != nil {
		return "", err
	}
	said, err := s.printer().Send(ctx, pack.PDF)
	if err != nil && said == "" { // with words it was printed, and something went wrong afterwards
		if lerr := s.lookAtPack(context.WithoutCancel(ctx), data, p, pack, s.packOnRecord(pack.About), "nothing was printed"); lerr != nil {
			err = errors.Join(err, lerr)
		}
	}
	return named(said, what), err
}

// whoPrints finds out who it is, and the slots' key.
func (s *Seat) whoPrints(ctx context.Context, user, pin, code string) (person, keys.Key, error) {
	ans, err := s.door.SignInWithCode(ctx, user, pin, code)
	switch {
	case errors.Is(err, pki.ErrCodeNeeded):
		return person{}, keys.Key{}, fault.As(fault.Denied, "seat.readypack", user, ward.ErrCodeNeeded)
	case err == nil:
		s.alone.met()
		data, err := s.unlock(ctx, "", "") // central answers: by its share
		return personOf(ans), data, err
	case !fault.Is(err, fault.Unavailable):
		return person{}, keys.Key{}, err
	}
	data, who, err := s.byPIN(ctx, user, pin)
	if err != nil {
		return person{}, keys.Key{}, err
	}
	s.alone.since(who.Last)
	return who, data, s.mayRead(user)
}

// lookAtPack writes down that somebody prints these patients' sheets, durably: in the
// copy's audit chain where there is one, else in a file until there is. failed is why
// there was no sheet in the end. This print has no limit, because it is for when nothing
// else works; one that is over the limit of the others stands out.
func (s *Seat) lookAtPack(ctx context.Context, data keys.Key, p ward.Person, pack wardpack.Pack, what, failed string) error {
	begin := func() audit.Event {
		return audit.Event{
			Action: audit.Export, Recorded: s.conf.Now(), Purpose: audit.Treatment, Outcome: audit.Success, Query: "printed: kept " + what,
			Who: audit.Who{User: record.UserID(p.User), Name: p.Name, Role: p.Role, Station: s.info.Station, Place: s.info.Place},
		}
	}
	var looks [][]byte
	for _, id := range pack.Who {
		e := begin()
		e.Patient = id
		if failed != "" {
			e.Outcome, e.Reason = audit.Failed, failed
		}
		b, err := e.JSON()
		if err != nil {
			return fault.Wrap("seat.readypack", string(id), err)
		}
		looks = append(looks, b)
	}
	s.mu.Lock()
	c := s.cache
	s.mu.Unlock()
	err := s.countPack(ctx, c, data, p, len(pack.Who), failed != "", looks, begin())
	if err != nil {
		return fault.As(fault.KindOf(err), "seat.readypack", "", words.Errorf("That somebody prints this could not be written down, so nothing was printed. Use another computer, and tell IT. (%w)", err))
	}
	return nil
}

// countPack stores the looks of a print of the kept pack, and counts it. Where the copy
// cannot be opened it is counted by what the file of looks holds, whenever that was.
func (s *Seat) countPack(ctx context.Context, c *cache.Cache, data keys.Key, p ward.Person, n int, failed bool, looks [][]byte, about audit.Event) error {
	var ledger bulk.Ledger
	var unread error
	if c != nil {
		ledger, unread = desk.Printed(c, s.clocks())
	} else {
		var err error
		if ledger, err = s.printedAlone(data); err != nil {
			return err
		}
	}
	req := bulk.Request{
		Kind: bulk.KeptPack, Role: rbac.Role(p.Role), Patients: n, Ward: n, Past: ledger.Past(p.User), Cut: true, Unread: unread != nil, Limits: s.alone.printing(),
	}
	switch dec := bulk.Decide(req); {
	case failed:
		ledger = ledger.Return(p.User, n, 0)
	case !dec.Allow:
		return dec.Err() // a role that may see no patient comes this far only by a fault of ours
	default:
		ledger = ledger.Add(p.User, n, 0)
		if dec.Over {
			about.Reason, about.Details = "the copy of the record could not be opened", desk.OverDetails(req, dec)
			b, err := about.JSON()
			if err != nil {
				return err
			}
			looks = append(looks, b)
		}
	}
	if c == nil {
		return s.keepLooks(data, looks)
	}
	if fault.Is(unread, fault.Unsupported) {
		return c.Commit(ctx, nil, looks)
	}
	b, err := ledger.Bytes()
	if err != nil {
		return err
	}
	return c.Commit(ctx, nil, looks, cache.Fact{Key: desk.BulkFact, Value: b})
}

// printedAlone is what was printed while no copy could be opened, all as of now: the file
// of looks is let go as soon as there is one.
func (s *Seat) printedAlone(data keys.Key) (l bulk.Ledger, err error) {
	s.packLooks.Lock()
	defer s.packLooks.Unlock()
	f, err := readPackLooks(s.packLooksPath(), data)
	if err != nil {
		return l, err
	}
	return f.printed(bulk.Ledger{}.At(s.clocks())), nil
}

// printed adds what these looks say was printed to a ledger.
func (f packLooks) printed(l bulk.Ledger) bulk.Ledger {
	for _, raw := range f.Looks {
		e, err := audit.Parse(raw)
		switch {
		case err != nil || e.Action != audit.Export || e.Patient == "":
		case e.Outcome == audit.Failed:
			l = l.Return(string(e.Who.User), 1, 0)
		default:
			l = l.Add(string(e.Who.User), 1, 0)
		}
	}
	return l
}

// clocks are what this computer's clocks say now, for what is counted.
func (s *Seat) clocks() bulk.Clock {
	return bulk.Clock{Wall: s.conf.Now(), Up: s.conf.Uptime(), Boot: wallclock.Boot()}
}

// packLooksName holds looks that no copy could take: how often somebody printed.
const (
	packLooksName = "pack-looks.v1"
	maxPackLooks  = 100 * maxPack
)

var packLooksAAD = []byte("wardlight pack looks v1")

// packLooks is what the file holds, sealed.
type packLooks struct {
	Version int               `json:"v"` // 1
	Looks   []json.RawMessage `json:"looks"`
}

func packLooksPath(dir, home string) string { return filepath.Join(dir, home, packLooksName) }

func (s *Seat) packLooksPath() string { return packLooksPath(s.conf.Dir, s.info.Home) }

// readPackLooks reads them; none where there is no file.
func readPackLooks(path string, data keys.Key) (f packLooks, err error) {
	f.Version = 1
	sealed, err := os.ReadFile(path) //nolint:gosec // the station's own folder
	if errors.Is(err, os.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return f, fault.As(fault.Unavailable, "seat.packlooks", "", err)
	}
	plain, err := keys.NewSealer(data.Derive("pack looks v1")).Open(packLooksAAD, sealed)
	if err != nil {
		return f, fault.Wrap("seat.packlooks", "", err)
	}
	if json.Unmarshal(plain, &f) != nil || f.Version != 1 {
		return f, fault.New(fault.Unsupported, "seat.packlooks", "", "who printed the ward pack was written down by a newer program")
	}
	return f, nil
}

// keepLooks adds looks to the file; they are durable when it returns.
func (s *Seat) keepLooks(data keys.Key, looks [][]byte) error {
	s.packLooks.Lock()
	defer s.packLooks.Unlock()
	f, err := readPackLooks(s.packLooksPath(), data)
	if err != nil {
		return err
	}
	if len(f.Looks)+len(looks) > maxPackLooks {
		return fault.New(fault.Full, "seat.packlooks", "", "the pack was printed too often while this computer's copy was broken")
	}
	for _, l := range looks {
		f.Looks = append(f.Looks, l)
	}
	b, err := json.Marshal(f)
	if err != nil {
		return fault.As(fault.Invalid, "seat.packlooks", "", err)
	}
	return writeSynced(s.packLooksPath(), keys.NewSealer(data.Derive("pack looks v1")).Seal(packLooksAAD, b))
}

// looksAtOnce bounds the looks of one commit.
const looksAtOnce = 50

// unpackLooks puts the looks that no copy could take into the one that is open now. A
// crash in between writes some twice; none is lost.
func (s *Seat) unpackLooks(ctx context.Context, c *cache.Cache, data keys.Key) error {
	s.packLooks.Lock()
	defer s.packLooks.Unlock()
	f, err := readPackLooks(s.packLooksPath(), data)
	if fault.Is(err, fault.Corrupt) || fault.Is(err, fault.Denied) {
		s.conf.Log.Error("who printed the ward pack while the copy was broken cannot be read", "err", err)
		return nil // it must not keep the ward from its record; the file stays for whoever investigates
	}
	if err != nil || len(f.Looks) == 0 {
		return err
	}
	for at := 0; at < len(f.Looks); at += looksAtOnce {
		var run [][]byte
		for _, l := range f.Looks[at:min(at+looksAtOnce, len(f.Looks))] {
			run = append(run, l)
		}
		if err := c.Commit(ctx, nil, run); err != nil {
			return err
		}
	}
	if ledger, err := desk.Printed(c, s.clocks()); !fault.Is(err, fault.Unsupported) {
		b, err := f.printed(ledger).Bytes()
		if err != nil {
			return err
		}
		if err := c.SetFact(ctx, desk.BulkFact, b); err != nil {
			return err
		}
	}
	return removeIfThere(s.packLooksPath())
}

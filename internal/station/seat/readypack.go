package seat

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/desk"
	"wardlight/internal/station/paper"
	"wardlight/internal/station/wardpack"
	"wardlight/internal/trust/keys"
	"wardlight/internal/words"
)

// A ward pack is kept ready, so that a ward can go on with on paper when the copy of
// the record is broken and central does not answer. It is drawn in the background from
// the copy and lies beside it, sealed with a key that follows from the copy's own: what
// opens the copy (a PIN with the device secret, or central's share) opens the pack, and
// where the copy's key is let go the pack goes with it. It is no file of the store's, so
// that nothing which happens to the store happens to it.
const (
	packDir = "ward-packs"
	// packEvery is how often a pack is made at most. A pack is of some minutes ago
	// anyway by the time that it is on paper; drawing one takes a second.
	packEvery = 15 * time.Minute
	// packFloor is the least between two that have a reason: the network went, or
	// somebody came to the ward or left it. A loose cable, or a ward that is being
	// filled, must not keep the processor busy.
	packFloor = time.Minute
	packLook  = 10 * time.Second      // how often it is asked whether one is due
	packRest  = 20 * time.Millisecond // before a page, at most
)

func shelfOf(dir, home string) wardpack.Shelf {
	return wardpack.Shelf{Dir: filepath.Join(dir, home, packDir)}
}

func (s *Seat) shelf() wardpack.Shelf { return shelfOf(s.conf.Dir, s.info.Home) }

// packKeyOf is the key of the packs that belong to a copy's key.
func packKeyOf(slots *keys.Slots, data keys.Key) (keys.Key, error) {
	k, _, err := copyKeyOf(slots, data)
	return k.Derive("ward pack v1"), err
}

// packDue says whether another pack is to be made. cut: contact was lost since the last
// one; moved: other people are on the ward than in it. A pack that is of the future is of
// a clock that was set back.
func packDue(now, made time.Time, every time.Duration, cut, moved bool) bool {
	age := now.Sub(made)
	switch {
	case made.IsZero(), age < 0:
		return true
	case cut, moved:
		return age >= min(packFloor, every)
	}
	return age >= every
}

// packer keeps the packs of a copy that is open. Its fields are its goroutine's own.
type packer struct {
	s     *Seat
	d     *desk.Desk
	shelf wardpack.Shelf
	key   keys.Key
	made  time.Time
	who   []fhir.ID // everybody who is in a pack on the shelf
	was   bool      // contact, as seen last
	cut   bool
	said  bool // that there are too many patients
}

// keepPacks makes a pack whenever one is due, until ctx ends.
func (s *Seat) keepPacks(ctx context.Context, d *desk.Desk, key keys.Key) error {
	p := &packer{s: s, d: d, shelf: s.shelf(), key: key}
	if old, err := p.shelf.Open(key); err == nil {
		p.made, p.who = old.Made, old.Who
	}
	news := d.Subscribe(ctx)
	tick := time.NewTicker(packLook)
	defer tick.Stop()
	for {
		if err := p.look(ctx); err != nil && ctx.Err() == nil {
			s.conf.Log.Warn("the ward pack that is kept ready could not be made; the one before stays", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case _, on := <-news:
			if !on {
				return nil
			}
		case <-tick.C:
		}
	}
}

// look makes a pack where one is due.
func (p *packer) look(ctx context.Context) error {
	connected, withdrawn := p.d.Contact()
	p.cut = p.cut || p.was && !connected
	p.was = connected
	if withdrawn {
		return nil // this computer shows patients to nobody
	}
	ids, whole, err := p.d.PackPatients(ctx)
	if err != nil || !whole {
		return err // who is missing from a copy that is not whole has not left
	}
	if len(ids) == 0 || len(ids) > maxPack {
		return p.none(len(ids))
	}
	p.said = false
	moved := lacks(ids, p.who) || lacks(p.who, ids)
	if !packDue(p.s.conf.Now(), p.made, p.s.conf.packEvery(), p.cut, moved) {
		return nil
	}
	return p.make(ctx)
}

func (c Config) packEvery() time.Duration {
	if c.PackEvery > 0 {
		return c.PackEvery
	}
	return packEvery
}

// none lets the packs go where the ward is empty, or there are more patients than a
// pack holds: nobody may be missing from one without its saying so.
func (p *packer) none(n int) error {
	if n > maxPack && !p.said {
		p.s.conf.Log.Info("no ward pack is kept ready: there are more patients than one holds", "patients", n)
	}
	p.said = n > maxPack
	if p.made.IsZero() {
		return nil
	}
	p.made, p.who = time.Time{}, nil
	return p.shelf.Erase()
}

func (p *packer) make(ctx context.Context) error {
	w, err := p.d.WardPack(ctx, maxPack)
	if err != nil {
		return err
	}
	now := p.s.conf.Now()
	head := p.s.keptHead(w, now)
	patients := make([]paper.Patient, len(w.Charts))
	who := make([]fhir.ID, len(w.Charts))
	for i := range w.Charts {
		patients[i] = paper.Patient{Chart: w.Charts[i], Sheet: w.Sheets[i]}
		who[i] = w.Charts[i].Who.ID
	}
	pdf, err := paper.PackInBackground(head, w.Rows, patients, head.Made, pauses())
	if err != nil {
		return err
	}
	if ctx.Err() != nil { // drawing takes a second, in which this computer may have been wiped
		return nil
	}
	about := wardpack.About{Made: now, AsOf: w.AsOf, Patients: len(who)}
	if err := p.shelf.Put(p.key, wardpack.Pack{About: about, Ward: w.Ward, Who: who, PDF: pdf}); err != nil {
		return err
	}
	gone := lacks(who, p.who)
	p.made, p.who, p.cut = now, who, false
	if gone { // whoever left the ward is in no sheet that is kept
		return p.shelf.EraseOlder()
	}
	return nil
}

// pauses is for work that nobody waits for: whoever calls it rests as long as the work
// since the call before took. So half a processor at most is busy with it, and what a
// person waits for finds a free one between two pages. At full speed a pack took every
// hundredth write on its way from another computer to fifteen times as long.
func pauses() func() {
	began := time.Now()
	return func() {
		time.Sleep(min(time.Since(began), packRest))
		began = time.Now()
	}
}

// lacks says whether somebody of the second list is not in the first.
func lacks(list, of []fhir.ID) bool {
	return slices.ContainsFunc(of, func(id fhir.ID) bool { return !slices.Contains(list, id) })
}

// keptHead is what stands on every page of a pack that nobody has asked for.
func (s *Seat) keptHead(w desk.WardPack, now time.Time) paper.Head {
	h := paper.Head{Title: words.T("Ward pack"), Ward: s.place(), Made: now.In(s.conf.Zone), AsOf: w.AsOf, Kept: true}
	return h
}

// ReadyPack is what is known of the pack that is kept ready: nothing of patients. It
// needs no copy that is open; ok is false where there is none.
func (s *Seat) ReadyPack() (p ward.ReadyPack, ok bool) {
	return readyPack(s.shelf(), s.conf.Zone)
}

// ReadyPackIn is ReadyPack of a folder on which no program runs, perhaps.
func ReadyPackIn(dir, home string) (ward.ReadyPack, bool) {
	return readyPack(shelfOf(dir, home), time.Local)
}

func readyPack(shelf wardpack.Shelf, zone *time.Location) (p ward.ReadyPack, ok bool) {
	a, ok := shelf.Newest()
	if !ok {
		return p, false
	}
	return ward.ReadyPack{Made: a.Made.In(zone), AsOf: a.AsOf.In(zone), Patients: a.Patients}, true
}

// openPack opens the pack that is kept, for whoever may see its ward.
func (s *Seat) openPack(data keys.Key, p ward.Person) (wardpack.Pack, error) {
	key, err := packKeyOf(s.slots, data)
	if err != nil {
		return wardpack.Pack{}, err
	}
	pack, err := s.shelf().Open(key)
	if err != nil {
		return wardpack.Pack{}, packRefused(err)
	}
	return pack, s.mayPack(p, pack.Ward)
}

func packRefused(err error) error {
	const op = "seat.readypack"
	if fault.Is(err, fault.NotFound) {
		return fault.As(fault.NotFound, op, "", words.Errorf("No ward pack is kept on this computer: it has not had a whole copy of its ward yet. Use another computer of the ward."))
	}
	return fault.As(fault.KindOf(err), op, "", words.Errorf("The ward pack that was kept on this computer cannot be opened. Nothing was printed. Use another computer of the ward, and tell IT. (%w)", err))
}

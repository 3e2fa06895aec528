package desk

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// begin makes the first pass, once. It has a lock of its own: whoever waits for a
// list waits for this pass, and never for the second.
func (d *Desk) begin(ctx context.Context) error {
	b := &d.board
	if b.ready() {
		return nil
	}
	b.first.Lock()
	defer b.first.Unlock()
	if b.ready() {
		return nil
	}
	return d.firstPass(ctx)
}

func (b *board) generation() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.gen
}

func (b *board) ready() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.begun
}

// firstPass reads who is where, then as many whole rows as the time allows,
// this ward's first.
func (d *Desk) firstPass(ctx context.Context) error {
	b := &d.board
	started := time.Now()
	tongue := words.Tag()           // of what is read below: whoever signs in meanwhile may speak another
	_, _, gen := d.store.Touched(1) // 1 is where every cache begins: only the generation is wanted
	var read loose
	err := d.store.View(ctx, func(r Reader) (err error) {
		read, err = d.readLoose(r)
		return err
	})
	if err == nil {
		err = d.readLimits(ctx)
	}
	if err != nil {
		return err
	}
	b.work.Lock()
	b.toldLimits = b.limitsNow()
	b.work.Unlock()
	rows, fill, err := d.known(ctx, read.kept)
	if err != nil {
		return err
	}
	b.mu.Lock()
	b.rows, b.loose, b.fill, b.gen, b.day, b.alike = rows, read, fill, gen, d.today(), false
	b.tongue = tongue
	b.finder.stale()
	b.mu.Unlock()
	_, err = d.fillSome(ctx, func() bool { return time.Since(started) < d.cfg.FirstBoard || b.rowless() })
	if err == nil {
		err = d.nameDamaged(ctx)
	}
	b.mu.Lock()
	b.begun = err == nil
	b.mu.Unlock()
	return err
}

// nameDamaged finds out who they are whose record turned out damaged before they
// were on the list by name.
func (d *Desk) nameDamaged(ctx context.Context) error {
	b := &d.board
	b.mu.Lock()
	var ids []fhir.ID
	for id, v := range b.rows {
		if !v.row.Whole && v.words == "" {
			ids = append(ids, id)
		}
	}
	b.mu.Unlock()
	if len(ids) == 0 {
		return nil
	}
	named, err := d.quick(ctx)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids {
		if v := named[id]; v != nil && b.rows[id] != nil {
			v.row.Flags = b.rows[id].row.Flags
			b.set(id, v)
		}
	}
	return nil
}

// rowless says whether somebody who is to be read next has no row at all, not
// even by name.
func (b *board) rowless() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.fill) > 0 && b.rows[b.fill[0]] == nil
}

// known are the rows that can be had at once, and those that still want their
// second pass.
func (d *Desk) known(ctx context.Context, kept map[fhir.ID]ward.Leaving) (rows map[fhir.ID]*derived, fill []fhir.ID, err error) {
	rows, named, err := d.fromBriefs(ctx)
	if err != nil {
		return nil, nil, err
	}
	everybody, err := d.everybody(ctx)
	if err != nil {
		return nil, nil, err
	}
	fill = missing(rows, everybody)
	if len(fill) > fewMissing {
		if unnamed(fill, named) > fewMissing {
			if named, err = d.quick(ctx); err != nil {
				return nil, nil, err
			}
		}
		for _, id := range fill {
			if named[id] != nil {
				rows[id] = named[id]
			}
		}
	}
	return rows, d.fillOrder(rows, fill, kept), nil
}

// unnamed is of how many no brief says even the name.
func unnamed(fill []fhir.ID, named map[fhir.ID]*derived) (n int) {
	for _, id := range fill {
		if named[id] == nil {
			n++
		}
	}
	return n
}

// fewMissing is for how many patients without a brief the list waits; of more,
// names and beds come first: out of briefs that hold no longer, or, where more than so
// many have none, out of everybody's Patient and stays.
const fewMissing = 64

func (d *Desk) everybody(ctx context.Context) (all []fhir.ID, err error) {
	return all, d.store.View(ctx, func(r Reader) error {
		for id, err := range r.Patients() {
			if err != nil {
				return err
			}
			all = append(all, id)
		}
		return nil
	})
}

// quick makes a row of name and bed for every patient. Stays and patients are
// read side by side: this is what the person who starts the program waits for.
// What changes between the two reads is touched, and derived again.
func (d *Desk) quick(ctx context.Context) (map[fhir.ID]*derived, error) {
	stays := map[fhir.ID][]encounterView{}
	var work sync.WaitGroup
	var failed error
	work.Go(func() {
		failed = d.store.View(ctx, func(r Reader) error { return readStays(r, stays) })
	})
	rows, err := d.readPatients(ctx)
	work.Wait()
	if err == nil {
		err = failed
	}
	if err != nil {
		return nil, err
	}
	for id, v := range rows {
		locate(&v.row.Who, stays[id], d.own)
	}
	return rows, nil
}

func readStays(r Reader, stays map[fhir.ID][]encounterView) error {
	for ch, err := range r.All(fhir.TypeEncounter, "") {
		if err != nil {
			return err
		}
		if v, err := fhir.View[encounterView](ch.Body); err == nil && present(v.Status) {
			stays[ch.Patient] = append(stays[ch.Patient], v)
		}
	}
	return nil
}

func (d *Desk) readPatients(ctx context.Context) (map[fhir.ID]*derived, error) {
	rows, now := map[fhir.ID]*derived{}, d.now()
	return rows, d.store.View(ctx, func(r Reader) error {
		for ch, err := range r.All(fhir.TypePatient, "") {
			if err != nil {
				return err
			}
			p, err := fhir.View[fhir.Patient](ch.Body)
			if err != nil {
				continue
			}
			v := byName(identify(p, ch.Ref.ID, now))
			v.index(p)
			rows[ch.Ref.ID] = v
		}
		return nil
	})
}

// fillOrder puts those first whose row is not there at all, then this ward's
// patients and whom it keeps though they left, by bed.
func (d *Desk) fillOrder(rows map[fhir.ID]*derived, ids []fhir.ID, kept map[fhir.ID]ward.Leaving) []fhir.ID {
	of := func(id fhir.ID) bool { _, left := kept[id]; return left || d.onBoard(rows[id]) }
	slices.SortFunc(ids, func(x, y fhir.ID) int {
		a, b := rows[x], rows[y]
		if a == nil || b == nil {
			return cmp.Or(cmp.Compare(rank(a == nil), rank(b == nil)), cmp.Compare(x, y))
		}
		return cmp.Or(cmp.Compare(rank(of(x)), rank(of(y))), ward.CompareBeds(a.row.Who.Bed, b.row.Who.Bed), cmp.Compare(x, y))
	})
	return ids
}

func rank(first bool) int {
	if first {
		return 0
	}
	return 1
}

// fillRun is how many rows are read in one View.
const fillRun = 32

// fillSome gives rows their second pass while more says so; it returns those
// that it did.
func (d *Desk) fillSome(ctx context.Context, more func() bool) ([]fhir.ID, error) {
	var done []fhir.ID
	for more() {
		b := &d.board
		b.mu.Lock()
		run := slices.Clone(b.fill[:min(fillRun, len(b.fill))])
		b.mu.Unlock()
		if len(run) == 0 {
			break
		}
		if _, err := d.derive(ctx, d.store, run); err != nil {
			return done, err
		}
		b.mu.Lock()
		b.fill = b.fill[len(run):]
		b.mu.Unlock()
		done = append(done, run...)
		if err := ctx.Err(); err != nil {
			return done, err
		}
	}
	return done, nil
}

// fillAll gives every row its second pass and says so as it goes along.
func (d *Desk) fillAll(ctx context.Context) error {
	for {
		started := time.Now()
		filled, err := d.fillSome(ctx, func() bool { return time.Since(started) < fillTell })
		if err != nil || len(filled) == 0 {
			return err
		}
		d.tell(changes{alerts: true, reviews: true}, filled)
	}
}

// fillTell is how often the second pass says what it has done.
const fillTell = 250 * time.Millisecond

// fillWard gives this ward's rows their second pass, and those of whom it keeps
// though they left: an answer about everybody needs everybody.
func (d *Desk) fillWard(ctx context.Context) error {
	b := &d.board
	wanting := func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.fill) == 0 {
			return false
		}
		next := b.fill[0]
		_, left := b.loose.kept[next]
		return b.rows[next] != nil && (left || d.onBoard(b.rows[next]))
	}
	if !wanting() {
		return nil
	}
	b.work.Lock()
	defer b.work.Unlock()
	_, err := d.fillSome(ctx, wanting)
	return err
}

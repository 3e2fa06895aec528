package cache

import (
	"context"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Apply commits batches that follow one another and moves the cursor to the end
// of each in the transaction that holds it; as many together as make a commit of
// moderate size. A batch that does not begin where the cursor stands then is
// fault.Conflict. After an error the first of them may be stored.
//
// A patient to forget is erased, unless unsent work about them exists: then
// they go when its receipt has come. Forgetting comes before the batch's
// changes.
func (c *Cache) Apply(ctx context.Context, batches ...record.Batch) error {
	return c.Land(ctx, batches, nil)
}

// Land is Apply, and stores the receipts of own mutations whose changes the
// batches bring: in the commit of the last of them where there is room, and right
// after it else. So what was written here costs one commit when it comes back, and
// its row is derived once.
func (c *Cache) Land(ctx context.Context, batches []record.Batch, receipts []record.Receipt) error {
	const op = "cache.apply"
	end, err := c.alone(op)
	if err != nil {
		return err
	}
	defer end()
	for len(batches) > 0 {
		run := batches[:runOf(batches)]
		var with []record.Receipt
		if len(run) == len(batches) {
			with = receipts
		}
		n, answered, err := c.applyRun(ctx, run, with)
		if err != nil {
			return err
		}
		batches = batches[n:]
		if answered {
			receipts = nil
		}
	}
	return c.receiveAll(ctx, op, receipts)
}

// runBytes is how much of what central signed one commit takes: about a third of
// it is written, and once more a third to be given back.
const runBytes = 384 << 10

// runOf is how many of the first batches one commit takes. Whoever erases reads
// what lay there before the transaction, so a batch that erases comes first.
func runOf(batches []record.Batch) int {
	size := len(batches[0].Signed)
	for i, b := range batches[1:] {
		before := batches[i]
		follows := b.Epoch == before.Epoch && b.From == before.To
		if size += len(b.Signed); size > runBytes || !follows || len(b.Forget)+len(b.Refill) > 0 {
			return i + 1
		}
	}
	return len(batches)
}

// applyRun commits a run with the receipts for it, or the first of it where
// together they are too much, and says how many, and whether the receipts are
// stored.
func (c *Cache) applyRun(ctx context.Context, run []record.Batch, with []record.Receipt) (n int, answered bool, err error) {
	if err := c.mayApply(ctx, "cache.apply", run); err != nil {
		return 0, false, err
	}
	if err := c.mayList(run); err != nil {
		return 0, false, err
	}
	defer c.endLists()
	to := run[len(run)-1].To
	t := c.begin()
	err = t.run(run)
	var in received
	if err == nil && len(with) > 0 {
		if in, err = t.receiveWith(with); err != nil { // what is wrong with them is no fault of the batches'
			t.discard()
			return c.applyRun(ctx, run, nil)
		}
	}
	if err == nil {
		err = t.commit()
	} else {
		t.discard()
	}
	switch {
	case tooBig(err) && len(with) > 0:
		return c.applyRun(ctx, run, nil)
	case tooBig(err) && len(run) > 1:
		return c.applyRun(ctx, run[:1], nil)
	case tooBig(err):
		err = c.applyStaged(run[0])
	}
	if err != nil {
		return 0, false, err
	}
	c.landed(to)
	return len(run), len(with) > 0, c.received(in)
}

// mayList has a run list owners where it brings many; where it takes resources away,
// or fills them again, the lists are written out first.
func (c *Cache) mayList(run []record.Batch) error {
	n := 0
	for _, b := range run {
		if len(b.Forget)+len(b.Refill) > 0 {
			return c.spread()
		}
		n += len(b.Changes)
	}
	c.makeLists(n)
	return nil
}

// run does all of a run in one transaction.
func (t *tx) run(run []record.Batch) error {
	for _, b := range run {
		if err := t.batch(b); err != nil {
			return err
		}
	}
	return t.land(run[len(run)-1].To)
}

func (c *Cache) mayApply(ctx context.Context, op string, run []record.Batch) error {
	if err := inTime(ctx, op); err != nil {
		return err
	}
	if err := c.ready(op); err != nil {
		return err
	}
	if c.meta.Staged > 0 { // a failed end of an earlier batch: first things first
		if err := c.finishStaged(); err != nil {
			return err
		}
	}
	if from := run[0].From; from != c.meta.Cursor.Position {
		return fault.Newf(fault.Conflict, op, "", "the batch begins at %d, the cache stands at %d", from, c.meta.Cursor.Position)
	}
	for _, b := range run {
		if err := c.checkBatch(op, b); err != nil {
			return err
		}
	}
	return c.space.room(op, needBatch)
}

func (c *Cache) checkBatch(op string, b record.Batch) error {
	switch {
	case b.Station != "" && b.Station != c.o.Station:
		return fault.New(fault.Invalid, op, string(b.Station), "the batch is for another station")
	case b.To < b.From:
		return fault.New(fault.Invalid, op, "", "the batch ends before it begins")
	}
	for _, ch := range b.Changes {
		if err := checkChange(op, ch); err != nil {
			return err
		}
	}
	return nil
}

func checkChange(op string, ch record.Change) error {
	switch {
	case !validType(ch.Ref.Type) || !ch.Ref.ID.Valid() || ch.Patient != "" && !ch.Patient.Valid():
		return fault.New(fault.Invalid, op, "", "a change names no resource")
	case ch.Version == 0:
		return fault.New(fault.Invalid, op, ch.Ref.String(), "a change has no version")
	case len(ch.Body) > MaxChange-(16<<10):
		return fault.Newf(fault.Invalid, op, ch.Ref.String(), "a resource of %d bytes is larger than the cache takes", len(ch.Body))
	}
	return nil
}

// batch does all of a batch but what its end means for own work, see land.
func (t *tx) batch(b record.Batch) error {
	t.m.Snapshot = nil // a tail instead of the rest of a snapshot: it is not carried on
	for _, p := range b.Forget {
		if _, err := t.forget(p, maxRows); err != nil {
			return err
		}
	}
	for _, p := range b.Refill {
		if _, err := t.clear(p, maxRows); err != nil {
			return err
		}
	}
	if err := t.unowned(b); err != nil {
		return err
	}
	for i, ch := range b.Changes {
		if err := t.change(ch, cameAs(b.Encoded, b.Changes, i)); err != nil {
			return err
		}
	}
	if err := t.cameWhole(b.Changes); err != nil {
		return err
	}
	if err := t.keepBatch(b); err != nil {
		return err
	}
	t.m.Cursor = b.Cursor()
	return nil
}

const maxRows = 1 << 30

// land takes own mutations off the fold that are now in what central has sent.
func (t *tx) land(to record.Position) error {
	for seq, a := range t.c.awaiting {
		if a.at <= to {
			if err := t.del(keyPending(a.patient, seq)); err != nil {
				return err
			}
			t.m.Pending--
			t.touched[a.patient] = true
		}
	}
	return nil
}

// landed is land in memory, after the commit.
func (c *Cache) landed(to record.Position) {
	for seq, a := range c.awaiting {
		if a.at <= to {
			delete(c.awaiting, seq)
		}
	}
}

// row is a current version as stored.
type row struct {
	patient fhir.ID
	key     []byte
	raw     []byte
	plain   []byte
	version record.Version
}

// current reads the row in force; nil where there is none.
func (c *Cache) current(b *badger.Txn, o *owners, ref fhir.Ref) (*row, error) {
	owner, ok, err := c.ownerOf(b, o, ref)
	if err != nil || !ok {
		return nil, err
	}
	r := &row{patient: owner}
	r.key = keyCurrent(r.patient, ref)
	raw, plain, version, ok, err := c.get(b, r.key)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, damaged("cache.read", "c", "a resource that must be there is missing")
	}
	r.raw, r.plain, r.version = raw, plain, record.Version(version)
	return r, nil
}

// inForce is current for whoever is about to write.
func (t *tx) inForce(ref fhir.Ref) (*row, error) {
	if t.c.absent.sure(ref) {
		return nil, nil
	}
	return t.c.current(t.b, t.c.owners.Load(), ref)
}

// change writes one version, came as it came: as current if it is newer than what is in force,
// else into the history of what has one, else nowhere.
func (t *tx) change(ch record.Change, came record.Encoded) error {
	if ch.History {
		return t.history(ch)
	}
	cur, err := t.inForce(ch.Ref)
	if err != nil {
		return err
	}
	force, err := t.see(ch.Ref, cur)
	if err != nil {
		return err
	}
	switch {
	case cur == nil || force:
	case ch.Version == cur.version:
		return nil
	case ch.Version < cur.version:
		if keepVersions(ch.Ref.Type) < toldVersions {
			return nil
		}
		return t.history(ch)
	default:
		if err := t.supersede(ch.Ref, cur); err != nil {
			return err
		}
	}
	if cur != nil && force {
		if err := t.dropHistory(ch.Ref); err != nil {
			return err
		}
	}
	return t.write(ch, came, cur)
}

// write makes ch current in place of cur. came is ch as it came, where that is
// known.
func (t *tx) write(ch record.Change, came record.Encoded, cur *row) error {
	if cur != nil {
		if err := t.unlist(cur, ch.Patient); err != nil {
			return err
		}
	} else {
		t.m.Current[ch.Ref.Type]++
		if err := t.dropRow(t.m.History > 0, keyOnlyHistory(ch.Patient, ch.Ref)); err != nil {
			return err
		}
	}
	plain, err := t.rendered(ch, came)
	if err != nil {
		return err
	}
	key := keyCurrent(ch.Patient, ch.Ref)
	raw, err := t.put(key, uint64(ch.Version), plain)
	if err != nil {
		return err
	}
	if err := t.wrote(ch.Patient, key, raw, plain); err != nil {
		return err
	}
	if err := t.noteDocuments(ch); err != nil {
		return err
	}
	if err := t.place(ch, cur); err != nil {
		return err
	}
	t.touched[ch.Patient] = true
	if slices.Contains(ch.Tags, record.TagCritical) && !slices.Contains(t.urgent, ch.Patient) {
		t.urgent = append(t.urgent, ch.Patient)
	}
	return t.stay(ch.Patient)
}

// place says whose compartment ch is in, where cur did not.
func (t *tx) place(ch record.Change, cur *row) error {
	if cur != nil && cur.patient == ch.Patient {
		return nil
	}
	t.c.absent.note(ch.Ref)
	if cur == nil {
		return t.own(ch.Ref, ch.Patient)
	}
	_, err := t.put(keyOwner(ch.Ref), 0, []byte(ch.Patient)) // at once: it counts before a list
	return err
}

// cameAs is the i-th of some changes as it came; nil where that is not known.
func cameAs(came []record.Encoded, changes []record.Change, i int) record.Encoded {
	if len(came) != len(changes) {
		return nil
	}
	return came[i]
}

// rendered is how a change is kept, until the next is asked for: what came is not
// rendered again.
func (t *tx) rendered(ch record.Change, came record.Encoded) ([]byte, error) {
	if came == nil {
		return record.Encode(ch)
	}
	t.plain = came.Kept(t.plain[:0])
	return t.plain, nil
}

// unlist takes cur out of its compartment's sum, and out of the compartment
// where the resource moves to another.
func (t *tx) unlist(cur *row, to fhir.ID) error {
	if err := t.took(cur.patient, cur.key, cur.raw); err != nil {
		return err
	}
	t.touched[cur.patient] = true
	if cur.patient == to {
		return nil
	}
	return t.del(cur.key)
}

// stay: a patient about whom something new comes is in scope again.
func (t *tx) stay(p fhir.ID) error {
	if p == "" || t.stayed[p] {
		return nil
	}
	t.stayed[p] = true
	return t.dropRow(true, keyLeaving(p))
}

// dropRow deletes a row that is rarely there: to look costs less than to
// write that it is gone.
func (t *tx) dropRow(perhaps bool, key []byte) error {
	if !perhaps {
		return nil
	}
	there, err := t.has(key)
	if err != nil || !there {
		return err
	}
	return t.del(key)
}

// How many older versions stay: of results all that a chart may show as
// corrected, of the rest what a screen may still have open.
const (
	resultVersions = 32
	toldVersions   = 16 // of what a page tells the story of; central's snapshots hold as many
	otherVersions  = 4
)

func keepVersions(t fhir.Type) record.Version {
	switch t {
	case fhir.TypeObservation, fhir.TypeDiagnosticReport:
		return resultVersions
	case fhir.TypeEncounter, fhir.TypeCommunication, fhir.TypeCondition, fhir.TypePlanDefinition:
		return toldVersions
	default:
		return otherVersions
	}
}

// supersede keeps cur as an older version, and lets the one go that is now too
// old, unless kept work is based on it.
func (t *tx) supersede(ref fhir.Ref, cur *row) error {
	key := keyHistory(ref, cur.version)
	there, err := t.has(key)
	if err != nil {
		return err
	}
	if !there {
		if _, err := t.put(key, uint64(cur.version), cur.plain); err != nil {
			return err
		}
		t.m.History++
	}
	keep := keepVersions(ref.Type)
	if cur.version <= keep {
		return nil
	}
	return t.prune(ref, cur.version-keep)
}

func (t *tx) prune(ref fhir.Ref, v record.Version) error {
	key := keyHistory(ref, v)
	_, plain, _, ok, err := t.get(key)
	if err != nil || !ok {
		return err
	}
	if t.c.bases[versionOf{ref, v}] > 0 {
		if _, err := t.put(keyBase(ref, v), uint64(v), plain); err != nil {
			return err
		}
	}
	t.m.History--
	return t.del(key)
}

// history keeps a version that never became current here.
func (t *tx) history(ch record.Change) error {
	key := keyHistory(ch.Ref, ch.Version)
	there, err := t.has(key)
	if err != nil || there {
		return err
	}
	_, owned, err := t.c.ownerOf(t.b, t.c.owners.Load(), ch.Ref)
	if err != nil {
		return err
	}
	if !owned {
		if _, err := t.put(keyOnlyHistory(ch.Patient, ch.Ref), 0, nil); err != nil {
			return err
		}
	}
	t.m.History++
	t.touched[ch.Patient] = true
	return t.putValue(key, uint64(ch.Version), ch)
}

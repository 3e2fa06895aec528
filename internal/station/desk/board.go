package desk

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/internal/words"
)

// board keeps one derived row for each patient on this computer. It is filled
// in two passes: first who is where, out of Patients and Encounters alone, so
// that a list can be drawn at once; then each patient's whole record. A row
// that has not had its second pass says that its allergies are unavailable and
// carries no age, so that it cannot be taken for a quiet one.
type board struct {
	mu    sync.Mutex
	rows  map[fhir.ID]*derived
	gen   uint64
	begun bool
	day   string // the local day that ages were reckoned for
	// tongue is the language in which the rows, and what is loose, are in words.
	tongue string
	limits limitMarks    // which of the site's limits are here
	moved  chan struct{} // closed when gen moves
	loose  loose
	// heldState is what was said last of what is held back.
	heldState string
	// survivor is, of a retired record, the one that shows its entries.
	survivor map[fhir.ID]fhir.ID
	fill     []fhir.ID      // rows that still want their second pass
	alike    bool           // listed is of the rows as they stand
	listed   []*ward.Row    // those on the board, similar names marked
	inbox    map[string]int // made with listed: lines of the results inbox, by ward
	finder   finder         // for Search
	version  uint64         // of listed
	asOf     time.Time      // what was derived last is as of then, see rowsAsOf
	first    sync.Mutex     // held over the first pass
	work     sync.Mutex     // held over every later one
	// rowsLast is how many rows the last refresh derived; guarded by work.
	rowsLast int
	// toldUnsent is how many unsent entries there were when that was told last;
	// guarded by work.
	toldUnsent int
	// toldLimits are those of which was told last; guarded by work.
	toldLimits limitMarks
}

// derived is what the board knows of one patient. It is kept small: there may be
// ten thousand.
type derived struct {
	row     *ward.Row // shared with whoever reads the board: never changed
	marked  *ward.Row // row with the mark of a similar name; nil for none
	reviews int
	inbox   int       // lines of the results inbox
	grave   []int64   // of them, of critical results: when each came first, ms
	alerts  string    // which results need somebody: changes are noticed by it
	next    time.Time // when time alone changes something
	words   string    // for Search: the folded words of all names, each behind a space
	numbers string    // the folded identifiers, likewise
	family  string    // folded, for similar names
	given   string
	joined  []fhir.ID  // records of the same person whose entries are in the row
	mark    cache.Mark // of the record that it was derived from
	keep    bool       // no brief of it is kept yet
	tongue  string     // the language that it is in words in
	limits  limitMarks // by which of the site's limits it was derived
}

func (b *board) init() {
	b.rows = map[fhir.ID]*derived{}
	b.survivor = map[fhir.ID]fhir.ID{}
	b.moved = make(chan struct{})
}

// reached says whether generation gen was derived; moved is closed when the
// answer may have changed.
func (b *board) reached(gen uint64) (moved <-chan struct{}, there bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.moved, b.begun && b.gen >= gen && len(b.fill) == 0
}

// Rows is this station's ward, in no order. The first call may come before Run:
// it then reads enough to draw a list. The rows are those that the desk itself
// keeps: a screen may hold them for as long as it likes, and changes none.
func (d *Desk) Rows(ctx context.Context) (ward.Board, error) {
	p, may, err := d.listsFor("desk.board")
	if err != nil {
		return ward.Board{}, err
	}
	if err := d.begin(ctx); err != nil {
		return ward.Board{}, err
	}
	d.retell()
	out := ward.Board{AsOf: d.rowsAsOf()}
	own, err := d.ownPatients(ctx, p)
	if err != nil {
		return ward.Board{}, err
	}
	b := &d.board
	b.mu.Lock()
	defer b.mu.Unlock()
	out.Rows, out.Version = d.list(d.onBoard), b.version
	if d.cfg.Ward == "" { // of several wards; of one, lists has looked
		out.Rows = slices.DeleteFunc(slices.Clone(out.Rows), func(r *ward.Row) bool { return !may(r.Who.Ward) })
	}
	for id, left := range d.keptNow(may, func(v *derived) bool { return v.row.Critical != nil }) {
		out.Left = append(out.Left, ward.LeftRow{Row: b.rows[id].row, Leaving: left})
	}
	out.Inbox = d.inboxLines(may)
	d.markOwn(&out, p, own)
	return out, nil
}

// rowsAsOf is as of when the rows are: while some wait to be derived, as of when none
// did last.
func (d *Desk) rowsAsOf() time.Time {
	asOf := d.asOf() // before it is asked what waits: all that this speaks of is committed
	b := &d.board
	gen := b.generation()
	changed, _, _, known := d.store.Waiting(gen, gen)
	b.mu.Lock()
	defer b.mu.Unlock()
	if known && changed == 0 || b.asOf.IsZero() {
		b.asOf = asOf
	}
	return b.asOf
}

// list is the rows that are on the board. It is made anew only when a row was,
// because it is asked for many times a minute. b.mu is held.
func (d *Desk) list(on func(*derived) bool) []*ward.Row {
	b := &d.board
	if b.alike {
		return b.listed
	}
	b.markSimilar(on)
	b.listed = make([]*ward.Row, 0, len(b.rows))
	b.inbox = map[string]int{}
	for _, v := range b.rows {
		if v.inbox > 0 {
			b.inbox[v.row.Who.Ward] += v.inbox
		}
		if on(v) {
			b.listed = append(b.listed, cmp.Or(v.marked, v.row))
		}
	}
	d.markHeld(b.listed)
	b.alike = true
	b.version++
	return b.listed
}

// Board is Rows, worst first, each with its own AsOf.
func (d *Desk) Board(ctx context.Context) ([]ward.Row, error) {
	b, err := d.Rows(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]ward.Row, 0, len(b.Rows))
	for _, r := range b.Rows {
		rows = append(rows, *r)
		if r.Whole {
			rows[len(rows)-1].AsOf = b.AsOf
		}
	}
	slices.SortFunc(rows, func(a, b ward.Row) int {
		return cmp.Or(cmp.Compare(ward.UrgencyOf(&b), ward.UrgencyOf(&a)), cmp.Compare(earlyTotal(b), earlyTotal(a)), ward.CompareBeds(a.Who.Bed, b.Who.Bed), cmp.Compare(a.Who.Family, b.Who.Family), cmp.Compare(a.Who.ID, b.Who.ID))
	})
	return rows, nil
}

func (d *Desk) onBoard(v *derived) bool { return d.shows(v.row) }

// shows says whether a row is of this station's ward.
func (d *Desk) shows(r *ward.Row) bool {
	return !r.Who.Retired && (d.cfg.Ward == "" || r.Who.Ward == d.cfg.Ward)
}

func earlyTotal(r ward.Row) int {
	if !r.Early.Known {
		return -1
	}
	return r.Early.Standing()
}

func (d *Desk) today() string { return d.now().Format(time.DateOnly) }

// refresh derives what changed since the last time and says so.
func (d *Desk) refresh(ctx context.Context) error {
	if err := d.begin(ctx); err != nil {
		return err
	}
	b := &d.board
	b.work.Lock()
	defer b.work.Unlock()
	if err := d.fillAll(ctx); err != nil {
		return err
	}
	b.mu.Lock()
	since := b.gen
	b.mu.Unlock()
	asOf := d.asOf() // before what changed: all that it speaks of is among that
	ids, loose, gen := d.store.Touched(since)
	if loose {
		if err := d.readLimits(ctx); err != nil {
			return err
		}
	}
	b.mu.Lock()
	retold := b.turnTongue()
	b.mu.Unlock()
	ids = append(d.withSurvivors(d.orEverybody(ids)), d.due(retold)...)
	from := d.near
	if len(ids) > bulkAbove {
		from = d.store
	}
	changed, err := d.derive(ctx, from, ids)
	if err != nil {
		return err
	}
	if loose || retold {
		if err := d.rereadLoose(ctx, &changed); err != nil {
			return err
		}
	}
	if d.heldTurned() {
		changed.alerts = true
	}
	d.reach(gen, asOf)
	d.tell(changed, ids)
	d.tellLimits()
	b.rowsLast = len(ids)
	return nil
}

// bulkAbove is from how many patients at once a refresh counts as a filling:
// Run then leaves the processor to others for a moment.
const bulkAbove = 64

// withSurvivors adds the patients into whose rows these ones' entries go.
func (d *Desk) withSurvivors(ids []fhir.ID) []fhir.ID {
	b := &d.board
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids {
		if s := b.survivor[id]; s != "" && !slices.Contains(ids, s) {
			ids = append(ids, s)
		}
	}
	return ids
}

// orEverybody adds those whom a list of everybody leaves out because they are
// gone: the cache gives such a list when it no longer knows who changed.
func (d *Desk) orEverybody(ids []fhir.ID) []fhir.ID {
	b := &d.board
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(ids) < len(b.rows) || len(ids) == 0 {
		return ids
	}
	listed := make(map[fhir.ID]bool, len(ids))
	for _, id := range ids {
		listed[id] = true
	}
	for id := range b.rows {
		if !listed[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

func (d *Desk) reach(gen uint64, asOf time.Time) {
	b := &d.board
	b.mu.Lock()
	b.gen, b.asOf = gen, asOf
	close(b.moved)
	b.moved = make(chan struct{})
	b.mu.Unlock()
}

// due are the patients whose rows time alone has changed, or a limit that the site set:
// everybody at midnight, and everybody where all is said anew; otherwise those whose
// deadline passed, and those whose rows went by other limits.
func (d *Desk) due(all bool) []fhir.ID {
	b := &d.board
	b.mu.Lock()
	defer b.mu.Unlock()
	now, today := d.now(), d.today()
	all = all || today != b.day
	b.day = today
	var ids []fhir.ID
	for id, v := range b.rows {
		if all || !v.next.IsZero() && !now.Before(v.next) || !b.limits.hold(v) {
			ids = append(ids, id)
		}
	}
	return ids
}

// changes says what sort of thing changed.
type changes struct{ alerts, reviews bool }

// derive reads these patients and replaces their rows.
func (d *Desk) derive(ctx context.Context, from Records, ids []fhir.ID) (changes, error) {
	var all changes
	limits := d.board.limitsNow() // before what is read: a newer one comes with a change of its own
	for len(ids) > 0 {
		run := ids[:min(fillRun, len(ids))]
		ids = ids[len(run):]
		fresh := make([]*derived, len(run))
		err := from.View(ctx, func(r Reader) error {
			for i, id := range run {
				row, err := d.readRow(r, id)
				if fault.Is(err, fault.Corrupt) {
					row, err = d.damaged(id), nil // one damaged record must not hide the others
				}
				if err != nil {
					return err
				}
				if row != nil {
					row.limits = limits
				}
				fresh[i] = row
			}
			return nil
		})
		if err != nil {
			return all, err
		}
		d.board.put(run, fresh, &all)
	}
	return all, nil
}

func (d *Desk) readRow(r Reader, id fhir.ID) (*derived, error) {
	c, err := load(r, id)
	if err != nil {
		return nil, err
	}
	v, err := d.row(c)
	if err != nil || v == nil || !c.alone() {
		return v, err
	}
	v.keep = true
	v.mark, err = r.Mark(id)
	return v, err
}

// DamagedFlag is the flag of a row whose record cannot be read here.
func DamagedFlag() string { return words.T("Record damaged on this computer") }

// damaged is a row that says so. Who it is stays, as far as it was known; what
// stood on it goes, because nobody knows whether it is still right.
func (d *Desk) damaged(id fhir.ID) *derived {
	d.board.mu.Lock()
	defer d.board.mu.Unlock()
	v := &derived{row: &ward.Row{Who: ward.Identity{ID: id, Ward: d.cfg.Ward}}, tongue: words.Tag()}
	if old := d.board.rows[id]; old != nil {
		v.row.Who, v.words, v.numbers, v.family, v.given = old.row.Who, old.words, old.numbers, old.family, old.given
	}
	v.row.Allergies.State = ward.AllergyUnavailable
	v.row.Flags = []string{DamagedFlag()}
	return v
}

func (b *board) put(ids []fhir.ID, fresh []*derived, all *changes) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.alike = false
	for i, id := range ids {
		old, now := b.rows[id], fresh[i]
		if old == nil {
			old = &derived{}
		}
		b.set(id, now)
		if now == nil {
			now = &derived{}
		} else {
			if now.tongue != b.tongue {
				b.tongue = "" // a language was chosen in between: all are said anew
			}
			for _, other := range now.joined {
				b.survivor[other] = id
			}
		}
		all.alerts = all.alerts || old.alerts != now.alerts
		all.reviews = all.reviews || old.reviews != now.reviews
	}
}

// set puts somebody's row in the place of the one before; nil takes it away. b.mu
// is held.
func (b *board) set(id fhir.ID, now *derived) {
	old := b.rows[id]
	if old == nil || now == nil || !old.foundLike(now) {
		b.finder.stale()
	}
	if now == nil {
		delete(b.rows, id)
		return
	}
	b.rows[id] = now
}

func (d *Desk) rereadLoose(ctx context.Context, all *changes) error {
	var read loose
	err := d.store.View(ctx, func(r Reader) (err error) {
		read, err = d.readLoose(r)
		return err
	})
	if err != nil {
		return err
	}
	d.board.mu.Lock()
	d.board.loose, d.board.alike = read, false
	d.board.mu.Unlock()
	all.alerts, all.reviews = true, true
	return nil
}

// tell sends the notices of one refresh.
func (d *Desk) tell(what changes, ids []fhir.ID) {
	if len(ids) > 0 {
		if len(ids) > namedPatients {
			ids = nil
		}
		d.post.send(ward.Notice{Kind: ward.NoticePatients, Patients: ids})
	}
	if what.alerts {
		d.post.send(ward.Notice{Kind: ward.NoticeAlert})
	}
	if what.reviews {
		d.post.send(ward.Notice{Kind: ward.NoticeReviews})
	}
	if d.unsentMoved() {
		d.post.send(ward.Notice{Kind: ward.NoticeLink})
	}
}

// unsentMoved says whether the number of unsent entries is another one than was
// told last. b.work is held.
func (d *Desk) unsentMoved() bool {
	n, b := d.store.Count().Unsent, &d.board
	if n == b.toldUnsent {
		return false
	}
	b.toldUnsent = n
	return true
}

// withReviews are the patients of whom something waits for a person.
func (b *board) withReviews(ctx context.Context, d *Desk, may func(string) bool) ([]fhir.ID, error) {
	return b.where(ctx, d, func(v *derived) bool { return v.reviews > 0 && may(v.row.Who.Ward) })
}

// withAlerts are the patients of this ward with a result that needs somebody.
func (b *board) withAlerts(ctx context.Context, d *Desk, may func(string) bool) ([]fhir.ID, error) {
	return b.where(ctx, d, func(v *derived) bool { return v.alerts != "" && may(v.row.Who.Ward) })
}

func (b *board) where(ctx context.Context, d *Desk, want func(*derived) bool) ([]fhir.ID, error) {
	if err := d.begin(ctx); err != nil {
		return nil, err
	}
	if err := d.fillWard(ctx); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var ids []fhir.ID
	for id, v := range b.rows {
		if d.onBoard(v) && want(v) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

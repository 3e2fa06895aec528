package submit

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Delivery follows the journal and knows, at any moment, which critical results
// no screen of the patient's ward has shown and nobody has taken. It reads what
// is new and no more, so it may be asked every second however many critical
// results there ever were. It is safe for concurrent use.
type Delivery struct {
	s    *Submitter
	tags []string // of what is looked at
	// orders says that orders are looked at, too.
	orders bool

	reading sync.Mutex // one reader at a time
	most    int        // how many entries it reads before it judges what they touch
	at      record.Position
	begun   bool
	fresh   map[fhir.Ref]bool // those of which this reading brings a version
	// hushed are the critical results that are quiet repeats or may become some, by
	// patient: anything new about the patient may make them loud, or quiet.
	hushed map[fhir.ID]map[fhir.Ref]bool

	mu   sync.Mutex
	open map[fhir.Ref]Undelivered
	came map[record.Ward]uint64 // how many have become open, by ward, since it was made
}

// entriesAtOnce bounds what is held of the journal while it is read: who asks every ten
// minutes only would hold a reference to each of a million results that came in meanwhile,
// and a snapshot for minutes, through which no merge may drop anything.
const entriesAtOnce = 4096

// NewDelivery makes one; Follow fills it.
func NewDelivery(s *Submitter) *Delivery {
	return &Delivery{s: s, most: entriesAtOnce, tags: []string{record.TagCritical, record.TagHeldBack}, open: map[fhir.Ref]Undelivered{}, came: map[record.Ward]uint64{}, hushed: map[fhir.ID]map[fhir.Ref]bool{}}
}

// Follow brings it up to the journal's head.
func (d *Delivery) Follow(ctx context.Context) error { return d.follow(ctx, d.judge) }

// follow has everything judged of which something may have changed.
func (d *Delivery) follow(ctx context.Context, judge func(journal.Reader, fhir.Ref) error) error {
	d.reading.Lock()
	defer d.reading.Unlock()
	for level := false; !level; {
		err := d.s.journal.View(ctx, func(r journal.Reader) error {
			r = d.s.recent.Beside(r)
			doubtful, at, err := d.doubtful(r)
			if err != nil {
				return err
			}
			for ref := range doubtful {
				if err := judge(r, ref); err != nil {
					return err
				}
			}
			d.at, d.begun, level = at, true, at == r.Head().Position
			return nil
		})
		if err != nil {
			return fault.Wrap("submit.delivery", "", err)
		}
	}
	return nil
}

// judge looks at one result again.
func (d *Delivery) judge(r journal.Reader, ref fhir.Ref) error {
	c, ok, err := r.Current(ref)
	if err != nil {
		return err
	}
	open := ok && watched(c)
	var u Undelivered
	if open { // with its wards, also where one of their screens has shown it already
		if u, open, err = d.s.undelivered(r, ref); err != nil {
			return err
		}
	}
	d.hush(c.Patient, ref, u.hushes)
	d.mu.Lock()
	defer d.mu.Unlock()
	before, was := d.open[ref]
	if delete(d.open, ref); open {
		d.open[ref] = u
	}
	for _, w := range u.Wards {
		if d.fresh[ref] || open && (!was || !slices.Contains(before.Wards, w)) {
			d.came[w]++
		}
	}
	return nil
}

// hush remembers a result that is or may become a quiet repeat, or forgets it.
func (d *Delivery) hush(patient fhir.ID, ref fhir.Ref, hushes bool) {
	switch {
	case hushes && d.hushed[patient] == nil:
		d.hushed[patient] = map[fhir.Ref]bool{ref: true}
	case hushes:
		d.hushed[patient][ref] = true
	case d.hushed[patient] != nil:
		if delete(d.hushed[patient], ref); len(d.hushed[patient]) == 0 {
			delete(d.hushed, patient)
		}
	}
}

func watched(c record.Change) bool {
	return slices.Contains(c.Tags, record.TagCritical) || slices.Contains(c.Tags, record.TagHeldBack)
}

// doubtful are the results of which something may have changed: at first all,
// then those that the next entries touch. at is up to where it read.
func (d *Delivery) doubtful(r journal.Reader) (found map[fhir.Ref]bool, at record.Position, err error) {
	found, at = map[fhir.Ref]bool{}, r.Head().Position
	d.fresh = map[fhir.Ref]bool{}
	if !d.begun {
		for _, tag := range d.tags {
			for ref, err := range r.Find(journal.ByTag, tag) {
				if err != nil {
					return nil, 0, err
				}
				found[ref] = true
			}
		}
		return found, at, d.allOrders(r, found)
	}
	moved, read := map[fhir.ID]bool{}, 0
	for e, err := range r.Entries(d.at) {
		if err != nil {
			return nil, 0, err
		}
		if read == d.most {
			break
		}
		read, at = read+1, e.Position
		for _, c := range e.Changes {
			if watched(c) {
				d.fresh[c.Ref] = true
			}
			if err := d.touch(r, c, found, moved); err != nil {
				return nil, 0, err
			}
		}
	}
	return found, at, d.ofPatients(r, moved, found)
}

// touch notes what one change may have changed.
func (d *Delivery) touch(r journal.Reader, c record.Change, found map[fhir.Ref]bool, moved map[fhir.ID]bool) error {
	for ref := range d.hushed[c.Patient] {
		found[ref] = true
	}
	switch c.Ref.Type {
	case fhir.TypeEncounter, fhir.TypePatient:
		moved[journal.PatientOf(c)] = true
	case fhir.TypeObservation, fhir.TypeTask:
		found[c.Ref] = true
		if slices.Contains(c.Tags, record.TagGiven) {
			moved[c.Patient] = true // it replaces an earlier one
		}
		// What was phoned and what was sent tell of one another.
		phones, err := phonedAbout(r, c.Patient)
		if err != nil {
			return err
		}
		if phones != nil {
			moved[c.Patient] = true
		}
	case fhir.TypeServiceRequest, fhir.TypeMedicationRequest:
		if d.orders {
			found[c.Ref] = true
		}
	default: // no other type tells of a delivery
	}
	for c.Ref.Type == fhir.TypeTask { // a withdrawal is about a taking, which is about a result
		t, err := fhir.View[fhir.Task](c.Body)
		if err != nil || t.Focus == nil {
			return nil
		}
		ref, ok := t.Focus.Ref()
		if !ok || found[ref] {
			return nil
		}
		found[ref] = true
		if c, ok, err = r.Current(ref); err != nil || !ok {
			return err
		}
	}
	return nil
}

// allOrders adds every order, where orders are looked at.
func (d *Delivery) allOrders(r journal.Reader, found map[fhir.Ref]bool) error {
	for _, of := range []fhir.Type{fhir.TypeServiceRequest, fhir.TypeMedicationRequest} {
		if !d.orders {
			break
		}
		for c, err := range r.All(of, "") {
			if err != nil {
				return err
			}
			found[c.Ref] = true
		}
	}
	return nil
}

// ofPatients adds the critical results of those who moved: another ward has to
// see them now.
func (d *Delivery) ofPatients(r journal.Reader, moved map[fhir.ID]bool, found map[fhir.Ref]bool) error {
	for p := range moved {
		all, err := linked(r, p)
		if err != nil {
			return err
		}
		for _, id := range all {
			for c, err := range r.Compartment(id) {
				if err != nil {
					return err
				}
				if watched(c) || slices.ContainsFunc(c.Tags, func(t string) bool { return slices.Contains(d.tags, t) }) {
					found[c.Ref] = true
				}
			}
		}
	}
	return nil
}

// Came counts the critical results that have come for these wards since it was made: each
// version of one, and one that a patient brings along whom they were moved with. It only
// grows, so that whoever asks now and then misses none that another screen has shown
// meanwhile.
func (d *Delivery) Came(wards []record.Ward) (n uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, w := range wards {
		n += d.came[w]
	}
	return n
}

// Unreached says for each ward how many critical results are on none of its
// screens although they have been here for at least grace, and since when the
// oldest has been. It names no patient: it goes to every station.
func (d *Delivery) Unreached(now time.Time, grace time.Duration) []record.Unreached {
	d.mu.Lock()
	defer d.mu.Unlock()
	by := map[record.Ward]record.Unreached{}
	for _, u := range d.open {
		if now.Sub(u.Since) < grace {
			continue
		}
		for _, w := range u.Wards {
			one := by[w]
			if one.Count == 0 || u.Since.UnixMilli() < one.Since {
				one.Since = u.Since.UnixMilli()
			}
			one.Ward, one.Count = w, one.Count+1
			by[w] = one
		}
	}
	var list []record.Unreached
	for _, one := range by {
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b record.Unreached) int { return strings.Compare(string(a.Ward), string(b.Ward)) })
	return list[:min(len(list), record.MaxUnreached)]
}

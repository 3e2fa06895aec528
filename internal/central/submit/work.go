package submit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// work is one journal transaction under way. The journal may run a
// transaction's function again, so everything that it gathers lives here and
// is made anew for each run.
type work struct {
	journal.Tx
	s        *Submitter
	now      time.Time
	patients map[fhir.ID]*fhir.Patient // read once for each transaction
	written  []fhir.Ref                // current versions put, in order
	// run are the mutations of this transaction: no entry holds them yet.
	run    map[record.MutationID]record.Mutation
	here   map[stay]bool // who is on which ward, as far as it was asked and nobody has moved since
	proven proven
	// accounts are the names of all accounts, once they were asked for.
	accounts map[record.UserID]string
	touched  []fhir.ID                   // see keepWhoLeft
	limits   map[alert.RuleID]siteLimits // what the site set, as far as it was asked for
	unset    error                       // why it could not be read: nothing is judged by half of it
}

// update runs fn as one transaction.
func (s *Submitter) update(ctx context.Context, op, subject string, fn func(*work) error) (record.Entry, error) {
	e, err := s.journal.Update(ctx, func(tx journal.Tx) error {
		w := &work{Tx: tx, s: s, now: s.now(), patients: map[fhir.ID]*fhir.Patient{}, run: map[record.MutationID]record.Mutation{}}
		if err := fn(w); err != nil {
			return err
		}
		if w.unset != nil {
			return w.unset
		}
		return w.keepWhoLeft()
	})
	return e, fault.Wrap(op, subject, err)
}

func (w *work) ms() int64 { return w.now.UnixMilli() }

// newest is the highest version of a resource, history included: history
// versions may stand above the current one.
func (w *work) newest(ref fhir.Ref) (record.Version, error) {
	cur, _, err := w.Current(ref)
	if err != nil {
		return 0, err
	}
	for v := cur.Version; ; v++ {
		_, ok, err := w.Version(ref, v+1)
		if err != nil || !ok {
			return v, err
		}
	}
}

// put appends one version that comes now, and returns its number.
func (w *work) put(c record.Change) (record.Version, error) { return w.putOf(c, w.ms()) }

// putOf appends one version of what central received then: every clock that runs
// for somebody counts from there, however long a message was held back since.
func (w *work) putOf(c record.Change, received int64) (record.Version, error) {
	newest, err := w.newest(c.Ref)
	if err != nil {
		return 0, err
	}
	c.Version = newest + 1
	if c.Origin == nil { // what is given back was received when it was received
		c.Times.Central = received
	}
	c.Position = 0
	if c.Tags = nil; !c.History {
		if c.Tags, err = w.tags(c, c.Times.Central); err != nil {
			return 0, err
		}
	}
	if err := w.Put(c); err != nil {
		return 0, err
	}
	if err := w.notePhoned(c); err != nil {
		return 0, err
	}
	if record.IsLimits(c.Ref) {
		w.limits = nil
	}
	if !c.History {
		w.written = append(w.written, c.Ref)
		w.touch(c)
		if c.Ref.Type == fhir.TypePatient || c.Ref.Type == fhir.TypeEncounter {
			w.here = nil // a movement, or records that were joined
		}
		if c.Ref.Type == fhir.TypePatient {
			delete(w.patients, c.Ref.ID)
		}
	}
	return c.Version, nil
}

// tags are central's own index marks of a version that becomes current.
func (w *work) tags(c record.Change, received int64) ([]string, error) {
	switch c.Ref.Type {
	case fhir.TypeObservation:
		return w.resultTags(c, received)
	case fhir.TypeTask:
		return append(taskTags(c.Body), routineTags(c.Body)...), nil
	case fhir.TypeList:
		if record.IsKept(c.Ref) && len(c.Wards) > 0 {
			return []string{record.TagKept}, nil
		}
		if record.IsLent(c.Ref) && bytes.Contains(c.Body, []byte(fhir.ExtLent)) {
			return []string{record.TagLent}, nil
		}
		return nil, nil
	default:
		return nil, nil
	}
}

// resultTags mark a result that is critical, or was before it was corrected, and by
// which of the site's limits it was judged.
func (w *work) resultTags(c record.Change, received int64) ([]string, error) {
	j, err := w.judged(c, received)
	if err != nil {
		return nil, err
	}
	tags := j.tags()
	if j.said.Critical {
		return append([]string{record.TagCritical}, tags...), nil
	}
	if c.Version == 1 {
		return tags, nil // most results: nothing more is read
	}
	had, ok, err := w.Current(c.Ref)
	if err != nil || !ok {
		return tags, err
	}
	if slices.Contains(had.Tags, record.TagCritical) || slices.Contains(had.Tags, record.TagWasCritical) {
		return append([]string{record.TagWasCritical}, tags...), nil
	}
	return tags, nil
}

// taskTags marks Tasks that wait for somebody; one that is done or called off
// loses its mark. A handover that was given keeps it: what ends it is a Task of its
// own.
func taskTags(body fhir.Resource) []string {
	t, err := fhir.View[fhir.Task](body)
	if err != nil || t.Code == nil {
		return nil
	}
	if t.Code.Has(fhir.SystemTaskCode, fhir.TaskGive) && t.Status == "completed" {
		return []string{record.TagGiven}
	}
	if ended(t.Status) {
		return nil
	}
	switch t.Code.Code(fhir.SystemTaskCode) {
	case fhir.TaskReview:
		return []string{record.TagReview}
	case fhir.TaskHeldBack:
		return []string{record.TagHeldBack}
	case fhir.TaskCallout:
		return []string{record.TagCallout}
	}
	return nil
}

// ended says whether a Task of this status waits for nobody any more (R4 value
// set task-status).
func ended(status string) bool {
	switch status {
	case "completed", "cancelled", "rejected", "failed", "entered-in-error":
		return true
	}
	return false
}

// patient reads a Patient; nil where there is none.
func (w *work) patient(id fhir.ID) (*fhir.Patient, error) {
	if p, known := w.patients[id]; known {
		return p, nil
	}
	c, ok, err := w.Current(fhir.Ref{Type: fhir.TypePatient, ID: id})
	if err != nil {
		return nil, err
	}
	var p *fhir.Patient
	if ok {
		if v, err := fhir.View[fhir.Patient](c.Body); err == nil {
			p = &v
		}
	}
	w.patients[id] = p
	return p, nil
}

// shortHash names something by its content: lower-case base32, 20 characters,
// which are 100 bits.
func shortHash(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x1f")))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(h[:]))[:20]
}

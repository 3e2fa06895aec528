package submit

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/phoned"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// OpenDuty is a critical result that nobody has, in a record or held back, one that
// turned out harmless after somebody had it, or a handover that nobody has accepted:
// somebody is to be told of it. It holds nothing of the patient but where they are,
// or which ward they left.
type OpenDuty struct {
	Result  fhir.Ref
	Patient fhir.ID
	Wards   []record.Ward
	Since   time.Time // from when what it says has been available
	Remote  bool      // the patient is at a clinic, and on no ward
	Duty    alert.Duty
	Of      string // "" for a critical result, else OfCorrected or OfHandover

	group  string    // of several with one, the oldest stands for all: they are one message
	until  time.Time // after that nobody is told any more; zero: no such time
	hushes bool      // it is, or may become, a quiet repeat
}

// Duties follows the journal and knows which critical results nobody has taken. It
// is Delivery's sister: that one asks what a screen has shown, this one who acts.
type Duties struct {
	f    *Delivery // reads what is new
	mu   sync.Mutex
	open map[fhir.Ref]OpenDuty
}

// NewDuties makes one; Follow fills it.
func NewDuties(s *Submitter) *Duties {
	f := NewDelivery(s)
	f.tags = append(f.tags, record.TagGiven, record.TagWasCritical)
	return &Duties{f: f, open: map[fhir.Ref]OpenDuty{}}
}

// Follow brings it up to the journal's head.
func (d *Duties) Follow(ctx context.Context) error { return d.f.follow(ctx, d.judge) }

// Open are the duties that nothing stops at now, the oldest first. A hold that
// has run out is such a one, without anything new in the journal.
func (d *Duties) Open(now time.Time) []OpenDuty {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []OpenDuty
	for _, o := range d.open {
		if !o.Duty.Stops(now) && (o.until.IsZero() || now.Before(o.until)) {
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b OpenDuty) int {
		return cmp.Or(a.Since.Compare(b.Since), strings.Compare(a.Result.String(), b.Result.String()))
	})
	met := map[string]bool{}
	return slices.DeleteFunc(list, func(o OpenDuty) bool {
		again := o.group != "" && met[o.group]
		met[o.group] = true
		return again
	})
}

func (d *Duties) judge(r journal.Reader, ref fhir.Ref) error {
	read := d.f.s.openDuty
	switch ref.Type {
	case fhir.TypeObservation:
	case fhir.TypeTask:
		read = d.f.s.openTask
	default:
		return nil
	}
	o, waits, err := read(r, ref)
	if err != nil {
		return err
	}
	d.f.hush(o.Patient, ref, o.hushes)
	d.mu.Lock()
	defer d.mu.Unlock()
	if delete(d.open, ref); waits {
		d.open[ref] = o
	}
	return nil
}

// OfCorrected is what an OpenDuty or a Callout is about where a critical result was
// corrected to a harmless one after somebody had taken it, acted on it or handed it
// on: treatment may be under way (clinical rule: alert.Rules.DutyOf, Reopened).
const OfCorrected = "corrected"

// openDuty reads where a result stands with people; waits is false for what is no
// critical result of anybody who is here or left with it, nor one corrected after
// somebody had it, and for what was acted on for good. Of whoever left, the ward is
// the one that they left: somebody else lies in their bed.
func (s *Submitter) openDuty(r journal.Reader, ref fhir.Ref) (o OpenDuty, waits bool, err error) {
	c, ok, err := r.Current(ref)
	critical := slices.Contains(c.Tags, record.TagCritical)
	if err != nil || !ok || c.Patient == "" || !critical && !slices.Contains(c.Tags, record.TagWasCritical) {
		return o, false, err
	}
	o = OpenDuty{Result: ref, Patient: c.Patient}
	if !critical {
		o.Of = OfCorrected
	}
	if o.Wards, err = wardsNow(r, c.Patient); err != nil {
		return o, false, err
	}
	var l leaving
	if len(o.Wards) == 0 {
		if l, err = left(r, c.Patient); err != nil || l.over(s.now()) {
			return o, false, err
		}
		o.Wards, o.until = wardList(l.ward), l.until()
	}
	if o.Remote, err = remote(r, c.Patient, l.ward != ""); err != nil {
		return o, false, err
	}
	st, err := s.standing(r, c)
	if err != nil || l.ward != "" && st.cameAfter(l) {
		return o, false, err // what comes after somebody left is a warning: see openWarning
	}
	if !critical && !st.had {
		return o, false, nil // nobody had what it said before
	}
	o.Duty, o.Since, o.hushes = st.duty, sinceOf(st.editions), st.hushes
	return o, o.Duty.State != alert.NoDuty && o.Duty.State != alert.Acted, nil
}

// lineOf is line, of a book that may not be there.
func (b *callBook) lineOf(id fhir.ID) *phoned.Line {
	if b == nil {
		return nil
	}
	return b.line(id)
}

// remote says whether a patient is at a clinic and stays on no ward; of one who left
// for everywhere, whether they never did.
func remote(r journal.Reader, patient fhir.ID, gone bool) (bool, error) {
	away := false
	for c, err := range r.Compartment(patient) {
		if err != nil {
			return false, err
		}
		if c.Ref.Type != fhir.TypeEncounter || !gone && !presentStay(c.Body) {
			continue
		}
		e, err := fhir.View[fhir.Encounter](c.Body)
		if err != nil || e.Class == nil || e.Class.Code != "AMB" && e.Class.Code != "VR" {
			return false, nil
		}
		away = true
	}
	return away, nil
}

// editions are the versions of a result as the rules see them, oldest first.
func (s *Submitter) editions(r journal.Reader, c record.Change) ([]alert.Edition, error) {
	var list []alert.Edition
	for v, err := range r.History(c.Ref) {
		if err != nil {
			return nil, err
		}
		o, bad := fhir.View[fhir.Observation](v.Body)
		if bad != nil || v.History {
			continue
		}
		by, err := s.judgedBy(r, o, v.Tags)
		if err != nil {
			return nil, err
		}
		list = append(list, alert.Edition{
			Rules:   by,
			Version: uint64(v.Version), Result: o, Available: time.UnixMilli(v.Times.Central),
			Critical: slices.Contains(v.Tags, record.TagCritical),
		})
	}
	return list, nil
}

// sinceOf is from when the present meaning has stood.
func sinceOf(editions []alert.Edition) time.Time {
	i := len(editions) - 1
	for i > 0 && len(alert.Changes(editions[i-1].Result, editions[i].Result)) == 0 {
		i--
	}
	if i < 0 {
		return time.Time{}
	}
	return editions[i].Available
}

// acksOf are what people did about a result, and about the call that told it.
func acksOf(r journal.Reader, c record.Change, book *callBook) ([]alert.Ack, error) {
	acks, err := acksAbout(r, c.Ref, func(t fhir.Task) (uint64, bool) { return versionIn(t), true })
	if err != nil {
		return nil, err
	}
	for _, o := range book.others(c) {
		more, err := acksAbout(r, o.ref, func(t fhir.Task) (uint64, bool) { return uint64(c.Version), o.counts(t) })
		if err != nil {
			return nil, err
		}
		acks = append(acks, more...)
	}
	return acks, nil
}

func acksAbout(r journal.Reader, ref fhir.Ref, version func(fhir.Task) (uint64, bool)) ([]alert.Ack, error) {
	var out []alert.Ack
	for about, err := range tasksAbout(r, ref) {
		if err != nil {
			return nil, err
		}
		if !about.is(fhir.TaskAcknowledge) || about.inError() {
			continue
		}
		c, t := about.change, about.task
		v, counts := version(t)
		if !counts {
			continue
		}
		back, err := withdrawn(r, c.Ref)
		if err != nil {
			return nil, err
		}
		a := alert.Ack{ID: c.Ref.ID, Version: v, By: c.Author.Shown(), User: string(c.Author.User), At: madeAt(c.Times), Withdrawn: back}
		if p, ok := fhir.ParamOf(t.Input, fhir.ParamKind); ok && p.ValueString != nil {
			a.Kind = *p.ValueString
		}
		if a.Kind == alert.AckActing {
			a.Action, _ = alert.ActionKind(t.Description)
		}
		out = append(out, a)
	}
	return out, nil
}

func versionIn(t fhir.Task) uint64 {
	if p, ok := fhir.ParamOf(t.Input, fhir.ParamVersion); ok && p.ValueInteger != nil && *p.ValueInteger > 0 {
		return uint64(*p.ValueInteger)
	}
	return 0
}

// madeAt is when something was done, by central's clock as far as it is known.
func madeAt(t record.Times) time.Time {
	if t.Station != 0 && t.Measured {
		return time.UnixMilli(t.Station).Add(t.Offset)
	}
	return time.UnixMilli(t.Central)
}

// OpenDuties is Duties' answer of one moment, for whoever asks once.
func (s *Submitter) OpenDuties(ctx context.Context) ([]OpenDuty, error) {
	d := NewDuties(s)
	if err := d.Follow(ctx); err != nil {
		return nil, fault.Wrap("submit.duties", "", err)
	}
	return d.Open(s.now()), nil
}

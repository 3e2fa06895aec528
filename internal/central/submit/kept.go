package submit

import (
	"bytes"
	"context"
	"slices"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/routine"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// What is still to be done for somebody who left. Their ward's computers would
// forget them with their tasks, with a routine that somebody is in the middle of, and
// with results that wait for somebody (see kept_result.go); so the ward keeps them
// until each task is done, handed on or called off, each routine is finished or ended
// by somebody with a reason, and nobody waits for anybody to read or act on a result,
// until they are on a ward again, or for keptFor. Nothing ends a routine by itself: a
// discharge checklist is often finished after the message of the discharge came, and
// which steps of another one no longer matter only a person can say. That a ward keeps somebody is written down as a List
// (record.KeptOf), because who may hold whom is decided by the journal's positions:
// it begins and ends with an entry, never with the time of day.

// keptFor is how long after they left a ward keeps somebody at most. It is shorter
// than Options.Moved, so that whatever is finished late is still taken.
const keptFor = 7 * 24 * time.Hour

// DetailKept is by which ward somebody who left is kept, or that nobody keeps them
// any more.
const DetailKept = "kept"

// keepers are the Tasks that may begin or end a keeping.
var keepers = []string{fhir.TaskToDo, fhir.TaskRoutine, fhir.TaskAcknowledge, fhir.TaskWithdraw}

// touch remembers whose keeping a change may alter.
func (w *work) touch(c record.Change) {
	switch c.Ref.Type {
	case fhir.TypePatient, fhir.TypeEncounter, fhir.TypeObservation:
	case fhir.TypeTask:
		if !slices.ContainsFunc(keepers, func(code string) bool { return bytes.Contains(c.Body, []byte(`"`+code+`"`)) }) {
			return
		}
	default:
		return
	}
	if p := patientOf(c); p != "" && !slices.Contains(w.touched, p) {
		w.touched = append(w.touched, p)
	}
}

// keepWhoLeft brings the Lists of everybody who was touched up to date.
func (w *work) keepWhoLeft() error {
	var people []fhir.ID
	for _, p := range w.touched {
		all, err := linked(w, p)
		if err != nil {
			return err
		}
		for _, one := range all {
			if !slices.Contains(people, one) {
				people = append(people, one)
			}
		}
	}
	w.touched = nil
	for _, p := range people {
		if err := w.keepOrLetGo(p); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) keepOrLetGo(p fhir.ID) error {
	want, err := w.keptBy(p)
	if err != nil {
		return err
	}
	cur, there, err := w.Current(record.KeptOf(p))
	if err != nil || !there && want.ward == "" {
		return err
	}
	body, err := fhir.Make(want.list(p))
	if err != nil || there && cur.Body.Hash() == body.Hash() {
		return err
	}
	c := record.Change{Ref: record.KeptOf(p), Wards: wardList(want.ward), Body: body, Author: central, Clock: record.HLC{Wall: w.ms()}}
	v, err := w.put(c)
	if err != nil {
		return err
	}
	return w.audit(audit.Event{
		Action: audit.Update, Who: whoIs(central), Patient: p, What: []audit.What{{Ref: c.Ref, Version: v}},
		Details: []audit.Detail{{Name: DetailKept, Value: string(want.ward)}},
	})
}

// leaving is where somebody was last, and when central learnt that they had left;
// no ward: they are on one, or never were.
type leaving struct {
	ward record.Ward
	bed  string // their last there, as the ward calls it
	at   int64
	end  time.Time // of a keeping: until when, if nothing more comes
}

// until is when a ward stops keeping somebody, whatever is open.
func (l leaving) until() time.Time { return time.UnixMilli(l.at).Add(keptFor) }

// over says whether no ward keeps them at now, whatever is open.
func (l leaving) over(now time.Time) bool { return l.ward == "" || !now.Before(l.until()) }

// list is the resource that says so.
func (l leaving) list(p fhir.ID) fhir.List {
	out := fhir.List{ResourceType: fhir.TypeList, ID: record.KeptOf(p).ID, Status: "retired", Mode: "working", Title: "Left with something still to be done"}
	if l.ward == "" {
		return out
	}
	out.Status, out.Date = "current", stamp(time.UnixMilli(l.at))
	out.Extension = []fhir.Extension{
		{URL: fhir.ExtKept, ValueString: fhir.Str(string(l.ward))},
		{URL: fhir.ExtUntil, ValueDateTime: fhir.Str(stamp(l.end))},
	}
	if l.bed != "" {
		out.Extension = append(out.Extension, fhir.Extension{URL: fhir.ExtBed, ValueString: fhir.Str(l.bed)})
	}
	out.Entry = []fhir.ListEntry{{Item: fhir.To(fhir.Ref{Type: fhir.TypePatient, ID: p})}}
	return out
}

// keptBy is the ward that keeps a record now, if one does.
func (w *work) keptBy(p fhir.ID) (leaving, error) {
	l, err := left(w, p)
	if err != nil || l.over(w.now) {
		return leaving{}, err
	}
	open, err := hasToDo(w, p)
	if err != nil {
		return leaving{}, err
	}
	if l.end = l.until(); !open {
		if l.end, err = w.s.resultUntil(w, p, l, w.now); err != nil || l.end.IsZero() {
			return leaving{}, err
		}
	}
	return l, nil
}

// left is where a person was last, under whichever of their records, unless they
// are on a ward now.
func left(r journal.Reader, p fhir.ID) (leaving, error) {
	var last leaving
	stays, err := encounters(r, p)
	if err != nil {
		return last, err
	}
	for _, stay := range stays {
		if wardOf(stay.Body) != "" {
			return leaving{}, nil
		}
	}
	for _, stay := range stays {
		was, lay := record.Ward(""), fhir.Resource(nil)
		for c, err := range r.History(stay.Ref) {
			if err != nil {
				return last, err
			}
			if c.History {
				continue
			}
			now := wardOf(c.Body)
			if now == "" && was != "" && c.Times.Central >= last.at {
				last = leaving{ward: was, bed: bedOf(lay), at: c.Times.Central}
			}
			was, lay = now, c.Body
		}
	}
	return last, nil
}

// bedOf is what an Encounter's bed is called on its ward.
func bedOf(body fhir.Resource) string {
	e, err := fhir.View[fhir.Encounter](body)
	if err != nil {
		return ""
	}
	return ward.BedLabel(fhir.RoomOf(e.Location), fhir.ExtString(e.Extension, fhir.ExtBed))
}

// hasToDo says whether something is still to be done for a record: a task, or a routine
// that is open. Runs that were begun apart are one, as they are wherever they are shown.
func hasToDo(r journal.Reader, p fhir.ID) (bool, error) {
	var runs []routine.Run
	for c, err := range ofType(r, p, fhir.TypeTask) {
		if err != nil {
			return false, err
		}
		t, bad := fhir.View[fhir.Task](c.Body)
		if bad == nil && t.Code != nil && t.Code.Has(fhir.SystemTaskCode, fhir.TaskToDo) && !ended(t.Status) {
			return true, nil
		}
		if run, ok := routine.RunOf(t); bad == nil && ok {
			runs = append(runs, run)
		}
	}
	joined, _ := routine.Join(runs)
	return slices.ContainsFunc(joined, routine.Run.IsOpen), nil
}

// LetGo ends the keeping of everybody whose time is over.
func (s *Submitter) LetGo(ctx context.Context) error {
	var over []fhir.ID
	err := s.journal.View(ctx, func(r journal.Reader) (err error) {
		over, err = keptTooLong(r, s.now())
		return err
	})
	if err != nil || len(over) == 0 {
		return fault.Wrap("submit.letgo", "", err)
	}
	_, err = s.update(ctx, "submit.letgo", "", func(w *work) error {
		w.touched = over
		return nil
	})
	return err
}

func keptTooLong(r journal.Reader, now time.Time) (over []fhir.ID, err error) {
	err = listsOver(r, record.TagKept, now, func(l fhir.List) { over = append(over, l.Patients()...) })
	return over, err
}

// listsOver are the Lists of central's own with a tag whose time (ExtUntil) is over.
func listsOver(r journal.Reader, tag string, now time.Time, do func(fhir.List)) error {
	for c, err := range found(r, journal.ByTag, tag) {
		if err != nil {
			return err
		}
		l, bad := fhir.View[fhir.List](c.Body)
		until, ok := fhir.ExtensionOf(l.Extension, fhir.ExtUntil)
		if bad != nil || !ok || until.ValueDateTime == nil {
			continue
		}
		if end, bad := time.Parse(time.RFC3339, *until.ValueDateTime); bad == nil && !now.Before(end) {
			do(l)
		}
	}
	return nil
}

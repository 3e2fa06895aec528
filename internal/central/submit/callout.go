package submit

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strconv"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// What becomes of a callout (R4 value set task-status).
const (
	CalloutOwed      = "requested" // to be sent, or sent without success so far
	CalloutSent      = "completed" // the gateway took it
	CalloutFailed    = "failed"    // nothing more is tried by this channel
	CalloutCancelled = "cancelled" // somebody took the result first
)

// Callout is a message that somebody is owed about an OpenDuty: a Task about that
// result, warning or handover, written before anything is sent. So a central that stops between
// the two sends it once more under the same key, and never forgets it.
type Callout struct {
	ID      fhir.ID // also the key under which a gateway may know it again
	Result  fhir.Ref
	Patient fhir.ID
	Ward    record.Ward
	Since   time.Time // since when the result has waited: another meaning is another duty
	Step    int
	Round   int
	Role    string
	Person  string
	Channel string
	Short   string // the reference in the message
	Tries   int
	Last    time.Time // of the last try; zero: none yet
	Status  string
	Words   string // what became of it
	Of      string // "" for a critical result, else OfCorrected or OfHandover
}

// CalloutID is a callout's id: it follows from what it is about, so that it is owed
// once, whoever owes it and however often.
func CalloutID(c Callout) fhir.ID {
	return fhir.ID("co" + shortHash(c.Result.String(), strconv.FormatInt(c.Since.UnixMilli(), 10), strconv.Itoa(c.Step), strconv.Itoa(c.Round), c.Role, c.Person, c.Channel))
}

// Owe writes down messages that are to be sent. One that is owed already, or was,
// is passed over.
func (s *Submitter) Owe(ctx context.Context, list []Callout) error {
	if len(list) == 0 {
		return nil
	}
	_, err := s.update(ctx, "submit.owe", "", func(w *work) error {
		for _, c := range list {
			c.ID, c.Status = CalloutID(c), CalloutOwed
			if _, there, err := w.Current(fhir.Ref{Type: fhir.TypeTask, ID: c.ID}); err != nil {
				return err
			} else if there {
				continue
			}
			if err := w.putCallout(c); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// Called writes down what became of one: that it was tried, sent, given up, or
// needed no more. What has ended stays as it ended.
func (s *Submitter) Called(ctx context.Context, c Callout) error {
	_, err := s.update(ctx, "submit.called", string(c.ID), func(w *work) error {
		cur, ok, err := w.Current(fhir.Ref{Type: fhir.TypeTask, ID: c.ID})
		if err != nil || !ok {
			return cmp.Or(err, fault.New(fault.NotFound, "submit.called", string(c.ID), "no such message is owed"))
		}
		if had, ok := calloutIn(cur); !ok || had.Status != CalloutOwed {
			return nil
		}
		return w.putCallout(c)
	})
	return err
}

func (w *work) putCallout(c Callout) error {
	focus, number := fhir.To(c.Result), func(n int) *int64 { return fhir.Int(int64(n)) }
	text := func(name, value string) fhir.TaskParameter {
		return fhir.TaskParameter{Type: fhir.Param(name), ValueString: fhir.Str(value)}
	}
	t := fhir.Task{
		ResourceType: fhir.TypeTask, ID: c.ID, Status: c.Status, Intent: "order", Priority: "stat", Code: fhir.TaskCode(fhir.TaskCallout),
		Description: c.Words, Focus: &focus, AuthoredOn: stamp(w.now),
		Input: []fhir.TaskParameter{
			{Type: fhir.Param(fhir.ParamStep), ValueInteger: number(c.Step)},
			{Type: fhir.Param(fhir.ParamRound), ValueInteger: number(c.Round)},
			{Type: fhir.Param(fhir.ParamSince), ValueInteger: fhir.Int(c.Since.UnixMilli())},
			{Type: fhir.Param(fhir.ParamTries), ValueInteger: number(c.Tries)},
			text(fhir.ParamRole, c.Role), text(fhir.ParamPerson, c.Person), text(fhir.ParamChannel, c.Channel), text(fhir.ParamShort, c.Short), text(fhir.ParamWard, string(c.Ward)),
		},
	}
	if c.Of != "" {
		t.Input = append(t.Input, text(fhir.ParamKind, c.Of))
	}
	wards := wardList(c.Ward)
	if c.Patient != "" { // of what is held back nobody knows whose it is
		subject := fhir.To(fhir.Ref{Type: fhir.TypePatient, ID: c.Patient})
		t.For, wards = &subject, nil
	}
	body, err := fhir.Make(t)
	if err != nil {
		return err
	}
	ref := fhir.Ref{Type: fhir.TypeTask, ID: c.ID}
	v, err := w.put(record.Change{Ref: ref, Patient: c.Patient, Wards: wards, Body: body, Author: central, Clock: record.HLC{Wall: w.ms()}})
	if err != nil {
		return err
	}
	e := audit.Event{
		Action: audit.Update, Who: whoIs(central), Patient: c.Patient, What: []audit.What{{Ref: ref, Version: v}},
		Details: []audit.Detail{{Name: DetailCallout, Value: c.Status + " " + c.Channel + " try " + strconv.Itoa(c.Tries)}},
	}
	if c.Tries == 0 {
		e.Action = audit.Create
	}
	if c.Status == CalloutFailed {
		e.Outcome, e.Reason = audit.Refused, cmp.Or(c.Words, "not sent")
	}
	return w.audit(e)
}

// DetailCallout is what became of a message that somebody is owed.
const DetailCallout = "callout"

// calloutIn reads one. Only central owes anybody a message: what a computer wrote
// in this shape is none.
func calloutIn(ch record.Change) (c Callout, ok bool) {
	t, err := fhir.View[fhir.Task](ch.Body)
	if err != nil || t.Code == nil || !t.Code.Has(fhir.SystemTaskCode, fhir.TaskCallout) || t.Focus == nil || ch.Author.Sender != central.Sender {
		return c, false
	}
	if c.Result, ok = t.Focus.Ref(); !ok {
		return c, false
	}
	number := func(name string) int64 {
		if p, ok := fhir.ParamOf(t.Input, name); ok && p.ValueInteger != nil {
			return *p.ValueInteger
		}
		return 0
	}
	text := func(name string) string {
		if p, ok := fhir.ParamOf(t.Input, name); ok && p.ValueString != nil {
			return *p.ValueString
		}
		return ""
	}
	c.ID, c.Patient, c.Status, c.Words = ch.Ref.ID, ch.Patient, t.Status, t.Description
	c.Ward, c.Since = record.Ward(text(fhir.ParamWard)), time.UnixMilli(number(fhir.ParamSince))
	c.Step, c.Round, c.Tries = int(number(fhir.ParamStep)), int(number(fhir.ParamRound)), int(number(fhir.ParamTries))
	c.Of = text(fhir.ParamKind)
	c.Role, c.Person, c.Channel, c.Short = text(fhir.ParamRole), text(fhir.ParamPerson), text(fhir.ParamChannel), text(fhir.ParamShort)
	if c.Tries > 0 {
		c.Last = time.UnixMilli(ch.Times.Central)
	}
	return c, true
}

// calloutsIn are the messages among some resources.
func calloutsIn(changes iter.Seq2[record.Change, error]) (list []Callout, err error) {
	for cur, err := range changes {
		if err != nil {
			return list, err
		}
		if c, is := calloutIn(cur); is {
			list = append(list, c)
		}
	}
	return list, nil
}

// Owed are the messages that are still to be sent, the oldest first.
func (s *Submitter) Owed(ctx context.Context) ([]Callout, error) {
	var list []Callout
	err := s.journal.View(ctx, func(r journal.Reader) (err error) {
		list, err = calloutsIn(found(r, journal.ByTag, record.TagCallout))
		return err
	})
	slices.SortFunc(list, func(a, b Callout) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Step, b.Step), cmp.Compare(a.ID, b.ID))
	})
	return list, fault.Wrap("submit.owed", "", err)
}

// Callouts are all messages about one result, sent or not.
func (s *Submitter) Callouts(ctx context.Context, result fhir.Ref) ([]Callout, error) {
	var list []Callout
	err := s.journal.View(ctx, func(r journal.Reader) (err error) {
		list, err = calloutsIn(found(r, journal.ByFocus, result.String()))
		return err
	})
	return list, fault.Wrap("submit.callouts", result.String(), err)
}

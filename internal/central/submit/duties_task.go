package submit

import (
	"slices"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Duties that are no result in somebody's record: a critical value that is held
// back, one that was filed after the patient had left (both are warnings of
// central's), and a handover that nobody has accepted.

// OfHandover is what an OpenDuty or a Callout is about where it is no critical
// result.
const OfHandover = "handover"

// handoverFor is for how long somebody is told of a handover: after a shift the next
// one has begun.
const handoverFor = 12 * time.Hour

// openTask is openDuty of a Task.
func (s *Submitter) openTask(r journal.Reader, ref fhir.Ref) (o OpenDuty, waits bool, err error) {
	c, ok, err := r.Current(ref)
	if err != nil || !ok {
		return o, false, err
	}
	t, bad := fhir.View[fhir.Task](c.Body)
	switch {
	case bad != nil:
		return o, false, nil
	case slices.Contains(c.Tags, record.TagHeldBack):
		return s.openWarning(r, c, t)
	case slices.Contains(c.Tags, record.TagGiven):
		return s.openHandover(r, c, t)
	}
	return o, false, nil
}

// openWarning is a warning as the screens have it: whoever took it has it, however
// its words were made anew since.
func (s *Submitter) openWarning(r journal.Reader, c record.Change, t fhir.Task) (o OpenDuty, waits bool, err error) {
	if t.Priority == "asap" { // nothing critical is in it
		return o, false, nil
	}
	acks, err := acksAbout(r, c.Ref, func(t fhir.Task) (uint64, bool) { return versionIn(t), true })
	if err != nil {
		return o, false, err
	}
	o = OpenDuty{Result: c.Ref, Wards: c.Wards, Since: time.UnixMilli(c.Times.Central)}
	if _, named := fhir.ParamOf(t.Input, fhir.ParamWard); !named {
		if p, ok := fhir.ParamOf(t.Input, fhir.ParamSender); ok && p.ValueString != nil {
			o.group = "sender " + *p.ValueString
		}
	}
	o.Duty = s.matcher.Rules.DutyOf([]alert.Edition{{Available: o.Since, Critical: true}}, acks, s.now())
	return o, o.Duty.State != alert.NoDuty && o.Duty.State != alert.Acted, nil
}

// openHandover is a giving that nobody has accepted or taken back, and that no later
// one of the same patient replaces. Whoever has left waits for nobody.
func (s *Submitter) openHandover(r journal.Reader, c record.Change, t fhir.Task) (o OpenDuty, waits bool, err error) {
	o = OpenDuty{Result: c.Ref, Patient: c.Patient, Since: madeAt(c.Times), Of: OfHandover, Duty: alert.Duty{State: alert.Open}}
	o.until = o.Since.Add(handoverFor)
	if !s.now().Before(o.until) {
		return o, false, nil
	}
	if o.Wards, err = wardsNow(r, c.Patient); err != nil || len(o.Wards) == 0 {
		return o, false, err
	}
	answered, err := answered(r, c.Ref)
	if err != nil || answered {
		return o, false, err
	}
	if p, ok := fhir.ParamOf(t.Input, fhir.ParamGroup); ok && p.ValueString != nil {
		o.group = "given " + *p.ValueString
	}
	later, err := givenLater(r, c)
	return o, !later, err
}

// answered says whether somebody accepted a giving, or took it back.
func answered(r journal.Reader, ref fhir.Ref) (bool, error) {
	for about, err := range tasksAbout(r, ref) {
		if err != nil {
			return false, err
		}
		if !about.inError() && (about.is(fhir.TaskAccept) || about.is(fhir.TaskWithdraw)) {
			return true, nil
		}
	}
	return false, nil
}

// givenLater says whether a patient was handed over again since.
func givenLater(r journal.Reader, c record.Change) (bool, error) {
	for o, err := range ofType(r, c.Patient, fhir.TypeTask) {
		if err != nil {
			return false, err
		}
		if o.Ref != c.Ref && slices.Contains(o.Tags, record.TagGiven) && o.Clock.Compare(c.Clock) > 0 {
			return true, nil
		}
	}
	return false, nil
}

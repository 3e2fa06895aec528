package submit

import (
	"iter"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// found are the current versions of what an index finds, in its order. What has none is
// left out; an error is the last.
func found(r journal.Reader, ix journal.Index, key string) iter.Seq2[record.Change, error] {
	return func(yield func(record.Change, error) bool) {
		for ref, err := range r.Find(ix, key) {
			if !yieldCurrent(r, ref, err, yield) {
				return
			}
		}
	}
}

// ofType are the current versions of a patient's resources of one type, in the order of
// Standings. What has none is left out; an error is the last.
func ofType(r journal.Reader, p fhir.ID, t fhir.Type) iter.Seq2[record.Change, error] {
	return func(yield func(record.Change, error) bool) {
		for at, err := range r.Standings(p, fhir.Ref{Type: t}) {
			if err == nil && at.Ref.Type != t {
				return
			}
			if !yieldCurrent(r, at.Ref, err, yield) {
				return
			}
		}
	}
}

// yieldCurrent yields the current version of a resource, or why it could not be found or
// read, and says whether there may be more.
func yieldCurrent(r journal.Reader, ref fhir.Ref, err error, yield func(record.Change, error) bool) bool {
	var c record.Change
	there := false
	if err == nil {
		c, there, err = r.Current(ref)
	}
	switch {
	case err != nil:
		yield(record.Change{}, err)
		return false
	case !there:
		return true
	}
	return yield(c, nil)
}

// taskAbout is a Task that says something about a resource.
type taskAbout struct {
	change record.Change
	task   fhir.Task
}

// is says whether the Task has a code of ours.
func (a taskAbout) is(code string) bool { return a.task.Code.Has(fhir.SystemTaskCode, code) }

// inError says whether the Task was taken back as a whole: it says nothing.
func (a taskAbout) inError() bool { return a.task.Status == "entered-in-error" }

// tasksAbout are the Tasks about a resource that can be read and have a code.
func tasksAbout(r journal.Reader, ref fhir.Ref) iter.Seq2[taskAbout, error] {
	return func(yield func(taskAbout, error) bool) {
		for c, err := range found(r, journal.ByFocus, ref.String()) {
			if err != nil {
				yield(taskAbout{}, err)
				return
			}
			t, bad := fhir.View[fhir.Task](c.Body)
			if bad == nil && t.Code != nil && !yield(taskAbout{c, t}, nil) {
				return
			}
		}
	}
}

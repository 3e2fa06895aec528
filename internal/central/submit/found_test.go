package submit

import (
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// shelf is a journal that finds these resources, whatever is asked for. One without a
// body is found and has no current version.
type shelf struct {
	journal.Reader
	list []record.Change
	bad  fhir.ID // cannot be read
}

var errShelf = errors.New("it cannot be read")

func (s shelf) Find(journal.Index, string) iter.Seq2[fhir.Ref, error] {
	return func(yield func(fhir.Ref, error) bool) {
		for _, c := range s.list {
			if !yield(c.Ref, nil) {
				return
			}
		}
	}
}

func (s shelf) Standings(fhir.ID, fhir.Ref) iter.Seq2[journal.Standing, error] {
	return func(yield func(journal.Standing, error) bool) {
		for _, c := range s.list {
			if !yield(journal.Standing{Ref: c.Ref}, nil) {
				return
			}
		}
	}
}

func (s shelf) Current(ref fhir.Ref) (record.Change, bool, error) {
	if ref.ID == s.bad {
		return record.Change{}, false, errShelf
	}
	i := slices.IndexFunc(s.list, func(c record.Change) bool { return c.Ref == ref })
	return s.list[i], s.list[i].Body != nil, nil
}

func about(id fhir.ID, body string) record.Change {
	c := record.Change{Ref: fhir.Ref{Type: fhir.TypeTask, ID: id}, Version: 1}
	if body != "" {
		c.Body = fhir.Resource(body)
	}
	return c
}

// coded is a Task with a code of ours.
func coded(id fhir.ID, code, status string) record.Change {
	return about(id, `{"resourceType":"Task","id":"`+string(id)+`","status":"`+status+`","code":{"coding":[{"system":"`+fhir.SystemTaskCode+`","code":"`+code+`"}]}}`)
}

func idsOf(seq iter.Seq2[record.Change, error]) (ids []fhir.ID, err error) {
	for c, e := range seq {
		if e != nil {
			err = e
			continue
		}
		ids = append(ids, c.Ref.ID)
	}
	return ids, err
}

func TestWhatIsFoundIsReadAsItStands(t *testing.T) {
	visit := record.Change{Ref: fhir.Ref{Type: fhir.TypeServiceRequest, ID: "v"}, Body: fhir.Resource(`{}`)}
	s := shelf{list: []record.Change{about("a", `{}`), about("gap", ""), about("b", `{}`), visit, about("c", `{}`)}}
	all := []fhir.ID{"a", "b", "v", "c"}
	if got, err := idsOf(found(s, journal.ByTag, "x")); err != nil || !slices.Equal(got, all) {
		t.Errorf("found %v, %v", got, err)
	}
	if got, err := idsOf(ofType(s, "p", fhir.TypeTask)); err != nil || !slices.Equal(got, all[:2]) {
		t.Errorf("of the type: %v, %v", got, err)
	}
	for range found(s, journal.ByTag, "x") { // whoever has enough stops
		break
	}
	s.bad = "b"
	for _, seq := range []iter.Seq2[record.Change, error]{found(s, journal.ByTag, "x"), ofType(s, "p", fhir.TypeTask)} {
		if got, err := idsOf(seq); !errors.Is(err, errShelf) || !slices.Equal(got, all[:1]) {
			t.Errorf("before the one that cannot be read: %v, %v", got, err)
		}
	}
}

// What was entered in error says nothing; what cannot be read or has no code neither.
func TestTasksAboutAResource(t *testing.T) {
	ref := fhir.Ref{Type: fhir.TypeTask, ID: "given"}
	noise := []record.Change{about("broken", `{"resourceType":"Task","status":{}}`), about("plain", `{"resourceType":"Task","status":"completed"}`), about("gap", "")}
	with := func(more ...record.Change) shelf { return shelf{list: append(slices.Clone(noise), more...)} }
	every := func(fhir.Task) bool { return true }
	one := func(fhir.Task) (uint64, bool) { return 1, true }
	for _, c := range []struct {
		what string
		code string
		says func(shelf) (bool, error)
	}{
		{"accepted", fhir.TaskAccept, func(s shelf) (bool, error) { return answered(s, ref) }},
		{"taken back", fhir.TaskWithdraw, func(s shelf) (bool, error) { return answered(s, ref) }},
		{"acknowledged", fhir.TaskAcknowledge, func(s shelf) (bool, error) {
			acks, err := acksAbout(s, ref, one)
			return len(acks) == 1 && acks[0].ID == "x", err
		}},
		{"delivered by an acknowledgement", fhir.TaskAcknowledge, func(s shelf) (bool, error) { return delivered(s, ref, every, nil) }},
		{"a giving that is accepted", fhir.TaskAccept, func(s shelf) (bool, error) {
			waits, err := handovers(s, []record.Change{about("given", `{}`)}, nil)
			return len(waits) == 1 && !waits[0].Done.IsZero(), err
		}},
		{"a giving that is taken back", fhir.TaskWithdraw, func(s shelf) (bool, error) {
			waits, err := handovers(s, []record.Change{about("given", `{}`)}, []alert.Stay{})
			return len(waits) == 1 && !waits[0].Over.IsZero(), err
		}},
	} {
		for _, x := range []struct {
			shelf shelf
			want  bool
		}{
			{with(), false},
			{with(coded("x", c.code, "completed")), true},
			{with(coded("x", c.code, "entered-in-error")), false},
			{with(coded("x", fhir.TaskToDo, "completed")), false},
		} {
			if is, err := c.says(x.shelf); err != nil || is != x.want {
				t.Errorf("%s: %v with %d Tasks, want %v; %v", c.what, is, len(x.shelf.list), x.want, err)
			}
		}
		s := with(coded("x", c.code, "completed"))
		s.bad = "x"
		if _, err := c.says(s); !errors.Is(err, errShelf) {
			t.Errorf("%s: a Task that cannot be read: %v", c.what, err)
		}
	}
	if back, err := withdrawn(with(coded("x", fhir.TaskWithdraw, "entered-in-error")), ref); err != nil || !back {
		t.Errorf("a withdrawal of a withdrawal is none: %v, %v", back, err)
	}
	later := coded("later", fhir.TaskToDo, "requested")
	later.Tags, later.Clock = []string{record.TagGiven}, record.HLC{Wall: time.Now().UnixMilli()}
	if is, err := givenLater(with(later), about("given", `{}`)); err != nil || !is {
		t.Errorf("given later: %v, %v", is, err)
	}
}

package submit

import (
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// What is given back meets what has come since in another order than it did
// then: the discharge out of the raw log before the examination that the ward
// had recorded first. So the questions that central asked then are not only
// taken, they are asked anew, of what stands here now.

// doubts are what a batch that is given back may have made questionable.
type doubts struct {
	unclear    []fhir.ID       // whose entries may contradict one another now
	attended   []fhir.ID       // who was examined, moved, or left
	registered []record.Change // records of persons
}

func (d *doubts) doubt(p fhir.ID) { d.unclear = joined(d.unclear, p) }

func joined(list []fhir.ID, p fhir.ID) []fhir.ID {
	if p == "" || slices.Contains(list, p) {
		return list
	}
	return append(list, p)
}

// suspect notes what a version that is taken may contradict.
func (d *doubts) suspect(c record.Change) {
	if c.History {
		return
	}
	p := patientOf(c)
	if questionable[c.Ref.Type] || disputed(c.Body) || isQuestion(c) {
		d.doubt(p)
	}
	switch c.Ref.Type {
	case fhir.TypeObservation, fhir.TypeEncounter:
		d.attended = joined(d.attended, p)
	case fhir.TypePatient:
		d.registered = append(d.registered, c)
	default: // nothing else speaks against what others say
	}
}

// isQuestion says whether central itself asked something with this version, or
// called a question off: it does either by what stands in the record, and not by
// what stood there once.
func isQuestion(c record.Change) bool {
	_, is := question(c)
	return is
}

// calledOff says whether central called a question off with this version.
func calledOff(c record.Change) bool {
	t, is := question(c)
	return is && ended(t.Status)
}

func question(c record.Change) (t fhir.Task, is bool) {
	if c.Ref.Type != fhir.TypeTask || c.Author.Sender != central.Sender {
		return t, false
	}
	t, err := fhir.View[fhir.Task](c.Body)
	return t, err == nil && t.Code != nil && t.Code.Code(fhir.SystemTaskCode) == fhir.TaskReview
}

// ask asks whatever has come up, once everything is there.
func (g *giving) ask() error {
	for _, p := range g.attended {
		phones, err := phonedAbout(g, p)
		if err != nil {
			return err
		}
		if phones != nil {
			g.doubt(p)
		}
		asks, err := g.examinedAfter(p)
		if err != nil {
			return err
		}
		if asks {
			g.doubt(p)
		}
	}
	for _, p := range g.unclear {
		before := len(g.written)
		if _, err := g.reviews(p, record.Change{Clock: record.HLC{Wall: g.ms()}}); err != nil {
			return err
		}
		if len(g.written) > before {
			g.touch(p)
		}
	}
	for _, c := range g.registered {
		if _, err := g.twins(c.Ref.ID, c.Author.User != ""); err != nil {
			return err
		}
	}
	return nil
}

// examinedAfter holds the stays of a patient who is nowhere against the newest
// examination. Where somebody has decided about that one, the stay ended no
// earlier by their word, and nothing is asked.
func (g *giving) examinedAfter(p fhir.ID) (asks bool, err error) {
	stays, err := encounters(g.work, p)
	if err != nil || slices.ContainsFunc(stays, func(c record.Change) bool { return presentStay(c.Body) }) {
		return false, err
	}
	newest, err := g.newestExamination(p)
	if err != nil || newest == nil {
		return false, err
	}
	for _, stay := range stays {
		if asks, err = g.contest(stay, *newest); err != nil || asks {
			return asks, err
		}
	}
	return false, nil
}

package alert

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"wardlight/internal/clinical/catalogue"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// Window is for how long a result makes it doubtful to ask for the same test
// again: from when its sample was collected. Within 0 is never, as for what is
// taken in series.
type Window struct {
	Test   string        `json:"test"` // an id of the catalogue
	Within time.Duration `json:"within"`
	From   string        `json:"from"`

	by words.Sentence // by whom it was set at this site
}

// defaultWindows are for adults who lie on a ward.
func defaultWindows() []Window {
	const (
		day    = 24 * time.Hour
		leeds  = "Leeds Teaching Hospitals, retest intervals of stable inpatients"
		jcp    = "J Clin Path, minimum retesting intervals"
		series = "taken in series: no interval"
	)
	return []Window{
		{Test: "fbc", Within: day, From: leeds},
		{Test: "ue", Within: day, From: leeds},
		{Test: "crp", Within: 2 * day, From: leeds},
		{Test: "lft", Within: 2 * day, From: leeds},
		{Test: "bone", Within: 2 * day, From: leeds},
		{Test: "esr", Within: 7 * day, From: leeds},
		{Test: "folate", Within: 21 * day, From: leeds},
		{Test: "ferritin", Within: 21 * day, From: leeds},
		{Test: "b12", Within: 56 * day, From: leeds},
		{Test: "ig", Within: 28 * day, From: leeds},
		{Test: "vitd", Within: 28 * day, From: leeds},
		{Test: "lipids", Within: 28 * day, From: leeds},
		{Test: "psa", Within: 13 * day, From: leeds},
		{Test: "autoantibodies", Within: 90 * day, From: leeds},
		{Test: "tft", Within: 28 * day, From: jcp},
		{Test: "hba1c", Within: 60 * day, From: jcp + "; Leeds has 40 days"},
		{Test: "tnt", Within: 0, From: series},
		{Test: "tni", Within: 0, From: series},
		{Test: "gas", Within: 0, From: series},
		{Test: "glucose", Within: 0, From: series},
		{Test: "lactate", Within: 0, From: series},
		{Test: "culture", Within: 0, From: series},
		{Test: "crossmatch", Within: 0, From: series},
		{Test: "gentamicin-level", Within: 0, From: series},
		{Test: "vancomycin-level", Within: 0, From: series},
		{Test: "digoxin-level", Within: 0, From: series},
	}
}

// OpenOrder is a request that nobody has withdrawn.
type OpenOrder struct {
	Ref  fhir.Ref
	Code fhir.CodeableConcept
	By   string
	At   time.Time
	Stat bool
	Sent bool // it has left for the laboratory
}

// Wanted is a test that somebody is about to ask for, and what is known of the
// patient.
type Wanted struct {
	Code    fhir.CodeableConcept
	Stat    bool
	Orders  []OpenOrder
	Results []fhir.Observation
	Who     Subject
	Now     time.Time
}

// Repeat is why a test may not be needed. It never forbids it.
type Repeat struct {
	Pending bool       // an order waits; else the results are recent
	Order   OpenOrder  // with Pending
	Results []fhir.Ref // else: the last result of each part, as the test lists them
	At      time.Time  // when it was asked for, or the oldest of them was collected
	Within  time.Duration
	From    string
	By      words.Sentence // by whom the interval was set at this site; zero: it came with the program
}

// Repeats says whether a test waits already, or was done so lately that it is
// doubtful. A pending one always counts, because its result is on the way; a
// result counts within its window, and only for adults: the windows are theirs.
// Whatever is asked for at once is not held against a result, and a sample that
// gave no value is none.
func (r Rules) Repeats(w Wanted) []Repeat {
	var out []Repeat
	test, listed := r.Catalogue.TestOf(w.Code)
	for _, o := range w.Orders {
		if r.sameTest(w.Code, o.Code) && !r.Answered(o, w.Results) {
			out = append(out, Repeat{Pending: true, Order: o, At: o.At, From: "a request that waits always counts"})
		}
	}
	window, has := r.windowOf(test)
	if !listed || !has || w.Stat || w.Who.AgeKnown && w.Who.Years < 16 {
		return out
	}
	refs, oldest, done := lastOf(test, w.Results, time.Time{})
	if done && w.Now.Sub(oldest) < window.Within {
		out = append(out, Repeat{Results: refs, At: oldest, Within: window.Within, From: window.From, By: window.by})
	}
	return out
}

// sameTest: the same by the catalogue, a panel and what is in it, or the same
// words of what the catalogue does not know.
func (r Rules) sameTest(a, b fhir.CodeableConcept) bool {
	x, ok1 := r.Catalogue.TestOf(a)
	y, ok2 := r.Catalogue.TestOf(b)
	if ok1 && ok2 {
		return x.Shares(y)
	}
	return ok1 == ok2 && catalogue.Fold(a.Words()) != "" && catalogue.Fold(a.Words()) == catalogue.Fold(b.Words())
}

// Answered says whether results of a test came of samples that were collected
// after it was asked for: then it waits no longer, whether or not the laboratory
// named the request.
func (r Rules) Answered(o OpenOrder, results []fhir.Observation) bool {
	test, listed := r.Catalogue.TestOf(o.Code)
	if !listed {
		return false
	}
	_, _, done := lastOf(test, results, o.At)
	return done
}

// Answer are the results that answer an order; nil while some are missing.
func (r Rules) Answer(o OpenOrder, results []fhir.Observation) []fhir.Ref {
	test, listed := r.Catalogue.TestOf(o.Code)
	refs, _, done := lastOf(test, results, o.At)
	if !listed || !done {
		return nil
	}
	return refs
}

// windowOf is a test's own window, or the shortest one of a panel that holds all
// of it.
func (r Rules) windowOf(t catalogue.Test) (Window, bool) {
	var best Window
	found := false
	for _, w := range r.Windows {
		if w.Test == t.ID {
			return w, w.Within > 0
		}
		panel, ok := r.Catalogue.Test(w.Test)
		if ok && w.Within > 0 && holdsAll(panel, t) && (!found || w.Within < best.Within) {
			best, found = w, true
		}
	}
	return best, found
}

func holdsAll(panel, t catalogue.Test) bool {
	for _, m := range t.Members {
		if !slices.ContainsFunc(panel.Members, func(p catalogue.Analyte) bool { return p.Name == m.Name }) {
			return false
		}
	}
	return len(t.Members) > 0
}

// lastOf are the newest results of all parts of a test, collected not before
// since; done is false where a part has none. oldest is when the oldest of them
// was collected: the test is as old as that.
func lastOf(t catalogue.Test, results []fhir.Observation, since time.Time) (refs []fhir.Ref, oldest time.Time, done bool) {
	for _, m := range t.Members {
		var newest time.Time
		var ref fhir.Ref
		for _, o := range results {
			at, ok := collected(o)
			if ok && m.Is(o.Code) && hasValue(o) && !at.Before(since) && (newest.IsZero() || at.After(newest)) {
				newest, ref = at, fhir.Ref{Type: fhir.TypeObservation, ID: o.ID}
			}
		}
		if newest.IsZero() {
			return nil, time.Time{}, false
		}
		refs = append(refs, ref)
		if oldest.IsZero() || newest.Before(oldest) {
			oldest = newest
		}
	}
	return refs, oldest, len(refs) > 0
}

func collected(o fhir.Observation) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339Nano, o.EffectiveDateTime)
	return at, err == nil
}

// hasValue: a value that stands. "Haemolysed" is a reason to ask again.
func hasValue(o fhir.Observation) bool {
	switch o.Status {
	case "entered-in-error", "cancelled", "registered":
		return false
	}
	return o.DataAbsentReason == nil && (o.ValueQuantity != nil && o.ValueQuantity.Value != nil || o.ValueCodeableConcept != nil || o.ValueString != nil)
}

func (w Window) check(c catalogue.Catalogue) error {
	switch _, known := c.Test(w.Test); {
	case !known:
		return fmt.Errorf("alert: a retest interval is for %q, which is no test of the catalogue", w.Test)
	case w.Within < 0 || w.From == "":
		return errors.New("alert: a retest interval is not negative, and says where it comes from")
	}
	return nil
}

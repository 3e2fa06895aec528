package desk

import (
	"cmp"
	"slices"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
)

// item is one resource as this station sees it: the committed version with
// own unsent work folded on top, and the typed view of that.
type item[T any] struct {
	View   T
	Change record.Change // Body is the folded body; Author and Times are the newest writer's
	Unsent bool          // some of it has no receipt yet
	First  record.Author // who made it, where that is known
	Made   record.Times
}

// id is the resource's id.
func (i item[T]) id() fhir.ID { return i.Change.Ref.ID }

// version is central's version; 0 for what central has not seen.
func (i item[T]) version() uint64 { return uint64(i.Change.Version) }

// compartment is one patient's record as this station sees it. It is only
// valid inside the View that loaded it.
type compartment struct {
	r          Reader
	views      *views // of r
	id         fhir.ID
	known      bool // the Patient is here
	patient    item[fhir.Patient]
	encounters []item[fhir.Encounter]
	results    []item[fhir.Observation] // all but vital signs and calls
	calls      []item[fhir.Observation] // results that were told on the phone
	vitals     []item[fhir.Observation]
	reports    []item[fhir.DiagnosticReport]
	allergies  []item[fhir.AllergyIntolerance]
	tasks      []item[fhir.Task]
	orders     []item[fhir.ServiceRequest]
	medicines  []item[fhir.MedicationRequest]
	notes      []item[fhir.Communication]
	problems   []item[fhir.Condition]
	flags      []item[flagView]
	lists      []item[fhir.List]
	joined     []fhir.ID              // the records that were joined to this one
	into       fhir.ID                // the record that this one was joined to; "" for none
	stays      []item[fhir.Encounter] // of that one
	filled     cache.Filled           // how much of it has come
	wards      []record.Ward          // of what is loose: the wards that the warning went to that is written about
	unsent     int
	unsentAt   int64
	pending    bool                            // own work lies on top of what central sent
	unreadable int                             // resources whose shape no view fits
	clock      record.HLC                      // the newest that was seen in it
	times      map[alert.RuleID]alert.Settings // what the site set, as far as it was asked for
}

// flagView is what is read of a Flag.
type flagView struct {
	Status    string               `json:"status"`
	Code      fhir.CodeableConcept `json:"code"`
	Extension []fhir.Extension     `json:"extension"`
	Period    *fhir.Period         `json:"period"`
}

// load reads a patient's record and folds own work on top. The records that
// this one replaced are a part of it: their entries stay where they were
// written, and are shown here.
func load(r Reader, id fhir.ID) (*compartment, error) {
	c := &compartment{r: r, views: viewsOf(r), id: id}
	if err := c.read(id); err != nil {
		return nil, fault.Wrap("desk.load", string(id), err)
	}
	for i := 0; i < len(c.joined) && i < maxJoined; i++ {
		if err := c.read(c.joined[i]); err != nil {
			return nil, fault.Wrap("desk.load", string(c.joined[i]), err)
		}
	}
	if err := c.fill(); err != nil {
		return nil, fault.Wrap("desk.load", string(id), err)
	}
	if c.into != "" {
		if err := c.readStays(); err != nil {
			return nil, fault.Wrap("desk.load", string(c.into), err)
		}
	}
	c.order()
	return c, nil
}

// eachOf loads one patient of a list after the other for fn: those who are here, and then
// those who left and are kept, with how they left. Whoever is not known is left out.
func eachOf(r Reader, here []fhir.ID, kept map[fhir.ID]ward.Leaving, fn func(c *compartment, left *ward.Leaving) error) error {
	one := func(id fhir.ID, left *ward.Leaving) error {
		c, err := load(r, id)
		if err != nil || !c.known {
			return err
		}
		return fn(c, left)
	}
	for _, id := range here {
		if err := one(id, nil); err != nil {
			return err
		}
	}
	for id, left := range kept {
		if err := one(id, &left); err != nil {
			return err
		}
	}
	return nil
}

// readStays adds where the patient of a retired record is, by the record that
// it was joined to: whoever may see that one may see this one.
func (c *compartment) readStays() error {
	for ch, err := range c.r.Compartment(c.into) {
		switch {
		case err != nil:
			return err
		case ch.Ref.Type > fhir.TypeEncounter:
			return nil
		case ch.Ref.Type == fhir.TypeEncounter:
			into(&c.stays, c.views, ch, false, ch) // one that cannot be read is counted where it is shown
		}
	}
	return nil
}

// maxJoined bounds the records that were joined to one.
const maxJoined = 64

// read adds the entries of one record; of none, what is loose.
func (c *compartment) read(id fhir.ID) error {
	own, err := c.r.UnsentFor(id)
	if err != nil {
		return err
	}
	c.pending = c.pending || len(own) > 0
	f := newFold(c.r, own)
	c.unsent += f.pending
	if f.since != 0 && (c.unsentAt == 0 || f.since < c.unsentAt) {
		c.unsentAt = f.since
	}
	entries := c.r.Compartment(id)
	if id == "" {
		entries = c.r.Loose()
	}
	for ch, err := range entries {
		if err != nil {
			return err
		}
		if ch.History {
			continue
		}
		folded, unsent, err := f.over(ch)
		if err != nil {
			return err
		}
		c.add(folded, unsent, ch)
	}
	made, err := f.rest()
	if err != nil {
		return err
	}
	for _, ch := range made {
		c.add(ch, f.unsentRef(ch.Ref), ch)
	}
	return nil
}

// add puts one resource where it belongs. One that cannot be read is counted:
// it is never a reason not to show the others.
func (c *compartment) add(ch record.Change, unsent bool, first record.Change) {
	ok := true
	if ch.Clock.Compare(c.clock) > 0 {
		c.clock = ch.Clock
	}
	switch ch.Ref.Type {
	case fhir.TypePatient:
		var p []item[fhir.Patient]
		if ok = into(&p, c.views, ch, unsent, first); ok {
			c.addPatient(p[0])
		}
	case fhir.TypeEncounter:
		ok = into(&c.encounters, c.views, ch, unsent, first)
	case fhir.TypeObservation:
		ok = c.addObservation(ch, unsent, first)
	case fhir.TypeDiagnosticReport:
		ok = into(&c.reports, c.views, ch, unsent, first)
	case fhir.TypeAllergyIntolerance:
		ok = into(&c.allergies, c.views, ch, unsent, first)
	case fhir.TypeTask:
		ok = into(&c.tasks, c.views, ch, unsent, first)
	case fhir.TypeServiceRequest:
		ok = into(&c.orders, c.views, ch, unsent, first)
	case fhir.TypeMedicationRequest:
		ok = into(&c.medicines, c.views, ch, unsent, first)
	case fhir.TypeCommunication:
		c.notes = withRoom(c.notes)
		ok = into(&c.notes, c.views, ch, unsent, first)
	case fhir.TypeCondition:
		ok = into(&c.problems, c.views, ch, unsent, first)
	case fhir.TypeFlag:
		ok = into(&c.flags, c.views, ch, unsent, first)
	case fhir.TypeList:
		ok = into(&c.lists, c.views, ch, unsent, first)
	default: // not drawn on a chart
	}
	if !ok {
		c.unreadable++
	}
}

func (c *compartment) addObservation(ch record.Change, unsent bool, first record.Change) bool {
	v, err := viewAt[fhir.Observation](c.views, ch.Body)
	if err != nil {
		return false
	}
	to := &c.results
	if _, call := fhir.PhoneCallOf(*v); call {
		to = &c.calls
	} else if isVital(*v) {
		to = &c.vitals
	} else {
		c.results = withRoom(c.results)
	}
	put(to, v, ch, unsent, first)
	return true
}

// usual is how many results and notes a record has, roughly: an item is more than a
// kilobyte, and to grow a list of them step by step moves each several times.
const usual = 16

// withRoom is a list in which the usual number has room.
func withRoom[T any](list []item[T]) []item[T] {
	if list == nil {
		return make([]item[T], 0, usual)
	}
	return list
}

// into adds what a resource says to a list; it says whether that can be read.
func into[T any](list *[]item[T], m *views, ch record.Change, unsent bool, first record.Change) bool {
	v, err := viewAt[T](m, ch.Body)
	if err == nil {
		put(list, v, ch, unsent, first)
	}
	return err == nil
}

// put makes an item where it is to stand: it is too large to be handed on.
func put[T any](list *[]item[T], v *T, ch record.Change, unsent bool, first record.Change) {
	*list = append(*list, item[T]{})
	i := &(*list)[len(*list)-1]
	i.View, i.Change, i.Unsent, i.First, i.Made = *v, ch, unsent, first.Author, first.Times
}

// addPatient takes the Patient that this record is about, and follows the links
// of all that belong to it.
func (c *compartment) addPatient(p item[fhir.Patient]) {
	if p.id() == c.id {
		c.patient, c.known = p, true
	}
	for _, l := range p.View.Link {
		ref, ok := l.Other.Ref()
		switch {
		case !ok || ref.ID == c.id:
		case l.Type == "replaces" && !slices.Contains(c.joined, ref.ID):
			c.joined = append(c.joined, ref.ID)
		case l.Type == "replaced-by" && p.id() == c.id:
			c.into = ref.ID
		}
	}
}

// alone says whether all that is shown is one record as central sent it: no own
// work on top, no other record of the same person.
func (c *compartment) alone() bool { return !c.pending && len(c.joined) == 0 && c.into == "" }

// order sorts what is shown by time of making, so that equal inputs give equal
// screens.
func (c *compartment) order() {
	byMade(c.tasks)
	byMade(c.allergies)
	byMade(c.orders)
	byMade(c.medicines)
	byMade(c.notes)
	byMade(c.problems)
}

// byMade sorts by place first, and moves each item once.
func byMade[T any](list []item[T]) {
	if len(list) < 2 {
		return
	}
	order := make([]int32, len(list))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int {
		a, b := &list[i].Change, &list[j].Change
		return cmp.Or(a.Clock.Compare(b.Clock), cmp.Compare(a.Ref.ID, b.Ref.ID))
	})
	for i := range order { // one cycle after the other
		if order[i] < 0 || int(order[i]) == i {
			continue
		}
		held, at := list[i], i
		for from := int(order[at]); from != i; from = int(order[at]) {
			list[at], order[at] = list[from], -1
			at = from
		}
		list[at], order[at] = held, -1
	}
}

// history is the versions of a resource that are not current, oldest first.
func (c *compartment) history(ref fhir.Ref) ([]record.Change, error) {
	var list []record.Change
	for ch, err := range c.r.History(ref) {
		if err != nil {
			return nil, fault.Wrap("desk.history", ref.String(), err)
		}
		if len(list) >= 256 { // more corrections than anybody reads
			break
		}
		list = append(list, ch)
	}
	return list, nil
}

func isVital(o fhir.Observation) bool {
	for _, cat := range o.Category {
		if cat.Has(fhir.SystemObservationCat, fhir.CategoryVitalSigns) {
			return true
		}
	}
	return false
}

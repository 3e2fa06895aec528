package node

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/audit"
)

// patientLook is one line of the list that a patient may be given.
type patientLook struct {
	When    time.Time `json:"when"` // by central's clock where the computer's offset was measured
	Who     string    `json:"who"`
	Role    string    `json:"role,omitempty"`
	Place   string    `json:"place,omitempty"`
	Did     string    `json:"did"`
	Why     string    `json:"why"`
	Outcome string    `json:"outcome,omitempty"`
	Times   int       `json:"times,omitempty"` // what was done several times in a row stands once

	action audit.Action
	sheet  string // what was printed
}

// auditPatient lists everybody who looked at one patient's record or wrote in
// it, oldest first, in words that the patient can be given. The lists of a ward on
// which the patient lay are looks at their name, too.
func (n *Node) auditPatient(ctx context.Context, o Order, emit Emit) error {
	if o.Args[argMany] != "" {
		return n.sayMany(ctx, o, emit)
	}
	return n.journal.View(ctx, func(r journal.Reader) error {
		if o.Args["by_number"] != "" {
			w, err := whoIs(r, fhir.ID(o.Args["id"]))
			if err != nil {
				return err
			}
			if err := emit(map[string]any{"patient": w}); err != nil {
				return err
			}
		}
		list, err := looksAt(r, fhir.ID(o.Args["id"]))
		if err != nil {
			return err
		}
		for _, l := range list {
			if err := emit(l); err != nil {
				return err
			}
		}
		return nil
	})
}

// looksAt reads the whole journal for one person.
func looksAt(r journal.Reader, id fhir.ID) ([]patientLook, error) {
	w := watcher{r: r, records: map[fhir.ID]bool{}, numbers: map[string]bool{}, papers: map[string]bool{}, warned: map[fhir.Ref]bool{}}
	records, err := submit.RecordsOf(r, id)
	if err != nil {
		return nil, err
	}
	for _, id := range records {
		w.records[id] = true
	}
	for e, err := range r.Entries(0) {
		if err != nil {
			return nil, err
		}
		w.results = w.results[:0]
		for _, c := range e.Changes {
			w.change(c, e.Received)
		}
		for _, c := range e.Changes {
			w.warning(c, e.Received)
		}
		for _, event := range e.Audits {
			a, err := audit.Parse(event)
			if err != nil {
				continue // one that this version cannot read names nobody
			}
			if err := w.event(a, time.UnixMilli(e.Received)); err != nil {
				return nil, err
			}
		}
	}
	slices.SortStableFunc(w.lines, func(a, b patientLook) int { return a.When.Compare(b.When) })
	return grouped(withoutFailedPrints(w.lines)), nil
}

// watcher follows the journal for one person's sake.
type watcher struct {
	r       journal.Reader
	records map[fhir.ID]bool
	names   []string        // words that a search may find the person by
	numbers map[string]bool // those of the names that are numbers
	papers  map[string]bool // documents of the record, as resources name them
	stays   stays
	kept    stays             // which ward kept them though they had left
	toldOf  stays             // which wards were warned by name of what came after they left
	results []fhir.Ref        // of the entry that is read
	warned  map[fhir.Ref]bool // warnings that name the person
	lines   []patientLook
}

func (w *watcher) change(c record.Change, received int64) {
	if record.IsKept(c.Ref) {
		for id := range w.records {
			if c.Ref == record.KeptOf(id) {
				w.kept.keep(c, received)
			}
		}
		return
	}
	if !w.records[journal.PatientOf(c)] {
		return
	}
	w.stays.take(c, received)
	if c.Ref.Type == fhir.TypeObservation {
		w.results = append(w.results, c.Ref)
	}
	if c.Ref.Type == fhir.TypePatient {
		names, numbers := wordsOf(c)
		w.names = append(append(w.names, names...), numbers...)
		for _, n := range numbers {
			w.numbers[n] = true
		}
	}
	for _, urn := range blobURN.FindAll(c.Body, -1) {
		w.papers[string(urn)] = true
	}
}

// blobURN is how a resource names a document.
var blobURN = regexp.MustCompile(`urn:wardlight:blob:[0-9a-f]{64}`)

// warning follows the warnings that name the person to a ward: of a result that came
// after they had left. Such a Task is in nobody's record, and is known by the result
// that was filed with it.
func (w *watcher) warning(c record.Change, received int64) {
	if c.Ref.Type != fhir.TypeTask || c.History || len(w.results) == 0 && !w.warned[c.Ref] {
		return // most Tasks: nothing more is read
	}
	t, err := fhir.View[fhir.Task](c.Body)
	if err != nil || t.Code == nil || !t.Code.Has(fhir.SystemTaskCode, fhir.TaskHeldBack) {
		return
	}
	if m, ok := fhir.ParamOf(t.Input, fhir.ParamMessage); ok && m.ValueString != nil {
		for _, ref := range w.results {
			if c.Ref.ID == submit.LateWarning(*m.ValueString, ref) {
				w.warned[c.Ref] = true
			}
		}
	}
	if _, named := fhir.ParamOf(t.Input, fhir.ParamSaid); named && w.warned[c.Ref] {
		w.toldOf.warn(c, t.Status == "requested", received)
	}
}

// wordsOf are a patient's names and numbers, in small letters.
func wordsOf(c record.Change) (names, numbers []string) {
	p, err := fhir.View[fhir.Patient](c.Body)
	if err != nil {
		return nil, nil
	}
	for _, n := range p.Name {
		names = append(names, strings.Fields(strings.ToLower(n.Family+" "+strings.Join(n.Given, " ")))...)
	}
	for _, i := range p.Identifier {
		numbers = append(numbers, plainNumber(i.Value))
	}
	return names, numbers
}

func (w *watcher) event(a audit.Event, received time.Time) error {
	switch {
	case a.Action == audit.Flagged: // a word about a look that is here already
	case w.records[a.Patient]:
		w.lines = append(w.lines, lookOf(a))
	case a.Action == audit.Search && a.Patient == "":
		return w.list(a, received)
	case a.Action == audit.Create && a.Who.Role == "computer" && len(a.What) == 1:
		return w.card(a)
	case a.Who.Station == "":
		return w.administrator(a)
	}
	return nil
}

// card tells of a computer that showed the person's name with a warning, which lies in
// nobody's record.
func (w *watcher) card(a audit.Event) error {
	c, ok, err := w.r.Current(a.What[0].Ref)
	if err != nil || !ok || c.Ref.Type != fhir.TypeTask {
		return err
	}
	t, bad := fhir.View[fhir.Task](c.Body)
	if bad != nil || t.Focus == nil || t.Code == nil || !t.Code.Has(fhir.SystemTaskCode, fhir.TaskShown) {
		return nil
	}
	if ref, ok := t.Focus.Ref(); ok && w.warned[ref] {
		w.lines = append(w.lines, lookOf(a))
	}
	return nil
}

// wholeLists are lists on which everybody of the ward stands; on others some do.
var wholeLists = map[string]bool{"board": true, "patients": true, "handover": true}

// leftLists are lists on which somebody stands who left, for as long as their ward
// keeps them or is warned of what came for them. A search finds whom the ward keeps.
var leftLists = map[string]bool{"alerts": true, "results": true, "tasks": true}

// cutOff is from when on the delay of a look says that its computer was without
// central, and showed what it knew.
const cutOff = 2 * time.Minute

// list tells of a list that was opened where the person lay.
func (w *watcher) list(a audit.Event, received time.Time) error {
	name, rest, _ := strings.Cut(a.Query, " of ward ")
	name = strings.TrimSuffix(name, ",") // "wall, initials only, of ward 4B"
	shown, words, searched := strings.Cut(rest, ": ")
	wards := map[record.Ward]bool{record.Ward(shown): true}
	if b, ok, err := w.r.Note(record.DeviceNote(a.Who.Station)); err != nil {
		return err
	} else if ok {
		var d record.Device
		if err := record.Decode(b, &d); err != nil {
			return err
		}
		addWards(wards, d.Wards)
	}
	l := lookOf(a)
	there, before := w.stays.at(wards, l.When)
	if leftLists[name] || searched {
		t, b := w.kept.at(wards, l.When)
		there, before = there || t, before || b
	}
	if leftLists[name] && !searched {
		t, b := w.toldOf.at(wards, l.When)
		there, before = there || t, before || b
	}
	late := received.Sub(l.When) > cutOff
	if !there && (!before || !late) || searched && !w.found(words) {
		return nil
	}
	switch {
	case searched:
		l.Did = "searched for words that find this patient"
	case there && wholeLists[name]:
		l.Did = "opened a list on which this patient stood (" + name + ")"
	default:
		l.Did = "opened a list on which this patient may have stood (" + name + ")"
	}
	w.lines = append(w.lines, l)
	return nil
}

// found says whether a search finds the person: each word begins one of theirs.
func (w *watcher) found(text string) bool {
	for _, word := range strings.Fields(strings.ToLower(text)) {
		if !slices.ContainsFunc(w.names, func(n string) bool { return strings.HasPrefix(n, word) || strings.HasPrefix(n, plainNumber(word)) }) {
			return false
		}
	}
	return true
}

// administrator tells of a command that showed the person's record with others'.
func (w *watcher) administrator(a audit.Event) error {
	said := map[string]string{}
	for _, d := range a.Details {
		said[d.Name] = d.Value
	}
	if cmd := said["command"]; a.Outcome != audit.Success && said[audit.OverLimit] == "" && cmd != "export" && cmd != "backup" {
		return nil // a word about the look, which is on record before anything is shown
	}
	l := lookOf(a)
	switch said["command"] {
	case "export", "backup":
		if len(w.names) == 0 {
			return nil // before the person was known here
		}
		l.Did = "took out everything that central holds, this record with it (" + said["command"] + ")"
	case "history":
		c, _, err := w.r.Current(fhir.Ref{Type: fhir.Type(said["type"]), ID: fhir.ID(said["id"])})
		if err != nil || !w.records[journal.PatientOf(c)] {
			return err
		}
		l.Did = "read every version of one entry"
	case "document":
		if !w.papers["urn:wardlight:blob:"+strings.ToLower(said["sum"])] {
			return nil
		}
		l.Did = "took out a document of this record"
	case "quarantine show":
		mine, err := w.message(said["id"])
		if err != nil || !mine {
			return err
		}
		l.Did = "read a message about this patient as it came"
	case "audit patient":
		if !w.records[fhir.ID(said["id"])] && !w.numbers[plainNumber(said["id"])] {
			return nil
		}
		l.Did = "asked who looked at this record"
	case "audit list":
		if len(w.names) == 0 {
			return nil
		}
		l.Did = "read the whole record of who looked at whom"
	default:
		return nil
	}
	w.lines = append(w.lines, l)
	return nil
}

// message says whether what was filed of an inbound message is in the person's record.
// Of one that was never filed nobody knows whose it is.
func (w *watcher) message(id string) (bool, error) {
	row, ok, err := w.r.Inbound(id)
	if err != nil || !ok {
		return false, err
	}
	for _, ref := range row.Refs {
		c, ok, err := w.r.Current(ref)
		if err != nil {
			return false, err
		}
		if ok && w.records[journal.PatientOf(c)] {
			return true, nil
		}
	}
	return false, nil
}

var (
	didWords = map[audit.Action]string{
		audit.Read: "read the record", audit.Search: "searched", audit.Create: "wrote something new", audit.Update: "changed something",
		audit.Export: "took data out", audit.Import: "brought data in", audit.Break: "began emergency access",
	}
	whyWords = map[audit.Purpose]string{
		audit.Treatment: "treatment", audit.Emergency: "emergency treatment", audit.BreakGlass: "emergency access", audit.Operations: "operation of the system",
		audit.Payment: "payment", audit.PatientAsks: "asked for by the patient",
	}
	// whatWords say it of what central itself did, or whoever runs it.
	whatWords = map[string]string{
		submit.WhatLent: "asked central for the record, for emergency access", submit.WhatLoanEnded: "ended the emergency access",
		submit.WhatReviewed: "reviewed an emergency access",
	}
	outcomeWords = map[audit.Outcome]string{audit.Refused: "was refused", audit.Failed: "did not work"}
)

func lookOf(a audit.Event) patientLook {
	l := patientLook{
		When: a.Recorded.UTC(), Who: a.Who.Name, Role: a.Who.Role, Place: a.Who.Place,
		Did: cmp.Or(didWords[a.Action], string(a.Action)), Why: whyWords[a.Purpose], Outcome: outcomeWords[a.Outcome], action: a.Action,
	}
	if a.Measured {
		l.When = l.When.Add(a.Offset)
	}
	for _, d := range a.Details {
		if words := whatWords[d.Value]; d.Name == "what" && words != "" {
			l.Did = words
		}
	}
	switch {
	case l.Who != "":
	case a.Who.Sender != "":
		l.Who = "the system " + a.Who.Sender
	default:
		l.Who = string(a.Who.User)
	}
	if a.Action == audit.Export {
		l.sheet = a.Query
		if what, printed := strings.CutPrefix(a.Query, printedAs); printed {
			l.Did = "printed (" + what + ")"
		}
	}
	if a.Action == audit.Create && a.Who.Role == "computer" && len(a.What) == 1 && a.What[0].Ref.Type == fhir.TypeTask {
		l.Did = "showed a critical result of this patient on its screen"
	}
	return l
}

// A print is a look before there is a sheet. Where there was none in the end, a
// second event says so, and the first one's words would not be true.
const printWithin = 10 * time.Minute

// printedAs begins what the event of a print says of it; what commands take out has none.
const printedAs = "printed: "

func withoutFailedPrints(lines []patientLook) []patientLook {
	var out []patientLook
	for _, l := range lines {
		if strings.HasPrefix(l.sheet, printedAs) && l.Outcome == outcomeWords[audit.Failed] {
			for i := len(out) - 1; i >= 0 && l.When.Sub(out[i].When) <= printWithin; i-- {
				if b := out[i]; b.Outcome == "" && b.sheet == l.sheet && b.sameAs(l) {
					out = slices.Delete(out, i, i+1)
					break
				}
			}
		}
		out = append(out, l)
	}
	return out
}

// sameAs says whether two lines differ in nothing but their time and outcome.
func (l patientLook) sameAs(b patientLook) bool {
	return l.Who == b.Who && l.Role == b.Role && l.Place == b.Place && l.Did == b.Did && l.Why == b.Why
}

// How near to each other the same things stand as one line: the values of one set of
// vital signs are eight entries, and a ward's list is opened all day long.
const (
	writtenTogether = time.Minute
	openedTogether  = time.Hour
)

func grouped(lines []patientLook) []patientLook {
	var out []patientLook
	for _, l := range lines {
		within := map[audit.Action]time.Duration{audit.Create: writtenTogether, audit.Update: writtenTogether, audit.Search: openedTogether}[l.action]
		if l.action == audit.Read && l.Place == "" {
			within = openedTogether // a command of whoever runs central
		}
		i := len(out) - 1
		for ; i >= 0 && within > 0 && l.When.Sub(out[i].When) < within; i-- {
			if out[i].sameAs(l) && out[i].Outcome == l.Outcome {
				break
			}
		}
		if within == 0 || i < 0 || l.When.Sub(out[i].When) >= within {
			out = append(out, l)
			continue
		}
		out[i].Times = max(out[i].Times, 1) + 1
	}
	return out
}

package desk

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/routine"
	"wardlight/internal/clinical/told"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
	"wardlight/sync/merge"
)

// ownLine is an entry of this station with what became of it.
func (d *Desk) ownLine(c *compartment, e ownEntry) ward.OutageLine {
	body := e.body(c)
	line := d.line(e.m.Ref, body)
	line.By, line.At = cmp.Or(e.m.Author.Name, string(e.m.Author.User)), d.at(e.m.Times)
	line.Outcome, line.Why = OutcomeUnsent, told.Reasons.Say(e.receipt.Reason)
	if e.sent {
		line.Outcome = e.receipt.Outcome.String()
	}
	return line
}

// body is what the author wrote, as far as it is here: the new resource, or
// what is current with the author's operations on top.
func (e ownEntry) body(c *compartment) fhir.Resource {
	if len(e.m.Ops) > 0 && e.m.Ops[0].Kind == record.OpPut {
		return e.m.Ops[0].Value
	}
	cur, ok, err := c.r.Current(e.m.Ref)
	if err != nil || !ok {
		return nil
	}
	body, err := merge.ApplyOps(cur.Body, e.m.Ops)
	if err != nil {
		return cur.Body
	}
	return body
}

// changeLine is an entry of somebody else.
func (d *Desk) changeLine(ch record.Change) ward.OutageLine {
	line := d.line(ch.Ref, ch.Body)
	line.By, line.At = cmp.Or(ch.Author.Shown(), string(ch.Author.User)), d.received(ch.Times)
	return line
}

// maxLineWords bounds an entry's words.
const maxLineWords = 160

// line says what an entry is in one line.
func (d *Desk) line(ref fhir.Ref, body fhir.Resource) ward.OutageLine {
	kind, said := lineOf(ref.Type, body)
	if utf8.RuneCountInString(said) > maxLineWords {
		said = string([]rune(said)[:maxLineWords]) + " …"
	}
	return ward.OutageLine{Ref: ref, Kind: kind, Words: said}
}

func lineOf(t fhir.Type, body fhir.Resource) (kind, said string) {
	switch t {
	case fhir.TypeObservation:
		return observationLine(body)
	case fhir.TypeAllergyIntolerance:
		return allergyLineOf(body)
	case fhir.TypeCondition:
		return problemLine(body)
	case fhir.TypeTask:
		return taskLine(body)
	case fhir.TypeCommunication:
		v, err := fhir.View[fhir.Communication](body)
		if err != nil || noteText(v) == "" {
			return words.C("kind", "note"), words.T("Note")
		}
		if isHandover(v) {
			return words.C("kind", "handover"), noteText(v)
		}
		return words.C("kind", "note"), noteText(v)
	case fhir.TypeServiceRequest, fhir.TypeMedicationRequest:
		return words.C("kind", "order"), orderLine(t, body)
	case fhir.TypeDiagnosticReport:
		v, err := fhir.View[fhir.DiagnosticReport](body)
		if err != nil {
			return words.C("kind", "report"), words.T("Report")
		}
		return words.C("kind", "report"), joined(v.Code.Words(), ward.Said(statusWord(v.Status)))
	case fhir.TypeEncounter:
		v, err := fhir.View[encounterView](body)
		if err != nil {
			return words.C("kind", "stay"), words.T("Stay")
		}
		return words.C("kind", "stay"), joined(wardWords(v), bedWords(v), stayWords(v.Status))
	case fhir.TypePatient:
		return words.C("kind", "patient"), words.T("Name, date of birth, numbers")
	case fhir.TypeFlag:
		v, err := fhir.View[flagView](body)
		if err != nil {
			return words.C("kind", "warning"), words.T("Warning")
		}
		return words.C("kind", "warning"), joined(v.Code.Words(), v.Status)
	case fhir.TypePlanDefinition:
		v, err := fhir.View[fhir.PlanDefinition](body)
		if err != nil {
			return words.C("kind", "routine"), words.T("Routine")
		}
		return words.C("kind", "routine"), joined(v.Title, words.F("version %s", v.Version))
	default:
		return words.C("kind", "other"), string(t)
	}
}

func wardWords(v encounterView) string {
	if w := fhir.ExtString(v.Extension, fhir.ExtWard); w != "" {
		return words.F("Ward %s", w)
	}
	return ""
}

func bedWords(v encounterView) string {
	if bed := v.bed(); bed != "" {
		return words.F("bed %s", bed)
	}
	return ""
}

// stayWords are a stay's status as a ward says it; one that is not known is shown as it
// came.
func stayWords(status string) string {
	switch status {
	case "planned":
		return words.C("stay", "expected")
	case "arrived", "triaged", "in-progress":
		return words.C("stay", "on the ward")
	case "onleave":
		return words.C("stay", "on leave")
	case "finished":
		return words.C("stay", "over")
	case "entered-in-error":
		return words.T("entered in error")
	}
	return status
}

func observationLine(body fhir.Resource) (kind, said string) {
	o, err := fhir.View[fhir.Observation](body)
	if err != nil {
		return words.C("kind", "result"), words.T("Result")
	}
	kind = words.C("kind", "result")
	if isVital(o) {
		kind = words.C("kind", "vital sign")
	}
	var r ward.Result
	giveValue(&r, o)
	said = strings.TrimSpace(o.Code.Words() + " " + r.Value + " " + r.Unit)
	if _, call := fhir.PhoneCallOf(o); call && !withdrawn(o.Status) {
		said = joined(said, words.T("phoned"))
	} else if o.Status != "final" {
		said = joined(said, ward.Said(statusWord(o.Status)))
	}
	return kind, said
}

func allergyLineOf(body fhir.Resource) (kind, said string) {
	v, err := fhir.View[fhir.AllergyIntolerance](body)
	if err != nil || v.Code == nil {
		return words.C("kind", "allergy"), words.T("Allergy")
	}
	how, worst := reaction(v.Reaction)
	said = joined(v.Code.Words(), how, ward.Said(worst))
	if !inForce(v) {
		said = joined(said, words.T("not in force"))
	}
	return words.C("kind", "allergy"), said
}

func taskLine(body fhir.Resource) (kind, said string) {
	t, err := fhir.View[fhir.Task](body)
	if err != nil {
		return words.C("kind", "task"), words.T("Task")
	}
	switch code(t) {
	case fhir.TaskAcknowledge:
		return words.C("kind", "taken"), takenWords(paramString(t, fhir.ParamKind)) + focusWords(t)
	case fhir.TaskWithdraw:
		return words.C("kind", "taken"), words.T("given back") + focusWords(t)
	case fhir.TaskGive:
		owner := ""
		if t.Owner != nil {
			owner = t.Owner.Display
		}
		return words.C("kind", "handover"), words.F("handed over to %s", owner)
	case fhir.TaskAccept:
		return words.C("kind", "handover"), joined(words.T("handover accepted"), t.Description)
	case fhir.TaskAsk:
		return words.C("kind", "question"), joined(words.F("put to %s", paramString(t, fhir.ParamHandedTo)), t.Description)
	case fhir.TaskReview:
		return words.C("kind", "question"), joined(told.Questions.Say(t.Description), decidedWord(t))
	}
	if run, ok := routine.RunOf(t); ok {
		return words.C("kind", "routine"), joined(run.Name, runStatus(run))
	}
	return words.C("kind", "task"), joined(t.Description, ward.Said(dutyStatus(t.Status)))
}

// runStatus is how far a routine has come.
func runStatus(r routine.Run) string {
	switch {
	case r.Mistake:
		return words.T("begun by mistake")
	case r.Left:
		return words.C("routine", "ended")
	}
	return words.F("%d of %d steps answered", len(r.Steps)-r.OpenSteps(), len(r.Steps))
}

// takenWords is the kind of an acknowledgement; one that is not known is shown as it came.
func takenWords(kind string) string {
	switch kind {
	case "", alert.AckTaken:
		return words.C("result", "taken")
	case alert.AckSeen:
		return words.C("result", "seen")
	case alert.AckActing:
		return words.C("result", "acting")
	case alert.AckHandedTo:
		return words.C("result", "handed-to")
	}
	return kind
}

func decidedWord(t fhir.Task) string {
	if openReview(t) {
		return ""
	}
	return words.T("decided")
}

func focusWords(t fhir.Task) string {
	if t.Focus == nil || t.Focus.Display == "" {
		return ""
	}
	return ": " + t.Focus.Display
}

// joined are the words that there are, with commas.
func joined(said ...string) string {
	var out []string
	for _, w := range said {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return strings.Join(out, ", ")
}

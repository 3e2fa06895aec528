package desk

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/routine"
	"wardlight/internal/clinical/ward"
	"wardlight/sync/merge"
)

// ownLine is an entry of this station with what became of it.
func (d *Desk) ownLine(c *compartment, e ownEntry) ward.OutageLine {
	body := e.body(c)
	line := d.line(e.m.Ref, body)
	line.By, line.At = cmp.Or(e.m.Author.Name, string(e.m.Author.User)), d.at(e.m.Times)
	line.Outcome, line.Why = OutcomeUnsent, e.receipt.Reason
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
	kind, words := lineOf(ref.Type, body)
	if utf8.RuneCountInString(words) > maxLineWords {
		words = string([]rune(words)[:maxLineWords]) + " …"
	}
	return ward.OutageLine{Ref: ref, Kind: kind, Words: words}
}

func lineOf(t fhir.Type, body fhir.Resource) (kind, words string) {
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
			return "note", "Note"
		}
		if isHandover(v) {
			return "handover", noteText(v)
		}
		return "note", noteText(v)
	case fhir.TypeServiceRequest, fhir.TypeMedicationRequest:
		return "order", orderLine(t, body)
	case fhir.TypeDiagnosticReport:
		v, err := fhir.View[fhir.DiagnosticReport](body)
		if err != nil {
			return "report", "Report"
		}
		return "report", joined(v.Code.Words(), statusWord(v.Status))
	case fhir.TypeEncounter:
		v, err := fhir.View[encounterView](body)
		if err != nil {
			return "stay", "Stay"
		}
		return "stay", joined("Ward "+fhir.ExtString(v.Extension, fhir.ExtWard), "bed "+v.bed(), stayWords(v.Status))
	case fhir.TypePatient:
		return "patient", "Name, date of birth, numbers"
	case fhir.TypeFlag:
		v, err := fhir.View[flagView](body)
		if err != nil {
			return "warning", "Warning"
		}
		return "warning", joined(v.Code.Words(), v.Status)
	case fhir.TypePlanDefinition:
		v, err := fhir.View[fhir.PlanDefinition](body)
		if err != nil {
			return "routine", "Routine"
		}
		return "routine", joined(v.Title, "version "+v.Version)
	default:
		return "other", string(t)
	}
}

// stayWords are a stay's status as a ward says it; one that is not known is shown as it
// came.
func stayWords(status string) string {
	switch status {
	case "planned":
		return "expected"
	case "arrived", "triaged", "in-progress":
		return "on the ward"
	case "onleave":
		return "on leave"
	case "finished":
		return "over"
	case "entered-in-error":
		return "entered in error"
	}
	return status
}

func observationLine(body fhir.Resource) (kind, words string) {
	o, err := fhir.View[fhir.Observation](body)
	if err != nil {
		return "result", "Result"
	}
	kind = "result"
	if isVital(o) {
		kind = "vital sign"
	}
	var r ward.Result
	giveValue(&r, o)
	words = strings.TrimSpace(o.Code.Words() + " " + r.Value + " " + r.Unit)
	if _, call := fhir.PhoneCallOf(o); call && !withdrawn(o.Status) {
		words = joined(words, "phoned")
	} else if o.Status != "final" {
		words = joined(words, statusWord(o.Status))
	}
	return kind, words
}

func allergyLineOf(body fhir.Resource) (kind, words string) {
	v, err := fhir.View[fhir.AllergyIntolerance](body)
	if err != nil || v.Code == nil {
		return "allergy", "Allergy"
	}
	how, worst := reaction(v.Reaction)
	words = joined(v.Code.Words(), how, worst)
	if !inForce(v) {
		words = joined(words, "not in force")
	}
	return "allergy", words
}

func taskLine(body fhir.Resource) (kind, words string) {
	t, err := fhir.View[fhir.Task](body)
	if err != nil {
		return "task", "Task"
	}
	switch code(t) {
	case fhir.TaskAcknowledge:
		return "taken", cmp.Or(paramString(t, fhir.ParamKind), "taken") + focusWords(t)
	case fhir.TaskWithdraw:
		return "taken", "given back" + focusWords(t)
	case fhir.TaskGive:
		owner := ""
		if t.Owner != nil {
			owner = t.Owner.Display
		}
		return "handover", "handed over to " + owner
	case fhir.TaskAccept:
		return "handover", joined("handover accepted", t.Description)
	case fhir.TaskAsk:
		return "question", joined("put to "+paramString(t, fhir.ParamHandedTo), t.Description)
	case fhir.TaskReview:
		return "question", joined(t.Description, map[bool]string{true: "", false: "decided"}[openReview(t)])
	}
	if run, ok := routine.RunOf(t); ok {
		return "routine", joined(run.Name, runStatus(run))
	}
	return "task", joined(t.Description, dutyStatus(t.Status))
}

// runStatus is how far a routine has come.
func runStatus(r routine.Run) string {
	switch {
	case r.Mistake:
		return "begun by mistake"
	case r.Left:
		return "ended"
	}
	return fmt.Sprintf("%d of %d steps answered", len(r.Steps)-r.OpenSteps(), len(r.Steps))
}

func focusWords(t fhir.Task) string {
	if t.Focus == nil || t.Focus.Display == "" {
		return ""
	}
	return ": " + t.Focus.Display
}

// joined are the words that there are, with commas.
func joined(words ...string) string {
	var out []string
	for _, w := range words {
		if w = strings.TrimSpace(w); w != "" && w != "Ward" && w != "bed" {
			out = append(out, w)
		}
	}
	return strings.Join(out, ", ")
}

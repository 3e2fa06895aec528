package desk

import (
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/naming"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
)

// recordProblem writes a problem down. The same words that wait to be sent, or hold
// already by somebody here, are not written twice.
func (n *pen) recordProblem(c ward.RecordProblem) error {
	c.Words, c.Note, c.Onset = strings.TrimSpace(c.Words), strings.TrimSpace(c.Note), strings.TrimSpace(c.Onset)
	if c.Certainty == "" {
		c.Certainty = problemUnconfirmed
	}
	switch {
	case c.Words == "":
		return n.refuse(fault.Invalid, words.Errorf("Say what the problem is. Nothing was saved."))
	case !slices.Contains([]string{problemConfirmed, problemProvisional, problemUnconfirmed}, c.Certainty):
		return n.refuse(fault.Invalid, words.Errorf("A problem is confirmed, provisional or unconfirmed. Nothing was saved."))
	}
	if err := n.bounded(c.Words, c.Note); err != nil {
		return err
	}
	if err := n.onset(c.Onset); err != nil {
		return err
	}
	for i := range n.c.problems {
		p := &n.c.problems[i]
		if problemStatus(p.View) == ward.ProblemActive && p.First.Sender == "" && p.View.Code != nil && naming.Fold(p.View.Code.Words()) == naming.Fold(c.Words) {
			if p.Unsent && p.First.User == n.author.User && problemCertainty(p.View) == c.Certainty && p.View.OnsetDateTime == c.Onset {
				n.made = append(n.made, p.id()) // pressed twice: one problem
				return nil
			}
			return n.refuse(fault.Conflict, words.Errorf("%s is on the list already. Nothing was saved.", p.View.Code.Words()))
		}
	}
	_, err := n.create(fhir.TypeCondition, "", c.Onset, func(id fhir.ID) any {
		active, sure := concept(fhir.SystemConditionClinical, problemActive, ""), concept(fhir.SystemConditionVerified, c.Certainty, "")
		v := fhir.Condition{
			ResourceType: fhir.TypeCondition, ID: id, ClinicalStatus: &active, VerificationStatus: &sure,
			Category: []fhir.CodeableConcept{concept(fhir.SystemConditionCategory, fhir.CategoryProblem, "")},
			Code:     &fhir.CodeableConcept{Text: c.Words}, Subject: *n.subject(), OnsetDateTime: c.Onset,
			RecordedDate: n.now(), Recorder: n.writer(), Asserter: n.writer(),
		}
		if c.Note != "" {
			v.Note = []fhir.Annotation{{AuthorString: n.who.Name, Time: n.now(), Text: c.Note}}
		}
		return v
	})
	return err
}

// onset takes a day, a month or a year that has begun.
func (n *pen) onset(text string) error {
	if text == "" {
		return nil
	}
	for _, layout := range []string{"2006-01-02", "2006-01", "2006"} {
		if t, err := time.ParseInLocation(layout, text, n.d.loc); err == nil {
			if t.After(n.d.now()) {
				return n.refuse(fault.Invalid, words.Errorf("That it began lies in the future. Nothing was saved."))
			}
			return nil
		}
	}
	return n.refuse(fault.Invalid, words.Errorf("When it began is not understood: write 2026-11-21, 2026-11 or 2026. Nothing was saved."))
}

// problemOf finds a problem of this patient as it was on the screen.
func (n *pen) problemOf(id fhir.ID, version uint64) (*item[fhir.Condition], error) {
	i := slices.IndexFunc(n.c.problems, func(p item[fhir.Condition]) bool { return p.id() == id })
	switch {
	case i < 0:
		return nil, n.refuse(fault.NotFound, words.Errorf("This problem is not on this computer. Nothing was saved. Look again."))
	case n.c.problems[i].version() != version:
		return nil, n.refuse(fault.Conflict, words.Errorf("This problem was changed while you looked. Nothing was saved. Look again."))
	}
	return &n.c.problems[i], nil
}

// resolveProblem says that a problem is over. It stays, with who said so and when.
func (n *pen) resolveProblem(c ward.ResolveProblem) error {
	if err := n.bounded(c.Reason); err != nil {
		return err
	}
	p, err := n.problemOf(c.Problem, c.Version)
	if err != nil {
		return err
	}
	n.made = append(n.made, p.id())
	switch problemStatus(p.View) {
	case ward.ProblemResolved:
		return nil // said already
	case ward.ProblemRefuted, ward.ProblemError:
		return n.refuse(fault.Conflict, words.Errorf("This entry does not hold any more. Nothing was saved. Look again."))
	case ward.ProblemActive:
	}
	return n.change(p.Change, p.Unsent, strings.TrimSpace(c.Reason), rbac.Change, func(o fhir.Object) error {
		if err := set(o, "abatementDateTime", n.now()); err != nil {
			return err
		}
		return set(o, "clinicalStatus", concept(fhir.SystemConditionClinical, problemResolved, ""))
	})
}

// strikeProblem marks what was written here as entered in error. R4 lets such a
// Condition have no clinical status (con-5).
func (n *pen) strikeProblem(c ward.StrikeProblem) error {
	reason := strings.TrimSpace(c.Reason)
	if reason == "" {
		return n.refuse(fault.Invalid, words.Errorf("Say why it was entered in error. Nothing was saved."))
	}
	if err := n.bounded(reason); err != nil {
		return err
	}
	p, err := n.problemOf(c.Problem, c.Version)
	if err != nil {
		return err
	}
	switch {
	case p.First.Sender != "":
		return n.refuse(fault.Conflict, words.Errorf("%s sent this, and takes it back itself: ask there. If the problem is over, resolve it. Nothing was saved.", p.First.Shown()))
	case problemStatus(p.View) == ward.ProblemError:
		n.made = append(n.made, p.id())
		return nil
	}
	n.made = append(n.made, p.id())
	return n.change(p.Change, p.Unsent, reason, rbac.Change, func(o fhir.Object) error {
		delete(o, "clinicalStatus")
		delete(o, "abatementDateTime")
		return set(o, "verificationStatus", concept(fhir.SystemConditionVerified, problemError, ""))
	})
}

// reopenProblem takes an end back, or says that what was over is there again.
func (n *pen) reopenProblem(c ward.ReopenProblem) error {
	i := slices.IndexFunc(n.c.problems, func(p item[fhir.Condition]) bool { return p.id() == c.Problem })
	if i < 0 {
		return n.refuse(fault.NotFound, words.Errorf("This problem is not on this computer. Nothing was saved. Look again."))
	}
	p := &n.c.problems[i]
	n.made = append(n.made, p.id())
	mine := p.Change.Author.User == n.author.User && n.author.User != ""
	switch problemStatus(p.View) {
	case ward.ProblemActive:
		return nil // it holds
	case ward.ProblemRefuted, ward.ProblemError:
		if p.First.Sender != "" || !mine {
			return n.refuse(fault.Conflict, words.Errorf("Somebody else struck this entry. Record the problem anew. Nothing was saved."))
		}
	case ward.ProblemResolved:
	}
	reason := "there again"
	if mine {
		reason = "ended by mistake"
	}
	return n.change(p.Change, p.Unsent, reason, rbac.Change, func(o fhir.Object) error {
		delete(o, "abatementDateTime")
		if problemCertainty(p.View) == problemError {
			if err := set(o, "verificationStatus", concept(fhir.SystemConditionVerified, problemUnconfirmed, "")); err != nil {
				return err
			}
		}
		return set(o, "clinicalStatus", concept(fhir.SystemConditionClinical, problemActive, ""))
	})
}

package desk

import (
	"context"
	"errors"
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/words"
)

// writeHandover writes a part of a handover. Every wording is an entry of its own
// that is never changed; it names those that it replaces, so that two who wrote
// apart are shown together until somebody replaces both.
func (n *pen) writeHandover(c ward.WriteHandover) error {
	text := strings.TrimSpace(c.Text)
	switch {
	case c.Part != ward.PartSeverity && c.Part != ward.PartSummary && c.Part != ward.PartContingency:
		return n.refuse(fault.Invalid, words.Errorf("A handover has no such part. Nothing was saved."))
	case text == "":
		return n.refuse(fault.Invalid, words.Errorf("There is nothing to save. Nothing was saved."))
	case c.Part == ward.PartSeverity && !ward.Severity(text).Valid():
		return n.refuse(fault.Invalid, words.Errorf("Somebody is stable, a watcher or unstable. Nothing was saved."))
	}
	if err := n.bounded(text); err != nil {
		return err
	}
	var replaced []fhir.Reference
	for _, w := range n.d.standing(n.c, c.Part) {
		if !slices.Contains(c.Replaces, w.ID) {
			continue // its author has not seen it: it stands beside
		}
		if len(c.Replaces) == 1 && w.Text == text {
			n.made = append(n.made, w.ID)
			return nil // as it stands already
		}
		replaced = append(replaced, fhir.To(fhir.Ref{Type: fhir.TypeCommunication, ID: w.ID}))
	}
	_, err := n.create(fhir.TypeCommunication, "", n.now(), func(id fhir.ID) any {
		return fhir.Communication{
			ResourceType: fhir.TypeCommunication, ID: id, Status: "completed", Category: noteCategory(fhir.NoteHandover), InResponseTo: replaced,
			Topic:   &fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemHandover, Code: c.Part}}},
			Subject: n.subject(), Sent: n.now(), Sender: n.writer(), Payload: []fhir.CommunicationPayload{{ContentString: text}},
		}
	})
	return err
}

func noteCategory(code string) []fhir.CodeableConcept {
	return []fhir.CodeableConcept{{Coding: []fhir.Coding{{System: fhir.SystemNote, Code: code}}}}
}

// maxGiven bounds the patients of one giving.
const maxGiven = 300

// giveHandover is the giver's signature under each patient. They are commits of
// their own, because each belongs to its patient's record; where one cannot be
// given, those before it are, and the words say so.
func (d *Desk) giveHandover(ctx context.Context, op string, p ward.Person, c ward.GiveHandover) (ward.Done, error) {
	to := strings.TrimSpace(c.To)
	switch {
	case to == "":
		return ward.Done{}, fault.As(fault.Invalid, op, "", words.Errorf("Say to whom you hand over. Nothing was saved."))
	case IsPerson(to, p):
		return ward.Done{}, fault.As(fault.Invalid, op, "", words.Errorf("You cannot hand over to yourself. Nothing was saved."))
	case len(to) > maxWords || len(c.Patients) > maxGiven:
		return ward.Done{}, fault.As(fault.Invalid, op, "", words.Errorf("That is too much for one handover: %d patients at most. Nothing was saved.", maxGiven))
	case len(c.Patients) == 0:
		return ward.Done{}, fault.As(fault.Invalid, op, "", words.Errorf("There is nobody to hand over. Nothing was saved."))
	}
	seq, err := d.store.NextSeq()
	if err != nil {
		return ward.Done{}, fault.Wrap(op, "", err)
	}
	group := string(record.MutationOf(d.cfg.Station, seq))
	var done ward.Done
	for i, id := range c.Patients {
		one, err := d.write(ctx, op, p, id, func(n *pen) error { return n.give(group, to) })
		if err != nil {
			return done, notAll(op, err, i, len(c.Patients))
		}
		done.Made = append(done.Made, one.Made...)
	}
	return done, nil
}

// notAll says how far a command of several patients came.
func notAll(op string, err error, done, of int) error {
	if done == 0 {
		return err
	}
	return fault.As(fault.KindOf(err), op, "", &failing{words.ErrorN(done, "%[2]v %[1]d of %[3]d patients was handed over, the others were not.", "%[2]v %[1]d of %[3]d patients were handed over, the others were not.", unsaved{err}, of), err})
}

// give writes what is handed over: the wordings that stand and the open to-dos.
func (n *pen) give(group, to string) error {
	input := []fhir.TaskParameter{
		{Type: fhir.Param(fhir.ParamGroup), ValueString: fhir.Str(group)},
		{Type: fhir.Param(fhir.ParamStation), ValueString: fhir.Str(string(n.d.cfg.Station))},
	}
	for _, ref := range n.d.handed(n.c) {
		to := fhir.To(ref)
		input = append(input, fhir.TaskParameter{Type: fhir.Param(fhir.ParamGiven), ValueReference: &to})
	}
	_, err := n.create(fhir.TypeTask, "", n.now(), func(id fhir.ID) any {
		return fhir.Task{
			ResourceType: fhir.TypeTask, ID: id, Status: "completed", Intent: "order", Code: fhir.TaskCode(fhir.TaskGive), For: n.subject(),
			AuthoredOn: n.now(), Requester: n.writer(), Owner: &fhir.Reference{Display: to}, Input: input,
		}
	})
	return err
}

// acceptHandover is the receiver's signature. Whoever gave cannot accept; of an
// unstable patient something is repeated back.
func (n *pen) acceptHandover(c ward.AcceptHandover) error {
	said := strings.TrimSpace(c.Synthesis)
	if err := n.bounded(said); err != nil {
		return err
	}
	g, err := n.present(c.Given)
	if err != nil {
		return err
	}
	for _, a := range g.Accepted {
		if a.User == n.who.User {
			n.made = append(n.made, g.ID)
			return nil // signed already
		}
	}
	switch {
	case g.User == n.who.User:
		return n.refuse(fault.Invalid, words.Errorf("Whoever gave a handover does not accept it: the other signs. Nothing was saved."))
	case said == "":
		s, err := n.d.sheet(n.c)
		if err != nil {
			return err
		}
		if s.Worst() == ward.Unstable {
			return n.refuse(fault.Invalid, words.Errorf("This patient is unstable: repeat back what you have to do. Nothing was saved."))
		}
	}
	return n.statement(fhir.TaskAccept, fhir.Ref{Type: fhir.TypeTask, ID: c.Given}, said, []fhir.TaskParameter{
		{Type: fhir.Param(fhir.ParamStation), ValueString: fhir.Str(string(n.d.cfg.Station))},
	})
}

// takeBackHandover withdraws a giving that nobody has accepted.
func (n *pen) takeBackHandover(c ward.TakeBackHandover) error {
	reason := strings.TrimSpace(c.Reason)
	if err := n.bounded(reason); err != nil {
		return err
	}
	g, err := n.present(c.Given)
	switch {
	case err != nil:
		return err
	case len(g.Accepted) > 0:
		return n.refuse(fault.Conflict, words.Errorf("%s has accepted it. Nothing was saved. Hand over anew.", g.Accepted[0].By))
	case g.User != n.who.User && reason == "":
		return n.refuse(fault.Invalid, words.Errorf("%s gave it. Say why you take it back for them. Nothing was saved.", g.By))
	}
	return n.statement(fhir.TaskWithdraw, fhir.Ref{Type: fhir.TypeTask, ID: c.Given}, reason, []fhir.TaskParameter{
		{Type: fhir.Param(fhir.ParamStation), ValueString: fhir.Str(string(n.d.cfg.Station))},
	})
}

// present is the giving that is the patient's present one, refused where it is
// not the one that was on the screen.
func (n *pen) present(id fhir.ID) (ward.Given, error) {
	g, ok := n.d.given(n.c)
	switch {
	case !ok:
		return g, n.refuse(fault.NotFound, words.Errorf("This handover was taken back, or is not on this computer. Nothing was saved. Look again."))
	case g.ID != id:
		return g, n.refuse(fault.Conflict, words.Errorf("This patient was handed over anew by %s at %s. Nothing was saved. Look again.", g.By, n.d.stampWords(g.At)))
	}
	return g, nil
}

// unsaved is what an error says in the end, without the path to it, and without that
// nothing was saved.
type unsaved struct{ error }

// nothingSaved is how most refusals end.
var nothingSaved = words.K("Nothing was saved.")

// Error is in English.
func (u unsaved) Error() string {
	return strings.TrimSuffix(wordsOf(u.error), " "+nothingSaved.English())
}

// Say is in the language in use.
func (u unsaved) Say() string {
	return strings.TrimSuffix(words.Say(u.error), " "+nothingSaved.Say())
}

// wordsOf is what an error says in the end, without the path to it, in English.
func wordsOf(err error) string {
	var t *failing
	if errors.As(err, &t) {
		return t.Error()
	}
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

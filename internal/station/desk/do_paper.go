package desk

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
)

// DraftNote is the Kind of a note's draft.
const DraftNote = "note"

// writeNote saves a note and drops the draft that it grew from.
func (d *Desk) writeNote(ctx context.Context, op string, p ward.Person, c ward.WriteNote) (ward.Done, error) {
	done, err := d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.writeNote(c) })
	if err != nil || len(done.Ask) > 0 {
		return done, err
	}
	// The note is safe. A draft that stays is a nuisance, never a loss.
	_ = d.store.DropDraft(ctx, record.UserID(p.User), draftKey(c.Patient, DraftNote))
	return done, nil
}

func (n *pen) writeNote(c ward.WriteNote) error {
	text := strings.TrimSpace(c.Text)
	if text == "" {
		return n.refuse(fault.Invalid, words.Errorf("The note is empty. Nothing was saved."))
	}
	if len(text) > maxNote {
		return n.refuse(fault.Invalid, words.Errorf("The note is too long: %d characters at most. Your draft is kept.", maxNote))
	}
	if c.Edit == "" {
		if err := n.checkTrue(c); err != nil || len(n.ask) > 0 {
			return err
		}
	}
	payload := []fhir.CommunicationPayload{{ContentString: text}}
	if c.Edit == "" {
		if id, twice := n.noteTwice(text); twice {
			n.made = append(n.made, id)
			return nil
		}
		_, err := n.create(fhir.TypeCommunication, "", n.now(), func(id fhir.ID) any {
			kind := fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemNote, Code: noteKind(n.who.Role)}}}
			return fhir.Communication{
				ResourceType: fhir.TypeCommunication, ID: id, Extension: trueExt(c.True), Status: "completed", Category: []fhir.CodeableConcept{kind},
				Subject: n.subject(), Sent: n.now(), Sender: n.writer(), Payload: payload,
			}
		})
		return err
	}
	for i := range n.c.notes {
		note := &n.c.notes[i]
		if note.id() != c.Edit || isHandover(note.View) {
			continue
		}
		if string(note.First.User) != n.who.User {
			return n.refuse(fault.Invalid, words.Errorf("Only who wrote a note may reword it. Write a note of your own. Nothing was saved."))
		}
		n.made = append(n.made, note.id())
		return n.change(note.Change, note.Unsent, "", rbac.Change, func(o fhir.Object) error { return set(o, "payload", payload) })
	}
	return n.refuse(fault.NotFound, words.Errorf("The note to reword is not on this computer. Nothing was saved."))
}

// checkTrue refuses a time that cannot be, and asks about one long ago, like the times of
// observations: what was written on paper during an outage is entered within days.
func (n *pen) checkTrue(c ward.WriteNote) error {
	age := n.d.now().Sub(c.True)
	switch {
	case c.True.IsZero():
		return nil
	case age < -maxAhead:
		return n.refuse(fault.Invalid, words.Errorf("The time at which it was true lies in the future. Nothing was saved. Type it again."))
	case age > maxBack:
		return n.refuse(fault.Invalid, words.Errorf("The time at which it was true lies more than 7 days back. Nothing was saved. Type it again, or say it in the note itself."))
	case age > longAgo && !c.Confirmed:
		n.ask = []string{words.F("This was true %s ago, at %s. Keep the time or change it?", ward.Span(age), n.d.stampWords(c.True))}
	}
	return nil
}

// trueExt says when a note was true; nothing where it was when it was written down.
func trueExt(at time.Time) []fhir.Extension {
	if at.IsZero() {
		return nil
	}
	return []fhir.Extension{{URL: fhir.ExtTrueAt, ValueDateTime: fhir.Str(stamp(at))}}
}

// noteTwice finds the same words by the same hand, a moment ago.
func (n *pen) noteTwice(text string) (fhir.ID, bool) {
	for i := range n.c.notes {
		note := &n.c.notes[i]
		since := n.times.Station - note.Made.Station
		if note.First.User == n.author.User && note.First.Station == n.author.Station && noteText(note.View) == text && since >= 0 && since < doublePress.Milliseconds() {
			return note.id(), true
		}
	}
	return "", false
}

// maxNote bounds a note.
const maxNote = 64 << 10

func noteKind(role string) string {
	if rbac.Role(role) == rbac.Doctor {
		return "medical"
	}
	return "nursing"
}

func draftKey(patient fhir.ID, kind string) string { return string(patient) + "/" + kind }

// saveDraft keeps unfinished text, readable by nobody but its author.
func (d *Desk) saveDraft(ctx context.Context, p ward.Person, c ward.SaveDraft) error {
	const op = "desk.draft"
	switch {
	case !c.Patient.Valid() || c.Kind == "" || len(c.Kind) > 32 || strings.ContainsAny(c.Kind, "/\x00"):
		return fault.As(fault.Invalid, op, "", words.Errorf("A draft belongs to a patient and has a kind."))
	case len(c.Body) > maxNote:
		return fault.As(fault.Invalid, op, "", words.Errorf("The draft is too long: %d characters at most.", maxNote))
	}
	user, key := record.UserID(p.User), draftKey(c.Patient, c.Kind)
	if c.Body == "" {
		return fault.Wrap(op, "", d.store.DropDraft(ctx, user, key))
	}
	body, err := json.Marshal(ward.Draft{Patient: c.Patient, Kind: c.Kind, Body: c.Body, Saved: d.now()})
	if err != nil {
		return fault.As(fault.Invalid, op, "", err)
	}
	return fault.Wrap(op, "", d.store.SetDraft(ctx, user, key, body))
}

// Drafts are what the person who is signed in has not finished, newest first.
func (d *Desk) Drafts(ctx context.Context) ([]ward.Draft, error) {
	const op = "desk.drafts"
	p, err := d.author(op)
	if err != nil {
		return nil, err
	}
	kept, err := d.store.Drafts(record.UserID(p.User))
	if err != nil {
		return nil, fault.Wrap(op, "", err)
	}
	out := make([]ward.Draft, 0, len(kept))
	for _, k := range kept {
		var w ward.Draft
		if json.Unmarshal(k.Body, &w) == nil {
			out = append(out, w)
		}
	}
	slices.SortStableFunc(out, func(a, b ward.Draft) int { return b.Saved.Compare(a.Saved) })
	return out, nil
}

package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/told"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
	"wardlight/sync/merge"
)

// openReview says whether a Task is a review that still waits.
func openReview(t fhir.Task) bool {
	if code(t) != fhir.TaskReview {
		return false
	}
	switch t.Status {
	case "completed", "cancelled", "entered-in-error", "rejected", "failed":
		return false
	}
	return true
}

// disputedRefs are the resources that an open review is about.
func disputedRefs(c *compartment) map[fhir.Ref]bool {
	m := map[fhir.Ref]bool{}
	for i := range c.tasks {
		t := c.tasks[i].View
		if !openReview(t) {
			continue
		}
		if t.Focus != nil {
			if ref, ok := t.Focus.Ref(); ok {
				m[ref] = true
			}
		}
		for _, p := range t.Input {
			if p.ValueReference == nil {
				continue
			}
			if ref, ok := p.ValueReference.Ref(); ok {
				m[ref] = true
			}
		}
	}
	return m
}

func countReviews(c *compartment) int {
	n := 0
	for i := range c.tasks {
		if openReview(c.tasks[i].View) {
			n++
		}
	}
	return n
}

// Reviews are the disagreements of this ward's patients that wait for a
// person, oldest first.
func (d *Desk) Reviews(ctx context.Context) ([]ward.Review, error) {
	may, err := d.lists("desk.reviews")
	if err != nil {
		return nil, err
	}
	ids, err := d.board.withReviews(ctx, d, may)
	if err != nil {
		return nil, fault.Wrap("desk.reviews", "", err)
	}
	out := []ward.Review{}
	err = d.store.View(ctx, func(r Reader) error {
		for _, id := range ids {
			c, err := load(r, id)
			if err != nil {
				return err
			}
			out = append(out, d.reviewsOf(c)...)
		}
		return nil
	})
	sortReviews(out)
	return out, fault.Wrap("desk.reviews", "", err)
}

func sortReviews(list []ward.Review) {
	slices.SortStableFunc(list, func(a, b ward.Review) int { return cmp.Or(a.Made.Compare(b.Made), cmp.Compare(a.ID, b.ID)) })
}

// reviewsOf are the open reviews of one patient.
func (d *Desk) reviewsOf(c *compartment) []ward.Review {
	var out []ward.Review
	who := d.identity(c)
	for i := range c.tasks {
		t := &c.tasks[i]
		if !openReview(t.View) {
			continue
		}
		s, err := merge.StoryOf(t.Change.Body)
		if err != nil {
			continue
		}
		r := d.review(t, s, who)
		r.Asked = d.asked(c, t.id())
		out = append(out, r)
	}
	return out
}

// senderPlace is where a message came from: no computer of a ward.
var senderPlace = words.K("another system")

func (d *Desk) review(t *item[fhir.Task], s merge.Story, who ward.Identity) ward.Review {
	r := ward.Review{
		ID: t.id(), Version: t.version(), Who: who, Question: told.Questions.Say(s.Words), Made: d.received(t.Made), Unsent: t.Unsent,
		Short: shortReview(s), Sides: []ward.Side{},
	}
	var story []string
	for _, side := range s.Sides {
		r.About = string(side.Ref.Type)
		w := ward.Side{
			Ref: side.ID, Title: saidAnswer(s, side), Quote: side.Note, Who: side.Author.Shown(),
			Place: cmp.Or(side.Author.Place, string(side.Author.Station), senderPlace.Say()), When: d.at(side.Times), InForce: side.InForce,
		}
		if side.Times.Central != 0 {
			w.Sent = ms(side.Times.Central).In(d.loc)
			if w.Sent.Sub(w.When) > sentLater {
				w.CouldSee = words.F("this computer's copy; it was sent at %s", d.stampWords(w.Sent))
			}
		}
		r.Sides = append(r.Sides, w)
		if w.Who != "" { // an answer that nobody wrote, as "both", has no story
			said := words.F("At %s, %s: %s wrote “%s”.", d.stampWords(w.When), w.Place, w.Who, w.Title)
			if side.Author.Sender != "" {
				said = words.F("At %s, %s sent “%s”.", d.stampWords(w.When), w.Who, w.Title)
			}
			story = append(story, said)
		}
	}
	r.Neither = s.Question == merge.QuestionAllergy || s.Question == merge.QuestionField
	if text := inForceWords(r.Sides); text != "" {
		story = append(story, words.F("Until you decide, the record says: %s.", text))
	}
	r.Story = strings.Join(story, " ")
	return r
}

// saidAnswer is a side in the language in use. Of an element of a record the sides are its
// values, which stand as they are; only that there is none, and where somebody is, is said.
func saidAnswer(s merge.Story, side merge.Side) string {
	switch {
	case s.Question == merge.QuestionPhoned && side.Ref != s.Sides[0].Ref:
		return told.Results.Say(side.Words)
	case s.Question == merge.QuestionField && s.Field != "movement" && side.Words != "Removed":
		return side.Words
	}
	return told.Answers.Say(side.Words)
}

// fieldNames are the elements that reviews ask about, as FHIR calls them.
var fieldNames = map[string]words.Key{
	"name": words.KC("field", "name"), "birthDate": words.KC("field", "birthDate"), "gender": words.KC("field", "gender"), "identifier": words.KC("field", "identifier"),
	"address": words.KC("field", "address"), "telecom": words.KC("field", "telecom"), "movement": words.KC("field", "movement"), "verificationStatus": words.KC("field", "verificationStatus"),
	"clinicalStatus": words.KC("field", "clinicalStatus"), "code": words.KC("field", "code"), "reaction": words.KC("field", "reaction"), "status": words.KC("field", "status"),
	"dosageInstruction": words.KC("field", "dosageInstruction"),
}

func fieldName(code string) string {
	if k, ok := fieldNames[code]; ok {
		return k.Say()
	}
	return code
}

// inForceWords are what holds meanwhile. Where all sides do, and an answer says
// so in one sentence, that is enough.
func inForceWords(sides []ward.Side) string {
	var said []string
	for _, s := range sides {
		switch {
		case !s.InForce:
		case s.Who == "":
			return s.Title
		default:
			said = append(said, s.Title)
		}
	}
	return strings.Join(said, "; ")
}

// sentLater is from when an entry's way to central says that its author was
// cut off.
const sentLater = time.Minute

func shortReview(s merge.Story) string {
	if s.Question == merge.QuestionPhoned {
		return words.T("Phoned result: which one?")
	}
	if s.Question == merge.QuestionAllergy {
		return words.T("Allergy: two answers")
	}
	if s.Field != "" {
		return words.F("Two answers: %s", fieldName(s.Field))
	}
	return words.T("Two answers")
}

// decide settles a review. The choice is a mutation of the review Task; what
// follows from it for the entries is central's part, in the order of
// everything.
func (d *Desk) decide(ctx context.Context, op string, p ward.Person, c ward.Decide) (ward.Done, error) {
	patient, err := d.reviewPatient(ctx, op, c.Review)
	if err != nil {
		return ward.Done{}, err
	}
	return d.write(ctx, op, p, patient, func(n *pen) error { return n.decide(c) })
}

func (d *Desk) reviewPatient(ctx context.Context, op string, id fhir.ID) (fhir.ID, error) {
	var patient fhir.ID
	err := d.store.View(ctx, func(r Reader) error {
		ch, ok, err := r.Current(fhir.Ref{Type: fhir.TypeTask, ID: id})
		if err == nil && !ok {
			err = fault.As(fault.NotFound, op, string(id), words.Errorf("This question is not on this computer. Nothing was saved. Look again."))
		}
		patient = ch.Patient
		return err
	})
	return patient, fault.Wrap(op, string(id), err)
}

func (n *pen) decide(c ward.Decide) error {
	if err := n.bounded(c.Reason); err != nil {
		return err
	}
	t, err := n.openQuestion(c.Review)
	switch {
	case err != nil:
		return err
	case c.Side == merge.ChosenNeither && strings.TrimSpace(c.Reason) == "":
		return n.refuse(fault.Invalid, words.Errorf("Say why neither is right. Nothing was saved."))
	case t.version() != c.Version:
		return n.refuse(fault.Conflict, words.Errorf("This question changed while you looked. Nothing was saved. Look again."))
	}
	if err := n.d.may(n.op, n.who, rbac.Settle, fhir.TypeTask, n.c); err != nil {
		return err
	}
	if s, err := merge.StoryOf(t.Change.Body); err == nil && s.Question == merge.QuestionPerson && !n.d.connected() {
		return n.refuse(fault.Unavailable, sentence{ward.OfflineSamePerson().Why})
	}
	ops, err := merge.Choose(t.Change.Body, c.Side, n.author, n.now(), c.Reason)
	switch {
	case errors.Is(err, merge.ErrNoSide):
		return n.refuse(fault.Invalid, words.Errorf("Choose one of the answers shown. Nothing was saved."))
	case errors.Is(err, merge.ErrDecided):
		return n.refuse(fault.Conflict, words.Errorf("This was decided already. Nothing was saved. Look again."))
	case err != nil:
		return fault.As(fault.Corrupt, n.op, string(c.Review), err)
	}
	id, err := n.number()
	if err != nil {
		return err
	}
	m := record.Mutation{ID: id, Ref: t.Change.Ref, Base: t.Change.Version, Reason: c.Reason, Ops: ops}
	if t.Unsent {
		m.Base, m.BaseMut = 0, t.Change.Mutation
	}
	n.put(m, n.now())
	n.muts[len(n.muts)-1].Patient = recordOf(t.Change, n.c.id)
	n.made = append(n.made, t.id())
	return nil
}

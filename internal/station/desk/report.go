package desk

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/words"
)

// maxLines bounds each list of one patient in a report.
const maxLines = 200

// OutageReport is what an outage left behind, patient by patient: the one that
// began at from, or with a zero time the one that goes on, else the last.
// fault.NotFound where there was none. Whoever shows it calls OpenList with
// "outage" first.
func (d *Desk) OutageReport(ctx context.Context, from time.Time) (ward.OutageReport, error) {
	const op = "desk.outage"
	var rep ward.OutageReport
	p, may, err := d.listsFor(op)
	if err != nil {
		return rep, err
	}
	o, earlier, ok := d.link.told(from)
	if !ok {
		return rep, fault.As(fault.NotFound, op, "", words.Errorf("There was no loss of contact to report."))
	}
	ids, err := d.board.where(ctx, d, func(v *derived) bool { return may(v.row.Who.Ward) })
	if err != nil {
		return rep, fault.Wrap(op, "", err)
	}
	rep = ward.OutageReport{Drill: o.Drill, From: d.ms(o.From), To: d.ms(o.To), Patients: []ward.OutagePatient{}}
	for _, e := range earlier {
		rep.Earlier = append(rep.Earlier, ward.Outage{From: d.ms(e.From), To: d.ms(e.To), Entries: e.Made.Count, Sent: e.Sent, Reviews: e.Reviews})
	}
	heads := map[fhir.ID]record.Head{}
	err = d.store.View(ctx, func(r Reader) error {
		t := &teller{d: d, r: r, p: p, o: o, rep: &rep, heads: heads}
		return t.tell(ids)
	})
	if err != nil {
		return rep, fault.Wrap(op, "", err)
	}
	d.compareHeads(ctx, &rep, heads)
	sortReport(&rep)
	return rep, nil
}

// teller puts one report together from one state of the cache.
type teller struct {
	d     *Desk
	r     Reader
	p     ward.Person
	o     outageFact
	rep   *ward.OutageReport
	own   map[fhir.ID][]ownEntry
	heads map[fhir.ID]record.Head
}

// ownEntry is a mutation of this station with central's word on it.
type ownEntry struct {
	m       record.Mutation
	receipt record.Receipt
	sent    bool
}

func (t *teller) tell(ids []fhir.ID) error {
	at := t.r.Cursor()
	t.rep.Rebuilt = t.o.Before.Epoch != "" && at.Epoch != t.o.Before.Epoch
	t.rep.CaughtUp = t.o.To != 0 && at.Position >= t.o.Until
	if err := t.ownEntries(); err != nil {
		return err
	}
	for _, id := range union(ids, t.own) {
		if err := t.patient(id); err != nil {
			return err
		}
	}
	return nil
}

// union are the patients of a list and those of the own entries, each once, in
// order.
func union(ids []fhir.ID, own map[fhir.ID][]ownEntry) []fhir.ID {
	all := slices.Clone(ids)
	for id := range own {
		all = append(all, id)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// ownEntries reads what was written here meanwhile. That something was shown
// was written by the program and not by a person.
func (t *teller) ownEntries() error {
	t.own = map[fhir.ID][]ownEntry{}
	made := t.o.Made
	for seq := made.First; made.Count > 0 && seq <= made.Last && seq-made.First < maxSpan; seq++ {
		id := record.MutationOf(t.d.cfg.Station, seq)
		m, ok, err := t.r.Own(id)
		if err != nil {
			return err
		}
		if !ok || shownTask(m) {
			continue
		}
		e := ownEntry{m: m}
		if e.receipt, e.sent, err = t.r.Receipt(id); err != nil {
			return err
		}
		who := patientOfMutation(m)
		t.own[who] = append(t.own[who], e)
	}
	return nil
}

// patient adds one patient, unless there is nothing to say.
func (t *teller) patient(id fhir.ID) error {
	c, err := load(t.r, id)
	if err != nil {
		return err
	}
	if !c.known || t.d.mayView("desk.outage", t.p, c) != nil {
		t.rep.Away += len(t.own[id])
		return nil
	}
	one := ward.OutagePatient{Who: t.d.identity(c), Level: ward.LevelUnknown}
	var held []record.Change
	for ch, err := range t.r.Compartment(id) {
		if err != nil {
			return err
		}
		held = append(held, ch)
	}
	if one.CameIn, err = t.cameIn(held); err != nil {
		return err
	}
	for _, e := range t.own[id] {
		line := t.d.ownLine(c, e)
		one.Written = append(one.Written, line)
		count(&one.Counts, line.Outcome)
	}
	one.Waiting = t.waiting(c)
	one.Counts.CameIn, one.Counts.Waiting = len(one.CameIn), len(one.Waiting)
	if len(one.CameIn)+len(one.Written)+len(one.Waiting) == 0 {
		return nil
	}
	head := record.HeadOf(held)
	t.heads[id], one.Hash = head, head.Hash.String()
	for _, list := range []*[]ward.OutageLine{&one.CameIn, &one.Written, &one.Waiting} {
		if over := len(*list) - maxLines; over > 0 {
			*list, one.More = (*list)[:maxLines], one.More+over
		}
	}
	add(&t.rep.Counts, one.Counts)
	t.rep.Patients = append(t.rep.Patients, one)
	return nil
}

// cameIn are the entries of others that central took while this station was
// cut off, newest first.
func (t *teller) cameIn(held []record.Change) ([]ward.OutageLine, error) {
	list := []ward.OutageLine{}
	for _, ch := range held {
		came, err := t.versionThatCame(ch)
		if err != nil {
			return nil, err
		}
		if came == nil || came.Author.Station == t.d.cfg.Station || isShown(came.Body) || ch.Ref.Type == fhir.TypeProvenance {
			continue
		}
		line := t.d.changeLine(*came)
		list = append(list, line)
	}
	slices.SortStableFunc(list, func(a, b ward.OutageLine) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Ref.ID, b.Ref.ID)) })
	return list, nil
}

// versionThatCame is the newest version of a resource that came in meanwhile:
// the current one, or one that was replaced since.
func (t *teller) versionThatCame(ch record.Change) (*record.Change, error) {
	if t.meanwhile(ch) {
		return &ch, nil
	}
	if ch.Version == 1 {
		return nil, nil
	}
	var found *record.Change
	for old, err := range t.r.History(ch.Ref) {
		if err != nil {
			return nil, err
		}
		if !old.History && t.meanwhile(old) {
			found = &old
		}
	}
	return found, nil
}

// meanwhile says whether central took a version during the outage. Positions
// tell; only where central was set back do they mean something else now.
func (t *teller) meanwhile(ch record.Change) bool {
	if t.rep.Rebuilt || t.o.Before.Epoch == "" {
		return ch.Times.Central >= t.o.From && (t.o.To == 0 || ch.Times.Central <= t.o.To)
	}
	return ch.Position > t.o.Before.Position && (t.o.Until == 0 || ch.Position <= t.o.Until)
}

// waiting are the open questions about a patient.
func (t *teller) waiting(c *compartment) []ward.OutageLine {
	out := []ward.OutageLine{}
	for _, r := range t.d.reviewsOf(c) {
		out = append(out, ward.OutageLine{Ref: fhir.Ref{Type: fhir.TypeTask, ID: r.ID}, Kind: words.C("kind", "question"), Words: r.Question, By: "Wardlight", At: r.Made})
	}
	slices.SortStableFunc(out, func(a, b ward.OutageLine) int { return a.At.Compare(b.At) })
	return out
}

// Outcomes of an own entry, in a report's words.
const (
	OutcomeUnsent  = "unsent"
	OutcomeApplied = "applied"
	OutcomeMerged  = "merged"
	OutcomeReview  = "review"
	OutcomeRefused = "refused"
)

func count(c *ward.OutageCounts, outcome string) {
	c.Written++
	switch outcome {
	case OutcomeUnsent:
		c.Unsent++
	case OutcomeMerged:
		c.Merged++
	case OutcomeReview:
		c.Review++
	case OutcomeRefused:
		c.Refused++
	default:
		c.Applied++
	}
}

func add(all *ward.OutageCounts, c ward.OutageCounts) {
	all.CameIn += c.CameIn
	all.Written += c.Written
	all.Unsent += c.Unsent
	all.Applied += c.Applied
	all.Merged += c.Merged
	all.Review += c.Review
	all.Refused += c.Refused
	all.Waiting += c.Waiting
}

// compareHeads asks central what it holds about these patients. Where it
// cannot be asked, nothing is said to be equal.
func (d *Desk) compareHeads(ctx context.Context, rep *ward.OutageReport, mine map[fhir.ID]record.Head) {
	rep.Level = ward.LevelUnknown
	if d.cfg.Heads == nil || len(mine) == 0 {
		return
	}
	ids := make([]fhir.ID, 0, len(mine))
	for id := range mine {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	theirs, err := d.cfg.Heads(ctx, ids)
	if err != nil {
		return
	}
	rep.Level = ward.LevelEqual
	for i := range rep.Patients {
		one := &rep.Patients[i]
		head, told := theirs[one.Who.ID]
		switch {
		case !told:
			if rep.Level == ward.LevelEqual {
				rep.Level = ward.LevelUnknown
			}
			continue
		case head == mine[one.Who.ID]:
			one.Level = ward.LevelEqual
		default:
			one.Level, rep.Level = ward.LevelDiffers, ward.LevelDiffers
		}
		one.Central = head.Hash.String()
	}
}

// sortReport puts whoever needs a person first, then by bed.
func sortReport(rep *ward.OutageReport) {
	slices.SortStableFunc(rep.Patients, func(a, b ward.OutagePatient) int {
		return cmp.Or(cmp.Compare(needs(b), needs(a)), ward.CompareBeds(a.Who.Bed, b.Who.Bed), cmp.Compare(a.Who.ID, b.Who.ID))
	})
}

func needs(p ward.OutagePatient) int {
	switch {
	case p.Counts.Waiting > 0:
		return 4
	case p.Counts.Refused > 0 || p.Level == ward.LevelDiffers:
		return 3
	case p.Counts.Unsent > 0:
		return 2
	case p.Counts.Merged > 0:
		return 1
	}
	return 0
}

func shownTask(m record.Mutation) bool {
	return m.Ref.Type == fhir.TypeTask && len(m.Ops) > 0 && m.Ops[0].Kind == record.OpPut && isShown(m.Ops[0].Value)
}

func isShown(body fhir.Resource) bool {
	t, err := fhir.View[fhir.Task](body)
	return err == nil && t.ResourceType == fhir.TypeTask && code(t) == fhir.TaskShown
}

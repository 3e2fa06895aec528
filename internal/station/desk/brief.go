package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/cache"
	"wardlight/internal/words"
)

// A board row takes a patient's whole record to derive: of ten thousand patients
// that is a hundred thousand resources. So the cache keeps each row as a brief,
// and a start reads the briefs. A brief is taken for the row only where deriving
// it now would give the same:
//
//   - the record is the one that it was derived from (the cache sees to that,
//     see cache.Brief), no own work waits on top of it, and it is the only record
//     of that person (see compartment.alone);
//   - the recipe is the same: this build of the program, these rules, this zone,
//     these wards;
//   - it is in words in the language that is spoken;
//   - it went by the limits of the site that are here (see limitMarks);
//   - time alone has changed nothing: no deadline of the row has passed, the
//     clock has not gone back, and the patient has had no birthday. Of children
//     under two, whose limits change by the hour, there are no briefs.
//
// Everybody else is derived, as if there were no briefs at all.
//
// What a brief says of who somebody is and where they lie holds for longer: it depends
// on the record, on whose wards this computer is of and on the language, and on nothing
// else of the above. So another build of the program, or a night in which a hundred
// deadlines passed, still has everybody by name at once (named), as the first pass would
// read it, and marked as not read in full.

// briefFormat is the version of brief. Whoever changes what a row holds without
// changing the program's build (there is no such way but a test) raises it.
const briefFormat = 8

// namesFormat is the version of how a name, a bed and what somebody is found by are made
// of a record. Whoever changes that raises it; testdata/names.v1.json is what it makes.
const namesFormat = 1

// brief is a derived row as it is kept.
type brief struct {
	Recipe  string     `json:"recipe"`
	Names   string     `json:"names,omitempty"` // the recipe of who they are and where
	Tongue  string     `json:"tongue"`          // the language that it is in words in
	Limits  limitMarks `json:"limits,omitzero"` // by which it was derived
	Made    int64      `json:"made"`            // ns, central's clock as far as known
	Next    int64      `json:"next,omitempty"`
	Years   int        `json:"years"`
	Row     ward.Row   `json:"row"`
	Reviews int        `json:"reviews,omitempty"`
	Inbox   int        `json:"inbox,omitempty"`
	Grave   []int64    `json:"grave,omitempty"`
	Alerts  string     `json:"alerts,omitempty"`
	Words   string     `json:"words"`
	Numbers string     `json:"numbers"`
	Family  string     `json:"family"`
	Given   string     `json:"given"`
}

// recipe stands for everything but the record and the time that a row is made of.
func recipe(cfg Config) string {
	zones := ""
	for _, month := range []time.Month{time.January, time.July} {
		name, offset := time.Date(cfg.Now().Year(), month, 1, 12, 0, 0, 0, cfg.Location).Zone()
		zones += fmt.Sprint(name, offset, ";")
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d|%s|%s|%s|%s|%q|%q", briefFormat, cfg.Build, cfg.Rules.Version, cfg.Location, zones, cfg.Ward, cfg.Wards))
	return hex.EncodeToString(sum[:12])
}

// namesRecipe stands for everything but the record that a name and a bed are made of.
func namesRecipe(cfg Config) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d|%q|%q", namesFormat, cfg.Ward, cfg.Wards))
	return hex.EncodeToString(sum[:12])
}

// yearsOf is a patient's age as the rules see it. settled is false where it
// changes more often than once a year.
func yearsOf(born string, now time.Time) (years int, settled bool) {
	years, ok := ward.Years(born, now)
	if ok {
		return years, years >= 2
	}
	ahead, err := time.ParseInLocation("2006-01-02", born, now.Location())
	return -1, err != nil || !ahead.After(now)
}

// keepable makes the brief of a row; false where there shall be none.
func (d *Desk) keepable(v *derived, now time.Time) ([]byte, bool) {
	years, settled := yearsOf(v.row.Who.Born, now)
	if !v.row.Whole || v.row.Loading != ward.LoadingNone || !settled || !v.next.IsZero() && !now.Before(v.next) {
		return nil, false
	}
	b := brief{
		Recipe: d.recipe, Names: d.names, Tongue: v.tongue, Limits: v.limits, Made: now.UnixNano(), Years: years, Row: *v.row, Reviews: v.reviews, Inbox: v.inbox, Grave: v.grave, Alerts: v.alerts,
		Words: v.words, Numbers: v.numbers, Family: v.family, Given: v.given,
	}
	if !v.next.IsZero() {
		b.Next = v.next.UnixNano()
	}
	body, err := json.Marshal(b)
	return body, err == nil
}

// unbrief is the row that a brief stands for, or else the row by name and bed alone that
// it still speaks for; nil for neither.
func (d *Desk) unbrief(k cache.Brief, limits limitMarks, now time.Time) (whole, named *derived) {
	var b brief
	if json.Unmarshal(k.Body, &b) != nil || b.Tongue != words.Tag() {
		return nil, nil
	}
	if whole = d.whole(k, &b, limits, now); whole != nil {
		return whole, nil
	}
	if b.Names != d.names || b.Row.Who.ID != k.Patient {
		return nil, nil
	}
	who := b.Row.Who
	who.Age = ward.Age(who.Born, now)
	named = byName(who)
	named.words, named.numbers, named.family, named.given = b.Words, b.Numbers, b.Family, b.Given
	return nil, named
}

// byName is the row of somebody of whom no more than name and bed is known: it says that
// its record is not read yet.
func byName(who ward.Identity) *derived {
	return &derived{row: &ward.Row{Who: who, Allergies: ward.AllergyLine{State: ward.AllergyUnavailable}, Loading: ward.LoadingAll}}
}

// whole is the row that a brief stands for; nil where it has to be derived.
func (d *Desk) whole(k cache.Brief, b *brief, limits limitMarks, now time.Time) *derived {
	if b.Recipe != d.recipe {
		return nil
	}
	years, settled := yearsOf(b.Row.Who.Born, now)
	if !settled || years != b.Years || now.UnixNano() < b.Made || b.Next != 0 && now.UnixNano() >= b.Next {
		return nil
	}
	row := b.Row
	r := &row
	r.Whole = true
	r.Who.Age = ward.Age(r.Who.Born, now)
	d.localize(r)
	v := &derived{row: r, tongue: b.Tongue, limits: b.Limits, reviews: b.Reviews, inbox: b.Inbox, grave: b.Grave, alerts: b.Alerts, words: b.Words, numbers: b.Numbers, family: b.Family, given: b.Given, mark: k.Mark}
	if !limits.hold(v) {
		return nil
	}
	if b.Next != 0 {
		v.next = time.Unix(0, b.Next).In(d.loc)
	}
	return v
}

// localize gives a row's times the ward's zone again: JSON keeps the instant
// only.
func (d *Desk) localize(r *ward.Row) {
	at := func(list ...*time.Time) {
		for _, t := range list {
			if !t.IsZero() {
				*t = t.In(d.loc)
			}
		}
	}
	at(&r.Early.At, &r.Early.FromAt, &r.Early.Due, &r.NewAt, &r.UnsentAt)
	if w := r.Handover; w != nil {
		at(&w.At, &w.Due)
	}
	for _, x := range []*ward.Result{r.Critical, r.Corrected, r.Urgent} {
		if x == nil {
			continue
		}
		at(&x.Collected, &x.Received)
		if x.Before != nil {
			at(&x.Before.At)
		}
		for i := range x.History {
			at(&x.History[i].At)
		}
		for i := range x.Phoned {
			at(&x.Phoned[i].Called, &x.Phoned[i].Recorded)
		}
		for i := range x.Owned {
			at(&x.Owned[i].At, &x.Owned[i].ActBy)
		}
	}
}

// fromBriefs are the rows that need not be derived, and of those that must be the ones
// by name that need not be read.
func (d *Desk) fromBriefs(ctx context.Context) (rows, named map[fhir.ID]*derived, err error) {
	now, limits := d.now(), d.board.limitsNow()
	rows, named = map[fhir.ID]*derived{}, map[fhir.ID]*derived{}
	read := make(chan cache.Brief, 256)
	var mu sync.Mutex
	var work sync.WaitGroup
	for range 2 { // to take them apart takes longer than to read them
		work.Go(func() {
			for b := range read {
				whole, name := d.unbrief(b, limits, now)
				mu.Lock()
				if whole != nil {
					rows[b.Patient] = whole
				} else if name != nil {
					named[b.Patient] = name
				}
				mu.Unlock()
			}
		})
	}
	err = d.store.View(ctx, func(r Reader) error {
		for b, err := range r.Briefs() {
			if err != nil {
				return err
			}
			read <- b
		}
		return nil
	})
	close(read)
	work.Wait()
	return rows, named, err
}

// Briefs are kept in batches, and while nothing else happens: what is worked out
// again and again, as while a snapshot comes in, is not written each time.
const (
	briefBatch = 256
	keepEvery  = 10 * time.Second
	keepLast   = 5 * time.Second // at the end of the program
)

// keepBriefs stores the rows that were derived since they were last kept. That
// it fails is no trouble: the next start derives them.
func (d *Desk) keepBriefs(ctx context.Context) {
	for ctx.Err() == nil {
		list, of := d.unkept()
		if len(list) == 0 || d.store.KeepBriefs(ctx, list) != nil {
			return
		}
		d.board.mu.Lock()
		for i, v := range of {
			if d.board.rows[list[i].Patient] == v {
				v.keep = false
			}
		}
		d.board.mu.Unlock()
	}
}

// unkept are some of the rows that have no brief yet.
func (d *Desk) unkept() (list []cache.Brief, of []*derived) {
	b := &d.board
	b.mu.Lock()
	var some []*derived
	for _, v := range b.rows {
		if v.keep {
			some = append(some, v)
		}
		if len(some) == briefBatch {
			break
		}
	}
	b.mu.Unlock()
	now := d.now()
	for _, v := range some {
		if body, ok := d.keepable(v, now); ok {
			list, of = append(list, cache.Brief{Patient: v.row.Who.ID, Mark: v.mark, Body: body}), append(of, v)
			continue
		}
		b.mu.Lock()
		v.keep = false
		b.mu.Unlock()
	}
	return list, of
}

// missing are the patients whom no brief speaks for.
func missing(rows map[fhir.ID]*derived, everybody []fhir.ID) []fhir.ID {
	return slices.DeleteFunc(everybody, func(id fhir.ID) bool { return rows[id] != nil })
}

package desk

import (
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/naming"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/cache"
	"wardlight/internal/words"
)

// row derives a patient's board row; nil where the patient is not here.
func (d *Desk) row(c *compartment) (*derived, error) {
	if !c.known {
		return nil, nil
	}
	tongue := words.Tag() // before: what is said otherwise meanwhile is said anew
	results, err := d.results(c, false)
	if err != nil {
		return nil, err
	}
	v := &derived{tongue: tongue, row: &ward.Row{Whole: c.filled != cache.FilledBegun, Loading: c.loading()}, reviews: countReviews(c), joined: c.joined}
	r := v.row
	r.Who = d.identity(c)
	v.index(c.patient.View)
	r.Allergies = d.allergies(c)
	r.Early = c.early(d.vitalSets(c))
	r.Flags = flagWords(c)
	for _, duty := range d.duties(c) {
		if duty.Status == DutyOpen {
			r.Tasks++
		}
	}
	d.countRoutines(v, c)
	d.giveOrders(v, c)
	r.Unsent = c.unsent
	if c.unsentAt != 0 {
		r.UnsentAt = ms(c.unsentAt).Add(d.link.offset()).In(d.loc)
	}
	d.giveResults(v, results)
	d.giveWaiting(v, c)
	return v, nil
}

// giveResults picks what a row says of a patient's results.
func (d *Desk) giveResults(v *derived, results []judged) {
	g := rowResults{v: v, row: v.row, now: d.now()}
	for i := range results {
		g.add(&results[i])
	}
	g.end()
}

// rowResults is what a row says of results, while it is gathered.
type rowResults struct {
	v       *derived
	row     *ward.Row
	now     time.Time
	lines   map[string]bool // of the inbox
	open    []string        // a word for each result that is open
	names   []string        // of what is new, each once
	waiting int             // results that are new, or critical and in play
}

func (g *rowResults) add(x *judged) {
	g.toInbox(x)
	if x.Open {
		// One word a result, whatever is in it: they are counted.
		g.open = append(g.open, strings.Join(strings.Fields(string(x.ID)+"/"+x.Status+"/"+x.Value), "_"))
	}
	playing, fresh := inPlay(x, g.now), isNew(x, g.now)
	g.wakeFor(x, playing)
	if x.Critical && playing {
		g.addCritical(x)
	}
	if x.Reopened && (g.row.Corrected == nil || x.Received.After(g.row.Corrected.Received)) {
		g.row.Corrected = &x.Result
	}
	if fresh || x.Critical && playing {
		g.waiting++
	}
	if fresh {
		g.addNew(x)
	}
}

// toInbox counts the line of the inbox in which a result stands.
func (g *rowResults) toInbox(x *judged) {
	kind := inboxKind(x, g.now)
	if kind == "" {
		return
	}
	if g.lines == nil {
		g.lines = map[string]bool{}
	}
	g.lines[ward.InboxLine(kind, g.row.Who.ID, &x.Result)] = true
	if x.Critical {
		g.v.grave = append(g.v.grave, firstCame(x).UnixMilli())
	}
}

// wakeFor remembers when the row will say something else because time has passed.
func (g *rowResults) wakeFor(x *judged, playing bool) {
	if x.duty.Until.After(g.now) {
		g.v.wake(x.duty.Until)
	}
	if playing && x.duty.State == alert.Acted {
		g.v.wake(x.duty.Since.Add(backShown))
	}
	if playing && x.Quiet != "" {
		g.v.wake(x.since.Add(backShown))
	}
}

func (g *rowResults) addCritical(x *judged) {
	g.row.Criticals++
	if g.row.Critical == nil || better(&x.Result, g.row.Critical) {
		g.row.Critical = &x.Result
	}
}

func (g *rowResults) addNew(x *judged) {
	g.row.New++
	g.v.wake(x.Received.Add(alert.NewFor))
	if x.Received.After(g.row.NewAt) {
		g.row.NewAt = x.Received
	}
	if name := newName(&x.Result); !slices.Contains(g.names, name) {
		g.names = append(g.names, name)
	}
	if !x.Urgent {
		return
	}
	g.row.Urgents++
	if g.row.Urgent == nil || x.Received.After(g.row.Urgent.Received) {
		g.row.Urgent = &x.Result
	}
}

// namesMost is how many names of what is new a row holds.
const namesMost = 8

// end makes the row's words of what was gathered.
func (g *rowResults) end() {
	g.v.inbox = len(g.lines)
	if g.row.Critical != nil {
		g.row.Others = g.waiting - 1
	}
	// A copy: a row must not hold on to all of the patient's results.
	g.row.Critical, g.row.Corrected, g.row.Urgent = copied(g.row.Critical), copied(g.row.Corrected), copied(g.row.Urgent)
	g.row.NewWhat = strings.Join(g.names[:min(3, len(g.names))], ", ")
	g.row.NewNames, g.row.NewKinds = slices.Clone(g.names[:min(namesMost, len(g.names))]), len(g.names)
	slices.Sort(g.open)
	g.v.alerts = strings.Join(g.open, " ")
}

func copied(r *ward.Result) *ward.Result {
	if r == nil {
		return nil
	}
	c := *r
	return &c
}

// wake remembers the earliest time at which the row must be derived again.
func (v *derived) wake(t time.Time) {
	if v.next.IsZero() || t.Before(v.next) {
		v.next = t
	}
}

// inPlay says whether a critical result belongs on the board: nobody has it,
// or somebody has it and has not yet recorded what was done. What was acted on
// is history after a shift, and so is a quiet repeat.
func inPlay(x *judged, now time.Time) bool {
	if x.Quiet != "" {
		return now.Sub(x.since) < backShown
	}
	return x.duty.State != alert.Acted || now.Sub(x.duty.Since) < backShown
}

// better says which of two criticals a row shows: one that nobody has before
// one that somebody has, then the newer.
func better(a, b *ward.Result) bool {
	if a.Open != b.Open {
		return a.Open
	}
	return a.Received.After(b.Received)
}

// isNew: came in the last day, has something to read, and nobody acknowledged
// it.
func isNew(x *judged, now time.Time) bool {
	if x.Status == statusWord("registered") || withdrawnWord(x.Status) || now.Sub(x.Received) >= alert.NewFor {
		return false
	}
	_, owned := owner(x)
	return !owned
}

func withdrawnWord(status string) bool { return status == statusWord("entered-in-error") }

func newName(x *ward.Result) string {
	if x.Panel != "" {
		return x.Panel
	}
	return x.Test
}

// flagWords are the patient's active flags ("Falls", "Isolation").
func flagWords(c *compartment) []string {
	var out []string
	for i := range c.flags {
		f := c.flags[i].View
		if f.Status == "active" && f.Code.Words() != "" {
			out = append(out, f.Code.Words())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// markSimilar marks those on the list whose names may be mistaken for another's.
// b.mu is held.
func (b *board) markSimilar(on func(*derived) bool) {
	similar := b.similarOf(on)
	for id, v := range b.rows {
		switch {
		case !similar[id]:
			v.marked = nil
		case v.marked == nil:
			c := *v.row
			c.Who.Similar = true
			v.marked = &c
		}
	}
}

// similarOf are the patients whose names may be mistaken for another's on the
// same list: the same family name, and given names that begin alike or differ
// by little. b.mu is held.
func (b *board) similarOf(on func(*derived) bool) map[fhir.ID]bool {
	byFamily := map[string][]fhir.ID{}
	for id, v := range b.rows {
		if v.family != "" && on(v) {
			byFamily[v.family] = append(byFamily[v.family], id)
		}
	}
	similar := map[fhir.ID]bool{}
	for _, group := range byFamily {
		for k, x := range group {
			// In a large family whoever is marked already needs no second look.
			for m := k + 1; m < len(group) && (!similar[x] || len(group) <= maxPairs); m++ {
				if alike(b.rows[x].given, b.rows[group[m]].given) {
					similar[x], similar[group[m]] = true, true
				}
			}
		}
	}
	return similar
}

// maxPairs bounds the comparisons within one family name.
const maxPairs = 64

// similarTo marks one patient by the same rule, against this board.
func (b *board) similarTo(who *ward.Identity) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fam, given := naming.Fold(who.Family), naming.Fold(who.Given)
	for id, v := range b.rows {
		o := &v.row.Who
		if id != who.ID && fam != "" && v.family == fam && o.Ward == who.Ward && !o.Retired && alike(given, v.given) {
			who.Similar = true
			return
		}
	}
}

// alike: the same first letter, or at most two letters apart.
func alike(a, b string) bool {
	if a == "" || b == "" {
		return true
	}
	return a[0] == b[0] || distance(a, b) <= 2
}

// distance is the number of letters to add, drop or change (Levenshtein). Long
// names are compared by their first 32 bytes.
func distance(a, b string) int {
	a, b = a[:min(32, len(a))], b[:min(32, len(b))]
	prev := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := range len(a) {
		left := prev[0]
		prev[0] = i + 1
		for j := range len(b) {
			cost := left
			if a[i] != b[j] {
				cost++
			}
			left = prev[j+1]
			prev[j+1] = min(cost, prev[j]+1, prev[j+1]+1)
		}
	}
	return prev[len(b)]
}

// index prepares a row for Search and for the comparison of names.
func (v *derived) index(p fhir.Patient) {
	v.family, v.given = naming.Fold(v.row.Who.Family), naming.Fold(v.row.Who.Given)
	var said []string
	for _, n := range p.Name {
		for _, part := range append([]string{n.Family, n.Text}, n.Given...) {
			said = append(said, strings.Fields(naming.Fold(part))...)
		}
	}
	slices.Sort(said)
	v.words = behindSpaces(slices.Compact(said))
	var numbers []string
	for _, id := range p.Identifier {
		if key := naming.FoldNumber(id.Value); key != "" {
			numbers = append(numbers, key)
		}
	}
	v.numbers = behindSpaces(numbers)
}

// behindSpaces joins words so that each can be found by its beginning.
func behindSpaces(said []string) string {
	if len(said) == 0 {
		return ""
	}
	return " " + strings.Join(said, " ")
}

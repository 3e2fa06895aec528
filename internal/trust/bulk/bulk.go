// Package bulk decides how much may leave the system at once, and in an hour and a
// day: on paper at a workstation, and by the commands of central. It is pure: a
// Request with all that matters goes in, a Decision with its reason in words comes out,
// and the same request always gets the same answer, with the network out too.
//
// Whether somebody may see a patient at all is decided before, by package rbac; here it
// is asked how many of them go out of the door. Promises:
//
//   - What the table does not name is refused, and so is a role that may not print, and
//     a request that makes no sense.
//   - What a ward normally prints of its own patients is never refused and never asked
//     about, whatever is set: see Usual. While central cannot be reached it is more, see
//     Cut.
//   - A print over the limit can always go on, for whoever may break the glass: with a
//     reason and the PIN once more. Care comes before privacy (the ranked goals), and
//     the privacy officer reads the reason.
//   - What care or the safety of the record depends on has no limit: labels of samples,
//     a document of a chart, a backup, the pack that is kept for when nothing else works.
//
// What was taken out before is kept by a Ledger. Why the limits are as they are:
// docs/decisions/0009-limits-on-export.md.
package bulk

import (
	"fmt"
	"slices"

	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
)

// Kind is what leaves. The words are on record and for ever.
type Kind string

// The kinds.
const (
	Handover Kind = "handover"         // the sheets of the handover
	List     Kind = "ward list"        // the list of a ward
	Pack     Kind = "ward pack"        // what a ward goes on with on paper
	KeptPack Kind = "kept ward pack"   // the one that is kept ready, where the copy cannot be opened
	Labels   Kind = "labels"           // of the samples of one patient
	Whole    Kind = "everything"       // every current resource, by a command of central's
	Record   Kind = "one record"       // something of one patient, by a command of central's
	KeyedOut Kind = "backup with keys" // a backup and, beside it, what opens it
	Sealed   Kind = "sealed backup"    // a backup that only this central's keys open
)

// way is what becomes of a kind over its limit.
type way string

const (
	free   way = "free"   // it has no limit, and is not counted
	ask    way = "ask"    // it goes on with a reason and the PIN
	goesOn way = "goesOn" // it goes on by itself, and stands out
	refuse way = "refuse" // it does not take place
)

// Row says of a kind where it is done and what becomes of it over the limit.
type Row struct {
	Kind  Kind
	Paper bool // at a workstation, by a person with a role; else by a command of central's
	over  way
}

// Over is what becomes of it over the limit, in a word.
func (r Row) Over() string { return string(r.over) }

var table = []Row{
	{Handover, true, ask},
	{List, true, ask},
	{Pack, true, ask},
	{KeptPack, true, goesOn},
	{Labels, true, free},
	{Whole, false, refuse},
	{Record, false, refuse},
	{KeyedOut, false, goesOn},
	{Sealed, false, free},
}

// Table is a copy of the rows.
func Table() []Row { return slices.Clone(table) }

func find(k Kind) (Row, bool) {
	i := slices.IndexFunc(table, func(r Row) bool { return r.Kind == k })
	if i < 0 {
		return Row{}, false
	}
	return table[i], true
}

// Who may print, and who may print over the limit: whoever may see a ward's patients,
// and whoever may break the glass. A test holds both to package rbac.
var (
	printers = []rbac.Role{rbac.Nurse, rbac.ChargeNurse, rbac.Doctor, rbac.WardClerk}
	breakers = []rbac.Role{rbac.Nurse, rbac.ChargeNurse, rbac.Doctor}
)

// Limits are how many patients' data may leave. A print counts each patient that is on
// it, each time.
type Limits struct {
	PrintHour int // printed by one person at one computer, in an hour
	PrintDay  int // and in a day
	TakeHour  int // taken out by commands of central's, by whomever, in an hour
	TakeDay   int // and in a day
}

// Default is what holds where nobody set anything else. A ward of thirty prints its
// handover four times in an hour and thirteen times in a day before it is asked; a
// hospital with fifty thousand patients on record takes everything out twice in an hour,
// so that nothing that is copied every night stops on the day that the limit comes.
// A smaller one sets less.
var Default = Limits{PrintHour: 120, PrintDay: 400, TakeHour: 100_000, TakeDay: 500_000}

// The ranges of what may be set.
var (
	Least = Limits{PrintHour: 30, PrintDay: 100, TakeHour: 10, TakeDay: 10}
	Most  = Limits{PrintHour: 1_000, PrintDay: 5_000, TakeHour: 1_000_000, TakeDay: 5_000_000}
)

// Bounded are the limits within their ranges: nothing said is the default, and a day's
// is at least an hour's.
func (l Limits) Bounded() Limits {
	in := func(v, usual, least, most int) int {
		if v == 0 {
			v = usual
		}
		return min(max(v, least), most)
	}
	l.PrintHour = in(l.PrintHour, Default.PrintHour, Least.PrintHour, Most.PrintHour)
	l.PrintDay = max(l.PrintHour, in(l.PrintDay, Default.PrintDay, Least.PrintDay, Most.PrintDay))
	l.TakeHour = in(l.TakeHour, Default.TakeHour, Least.TakeHour, Most.TakeHour)
	l.TakeDay = max(l.TakeHour, in(l.TakeDay, Default.TakeDay, Least.TakeDay, Most.TakeDay))
	return l
}

// Rate is how often a person prints the whole of their own ward.
type Rate struct{ Hour, Day int }

// What is always within the limit, of the patients of the person's own ward: with
// central at hand the list, the handover, the pack and one that went wrong in each hour;
// while central cannot be reached as much as one person prints for everybody else.
var (
	Usual = Rate{Hour: 4, Day: 12}
	Cut   = Rate{Hour: 12, Day: 48}
)

// Prints says whether a role sees a ward's patients, and so may print them.
func Prints(r rbac.Role) bool { return slices.Contains(printers, r) }

// Past is what somebody took out before, in the past hour and day; Others is what of it
// was not of their own ward.
type Past struct{ Hour, Day, OthersHour, OthersDay int }

// Request is everything that a decision depends on.
type Request struct {
	Kind     Kind
	Role     rbac.Role // of whoever prints; central's commands have none
	Patients int       // whose data it would take out
	Others   int       // of those, how many are not of the person's own ward
	Ward     int       // how many patients the person's own ward has at this computer
	Past     Past
	Unread   bool // what was taken out before cannot be read
	Cut      bool // central cannot be reached
	Reason   bool // a reason was given and the PIN once more
	Limits   Limits
}

// Reached is the limit that a request is over.
type Reached struct {
	Day    bool // else the hour's
	Others bool // of patients of other wards
	Past   int
	Limit  int
}

// Decision is the answer.
type Decision struct {
	Allow   bool
	Counts  bool    // it is counted
	Over    bool    // it is over the limit: it was refused for that, or went on all the same and stands out
	Ask     bool    // it was refused, and goes on with a reason and the PIN
	Reached Reached // where Over
	Why     string  // in English, for the record; also of what is allowed
	err     error
}

// Err is why not, for the person who asked: its words are in the language in use
// (words.Say). It is nil where it is allowed.
func (d Decision) Err() error { return d.err }

var (
	errKind    = words.Errorf("This is nothing that may be taken out here. Nothing was printed.")
	errRequest = words.Errorf("It is not known how many patients this would take out. Nothing was printed.")
	errRole    = words.Errorf("Your role may not print lists of patients. Nothing was printed. Ask a nurse of the ward.")
)

// Decide answers a request.
func Decide(r Request) Decision {
	row, known := find(r.Kind)
	switch {
	case !known:
		return no(errKind)
	case r.Patients < 0 || r.Others < 0 || r.Others > r.Patients || r.Ward < 0 || r.Past != r.Past.sound():
		return no(errRequest)
	case row.Paper && !slices.Contains(printers, r.Role):
		return no(errRole)
	case row.over == free:
		return Decision{Allow: true, Why: "it has no limit"}
	}
	reached, over := r.reached(row)
	if !over {
		return Decision{Allow: true, Counts: true, Why: "within the limit"}
	}
	d := Decision{Counts: true, Over: true, Reached: reached}
	mayAsk := row.over == ask && slices.Contains(breakers, r.Role)
	switch {
	case row.over == goesOn:
		d.Allow, d.Why = true, "over the limit; it goes on all the same, because the ward or the record depends on it"
	case mayAsk && r.Reason:
		d.Allow, d.Why = true, "over the limit; a reason was given, and the PIN once more"
	default:
		d.Ask, d.err = mayAsk, refusal(r, row, reached, mayAsk)
		d.Why = d.err.Error()
	}
	return d
}

func no(why error) Decision { return Decision{Why: why.Error(), err: why} }

// sound is p without what cannot be.
func (p Past) sound() Past {
	return Past{max(p.Hour, 0), max(p.Day, p.Hour, 0), min(max(p.OthersHour, 0), p.Hour), min(max(p.OthersDay, p.OthersHour, 0), p.Day)}
}

// reached is the limit that the request is over, if it is over one.
func (r Request) reached(row Row) (Reached, bool) {
	l := r.Limits.Bounded()
	if !row.Paper {
		return first(r.Unread,
			Reached{false, false, r.Past.Hour, l.TakeHour}, r.Patients,
			Reached{true, false, r.Past.Day, l.TakeDay}, r.Patients)
	}
	rate := Usual
	if r.Cut {
		rate = Cut
	}
	// What the ward normally prints lifts the limit for its own patients, never for others.
	if got, over := first(r.Unread,
		Reached{false, false, r.Past.Hour, max(l.PrintHour, rate.Hour*r.Ward)}, r.Patients,
		Reached{true, false, r.Past.Day, max(l.PrintDay, rate.Day*r.Ward)}, r.Patients); over {
		return got, true
	}
	if r.Others == 0 {
		return Reached{}, false
	}
	return first(false,
		Reached{false, true, r.Past.OthersHour, l.PrintHour}, r.Others,
		Reached{true, true, r.Past.OthersDay, l.PrintDay}, r.Others)
}

func first(unread bool, hour Reached, inHour int, day Reached, inDay int) (Reached, bool) {
	switch {
	case unread, hour.Past+inHour > hour.Limit:
		return hour, true
	case day.Past+inDay > day.Limit:
		return day, true
	}
	return Reached{}, false
}

// refusal says what is over which limit, and what to do. Central's commands speak
// English.
func refusal(r Request, row Row, at Reached, mayAsk bool) error {
	switch {
	case !row.Paper && at.Day:
		return fmt.Errorf("nothing was taken out: it would be data of %d patients, in the past day commands of this server took out data of %d, and %d a day is the limit. The refusal is on record. Wait, or let whoever answers for privacy set another limit: wardlightd limits --take-day N --reason WORDS", r.Patients, at.Past, at.Limit)
	case !row.Paper:
		return fmt.Errorf("nothing was taken out: it would be data of %d patients, in the past hour commands of this server took out data of %d, and %d an hour is the limit. The refusal is on record. Wait, or let whoever answers for privacy set another limit: wardlightd limits --take-hour N --reason WORDS", r.Patients, at.Past, at.Limit)
	}
	held := words.Errorf("Nothing was printed yet. Patients on this print: %d. Printed by you here in the past hour: %d. The limit for an hour: %d.", r.Patients, at.Past, at.Limit)
	switch {
	case r.Unread:
		held = words.Errorf("Nothing was printed yet. Patients on this print: %d. How many you printed before cannot be read on this computer.", r.Patients)
	case at.Others && at.Day:
		held = words.Errorf("Nothing was printed yet. Patients of other wards on this print: %d. Printed by you here in the past day: %d. The limit for a day: %d.", r.Others, at.Past, at.Limit)
	case at.Others:
		held = words.Errorf("Nothing was printed yet. Patients of other wards on this print: %d. Printed by you here in the past hour: %d. The limit for an hour: %d.", r.Others, at.Past, at.Limit)
	case at.Day:
		held = words.Errorf("Nothing was printed yet. Patients on this print: %d. Printed by you here in the past day: %d. The limit for a day: %d.", r.Patients, at.Past, at.Limit)
	}
	if mayAsk {
		return words.Errorf("%w If it is needed now, say why and give your PIN: it is printed at once, and the privacy officer reads why.", held)
	}
	return words.Errorf("%w If it is needed now, ask a nurse or a doctor to print it under their own name.", held)
}

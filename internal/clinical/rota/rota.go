// Package rota is who is on call: for one ward, by role and hour. It reads and
// writes the plain text in which people keep it, and says who is to be told at an
// instant, until when, and where nobody or more than one person is.
//
// A rota is text, one line a fact, so that whoever may edit it edits what is kept
// and nothing stands between:
//
//	rota 1
//	zone Europe/London
//	person Dr Ana Ruiz; phone 5512; pager 4412; mail a.ruiz@hospital.example
//	shift registrar; Dr Ana Ruiz; Mon-Fri 20:00-08:00
//	on 2026-12-25; registrar; Dr Tom Lee; 08:00-20:00
//	# a remark
//
// The first line is the format's version and must be readable for ever. Times are
// those of the wall clock in the zone: a shift that ends at or before it begins
// goes over midnight, and in the night in which the clock changes it is an hour
// shorter or longer, as it is for who works it. A dated line stands for its role
// in place of the weekly ones for as long as it lasts.
//
// Everything is pure: a rota, an instant and a role give the same answer on central
// and on a station that is cut off.
package rota

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a ward computer's system may lack the zones

	"wardlight/internal/words"
)

// Format is the version of the text that this package writes.
const Format = 1

// Bounds of one rota.
const (
	MaxBytes = 64 << 10
	maxLines = 1000
)

// Rota is one ward's.
type Rota struct {
	Zone   *time.Location
	People []Person
	Shifts []Shift
}

// Person is somebody who may be on call, and how they are reached.
type Person struct {
	Name  string
	Phone string // to be dialled by a person
	Pager string // what the pager gateway knows them by
	Mail  string
}

// Shift is one line: every week on Days, or once on Date.
type Shift struct {
	Role     string
	Person   string
	Days     [7]bool // by time.Weekday
	Date     string  // 2026-12-25; "" for a weekly one
	From, To int     // minutes since midnight; To at or before From is the next day's
	line     int
}

// Slot is somebody on call for a while.
type Slot struct {
	Role   string
	Person Person
	From   time.Time
	Until  time.Time
	line   int
}

// Bad is a line that cannot be read, in words for whoever wrote it.
type Bad struct {
	Line int
	Why  error
}

func (b *Bad) Error() string { return fmt.Sprintf("line %d: %s", b.Line, b.Why) }

// Say is Error in the language of the screen.
func (b *Bad) Say() string { return words.F("line %d: %s", b.Line, words.Say(b.Why)) }

// Parse reads a rota. What it does not understand it refuses, with the line: half
// a rota would be one in which nobody is on call.
func Parse(text string) (Rota, error) {
	var r Rota
	if len(text) > MaxBytes {
		return r, &Bad{1, words.Errorf("the rota is too long")}
	}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if len(lines) > maxLines {
		return r, &Bad{maxLines, words.Errorf("the rota has too many lines")}
	}
	if strings.TrimSpace(lines[0]) != fmt.Sprint("rota ", Format) {
		return r, &Bad{1, words.Errorf("the first line is \"rota %d\": this program reads no other", Format)}
	}
	for i, l := range lines[1:] {
		l = strings.TrimSpace(l)
		if l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		if err := r.line(i+2, l); err != nil {
			return Rota{}, err
		}
	}
	if r.Zone == nil {
		return Rota{}, &Bad{2, words.Errorf("a line such as \"zone Europe/London\" is missing: times mean nothing without it")}
	}
	for _, s := range r.Shifts {
		if _, ok := r.person(s.Person); !ok {
			return Rota{}, &Bad{s.line, words.Errorf("%q has no line \"person %s; phone …\"", s.Person, s.Person)}
		}
	}
	return r, nil
}

func (r *Rota) line(n int, l string) error {
	word, rest, _ := strings.Cut(l, " ")
	parts := strings.Split(rest, ";")
	for i := range parts {
		parts[i] = strings.Join(strings.Fields(parts[i]), " ")
	}
	bad := func(why error) error { return &Bad{n, why} }
	switch word {
	case "zone":
		zone, err := time.LoadLocation(strings.TrimSpace(rest))
		if err != nil || strings.TrimSpace(rest) == "" || strings.EqualFold(rest, "local") {
			return bad(words.Errorf("this time zone is not known; write one such as Europe/London"))
		}
		r.Zone = zone
	case "person":
		return r.addPerson(n, parts)
	case "shift":
		if len(parts) != 3 {
			return bad(words.Errorf("a shift is: role; person; days and hours, such as \"registrar; Dr Ana Ruiz; Mon-Fri 20:00-08:00\""))
		}
		days, hours, _ := strings.Cut(parts[2], " ")
		s := Shift{Role: parts[0], Person: parts[1], line: n}
		var ok bool
		if s.Days, ok = weekdays(days); !ok {
			return bad(words.Errorf("days are daily, Mon, Mon-Fri or Sat,Sun"))
		}
		return r.addShift(s, hours)
	case "on":
		if len(parts) != 4 {
			return bad(words.Errorf("a dated shift is: date; role; person; hours, such as \"2026-12-25; registrar; Dr Tom Lee; 08:00-20:00\""))
		}
		if _, err := time.Parse(time.DateOnly, parts[0]); err != nil {
			return bad(words.Errorf("a date is written 2026-12-25"))
		}
		return r.addShift(Shift{Date: parts[0], Role: parts[1], Person: parts[2], line: n}, parts[3])
	default:
		return bad(words.Errorf("a line begins with zone, person, shift, on, or # for a remark"))
	}
	return nil
}

func (r *Rota) addPerson(n int, parts []string) error {
	p := Person{Name: parts[0]}
	if p.Name == "" {
		return &Bad{n, words.Errorf("a person has a name")}
	}
	if _, twice := r.person(p.Name); twice {
		return &Bad{n, words.Errorf("%q stands in the rota twice", p.Name)}
	}
	for _, c := range parts[1:] {
		kind, address, _ := strings.Cut(c, " ")
		to := map[string]*string{"phone": &p.Phone, "pager": &p.Pager, "mail": &p.Mail}[kind]
		if to == nil || address == "" || kind != "phone" && strings.Contains(address, " ") {
			return &Bad{n, words.Errorf("a person is reached by phone, pager or mail, each with its number or address")}
		}
		*to = address
	}
	if p.Mail != "" && (strings.Count(p.Mail, "@") != 1 || strings.ContainsAny(p.Mail, "<>,\"") || strings.HasPrefix(p.Mail, "@") || strings.HasSuffix(p.Mail, "@")) {
		return &Bad{n, words.Errorf("this is no mail address")}
	}
	r.People = append(r.People, p)
	return nil
}

func (r *Rota) addShift(s Shift, hours string) error {
	from, to, ok := strings.Cut(strings.ReplaceAll(hours, " ", ""), "-")
	var ok1, ok2 bool
	s.From, ok1 = minutes(from)
	s.To, ok2 = minutes(to)
	switch {
	case !ok || !ok1 || !ok2:
		return &Bad{s.line, words.Errorf("hours are written 20:00-08:00")}
	case s.Role == "" || s.Person == "":
		return &Bad{s.line, words.Errorf("a shift names a role and a person")}
	}
	r.Shifts = append(r.Shifts, s)
	return nil
}

// minutes reads a time of day; 24:00 is the end of the day.
func minutes(s string) (int, bool) {
	if s == "24:00" {
		return 0, true
	}
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil && len(s) == 5
}

var dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// weekdays reads "daily", "Mon-Fri", "Sat,Sun".
func weekdays(s string) (days [7]bool, ok bool) {
	s = strings.ToLower(s)
	if s == "daily" {
		return [7]bool{true, true, true, true, true, true, true}, true
	}
	for _, part := range strings.Split(s, ",") {
		a, b, span := strings.Cut(part, "-")
		from := slices.Index(dayNames, a)
		to := from
		if span {
			to = slices.Index(dayNames, b)
		}
		if from < 0 || to < 0 {
			return days, false
		}
		for d := from; ; d = (d + 1) % 7 {
			days[d] = true
			if d == to {
				break
			}
		}
	}
	return days, true
}

func (r Rota) person(name string) (Person, bool) {
	i := slices.IndexFunc(r.People, func(p Person) bool { return strings.EqualFold(p.Name, name) })
	if i < 0 {
		return Person{}, false
	}
	return r.People[i], true
}

// Whose is the person of a name; ok is false where the rota knows nobody of it.
func (r Rota) Whose(name string) (p Person, ok bool) { return r.person(name) }

// ErrNone is that a ward has no rota.
var ErrNone = errors.New("rota: this ward has none")

// Empty is what a new rota begins with.
func Empty(zone string) string {
	return fmt.Sprintf("rota %d\nzone %s\n\n# person Name; phone 5512; pager 4412; mail name@hospital.example\n# shift registrar; Name; Mon-Fri 20:00-08:00\n# on 2026-12-25; registrar; Name; 08:00-20:00\n", Format, zone)
}

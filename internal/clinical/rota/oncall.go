package rota

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"wardlight/internal/words"
)

// slots are a role's slots that touch a span, in order; of weekly ones only what
// no dated one stands in place of.
func (r Rota) slots(role string, from, to time.Time) []Slot {
	var dated, weekly []Slot
	for _, s := range r.Shifts {
		if !strings.EqualFold(s.Role, role) {
			continue
		}
		if list := r.of(s, from, to); s.Date != "" {
			dated = append(dated, list...)
		} else {
			weekly = append(weekly, list...)
		}
	}
	all := dated
	for _, w := range weekly {
		all = append(all, without(w, dated)...)
	}
	all = slices.DeleteFunc(all, func(s Slot) bool { return !s.From.Before(to) || !from.Before(s.Until) })
	slices.SortFunc(all, func(a, b Slot) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.line, b.line)) })
	return all
}

// of are the slots of one line that may touch a span.
func (r Rota) of(s Shift, from, to time.Time) []Slot {
	p, _ := r.person(s.Person)
	var out []Slot
	add := func(y int, m time.Month, d int) {
		begin := r.at(y, m, d, s.From)
		end := r.at(y, m, d, s.To)
		if s.To <= s.From {
			end = r.at(y, m, d+1, s.To)
		}
		if begin.Before(end) {
			out = append(out, Slot{Role: s.Role, Person: p, From: begin, Until: end, line: s.line})
		}
	}
	if s.Date != "" {
		if day, err := time.Parse(time.DateOnly, s.Date); err == nil {
			add(day.Date())
		}
		return out
	}
	for day := from.In(r.Zone).AddDate(0, 0, -1); !day.After(to.In(r.Zone).AddDate(0, 0, 1)); day = day.AddDate(0, 0, 1) {
		if s.Days[day.Weekday()] {
			add(day.Date())
		}
	}
	return out
}

// at is a time of the wall clock as an instant. A time that the clock skips is the
// instant at which it would have been; of one that comes twice it is the first.
func (r Rota) at(y int, m time.Month, d, minute int) time.Time {
	t := time.Date(y, m, d, 0, minute, 0, 0, r.Zone)
	if before := t.Add(-time.Hour); before.In(r.Zone).Hour() == t.Hour() && before.In(r.Zone).Minute() == t.Minute() {
		return before
	}
	return t
}

// without takes out of a slot what others stand in place of.
func without(s Slot, others []Slot) []Slot {
	parts := []Slot{s}
	for _, o := range others {
		var next []Slot
		for _, p := range parts {
			if !o.From.Before(p.Until) || !p.From.Before(o.Until) {
				next = append(next, p)
				continue
			}
			if p.From.Before(o.From) {
				before := p
				before.Until = o.From
				next = append(next, before)
			}
			if o.Until.Before(p.Until) {
				after := p
				after.From = o.Until
				next = append(next, after)
			}
		}
		parts = next
	}
	return parts
}

// On are those on call for a role at an instant: none, one, or more where the rota
// says so. What is until when is until when somebody else, or nobody, is.
func (r Rota) On(role string, at time.Time) []Slot {
	var out []Slot
	for _, s := range r.slots(role, at, at.Add(time.Nanosecond)) {
		if !slices.ContainsFunc(out, func(o Slot) bool { return o.Person.Name == s.Person.Name }) {
			s.Until = r.lasts(role, s)
			out = append(out, s)
		}
	}
	return out
}

// lasts is until when a person stays on call for a role: a shift that follows at
// once is the same to whoever phones.
func (r Rota) lasts(role string, s Slot) time.Time {
	until := s.Until
	for range 14 {
		next := r.slots(role, until, until.Add(time.Nanosecond))
		i := slices.IndexFunc(next, func(n Slot) bool { return n.Person.Name == s.Person.Name && n.Until.After(until) })
		if i < 0 {
			return until
		}
		until = next[i].Until
	}
	return until
}

// Roles are the roles of a rota, each once, in its own order.
func (r Rota) Roles() []string {
	var out []string
	for _, s := range r.Shifts {
		if !slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, s.Role) }) {
			out = append(out, s.Role)
		}
	}
	return out
}

// RolesOf takes the words of a ladder's step apart: "charge nurse and registrar"
// are two roles.
func RolesOf(step string) []string {
	var out []string
	for _, part := range strings.Split(step, " and ") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// Flaw is a time at which nobody is on call for a role, or more than one person.
type Flaw struct {
	Role   string
	From   time.Time
	Until  time.Time
	People []string // none: a gap
}

// Words are "nobody is on call as registrar from 08:00 to 20:00 on 28-Nov-2026".
func (f Flaw) Words() string {
	until := f.Until.Format("15:04")
	if f.Until.Format(time.DateOnly) != f.From.Format(time.DateOnly) {
		until = stamp(f.Until)
	}
	if len(f.People) == 0 {
		return words.F("nobody is on call as %s from %s to %s", f.Role, stamp(f.From), until)
	}
	people := f.People[0]
	for _, p := range f.People[1:] {
		people = words.F("%s and %s", people, p)
	}
	return words.F("%s are both on call as %s from %s to %s", people, f.Role, stamp(f.From), until)
}

// stamp is "15:04 on 02-Jan-2006".
func stamp(t time.Time) string {
	return words.F("%s on %s", t.Format("15:04"), words.DayMonth(t)+t.Format("-2006"))
}

// Flaws are the gaps and overlaps of all roles within a span, in order of time.
func (r Rota) Flaws(from, to time.Time) []Flaw {
	var out []Flaw
	for _, role := range r.Roles() {
		out = append(out, r.flawsOf(role, from, to)...)
	}
	slices.SortStableFunc(out, func(a, b Flaw) int { return a.From.Compare(b.From) })
	return out
}

func (r Rota) flawsOf(role string, from, to time.Time) []Flaw {
	slots := r.slots(role, from, to)
	edges := []time.Time{from, to}
	for _, s := range slots {
		edges = append(edges, s.From, s.Until)
	}
	edges = slices.DeleteFunc(edges, func(t time.Time) bool { return t.Before(from) || t.After(to) })
	slices.SortFunc(edges, time.Time.Compare)
	var out []Flaw
	for i := 0; i+1 < len(edges); i++ {
		if !edges[i].Before(edges[i+1]) {
			continue
		}
		var people []string
		for _, s := range slots {
			if !s.From.After(edges[i]) && s.Until.After(edges[i]) && !slices.Contains(people, s.Person.Name) {
				people = append(people, s.Person.Name)
			}
		}
		if len(people) == 1 {
			continue
		}
		f := Flaw{Role: role, From: edges[i].In(r.Zone), Until: edges[i+1].In(r.Zone), People: people}
		if n := len(out) - 1; n >= 0 && out[n].Until.Equal(f.From) && slices.Equal(out[n].People, f.People) {
			out[n].Until = f.Until
			continue
		}
		out = append(out, f)
	}
	return out
}

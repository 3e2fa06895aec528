package audit

import (
	"slices"
	"strconv"
	"strings"

	"wardlight/internal/fault"
)

// Change is one setting that was changed: what it was and what it is now, as a person
// reads it, "" for none. Neither is ever a secret: of a PIN it says that there is
// another one, of a key its id.
type Change struct{ Name, Before, After string }

// What Changed says before a setting's name.
const (
	before = "before "
	after  = "after "
)

// none stands for what was not there.
const none = "none"

// maxValue bounds one side of a change, in bytes.
const maxValue = 500

// Changed says of an event what was changed: of each setting that is another now two
// details, before and after. Settings that stayed as they are are left out. Where more was
// changed than one event may hold, a detail (LeftOut) says how many are left out.
func Changed(list ...Change) []Detail {
	var out []Detail
	more := 0
	for _, c := range list {
		switch {
		case c.Before == c.After:
		case len(out) > maxDetails/2:
			more++
		default:
			out = append(out, Detail{before + c.Name, value(c.Before)}, Detail{after + c.Name, value(c.After)})
		}
	}
	if more > 0 {
		out = append(out, Detail{LeftOut, strconv.Itoa(more)})
	}
	return out
}

// LeftOut names the detail that says how many changes an event does not tell.
const LeftOut = "changes left out"

// Setting is one setting as a person reads it; no secret.
type Setting struct{ Name, Value string }

// Differences are what each setting of two lists was and is, in the order of the second,
// and then what only the first has, which another version of the program had; what a list
// lacks is "" there. Each program keeps its settings in its own form; of reads one.
func Differences[S any](was, is []S, of func(S) Setting) []Change {
	named := func(name string) func(S) bool { return func(s S) bool { return of(s).Name == name } }
	var list []Change
	for _, s := range is {
		c := Change{Name: of(s).Name, After: of(s).Value}
		if i := slices.IndexFunc(was, named(c.Name)); i >= 0 {
			c.Before = of(was[i]).Value
		}
		list = append(list, c)
	}
	for _, w := range was {
		if !slices.ContainsFunc(is, named(of(w).Name)) {
			list = append(list, Change{Name: of(w).Name, Before: of(w).Value})
		}
	}
	return list
}

// Changes are the changes that an event's details tell, in order.
func Changes(details []Detail) (list []Change, err error) {
	for i := 0; i < len(details); i++ {
		name, ok := strings.CutPrefix(details[i].Name, before)
		if !ok {
			continue
		}
		if i++; i == len(details) || details[i].Name != after+name {
			return list, fault.New(fault.Corrupt, "audit.changes", name, "an event says what a setting was and not what it is")
		}
		list = append(list, Change{name, details[i-1].Value, details[i].Value})
	}
	return list, nil
}

func value(s string) string {
	if s == "" {
		return none
	}
	return strings.ToValidUTF8(s[:min(len(s), maxValue)], "")
}

package words

import (
	"errors"
	"fmt"
	"strings"
)

// failure is an error with a sentence for a person: in English for the log, and in
// the language of the screen when it is said there.
type failure struct {
	error               // in English, and what it wraps
	say   func() string // the format in the language in use
	args  []any
}

// Errorf is fmt.Errorf for what a person will read: Error is English, Say says it.
// It may stand in a variable of a package: the language is asked when it is said.
func Errorf(format string, args ...any) error {
	return &failure{fmt.Errorf(format, args...), func() string { return T(format) }, args}
}

// ErrorN is Errorf for what is counted, as N is F: its first argument is n itself, one is
// the English for 1, many for every other number and the key.
func ErrorN(n int, one, many string, args ...any) error {
	all := append([]any{n}, args...)
	english := many
	if n == 1 {
		english = one
	}
	return &failure{wrapping(english, all), func() string { return formOf(n, one, many) }, all}
}

// wrapping is fmt.Errorf; a form without a verb leaves the number out.
func wrapping(format string, args []any) error {
	if !strings.Contains(format, "%") {
		return errors.New(format)
	}
	return fmt.Errorf(format, args...)
}

// Unwrap is all that was given for %w.
func (f *failure) Unwrap() []error {
	switch u := f.error.(type) { //nolint:errorlint // fmt's own error
	case interface{ Unwrap() error }:
		return []error{u.Unwrap()}
	case interface{ Unwrap() []error }:
		return u.Unwrap()
	}
	return nil
}

// Say is the sentence in the language in use; errors in it are said in their turn.
func (f *failure) Say() string {
	args := make([]any, len(f.args))
	for i, a := range f.args {
		if err, ok := a.(error); ok {
			a = said(Say(err))
		}
		args[i] = a
	}
	return wrapping(f.say(), args).Error()
}

// said is an error that was put into words already.
type said string

func (s said) Error() string { return string(s) }

// Say is what an error says to a person: the outermost sentence in it that was made
// for one by Errorf, in the language in use; where it has none, what its innermost
// cause says, without the path to it. Of errors that were joined each has its say. An error that has its own words for a person
// has a method Say. "" for nil.
func Say(err error) string {
	if err == nil {
		return ""
	}
	last := err
	for e := err; e != nil; {
		if s, ok := e.(interface{ Say() string }); ok {
			return s.Say()
		}
		if list, ok := e.(interface{ Unwrap() []error }); ok && joined(e, list.Unwrap()) {
			var each []string
			for _, one := range list.Unwrap() {
				each = append(each, Say(one))
			}
			return strings.Join(each, "; ")
		}
		last = e
		u, ok := e.(interface{ Unwrap() error })
		if !ok {
			break
		}
		e = u.Unwrap()
	}
	return last.Error()
}

// joined says whether an error is nothing but these (errors.Join), without words of its
// own around them.
func joined(err error, list []error) bool {
	var lines []string
	for _, one := range list {
		lines = append(lines, one.Error())
	}
	return err.Error() == strings.Join(lines, "\n")
}

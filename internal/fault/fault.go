// Package fault is the project's error type: what was being done, to what,
// and which kind of failure it is, so that a caller can branch on the kind and
// a person can be told what to do next.
//
// Promises: an error made here never carries patient data (a subject is a
// technical id, a path or a control id, never a name or a value), it wraps its
// cause for errors.Is and errors.As, and its Kind survives wrapping.
//
// All functions are safe for concurrent use; errors are immutable.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what sort of failure this is: the thing a caller branches on.
type Kind uint8

// The kinds. Other is the zero value: a failure nobody has classified.
const (
	Other       Kind = iota
	Invalid          // the input breaks its format or a stated rule
	NotFound         // the thing asked for does not exist
	Exists           // the thing to be made exists already
	Denied           // the asker is known and may not
	Unknown          // the asker is not known: no or wrong credentials
	Conflict         // somebody else changed it first
	Unavailable      // transient: try again later
	Full             // no space left, or a bound was reached
	Corrupt          // stored bytes fail their check
	Unsupported      // a version or feature this program does not speak
	Timeout          // it took longer than allowed
)

var kindNames = [...]string{
	"other", "invalid", "not_found", "exists", "denied", "unknown", "conflict",
	"unavailable", "full", "corrupt", "unsupported", "timeout",
}

// String is the kind's stable name, used on the wire and in --json output.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "other"
}

// Error is one failure: Op (package.verb, such as "cache.open"), Subject (a
// technical id; never patient data) and Kind, around the cause.
type Error struct {
	Op      string
	Subject string
	Kind    Kind
	Err     error
}

// Error renders "op subject: cause".
func (e *Error) Error() string {
	s := e.Op
	if e.Subject != "" {
		s += " " + e.Subject
	}
	if e.Err != nil {
		return s + ": " + e.Err.Error()
	}
	return s + ": " + e.Kind.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New makes an error of a kind whose cause is the message. The message is for
// people: what happened, what is safe, what to do.
func New(kind Kind, op, subject, message string) error {
	return &Error{Op: op, Subject: subject, Kind: kind, Err: errors.New(message)}
}

// Newf is New with a formatted message; %w wraps.
func Newf(kind Kind, op, subject, format string, args ...any) error {
	return &Error{Op: op, Subject: subject, Kind: kind, Err: fmt.Errorf(format, args...)}
}

// Wrap adds operation and subject to err and keeps err's kind. It returns nil
// for a nil err, so that `return fault.Wrap(op, s, f())` is right.
func Wrap(op, subject string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Op: op, Subject: subject, Kind: KindOf(err), Err: err}
}

// As is Wrap that also sets the kind.
func As(kind Kind, op, subject string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Op: op, Subject: subject, Kind: kind, Err: err}
}

// KindOf is the kind of the outermost fault in err's chain that has one, or
// Other.
func KindOf(err error) Kind {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return Other
		}
		if e.Kind != Other {
			return e.Kind
		}
		err = e.Err
	}
	return Other
}

// Is says whether err is of this kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// Words are what err says without where it happened: the message that was
// written for a person. Of errors that were joined, each has its say.
func Words(err error) string {
	for {
		if list, ok := err.(interface{ Unwrap() []error }); ok && plain(err, list.Unwrap()) {
			var words []string
			for _, one := range list.Unwrap() {
				words = append(words, Words(one))
			}
			return strings.Join(words, "; ")
		}
		e, ok := err.(*Error) //nolint:errorlint // layer by layer: what is wrapped in words belongs to them
		if !ok {
			return err.Error()
		}
		if e.Err == nil {
			return e.Kind.String()
		}
		err = e.Err
	}
}

// plain says whether err is nothing but these errors (errors.Join), without words
// of its own around them.
func plain(err error, list []error) bool {
	var lines []string
	for _, one := range list {
		lines = append(lines, one.Error())
	}
	return err.Error() == strings.Join(lines, "\n")
}

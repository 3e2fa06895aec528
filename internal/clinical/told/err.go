package told

import "wardlight/internal/words"

// failure is what another computer refused, with its English words.
type failure struct {
	error
	of Set
}

// Unwrap is the error itself.
func (f failure) Unwrap() error { return f.error }

// Say is what was refused in the language in use, see words.Say.
func (f failure) Say() string { return f.of.Say(words.Say(f.error)) }

// Err is an error whose words came from another computer, said in the language in use
// where they are recognised. Nil stays nil.
func (s Set) Err(err error) error {
	if err == nil {
		return nil
	}
	return failure{err, s}
}

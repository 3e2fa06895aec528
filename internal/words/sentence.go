package words

import "fmt"

// Sentence is a text with its arguments, said later: what a rule says is kept as that,
// and put into words where it is shown. Its zero value says nothing. It can stand among
// the arguments of Errorf, as an error.
type Sentence struct {
	key  Key
	args []any
}

// S makes a Sentence, with fmt's verbs. Arguments that are sentences, keys or
// errors of Errorf are said in
// their turn; every other one stands as it is.
func S(format string, args ...any) Sentence { return Sentence{Key{english: format}, args} }

// IsZero says whether it says nothing.
func (s Sentence) IsZero() bool { return s.key == Key{} }

// English is the sentence for what is stored, sent or logged.
func (s Sentence) English() string {
	return s.put(s.key.english, func(a any) (string, bool) {
		k, ok := a.(interface{ English() string })
		if !ok {
			return "", false
		}
		return k.English(), true
	})
}

// String is English.
func (s Sentence) String() string { return s.English() }

// Error is English.
func (s Sentence) Error() string { return s.English() }

// Say is the sentence in the language in use.
func (s Sentence) Say() string {
	return s.put(s.key.Say(), func(a any) (string, bool) {
		k, ok := a.(interface{ Say() string })
		if !ok {
			return "", false
		}
		return k.Say(), true
	})
}

func (s Sentence) put(format string, say func(any) (string, bool)) string {
	if len(s.args) == 0 {
		return format
	}
	args := make([]any, len(s.args))
	for i, a := range s.args {
		if said, ok := say(a); ok {
			a = said
		}
		args[i] = a
	}
	return fmt.Sprintf(format, args...)
}

// InEnglish are sentences for what is stored, sent or logged.
func InEnglish(list []Sentence) []string {
	return each(list, Sentence.English)
}

// SayEach are sentences in the language in use.
func SayEach(list []Sentence) []string {
	return each(list, Sentence.Say)
}

func each(list []Sentence, say func(Sentence) string) []string {
	var out []string
	for _, s := range list {
		out = append(out, say(s))
	}
	return out
}

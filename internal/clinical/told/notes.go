package told

import "wardlight/internal/words"

// notesOf are what a note in the record says, in our words, of what came with a message.
// What a laboratory wrote beside it is none of them.
func notesOf() []rule {
	return []rule{
		to(words.FormatOf(written, "A document was sent (%s, %s bytes)."), letters, number),
		to(words.FormatOf(written, "A document was sent (type not named, %s bytes)."), number),
		to(words.FormatOf(written, "An attachment without content was sent (%s)."), letters),
		to(words.FormatOf(written, "An attachment without content was sent (type not named).")),
		to(words.FormatOf(written, "An attachment was sent (%s, %s characters as %s); it cannot be read, and is kept with the message."), letters, number, letters),
		to(words.FormatOf(written, "An attachment was sent (type not named, %s characters as %s); it cannot be read, and is kept with the message."), number, letters),
		to(words.FormatOf(written, "The sender points at a document (%s): %s"), letters, anything),
	}
}

package words

// Format is the format of a text that was stored or sent in English: where the text
// came from knows it no more, and who reads it has only the text. Package told finds
// the arguments in such a text, and makes a Sentence of the format again. Its holes are
// all %s. Its zero value says nothing.
type Format struct{ key Key }

// FormatOf makes a Format, for tables that are set before the language is known. The
// context keeps what is read apart from what is said in the same words.
func FormatOf(context, english string) Format { return Format{Key{context, english}} }

// English is the format as it was stored by.
func (f Format) English() string { return f.key.English() }

// With is the sentence of these arguments.
func (f Format) With(args ...any) Sentence { return Sentence{f.key, args} }

// Package told says in the reader's language what central, or another computer, wrote
// in English and what is stored so: why a message is held back, why an entry was
// refused, the question of a review and its answers, why a session ended.
//
// What is stored stays English, and stays the record: nothing here is written anywhere.
// A text is recognised by the format that it was made by, and its arguments stand in the
// translation to the letter. It is shown in English, as it is stored, wherever that is
// not certain: a wrong translation of why a result is missing is worse than none. So
//
//   - a reading counts only if it makes the stored text again, byte for byte;
//   - a text with two readings that say different things is not translated, whichever
//     of them is the longer one;
//   - a text without a reading is not translated, and no text is in part, with one
//     exception: in the frame of a warning, a reason or a value that is not known here
//     (a newer central's) stands in English inside the translated frame;
//   - a text of more than 4,096 bytes, or one that takes more than so many steps to read,
//     is not translated.
//
// The formats are here, and not where central makes the texts: they are all that any
// central has ever written, as fixtures are, and stay when the program that made them
// says it in other words (docs/decisions/0008-stored-english-is-recognised.md). Tests
// read the sources of whoever writes such texts and fail for one that is not here.
//
// Everything is safe for concurrent use.
package told

// Package hl7 reads and writes HL7 version 2 messages: parsing and encoding,
// times, headers, acknowledgements, batches, and the MLLP framing around them.
//
// How: a message is decoded from its character set (MSH-18) as a whole, cut
// into segments, and each piece is cut further only when it is asked for, by
// the delimiters that the message itself declares. Leaves are unescaped after
// the cutting, never before. A Message, a Segment and all pieces below it are
// small immutable values, safe for concurrent use.
//
// Promises:
//   - Nothing is lost. Message.Raw is the bytes as they came; Message.Encode
//     rebuilds the same bytes from the parsed tree, with line ends normalised
//     at most. Unknown and Z segments, unknown escapes and lines that are no
//     segments are kept.
//   - Nothing is guessed silently. Whatever was tolerated is a Warning; what
//     cannot be read with certainty is an error whose message says what the
//     sender must change. U+FFFD is never put into a text: bytes that do not
//     fit their character set are an error.
//   - An absent, an empty and an explicitly null ("") piece are told apart.
//   - No function panics on any input, and every input is bounded. (Get panics
//     on a malformed path, which is a constant of the program.)
//   - Errors, warnings and verdicts hold no field values: no patient data.
//
// Numbers of fields, repetitions, components and subcomponents count from 1,
// as HL7 counts them.
package hl7

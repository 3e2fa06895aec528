// Package mllpd is the door for HL7 v2 over MLLP: it takes messages from
// laboratories and the EHR, and answers each once.
//
// How: a connection is served by one goroutine, one message after another, one
// answer at a time and in order. For each message: the raw bytes are made
// durable in the inbound log, the message is translated, what it says is filed
// in one transaction, and only then is it answered. A frame that holds a batch
// is cut into its messages first.
//
// Promises:
//   - Nothing is answered AA or CA before the raw bytes and the filing are
//     durable. If either fails the answer is AE 207, and the sender, which has
//     kept the message, sends it again.
//   - Each message makes exactly one inbound row, whatever is wrong with it, and
//     gets exactly one answer, whether or not its sender asked for one. Only
//     what has no header to address an answer by is not answered: it gets a row
//     with Answer "closed", and the line is closed.
//   - The same message again gets the same answer and changes nothing but its
//     row's count.
//   - On a port that speaks TLS not a byte of a message is read before its sender has shown
//     who it is. Where Config.Claim says so, a message under a name that is not its line's
//     is refused, kept apart, and never filed, whatever is replayed (secure.go).
//   - Every wait, size and number is bounded. One sender that stops, floods or
//     sends garbage does not hinder another.
//   - No log line holds patient data: only addresses, sizes, types, control ids
//     and hashes.
//
// A frame that never ended is no message. Its bytes are kept, with MLLP's start
// byte in front so that they are never taken for one, and its row says that the
// line was closed. A frame cut off by the start of the next one was not
// answered either, so its sender has it still: the log says so.
package mllpd

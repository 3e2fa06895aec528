// Package v2tofhir makes FHIR R4 resources out of HL7 v2 messages: admissions,
// movements and diagnoses (ADT) and results (ORU^R01, R32).
//
// How: Translate reads one message and returns a record.Filing: what the
// message says about each person it names, as drafts of resources, and one row
// about the message itself. It decides nothing that needs the record: who a
// message is about, which version of a result is current, whether a message
// came before. Field by field it follows the HL7 v2-to-FHIR implementation
// guide; where that is silent, the comment beside the rule says so.
//
// Promises:
//   - Translate is a pure function of the bytes and its Options. Ids follow
//     from the content, so that a replay writes the same resources.
//   - It never panics and never fails: what cannot be translated is a Problem,
//     with a reason that a person can act on and the person who can.
//   - Nothing is guessed. A number, a unit, a code, a status that cannot be read
//     with certainty is kept as it was sent and marked with a flag, or held
//     back; the digits of a number are the sender's.
//   - An empty field changes nothing, and an explicit "" removes.
//   - What cannot be filed is still in Filing.Groups, so that a critical value
//     in it can be found and somebody warned.
//   - Reasons, owners and notes hold no patient data.
package v2tofhir

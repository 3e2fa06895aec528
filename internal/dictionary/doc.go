// Package dictionary makes the dictionaries that internal/compact packs with,
// and measures what they are worth. Only cmd/wardsim imports it.
//
// A dictionary is trained on one invented hospital, made from one seed, that
// went the whole way: HL7 v2 messages, translated, filed, and kept as the
// changes that the wire and the stations' caches carry. Identifiers, names and
// values are random, so that a dictionary learns the shape of our resources
// and no person. What it was trained on is never what it is measured on.
package dictionary

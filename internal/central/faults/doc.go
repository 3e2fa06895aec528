// Package faults spoils central's journal on purpose, once: it loses, doubles
// or alters one record, or drops the audit event of one look. The end-to-end
// test plants each fault and expects that the demonstration's ledger finds it:
// a check proves something only once it has been seen to fail.
//
// All of it but this sentence is compiled only with the build tag "faults". A
// shipped program holds none of it, and has no way to get any.
package faults

// Package simtest plays a hospital's computers in one goroutine: three stations
// and central, with the real step machines (client.Machine, hub.Session), the
// real wire codec, the real scope, submit and merge, and the journal in memory.
// Everything that happens is an event on one heap, drawn from one seeded
// generator, so that a seed is a history that can be played again. Histories are
// independent of each other, so they are played on all processors at once.
//
// What goes wrong (fate.go, turns.go, profile.go): frames are dropped, doubled,
// overtaken, delayed and forged; lines are cut, with and without notice, and half
// open; stations and central crash before and after a commit, and a station's
// disk then loses what was not synced, or a part of it; the disks of both fill up;
// wall clocks are a day off and jump, and computers sleep; a computer is given
// other wards, or is shut out; patients move; a copy is changed by nobody; a
// computer's disk is put back to an older image, or copied into a second computer that
// works under the same identity, which is noticed, and a computer gets a new identity
// with what only it has; a station speaks the protocol of the
// first release; central is restored from a backup, rolled back unannounced, or
// wiped. Each is absent from most histories, so that it meets the engine alone,
// too.
//
// What must hold after each step: positions have no gaps; no entry without its
// audit event; no receipt without its entry; acknowledgements only grow; what was
// wiped does not come back; who was shut out is not served; what central makes of
// an entry is what the station that wrote it showed, where nothing came between;
// both machines hold no more in memory than their bounds. Every few seconds: what
// a person was told is saved is in the store, once; a station holds what its
// cursor says and nothing outside its scope; it knows what its own unsent entries
// are based on. At rest: the chain is whole; every entry and every look of every
// station is in the journal once, in its lane's order, with the receipt that the
// station has; every answered message was filed once and what it says stands in
// the record once; the outboxes are empty, every clock's offset is known, and
// every station holds exactly its scope. No two computers go on under one identity, no
// number stands twice, and what was written under an identity that was given up is
// done once, under whichever of its numbers.
//
// A check proves something only once it has been seen to fail: Plant names the
// mutants, each of which the tests expect to be caught within a few histories.
package simtest

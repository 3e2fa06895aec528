// Package simtest plays a hospital's computers in one goroutine: three stations
// and central, with the real step machines (client.Machine, hub.Session), the
// real wire codec, the real scope, submit and merge, and the journal in memory.
// Everything that happens is an event on one heap, drawn from one seeded
// generator, so that a seed is a history that can be played again.
//
// What goes wrong: frames are dropped, doubled and overtaken; the network is
// cut, with and without notice; stations and central crash before and after a
// commit; clocks are days off; central is restored from a backup.
//
// What must hold, whatever went wrong (see check.go): positions have no gaps
// and the chain is whole; nothing is lost after its receipt, and nothing is
// there twice; no receipt without its entry, and none without its audit event;
// each patient's mutations arrive in the station's order; acknowledgements only
// grow; a station holds at least what its cursor says; and once the network is
// whole again, all outboxes drain and every station holds exactly its scope.
//
// A check proves something only once it has been seen to fail: Plant names the
// faults that can be built in, each of which the tests expect to be caught.
package simtest

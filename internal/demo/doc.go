// Package demo is the demonstration: a hospital that is played for real, the
// story of one outage, and the ledger that says whether anything was lost.
//
// The parts are real: wardlightd and wardlight run as processes of their own,
// the laboratory speaks MLLP over a socket, the keyring is a Secret Service on
// a bus of its own, the network is cut at a proxy that both stations go
// through, and central is killed with SIGKILL. Everything lies below one
// folder and listens on loopback only.
//
// Whatever is about to be sent or typed is first written, and synced, to the
// intents file. The ledger joins that list with what the programs say
// afterwards (export, inbound, audit list, each station's own charts), by
// rules of its own: it shares no code with what it judges but the HL7 parser.
//
// Only cmd imports this package.
package demo

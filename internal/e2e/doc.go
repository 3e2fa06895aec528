// Package e2e holds the end-to-end tests: the real programs as processes of
// their own, real sockets, a real keyring and window, kill -9, a full disk.
// What a test needs beyond a plain machine (root for a small disk, the shared
// HL7 data) it asks for, and says in words where it goes without.
//
// The programs are built once a run. WARDLIGHT_BIN names a folder that has
// them already; WARDLIGHT_TESTDATA the shared data, by default ../shared/data
// beside the repository.
package e2e

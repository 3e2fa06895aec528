//go:build !linux

package wallclock

// Boot names this run of the system; "": Uptime counts from the program's start, and two
// programs cannot be compared.
func Boot() string { return "" }

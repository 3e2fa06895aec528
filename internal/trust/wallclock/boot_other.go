//go:build !linux

package wallclock

// Boot names the run that Uptime counts: here this program's.
func Boot() string { return processRun }

//go:build faults

package main

import (
	"fmt"
	"os"

	"wardlight/internal/central/faults"
	"wardlight/internal/central/journal"
)

// plantedFaults is the fault that the environment asks for; see package
// faults. A name that is not known must not pass for a clean run.
func plantedFaults() func(journal.Journal) journal.Journal {
	wrap, err := faults.Wrap(os.Getenv(faults.Env))
	if err != nil {
		fmt.Fprintln(os.Stderr, "wardlightd: "+err.Error())
		os.Exit(2)
	}
	return wrap
}

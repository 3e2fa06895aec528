//go:build !faults

package main

import "wardlight/internal/central/journal"

// plantedFaults: a shipped program has none, and no way to get any.
func plantedFaults() func(journal.Journal) journal.Journal { return nil }

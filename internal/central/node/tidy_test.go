package node

import "testing"

func TestABusyJournalIsNotQuiet(t *testing.T) {
	if !quiet(100, 100) || quiet(100, 100+tidyQuiet) {
		t.Error("a busy journal counts as quiet")
	}
}

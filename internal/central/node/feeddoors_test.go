package node

import (
	"log/slog"
	"strings"
	"testing"
)

// That a port takes messages in plain text is a warning wherever others reach it.
func TestWhereAPlainPortIsAWarning(t *testing.T) {
	for addr, warns := range map[string]bool{"127.0.0.1:2575": false, "[::1]:2575": false, "0.0.0.0:2575": true, "[::]:2575": true, "10.1.2.3:2575": true, "": true} {
		level, words := plainAt(addr)
		if level == slog.LevelWarn != warns || !strings.Contains(words, "PLAIN TEXT") || warns != strings.Contains(words, "whoever is on the way reads and changes it") {
			t.Errorf("%q: %v, %s", addr, level, words)
		}
	}
}

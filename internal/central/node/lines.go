package node

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"wardlight/internal/fault"
)

// What must outlive a restore lies in lists beside the raw inbound log, one JSON
// document a line, which are only ever added to.

// appendLine adds one line, durably. Each begins with a line end of its own, so
// that one that was cut off spoils itself only.
func appendLine(path string, v any) error {
	name := filepath.Base(path)
	b, err := json.Marshal(v)
	if err != nil {
		return fault.Wrap("node.appendline", name, err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // in the folder that the administrator named
	if err == nil {
		_, err = f.Write(append(append([]byte("\n"), b...), '\n'))
		err = errors.Join(err, f.Sync(), f.Close())
	}
	return fault.As(fault.Unavailable, "node.appendline", name, err)
}

// readLines hands every line to take; bad is how many it did not believe. A list
// that is not there has none.
func readLines(path string, take func(line []byte) bool) (bad int, err error) {
	f, err := os.Open(path) //nolint:gosec // in the folder that the administrator named
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fault.As(fault.Unavailable, "node.readlines", filepath.Base(path), err)
	}
	defer func() { _ = f.Close() }() // it was only read
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) != "" && !take(lines.Bytes()) {
			bad++
		}
	}
	return bad, fault.As(fault.Unavailable, "node.readlines", filepath.Base(path), lines.Err())
}

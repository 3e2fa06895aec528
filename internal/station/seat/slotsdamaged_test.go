package seat_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/fault"
)

// Whoever signs in at a computer whose key file is damaged reads that, and what to do: the
// nurse uses another computer, IT knows where the unsent work is.
func TestADamagedKeyFileIsSaidWithWhatToDo(t *testing.T) {
	w, dir, c, p := aPackIsReady(t)
	path := filepath.Join(dir, "slots.v1")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]any
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	sealed := file["sealed"].(map[string]any)
	kept := []byte(sealed["outbox"].(string))
	if i := len(kept) / 2; kept[i] == 'A' {
		kept[i] = 'B'
	} else {
		kept[i] = 'A'
	}
	sealed["outbox"] = string(kept)
	if b, err = json.Marshal(file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s := w.sitToPrint(dir, c, p)
	_, err = w.signIn(s, "481526")
	for _, words := range []string{"key file is damaged", "another computer", "outbox recover"} {
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Fatalf("%q is not said: %v", words, err)
		}
	}
	if !fault.Is(err, fault.Corrupt) {
		t.Errorf("it is %v", fault.KindOf(err))
	}
}

package seat

import (
	"encoding/json"
	"slices"
	"testing"

	"wardlight/internal/trust/audit"
)

// How a computer was started is kept for ever: the row of the first day opens, and a
// setting that a later program does not have any more is told as none.
func TestTheFirstRowOfAStartOpens(t *testing.T) {
	var row configuredRow
	if err := json.Unmarshal([]byte(`{"v":1,"settings":[{"name":"--idle-lock","value":"5m0s"},{"name":"--open-wall","value":"no"}]}`), &row); err != nil || row.Version != 1 {
		t.Fatalf("%+v, %v", row, err)
	}
	got := audit.Differences(row.Settings, []Setting{{"--idle-lock", "1h0m0s"}}, asSetting)
	want := []audit.Change{{Name: "--idle-lock", Before: "5m0s", After: "1h0m0s"}, {Name: "--open-wall", Before: "no"}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

package audit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/trust/audit"
)

// What was changed is told with what it was and what it is; what stayed is not told,
// and however much is changed the event can be written.
func TestAChangeSaysWhatWasAndWhatIs(t *testing.T) {
	got := audit.Changed(audit.Change{"role", "nurse", "charge-nurse"}, audit.Change{"name", "Grace", "Grace"}, audit.Change{"wards", "", "4B"}, audit.Change{"wards", "4B", ""})
	want := []audit.Change{{"role", "nurse", "charge-nurse"}, {"wards", "none", "4B"}, {"wards", "4B", "none"}}
	if list, err := audit.Changes(got); err != nil || !slices.Equal(list, want) {
		t.Errorf("%v, %v", list, err)
	}
	if list, err := audit.Changes(got[:1]); err == nil {
		t.Errorf("half a change is taken: %v", list)
	}
	var many []audit.Change
	for i := range 100 {
		many = append(many, audit.Change{fmt.Sprint(i), "", strings.Repeat("é", 2000)})
	}
	e := audit.Event{Action: audit.Config, Recorded: time.Now(), Who: audit.Who{User: "i.admin"}, Details: audit.Changed(many...)}
	if _, err := e.JSON(); err != nil {
		t.Error(err)
	}
	list, err := audit.Changes(e.Details)
	if last := e.Details[len(e.Details)-1]; err != nil || last.Name != audit.LeftOut || last.Value != fmt.Sprint(100-len(list)) || len(list) == 0 {
		t.Errorf("%d of 100 changes are told, and of the others %+v, %v", len(list), last, err)
	}
	for _, d := range got {
		if d.Name == audit.LeftOut {
			t.Error("nothing was left out, and it says so")
		}
	}
}

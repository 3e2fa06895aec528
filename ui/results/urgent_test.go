package results

import (
	"fmt"
	"strings"
	"testing"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// urgent is somebody's panel with a potassium beyond the urgent limit among it, and a
// corrected sodium that is urgent by the sender's flag.
func urgent() []ward.InboxItem {
	p := person("p22", "Ferreira", "Lúcia", "22")
	k := one(ward.InboxNew, p, "u2", "Potassium", "6.1", "mmol/L", "Urea and electrolytes", "13:20", ward.FlagHigh)
	k.Result.Urgent, k.Result.UrgentBy = true, []string{"limit 6.0 of the program, table default-1 of 30-Nov-2026", "laboratory flag HU"}
	na := one(ward.InboxCorrected, p, "u3", "Sodium", "124", "mmol/L", "", "13:30", ward.FlagLow)
	na.Result.Urgent, na.Result.UrgentBy, na.Result.Before = true, []string{"laboratory flag LU"}, &ward.Earlier{Version: 1, Value: "134", Unit: "mmol/L", Status: "final", At: at("13:11")}
	return []ward.InboxItem{na, one(ward.InboxNew, p, "u1", "Urea", "15.5", "mmol/L", "Urea and electrolytes", "13:20", ward.FlagHigh), k}
}

// An urgent value has its word in the list, before what is only out of its range, and beside
// the value where it is read, with by which limit or flag it is; nothing is cut, in every
// language and at every text size.
func TestAnUrgentValueSaysSoAndByWhat(t *testing.T) {
	dir := uitest.Pictures()
	for tag, want := range map[string][]string{"en": {"URGENT", "Urgent by"}, "de": {"DRINGEND", "Dringend nach"}} {
		for _, c := range []struct{ scale, w, h float32 }{{.8, 1298, 702}, {1, 956, 702}, {2, 1024, 636}} {
			uitest.Speak(t, tag)
			r := newRig(t, theme.Options{Mode: theme.Light, Scale: c.scale}, c.w, c.h, urgent())
			uitest.Capture(r.win)
			list := uitest.Reads(r.page.list)
			if strings.Count(list, want[0]) != 2 || strings.Index(list, "6.1") > strings.Index(list, "15.5") {
				t.Errorf("%s at %v: the list reads %q", tag, c, list)
			}
			for i, by := range []string{"laboratory flag LU", "limit 6.0 of the program, table default-1 of 30-Nov-2026"} {
				r.model.Select(r.model.State().Lines[i].ID)
				r.page.read(true)
				picture := uitest.Capture(r.win)
				if got := uitest.Reads(r.page.detail.object); !strings.Contains(got, want[0]) || !strings.Contains(got, want[1]) || !strings.Contains(got, by) {
					t.Errorf("%s at %v: %d reads %q", tag, c, i, got)
				}
				if dir != "" {
					uitest.Keep(t, dir, fmt.Sprintf("urgent-%s-%d-%d-%d", tag, int(100*c.scale), int(c.w), i), picture)
				}
			}
		}
	}
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, inbox())
	for _, l := range r.model.State().Lines {
		r.model.Select(l.ID)
		uitest.Capture(r.win)
		if strings.Contains(strings.ToLower(uitest.Reads(r.page.Object())), "urgent") {
			t.Errorf("%s says that something is urgent", l.ID)
		}
	}
}

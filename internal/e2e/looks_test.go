package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/internal/trust/audit"
)

// TestEveryLookSurvivesTwentyKills: a thousand looks with the network out, and
// the program killed after every fifty, in the middle of the next one. What was
// shown is on record, once, in an unbroken chain.
func TestEveryLookSurvivesTwentyKills(t *testing.T) {
	const kills, each = 20, 50
	w, a, _, patient := theWard(t)
	w.cut(a)
	shown := 0
	for n := range kills {
		for range each {
			a.chart(patient)
			shown++
		}
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			_ = a.Call(ctx, "chart", args{"patient": patient}, nil) // may have been shown, or not
		}()
		a.Kill()
		a = w.open("a")
		w.await(fmt.Sprintf("the nurse signs in after kill %d", n+1), 60*time.Second, func() error {
			return a.call("sign_in", args{"user": nurse.user, "pin": nurse.pin}, nil)
		})
	}
	check(t, w.net.Mend())
	a.allSent()
	w.await("every look is on record", 60*time.Second, func() error {
		got := 0
		for _, l := range decode[struct{ Event json.RawMessage }](t, w.ask("audit list", nil)) {
			e, err := audit.Parse(l.Event)
			if err != nil {
				return err
			}
			if e.Action == audit.Read && string(e.Patient) == patient && string(e.Who.User) == nurse.user {
				got++
			}
		}
		if got < shown || got > shown+kills {
			return fmt.Errorf("%d looks are on record; %d charts were shown, and %d more may have been", got, shown, kills)
		}
		return nil
	})
	if said := joined(w.admin("audit", "verify")); !strings.Contains(said, `"gaps":[]`) {
		t.Errorf("a chain is not whole: %s", said)
	}
}

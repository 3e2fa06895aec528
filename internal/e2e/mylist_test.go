package e2e_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// moved brings patient n from ward 4B to ward 5A.
func moved(n int) string {
	return strings.NewReplacer("ADT^A01^ADT_A01", "ADT^A02^ADT_A02", "EVN|A01", "EVN|A02", "|ADM", "|TRF", "4B^B", "5A^B").Replace(admission(n))
}

// The real window and the real central: a nurse puts a patient on her own list by one
// key, the patient moves to another ward, and stands on the list with that ward;
// taken off it with the network out, which asks first, the patient is gone.
func TestANurseFollowsAPatientAtTheWindow(t *testing.T) {
	needs(t, "Xvfb", "openbox", "xdotool", "dbus-daemon")
	w := newWorld(t, t.TempDir())
	w.account(nurse, "4B")
	w.enrol("a", "4B")
	w.send(admission(0), admission(1))
	a := w.window("a")
	a.stage.Shots = os.Getenv("WARDLIGHT_PICTURES") // nothing is taken where it is not set
	ctx := context.Background()
	shot := func(name string) { check(t, a.stage.Shoot(ctx, name)) }
	drawn := func(want int) {
		t.Helper()
		w.await(fmt.Sprintf("%d on the board", want), 60*time.Second, func() error {
			var r struct{ Rows int }
			if err := a.call("drawn", nil, &r); err != nil || r.Rows != want {
				return fmt.Errorf("%d rows: %w", r.Rows, cmp.Or(err, errNotYet))
			}
			return nil
		})
	}
	mine := func(want string) {
		t.Helper()
		w.await("the list is "+want, 60*time.Second, func() error {
			var r struct {
				List []struct {
					Who struct{ Family, Ward string } `json:"who"`
				} `json:"patients"`
			}
			err := a.call("my_list", nil, &r)
			var got []string
			for _, row := range r.List {
				got = append(got, strings.ToLower(row.Who.Family)+" on "+row.Who.Ward)
			}
			if err != nil || fmt.Sprint(got) != want {
				return fmt.Errorf("%v: %w", got, cmp.Or(err, errNotYet))
			}
			return nil
		})
	}
	a.signIn(nurse)
	a.sees("filter Mine")
	drawn(2)
	check(t, a.stage.Key(ctx, "Home")) // the first row is marked
	check(t, a.stage.Key(ctx, "ctrl+m"))
	first := strings.ToLower(somebody[0].family)
	mine("[" + first + " on 4B]")
	check(t, a.stage.Key(ctx, "ctrl+z"))
	mine("[]")
	check(t, a.stage.Key(ctx, "ctrl+m"))
	mine("[" + first + " on 4B]")
	shot("mine-put")
	w.send(moved(0))
	mine("[" + first + " on 5A]")
	drawn(1)
	a.click("filter Mine")
	drawn(1)
	shot("mine-elsewhere")
	w.net.Cut()
	w.await("the network is out", 60*time.Second, func() error {
		var r struct{ Link link }
		if err := a.call("status", nil, &r); err != nil || r.Link.Connected {
			return fmt.Errorf("connected %v: %w", r.Link.Connected, cmp.Or(err, errNotYet))
		}
		return nil
	})
	check(t, a.stage.Key(ctx, "Home"))
	check(t, a.stage.Key(ctx, "ctrl+m")) // asks: he would go from this computer
	shot("mine-asked-offline")
	mine("[" + first + " on 5A]")
	check(t, a.stage.Key(ctx, "ctrl+m"))
	mine("[]")
	drawn(0)
	shot("mine-empty-offline")
	check(t, w.net.Mend())
	w.await("he is not found any more", 60*time.Second, func() error {
		var r struct{ Patients []json.RawMessage }
		if err := a.call("search", args{"text": first}, &r); err != nil || len(r.Patients) != 0 {
			return fmt.Errorf("%d found: %w", len(r.Patients), cmp.Or(err, errNotYet))
		}
		return nil
	})
}

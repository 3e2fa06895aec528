package e2e_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// The real window: with the focus in the search the text grows by Ctrl and plus; a chart's
// open requests come out of the printer as labels by F9; and a nurse gives herself another
// PIN in the form of her account, after one that is refused.
func TestLabelsAndTheOwnAccountAtTheWindow(t *testing.T) {
	needs(t, "Xvfb", "openbox", "xdotool", "dbus-daemon")
	w := newWorld(t, t.TempDir())
	w.account(nurse, "4B")
	w.enrol("a", "4B")
	w.enrol("b", "4B")
	w.send(admission(0))
	b := w.open("b")
	b.signIn(nurse)
	tray := w.printing()
	a := w.window("a")
	a.stage.Shots = os.Getenv("WARDLIGHT_PICTURES") // nothing is taken where it is not set
	ctx := context.Background()
	shot := func(name string) {
		if a.stage.Shots != "" {
			time.Sleep(1500 * time.Millisecond) // what was asked for is drawn
			check(t, a.stage.Shoot(ctx, name))
		}
	}
	key := func(keys ...string) {
		for _, k := range keys {
			check(t, a.stage.Key(ctx, k))
		}
	}
	scale := func() int { // as it is kept for her
		b, err := os.ReadFile(filepath.Join(w.path("a"), "looks.json"))
		if errors.Is(err, fs.ErrNotExist) {
			return 100
		}
		check(t, err)
		found := regexp.MustCompile(`"scale":\s*(\d+)`).FindSubmatch(b)
		if found == nil {
			return 100
		}
		n, err := strconv.Atoi(string(found[1]))
		check(t, err)
		return n
	}
	a.signIn(nurse)
	a.sees("filter Mine")
	key("ctrl+k")
	check(t, a.stage.Type(ctx, "ade"))
	before := scale()
	key("ctrl+plus")
	w.await("the text grows while the search has the focus", 30*time.Second, func() error {
		if got := scale(); got <= before {
			return fmt.Errorf("%d %%: %w", got, errNotYet)
		}
		return nil
	})
	shot("larger-in-the-search")
	key("ctrl+minus", "Escape")
	key("Home", "ctrl+o")
	a.sees("respirations")
	before = scale()
	key("ctrl+plus")
	w.await("the text grows while a number has the focus", 30*time.Second, func() error {
		if got := scale(); got <= before {
			return fmt.Errorf("%d %%: %w", got, errNotYet)
		}
		return nil
	})
	shot("larger-in-a-form")
	key("ctrl+minus")

	var list struct {
		Patients []struct {
			Who struct{ ID string } `json:"who"`
		}
	}
	check(t, a.call("patients", nil, &list))
	patient := list.Patients[0].Who.ID
	check(t, a.call("order", args{"patient": patient, "test": "Urea and electrolytes", "code": "24326-1"}, nil))
	check(t, a.call("order", args{"patient": patient, "test": "C-reactive protein", "code": "1988-5"}, nil))
	key("alt+3")
	shot("orders")
	check(t, a.call("show", args{"page": "chart", "patient": patient, "tab": "Orders"}, nil))
	a.sees("print-labels") // F9 that comes before says that they are being read
	shot("orders-shown")
	key("F9")
	w.await("labels came out of the printer", 60*time.Second, func() error {
		list, err := filepath.Glob(filepath.Join(tray, "*.pdf"))
		if err != nil || len(list) != 1 {
			return fmt.Errorf("%d sheets: %w", len(list), cmp.Or(err, errNotYet))
		}
		pdf, err := os.ReadFile(list[0])
		if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
			return fmt.Errorf("no PDF: %w", cmp.Or(err, errNotYet))
		}
		if a.stage.Shots != "" {
			return os.WriteFile(filepath.Join(a.stage.Shots, "labels.pdf"), pdf, 0o600)
		}
		return nil
	})
	shot("labels-printed")

	key("ctrl+k")
	check(t, a.stage.Type(ctx, "change my pin"))
	a.sees("found")
	key("Return")
	a.sees("pin-old")
	shot("account")
	check(t, a.stage.Type(ctx, nurse.pin))
	key("Tab")
	check(t, a.stage.Type(ctx, "1234"))
	key("Tab")
	check(t, a.stage.Type(ctx, "1234"))
	a.click("pin-change")
	shot("account-refused")
	check(t, a.stage.Click(ctx, 1, 1))
	a.click("pin-old")
	key("ctrl+a")
	check(t, a.stage.Type(ctx, nurse.pin))
	a.click("pin-new")
	key("ctrl+a")
	check(t, a.stage.Type(ctx, "830517"))
	a.click("pin-again")
	key("ctrl+a")
	check(t, a.stage.Type(ctx, "830517"))
	a.click("pin-change")
	shot("account-changed")
	key("ctrl+l")
	a.sees("pin")
	shot("locked")
	check(t, a.stage.Type(ctx, "830517"))
	key("Return")
	a.isIn(nurse.user)
	shot("in-with-the-new-one")
}

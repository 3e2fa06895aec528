package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// printing gives the programs of this world a printer: what it takes lies in the folder
// that is returned.
func (w *world) printing() string {
	w.t.Helper()
	tray, tools := w.path("tray"), w.path("tools")
	for _, d := range []string{tray, tools} {
		check(w.t, os.MkdirAll(d, 0o700))
	}
	script := func(name, text string) {
		check(w.t, os.WriteFile(filepath.Join(tools, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700))
	}
	script("lpstat", "echo 'system default destination: bay-2'")
	script("lp", `for last; do :; done; cp "$last" "`+tray+`/$$.pdf"`)
	w.env = append(w.env, "PATH="+tools+string(os.PathListSeparator)+os.Getenv("PATH"))
	return tray
}

// sheets are what came out of the printer.
func sheets(t *testing.T, tray string) (n int) {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(tray, "*.pdf"))
	check(t, err)
	for _, path := range list {
		b, err := os.ReadFile(path)
		check(t, err)
		if !bytes.HasPrefix(b, []byte("%PDF-")) || len(b) < 10<<10 {
			t.Errorf("%s is no pack: %d bytes", path, len(b))
		}
		n++
	}
	return n
}

// spoil changes bytes in every file of a folder, but of the outbox.
func spoil(t *testing.T, dir string) (n int) {
	t.Helper()
	check(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.Contains(path, "outbox") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for i := 0; i < len(b) && i < 64<<10; i += 5 {
			b[i] ^= 0xa5
		}
		n++
		return os.WriteFile(path, b, 0o600)
	}))
	return n
}

// With everything else down the real program starts, and the pack comes out of the
// printer: central is killed, every file of the copy is damaged; and once more with a
// copy that cannot be opened at all, by name and PIN.
func TestThePackComesOutOfThePrinterWithEverythingElseDown(t *testing.T) {
	w := newWorld(t, t.TempDir())
	tray := w.printing()
	w.account(nurse, "4B")
	w.enrol("a", "4B")
	w.send(admission(0))
	a := w.open("a")
	a.signIn(nurse)
	a.patient(somebody[0].family)
	w.await("a pack is ready", 30*time.Second, func() error {
		lines, _, err := w.program("wardlight", append([]string{"status", "--json", "--data", w.path("a")}, w.secrets...)...)
		if err != nil || len(lines) == 0 {
			return fmt.Errorf("status: %w", err)
		}
		var st struct {
			Pack *struct{ Patients int }
		}
		check(t, json.Unmarshal(lines[0], &st))
		if st.Pack == nil || st.Pack.Patients != 1 {
			return fmt.Errorf("%s", lines[0])
		}
		return nil
	})
	a.Stop(5 * time.Second)
	w.central.Kill()
	if n := spoil(t, w.path("a", "store", "badger")); n < 3 {
		t.Fatalf("only %d files were there to be damaged", n)
	}
	a = w.open("a")
	a.signIn(nurse)
	if list := a.board(); len(list) != 0 {
		t.Fatalf("the copy is not damaged: %v", list)
	}
	var said struct{ Words string }
	check(t, a.call("ward_pack", nil, &said))
	if !strings.Contains(said.Words, "Sent to the printer bay-2: ward pack of ") || sheets(t, tray) != 1 {
		t.Fatalf("%q, %d sheets", said.Words, sheets(t, tray))
	}
	a.Stop(5 * time.Second)
	check(t, os.RemoveAll(w.path("a", "store")))
	check(t, os.WriteFile(w.path("a", "store"), []byte("a file where the folder was"), 0o600))
	a = w.open("a")
	if err := a.call("sign_in", args{"user": nurse.user, "pin": nurse.pin}, nil); err == nil {
		t.Fatal("somebody signed in without a copy")
	}
	if err := a.call("ward_pack", args{"user": nurse.user, "pin": "000000"}, nil); err == nil {
		t.Error("printed with a wrong PIN")
	}
	check(t, a.call("ward_pack", args{"user": nurse.user, "pin": nurse.pin}, &said))
	if !strings.Contains(said.Words, "1 patient") || sheets(t, tray) != 2 {
		t.Errorf("%q, %d sheets", said.Words, sheets(t, tray))
	}
	for _, clear := range []string{"ward-packs", "print"} {
		check(t, filepath.WalkDir(w.path("a", clear), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			if b, _ := os.ReadFile(path); bytes.Contains(b, []byte("%PDF")) {
				t.Errorf("%s lies there in the clear", path)
			}
			return nil
		}))
	}
}

// A charge nurse practises a downtime with the real programs: what is entered waits, a
// critical result ends the drill and is on the screen within seconds, and everything is
// sent.
func TestADrillGivesWayToACriticalResult(t *testing.T) {
	w := newWorld(t, t.TempDir())
	charge := person{"c.okafor", "Chidi Okafor", "charge-nurse", "550912"}
	w.account(charge, "4B")
	w.enrol("a", "4B")
	w.send(admission(0))
	a := w.open("a")
	a.signIn(charge)
	patient := a.patient(somebody[0].family)
	w.await("the drill begins", 30*time.Second, func() error { return a.call("drill", args{"minutes": 30}, nil) })
	w.await("the line is let go", 20*time.Second, func() error {
		if a.link().Connected {
			return fmt.Errorf("connected")
		}
		return nil
	})
	a.do("note", args{"patient": patient, "text": "Written in the drill"})
	if l := a.link(); l.Connected || l.Unsent != 1 {
		t.Errorf("in the drill: %+v", l)
	}
	w.send(potassium(0, "K1", "6.9", "HH"))
	w.await("the critical result is on the screen", 30*time.Second, func() error {
		var r struct{ Alerts []json.RawMessage }
		if err := a.call("alerts", nil, &r); err != nil || len(r.Alerts) != 1 {
			return fmt.Errorf("%d alerts, %w", len(r.Alerts), err)
		}
		return nil
	})
	a.allSent()
	if !strings.Contains(w.export(), "Written in the drill") {
		t.Error("what was entered in the drill is not in the record")
	}
}

package seat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/seat"
)

// tray is a printer: what came out of it.
type tray struct {
	mu  sync.Mutex
	out [][]byte
}

func (p *tray) run(_ context.Context, name string, args ...string) (string, error) {
	switch name {
	case "lpstat":
		return "system default destination: bay-2\n", nil
	case "lp":
		b, err := os.ReadFile(args[len(args)-1])
		if err != nil {
			return "", err
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.out = append(p.out, b)
	}
	return "", nil
}

func (p *tray) sheets() [][]byte { p.mu.Lock(); defer p.mu.Unlock(); return p.out }

// sitToPrint opens the folder with this printer and clock.
func (w *world) sitToPrint(dir string, c *clocks, p *tray) *seat.Seat {
	w.t.Helper()
	s, err := seat.Open(context.Background(), seat.Config{
		Dir: dir, Secrets: w.secrets, Cost: cheap, Now: c.now, Uptime: c.ran, Every: 20 * time.Millisecond, Print: p.run,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = s.Close() })
	return s
}

// aPackIsReady is a ward with one patient, whose computer keeps a pack; its central is
// gone and the program has ended.
func aPackIsReady(t *testing.T) (w *world, dir string, c *clocks, p *tray) {
	t.Helper()
	w, c, p = hospital(t), realClock(), &tray{}
	dir = w.enrol()
	s := w.sitToPrint(dir, c, p)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	admit(t, w)
	waitFor(t, "a pack is ready", func() bool { r, ok := s.ReadyPack(); return ok && r.Patients == 1 })
	w.stop()
	waitFor(t, "the link is lost", func() bool { return !s.Link().Connected })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return w, dir, c, p
}

// flip changes bytes in every file of a folder.
func flip(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.Contains(path, "outbox") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for i := 0; i < len(b) && i < 64<<10; i += 7 {
			b[i] ^= 0x5a
		}
		n++
		return os.WriteFile(path, b, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// printedAs counts central's audit events of a patient's sheet that was printed as this.
func (w *world) printedAs(what string) (found int) {
	w.t.Helper()
	for _, l := range w.order("audit list", nil) {
		b, err := json.Marshal(l["event"])
		if err != nil {
			w.t.Fatal(err)
		}
		var e struct {
			Entity []struct {
				Query []byte
				What  struct{ Reference string }
			}
		}
		if err := json.Unmarshal(b, &e); err != nil {
			continue
		}
		query, patient := false, false
		for _, x := range e.Entity {
			query = query || strings.Contains(string(x.Query), what)
			patient = patient || strings.HasPrefix(x.What.Reference, "Patient/")
		}
		if query && patient {
			found++
		}
	}
	return found
}

// Everything else is down: central does not answer, and every file of the copy is
// damaged. The program starts, somebody signs in by PIN, the board is empty, and the
// pack comes out of the printer with one press; central learns of the look later.
func TestThePackIsPrintedThoughTheCopyIsBroken(t *testing.T) {
	w, dir, c, p := aPackIsReady(t)
	if n := flip(t, filepath.Join(dir, "store", "badger")); n < 3 {
		t.Fatalf("only %d files were there to be damaged", n)
	}
	s := w.sitToPrint(dir, c, p)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatalf("signing in by PIN in front of a broken copy: %v", err)
	}
	d, err := s.Desk()
	if err != nil {
		t.Fatal(err)
	}
	if rows, _ := d.Board(context.Background()); len(rows) != 0 {
		t.Fatalf("the copy is not broken: %v", rows)
	}
	words, err := s.PrintPack(context.Background()) // as F9 on Sending and feeds does
	if err != nil || !strings.Contains(words, "Sent to the printer bay-2: ward pack of ") || !strings.Contains(words, "1 patient") {
		t.Fatalf("%q, %v", words, err)
	}
	if got := p.sheets(); len(got) != 1 || !bytes.HasPrefix(got[0], []byte("%PDF-")) {
		t.Fatalf("out of the printer: %d sheets", len(got))
	}
	d.Lock()
	if _, err := s.PrintReadyPack(context.Background()); err == nil {
		t.Error("printed at a locked computer")
	}
	// An empty copy says nothing of who left: the pack stays.
	if _, ok := s.ReadyPack(); !ok {
		t.Error("the pack went because the copy is empty")
	}
	w.start()
	waitFor(t, "central knows that it was printed", func() bool { return w.printedAs("kept ward pack") == 1 })
}

// The copy cannot be opened at all, so nobody can sign in: name and PIN open the pack
// and nothing else. Who printed it is on record as soon as there is a copy again.
func TestThePackIsPrintedThoughNobodyCanSignIn(t *testing.T) {
	w, dir, c, p := aPackIsReady(t)
	store := filepath.Join(dir, "store")
	if err := os.Rename(store, store+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(store, []byte("a file where the folder was"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := w.sitToPrint(dir, c, p)
	ctx := context.Background()
	if _, err := w.signIn(s, "481526"); err == nil || !strings.Contains(err.Error(), "own copy of the record cannot be opened") {
		t.Fatalf("somebody signed in without a copy, or is not told why not: %v", err)
	}
	for name, who := range map[string][2]string{"a wrong PIN": {"g.mensah", "000000"}, "a stranger": {"t.blake", "481526"}, "nobody": {"", ""}} {
		if words, err := s.PrintPackByPIN(ctx, who[0], who[1], ""); err == nil || words != "" {
			t.Errorf("%s: %q, %v", name, words, err)
		}
	}
	if len(p.sheets()) != 0 {
		t.Fatal("something was printed for them")
	}
	words, err := s.PrintPackByPIN(ctx, "g.mensah", "481526", "")
	if err != nil || !strings.Contains(words, "Sent to the printer bay-2: ward pack of ") || len(p.sheets()) != 1 {
		t.Fatalf("%q, %v, %d sheets", words, err, len(p.sheets()))
	}
	looks, err := os.ReadFile(filepath.Join(dir, "pack-looks.v1"))
	if err != nil || bytes.Contains(looks, []byte("mensah")) {
		t.Fatalf("the look is not kept, or in the clear: %v", err)
	}
	if st := s.Status(); st.Open || st.Pack == nil || st.Pack.Patients != 1 {
		t.Errorf("status: %+v", st)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(store); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(store+".away", store); err != nil {
		t.Fatal(err)
	}
	s = w.sitToPrint(dir, c, p)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "pack-looks.v1")); !os.IsNotExist(err) {
		t.Errorf("the copy is open and the looks lie there still: %v", err)
	}
	w.start()
	waitFor(t, "central knows that it was printed", func() bool { return w.printedAs("kept ward pack") == 1 })
}

// A PIN opens the pack for as long as it opens the copy, and no longer; with the copy's
// time the pack goes.
func TestThePackGoesWithTheCopy(t *testing.T) {
	w, dir, c, p := aPackIsReady(t)
	s := w.sitToPrint(dir, c, p)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	c.pass(73 * time.Hour)
	if words, err := s.PrintPackByPIN(context.Background(), "g.mensah", "481526", ""); !fault.Is(err, fault.Denied) {
		t.Errorf("after 73 hours without central: %q, %v", words, err)
	}
	c.pass(31 * 24 * time.Hour)
	select {
	case <-s.Gone():
	case <-time.After(90 * time.Second):
		t.Fatal("the copy stays open after its time")
	}
	_ = s.Close()
	s = w.sitToPrint(dir, c, p)
	_, _ = w.signIn(s, "481526") // refused; it opens the new, empty copy
	waitFor(t, "the pack is gone", func() bool { _, ok := s.ReadyPack(); return !ok })
	if left, _ := filepath.Glob(filepath.Join(dir, "ward-packs", "*")); len(left) != 0 || len(p.sheets()) != 0 {
		t.Errorf("left: %v, printed: %d", left, len(p.sheets()))
	}
}

// A pack is made at once when the network goes, and not again and again while it does;
// whoever left the ward is in none that is kept.
func TestAPackIsMadeWhenTheNetworkGoesAndWhenSomebodyLeaves(t *testing.T) {
	w, c, p := hospital(t), realClock(), &tray{}
	dir := w.enrol()
	s := w.sitToPrint(dir, c, p)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	admit(t, w)
	made := func() time.Time { r, _ := s.ReadyPack(); return r.Made }
	waitFor(t, "a pack is ready", func() bool { return !made().IsZero() })
	first := made()
	c.pass(2 * time.Minute) // far from the quarter of an hour
	s.Disconnect()
	waitFor(t, "one is made because the network went", func() bool { return made().After(first) })
	second := made()
	s.Connect()
	waitFor(t, "contact", func() bool { return s.Link().Connected })
	s.Disconnect() // a loose cable
	waitFor(t, "no contact", func() bool { return !s.Link().Connected })
	s.Connect()
	waitFor(t, "contact", func() bool { return s.Link().Connected })
	d, err := s.Desk()
	if err != nil {
		t.Fatal(err)
	}
	here := func(n int) func() bool {
		return func() bool { rows, err := d.Board(context.Background()); return err == nil && len(rows) == n }
	}
	c.pass(2 * time.Minute)
	waitFor(t, "one is made for the loose cable", func() bool { return made().After(second) })
	admitOdum(t, w)
	waitFor(t, "both are on the ward", here(2))
	c.pass(2 * time.Minute)
	waitFor(t, "who came is in a pack within a minute or two", func() bool { r, _ := s.ReadyPack(); return r.Patients == 2 })
	discharge(t, w)
	waitFor(t, "one has left", here(1))
	c.pass(2 * time.Minute)
	waitFor(t, "who left is in none", func() bool { r, _ := s.ReadyPack(); return r.Patients == 1 })
	waitFor(t, "the packs with somebody who left are gone", func() bool {
		kept, _ := filepath.Glob(filepath.Join(dir, "ward-packs", "*.wlpack"))
		return len(kept) == 1
	})
	moved(t, w, "A03", "B2")
	waitFor(t, "nobody is left in a pack", func() bool {
		left, _ := filepath.Glob(filepath.Join(dir, "ward-packs", "*.wlpack"))
		return len(left) == 0
	})
	if second.Sub(first) < 2*time.Minute-time.Second {
		t.Errorf("made at %s and again at %s", first, second)
	}
}

// A computer that is wiped keeps no pack.
func TestAWipeTakesThePack(t *testing.T) {
	w, c, p := hospital(t), realClock(), &tray{}
	dir := w.enrol()
	s := w.sitToPrint(dir, c, p)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	admit(t, w)
	waitFor(t, "a pack is ready", func() bool { _, ok := s.ReadyPack(); return ok })
	w.order("stations wipe", map[string]string{"station": string(s.Info().Station), "reason": "stolen"})
	select {
	case <-s.Gone():
	case <-time.After(90 * time.Second):
		t.Fatal("it is not wiped")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "ward-packs*")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if words, err := s.PrintPackByPIN(context.Background(), "g.mensah", "481526", ""); err == nil {
		t.Errorf("printed after the wipe: %q", words)
	}
}

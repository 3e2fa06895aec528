package printer_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/printer"
)

// desktop plays the programs of a computer.
type desktop struct {
	t       *testing.T
	dir     string
	printer string // the default one; "" for none
	jam     bool
	viewer  bool
	ran     []string
	read    string // what the printer or the viewer was given
}

func (d *desktop) run(_ context.Context, name string, args ...string) (string, error) {
	d.ran = append(d.ran, name+" "+strings.Join(args, " "))
	last := args[len(args)-1]
	switch name {
	case "lpstat":
		if d.printer == "" {
			return "no system default destination\n", nil
		}
		return "system default destination: " + d.printer + "\n", nil
	case "lp":
		if d.jam {
			return "", errors.New("exit status 1")
		}
	case "xdg-open":
		if !d.viewer {
			return "", errors.New("exit status 3")
		}
	}
	info, err := os.Stat(last)
	if err != nil {
		d.t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		d.t.Errorf("others may read the file: %v", info.Mode())
	}
	if folder, err := os.Stat(filepath.Dir(last)); err != nil || folder.Mode().Perm() != 0o700 {
		d.t.Errorf("others may look into the folder: %v", err)
	}
	b, err := os.ReadFile(last)
	if err != nil {
		d.t.Fatal(err)
	}
	d.read = string(b)
	return "", nil
}

func (d *desktop) files() int {
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		d.t.Fatal(err)
	}
	return len(entries)
}

func start(t *testing.T, d desktop) (*desktop, printer.Printer) {
	d.t, d.dir = t, filepath.Join(t.TempDir(), "print")
	return &d, printer.Printer{Dir: d.dir, Run: d.run, OS: "linux", For: 50 * time.Millisecond}
}

var sheet = []byte("%PDF ADEYEMI, Folake")

// The printer takes it; nothing is left.
func TestThePrinterTakesIt(t *testing.T) {
	d, p := start(t, desktop{printer: "bay-2"})
	words, err := p.Send(context.Background(), sheet)
	if err != nil || words != "Sent to the printer bay-2" || d.read != string(sheet) {
		t.Fatalf("%q, %v, %q", words, err, d.read)
	}
	if d.files() != 0 {
		t.Error("the file is still there")
	}
	for _, c := range d.ran {
		if strings.Contains(c, "ADEYEMI") {
			t.Errorf("another program is told a name: %s", c)
		}
	}
}

// No printer, or one that is jammed: the viewer shows it, and the file goes after
// its time, or at once when the session ends.
func TestTheViewerShowsIt(t *testing.T) {
	for name, c := range map[string]desktop{"no printer": {viewer: true}, "a jam": {printer: "bay-2", jam: true, viewer: true}} {
		t.Run(name, func(t *testing.T) {
			d, p := start(t, c)
			words, err := p.Send(context.Background(), sheet)
			if err != nil || !strings.HasPrefix(words, "Opened") || d.read != string(sheet) {
				t.Fatalf("%q, %v", words, err)
			}
			for range 6000 {
				if d.files() == 0 {
					break
				}
				time.Sleep(5 * time.Millisecond)
			}
			if d.files() != 0 {
				t.Error("the file stays after its time")
			}
			p.For = time.Hour
			if _, err := p.Send(context.Background(), sheet); err != nil || d.files() != 1 {
				t.Fatalf("%v, %d files", err, d.files())
			}
			if err := p.Sweep(); err != nil || d.files() != 0 {
				t.Errorf("%v, %d files after the session", err, d.files())
			}
		})
	}
}

// Neither works: it is told, and nothing is left.
func TestNothingCouldPrintIt(t *testing.T) {
	for want, c := range map[string]desktop{"has no printer": {}, "did not take it": {printer: "bay-2", jam: true}} {
		d, p := start(t, c)
		_, err := p.Send(context.Background(), sheet)
		if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), want) || d.files() != 0 {
			t.Errorf("%v, %d files", err, d.files())
		}
	}
	_, p := start(t, desktop{})
	if _, err := p.Send(context.Background(), nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("an empty file: %v", err)
	}
	if err := p.Sweep(); err != nil {
		t.Errorf("nothing was ever printed: %v", err)
	}
}

// A document is shown by the program for its type, under a name that says nothing;
// what could bring a program along is handed to none.
func TestADocumentIsShownByItsType(t *testing.T) {
	d, p := start(t, desktop{viewer: true})
	p.For = time.Hour
	for mime, shown := range map[string]bool{"application/pdf": true, "image/jpeg": true, "text/html": false, "application/rtf": false, "": false} {
		words, err := p.Show(context.Background(), []byte("content"), mime)
		if (err == nil) != shown || (words != "") != shown {
			t.Errorf("%q: %q, %v", mime, words, err)
		}
	}
	if n := d.files(); n != 2 {
		t.Errorf("%d files, want those that are shown", n)
	}
	if _, err := p.Show(context.Background(), nil, "application/pdf"); !fault.Is(err, fault.Invalid) {
		t.Errorf("nothing was shown: %v", err)
	}
	if err := p.Sweep(); err != nil || d.files() != 0 {
		t.Errorf("left after the sweep: %d, %v", d.files(), err)
	}
}

// Labels go to a printer and a paper of their own, and nobody asks which is the usual
// one.
func TestAPrinterAndAPaperThatWereNamed(t *testing.T) {
	d := &desktop{t: t, dir: t.TempDir(), printer: "bay-2"}
	p := printer.Printer{Dir: filepath.Join(d.dir, "print"), Run: d.run, OS: "linux", To: "zebra", Media: "Custom.70x35mm"}
	words, err := p.Send(context.Background(), []byte("%PDF-1.4"))
	if err != nil || words != "Sent to the printer zebra" || len(d.ran) != 1 || !strings.Contains(d.ran[0], "-d zebra") || !strings.Contains(d.ran[0], "media=Custom.70x35mm") {
		t.Errorf("%q, %v, ran %v", words, err, d.ran)
	}
}

// Words of an attacker who offers a printer in the network stay words: a name that is an
// option, or several lines, or turns around what the screen says, goes to no program and
// onto no screen, be it the default printer's or the one that was set. The sheet is shown.
func TestWordsOfAnAttackerAreNoPrintersName(t *testing.T) {
	for _, name := range []string{
		"-o job-sheets=secret", "--", "-h198.51.100.7", "bay-2\nsystem default destination: x", "bay-2 -h 198.51.100.7", "bay\t2", "\u202egnp.2-yab", "bay\u200b2", "bay-2\x1b[31m", "bay\x002", "\xff\xfe", strings.Repeat("b", 128),
	} {
		for _, set := range []bool{false, true} {
			d, p := start(t, desktop{printer: name, viewer: true})
			if set {
				d.printer, p.To = "bay-2", name
			}
			said, err := p.Send(context.Background(), sheet)
			if err != nil || strings.Contains(said, name) {
				t.Errorf("%q, set %v: %q, %v", name, set, said, err)
			}
			for _, ran := range d.ran {
				if strings.HasPrefix(ran, "lp ") {
					t.Errorf("%q, set %v: %q was run", name, set, ran)
				}
			}
			if d.read != string(sheet) {
				t.Errorf("%q, set %v: the sheet is not shown", name, set)
			}
		}
	}
	for _, name := range []string{"bay-2", "bay-2/labels", "Büro_4B", "HP-LaserJet.2"} {
		d, p := start(t, desktop{printer: name})
		if said, err := p.Send(context.Background(), sheet); err != nil || !strings.Contains(said, name) || d.read != string(sheet) {
			t.Errorf("%q: %q, %v", name, said, err)
		}
	}
}

// Package printer brings a PDF to paper: to the computer's own printer where there
// is one, else to the program that shows PDFs, from which somebody prints.
//
// What it promises: the file lies in a folder that only this account may read,
// under a name that says nothing; after a printer has taken it, it is removed at
// once; after a viewer was started, once its time has passed, and whenever Sweep
// is called: at the end of a session, at a lock, at the start and the end of the
// program. No name of a patient is given to another program.
package printer

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"wardlight/internal/fault"
	"wardlight/internal/words"
)

// Limits of what other programs may take.
const (
	patience = 30 * time.Second // for a printer to take a file
	settle   = 3 * time.Second  // for a viewer to say that it cannot
	// Keep is how long a file that a viewer shows stays.
	Keep = 10 * time.Minute
	// MaxBytes bounds one file.
	MaxBytes = 64 << 20
)

// Runner runs another program and waits for it, no longer than ctx.
type Runner func(ctx context.Context, name string, args ...string) (out string, err error)

// Printer prints from one folder.
type Printer struct {
	Dir string        // made where it is not there; nothing else may be in it
	Run Runner        // nil runs programs of this computer
	OS  string        // "" is this computer's
	For time.Duration // how long a shown file stays; 0 is Keep
	// To is the printer as the printing system calls it; "" is the default one.
	To    string
	Media string // the paper; "" is A4
}

// Send prints a file and says in words what became of it.
func (p Printer) Send(ctx context.Context, pdf []byte) (said string, err error) {
	const op = "printer.send"
	if len(pdf) == 0 || len(pdf) > MaxBytes {
		return "", fault.As(fault.Invalid, op, "", words.Errorf("There is nothing to print, or too much. Nothing was printed."))
	}
	path, err := p.write(pdf, ".pdf")
	if err != nil {
		return "", fault.As(fault.Unavailable, op, "", &told{words.K("This computer could not write the file to print. Nothing was printed. Call IT."), err})
	}
	name, refusal := p.print(ctx, path)
	if name != "" {
		return words.F("Sent to the printer %s", name), p.remove(path)
	}
	if err := p.show(ctx, path); err != nil {
		_ = p.remove(path) // what it says is the same
		return "", fault.As(fault.Unavailable, op, "", &told{nothing(refusal), err})
	}
	time.AfterFunc(p.keep(), func() { _ = p.remove(path) }) // Sweep removes what stays
	return words.T("Opened to look at: print from there"), nil
}

// endings are the types that are handed to another program: nothing in them is
// carried out by a program that shows them.
var endings = map[string]string{
	"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/tiff": ".tif", "text/plain": ".txt",
}

// Show has a document shown by the program of this computer that shows its type,
// from which it can be saved or printed, and says in words what became of it. The
// file goes like one that a viewer shows after Send.
func (p Printer) Show(ctx context.Context, content []byte, mime string) (said string, err error) {
	const op = "printer.show"
	ending, known := endings[mime]
	if !known {
		return "", fault.As(fault.Unsupported, op, "", words.Errorf("A document of this type is not opened here, because it could bring a program along. Ask the laboratory for it as a PDF."))
	}
	if len(content) == 0 || len(content) > MaxBytes {
		return "", fault.As(fault.Invalid, op, "", words.Errorf("The document is empty, or too large to be shown."))
	}
	path, err := p.write(content, ending)
	if err != nil {
		return "", fault.As(fault.Unavailable, op, "", &told{words.K("This computer could not write the document to show it. Call IT."), err})
	}
	if err := p.show(ctx, path); err != nil {
		_ = p.remove(path) // what it says is the same
		return "", fault.As(fault.Unavailable, op, "", &told{words.K("No program of this computer shows this document. Use another computer, or ask IT for one."), err})
	}
	time.AfterFunc(p.keep(), func() { _ = p.remove(path) }) // Sweep removes what stays
	return words.T("Opened: it can be saved or printed from there"), nil
}

// nothing says that neither way worked.
func nothing(refusal error) words.Key {
	if refusal != nil {
		return words.K("The printer did not take it, and no program of this computer shows a PDF. Nothing was printed. Choose another printer, or use another computer.")
	}
	return words.K("This computer has no printer, and no program that shows a PDF. Nothing was printed. Use another computer, or ask IT for a printer.")
}

func (p Printer) keep() time.Duration {
	if p.For > 0 {
		return p.For
	}
	return Keep
}

// write makes the file: in a folder of this account alone, under a name that says
// nothing.
func (p Printer) write(pdf []byte, ending string) (string, error) {
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return "", err
	}
	if err := os.Chmod(p.Dir, 0o700); err != nil { //nolint:gosec // a folder needs its x
		return "", err
	}
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	path := filepath.Join(p.Dir, hex.EncodeToString(b[:])+ending)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // in the station's own folder
	if err != nil {
		return "", err
	}
	_, err = f.Write(pdf)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(path) // half of a sheet is worse than none
		return "", err
	}
	return path, nil
}

func (p Printer) remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fault.As(fault.Unavailable, "printer.remove", "", &told{words.K("It was printed, and the file could not be removed. Call IT."), err})
	}
	return nil
}

// Sweep removes every file that is left.
func (p Printer) Sweep() error {
	entries, err := os.ReadDir(p.Dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		err = errors.Join(err, os.Remove(filepath.Join(p.Dir, e.Name())))
	}
	return fault.Wrap("printer.sweep", "", err)
}

// print gives the file to the printer that was named, else to the system's default one;
// "" where there is none.
// lp has its own copy when it returns (CUPS).
func (p Printer) print(ctx context.Context, path string) (name string, refusal error) {
	if p.os() == "windows" {
		return "", nil // the viewer prints there
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	name = p.To
	if name == "" {
		out, err := p.run(ctx, "lpstat", "-d")
		if err != nil {
			return "", nil // no printing system
		}
		_, found, ok := strings.Cut(strings.TrimSpace(out), ": ")
		if !ok || found == "" {
			return "", nil
		}
		name = found
	}
	if !isName(name) {
		return "", errors.New("the printing system's name of the printer is none")
	}
	if _, err := p.run(ctx, "lp", "-s", "-d", name, "-t", "ward sheet", "-o", "media="+cmp.Or(p.Media, "A4"), "-o", "sides=one-sided", "--", path); err != nil {
		return "", err
	}
	return name, nil
}

// isName says whether a printer may be called so: whoever offers one in the network chooses
// its name, which goes to another program and onto the screen. One that begins as an option
// does, or holds what is not seen, is none.
func isName(name string) bool {
	hidden := func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }
	return name != "" && len(name) <= 127 && name[0] != '-' && utf8.ValidString(name) && !strings.ContainsFunc(name, hidden)
}

// show starts the program that shows PDFs. Some starters stay until it is closed:
// one that has not failed soon has done its work.
func (p Printer) show(ctx context.Context, path string) error {
	name, args := "xdg-open", []string{path}
	switch p.os() {
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", path}
	case "darwin":
		name = "open"
	}
	done := make(chan error, 1)
	go func() {
		_, err := p.run(context.WithoutCancel(ctx), name, args...)
		done <- err
	}()
	t := time.NewTimer(settle)
	defer t.Stop()
	select {
	case err := <-done:
		return err
	case <-t.C:
		return nil
	}
}

func (p Printer) os() string {
	if p.OS != "" {
		return p.OS
	}
	return runtime.GOOS
}

func (p Printer) run(ctx context.Context, name string, args ...string) (string, error) {
	if p.Run != nil {
		return p.Run(ctx, name, args...)
	}
	c := exec.CommandContext(ctx, name, args...) //nolint:gosec // constant programs; the path is ours
	c.Env = append(os.Environ(), "LC_ALL=C")     // lpstat's words are read
	out, err := c.Output()
	return string(out), err
}

// told is a failure in words for the person; the cause stays reachable.
type told struct {
	text  words.Key
	cause error
}

// Error is what the person reads, in English; Say in the language of the screen.
func (t *told) Error() string { return t.text.English() }

// Say is what the person reads.
func (t *told) Say() string { return t.text.Say() }

// Unwrap is the cause.
func (t *told) Unwrap() []error { return []error{t.cause} }

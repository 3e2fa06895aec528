package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// The programs under test, and where the repository is.
var (
	bin  string
	repo string
)

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == browserProgram {
		os.Exit(browse(os.Args[1:]))
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	repo = filepath.Dir(filepath.Dir(dir))
	scratch, err := os.MkdirTemp("", "wardlight-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(scratch)
	faultyDir = filepath.Join(scratch, "faulty")
	if bin = os.Getenv("WARDLIGHT_BIN"); bin == "" {
		bin = filepath.Join(scratch, "bin")
		if err := build(bin, "", "wardlight", "wardlightd", "wardsim"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}

// build compiles programs as the Makefile does: with other flags the graphics
// binding would be compiled again, which takes minutes.
func build(dir, tags string, programs ...string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	args := []string{"build", "-trimpath", "-buildvcs=false", "-tags", "migrated_fynedo" + tags, "-ldflags", "-s -w -buildid=", "-o", dir + "/"}
	for _, p := range programs {
		args = append(args, "./cmd/"+p)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = repo
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", programs, err, out)
	}
	return nil
}

var (
	faultyDir  string
	faultyOnce sync.Once
	faultyErr  error
)

// faulty is a folder with a central that spoils a record on purpose, and a
// station whose clock may be set wrong.
func faulty(t *testing.T) string {
	t.Helper()
	faultyOnce.Do(func() {
		faultyErr = build(faultyDir, ",faults", "wardlightd", "wardlight")
		if faultyErr == nil {
			faultyErr = os.Rename(filepath.Join(faultyDir, "wardlight"), filepath.Join(faultyDir, "wardlight-wrong-clock"))
		}
		if faultyErr == nil {
			// A copy: the demonstration takes the central that lies beside it, and
			// a link would lead to the good one.
			faultyErr = copyProgram(filepath.Join(bin, "wardlight"), filepath.Join(faultyDir, "wardlight"))
		}
	})
	if faultyErr != nil {
		t.Fatal(faultyErr)
	}
	return faultyDir
}

func copyProgram(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o755)
}

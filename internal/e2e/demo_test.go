package e2e_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/assets"
)

// ledger is the demonstration's last line.
type ledger struct {
	Entered      int      `json:"entered"`
	Stored       int      `json:"stored"`
	Lost         int      `json:"lost"`
	Duplicated   int      `json:"duplicated"`
	Changed      int      `json:"changed"`
	Looks        int      `json:"looks"`
	LooksAudited int      `json:"looks_audited"`
	MedianAckS   *float64 `json:"median_ack_s"`
	Breaches     []string `json:"breaches"`
}

func (l ledger) clean() bool {
	return l.Entered > 100 && l.Stored == l.Entered && l.Lost+l.Duplicated+l.Changed == 0 && l.Looks > 0 && l.LooksAudited == l.Looks &&
		l.MedianAckS != nil && l.Breaches != nil && len(l.Breaches) == 0
}

// needs skips a test in words where a program is not installed.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("SKIPPED: %s is not installed; run: make setup", p)
		}
	}
}

// demonstrate runs the demonstration out of a folder of programs.
func demonstrate(t *testing.T, programs string, env []string, argv ...string) (l ledger, said string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(programs, "wardlight"), append([]string{"demo", "--json", "--fast"}, argv...)...)
	cmd.Env, cmd.Dir = append(os.Environ(), env...), t.TempDir()
	var errText bytes.Buffer
	cmd.Stderr = &errText
	out, err := cmd.Output()
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if jerr := json.Unmarshal(lines[len(lines)-1], &l); jerr != nil {
		t.Fatalf("the demonstration's last line is no ledger: %v, %v: %s\n%s", err, jerr, out, errText.String())
	}
	return l, errText.String(), err
}

// TestTheDemonstrationLosesNothing runs the whole story with a window, a mouse
// and a keyboard, and then looks for patients in every file that was written.
func TestTheDemonstrationLosesNothing(t *testing.T) {
	needs(t, "Xvfb", "openbox", "xdotool", "import", "dbus-daemon", "gnome-keyring-daemon")
	data, shots := filepath.Join(t.TempDir(), "data"), t.TempDir()
	temp, err := os.MkdirTemp("", "wl") // short: sockets lie there
	check(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(temp) })
	l, said, err := demonstrate(t, bin, []string{"TMPDIR=" + temp}, "--xvfb", "--seed", "7", "--keep", "--data", data, "--shots", shots)
	if err != nil || !l.clean() {
		t.Errorf("%v; ledger %+v\n%s", err, l, said)
	}
	pictures, err := filepath.Glob(filepath.Join(shots, "*.png"))
	check(t, err)
	for _, screen := range []string{"sign-in", "board", "chart", "allergies", "network-out", "draft", "critical", "reviews", "alerts"} {
		found := false
		for _, p := range pictures {
			info, err := os.Stat(p)
			check(t, err)
			found = found || strings.Contains(filepath.Base(p), screen) && info.Size() > 10_000
		}
		if !found {
			t.Errorf("there is no picture of %s among %d", screen, len(pictures))
		}
	}
	noPatientInClear(t, patients(t), data, temp)
}

// patients are the demonstration's family names and numbers, lower case.
func patients(t *testing.T) []string {
	t.Helper()
	seen := map[string]bool{}
	pid := regexp.MustCompile(`PID\|1\|\|(\d{10})\^\^\^NHS\^NH[^|]*\|\|([^^]+)\^`)
	for _, dir := range []fs.FS{assets.DemoWard(), assets.DemoStory()} {
		check(t, fs.WalkDir(dir, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := fs.ReadFile(dir, path)
			for _, m := range pid.FindAllSubmatch(b, -1) {
				seen[string(m[1])] = true
				if family := strings.ToLower(string(m[2])); len(family) > 4 && family != "patel" { // a doctor's name, too
					seen[family] = true
				}
			}
			return err
		}))
	}
	var list []string
	for s := range seen {
		list = append(list, s)
	}
	if len(list) < 40 {
		t.Fatalf("only %d names and numbers were found: the pattern is broken", len(list))
	}
	return append(list, "short of breath", "anaphylaxis", "penicillin")
}

// plantedFaults are those that the ledger must find: how it names each, and where it
// counts it.
var plantedFaults = map[string]struct {
	named string // in a breach
	count func(l ledger) int
}{
	"lost":          {"lost: result", func(l ledger) int { return l.Lost }},
	"lost-entry":    {"lost: entry", func(l ledger) int { return l.Lost }},
	"doubled":       {"doubled: result", func(l ledger) int { return l.Duplicated }},
	"doubled-entry": {"doubled: resource", func(l ledger) int { return l.Duplicated }},
	"altered":       {"changed: result", func(l ledger) int { return l.Changed }},
	"altered-entry": {"changed: entry", func(l ledger) int { return l.Changed }},
	"unaudited":     {"audit: 1 of", func(l ledger) int { return l.Looks - l.LooksAudited }},
}

// TestTheLedgerFindsEachPlantedFault: a record lost, doubled or altered on its way into
// central's journal, or one look unrecorded, and the demonstration ends with a breach
// that names it. Faults that meet other records, and that the ledger counts elsewhere,
// share a run; at night each has one of its own.
func TestTheLedgerFindsEachPlantedFault(t *testing.T) {
	needs(t, "dbus-daemon", "gnome-keyring-daemon")
	t.Parallel()
	programs := faulty(t)
	runs := []string{"", "lost,doubled-entry,unaudited", "doubled,altered-entry", "altered,lost-entry"}
	if os.Getenv("WARDLIGHT_TORTURE") != "" {
		runs = append([]string{""}, slices.Sorted(maps.Keys(plantedFaults))...)
	}
	planted := 0
	for _, run := range runs {
		var faults []string
		if run != "" {
			faults = strings.Split(run, ",")
		}
		planted += len(faults)
		t.Run(cmp.Or(run, "none"), func(t *testing.T) {
			t.Parallel()
			l, said, err := demonstrate(t, programs, []string{"WARDLIGHT_FAULT=" + run}, "--no-window", "--seed", "3")
			if run == "" && (err != nil || !l.clean()) {
				t.Errorf("without a fault: %v; ledger %+v\n%s", err, l, said)
			}
			for _, name := range faults {
				f := plantedFaults[name]
				if err == nil || f.count(l) == 0 || !strings.Contains(strings.Join(l.Breaches, "\n"), f.named) {
					t.Errorf("the ledger does not find %s: %v; ledger %+v", name, err, l)
				}
			}
		})
	}
	if planted != len(plantedFaults) {
		t.Errorf("%d faults of %d are planted", planted, len(plantedFaults))
	}
}

// TestAShippedProgramHoldsNoPlantedFault: nor a way to ask for one.
func TestAShippedProgramHoldsNoPlantedFault(t *testing.T) {
	for program, word := range map[string]string{"wardlightd": "WARDLIGHT_FAULT", "wardlight": "a clock that is wrong by"} {
		b, err := os.ReadFile(filepath.Join(bin, program))
		check(t, err)
		if bytes.Contains(b, []byte(word)) {
			t.Errorf("%s knows %s", program, word)
		}
	}
	b, err := os.ReadFile(filepath.Join(faulty(t), "wardlightd"))
	check(t, err)
	if !bytes.Contains(b, []byte("WARDLIGHT_FAULT")) {
		t.Error("the search finds nothing in the program that has it")
	}
}

// TestTheDemonstrationTakesAFurtherFolder: whatever other senders' messages
// are sent beside the story's own, nothing of either is lost.
func TestTheDemonstrationTakesAFurtherFolder(t *testing.T) {
	needs(t, "dbus-daemon", "gnome-keyring-daemon")
	t.Parallel()
	l, said, err := demonstrate(t, bin, nil, "--no-window", "--seed", "5", "--messages", dataDir(t))
	if err != nil || !l.clean() || l.Entered < 500 {
		t.Errorf("%v; ledger %+v\n%s", err, l, said)
	}
}

package main

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"wardlight/internal/station/seat"
	"wardlight/ui/shell"
)

// What becomes of each command, flag and setting of a computer in the audit trail.
// Whoever adds one says so here, or the test fails.

var commandDecisions = map[string]string{
	"window":   "how it is started, where that differs from the last time: TestHowAComputerIsStartedIsOnRecord",
	"headless": "likewise",
	"enrol":    "by central, with what was before and after: TestConfigurationIsOnRecordBeforeAndAfter; --again likewise, as a new computer",
	"rekey":    "in the computer's chain: TestADeviceSecretChangesUnderKillNine",
	"status":   "says how the computer is, and shows nobody's record",
	"doctor":   "likewise",
	"demo":     "a ward of its own, made up",
}

// Why a flag is on no record.
const (
	looksOnly = "how the window looks: nothing that anybody may see or do follows from it"
	answered  = "how an answer is printed, or how long it is waited for"
	enrolling = "central has the computer on record as it joins"
	secretIn  = "names a file with a secret"
	whose     = "which computer's folder it is: each has a chain of its own"
	ofDemo    = "of a ward that is made up"
	inFaults  = "only in builds with planted faults"
)

// flagDecisions: "set" is on record among the settings of a start.
var flagDecisions = map[string]string{
	"data": whose, "server": "set", "passphrase-file": "set", "idle-lock": "set", "open-wall": "set", "label-printer": "set", "no-sound": "set", "phone": "set", "drive": "set",
	"size": looksOnly, "fullscreen": looksOnly, "theme": looksOnly, "scale": looksOnly, "language": looksOnly,
	"ca-fingerprint": enrolling, "code-file": secretIn, "place": enrolling, "again": enrolling, "user": enrolling, "pin-file": secretIn,
	"wait": answered, "verbose": answered, "json": answered, "help": answered, "version": answered,
	"seed": ofDemo, "fast": ofDemo, "messages": ofDemo, "keep": ofDemo, "xvfb": ofDemo, "no-window": ofDemo, "tour": ofDemo, "shots": ofDemo,
	"clock-offset": inFaults, "clock-jump": inFaults, "clock-jump-after": inFaults,
}

// keptDecisions are the settings that the window lets people choose.
var keptDecisions = map[string]string{
	"KeepSounds":     "before it holds, with what was before: TestSoundsAreOnRecordBeforeTheyHold",
	"KeepLook":       looksOnly,
	"KeepLabelPaper": "which paper: each print is on record",
	"BeginDrill":     "TestADrillEndsByItselfAndByOnePress",
	"EndDrill":       "likewise",
	"ChangePIN":      "by central, before it holds, and each refusal: TestGuessingByChangesOfAPINIsGuessing",
	"EndSessions":    "by central, in the commit that ends them: TestSessionsAreTheirOwners",
}

func TestEveryCommandFlagAndSettingOfAComputerHasAnAuditDecision(t *testing.T) {
	var c cli
	k, err := kong.New(&c, kong.Name("wardlight"), kong.Vars{"version": version, "data": "x"})
	if err != nil {
		t.Fatal(err)
	}
	w := windowCmd{IdleLock: 5 * time.Minute}
	var set []string
	for _, s := range append(w.settings(), w.own()...) {
		set = append(set, strings.TrimPrefix(s.Name, "--"))
	}
	used := map[string]bool{}
	for _, leaf := range k.Model.Leaves(true) {
		cmd := strings.TrimPrefix(leaf.FullPath(), "wardlight ")
		if commandDecisions[cmd] == "" {
			t.Errorf("%s: nobody has decided what of it is on record", cmd)
		}
		for _, list := range leaf.AllFlags(true) {
			for _, f := range list {
				used[f.Name] = true
				switch d := flagDecisions[f.Name]; {
				case d == "":
					t.Errorf("%s: nobody has decided what becomes of --%s in the audit trail", cmd, f.Name)
				case d == "set" && !slices.Contains(set, f.Name):
					t.Errorf("%s: --%s is said to be on record at the start, and is not", cmd, f.Name)
				}
			}
		}
	}
	for _, name := range set {
		if name != "program" && flagDecisions[name] != "set" {
			t.Errorf("--%s is on record at the start, and nobody has decided that", name)
		}
	}
	for name, d := range flagDecisions {
		if !used[name] && d != inFaults {
			t.Errorf("--%s is decided about and no command has it", name)
		}
	}
	station := reflect.TypeFor[shell.Station]()
	for i := range station.NumMethod() {
		name := station.Method(i).Name
		changes := strings.HasPrefix(name, "Keep") || strings.HasPrefix(name, "Change") || strings.HasPrefix(name, "Set") || strings.HasPrefix(name, "Begin") || strings.HasPrefix(name, "End")
		if changes && keptDecisions[name] == "" {
			t.Errorf("the window may %s, and nobody has decided what of it is on record", name)
		}
	}
	for name := range keptDecisions {
		if _, there := reflect.TypeFor[*seat.Seat]().MethodByName(name); !there {
			t.Errorf("%s is decided about, and no computer can do it", name)
		}
	}
}

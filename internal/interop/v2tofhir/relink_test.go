package v2tofhir

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

func numbers(s *record.Subject) string {
	if s == nil {
		return "nobody"
	}
	var out []string
	for _, id := range s.Identifiers {
		out = append(out, id.System+"|"+id.Value)
	}
	return strings.Join(out, " ")
}

// PID-3 survives and MRG-1 is retired, in each of the pairs that a message
// holds; what PV1 says is no movement.
func TestMerges(t *testing.T) {
	for _, event := range []string{"A18", "A34", "A40"} {
		f := Translate(adt(event,
			"PID|1||1^^^H^MR||Rossi^Giulia||19790304", "MRG|2^^^H^MR||||||Rosi^Giulia", "PV1|1|I|4B^^07||||||||||||||||v1",
			"PID|2||3^^^H^MR||Odum^Ann||19610203", "MRG|4^^^H^MR",
		), opts())
		if f.Inbound.Fate != record.FateFiled || len(f.Groups) != 2 {
			t.Fatalf("%s: %s (%s), %d groups", event, f.Inbound.Fate, f.Inbound.Reason, len(f.Groups))
		}
		for i, want := range [][2]string{{"1", "2"}, {"3", "4"}} {
			g := f.Groups[i]
			if !strings.HasSuffix(numbers(&g.Subject), "|"+want[0]) || !strings.HasSuffix(numbers(g.Retired), "|"+want[1]) || g.Apart != nil || !g.Subject.MayCreate {
				t.Errorf("%s: %s survives, %s is retired; want %v", event, numbers(&g.Subject), numbers(g.Retired), want)
			}
		}
		if n := len(drafts(f, fhir.TypeEncounter)); n != 0 {
			t.Errorf("%s moved somebody: %d stays", event, n)
		}
		if f.Groups[0].Retired.Family != "Rosi" {
			t.Errorf("%s: the retired name is %q", event, f.Groups[0].Retired.Family)
		}
	}
}

func TestPartedAgain(t *testing.T) {
	f := Translate(adt("A37", "PID|1||1^^^H^MR||Rossi^Giulia", "PID|2||2^^^H^MR||Odum^Ann"), opts())
	if len(f.Groups) != 1 || numbers(&f.Groups[0].Subject) == "" || !strings.HasSuffix(numbers(f.Groups[0].Apart), "|2") || len(f.Groups[0].Drafts) != 0 {
		t.Errorf("groups: %+v, %s", f.Groups, f.Inbound.Reason)
	}
}

func TestMergesThatSayTooLittle(t *testing.T) {
	for words, segs := range map[string][]string{
		"MRG-1":              {"PID|1||1^^^H^MR||Rossi^Giulia"},
		"assigned":           {"PID|1||1^^^H^MR||Rossi^Giulia", "MRG|"},
		"patient identifier": {"PID|1||||Rossi^Giulia", "MRG|2^^^H^MR"},
	} {
		f := Translate(adt("A40", segs...), opts())
		if f.Inbound.Fate != record.FateQuarantined || !strings.Contains(f.Inbound.Reason, words) {
			t.Errorf("%v: %s (%s), want held back with %q", segs, f.Inbound.Fate, f.Inbound.Reason, words)
		}
	}
	if f := Translate(adt("A37", "PID|1||1^^^H^MR||Rossi^Giulia"), opts()); f.Inbound.Fate != record.FateQuarantined {
		t.Errorf("one record taken apart: %s", f.Inbound.Fate)
	}
}

// Two real senders' merges.
func TestMergesOfRealSenders(t *testing.T) {
	for _, name := range []string{"simhospital/26-ADT-A40.hl7", "adt/ms-ADT-A40-01.hl7"} {
		raw, err := os.ReadFile(filepath.Join(dataDir(t), name))
		if err != nil {
			t.Fatal(err)
		}
		o := opts()
		o.ProcessingIDs = []string{"P", "T"}
		f := Translate(raw, o)
		if f.Inbound.Fate != record.FateFiled || len(f.Groups) != 1 || numbers(f.Groups[0].Retired) == "" {
			t.Errorf("%s: %s (%s)", name, f.Inbound.Fate, f.Inbound.Reason)
		}
	}
}

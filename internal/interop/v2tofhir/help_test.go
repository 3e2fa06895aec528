package v2tofhir

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// received is when the tests' messages arrive.
var received = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func opts() Options {
	loc, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err)
	}
	return Options{Channel: "lab", Received: received, Location: loc, ProcessingIDs: []string{"P", "T", "D"}}
}

const (
	oruHead = `MSH|^~\&|LAB|NORTH|WL|NORTH|20261122100500||ORU^R01^ORU_R01|L1|P|2.5.1||||||UNICODE UTF-8`
	adtHead = `MSH|^~\&|PAS|NORTH|WL|NORTH|20261122100500||ADT^%s|A1|P|2.5.1||||||UNICODE UTF-8`
	pidLine = `PID|1||9990417377^^^NHS^NH~W177^^^NORTH^MR||Mbeki^Thandiwe^^^Ms||19920411|F`
	pv1Line = `PV1|1|I|4B^B01^01^NORTH`
	obrLine = `OBR|1|P7|R41^LAB|UE^Urea and electrolytes^L|||202611220900|||||||||||||||20261122100000|||F`
)

func lines(l ...string) []byte { return []byte(strings.Join(l, "\r") + "\r") }

// oru is a result message with these OBX.
func oru(obx ...string) []byte {
	return lines(append([]string{oruHead, pidLine, pv1Line, obrLine}, obx...)...)
}

// adt is an admission message.
func adt(event string, segs ...string) []byte {
	return lines(append([]string{strings.Replace(adtHead, "%s", event, 1)}, segs...)...)
}

// observations of a filing, in the order of the message.
func observations(t *testing.T, f record.Filing) []fhir.Observation {
	t.Helper()
	var list []fhir.Observation
	for _, d := range drafts(f, fhir.TypeObservation) {
		if d.PromoteOnly {
			continue
		}
		list = append(list, view[fhir.Observation](t, d))
	}
	return list
}

func drafts(f record.Filing, typ fhir.Type) []record.Draft {
	var list []record.Draft
	for _, g := range f.Groups {
		for _, d := range g.Drafts {
			if d.Ref.Type == typ {
				list = append(list, d)
			}
		}
	}
	return list
}

func view[T any](t *testing.T, d record.Draft) T {
	t.Helper()
	if len(d.Ops) != 1 || d.Ops[0].Kind != record.OpPut {
		t.Fatalf("%s is no whole resource: %v", d.Ref, d.Ops)
	}
	v, err := fhir.View[T](d.Ops[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// one is the only observation of a message with this OBX.
func one(t *testing.T, obx string) fhir.Observation {
	t.Helper()
	list := observations(t, Translate(oru(obx), opts()))
	if len(list) != 1 {
		t.Fatalf("%d observations of %s", len(list), obx)
	}
	return list[0]
}

func flagsOf(list []fhir.Extension) string {
	var flags []string
	for _, e := range list {
		if e.URL == fhir.ExtFlag && e.ValueCode != nil {
			flags = append(flags, *e.ValueCode)
		}
	}
	return strings.Join(flags, " ")
}

// opsOf renders operations one a line: "set status "finished"".
func opsOf(list []record.Op) string {
	var b strings.Builder
	for _, op := range list {
		verb := map[record.OpKind]string{record.OpPut: "put", record.OpSet: "set", record.OpRemove: "remove", record.OpAdd: "add", record.OpDrop: "drop"}[op.Kind]
		b.WriteString(strings.TrimSpace(strings.Join(strings.Fields(verb+" "+op.Field+" "+op.Key+" "+string(op.Value)), " ")) + "\n")
	}
	return b.String()
}

// dataDir is the folder of real HL7 v2 messages: below WARDLIGHT_TESTDATA, or
// beside the repository.
func dataDir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("WARDLIGHT_TESTDATA")
	if dir == "" {
		root, err := filepath.Abs(".")
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			if root == filepath.Dir(root) {
				t.Fatal("no go.mod above the test")
			}
			root = filepath.Dir(root)
		}
		dir = filepath.Join(root, "..", "shared", "data")
	}
	dir = filepath.Join(dir, "hl7v2")
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		t.Skipf("no test data at %s; set WARDLIGHT_TESTDATA to run this test", dir)
	}
	return dir
}

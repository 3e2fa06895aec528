package v2tofhir

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/told"
	"wardlight/internal/interop/hl7"
)

// messagesIn calls do with every message below dir, by file.
func messagesIn(t testing.TB, dir string, do func(name string, n int, msg []byte)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		for i, msg := range hl7.Messages(data) {
			do(name, i, msg)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryRealMessageIsTranslated(t *testing.T) {
	taken, refused, held := 0, 0, 0
	messagesIn(t, dataDir(t), func(name string, n int, msg []byte) {
		f := read(msg, opts()).Filing // not Translate: a panic must be seen
		checkFiling(t, name, msg, f)
		checkPrivacy(t, name, f)
		checkTold(t, name, f)
		if again := Translate(bytes.ReplaceAll(msg, []byte("\r\n"), []byte("\r")), opts()); again.Inbound.ID != f.Inbound.ID {
			t.Errorf("%s %d: other line ends make another message of it", name, n)
		}
		switch f.Inbound.Fate {
		case record.FateFiled:
			taken++
		case record.FateQuarantined:
			held++
		default:
			refused++
		}
	})
	if taken < 150 || held == 0 || refused == 0 {
		t.Errorf("%d filed, %d held back, %d refused: that cannot be right for this data", taken, held, refused)
	}
	t.Logf("%d filed, %d held back, %d refused", taken, held, refused)
}

// checkFiling holds a filing to what is promised of every one.
func checkFiling(t testing.TB, name string, msg []byte, f record.Filing) {
	t.Helper()
	in := f.Inbound
	if in.ID == "" || in.Answer == "" || in.Raw.IsZero() || in.Size != len(msg) {
		t.Errorf("%s: row %+v", name, in)
	}
	switch in.Fate {
	case record.FateFiled:
	case record.FateQuarantined, record.FateRefused:
		if in.Reason == "" || in.Owner == "" {
			t.Errorf("%s: %s without a reason or an owner", name, in.Fate)
		}
	default:
		t.Errorf("%s: fate %q", name, in.Fate)
	}
	if in.Fate == record.FateRefused && len(f.Groups) > 0 {
		t.Errorf("%s: refused, and something would be filed", name)
	}
	for _, g := range f.Groups {
		seen := map[fhir.Ref]bool{}
		for _, d := range g.Drafts {
			checkDraft(t, name, d)
			if seen[d.Ref] {
				t.Errorf("%s: %s twice in one group: one would hide the other", name, d.Ref)
			}
			seen[d.Ref] = true
		}
	}
}

func checkDraft(t testing.TB, name string, d record.Draft) {
	t.Helper()
	if len(d.Ops) == 0 || len(d.Ops) > 256 || !d.Ref.ID.Valid() {
		t.Errorf("%s: draft of %s with %d operations", name, d.Ref, len(d.Ops))
	}
	for _, op := range d.Ops {
		if op.Kind == record.OpRemove || op.Kind == record.OpDrop {
			continue
		}
		canon, err := fhir.Canonical(op.Value)
		if err != nil || !bytes.Equal(canon, op.Value) {
			t.Errorf("%s: %s: a value that is not canonical JSON", name, d.Ref)
		}
		if op.Kind != record.OpPut {
			continue
		}
		var head struct {
			ResourceType fhir.Type
			ID           fhir.ID
			Subject      fhir.Reference
			Patient      fhir.Reference
		}
		if err := json.Unmarshal(op.Value, &head); err != nil || head.ResourceType != d.Ref.Type || head.ID != d.Ref.ID {
			t.Errorf("%s: %s: the body is of another resource", name, d.Ref)
		}
		if head.Subject.Reference != record.SubjectRef && head.Patient.Reference != record.SubjectRef {
			t.Errorf("%s: %s is about nobody", name, d.Ref)
		}
	}
}

// checkPrivacy: what is said about a message to people who may not see the
// patient holds none of the patient's data.
func checkPrivacy(t testing.TB, name string, f record.Filing) {
	t.Helper()
	var said strings.Builder
	said.WriteString(f.Inbound.Reason + f.Inbound.Owner + strings.Join(f.Inbound.Notes, "\n"))
	for _, p := range f.Problems {
		said.WriteString(p.Reason + p.Owner)
	}
	for _, g := range f.Groups {
		private := append([]string{g.Subject.Family, g.Subject.BirthDate}, g.Subject.Given...)
		for _, id := range g.Subject.Identifiers {
			private = append(private, id.Value)
		}
		for _, p := range private {
			if len(p) > 3 && strings.Contains(said.String(), p) {
				t.Errorf("%s: a reason or a note names the patient", name)
			}
		}
	}
}

// checkTold: why a message cannot be filed is said in the reader's language.
func checkTold(t testing.TB, name string, f record.Filing) {
	t.Helper()
	reasons := []string{}
	for _, p := range f.Problems {
		reasons = append(reasons, p.Reason)
	}
	if f.Inbound.Fate == record.FateQuarantined {
		reasons = append(reasons, f.Inbound.Reason)
	}
	for _, r := range reasons {
		if !told.Reasons.Knows(r) {
			t.Errorf("%s: %q is not recognised: see package told", name, r)
		}
	}
}

// What SOURCES.md of the test data asks of a receiver, file by file.
func TestMalformedMessages(t *testing.T) {
	dir := filepath.Join(dataDir(t), "malformed")
	for _, c := range []struct{ file, fate, err, flags, note string }{
		{"01-no-msh.hl7", "refused", "100", "", ""},
		{"02-truncated-mid-obx.hl7", "quarantined", "", "", ""},
		{"03-lf-only.hl7", "filed", "", "", "segments end in LF"},
		{"04-crlf.hl7", "filed", "", "", "segments end in LF"},
		{"05-bom.hl7", "filed", "", "", "byte order mark"},
		{"06-other-delimiters.hl7", "filed", "", "", ""},
		{"07-no-control-id.hl7", "refused", "101", "", ""},
		{"08-unknown-type.hl7", "refused", "200", "", ""},
		{"09-unsupported-version.hl7", "refused", "203", "", ""},
		{"10-training-processing-id.hl7", "refused", "202", "", ""},
		{"11-pid3-empty.hl7", "quarantined", "", "", ""},
		{"12-pid3-no-authority.hl7", "quarantined", "", "", ""},
		{"13-two-patients.hl7", "filed", "", "", ""},
		{"14-value-not-numeric.hl7", "filed", "", "not-a-number", ""},
		{"15-comparator.hl7", "filed", "", "comparator-sent-with-the-number", ""},
		{"16-thousands-and-comma.hl7", "quarantined", "", "not-a-number", ""},
		{"17-missing-unit.hl7", "filed", "", "no-unit", ""},
		{"18-wrong-dimension-unit.hl7", "filed", "", "", ""},
		{"19-lowercase-status.hl7", "filed", "", "status-in-lower-case", "lower case"},
		{"20-unknown-status.hl7", "quarantined", "", "", ""},
		{"21-impossible-date.hl7", "filed", "", "time-not-readable", "cannot be read"},
		{"22-future-date.hl7", "filed", "", "future", "future"},
		{"23-date-with-offset.hl7", "filed", "", "", ""},
		{"24-date-in-dst-gap.hl7", "filed", "", "time-in-the-clock-change", "change of the clock"},
		{"25-latin1-bytes.hl7", "filed", "", "", ""},
		{"26-latin1-undeclared.hl7", "filed", "", "", "character set guessed"},
		{"27-utf8.hl7", "filed", "", "", ""},
		{"28-escapes.hl7", "filed", "", "", ""},
		{"29-hl7-null.hl7", "filed", "", "", ""},
		{"31-frame-without-end.mllp", "refused", "", "", ""},
		{"33-same-control-id-other-content.hl7", "filed", "", "", ""},
		{"34-huge-field.hl7", "filed", "", "not-a-number", ""},
		{"35-empty.hl7", "refused", "100", "", ""},
		{"36-z-segment-first.hl7", "filed", "", "", "local segment ZPD"},
		{"37-status-d.hl7", "filed", "", "", ""},
		{"38-status-u-no-values.hl7", "filed", "", "", ""},
	} {
		raw, err := os.ReadFile(filepath.Join(dir, c.file))
		if err != nil {
			t.Fatal(err)
		}
		o := opts()
		o.ProcessingIDs = nil // a production channel
		f := Translate(raw, o)
		if string(f.Inbound.Fate) != c.fate || f.Inbound.ErrCode != c.err {
			t.Errorf("%s: %s %s (%s), want %s %s", c.file, f.Inbound.Fate, f.Inbound.ErrCode, f.Inbound.Reason, c.fate, c.err)
		}
		if notes := strings.Join(f.Inbound.Notes, "; "); !strings.Contains(notes, c.note) || c.note == "" && notes != "" {
			t.Errorf("%s: notes %q, want %q", c.file, notes, c.note)
		}
		for _, obs := range observations(t, f) {
			if got := flagsOf(obs.Extension); got != c.flags {
				t.Errorf("%s: flags %q, want %q", c.file, got, c.flags)
			}
		}
	}
}

func TestMalformedMessagesInDetail(t *testing.T) {
	dir := dataDir(t)
	filing := func(name string) record.Filing {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return Translate(raw, opts())
	}
	if s := filing("malformed/25-latin1-bytes.hl7").Groups[0].Subject; s.Family != "Müller" || s.Given[0] != "André" {
		t.Errorf("Latin 1: %+v", s)
	}
	if s := filing("malformed/26-latin1-undeclared.hl7").Groups[0].Subject; s.Family != "Müller" {
		t.Errorf("Latin 1, undeclared: %+v", s)
	}
	if s := filing("malformed/27-utf8.hl7").Groups[0].Subject; s.Family != "Nguyễn" || s.Given[0] != "Thị Ánh" {
		t.Errorf("UTF-8: %+v", s)
	}
	if n := observations(t, filing("malformed/28-escapes.hl7"))[1].Note[0].Text; !strings.Contains(n, "A & E") || !strings.Contains(n, "| pipe, ^ caret, ~ tilde, \\ backslash") {
		t.Errorf("escapes: %q", n)
	}
	if o := observations(t, filing("malformed/15-comparator.hl7"))[0]; valueOf(o) != "<0.1 MMOLL {mmol/L}" {
		t.Error(valueOf(o))
	}
	if g := filing("malformed/13-two-patients.hl7").Groups; len(g) != 2 || g[1].Subject.Family != "Other" || g[1].Ward != "" {
		t.Errorf("two patients: %d groups", len(g))
	}
	if o := observations(t, filing("malformed/37-status-d.hl7"))[0]; o.Status != "entered-in-error" || o.ValueQuantity == nil {
		t.Errorf("withdrawn: %s", o.Status)
	}
	// The same order as preliminary, final and corrected: one result, three versions.
	p, f, c := drafts(filing("simhospital/14-ORU-R01.hl7"), fhir.TypeObservation), drafts(filing("simhospital/15-ORU-R01.hl7"), fhir.TypeObservation), drafts(filing("simhospital/16-ORU-R01.hl7"), fhir.TypeObservation)
	if p[0].Ref != f[0].Ref || f[0].Ref != c[0].Ref || p[1].Ref != f[1].Ref {
		t.Error("a result's versions are different results")
	}
	for i, want := range []string{"preliminary 7.1", "final 6.8", "corrected 4.3"} {
		o := view[fhir.Observation](t, [][]record.Draft{p, f, c}[i][0])
		if got := o.Status + " " + string(*o.ValueQuantity.Value); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// What two other converters make of some messages. They differ from the guide
// and from one another, so only what no rule of ours contradicts is compared:
// the numbers, the codes and the texts of the results.
func TestAgainstOtherConverters(t *testing.T) {
	dir := dataDir(t)
	for message, expected := range map[string]string{
		"results/ms-LRI_2.0-NG_CBC_Typ_Message.hl7": "expected-ms/ms-LRI_2.0-NG_CBC_Typ_Message-expected.json",
		"results/ms-LAB-ORU-1.hl7":                  "expected-ms/ms-LAB-ORU-1-expected.json",
		"results/cdc-sample_oru_20241015-001.hl7":   "results/cdc-sample_oru_20241015-001.fhir",
	} {
		raw, err := os.ReadFile(filepath.Join(dir, message))
		if err != nil {
			t.Fatal(err)
		}
		theirs := expectedValues(t, filepath.Join(dir, expected))
		ours := map[string]string{}
		o := opts()
		o.DefaultSystem = "urn:test"
		for _, obs := range observations(t, Translate(raw, o)) {
			if v := plainValue(obs); v != "" {
				ours[obs.Code.Coding[0].Code] = v
			}
		}
		same := 0
		for code, v := range theirs {
			if ours[code] == v {
				same++
			} else if have, ok := ours[code]; ok && !strings.Contains(v, `\.br\`) { // they leave escapes in texts

				t.Errorf("%s: %s is %q here, %q there", message, code, have, v)
			}
		}
		if same == 0 || len(ours) < len(theirs) {
			t.Errorf("%s: %d values of %d agree, we have %d", message, same, len(theirs), len(ours))
		}
		t.Logf("%s: %d of %d values agree", message, same, len(theirs))
	}
}

// plainValue is a value in the form that is compared.
func plainValue(o fhir.Observation) string {
	switch {
	case o.ValueQuantity != nil && o.ValueQuantity.Value != nil:
		return string(*o.ValueQuantity.Value)
	case o.ValueCodeableConcept != nil && len(o.ValueCodeableConcept.Coding) > 0:
		return o.ValueCodeableConcept.Coding[0].Code
	case o.ValueString != nil:
		return *o.ValueString
	}
	return ""
}

func expectedValues(t *testing.T, file string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var bundle struct {
		Entry []struct{ Resource json.RawMessage }
	}
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF")), &bundle); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, e := range bundle.Entry {
		o, err := fhir.View[fhir.Observation](fhir.Resource(e.Resource))
		if err != nil || o.ResourceType != fhir.TypeObservation || len(o.Code.Coding) == 0 {
			continue
		}
		if v := plainValue(o); v != "" {
			values[o.Code.Coding[0].Code] = v
		}
	}
	return values
}

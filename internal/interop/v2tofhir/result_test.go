package v2tofhir

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// HL7 v2 table 0085 to R4 observation-status.
func TestResultStatus(t *testing.T) {
	for _, c := range []struct{ sent, value, status, flags, absent string }{
		{"F", "7", "final", "", ""},
		{"P", "7", "preliminary", "", ""},
		{"C", "7", "corrected", "", ""},
		{"A", "7", "amended", "", ""},
		{"B", "7", "amended", "comment-added", ""},
		{"V", "7", "final", "verified-by-laboratory", ""},
		{"U", "7", "final", "", ""}, // sent with its value after all
		{"R", "7", "preliminary", "not-verified", ""},
		{"S", "7", "preliminary", "partial-result", ""},
		{"I", "", "registered", "", ""},
		{"X", "", "cancelled", "", "not-performed"},
		{"N", "", "cancelled", "", "not-asked"},
		{"D", "7", "entered-in-error", "", ""},
		{"W", "7", "entered-in-error", "posted-as-wrong", ""},
		{"D", "", "entered-in-error", "", ""},
		{"f", "7", "final", "status-in-lower-case", ""},
		{"w", "7", "entered-in-error", "status-in-lower-case posted-as-wrong", ""},
		{"", "7", "final", "status-missing", ""}, // from OBR-25
	} {
		o := one(t, "OBX|1|NM|2823-3^K^LN||"+c.value+"|mmol/L|||||"+c.sent)
		absent := ""
		if o.DataAbsentReason != nil {
			absent = o.DataAbsentReason.Code(fhir.SystemDataAbsent)
		}
		if o.Status != c.status || flagsOf(o.Extension) != c.flags || absent != c.absent {
			t.Errorf("OBX-11 %q: %s, flags %q, absent %q; want %s, %q, %q", c.sent, o.Status, flagsOf(o.Extension), absent, c.status, c.flags, c.absent)
		}
		if (o.ValueQuantity != nil) != (c.value != "") {
			t.Errorf("OBX-11 %q: the value %q was lost or made up", c.sent, c.value)
		}
	}
	o := observations(t, Translate(lines(oruHead, pidLine, "OBR|1||R1|UE", "OBX|1|NM|2823-3^K^LN||7|mmol/L"), opts()))
	if o[0].Status != "unknown" {
		t.Errorf("neither OBX-11 nor OBR-25: %s", o[0].Status)
	}
}

func TestPendingOrCancelledHasNoValue(t *testing.T) {
	for _, status := range []string{"I", "X", "N"} {
		o := one(t, "OBX|1|NM|2823-3^K^LN||7.1|mmol/L|||||"+status)
		if valueOf(o) != "none" || len(o.Note) != 1 || !strings.Contains(o.Note[0].Text, "7.1") {
			t.Errorf("%s: value %s, notes %v", status, valueOf(o), o.Note)
		}
	}
}

// U: the value came before. An empty final would hide it.
func TestBecomesFinalWithoutItsValue(t *testing.T) {
	for _, status := range []string{"U", "V", "u"} {
		f := Translate(oru("OBX|1|NM|2823-3^K^LN|||mmol/L|||||"+status), opts())
		d := drafts(f, fhir.TypeObservation)
		if len(d) != 1 || !d[0].PromoteOnly || opsOf(d[0].Ops) != "set status \"final\"\n" {
			t.Fatalf("%s: %v", status, d)
		}
		before := drafts(Translate(oru("OBX|9|NM|2823-3^K^LN||7|mmol/L|||||P"), opts()), fhir.TypeObservation)
		if before[0].Ref != d[0].Ref {
			t.Errorf("%s: it does not find the result that it is about", status)
		}
	}
}

func TestUnknownStatusIsHeldBack(t *testing.T) {
	f := Translate(oru("OBX|1|NM|2823-3^K^LN||7|mmol/L|||||Q"), opts())
	if f.Inbound.Fate != record.FateQuarantined || len(f.Problems) != 1 || f.Problems[0].Partial || f.Problems[0].Owner != OwnerLaboratory {
		t.Fatalf("alone: %s, %v", f.Inbound.Fate, f.Problems)
	}
	if o := observations(t, f); len(o) != 1 || valueOf(o[0]) != "7 mmol/L {mmol/L}" || o[0].Status != "unknown" {
		t.Error("a critical value in it could not be found")
	}
	f = Translate(oru("OBX|1|NM|2823-3^K^LN||7|mmol/L|||||Q", "OBX|2|NM|2951-2^Na^LN||140|mmol/L|||||F"), opts())
	if f.Inbound.Fate != record.FateFiled || len(f.Problems) != 1 || !f.Problems[0].Partial || !strings.Contains(f.Problems[0].Reason, "line 5 ") {
		t.Errorf("beside another: %s, %v", f.Inbound.Fate, f.Problems)
	}
	if o := observations(t, f); len(o) != 1 || o[0].Code.Code(fhir.SystemLOINC) != "2951-2" {
		t.Error("only the good one is filed")
	}
}

func TestOrderDetailIsNoResult(t *testing.T) {
	f := Translate(oru("OBX|1|ST|1^Fasting?^L||yes||||||O", "OBX|2|NM|2823-3^K^LN||4|mmol/L|||||F"), opts())
	if o := observations(t, f); len(o) != 1 || len(f.Inbound.Notes) != 1 {
		t.Errorf("%d observations, notes %v", len(o), f.Inbound.Notes)
	}
}

// A result is its sender, order number, test, sub-id and specimen. Nothing else.
func TestIdentityOfAResult(t *testing.T) {
	id := func(o Options, segs ...string) fhir.ID {
		t.Helper()
		d := drafts(Translate(lines(segs...), o), fhir.TypeObservation)
		if len(d) != 1 {
			t.Fatalf("%d results in %q", len(d), segs)
		}
		if n := len(d[0].Ref.ID); n > 40 || !d[0].Ref.ID.Valid() || d[0].Ref.ID[0] != 'o' {
			t.Errorf("id %q", d[0].Ref.ID)
		}
		return d[0].Ref.ID
	}
	const obr, obx = "OBR|1|P7|R41^LAB|UE^Urea^L|||202611220900", "OBX|1|NM|2823-3^Potassium^LN||7.1|mmol/L|||||P"
	base := id(opts(), oruHead, pidLine, obr, obx)
	other := opts()
	other.Received = received.AddDate(0, 0, 1)
	for what, segs := range map[string][]string{
		"a value, a status, a number in OBX-1": {oruHead, pidLine, obr, "OBX|17|NM|2823-3^Kalium^LN||4.3|mmol/L|||||C"},
		"another control id":                   {strings.Replace(oruHead, "|L1|", "|L2|", 1), pidLine, obr, obx},
		"another patient":                      {oruHead, "PID|1||X9^^^NORTH^MR||Other^Person", obr, obx},
		"the number in ORC-3":                  {oruHead, pidLine, "ORC|RE||R41^LAB", "OBR|1|P7||UE^Urea^L", obx},
		"another panel name":                   {oruHead, pidLine, "OBR|2||R41^LAB|U+E^whatever^L", obx},
	} {
		if got := id(other, segs...); got != base {
			t.Errorf("%s made another result of it", what)
		}
	}
	for what, segs := range map[string][]string{
		"another sender":      {strings.Replace(oruHead, "LAB|NORTH", "LAB|SOUTH", 1), pidLine, obr, obx},
		"another order":       {oruHead, pidLine, "OBR|1|P7|R42^LAB|UE", obx},
		"another order's lab": {oruHead, pidLine, "OBR|1|P7|R41^MICRO|UE", obx},
		"another test":        {oruHead, pidLine, obr, "OBX|1|NM|2951-2^Na^LN||7.1|mmol/L|||||P"},
		"another code system": {oruHead, pidLine, obr, "OBX|1|NM|2823-3^K^L||7.1|mmol/L|||||P"},
		"another sub-id":      {oruHead, pidLine, obr, "OBX|1|NM|2823-3^K^LN|2|7.1|mmol/L|||||P"},
		"another specimen":    {oruHead, pidLine, obr, obx, "SPM|1|^S2||BLD"},
		"another source":      {oruHead, pidLine, "OBR|1|P7|R41^LAB|UE|||202611220900||||||||URINE", obx},
	} {
		if id(opts(), segs...) == base {
			t.Errorf("%s is the same result", what)
		}
	}
}

func TestLinesOfOneTextAreJoined(t *testing.T) {
	f := Translate(oru("OBX|1|TX|R^Report^L||first||||||F", "OBX|2|TX|R^Report^L||||||||F", "OBX|3|ST|R^Report^L||third||||||F", "NTE|1||signed"), opts())
	o := observations(t, f)
	if len(o) != 1 || *o[0].ValueString != "first\n\nthird" || len(o[0].Note) != 1 || flagsOf(o[0].Extension) != "" {
		t.Fatalf("%d observations: %v", len(o), o)
	}
	o = observations(t, Translate(oru("OBX|1|TX|R^Report^L|1|one||||||F", "OBX|2|TX|R^Report^L|2|two||||||F"), opts()))
	if len(o) != 2 {
		t.Error("texts with different sub-ids were joined")
	}
	o = observations(t, Translate(oru("OBX|1|TX|||one||||||F", "OBX|2|TX|||two||||||F"), opts()))
	if len(o) != 1 || o[0].Code.Words() != "Urea and electrolytes" || flagsOf(o[0].Extension) != FlagNoCode {
		t.Errorf("lines without a name: %v", o)
	}
}

// Two values under one name: all are shown, none hides another.
func TestAmbiguousRepeatsAreAllKept(t *testing.T) {
	f := Translate(oru("OBX|1|NM|2823-3^K^LN||7.1|mmol/L|||||F", "OBX|2|NM|2823-3^K^LN||4.1|mmol/L|||||F", "OBX|3|TX|2823-3^K^LN||text||||||F"), opts())
	d, seen := drafts(f, fhir.TypeObservation), map[fhir.ID]bool{}
	for _, x := range d {
		seen[x.Ref.ID] = true
	}
	for _, o := range observations(t, f) {
		if flagsOf(o.Extension) != FlagAmbiguous {
			t.Errorf("flags %q", flagsOf(o.Extension))
		}
	}
	if len(d) != 3 || len(seen) != 3 {
		t.Errorf("%d drafts with %d ids", len(d), len(seen))
	}
	r := view[fhir.DiagnosticReport](t, drafts(f, fhir.TypeDiagnosticReport)[0])
	if len(r.Result) != 3 {
		t.Errorf("the report names %d of them", len(r.Result))
	}
}

func TestNumberWithoutATestIsHeldBack(t *testing.T) {
	f := Translate(lines(oruHead, pidLine, "OBR|1||R1|UE", "OBX|1|NM|||7.1|mmol/L|||||F"), opts())
	if f.Inbound.Fate != record.FateQuarantined {
		t.Errorf("%s %v", f.Inbound.Fate, f.Problems)
	}
}

// HL7 v2 table 0123 to R4 diagnostic-report-status; never more finished than
// the parts.
func TestReportStatus(t *testing.T) {
	for _, c := range []struct{ sent, parts, want, flags string }{
		{"F", "F F", "final", ""},
		{"F", "F P", "partial", "parts-not-final"},
		{"C", "C I", "partial", "parts-not-final"},
		{"C", "C", "corrected", ""},
		{"P", "F", "preliminary", ""},
		{"P", "P", "preliminary", ""},
		{"R", "F", "partial", ""},
		{"A", "F", "partial", ""},
		{"I", "I", "registered", ""},
		{"O", "I", "registered", ""},
		{"S", "I", "registered", ""},
		{"N", "N", "registered", ""},
		{"X", "X", "cancelled", ""},
		{"M", "F", "preliminary", "corrected"},
		{"", "F F", "final", ""},
		{"", "F P", "partial", ""},
		{"", "P P", "preliminary", ""},
		{"", "X X", "cancelled", ""},
		{"", "D W", "entered-in-error", ""},
		{"QQ", "F", "final", ""},
	} {
		segs := []string{oruHead, pidLine, "OBR|1||R1|UE^Urea^L||||||||||||||||||||" + "|" + c.sent}
		for i, p := range strings.Fields(c.parts) {
			segs = append(segs, "OBX|1|ST|"+string(rune('a'+i))+"||x||||||"+p)
		}
		d := drafts(Translate(lines(segs...), opts()), fhir.TypeDiagnosticReport)
		if len(d) != 1 {
			t.Fatalf("%v: %d reports", c, len(d))
		}
		r := view[fhir.DiagnosticReport](t, d[0])
		if r.Status != c.want || flagsOf(r.Extension) != c.flags {
			t.Errorf("OBR-25 %q over %s: %s %q, want %s %q", c.sent, c.parts, r.Status, flagsOf(r.Extension), c.want, c.flags)
		}
	}
	f := Translate(lines(oruHead, pidLine, "OBR|1||R1|UE^Urea^L||||||||||||||||||||"+"|Y"), opts())
	if len(drafts(f, fhir.TypeDiagnosticReport)) != 0 || f.Inbound.Fate != record.FateQuarantined {
		t.Errorf("an answer to a query: %s, %v", f.Inbound.Fate, f.Problems)
	}
}

func TestTimesAndStamps(t *testing.T) {
	f := Translate(lines(oruHead, pidLine,
		"OBR|1||R1|UE|||202611220900|||||||||||||||20261122100000+0000",
		"OBX|1|NM|2823-3^K^LN||7|mmol/L|||||F|||20261122083000|||||20261122094500", "OBX|2|NM|2951-2^Na^LN||140|mmol/L|||||F"), opts())
	d, o := drafts(f, fhir.TypeObservation), observations(t, f)
	if o[0].EffectiveDateTime != "2026-11-22T08:30:00+00:00" || o[1].EffectiveDateTime != "2026-11-22T09:00:00+00:00" || o[0].Issued == "" {
		t.Errorf("%s, %s, issued %s", o[0].EffectiveDateTime, o[1].EffectiveDateTime, o[0].Issued)
	}
	want := record.Stamps{StatusChanged: 1795341600000, Analysed: 1795340700000, Message: 1795341900000}
	if *d[0].Stamps != want || d[1].Stamps.Analysed != 0 || d[0].Times.Clinical != o[0].EffectiveDateTime {
		t.Errorf("stamps %+v, want %+v", *d[0].Stamps, want)
	}
	for sent, flag := range map[string]string{
		"20250230101500": FlagTimeUnreadable, "20991231235959": FlagFuture, "20260329013000": FlagTimeShifted,
		"20261025013000": FlagTimeShifted, "20260328233000+0000": "", "20261122121400": "", "20261122": "",
	} {
		o := one(t, "OBX|1|NM|2823-3^K^LN||7|mmol/L|||||F|||"+sent)
		if flagsOf(o.Extension) != flag {
			t.Errorf("%s: flags %q, want %q", sent, flagsOf(o.Extension), flag)
		}
	}
	// A time that does not exist is not replaced silently.
	if o := one(t, "OBX|1|NM|2823-3^K^LN||7|mmol/L|||||F|||20250230101500"); o.EffectiveDateTime != "2026-11-22T09:00:00+00:00" {
		t.Errorf("an impossible OBX-14: %q", o.EffectiveDateTime)
	}
}

func TestRemarksStayWithTheirResult(t *testing.T) {
	f := Translate(lines(oruHead, pidLine, "NTE|1||about the patient", "OBR|1||R1|UE", "NTE|1||about the order", "OBX|1|ST|a||x||||||F", "NTE|1||one", `NTE|2||two\.br\three`, "OBX|2|ST|b||y||||||F"), opts())
	o := observations(t, f)
	if len(o[0].Note) != 1 || o[0].Note[0].Text != "one\ntwo\nthree" || len(o[1].Note) != 0 {
		t.Errorf("%v, %v", o[0].Note, o[1].Note)
	}
	if r := view[fhir.DiagnosticReport](t, drafts(f, fhir.TypeDiagnosticReport)[0]); r.Conclusion != "about the order" {
		t.Errorf("conclusion %q", r.Conclusion)
	}
}

// A second PID starts anew: no visit, no order is carried over.
func TestTwoPatientsInOneMessage(t *testing.T) {
	f := Translate(lines(oruHead, pidLine, pv1Line, obrLine, "OBX|1|NM|2823-3^K^LN||7|mmol/L|||||F",
		"PID|2||W9^^^NORTH^MR||Other^Person||1970", "OBX|1|NM|2823-3^K^LN||4|mmol/L|||||F"), opts())
	if len(f.Groups) != 2 || f.Groups[0].Ward != "4B" || f.Groups[1].Ward != "" {
		t.Fatalf("%d groups", len(f.Groups))
	}
	if n := len(f.Groups[1].Drafts); n != 1 || f.Groups[1].Subject.Family != "Other" || f.Groups[1].Subject.BirthDate != "1970" {
		t.Errorf("%d drafts for %+v", n, f.Groups[1].Subject)
	}
	o := observations(t, f)
	if len(o[1].Identifier) != 0 || o[0].ID == o[1].ID || !strings.Contains(flagsOf(o[1].Extension), FlagNoOrder) {
		t.Error("the second patient's result was given the first one's order")
	}
}

func TestResultsOfNobody(t *testing.T) {
	f := Translate(lines(oruHead, pv1Line, obrLine, "OBX|1|NM|2823-3^K^LN||7|mmol/L|||||F"), opts())
	if f.Inbound.Fate != record.FateQuarantined || len(observations(t, f)) != 1 || f.Inbound.Ward != "4B" {
		t.Errorf("no PID: %s %v", f.Inbound.Fate, f.Problems)
	}
	f = Translate(lines(oruHead, obrLine, "OBX|1|NM|2823-3^K^LN||7|mmol/L|||||F", pidLine, obrLine, "OBX|1|NM|2823-3^K^LN||4|mmol/L|||||F"), opts())
	if len(f.Groups) != 2 || len(f.Groups[0].Subject.Identifiers) != 0 || len(f.Groups[1].Drafts) != 2 {
		t.Errorf("results before the PID: %d groups", len(f.Groups))
	}
}

func TestCategory(t *testing.T) {
	for code, want := range map[string]string{"8867-4": fhir.CategoryVitalSigns, "9279-1": fhir.CategoryVitalSigns, "3151-8": fhir.CategoryVitalSigns, "2823-3": fhir.CategoryLaboratory} {
		if o := one(t, "OBX|1|NM|"+code+"^x^LN||7|/min|||||F"); !o.Category[0].Has(fhir.SystemObservationCat, want) {
			t.Errorf("%s: %v", code, o.Category)
		}
	}
}

// TestTwoStatusesAreNone: OBX-11 does not repeat; which of them is meant nobody
// knows.
func TestTwoStatusesAreNone(t *testing.T) {
	f := Translate(oru("OBX|1|NM|2823-3^K^LN||7|mmol/L|||||F~C"), opts())
	if f.Inbound.Fate != record.FateQuarantined || !strings.Contains(f.Inbound.Reason, "OBX-11") {
		t.Errorf("%s, %s", f.Inbound.Fate, f.Inbound.Reason)
	}
}

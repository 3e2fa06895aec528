package mllpd_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/mllpd"
	"wardlight/internal/clinical/record"
)

// A second reading of what senders do, by somebody who had not written the first; each
// message stands here because what came of it was wrong, lost, or unclear.

// Words in parts that have no parts: the ampersand that nobody escapes (HL7 v2 chapter 2.A,
// ST, IS and ID in CE, CWE, XPN, PL).
func TestUnseenAmpersands(t *testing.T) {
	in := func(pid, pv1 string) [][]byte { return raw(adt("A01", "A1", "20261122080000", pid, pv1)) }
	one := `PID|1||1^^^NORTH^MR||One^Ann||19900101|F`
	unseen(t, []story{
		{name: "in the name of an order", send: raw(lab("L1", strings.Replace(obrUE, "UE^Urea and electrolytes^L", "UE^UREA & ELECTROLYTES^WinPath", 1), kNM("4.1", "F"))), want: `report UREA & ELECTROLYTES: final`},
		{name: "in codes", send: results(`OBX|1|ST|O&P^Ova & parasites^L||none seen||||||F`, `OBX|2|ST|O&X^Other^L||none||||||F`), want: `
			result O&P: 'none seen'
			result O&X: 'none'
			!ambiguous`},
		{name: "in a coded value", send: results(`OBX|1|CE|QQ^q^L||RBC^Red & white cells^L||||||F`), want: `code Red & white cells`},
		{name: "behind a LOINC code", send: results(`OBX|1|NM|2823-3&x^Potassium^LN||7.1|mmol/L|||||F`), want: `
			result 2823-3: 7.1
			CRITICAL`},
		{name: "in an allergy", send: raw(adt("A08", "A2", "20261122090000", maarja, onWard, `AL1|1|FA|^Nuts & seeds|MO|Rash & hives`)), want: `allergy Nuts & seeds: food  active; Rash & hives moderate`},
		{name: "in the name of a ward", bare: true, send: in(one, visitOf("E", "A&E^^3", "V1")), want: `ward A&E bed 3`},
		{name: "a ward with a universal id", bare: true, send: in(one, visitOf("I", "5A&1.2.3&ISO^R2^B3^N&1.2&ISO", "V1")), want: `ward 5A bed B3`},
		{name: "in a given name", bare: true, send: in(`PID|1||1^^^NORTH^MR||One^Ann & Bea||19900101|F`, visitOf("I", "4B", "V1")), want: `official: One, Ann & Bea`},
		{name: "a Dutch name and street in their parts alone", bare: true, send: in(`PID|1||1^^^NORTH^MR||&van der&Berg^Anna||19900101|F|||&Hoofdstraat&12^^Utrecht`, visitOf("I", "4B", "V1")), want: `official: van der Berg, Anna`},
		{name: "with the partner's name", bare: true, send: in(`PID|1||1^^^NORTH^MR||&van der&Berg&de&Vries^Anna||19900101|F`, visitOf("I", "4B", "V1")), want: `official: van der Berg-de Vries, Anna`},
	})
}

// Values with empty parts, in forms that the standard has given up, and lines of a text.
func TestUnseenValuesAgain(t *testing.T) {
	k := func(kind, value, unit string) [][]byte {
		return results(`OBX|1|` + kind + `|2823-3^Potassium^LN||` + value + `|` + unit + `|||||F`)
	}
	unseen(t, []story{
		{name: "an empty repetition behind", send: k("NM", "7.1~", "mmol/L"), want: `
			result 2823-3: 7.1 mmol/L {mmol/L}; final
			CRITICAL
			!several-values`},
		{name: "an empty component behind", send: k("NM", "7.1^^", "mmol/L"), want: `
			result 2823-3: 7.1 mmol/L {mmol/L}; final
			CRITICAL`},
		{name: "nothing but delimiters", send: results(`OBX|1|CE|QQ^q^L||^^||||||F`, `OBX|2|NM|RR^r^L||~|g/L|||||F`), want: `
			result QQ: nothing; final
			result RR: nothing; final
			no-value`},
		{name: "several titres", send: results(`OBX|1|SN|QQ^q^L||^1^:^128~^1^:^64||||||F`), want: `result QQ: '1:128; 1:64'`},
		{name: "several ranges", send: results(`OBX|1|SN|QQ^q^L||^1^-^2~^4^-^8|/uL|||||F`), want: `result QQ: '1-2 /uL; 4-8 /uL'`},
		{name: "a time in a gap of the clock", send: results(`OBX|1|TS|QQ^q^L||202603290130||||||F`), want: `time-in-the-clock-change`},
		{name: "a time as precise as its degree", send: raw(lab("L1", strings.Replace(obrUE, "202611220900", "20261122000000^D", 1), `OBX|1|TS|QQ^q^L||20260100000000^L||||||F`, `OBX|2|TS|RR^r^L||20260115000000+0100^D||||||F`, `OBX|3|TS|SS^s^L||20260115093045+0100^M||||||F`)), want: `
			result RR: on 2026-01-15; final; at 2026-11-22
			result SS: on 2026-01-15T09:30:00+01:00
			result QQ: on 2026-01;`},
		{name: "headings without codes are not one text", send: results(`OBX|1|TX|^Macroscopy||A skin ellipse||||||F`, `OBX|2|TX|^Microscopy||Basal cell carcinoma||||||F`, `OBX|3|TX|^Microscopy||Margins clear||||||F`), want: `
			result Macroscopy: 'A skin ellipse'
			result Microscopy: 'Basal cell carcinoma/Margins clear'`},
		{name: "a flag on a later line of a text", send: results(`OBX|1|TX|GS^Gram^L||Many leucocytes||||||F`, `OBX|2|TX|GS^Gram^L||Gram positive cocci|||AA|||F`), want: `
			result GS: 'Many leucocytes/Gram positive cocci'; final AA
			CRITICAL`},
		{name: "a range on a later line of a text", send: results(`OBX|1|ST|QQ^q^L||about||||||F`, `OBX|2|ST|QQ^q^L||12|g/L|5-9|H|||F`), want: `
			result QQ: 'about/12'; final H
			range 5-9
			v2-unit=g/L`},
		{name: "words of two times", send: results(`OBX|1|ST|GLU^Glucose^L||5.1|mmol/L|||||F|||202611220800`, `OBX|2|ST|GLU^Glucose^L||15.2|mmol/L|||||F|||202611221000`), want: `
			result GLU: '5.1'; final; at 2026-11-22T08:00:00
			result GLU: '15.2'; final; at 2026-11-22T10:00:00
			ambiguous`},
		{name: "words of two units", send: results(`OBX|1|ST|GLU^Glucose^L||5.1|mmol/L|||||F`, `OBX|2|ST|GLU^Glucose^L||92|mg/dL|||||F`), want: `
			result GLU: '92'; final; at 2026-11-22T09:00:00+00:00; marks ambiguous v2-unit=mg/dL`},
		{name: "a spelling that is called UCUM and is not", send: results(`OBX|1|NM|777-3^Platelets^LN||12|x10E9/L^^UCUM|||||F`), want: `
			result 777-3: 12 x10E9/L {10*9/L}
			CRITICAL`},
		{name: "a number for a unit, with its word", send: results(`OBX|1|NM|8867-4^HR^LN||80|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||F`), want: `result 8867-4: 80 MDC_DIM_BEAT_PER_MIN {/min}`},
		{name: "a sender's own code beside the unit", send: k("NM", "7.1", "MMOLPL^mmol/L^L"), want: `
			result 2823-3: 7.1 MMOLPL {mmol/L}
			CRITICAL`},
		{name: "a status on the first line of a text alone", send: results(`OBX|1|TX|GS^Gram^L||first||||||F`, `OBX|2|TX|GS^Gram^L||second`), want: `
			result GS: 'first/second'; final
			!ambiguous`},
		{name: "the unit in the value as well", send: results(`OBX|1|NM|QQ^q^L||5 g/L|g/L|||||F`, `OBX|2|NM|RR^r^L||-|g/L|||||F`), want: `
			result QQ: '5 g/L';
			result RR: '-';`},
		{name: "a unit in the second coding alone", send: k("NM", "7.1", "^^^mmol/L^mmol/L^UCUM"), want: `
			result 2823-3: 7.1 mmol/L {mmol/L}
			CRITICAL
			!no-unit`},
		{name: "in parts", send: raw(lab("L1", obrUE, kNM("7.1", "F"), `OBX|2|TX|GS^Gram^L||The first words`, `ADD| and the rest||||||F`)), want: `
			!result
			Potassium 7.1 mmol/L, critical
			row L1 quarantined: the message is one part of several`},
		{name: "continued elsewhere", send: raw(lab("L1", obrUE, kNM("4.1", "F"), `DSC|77|F`)), want: `row L1 quarantined: the message is one part of several`},
		{name: "no result at all", send: raw(lab("L1")), want: `row L1 filed: ; ; notes the message holds no result and no order`},
	})
}

// Which result a message means, where numbers are those of samples or of machines.
func TestUnseenNumbers(t *testing.T) {
	panel := func(code, hhmm string) string {
		return `OBR|1|P7|ACC1^LAB|` + code + `|||202611220900|||||||||||||||20261122` + hhmm + `00|||F`
	}
	cbc, bmp := panel("CBC^Blood count^L", "1000"), panel("BMP^Basic metabolic^L", "1000")
	later := panel("BMP^Basic metabolic^L", "1030")
	test := func(value, status string) string { return `OBX|1|NM|FAST^Fasting^L||` + value + `|h|||||` + status }
	monitor := func(id, at, value string) []byte {
		return lines(`MSH|^~\&|MON|NORTH|WL|NORTH|`+at+`||ORU^R01^ORU_R01|`+id+`|P|2.6`, maarja, labVis, `OBR|1||DEV1^MON|182777000^monitoring of patient^SCT|||`+at,
			`OBX|1|NM|147842^MDC_ECG_HEART_RATE^MDC|1.1.1.1|`+value+`|/min|||||R|||`+at)
	}
	unseen(t, []story{
		{name: "two panels of one number, then one corrected", send: raw(lab("L1", cbc, test("1", "F"), bmp, test("2", "F")), lab("L2", later, test("3", "C"))), want: `
			result FAST: 1 h; final
			result FAST: 3 h; corrected; at 2026-11-22T09:00:00+00:00; marks statuses-seen=final; before: final 2 h
			!ambiguous`},
		{name: "two panels of one number, one after the other", send: raw(lab("L1", cbc, test("1", "F")), lab("L2", later, test("3", "F"))), want: `
			result FAST: 1 h; final
			result FAST: 3 h; final; at 2026-11-22T09:00:00+00:00; marks ambiguous
			!before`},
		{name: "one panel, then both, then it again", send: raw(lab("L1", bmp, test("2", "P")), lab("L2", later, test("2", "F"), cbc, test("1", "F")), lab("L3", panel("BMP^Basic metabolic^L", "1100"), test("4", "C"))), want: `
			result FAST: 4 h; corrected
			before: preliminary 2 h, final 2 h
			result FAST: 1 h; final`},
		{name: "the same value in two panels is one", send: raw(lab("L1", cbc, test("1", "F")), lab("L2", later, test("1", "F"))), want: `!ambiguous`},
		{name: "a correction under another panel's name", send: raw(lab("L1", cbc, test("1", "F")), lab("L2", later, test("3", "C"))), want: `
			result FAST: 3 h; corrected
			before: final 1 h`},
		{name: "the panel's result waited long", send: raw(lab("L1", bmp, test("2", "P"), `OBX|2|NM|NA^Na^L||140|mmol/L|||||P`), lab("L2", later, `OBX|2|NM|NA^Na^L||141|mmol/L|||||F`), lab("L3", panel("BMP^Basic metabolic^L", "1100"), test("5", "F"))), want: `
			result FAST: 5 h; final
			before: preliminary 2 h
			!ambiguous
			report Basic metabolic: final; 2 results`},
		{name: "a correction of one of a panel keeps the report whole", send: raw(lab("L1", bmp, test("2", "F"), `OBX|2|NM|NA^Na^L||140|mmol/L|||||F`), lab("L2", later, test("3", "C"))), want: `
			report Basic metabolic: final; 2 results
			result NA: 140`},
		{name: "a day of one test under one number, and one of it corrected", send: raw(
			lab("L1", bmp, `OBX|1|NM|GLU^Glucose^L||5.1|mmol/L|||||F|||202611220600`, `OBX|2|NM|GLU^Glucose^L||15.2|mmol/L|||||F|||202611220800`),
			lab("L2", later, `OBX|1|NM|GLU^Glucose^L||12.5|mmol/L|||||C|||202611220800`)), want: `
			result GLU: 5.1 mmol/L {mmol/L}; final; at 2026-11-22T06:00:00
			result GLU: 12.5 mmol/L {mmol/L}; corrected; at 2026-11-22T08:00:00
			before: final 15.2`},
		{name: "several of one name, and one of them corrected without saying which", send: raw(
			lab("L1", bmp, test("1", "F"), test("2", "F")), lab("L2", later, test("9", "C"))), want: `
			result FAST: 1 h; final
			result FAST: 2 h; final
			row L2 filed: filed in part: the laboratory has sent several results under this number and name
			warning requested`},
		{name: "several of one name, and all of them again", send: raw(
			lab("L1", bmp, test("1", "F"), test("2", "F")), lab("L2", later, test("1", "F"), test("3", "C"))), want: `
			result FAST: 1 h; final
			result FAST: 3 h; corrected
			row L2 filed: ;`},
		{name: "the sample is named later", send: raw(stamped("L1", "1000", "P", kNM("4.0", "P")), stamped("L2", "1030", "F", kNM("4.2", "F")+"\rSPM|1|^S1&LAB||SER^Serum"), stamped("L3", "1100", "C", kNM("4.3", "C")+"\rSPM|1|^S1&LAB||SER^Serum")), want: `
			result 2823-3: 4.3 mmol/L {mmol/L}; corrected
			before: preliminary 4.0 mmol/L {mmol/L}, final 4.2
			report Urea and electrolytes: corrected; 1 results`},
		{name: "a second sample is named later", send: raw(stamped("L1", "1000", "P", kNM("4.0", "P")), stamped("L2", "1030", "F", kNM("4.2", "F")+"\rSPM|1|^S1&LAB||SER^Serum\r"+strings.Replace(obrUE, "100000", "103000", 1)+"\r"+kNM("4.9", "F")+"\rSPM|1|^S2&LAB||SER^Serum")), want: `
			result 2823-3: 4.0 mmol/L {mmol/L}; preliminary
			result 2823-3: 4.2 mmol/L {mmol/L}; final
			result 2823-3: 4.9 mmol/L {mmol/L}; final
			!before`},
		{name: "what was wrong with the sample", send: raw(lab("L1", obrUE, kNM("4.1", "F"), `SPM|1|||SER^Serum`+strings.Repeat("|", 20)+`HEM^Haemolysed^HL70493~CLOT^Clotted`)), want: `note Condition of the sample: Haemolysed, Clotted`},
		{name: "why the sample was rejected", send: raw(lab("L1", obrUE, kNM("", "X"), `SPM|1|||SER^Serum||||||||||||||||N|RH^Haemolysed^HL70490`)), want: `
			result 2823-3: nothing; cancelled
			note Sample rejected: Haemolysed`},
		{name: "a monitor gives all readings one number", send: raw(monitor("L1", "20261122090000", "80"), monitor("L2", "20261122090100", "85"), monitor("L0", "20261122085900", "78")), want: `
			result 147842: 80 /min {/min}; preliminary; at 2026-11-22T09:00:00
			result 147842: 85 /min {/min}; preliminary; at 2026-11-22T09:01:00
			result 147842: 78 /min {/min}; preliminary; at 2026-11-22T08:59:00
			!ambiguous
			!before`},
		{name: "a reading that is corrected", send: raw(monitor("L1", "20261122090000", "80"), []byte(strings.NewReplacer("|L1|", "|L2|", "|80|", "|88|", "|R|", "|C|").Replace(string(monitor("L1", "20261122090000", "80"))))), want: `
			result 147842: 88 /min {/min}; corrected
			before: preliminary 80`},
		{name: "a parent by its order's number alone", send: raw(lab("L1", `OBR|1|P9|M77^LAB|BC^Blood culture^L|||202611211800|||||||||||||||20261122100000|||F`, `OBX|1|ST|ORG^Organism^L|1|E. coli||||||F`,
			`OBR|2|P9|M78^LAB|SENS^Sens^L|||202611211800|||||||||||||||20261122100000|||F||||^M77`, `OBX|1|ST|AMP^Ampicillin^L||R|||R|||F`)), want: `result AMP: 'R'; final R; at 2026-11-21T18:00:00+00:00; note Belongs to: Blood culture`},
		{name: "a parent that nobody knows", send: raw(lab("L1", `OBR|2|P9|M78^LAB|SENS^Sens^L|||202611211800|||||||||||||||20261122100000|||F||||P9^M99`, `OBX|1|ST|AMP^Ampicillin^L||R|||R|||F`)), want: `note Belongs to: M99`},
	})
}

// A result is declared final before its value is here, or after it was taken back (OBX-11 U
// and V; clinical.md 3.1).
func TestUnseenDeclarations(t *testing.T) {
	unseen(t, []story{
		{name: "not verified, then verified", send: raw(stamped("L1", "1000", "R", kNM("4.0", "R")), stamped("L2", "1030", "F", kNM("", "V"))), want: `
			result 2823-3: 4.0 mmol/L {mmol/L}; final
			!not-verified`},
		{name: "taken back, then declared final", send: raw(stamped("L1", "1000", "X", kNM("", "X")), stamped("L2", "1030", "F", kNM("", "U"))), want: `
			result 2823-3: nothing; cancelled
			row L2 filed: filed in part: the laboratory declares a result final`},
		{name: "taken back, and the older declaration comes late", send: raw(stamped("L0", "0900", "P", kNM("4.0", "P")), stamped("L2", "1030", "X", kNM("", "X")), stamped("L1", "1000", "F", kNM("", "U"))), want: `
			result 2823-3: nothing; cancelled
			row L1 filed: ;`},
		{name: "declared final, and the older withdrawal comes late", send: raw(stamped("L0", "0900", "P", kNM("4.0", "P")), stamped("L2", "1030", "F", kNM("", "U")), stamped("L1", "1000", "X", kNM("", "X"))), want: `
			result 2823-3: nothing; cancelled
			row L1 filed: filed in part: the laboratory declares a result final`},
		{name: "a final comes late behind the declaration", send: raw(stamped("L0", "0900", "P", kNM("4.0", "P")), stamped("L2", "1030", "F", kNM("", "U")), stamped("L1", "1000", "F", kNM("4.1", "F"))), want: `
			result 2823-3: 4.1 mmol/L {mmol/L}; final
			row L1 filed: ;`},
		{name: "a correction comes late behind the declaration", send: raw(stamped("L0", "0900", "P", kNM("4.0", "P")), stamped("L2", "1030", "F", kNM("", "U")), stamped("L1", "1000", "C", kNM("6.9", "C"))), want: `
			result 2823-3: 6.9 mmol/L {mmol/L}; corrected
			CRITICAL`},
		{name: "another preliminary value comes late behind the declaration", send: raw(stamped("L0", "0900", "R", kNM("4.0", "R")), stamped("L2", "1030", "F", kNM("", "U")), stamped("L1", "1000", "P", kNM("4.1", "P"))), want: `result 2823-3: 4.1 mmol/L {mmol/L}; final`},
		{name: "two declarations, the newer first", send: raw(stamped("L3", "1100", "F", kNM("", "U")), stamped("L1", "1000", "F", kNM("", "U")), stamped("L2", "1030", "P", kNM("4.0", "P"))), want: `result 2823-3: 4.0 mmol/L {mmol/L}; final`},
		{name: "a declaration of the value before comes late", send: raw(stamped("L0", "0900", "P", kNM("4.0", "P")), stamped("L2", "1030", "R", kNM("4.3", "R")), stamped("L1", "1000", "F", kNM("", "U"))), want: `result 2823-3: 4.3 mmol/L {mmol/L}; preliminary`},
	})
	for _, status := range []string{"P", "F"} {
		t.Run("the value comes afterwards as "+status, func(t *testing.T) {
			d := open(t, nil)
			for _, m := range [][]byte{admit(), stamped("L2", "1030", "F", kNM("", "U")), stamped("L1", "1000", status, kNM("4.0", status))} {
				d.s.Receive(context.Background(), mllpd.Line{}, m)
			}
			if n := d.takeTurns(); n != 1 {
				t.Errorf("%d messages have their turn", n)
			}
			got := d.told()
			for _, want := range []string{"result 2823-3: 4.0 mmol/L {mmol/L}; final", "warning completed: Filed now.", "row L2 filed: ;"} {
				if !strings.Contains(got, want) {
					t.Errorf("want %s\ngot\n%s", want, got)
				}
			}
		})
	}
}

// takeTurns files again what has its turn, as a running central does.
func (d *door) takeTurns() int {
	d.Helper()
	ids, err := d.sub.Turns(context.Background())
	if err != nil {
		d.Fatal(err)
	}
	for _, row := range d.rows() {
		for _, id := range ids {
			if row.ID != id {
				continue
			}
			f := d.s.Translate(d.raw.kept[row.Raw], "", time.UnixMilli(row.Received))
			if _, err := d.sub.Replay(context.Background(), record.Author{}, id, f); err != nil {
				d.Fatal(err)
			}
		}
	}
	return len(ids)
}

// Stays, of which a message says half, or takes back what nobody has heard (HL7 v2 chapter 3).
func TestUnseenStays(t *testing.T) {
	v := visitOf("I", "4B^B01^12^NORTH", "V1")
	half := `PV1|1|I|4B^B01^12^NORTH||||||||||||||||V1^^^NORTH^VN` // without PV1-44
	at := func(event, id, hhmm string, segs ...string) []byte {
		return adt(event, id, "20261122"+hhmm+"00", segs...)
	}
	const from = "; 2026-11-20T08:00:00+00:00 to "
	unseen(t, []story{
		{name: "discharged without the admission's time", send: raw(at("A03", "A2", "0900", maarja, half+strings.Repeat("|", 26)+"20261122085500")), want: `stay V1: finished IMP ward 4B bed 12` + from + `2026-11-22T08:55:00+00:00`},
		{name: "that discharge is taken back", send: raw(at("A03", "A2", "0900", maarja, v+"|20261122085500"), at("A13", "A3", "0930", maarja, half)), want: `
			stay V1: in-progress
			!2026-11-22T08:55:00`},
		{name: "an update after the discharge keeps its time", send: raw(at("A03", "A2", "0900", maarja, v+"|20261122085500"), at("A08", "A3", "0930", maarja, v)), want: `stay V1: finished IMP ward 4B bed 12` + from + `2026-11-22T08:55:00+00:00`},
		{name: "a discharge that nobody has heard of is taken back", bare: true, send: raw(at("A13", "A3", "0930", maarja, v)), want: `
			stay V1: in-progress
			notes it takes an event back of which this program has never heard`},
		{name: "an admission that nobody has heard of is taken back", bare: true, send: raw(at("A11", "A3", "0930", maarja, v), at("A01", "A1", "0800", maarja, v)), want: `
			stay V1: cancelled
			notes it takes an event back`},
		{name: "one that is known", send: raw(at("A11", "A3", "0930", maarja, v)), want: `!takes an event back`},
		{name: "a move is taken back to nowhere", send: raw(at("A02", "A2", "0900", maarja, visitOf("I", "5A^1^1", "V1")), at("A12", "A3", "0930", maarja, visitOf("I", "", "V1"))), want: `
			ward 5A bed 1
			a cancelled move (A12) does not say where the patient is`},
		{name: "an update overtakes the discharge", send: raw(at("A08", "A3", "1000", `PID|1||700001^^^NORTH^MR||Kask^Maarja||19560314|F`, v), at("A03", "A2", "0900", maarja, v+"|20261122085500")), want: `
			official: Kask, Maarja
			stay V1: finished IMP ward 4B bed 12` + from + `2026-11-22T08:55:00+00:00`},
		{name: "an update overtakes the cancellation", send: raw(at("A08", "A3", "1000", maarja, v), at("A11", "A2", "0900", maarja, v)), want: `stay V1: cancelled`},
		{name: "an update overtakes a move, and knows better where", send: raw(at("A08", "A3", "1000", maarja, visitOf("I", "6C^3^3", "V1")), at("A02", "A2", "0900", maarja, visitOf("I", "5A^2^2", "V1"))), want: `stay V1: in-progress IMP ward 6C bed 3`},
		{name: "a discharge that was taken back comes late behind an update", send: raw(at("A13", "A3", "0930", maarja, v), at("A08", "A4", "1000", maarja, v), at("A03", "A2", "0900", maarja, v+"|20261122085500")), want: `
			stay V1: in-progress
			!08:55`},
		{name: "an update overtakes a discharge and its cancellation, which come the wrong way round", send: raw(at("A08", "A4", "1000", maarja, v), at("A13", "A3", "0930", maarja, v), at("A03", "A2", "0900", maarja, v+"|20261122085500")), want: `
			stay V1: in-progress
			!08:55`},
		{name: "two updates overtake the discharge, which is taken back later", send: raw(at("A08", "A3", "0930", maarja, v), at("A08", "A4", "1000", maarja, v), at("A03", "A2", "0900", maarja, v+"|20261122085500"), at("A13", "A5", "0945", maarja, v)), want: `
			stay V1: in-progress
			!08:55`},
		{name: "a death that was taken back comes late", send: raw(at("A31", "A3", "1000", maarja+strings.Repeat("|", 21)+`""|N`), at("A31", "A2", "0900", maarja+strings.Repeat("|", 21)+"20261122|Y")), want: `
			dead false
			!died`},
		{name: "discharged before the admission", send: raw(at("A03", "A2", "0900", maarja, v+"|20261101085500")), want: `
			stay V1: finished
			notes the discharge (PV1-45) lies before the admission`},
		{name: "discharged tomorrow", send: raw(at("A03", "A2", "0900", maarja, v+"|20261123085500")), want: `
			stay V1: finished
			notes the discharge (PV1-45) lies in the future`},
		{name: "half a swap", send: raw(at("A01", "A2", "0800", `PID|1||2^^^NORTH^MR||Two^Bea||19910101|F`, visitOf("I", "4B^B02^3^NORTH", "V2")),
			at("A17", "A3", "0900", maarja, visitOf("I", "4B^B02^3^NORTH", "V1"), `PID|2||2^^^NORTH^MR||Two^Bea||19910101|F`)), want: `
			stay V1: in-progress IMP ward 4B bed 12
			stay V2: in-progress IMP ward 4B bed 3
			row A3 quarantined: two patients change beds`},
		{name: "a facility alone moves nobody", send: raw(at("A08", "A2", "0900", maarja, visitOf("I", "^^^NORTH", "V1"))), want: `ward 4B bed 12`},
		{name: "a facility alone, of somebody new", bare: true, send: raw(at("A04", "A2", "0900", maarja, visitOf("O", "^^^CLINIC", "V1"))), want: `stay V1: in-progress AMB`},
		{name: "a place of nulls", send: raw(at("A08", "A2", "0900", maarja, visitOf("I", `""^""^""`, "V1"))), want: `
			ward 4B bed 12
			notes PV1-3 takes the place away`},
		{name: "admitted under another number", send: raw(at("A06", "A2", "0900", maarja, visitOf("I", "5A^1^1", "V2"), `MRG|700001^^^NORTH^MR||||V1^^^NORTH^VN`)), want: `
			stay V1: finished IMP ward 4B bed 12` + from + `2026-11-22T09:00:00+00:00
			stay V2: in-progress IMP ward 5A bed 1`},
		{name: "admitted under the same", send: raw(at("A06", "A2", "0900", maarja, visitOf("I", "5A^1^1", "V1"), `MRG|700001^^^NORTH^MR||||V1^^^NORTH^VN`)), want: `stay V1: in-progress IMP ward 5A bed 1`},
		{name: "no visit number, and the numbers in another order", bare: true, send: raw(
			at("A01", "A1", "0800", maarja, `PV1|1|I|4B^1^1`+strings.Repeat("|", 41)+"20261122080000"),
			at("A02", "A2", "0900", `PID|1||9990417377^^^NHS^NH~700001^^^NORTH^MR||Ilves^Maarja||19560314|F`, `PV1|1|I|5A^1^1`+strings.Repeat("|", 41)+"20261122080000")), want: `
			ward 5A bed 1
			!ward 4B`},
		{name: "born in a year", bare: true, send: raw(at("A01", "A1", "0800", `PID|1||1^^^NORTH^MR||A^B||19800000|F`, v)), want: `born 1980; female
			notes PID-7 has zeros`},
		{name: "born in a month", bare: true, send: raw(at("A01", "A1", "0800", `PID|1||1^^^NORTH^MR||A^B||19800600|F`, v)), want: `born 1980-06; female`},
		{name: "dead and alive", send: raw(at("A08", "A2", "0900", maarja+strings.Repeat("|", 21)+"20261122|N", v)), want: `
			dead false
			notes PID-29 names the time of a death`},
		{name: "two events", send: raw([]byte(strings.Replace(string(at("A08", "A2", "0900", maarja, v)), "EVN|A08", "EVN|A03", 1))), want: `
			stay V1: in-progress
			notes EVN-1 names another event`},
		{name: "UTF-8 as DICOM calls it", bare: true, send: raw([]byte(strings.Replace(string(at("A01", "A1", "0800", `PID|1||1^^^NORTH^MR||Müller^B||19800101|F`, v)), "|2.5.1", "|2.5.1||||||ISO_IR 192", 1))), want: `official: Müller, B`},
		{name: "8859/2 with ISO before it", bare: true, send: raw([]byte(strings.Replace(string(at("A01", "A1", "0800", "PID|1||1^^^NORTH^MR||Dvo\xf8\xe1k^B||19800101|F", v)), "|2.5.1", "|2.5.1||||||ISO-8859-2", 1))), want: `official: Dvořák, B`},
	})
}

// Merges, and changes of a number (HL7 v2 chapters 3.3.30 to 3.3.47, 3.5.2).
func TestUnseenMerges(t *testing.T) {
	at := func(event, id, hhmm string, segs ...string) []byte {
		return adt(event, id, "20261122"+hhmm+"00", segs...)
	}
	const nhs, other = "9990417377^^^NHS^NH", "9876543210^^^NHS^NH"
	person := func(numbers string) string { return `PID|1||` + numbers + `||One^Ann||19900101|F` }
	one, two := person("1^^^NORTH^MR"), person("2^^^NORTH^MR")
	oneToo, twoToo := person("1^^^NORTH^MR~"+nhs), person("2^^^NORTH^MR~"+nhs)
	const joined = `
		patient NORTH|1; official: One, Ann; born 1990-01-01; female; retired
		patient NORTH|2; official: One, Ann; born 1990-01-01; female`
	known := func(pids ...string) (list [][]byte) {
		for i, p := range pids {
			list = append(list, at("A28", "K"+string(rune('1'+i)), "0800", p))
		}
		return list
	}
	unseen(t, []story{
		{name: "without the kind of the number", bare: true, send: append(known(one, two), at("A40", "A4", "0900", two, `MRG|1^^^NORTH`)), want: joined},
		{name: "with another kind", bare: true, send: append(known(one, two), at("A40", "A4", "0900", two, `MRG|1^^^NORTH^PI`)), want: `
			row A4 quarantined: the number of the record to be retired (MRG-1) is registered as one of another kind
			!; retired
			!born ;`},
		{name: "a survivor that nobody knows, with a number of both", bare: true, send: append(known(oneToo), at("A40", "A4", "0900", twoToo, `MRG|1^^^NORTH^MR`), oruFor(oneToo), oruFor(two)), want: `
			nhs-number|9990417377; official: One, Ann; born 1990-01-01; female; retired
			patient NORTH|2; official: One, Ann; born 1990-01-01; female
			result 2823-3: 4.1`},
		{name: "two known ones, with a number of both", bare: true, send: append(known(oneToo, two), at("A40", "A4", "0900", twoToo, `MRG|1^^^NORTH^MR`)), want: `
			nhs-number|9990417377; official: One, Ann; born 1990-01-01; female; retired
			row A4 filed: ;`},
		{name: "a survivor that nobody knows, of another birth date", bare: true, send: append(known(one), at("A40", "A4", "0900", strings.Replace(two, "19900101", "19550505", 1), `MRG|1^^^NORTH^MR`)), want: `
			different birth dates
			!retired
			!patient NORTH|2`},
		{name: "A30", bare: true, send: append(known(one, two), at("A30", "A4", "0900", two, `MRG|1^^^NORTH^MR`)), want: joined},
		{name: "A36", bare: true, send: append(known(one, two), at("A36", "A4", "0900", two, `MRG|1^^^NORTH^MR||AC1`)), want: joined + `
			notes the accounts that this message merges`},
		{name: "another number", bare: true, send: append(known(one), at("A47", "A4", "0900", two, `MRG|1^^^NORTH^MR`), oruFor(one), oruFor(two)), want: joined + `
			result 2823-3: 4.1`},
		{name: "another number, said twice", bare: true, send: append(known(one), at("A47", "A4", "0900", two, `MRG|1^^^NORTH^MR`), at("A47", "A5", "0910", two, `MRG|1^^^NORTH^MR`)), want: joined + `
			row A5 duplicate`},
		{name: "another number, which is somebody's", bare: true, send: append(known(one, two), at("A47", "A4", "0900", two, `MRG|1^^^NORTH^MR`)), want: `
			row A4 quarantined: the new number belongs to another record already
			!retired`},
		{name: "another number beside one that stays", bare: true, send: append(known(oneToo), at("A47", "A4", "0900", twoToo, `MRG|1^^^NORTH^MR`)), want: `
			retired
			row A4 filed: ;`},
		{name: "another number that nobody knew", bare: true, send: raw(at("A47", "A4", "0900", two, `MRG|1^^^NORTH^MR`), oruFor(one)), want: `result 2823-3: 4.1`},
		{name: "another national number", bare: true, send: append(known(oneToo), at("A47", "A4", "0900", person("1^^^NORTH^MR~"+other), `MRG|`+nhs), at("A47", "A5", "0910", person("1^^^NORTH^MR~"+other), `MRG|`+nhs)), want: `
			nhs-number|9876543210
			!9990417377
			!retired`},
		{name: "another national number, which is somebody's", bare: true, send: append(known(oneToo, strings.Replace(person("2^^^NORTH^MR~"+other), "One", "Two", 1)), at("A47", "A4", "0900", person("1^^^NORTH^MR~"+other), `MRG|`+nhs)), want: `
			row A4 quarantined: possible mix-up
			nhs-number|9990417377`},
		{name: "an allergy is taken back after the merge", bare: true, send: append(known(one, two), at("A60", "A3", "0830", one, `IAM|1|DA|PEN^Penicillin^L|SV|Shock|A`),
			at("A40", "A4", "0900", two, `MRG|1^^^NORTH^MR`), at("A60", "A5", "0910", two, `IAM|1|DA|PEN^Penicillin^L|SV|Shock|D`)), want: `
			allergy Penicillin: medication high entered-in-error
			!active`},
		{name: "an allergy is said again after the merge", bare: true, send: append(known(one, two), at("A60", "A3", "0830", one, `IAM|1|DA|PEN^Penicillin^L|SV|Shock|A`, `IAM|2|DA|^Latex|SV|Rash|A`),
			at("A40", "A4", "0900", two, `MRG|1^^^NORTH^MR`), at("A60", "A5", "0910", two, `IAM|1|DA|PEN^Penicillin^L|MO|Hives|A`)), want: `
			allergy Latex
			allergy Penicillin: medication high active; Shock severe; Hives moderate
			!active; Hives`},
		{name: "a diagnosis after a change of number", send: raw(
			at("A08", "A2", "0830", maarja, onWard, `DG1|1||N17.9^Kidney^I10|||A`),
			at("A47", "A4", "0900", `PID|1||800001^^^NORTH^MR||Ilves^Maarja||19560314|F`, `MRG|700001^^^NORTH^MR`),
			at("A08", "A5", "0910", `PID|1||800001^^^NORTH^MR||Ilves^Maarja||19560314|F`, onWard, `DG1|1||N17.9^Kidney^I10|||F|||||||||1`)), want: `; diagnosis DD rank 1
			!rank 0`},
		{name: "two changes of number, the second first", bare: true, send: append(known(one), at("A47", "A5", "1000", person("3^^^NORTH^MR"), `MRG|2^^^NORTH^MR`), at("A47", "A4", "0900", two, `MRG|1^^^NORTH^MR`), oruFor(one)), want: `
			patient NORTH|1; official: One, Ann; born 1990-01-01; female; retired
			patient NORTH|3; official: One, Ann; born 1990-01-01; female
			row A4 filed: ;
			result 2823-3: 4.1`},
		{name: "another number on a ward", send: raw(at("A47", "A4", "0900", `PID|1||800001^^^NORTH^MR||Ilves^Maarja||19560314|F`, `MRG|700001^^^NORTH^MR`),
			at("A02", "A5", "0910", `PID|1||800001^^^NORTH^MR||Ilves^Maarja||19560314|F`, visitOf("I", "5A^1^1", "V1")), lab("L1", obrUE, kNM("4.1", "F"))), want: `
			patient NORTH|700001; official: Ilves, Maarja; born 1956-03-14; female; retired
			stay V1: in-progress IMP ward 5A bed 1
			result 2823-3: 4.1`},
	})
}

// Allergies that stand in several segments, or in one that says half (HL7 v2 chapter 3.4.7).
func TestUnseenAllergiesAgain(t *testing.T) {
	a08 := func(id, hhmm, pid string, segs ...string) []byte {
		return adt("A08", id, "20261122"+hhmm+"00", append([]string{pid, onWard}, segs...)...)
	}
	a60 := func(id, hhmm string, segs ...string) []byte {
		return adt("A60", id, "20261122"+hhmm+"00", append([]string{maarja}, segs...)...)
	}
	iam := func(action string) string { return `IAM|1|DA|PEN^Penicillin^L|SV|Shock|` + action + `|ALG1^NORTH` }
	unseen(t, []story{
		{name: "a segment for each reaction", send: raw(a08("A2", "0900", maarja, `AL1|1|DA|PEN^Penicillin^L|MO|Rash`, `AL1|2|DA|PEN^Penicillin^L|SV|Shock`)), want: `allergy Penicillin: medication high active; Rash moderate; Shock severe`},
		{name: "the graver first", send: raw(a08("A2", "0900", maarja, `AL1|1|DA|PEN^Penicillin^L|SV|Shock`, `AL1|2|DA|PEN^Penicillin^L|MO|Rash`)), want: `allergy Penicillin: medication high active; Shock severe; Rash moderate`},
		{name: "taken back and added anew", send: raw(a60("A2", "0900", iam("D"), iam("A"))), want: `
			allergy Penicillin: medication high active
			!entered-in-error`},
		{name: "taken back, and added anew by another message", send: raw(a60("A2", "0900", iam("A")), a60("A3", "0910", iam("D")), a60("A4", "0920", iam("A"))), want: `
			allergy Penicillin: medication high active
			!entered-in-error`},
		{name: "taken back by another message", send: raw(a60("A2", "0900", iam("A")), a60("A3", "0910", iam("D"))), want: `
			allergy Penicillin: medication high entered-in-error; Shock severe
			!active`},
		{name: "added and taken back", send: raw(a60("A2", "0900", iam("A"), iam("D"))), want: `entered-in-error`},
		{name: "taken back by its number alone", send: raw(a60("A2", "0900", iam("A")), a60("A3", "0910", `IAM|1||""|||D|ALG1^NORTH`)), want: `
			allergy Penicillin: medication high active
			row A3 filed: filed in part: an allergy is taken back by its number alone
			warning requested`},
		{name: "a reaction to nothing", send: raw(a08("A2", "0900", maarja, `AL1|1|DA||SV|Shock`)), want: `
			filed in part: an allergy names no substance
			warning requested`},
		{name: "an empty segment", send: raw(a08("A2", "0900", maarja, `AL1|1`)), want: `
			!allergy
			row A2 filed: ;`},
		{name: "the national number comes first now", send: raw(a08("A2", "0900", maarja, `AL1|1|DA|PEN^Penicillin^L|MO|Rash`), a08("A3", "0910", `PID|1||9990417377^^^NHS^NH~700001^^^NORTH^MR||Ilves^Maarja||19560314|F`, `AL1|1|DA|PEN^Penicillin^L|SV|Rash`)), want: `
			allergy Penicillin: medication high active; Rash severe
			!Rash moderate
			row A3 filed: ;`},
		{name: "a reaction with a code", send: raw(a08("A2", "0900", maarja, `AL1|1|DA|PEN^Penicillin^L|SV|R1^Shock^L`)), want: `high active; Shock severe`},
	})
}

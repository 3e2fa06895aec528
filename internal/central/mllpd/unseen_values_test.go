package mllpd_test

import "testing"

// What a result says: value, unit, range, flags (HL7 v2 chapter 7; clinical.md 3.5, 4.2, 4.5).
func TestUnseenValues(t *testing.T) {
	nm := func(value, unit, rng, flags string) [][]byte {
		return results(`OBX|1|NM|2823-3^Potassium^LN||` + value + `|` + unit + `|` + rng + `|` + flags + `|||F`)
	}
	local := func(kind, value, unit string) [][]byte {
		return results(`OBX|1|` + kind + `|QQ^Something^L||` + value + `|` + unit + `|||||F`)
	}
	unseen(t, []story{
		{name: "NM plain", send: nm("4.2", "mmol/L", "3.5-5.3", ""), want: `
			result 2823-3: 4.2 mmol/L {mmol/L}; final; at 2026-11-22T09:00:00+00:00; range 3.5-5.3 low 3.5 high 5.3
			!CRITICAL
			!marks`},
		{name: "NM with a plus and trailing zero", send: nm("+4.20", "mmol/L", "", ""), want: `result 2823-3: 4.20 mmol/L`},
		{name: "NM behind a comparator", send: nm("<2.6", "mmol/L", "", "LL"), want: `
			result 2823-3: <2.6 mmol/L {mmol/L}; final LL
			CRITICAL`},
		{name: "NM with a comparator and no flag", send: nm("< 2.6", "mmol/L", "", ""), want: `
			result 2823-3: <2.6 mmol/L
			CRITICAL`},
		{name: "NM with a comma", send: nm("7,1", "mmol/L", "", ""), want: `
			!result 2823-3
			Potassium 7,1 mmol/L, may be critical
			row L1 quarantined: a number is written with a comma`},
		{name: "NM with a comma and a space after the number", send: nm("7,1 ", "mmol/l", "", "HH"), want: `
			!result 2823-3
			Potassium 7,1 mmol/l, critical (laboratory flag HH)`},
		{name: "NM that is a word", send: nm("hemolyzed", "mmol/L", "", ""), want: `
			result 2823-3: 'hemolyzed'; final
			not-a-number
			!CRITICAL`},
		{name: "NM with an exponent", send: local("NM", "1.2E3", "10*9/L"), want: `result QQ: '1.2E3 10*9/L'; final`},
		{name: "NM with the unit in the value", send: local("NM", "4.2 mmol/L", ""), want: `
			result QQ: '4.2 mmol/L'; final
			not-a-number`},
		{name: "NM in lower case", send: local("nm", "4.2", "mmol/L"), want: `result QQ: 4.2 mmol/L {mmol/L}; final`},
		{name: "NM leading zeros and bare points", send: results(
			`OBX|1|NM|A^a^L||007|g/L|||||F`, `OBX|2|NM|B^b^L||.5|g/L|||||F`, `OBX|3|NM|C^c^L||5.|g/L|||||F`, `OBX|4|NM|D^d^L||-0.0|g/L|||||F`), want: `
			result A: 7 g/L
			result B: 0.5 g/L
			result C: 5 g/L
			result D: -0.0 g/L`},
		{name: "NM twice in one OBX", send: local("NM", "6.1~6.3", "mmol/L"), want: `
			result QQ: '6.1 mmol/L; 6.3 mmol/L'
			several-values`},
		{name: "NM empty and final", send: local("NM", "", "mmol/L"), want: `
			result QQ: nothing; final
			no-value`},
		{name: "NM without a unit", send: nm("4.2", "", "", ""), want: `
			result 2823-3: 4.2; final
			no-unit`},
		{name: "SN above the scale", send: local("SN", ">^100", "mg/L"), want: `result QQ: >100 mg/L {mg/L}; final`},
		{name: "SN at most", send: local("SN", "<=^5", "mg/L"), want: `result QQ: <=5 mg/L`},
		{name: "SN from to", send: local("SN", "^100^-^200", "/uL"), want: `result QQ: 100 /uL to 200 /uL`},
		{name: "SN titre", send: local("SN", "^1^:^128", ""), want: `result QQ: 1 : 128`},
		{name: "SN of plusses", send: local("SN", "^2^+", ""), want: `result QQ: '2+'`},
		{name: "SN equal", send: local("SN", "=^5", "mg/L"), want: `result QQ: 5 mg/L`},
		{name: "SN unequal is no number", send: local("SN", "<>^5", "mg/L"), want: `
			result QQ: '<>5 mg/L'
			not-a-number`},
		{name: "SN with the number in the comparator's place", send: local("SN", "5", "mg/L"), want: `result QQ: '5 mg/L'`},
		{name: "SN greater than one to", send: local("SN", ">^1^:^64", ""), want: `result QQ: '>1:64'`},
		{name: "SN critical behind a comparator", send: results(`OBX|1|SN|2823-3^K^LN||>^6.9|mmol/L|||||F`), want: `
			result 2823-3: >6.9 mmol/L
			CRITICAL`},
		{name: "CE from a table", send: local("CE", "LA6576-8^Positive^LN", ""), want: `result QQ: code Positive; final`},
		{name: "CWE with the sender's words", send: local("CWE", "112283007^E. coli^SCT^ECO^Esch coli^L^^^Escherichia coli, abundant", ""), want: `result QQ: code Escherichia coli, abundant`},
		{name: "CWE of words alone", send: local("CWE", "^Rare gram negative rods", ""), want: `result QQ: code Rare gram negative rods`},
		{name: "CE twice", send: local("CE", "A^Anti-A^L~B^Anti-B^L", ""), want: `result QQ: 'Anti-A; Anti-B'`},
		{name: "ST that looks like a number is words", send: results(`OBX|1|ST|2823-3^K^LN||7.1|mmol/L|3.5-5.3|H|||F`), want: `
			result 2823-3: '7.1'; final H
			marks v2-unit=mmol/L
			warning requested: Filed as words only, not as a number: K 7.1 mmol/L, may be critical`},
		{name: "ST with less than", send: local("ST", "<0.01", "ng/mL"), want: `result QQ: '<0.01'`},
		{name: "ST thousands", send: local("ST", "1,234", "/uL"), want: `result QQ: '1,234'`},
		{name: "ST with a sign and words", send: local("ST", "-3.2 (calc)", "mmol/L"), want: `result QQ: '-3.2 (calc)'`},
		{name: "ST with delimiters that were not escaped", send: local("ST", "A&B^C", ""), want: `result QQ: 'A&B^C'`},
		{name: "TX lines in order", send: results(
			`OBX|1|TX|GS^Gram stain^L||Many leucocytes|||||||F`, `OBX|2|TX|GS^Gram stain^L||Gram positive cocci|||||||F`, `OBX|3|TX|GS^Gram stain^L||in clusters|||||||F`), want: `
			result GS: 'Many leucocytes/Gram positive cocci/in clusters'; final
			!ambiguous`},
		{name: "FT with layout and emphasis", send: local("FT", `\H\Impression:\N\\.br\5\S\3 \T\ stable\.sp2\\.in+4\End`, ""), want: `result QQ: 'Impression:/5^3 & stable//End'`},
		{name: "FT with a hexadecimal line end", send: local("FT", `one\X0D0A\two\X0A\three`, ""), want: `result QQ: 'one`},
		{name: "FT with a local and an unknown escape", send: local("FT", `a\Zxy\b C:\temp`, ""), want: `result QQ: 'a\Zxy\b C:\temp'`},
		{name: "ED", send: local("ED", `LAB^Application^PDF^Base64^JVBERi0xLjQK`, ""), want: `
			result QQ: nothing; final
			document application/pdf`},
		{name: "RP", send: local("RP", `https://pacs.example/1^PACS^Image^DICOM`, ""), want: `
			attachment-in-the-message-only
			The sender points at a document`},
		{name: "DT", send: local("DT", "20261101", ""), want: `result QQ: on 2026-11-01`},
		{name: "TM", send: local("TM", "1430", ""), want: `result QQ: time 14:30:00`},
		{name: "TS with an offset", send: local("TS", "202611010830+0100", ""), want: `result QQ: on 2026-11-01T08:30:00+01:00`},
		{name: "no type", send: results(`OBX|1||2823-3^K^LN||7.4|mmol/L|||||F`), want: `
			result 2823-3: '7.4 mmol/L'; final
			no-value-type
			may be critical`},
		{name: "a null value", send: local("NM", `""`, "mmol/L"), want: `
			result QQ: nothing
			no-value`},
		// Ranges.
		{name: "range with blanks and a unit inside", send: nm("4.2", "mmol/L", "3.5 - 5.3", ""), want: `range 3.5 - 5.3 low 3.5 high 5.3`},
		{name: "range below", send: nm("4.2", "mmol/L", "<5", ""), want: `
			range <5
			!high`},
		{name: "range below zero", send: nm("-2", "mmol/L", "-5-5", ""), want: `range -5-5 low -5 high 5`},
		{name: "range below zero both", send: nm("-2", "mmol/L", "-5--1", ""), want: `range -5--1 low -5 high -1`},
		{name: "range the wrong way round", send: nm("4", "mmol/L", "5.3-3.5", ""), want: `
			range 5.3-3.5
			!low`},
		{name: "range of words", send: nm("4", "mmol/L", "neg", ""), want: `range neg`},
		{name: "range with age and sex", send: nm("4", "mmol/L", "M 13-17; F 12-15", ""), want: `
			range M 13-17; F 12-15
			!low`},
		{name: "range with commas", send: nm("4", "mmol/L", "3,5-5,3", ""), want: `
			range 3,5-5,3
			!low`},
		{name: "range in components", send: nm("4", "mmol/L", "3.5^5.3", ""), want: `range 3.5^5.3`},
		{name: "range open to one side", send: nm("4", "mmol/L", ">=60", ""), want: `range >=60 low 60`},
		// Flags.
		{name: "flag HH alone is critical", send: local("NM", "4", "mmol/L"), want: `!CRITICAL`},
		{name: "flag HH", send: results(`OBX|1|NM|QQ^q^L||4|mmol/L||HH|||F`), want: `
			final HH
			CRITICAL`},
		{name: "flag with its words", send: results(`OBX|1|NM|QQ^q^L||4|mmol/L||LL^Critical low^HL70078|||F`), want: `
			final LL
			CRITICAL`},
		{name: "flag AA", send: results(`OBX|1|ST|QQ^q^L||seen|||AA|||F`), want: `CRITICAL`},
		{name: "flags repeat", send: results(`OBX|1|NM|QQ^q^L||4|mmol/L||H~HH|||F`), want: `
			final H HH
			CRITICAL`},
		{name: "flag beyond the scale is not high", send: results(`OBX|1|NM|QQ^q^L||4|mmol/L||>|||F`), want: `
			final >
			!CRITICAL`},
		{name: "flag of this house", send: results(`OBX|1|NM|QQ^q^L||4|mmol/L||*|||F`), want: `final '*'`},
		{name: "flag null", send: results(`OBX|1|NM|QQ^q^L||4|mmol/L||""|||F`), want: `QQ: 4 mmol/L {mmol/L}; final; at`},
		{name: "flag in lower case", send: results(`OBX|1|NM|QQ^q^L||4|mmol/L||hh|||F`), want: `
			final 'hh'
			!CRITICAL`},
		{name: "resistant is not critical", send: results(`OBX|1|ST|18861-5^Amoxicillin^LN|1|R|||R|||F`), want: `
			final R
			!CRITICAL`},
		{name: "two flags in one field by a comma", send: results(`OBX|1|NM|QQ^q^L||4|mmol/L||H,A|||F`), want: `final 'H,A'`},
		// Units.
		{name: "unit German thousands per litre", send: results(`OBX|1|NM|777-3^Thrombozyten^LN||12|Gpt/l|||||F`), want: `
			result 777-3: 12 Gpt/l {10*9/L}
			CRITICAL`},
		{name: "unit G/L of a count", send: results(`OBX|1|NM|777-3^Plaquettes^LN||12|G/L|||||F`), want: `
			result 777-3: 12 G/L {10*9/L}
			CRITICAL`},
		{name: "unit G/L of haemoglobin", send: results(`OBX|1|NM|718-7^HB^LN||62|G/L|||||F`), want: `
			result 718-7: 62 G/L {g/L}
			CRITICAL`},
		{name: "unit UCUM of a power twice", send: results(`OBX|1|NM|777-3^p^LN||12|10*9/L^10*9/L^UCUM|||||F`), want: `result 777-3: 12 10*9/L {10*9/L}`},
		{name: "unit of a power twice without a system", send: results(`OBX|1|NM|777-3^p^LN||12|10*3/uL^10*3/uL|||||F`), want: `result 777-3: 12 10*3/uL {10*3/uL}`},
		{name: "unit G/L of a local code is not grams", send: results(`OBX|1|NM|PLQ^Plaquettes^L||12|G/L|||||F`), want: `
			result PLQ: 12 G/L
			!{g/L}`},
		{name: "unit with a caret that was not escaped", send: results(`OBX|1|NM|777-3^Platelets^LN||12|10^9/L|||||F`), want: `
			result 777-3: 12 10^9/L {10*9/L}
			CRITICAL`},
		{name: "unit with x and a caret", send: results(`OBX|1|NM|777-3^Platelets^LN||12|x10^9/L|||||F`), want: `result 777-3: 12 x10^9/L {10*9/L}`},
		{name: "unit with an escaped caret", send: results(`OBX|1|NM|777-3^Platelets^LN||12|10\S\9/L|||||F`), want: `result 777-3: 12 10^9/L {10*9/L}`},
		{name: "unit per square metre", send: local("NM", "55", "mL/min/1.73m^2"), want: `result QQ: 55 mL/min/1.73m^2;`},
		{name: "unit with words and a local system", send: local("NM", "55", "mmol/l^Millimol pro Liter^L"), want: `result QQ: 55 mmol/l {mmol/L}`},
		{name: "unit UCUM second", send: local("NM", "55", "MMOLPL^millimole per litre^L^mmol/L^mmol/L^UCUM"), want: `{mmol/L}`},
		{name: "unit ISO+", send: local("NM", "55", "mmol/L^^ISO+"), want: `result QQ: 55 mmol/L {mmol/L}`},
		{name: "unit micro sign and Greek mu", send: results(`OBX|1|NM|A^a^L||88|µmol/l|||||F`, `OBX|2|NM|B^b^L||88|μmol/L|||||F`), want: `
			result A: 88 µmol/l {umol/L}
			result B: 88 μmol/L {umol/L}`},
		{name: "unit K/uL in all spellings", send: results(`OBX|1|NM|777-3^p^LN||12|K/uL|||||F`, `OBX|2|NM|777-3^p^LN|2|13|K/µL|||||F`, `OBX|3|NM|777-3^p^LN|3|14|10*3/uL|||||F`, `OBX|4|NM|777-3^p^LN|4|15|x10E3/uL|||||F`), want: `
			12 K/uL {10*3/uL}
			13 K/µL {10*3/uL}
			14 10*3/uL {10*3/uL}
			15 x10E3/uL {10*3/uL}`},
		{name: "units of large senders", send: results(`OBX|1|NM|777-3^p^LN|1|12|Thousand/uL|||||F`, `OBX|2|NM|777-3^p^LN|2|13|×10⁹/L|||||F`, `OBX|3|NM|777-3^p^LN|3|14|mil/mm3|||||F`, `OBX|4|NM|777-3^p^LN|4|15|x10^3/mcL|||||F`), want: `
			12 Thousand/uL {10*3/uL}
			13 ×10⁹/L {10*9/L}
			14 mil/mm3 {10*3/uL}
			15 x10^3/mcL {10*3/uL}`},
		{name: "unit mval", send: results(`OBX|1|NM|2823-3^Kalium^LN||7.0|mval/l|||||F`), want: `
			result 2823-3: 7.0 mval/l {meq/L}
			CRITICAL`},
		{name: "unit unknown is shown as sent", send: local("NM", "7.0", "widgets"), want: `result QQ: 7.0 widgets; final`},
		{name: "mass code with a mole unit", send: results(`OBX|1|NM|2345-7^Glucose^LN||5.0|mmol/L|||||F`), want: `
			code and unit of a result do not belong together
			!result 2345-7`},
		// Codes.
		{name: "LOINC in the second triplet", send: results(`OBX|1|NM|K^Kalium^WINLAB^2823-3^Potassium^LN||7.1|mmol/L|||||F`), want: `
			result K: 7.1 mmol/L {mmol/L}
			CRITICAL`},
		{name: "code without a system", send: results(`OBX|1|NM|K^Kalium||7.1|mmol/L|||||F`), want: `result K: 7.1 mmol/L`},
		{name: "code of words alone", send: results(`OBX|1|NM|^Kalium||7.1|mmol/L|||||F`), want: `result Kalium: 7.1 mmol/L`},
		{name: "no code for a number", send: results(`OBX|1|NM|||7.1|mmol/L|||||F`), want: `
			a result names no test (OBX-3
			!7.1 mmol/L {`},
		{name: "LOINC by its OID", send: results(`OBX|1|NM|2823-3^K^2.16.840.1.113883.6.1||7.1|mmol/L|||||F`), want: `CRITICAL`},
		{name: "LOINC named in words", send: results(`OBX|1|NM|2823-3^K^loinc||7.1|mmol/L|||||F`), want: `CRITICAL`},
	})
}

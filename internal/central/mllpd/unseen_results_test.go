package mllpd_test

import (
	"strings"
	"testing"
)

// The life of a result: statuses, corrections, duplicates, order of arrival (clinical.md 3).
func TestUnseenStatuses(t *testing.T) {
	status := func(value, s string) [][]byte {
		return results(`OBX|1|NM|QQ^q^L||` + value + `|mmol/L|||||` + s)
	}
	unseen(t, []story{
		{name: "P", send: status("4", "P"), want: `
			result QQ: 4 mmol/L {mmol/L}; preliminary
			report Urea and electrolytes: partial
			parts-not-final`},
		{name: "C without a final", send: status("4", "C"), want: `result QQ: 4 mmol/L {mmol/L}; corrected`},
		{name: "A", send: status("4", "A"), want: `result QQ: 4 mmol/L {mmol/L}; amended`},
		{name: "B", send: status("4", "B"), want: `
			amended
			comment-added`},
		{name: "R", send: status("4", "R"), want: `
			preliminary
			not-verified`},
		{name: "S", send: status("4", "S"), want: `
			preliminary
			partial-result`},
		{name: "I", send: status("", "I"), want: `result QQ: nothing; registered`},
		{name: "X with words", send: results(`OBX|1|ST|QQ^q^L||HEMOLYZED||||||X`), want: `
			result QQ: nothing; cancelled
			absent not-performed
			note Sent without being a result: HEMOLYZED`},
		{name: "N", send: status("", "N"), want: `
			cancelled
			absent not-asked`},
		{name: "O is no result", send: results(`OBX|1|ST|FAST^Fasting^L||Y||||||O`, `OBX|2|NM|QQ^q^L||4|mmol/L|||||F`), want: `
			!result FAST
			result QQ: 4`},
		{name: "lower case", send: status("4", "f"), want: `
			result QQ: 4 mmol/L {mmol/L}; final
			status-in-lower-case`},
		{name: "empty follows its report", send: status("4", ""), want: `
			result QQ: 4 mmol/L {mmol/L}; final
			status-missing`},
		{name: "empty and nothing in the report", send: raw(lab("L1", `OBR|1|P7|R41^LAB|UE^U^L|||202611220900`, `OBX|1|NM|QQ^q^L||4|mmol/L|||||`)), want: `
			result QQ: 4 mmol/L {mmol/L}; unknown
			status-missing`},
		{name: "not in the table", send: status("4", "Z"), want: `
			!result QQ
			a result's status (OBX-11, line 5 of the message) is not in HL7 table 0085`},
		{name: "one bad status of two", send: results(`OBX|1|NM|QQ^q^L||4|mmol/L|||||F`, `OBX|2|NM|RR^r^L||5|mmol/L|||||?`), want: `
			result QQ: 4
			!result RR
			row L1 filed: filed in part`},
		{name: "report F with a part that waits", send: results(`OBX|1|NM|QQ^q^L||4|mmol/L|||||F`, `OBX|2|NM|RR^r^L||||||||I`), want: `
			report Urea and electrolytes: partial; 2 results
			parts-not-final`},
		{name: "report C, results F", send: raw(stamped("L1", "1000", "C", kNM("4.2", "F"))), want: `
			result 2823-3: 4.2 mmol/L {mmol/L}; final
			report Urea and electrolytes: corrected`},
		{name: "report X without results", send: raw(lab("L1", strings.Replace(obrUE, "|||F", "|||X", 1))), want: `report Urea and electrolytes: cancelled; 0 results`},
		{name: "report Y", send: raw(lab("L1", strings.Replace(obrUE, "|||F", "|||Y", 1))), want: `
			!report Urea
			says that it answers a query`},
		{name: "final, then corrected", send: raw(stamped("L1", "1000", "F", kNM("7.1", "F")), stamped("L2", "1030", "C", kNM("4.3", "C"))), want: `
			result 2823-3: 4.3 mmol/L {mmol/L}; corrected
			before: final 7.1 mmol/L {mmol/L}
			!CRITICAL`},
		{name: "corrected, then a late final", send: raw(stamped("L2", "1030", "C", kNM("4.3", "C")), stamped("L1", "1000", "F", kNM("7.1", "F"))), want: `
			result 2823-3: 4.3 mmol/L {mmol/L}; corrected
			, final 7.1 mmol/L {mmol/L}
			report Urea and electrolytes: corrected`},
		{name: "corrected, then a late preliminary", send: raw(stamped("L2", "1030", "C", kNM("4.3", "C")), stamped("L0", "0930", "P", kNM("7.4", "P"))), want: `
			result 2823-3: 4.3 mmol/L {mmol/L}; corrected
			before: preliminary 7.4`},
		{name: "final, then preliminary of a newer time", send: raw(stamped("L1", "1000", "F", kNM("4.1", "F")), stamped("L2", "1030", "P", kNM("6.9", "P"))), want: `
			6.9 mmol/L
			status-went-backwards
			CRITICAL`},
		{name: "final and corrected in one second", send: raw(stamped("L1", "1000", "C", kNM("4.3", "C")), stamped("L2", "1000", "F", kNM("7.1", "F"))), want: `result 2823-3: 4.3 mmol/L {mmol/L}; corrected`},
		{name: "deleted, then the late final", send: raw(stamped("L1", "1000", "F", kNM("7.1", "F")), stamped("L2", "1030", "C", kNM("", "D")), stamped("L0", "0930", "F", kNM("7.2", "F"))), want: `
			entered-in-error
			!CRITICAL`},
		{name: "deleted before it came", send: raw(stamped("L2", "1030", "C", kNM("", "D")), stamped("L1", "1000", "F", kNM("7.1", "F"))), want: `
			entered-in-error
			!CRITICAL`},
		{name: "posted as wrong", send: raw(stamped("L1", "1000", "F", kNM("7.1", "F")), stamped("L2", "1030", "F", kNM("7.1", "W"))), want: `
			entered-in-error
			posted-as-wrong`},
		{name: "verified without its value", send: raw(stamped("L1", "1000", "P", kNM("4.1", "P")), stamped("L2", "1030", "F", kNM("", "U"))), want: `result 2823-3: 4.1 mmol/L {mmol/L}; final`},
		{name: "verified and never sent", send: raw(stamped("L2", "1030", "F", kNM("", "U"))), want: `!result 2823-3`},
		{name: "cancelled after preliminary", send: raw(stamped("L1", "1000", "P", kNM("7.1", "P")), stamped("L2", "1030", "X", kNM("", "X"))), want: `
			result 2823-3: nothing; cancelled
			!CRITICAL`},
		{name: "no OBR-22: the message's time orders", send: raw(
			lines(`MSH|^~\&|LAB|NORTH|WL|NORTH|20261122103000||ORU^R01|L2|P|2.3`, maarja, labVis, `OBR|1||R41|UE^U^L|||202611220900||||||||||||||||||F`, kNM("4.3", "C")),
			lines(`MSH|^~\&|LAB|NORTH|WL|NORTH|20261122100000||ORU^R01|L1|P|2.3`, maarja, labVis, `OBR|1||R41|UE^U^L|||202611220900||||||||||||||||||F`, kNM("7.1", "F"))), want: `result 2823-3: 4.3 mmol/L {mmol/L}; corrected`},
		{name: "a correction of one of the panel", send: raw(
			stamped("L1", "1000", "F", "OBX|1|NM|NA^Na^L||140|mmol/L|||||F\r"+kNM("7.1", "F")), stamped("L2", "1030", "C", kNM("4.3", "C"))), want: `
			result NA: 140 mmol/L {mmol/L}; final
			result 2823-3: 4.3 mmol/L {mmol/L}; corrected`},
		{name: "the same message again", send: raw(stamped("L1", "1000", "F", kNM("4.1", "F")), stamped("L1", "1000", "F", kNM("4.1", "F"))), want: `
			answers: AA L1, AA L1
			!before`},
		{name: "the same with LF", send: raw(stamped("L1", "1000", "F", kNM("4.1", "F")), []byte(strings.ReplaceAll(string(stamped("L1", "1000", "F", kNM("4.1", "F"))), "\r", "\n"))), want: `!before`},
		{name: "the same number with other content", send: raw(stamped("L1", "1000", "F", kNM("4.1", "F")), stamped("L1", "1030", "C", kNM("4.4", "C"))), want: `
			result 2823-3: 4.4 mmol/L {mmol/L}; corrected
			control id reused`},
		{name: "another number with the same content", send: raw(stamped("L1", "1000", "F", kNM("4.1", "F")), stamped("L9", "1000", "F", kNM("4.1", "F"))), want: `
			row L9 duplicate
			!before`},
		{name: "OBX-1 counted otherwise", send: raw(stamped("L1", "1000", "F", kNM("4.1", "F")), stamped("L2", "1030", "C", strings.Replace(kNM("4.4", "C"), "OBX|1", "OBX|7", 1))), want: `before: final 4.1`},
		{name: "filler number in ORC alone", send: raw(lab("L1", `ORC|RE|P7|R41^LAB`, `OBR|1|P7||UE^U^L|||202611220900|||||||||||||||20261122100000|||F`, kNM("4.1", "F")),
			lab("L2", `OBR|1|P7|R41^LAB|UE^U^L|||202611220900|||||||||||||||20261122103000|||C`, kNM("4.4", "C"))), want: `
			result 2823-3: 4.4 mmol/L {mmol/L}; corrected
			before: final 4.1`},
		{name: "two numbers of one name", send: results(`OBX|1|NM|QQ^q^L||4|mmol/L|||||F`, `OBX|2|NM|QQ^q^L||5|mmol/L|||||F`), want: `
			result QQ: 4
			result QQ: 5
			ambiguous`},
		{name: "two numbers of one name told apart", send: results(`OBX|1|NM|QQ^q^L|1|4|mmol/L|||||F`, `OBX|2|NM|QQ^q^L|2|5|mmol/L|||||F`), want: `
			result QQ: 4
			result QQ: 5
			!ambiguous`},
		{name: "a number and its comment under one name", send: results(`OBX|1|NM|QQ^q^L||4|mmol/L|||||F`, `OBX|2|TX|QQ^q^L||Repeated and confirmed||||||F`), want: `
			result QQ: 4
			Repeated and confirmed`},
		{name: "words of two statuses under one name", send: results(`OBX|1|TX|QQ^q^L||old||||||F`, `OBX|2|TX|QQ^q^L||new||||||C`), want: `
			'old'
			'new'
			ambiguous`},
		{name: "the same test in two orders", send: raw(lab("L1", obrUE, kNM("4.1", "F"), strings.Replace(obrUE, "R41", "R42", 1), kNM("4.2", "F"))), want: `
			result 2823-3: 4.1
			result 2823-3: 4.2
			!ambiguous`},
		{name: "final without a value but with a remark", send: results(`OBX|1|ST|QQ^q^L||||||||F`, `NTE|1|L|Sample clotted`), want: `
			result QQ: nothing; final
			note Sample clotted`},
	})
}

// Remarks belong to what they follow (HL7 v2 chapter 2, NTE).
func TestUnseenRemarks(t *testing.T) {
	unseen(t, []story{
		{name: "after OBX, lines joined", send: results(kNM("4.1", "F"), `NTE|1|L|Slightly`, `NTE|2|L|haemolysed.~Repeat.`), want: `note Slightly/haemolysed./Repeat.`},
		{name: "after OBR", send: raw(lab("L1", obrUE, `NTE|1||Fasting sample`, kNM("4.1", "F"))), want: `
			report Urea and electrolytes: final; 1 results; Fasting sample
			!note Fasting`},
		{name: "with escapes", send: results(kNM("4.1", "F"), `NTE|1|L|K \T\ Na \.br\see \H\below\N\`), want: `note K & Na /see below`},
		{name: "after ORC belongs to the order that follows", send: raw(lab("L1", `ORC|RE|P7|R41`, obrUE, kNM("4.1", "F"), `ORC|RE|P8|R42`, `NTE|1|L|Only for the second`, strings.Replace(strings.Replace(obrUE, "R41", "R42", 1), "UE^Urea and electrolytes", "FBC^Blood count", 1), `OBX|1|NM|HB^Hb^L||140|g/L|||||F`)), want: `
			report Blood count: final; 1 results; Only for the second
			!note Only`},
		{name: "after PID is told of", send: raw(lines(`MSH|^~\&|LAB|NORTH|WL|NORTH|20261122101000||ORU^R01|L1|P|2.5.1`, maarja, `NTE|1||Identity checked by phone`, labVis, obrUE, kNM("4.1", "F"))), want: `
			result 2823-3: 4.1
			notes a remark on the patient (NTE after PID)`},
		{name: "empty parts at its end", send: results(kNM("4.1", "F"), `NTE|1||Called to the ward^^`), want: `note Called to the ward
			!ward^`},
		{name: "after a local segment", send: results(kNM("4.1", "F"), `ZLR|1|x`, `NTE|1|L|Sample clotted`), want: `
			note Sample clotted
			local segment ZLR was not read`},
		{name: "in NTE-4 only", send: results(kNM("4.1", "F"), `NTE|1|L||RE^Remark^HL70364`), want: `result 2823-3: 4.1`},
	})
}

// Microbiology: which organism, and which drug against it.
func TestUnseenMicrobiology(t *testing.T) {
	culture := `OBR|1|P9|M77^LAB|BC^Blood culture^L|||202611211800||||||||BLDV&Venous blood|||||||20261122100000|||P`
	susc := func(n, parent string) string {
		return `OBR|` + n + `|P9|M77^LAB|SUSC^Susceptibility^L|||202611211800|||||||||||||||20261122100000|||P|` + parent + `|||P9^M77`
	}
	unseen(t, []story{
		{name: "growth while preliminary", send: raw(lab("L1", culture, `OBX|1|CE|600-7^Blood culture^LN|1|3092008^Staphylococcus aureus^SCT||||||P`)), want: `
			result 600-7: code Staphylococcus aureus; preliminary
			of Venous blood
			CRITICAL`},
		{name: "no growth", send: raw(lab("L1", culture, `OBX|1|TX|600-7^Blood culture^LN|1|No growth after 24 hours||||||P`)), want: `
			'No growth after 24 hours'; preliminary
			!CRITICAL`},
		{name: "drugs under their organism by sub-id", send: raw(lab("L1", culture,
			`OBX|1|CE|600-7^Blood culture^LN|1|112283007^Escherichia coli^SCT||||||P`, `OBX|2|CE|600-7^Blood culture^LN|2|3092008^Staphylococcus aureus^SCT||||||P`,
			susc("2", "600-7&Blood culture&LN^1^Escherichia coli"), `OBX|1|ST|18864-9^Ampicillin^LN|1|>=32|ug/mL||R|||P`,
			susc("3", "600-7&Blood culture&LN^2^Staphylococcus aureus"), `OBX|1|ST|18864-9^Ampicillin^LN|2|<=0.25|ug/mL||S|||P`)), want: `
			result 18864-9: '>=32'; preliminary R
			result 18864-9: '<=0.25'; preliminary S
			v2-parent=Escherichia coli
			v2-parent=Staphylococcus aureus
			!ambiguous`},
		{name: "a word in the parent's place", send: raw(lab("L1", strings.Replace(obrUE, "|||F", "|||F|BMP", 1), kNM("4.1", "F"))), want: `
			result 2823-3: 4.1
			!Belongs`},
		{name: "the parent's words stand in the culture alone", send: raw(lab("L1", culture,
			`OBX|1|CE|600-7^Blood culture^LN|1|112283007^Escherichia coli^SCT||||||P`,
			susc("2", "600-7&Blood culture&LN^1"), `OBX|1|ST|18864-9^Ampicillin^LN||R|||R|||P`, `NTE|1||By disc`)), want: `
			result 18864-9: 'R'; preliminary R
			note By disc; note Belongs to: Escherichia coli`},
		{name: "drugs under their organism by the parent alone", send: raw(lab("L1", culture,
			`OBX|1|CE|600-7^Blood culture^LN|1|112283007^Escherichia coli^SCT||||||P`, `OBX|2|CE|600-7^Blood culture^LN|2|3092008^Staphylococcus aureus^SCT||||||P`,
			susc("2", "600-7&Blood culture&LN^1^Escherichia coli"), `OBX|1|SN|18864-9^Ampicillin^LN||>=^32|ug/mL||R|||P`,
			susc("3", "600-7&Blood culture&LN^2^Staphylococcus aureus"), `OBX|1|SN|18864-9^Ampicillin^LN||<=^0.25|ug/mL||S|||P`)), want: `
			result 18864-9: >=32 ug/mL
			result 18864-9: <=0.25 ug/mL
			v2-parent=Escherichia coli
			v2-parent=Staphylococcus aureus
			!ambiguous`},
	})
}

// Times: as precise as they were sent, and never moved (clinical.md 4.2).
func TestUnseenTimes(t *testing.T) {
	at := func(obr7, obx14 string) [][]byte {
		return raw(lab("L1", `OBR|1|P7|R41^LAB|UE^U^L|||`+obr7+`|||||||||||||||20261122100000|||F`, `OBX|1|NM|QQ^q^L||4|mmol/L|||||F|||`+obx14))
	}
	unseen(t, []story{
		{name: "OBX-14 before OBR-7", send: at("202611220900", "202611220930"), want: `at 2026-11-22T09:30:00+00:00`},
		{name: "with another offset", send: at("202611220900+0100", ""), want: `at 2026-11-22T09:00:00+01:00`},
		{name: "seconds with a fraction", send: at("20261122090001.2345-0500", ""), want: `at 2026-11-22T09:00:01.2345-05:00`},
		{name: "the hour alone", send: at("2026112209", ""), want: `at 2026-11-22T09:00:00+00:00`},
		{name: "the day alone", send: at("20261122", ""), want: `result QQ: 4 mmol/L {mmol/L}; final; at 2026-11-22`},
		{name: "24:00", send: at("202611212400", ""), want: `
			time-not-readable
			OBR-7: 202611212400`},
		{name: "as ISO writes it", send: at("2026-11-22T09:00:00", ""), want: `time-not-readable`},
		{name: "zeros", send: at("00000000", ""), want: `time-not-readable`},
		{name: "tomorrow", send: at("202611230900", ""), want: `future`},
		{name: "skipped by the clock", send: at("202603290130", ""), want: `time-in-the-clock-change`},
		{name: "shown twice by the clock", send: at("202610250130", ""), want: `time-in-the-clock-change`},
		{name: "in summer without an offset", send: at("202607010900", ""), want: `at 2026-07-01T09:00:00+01:00`},
		{name: "an unreadable OBX-14 hides no OBR-7", send: at("202611220900", "yesterday"), want: `
			at 2026-11-22T09:00:00+00:00
			time-not-readable`},
		{name: "collected in SPM-17", send: raw(lab("L1", `OBR|1|P7|R41^LAB|UE^U^L||||||||||||||||||20261122100000|||F`, kNM("4.1", "F"), `SPM|1|||SER^Serum^HL70487|||||||||||||202611220840`)), want: `
			at 2026-11-22T08:40:00+00:00
			of Serum`},
	})
}

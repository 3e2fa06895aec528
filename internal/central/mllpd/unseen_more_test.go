package mllpd_test

import (
	"strings"
	"testing"
)

// What comes again, otherwise, or back (clinical.md 3.3).
func TestUnseenReturns(t *testing.T) {
	obr := func(hhmm string) string { return strings.Replace(obrUE, "20261122100000", "20261122"+hhmm+"00", 1) }
	unseen(t, []story{
		{name: "a final is changed without a word", send: raw(stamped("L1", "1000", "F", kNM("4.1", "F")), stamped("L2", "1030", "F", kNM("6.9", "F"))), want: `
			result 2823-3: 6.9 mmol/L {mmol/L}; final
			before: final 4.1
			CRITICAL`},
		{name: "an older final comes late with another value", send: raw(stamped("L2", "1030", "F", kNM("4.1", "F")), stamped("L1", "1000", "F", kNM("6.9", "F"))), want: `
			result 2823-3: 4.1 mmol/L {mmol/L}; final
			!CRITICAL`},
		{name: "cancelled, then there after all", send: raw(stamped("L1", "1000", "X", kNM("", "X")), stamped("L2", "1030", "F", kNM("6.9", "F"))), want: `
			result 2823-3: 6.9 mmol/L {mmol/L}; final
			CRITICAL`},
		{name: "deleted, then there after all", send: raw(stamped("L1", "1000", "F", kNM("4.1", "F")), stamped("L2", "1030", "F", kNM("", "D")), stamped("L3", "1100", "F", kNM("6.9", "F"))), want: `
			result 2823-3: 6.9 mmol/L
			CRITICAL`},
		{name: "deleted twice", send: raw(stamped("L1", "1000", "F", kNM("4.1", "F")), stamped("L2", "1030", "F", kNM("", "D")), stamped("L3", "1030", "F", kNM("", "D"))), want: `entered-in-error`},
		{name: "corrected twice, out of order", send: raw(stamped("L1", "1000", "F", kNM("4.1", "F")), stamped("L3", "1100", "C", kNM("4.3", "C")), stamped("L2", "1030", "C", kNM("4.2", "C"))), want: `result 2823-3: 4.3 mmol/L {mmol/L}; corrected`},
		{name: "corrected in the unit alone", send: raw(stamped("L1", "1000", "F", `OBX|1|NM|2345-7^Glucose^LN||108|mg/dL|||||F`), stamped("L2", "1030", "C", `OBX|1|NM|2345-7^Glucose^LN||1.08|g/L|||||C`)), want: `
			result 2345-7: 1.08 g/L {g/L}; corrected
			before: final 108 mg/dL`},
		{name: "pending, preliminary, final", send: raw(stamped("L1", "0900", "I", kNM("", "I")), stamped("L2", "0930", "P", kNM("4.0", "P")), stamped("L3", "1000", "F", kNM("4.1", "F"))), want: `
			result 2823-3: 4.1 mmol/L {mmol/L}; final
			report Urea and electrolytes: final`},
		{name: "pending comes last", send: raw(stamped("L3", "1000", "F", kNM("4.1", "F")), stamped("L1", "0900", "I", kNM("", "I"))), want: `result 2823-3: 4.1 mmol/L {mmol/L}; final`},
		{name: "appended with a remark", send: raw(stamped("L1", "1000", "F", kNM("4.1", "F")), stamped("L2", "1030", "F", kNM("4.1", "B")+"\rNTE|1|L|Repeated")), want: `
			result 2823-3: 4.1 mmol/L {mmol/L}; amended
			note Repeated
			comment-added`},
		{name: "one name at two laboratories", send: raw(stamped("L1", "1000", "F", kNM("4.1", "F")), []byte(strings.Replace(string(stamped("L1", "1000", "F", kNM("4.5", "F"))), "|LAB|", "|POCT|", 1))), want: `
			result 2823-3: 4.1
			result 2823-3: 4.5`},
		{name: "the analyser's time orders where the report has none", send: raw(
			lab("L2", `OBR|1||R41|UE^U^L|||202611220900||||||||||||||||||F`, kNM("4.3", "F")+"||||||||20261122095000"),
			lab("L1", `OBR|1||R41|UE^U^L|||202611220900||||||||||||||||||F`, kNM("7.1", "F")+"||||||||20261122092000")), want: `result 2823-3: 4.3`},
		{name: "a status that changes next year does not outlive its correction", send: raw(
			[]byte(strings.ReplaceAll(string(stamped("L1", "1000", "F", kNM("7.1", "F"))), "20261122100000", "20271122100000")), stamped("L2", "1030", "C", kNM("4.3", "C"))), want: `
			result 2823-3: 4.3 mmol/L {mmol/L}; corrected
			report Urea and electrolytes: corrected
			a time by which messages are ordered lies in the future`},
		{name: "a sender whose clock is an hour ahead keeps its order", send: raw(
			[]byte(strings.ReplaceAll(string(stamped("L2", "1030", "C", kNM("4.3", "C"))), "2026112210", "2026112213")), []byte(strings.ReplaceAll(string(stamped("L1", "1000", "F", kNM("7.1", "F"))), "2026112210", "2026112213"))), want: `result 2823-3: 4.3 mmol/L {mmol/L}; corrected`},
		{name: "posted on the wrong patient, withdrawn, and sent for the right one", send: raw(
			adt("A01", "A2", "20261122080000", `PID|1||2^^^NORTH^MR||Two^Bea||19910101|F`, visitOf("I", "4B^^3", "V2")),
			stamped("L1", "1000", "F", kNM("7.1", "F")), stamped("L2", "1030", "F", kNM("7.1", "W")),
			[]byte(strings.Replace(string(stamped("L3", "1035", "F", kNM("7.1", "F"))), maarja, `PID|1||2^^^NORTH^MR||Two^Bea||19910101|F`, 1)),
			[]byte(strings.Replace(string(stamped("L4", "1050", "C", kNM("4.4", "C"))), maarja, `PID|1||2^^^NORTH^MR||Two^Bea||19910101|F`, 1))), want: `
			result 2823-3: 7.1 mmol/L {mmol/L}; entered-in-error
			result 2823-3: 4.4 mmol/L {mmol/L}; corrected
			before: final 7.1
			report Urea and electrolytes: corrected; 1 results
			row L3 filed: ;
			row L4 filed: ;`},
		{name: "sent for another one and not withdrawn", send: raw(
			adt("A01", "A2", "20261122080000", `PID|1||2^^^NORTH^MR||Two^Bea||19910101|F`, visitOf("I", "4B^^3", "V2")),
			stamped("L1", "1000", "F", kNM("7.1", "F")),
			[]byte(strings.Replace(string(stamped("L3", "1035", "F", kNM("7.1", "F"))), maarja, `PID|1||2^^^NORTH^MR||Two^Bea||19910101|F`, 1))), want: `
			belongs to another patient already`},
		{name: "two specimens of one order", send: raw(
			lab("L1", obr("1000"), kNM("4.1", "F"), `SPM|1|^S1&LAB||SER^Serum^HL70487`),
			lab("L2", obr("1000"), kNM("4.6", "F"), `SPM|1|^S2&LAB||SER^Serum^HL70487`)), want: `
			result 2823-3: 4.1
			result 2823-3: 4.6`},
		{name: "a result after the discharge", send: raw(adt("A03", "A2", "20261122090000", maarja, onWard), stamped("L1", "1000", "F", kNM("7.1", "F"))), want: `
			result 2823-3: 7.1
			CRITICAL
			notes for a patient who had been discharged`},
	})
}

// Whose clock a time is of (HL7 v2 chapter 2, MSH-7: the offset there is the default of
// the whole message).
func TestUnseenZones(t *testing.T) {
	from := func(msh7, obr7 string) [][]byte {
		return raw(lines(`MSH|^~\&|LAB|NORTH|WL|NORTH|`+msh7+`||ORU^R01|L1|P|2.5.1`, maarja, labVis,
			`OBR|1|P7|R41^LAB|UE^U^L|||`+obr7+`|||||||||||||||20261122100000|||F`, `OBX|1|NM|QQ^q^L||4|mmol/L|||||F`))
	}
	unseen(t, []story{
		{name: "a sender elsewhere", send: from("20261122051000-0500", "202611220400"), want: `
			at 2026-11-22T04:00:00-05:00
			notes MSH-7 names an offset that this channel's zone never has`},
		{name: "a sender here", send: from("20261122101000+0000", "202607010900"), want: `
			at 2026-07-01T09:00:00+01:00
			!notes MSH-7`},
		{name: "the summer's offset in winter", send: from("20261122111000+0100", "202611220900"), want: `at 2026-11-22T09:00:00+00:00`},
		{name: "its own offset stands", send: from("20261122051000-0500", "202611220900+0100"), want: `at 2026-11-22T09:00:00+01:00`},
		{name: "no offset anywhere", send: from("20261122101000", "202611220900"), want: `at 2026-11-22T09:00:00+00:00`},
		{name: "a birth date stays a date", send: raw(lines(`MSH|^~\&|PAS|NORTH|WL|NORTH|20261122051000-0500||ADT^A08|A2|P|2.5.1`, `EVN|A08|202611220510`, `PID|1||700001^^^NORTH^MR||Ilves^Maarja||195603140030|F`, onWard)), want: `born 1956-03-14`},
		{name: "the event's time follows", send: raw(
			lines(`MSH|^~\&|PAS|NORTH|WL|NORTH|20261122051000-0500||ADT^A02|A3|P|2.5.1`, `EVN|A02|202611220500`, maarja, visitOf("I", "6C^1^1", "V1")),
			adt("A02", "A2", "20261122093000", maarja, visitOf("I", "5A^1^1", "V1"))), want: `ward 6C bed 1`},
	})
}

// More people, and more of what registration desks do.
func TestUnseenRegistrations(t *testing.T) {
	unseen(t, []story{
		{name: "a merge of numbers that nobody knows", bare: true, send: raw(adt("A40", "A1", "20261122090000", `PID|1||1^^^NORTH^MR||One^Ann||19900101|F`, `MRG|9^^^NORTH^MR`)), want: `
			official: One, Ann
			row A1`},
		{name: "two merges in one message", bare: true, send: raw(
			adt("A28", "A1", "20261122080000", `PID|1||1^^^NORTH^MR||One^Ann||19900101|F`), adt("A28", "A2", "20261122080100", `PID|1||2^^^NORTH^MR||One^Ann||19900101|F`),
			adt("A28", "A3", "20261122080200", `PID|1||3^^^NORTH^MR||Two^Bea||19910101|F`), adt("A28", "A4", "20261122080300", `PID|1||4^^^NORTH^MR||Two^Bea||19910101|F`),
			adt("A40", "A5", "20261122090000", `PID|1||1^^^NORTH^MR||One^Ann||19900101|F`, `MRG|2^^^NORTH^MR`, `PID|2||3^^^NORTH^MR||Two^Bea||19910101|F`, `MRG|4^^^NORTH^MR`)), want: `
			patient NORTH|2; official: One, Ann; born 1990-01-01; female; retired
			patient NORTH|4; official: Two, Bea; born 1991-01-01; female; retired`},
		{name: "a merge of two birth dates", bare: true, send: raw(
			adt("A28", "A1", "20261122080000", `PID|1||1^^^NORTH^MR||One^Ann||19900101|F`), adt("A28", "A2", "20261122080100", `PID|1||2^^^NORTH^MR||One^Ann||19550505|F`),
			adt("A40", "A5", "20261122090000", `PID|1||1^^^NORTH^MR||One^Ann||19900101|F`, `MRG|2^^^NORTH^MR`)), want: `
			different birth dates
			!retired`},
		{name: "identified later", bare: true, send: raw(
			adt("A01", "A1", "20261122080000", `PID|1||1^^^NORTH^MR||Unbekannt^Mann|||M`, visitOf("I", "4B", "V1")),
			adt("A08", "A2", "20261122090000", `PID|1||1^^^NORTH^MR~9990417377^^^NHS^NH||One^Al||19700101|M`, visitOf("I", "4B", "V1"))), want: `
			official: One, Al; born 1970-01-01; male
			!temporary`},
		{name: "the marriage and the wrong birth date at once", send: raw(adt("A08", "A2", "20261122090000", `PID|1||700001^^^NORTH^MR||Kask^Maarja||19560413|F`, onWard)), want: `possible wrong patient`},
		{name: "a name is taken away", send: raw(adt("A31", "A2", "20261122090000", `PID|1||700001^^^NORTH^MR||Ilves^Maarja||""|F`)), want: `official: Ilves, Maarja; born ; female`},
		{name: "what is empty changes nothing", send: raw(adt("A08", "A2", "20261122090000", `PID|1||700001^^^NORTH^MR||Ilves||19560314|`, `PV1|1|I|||||||||||||||||V1^^^NORTH^VN`)), want: `
			born 1956-03-14; female
			ward 4B bed 12`},
		{name: "a place is taken away, and no other is named", send: raw(adt("A08", "A2", "20261122090000", maarja, `PV1|1|I|""||||||||||||||||V1^^^NORTH^VN`)), want: `
			stay V1: in-progress IMP ward 4B bed 12
			notes PV1-3 takes the place away`},
		{name: "a move of tomorrow does not outlive today's", send: raw(
			[]byte(strings.Replace(string(adt("A02", "A2", "20261122090000", maarja, visitOf("I", "6C^1^1", "V1"))), "EVN|A02|20261122090000", "EVN|A02|20261123090000", 1)),
			adt("A02", "A3", "20261122100000", maarja, visitOf("I", "5A^2^2", "V1"))), want: `ward 5A bed 2`},
		{name: "an older update comes late", send: raw(
			adt("A31", "A3", "20261122100000", `PID|1||700001^^^NORTH^MR||Kask^Maarja||19560314|F`), adt("A31", "A2", "20261122090000", `PID|1||700001^^^NORTH^MR||Ilves^Mari||19560314|F`)), want: `
			official: Kask, Maarja
			!Mari;`},
		{name: "an allergy that was taken back does not come back late", send: raw(
			adt("A60", "A3", "20261122100000", maarja, `IAM|1|DA|PEN^Penicillin^L|SV|Shock|D`), adt("A60", "A2", "20261122090000", maarja, `IAM|1|DA|PEN^Penicillin^L|SV|Shock|A`)), want: `allergy Penicillin: medication high entered-in-error`},
		{name: "an older list does not soften an allergy", send: raw(
			adt("A08", "A3", "20261122100000", maarja, onWard, `AL1|1|DA|PEN^Penicillin^L|SV|Shock`), adt("A08", "A2", "20261122090000", maarja, onWard, `AL1|1|DA|PEN^Penicillin^L|MI|Shock`)), want: `
			allergy Penicillin: medication high active; Shock severe
			!Shock mild
			an older message about an allergy came after a newer one`},
		{name: "an allergy in AL1 and IAM is one", send: raw(adt("A08", "A2", "20261122090000", maarja, onWard, `AL1|1|DA|PEN^Penicillin^L|SV|Shock`), adt("A60", "A3", "20261122093000", maarja, `IAM|1|DA|PEN^Penicillin^L|SV|Shock|D`)), want: `
			allergy Penicillin: medication high entered-in-error`},
		{name: "PV1 without anything", send: raw(adt("A08", "A2", "20261122090000", maarja, `PV1|1|N`)), want: `ward 4B bed 12`},
		{name: "a visit at the emergency department", bare: true, send: raw(adt("A04", "A1", "20261122080000", maarja, visitOf("E", "ED^^C3", "V9"))), want: `stay V9: in-progress EMER ward ED bed C3`},
		{name: "a birth date of zeros", bare: true, send: raw(adt("A01", "A1", "20261122080000", `PID|1||1^^^NORTH^MR||A^B||00000000|F`, visitOf("I", "4B", "V1"))), want: `
			official: A, B; born ; female
			ward 4B`},
		{name: "an admission time that is none", bare: true, send: raw(adt("A01", "A1", "20261122080000", maarja, strings.Replace(visitOf("I", "4B", "V1"), "20261120080000", "20261399", 1))), want: `
			stay V1: in-progress IMP ward 4B
			v2-time=PV1-44: 20261399`},
	})
}

// Diagnoses stand on their stay, with use and rank (R4 Encounter.diagnosis); a list that
// leaves one out takes none away.
func TestUnseenDiagnoses(t *testing.T) {
	a08 := func(id, at string, segs ...string) []byte {
		return adt("A08", id, at, append([]string{maarja, onWard}, segs...)...)
	}
	dg := func(code, use, rank string) string {
		return `DG1|1||` + code + `^Words^I10|||` + use + `|||||||||` + rank
	}
	unseen(t, []story{
		{name: "admitting and final, and one without a use", send: raw(a08("A2", "20261122090000", dg("N17.9", "A", "2"), dg("I10", "F", "1"), dg("E11", "", ""))), want: `
			diagnosis AD rank 2
			diagnosis DD rank 1
			diagnosis rank 0`},
		{name: "one of two uses", send: raw(a08("A2", "20261122090000", dg("N17.9", "A", ""), dg("N17.9", "F", "1"))), want: `; diagnosis AD rank 1; diagnosis DD rank 1`},
		{name: "a use in a word", send: raw(a08("A2", "20261122090000", dg("N17.9", "Admitting", ""))), want: `; diagnosis AD rank 0`},
		{name: "working", send: raw(a08("A2", "20261122090000", dg("N17.9", "W", "1"))), want: `; diagnosis W rank 1`},
		{name: "a list that is shorter", send: raw(a08("A2", "20261122090000", dg("N17.9", "A", "1"), dg("I10", "A", "2")), a08("A3", "20261122093000", dg("N17.9", "F", "1"))), want: `
			diagnosis DD rank 1
			diagnosis AD rank 2`},
		{name: "said again", send: raw(a08("A2", "20261122090000", dg("N17.9", "A", "1")), a08("A3", "20261122093000", dg("N17.9", "A", "1"))), want: `
			; diagnosis AD rank 1
			!diagnosis AD rank 1; diagnosis`},
		{name: "taken back at once", send: raw(a08("A2", "20261122090000", dg("N17.9", "A", "1")+"||||||D")), want: `!diagnosis`},
		{name: "with a move", send: raw(adt("A02", "A2", "20261122090000", maarja, visitOf("I", "6C^1^1", "V1"), dg("N17.9", "W", "1"))), want: `
			ward 6C bed 1
			diagnosis W rank 1`},
	})
}

package mllpd_test

import (
	"strings"
	"testing"
)

// visitOf is a PV1 of one class, place and number.
func visitOf(class, place, number string) string {
	return `PV1|1|` + class + `|` + place + `||||||||||||||||` + number + `^^^NORTH^VN|||||||||||||||||||||||||20261120080000`
}

// oruFor is a result message with this PID.
func oruFor(pid string) []byte {
	return lines(`MSH|^~\&|LAB|NORTH|WL|NORTH|20261122101000||ORU^R01|L1|P|2.5.1`, pid, labVis, obrUE, kNM("4.1", "F"))
}

// Whom a message is about (clinical.md 4.3).
func TestUnseenIdentities(t *testing.T) {
	in := func(pid string) [][]byte {
		return raw(adt("A01", "A1", "20261122080000", pid, visitOf("I", "4B^B02^1^NORTH", "V2")))
	}
	filedWith := func(pid string) story { return story{send: raw(oruFor(pid)), want: `result 2823-3: 4.1`} }
	heldWith := func(pid, why string) story {
		return story{send: raw(oruFor(pid)), want: "!result 2823-3\nAA L1\n" + why}
	}
	named := func(name string, s story) story { s.name = name; return s }
	unseen(t, []story{
		named("several numbers", filedWith(`PID|1||123-45-6789^^^USSSA^SS~700001^^^NORTH^MR~V1^^^NORTH^VN||Ilves^Maarja||19560314|F`)),
		named("with a check digit", filedWith(`PID|1||700001^4^M11^NORTH^MR||Ilves^Maarja||19560314|F`)),
		named("without its kind", heldWith(`PID|1||700001^^^NORTH||Ilves^Maarja||19560314|F`, "the number is registered as one of another kind (PID-3.5)")),
		named("of another kind is another number", heldWith(`PID|1||700001^^^NORTH^AN||Ilves^Maarja||19560314|F`, "of another kind")),
		named("of another authority", heldWith(`PID|1||700001^^^SOUTH^MR||Ilves^Maarja||19560314|F`, "unknown patient")),
		named("without an authority", heldWith(`PID|1||700001||Ilves^Maarja||19560314|F`, "no identifier in PID-3 names the authority")),
		named("in PID-2 alone", heldWith(`PID|1|700001^^^NORTH^MR|||Ilves^Maarja||19560314|F`, "PID-3 holds no patient identifier")),
		named("name alone", heldWith(`PID|1||||Ilves^Maarja||19560314|F`, "PID-3 holds no patient identifier")),
		named("another name and another birth date", heldWith(`PID|1||700001^^^NORTH^MR||Tamm^Liis||19880101|F`, "possible wrong patient")),
		named("married since", filedWith(`PID|1||700001^^^NORTH^MR||Ilves-Kask^Maarja||19560314|F`)),
		named("birth date with a digit wrong", filedWith(`PID|1||700001^^^NORTH^MR||ILVES^MAARJA||19560315|F`)),
		named("birth date with a time", filedWith(`PID|1||700001^^^NORTH^MR||Other^Name||195603140310+0200|F`)),
		named("birth year alone", filedWith(`PID|1||700001^^^NORTH^MR||Other^Name||1956|F`)),
		named("no name and no birth date", heldWith(`PID|1||700001^^^NORTH^MR||||||`, "the identity cannot be confirmed")),
		named("leading zero is another number", heldWith(`PID|1||0700001^^^NORTH^MR||Ilves^Maarja||19560314|F`, "unknown patient")),
		named("name without accents", story{bare: true, send: raw(
			adt("A01", "A1", "20261122080000", `PID|1||5^^^NORTH^MR||Müller^Jörg||19700101|M`, visitOf("I", "4B", "V5")),
			oruFor(`PID|1||5^^^NORTH^MR||MULLER^JORG||19700101|M`)), want: `result 2823-3: 4.1`}),
		{name: "names of several kinds", bare: true, send: in(`PID|1||1^^^NORTH^MR||Okafor^Ada^N^III^Prof^PhD^L~Eze^Ada^^^^^M~Ada^^^^^^N||19800229|F`), want: `
			official: Okafor, Ada N [Prof/III PhD]
			maiden: Eze, Ada
			born 1980-02-29; female`},
		{name: "a Dutch name in parts", bare: true, send: in(`PID|1||1^^^NORTH^MR||de Vries-van der Berg&van der&Berg&de&Vries^Anna^B^^mevr.^^L||19800229|F`), want: `official: de Vries-van der Berg, Anna B [mevr./]`},
		{name: "a Japanese name three times", bare: true, send: in("PID|1||1^^^NORTH^MR||山田^太郎^^^^^L^I~ヤマダ^タロウ^^^^^L^P||19800229|M"), want: `
			official: 山田, 太郎
			official: ヤマダ, タロウ`},
		{name: "a newborn", bare: true, send: in(`PID|1||1^^^NORTH^MR||Ilves^Baby Girl||202611220412|F|||||||||||700001^^^NORTH^MR|||Y|2`), want: `
			official: Ilves, Baby Girl; born 2026-11-22; female
			!700001`},
		{name: "nobody knows who", bare: true, send: in(`PID|1||1^^^NORTH^MR||UNKNOWN^UNKNOWN||19000101|U`), want: `
			temporary
			unknown`},
		{name: "nobody knows who, as XXX", bare: true, send: in(`PID|1||1^^^NORTH^MR||XXX^XXX|||M`), want: `temporary`},
		{name: "nobody knows who, in Dutch", bare: true, send: in(`PID|1||1^^^NORTH^MR||Onbekend^Man|||M`), want: `temporary`},
		{name: "sex in lower case", bare: true, send: in(`PID|1||1^^^NORTH^MR||A^B||1980|f`), want: `female`},
		{name: "sex in a word", bare: true, send: in(`PID|1||1^^^NORTH^MR||A^B||1980|Female`), want: `; born 1980; female`},
		{name: "sex not in the table", bare: true, send: in(`PID|1||1^^^NORTH^MR||A^B||1980|X`), want: `; born 1980; unknown`},
		{name: "dead", bare: true, send: in(`PID|1||1^^^NORTH^MR||A^B||1980|F|||||||||||||||||||||202611220101|Y`), want: `died 2026-11-22T01:01:00+00:00`},
		{name: "dead, nobody knows when", bare: true, send: in(`PID|1||1^^^NORTH^MR||A^B||1980|F||||||||||||||||||||||Y`), want: `dead true`},
		{name: "birth date that is none", bare: true, send: in(`PID|1||1^^^NORTH^MR||A^B||19800230|F`), want: `
			; born ; female
			the time in PID-7 cannot be read`},
		{name: "an account number that two people share", bare: true, send: raw(
			adt("A01", "A1", "20261122080000", `PID|1||1^^^NORTH^MR~F77^^^NORTH^AN||Mother^Ann||19900101|F`, visitOf("I", "4B", "V1")),
			adt("A01", "A2", "20261122080100", `PID|1||2^^^NORTH^MR~F77^^^NORTH^AN||Mother^Baby||20261122|F`, visitOf("I", "4B", "V2"))), want: `
			official: Mother, Ann
			official: Mother, Baby`},
		{name: "an insurance number that two people share", bare: true, send: raw(
			adt("A01", "A1", "20261122080000", `PID|1||1^^^NORTH^MR~K77^^^AOK^SN||Mother^Ann||19900101|F`, visitOf("I", "4B", "V1")),
			adt("A01", "A2", "20261122080100", `PID|1||2^^^NORTH^MR~K77^^^AOK^SN||Mother^Baby||20261122|F`, visitOf("I", "4B", "V2"))), want: `
			official: Mother, Ann; born 1990-01-01
			!official: Mother, Baby
			row A2 quarantined: possible mix-up: one identifier is known, but the message has another hospital number`},
		{name: "an account number and nothing else", bare: true, send: in(`PID|1||F77^^^NORTH^AN||A^B||1980|F`), want: `patient NORTH|F77`},
		{name: "numbers of two people", bare: true, send: raw(
			adt("A01", "A1", "20261122080000", `PID|1||1^^^NORTH^MR||One^Ann||19900101|F`, visitOf("I", "4B", "V1")),
			adt("A01", "A2", "20261122080100", `PID|1||2^^^NORTH^MR||Two^Bea||19910101|F`, visitOf("I", "4B", "V2")),
			oruFor(`PID|1||1^^^NORTH^MR~2^^^NORTH^MR||One^Ann||19900101|F`)), want: `
			possible mix-up
			!result 2823-3`},
		{name: "two people in one message", send: raw(
			adt("A01", "A2", "20261122080100", `PID|1||2^^^NORTH^MR||Two^Bea||19910101|F`, visitOf("I", "5A", "V2")),
			lines(`MSH|^~\&|LAB|NORTH|WL|NORTH|20261122101000||ORU^R01|L1|P|2.5.1`, maarja, labVis, obrUE, kNM("4.1", "F"), `PID|2||2^^^NORTH^MR||Two^Bea||19910101|F`, strings.Replace(obrUE, "R41", "R55", 1), kNM("4.4", "F"))), want: `
			result 2823-3: 4.1
			result 2823-3: 4.4
			row L1 filed: ;`},
	})
}

// Stays and what moves them (HL7 v2 chapter 3; clinical.md 4.4).
func TestUnseenMovements(t *testing.T) {
	v := visitOf("I", "4B^B01^12^NORTH", "V1")
	to := func(place string) string { return visitOf("I", place, "V1") }
	at := func(event, id, hhmm string, segs ...string) []byte {
		return adt(event, id, "20261122"+hhmm+"00", segs...)
	}
	two := `PID|1||2^^^NORTH^MR||Two^Bea||19910101|F`
	unseen(t, []story{
		{name: "moved to a ward without a bed", send: raw(at("A02", "A2", "0900", maarja, to("5A"))), want: `stay V1: in-progress IMP ward 5A bed ;`},
		{name: "moved to a bed without a room", send: raw(at("A02", "A2", "0900", maarja, to("5A^^7"))), want: `stay V1: in-progress IMP ward 5A bed 7`},
		{name: "an older move comes late", send: raw(at("A02", "A3", "1000", maarja, to("6C^1^1")), at("A02", "A2", "0900", maarja, to("5A^1^1"))), want: `ward 6C bed 1`},
		{name: "move cancelled", send: raw(at("A02", "A2", "0900", maarja, to("5A^1^1")), at("A12", "A3", "0930", maarja, v)), want: `ward 4B bed 12`},
		{name: "discharged", send: raw(at("A03", "A2", "0900", maarja, v+"|20261122085500")), want: `stay V1: finished IMP ward 4B bed 12; 2026-11-20T08:00:00+00:00 to 2026-11-22T08:55:00+00:00`},
		{name: "discharge cancelled", send: raw(at("A03", "A2", "0900", maarja, v+"|20261122085500"), at("A13", "A3", "0930", maarja, v)), want: `stay V1: in-progress IMP ward 4B bed 12; 2026-11-20T08:00:00+00:00 to`},
		{name: "updated after the discharge", send: raw(at("A03", "A2", "0900", maarja, v), at("A08", "A3", "0930", maarja, v)), want: `stay V1: finished`},
		{name: "admission cancelled", send: raw(at("A11", "A2", "0900", maarja, v)), want: `stay V1: cancelled`},
		{name: "class changed", send: raw(at("A07", "A2", "0900", maarja, visitOf("O", "CLIN^^", "V1"))), want: `stay V1: in-progress AMB ward CLIN`},
		{name: "announced, then here", bare: true, send: raw(at("A05", "A1", "0700", maarja, visitOf("P", "4B", "V1")), at("A01", "A2", "0900", maarja, v)), want: `stay V1: in-progress IMP ward 4B bed 12`},
		{name: "announced", bare: true, send: raw(at("A05", "A1", "0700", maarja, visitOf("P", "4B", "V1"))), want: `stay V1: planned PRENC`},
		{name: "announcement cancelled", bare: true, send: raw(at("A05", "A1", "0700", maarja, visitOf("P", "4B", "V1")), at("A38", "A2", "0800", maarja, visitOf("P", "4B", "V1"))), want: `stay V1: cancelled`},
		{name: "an admission that is expected, and is not", bare: true, send: raw(at("A14", "A1", "0700", maarja, visitOf("P", "4B", "V1")), at("A27", "A2", "0800", maarja, visitOf("P", "4B", "V1"))), want: `stay V1: cancelled`},
		{name: "a move that is expected moves nobody", send: raw(at("A15", "A2", "0900", maarja, v)), want: `
			AA A2
			stay V1: in-progress IMP ward 4B bed 12`},
		{name: "a discharge that is expected ends nothing", send: raw(at("A16", "A2", "0900", maarja, v), at("A25", "A3", "0910", maarja, v)), want: `
			AA A2, AA A3
			stay V1: in-progress IMP ward 4B bed 12`},
		{name: "beds swapped", send: raw(
			at("A01", "A2", "0800", two, visitOf("I", "4B^B02^3^NORTH", "V2")),
			lines(`MSH|^~\&|PAS|NORTH|WL|NORTH|20261122090000||ADT^A17|A3|P|2.5.1`, `EVN|A17|20261122090000`, maarja, to("4B^B02^3^NORTH"), two, visitOf("I", "4B^B01^12^NORTH", "V2"))), want: `
			stay V1: in-progress IMP ward 4B bed 3
			stay V2: in-progress IMP ward 4B bed 12
			!warning`},
		{name: "on leave, and back", send: raw(at("A21", "A2", "0900", maarja, v)), want: `stay V1: onleave IMP ward 4B bed 12`},
		{name: "on leave, from another bed", send: raw(at("A21", "A2", "0900", maarja, to("5A^1^7"))), want: `stay V1: onleave IMP ward 5A bed 7`},
		{name: "back from leave, into another bed", send: raw(at("A21", "A2", "0900", maarja, v), at("A22", "A3", "1000", maarja, to("5A^1^7"))), want: `stay V1: in-progress IMP ward 5A bed 7`},
		{name: "back from leave", send: raw(at("A21", "A2", "0900", maarja, v), at("A22", "A3", "1000", maarja, v)), want: `stay V1: in-progress IMP ward 4B bed 12`},
		{name: "leave, told late", send: raw(at("A22", "A3", "1000", maarja, v), at("A21", "A2", "0900", maarja, v)), want: `stay V1: in-progress`},
		{name: "a person without a stay", bare: true, send: raw(at("A28", "A1", "0900", maarja, "PV1|1|N")), want: `
			official: Ilves, Maarja
			!stay`},
		{name: "a person updated", send: raw(at("A31", "A2", "0900", `PID|1||700001^^^NORTH^MR||Ilves^Maarja Liis||19560314|F`)), want: `
			official: Ilves, Maarja Liis
			ward 4B bed 12`},
		{name: "class in a word", bare: true, send: raw(at("A01", "A1", "0800", maarja, visitOf("Inpatient", "4B", "V1"))), want: `stay V1: in-progress IMP ward 4B`},
		{name: "an update with a discharge that is still to come", send: raw(at("A08", "A2", "0900", maarja, v+"|20261122160000")), want: `
			stay V1: in-progress IMP ward 4B bed 12; 2026-11-20T08:00:00+00:00 to
			notes PV1-45 lies in the future`},
		{name: "an update with a discharge that was", send: raw(at("A08", "A2", "0900", maarja, v+"|20261122083000")), want: `stay V1: finished`},
		{name: "doctors", send: raw(at("A08", "A2", "0900", maarja, `PV1|1|I|4B^B01^12||||D1^Osei^Hannah^^^Dr^^^NHS~D9^Roe^R|^Referrer|||||||||||V1^^^NORTH^VN|||||||||||||||||||||||||20261120080000`)), want: `
			ATND Dr Hannah Osei
			ATND R Roe
			REF Referrer`},
		{name: "merged, and a result for the old number", send: raw(
			at("A28", "A2", "0800", `PID|1||9^^^NORTH^MR||Ilves^M||19560314|F`),
			at("A40", "A3", "0900", maarja, `MRG|9^^^NORTH^MR`),
			oruFor(`PID|1||9^^^NORTH^MR||Ilves^M||19560314|F`)), want: `
			retired
			result 2823-3: 4.1`},
		{name: "merged by the elder event", send: raw(
			at("A28", "A2", "0800", `PID|1||9^^^NORTH^MR||Ilves^M||19560314|F`),
			at("A34", "A3", "0900", maarja, `MRG|9^^^NORTH^MR`)), want: `retired`},
		{name: "merged without MRG", send: raw(at("A40", "A3", "0900", maarja)), want: `the merge does not say which record is retired`},
		{name: "a moved visit without a number", send: raw(at("A02", "A2", "0900", maarja, `PV1|1|I|5A^1^1`)), want: `names neither the visit (PV1-19) nor its admission time`},
	})
}

// Allergies (HL7 v2 chapters 3 and 3.4.7; clinical.md 4.5).
func TestUnseenAllergies(t *testing.T) {
	with := func(segs ...string) [][]byte {
		return raw(adt("A08", "A2", "20261122090000", append([]string{maarja, onWard}, segs...)...))
	}
	a60 := func(id, at string, segs ...string) []byte {
		return adt("A60", id, at, append([]string{maarja}, segs...)...)
	}
	unseen(t, []story{
		{name: "AL1", send: with(`AL1|1|DA^Drug^HL70127|^Penicillin|SV^Severe^HL70128|Shock~Rash|2010`), want: `allergy Penicillin: medication high active; Shock severe; Rash severe`},
		{name: "none known", send: with(`AL1|1|MA|^No Known Allergies`), want: `NONE KNOWN`},
		{name: "no drug allergies says less", send: with(`AL1|1|DA|NKDA^No known drug allergies`), want: `
			allergy No known drug allergies
			!NONE KNOWN`},
		{name: "a kind in a word", send: with(`AL1|1|Drug|^Penicillin|SV|Shock`), want: `allergy Penicillin: medication high`},
		{name: "a severity in words", send: with(`AL1|1|DA|^Penicillin|Severe|Shock`), want: `allergy Penicillin: medication high active; Shock severe`},
		{name: "a severity of this house", send: with(`AL1|1|DA|^Penicillin|H4^grade 4^L|Shock`), want: `note Severity as sent: H4`},
		{name: "a weight in an admission", send: with(`OBX|1|NM|3141-9^Weight^LN||70|kg|||||F`), want: `notes what stands in OBX of an admission message was kept with the message only`},
		{name: "IAM adds", send: raw(a60("A2", "20261122090000", `IAM|1|DA|PEN^Penicillin^L|SV|Anaphylaxis|A|ALG1^NORTH||AL||20100101||20261120`)), want: `
			AA A2
			allergy Penicillin: medication high active; Anaphylaxis severe`},
		{name: "IAM deletes", send: raw(a60("A2", "20261122090000", `IAM|1|DA|PEN^Penicillin^L|SV|Anaphylaxis|A|ALG1^NORTH`), a60("A3", "20261122093000", `IAM|1|DA|PEN^Penicillin^L|SV|Anaphylaxis|D|ALG1^NORTH`)), want: `entered-in-error`},
		{name: "IAM in another message", send: with(`IAM|1|FA|^Peanut|MO|Hives|A`), want: `allergy Peanut: food  active; Hives moderate`},
		{name: "IAM inactive", send: raw(a60("A2", "20261122090000", `IAM|1|DA|PEN^Penicillin^L|MI|Rash|U|ALG1^NORTH||||||||||I^Inactive^HL70438`)), want: `allergy Penicillin: medication  confirmed inactive; Rash mild`},
		{name: "an empty AL1 says nothing", send: with(`AL1|1||""`), want: `!allergy`},
	})
}

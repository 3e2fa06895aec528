package mllpd_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// How a message is written: delimiters, line ends, segments, character sets (clinical.md 4.1, 4.2).
func TestUnseenForms(t *testing.T) {
	good := string(lab("L1", obrUE, kNM("4.1", "F"), `NTE|1|L|Sample clotted`))
	as := func(f func(string) string) [][]byte { return raw([]byte(f(good))) }
	replace := func(pairs ...string) [][]byte { return as(strings.NewReplacer(pairs...).Replace) }
	const filed = `
		answers: AA L1
		result 2823-3: 4.1 mmol/L {mmol/L}; final; at 2026-11-22T09:00:00+00:00; range 3.5-5.3 low 3.5 high 5.3; note Sample clotted`
	cs := func(name string, enc interface {
		Bytes([]byte) ([]byte, error)
	}, family, given string,
	) []byte {
		m := `MSH|^~\&|PAS|NORTH|WL|NORTH|20261122080000||ADT^A01|A1|P|2.5.1||||||` + name + "\rEVN|A01|20261122080000\rPID|1||1^^^NORTH^MR||" + family + "^" + given + "||19800101|F\r" + visitOf("I", "4B", "V1") + "\r"
		if enc == nil {
			return []byte(m)
		}
		b, err := enc.Bytes([]byte(m))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	unseen(t, []story{
		{name: "LF", send: replace("\r", "\n"), want: filed},
		{name: "CRLF", send: replace("\r", "\r\n"), want: filed},
		{name: "byte order mark", send: as(func(s string) string { return "\xEF\xBB\xBF" + s }), want: filed},
		{name: "without a last end", send: as(func(s string) string { return strings.TrimSuffix(s, "\r") }), want: filed},
		{name: "blank lines between", send: replace("\rOBX", "\r\rOBX"), want: filed},
		{name: "trailing blanks", send: replace("\r", "   \r"), want: filed},
		{name: "trailing separators", send: replace("\r", "||||\r"), want: filed},
		{name: "other delimiters", send: replace("|", "!", "^", "*", "~", "%", `\&`, `?@`), want: filed},
		{name: "truncation character", send: replace(`|^~\&|`, `|^~\&#|`, "|2.5.1", "|2.7"), want: filed},
		{name: "a local segment between", send: replace("\rOBX", "\rZBX|1|a\rOBX"), want: filed},
		{name: "a segment indented", send: replace("\rOBX", "\r  OBX"), want: filed},
		{name: "no PV1", send: replace(labVis+"\r", ""), want: filed},
		{name: "no PID", send: replace(maarja+"\r", ""), want: `
			the message has no PID segment
			!result 2823-3`},
		{name: "no OBR", send: replace(obrUE+"\r", ""), want: `result 2823-3: 4.1 mmol/L {mmol/L}; final; at ; `},
		{name: "results before their patient", send: raw(lines(`MSH|^~\&|LAB|NORTH|WL|NORTH|20261122101000||ORU^R01|L1|P|2.5.1`, obrUE, kNM("4.1", "F"), maarja)), want: `!result 2823-3`},
		{name: "ORC behind its OBR", send: replace("\rOBX", "\rORC|RE|P7|R41^LAB\rOBX"), want: filed},
		{name: "a line break in words", send: raw(lab("L1", obrUE, "OBX|1|TX|GS^Gram^L||first line\rsecond line of it||||||F")), want: `
			a line of the message (line 6) is no segment
			warning requested`},
		{name: "a line feed in words", send: raw(lab("L1", obrUE, "OBX|1|TX|GS^Gram^L||first line\nsecond line of it||||||F")), want: `result GS: 'first line/second line of it'; final`},
		{name: "segment names in lower case", send: replace("\rOBX", "\robx"), want: `
			is no segment
			!result 2823-3`},
		{name: "cut off inside a number", send: as(func(s string) string { return s[:strings.Index(s, "4.1|")+1] }), want: `
			cut off
			!result 2823-3`},
		{name: "long words", send: raw(lab("L1", obrUE, "OBX|1|TX|GS^Gram^L||"+strings.Repeat("word ", 20000)+"end||||||F")), want: `word end'; final`},
		{name: "UTF-8 declared", bare: true, send: raw(cs("UNICODE UTF-8", nil, "Ñuñez", "Łucja")), want: `Ñuñez, Łucja`},
		{name: "UTF-8 not declared", bare: true, send: raw(cs("", nil, "Ñuñez", "Łucja")), want: `Ñuñez, Łucja`},
		{name: "UTF-8 as it is also written", bare: true, send: raw(cs("utf-8", nil, "Ñuñez", "Łucja")), want: `Ñuñez, Łucja`},
		{name: "8859/1", bare: true, send: raw(cs("8859/1", charmap.ISO8859_1.NewEncoder(), "Müller", "Élodie")), want: `Müller, Élodie`},
		{name: "8859/15", bare: true, send: raw(cs("8859/15", charmap.ISO8859_15.NewEncoder(), "Šœ€", "Ž")), want: `Šœ€, Ž`},
		{name: "8859/2", bare: true, send: raw(cs("8859/2", charmap.ISO8859_2.NewEncoder(), "Dvořák", "Jiří")), want: `Dvořák, Jiří`},
		{name: "Windows-1252 not declared", bare: true, send: raw(cs("", charmap.Windows1252.NewEncoder(), "O’Neill", "Zoë")), want: `O’Neill, Zoë`},
		{name: "Windows-1252 called ANSI", bare: true, send: raw(cs("ANSI", charmap.Windows1252.NewEncoder(), "O’Neill", "Zoë")), want: `the message is written in a character set that cannot be read here`},
		{name: "IBM 850", bare: true, send: raw(cs("IBM850", charmap.CodePage850.NewEncoder(), "Müller", "Élodie")), want: `Müller, Élodie`},
		{name: "cut short by its sender", send: raw([]byte(strings.NewReplacer(`|^~\&|`, `|^~\&#|`, "|2.5.1", "|2.7").Replace(string(lab("L1", obrUE, `OBX|1|TX|GS^Gram^L||the first words of#||||||F`))))), want: `
			result GS: 'the first words of#'
			cut-short-by-the-sender`},
		{name: "ISO IR87", bare: true, send: raw(cs("~ISO IR87", japanese.ISO2022JP.NewEncoder(), "山田", "太郎")), want: `山田, 太郎`},
		{name: "GB 18030", bare: true, send: raw(cs("GB 18030-2000", simplifiedchinese.GB18030.NewEncoder(), "张", "伟")), want: `张, 伟`},
		{name: "declared UTF-8 and is not", bare: true, send: raw(cs("UNICODE UTF-8", charmap.ISO8859_1.NewEncoder(), "Müller", "Élodie")), want: `
			its bytes do not fit the character set that it names in MSH-18
			!patient`},
		{name: "UTF-8 called 8859/1", bare: true, send: raw(cs("8859/1", nil, "Müller", "Élodie")), want: `
			Müller, Élodie
			notes the text does not look like the character set`},
		{name: "UTF-8 called 8859/1 in a unit alone", send: raw([]byte(strings.Replace(string(lab("L1", obrUE, `OBX|1|NM|14682-9^Kreatinin^LN||400|µmol/l|||||F`)), "|2.5.1", "|2.5.1||||||8859/15", 1))), want: `
			result 14682-9: 400 µmol/l {umol/L}
			CRITICAL`},
		{name: "8859/1 with one letter", bare: true, send: raw(cs("8859/1", charmap.ISO8859_1.NewEncoder(), "Åberg", "Ann")), want: `Åberg, Ann`},
		{name: "several charsets named, the first holds", bare: true, send: raw(cs("UNICODE UTF-8~8859/1", nil, "Müller", "Élodie")), want: `Müller, Élodie`},
	})
}

// Which messages are taken, and how each is answered (HL7 v2 chapter 2.9; clinical.md 4.1, 4.4).
func TestUnseenAnswers(t *testing.T) {
	as := func(pairs ...string) [][]byte {
		return raw([]byte(strings.NewReplacer(pairs...).Replace(string(lab("L1", obrUE, kNM("4.1", "F"))))))
	}
	kind := func(k string) [][]byte { return as("ORU^R01^ORU_R01", k) }
	var list []story
	for _, k := range []string{"ORM^O01", "OML^O21^OML_O21", "ORR^O02", "OUL^R21", "OUL^R22^OUL_R22", "OUL^R24", "MDM^T02^MDM_T02", "VXU^V04", "QRY^A19", "BAR^P01", "DFT^P03", "SIU^S12", "ORF^R04"} {
		list = append(list, story{name: k, send: kind(k), want: "answers: AR L1 200 (\n; \n!result 2823-3"})
	}
	for _, k := range []string{"ORU^R40", "ADT^A24", "ADT^A41", "ADT^A45", "ADT^A99"} {
		list = append(list, story{name: k, send: kind(k), want: "answers: AR L1 201 (\n; \n!result 2823-3"})
	}
	for _, k := range []string{"ORU^R30^ORU_R30", "ORU^R31^ORU_R30", "ORU^R32^ORU_R30", "ORU^R01"} {
		list = append(list, story{name: k, send: kind(k), want: "answers: AA L1\nresult 2823-3: 4.1"})
	}
	list = append(list,
		story{name: "version 2.1 names no event", send: as("ORU^R01^ORU_R01", "ORU", "|2.5.1", "|2.1"), want: "answers: AA L1\nresult 2823-3: 4.1"},
		story{name: "an admission whose event stands in EVN alone", bare: true, send: raw([]byte(strings.Replace(string(admit()), "ADT^A01", "ADT", 1))), want: "answers: AA ADM1\nstay V1: in-progress"},
		story{name: "an answer to our answer is not answered", send: raw(lines(`MSH|^~\&|LAB|NORTH|WL|NORTH|20261122101000||ACK^R01|X1|P|2.5.1`, `MSA|AA|ABCDEFGHIJKLMNOPQ234`)), want: "answers: none"},
		story{name: "an answer to what was never asked is refused like anything that is not taken", send: raw(lines(`MSH|^~\&|LAB|NORTH|WL|NORTH|20261122101000||ACK^R01|X1|P|2.5.1`, `MSA|AA|W17`)), want: "answers: AR X1"},
		story{name: "no control id", send: as("|L1|", "||"), want: "AR  101 (the message control id is empty"},
		story{name: "no processing id", send: as("|P|2.5.1", "||2.5.1"), want: "AR L1 101"},
		story{name: "processing id with its mode", send: as("|P|2.5.1", "|P^T|2.5.1"), want: "answers: AA L1"},
		story{name: "an unknown version", send: as("|2.5.1", "|3.0"), want: "AR L1 203"},
		story{name: "a version with its country", send: as("|2.5.1", "|2.4^AUS&&ISO3166_1^1.0"), want: "answers: AA L1"},
		story{name: "no version", send: as("|2.5.1", "|"), want: "AR L1 101"},
		story{name: "commit always", send: as("|2.5.1", "|2.5.1|||AL|NE"), want: "answers: CA L1"},
		story{name: "application always", send: as("|2.5.1", "|2.5.1|||NE|AL"), want: "answers: AA L1"},
		story{name: "on error only, and there is none", send: as("|2.5.1", "|2.5.1|||ER|NE"), want: "answers: CA L1"},
		story{name: "on error only, and there is one", send: as("|2.5.1", "|9.9|||ER|NE"), want: "answers: CR L1 203"},
		story{name: "on success", send: as("|2.5.1", "|2.5.1|||SU|NE"), want: "answers: CA L1"},
		story{name: "delimiters that cannot be", send: as(`|^~\&|`, `|^~~&|`), want: "AR\n!result 2823-3"},
		story{name: "no header", send: raw([]byte("PID|1||700001\r")), want: "answers: none"},
		story{name: "a time zone in MSH-7 orders", send: raw(
			lines(`MSH|^~\&|LAB|NORTH|WL|NORTH|20261122103000+0000||ORU^R01|L2|P|2.3`, maarja, labVis, `OBR|1||R41|UE^U^L|||202611220900||||||||||||||||||F`, kNM("4.3", "F")),
			lines(`MSH|^~\&|LAB|NORTH|WL|NORTH|20261122113000+0200||ORU^R01|L1|P|2.3`, maarja, labVis, `OBR|1||R41|UE^U^L|||202611220900||||||||||||||||||F`, kNM("7.1", "F"))), want: `result 2823-3: 4.3 mmol/L`},
	)
	unseen(t, list)
}

// Over the socket: several messages in one frame, batches, noise between frames.
func TestUnseenFrames(t *testing.T) {
	a, b := string(admit()), string(lab("L1", obrUE, kNM("4.1", "F")))
	for _, c := range []struct{ name, wire, want string }{
		{"two frames in one packet", "\x0b" + a + "\x1c\r\x0b" + b + "\x1c\r", "ADM1 L1"},
		{"noise between", "\r\n\x0b" + a + "\x1c\r\n\n  junk\x0b" + b + "\x1c\r", "ADM1 L1"},
		{"two messages in one frame", "\x0b" + a + b + "\x1c\r", "ADM1 L1"},
		{"a batch", "\x0bFHS|^~\\&|LAB\rBHS|^~\\&|LAB\r" + a + b + "BTS|2\rFTS|1\r\x1c\r", "ADM1 L1"},
		{"without the CR behind", "\x0b" + a + "\x1c\x0b" + b + "\x1c\r", "ADM1 L1"},
		{"LF behind", "\x0b" + a + "\x1c\n\x0b" + b + "\x1c\n", "ADM1 L1"},
		{"nothing behind the last", "\x0b" + a + "\x1c\x0b" + b + "\x1c", "ADM1 L1"},
		{"begun anew", "\x0b" + a[:40] + "\x0b" + a + "\x1c\r\x0b" + b + "\x1c\r", "ADM1 L1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := open(t, nil)
			l := d.dial()
			l.write([]byte(c.wire))
			var got []string
			for range 2 {
				m := l.answer()
				if m == nil {
					break
				}
				got = append(got, m.Get("MSA-2").Text())
			}
			if strings.Join(got, " ") != c.want || !strings.Contains(d.told(), "result 2823-3: 4.1 mmol/L") {
				t.Errorf("answers %v\n%s", got, d.told())
			}
		})
	}
	// An answer to us ends nothing: no answer, and the line stays open.
	d := open(t, nil)
	l := d.dial()
	l.write(frame(lines(`MSH|^~\&|LAB|NORTH|WL|NORTH|20261122101000||ACK^R01|X1|P|2.5.1`, `MSA|AA|ABCDEFGHIJKLMNOPQ234`)))
	if m := l.send(admit()); m == nil || m.Get("MSA-2").Text() != "ADM1" {
		t.Error("an answer to us was answered, or ended the line")
	}
}

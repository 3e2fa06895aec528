package v2tofhir

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"wardlight/internal/clinical/record"
)

// FuzzTranslate: whatever comes, there is no panic, one row, and the same
// filing for the same bytes. The inner function is called, so that Translate's
// last defence hides nothing.
func FuzzTranslate(f *testing.F) {
	f.Add(oru("OBX|1|NM|2823-3^K^LN||7.1|mmol/L|3.5-5.3|HH|||F", "NTE|1||x", "SPM|1|^S||BLD"))
	f.Add(oru("OBX|1|SN|a||>^1^:^2||||||U", "OBX|2|TX|a||b~c||||||f"))
	f.Add(adt("A01", "EVN|A01|20261121081000", pidLine, visitLine, "AL1|1|DA|^Penicillin|SV|Shock~Hives"))
	f.Add(adt("A08", `PID|1|2|""^^^&1.2&ISO~1^^^NHS^NH|4|""|~|""|""|^^^^^^M|||""|""|||""|||||||||Y|3||||20260101|Y|Y`))
	f.Add(lines("MSH#:*\\@#LAB#N#W#N#20261122##ORU:R32#7#T#2.3", "PID###W1:::N", "OBR####x", "OBX##NM###1*2"))
	f.Add([]byte("\x0bMSH|^~\\&|"))
	f.Add([]byte("MSH"))
	f.Add([]byte{})
	files, err := filepath.Glob("testdata/corpus/*.hl7")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 1<<16 {
			return
		}
		r := read(raw, opts())
		checkFiling(t, "fuzz", raw, r.Filing)
		again := read(bytes.Clone(raw), opts())
		a, errA := record.Encode(r.Filing)
		b, errB := record.Encode(again.Filing)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("the same bytes, two filings (%v, %v)", errA, errB)
		}
	})
}

package hl7_test

import (
	"testing"

	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
)

func TestABuiltMessage(t *testing.T) {
	b := hl7.NewBuilder()
	b.Add("MSH").Set(3, "LAB").Set(9, "ADT", "A01").Set(10, "1").SetRaw(1, "!").Set(2, "!")
	b.Add("PID").Set(5, "O'Neil & Sons", "Ann|e").Set(3, "7", "", "", "HOSP", "MR", "").AddRep(3, "8").
		SetNull(13).Set(8, `""`).Set(0, "x").Set(100000, "x").SetRaw(7, "1944\r\n1223").SetComps(11, []string{"a", "b&"}, []string{""})
	want := `MSH|^~\&|LAB||||||ADT^A01|1` + "\r" +
		`PID|||7^^^HOSP^MR~8||O'Neil \T\ Sons^Ann\F\e||19441223|\X22\\X22\|||a&b\T\||""` + "\r"
	if b.String() != want {
		t.Errorf("built\n%q, want\n%q", b.String(), want)
	}
	m := parse(t, b.Bytes())
	if m.Get("PID-13").Presence() != hl7.Null || m.Get("PID-8").Presence() != hl7.Present || m.Get("PID-8").Text() != `""` {
		t.Error("a text that looks like a null became one")
	}
}

func TestABuilderWithOtherDelimiters(t *testing.T) {
	b, err := hl7.NewBuilderWith(hl7.Delimiters{Field: '#', Component: ':', Repetition: '*', Escape: '\\', Subcomponent: '@'})
	if err != nil {
		t.Fatal(err)
	}
	b.Add("MSH").Set(3, "A:B#", "C|D")
	if got := b.String(); got != `MSH#:*\@#A\S\B\F\:C|D`+"\r" {
		t.Errorf("built %q", got)
	}
	for _, d := range []hl7.Delimiters{{}, {Field: '|', Component: '^', Repetition: '~'}, {Field: '|', Component: '|', Repetition: '~', Escape: '\\', Subcomponent: '&'}} {
		if _, err := hl7.NewBuilderWith(d); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", d, err)
		}
	}
}

package main

import (
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"
)

// What a camera sees in the terminal is the code, module by module, with its margin.
func TestTheQRCodeInTheTerminalIsTheCode(t *testing.T) {
	s := secondFactor{Secret: "JBSWY3DPEHPK3PXP", URI: "otpauth://totp/Wardlight:a.admin?secret=JBSWY3DPEHPK3PXP&issuer=Wardlight", Recovery: []string{"AAAA-BBBB-CCCC-DDDD"}}
	var b strings.Builder
	if err := s.show(&b, "a.admin"); err != nil {
		t.Fatal(err)
	}
	code, err := qr.Encode(s.URI, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	size := code.Bounds().Dx()
	var dark [][]bool // as drawn: what is light is a block
	for line := range strings.SplitSeq(b.String(), "\n") {
		if !strings.HasPrefix(line, "██") {
			continue
		}
		var upper, lower []bool
		for _, r := range line {
			upper, lower = append(upper, r == ' ' || r == '▄'), append(lower, r == ' ' || r == '▀')
		}
		dark = append(dark, upper, lower)
	}
	if len(dark) < size+2*margin || len(dark[0]) != size+2*margin {
		t.Fatalf("%d lines of %d, the code has %d", len(dark), len(dark[0]), size)
	}
	for y := range dark {
		for x := range dark[y] {
			want := false
			if x >= margin && y >= margin && x < size+margin && y < size+margin {
				r, _, _, _ := code.At(x-margin, y-margin).RGBA()
				want = r == 0
			}
			if dark[y][x] != want {
				t.Fatalf("module %d,%d is drawn %v", x-margin, y-margin, dark[y][x])
			}
		}
	}
	if !strings.Contains(b.String(), s.Recovery[0]) || !strings.Contains(b.String(), s.Secret) {
		t.Error("the secret or the recovery codes are missing")
	}
}

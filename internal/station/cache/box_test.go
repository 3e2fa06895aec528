package cache

import (
	"bytes"
	"strings"
	"testing"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

const result = `{"code":{"coding":[{"code":"2823-3","display":"Potassium","system":"http://loinc.org"}]},"id":"k1","resourceType":"Observation","status":"final","valueQuantity":{"code":"mmol/L","value":6.80}}`

func TestValuesComeBackWhateverTheirSize(t *testing.T) {
	b := newBox(keys.NewKey())
	for name, plain := range map[string][]byte{
		"nothing": nil, "short": []byte("p1"), "a result": []byte(result),
		"a long note": []byte(strings.Repeat("Sat out for breakfast. ", 20_000)), "noise": bytes.Repeat([]byte{3, 141, 59, 26}, 2)[:7],
	} {
		raw := b.put([]byte("c/p1/Observation/k1"), 7, plain)
		v, got, err := b.open([]byte("c/p1/Observation/k1"), raw)
		if err != nil || v != 7 || !bytes.Equal(got, plain) {
			t.Errorf("%s: version %d, %d bytes, %v", name, v, len(got), err)
		}
	}
}

func TestAResultIsKeptSmall(t *testing.T) {
	b := newBox(keys.NewKey())
	raw := b.put([]byte("c/p1/Observation/k1"), 7, []byte(result))
	if len(raw) > len(result)*3/4 {
		t.Errorf("%d bytes are kept of %d", len(raw), len(result))
	}
	// Whether a value is small is bound like its version, and no flipped bit
	// makes damage look like something that a newer program wrote.
	for i := range raw {
		flipped := bytes.Clone(raw)
		flipped[i] ^= 0x80
		if _, _, err := b.open([]byte("c/p1/Observation/k1"), flipped); !fault.Is(err, fault.Corrupt) {
			t.Errorf("byte %d flipped: %v, want corrupt", i, err)
		}
	}
}

package fhir_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
)

// plainly is Canonical as it was first written, over encoding/json's tokens:
// slower, and plain. The two must agree for ever, since hashes and signatures
// stand on the canonical form.
func plainly(b []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var out bytes.Buffer
	if err := plainValue(dec, &out, 0); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("data after the end")
	}
	return out.Bytes(), nil
}

func plainValue(dec *json.Decoder, out *bytes.Buffer, depth int) error {
	if depth > 64 {
		return fmt.Errorf("too deep")
	}
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	switch t := tok.(type) {
	case json.Delim:
		if t == '{' {
			return plainObject(dec, out, depth)
		}
		return plainArray(dec, out, depth)
	case json.Number:
		out.WriteString(t.String())
	default:
		return plainScalar(t, out)
	}
	return nil
}

func plainScalar(v any, out *bytes.Buffer) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1)
	return nil
}

func plainArray(dec *json.Decoder, out *bytes.Buffer, depth int) error {
	out.WriteByte('[')
	for first := true; dec.More(); first = false {
		if !first {
			out.WriteByte(',')
		}
		if err := plainValue(dec, out, depth+1); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	out.WriteByte(']')
	return err
}

func plainObject(dec *json.Decoder, out *bytes.Buffer, depth int) error {
	members := map[string][]byte{}
	var names []string
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return err
		}
		name, ok := tok.(string)
		if _, dup := members[name]; !ok || dup {
			return fmt.Errorf("no name, or one twice")
		}
		var v bytes.Buffer
		if err := plainValue(dec, &v, depth+1); err != nil {
			return err
		}
		members[name] = v.Bytes()
		names = append(names, name)
	}
	if _, err := dec.Token(); err != nil {
		return err
	}
	sort.Strings(names)
	out.WriteByte('{')
	for i, name := range names {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := plainScalar(name, out); err != nil {
			return err
		}
		out.WriteByte(':')
		out.Write(members[name])
	}
	out.WriteByte('}')
	return nil
}

var awkward = []string{
	`{}`, `[]`, ` [ ] `, `{"b":1.10,"a":[null,true,"\u00e9"]}`, `[1e5,-0,0.0]`, `"x"`, ` 7 `, `{"a":{"a":{}}}`, "{\"a\":\"\\ud800\"}",
	`{"b":{"d":1,"c":[{"z":0,"y":1}]},"a":2}`, `{"\u0061":1,"b":2}`, `{"\u0061":1,"a":2}`, `{"é":1,"e":2,"\u00e9":3}`,
	`{"a\"b":1,"a":2}`, "{\"a\":\"\u2028<>&\\/\"}", `["\b\f\n\r\t\u0000\u001f"]`, "[\"\xff\"]", `{"a":1,}`, `[1 2]`, `{"a" 1}`, `1 1`, ``, `nul`,
	"\t{ \"b\" :\n1 , \"a\":\r[ 1 , 2 ]} ", `{"x":` + strings.Repeat(`[`, 63) + strings.Repeat(`]`, 63) + `}`, strings.Repeat(`[`, 70) + strings.Repeat(`]`, 70),
	"[\"\x7f\"]", `{"":1,"a":2}`, `{"b":1,"a":{"b":"\\","a":"\\\\"}}`,
}

func TestCanonicalIsWhatItAlwaysWas(t *testing.T) {
	for _, s := range awkward {
		agree(t, []byte(s))
	}
}

func agree(t *testing.T, b []byte) {
	t.Helper()
	want, refused := plainly(b)
	got, err := fhir.Canonical(b)
	switch {
	case (err != nil) != (refused != nil):
		t.Fatalf("%q: %v, was %v", b, err, refused)
	case !bytes.Equal(got, want):
		t.Fatalf("%q gives %q, was %q", b, got, want)
	}
}

// FuzzCanonicalAgrees holds the quick form against the plain one.
func FuzzCanonicalAgrees(f *testing.F) {
	for _, s := range awkward {
		f.Add([]byte(s))
	}
	f.Fuzz(agree)
}

func BenchmarkCanonical(b *testing.B) {
	body := []byte(`{"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2823-3","display":"Potassium"}]},"subject":{"reference":"Patient/p1"},"valueQuantity":{"value":4.10,"unit":"mmol/L"},"note":[{"text":"hémolysé"}]}`)
	b.Run("quick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = fhir.Canonical(body)
		}
	})
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = plainly(body)
		}
	})
}

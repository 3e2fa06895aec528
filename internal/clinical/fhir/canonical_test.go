package fhir_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
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
	`-`, `-1`, `01`, `1.`, `.5`, `1e`, `1E+`, `1e-05`, `[-0.10e+2]`, `{"a":1,"a":2}`, `{"a":1,"b":2,"a":3}`, `[1,]`, `[,1]`, `{,}`, `{"a":}`, `tru`, `[true,false,null]`, `truefalse`,
	"[\"\ufffd\"]", "[\"\u2028\"]", `{"a":"Müller <x> & y"}`, `{"A":1,"a":2,"é":3}`, `"`, `"\"`, "\"\n\"", `{"a":{"b":[{"c":{"d":[]}}]}}`, `{"a"`, `[`, `{`,
	`{"x":` + strings.Repeat(`[`, 64) + strings.Repeat(`]`, 64) + `}`,
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
	case err == nil:
		parts(t, b, want)
	}
}

// parts holds what Parse and Resource make of b against encoding/json.
func parts(t *testing.T, b, canon []byte) {
	t.Helper()
	var want fhir.Object
	none := json.Unmarshal(canon, &want) != nil || want == nil
	got, err := fhir.Parse(b)
	if (err != nil) != none || !none && !reflect.DeepEqual(got, want) {
		t.Fatalf("%q is taken apart as %q (%v), want %q", b, got, err, want)
	}
	if none {
		return
	}
	if whole, err := got.Resource(); err != nil || !bytes.Equal(whole, canon) {
		t.Fatalf("%q is put together as %q (%v), want %q", b, whole, err, canon)
	}
	if fhir.Resource(b).Hash() != sha256.Sum256(canon) {
		t.Fatalf("the hash of %q is not that of its canonical form", b)
	}
}

// headed is a view of few elements.
type headed struct {
	Status string          `json:"status"`
	A      json.RawMessage `json:"a"`
	K      any             `json:"k"`
}

// A part is read as the whole is, whatever the whole looks like.
func TestAPartSaysWhatTheWholeSays(t *testing.T) {
	for _, s := range append([]string{
		`{"a":{"b":1},"status":"final","x":[1,2]}`, `{"Status":"x","status":"final"}`, `{"Status":"x"}`, `{"STATUS":1,"a":2}`, `{"status":7}`, `{"status":null,"a":null}`, "{\"\u212a\":1}", // the sign of the Kelvin is a k
		`{"x":{"status":"inner"}}`, `{"status":"final","ſtatus":"x"}`, `{"a":1}{"a":2}`, `{"b":1,"a":2}`, `null`, `{"k":[{"d":1}],"status":""}`,
	}, awkward...) {
		want, refused := fhir.View[headed](fhir.Resource(s))
		got, err := fhir.ViewOf[headed](fhir.Resource(s), "status", "a", "k")
		if (err != nil) != (refused != nil) || err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("of %q a part says %+v (%v), the whole %+v (%v)", s, got, err, want, refused)
		}
	}
}

// An object's elements are put together one by one: none reaches into the next,
// whatever it or its name looks like.
func TestAnElementStaysWhatItIs(t *testing.T) {
	deep := json.RawMessage(strings.Repeat(`[`, 64) + strings.Repeat(`]`, 64))
	for _, o := range []fhir.Object{
		nil,
		{},
		{"a": nil},
		{`a":1,"b`: json.RawMessage(`2`)},
		{"a": json.RawMessage(`1,"b":2`)},
		{"a": json.RawMessage(` 1`)},
		{"a": json.RawMessage(`1 2`)},
		{"a\\": json.RawMessage(`"x"`)},
		{"b": json.RawMessage(`"<"`), "a": json.RawMessage(`{"d":1,"c":2}`)},
		{"é": json.RawMessage(`1`)},
		{"\xff": json.RawMessage(`1`)},
		{"a": json.RawMessage(`{"x":1,"x":2}`)},
		{"": json.RawMessage(`null`)},
		{"a": json.RawMessage(``)},
		{"a": deep},
		{"a": deep[1:64]},
		{"a": deep[1:127]},
	} {
		var want []byte
		b, refused := json.Marshal(map[string]json.RawMessage(o))
		if refused == nil {
			want, refused = plainly(b)
		}
		got, err := o.Resource()
		if (err != nil) != (refused != nil) || !bytes.Equal(got, want) {
			t.Errorf("%q is put together as %q (%v), want %q (%v)", o, got, err, want, refused)
		}
	}
}

// Neither what Canonical gives nor what Parse gives lies in the bytes that it was
// given: whoever gave them may go on with them.
func TestWhatIsMadeIsOfItsOwn(t *testing.T) {
	b := []byte(`{"a":[1],"b":"x"}`)
	c, errC := fhir.Canonical(b)
	o, errO := fhir.Parse(b)
	if errC != nil || errO != nil {
		t.Fatal(errC, errO)
	}
	copy(b, `{"z":[9],"y":"w"}`)
	if string(c) != `{"a":[1],"b":"x"}` || string(o["a"]) != "[1]" || string(o["b"]) != `"x"` {
		t.Errorf("%q, %q", c, o)
	}
	if grown := append(o["a"], ",2"...); string(o["b"]) != `"x"` {
		t.Errorf("an element that grew to %q reached into the next: %q", grown, o["b"])
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
	b.Run("stands", func(b *testing.B) {
		b.ReportAllocs()
		canon, err := fhir.Canonical(body)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			_, _ = fhir.Canonical(canon)
		}
	})
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = plainly(body)
		}
	})
}

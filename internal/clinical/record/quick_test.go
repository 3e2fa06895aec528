package record

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
)

func byDecoder(b []byte) (c Change, err error) { return c, decMode.Unmarshal(b, &c) }

func wholeChange() Change {
	return Change{
		Ref: fhir.Ref{Type: fhir.TypeObservation, ID: "k1"}, Version: 1 << 40, Patient: "p1", Wards: []Ward{"4B", "5A"}, History: true,
		Body:   fhir.Resource(strings.Repeat(`{"id":"k1","valueQuantity":{"value":6.80}}`, 20)),
		Author: Author{User: "grace", Name: "Grace Mensah, nurse", Role: "nurse", Station: "s1", Sender: "LAB|BENCH", Place: "4B-02"}, Mutation: "s-1",
		Clock:  HLC{Wall: -7, Counter: 1 << 31},
		Times:  Times{Clinical: "2026-11-29", Station: 1795312800000, Offset: -3 * time.Second, Measured: true, Central: -1 << 63},
		Stamps: &Stamps{StatusChanged: 1, Analysed: -300, Message: 70000}, Tags: []string{TagCritical, "ü"}, Position: 1<<64 - 1, Reason: "late",
	}
}

// quick reads everything that Encode makes of a change, but of one that was given
// back, and reads it as the decoder does.
func TestQuickReadsWhatEncodeMakes(t *testing.T) {
	whole := wholeChange()
	v := reflect.ValueOf(whole)
	for i := range v.NumField() {
		if v.Field(i).IsZero() && v.Type().Field(i).Name != "Origin" {
			t.Errorf("%s is not set", v.Type().Field(i).Name)
		}
	}
	cases := []Change{{}, whole}
	for i := range v.NumField() { // each member alone, and all but it
		one, rest := Change{}, whole
		reflect.ValueOf(&one).Elem().Field(i).Set(v.Field(i))
		reflect.ValueOf(&rest).Elem().Field(i).SetZero()
		cases = append(cases, one, rest)
	}
	for _, c := range cases {
		b, err := EncodeChange(c)
		if err != nil {
			t.Fatal(err)
		}
		want, err := byDecoder(b)
		if err != nil && c.Body != nil {
			t.Fatal(err)
		}
		for _, alias := range []bool{false, true} {
			got, ok := quick(b, alias)
			if c.Body == nil && !ok {
				continue // a body that is not there is no change; the decoder has its say
			}
			if !ok || !reflect.DeepEqual(got, want) {
				t.Errorf("%v: %+v, want %+v", ok, got, want)
			}
		}
	}
	whole.Origin = &Origin{Epoch: "e1"}
	b, err := EncodeChange(whole)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := quick(b, false); ok {
		t.Error("quick reads what it does not know")
	}
	if got, err := Encoded(b).Change(); err != nil || !reflect.DeepEqual(got, whole) {
		t.Errorf("%+v, %v", got, err)
	}
}

// Only where it is asked for is the body a part of what was read.
func TestABodyIsACopy(t *testing.T) {
	b, err := EncodeChange(wholeChange())
	if err != nil {
		t.Fatal(err)
	}
	own, _ := Encoded(b).Change()
	part, _ := Encoded(b).read(true)
	at := bytes.Index(b, []byte("valueQuantity"))
	b[at] = 'V'
	if bytes.Contains(own.Body, []byte("Value")) || !bytes.Contains(part.Body, []byte("Value")) {
		t.Errorf("%.50s\n%.50s", own.Body, part.Body)
	}
}

// Whatever bytes come: what quick takes, the decoder takes, and reads the same.
func FuzzQuick(f *testing.F) {
	for _, c := range []Change{{Body: fhir.Resource("{}")}, wholeChange()} {
		b, err := EncodeChange(c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(b))
	}
	for _, s := range []string{"\xa0\x00", "\xa0", "\xa1\x01\xa0", "\xa2\x02\x01\x02\x01", "\xa1\x18\x02\x01", "\xa1\x05\x40", "\xa1\x04\x80", "\xa1\x0c\x9b\xff\xff\xff\xff\xff\xff\xff\xff", "\xa1\x03\x61\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, ok := quick(b, false)
		if !ok {
			return
		}
		want, err := byDecoder(b)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%x: %+v, want %+v, %v", b, got, want, err)
		}
	})
}

// A chunk of many is rendered as the encoder renders it, however many there are.
func TestAChunkIsRenderedAsTheEncoderDoes(t *testing.T) {
	e, err := EncodeChange(Change{Body: fhir.Resource("{}")})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 23, 24, 255, 256, 65535, 65536} {
		for _, next := range []string{"", "4:700"} {
			c := Chunk{Snapshot: "e1", Index: 700, Next: next, Station: "s1", Done: uint64(n), Last: next == ""}
			for range n {
				c.Encoded = append(c.Encoded, e)
			}
			want, err := Encode(c.encoded())
			if err != nil {
				t.Fatal(err)
			}
			if got, err := c.SigningBytes(); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%d: %x, want %x, %v", n, got[:min(40, len(got))], want[:40], err)
			}
		}
	}
}

func BenchmarkChange(b *testing.B) {
	e, err := EncodeChange(wholeChange())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.Run("quick", func(b *testing.B) {
		for b.Loop() {
			_, _ = Encoded(e).read(true)
		}
	})
	b.Run("decoder", func(b *testing.B) {
		for b.Loop() {
			_, _ = byDecoder(e)
		}
	})
}

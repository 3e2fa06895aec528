package columns

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"pgregory.net/rapid"

	"wardlight/internal/fault"
)

// item is a random CBOR item, as our encoder writes it.
func item(t *rapid.T, depth int) []byte {
	kinds := []string{"int", "negative", "text", "json", "bytes", "nothing"}
	if depth < 4 {
		kinds = append(kinds, "array", "map", "records", "message")
	}
	several := func(major byte, n int, of func() []byte) []byte {
		b := appendHead(nil, major, uint64(n))
		if major == majorMap {
			n *= 2
		}
		for range n {
			b = append(b, of()...)
		}
		return b
	}
	str := func(major byte, s []byte) []byte { return append(appendHead(nil, major, uint64(len(s))), s...) }
	words := rapid.SampledFrom([]string{"", "a", "2026-11-28T15:16:08+00:00", "Patient/pmqhc6kroo4eoaxea7muk", "slept well, ate little", "8.50", "007", "ü", "a\x00b", "okd3uwc7j42bf2sohqtqbluwhh734iatl"})
	switch rapid.SampledFrom(kinds).Draw(t, "kind") {
	case "int":
		return appendHead(nil, majorUint, rapid.Uint64().Draw(t, "n"))
	case "negative":
		return appendHead(nil, majorNint, rapid.Uint64().Draw(t, "n"))
	case "text":
		return str(majorText, []byte(words.Draw(t, "words")))
	case "json":
		return str(majorBytes, fmt.Appendf(nil, `{"id":%q,"value":%d.%d,"on":true}`, words.Draw(t, "words"), rapid.IntRange(-9, 99).Draw(t, "n"), rapid.IntRange(0, 9).Draw(t, "n")))
	case "bytes":
		return str(majorBytes, rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "bytes"))
	case "array":
		return several(majorArray, rapid.IntRange(0, 3).Draw(t, "n"), func() []byte { return item(t, depth+1) })
	case "map":
		return several(majorMap, rapid.IntRange(0, 3).Draw(t, "n"), func() []byte { return item(t, depth+1) })
	case "records":
		return several(majorArray, rapid.IntRange(2, 6).Draw(t, "n"), func() []byte {
			return several(majorMap, 2, func() []byte { return item(t, depth+1) })
		})
	case "message":
		return str(majorBytes, append([]byte{1}, item(t, depth+1)...))
	}
	return []byte{0xf6}
}

// TestEveryMessageComesBack: whatever is in a message, and however its records
// differ, Rows gives the very bytes.
func TestEveryMessageComesBack(t *testing.T) {
	turned := 0
	rapid.Check(t, func(t *rapid.T) {
		plain := append([]byte{1}, item(t, 0)...)
		if rapid.Bool().Draw(t, "records outside") {
			// Two rows that hold what comes: else few messages have records at all.
			plain = append([]byte{1}, appendHead(nil, majorArray, 2)...)
			for range 2 {
				plain = appendHead(plain, majorMap, 2)
				for range 4 {
					plain = append(plain, item(t, 1)...)
				}
			}
		}
		stream, tail, ok := Split(plain)
		if !ok {
			return
		}
		turned++
		got, err := Rows(stream, tail, len(plain))
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%x came back as %x, %v", plain, got, err)
		}
		if _, err := Rows(stream, tail, len(plain)-1); err == nil {
			t.Fatal("more came back than was allowed")
		}
	})
	if turned == 0 {
		t.Error("no message had records: the test tests nothing")
	}
}

// results are a batch of laboratory results, as central signs them: a message
// within a message.
func results(n int) []byte {
	chance := rand.New(rand.NewPCG(1, 2))
	id := func() string {
		b := make([]byte, 32)
		for i := range b {
			b[i] = letters[chance.IntN(32)]
		}
		return string(b)
	}
	body := append([]byte{1}, appendHead(nil, majorMap, 2)...)
	body = append(body, 1, 7, 5)
	body = appendHead(body, majorArray, uint64(n))
	patient := id()
	for i := range n {
		o := id()
		json := fmt.Appendf(nil, `{"code":{"coding":[{"code":"2823-3","display":"Potassium","system":"http://loinc.org"}]},"id":%q,"issued":"2026-11-28T15:%02d:08Z","subject":{"reference":"Patient/%s"},"valueQuantity":{"value":%d.%d}}`, o, i/60, patient, 3+chance.IntN(3), chance.IntN(10))
		body = appendHead(body, majorMap, 3)
		body = append(append(append(body, 1), appendHead(nil, majorText, uint64(len(o)))...), o...)
		body = append(append(append(body, 5), appendHead(nil, majorBytes, uint64(len(json)))...), json...)
		body = append(append(body, 13), appendHead(nil, majorUint, uint64(1000+i))...)
	}
	plain := append([]byte{1}, appendHead(nil, majorMap, 2)...)
	plain = append(append(append(plain, 1), appendHead(nil, majorBytes, uint64(len(body)))...), body...)
	sig := bytes.Repeat([]byte{0xa5}, 64)
	return append(append(append(plain, 2), appendHead(nil, majorBytes, 64)...), sig...)
}

// TestIdsAreSaidOnce: of many results what stays is what is different: of each
// the id once, in five bits a character, and a few bytes beside it.
func TestIdsAreSaidOnce(t *testing.T) {
	const n = 200
	plain := results(n)
	stream, tail, ok := Split(plain)
	if !ok {
		t.Fatal("it was not turned")
	}
	if most := n*20 + 20 + 64 + 4; len(tail) > most {
		t.Errorf("the tail has %d bytes; ids and signature have %d", len(tail), most)
	}
	if most := n * 16; len(stream) > most {
		t.Errorf("the stream has %d bytes; want under %d", len(stream), most)
	}
}

// TestWhatIsNotOurs: bytes that are no message of ours, or have no records, are
// left as they are.
func TestWhatIsNotOurs(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing": nil, "another format": {2, 0x80}, "one number": {1, 7}, "a tag": {1, 0xc0, 1}, "cut short": results(9)[:300],
		"one record": results(1), "records in what is no message": append([]byte{1}, append(appendHead(nil, majorBytes, uint64(len(results(2))+1)), append(results(2), 0)...)...),
		"no end": {1, 0x9f}, "an array that claims to be huge": {1, 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xa0},
	} {
		if _, _, ok := Split(b); ok {
			t.Errorf("%s was turned", name)
		}
	}
}

// forge makes a stream of one outer template and one of records.
func forge(outer, record []byte, rows int, columns ...[]byte) []byte {
	b := []byte{2, byte(len(outer))}
	b = append(append(b, outer...), byte(len(record)))
	b = binary.AppendUvarint(append(b, record...), uint64(rows))
	b = append(b, make([]byte, rows)...)
	for _, c := range columns {
		b = binary.AppendUvarint(append(b, c[0]), uint64(len(c)-1))
	}
	for _, c := range columns {
		b = append(b, c[1:]...)
	}
	return b
}

func TestForgeriesAreRefused(t *testing.T) {
	at := []byte{byte(opRecords)}
	const limit = 1 << 10
	if got, err := Rows(forge(at, []byte{byte(opInt)}, 3, []byte{byte(modeStep), 2, 2, 2}), nil, limit); err != nil || !bytes.Equal(got, []byte{0x83, 1, 2, 3}) {
		t.Fatalf("a right one: %x, %v", got, err)
	}
	for name, b := range map[string][]byte{
		"records nowhere":               forge([]byte{byte(opGlue), 1, 0}, []byte{byte(opInt)}, 2, []byte{byte(modeStep), 2, 2}),
		"records in records":            forge(at, at, 2),
		"records twice":                 forge([]byte{byte(opRecords), byte(opRecords)}, []byte{byte(opInt)}, 2, []byte{byte(modeStep), 2, 2}),
		"a string without an end":       forge(at, []byte{byte(opBytes), byte(opInt)}, 2, []byte{byte(modeStep), 2, 2}),
		"an end without a string":       forge(at, []byte{byte(opEnd)}, 2),
		"glue of nothing":               forge(at, []byte{byte(opGlue), 0}, 2),
		"empty records":                 forge(at, []byte{byte(opWord)}, 2, []byte{byte(modeSame)}),
		"a bomb":                        forge(at, []byte{byte(opWord)}, 200, append([]byte{byte(modeSame)}, make([]byte, 100)...)),
		"a column that ends early":      forge(at, []byte{byte(opInt)}, 3, []byte{byte(modeStep), 2, 2}),
		"numbers in a place of bytes":   forge(at, []byte{byte(opRaw)}, 2, []byte{byte(modeStep), 2, 2}),
		"a tail that is not there":      forge(at, []byte{byte(opRaw)}, 2, []byte{byte(modeTail), 9, 9}),
		"an id that was never said":     forge(at, []byte{byte(opID)}, 2, []byte{byte(modeIDs), idNext, idNext}),
		"the same as nothing":           forge(at, []byte{byte(opID)}, 2, []byte{byte(modeIDs), idSame, idSame}),
		"a copy of itself":              forge(at, []byte{byte(opWord)}, 2, []byte{byte(modeCopy), 0}),
		"a copy of what comes later":    forge(at, []byte{byte(opWord), byte(opWord)}, 2, []byte{byte(modeCopy), 1}, []byte{byte(modeSame), 'a'}),
		"shifted from what came before": forge(at, []byte{byte(opRaw), byte(opRaw)}, 2, []byte{byte(modeTail), 0, 0}, []byte{byte(modeShift), 0, 0}),
		"a mode of tomorrow":            forge(at, []byte{byte(opInt)}, 2, []byte{99, 2, 2}),
		"an operation of tomorrow":      forge(at, []byte{99}, 2),
		"something behind the end":      append(forge(at, []byte{byte(opInt)}, 2, []byte{byte(modeStep), 2, 2}), 0),
		"a record of no template":       append(forge(at, []byte{byte(opGlue), 1, 0}, 0), 0),
		"nothing":                       nil,
	} {
		if got, err := Rows(b, nil, limit); !fault.Is(err, fault.Invalid) || len(got) > 0 {
			t.Errorf("%s: %x, %v", name, got, err)
		}
	}
}

var record = flag.Bool("record", false, "write the fixture anew: never, once it was released")

// TestWhatWasTurnedOpensForEver opens what the first version made.
func TestWhatWasTurnedOpensForEver(t *testing.T) {
	plain := results(40)
	if *record {
		stream, tail, _ := Split(plain)
		for name, b := range map[string][]byte{"first.plain": plain, "first.stream": stream, "first.tail": tail} {
			if err := os.WriteFile("testdata/"+name, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	read := func(name string) []byte {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	want := read("first.plain")
	if got, err := Rows(read("first.stream"), read("first.tail"), len(want)); err != nil || !bytes.Equal(got, want) {
		t.Errorf("it opens to something else: %v", err)
	}
}

// Whatever bytes come, no more is made than was allowed, and nothing panics.
func FuzzRows(f *testing.F) {
	stream, tail, _ := Split(results(5))
	f.Add(stream, tail)
	f.Add(forge([]byte{byte(opRecords)}, []byte{byte(opInt)}, 3, []byte{byte(modeStep), 2, 2, 2}), []byte{})
	f.Fuzz(func(t *testing.T, stream, tail []byte) {
		const limit = 1 << 14
		if b, err := Rows(stream, tail, limit); err == nil && len(b) > limit {
			t.Fatalf("%d bytes were made", len(b))
		}
	})
}

// Whatever is to be sent, nothing panics, and what was turned opens.
func FuzzSplit(f *testing.F) {
	f.Add(results(5))
	f.Fuzz(func(t *testing.T, plain []byte) {
		if stream, tail, ok := Split(plain); ok {
			_, _ = Rows(stream, tail, 2*len(plain)+64) // heads that are not in their shortest form come back shorter
		}
	})
}

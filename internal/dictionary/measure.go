package dictionary

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"wardlight/internal/compact"
	"wardlight/internal/fault"
)

// Figures are what a dictionary is worth on resources that it was not trained
// on; sizes are bytes a resource.
type Figures struct {
	Data      string `json:"data"`
	Resources int    `json:"resources"`
	Plain     int    `json:"plain"`
	Chunk     int    `json:"zstd_in_chunks"` // as on the wire
	One       int    `json:"zstd_alone"`
	Small     int    `json:"s2_alone"` // as in the cache
}

// chunkSize is about the content of one chunk on the wire.
const chunkSize = 192 << 10

// Measure packs resources as the wire and the cache do.
func Measure(data string, d compact.Dictionary, all [][]byte) (Figures, error) {
	f := Figures{Data: data, Resources: len(all)}
	if len(all) == 0 {
		return f, fault.New(fault.NotFound, "dictionary.measure", data, "there are no resources")
	}
	var chunk []byte
	total := struct{ plain, chunk, one, small int }{}
	flush := func() error {
		n, err := packed(d, chunk)
		total.chunk += n
		chunk = chunk[:0]
		return err
	}
	for i, b := range all {
		total.plain += len(b)
		n, err := packed(d, b)
		if err != nil {
			return f, err
		}
		total.one += n
		small, ok, err := compact.Shrink(d, b, nil)
		if err != nil {
			return f, err
		}
		if !ok {
			small = b
		}
		total.small += len(small)
		chunk = append(chunk, b...)
		if len(chunk) >= chunkSize || i == len(all)-1 {
			if err := flush(); err != nil {
				return f, err
			}
		}
	}
	n := len(all)
	f.Plain, f.Chunk, f.One, f.Small = total.plain/n, total.chunk/n, total.one/n, total.small/n
	return f, nil
}

func packed(d compact.Dictionary, b []byte) (int, error) {
	p, ok, err := compact.Pack(d, b)
	if err != nil || !ok {
		return len(b), err
	}
	return len(p), nil
}

// Hospital are the resources of another seed's hospital.
func Hospital(ctx context.Context, seed uint64, patients int) ([][]byte, error) {
	return changes(ctx, seed, patients)
}

var uuid = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// Bundles are the resources of a folder of FHIR bundles, every UUID in them
// replaced by another, so that no identifier can be known.
func Bundles(dir string, seed uint64) (all [][]byte, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, fault.As(fault.Invalid, "dictionary.bundles", dir, err)
	}
	rng := rand.New(rand.NewPCG(seed, 0x75756964)) //nolint:gosec // test data, not secrets
	other := map[string]string{}
	for _, name := range names {
		raw, err := os.ReadFile(name) //nolint:gosec // of the folder that the caller names
		if err != nil {
			return nil, fault.As(fault.Unavailable, "dictionary.bundles", name, err)
		}
		raw = uuid.ReplaceAllFunc(raw, func(id []byte) []byte {
			if other[string(id)] == "" {
				other[string(id)] = uuidOf(rng)
			}
			return []byte(other[string(id)])
		})
		var bundle struct {
			Entry []struct {
				Resource json.RawMessage `json:"resource"`
			} `json:"entry"`
		}
		if err := json.Unmarshal(raw, &bundle); err != nil {
			return nil, fault.As(fault.Invalid, "dictionary.bundles", name, err)
		}
		for _, e := range bundle.Entry {
			var b bytes.Buffer
			if err := json.Compact(&b, e.Resource); err != nil {
				return nil, fault.As(fault.Invalid, "dictionary.bundles", name, err)
			}
			all = append(all, b.Bytes())
		}
	}
	return all, nil
}

func uuidOf(rng *rand.Rand) string {
	const hex = "0123456789abcdef"
	return strings.Map(func(r rune) rune {
		if r == 'x' {
			return rune(hex[rng.IntN(16)])
		}
		return r
	}, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
}

package dictionary

import (
	"context"
	"math/rand/v2"
	"regexp"

	"github.com/klauspost/compress/zstd"

	"wardlight/internal/fault"
)

// size is how large a dictionary's content is made. More helps a single
// resource little, and every packer and unpacker holds a copy.
const size = 48 << 10

// Train makes dictionary id from a seed's hospital. The same program makes the
// same dictionary from the same seed.
func Train(ctx context.Context, seed uint64, id uint32) ([]byte, error) {
	all, err := changes(ctx, seed, Patients)
	if err != nil {
		return nil, err
	}
	return build(all, seed, id)
}

// build makes a dictionary of changes, shuffled by the seed.
func build(all [][]byte, seed uint64, id uint32) ([]byte, error) {
	rng := rand.New(rand.NewPCG(seed, 0x7368756666)) //nolint:gosec // an order, not a secret
	rng.Shuffle(len(all), func(a, b int) { all[a], all[b] = all[b], all[a] })
	d, err := zstd.BuildDict(zstd.BuildDictOptions{
		ID: id, Contents: all, History: content(all), Offsets: [3]int{1, 4, 8}, Level: zstd.SpeedFastest,
	})
	return d, fault.As(fault.Invalid, "dictionary.train", "", err)
}

// What tells one shape of a resource from another.
var (
	kindOf = regexp.MustCompile(`"resourceType":"[^"]*"`)
	codeOf = regexp.MustCompile(`"code":\{"coding":\[\{"code":"[^"]*"`)
)

// content is a run of whole resources, of each kind and code as many as there
// is room for: whole ones, because most of one of ours is like another of its
// kind from end to end. General trainers pick short pieces that occur often,
// and came to half as much again for a single resource.
func content(all [][]byte) []byte {
	taken := map[string]int{}
	var out []byte
	for round := 0; round < 8; round++ {
		for _, b := range all {
			shape := string(kindOf.Find(b)) + string(codeOf.Find(b))
			if taken[shape] > round || len(out)+len(b) > size {
				continue
			}
			taken[shape]++
			// The first of each shape stands last: what is near costs less.
			out = append(append(make([]byte, 0, len(out)+len(b)), b...), out...)
		}
	}
	return out
}

package keys

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"

	"golang.org/x/crypto/argon2"

	"wardlight/internal/fault"
)

// Cost is what one guess of a PIN or a passphrase costs: argon2id's
// parameters. They are stored beside what they protect.
type Cost struct {
	Memory  uint32 `json:"memory"` // KiB
	Time    uint32 `json:"time"`
	Threads uint8  `json:"threads"`
}

// DefaultCost takes about 0.2 s on a ward's computer.
var DefaultCost = Cost{Memory: 64 << 10, Time: 3, Threads: 2}

// check bounds what a file may ask for: a changed one must not make the
// program take all memory, or run for hours.
func (c Cost) check() error {
	if c.Memory < 8 || c.Memory > 1<<20 || c.Time < 1 || c.Time > 64 || c.Threads < 1 || c.Threads > 64 {
		return fault.New(fault.Corrupt, "keys.cost", "", "the stored cost of a guess is out of bounds")
	}
	return nil
}

func (c Cost) stretch(secret, salt []byte) []byte {
	return argon2.IDKey(secret, salt, c.Time, c.Memory, c.Threads, KeySize)
}

const saltSize = 16

func newSalt() []byte {
	b := make([]byte, saltSize)
	rand.Read(b)
	return b
}

// wrappingKey mixes what a person or central knows with what only this
// computer has. Neither half alone tells anything about the result.
func wrappingKey(known, deviceSecret, salt []byte, purpose string) Key {
	in := make([]byte, 0, len(known)+len(deviceSecret))
	in = append(append(in, known...), deviceSecret...)
	defer clear(in)
	out, err := hkdf.Key(sha256.New, in, salt, "wardlight "+purpose, KeySize)
	if err != nil {
		panic(err) // constant lengths
	}
	return Key(out)
}

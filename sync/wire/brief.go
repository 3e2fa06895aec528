package wire

import (
	"crypto/sha256"

	"wardlight/internal/clinical/record"
)

// Brief makes receipts that say what they are about once for all (CapBrief):
// instead of a content hash each, which no packing makes smaller, one digest
// over all of them, in their order.
func Brief(list []record.Receipt) *Receipts {
	if len(list) < 2 {
		return &Receipts{Receipts: list}
	}
	out := make([]record.Receipt, len(list))
	contents := make([]record.Hash, len(list))
	for i, r := range list {
		contents[i] = r.Content
		r.Content = record.Hash{}
		out[i] = r
	}
	return &Receipts{Receipts: out, Digest: digest(contents)}
}

// Brief says whether the content hashes were left out.
func (m *Receipts) Brief() bool { return len(m.Digest) > 0 }

// Fill puts the content hashes back that the station itself has, in the
// receipts' order. false: central's are others.
func (m *Receipts) Fill(contents []record.Hash) bool {
	if len(contents) != len(m.Receipts) || string(digest(contents)) != string(m.Digest) {
		return false
	}
	for i := range m.Receipts {
		m.Receipts[i].Content = contents[i]
	}
	m.Digest = nil
	return true
}

func digest(contents []record.Hash) []byte {
	h := sha256.New()
	for _, c := range contents {
		h.Write(c[:])
	}
	return h.Sum(nil)
}

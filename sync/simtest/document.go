package simtest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"

	"wardlight/internal/central/documents"
	"wardlight/internal/central/scope"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/client"
)

// Documents: reports name some, their bytes are in the messages that brought them,
// and stations fetch them.

// paper is the document that comes with the message of a number.
func paper(nr int) []byte {
	return []byte(strings.Repeat(fmt.Sprintf("page of message %d; ", nr), 300+37*(nr%50)))
}

// attach names the document in a report.
func attach(nr int) string {
	b, err := fhir.Make([]any{fhir.DocumentOf(paper(nr), "application/pdf", "").Attachment()})
	must(err)
	return `"presentedForm":` + string(b) + `,`
}

// rawOf is the hash of the message of a number.
func rawOf(nr int) record.Hash { return sha256.Sum256(fmt.Append(nil, "message", nr)) }

// Message is the message by its hash: what stands for the raw inbound log.
func (f *feed) Message(_ context.Context, raw record.Hash) ([]byte, error) {
	for i, m := range f.messages {
		if m.filing.Inbound.Raw == raw && m.given && !m.buried {
			return paper(i), nil
		}
	}
	return nil, fault.New(fault.NotFound, "simtest.message", "", "it never came")
}

// found finds a document in a message, which is nothing else.
func found(message []byte, _ [sha256.Size]byte) ([]byte, error) { return message, nil }

// papers gives out documents: central's own, with what goes wrong on the way.
type papers struct {
	*documents.Store
	w *world
}

// newPapers builds what a start of central builds over its journal.
func newPapers(c *central, src *scope.Source) papers {
	shows := documents.Scope(src)
	if c.w.plant == PaperForAll {
		shows = everywhere{src}
	}
	return papers{documents.New(documents.Config{Journal: c.journal, Scope: shows, Messages: &c.w.feed, Find: found}), c.w}
}

// Part changes a byte now and then, as no line does under TLS and a faulty disk may.
func (p papers) Part(ctx context.Context, dev record.Device, ref fhir.Ref, hash record.Hash, offset, length int64) ([]byte, int64, error) {
	part, size, err := p.Store.Part(ctx, dev, ref, hash, offset, length)
	if len(part) > 0 && !p.w.healed && p.w.chance(0.05) {
		part = slices.Clone(part)
		part[len(part)/2] ^= 1
		p.w.struck["a part of a document was wrong"]++
	}
	return part, size, err
}

// everywhere is a scope that takes every computer for one of all wards.
type everywhere struct{ *scope.Source }

// Shows gives what any ward may have.
func (e everywhere) Shows(ctx context.Context, _ record.Device, ref fhir.Ref) ([]record.Change, error) {
	return e.Source.Shows(ctx, record.Device{Station: "all", Wards: []record.Ward{"A", "B", "C"}}, ref)
}

// nosy asks for a document that is not in a computer's scope. It must get nothing.
func (w *world) nosy(s *station) {
	if w.central.down {
		return
	}
	now := w.ledger.at(1 << 62)
	in := now.scope(s.device.Holds())
	for _, ref := range slices.SortedFunc(maps.Keys(now.version), func(a, b fhir.Ref) int { return cmp.Compare(a.ID, b.ID) }) {
		c := now.version[ref]
		docs := fhir.Documents(c.Body)
		if in[c.Patient] || len(docs) == 0 || own(c, s.device.Holds()) {
			continue
		}
		w.struck["somebody asked for a document of another ward"]++
		if part, _, err := w.central.papers.Store.Part(w.ctx, s.device, ref, docs[0].Hash, 0, 100); err == nil || part != nil {
			w.fail("%s was given a document of %s, which is not in its scope", s.id, ref)
		}
		return
	}
}

// shelfRow is a document as far as a store has it.
type shelfRow struct {
	ref   fhir.Ref
	size  int64
	bytes []byte
	whole bool
}

type shelfKey struct {
	patient fhir.ID
	hash    record.Hash
}

// shelve notes the documents that a version names.
func (c *contents) shelve(change record.Change) {
	for _, d := range fhir.Documents(change.Body) {
		key := shelfKey{change.Patient, d.Hash}
		if _, known := c.shelf[key]; !known {
			c.shelf[key] = shelfRow{ref: change.Ref, size: d.Size}
		}
	}
}

// WantedDocument is the first that lacks, in order of sum.
func (s *Store) WantedDocument() (w record.Wanted, ok bool, err error) {
	for key, row := range s.shelf {
		if row.whole || s.resting[key.hash] {
			continue
		}
		if one := (record.Wanted{Patient: key.patient, Ref: row.ref, Hash: key.hash, Size: row.size, Have: int64(len(row.bytes))}); !ok || key.less(shelfKey{w.Patient, w.Hash}) {
			w, ok = one, true
		}
	}
	return w, ok, nil
}

func (k shelfKey) less(o shelfKey) bool {
	return string(k.hash[:])+string(k.patient) < string(o.hash[:])+string(o.patient)
}

// NoDocument leaves one alone until the next start.
func (s *Store) NoDocument(w record.Wanted) {
	if s.resting == nil {
		s.resting = map[record.Hash]bool{}
	}
	s.resting[w.Hash] = true
}

// KeepPart stores a part; the last one must make the whole what it should be.
func (s *Store) KeepPart(_ context.Context, w record.Wanted, part []byte) error {
	if s.full {
		return fault.New(fault.Full, "simtest.keeppart", string(s.Station), "the disk is full")
	}
	wrong := false
	s.commit(func(c *contents) {
		key := shelfKey{w.Patient, w.Hash}
		row, there := c.shelf[key]
		if !there || row.whole || int64(len(row.bytes)) != w.Have {
			return
		}
		row.bytes = append(slices.Clone(row.bytes), part...)
		if int64(len(row.bytes)) == row.size {
			row.whole = s.plant == PaperBelieved || sha256.Sum256(row.bytes) == w.Hash
			if wrong = !row.whole; wrong {
				row.bytes = nil
			}
		}
		c.shelf[key] = row
	})
	if wrong {
		return fault.New(fault.Corrupt, "simtest.keeppart", string(s.Station), "another document")
	}
	return nil
}

// shelved: whatever document a station has whole is the one that is named, and of
// nobody outside of what it holds.
func (w *world) shelved(s *station) {
	for key, row := range s.store.shelf {
		if row.whole && sha256.Sum256(row.bytes) != key.hash || int64(len(row.bytes)) > row.size {
			w.fail("%s holds a document of %s that is another one", s.id, row.ref)
		}
		if !slices.ContainsFunc(s.heldOf(fhir.TypePatient), func(r fhir.Ref) bool { return s.store.Held[r].Patient == key.patient }) {
			w.fail("%s holds a document of a patient whom it does not hold", s.id)
		}
	}
}

// papers: at rest every station that fetches has every document that what it holds
// names.
func (w *world) papers() error {
	for _, s := range w.stations {
		if s.shut > 0 || s.retired || !s.fetches() {
			continue
		}
		for ref, c := range s.store.Held {
			for _, d := range fhir.Documents(c.Body) {
				row := s.store.shelf[shelfKey{c.Patient, d.Hash}]
				if !row.whole {
					return fmt.Errorf("%s lacks a document of %s: it has %d bytes of %d", s.id, ref, len(row.bytes), d.Size)
				}
				w.struck["a document was fetched"]++
			}
		}
	}
	return nil
}

// fetches says whether the station fetches documents.
func (s *station) fetches() bool { return s.w.profile.papers && !s.old() }

// lacks says that a station still fetches.
func (s *station) lacks() bool {
	if !s.fetches() {
		return false
	}
	clear(s.store.resting) // by now central has what it lacked
	_, more, err := s.store.WantedDocument()
	must(err)
	if more {
		s.step(client.WantDocuments{})
	}
	return more
}

// sweepShelf drops the documents that nothing here names any more: of who left, and
// of what a central that was emptied does not know.
func (c *contents) sweepShelf() {
	for key, row := range c.shelf {
		named := false
		for _, version := range c.Past[row.ref] {
			named = named || version.Patient == key.patient && slices.ContainsFunc(fhir.Documents(version.Body), func(d fhir.Document) bool { return d.Hash == key.hash })
		}
		if !named {
			delete(c.shelf, key)
		}
	}
}

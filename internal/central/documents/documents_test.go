package documents_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"testing"

	"wardlight/internal/central/documents"
	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// house is a journal, a raw log and a scope of one patient's results.
type house struct {
	t        *testing.T
	journal  *memjournal.Journal
	messages map[record.Hash][]byte
	reads    int
	shows    map[fhir.Ref][]record.Change
	store    *documents.Store
}

func open(t *testing.T) *house {
	h := &house{t: t, messages: map[record.Hash][]byte{}, shows: map[fhir.Ref][]record.Change{}}
	h.journal = memjournal.New(memjournal.Options{Epoch: record.Epoch{ID: "e1"}})
	h.store = documents.New(documents.Config{Journal: h.journal, Scope: h, Messages: h, Find: find})
	return h
}

func (h *house) Shows(_ context.Context, _ record.Device, ref fhir.Ref) ([]record.Change, error) {
	if list := h.shows[ref]; list != nil {
		return list, nil
	}
	return nil, fault.New(fault.NotFound, "test", "", "not in scope")
}

func (h *house) Message(_ context.Context, raw record.Hash) ([]byte, error) {
	h.reads++
	if m, ok := h.messages[raw]; ok {
		return m, nil
	}
	return nil, fault.New(fault.NotFound, "test", "", "never came")
}

// find takes a message for the document itself, with a letter before it.
func find(message []byte, _ [sha256.Size]byte) ([]byte, error) { return message[1:], nil }

// came files a document that a result names.
func (h *house) came(id fhir.ID, content []byte) record.Hash {
	h.t.Helper()
	d := fhir.DocumentOf(content, "application/pdf", "")
	raw := record.Hash{byte(len(h.messages) + 1)}
	h.messages[raw] = append([]byte("m"), content...)
	note, err := record.Encode(record.DocumentSource{Raw: raw})
	h.must(err)
	_, err = h.journal.Update(context.Background(), func(tx journal.Tx) error {
		return tx.SetNote(record.DocumentPrefix+record.Hash(d.Hash).String(), note)
	})
	h.must(err)
	form, err := fhir.Make(map[string]any{"presentedForm": []any{d.Attachment()}})
	h.must(err)
	ref := fhir.Ref{Type: fhir.TypeDiagnosticReport, ID: id}
	h.shows[ref] = append([]record.Change{{Ref: ref, Version: 1, Body: form}}, h.shows[ref]...)
	return d.Hash
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func report(id fhir.ID) fhir.Ref { return fhir.Ref{Type: fhir.TypeDiagnosticReport, ID: id} }

func TestADocumentIsGivenOutInParts(t *testing.T) {
	h := open(t)
	content := bytes.Repeat([]byte("0123456789abcde "), 10_000)
	hash := h.came("r1", content)
	var got []byte
	for {
		part, size, err := h.store.Part(context.Background(), record.Device{}, report("r1"), hash, int64(len(got)), 1<<20)
		h.must(err)
		if size != int64(len(content)) || len(part) > documents.MaxPart {
			t.Fatalf("a part of %d bytes, size %d", len(part), size)
		}
		if len(part) == 0 {
			break
		}
		got = append(got, part...)
	}
	if !bytes.Equal(got, content) {
		t.Error("the parts are not the document")
	}
	if h.reads != 1 {
		t.Errorf("the message was read %d times", h.reads)
	}
	if _, _, err := h.store.Part(context.Background(), record.Device{}, report("r1"), hash, int64(len(content))+1, 10); !fault.Is(err, fault.Invalid) {
		t.Errorf("behind its end: %v", err)
	}
}

// Only what a resource in scope names is given out, though central has it.
func TestOnlyWhatAResourceInScopeNames(t *testing.T) {
	h := open(t)
	mine, other := h.came("r1", []byte("mine")), h.came("r2", []byte("other"))
	delete(h.shows, report("r2"))
	for name, c := range map[string]struct {
		ref  fhir.Ref
		hash record.Hash
	}{"a resource out of scope": {report("r2"), other}, "another's document": {report("r1"), other}} {
		if part, _, err := h.store.Part(context.Background(), record.Device{}, c.ref, c.hash, 0, 10); !fault.Is(err, fault.NotFound) || part != nil {
			t.Errorf("%s: %q, %v", name, part, err)
		}
	}
	later := h.came("r1", []byte("corrected"))
	for _, hash := range []record.Hash{mine, later} { // of an older version too
		if _, _, err := h.store.Part(context.Background(), record.Device{}, report("r1"), hash, 0, 10); err != nil {
			t.Error(err)
		}
	}
}

func TestADocumentThatIsNotWhatItSaysIsNotGivenOut(t *testing.T) {
	h := open(t)
	hash := h.came("r1", []byte("right"))
	for raw := range h.messages {
		h.messages[raw] = []byte("mwrong")
	}
	if part, _, err := h.store.Part(context.Background(), record.Device{}, report("r1"), hash, 0, 10); !fault.Is(err, fault.Corrupt) {
		t.Errorf("%q, %v", part, err)
	}
	clear(h.messages)
	if _, err := h.store.Whole(context.Background(), hash); !fault.Is(err, fault.NotFound) {
		t.Errorf("its message is gone: %v", err)
	}
}

func TestFewDocumentsStayInMemory(t *testing.T) {
	h := open(t)
	var hashes []record.Hash
	for i := range 5 {
		hashes = append(hashes, h.came(fhir.ID([]string{"a", "b", "c", "d", "e"}[i]), bytes.Repeat([]byte{byte(i)}, fhir.MaxDocument)))
		_, err := h.store.Whole(context.Background(), hashes[i])
		h.must(err)
	}
	h.reads = 0
	for _, hash := range hashes { // the last two are there, and go as the first ones come
		_, err := h.store.Whole(context.Background(), hash)
		h.must(err)
	}
	if h.reads != 5 {
		t.Errorf("%d of 5 were read again", h.reads)
	}
	_, err := h.store.Whole(context.Background(), hashes[4])
	h.must(err)
	if h.reads != 5 {
		t.Error("the last one was read again")
	}
}

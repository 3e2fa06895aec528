package fhir

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// A document that came with a result (a PDF, a picture) is no part of the
// resource: the resource says what it is, how long it is and what its bytes add
// up to, and the bytes are asked for by that sum. So no value waits behind a
// document, and no copy of one is another document.

// ExtDocument is R5's Observation.value in R4, by R5's own name for it: an
// Attachment as an Observation's value (valueAttachment).
const ExtDocument = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.value"

// blobURN begins the url of an Attachment whose bytes lie outside the resource;
// their SHA-256 in hexadecimal follows.
const blobURN = "urn:wardlight:blob:"

// MaxDocument bounds one document.
const MaxDocument = 16 << 20

// Attachment is content beside a resource.
type Attachment struct {
	ContentType string `json:"contentType,omitempty"`
	URL         string `json:"url,omitempty"`
	Size        int64  `json:"size,omitempty"`
	Title       string `json:"title,omitempty"`
}

// Document is a document that a resource names.
type Document struct {
	Hash  [sha256.Size]byte // of its bytes
	Size  int64
	Type  string // a MIME type; "" where the sender did not say
	Title string
}

// DocumentOf describes bytes.
func DocumentOf(content []byte, mime, title string) Document {
	return Document{Hash: sha256.Sum256(content), Size: int64(len(content)), Type: mime, Title: title}
}

// Attachment is the document as a resource names it.
func (d Document) Attachment() *Attachment {
	return &Attachment{ContentType: d.Type, URL: blobURN + hex.EncodeToString(d.Hash[:]), Size: d.Size, Title: d.Title}
}

// document reads an Attachment; ok is false where its bytes are not asked for by
// their sum.
func (a Attachment) document() (d Document, ok bool) {
	sum, found := strings.CutPrefix(a.URL, blobURN)
	raw, err := hex.DecodeString(sum)
	if !found || err != nil || len(raw) != len(d.Hash) || a.Size < 0 || a.Size > MaxDocument {
		return d, false
	}
	return Document{Hash: [sha256.Size]byte(raw), Size: a.Size, Type: a.ContentType, Title: a.Title}, true
}

// maxDocuments bounds those that one resource names.
const maxDocuments = 64

// Documents are those that a resource names, each once, in order: as the value of
// an Observation, as the form of a DiagnosticReport, as the content of a
// DocumentReference.
func Documents(r Resource) []Document {
	if !bytes.Contains(r, []byte(blobURN)) {
		return nil // nearly all
	}
	var named struct {
		Extension []struct {
			URL   string      `json:"url"`
			Value *Attachment `json:"valueAttachment"`
		} `json:"extension"`
		PresentedForm []Attachment `json:"presentedForm"`
		Content       []struct {
			Attachment *Attachment `json:"attachment"`
		} `json:"content"`
	}
	if json.Unmarshal(r, &named) != nil {
		return nil
	}
	var all []Attachment
	for _, e := range named.Extension {
		if e.URL == ExtDocument && e.Value != nil {
			all = append(all, *e.Value)
		}
	}
	all = append(all, named.PresentedForm...)
	for _, c := range named.Content {
		if c.Attachment != nil {
			all = append(all, *c.Attachment)
		}
	}
	return distinct(all)
}

func distinct(all []Attachment) (out []Document) {
	seen := map[[sha256.Size]byte]bool{}
	for _, a := range all {
		if d, ok := a.document(); ok && !seen[d.Hash] && len(out) < maxDocuments {
			seen[d.Hash] = true
			out = append(out, d)
		}
	}
	return out
}

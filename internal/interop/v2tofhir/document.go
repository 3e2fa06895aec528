package v2tofhir

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
)

// Documents in a message: ED in OBX-5. The resource names what the document is
// and what its bytes add up to; the bytes stay in the message, which is kept for
// ever, and Document finds them there. So they lie on central's disk once, and
// whatever happens to the journal, they can be had again as long as the raw
// inbound log is there.

// attachments reads ED, and RP, which only points somewhere, each repetition.
func attachments(kind string, f hl7.Field) (v reading) {
	var notes []string
	for _, r := range f.Reps() {
		note := ""
		if kind == "RP" {
			v.flag(FlagNotStored)
			note = pointer(r)
		} else {
			note = v.attach(r)
		}
		notes = append(notes, note)
	}
	v.note = strings.Join(notes, "\n")
	return v
}

func pointer(r hl7.Rep) string {
	return strings.TrimSpace(fmt.Sprintf("The sender points at a document (%s): %s", strings.Trim(text(r.Comp(3))+"/"+text(r.Comp(4)), "/"), text(r.Comp(1))))
}

// attach takes one document, and says in words what came.
func (v *reading) attach(r hl7.Rep) (note string) {
	kind, sub := text(r.Comp(2)), text(r.Comp(3))
	sent := orElse(strings.Trim(kind+"/"+sub, "/"), "type not named")
	bytes, ok := content(r)
	switch {
	case !ok:
		v.flag(FlagNotStored)
		return fmt.Sprintf("An attachment was sent (%s, %d characters as %s); it cannot be read, and is kept with the message.",
			sent, len(r.Comp(5).Raw()), orElse(text(r.Comp(4)), "text"))
	case len(bytes) == 0:
		return fmt.Sprintf("An attachment without content was sent (%s).", sent)
	}
	d := fhir.DocumentOf(bytes, mimeOf(kind, sub, bytes), sent)
	v.documents = append(v.documents, d.Attachment())
	return fmt.Sprintf("A document was sent (%s, %d bytes).", sent, d.Size)
}

// content are the bytes of an ED; ok is false where they are not in it as its
// ED.4 says.
func content(r hl7.Rep) (b []byte, ok bool) {
	raw := r.Comp(5).Raw()
	switch strings.ToLower(text(r.Comp(4))) {
	case "base64":
		b, err := base64.StdEncoding.DecodeString(bare(raw))
		if err != nil {
			b, err = base64.RawStdEncoding.DecodeString(bare(raw))
		}
		return b, err == nil && len(b) <= fhir.MaxDocument
	case "hex":
		b, err := hex.DecodeString(bare(raw))
		return b, err == nil && len(b) <= fhir.MaxDocument
	case "a", "":
		s := r.Comp(5).Whole()
		return []byte(s), len(s) <= fhir.MaxDocument
	}
	return nil, false
}

// bare takes out what senders break long lines with: white space, and the
// escapes for it.
func bare(s string) string {
	for _, esc := range []string{`\.br\`, `\X0D\`, `\X0A\`, `\X0D0A\`} {
		s = strings.ReplaceAll(s, esc, "")
	}
	return strings.Join(strings.Fields(s), "")
}

// mimes are the subtypes of HL7 table 0291 that have a name on the web.
var mimes = map[string]string{
	"pdf": "application/pdf", "jpeg": "image/jpeg", "jpg": "image/jpeg", "png": "image/png", "gif": "image/gif",
	"tiff": "image/tiff", "rtf": "application/rtf", "html": "text/html", "xml": "application/xml", "plain": "text/plain",
	"dicom": "application/dicom", "x-hl7-cda-level-one": "application/xml",
}

// mimeOf is the type that the sender named, or else what the content shows itself
// to be. "" where neither says.
func mimeOf(kind, sub string, content []byte) string {
	for _, said := range []string{sub, kind} {
		if m := mimes[strings.ToLower(said)]; m != "" {
			return m
		}
		if strings.Contains(said, "/") {
			return strings.ToLower(said)
		}
	}
	if m := http.DetectContentType(content); strings.HasPrefix(m, "image/") || m == "application/pdf" {
		return m
	}
	return ""
}

// Document finds a document in a message by the SHA-256 of its bytes.
// fault.NotFound: there is none with it.
func Document(raw []byte, hash [sha256.Size]byte) ([]byte, error) {
	const op = "v2tofhir.document"
	parsed, err := hl7.Parse(raw)
	if err != nil {
		return nil, fault.Wrap(op, "", err)
	}
	for _, s := range parsed.Segments() {
		if s.ID() != "OBX" || !strings.EqualFold(text(s.Field(2)), "ED") {
			continue
		}
		for _, r := range s.Field(5).Reps() {
			if b, ok := content(r); ok && sha256.Sum256(b) == hash {
				return b, nil
			}
		}
	}
	return nil, fault.New(fault.NotFound, op, "", "the message holds no such document")
}

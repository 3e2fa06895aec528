package v2tofhir

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/fault"
)

// pdf is a document that no part of is like another.
func pdf(n int) []byte {
	b := []byte("%PDF-1.4\n")
	for i := 0; len(b) < n; i++ {
		sum := sha256.Sum256([]byte{byte(i), byte(i >> 8)})
		b = append(b, sum[:]...)
	}
	return b[:n]
}

func documentsOf(t *testing.T, msg []byte) (o fhir.Observation, docs []fhir.Document) {
	t.Helper()
	o = oneOf(t, msg)
	body, err := fhir.Make(o)
	if err != nil {
		t.Fatal(err)
	}
	return o, fhir.Documents(body)
}

// A report comes as a PDF: the result names it by its sum, and its bytes are
// found in the message, each of them.
func TestADocumentIsNamedAndItsBytesStayInTheMessage(t *testing.T) {
	want := pdf(70_000)
	text := base64.StdEncoding.EncodeToString(want)
	broken := text[:76] + `\.br\` + text[76:152] + " " + text[152:]
	for name, value := range map[string]string{
		"as one line":    "LAB^AP^PDF^Base64^" + text,
		"in lines":       "LAB^AP^PDF^BASE64^" + broken,
		"without ending": "LAB^AP^PDF^Base64^" + strings.TrimRight(text, "="),
		"of no type":     "LAB^AP^Octet-stream^Base64^" + text,
	} {
		msg := oru("OBX|1|ED|11502-2^Report^LN||" + value + "||||||F")
		o, docs := documentsOf(t, msg)
		if len(docs) != 1 || docs[0].Hash != sha256.Sum256(want) || docs[0].Size != int64(len(want)) || docs[0].Type != "application/pdf" {
			t.Fatalf("%s: documents %+v", name, docs)
		}
		if flagsOf(o.Extension) != "" || o.ValueString != nil || len(o.Note) != 1 {
			t.Errorf("%s: %+v", name, o)
		}
		body, _ := fhir.Make(o)
		if len(body) > 2000 {
			t.Errorf("%s: the result has %d bytes: the document is in it", name, len(body))
		}
		got, err := Document(msg, docs[0].Hash)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	if _, err := Document(oru("OBX|1|ED|11502-2^Report^LN||LAB^AP^PDF^Base64^"+text+"||||||F"), [32]byte{1}); !fault.Is(err, fault.NotFound) {
		t.Errorf("another document: %v", err)
	}
}

// Several documents of one result are all named; what cannot be read is said to
// be in the message; a type follows from what is sent, else from the bytes.
func TestWhatElseComesAsAnAttachment(t *testing.T) {
	one, two := base64.StdEncoding.EncodeToString(pdf(300)), "89504e470d0a1a0a0000"
	_, docs := documentsOf(t, oru("OBX|1|ED|X^Pictures^L||L^IM^JPEG^Base64^"+one+"~L^IM^^Hex^"+two+"||||||F"))
	if len(docs) != 2 || docs[0].Type != "image/jpeg" || docs[1].Type != "image/png" || docs[1].Size != 10 {
		t.Errorf("documents %+v", docs)
	}
	o, docs := documentsOf(t, oru("OBX|1|ED|X^Letter^L||L^TEXT^Plain^A^Dear colleague \\T\\ friend||||||F"))
	if len(docs) != 1 || docs[0].Type != "text/plain" || docs[0].Hash != sha256.Sum256([]byte("Dear colleague & friend")) {
		t.Errorf("a letter: %+v, %+v", docs, o.Note)
	}
	o, docs = documentsOf(t, oru("OBX|1|ED|X^Letter^L||L^AP^PDF^Base64^###||||||F"))
	if len(docs) != 0 || flagsOf(o.Extension) != FlagNotStored || !strings.Contains(o.Note[0].Text, "cannot be read") {
		t.Errorf("garbage: %+v, %+v", docs, o)
	}
	if o, docs = documentsOf(t, oru("OBX|1|ED|X^Empty^L||App5^NS^Octet-stream^Base64^||||||F")); len(docs) != 0 {
		t.Errorf("nothing: %+v, %+v", docs, o)
	}
}

package ward

import (
	"strings"

	"wardlight/internal/words"
)

// Document is a document that came with a result: a PDF, a picture. Its bytes are
// fetched when nothing else is to be done, or when somebody wants to open it.
type Document struct {
	Sum   string `json:"sum"`             // SHA-256 of its bytes, in hexadecimal
	Type  string `json:"type"`            // MIME type; "" where the sender did not say
	Title string `json:"title,omitempty"` // as sent
	Size  int64  `json:"size"`
	Have  int64  `json:"have"` // bytes that are on this computer
	Here  bool   `json:"here"` // all of it is, and it is the right one
	Away  bool   `json:"away"` // the server cannot be asked for it now
}

// Kind is what a person calls its type.
func (d Document) Kind() string {
	switch d.Type {
	case "application/pdf":
		return "PDF"
	case "text/plain":
		return words.T("text")
	}
	if kind, ok := strings.CutPrefix(d.Type, "image/"); ok {
		return words.F("picture (%s)", kind)
	}
	return words.T("document")
}

// Length is its size in words.
func (d Document) Length() string {
	switch {
	case d.Size < 1000:
		return words.F("%d bytes", d.Size)
	case d.Size < 1_000_000:
		return words.F("%d KB", (d.Size+500)/1000)
	}
	return words.F("%.1f MB", float64(d.Size)/1e6)
}

// Place says whether it can be opened.
func (d Document) Place() string {
	switch {
	case d.Here:
		return words.T("on this computer")
	case d.Away:
		return words.T("not on this computer, and the server cannot be reached now")
	case d.Have > 0 && d.Size > 0:
		return words.F("loading, %d %% is here", 100*d.Have/d.Size)
	}
	return words.T("not on this computer yet")
}

// Words are all of it in one line.
func (d Document) Words() string {
	return d.Kind() + " · " + d.Length() + " · " + d.Place()
}

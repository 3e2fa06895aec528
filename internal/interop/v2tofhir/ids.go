package v2tofhir

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"net/url"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/interop/hl7"
)

// Ids are hashes over what identifies a thing at its sender. Each part is
// hashed with its length, so that no two lists of parts run together.

var lower32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// idBytes is 160 bits: 32 characters.
const idBytes = 20

func hashOf(parts ...string) string {
	h := sha256.New()
	var n [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	return lower32.EncodeToString(h.Sum(nil)[:idBytes])
}

// idOf makes a resource id: one letter for its kind, then the hash. The kind is
// hashed too, so that two kinds never share the rest.
func idOf(letter string, parts ...string) fhir.ID {
	return fhir.ID(letter + hashOf(append([]string{letter}, parts...)...))
}

// senderKey is the sender as an identity: application and facility, each with
// its universal id.
func senderKey(h hl7.Header) string {
	return strings.Join([]string{
		h.SendingApp.Namespace, h.SendingApp.UniversalID, h.SendingFacility.Namespace, h.SendingFacility.UniversalID,
	}, "\x00")
}

// senderName is the sender as shown: "LAB|NORTHFIELD".
func senderName(h hl7.Header) string {
	app, fac := h.SendingApp.String(), h.SendingFacility.String()
	if app == "" && fac == "" {
		return ""
	}
	return app + "|" + fac
}

// senderURN is the sender inside a URN: "LAB:NORTHFIELD", escaped.
func senderURN(h hl7.Header) string {
	return url.PathEscape(h.SendingApp.String()) + ":" + url.PathEscape(h.SendingFacility.String())
}

// Prefixes of the systems that a message's own numbers and codes get.
const (
	SystemFiller    = "urn:wardlight:filler:" // + sender: filler order numbers
	SystemPlacer    = "urn:wardlight:placer:" // + sender: placer order numbers
	SystemLocal     = "urn:wardlight:codes:"  // + sender + ":" + system as sent: local codes
	SystemAuthority = "urn:hl7v2:authority:"  // + namespace: who assigned an identifier
)

// Extensions that keep what FHIR has no element for.
const (
	ExtSubID = "urn:wardlight:v2-sub-id" // Observation: OBX-4 (valueString)
	ExtUnit  = fhir.ExtSentUnit          // Observation: OBX-6 beside a value that is no quantity (valueString)
	// ExtTime keeps times that could not be read as they were sent, "OBX-14:
	// 20260230" (valueString): nothing is filed without them in silence.
	ExtTime = fhir.ExtSentTime
)

// Flags that this package puts on resources (extension fhir.ExtFlag).
const (
	FlagNotANumber     = "not-a-number" // OBX-2 says NM; the value was kept as text
	FlagNoUnit         = "no-unit"      // a number without a unit: not compared with limits
	FlagComparator     = "comparator-sent-with-the-number"
	FlagNoValueType    = "no-value-type"            // OBX-2 empty: the value was kept as text
	FlagSeveralValues  = "several-values"           // OBX-5 repeats
	FlagAmbiguous      = "ambiguous"                // several OBX under one name: all are shown
	FlagCutShort       = "cut-short-by-the-sender"  // OBX-5 ends in the truncation character
	FlagNoValue        = "no-value"                 // a finished result without a value
	FlagStatusMissing  = "status-missing"           // OBX-11 empty
	FlagStatusCase     = "status-in-lower-case"     // OBX-11 was not as table 0085 writes it
	FlagNotVerified    = "not-verified"             // OBX-11 R
	FlagVerified       = "verified-by-laboratory"   // OBX-11 V
	FlagCommentAdded   = "comment-added"            // OBX-11 B
	FlagPartial        = "partial-result"           // OBX-11 S
	FlagWrong          = "posted-as-wrong"          // OBX-11 W: perhaps another patient's
	FlagFuture         = "future"                   // its time lies after its receipt
	FlagTimeUnreadable = "time-not-readable"        // a time that does not exist, such as 30 February
	FlagTimeShifted    = "time-in-the-clock-change" // a local time that the clock skipped or showed twice
	FlagNoOrder        = "no-filler-order-number"   // keyed by patient, time and test instead
	FlagNoCode         = "no-test-code"             // OBX-3 empty: named after its order
	FlagNotStored      = "attachment-in-the-message-only"
	FlagPartsPending   = "parts-not-final" // OBR-25 says more than the parts do
	FlagCorrected      = "corrected"       // OBR-25 M
)

// MessageID is the id of an inbound row that stands for something other than
// the content of one message.
func MessageID(parts ...string) string { return "m" + hashOf(append([]string{"other"}, parts...)...) }

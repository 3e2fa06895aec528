package wire

import (
	"strings"

	"wardlight/internal/fault"
)

// bounded is a message with counts and lengths that its decoder cannot hold it to.
type bounded interface {
	Message
	// beyond says what of the message is more than may be, or less; "" where nothing is.
	beyond() string
}

// check holds a received message to its bounds. Words at the end of a session are cut
// off, and not refused: whoever says goodbye is heard.
func check(m Message) error {
	switch m := m.(type) {
	case *Bye:
		if len(m.Words) > MaxWords {
			m.Words = strings.ToValidUTF8(m.Words[:MaxWords], "")
		}
	case bounded:
		if why := m.beyond(); why != "" {
			return fault.New(fault.Invalid, "wire.check", m.Type().String(), why)
		}
	}
	return nil
}

// sayIf is why where something is beyond.
func sayIf(beyond bool, why string) string {
	if beyond {
		return why
	}
	return ""
}

const tooLong = "a part is too long"

// maxSig and maxID bound the bytes of a signature and of an id.
const (
	maxSig = 128
	maxID  = 64
)

func (m *Hello) beyond() string {
	return sayIf(len(m.Capabilities) > MaxCapabilities || len(m.Dictionaries) > MaxDictionaries || len(m.Station) > maxID ||
		len(m.Snapshot) > MaxSnapshotToken || len(m.Next) > MaxSnapshotToken || len(m.Program) > MaxWords, tooLong)
}

func (m *Welcome) beyond() string {
	return sayIf(len(m.Capabilities) > MaxCapabilities || len(m.Program) > MaxWords || len(m.Epochs) > MaxEpochs, tooLong)
}

func (m *AskChunk) beyond() string {
	if len(m.Snapshot) > MaxSnapshotToken || len(m.Next) > MaxSnapshotToken || m.Credit > MaxChunkCredit {
		return tooLong + ", or too many chunks are asked for"
	}
	return sayIf(m.First != nil && (len(m.First.Wards) > MaxFirst || len(m.First.Patients) > MaxFirst), "too many wards or patients are to come first")
}

func (m *Push) beyond() string {
	return sayIf(len(m.Mutations) == 0 || len(m.Mutations) > MaxPush, "a push has 1 to 64 mutations")
}

func (m *Receipts) beyond() string {
	return sayIf(len(m.Receipts) > MaxReceipts, "too many receipts")
}

func (m *Looks) beyond() string {
	return sayIf(len(m.Looks) == 0 || len(m.Looks) > MaxLooks, "a message has 1 to 256 audit events")
}

func (m *Proof) beyond() string {
	return sayIf(len(m.Body) > MaxSigned || len(m.Sig) > maxSig || len(m.Trail) > MaxTrail, tooLong)
}

func (m *GiveBack) beyond() string {
	return sayIf(len(m.Body) > MaxSigned || len(m.Sig) > maxSig || m.Number == 0, tooLong+", or the batch has no number")
}

func (m *AskHeads) beyond() string {
	return sayIf(len(m.Patients) > MaxHeads || len(m.After) > maxID, "too many patients, or an id is too long")
}

func (m *Heads) beyond() string {
	return sayIf(len(m.Heads) > MaxHeads || len(m.Asked) > MaxHeads, "too many patients")
}

func (m *AskRefill) beyond() string {
	return sayIf(len(m.Patients) == 0 || len(m.Patients) > MaxRefill, "1 to 16 patients are refilled at once")
}

func (m *Delta) beyond() string {
	return sayIf(len(m.Bases) == 0 || len(m.Bases) > MaxBases || len(m.Sig) > maxSig || m.To <= m.From, "a delta builds on 1 to 64 versions, and goes on")
}

func (m *AskDocument) beyond() string {
	return sayIf(m.Offset < 0 || m.Length <= 0 || m.Length > MaxPart, "a part has 1 byte to 64 KiB, and lies in its document")
}

func (m *Document) beyond() string {
	return sayIf(len(m.Part) > MaxPart || m.Offset < 0 || m.Size < 0 || len(m.Why) > MaxWords, "a part has at most 64 KiB")
}

package hub_test

import (
	"context"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// shelving is a session of a central that gives out documents, or of one that does
// not.
func shelving(t *testing.T, gives bool, caps []wire.Capability) *talk {
	k := &talk{t: t}
	k.s = hub.NewSession(hub.SessionConfig{
		Peer:   record.Peer{Device: record.Device{Station: "s1", Wards: []record.Ward{"4B"}}},
		Epochs: []record.Epoch{{ID: "e1"}}, Head: at(100), Documents: gives,
	})
	return k.step(hub.Wakeup{}).got(&wire.Hello{Capabilities: caps, Station: "s1", Cursor: at(100)}).step(hub.Fetched{To: at(100)}).take()
}

var ask = &wire.AskDocument{Ref: fhir.Ref{Type: fhir.TypeDiagnosticReport, ID: "r1"}, Hash: record.Hash{7}, Offset: 10, Length: 100}

// One part at a time is read, and answered.
func TestPartsOfDocumentsAreReadOneAtATime(t *testing.T) {
	k := shelving(t, true, wire.Capabilities()).got(ask).got(ask)
	if n := len(all[hub.ReadDocument](k)); n != 1 {
		t.Fatalf("%d parts are being read", n)
	}
	k.step(hub.DocumentRead{Msg: &wire.Document{Hash: ask.Hash}}).got(ask)
	if len(sent[*wire.Document](k)) != 1 || len(all[hub.ReadDocument](k)) != 2 {
		t.Errorf("sent %d, read %d", len(sent[*wire.Document](k)), len(all[hub.ReadDocument](k)))
	}
}

func TestWhoMayNotAskForDocuments(t *testing.T) {
	older := []wire.Capability{wire.CapBase}
	for name, k := range map[string]*talk{"an older station": shelving(t, true, older), "an older central": shelving(t, false, wire.Capabilities())} {
		if k.got(ask); k.bye() != wire.ByeProtocol || len(all[hub.ReadDocument](k)) != 0 {
			t.Errorf("%s: bye %v", name, k.bye())
		}
	}
	k := shelvingFill(t)
	if k.got(ask); k.bye() != 0 || len(sent[*wire.Document](k)) != 1 || sent[*wire.Document](k)[0].Why == "" {
		t.Error("during a snapshot it is not said that there is none now")
	}
}

func shelvingFill(t *testing.T) *talk {
	k := &talk{t: t}
	k.s = hub.NewSession(hub.SessionConfig{Epochs: []record.Epoch{{ID: "e1"}}, Peer: record.Peer{Device: record.Device{Station: "s1"}}, Head: at(100), Documents: true})
	return k.step(hub.Wakeup{}).got(&wire.Hello{Capabilities: wire.Capabilities(), Station: "s1"}).take()
}

// papers gives out a part, or says why not.
type papers struct{ err error }

func (p papers) Part(_ context.Context, _ record.Device, _ fhir.Ref, _ record.Hash, offset, length int64) ([]byte, int64, error) {
	return make([]byte, length), 1000, p.err
}

func TestWhatAPartSays(t *testing.T) {
	got := hub.ReadPart(context.Background(), papers{}, record.Device{}, hub.ReadDocument{Ask: ask}).Msg
	if got.Hash != ask.Hash || got.Offset != 10 || len(got.Part) != 100 || got.Size != 1000 || got.Why != "" {
		t.Errorf("%+v", got)
	}
	no := hub.ReadPart(context.Background(), papers{fault.New(fault.NotFound, "test", "", "")}, record.Device{}, hub.ReadDocument{Ask: ask}).Msg
	if no.Hash != ask.Hash || no.Offset != 10 || no.Part != nil || no.Why != fault.NotFound.String() {
		t.Errorf("%+v", no)
	}
}

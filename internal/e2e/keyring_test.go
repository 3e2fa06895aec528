package e2e_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/demo"
	"wardlight/internal/station/cache/outbox"
	"wardlight/internal/station/join"
	"wardlight/internal/trust/keys"
)

// keyringWorld is a world whose keys lie in a Secret Service of its own.
func keyringWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	for try := range 3 {
		w.env = openKeyring(t, w.path("stage", fmt.Sprint(try)))
		err := keys.Keyring(10*time.Second).Set(context.Background(), "first", []byte("x"))
		if err == nil {
			break
		}
		// gnome-keyring ends itself now and then at its very first word (a trap in
		// GLib); what a station says of that is another test's matter.
		t.Logf("a Secret Service that does not work, number %d: %v", try+1, err)
	}
	w.begin()
	return w
}

// openKeyring starts a Secret Service for this process and those of the environment.
func openKeyring(t *testing.T, dir string) []string {
	t.Helper()
	stage, err := demo.NewStage(dir, "")
	check(t, err)
	t.Cleanup(stage.Close)
	check(t, stage.OpenKeyring(context.Background()))
	for _, kv := range stage.Env() {
		if k, v, _ := strings.Cut(kv, "="); k == "DBUS_SESSION_BUS_ADDRESS" {
			t.Setenv(k, v)
		}
	}
	return stage.Env()
}

// TestALostKeyringLosesNoWork: a station whose secret is gone says what to do,
// central's recovery key brings its unsent work back, and only work that the
// station's own key signed.
func TestALostKeyringLosesNoWork(t *testing.T) {
	w := keyringWorld(t)
	w.account(nurse, "4B")
	w.enrol("a", "4B")
	w.enrol("b", "4B")
	ring := keys.Keyring(10 * time.Second)
	w.shareNothing(ring, "a", "b")

	w.send(admission(0))
	a := w.open("a")
	a.signIn(nurse)
	patient := a.patient(somebody[0].family)
	w.cut(a)
	made := a.do("note", args{"patient": patient, "text": "Written before the keyring was lost."})
	made = append(made, a.do("record_vitals", args{"patient": patient, "set": set("pulse", "77")})...)
	a.Kill()

	info, err := join.Load(w.path("a"))
	check(t, err)
	check(t, ring.Delete(context.Background(), "station/"+string(info.Station)))
	_, stderr, err := w.program("wardlight", "headless", "--data", w.path("a"))
	if err == nil || !strings.Contains(stderr, "keyring") {
		t.Errorf("a station without its secret: %v, %q", err, stderr)
	}
	lines, _, err := w.program("wardlight", "doctor", "--json", "--data", w.path("a"))
	if err == nil || !strings.Contains(joined(lines), "unsent work is safe") || !strings.Contains(joined(lines), "outbox recover") {
		t.Errorf("the doctor does not say what is safe and what to do: %v %s", err, joined(lines))
	}

	w.refusesForged(info, patient)
	recovered := joined(w.admin("outbox", "recover", w.path("a", "store", "outbox")))
	if !strings.Contains(recovered, `"damage":""`) {
		t.Errorf("recovery speaks of damage: %s", recovered)
	}
	w.everythingOnce(made)
	w.admin("outbox", "recover", w.path("a", "store", "outbox"))
	w.everythingOnce(made)
	w.verify()
}

func joined(lines []json.RawMessage) string {
	var b strings.Builder
	for _, l := range lines {
		b.Write(l)
		b.WriteByte('\n')
	}
	return b.String()
}

// shareNothing: two stations of one computer have each an entry of their own
// in the keyring, and nothing in common on disk.
func (w *world) shareNothing(ring keys.Secrets, one, other string) {
	w.t.Helper()
	var stations []record.StationID
	var secrets []join.Secret
	for _, name := range []string{one, other} {
		info, err := join.Load(w.path(name))
		check(w.t, err)
		sec, err := join.LoadSecret(context.Background(), ring, info.Station)
		check(w.t, err)
		stations, secrets = append(stations, info.Station), append(secrets, sec)
	}
	if stations[0] == stations[1] || string(secrets[0].Device) == string(secrets[1].Device) || string(secrets[0].Key) == string(secrets[1].Key) {
		w.t.Error("two stations share an identity or a secret")
	}
}

// refusesForged: whoever knows central's recovery recipient can make an outbox
// file, but cannot sign for the station. Nor does a file that was meddled with
// bring anything in.
func (w *world) refusesForged(info join.Config, patient string) {
	w.t.Helper()
	before := w.export()
	stranger, err := keys.NewDeviceKey(rand.Reader)
	check(w.t, err)
	for n, keyID := range []string{stranger.ID(), ""} { // by a key of its own, or as if by the station's
		dir := w.path(fmt.Sprint("forged", n))
		w.forge(dir, info, patient, stranger, keyID)
		lines, stderr, err := w.try("outbox", "recover", dir)
		said := joined(lines) + stderr
		if err == nil && !strings.Contains(said, "refused") || !strings.Contains(said, "not signed by this computer") {
			w.t.Errorf("a forged outbox file: %v, %s", err, said)
		}
	}

	meddled := w.path("meddled")
	check(w.t, os.CopyFS(meddled, os.DirFS(w.path("a", "store", "outbox"))))
	files, err := filepath.Glob(filepath.Join(meddled, "*.wlo"))
	check(w.t, err)
	b, err := os.ReadFile(files[0])
	check(w.t, err)
	end := len(strings.TrimRight(string(b), "\x00"))
	b[end/2] ^= 1
	check(w.t, os.WriteFile(files[0], b, 0o600))
	lines, stderr, err := w.try("outbox", "recover", meddled)
	if said := joined(lines) + stderr; err == nil && strings.Contains(said, `"damage":""`) {
		w.t.Errorf("a file that was meddled with is taken for whole: %s", said)
	}
	if strings.Contains(w.export(), "forged words") {
		w.t.Error("forged words stand in the record")
	}
	if len(before) > len(w.export()) {
		w.t.Error("recovery took something out of the record")
	}
}

// forge makes an outbox file with one note that the station never made.
func (w *world) forge(dir string, info join.Config, patient string, key keys.DeviceKey, keyID string) {
	w.t.Helper()
	id, err := keys.NewSealIdentity()
	check(w.t, err)
	box, _, err := outbox.Open(outbox.Options{Dir: dir, Station: info.Station, Identity: id, Recovery: info.Recovery, Retention: time.Hour, Now: time.Now})
	check(w.t, err)
	m := record.Mutation{
		ID: record.MutationOf(info.Station, 9001), Ref: fhir.Ref{Type: fhir.TypeCommunication, ID: fhir.ID(record.MutationOf(info.Station, 9001))},
		Patient: fhir.ID(patient), Clock: record.HLC{Wall: time.Now().UnixMilli()}, Times: record.Times{Station: time.Now().UnixMilli()},
		Author: record.Author{User: record.UserID(nurse.user), Name: nurse.name, Role: nurse.role, Station: info.Station}, KeyID: keyID,
	}
	body, err := fhir.Make(map[string]any{
		"resourceType": "Communication", "id": string(m.Ref.ID), "status": "completed",
		"subject": map[string]string{"reference": "Patient/" + patient}, "payload": []any{map[string]string{"contentString": "forged words"}},
	})
	check(w.t, err)
	m.Ops = []record.Op{{Kind: record.OpPut, Value: body}}
	msg, err := m.SigningBytes()
	check(w.t, err)
	m.Sig, err = key.Sign(msg)
	check(w.t, err)
	check(w.t, box.Append(true, outbox.Entry{Kind: outbox.KindMutation, Mutation: m}))
	check(w.t, box.Close())
}

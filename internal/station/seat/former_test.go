package seat_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/station/seat"
)

// TestWhatOpenedAnOldIdentityGoesWhenTheNewOneWorks, and not before: with central
// out nobody knows whether it does.
func TestWhatOpenedAnOldIdentityGoesWhenTheNewOneWorks(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	old, err := join.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := w.sit(dir)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	held := func() bool {
		_, err := w.secrets.Get(context.Background(), join.Account(old.Station))
		if err != nil && !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
		return err == nil
	}
	code := w.order("enrol-code", map[string]string{"wards": "4B"})[0]["code"].(string)
	did, err := seat.Again(context.Background(), seat.Config{Dir: dir, Secrets: w.secrets, Cost: cheap}, join.Request{Server: w.url, CAFingerprint: w.fp, Code: code}, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if !held() {
		t.Error("the old identity's secret went before the new one was used")
	}
	conf := seat.Config{Dir: dir, Secrets: w.secrets, Cost: cheap, Every: 50 * time.Millisecond}
	cut := conf
	cut.Servers = []string{"https://127.0.0.1:1"}
	s, err = seat.Open(context.Background(), cut)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	_ = s.Close()
	if !held() {
		t.Error("the old identity's secret went with central out")
	}
	if s, err = seat.Open(context.Background(), conf); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	waitFor(t, "the old identity is forgotten", func() bool { return !held() })
	if _, err := os.Stat(filepath.Join(dir, "former.json")); err == nil {
		t.Error("the list of former identities stays")
	}
	if _, err := join.LoadSecret(context.Background(), w.secrets, did.Station); err != nil {
		t.Errorf("the new identity's own secret: %v", err)
	}
}

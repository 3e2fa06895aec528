package seat_test

import (
	"context"
	"crypto/tls"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardlight/internal/central/callout"
	"wardlight/internal/station/join"
)

// That nobody is set who is told of an emergency access is known at the computer, and to
// whoever asks whether it is welcome, before anybody begins one; and no longer once
// somebody is.
func TestThatNobodyIsToldOfAnEmergencyIsKnownAtTheComputer(t *testing.T) {
	w, c := hospital(t), realClock()
	dir := w.enrol()
	s := w.sitToPrint(dir, c, &tray{})
	is := func(want bool) {
		t.Helper()
		waitFor(t, "the computer has heard of it", func() bool { return s.Untold() == want })
		conf, err := join.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		secret, err := join.LoadSecret(context.Background(), w.secrets, conf.Station)
		if err != nil {
			t.Fatal(err)
		}
		own, err := conf.TLS(secret)
		if err != nil {
			t.Fatal(err)
		}
		ans, err := join.NewDoor(conf.Servers, func() *tls.Config { return own }).Patiently(time.Minute).Welcome(context.Background(), nil)
		if err != nil || ans.Untold != want {
			t.Errorf("%+v, %v; want %v", ans, err, want)
		}
	}
	is(true)
	w.stop()
	// Nothing is sent: nobody begins an access.
	if err := os.WriteFile(filepath.Join(w.conf.Dir, callout.File), []byte(`{"format": 1, "webhook": {"url": "https://pager.example/send"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	w.start()
	is(true)
	w.order("emergency tell", map[string]string{"pager": "4401"})
	is(false)
}

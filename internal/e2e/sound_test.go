package e2e_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/sound"
	"wardlight/internal/station/speaker/ear"
	"wardlight/internal/trust/audit"
)

// The real window, locked: a critical potassium comes, and the tone reaches the
// computer's output, a null sink behind a file. A nurse signs in and mutes the computer
// with the mouse: who did it is on record. The output is taken away: the window goes
// on, and `doctor` says what to do.
func TestACriticalResultIsHeardFromALockedWindow(t *testing.T) {
	needs(t, "Xvfb", "openbox", "xdotool", "dbus-daemon")
	w := newWorld(t, t.TempDir())

	w.account(nurse, "4B")
	w.enrol("a", "4B")
	w.send(admission(0))
	file := w.path("heard.raw")
	conf := w.write("asound.conf", ear.Conf(file))
	w.env = append(w.env, "ALSA_CONFIG_PATH="+conf, "WARDLIGHT_NO_SOUND=false")
	a := w.window("a")
	w.await("the output was looked at, in silence", 30*time.Second, func() error {
		s, err := ear.Read(file)
		if err != nil || len(s) == 0 {
			return fmt.Errorf("%d samples: %w", len(s), cmp.Or(err, errNotYet))
		}
		if n := len(ear.Pulses(s)); n != 0 {
			t.Fatalf("%d pulses, and nothing has come", n)
		}
		return nil
	})
	w.send(potassium(0, "SOUND1", "6.8", "HH"))
	w.await("three pulses of the right frequency", 60*time.Second, func() error {
		s, err := ear.Read(file)
		list := ear.Pulses(s)
		if err != nil || len(list) != len(sound.Prompt.Burst()) {
			return fmt.Errorf("%d pulses: %w", len(list), cmp.Or(err, errNotYet))
		}
		for _, p := range list {
			there, other := ear.Strength(p, sound.PromptHertz), ear.Strength(p, sound.UrgentHertz)
			if there < .05 || other > there/10 {
				t.Fatalf("%.1f Hz at %.4f, %.1f Hz at %.4f", sound.PromptHertz, there, sound.UrgentHertz, other)
			}
		}
		return nil
	})

	a.fill("user", nurse.user)
	a.fill("pin", nurse.pin)
	a.isIn(nurse.user)
	w.await("the card is in front and set aside", 60*time.Second, func() error {
		if a.seesNot("set-aside") {
			return errNotYet
		}
		a.click("set-aside")
		return nil
	})
	check(t, a.call("show", args{"page": "settings", "tab": "sound"}, nil))
	a.click("mute")
	w.await("central knows who muted it", 60*time.Second, func() error {
		for _, l := range decode[struct{ Event json.RawMessage }](t, w.ask("audit list", nil)) {
			e, err := audit.Parse(l.Event)
			check(t, err)
			for _, d := range e.Details {
				if e.Action == audit.Config && string(e.Who.User) == nurse.user && strings.Contains(d.Value, "muted until") {
					return nil
				}
			}
		}
		return errNotYet
	})

	doctor := func() string {
		lines, _, err := w.program("wardlight", "doctor", "--data", w.path("nobody"), "--json")
		if err == nil {
			t.Error("a folder without a station is well")
		}
		for _, l := range lines {
			if strings.Contains(string(l), `"sound"`) {
				return string(l)
			}
		}
		return ""
	}
	if said := doctor(); !strings.Contains(said, `"ok":true`) {
		t.Errorf("with an output: %s", said)
	}
	check(t, os.WriteFile(conf, []byte("pcm.gone { type hw card 7 }\n"), 0o600))
	if said := doctor(); !strings.Contains(said, `"ok":false`) || !strings.Contains(said, "Connect a loudspeaker") {
		t.Errorf("taken away: %s", said)
	}
	w.send(potassium(0, "SOUND2", "7.1", "HH"))
	a.patient(somebody[0].family) // the window goes on
	w.verify()
}

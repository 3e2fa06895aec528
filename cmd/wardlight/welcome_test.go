package main

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/trust/pki"
)

func TestTheDoctorSaysWhetherThisComputerIsWelcome(t *testing.T) {
	in := func(ahead time.Duration) join.Welcome {
		return join.Welcome{WelcomeAnswer: pki.WelcomeAnswer{Wards: []string{"4B", "5A"}}, Ahead: ahead, Took: 20 * time.Millisecond}
	}
	for name, tt := range map[string]struct {
		w     join.Welcome
		err   error
		ok    [2]bool // welcome, clock
		found string
		do    string
	}{
		"in":                 {in(2 * time.Second), nil, [2]bool{true, true}, "for ward 4B, 5A", ""},
		"in, clock ahead":    {in(3 * time.Minute), nil, [2]bool{true, false}, "3m0s ahead of the server's", "time service"},
		"in, clock behind":   {in(-2 * time.Hour), nil, [2]bool{true, false}, "2h0m0s behind the server's", "time service"},
		"revoked":            {join.Welcome{}, fault.New(fault.Denied, "x", "", ""), [2]bool{false, true}, "does not let this computer in", "enrol --again"},
		"nobody there":       {join.Welcome{}, fault.New(fault.Unavailable, "x", "", ""), [2]bool{false, true}, "nobody could be asked", "doctor' again"},
		"an older server":    {join.Welcome{}, fault.New(fault.Unsupported, "x", "", ""), [2]bool{true, true}, "lets this computer in", ""},
		"a slow line, right": {join.Welcome{Ahead: 61 * time.Second, Took: 4 * time.Second}, nil, [2]bool{true, true}, "within 1m1s", ""},
	} {
		t.Run(name, func(t *testing.T) {
			list := welcomeFindings(tt.w, tt.err)
			if len(list) != 2 || list[0].Check != "welcome" || list[1].Check != "clock" {
				t.Fatalf("%+v", list)
			}
			said := list[0].Found + list[1].Found
			if got := [2]bool{list[0].OK, list[1].OK}; got != tt.ok || !strings.Contains(said, tt.found) {
				t.Errorf("%v: %q", got, said)
			}
			if tt.err == nil { // who is told is another finding, and none where somebody is
				tt.w.Untold = true
				if more := welcomeFindings(tt.w, nil); len(more) != 3 || more[2].Check != "privacy" || more[2].OK || !strings.Contains(more[2].Do, "emergency tell") || report(more[2:], true) != nil {
					t.Errorf("nobody is told: %+v", more)
				}
			}
			if do := list[0].Do + list[1].Do; !strings.Contains(do, tt.do) || (tt.do == "") != (do == "") {
				t.Errorf("what to do: %q", do)
			}
		})
	}
}

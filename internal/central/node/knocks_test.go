package node

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/audit"
	"wardlight/sync/wire"
)

// However many knock, in however many names: what is put on record in a minute is
// bounded, and tells of every one of them.
func TestStrangersCannotFillTheTrail(t *testing.T) {
	n := &Node{}
	const each = 3
	for i := range 1000 * each {
		n.refusedFrames(record.StationID(fmt.Sprint("s", i%1000)), wire.ByeProtocol)
	}
	list, told := n.knocks.take(), 0
	for _, c := range list {
		told += c.times
		b, err := c.event(time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if e, err := audit.Parse(b); err != nil || e.Outcome != audit.Refused || e.Reason == "" || e.Who.Sender == "" {
			t.Fatalf("%+v, %v", e, err)
		}
	}
	if len(list) > maxKnocks+1 || told != 1000*each {
		t.Errorf("%d events tell of %d", len(list), told)
	}
	if again := n.knocks.take(); len(again) != 0 {
		t.Errorf("told twice: %+v", again)
	}
	n.refusedFrames("s1", wire.ByeGoing) // nobody was turned away
	if list := n.knocks.take(); len(list) != 0 {
		t.Errorf("%+v", list)
	}
}

// What a stranger chose is in no event: only fixed words, and where it came from.
func TestNothingThatAStrangerWroteIsOnRecord(t *testing.T) {
	for why, want := range map[string]string{
		"tls: client offered only unsupported versions: [303 302]":                                        "older TLS",
		"tls: failed to verify certificate: x509: certificate is valid for <script>, not \x1b[31mevil":    "no certificate",
		"tls: client didn't provide a certificate":                                                        "no certificate",
		"tls: first record does not look like a TLS handshake":                                            "did not begin with TLS",
		"tls: client requested unsupported application protocols ([\"<script>\"])":                        "another protocol",
		"enrol.device: sabc: denied: this computer's enrolment has been withdrawn; another's certificate": "",
		"EOF": "",
		"read tcp 127.0.0.1:8443->127.0.0.1:50000: i/o timeout": "did not show in time",
	} {
		got := refusedFor(why)
		if (want == "") != (got == "") || !strings.Contains(got, want) || strings.Contains(got, "script") || strings.Contains(got, "evil") {
			t.Errorf("%q is told as %q", why, got)
		}
	}
}
